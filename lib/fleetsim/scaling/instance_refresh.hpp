#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::scaling {

/// Preferences of an instance refresh, which replaces a group's instances by new ones.
///
/// Source: Amazon EC2 Auto Scaling API Reference, RefreshPreferences.
/// Left out: a maximum healthy percentage above 100, skip matching, rollback and alarms.
struct InstanceRefresh {
    std::int32_t min_healthy_percentage = 90;            ///< Of the desired capacity, 0 to 100.
    std::optional<des::Duration> instance_warmup{};      ///< Absent: the group's default.
    std::vector<std::int32_t> checkpoint_percentages{};  ///< Of the desired capacity, 1 to 100, ascending.
    des::Duration checkpoint_delay = std::chrono::seconds{3600};
};

/// How far a refresh has come.
struct RefreshView {
    std::int32_t desired = 0;
    std::int32_t replaced = 0;     ///< New instances in service and warmed up.
    std::int32_t in_progress = 0;  ///< Being replaced: the old one is ending, or the new one has not warmed up.
    std::int32_t healthy = 0;      ///< In service and healthy, old ones and warmed-up new ones.
    std::optional<des::Time> last_replaced_at{};  ///< When the newest of `replaced` had warmed up.
    bool nothing_left = false;                    ///< No old instance, and no new one on its way.
};

enum class RefreshAction : std::uint8_t { replace, wait, wait_at_checkpoint, done };

struct RefreshStep {
    RefreshAction action = RefreshAction::wait;
    std::int32_t replace = 0;          ///< How many old instances to end now.
    std::optional<des::Time> until{};  ///< The end of the wait at a checkpoint.
    friend bool operator==(const RefreshStep&, const RefreshStep&) = default;
};

/// How many instances a refresh takes out of service at once: what the minimum healthy percentage leaves, rounded down,
/// at least one.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "How an instance refresh works" (what must stay is rounded up).
[[nodiscard]] constexpr std::int32_t refresh_batch(std::int32_t desired, std::int32_t min_healthy_percentage) {
    FLEETSIM_CHECK(min_healthy_percentage >= 0 && min_healthy_percentage <= 100);
    const std::int64_t may_be_missing = std::int64_t{desired} * (100 - min_healthy_percentage) / 100;
    return std::max(1, static_cast<std::int32_t>(may_be_missing));
}

/// Instances that must be new for a percentage of the group to be reached: equal to it or more.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Add checkpoints to an instance refresh".
[[nodiscard]] constexpr std::int32_t checkpoint_instances(std::int32_t desired, std::int32_t percentage) {
    return static_cast<std::int32_t>((std::int64_t{desired} * percentage + 99) / 100);
}

/// How long a refreshed instance warms up: its own setting, else the group's default instance warm-up, else the health
/// check grace period.
///
/// Source: Amazon EC2 Auto Scaling API Reference, RefreshPreferences.
[[nodiscard]] constexpr des::Duration refresh_warmup(const InstanceRefresh& refresh,
                                                     std::optional<des::Duration> default_instance_warmup,
                                                     des::Duration health_check_grace_period) {
    return refresh.instance_warmup.value_or(default_instance_warmup.value_or(health_check_grace_period));
}

namespace detail {

/// How many new instances the refresh may have before it pauses or ends: those of the first checkpoint that is not yet
/// reached, else those of the last. Without checkpoints all.
[[nodiscard]] inline std::int32_t refresh_goal(const InstanceRefresh& refresh, const RefreshView& view) {
    std::int32_t goal = view.desired;
    for (const std::int32_t percentage : refresh.checkpoint_percentages) {
        goal = checkpoint_instances(view.desired, percentage);
        if (goal > view.replaced) return goal;
    }
    return goal;
}

/// Does the number of new instances meet a checkpoint?
[[nodiscard]] inline bool at_checkpoint(const InstanceRefresh& refresh, const RefreshView& view) {
    const auto met = [&](std::int32_t percentage) {
        return checkpoint_instances(view.desired, percentage) == view.replaced;
    };
    const auto& percentages = refresh.checkpoint_percentages;
    return std::any_of(percentages.begin(), percentages.end(), met);
}

}  // namespace detail

/// What a refresh does next. It ends old instances first and launches new ones in their place, as many at once as the
/// minimum healthy percentage allows; one that has warmed up makes way for the next. At a checkpoint it waits, then
/// goes on; it is done at the last checkpoint, or without any when all instances are new.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "How an instance refresh works" and "Add checkpoints to an instance
/// refresh".
[[nodiscard]] inline RefreshStep next_step(const InstanceRefresh& refresh, const RefreshView& view, des::Time now) {
    const std::int32_t goal = detail::refresh_goal(refresh, view);
    // A group that cannot launch all that it wants is done once what it has is new.
    if (view.replaced >= goal || view.nothing_left) return {.action = RefreshAction::done};
    if (detail::at_checkpoint(refresh, view)) {
        FLEETSIM_CHECK(view.last_replaced_at);
        const des::Time until = *view.last_replaced_at + refresh.checkpoint_delay;
        if (now < until) return {.action = RefreshAction::wait_at_checkpoint, .until = until};
    }
    // Instances that are unhealthy for other reasons leave fewer to be spared.
    const std::int32_t missing = std::max(view.in_progress, view.desired - view.healthy);
    const std::int32_t spared = refresh_batch(view.desired, refresh.min_healthy_percentage) - missing;
    const std::int32_t replace = std::min(spared, goal - view.replaced - view.in_progress);
    if (replace <= 0) return {.action = RefreshAction::wait};
    return {.action = RefreshAction::replace, .replace = replace};
}

}  // namespace fleetsim::scaling
