#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

TEST_CASE("the scenario these tests spoil is good") { CHECK(load(small_shop).diagnostics.render().empty()); }

TEST_CASE("faults of the top level") {
    check({
        {"fleetsim: 1\n", "§", "the scenario needs the key fleetsim"},
        {"fleetsim: 1", "fleetsim: §2", "fleetsim: expected 1, the format that this program reads, found \"2\""},
        {"name: shop", "name: §''", "name: expected a name of 1 to 255 characters"},
        {"name: shop", "name: §[shop]", "name: expected a name of 1 to 255 characters, found a list"},
        {"region: us-east-1", "region: §us-esat-1", "unknown region \"us-esat-1\"", "did you mean us-east-1?"},
        {"region: us-east-1", "region: §the-moon", "unknown region", "it may be us-east-1"},
        {"duration: 24h", "duration: §0s", "duration: expected a duration above 0s, at most 366d, found \"0s\""},
        {"duration: 24h", "duration: §24", "duration: expected a duration such as 90s", "did you mean 24s?"},
        {"duration: 24h", "duration: §367d", "duration: expected a duration above 0s, at most 366d"},
        {"duration: 24h", "duration: §-1h", "duration: expected a duration such as 90s"},
        {"duration: 24h", "§duration:", "duration: expected a duration such as 90s, found nothing"},
        {"duration: 24h", "duration: 24h\nwarmup: §24h", "warmup 24h is not shorter than the scenario's duration 24h"},
        {"duration: 24h", "duration: 24h\nseed: §-1", "seed: expected a whole number from 0 to 9223372036854775807"},
        {"duration: 24h", "duration: 24h\nseed: §9223372036854775808", "seed: expected a whole number from 0"},
        {"duration: 24h", "duration: 24h\nstart: §2026-02-30T00:00:00Z", "start: expected a date of the calendar"},
        {"duration: 24h", "duration: 24h\n§sed: 1", "unknown key \"sed\" in the scenario", "did you mean seed?"},
        {"duration: 24h", "duration: 24h\n§name: other", "duplicate key \"name\"", "first written in line 2"},
        {"duration: 24h", "duration: 24h\nfaults: §none", "faults: expected a list, found text"},
    });
}

TEST_CASE("a missing section is one fault, however often it is referred to") {
    const std::string_view text = small_shop;
    const auto without = [&](std::string_view from, std::string_view until) {
        const std::size_t begin = text.find(from);
        const std::size_t end = until.empty() ? text.size() : text.find(until);
        return load(std::string(text.substr(0, begin)) + std::string(text.substr(end))).diagnostics.sorted();
    };
    const auto groups = without("auto_scaling_groups:", "clusters:");
    REQUIRE(groups.size() == 1);
    CHECK(groups[0].message == "the scenario needs the key auto_scaling_groups");
    const auto clusters = without("clusters:", "services:");
    REQUIRE(clusters.size() == 1);
    CHECK(clusters[0].message == "the scenario needs the key clusters");
    const auto services = without("services:", "load_balancers:");
    REQUIRE(services.size() == 1);
    CHECK(services[0].message == "unknown service \"front\"");
    CHECK(services[0].hint == "there is no service");
    const auto balancers = without("load_balancers:", "traffic:");
    REQUIRE(balancers.size() == 1);
    CHECK(balancers[0].message == "unknown load balancer \"public\"");
    CHECK(balancers[0].hint == "there is no load balancer");
    check({
        {"clusters:\n  main:\n    capacity_providers:\n      - auto_scaling_group: web", "§clusters: {}",
         "clusters needs at least one entry"},
        {"load_balancers:\n  public:\n    listeners:\n      - {port: 80, default: front}", "load_balancers: §[public]",
         "load_balancers: expected a mapping, found a list"},
    });
}
