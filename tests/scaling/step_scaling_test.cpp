#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/scaling/step_scaling.hpp>

#include "catch.hpp"

namespace {

using namespace std::chrono_literals;
using fleetsim::des::Time;
using fleetsim::scaling::adjusted_capacity;
using fleetsim::scaling::AdjustmentType;
using fleetsim::scaling::aggregated;
using fleetsim::scaling::AlarmState;
using fleetsim::scaling::AlarmView;
using fleetsim::scaling::bounds;
using fleetsim::scaling::can_match;
using fleetsim::scaling::Comparison;
using fleetsim::scaling::faults;
using fleetsim::scaling::GroupCapacity;
using fleetsim::scaling::history_after;
using fleetsim::scaling::MetricAggregation;
using fleetsim::scaling::resolve;
using fleetsim::scaling::rounded_percentage;
using fleetsim::scaling::ScalingDecision;
using fleetsim::scaling::ScalingHistory;
using fleetsim::scaling::ScalingReason;
using fleetsim::scaling::ServiceCapacity;
using fleetsim::scaling::step_faults;
using fleetsim::scaling::step_for;
using fleetsim::scaling::StepAdjustment;
using fleetsim::scaling::StepFault;
using fleetsim::scaling::StepScaling;
using fleetsim::scaling::WrittenStep;
using enum AdjustmentType;
using enum ScalingReason;

constexpr Time now{2h};
constexpr auto open = std::nullopt;
constexpr double threshold = 50;

// The user guide's policies: beyond 60, 10 % more, beyond 70, 30 % more; and the same the other way.
const StepScaling guide_out{.adjustment_type = percent_change_in_capacity,
                            .steps = {{0.0, 10.0, 0}, {10.0, 20.0, 10}, {20.0, open, 30}}};
const StepScaling guide_in{.adjustment_type = percent_change_in_capacity,
                           .steps = {{-10.0, 0.0, 0}, {-20.0, -10.0, -10}, {open, -20.0, -30}}};

AlarmView high(double metric) { return {Comparison::greater_or_equal, threshold, AlarmState::alarm, metric}; }
AlarmView low(double metric) { return {Comparison::less_or_equal, threshold, AlarmState::alarm, metric}; }

ScalingDecision decide(const StepScaling& policy, const AlarmView& view, const GroupCapacity& group) {
    return resolve(std::array{wish(policy, view, group)}, bounds(group));
}
ScalingDecision decide(const StepScaling& policy, const AlarmView& view, const ServiceCapacity& service,
                       Time at = now) {
    return resolve(std::array{wish(policy, view, service, at)}, bounds(service));
}

/// One step for everything above the threshold.
StepScaling add(std::int32_t adjustment) { return {.steps = {{0.0, open, adjustment}}}; }
/// And one for everything below it.
StepScaling remove(std::int32_t adjustment) { return {.steps = {{open, 0.0, -adjustment}}}; }

TEST_CASE("a percentage of a capacity is rounded toward zero but never to none") {
    struct Row {
        double change;
        std::int32_t rounded;
    };
    const std::array rows{Row{12.7, 12}, Row{0.67, 1},  Row{-0.58, -1},       Row{-6.67, -6},
                          Row{3.3, 3},   Row{-1.4, -1}, Row{-3.9, -3},        Row{1, 1},
                          Row{-1, -1},   Row{0, 0},     Row{1e12, 2147483647}};
    for (const Row& row : rows) {
        CAPTURE(row.change);
        CHECK(rounded_percentage(row.change) == row.rounded);
    }
}

TEST_CASE("an adjustment leads to a capacity that is never negative") {
    struct Row {
        std::string_view what;
        AdjustmentType type;
        std::int32_t capacity;
        std::int32_t adjustment;
        std::optional<std::int32_t> least;
        std::int32_t adjusted;
    };
    constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();
    const std::array rows{
        Row{"+3", change_in_capacity, 10, 3, {}, 13},
        Row{"-3", change_in_capacity, 10, -3, {}, 7},
        Row{"more than there is", change_in_capacity, 3, -5, {}, 0},
        Row{"more than there can be", change_in_capacity, most, 5, {}, most},
        Row{"exactly", exact_capacity, 10, 4, {}, 4},
        Row{"10 % of 10", percent_change_in_capacity, 10, 10, {}, 11},
        Row{"30 % of 11 is 3.3", percent_change_in_capacity, 11, 30, {}, 14},
        Row{"-10 % of 14 is -1.4", percent_change_in_capacity, 14, -10, {}, 13},
        Row{"-30 % of 13 is -3.9", percent_change_in_capacity, 13, -30, {}, 10},
        Row{"25 % of 4 is 1 but at least 2", percent_change_in_capacity, 4, 25, 2, 6},
        Row{"-25 % of 4 is -1 but at least -2", percent_change_in_capacity, 4, -25, 2, 2},
        Row{"75 % of 4 is more than 2", percent_change_in_capacity, 4, 75, 2, 7},
        Row{"-25 % of 8 is -2", percent_change_in_capacity, 8, -25, {}, 6},
        Row{"10 % of 1 is 1", percent_change_in_capacity, 1, 10, {}, 2},
        Row{"10 % of nothing", percent_change_in_capacity, 0, 10, {}, 0},
        Row{"10 % of nothing but at least 2", percent_change_in_capacity, 0, 10, 2, 2},
        Row{"0 % is nothing whatever the least", percent_change_in_capacity, 10, 0, 2, 10},
        Row{"29 % of 100 is exactly 29", percent_change_in_capacity, 100, 29, {}, 129},
        Row{"-200 %", percent_change_in_capacity, 10, -200, {}, 0},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        CHECK(adjusted_capacity(row.type, row.capacity, row.adjustment, row.least) == row.adjusted);
    }
}

TEST_CASE("a step begins at its bound on the threshold's side and ends before the other") {
    struct Row {
        const StepScaling& policy;
        Comparison comparison;
        double metric;
        std::optional<std::int32_t> adjustment;
    };
    using enum Comparison;
    const StepScaling both_ways{.steps = {{open, -10.0, -2}, {-10.0, 0.0, -1}, {0.0, 10.0, 1}, {10.0, open, 2}}};
    const StepScaling bounded{.steps = {{5.0, 10.0, 1}}};
    const std::array rows{
        Row{guide_out, greater_or_equal, 50, 0},
        Row{guide_out, greater_or_equal, 59.99, 0},
        Row{guide_out, greater_or_equal, 60, 10},
        Row{guide_out, greater_or_equal, 69.99, 10},
        Row{guide_out, greater_or_equal, 70, 30},
        Row{guide_out, greater_or_equal, 1e9, 30},
        Row{guide_out, greater_or_equal, 49.99, {}},
        Row{guide_in, less_or_equal, 50, 0},
        Row{guide_in, less_or_equal, 40.01, 0},
        Row{guide_in, less_or_equal, 40, -10},
        Row{guide_in, less_or_equal, 30.01, -10},
        Row{guide_in, less_or_equal, 30, -30},
        Row{guide_in, less_or_equal, 0, -30},
        Row{guide_in, less_or_equal, 50.01, {}},
        Row{both_ways, greater, 50, 1},
        Row{both_ways, greater_or_equal, 50, 1},
        Row{both_ways, less, 50, -1},
        Row{both_ways, less_or_equal, 50, -1},
        Row{both_ways, greater, 40, -2},
        Row{both_ways, less, 60, 2},
        Row{bounded, greater, 54.99, {}},
        Row{bounded, greater, 55, 1},
        Row{bounded, greater, 60, {}},
    };
    for (const Row& row : rows) {
        CAPTURE(name(row.comparison), row.metric);
        const StepAdjustment* step = step_for(row.policy, row.comparison, threshold, row.metric);
        REQUIRE((step != nullptr) == row.adjustment.has_value());
        if (step != nullptr) CHECK(step->adjustment == *row.adjustment);
    }
}

TEST_CASE("a policy sees the average or the extreme of the datapoints there are") {
    const std::array<std::optional<double>, 4> slots{70.0, open, 50.0, 90.0};
    CHECK(aggregated(MetricAggregation::average, slots) == 70);
    CHECK(aggregated(MetricAggregation::minimum, slots) == 50);
    CHECK(aggregated(MetricAggregation::maximum, slots) == 90);
    const std::array<std::optional<double>, 2> missing{};
    CHECK_FALSE(aggregated(MetricAggregation::average, missing).has_value());
    CHECK_FALSE(aggregated(MetricAggregation::maximum, {}).has_value());
}

// The user guide's example: a group of ten whose instances have time to warm up between the alarms.
TEST_CASE("a group follows its metric up and down as the user guide tells") {
    struct Row {
        const StepScaling& policy;
        AlarmView view;
        std::int32_t desired;
        ScalingReason reason;
    };
    std::int32_t capacity = 10;
    for (const Row& row : {Row{guide_out, high(55), 10, enough_capacity}, Row{guide_out, high(60), 11, scale_out},
                           Row{guide_out, high(70), 14, scale_out}, Row{guide_in, low(45), 14, enough_capacity},
                           Row{guide_in, low(40), 13, scale_in}, Row{guide_in, low(30), 10, scale_in}}) {
        CAPTURE(*row.view.metric);
        const GroupCapacity group{.desired = capacity, .min = 0, .max = 99, .warm = capacity};
        const ScalingDecision decision = decide(row.policy, row.view, group);
        CHECK(decision.desired == row.desired);
        CHECK(name(decision.reason) == name(row.reason));
        CHECK(decision.wish.base == capacity);
        CHECK(decision.wish.metric == *row.view.metric);
        CHECK(decision.wish.target == threshold);
        CHECK_FALSE(decision.wish.target_tracking);
        capacity = decision.desired;
    }
}

// The same guide, while the first instance is still warming up.
TEST_CASE("instances that warm up are asked for once and counted toward more") {
    struct Row {
        std::string_view what;
        const StepScaling& policy;
        AlarmView view;
        std::int32_t desired;
        std::int32_t after;
        ScalingReason reason;
    };
    for (const Row& row : {
             Row{"10 % of ten", guide_out, high(60), 10, 11, scale_out},
             Row{"10 % of ten are coming", guide_out, high(62), 11, 11, enough_capacity},
             Row{"30 % of ten are two more", guide_out, high(70), 11, 13, scale_out},
             Row{"30 % of ten are coming", guide_out, high(75), 13, 13, enough_capacity},
             Row{"nothing goes meanwhile", guide_in, low(30), 13, 13, warming_up},
         }) {
        CAPTURE(row.what);
        const GroupCapacity group{.desired = row.desired, .min = 0, .max = 99, .warm = 10, .warming = row.desired > 10};
        const ScalingDecision decision = decide(row.policy, row.view, group);
        CHECK(decision.desired == row.after);
        CHECK(name(decision.reason) == name(row.reason));
    }
}

TEST_CASE("a group's step policy in all its cases") {
    struct Row {
        std::string_view what;
        StepScaling policy;
        AlarmView view;
        GroupCapacity group;
        std::int32_t desired;
        ScalingReason reason;
    };
    const GroupCapacity ten{.desired = 10, .min = 2, .max = 12, .warm = 10};
    const GroupCapacity warming{.desired = 12, .min = 2, .max = 20, .warm = 10, .warming = true};
    const GroupCapacity ending{.desired = 8, .min = 2, .max = 20, .warm = 8, .terminating = 2};
    const StepScaling set_to_eleven{.adjustment_type = exact_capacity, .steps = {{0.0, open, 11}}};
    AlarmView off = high(90);
    off.state = AlarmState::ok;
    AlarmView blind = high(90);
    blind.metric.reset();
    const std::array rows{
        Row{"the maximum allows two of five", add(5), high(60), ten, 12, scale_out},
        Row{"the minimum keeps two", remove(9), low(40), ten, 2, scale_in},
        Row{"set to eleven, up", set_to_eleven, high(60), ten, 11, scale_out},
        Row{"set to eleven, but more are coming", set_to_eleven, high(60), warming, 12, warming_up},
        Row{"what ends is not removed again", remove(2), low(40), ending, 8, enough_capacity},
        Row{"what ends counts toward more", remove(3), low(40), ending, 7, scale_in},
        Row{"what ends is no capacity to add to", add(3), high(60), ending, 11, scale_out},
        Row{"the alarm is off", add(5), off, ten, 10, no_alarm},
        Row{"an alarm without a datapoint", add(5), blind, ten, 10, no_alarm},
        Row{"the metric has recovered", add(5), high(49), ten, 10, enough_capacity},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const ScalingDecision decision = decide(row.policy, row.view, row.group);
        CHECK(decision.desired == row.desired);
        CHECK(name(decision.reason) == name(row.reason));
    }
}

// Application Auto Scaling's example: a step of +2 starts a cooldown, within which a step of +3 adds one.
TEST_CASE("within a cooldown a larger step only adds the difference") {
    const StepScaling policy{.steps = {{0.0, 20.0, 2}, {20.0, open, 3}}, .cooldown = 300s};
    ServiceCapacity service{.running = 10, .desired = 10, .min = 0, .max = 99};
    const auto step_at = [&](Time at, double metric) {
        const ScalingDecision decision = decide(policy, high(metric), service, at);
        service.history = history_after(decision, service.history, at);
        service.running = service.desired = decision.desired;
        return decision.desired;
    };
    CHECK(step_at(now, 60) == 12);
    CHECK(step_at(now + 60s, 60) == 12);
    CHECK(step_at(now + 120s, 75) == 13);
    CHECK(step_at(now + 180s, 75) == 13);
    // The second scale-out began a cooldown of its own.
    CHECK(step_at(now + 120s + 300s - 1ns, 75) == 13);
    CHECK(step_at(now + 120s + 300s, 60) == 15);
}

TEST_CASE("a service's step policy in all its cases") {
    struct Row {
        std::string_view what;
        StepScaling policy;
        AlarmView view;
        ServiceCapacity service;
        std::int32_t desired;
        ScalingReason reason;
    };
    const ScalingHistory out_of_ten{.last_scale_out = now - 60s, .base_of_scale_out = 10};
    const ScalingHistory out_of_none{.last_scale_out = now - 60s, .base_of_scale_out = 0};
    const StepScaling half_more{.adjustment_type = percent_change_in_capacity, .steps = {{0.0, open, 50}}};
    const StepScaling set_to_six{.adjustment_type = exact_capacity, .steps = {{0.0, open, 6}}};
    StepScaling impatient = remove(1);
    impatient.cooldown = 60s;
    const std::array rows{
        Row{"two more", add(2), high(60), {10, 10, 0, 99, {}}, 12, scale_out},
        Row{"two fewer", remove(2), low(40), {10, 10, 0, 99, {}}, 8, scale_in},
        Row{"the two are still coming", add(2), high(60), {10, 12, 0, 99, {}}, 12, enough_capacity},
        Row{"the two are still stopping", remove(2), low(40), {10, 8, 0, 99, {}}, 8, enough_capacity},
        Row{"from zero", add(2), high(60), {0, 0, 0, 99, {}}, 2, scale_out},
        Row{"from zero, one more within the cooldown", add(3), high(60), {2, 2, 0, 99, out_of_none}, 3, scale_out},
        Row{"half of what ran before the cooldown", half_more, high(60), {12, 12, 0, 99, out_of_ten}, 15, scale_out},
        Row{"set to six", set_to_six, high(60), {4, 4, 0, 99, {}}, 6, scale_out},
        Row{"set to six from above", set_to_six, high(60), {9, 9, 0, 99, {}}, 6, scale_in},
        Row{"set to six, there already", set_to_six, high(60), {6, 6, 0, 99, {}}, 6, enough_capacity},
        Row{"just after a scale-in, out", add(2), high(60), {10, 10, 0, 99, {now - 1s}}, 12, scale_out},
        Row{"just after a scale-in, in", remove(2), low(40), {10, 10, 0, 99, {now - 299s}}, 10, cooldown},
        Row{"a cooldown after a scale-in", remove(2), low(40), {10, 10, 0, 99, {now - 300s}}, 8, scale_in},
        Row{"a short cooldown of its own", impatient, low(40), {10, 10, 0, 99, {now - 60s}}, 9, scale_in},
        Row{"a scale-out's cooldown holds no scale-in", remove(2), low(40), {12, 12, 0, 99, out_of_ten}, 10, scale_in},
        Row{"out is suspended", add(2), high(60), {10, 10, 0, 99, {}, false, true}, 10, suspended},
        Row{"in is suspended, out goes on", add(2), high(60), {10, 10, 0, 99, {}, true, false}, 12, scale_out},
        Row{"in is suspended", remove(2), low(40), {10, 10, 0, 99, {}, true, false}, 10, suspended},
        Row{"out is suspended, in goes on", remove(2), low(40), {10, 10, 0, 99, {}, false, true}, 8, scale_in},
        Row{"below the minimum", add(1), high(60), {1, 1, 5, 99, {}}, 5, scale_out},
        Row{"above the maximum", remove(1), low(40), {9, 9, 0, 5, {}}, 5, scale_in},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const ScalingDecision decision = decide(row.policy, row.view, row.service);
        CHECK(decision.desired == row.desired);
        CHECK(name(decision.reason) == name(row.reason));
    }
}

// A group of eight: one policy removes three, the other a quarter.
TEST_CASE("of two step policies that scale in the one that keeps more wins") {
    const GroupCapacity eight{.desired = 8, .min = 0, .max = 99, .warm = 8};
    const StepScaling quarter{.adjustment_type = percent_change_in_capacity, .steps = {{open, 0.0, -25}}};
    const std::array wishes{wish(remove(3), low(40), eight), wish(quarter, low(40), eight)};
    CHECK(resolve(wishes, bounds(eight)).desired == 6);
}

TEST_CASE("a step policy that AWS rejects says why") {
    struct Row {
        std::string_view what;
        StepScaling policy;
        std::vector<std::string> faults;
    };
    const StepScaling twenty_one{.steps = std::vector<StepAdjustment>(21, {0.0, open, 1})};
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const std::array rows{
        Row{"the guide's out", guide_out, {}},
        Row{"the guide's in", guide_in, {}},
        Row{"both ways in any order", {.steps = {{0.0, open, 1}, {open, -5.0, -2}, {-5.0, 0.0, -1}}}, {}},
        Row{"no step", {}, {"a step scaling policy needs at least one step adjustment"}},
        Row{"no bound",
            {.steps = {{open, open, 1}}},
            {"step adjustment 1 needs a MetricIntervalLowerBound or a MetricIntervalUpperBound"}},
        Row{"a gap", {.steps = {{0.0, 10.0, 1}, {20.0, open, 2}}}, {"there is a gap between step adjustments 1 and 2"}},
        Row{"an overlap", {.steps = {{10.0, open, 2}, {0.0, 15.0, 1}}}, {"step adjustments 2 and 1 overlap"}},
        Row{"the same twice",
            {.steps = {{0.0, 5.0, 1}, {0.0, 5.0, 2}, {5.0, open, 3}}},
            {"step adjustments 1 and 2 overlap"}},
        Row{"two open below",
            {.steps = {{open, 0.0, -1}, {open, -5.0, -2}}},
            {"more than one step adjustment has no MetricIntervalLowerBound"}},
        Row{"two open above",
            {.steps = {{0.0, open, 1}, {5.0, open, 2}}},
            {"more than one step adjustment has no MetricIntervalUpperBound"}},
        Row{"not open above",
            {.steps = {{0.0, 10.0, 1}}},
            {"with a positive MetricIntervalUpperBound, one step adjustment must have no upper bound"}},
        Row{"not open below",
            {.steps = {{-10.0, 0.0, -1}}},
            {"with a negative MetricIntervalLowerBound, one step adjustment must have no lower bound"}},
        Row{"upside down",
            {.steps = {{10.0, 0.0, 1}, {10.0, open, 2}}},
            {"step adjustment 1 has a MetricIntervalLowerBound that is not below its upper bound"}},
        Row{"empty",
            {.steps = {{0.0, 0.0, 1}, {0.0, open, 2}}},
            {"step adjustment 1 has a MetricIntervalLowerBound that is not below its upper bound"}},
        Row{"not a number",
            {.steps = {{0.0, open, 1}, {open, nan, 2}}},
            {"step adjustment 2 has a bound that is not a number"}},
        Row{"a negative capacity",
            {.adjustment_type = exact_capacity, .steps = {{0.0, open, -1}}},
            {"step adjustment 1 sets a negative capacity"}},
        Row{"a least change of units",
            {.min_adjustment_magnitude = 2, .steps = {{0.0, open, 1}}},
            {"MinAdjustmentMagnitude needs the AdjustmentType PercentChangeInCapacity"}},
        Row{"a least change of none",
            {.adjustment_type = percent_change_in_capacity, .min_adjustment_magnitude = 0, .steps = {{0.0, open, 1}}},
            {"MinAdjustmentMagnitude must be at least 1"}},
        Row{"too many steps",
            twenty_one,
            {"a step scaling policy has at most 20 step adjustments",
             "more than one step adjustment has no MetricIntervalUpperBound"}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        std::vector<std::string> found;
        for (const StepFault& fault : faults(row.policy)) found.push_back(fault.text);
        CHECK(found == row.faults);
    }
}

TEST_CASE("a step at fault hides only what cannot be told without it") {
    struct Row {
        std::string_view what;
        std::optional<AdjustmentType> type;
        std::vector<WrittenStep> steps;
        std::vector<std::pair<std::optional<std::size_t>, std::string_view>> faults;
    };
    constexpr std::string_view not_below = "that is not below its upper bound";
    constexpr std::string_view negative = "sets a negative capacity";
    const std::vector<Row> rows{
        {"the policy has none", change_in_capacity, {}, {{std::nullopt, "needs at least one"}}},
        {"too many", change_in_capacity, std::vector<WrittenStep>(21, {{}, false}), {{20, "at most 20"}}},
        {"an empty step and an overlap of others",
         change_in_capacity,
         {{{5.0, 5.0, 1}}, {{0.0, 10.0, 1}}, {{5.0, open, 2}}},
         {{0, not_below}, {2, "2 and 3 overlap"}}},
        {"an overlap that the later one in the file makes",
         change_in_capacity,
         {{{10.0, open, 2}}, {{0.0, 15.0, 1}}},
         {{1, "2 and 1 overlap"}}},
        {"a gap where one step is unknown is none",
         change_in_capacity,
         {{{0.0, 10.0, 1}}, {{}, false}, {{20.0, open, 2}}},
         {}},
        {"an end where one step is unknown is none", change_in_capacity, {{{0.0, 10.0, 1}}, {{}, false}}, {}},
        {"an overlap beside an unknown step",
         change_in_capacity,
         {{{0.0, 10.0, 1}}, {{}, false}, {{5.0, open, 2}}},
         {{2, "1 and 3 overlap"}}},
        {"two negative capacities of which one has unknown bounds",
         exact_capacity,
         {{{0.0, open, -1}}, {{open, open, -2}, false}},
         {{0, negative}, {1, negative}}},
        {"an overlap of negative capacities",
         exact_capacity,
         {{{0.0, 10.0, -1}}, {{5.0, open, 2}}},
         {{0, negative}, {1, "1 and 2 overlap"}}},
        {"a gap without an adjustment type",
         std::nullopt,
         {{{0.0, 10.0, -1}}, {{20.0, open, 2}}},
         {{1, "gap between step adjustments 1 and 2"}}},
        {"two open ends overlap once",
         change_in_capacity,
         {{{5.0, open, 1}}, {{0.0, open, 2}}},
         {{1, "more than one step adjustment has no MetricIntervalUpperBound"}}},
        {"no open end above the highest",
         change_in_capacity,
         {{{10.0, 20.0, 2}}, {{0.0, 10.0, 1}}},
         {{0, "one step adjustment must have no upper bound"}}},
        {"no open end below the lowest",
         change_in_capacity,
         {{{-10.0, 0.0, -1}}, {{-20.0, -10.0, -2}}},
         {{1, "one step adjustment must have no lower bound"}}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const std::vector<StepFault> found = step_faults(row.type, row.steps);
        REQUIRE(found.size() == row.faults.size());
        for (std::size_t i = 0; i < found.size(); ++i) {
            CHECK(found[i].step == row.faults[i].first);
            CHECK(found[i].text.find(row.faults[i].second) != std::string::npos);
        }
    }
}

TEST_CASE("a step on the other side of the threshold never matches") {
    using enum Comparison;
    struct Row {
        Comparison comparison;
        StepAdjustment step;
        bool can;
    };
    for (const Row& row : {
             Row{greater, {0.0, open, 1}, true},
             Row{greater, {open, 0.0, 1}, false},
             Row{greater, {open, 1.0, 1}, true},
             Row{greater_or_equal, {-10.0, 0.0, 1}, false},
             Row{greater_or_equal, {0.0, 10.0, 1}, true},
             Row{less, {open, 0.0, 1}, true},
             Row{less, {0.0, open, 1}, false},
             Row{less, {-1.0, open, 1}, true},
             Row{less_or_equal, {0.0, 10.0, 1}, false},
             Row{less_or_equal, {-10.0, 0.0, 1}, true},
         }) {
        CAPTURE(name(row.comparison), row.step.lower_bound.has_value(), row.step.upper_bound.has_value());
        CHECK(can_match(row.step, row.comparison) == row.can);
    }
}

/// Adjacent steps around the threshold, open at both ends, with bounds in quarters.
StepScaling any_policy(const fleetsim::des::Stream& stream, std::uint64_t k) {
    const auto words = stream.block(k);
    StepScaling policy;
    double bound = -5;
    std::optional<double> lower;
    for (std::size_t i = 0; i < 1 + words[0] % 6; ++i) {
        bound += 0.25 * static_cast<double>(1 + (words[1] >> (i * 5)) % 12);
        policy.steps.push_back({lower, bound, static_cast<std::int32_t>(i)});
        lower = bound;
    }
    policy.steps.push_back({lower, open, 99});
    std::rotate(policy.steps.begin(),
                policy.steps.begin() + static_cast<std::ptrdiff_t>(words[2] % policy.steps.size()), policy.steps.end());
    return policy;
}

TEST_CASE("without faults every metric meets exactly one step") {
    const fleetsim::des::Stream stream{1, 0, "step scaling", "bounds"};
    for (std::uint64_t k = 0; k < 500; ++k) {
        const StepScaling policy = any_policy(stream, k);
        CAPTURE(k);
        CHECK(faults(policy).empty());
        for (double metric = 40; metric < 70; metric += 0.125) {
            std::size_t met = 0;
            for (const StepAdjustment& step : policy.steps) {
                const StepScaling alone{.steps = {step}};
                met += step_for(alone, Comparison::greater, threshold, metric) != nullptr ? 1U : 0U;
            }
            if (met != 1) {
                CAPTURE(metric);
                CHECK(met == 1);
            }
        }
        // Moving one bound opens a gap or makes two steps overlap.
        StepScaling moved = policy;
        const auto bounded = std::find_if(moved.steps.begin(), moved.steps.end(),
                                          [](const StepAdjustment& step) { return step.upper_bound.has_value(); });
        *bounded->upper_bound += 0.125;
        CHECK_FALSE(faults(moved).empty());
        *bounded->upper_bound -= 0.25;
        CHECK_FALSE(faults(moved).empty());
    }
}

TEST_CASE("adjustment types and aggregations have their AWS names") {
    CHECK(name(change_in_capacity) == "ChangeInCapacity");
    CHECK(name(exact_capacity) == "ExactCapacity");
    CHECK(name(percent_change_in_capacity) == "PercentChangeInCapacity");
    CHECK(name(MetricAggregation::average) == "Average");
    CHECK(name(MetricAggregation::minimum) == "Minimum");
    CHECK(name(MetricAggregation::maximum) == "Maximum");
}

}  // namespace
