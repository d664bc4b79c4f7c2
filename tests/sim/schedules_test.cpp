#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <fleetsim/scaling/schedule.hpp>
#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

scaling::Schedule cron(std::string_view text) { return *scaling::parse_cron(text).schedule; }

/// A service of two tasks between 1 and 10, which nothing but its actions scales.
sim::ServiceAutoscaling& scheduled_service(sim::Scenario& scenario) {
    const sim::ServiceId web = add_service(scenario, "web", 2, 1, des::constant(0.01));
    scenario.services[web].autoscaling.emplace();
    scenario.services[web].autoscaling->min_capacity = 1;
    scenario.services[web].autoscaling->max_capacity = 10;
    return *scenario.services[web].autoscaling;
}

/// A line an action: `0 1 to 10 > 3 to 10: scheduled action`.
Lines actions(const sim::Result& result) {
    Lines lines;
    for (const sim::EventRow& row : result.events) {
        if (row.event != "scheduled_action") continue;
        const auto at = std::chrono::duration_cast<std::chrono::seconds>(row.at.time_since_epoch());
        lines.push_back(std::to_string(at.count()) + " " + row.from + " > " + row.to + ": " + row.reason);
    }
    return lines;
}

}  // namespace

TEST_CASE("an action that is due when the scenario starts runs then and at its next times") {
    sim::Scenario scenario = fleet_world(4, 8);
    group_of(scenario).scheduled_actions = {{"up", cron("*/20 * * * *"), {.desired_capacity = 6}},
                                            desired_at(scenario, 60s, 3),
                                            desired_at(scenario, 1260s, 2)};
    CHECK(changes(sim::run(scenario)) == Lines{"0 4>6", "60 6>3", "1200 3>6", "1260 6>2", "2400 2>6"});
}

TEST_CASE("an action of the scenario's first instant runs once") {
    sim::Scenario scenario = fleet_world(4, 8);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 0s, 6)};
    CHECK(changes(sim::run(scenario)) == Lines{"0 4>6"});
}

TEST_CASE("a service's actions repeat and bring its count between the bounds") {
    sim::Scenario scenario = small_world(5);
    scheduled_service(scenario).scheduled_actions = {
        {"more", *scaling::parse_schedule("rate(20 minutes)").schedule, {.min_size = 3}},
        {"less", scaling::Schedule::once(scenario.start + 600s), {.min_size = 1, .max_size = 2}}};
    const sim::Result result = sim::run(scenario);
    CHECK(actions(result) == Lines{"0 1 to 10 > 3 to 10: scheduled action", "600 3 to 10 > 1 to 2: scheduled action",
                                   "1200 1 to 2 > 1 to 2: failed: its minimum would be above the maximum",
                                   "2400 1 to 2 > 1 to 2: failed: its minimum would be above the maximum"});
    CHECK(changes(result, "desired_count") == Lines{"0 2>3", "600 3>2"});
}

TEST_CASE("while a service's scheduled scaling is suspended no action runs") {
    sim::Scenario scenario = small_world(5);
    sim::ServiceAutoscaling& autoscaling = scheduled_service(scenario);
    autoscaling.scheduled_scaling_suspended = true;
    autoscaling.scheduled_actions = {{"more", scaling::Schedule::once(scenario.start + 600s), {.min_size = 3}}};
    const sim::Result result = sim::run(scenario);
    CHECK(actions(result) == Lines{"600 1 to 10 > 1 to 10: not run: scheduled scaling is suspended"});
    CHECK(changes(result, "desired_count").empty());
}
