#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include <fleetsim/scaling/simple_scaling.hpp>

#include "catch.hpp"

namespace {

using namespace std::chrono_literals;
using fleetsim::des::Duration;
using fleetsim::des::Time;
using fleetsim::scaling::AlarmState;
using fleetsim::scaling::AlarmView;
using fleetsim::scaling::bounds;
using fleetsim::scaling::GroupCapacity;
using fleetsim::scaling::resolve;
using fleetsim::scaling::ScalingDecision;
using fleetsim::scaling::ScalingReason;
using fleetsim::scaling::SimpleScaling;
using fleetsim::scaling::SimpleScalingActivity;
using fleetsim::scaling::Wish;
using enum fleetsim::scaling::AdjustmentType;
using enum ScalingReason;

constexpr Time now{2h};
constexpr Duration default_cooldown = 300s;
constexpr AlarmView on{.threshold = 60, .state = AlarmState::alarm, .metric = 75.0};

ScalingDecision decide(const SimpleScaling& policy, const GroupCapacity& group, const SimpleScalingActivity& activity,
                       const AlarmView& view = on) {
    return resolve(std::array{wish(policy, view, group, activity, default_cooldown, now)}, bounds(group));
}

TEST_CASE("a simple policy adjusts the desired capacity within its bounds") {
    struct Row {
        std::string_view what;
        SimpleScaling policy;
        std::int32_t desired;
        ScalingReason reason;
    };
    const std::array rows{
        Row{"three more", {change_in_capacity, {}, 3}, 13, scale_out},
        Row{"three fewer", {change_in_capacity, {}, -3}, 7, scale_in},
        Row{"up to 12", {exact_capacity, {}, 12}, 12, scale_out},
        Row{"down to 4", {exact_capacity, {}, 4}, 4, scale_in},
        Row{"10 already", {exact_capacity, {}, 10}, 10, enough_capacity},
        Row{"a quarter more", {percent_change_in_capacity, {}, 25}, 12, scale_out},
        Row{"a tenth more but at least two", {percent_change_in_capacity, 2, 10}, 12, scale_out},
        Row{"a quarter fewer", {percent_change_in_capacity, {}, -25}, 8, scale_in},
        Row{"the maximum allows 20", {change_in_capacity, {}, 15}, 20, scale_out},
        Row{"the minimum keeps 2", {change_in_capacity, {}, -15}, 2, scale_in},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const ScalingDecision decision = decide(row.policy, {.desired = 10, .min = 2, .max = 20, .warm = 10}, {});
        CHECK(decision.desired == row.desired);
        CHECK(name(decision.reason) == name(row.reason));
        CHECK(decision.wish.base == 10);
        CHECK(decision.wish.metric == 75);
        CHECK(decision.wish.target == 60);
    }
}

TEST_CASE("a simple policy waits for its activity and then for the cooldown") {
    struct Row {
        std::string_view what;
        std::optional<Duration> cooldown;
        SimpleScalingActivity activity;
        ScalingReason reason;
    };
    const std::array rows{
        Row{"nothing before", {}, {}, scale_out},
        Row{"an instance is on its way", {}, {.in_progress = true}, activity},
        Row{"an instance of a later activity is", {}, {.in_progress = true, .finished_at = now - 1h}, activity},
        Row{"just finished", {}, {.finished_at = now}, cooldown},
        Row{"just before the default cooldown ends", {}, {.finished_at = now - 300s + 1ns}, cooldown},
        Row{"at its end", {}, {.finished_at = now - 300s}, scale_out},
        Row{"the policy's own is longer", 600s, {.finished_at = now - 599s}, cooldown},
        Row{"the policy's own is over", 600s, {.finished_at = now - 600s}, scale_out},
        Row{"the policy has none", 0s, {.finished_at = now}, scale_out},
        Row{"another's activity and cooldown", 60s, {.finished_at = now - 179s, .cooldown = 180s}, cooldown},
        Row{"another's cooldown is over", 600s, {.finished_at = now - 180s, .cooldown = 180s}, scale_out},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const SimpleScaling policy{.scaling_adjustment = 2, .cooldown = row.cooldown};
        const ScalingDecision decision = decide(policy, {.desired = 10, .min = 0, .max = 20, .warm = 10}, row.activity);
        CHECK(decision.desired == (row.reason == scale_out ? 12 : 10));
        CHECK(name(decision.reason) == name(row.reason));
        CHECK(decision.wish.wanted == 12);
    }
}

TEST_CASE("a simple policy scales out but not in while an instance warms up") {
    const GroupCapacity warming{.desired = 10, .min = 0, .max = 20, .warm = 9, .warming = true};
    CHECK(decide({.scaling_adjustment = 1}, warming, {}).desired == 11);
    CHECK(decide({.scaling_adjustment = -1}, warming, {}).desired == 10);
    CHECK(name(decide({.scaling_adjustment = -1}, warming, {}).reason) == name(warming_up));
}

TEST_CASE("a simple policy follows its alarm with or without a datapoint") {
    const GroupCapacity group{.desired = 10, .min = 0, .max = 20, .warm = 10};
    AlarmView view = on;
    view.metric.reset();
    CHECK(decide({.scaling_adjustment = 1}, group, {}, view).desired == 11);
    for (const AlarmState off : {AlarmState::ok, AlarmState::insufficient_data}) {
        view.state = off;
        CHECK(decide({.scaling_adjustment = 1}, group, {}, view).desired == 10);
        CHECK(name(decide({.scaling_adjustment = 1}, group, {}, view).reason) == name(no_alarm));
    }
    const Wish wish = fleetsim::scaling::wish({.scaling_adjustment = -1}, on, group, {}, default_cooldown, now);
    CHECK_FALSE(wish.target_tracking);
}

}  // namespace
