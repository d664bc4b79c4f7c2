#include <chrono>
#include <cstddef>
#include <string>
#include <tuple>

#include <fleetsim/scaling/schedule.hpp>
#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/policy_world.hpp"
#include "sim/replay.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

/// Learns from the group's own CPU, which is to come to 25 %.
void forecast_cpu(sim::Scenario& scenario) {
    sim::PredictiveScalingPolicy policy;
    policy.name = "forecast";
    policy.metric = tracking_cpu(scenario, 25).metric;
    policy.settings.target_value = 25;
    policy.settings.mode = scaling::PredictiveMode::forecast_and_scale;
    group_of(scenario).predictive_scaling = {policy};
}

}  // namespace

// Scheduled actions.

TEST_CASE("a recurring action runs at its local time, over the change of the clock as well") {
    sim::Scenario scenario = fleet_world(2, 10);
    using namespace std::chrono;
    scenario.start = sys_days{year{2026} / March / 28};
    scenario.duration = 50h;
    const auto berlin = scaling::find_time_zone("Europe/Berlin").time_zone;
    REQUIRE(berlin);
    group_of(scenario).scheduled_actions = {
        {"morning", *scaling::parse_cron("30 6 * * *", {.time_zone = *berlin}).schedule, {.desired_capacity = 6}},
        {"evening", *scaling::parse_cron("0 20 * * *", {.time_zone = *berlin}).schedule, {.desired_capacity = 3}}};
    const sim::Result result = sim::run(scenario);
    // 06:30 is 05:30 UTC on the 28th, and 04:30 UTC from the 29th on; 20:00 is 19:00 and 18:00 UTC.
    CHECK(lines_of(result, "scheduled_action") ==
          Lines{"19800 morning", "68400 evening", "102600 morning", "151200 evening"});
    CHECK(changes(result) == Lines{"19800 2>6", "68400 6>3", "102600 3>6", "151200 6>3"});
    CHECK(details_of(result, 0).policy == "morning");
    CHECK(details_of(result, 0).wanted == "6");
    CHECK(the_row(result, "scaling").reason == "scheduled action morning");
}

TEST_CASE("an action sets bounds and brings the desired capacity between them") {
    sim::Scenario scenario = fleet_world(4, 10);
    group_of(scenario).scheduled_actions = {
        {"up", scaling::Schedule::once(scenario.start + 600s), {.min_size = 6}},
        {"down", scaling::Schedule::once(scenario.start + 1200s), {.min_size = 1, .max_size = 3}}};
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result) == Lines{"600 4>6", "1200 6>3"});
    CHECK(changes(result, "min_size") == Lines{"600 0>6", "1200 6>1"});
    CHECK(changes(result, "max_size") == Lines{"1200 10>3"});
    CHECK(in_capacity(result, Time{1200s}) == 3);
}

TEST_CASE("an action that does not fit the other sizes fails as a whole and is tried again the next time") {
    sim::Scenario scenario = fleet_world(4, 6);
    group_of(scenario).scheduled_actions = {
        {"too many", *scaling::parse_cron("*/20 * * * *").schedule, {.min_size = 2, .desired_capacity = 8}},
        {"more room", scaling::Schedule::once(scenario.start + 1500s), {.max_size = 8}}};
    group_of(scenario).scheduled_actions[0].schedule =
        *scaling::parse_cron("*/20 * * * *", {.start = scenario.start + 1200s}).schedule;
    const sim::Result result = sim::run(scenario);
    CHECK(lines_of(result, "scheduled_action") == Lines{"1200 too many", "1500 more room", "2400 too many"});
    CHECK(the_row(result, "scheduled_action").reason == "failed: it does not fit the group's other sizes");
    CHECK(changes(result) == Lines{"2400 4>8"});
    CHECK(changes(result, "min_size") == Lines{"2400 0>2"});
}

TEST_CASE("actions ignore warm-ups and cooldowns") {
    sim::Scenario scenario = fleet_world(4, 10);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 6), desired_at(scenario, 630s, 2)};
    CHECK(changes(sim::run(scenario)) == Lines{"600 4>6", "630 6>2"});
}

// Predictive scaling.

TEST_CASE("a forecast raises the capacity five minutes before the hour and never lowers it") {
    const sim::Result result = sim::run(forecast_world(3, 20));
    CHECK(changes(result) == Lines{"3300 3>8"});
    CHECK(changes(result, "forecast", "forecast") == Lines{"0 >2", "3300 >8", "6900 >2", "10500 >2", "14100 >2"});
    CHECK(the_row(result, "scaling").reason == "forecast: load 400, target 50, needs 8");
    CHECK(details_of(result, 0).policy == "forecast");
    CHECK(details_of(result, 0).wanted == "8");
}

TEST_CASE("the buffer time is the policy's own") {
    sim::Scenario scenario = forecast_world(3, 20);
    group_of(scenario).predictive_scaling[0].settings.scheduling_buffer_time = 20min;
    CHECK(changes(sim::run(scenario)) == Lines{"2400 3>8"});
}

TEST_CASE("no policy goes below the forecast of the hour") {
    sim::Scenario scenario = forecast_world(3, 20);
    const auto alarms = alarms_on(scenario, {{4000s, 20, 4h}});
    group_of(scenario).step_scaling = {{"in", alarms.low, by(-5)}};
    const sim::Result result = sim::run(scenario);
    // The floor of eight stands until its hour is over, though the next hour's is known at 6900 s.
    REQUIRE(changes(result).size() >= 2);
    CHECK(changes(result)[0] == "3300 3>8");
    CHECK(changes(result)[1] == "7200 8>3");
    const auto* held = row_from(result, Time{}, "scaling_held");
    REQUIRE(held != nullptr);
    CHECK(held->at == Time{4140s});
    CHECK(held->scaling->clamped_by == "the forecast 8");
}

TEST_CASE("a forecast above the maximum honours it or raises it with a buffer") {
    using scaling::MaxCapacityBreach;
    for (const auto& [behavior, buffer, desired, max] :
         {std::tuple{MaxCapacityBreach::honor_max_capacity, 0, "3300 3>6", ""},
          std::tuple{MaxCapacityBreach::increase_max_capacity, 0, "3300 3>8", "3300 6>8"},
          std::tuple{MaxCapacityBreach::increase_max_capacity, 10, "3300 3>8", "3300 6>9"}}) {
        sim::Scenario scenario = forecast_world(3, 6);
        auto& settings = group_of(scenario).predictive_scaling[0].settings;
        settings.max_capacity_breach_behavior = behavior;
        settings.max_capacity_buffer_percent = buffer;
        const sim::Result result = sim::run(scenario);
        CHECK(changes(result) == Lines{desired});
        CHECK(changes(result, "max_size") == (std::string{max}.empty() ? Lines{} : Lines{max}));
        CHECK(details_of(result, 0).clamped_by ==
              (behavior == MaxCapacityBreach::honor_max_capacity ? "max_size 6" : ""));
    }
}

TEST_CASE("a maximum is not raised beyond all bounds by a target mistyped") {
    sim::Scenario scenario = forecast_world(3, 6);
    scenario.duration = 1min;
    auto& settings = group_of(scenario).predictive_scaling[0].settings;
    settings.max_capacity_breach_behavior = scaling::MaxCapacityBreach::increase_max_capacity;
    settings.target_value = 1e-7;
    group_of(scenario).suspended_processes.set(static_cast<std::size_t>(sim::ScalingProcess::launch));
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result) == Lines{"0 3>100000"});
    CHECK(details_of(result, 0).clamped_by == "max_size 100000");
}

TEST_CASE("a policy that only forecasts changes nothing, and one without a day of history does not forecast") {
    sim::Scenario scenario = forecast_world(3, 20);
    SECTION("forecast only") {
        group_of(scenario).predictive_scaling[0].settings.mode = scaling::PredictiveMode::forecast_only;
        const sim::Result result = sim::run(scenario);
        CHECK(count_rows(result, "forecast") == 5);
        CHECK(changes(result).empty());
    }
    SECTION("no history") {
        auto& history = group_of(scenario).predictive_scaling[0].history;
        history.erase(history.begin(), history.end() - 23);
        CHECK(count_rows(sim::run(scenario), "forecast") == 0);
    }
}

TEST_CASE("a group learns from its own load: metric times instances") {
    sim::Scenario scenario = fleet_world(4, 20);
    scenario.duration = 26h;
    // Of 8 vCPUs 4 are busy in the second hour of the first day and 1 otherwise: a load of 200 and of 50.
    group_of(scenario).workload.vcpus = traffic::steps({{0s, 1}, {1h, 4}, {2h, 1}});
    forecast_cpu(scenario);
    const sim::Result result = sim::run(scenario);
    // The first forecast is made after a day; the 26th hour is like the second.
    CHECK(changes(result) == Lines{std::to_string(25 * 3600 - 300) + " 4>8"});
}

TEST_CASE("a weighted group learns and forecasts in units of capacity") {
    sim::Scenario scenario = fleet_world(8, 40);
    scenario.duration = 26h;
    group_of(scenario).options[0].weighted_capacity = 4;
    group_of(scenario).mixed_instances_policy = sim::MixedInstancesPolicy{};
    // Of 4 vCPUs 2 are busy in the second hour of the first day and 1 otherwise: eight units at 50 and 25 %.
    group_of(scenario).workload.vcpus = traffic::steps({{0s, 1}, {1h, 2}, {2h, 1}});
    forecast_cpu(scenario);
    CHECK(changes(sim::run(scenario)) == Lines{std::to_string(25 * 3600 - 300) + " 8>16"});
}

TEST_CASE("a percentile can be forecast") {
    sim::Scenario scenario = fleet_world(2, 20);
    scenario.duration = 26h;
    group_of(scenario).workload.vcpus = traffic::constant(1);
    sim::PredictiveScalingPolicy policy;
    policy.name = "forecast";
    policy.metric = tracking_cpu(scenario, 25).metric;
    policy.metric.operands[0].statistic = {scaling::StatisticKind::percentile, 90};
    policy.settings.target_value = 10;
    policy.settings.mode = scaling::PredictiveMode::forecast_and_scale;
    group_of(scenario).predictive_scaling = {policy};
    CHECK(changes(sim::run(scenario)) == Lines{std::to_string(25 * 3600 - 300) + " 2>5"});
}
