#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/ecs_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

using Zones = std::map<std::string, std::int32_t>;

constexpr sim::ServiceId web = first_service;

/// Six tasks behind a balancer on Fargate in zones a and b. Zone a is out from 600 s for 20 minutes.
sim::Scenario outage_on_fargate(bool rebalancing) {
    sim::Scenario scenario = ecs_world(0);
    sim::CapacityProvider provider;
    provider.kind = sim::ProviderKind::fargate;
    provider.name = "FARGATE";
    scenario.clusters[main_cluster].capacity_providers = {provider};
    add_worker(scenario, "web", 6);
    sim::Service& service = scenario.services[web];
    service.capacity_provider_strategy = {{0, {.weight = 1}}};
    service.fargate_zones = {sim::ZoneId{0}, sim::ZoneId{1}};
    service.zone_rebalancing = rebalancing;
    add_traffic(scenario, "users", add_route(scenario, web, add_balancer(scenario, "lb")), traffic::constant(5));
    scenario.target_groups[sim::TargetGroupId{0}].deregistration_delay = 10s;
    scenario.faults.push_back({Time{600s}, sim::ZoneOutage{sim::ZoneId{0}, 20min}});
    return scenario;
}

/// The same on four instances which their group leaves as they are.
sim::Scenario outage_on_instances(bool rebalancing) {
    sim::Scenario scenario = outage_on_fargate(rebalancing);
    sim::Scenario fresh = ecs_world(4);
    scenario.groups[first_group] = fresh.groups[first_group];
    scenario.clusters[main_cluster] = fresh.clusters[main_cluster];
    auto& suspended = scenario.groups[first_group].suspended_processes;
    suspended.set(static_cast<std::size_t>(sim::ScalingProcess::az_rebalance));
    suspended.set(static_cast<std::size_t>(sim::ScalingProcess::replace_unhealthy));
    scenario.services[web].capacity_provider_strategy.clear();
    scenario.services[web].fargate_zones.clear();
    return scenario;
}

}  // namespace

TEST_CASE("after a zone has returned a service is uneven unless it rebalances its zones") {
    const Zones even{{"us-east-1a", 3}, {"us-east-1b", 3}};
    const Zones uneven{{"us-east-1b", 6}};
    struct Row {
        const char* where;
        sim::Scenario scenario;
        Zones after;
    };
    for (const Row& row : {Row{"Fargate, without", outage_on_fargate(false), uneven},
                           Row{"Fargate, with", outage_on_fargate(true), even},
                           Row{"instances, without", outage_on_instances(false), uneven},
                           Row{"instances, with", outage_on_instances(true), even}}) {
        INFO(row.where);
        const sim::Result result = sim::run(row.scenario);
        CHECK(by_zone(result, Time{599s}, "web") == even);
        CHECK(by_zone(result, Time{29min}, "web") == uneven);
        CHECK(by_zone(result, Time{1h}, "web") == row.after);
    }
}

TEST_CASE("rebalancing starts tasks first and never falls short of the desired count") {
    const sim::Result result = sim::run(outage_on_fargate(true));
    std::int32_t running = 0;
    for (Time at = Time{31min}; at < Time{1h}; at += 10s) {
        running = running_at(result, at);
        CHECK(running >= 6);
        CHECK(running <= 12);
    }
    CHECK(running == 6);
    const auto& service = result.services[0];
    CHECK(service.requests > 0);
    // Once it is over nothing more is moved.
    const sim::EventRow* const late = row_from(result, Time{50min}, "task_created");
    CHECK(late == nullptr);
}

TEST_CASE("a service that may not exceed its desired count is not rebalanced") {
    sim::Scenario scenario = outage_on_fargate(true);
    scenario.services[web].deployment = {50, 100};
    CHECK(by_zone(sim::run(scenario), Time{1h}, "web") == Zones{{"us-east-1b", 6}});
}

TEST_CASE("a difference of one task is no reason to rebalance") {
    sim::Scenario scenario = outage_on_fargate(true);
    scenario.faults.clear();
    scenario.services[web].desired_count = 5;
    const sim::Result result = sim::run(scenario);
    CHECK(by_zone(result, Time{1h}, "web") == Zones{{"us-east-1a", 3}, {"us-east-1b", 2}});
    CHECK(count_rows(result, "task_created") == 5);
}

TEST_CASE("protected tasks are not moved and nothing is started for them") {
    sim::Scenario scenario = outage_on_fargate(true);
    scenario.services[web].scale_in_protection = 10h;
    const sim::Result result = sim::run(scenario);
    CHECK(running_at(result, Time{1h}) == 6);
}

TEST_CASE("scaling in several tasks at once keeps the zones even") {
    for (const bool on_fargate : {true, false}) {
        CAPTURE(on_fargate);
        sim::Scenario scenario = on_fargate ? outage_on_fargate(false) : outage_on_instances(false);
        scenario.faults.clear();
        scenario.services[web].desired_count = 8;
        scenario.services[web].task.exit_time = des::constant(20);
        desire_at(scenario, web, 600s, 4);
        const sim::Result result = sim::run(scenario);
        CHECK(by_zone(result, Time{599s}, "web") == Zones{{"us-east-1a", 4}, {"us-east-1b", 4}});
        CHECK(by_zone(result, Time{20min}, "web") == Zones{{"us-east-1a", 2}, {"us-east-1b", 2}});
    }
}

TEST_CASE("rebalancing comes to an end whatever the zones and the capacity providers") {
    struct Row {
        const char* what;
        std::vector<sim::StrategyItem> strategy;
        std::int32_t zones;
        std::int32_t tasks;
    };
    for (const Row& row : {Row{"a zone of others", {{0, {.weight = 1}}}, 3, 6},
                           Row{"two providers", {{0, {.base = 2}}, {1, {.weight = 1}}}, 2, 4},
                           Row{"two alike", {{0, {.weight = 1}}, {1, {.weight = 1}}}, 2, 5}}) {
        INFO(row.what);
        sim::Scenario scenario = outage_on_fargate(true);
        while (scenario.zones.size() < static_cast<std::size_t>(row.zones)) scenario.zones.add("us-east-1c");
        sim::CapacityProvider spot;
        spot.kind = sim::ProviderKind::fargate_spot;
        spot.name = "FARGATE_SPOT";
        scenario.clusters[main_cluster].capacity_providers.push_back(spot);
        scenario.services[web].capacity_provider_strategy = row.strategy;
        scenario.services[web].desired_count = row.tasks;
        scenario.duration = 4h;
        const sim::Result result = sim::run(scenario);
        CHECK(row_from(result, Time{2h}, "task_created") == nullptr);
        CHECK(running_at(result, Time{4h}) == row.tasks);
    }
}
