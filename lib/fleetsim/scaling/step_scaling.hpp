#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/scaling/alarm.hpp>
#include <fleetsim/scaling/capacity.hpp>
#include <fleetsim/scaling/decision.hpp>

namespace fleetsim::scaling {

/// How an adjustment is read: added, the new capacity itself, or percent of the capacity to add.
enum class AdjustmentType : std::uint8_t { change_in_capacity, exact_capacity, percent_change_in_capacity };

/// What a step policy makes of the newest datapoints.
enum class MetricAggregation : std::uint8_t { average, minimum, maximum };

inline constexpr std::array<std::string_view, 3> adjustment_type_names{"ChangeInCapacity", "ExactCapacity",
                                                                       "PercentChangeInCapacity"};
inline constexpr std::array<std::string_view, 3> metric_aggregation_names{"Average", "Minimum", "Maximum"};

[[nodiscard]] constexpr std::string_view name(AdjustmentType type) {
    return adjustment_type_names[static_cast<std::size_t>(type)];
}
[[nodiscard]] constexpr std::string_view name(MetricAggregation aggregation) {
    return metric_aggregation_names[static_cast<std::size_t>(aggregation)];
}

/// What to do while the metric is that far from the alarm's threshold. An absent bound is infinite.
///
/// Source: Amazon EC2 Auto Scaling API Reference, StepAdjustment.
struct StepAdjustment {
    std::optional<double> lower_bound{};  ///< Difference from the threshold.
    std::optional<double> upper_bound{};
    std::int32_t adjustment = 0;  ///< Capacity or percent, by the policy's adjustment type.
};

/// One step scaling policy of a service or of an Auto Scaling group. Its alarm is the user's own.
///
/// Source: Amazon EC2 Auto Scaling API Reference, PutScalingPolicy; Application Auto Scaling API Reference,
/// StepScalingPolicyConfiguration.
struct StepScaling {
    AdjustmentType adjustment_type = AdjustmentType::change_in_capacity;
    std::optional<std::int32_t> min_adjustment_magnitude{};  ///< Least change, of `percent_change_in_capacity` only.
    MetricAggregation aggregation = MetricAggregation::average;
    std::vector<StepAdjustment> steps{};
    des::Duration cooldown = std::chrono::seconds{300};        ///< Of a service's policy.
    std::optional<des::Duration> estimated_instance_warmup{};  ///< Of a group's policy, instead of the group's own.
};

/// What a step or simple scaling policy sees: its alarm, and the metric behind that.
struct AlarmView {
    Comparison comparison = Comparison::greater_or_equal;
    double threshold = 0;
    AlarmState state = AlarmState::insufficient_data;
    std::optional<double> metric{};  ///< As `aggregated` leaves it.
};

/// One number for the datapoints of an alarm's evaluation periods; missing ones do not count. Nothing when all are.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Step and simple scaling policies" (MetricAggregationType). AWS says
/// "the most recent data points"; that these are the evaluation periods is a model decision.
[[nodiscard]] inline std::optional<double> aggregated(MetricAggregation aggregation,
                                                      std::span<const std::optional<double>> slots) {
    std::optional<double> result;
    std::size_t real = 0;
    for (const std::optional<double>& slot : slots) {
        if (!slot) continue;
        ++real;
        if (!result) {
            result = slot;
        } else if (aggregation == MetricAggregation::average) {
            *result += *slot;
        } else {
            const bool smallest = aggregation == MetricAggregation::minimum;
            *result = smallest ? std::min(*result, *slot) : std::max(*result, *slot);
        }
    }
    if (result && aggregation == MetricAggregation::average) *result /= static_cast<double>(real);
    return result;
}

namespace detail {

[[nodiscard]] constexpr std::int32_t saturated(double value) {
    constexpr double most = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::clamp(value, -most, most));
}

}  // namespace detail

/// A percentage of a capacity as a whole change: toward zero, but at least one if there is any.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Step and simple scaling policies" (scaling adjustment types).
[[nodiscard]] constexpr std::int32_t rounded_percentage(double change) {
    if (change > 0 && change < 1) return 1;
    if (change < 0 && change > -1) return -1;
    return detail::saturated(change);
}

/// The capacity that an adjustment leads to, before bounds; never negative. An adjustment of 0 % changes nothing,
/// whatever the least change; that this one also holds for 10 % of no capacity is a model decision.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Step and simple scaling policies" (scaling adjustment types).
[[nodiscard]] constexpr std::int32_t adjusted_capacity(AdjustmentType type, std::int32_t capacity,
                                                       std::int32_t adjustment,
                                                       std::optional<std::int32_t> min_magnitude) {
    if (type == AdjustmentType::exact_capacity) return std::max(0, adjustment);
    std::int64_t change = adjustment;
    if (type == AdjustmentType::percent_change_in_capacity) {
        change = rounded_percentage(static_cast<double>(capacity) * adjustment / 100);
        const std::int64_t least = min_magnitude.value_or(0);
        if (adjustment > 0) change = std::max(change, least);
        if (adjustment < 0) change = std::min(change, -least);
    }
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(capacity + change, 0, most));
}

/// The step whose bounds hold the metric; null when none does. Above the threshold a step begins with its lower bound
/// and ends before its upper one; below, it begins after the lower and ends with the upper. At the threshold itself the
/// alarm's comparison tells on which side the metric breaches.
///
/// Source: Amazon EC2 Auto Scaling API Reference, StepAdjustment.
[[nodiscard]] inline const StepAdjustment* step_for(const StepScaling& policy, Comparison comparison, double threshold,
                                                    double metric) {
    const bool upwards = comparison == Comparison::greater || comparison == Comparison::greater_or_equal;
    const bool above = metric > threshold || (metric == threshold && upwards);
    const auto holds = [&](const StepAdjustment& step) {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        const double lower = threshold + step.lower_bound.value_or(-infinity);
        const double upper = threshold + step.upper_bound.value_or(infinity);
        return above ? lower <= metric && metric < upper : lower < metric && metric <= upper;
    };
    const auto step = std::find_if(policy.steps.begin(), policy.steps.end(), holds);
    return step == policy.steps.end() ? nullptr : &*step;
}

/// A reason to reject a step scaling policy, without its full stop.
struct StepFault {
    std::optional<std::size_t> step;  ///< The step at fault, from zero; absent if it is the policy's.
    std::string text;                 ///< Counts steps from one.
};

/// A step as somebody wrote it.
struct WrittenStep {
    StepAdjustment step{};
    bool bounds_known = true;  ///< False if they cannot be read.
};

namespace detail {

inline constexpr std::size_t most_steps = 20;

[[nodiscard]] inline std::string step_number(std::size_t index) {
    return "step adjustment " + std::to_string(index + 1);
}

/// What is wrong with the bounds of a step by itself; empty if nothing is.
[[nodiscard]] inline std::string_view bounds_fault(const StepAdjustment& step) {
    const auto finite = [](std::optional<double> bound) { return !bound || std::isfinite(*bound); };
    if (!finite(step.lower_bound) || !finite(step.upper_bound)) return " has a bound that is not a number";
    if (!step.lower_bound && !step.upper_bound) {
        return " needs a MetricIntervalLowerBound or a MetricIntervalUpperBound";
    }
    const bool both = step.lower_bound && step.upper_bound;
    return both && *step.lower_bound >= *step.upper_bound
               ? " has a MetricIntervalLowerBound that is not below its upper bound"
               : "";
}

/// Steps whose bounds are good, by where they begin.
[[nodiscard]] inline std::vector<std::size_t> ordered(std::span<const WrittenStep> steps) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].bounds_known && bounds_fault(steps[i].step).empty()) order.push_back(i);
    }
    const auto lower = [&](std::size_t i) { return steps[i].step.lower_bound.value_or(-infinity); };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return lower(a) < lower(b); });
    return order;
}

/// The second step that `open` accepts.
template <class Open>
[[nodiscard]] std::optional<std::size_t> second(std::span<const WrittenStep> steps, std::span<const std::size_t> order,
                                                Open open) {
    std::vector<std::size_t> found;
    for (const std::size_t i : order) {
        if (open(steps[i].step)) found.push_back(i);
    }
    std::sort(found.begin(), found.end());
    return found.size() > 1 ? std::optional(found[1]) : std::nullopt;
}

/// One side can go on for ever in one step only. True if that is so.
[[nodiscard]] inline bool add_open_end_faults(std::span<const WrittenStep> steps, std::span<const std::size_t> order,
                                              std::vector<StepFault>& found) {
    const auto below = second(steps, order, [](const StepAdjustment& step) { return !step.lower_bound; });
    const auto above = second(steps, order, [](const StepAdjustment& step) { return !step.upper_bound; });
    if (below) found.push_back({below, "more than one step adjustment has no MetricIntervalLowerBound"});
    if (above) found.push_back({above, "more than one step adjustment has no MetricIntervalUpperBound"});
    return !below && !above;
}

/// A side that extends beyond the threshold must go on for ever.
inline void add_closed_end_faults(std::span<const WrittenStep> steps, std::span<const std::size_t> order,
                                  std::vector<StepFault>& found) {
    if (order.empty()) return;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const auto upper = [&](std::size_t i) { return steps[i].step.upper_bound.value_or(infinity); };
    const std::size_t lowest = order.front();
    const std::size_t highest = *std::max_element(order.begin(), order.end(),
                                                  [&](std::size_t a, std::size_t b) { return upper(a) < upper(b); });
    if (steps[lowest].step.lower_bound.value_or(0) < 0) {
        found.push_back(
            {lowest, "with a negative MetricIntervalLowerBound, one step adjustment must have no lower bound"});
    }
    if (steps[highest].step.upper_bound.value_or(0) > 0) {
        found.push_back(
            {highest, "with a positive MetricIntervalUpperBound, one step adjustment must have no upper bound"});
    }
}

/// Each step must begin where the one below it ends; that steps leave a gap is known only of all of them.
inline void add_neighbour_faults(std::span<const WrittenStep> steps, std::span<const std::size_t> order,
                                 std::vector<StepFault>& found) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i < order.size(); ++i) {
        const double end = steps[order[i - 1]].step.upper_bound.value_or(infinity);
        const double begin = steps[order[i]].step.lower_bound.value_or(-infinity);
        if (end == begin || (end < begin && order.size() < steps.size())) continue;
        const std::string both =
            "step adjustments " + std::to_string(order[i - 1] + 1) + " and " + std::to_string(order[i] + 1);
        found.push_back(
            {std::max(order[i - 1], order[i]), end > begin ? both + " overlap" : "there is a gap between " + both});
    }
}

}  // namespace detail

/// Why AWS rejects the steps of a policy. A step at fault hides only what cannot be told without it. Without an
/// adjustment type adjustments are not looked at.
///
/// Source: Amazon EC2 Auto Scaling API Reference, StepAdjustment; Application Auto Scaling API Reference,
/// StepScalingPolicyConfiguration (at most 20 steps).
[[nodiscard]] inline std::vector<StepFault> step_faults(std::optional<AdjustmentType> type,
                                                        std::span<const WrittenStep> steps) {
    std::vector<StepFault> found;
    if (steps.empty()) found.push_back({std::nullopt, "a step scaling policy needs at least one step adjustment"});
    if (steps.size() > detail::most_steps) {
        found.push_back({detail::most_steps, "a step scaling policy has at most 20 step adjustments"});
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const auto& [step, bounds_known] = steps[i];
        const std::string_view fault = bounds_known ? detail::bounds_fault(step) : std::string_view{};
        if (!fault.empty()) found.push_back({i, detail::step_number(i).append(fault)});
        if (type == AdjustmentType::exact_capacity && step.adjustment < 0) {
            found.push_back({i, detail::step_number(i) + " sets a negative capacity"});
        }
    }
    const std::vector<std::size_t> order = detail::ordered(steps);
    const bool one_open_end_each = detail::add_open_end_faults(steps, order, found);
    if (order.size() == steps.size()) detail::add_closed_end_faults(steps, order, found);
    // Two steps that go on for ever overlap, which is one mistake.
    if (one_open_end_each) detail::add_neighbour_faults(steps, order, found);
    return found;
}

/// Why AWS rejects a step scaling policy; empty for a good one.
///
/// Source: Amazon EC2 Auto Scaling API Reference, PutScalingPolicy. That the least change is at least one is a model
/// decision.
[[nodiscard]] inline std::vector<StepFault> faults(const StepScaling& policy) {
    std::vector<StepFault> found;
    if (policy.min_adjustment_magnitude && policy.adjustment_type != AdjustmentType::percent_change_in_capacity) {
        found.push_back({std::nullopt, "MinAdjustmentMagnitude needs the AdjustmentType PercentChangeInCapacity"});
    }
    if (policy.min_adjustment_magnitude.value_or(1) < 1) {
        found.push_back({std::nullopt, "MinAdjustmentMagnitude must be at least 1"});
    }
    std::vector<WrittenStep> steps;
    for (const StepAdjustment& step : policy.steps) steps.push_back({step});
    for (StepFault& fault : step_faults(policy.adjustment_type, steps)) found.push_back(std::move(fault));
    return found;
}

/// Can the step ever hold a metric that breaches the threshold so? One on the other side of the threshold never does.
[[nodiscard]] constexpr bool can_match(const StepAdjustment& step, Comparison comparison) {
    const bool upwards = comparison == Comparison::greater || comparison == Comparison::greater_or_equal;
    return upwards ? !step.upper_bound || *step.upper_bound > 0 : !step.lower_bound || *step.lower_bound < 0;
}

namespace detail {

/// What the steps ask for, before cooldowns and warm-ups: a scale-out reckons with one capacity, a scale-in with
/// another. No step, or one that changes nothing, means that the capacity is enough.
[[nodiscard]] inline Wish step_wish(const StepScaling& policy, const AlarmView& view, std::int32_t desired,
                                    std::int32_t out_base, std::int32_t in_base) {
    Wish wish{.target = view.threshold};
    if (view.state != AlarmState::alarm || !view.metric) return wish;
    wish.metric = *view.metric;
    const StepAdjustment* step = step_for(policy, view.comparison, view.threshold, *view.metric);
    const std::int32_t adjustment = step == nullptr ? 0 : step->adjustment;
    const bool exact = step != nullptr && policy.adjustment_type == AdjustmentType::exact_capacity;
    const std::int32_t direction = exact ? adjustment - desired : adjustment;
    if (direction == 0) {
        wish.reason = ScalingReason::enough_capacity;
        wish.base = wish.wanted = desired;
        return wish;
    }
    wish.reason = direction > 0 ? ScalingReason::scale_out : ScalingReason::scale_in;
    wish.base = direction > 0 ? out_base : in_base;
    wish.wanted = adjusted_capacity(policy.adjustment_type, wish.base, adjustment, policy.min_adjustment_magnitude);
    return wish;
}

}  // namespace detail

/// What one step scaling policy of an Auto Scaling group asks for. While its alarm stays on, ask every minute.
///
/// - Instances that have not warmed up are not part of the capacity that is adjusted, but of the desired capacity: the
///   same step asked again adds nothing, a larger one the difference.
/// - Instances that are still ending are part of the capacity that a scale-in adjusts, for the same reason.
/// - Nothing scales in while an instance warms up or is on its way.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Step and simple scaling policies" and "Set the default instance warmup
/// for an Auto Scaling group". That ExactCapacity scales in or out by comparison with the desired capacity, and that an
/// alarm without a datapoint or a step moves nothing, are model decisions.
[[nodiscard]] inline Wish wish(const StepScaling& policy, const AlarmView& view, const GroupCapacity& group) {
    Wish wish = detail::step_wish(policy, view, group.desired, group.warm, group.warm + group.terminating);
    if (wish.reason == ScalingReason::scale_in && group.warming) wish.reason = ScalingReason::warming_up;
    return wish;
}

/// What one step scaling policy of a service asks for. While its alarm stays on, ask every minute.
///
/// - The capacity that is adjusted is what runs; tasks asked for but not yet running count through the desired count.
/// - During a scale-out cooldown it is what ran before the scale-out: after an adjustment of +2, one of +3 adds only
///   one more.
/// - A scale-in cooldown blocks scale-ins, never a scale-out.
///
/// Source: Application Auto Scaling User Guide, "How step scaling works" (cooldown period); Application Auto Scaling
/// API Reference, StepScalingPolicyConfiguration. That running tasks and not the desired count are adjusted is a model
/// decision, as for target tracking.
[[nodiscard]] inline Wish wish(const StepScaling& policy, const AlarmView& view, const ServiceCapacity& service,
                               des::Time now) {
    const std::int32_t out_base = detail::scale_out_base(service, policy.cooldown, now);
    Wish wish = detail::step_wish(policy, view, service.desired, out_base, service.running);
    const bool out = wish.reason == ScalingReason::scale_out;
    const bool in = wish.reason == ScalingReason::scale_in;
    if (in && detail::within(service.history.last_scale_in, policy.cooldown, now))
        wish.reason = ScalingReason::cooldown;
    if ((out && service.scale_out_suspended) || (in && service.scale_in_suspended)) {
        wish.reason = ScalingReason::suspended;
    }
    return wish;
}

}  // namespace fleetsim::scaling
