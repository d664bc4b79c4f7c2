#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <fleetsim/scaling/alarm.hpp>
#include <fleetsim/scaling/metric.hpp>
#include <fleetsim/scaling/predefined_metrics.hpp>
#include <fleetsim/scaling/statistic.hpp>
#include <fleetsim/scaling/target_tracking.hpp>

#include "catch.hpp"

namespace {

using namespace std::chrono_literals;
using fleetsim::des::Time;
using fleetsim::scaling::alarms;
using fleetsim::scaling::AlarmState;
using fleetsim::scaling::bounds;
using fleetsim::scaling::GroupCapacity;
using fleetsim::scaling::history_after;
using fleetsim::scaling::MetricSeries;
using fleetsim::scaling::PolicyView;
using fleetsim::scaling::PredefinedMetric;
using fleetsim::scaling::required_capacity;
using fleetsim::scaling::resolve;
using fleetsim::scaling::ScalingDecision;
using fleetsim::scaling::ScalingHistory;
using fleetsim::scaling::ScalingReason;
using fleetsim::scaling::ServiceCapacity;
using fleetsim::scaling::Statistic;
using fleetsim::scaling::TargetTracking;
using fleetsim::scaling::Wish;

constexpr Time now{2h};
enum class On { none, high, low };

/// A policy and what it sees.
struct Policy {
    TargetTracking settings;
    PolicyView view;
};

Policy policy(double metric, double target, On on, bool disable_scale_in = false) {
    return {.settings = {.target_value = target, .disable_scale_in = disable_scale_in},
            .view = {.high = on == On::high ? AlarmState::alarm : AlarmState::ok,
                     .low = on == On::low ? AlarmState::alarm : AlarmState::ok,
                     .metric = metric}};
}

ScalingDecision decide(const ServiceCapacity& service, const std::vector<Policy>& policies, Time at) {
    std::vector<Wish> wishes;
    for (const Policy& each : policies) wishes.push_back(wish(each.settings, each.view, service, at));
    return resolve(wishes, bounds(service));
}

ScalingDecision decide_alone(const ServiceCapacity& service, const Policy& only) {
    return decide(service, {only}, now);
}

ScalingDecision decide_for_group(const GroupCapacity& group, const Policy& only) {
    return resolve(std::array{wish(only.settings, only.view, group)}, bounds(group));
}

// Capacity, metric, target and what AWS's rounding asks for.
TEST_CASE("the required capacity keeps the proportion and rounds up") {
    struct Row {
        std::int32_t running;
        double metric;
        double target;
        std::int32_t required;
    };
    const std::array rows{
        Row{3, 75, 50, 5},
        Row{3, 25, 50, 2},
        Row{10, 80, 50, 16},
        Row{2, 51, 50, 3},
        Row{100, 50.4, 50, 101},
        Row{10, 34, 50, 7},
        Row{10, 40, 50, 8},
        Row{0, 75, 50, 1},  // Nothing running has no proportion.
        Row{0, 0, 50, 0},
        Row{10, 0, 50, 0},
        Row{10, -3, 50, 0},  // An expression may be negative.
        Row{0, -3, 50, 0},
        Row{3, 1.1, 0.3, 11},     // Exactly 11, although 3 * 1.1 / 0.3 is 11.000000000000002 in binary.
        Row{1, 10.00001, 10, 2},  // A real excess, however small, still rounds up.
        Row{1000000, 1e9, 1e-3, 2147483647},
    };
    for (const Row& row : rows) {
        CAPTURE(row.running, row.metric, row.target);
        CHECK(required_capacity(row.running, row.metric, row.target) == row.required);
    }
}

// Worked examples, most from the user guide's own cases.
TEST_CASE("one policy moves the desired count as documented") {
    struct Row {
        std::string_view what;
        ServiceCapacity service;
        double metric;
        double target;
        On alarm;
        std::int32_t desired;
        ScalingReason reason;
    };
    using enum ScalingReason;
    // A scale-out from four tasks: 60 s ago, and exactly one cooldown ago; and one from none.
    const ScalingHistory minute_ago{.last_scale_out = now - 60s, .base_of_scale_out = 4};
    const ScalingHistory long_ago{.last_scale_out = now - 300s, .base_of_scale_out = 4};
    const ScalingHistory from_zero{.last_scale_out = now - 60s, .base_of_scale_out = 0};
    const std::array rows{
        Row{"half as many again", {4, 4, 0, 99, {}}, 90, 60, On::high, 6, scale_out},
        Row{"adds the difference to what is coming", {4, 6, 0, 99, minute_ago}, 120, 60, On::high, 8, scale_out},
        Row{"what is coming is enough", {4, 6, 0, 99, minute_ago}, 90, 60, On::high, 6, enough_capacity},
        Row{"what came is not added again", {6, 6, 0, 99, minute_ago}, 90, 60, On::high, 6, enough_capacity},
        Row{"what came counts as part of more", {6, 6, 0, 99, minute_ago}, 120, 60, On::high, 8, scale_out},
        Row{"after the cooldown it is the new base", {6, 6, 0, 99, long_ago}, 90, 60, On::high, 9, scale_out},
        Row{"one task that came from zero is a base", {1, 1, 0, 99, from_zero}, 150, 60, On::high, 3, scale_out},
        Row{"tasks lost since are none", {3, 6, 0, 99, minute_ago}, 110, 60, On::high, 6, enough_capacity},
        Row{"a scale-out cooldown does not hold a scale-in", {6, 6, 0, 99, minute_ago}, 20, 60, On::low, 2, scale_in},
        Row{"a third of the target", {6, 6, 0, 99, {}}, 20, 60, On::low, 2, scale_in},
        Row{"between the alarms", {6, 6, 0, 99, {}}, 55, 60, On::none, 6, no_alarm},
        Row{"100 s after a scale-in", {6, 6, 0, 99, {now - 100s}}, 20, 60, On::low, 6, cooldown},
        Row{"just before the cooldown ends", {6, 6, 0, 99, {now - 300s + 1ns}}, 20, 60, On::low, 6, cooldown},
        Row{"300 s after it", {6, 6, 0, 99, {now - 300s}}, 20, 60, On::low, 2, scale_in},
        Row{"the maximum allows 10 of 14", {8, 8, 0, 10, {}}, 100, 60, On::high, 10, scale_out},
        Row{"+2", {3, 3, 0, 99, {}}, 75, 50, On::high, 5, scale_out},
        Row{"-1", {3, 3, 0, 99, {}}, 25, 50, On::low, 2, scale_in},
        Row{"+6", {10, 10, 0, 99, {}}, 80, 50, On::high, 16, scale_out},
        Row{"five more are coming, +1", {10, 15, 0, 99, {}}, 80, 50, On::high, 16, scale_out},
        Row{"+1", {2, 2, 0, 99, {}}, 51, 50, On::high, 3, scale_out},
        Row{"+1 of a hundred", {100, 100, 0, 999, {}}, 50.4, 50, On::high, 101, scale_out},
        Row{"dead band", {10, 10, 0, 99, {}}, 47, 50, On::none, 10, no_alarm},
        Row{"from zero, one", {0, 0, 0, 99, {}}, 75, 50, On::high, 1, scale_out},
        Row{"from zero one datapoint is enough", {0, 0, 0, 99, {}}, 5, 50, On::none, 1, scale_out},
        Row{"zero without demand or alarm", {0, 0, 0, 99, {}}, 0, 50, On::none, 0, no_alarm},
        Row{"zero without demand", {0, 0, 0, 99, {}}, 0, 50, On::low, 0, enough_capacity},
        Row{"none running yet, but asked for", {0, 4, 0, 99, {}}, 75, 50, On::high, 4, enough_capacity},
        Row{"the first is coming up, the low alarm is from before",
            {0, 1, 0, 99, {}},
            20,
            60,
            On::low,
            1,
            enough_capacity},
        Row{"the first is coming up, but the demand is gone", {0, 1, 0, 99, {}}, 0, 60, On::low, 0, scale_in},
        Row{"the minimum keeps 4 of 2", {6, 6, 4, 99, {}}, 20, 60, On::low, 4, scale_in},
        Row{"at the minimum", {4, 4, 4, 99, {}}, 20, 60, On::low, 4, at_bound},
        Row{"at the maximum", {10, 10, 0, 10, {}}, 100, 60, On::high, 10, at_bound},
        Row{"below the minimum, out", {2, 2, 5, 99, {}}, 70, 60, On::high, 5, scale_out},
        Row{"below the minimum, in", {2, 2, 5, 99, {}}, 20, 60, On::low, 2, at_bound},
        Row{"above the maximum, in", {9, 9, 0, 5, {}}, 50, 60, On::low, 5, scale_in},
        Row{"above the maximum, out", {9, 9, 0, 5, {}}, 70, 60, On::high, 9, at_bound},
        Row{"out during a scale-in cooldown", {4, 4, 0, 99, {now - 1s}}, 90, 60, On::high, 6, scale_out},
        Row{"the alarm is stale: the metric has recovered", {6, 6, 0, 99, {}}, 40, 60, On::high, 6, enough_capacity},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const ScalingDecision decision = decide_alone(row.service, policy(row.metric, row.target, row.alarm));
        CHECK(decision.desired == row.desired);
        CHECK(name(decision.reason) == name(row.reason));
        CHECK(decision.changed() == (row.desired != row.service.desired));
    }
}

TEST_CASE("a decision carries the numbers that led to it") {
    const ScalingDecision decision = decide_alone({8, 8, 0, 10, {}}, policy(100, 60, On::high));
    CHECK(decision.deciding == 0);
    CHECK(decision.wish.base == 8);
    CHECK(decision.wish.wanted == 14);
    CHECK(decision.wish.metric == 100);
    CHECK(decision.wish.target == 60);
}

TEST_CASE("of several policies the one that keeps most capacity wins") {
    struct Row {
        std::string_view what;
        std::vector<Policy> policies;
        std::int32_t desired;
        ScalingReason reason;
    };
    using enum ScalingReason;
    const std::array rows{
        Row{"both out: the larger", {policy(90, 60, On::high), policy(1500, 1000, On::high)}, 15, scale_out},
        Row{"both out, larger first", {policy(120, 60, On::high), policy(1500, 1000, On::high)}, 20, scale_out},
        Row{"one out, one in: out", {policy(20, 60, On::low), policy(1500, 1000, On::high)}, 15, scale_out},
        Row{"both in: the larger", {policy(20, 60, On::low), policy(500, 1000, On::low)}, 5, scale_in},
        Row{"both in, larger first", {policy(42, 60, On::low), policy(500, 1000, On::low)}, 7, scale_in},
        Row{"one in: vetoed", {policy(20, 60, On::low), policy(950, 1000, On::none)}, 10, vetoed},
        Row{"one in, the other may not", {policy(20, 60, On::low), policy(1, 9, On::low, true)}, 4, scale_in},
        Row{"the only one in may not", {policy(20, 60, On::low, true), policy(950, 1000, On::none)}, 10, no_alarm},
        Row{"no policies", {}, 10, no_alarm},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const ScalingDecision decision = decide({10, 10, 0, 99, {}}, row.policies, now);
        CHECK(decision.desired == row.desired);
        CHECK(name(decision.reason) == name(row.reason));
    }
}

TEST_CASE("missing data never move the desired count") {
    Policy blind = policy(0, 60, On::low);
    blind.view.metric.reset();
    CHECK(decide_alone({6, 6, 0, 99, {}}, blind).desired == 6);
    blind.view.high = AlarmState::alarm;
    CHECK(decide_alone({6, 6, 0, 99, {}}, blind).desired == 6);

    Policy unsure = policy(20, 60, On::none);
    unsure.view.low = AlarmState::insufficient_data;
    const std::vector both{policy(20, 60, On::low), unsure};
    CHECK(decide({6, 6, 0, 99, {}}, both, now).reason == ScalingReason::vetoed);
}

TEST_CASE("each policy waits for its own scale-in cooldown") {
    Policy patient = policy(20, 60, On::low);
    patient.settings.scale_in_cooldown = 600s;
    const std::vector both{policy(500, 1000, On::low), patient};
    CHECK(decide({10, 10, 0, 99, {now - 599s}}, both, now).reason == ScalingReason::cooldown);
    CHECK(decide({10, 10, 0, 99, {now - 600s}}, both, now).reason == ScalingReason::scale_in);
}

TEST_CASE("a direction that is suspended is left alone and the other goes on") {
    struct Row {
        std::string_view what;
        bool in_suspended;
        bool out_suspended;
        Policy policy;
        std::int32_t desired;
        ScalingReason reason;
    };
    using enum ScalingReason;
    const std::array rows{
        Row{"in, during a deployment", true, false, policy(20, 60, On::low), 6, suspended},
        Row{"out, during a deployment", true, false, policy(90, 60, On::high), 9, scale_out},
        Row{"out, suspended", false, true, policy(90, 60, On::high), 6, suspended},
        Row{"in, with out suspended", false, true, policy(20, 60, On::low), 2, scale_in},
        Row{"no alarm", true, true, policy(55, 60, On::none), 6, no_alarm},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const ServiceCapacity service{6, 6, 0, 99, {}, row.in_suspended, row.out_suspended};
        const ScalingDecision decision = decide_alone(service, row.policy);
        CHECK(decision.desired == row.desired);
        CHECK(name(decision.reason) == name(row.reason));
    }
    const ServiceCapacity at_zero{.max = 99, .scale_out_suspended = true};
    CHECK(decide_alone(at_zero, policy(5, 60, On::none)).desired == 0);
}

// Worked examples of EC2 Auto Scaling; instances that warm up count through the desired capacity alone.
TEST_CASE("one policy moves a group's desired capacity as documented") {
    struct Row {
        std::string_view what;
        GroupCapacity group;
        double metric;
        double target;
        On alarm;
        std::int32_t desired;
        ScalingReason reason;
    };
    using enum ScalingReason;
    const auto all_warm = [](std::int32_t capacity) {
        return GroupCapacity{.desired = capacity, .min = 0, .max = 999, .warm = capacity};
    };
    const GroupCapacity five_warming{.desired = 15, .min = 0, .max = 99, .warm = 10, .warming = true};
    const GroupCapacity first_on_its_way{.desired = 1, .min = 0, .max = 99, .warm = 0, .warming = true};
    const GroupCapacity some_ending{.desired = 10, .min = 0, .max = 99, .warm = 10, .terminating = 2};
    const std::array rows{
        Row{"+2", all_warm(3), 75, 50, On::high, 5, scale_out},
        Row{"-1", all_warm(3), 25, 50, On::low, 2, scale_in},
        Row{"+6", all_warm(10), 80, 50, On::high, 16, scale_out},
        Row{"five more warm up, +1", five_warming, 80, 50, On::high, 16, scale_out},
        Row{"five more warm up, enough", five_warming, 75, 50, On::high, 15, enough_capacity},
        Row{"five more warm up, no scale-in", five_warming, 10, 50, On::low, 15, warming_up},
        Row{"+1", all_warm(2), 51, 50, On::high, 3, scale_out},
        Row{"+1 of a hundred", all_warm(100), 50.4, 50, On::high, 101, scale_out},
        Row{"-3", all_warm(10), 34, 50, On::low, 7, scale_in},
        Row{"dead band", all_warm(10), 40, 50, On::none, 10, no_alarm},
        Row{"from zero, one", all_warm(0), 75, 50, On::high, 1, scale_out},
        Row{"from zero, not without an alarm", all_warm(0), 75, 50, On::none, 0, no_alarm},
        Row{"the first is on its way", first_on_its_way, 75, 50, On::high, 1, enough_capacity},
        Row{"what ends is not reckoned with", some_ending, 34, 50, On::low, 7, scale_in},
        Row{"at the maximum", {.desired = 9, .min = 0, .max = 9, .warm = 9}, 75, 50, On::high, 9, at_bound},
        Row{"the minimum keeps 8", {.desired = 10, .min = 8, .max = 99, .warm = 10}, 34, 50, On::low, 8, scale_in},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const ScalingDecision decision = decide_for_group(row.group, policy(row.metric, row.target, row.alarm));
        CHECK(decision.desired == row.desired);
        CHECK(name(decision.reason) == name(row.reason));
    }
}

TEST_CASE("a group's policy neither scales in against its settings nor without data") {
    const GroupCapacity ten{.desired = 10, .min = 0, .max = 99, .warm = 10};
    CHECK(decide_for_group(ten, policy(10, 50, On::low, true)).desired == 10);
    CHECK(decide_for_group(ten, policy(80, 50, On::high, true)).desired == 16);
    Policy blind = policy(0, 50, On::low);
    blind.view.metric.reset();
    CHECK(decide_for_group(ten, blind).desired == 10);
    CHECK_FALSE(wish(blind.settings, blind.view, ten).agrees_to_scale_in);
    CHECK(wish(blind.settings, blind.view, ten).target_tracking);
    blind.settings.disable_scale_in = true;
    CHECK_FALSE(wish(blind.settings, blind.view, ten).target_tracking);
}

// Load for 360 % of a task's CPU meets four tasks; the metric a decision sees is two minutes old.
TEST_CASE("a metric that lags behind does not make a service overshoot") {
    ServiceCapacity service{4, 4, 0, 99, {}};
    const std::array<double, 5> seen{90, 90, 90, 60, 60};
    Time tick = now;
    for (const double metric : seen) {
        const Policy only = policy(metric, 60, metric > 60 ? On::high : On::none);
        const ScalingDecision decision = decide(service, {only}, tick);
        service.history = history_after(decision, service.history, tick);
        service.desired = decision.desired;
        service.running = decision.desired;
        CHECK(service.desired == 6);
        tick += 1min;
    }
}

// Thresholds of alarms that AWS creates, as observed; the last four are not whole in binary.
TEST_CASE("a policy's alarms stand at the target and at a share of it") {
    struct Row {
        double target;
        double share;
        double low;
    };
    for (const Row& row :
         std::array{Row{70, 0.9, 63}, Row{80, 0.9, 72}, Row{30, 0.9, 27}, Row{1500, 0.9, 1350}, Row{40, 0.9, 36},
                    Row{75, 0.7, 52.5}, Row{50, 0.7, 35}, Row{40, 0.7, 28}, Row{30, 0.7, 21}, Row{13, 0.9, 11.7},
                    Row{21, 0.9, 18.9}, Row{3, 0.7, 2.1}, Row{17, 0.7, 11.9}}) {
        CAPTURE(row.target, row.share);
        const auto both = alarms(TargetTracking{.target_value = row.target, .low_alarm_share = row.share});
        CHECK(both.high.threshold == row.target);
        CHECK(both.low.threshold == row.low);
        CHECK(both.high.evaluation_periods == 3);
        CHECK(both.high.datapoints_to_alarm == 3);
        CHECK(both.low.evaluation_periods == 15);
        CHECK(both.low.datapoints_to_alarm == 15);
        CHECK(both.high.period == 60s);
        CHECK(both.low.period == 60s);
    }
    const auto both = alarms(TargetTracking{.target_value = 60});
    CHECK_FALSE(breaches(both.high, 60));
    CHECK(breaches(both.high, 60.01));
    CHECK_FALSE(breaches(both.low, 54));
    CHECK(breaches(both.low, 53.99));
}

/// The first whole minute at which an alarm on a service's CPU is on, when the metric steps from one value to another
/// at `step`; evaluated each minute from `step` minus 30 minutes on.
Time first_alarm(bool high, double before, double after, Time step) {
    const auto both = alarms(TargetTracking{.target_value = 60});
    MetricSeries series{{.publication_delay = fleetsim::scaling::ecs_publication_delay}};
    const auto& alarm = high ? both.high : both.low;
    AlarmState state = AlarmState::insufficient_data;
    for (Time tick = step - 30min; tick < step + 60min; tick += 1min) {
        series.publish(tick - 1min, tick - 1min < step ? before : after);
        const auto slots = series.slots(tick, alarm.period, Statistic{}, evaluation_range(alarm));
        state = evaluate(alarm, slots, state);
        if (state == AlarmState::alarm) return tick;
    }
    return Time{};
}

TEST_CASE("load that jumps at noon scales a service out at four minutes past and in after a quarter of an hour") {
    CHECK(first_alarm(true, 50, 90, Time{12h}) == Time{12h + 4min});
    // Fifteen low minutes, the last of which ends at 12:15:00 and is visible at 12:15:20.
    CHECK(first_alarm(false, 58, 20, Time{12h}) == Time{12h + 16min});
}

}  // namespace
