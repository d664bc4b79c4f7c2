#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/time.hpp>
#include <fleetsim/ecs/container_health_check.hpp>

namespace fleetsim::ecs {

/// How a task's containers are reached. Left out: `none`, and `default` of Windows.
enum class NetworkMode : std::uint8_t { bridge, host, awsvpc };

inline constexpr std::array<std::string_view, 3> network_mode_names{"bridge", "host", "awsvpc"};

struct PortMapping {
    std::uint16_t container_port = 0;
    std::uint16_t host_port = 0;  ///< 0: Docker chooses one (`bridge`), or the container's own (`host`, `awsvpc`).
    bool udp = false;
};

/// What a container must have reached before those that depend on it are created.
enum class DependencyCondition : std::uint8_t { start, complete, success, healthy };

inline constexpr std::array<std::string_view, 4> dependency_condition_names{"START", "COMPLETE", "SUCCESS", "HEALTHY"};

[[nodiscard]] constexpr std::string_view name(DependencyCondition condition) {
    return dependency_condition_names[static_cast<std::size_t>(condition)];
}

struct ContainerDependency {
    std::string container_name;
    DependencyCondition condition = DependencyCondition::start;
};

/// SIGKILL follows SIGTERM after this time when neither the container nor the instance says otherwise.
///
/// Source: Amazon ECS API Reference, "ContainerDefinition", stopTimeout.
inline constexpr des::Duration default_stop_timeout = std::chrono::seconds{30};

/// One container of a task. Numbers are never negative.
///
/// Source: Amazon ECS API Reference, "ContainerDefinition".
struct ContainerDefinition {
    std::string name;
    std::int32_t cpu_units = 0;                            ///< A share of the task's or instance's CPU, no limit.
    std::optional<std::int32_t> memory_mib{};              ///< Hard limit: above it the container is killed.
    std::optional<std::int32_t> memory_reservation_mib{};  ///< Soft limit: what is reserved for it.
    std::int32_t gpus = 0;
    bool essential = true;  ///< When it exits, the task stops.
    std::vector<PortMapping> port_mappings{};
    std::vector<ContainerDependency> depends_on{};
    std::optional<ContainerHealthCheck> health_check{};
    std::optional<des::Duration> start_timeout{};  ///< From its start: how long those that depend on it wait.
    std::optional<des::Duration> stop_timeout{};   ///< Absent: the default, or the instance's.
};

/// What a task is made of.
///
/// Source: Amazon ECS API Reference, "RegisterTaskDefinition".
struct TaskDefinition {
    NetworkMode network_mode = NetworkMode::bridge;
    std::optional<std::int32_t> cpu_units{};   ///< Of the task as a whole: a hard limit.
    std::optional<std::int32_t> memory_mib{};  ///< Of the task as a whole: a hard limit.
    std::vector<ContainerDefinition> containers;
};

/// What a task takes from its instance, from its placement until it has stopped.
struct TaskNeeds {
    std::int32_t cpu_units = 0;
    std::int32_t memory_mib = 0;
    std::int32_t gpus = 0;
    std::int32_t eni_slots = 0;
    friend bool operator==(const TaskNeeds&, const TaskNeeds&) = default;
};

/// Memory in MiB that is reserved for a container: its soft limit, else its hard limit, else none.
[[nodiscard]] constexpr std::int32_t reserved_memory_mib(const ContainerDefinition& container) {
    return container.memory_reservation_mib.value_or(container.memory_mib.value_or(0));
}

namespace detail {

/// What `amount` tells of each container, added up. A sum that no instance can hold stays at the largest number.
template <class Amount>
[[nodiscard]] std::int32_t total(const std::vector<ContainerDefinition>& containers, Amount amount) {
    constexpr std::int64_t largest = std::numeric_limits<std::int32_t>::max();
    std::int64_t sum = 0;
    for (const ContainerDefinition& container : containers) sum = std::min(largest, sum + amount(container));
    return static_cast<std::int32_t>(sum);
}

}  // namespace detail

/// CPU units of the containers together.
[[nodiscard]] inline std::int32_t containers_cpu_units(const TaskDefinition& task) {
    return detail::total(task.containers, [](const ContainerDefinition& container) { return container.cpu_units; });
}

/// Memory in MiB that the containers reserve together.
[[nodiscard]] inline std::int32_t containers_memory_mib(const TaskDefinition& task) {
    return detail::total(task.containers, reserved_memory_mib);
}

/// What a task takes: its own CPU and memory if it has them, else those of its containers together.
///
/// Source: Amazon ECS Developer Guide, "Task definition parameters"; Amazon ECS container agent, task resources.
[[nodiscard]] inline TaskNeeds needs(const TaskDefinition& task) {
    return {.cpu_units = task.cpu_units ? *task.cpu_units : containers_cpu_units(task),
            .memory_mib = task.memory_mib ? *task.memory_mib : containers_memory_mib(task),
            .gpus = detail::total(task.containers, [](const ContainerDefinition& container) { return container.gpus; }),
            .eni_slots = task.network_mode == NetworkMode::awsvpc ? 1 : 0};
}

/// A port of the instance that no two tasks can have at a time.
struct StaticHostPort {
    std::uint16_t number = 0;
    bool udp = false;
    friend bool operator==(StaticHostPort, StaticHostPort) = default;
};

/// The port that a mapping takes from the instance; absent if Docker chooses one or the task has its own interface.
///
/// Source: Amazon ECS API Reference, "PortMapping".
[[nodiscard]] constexpr std::optional<StaticHostPort> static_host_port(NetworkMode mode, const PortMapping& mapping) {
    switch (mode) {
        case NetworkMode::awsvpc: return std::nullopt;
        case NetworkMode::host: return StaticHostPort{mapping.container_port, mapping.udp};
        case NetworkMode::bridge: break;
    }
    if (mapping.host_port == 0) return std::nullopt;
    return StaticHostPort{mapping.host_port, mapping.udp};
}

/// Position of the first container of this name.
[[nodiscard]] inline std::optional<std::size_t> container_named(const TaskDefinition& task, std::string_view name) {
    for (std::size_t i = 0; i < task.containers.size(); ++i) {
        if (task.containers[i].name == name) return i;
    }
    return std::nullopt;
}

}  // namespace fleetsim::ecs
