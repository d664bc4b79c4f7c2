#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <fleetsim/scaling/alarm.hpp>
#include <fleetsim/scaling/managed_scaling.hpp>
#include <fleetsim/scaling/metric.hpp>
#include <fleetsim/scaling/statistic.hpp>

#include "catch.hpp"

namespace {

using namespace std::chrono_literals;
using fleetsim::des::Time;
using fleetsim::scaling::alarms;
using fleetsim::scaling::AlarmSettings;
using fleetsim::scaling::AlarmState;
using fleetsim::scaling::capacity_provider_reservation;
using fleetsim::scaling::GroupCapacity;
using fleetsim::scaling::InstanceRooms;
using fleetsim::scaling::instances_needed;
using fleetsim::scaling::ManagedScaling;
using fleetsim::scaling::ManagedScalingView;
using fleetsim::scaling::MetricSeries;
using fleetsim::scaling::Needs;
using fleetsim::scaling::PendingTasks;
using fleetsim::scaling::Reservation;
using fleetsim::scaling::resolve;
using fleetsim::scaling::ScalingDecision;
using fleetsim::scaling::ScalingReason;
using fleetsim::scaling::Statistic;

constexpr Needs m5_xlarge{4096, 7900, 0, 3};  // A round number for its memory, as in the worked example.
constexpr InstanceRooms one_type{m5_xlarge, m5_xlarge};

/// Both alarms as they would stand after one minute above, or fifteen below the target.
ManagedScalingView view(const ManagedScaling& settings, Reservation seen) {
    const auto both = alarms(settings);
    return {.high = breaches(both.high, seen.percent()) ? AlarmState::alarm : AlarmState::ok,
            .low = breaches(both.low, seen.percent()) ? AlarmState::alarm : AlarmState::ok,
            .seen = seen};
}

ScalingDecision decide_on(const ManagedScaling& settings, const GroupCapacity& group, const ManagedScalingView& view) {
    const std::array only{wish(settings, view, group)};
    return resolve(only, bounds(group));
}

ScalingDecision decide_on(const ManagedScaling& settings, const GroupCapacity& group, Reservation seen) {
    return decide_on(settings, group, view(settings, seen));
}

/// The metric that the alarms watch, and the counts behind its newest datapoint.
struct Published {
    MetricSeries percent{{.publication_delay = fleetsim::scaling::ecs_publication_delay}};
    Reservation newest;

    void publish(Time period_start, Reservation seen) {
        percent.publish(period_start, seen.percent());
        newest = seen;
    }
};

AlarmState evaluate_at(Time tick, const AlarmSettings& alarm, const Published& series, AlarmState current) {
    return evaluate(alarm, series.percent.slots(tick, alarm.period, Statistic{}, evaluation_range(alarm)), current);
}

TEST_CASE("waiting tasks need as many empty instances as they fill") {
    struct Row {
        std::string_view what;
        Needs need;
        std::int32_t count;
        Needs room;
        std::int32_t needed;
    };
    const std::array rows{
        Row{"memory allows 3 an instance", {1024, 2048, 0, 0}, 7, m5_xlarge, 3},
        Row{"cpu allows 4 an instance", {1024, 1024, 0, 0}, 8, m5_xlarge, 2},
        Row{"one more than fits", {1024, 1024, 0, 0}, 9, m5_xlarge, 3},
        Row{"network interfaces allow 3", {128, 64, 0, 1}, 7, m5_xlarge, 3},
        Row{"gpus allow 1 of 3 each", {1024, 1024, 3, 0}, 2, {32768, 244511, 4, 7}, 2},
        Row{"gpus allow 2 of 2 each", {1024, 1024, 2, 0}, 4, {32768, 244511, 4, 7}, 2},
        Row{"tasks that need nothing share one", {0, 0, 0, 0}, 5, m5_xlarge, 1},
        Row{"no tasks", {1024, 1024, 0, 0}, 0, m5_xlarge, 0},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        CHECK(instances_needed(row.need, row.count, row.room) == row.needed);
    }
}

TEST_CASE("the reservation counts instances with tasks or all and those that waiting tasks need") {
    struct Row {
        std::string_view what;
        ManagedScaling settings;
        std::int32_t running;
        std::int32_t empty;
        std::vector<PendingTasks> pending;
        std::int32_t wanted;
        double percent;
    };
    const PendingTasks seven{{1024, 2048, 0, 0}, 7};
    const PendingTasks one{{1024, 2048, 0, 0}, 1};
    const PendingTasks too_big{{8192, 2048, 0, 0}, 5};
    const PendingTasks no_gpu_here{{128, 128, 1, 0}, 5};
    const std::array rows{
        Row{"all in use", {}, 10, 0, {}, 10, 100},
        Row{"two empty", {}, 10, 2, {}, 8, 80},
        Row{"all empty", {}, 2, 2, {}, 0, 0},
        Row{"nothing at all", {}, 0, 0, {}, 0, 100},
        Row{"tasks, but no instances", {}, 0, 0, {one}, 1, 200},
        Row{"many tasks, but no instances", {}, 0, 0, {seven}, 3, 200},
        Row{"three more needed", {}, 10, 0, {seven}, 13, 130},
        Row{"empty instances do not count against waiting tasks", {}, 10, 2, {seven}, 13, 130},
        Row{"a step is five at least", {.minimum_scaling_step_size = 5}, 10, 0, {seven}, 15, 150},
        Row{"a step is two at most", {.maximum_scaling_step_size = 2}, 10, 0, {seven}, 12, 120},
        Row{"the neediest group counts", {}, 10, 0, {one, seven, one}, 13, 130},
        Row{"distinct instances", {}, 10, 0, {{{1024, 2048, 0, 0}, 7, true}}, 17, 170},
        Row{"what never fits holds the metric at the target", {}, 10, 2, {too_big, no_gpu_here}, 8, 100},
        Row{"at any target", {.target_capacity = 90}, 10, 2, {too_big}, 8, 90},
        Row{"without any instance too", {.target_capacity = 90}, 0, 0, {too_big}, 0, 90},
        Row{"what never fits is ignored beside others", {}, 10, 2, {too_big, one}, 11, 110},
        Row{"an empty group of tasks is none", {}, 10, 2, {{{1024, 2048, 0, 0}, 0}}, 8, 80},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const Reservation seen =
            capacity_provider_reservation(row.settings, {row.running, row.empty}, row.pending, one_type);
        CHECK(seen.running == row.running);
        CHECK(seen.wanted == row.wanted);
        CHECK(seen.percent() == Approx(row.percent));
    }
}

// A group of m5.large and m5.4xlarge.
TEST_CASE("a task too big for the smallest type waits for ever and others count on the largest") {
    const InstanceRooms mixed{{2048, 8028, 0, 2}, {16384, 64225, 0, 7}};
    const PendingTasks big{{4096, 4096, 0, 0}, 3};
    const PendingTasks small{{2048, 2048, 0, 0}, 9};
    CHECK(capacity_provider_reservation({}, {4, 0}, std::array{big}, mixed).wanted == 4);
    CHECK(capacity_provider_reservation({}, {4, 0}, std::array{small}, mixed).wanted == 6);
}

// As the formula of "Deep Dive on Amazon ECS Cluster Auto Scaling" and ECS users report.
TEST_CASE("managed scaling moves the desired capacity as documented") {
    struct Row {
        std::string_view what;
        std::int32_t running;
        std::int32_t wanted;
        std::int32_t target;
        std::int32_t desired;
        ScalingReason reason;
    };
    using enum ScalingReason;
    const std::array rows{
        Row{"130 %", 10, 13, 100, 13, scale_out},
        Row{"130 %, a fifth to spare", 10, 13, 80, 17, scale_out},
        Row{"166.67 %", 3, 5, 100, 5, scale_out},
        Row{"two in use at half", 3, 2, 50, 4, scale_out},
        Row{"a tenth to spare", 4, 4, 90, 5, scale_out},
        Row{"a tenth to spare, reached", 5, 4, 90, 5, enough_capacity},
        Row{"from zero always two", 0, 1, 100, 2, scale_out},
        Row{"from zero always two, even for many", 0, 40, 100, 2, scale_out},
        Row{"nothing wanted, nothing there", 0, 0, 100, 0, no_alarm},
        Row{"nothing wanted, yet some to spare", 0, 0, 90, 2, scale_out},
        Row{"then back", 2, 0, 90, 1, scale_in},
        Row{"to nothing", 1, 0, 90, 0, scale_in},
        Row{"the idle one of two goes", 2, 1, 100, 1, scale_in},
        Row{"two empty go", 10, 8, 100, 8, scale_in},
        Row{"at the target", 10, 10, 100, 10, no_alarm},
        Row{"half at most: 334", 334, 34, 100, 167, scale_in},
        Row{"half at most: 167", 167, 34, 100, 84, scale_in},
        Row{"half at most: 84", 84, 34, 100, 42, scale_in},
        Row{"the rest: 42", 42, 34, 100, 34, scale_in},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const ManagedScaling settings{.target_capacity = row.target};
        const ScalingDecision decision =
            decide_on(settings, {.desired = row.running, .min = 0, .max = 1000}, {row.running, row.wanted});
        CHECK(decision.desired == row.desired);
        CHECK(name(decision.reason) == name(row.reason));
    }
}

TEST_CASE("managed scaling stays within the group's bounds") {
    struct Row {
        std::string_view what;
        GroupCapacity group;
        Reservation seen;
        std::int32_t desired;
        ScalingReason reason;
    };
    using enum ScalingReason;
    const std::array rows{
        Row{"the maximum allows two of three", {.desired = 10, .min = 0, .max = 12}, {10, 13}, 12, scale_out},
        Row{"at the maximum", {.desired = 12, .min = 0, .max = 12}, {12, 14}, 12, at_bound},
        Row{"from zero with a maximum of one", {.desired = 0, .min = 0, .max = 1}, {0, 5}, 1, scale_out},
        Row{"the minimum keeps nine", {.desired = 10, .min = 9, .max = 12}, {10, 6}, 9, scale_in},
        Row{"at the minimum", {.desired = 9, .min = 9, .max = 12}, {9, 6}, 9, at_bound},
        Row{"above the maximum, out", {.desired = 13, .min = 0, .max = 12}, {13, 15}, 13, at_bound},
        Row{"below the minimum, in", {.desired = 2, .min = 5, .max = 12}, {2, 1}, 2, at_bound},
        Row{"what is coming is enough", {.desired = 13, .min = 0, .max = 99}, {10, 13}, 13, enough_capacity},
        Row{"a minute that still shows zero asks no more",
            {.desired = 2, .min = 0, .max = 99},
            {0, 5},
            2,
            enough_capacity},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const ScalingDecision decision = decide_on({}, row.group, row.seen);
        CHECK(decision.desired == row.desired);
        CHECK(name(decision.reason) == name(row.reason));
    }
}

TEST_CASE("nothing happens while an instance warms up") {
    const ManagedScaling settings;
    const GroupCapacity young{.desired = 10, .min = 0, .max = 99, .newest_warming = true};
    const GroupCapacity warm{.desired = 10, .min = 0, .max = 99, .newest_warming = false};
    for (const Reservation seen : {Reservation{10, 13}, Reservation{10, 8}}) {
        CHECK(decide_on(settings, young, seen).desired == 10);
        CHECK(decide_on(settings, young, seen).reason == ScalingReason::warming_up);
        CHECK(decide_on(settings, warm, seen).desired == seen.wanted);
    }
}

TEST_CASE("a decision of managed scaling carries the numbers that led to it") {
    const GroupCapacity group{.desired = 334, .min = 0, .max = 1000};
    const ScalingDecision decision = decide_on({}, group, {334, 34});
    CHECK(decision.desired == 167);
    CHECK(decision.deciding == 0);
    CHECK(decision.wish.base == 334);
    CHECK(decision.wish.wanted == 34);
    CHECK(decision.wish.lowest == 167);
    CHECK(decision.wish.metric == Approx(10.18).epsilon(0.001));
    CHECK(decision.wish.target == 100);
}

TEST_CASE("without an alarm or a visible minute nothing happens") {
    const GroupCapacity group{.desired = 10, .min = 0, .max = 99};
    CHECK(decide_on({}, group, ManagedScalingView{AlarmState::ok, AlarmState::ok, Reservation{10, 13}}).desired == 10);
    CHECK(decide_on({}, group, ManagedScalingView{AlarmState::alarm, AlarmState::ok, std::nullopt}).desired == 10);
    CHECK(decide_on({}, group, ManagedScalingView{AlarmState::ok, AlarmState::insufficient_data, Reservation{10, 8}})
              .desired == 10);
}

TEST_CASE("managed scaling's alarms both stand at the target") {
    const auto both = alarms(ManagedScaling{.target_capacity = 80});
    CHECK(both.high.threshold == 80);
    CHECK(both.low.threshold == 80);
    CHECK_FALSE(breaches(both.high, 80));
    CHECK_FALSE(breaches(both.low, 80));
    CHECK(both.high.evaluation_periods == 1);
    CHECK(both.low.evaluation_periods == 15);
    CHECK(both.low.datapoints_to_alarm == 15);
}

// A task finds no room at 12:00:10.
TEST_CASE("a task without room at noon brings instances at two minutes past") {
    const ManagedScaling settings;
    const auto both = alarms(settings);
    Published series;
    AlarmState high = AlarmState::insufficient_data;
    Time scaled_at{};
    for (Time tick{11h + 30min}; tick < Time{12h + 10min} && scaled_at == Time{}; tick += 1min) {
        const Time minute = tick - 1min;
        series.publish(minute, minute < Time{12h} ? Reservation{10, 10} : Reservation{10, 13});
        high = evaluate_at(tick, both.high, series, high);
        const auto decision = decide_on(settings, {.desired = 10, .min = 0, .max = 99},
                                        ManagedScalingView{high, AlarmState::ok, series.newest});
        if (decision.changed()) scaled_at = tick;
    }
    CHECK(scaled_at == Time{12h + 2min});
}

TEST_CASE("an idle instance is removed after a quarter of an hour") {
    const ManagedScaling settings;
    const auto both = alarms(settings);
    Published series;
    AlarmState low = AlarmState::insufficient_data;
    Time scaled_at{};
    for (Time tick{11h + 30min}; tick < Time{13h} && scaled_at == Time{}; tick += 1min) {
        const Time minute = tick - 1min;
        series.publish(minute, minute < Time{12h} ? Reservation{2, 2} : Reservation{2, 1});
        low = evaluate_at(tick, both.low, series, low);
        const auto decision = decide_on(settings, {.desired = 2, .min = 0, .max = 99},
                                        ManagedScalingView{AlarmState::ok, low, series.newest});
        if (decision.changed()) scaled_at = tick;
    }
    CHECK(scaled_at == Time{12h + 16min});
}

}  // namespace
