#include <string>
#include <string_view>

#include "catch.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

/// The settings become the first service's own.
void check_settings(const std::string& settings, std::string_view message, std::string_view hint = "") {
    const std::string becomes = std::string(front_task) + "\n    " + settings;
    check({{front_task, becomes, message, hint}});
}

void check_strategy(const std::string& strategy, std::string_view message, std::string_view hint = "") {
    check_settings("ordered_placement_strategy: [" + strategy + "]", message, hint);
}

}  // namespace

TEST_CASE("faults of placement strategies") {
    check_strategy("{binpack: §mem}", "binpack: expected cpu or memory, found \"mem\"", "did you mean memory?");
    check_strategy("{binpack: §ecs.instance-type}", "binpack: expected cpu or memory, found");
    check_strategy("§binpack", "binpack needs a field", "write {binpack: cpu}");
    check_strategy("§spread", "spread needs a field", "write {spread: attribute:ecs.availability-zone}");
    check_strategy("{§sprad: host}", "unknown placement strategy \"sprad\"", "did you mean spread?");
    check_strategy("§zigzag", "unknown placement strategy \"zigzag\"", "it may be spread, binpack or random");
    check_strategy("{random: §host}", "random takes no field");
    check_strategy("§{spread: host, binpack: cpu}", "expected one strategy such as {binpack: memory}");
    check_settings("ordered_placement_strategy: §random", "ordered_placement_strategy: expected a list, found text");
    check_strategy("random, random, random, random, random, §random",
                   "ordered_placement_strategy: at most 5 strategies, found 6");
}

TEST_CASE("who means an attribute and leaves a part of its name out is told all of it") {
    constexpr std::string_view expected = "spread: expected attribute:NAME, instanceId or host, found";
    constexpr std::string_view zone = "did you mean attribute:ecs.availability-zone?";
    check_strategy("{spread: §zone}", expected, zone);
    check_strategy("{spread: §availability-zone}", expected, zone);
    check_strategy("{spread: §ecs.availability-zone}", expected, zone);
    check_strategy("{spread: §availabilty-zone}", expected, zone);
    check_strategy("{spread: §atribute:ecs.availability-zone}", expected, zone);
    check_strategy("{spread: §'attribute:'}", expected, zone);
    check_strategy("{spread: §instance-type}", expected, "did you mean attribute:ecs.instance-type?");
    check_strategy("{spread: §vpc-id}", expected, "did you mean attribute:ecs.vpc-id?");
    check_strategy("{spread: §type}", expected, "did you mean attribute:ecs.instance-type or attribute:ecs.os-type?");
    check_strategy("{spread: §instance}", expected, "did you mean instanceId?");
    check_strategy("{spread: §stack}", expected);
    check_strategy("{spread: §'attribute:a,b'}", expected);
    check_strategy("{spread: §[stack]}", "spread: expected attribute:NAME, instanceId or host, found a list");
}
