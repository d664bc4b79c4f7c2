#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::scaling {

/// When in an instance's life a hook makes it wait.
enum class LifecycleTransition : std::uint8_t { launching, terminating };

/// What follows the wait: `abandon` ends an instance that was launching; one that terminates does so either way.
enum class HookResult : std::uint8_t { abandon, proceed };

inline constexpr std::array<std::string_view, 2> lifecycle_transition_names{"autoscaling:EC2_INSTANCE_LAUNCHING",
                                                                            "autoscaling:EC2_INSTANCE_TERMINATING"};
inline constexpr std::array<std::string_view, 2> hook_result_names{"ABANDON", "CONTINUE"};

[[nodiscard]] constexpr std::string_view name(LifecycleTransition transition) {
    return lifecycle_transition_names[static_cast<std::size_t>(transition)];
}
[[nodiscard]] constexpr std::string_view name(HookResult result) {
    return hook_result_names[static_cast<std::size_t>(result)];
}

/// A lifecycle hook of an Auto Scaling group. Spot interruptions do not wait for it.
///
/// Source: Amazon EC2 Auto Scaling API Reference, PutLifecycleHook.
struct LifecycleHook {
    std::string name;
    LifecycleTransition transition = LifecycleTransition::launching;
    des::Duration heartbeat_timeout = std::chrono::seconds{3600};
    HookResult default_result = HookResult::abandon;  ///< When nobody completes the action in time.
};

/// How a hook's wait ended.
struct HookOutcome {
    des::Duration after{};  ///< Since the instance began to wait.
    HookResult result = HookResult::abandon;
    bool timed_out = false;
    friend bool operator==(const HookOutcome&, const HookOutcome&) = default;
};

/// The longest an instance can be kept waiting, however often a heartbeat is recorded.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Amazon EC2 Auto Scaling lifecycle hooks".
[[nodiscard]] constexpr des::Duration longest_wait(const LifecycleHook& hook) {
    constexpr des::Duration two_days = std::chrono::hours{48};
    return std::min(two_days, 100 * hook.heartbeat_timeout);
}

/// How the wait ends for an action that takes `completes_after` to be completed, or never is. `heartbeats` tells
/// whether heartbeats are recorded meanwhile, each before the time-out. Completed at the instant of the time-out is in
/// time, a model decision.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Amazon EC2 Auto Scaling lifecycle hooks".
[[nodiscard]] inline HookOutcome outcome(const LifecycleHook& hook, std::optional<des::Duration> completes_after,
                                         HookResult completes_with, bool heartbeats) {
    FLEETSIM_CHECK(hook.heartbeat_timeout > des::Duration{});
    const des::Duration limit = heartbeats ? longest_wait(hook) : hook.heartbeat_timeout;
    if (completes_after && *completes_after <= limit) return {*completes_after, completes_with, false};
    return {limit, hook.default_result, true};
}

/// How the wait ends with several hooks on one transition: when the first abandons, which stops the others, else when
/// the last is done. Without hooks there is no wait.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Amazon EC2 Auto Scaling lifecycle hooks". That the hooks of one
/// transition run at the same time is a model decision.
[[nodiscard]] inline HookOutcome joint_outcome(std::span<const HookOutcome> outcomes) {
    const HookOutcome* abandoned = nullptr;
    const HookOutcome* last = nullptr;
    for (const HookOutcome& each : outcomes) {
        if (each.result == HookResult::abandon && (!abandoned || each.after < abandoned->after)) abandoned = &each;
        if (!last || each.after > last->after) last = &each;
    }
    if (abandoned) return *abandoned;
    return last ? *last : HookOutcome{.result = HookResult::proceed};
}

}  // namespace fleetsim::scaling
