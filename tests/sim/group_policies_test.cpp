#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/policy_world.hpp"
#include "sim/replay.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;
using scaling::AdjustmentType;
using scaling::Comparison;

// Step scaling. A custom metric's minute is over after 60 s and seen 5 s later, so an alarm follows two minutes after
// the minute's start.

TEST_CASE("steps adjust by the size of the breach, as in the guide's example") {
    sim::Scenario scenario = fleet_world(10, 20);
    const auto metric = episodes(scenario, 50, {{600s, 60}, {1200s, 70}, {1800s, 40}, {2400s, 30}});
    const auto high = add_alarm(scenario, "high", metric, Comparison::greater_or_equal, 50);
    const auto low = add_alarm(scenario, "low", metric, Comparison::less_or_equal, 50);
    scaling::StepScaling out{.adjustment_type = AdjustmentType::percent_change_in_capacity,
                             .steps = {step(0, 10, 0), step(10, 20, 10), step(20, std::nullopt, 30)},
                             .estimated_instance_warmup = 120s};
    scaling::StepScaling in = out;
    in.steps = {step(-10, 0, 0), step(-20, -10, -10), step(std::nullopt, -20, -30)};
    group_of(scenario).step_scaling = {{"out", high, out}, {"in", low, in}};
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result) == Lines{"720 10>11", "1320 11>14", "1920 14>13", "2520 13>10"});
    CHECK(in_capacity(result, Time{1h}) == 10);
}

TEST_CASE("instances that warm up count in the desired capacity but not in the base") {
    sim::Scenario scenario = fleet_world(10, 20);
    const auto metric = episodes(scenario, 40, {{600s, 60}, {660s, 62}, {720s, 70}});
    const auto high = add_alarm(scenario, "high", metric, Comparison::greater_or_equal, 50);
    group_of(scenario).step_scaling = {{"out",
                                        high,
                                        {.adjustment_type = AdjustmentType::percent_change_in_capacity,
                                         .steps = {step(0, 10, 0), step(10, 20, 10), step(20, std::nullopt, 30)},
                                         .estimated_instance_warmup = 300s}}};
    // At 780 s ten per cent of ten warm ones are one, which is there already; at 840 s thirty per cent are three.
    CHECK(changes(sim::run(scenario)) == Lines{"720 10>11", "840 11>13"});
}

TEST_CASE("warm-ups fall back to the group's default and then to its cooldown") {
    const auto second_change = [](auto set) {
        sim::Scenario scenario = fleet_world(10, 20);
        const auto alarms = alarms_on(scenario, {{600s, 60, 1h}});
        group_of(scenario).step_scaling = {{"out", alarms.high, by(1)}};
        set(group_of(scenario));
        return changes(sim::run(scenario))[1];
    };
    // One more as soon as the first, in service at 742 s, is warm.
    CHECK(second_change([](sim::AutoScalingGroup&) {}) == "1080 11>12");  // 300 s: 1042 s.
    CHECK(second_change([](sim::AutoScalingGroup& group) { group.default_cooldown = 400s; }) == "1200 11>12");
    CHECK(second_change([](sim::AutoScalingGroup& group) {
              group.default_cooldown = 400s;
              group.default_instance_warmup = 60s;
          }) == "840 11>12");
    CHECK(second_change([](sim::AutoScalingGroup& group) {
              group.default_instance_warmup = 60s;
              group.step_scaling[0].settings.estimated_instance_warmup = 200s;
          }) == "960 11>12");
}

TEST_CASE("nothing scales in while an instance warms up") {
    sim::Scenario scenario = fleet_world(10, 20);
    const auto alarms = alarms_on(scenario, {{600s, 60}, {660s, 20, 1h}});
    group_of(scenario).step_scaling = {{"out", alarms.high, by(1)}, {"in", alarms.low, by(-1)}};
    scenario.duration = 1100s;
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result) == Lines{"720 10>11", "1080 11>10"});
    const auto* held = row_from(result, Time{}, "scaling_held");
    REQUIRE(held != nullptr);
    CHECK(held->at == Time{780s});
    CHECK(held->reason.substr(0, 10) == "warming up");
    CHECK(held->scaling->policy == "in");
    CHECK(count_rows(result, "scaling_held") == 1);
}

TEST_CASE("a step's scale-in reckons with instances that are still ending") {
    sim::Scenario scenario = fleet_world(10, 20);
    sim::LifecycleHook hook;
    hook.settings = {.name = "drain", .transition = scaling::LifecycleTransition::terminating};
    hook.completes_after = des::constant(300);
    group_of(scenario).lifecycle_hooks = {hook};
    const auto alarms = alarms_on(scenario, {{600s, 20, 10min}});
    group_of(scenario).step_scaling = {{"in", alarms.low, by(-2)}};
    // Two wait for their hooks until 1020 s; once they are gone the alarm, still on, asks for two less.
    CHECK(changes(sim::run(scenario)) == Lines{"720 10>8", "1080 8>6"});
}

TEST_CASE("what an alarm sees is aggregated as the policy says") {
    for (const auto& [aggregation, change] : {std::pair{scaling::MetricAggregation::average, "720 4>6"},
                                              std::pair{scaling::MetricAggregation::minimum, "720 4>5"},
                                              std::pair{scaling::MetricAggregation::maximum, "720 4>7"}}) {
        sim::Scenario scenario = fleet_world(4, 20);
        scenario.duration = 13min;
        sim::MetricQuery metric = episodes(scenario, 40, {{540s, 60}, {600s, 80}});
        const auto alarm = scenario.alarms.add({"high", sim::MetricAlarm{metric,
                                                                         {.comparison = Comparison::greater,
                                                                          .threshold = 50,
                                                                          .evaluation_periods = 2,
                                                                          .datapoints_to_alarm = 2}}});
        // 60, 70 and 80 are 10, 20 and 30 above the threshold.
        scaling::StepScaling policy{.aggregation = aggregation,
                                    .steps = {step(0, 15, 1), step(15, 25, 2), step(25, std::nullopt, 3)}};
        group_of(scenario).step_scaling = {{"out", alarm, policy}};
        CHECK(changes(sim::run(scenario)) == Lines{change});
    }
}

TEST_CASE("exact capacity and least changes") {
    sim::Scenario scenario = fleet_world(4, 20);
    const auto alarms = alarms_on(scenario, {{600s, 60}, {1800s, 20}});
    scaling::StepScaling exact{.adjustment_type = AdjustmentType::exact_capacity, .steps = {step(0, std::nullopt, 9)}};
    scaling::StepScaling percent{.adjustment_type = AdjustmentType::percent_change_in_capacity,
                                 .min_adjustment_magnitude = 3,
                                 .steps = {step(std::nullopt, 0, -10)}};
    group_of(scenario).step_scaling = {{"exact", alarms.high, exact}, {"percent", alarms.low, percent}};
    CHECK(changes(sim::run(scenario)) == Lines{"720 4>9", "1920 9>6"});
}

// Target tracking on the group's own CPU. Its minute is seen a minute after it has ended.

TEST_CASE("target tracking multiplies by the ratio and rounds up after three minutes") {
    sim::Scenario scenario = fleet_world(4, 20);
    // Of 8 vCPUs 3.2 are busy, and 6 from 600 s on: 40 and 75 %.
    group_of(scenario).workload.vcpus = traffic::steps({{0s, 3.2}, {600s, 6}});
    group_of(scenario).target_tracking = {tracking_cpu(scenario, 50)};
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result) == Lines{"840 4>6"});
    const auto& told = details_of(result, 0);
    CHECK(told.policy == "ASGAverageCPUUtilization");
    CHECK(told.alarm == "ASGAverageCPUUtilization-AlarmHigh");
    CHECK(told.datapoints == "75 75 75");
    CHECK(told.wanted == "6");
    CHECK(told.clamped_by.empty());
    CHECK(the_row(result, "scaling").reason == "scale out: metric 75, target 50, needs 6");
    CHECK(the_row(result, "scaling").resource == "auto_scaling_group/fleet");
}

TEST_CASE("target tracking scales in after fifteen minutes below seven tenths of its target") {
    sim::Scenario scenario = fleet_world(6, 20);
    scenario.duration = 2h;
    // 34 % until 1800 s, which is below 35; then 35 %, which is not, until 3600 s; then 17 %.
    group_of(scenario).workload.vcpus = traffic::steps({{0s, 4.8}, {600s, 4.2}, {3600s, 2}});
    group_of(scenario).target_tracking = {tracking_cpu(scenario, 50)};
    const sim::Result result = sim::run(scenario);
    // Minutes 3600 to 4440 s, the last of which is seen at 4560 s.
    CHECK(changes(result) == Lines{"4560 6>2"});
    CHECK(details_of(result, 0).alarm == "ASGAverageCPUUtilization-AlarmLow");
    CHECK(details_of(result, 0).datapoints.substr(0, 8) == "16.6667 ");
    CHECK(details_of(result, 0).wanted == "2");
}

TEST_CASE("a metric below zero asks for nothing") {
    sim::Scenario scenario = fleet_world(4, 8);
    sim::TargetTrackingPolicy policy;
    policy.name = "spare";
    policy.metric = custom_metric(scenario, traffic::constant(2));
    policy.metric.expression = *scaling::MetricExpression::parse("m1 - 5").expression;
    policy.settings.target_value = 1;
    group_of(scenario).target_tracking = {policy};
    group_of(scenario).min_size = 1;
    const sim::Result result = sim::run(scenario);
    REQUIRE(changes(result).size() == 1);
    CHECK(changes(result)[0].ends_with(" 4>1"));
    CHECK(details_of(result, 0).wanted == "0");
}

TEST_CASE("a policy that may not scale in does not") {
    sim::Scenario scenario = fleet_world(6, 20);
    group_of(scenario).workload.vcpus = traffic::constant(1);
    group_of(scenario).target_tracking = {tracking_cpu(scenario, 50)};
    group_of(scenario).target_tracking[0].settings.disable_scale_in = true;
    CHECK(changes(sim::run(scenario)).empty());
}

TEST_CASE("bounds clamp what a policy wants and the row says which") {
    sim::Scenario scenario = fleet_world(4, 5);
    group_of(scenario).min_size = 3;
    group_of(scenario).workload.vcpus = traffic::steps({{0s, 3.2}, {600s, 8}, {1200s, 0.1}});
    group_of(scenario).target_tracking = {tracking_cpu(scenario, 50)};
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result) == Lines{"840 4>5", "2160 5>3"});
    CHECK(details_of(result, 0).wanted == "8");
    CHECK(details_of(result, 0).clamped_by == "max_size 5");
    CHECK(details_of(result, 1).wanted == "1");
    CHECK(details_of(result, 1).clamped_by == "min_size 3");
    const auto* held = row_from(result, Time{840s}, "scaling_held");
    REQUIRE(held != nullptr);
    CHECK(held->reason.substr(0, 12) == "at its bound");
    CHECK(held->scaling->clamped_by == "max_size 5");
}

TEST_CASE("instances feed the group's metrics from service on, with a default warm-up only when warm") {
    const auto fires = [](std::optional<des::Duration> warmup) {
        sim::Scenario scenario = fleet_world(4, 20);
        group_of(scenario).default_instance_warmup = warmup;
        group_of(scenario).workload.vcpus = traffic::constant(2);
        group_of(scenario).scheduled_actions = {desired_at(scenario, 840s, 6)};
        const auto samples = query_of(scenario, sim::GroupMetric{fleet, sim::GroupFigure::cpu_utilization},
                                      {scaling::StatisticKind::sample_count}, scaling::ec2_publication_delay);
        add_alarm(scenario, "five", samples, Comparison::greater, 5);
        const auto result = sim::run(scenario);
        const auto* row = row_from(result, Time{121s}, "alarm");
        return row == nullptr ? Time{} : row->at;
    };
    // In service at 862 s, so the minute until 900 s has six samples, seen at 960 s.
    CHECK(fires(std::nullopt) == Time{960s});
    // Warm at 1042 s: the minute until 1080 s.
    CHECK(fires(180s) == Time{1140s});
}

TEST_CASE("with basic monitoring a datapoint comes every five minutes and reactions are later") {
    const auto reaction = [](des::Duration resolution) {
        sim::Scenario scenario = fleet_world(4, 20);
        group_of(scenario).workload.vcpus = traffic::steps({{0s, 3.2}, {600s, 6}});
        group_of(scenario).target_tracking = {tracking_cpu(scenario, 50)};
        for (auto& metric : scenario.metrics) metric.settings.resolution = resolution;
        return changes(sim::run(scenario))[0];
    };
    CHECK(reaction(60s) == "840 4>6");
    // The five minutes from 600 s on are over at 900 s and seen at 960 s; one datapoint of three breaches, and has been
    // there for so long that the alarm does not wait for the others.
    CHECK(reaction(300s) == "960 4>6");
}

TEST_CASE("network and request metrics of a group can be tracked too") {
    for (const auto figure :
         {sim::GroupFigure::network_in, sim::GroupFigure::network_out, sim::GroupFigure::request_count_per_target}) {
        sim::Scenario scenario = fleet_world(4, 20);
        auto& group = group_of(scenario);
        group.workload.network_in = group.workload.network_out = group.workload.requests =
            traffic::steps({{0s, 4}, {600s, 10}});
        sim::TargetTrackingPolicy policy;
        policy.name = "tracking";
        policy.metric = query_of(scenario, sim::GroupMetric{fleet, figure}, {}, scaling::ec2_publication_delay);
        policy.settings.target_value = 60;  // A minute and instance: one a second.
        group.target_tracking = {policy};
        CHECK(changes(sim::run(scenario))[0] == "840 4>10");
    }
}

// Several policies.

TEST_CASE("of two scale-outs the larger wins and of two scale-ins the one that keeps more") {
    sim::Scenario scenario = fleet_world(8, 20);
    const auto alarms = alarms_on(scenario, {{600s, 60}, {1800s, 20}});
    scaling::StepScaling quarter{.adjustment_type = AdjustmentType::percent_change_in_capacity,
                                 .steps = {step(std::nullopt, 0, -25)}};
    group_of(scenario).step_scaling = {{"two more", alarms.high, by(2)},
                                       {"four more", alarms.high, by(4)},
                                       {"five less", alarms.low, by(-5)},
                                       {"a quarter less", alarms.low, quarter}};
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result) == Lines{"720 8>12", "1920 12>9"});
    CHECK(details_of(result, 0).policy == "four more");
    CHECK(details_of(result, 1).policy == "a quarter less");
}

TEST_CASE("a scale-out beats a scale-in") {
    sim::Scenario scenario = fleet_world(8, 20);
    const auto one = alarms_on(scenario, {{600s, 60}});
    const auto other = alarms_on(scenario, {{600s, 20}});
    group_of(scenario).step_scaling = {{"in", other.low, by(-3)}, {"out", one.high, by(1)}};
    CHECK(changes(sim::run(scenario)) == Lines{"720 8>9"});
}

TEST_CASE("target tracking scales in only if all agree but does not keep a step policy from it") {
    sim::Scenario scenario = fleet_world(8, 20);
    sim::TargetTrackingPolicy idle;
    idle.name = "idle";
    idle.metric = custom_metric(scenario, traffic::constant(10));
    idle.settings.target_value = 50;
    sim::TargetTrackingPolicy busy = idle;
    busy.name = "busy";
    busy.metric = custom_metric(scenario, traffic::constant(48));
    group_of(scenario).target_tracking = {idle, busy};
    SECTION("vetoed") {
        const sim::Result result = sim::run(scenario);
        CHECK(changes(result).empty());
        const auto* held = row_from(result, Time{}, "scaling_held");
        REQUIRE(held != nullptr);
        CHECK(held->reason.substr(0, 6) == "vetoed");
    }
    SECTION("unless the other never scales in") {
        group_of(scenario).target_tracking[1].settings.disable_scale_in = true;
        CHECK(changes(sim::run(scenario)).size() > 0);
    }
    SECTION("a step policy") {
        const auto alarms = alarms_on(scenario, {{600s, 20}});
        group_of(scenario).step_scaling = {{"in", alarms.low, by(-1)}};
        CHECK(changes(sim::run(scenario)) == Lines{"720 8>7"});
    }
}

// Simple scaling.

TEST_CASE("simple scaling waits for its activity and a cooldown after that") {
    sim::Scenario scenario = fleet_world(4, 20);
    scenario.duration = 25min;
    const auto alarms = alarms_on(scenario, {{600s, 60, 1h}});
    group_of(scenario).simple_scaling = {{"out", alarms.high, {.scaling_adjustment = 2}}};
    SECTION("of the group") {
        // In service at 742 s, and 300 s later it is 1042 s; 1080 + 22 + 300 = 1402 s.
        const sim::Result result = sim::run(scenario);
        CHECK(changes(result) == Lines{"720 4>6", "1080 6>8", "1440 8>10"});
        CHECK(the_row(result, "scaling_held").reason.substr(0, 8) == "cooldown");
    }
    SECTION("of its own") {
        group_of(scenario).simple_scaling[0].settings.cooldown = 60s;
        CHECK(changes(sim::run(scenario))[1] == "840 6>8");
    }
}

TEST_CASE("an activity is not over while EC2 has no capacity for it") {
    sim::Scenario scenario = fleet_world(4, 20);
    scenario.duration = 35min;
    const auto alarms = alarms_on(scenario, {{600s, 60, 1h}});
    group_of(scenario).simple_scaling = {{"out", alarms.high, {.scaling_adjustment = 2}}};
    scenario.faults = {{Time{500s}, sim::InsufficientCapacity{"m5.large", sim::ZoneId::none(), 1000s}}};
    // Launched at 1500 s, in service at 1522 s, and the cooldown is over at 1822 s.
    CHECK(changes(sim::run(scenario)) == Lines{"720 4>6", "1860 6>8"});
}

TEST_CASE("other policies and health checks do not wait for a cooldown") {
    sim::Scenario scenario = fleet_world(4, 20);
    const auto one = alarms_on(scenario, {{600s, 60}});
    const auto other = alarms_on(scenario, {{660s, 60}});
    group_of(scenario).simple_scaling = {{"simple", one.high, {.scaling_adjustment = 2}}};
    group_of(scenario).step_scaling = {{"step", other.high, by(3, 0s)}};
    group_of(scenario).scheduled_actions = {desired_at(scenario, 800s, 12)};
    scenario.faults = {{Time{830s}, sim::TerminateInstance{}}};
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result) == Lines{"720 4>6", "780 6>9", "800 9>12"});
    CHECK(the_row(result, "instance_launch", Time{830s}).at == Time{840s});
}

TEST_CASE("a scale-in by simple scaling is over when the last instance has ended") {
    sim::Scenario scenario = fleet_world(8, 20);
    scenario.duration = 30min;
    const auto alarms = alarms_on(scenario, {{600s, 20, 1h}});
    group_of(scenario).simple_scaling = {{"in", alarms.low, {.scaling_adjustment = -2, .cooldown = 100s}}};
    SECTION("without hooks at 730 s") { CHECK(changes(sim::run(scenario))[1] == "840 6>4"); }
    SECTION("with a hook of 300 s at 1030 s") {
        sim::LifecycleHook hook;
        hook.settings = {.name = "drain", .transition = scaling::LifecycleTransition::terminating};
        hook.completes_after = des::constant(300);
        group_of(scenario).lifecycle_hooks = {hook};
        const sim::Result result = sim::run(scenario);
        CHECK(changes(result)[1] == "1140 6>4");
        CHECK(the_row(result, "scaling_held").reason.substr(0, 11) == "an activity");
    }
    SECTION("at once if all are protected") {
        group_of(scenario).protect_from_scale_in = true;
        CHECK(changes(sim::run(scenario))[1] == "840 6>4");
    }
    SECTION("at once if they go back to the warm pool") {
        group_of(scenario).warm_pool = scaling::WarmPool{.reuse_on_scale_in = true};
        CHECK(changes(sim::run(scenario))[1] == "840 6>4");
    }
}

// Rows.

TEST_CASE("every change of the desired capacity tells the policy and what it wanted") {
    for (sim::Scenario scenario : {forecast_world(3, 20), fleet_world(4, 20)}) {
        const auto alarms = alarms_on(scenario, {{600s, 60, 5min}, {1800s, 20, 10min}});
        auto& group = group_of(scenario);
        group.step_scaling = {{"step", alarms.high, by(2)}, {"less", alarms.low, by(-1)}};
        group.simple_scaling = {{"simple", alarms.high, {.scaling_adjustment = 3}}};
        group.scheduled_actions = {desired_at(scenario, 900s, 9)};
        group.workload.vcpus = traffic::steps({{0s, 3}, {1000s, 15}});
        group.target_tracking = {tracking_cpu(scenario, 50)};
        const sim::Result result = sim::run(scenario);
        std::size_t seen = 0;
        for (const auto& row : result.events) {
            if (row.event != "scaling") continue;
            ++seen;
            INFO(row.reason);
            REQUIRE(row.scaling != nullptr);
            CHECK_FALSE(row.scaling->policy.empty());
            CHECK_FALSE(row.reason.empty());
            CHECK(row.from != row.to);
            const bool by_alarm = row.reason.substr(0, 5) == "scale";
            CHECK(row.scaling->alarm.empty() != by_alarm);
            CHECK(row.scaling->datapoints.empty() != by_alarm);
            CHECK_FALSE(row.scaling->wanted.empty());
        }
        CHECK(seen >= 5);
    }
}
