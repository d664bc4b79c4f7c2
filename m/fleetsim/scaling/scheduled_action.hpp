#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fleetsim::scaling {

/// What an action changes when its schedule says so. Any of the three may be given, but at least one.
///
/// Source: Amazon EC2 Auto Scaling API Reference, "PutScheduledUpdateGroupAction"; Application Auto Scaling API
/// Reference, "ScalableTargetAction", whose minimum and maximum capacity are `min_size` and `max_size` here, and which
/// has no desired capacity.
struct ScheduledAction {
    std::optional<std::int32_t> min_size{};
    std::optional<std::int32_t> max_size{};
    std::optional<std::int32_t> desired_capacity{};
};

/// Sizes of an Auto Scaling group, or of a service that scales.
struct GroupSizes {
    std::int32_t min = 0;
    std::int32_t max = 0;
    std::int32_t desired = 0;

    friend bool operator==(const GroupSizes&, const GroupSizes&) = default;
};

/// Why AWS does not accept the action, whatever it is for.
[[nodiscard]] inline std::vector<std::string> faults(const ScheduledAction& action) {
    std::vector<std::string> found;
    const auto& [min, max, desired] = action;
    if (!min && !max && !desired) found.emplace_back("it changes nothing");
    if ((min && *min < 0) || (max && *max < 0) || (desired && *desired < 0)) found.emplace_back("a size is negative");
    if (min && max && *min > *max) found.emplace_back("the minimum is above the maximum");
    if (min && desired && *desired < *min) found.emplace_back("the desired capacity is below the minimum");
    if (max && desired && *desired > *max) found.emplace_back("the desired capacity is above the maximum");
    return found;
}

/// Does the action ask for what the group's other sizes do not allow: a minimum above the maximum, or a desired
/// capacity outside of both? It then fails as a whole when its time comes.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Scheduled scaling for Amazon EC2 Auto Scaling" ("you must include the
/// minimum and maximum sizes to ensure that the new desired capacity … is not outside of these limits"). That nothing
/// of it is done is a model decision.
[[nodiscard]] constexpr bool fails(const ScheduledAction& action, const GroupSizes& sizes) {
    const std::int32_t min = action.min_size.value_or(sizes.min);
    const std::int32_t max = action.max_size.value_or(sizes.max);
    const std::optional<std::int32_t>& desired = action.desired_capacity;
    return min > max || (desired && (*desired < min || *desired > max));
}

/// A group's sizes after the action: what it gives is set, and a desired capacity that it does not give is brought
/// between minimum and maximum. Cooldowns do not matter. An action that fails changes nothing.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Scheduled scaling for Amazon EC2 Auto Scaling".
[[nodiscard]] constexpr GroupSizes apply(const ScheduledAction& action, GroupSizes sizes) {
    if (fails(action, sizes)) return sizes;
    sizes.min = action.min_size.value_or(sizes.min);
    sizes.max = action.max_size.value_or(sizes.max);
    sizes.desired = action.desired_capacity.value_or(std::clamp(sizes.desired, sizes.min, sizes.max));
    return sizes;
}

/// A service's sizes after the action: minimum and maximum are set, and its desired count moves to the one given that
/// it lies beyond. A count beyond a bound that the action does not give stays.
///
/// Source: Application Auto Scaling User Guide, "Scheduled scaling for Application Auto Scaling".
[[nodiscard]] constexpr GroupSizes apply_to_service(const ScheduledAction& action, GroupSizes sizes) {
    const ScheduledAction bounds{.min_size = action.min_size, .max_size = action.max_size};
    if (fails(bounds, sizes)) return sizes;
    sizes.min = bounds.min_size.value_or(sizes.min);
    sizes.max = bounds.max_size.value_or(sizes.max);
    if (bounds.min_size) sizes.desired = std::max(sizes.desired, sizes.min);
    if (bounds.max_size) sizes.desired = std::min(sizes.desired, sizes.max);
    return sizes;
}

}  // namespace fleetsim::scaling
