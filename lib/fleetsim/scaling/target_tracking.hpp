#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/scaling/alarm.hpp>
#include <fleetsim/scaling/decision.hpp>
#include <fleetsim/scaling/metric.hpp>

namespace fleetsim::scaling {

/// Predefined metrics that Application Auto Scaling offers for an ECS service.
enum class ServiceMetric : std::uint8_t { average_cpu_utilization, alb_request_count_per_target };

struct ServiceMetricName {
    ServiceMetric metric;
    std::string_view name;
};

inline constexpr std::array service_metric_names{
    ServiceMetricName{ServiceMetric::average_cpu_utilization, "ECSServiceAverageCPUUtilization"},
    ServiceMetricName{ServiceMetric::alb_request_count_per_target, "ALBRequestCountPerTarget"},
};

[[nodiscard]] constexpr std::string_view name(ServiceMetric metric) {
    for (const ServiceMetricName& entry : service_metric_names) {
        if (entry.metric == metric) return entry.name;
    }
    return {};
}

/// Absent when no metric has that name.
[[nodiscard]] constexpr std::optional<ServiceMetric> service_metric(std::string_view name) {
    for (const ServiceMetricName& entry : service_metric_names) {
        if (entry.name == name) return entry.metric;
    }
    return std::nullopt;
}

/// How long a metric's datapoints take to become visible.
[[nodiscard]] constexpr des::Duration publication_delay(ServiceMetric metric) {
    return metric == ServiceMetric::alb_request_count_per_target ? alb_publication_delay : ecs_publication_delay;
}

/// One target tracking policy of a service.
///
/// Source: Application Auto Scaling User Guide, "Target tracking scaling policies".
struct TargetTracking {
    ServiceMetric metric = ServiceMetric::average_cpu_utilization;
    double target_value = 0;  ///< Percent, or requests a target and minute.
    /// While it lasts, only a scale-out larger than the last one adds anything: the difference.
    des::Duration scale_out_cooldown = std::chrono::seconds{300};
    des::Duration scale_in_cooldown = std::chrono::seconds{300};  ///< While it lasts, no scale-in.
    bool disable_scale_in = false;
};

/// The alarms behind a service's target tracking policy: above the target for three minutes, or below 90 % of it for
/// fifteen. With scale-in disabled AWS creates no low alarm; the decision then ignores it.
///
/// Source: alarms that AWS creates, as observed.
[[nodiscard]] constexpr TargetTrackingAlarms alarms(const TargetTracking& policy) {
    return {.high = {.comparison = Comparison::greater,
                     .threshold = policy.target_value,
                     .evaluation_periods = 3,
                     .datapoints_to_alarm = 3},
            .low = {.comparison = Comparison::less,
                    .threshold = policy.target_value * 9 / 10,
                    .evaluation_periods = 15,
                    .datapoints_to_alarm = 15}};
}

/// What a service remembers from one decision to the next: its cooldowns. It starts out empty.
struct ScalingHistory {
    std::optional<des::Time> last_scale_in{};  ///< None after a scale-out, which ends the cooldown.
    std::optional<des::Time> last_scale_out{};
    std::int32_t base_of_scale_out = 0;  ///< Running capacity that the last scale-out reckoned with.
};

/// What a service has, and what it may have.
struct ServiceCapacity {
    std::int32_t running = 0;  ///< Tasks in state RUNNING.
    std::int32_t desired = 0;
    std::int32_t min = 0;
    std::int32_t max = 0;
    ScalingHistory history{};  ///< As `history_after` leaves it.
};

/// One policy at the moment of a decision.
struct TargetTrackingPolicy {
    TargetTracking settings;
    AlarmState high = AlarmState::insufficient_data;
    AlarmState low = AlarmState::insufficient_data;
    std::optional<double> metric{};  ///< The newest visible datapoint.
};

/// Capacity that would bring the metric to its target: `running * metric / target`, rounded up. Nothing running has no
/// proportion: any demand then asks for one, also while that one is still coming up.
///
/// Source: Application Auto Scaling User Guide, "How target tracking works" (proportional, rounding away from too
/// little); the formula is our assumption.
[[nodiscard]] inline std::int32_t required_capacity(std::int32_t running, double metric, double target) {
    FLEETSIM_CHECK(running >= 0 && metric >= 0 && target > 0);
    if (running == 0) return metric > 0 ? 1 : 0;
    const double exact = static_cast<double>(running) * metric / target;
    // 3 * 1.1 / 0.3 comes out a hair above 11 and must not ask for 12.
    const double rounded = std::ceil(exact - 1e-9 * exact);
    constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();
    return rounded < static_cast<double>(most) ? static_cast<std::int32_t>(rounded) : most;
}

namespace detail {

/// Why an alarm that is on leaves the capacity as it is.
[[nodiscard]] constexpr ScalingReason unchanged(bool bounded) {
    return bounded ? ScalingReason::at_bound : ScalingReason::enough_capacity;
}

[[nodiscard]] constexpr bool within(std::optional<des::Time> since, des::Duration cooldown, des::Time now) {
    return since && now - *since < cooldown;
}

/// Running capacity to reckon a scale-out with. The metric is minutes old: while tasks that the last scale-out added
/// come up, multiplying their number by what was measured without them would add them twice.
[[nodiscard]] inline std::int32_t scale_out_base(const ServiceCapacity& service, const TargetTracking& policy,
                                                 des::Time now) {
    const ScalingHistory& history = service.history;
    if (!within(history.last_scale_out, policy.scale_out_cooldown, now)) return service.running;
    return std::min(service.running, std::max(history.base_of_scale_out, 1));
}

/// The policy that wants most, among those that want to scale out; `no_alarm` when none does.
[[nodiscard]] inline ScalingDecision scale_out(const ServiceCapacity& service,
                                               std::span<const TargetTrackingPolicy> policies, des::Time now) {
    ScalingDecision decision{.desired = service.desired};
    for (const TargetTrackingPolicy& policy : policies) {
        if (!policy.metric) continue;
        // A service at zero has no use of its own to compare: the first sign of demand brings one task.
        const bool asked_from_zero = service.running == 0 && service.desired == 0 && *policy.metric > 0;
        if (policy.high != AlarmState::alarm && !asked_from_zero) continue;
        const double target = policy.settings.target_value;
        const std::int32_t base = scale_out_base(service, policy.settings, now);
        const std::int32_t required = required_capacity(base, *policy.metric, target);
        if (decision.reason != ScalingReason::no_alarm && required <= decision.required) continue;
        decision = {.desired = service.desired,
                    .base = base,
                    .required = required,
                    .metric = *policy.metric,
                    .target = target,
                    .reason = ScalingReason::scale_out};
    }
    if (decision.reason == ScalingReason::no_alarm) return decision;
    const std::int32_t wanted = std::clamp(decision.required, service.min, service.max);
    decision.desired = std::max(service.desired, wanted);
    if (decision.desired == service.desired) {
        decision.reason = unchanged(decision.required > service.desired);
    }
    return decision;
}

/// The policy that wants to keep most, if all that may scale in want to.
[[nodiscard]] inline ScalingDecision scale_in(const ServiceCapacity& service,
                                              std::span<const TargetTrackingPolicy> policies, des::Time now) {
    ScalingDecision decision{.desired = service.desired};
    bool asked = false;
    bool vetoed = false;
    bool cooling = false;
    for (const TargetTrackingPolicy& policy : policies) {
        if (policy.settings.disable_scale_in) continue;
        if (policy.low != AlarmState::alarm || !policy.metric) {
            vetoed = true;
            continue;
        }
        cooling = cooling || within(service.history.last_scale_in, policy.settings.scale_in_cooldown, now);
        const double target = policy.settings.target_value;
        const std::int32_t required = required_capacity(service.running, *policy.metric, target);
        if (asked && required <= decision.required) continue;
        asked = true;
        decision = {.desired = service.desired,
                    .base = service.running,
                    .required = required,
                    .metric = *policy.metric,
                    .target = target};
    }
    if (!asked) return decision;
    decision.reason = vetoed ? ScalingReason::vetoed : ScalingReason::cooldown;
    if (vetoed || cooling) return decision;
    const std::int32_t wanted = std::clamp(decision.required, service.min, service.max);
    decision.desired = std::min(service.desired, wanted);
    decision.reason =
        decision.desired < service.desired ? ScalingReason::scale_in : unchanged(decision.required < service.desired);
    return decision;
}

}  // namespace detail

/// The desired count that a service's target tracking policies lead to. It scales out if any of them wants to, to the
/// largest count; in only if all that may scale in want to, again to the largest. While alarms stay on, ask every
/// minute.
///
/// - Tasks asked for but not yet running count: a second alarm only adds what is still missing.
/// - During a scale-out cooldown the tasks that ran before it are reckoned with, so that only a larger scale-out adds
///   something.
/// - A scale-in cooldown blocks scale-ins, never a scale-out.
/// - From zero running tasks the answer is at least one.
/// - A scale-out brings a count below the minimum up to it and leaves one above the maximum alone; a scale-in does the
///   opposite.
/// - Missing data never scale in.
///
/// Source: Application Auto Scaling User Guide, "Target tracking scaling policies" and "Cooldown periods".
/// Left out: deployments (during which AWS suspends scale-in), suspended scaling, step and scheduled policies.
[[nodiscard]] inline ScalingDecision decide(const ServiceCapacity& service,
                                            std::span<const TargetTrackingPolicy> policies, des::Time now) {
    FLEETSIM_CHECK(service.min <= service.max);
    const ScalingDecision out = detail::scale_out(service, policies, now);
    return out.reason == ScalingReason::no_alarm ? detail::scale_in(service, policies, now) : out;
}

/// What to remember once a decision is carried out at `now`. A scale-in starts a scale-in cooldown; a scale-out starts
/// a scale-out cooldown and ends that of a scale-in.
///
/// Source: Application Auto Scaling User Guide, "Cooldown periods".
[[nodiscard]] inline ScalingHistory history_after(const ScalingDecision& decision, const ScalingHistory& before,
                                                  des::Time now) {
    if (decision.reason == ScalingReason::scale_out) {
        return {.last_scale_out = now, .base_of_scale_out = decision.base};
    }
    return decision.reason == ScalingReason::scale_in ? ScalingHistory{.last_scale_in = now} : before;
}

}  // namespace fleetsim::scaling
