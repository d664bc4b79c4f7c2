#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/replay.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;
using scaling::AdjustmentType;
using scaling::Comparison;
using scaling::StepAdjustment;

namespace {

sim::AutoScalingGroup& group_of(sim::Scenario& scenario) { return scenario.groups[fleet]; }

StepAdjustment step(std::optional<double> lower, std::optional<double> upper, std::int32_t adjustment) {
    return {.lower_bound = lower, .upper_bound = upper, .adjustment = adjustment};
}

/// A policy of change in capacity by one step, whatever the size of the breach.
scaling::StepScaling by(std::int32_t change, std::optional<des::Duration> warmup = std::nullopt) {
    scaling::StepScaling policy;
    policy.steps = {change > 0 ? step(0, std::nullopt, change) : step(std::nullopt, 0, change)};
    policy.estimated_instance_warmup = warmup;
    return policy;
}

/// A metric that is `normal` but for one minute or more from each of these instants on.
struct Episode {
    std::chrono::seconds from;
    double value;
    std::chrono::seconds length = 60s;
};
sim::MetricQuery episodes(sim::Scenario& scenario, double normal, const std::vector<Episode>& exceptions) {
    std::vector<traffic::Step> steps{{0s, normal}};
    for (std::size_t i = 0; i < exceptions.size(); ++i) {
        const Episode& exception = exceptions[i];
        steps.push_back({exception.from, exception.value});
        const auto end = exception.from + exception.length;
        if (i + 1 == exceptions.size() || exceptions[i + 1].from > end) steps.push_back({end, normal});
    }
    return custom_metric(scenario, traffic::steps(steps));
}

/// Alarms of one datapoint above 50 and below 30 on a metric with those episodes, 40 otherwise.
struct TwoAlarms {
    sim::AlarmId high;
    sim::AlarmId low;
};
TwoAlarms alarms_on(sim::Scenario& scenario, const std::vector<Episode>& exceptions) {
    const sim::MetricQuery metric = episodes(scenario, 40, exceptions);
    return {add_alarm(scenario, "high", metric, Comparison::greater, 50),
            add_alarm(scenario, "low", metric, Comparison::less, 30)};
}

const sim::ScalingDetails& details_of(const sim::Result& result, std::size_t change) {
    std::size_t seen = 0;
    for (const auto& row : result.events) {
        if (row.event == "scaling" && row.subject == "desired_capacity" && seen++ == change) return *row.scaling;
    }
    throw std::out_of_range{"there are fewer changes"};
}

}  // namespace

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

namespace {

/// A week of 100 an hour but for the second hour of the day, which has 400. Two and eight at 50 each.
sim::Scenario forecast_world(std::int32_t desired, std::int32_t max) {
    sim::Scenario scenario = fleet_world(desired, max);
    scenario.duration = 4h;
    sim::PredictiveScalingPolicy policy;
    policy.name = "forecast";
    policy.metric = custom_metric(scenario, traffic::constant(1));
    policy.settings.target_value = 50;
    policy.settings.mode = scaling::PredictiveMode::forecast_and_scale;
    for (int hour = -7 * 24; hour < 0; ++hour) {
        const bool busy = (hour + 7 * 24) % 24 == 1;
        policy.history.push_back({Time{std::chrono::hours{hour}}, busy ? 400.0 : 100.0});
    }
    group_of(scenario).predictive_scaling = {policy};
    return scenario;
}

}  // namespace

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
    sim::PredictiveScalingPolicy policy;
    policy.name = "forecast";
    policy.metric = tracking_cpu(scenario, 25).metric;
    policy.settings.target_value = 25;
    policy.settings.mode = scaling::PredictiveMode::forecast_and_scale;
    group_of(scenario).predictive_scaling = {policy};
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
    sim::PredictiveScalingPolicy policy;
    policy.name = "forecast";
    policy.metric = tracking_cpu(scenario, 25).metric;
    policy.settings.target_value = 25;
    policy.settings.mode = scaling::PredictiveMode::forecast_and_scale;
    group_of(scenario).predictive_scaling = {policy};
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
