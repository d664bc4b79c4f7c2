#include <string>
#include <string_view>

#include "catch.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

/// What is said of the small shop whose `front` has these keys, and its group those.
std::string said(std::string_view front, std::string_view group = "max_size: 4") {
    const std::string text = with(with(small_shop, "max_size: 4", group), front_task, front);
    const auto found = load(text).diagnostics.sorted();
    if (found.empty()) return "";
    CHECK(found.size() == 1);
    CHECK(found[0].severity == Severity::warning);
    return found[0].message;
}

/// The end of it.
bool holds(std::string_view front, std::string_view group, std::string_view arithmetic) {
    const std::string message = said(front, group);
    UNSCOPED_INFO(message);
    return message.ends_with(", and its capacity at its maximum holds " + std::string(arithmetic));
}

constexpr std::string_view max = "max_size: 4";

}  // namespace

TEST_CASE("a service with more tasks than its groups could ever hold is warned of") {
    // m5.large: 2,048 CPU units, 8,028 MiB, 3 network interfaces of which it keeps one.
    check({{front_task, "task: {cpu: 256, memory: 1100}\n    desired_count: 300",
            "service \"front\": 300 tasks, and its capacity at its maximum holds 28: 4 m5.large of 7 each",
            "272 of them find no place: raise a max_size", Severity::warning}},
          with(small_shop, "  front:\n", "  §front:\n"));
}

TEST_CASE("what one instance holds depends on each resource and on ports") {
    struct Row {
        std::string_view front;
        std::string_view group;
        std::string_view arithmetic;
    };
    for (const Row& row : {
             Row{"task: {cpu: 256, memory: 512}\n    desired_count: 33", max, "32: 4 m5.large of 8 each"},
             Row{"task: {cpu: 256, memory: 4000}\n    desired_count: 9", max, "8: 4 m5.large of 2 each"},
             Row{"task: {cpu: 256, memory: 512, network_mode: awsvpc}\n    desired_count: 9", max,
                 "8: 4 m5.large of 2 each"},
             Row{"task: {cpu: 256, memory: 512, host_ports: [80]}\n    desired_count: 5", max,
                 "4: 4 m5.large of 1 each"},
             Row{"task: {cpu: 256, memory: 512}\n    placement_constraints: [distinctInstance]\n    desired_count: 5",
                 max, "4: 4 m5.large of 1 each"},
         }) {
        CAPTURE(row.front);
        CHECK(holds(row.front, row.group, row.arithmetic));
    }
}

TEST_CASE("autoscaling counts with its maximum and daemons and enough are no matter") {
    CHECK(said("task: {cpu: 256, memory: 512}\n    autoscaling: {min_capacity: 1, max_capacity: 33}") ==
          "service \"front\": 33 tasks at its max_capacity, and its capacity at its maximum holds 32: 4 m5.large of 8 "
          "each");
    CHECK(said("task: {cpu: 256, memory: 512}\n    autoscaling: {min_capacity: 1, max_capacity: 32}").empty());
    CHECK(said("task: {cpu: 256, memory: 512}\n    desired_count: 32").empty());
    CHECK(said("task: {cpu: 256, memory: 512}\n    scheduling_strategy: DAEMON").empty());
    CHECK(said("task: {cpu: 256, memory: 512}\n    launch_type: FARGATE\n    desired_count: 300").empty());
}

TEST_CASE("schedules and weights count in what groups may grow to") {
    CHECK(said("task: {cpu: 256, memory: 512}\n    desired_count: 64",
               "max_size: 4\n    scheduled_actions: [{recurrence: 30 0 * * *, max_size: 8}]")
              .empty());
    const std::string weighted = with(small_shop, "instance_type: m5.large",
                                      "mixed_instances_policy: {overrides: [{instance_type: m5.xlarge, "
                                      "weighted_capacity: 2}, {instance_type: m5.large, weighted_capacity: 1}]}");
    check({{front_task, "task: {cpu: 2048, memory: 512}\n    desired_count: 5", "holds 4: 2 m5.xlarge of 2 each",
            "1 of them find no place", Severity::warning}},
          with(weighted, "  front:\n", "  §front:\n"));
}

TEST_CASE("a group that never has instances holds nothing") {
    const std::string empty = with(small_shop, "max_size: 4", "max_size: 0");
    const auto found = load(empty).diagnostics.sorted();
    REQUIRE(found.size() == 2);
    CHECK(found[0].message ==
          "service \"front\": 1 task, and its capacity at its maximum holds 0: 0 m5.large of 8 each");
}
