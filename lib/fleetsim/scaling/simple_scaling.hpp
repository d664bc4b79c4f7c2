#pragma once

#include <cstdint>
#include <optional>

#include <fleetsim/des/time.hpp>
#include <fleetsim/scaling/alarm.hpp>
#include <fleetsim/scaling/capacity.hpp>
#include <fleetsim/scaling/decision.hpp>
#include <fleetsim/scaling/step_scaling.hpp>

namespace fleetsim::scaling {

/// One simple scaling policy of an Auto Scaling group. Its alarm is the user's own.
///
/// Source: Amazon EC2 Auto Scaling API Reference, PutScalingPolicy.
struct SimpleScaling {
    AdjustmentType adjustment_type = AdjustmentType::change_in_capacity;
    std::optional<std::int32_t> min_adjustment_magnitude{};  ///< Least change, of `percent_change_in_capacity` only.
    std::int32_t scaling_adjustment = 0;                     ///< Capacity or percent, by the adjustment type.
    std::optional<des::Duration> cooldown{};                 ///< Instead of the group's default cooldown.
};

/// The group's last activity that a simple scaling policy started.
struct SimpleScalingActivity {
    bool in_progress = false;                 ///< An instance of it is still on its way, or still ending.
    std::optional<des::Time> finished_at{};   ///< When the last instance of it was in service, or had ended.
    std::optional<des::Duration> cooldown{};  ///< Of the policy that started it; absent: of the policy that asks.
};

/// What one simple scaling policy of an Auto Scaling group asks for. While its alarm stays on, ask every minute.
///
/// It adjusts the desired capacity, once: then it waits until the activity has finished and the cooldown after that is
/// over. It does not look at the metric. Like any other policy it does not scale in while an instance warms up.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Step and simple scaling policies" and "Scaling cooldowns for Amazon EC2
/// Auto Scaling". That a cooldown is that of the policy which started the activity is a model decision.
[[nodiscard]] inline Wish wish(const SimpleScaling& policy, const AlarmView& view, const GroupCapacity& group,
                               const SimpleScalingActivity& activity, des::Duration default_cooldown, des::Time now) {
    Wish wish{.base = group.desired, .metric = view.metric.value_or(0), .target = view.threshold};
    if (view.state != AlarmState::alarm) return wish;
    wish.wanted = adjusted_capacity(policy.adjustment_type, group.desired, policy.scaling_adjustment,
                                    policy.min_adjustment_magnitude);
    const des::Duration own_cooldown = policy.cooldown.value_or(default_cooldown);
    const des::Duration cooldown = activity.cooldown.value_or(own_cooldown);
    if (wish.wanted == group.desired) {
        wish.reason = ScalingReason::enough_capacity;
    } else if (activity.in_progress) {
        wish.reason = ScalingReason::activity;
    } else if (detail::within(activity.finished_at, cooldown, now)) {
        wish.reason = ScalingReason::cooldown;
    } else if (wish.wanted > group.desired) {
        wish.reason = ScalingReason::scale_out;
    } else {
        wish.reason = group.warming ? ScalingReason::warming_up : ScalingReason::scale_in;
    }
    return wish;
}

}  // namespace fleetsim::scaling
