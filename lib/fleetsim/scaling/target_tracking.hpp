#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/scaling/alarm.hpp>
#include <fleetsim/scaling/capacity.hpp>
#include <fleetsim/scaling/decision.hpp>

namespace fleetsim::scaling {

/// One target tracking policy of a service or of an Auto Scaling group. Which metric it tracks is its owner's affair.
///
/// Source: Application Auto Scaling API Reference, TargetTrackingScalingPolicyConfiguration; Amazon EC2 Auto Scaling
/// API Reference, TargetTrackingConfiguration and PutScalingPolicy.
struct TargetTracking {
    double target_value = 0;  ///< In the metric's unit, more than 0.
    bool disable_scale_in = false;
    double low_alarm_share = 0.9;  ///< Of the target, below which the low alarm goes on; taken to a millionth.
    /// Of a service's policy: while it lasts, only a scale-out larger than the last one adds anything, the difference.
    des::Duration scale_out_cooldown = std::chrono::seconds{300};
    des::Duration scale_in_cooldown = std::chrono::seconds{300};  ///< Of a service's policy: no scale-in meanwhile.
    std::optional<des::Duration> estimated_instance_warmup{};     ///< Of a group's policy, instead of the group's own.
};

/// The alarms behind a target tracking policy: above the target for three minutes, or below a share of it for fifteen.
/// With scale-in disabled AWS creates no low alarm; the wish then ignores it.
///
/// Source: alarms that AWS creates, as observed.
[[nodiscard]] inline TargetTrackingAlarms alarms(const TargetTracking& policy) {
    // 13 * 0.9 comes out a hair above 11.7, which a metric of 11.7 would then be below.
    const double low = policy.target_value * std::round(policy.low_alarm_share * 1e6) / 1e6;
    return {
        .high = {.comparison = Comparison::greater,
                 .threshold = policy.target_value,
                 .evaluation_periods = 3,
                 .datapoints_to_alarm = 3},
        .low = {.comparison = Comparison::less, .threshold = low, .evaluation_periods = 15, .datapoints_to_alarm = 15}};
}

/// What a target tracking policy sees.
struct PolicyView {
    AlarmState high = AlarmState::insufficient_data;
    AlarmState low = AlarmState::insufficient_data;
    std::optional<double> metric{};  ///< The newest visible datapoint.
};

/// Capacity that would bring the metric to its target: `capacity * metric / target`, rounded up. Nothing has no
/// proportion: any demand then asks for one, also while that one is still coming up.
///
/// Source: Application Auto Scaling User Guide, "How target tracking works" (proportional, rounding away from too
/// little); the formula is our assumption.
[[nodiscard]] inline std::int32_t required_capacity(std::int32_t capacity, double metric, double target) {
    FLEETSIM_CHECK(capacity >= 0 && target > 0);
    if (metric <= 0) return 0;  // An expression may be negative.
    if (capacity == 0) return 1;
    const double exact = static_cast<double>(capacity) * metric / target;
    // 3 * 1.1 / 0.3 comes out a hair above 11 and must not ask for 12.
    const double rounded = std::ceil(exact - 1e-9 * exact);
    constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();
    return rounded < static_cast<double>(most) ? static_cast<std::int32_t>(rounded) : most;
}

namespace detail {

/// The wish of a policy whose alarms are off, or that sees no metric.
[[nodiscard]] inline Wish tracking_wish(const TargetTracking& policy) {
    return {.target = policy.target_value, .target_tracking = !policy.disable_scale_in};
}

[[nodiscard]] inline Wish tracking_wish(const TargetTracking& policy, double metric, std::int32_t base) {
    Wish wish = tracking_wish(policy);
    wish.base = base;
    wish.wanted = required_capacity(base, metric, policy.target_value);
    wish.metric = metric;
    return wish;
}

[[nodiscard]] inline bool asks_to_scale_in(const TargetTracking& policy, const PolicyView& view) {
    return view.low == AlarmState::alarm && view.metric && !policy.disable_scale_in;
}

}  // namespace detail

/// What one target tracking policy of a service asks for. While its alarms stay on, ask every minute.
///
/// - Tasks asked for but not yet running count: a second alarm only adds what is still missing.
/// - During a scale-out cooldown the tasks that ran before it are reckoned with, so that only a larger scale-out adds
///   something: the metric is minutes old, and multiplying the tasks that came by what was measured without them would
///   add them twice.
/// - A scale-in cooldown blocks scale-ins, never a scale-out.
/// - A service at zero has no use of its own to compare: the first sign of demand brings one task, without an alarm.
/// - Missing data never move a service.
///
/// Source: Application Auto Scaling User Guide, "Target tracking scaling policies" and "Define cooldown periods";
/// Amazon ECS Developer Guide, "Automatically scale your Amazon ECS service".
[[nodiscard]] inline Wish wish(const TargetTracking& policy, const PolicyView& view, const ServiceCapacity& service,
                               des::Time now) {
    const bool asked_from_zero = service.running == 0 && service.desired == 0 && view.metric && *view.metric > 0;
    if (view.metric && (view.high == AlarmState::alarm || asked_from_zero)) {
        std::int32_t base = detail::scale_out_base(service, policy.scale_out_cooldown, now);
        // A service that came from zero has at least one task's use to multiply.
        if (service.running > 0) base = std::max(base, 1);
        Wish out = detail::tracking_wish(policy, *view.metric, base);
        out.reason = service.scale_out_suspended ? ScalingReason::suspended : ScalingReason::scale_out;
        return out;
    }
    if (!detail::asks_to_scale_in(policy, view)) return detail::tracking_wish(policy);
    Wish in = detail::tracking_wish(policy, *view.metric, service.running);
    const bool cooling = detail::within(service.history.last_scale_in, policy.scale_in_cooldown, now);
    in.agrees_to_scale_in = true;
    in.reason = cooling ? ScalingReason::cooldown : ScalingReason::scale_in;
    if (service.scale_in_suspended) in.reason = ScalingReason::suspended;
    return in;
}

/// What one target tracking policy of an Auto Scaling group asks for. While its alarms stay on, ask every minute.
///
/// - Only instances that have warmed up are reckoned with, as only they contribute to the metric. The others count
///   through the desired capacity: a second alarm only adds what is still missing.
/// - Nothing scales in while an instance warms up or is on its way. A scale-in reckons with the instances that the
///   datapoint was measured on: those that it has ended since would else be taken away once more.
/// - Missing data never move a group.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Target tracking scaling policies for Amazon EC2 Auto Scaling" and "Set
/// the default instance warmup for an Auto Scaling group". That a group at zero waits for its high alarm, unlike a
/// service, is a model decision: its instances' metrics are those of instances that are gone. So is what a scale-in
/// reckons with.
[[nodiscard]] inline Wish wish(const TargetTracking& policy, const PolicyView& view, const GroupCapacity& group) {
    if (view.high == AlarmState::alarm && view.metric) {
        Wish out = detail::tracking_wish(policy, *view.metric, group.warm);
        out.reason = ScalingReason::scale_out;
        return out;
    }
    if (!detail::asks_to_scale_in(policy, view)) return detail::tracking_wish(policy);
    Wish in = detail::tracking_wish(policy, *view.metric, std::max(group.warm, group.measured));
    in.agrees_to_scale_in = true;
    in.reason = group.warming ? ScalingReason::warming_up : ScalingReason::scale_in;
    return in;
}

}  // namespace fleetsim::scaling
