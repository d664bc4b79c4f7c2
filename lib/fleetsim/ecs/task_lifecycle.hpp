#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fleetsim::ecs {

/// The states of a task's life, in the order in which it goes through them. A task that ends early goes on from
/// DEACTIVATING or later.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS task lifecycle".
enum class TaskState : std::uint8_t {
    provisioning,    ///< Waits for capacity, its network interface or its microVM.
    pending,         ///< Images are pulled, containers created.
    activating,      ///< Registered with target groups and service discovery.
    running,         ///< All essential containers have started.
    deactivating,    ///< Deregistered; balancers let it finish what it has.
    stopping,        ///< Containers are asked to stop, and killed after the stop timeout.
    deprovisioning,  ///< Its network interface is given back.
    stopped,
};

inline constexpr std::array<std::string_view, 8> task_state_names{
    "PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"};

[[nodiscard]] constexpr std::string_view name(TaskState state) {
    return task_state_names[static_cast<std::size_t>(state)];
}

/// Does a task in this state count towards its service's desired count? Up to RUNNING it is wanted to run; what comes
/// after is on its way to STOPPED.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS task lifecycle", on `desiredStatus`.
[[nodiscard]] constexpr bool desired_running(TaskState state) { return state <= TaskState::running; }

}  // namespace fleetsim::ecs
