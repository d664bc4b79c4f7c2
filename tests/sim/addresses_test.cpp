#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/ecs_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

constexpr sim::ServiceId web = first_service;
constexpr sim::ZoneId zone_a{0};
constexpr sim::ZoneId zone_b{1};

/// Subnets with that many addresses, one in each zone.
std::vector<sim::SubnetId> add_subnets(sim::Scenario& scenario, std::int32_t in_a, std::int32_t in_b) {
    return {scenario.subnets.add({.name = "a", .zone = zone_a, .addresses = in_a}),
            scenario.subnets.add({.name = "b", .zone = zone_b, .addresses = in_b})};
}

/// Of the group, those that EC2 has launched and not terminated yet, the most at any time.
std::int32_t most_instances(const sim::Result& result) {
    std::int32_t now = 0;
    std::int32_t most = 0;
    for (const sim::EventRow& row : result.events) {
        if (row.event == "instance_launch") ++now;
        if (row.event == "instance_terminated") --now;
        most = std::max(most, now);
    }
    return most;
}

std::int32_t count(const sim::Result& result, std::string_view event, std::string_view in_reason) {
    std::int32_t found = 0;
    for (const sim::EventRow& row : result.events) {
        found += row.event == event && row.reason.find(in_reason) != std::string::npos ? 1 : 0;
    }
    return found;
}

/// Room for 40 tasks, and a service of tasks with interfaces of their own in these subnets.
sim::Scenario own_interfaces(std::int32_t tasks, std::int32_t in_a, std::int32_t in_b) {
    sim::Scenario scenario = ecs_world(10);
    add_worker(scenario, "web", tasks);
    scenario.services[web].task.awsvpc = true;
    scenario.services[web].subnets = add_subnets(scenario, in_a, in_b);
    return scenario;
}

}  // namespace

TEST_CASE("a group launches no more instances than its subnets have addresses for") {
    struct Row {
        std::int32_t in_a;
        std::int32_t in_b;
        std::int32_t each;
        std::int32_t instances;
    };
    for (const Row& row : {Row{2, 1, 1, 3}, {5, 0, 1, 5}, {20, 20, 1, 8}, {5, 4, 2, 4}, {1, 1, 2, 0}}) {
        CAPTURE(row.in_a, row.in_b, row.each);
        sim::Scenario scenario = ecs_world(8);
        scenario.groups[first_group].subnets = add_subnets(scenario, row.in_a, row.in_b);
        scenario.groups[first_group].addresses_per_instance = row.each;
        const sim::Result result = sim::run(scenario);
        CHECK(most_instances(result) == row.instances);
        CHECK((count(result, "launch_failed", "no free address in every zone") > 0) == (row.instances < 8));
    }
}

TEST_CASE("a terminated instance gives its address back") {
    sim::Scenario scenario = ecs_world(3);
    scenario.groups[first_group].subnets = add_subnets(scenario, 2, 1);
    scenario.faults.push_back({Time{10min}, sim::TerminateInstance{}});
    const sim::Result result = sim::run(scenario);
    CHECK(most_instances(result) == 3);
    CHECK(count(result, "instance_launch", "") == 4);
}

TEST_CASE("a task without an address for its interface does not start and is tried again") {
    sim::Scenario scenario = own_interfaces(4, 2, 1);
    desire_at(scenario, web, 30min, 3);
    const sim::Result result = sim::run(scenario);
    CHECK(running_at(result, Time{20min}) == 3);
    CHECK(running_at(result, Time{50min}) == 3);
    // The restart throttle doubles from 10 s: some seven attempts in half an hour.
    const std::int32_t failed = count(result, "task_stopped", "InsufficientFreeAddressesInSubnet");
    CHECK(failed >= 3);
    CHECK(failed <= 10);
}

TEST_CASE("a service that lacks an address from the start has not completed its first deployment") {
    sim::Scenario scenario = own_interfaces(4, 2, 1);
    desire_at(scenario, web, 30min, 3);
    CHECK(reasons_of(sim::run(scenario), "deployment") == Lines{"1 completed"});
}

TEST_CASE("a stopped task gives its address back") {
    sim::Scenario scenario = own_interfaces(3, 2, 1);
    scenario.faults.push_back({Time{10min}, sim::TerminateTask{web}});
    const sim::Result result = sim::run(scenario);
    CHECK(running_at(result, Time{10min}) == 2);
    CHECK(running_at(result, Time{30min}) == 3);
    CHECK(count(result, "task_stopped", "InsufficientFreeAddressesInSubnet") == 0);
}

TEST_CASE("in bridge mode tasks need no addresses") {
    sim::Scenario scenario = own_interfaces(8, 1, 1);
    scenario.services[web].task.awsvpc = false;
    CHECK(running_at(sim::run(scenario), Time{30min}) == 8);
}
