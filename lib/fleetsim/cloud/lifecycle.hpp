#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fleetsim::cloud {

/// Life of an instance in a cluster: EC2's states, with `running` divided by what ECS makes of the instance. The order
/// matters: up to `registered` it is coming up or in use, from `shutting_down` on it is lost.
///
/// Source: Amazon EC2 User Guide, "Instance lifecycle"; Amazon ECS Developer Guide, "Container instance draining".
enum class InstanceState : std::uint8_t {
    pending,     ///< Launched or started again, not yet running.
    running,     ///< Booting; ECS does not know it yet.
    registered,  ///< ECS places tasks on it.
    draining,    ///< ECS places no more tasks on it and lets those there finish.
    stopping,    ///< On its way to `stopped`, or hibernating.
    stopped,     ///< Kept with its volumes, as in a warm pool, and can be started again; hibernated ones too.
    shutting_down,
    terminated,
    count
};

inline constexpr std::size_t instance_state_count = static_cast<std::size_t>(InstanceState::count);
inline constexpr std::array<std::string_view, instance_state_count> instance_state_names{
    "pending", "running", "registered", "draining", "stopping", "stopped", "shutting-down", "terminated"};

[[nodiscard]] constexpr std::string_view name(InstanceState state) {
    return instance_state_names[static_cast<std::size_t>(state)];
}

/// Is an instance in this state paid for? From EC2's `running` on, even while it boots, until it shuts down or stops;
/// one that hibernates pays until it has stopped. Volumes are paid for in any state.
///
/// Source: Amazon EC2 User Guide, "Instance lifecycle", table of billing by state.
[[nodiscard]] constexpr bool billed(InstanceState state, bool hibernates = false) {
    using enum InstanceState;
    return state == running || state == registered || state == draining || (state == stopping && hibernates);
}

/// Can an instance go from one state to the other in one step? A launch that fails goes from `pending` straight to
/// `terminated`; a draining instance can be made active again; a stopped one starts by way of `pending`.
///
/// Source: Amazon EC2 User Guide, "Instance lifecycle"; Amazon ECS API Reference, UpdateContainerInstancesState.
[[nodiscard]] constexpr bool can_follow(InstanceState from, InstanceState to) {
    using enum InstanceState;
    switch (from) {
        case pending: return to == running || to == shutting_down || to == terminated;
        case running: return to == registered || to == stopping || to == shutting_down;
        case registered: return to == draining || to == stopping || to == shutting_down;
        case draining: return to == registered || to == stopping || to == shutting_down;
        case stopping: return to == stopped || to == shutting_down;
        case stopped: return to == pending || to == shutting_down;
        case shutting_down: return to == terminated;
        case terminated:
        case count: break;
    }
    return false;
}

}  // namespace fleetsim::cloud
