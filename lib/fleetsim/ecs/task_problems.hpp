#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/ecs/fargate_size.hpp>
#include <fleetsim/ecs/task_definition.hpp>

namespace fleetsim::ecs {

/// Part of a task definition or of one of its containers that a problem is about.
enum class TaskField : std::uint8_t {
    containers,
    network_mode,
    name,
    cpu_units,
    memory_mib,
    memory_reservation_mib,
    gpus,
    essential,
    port_mappings,
    depends_on,
    health_check,
    start_timeout,
    stop_timeout,
};

/// Why a task definition is refused, and where.
struct TaskProblem {
    std::optional<std::size_t> container{};  ///< Position; absent: the task as a whole.
    TaskField field = TaskField::containers;
    std::string message;
    std::optional<std::size_t> entry{};  ///< Position in the port mappings or dependencies.
};

/// The most containers of one task.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS service quotas".
inline constexpr std::size_t most_containers = 10;

/// The least memory in MiB of a container or task that Docker accepts.
///
/// Source: Amazon ECS API Reference, "ContainerDefinition", memory (Docker 20.10 and later).
inline constexpr std::int32_t least_memory_mib = 6;

/// CPU units of a task as a whole on instances.
///
/// Source: Amazon ECS API Reference, "RegisterTaskDefinition", cpu.
inline constexpr std::int32_t least_task_cpu_units = 128;
inline constexpr std::int32_t most_task_cpu_units = 196'608;

/// The longest time-outs of a container on Fargate.
///
/// Source: Amazon ECS API Reference, "ContainerDefinition", startTimeout and stopTimeout.
inline constexpr std::chrono::seconds most_fargate_timeout{120};

namespace detail {

/// Collects what is wrong with one task definition.
class TaskProblems {
public:
    explicit TaskProblems(const TaskDefinition& task) : task_(task) {}

    [[nodiscard]] std::vector<TaskProblem> all() && {
        of_task();
        for (std::size_t i = 0; i < task_.containers.size(); ++i) {
            of_name(i);
            of_memory(i);
            of_ports(i);
            of_dependencies(i);
            if (!task_.containers[i].health_check) continue;
            const std::string_view wrong = fault(*task_.containers[i].health_check);
            if (!wrong.empty()) add(i, TaskField::health_check, std::string{wrong});
        }
        of_circles();
        return std::move(found_);
    }

private:
    void add(std::optional<std::size_t> container, TaskField field, std::string message,
             std::optional<std::size_t> entry = std::nullopt) {
        found_.push_back({container, field, std::move(message), entry});
    }

    void of_task() {
        const auto& containers = task_.containers;
        if (containers.size() > most_containers) {
            add({}, TaskField::containers, "a task has at most " + std::to_string(most_containers) + " containers");
        }
        if (std::none_of(containers.begin(), containers.end(), [](const auto& one) { return one.essential; })) {
            add({}, TaskField::containers, "a task has at least one essential container");
        }
        of_task_cpu();
        if (!task_.memory_mib) return;
        if (*task_.memory_mib < least_memory_mib) {
            add({}, TaskField::memory_mib, "memory is at least " + std::to_string(least_memory_mib) + " MiB");
        }
        if (const auto sum = containers_memory_mib(task_); sum > *task_.memory_mib) {
            add({}, TaskField::memory_mib, too_much("MiB", sum, *task_.memory_mib));
        }
    }

    void of_task_cpu() {
        if (!task_.cpu_units) return;
        if (*task_.cpu_units < least_task_cpu_units || *task_.cpu_units > most_task_cpu_units) {
            add({}, TaskField::cpu_units,
                "a task's cpu is " + std::to_string(least_task_cpu_units) + " to " +
                    std::to_string(most_task_cpu_units) + " units");
        }
        if (const auto sum = containers_cpu_units(task_); sum > *task_.cpu_units) {
            add({}, TaskField::cpu_units, too_much("CPU units", sum, *task_.cpu_units));
        }
    }

    [[nodiscard]] static std::string too_much(const char* unit, std::int32_t sum, std::int32_t task) {
        return "the containers reserve " + std::to_string(sum) + " " + unit + ", the task has " + std::to_string(task);
    }

    void of_name(std::size_t i) {
        const std::string& name = task_.containers[i].name;
        if (container_named(task_, name) != i) add(i, TaskField::name, "another container has the name " + name);
    }

    void of_memory(std::size_t i) {
        const ContainerDefinition& one = task_.containers[i];
        const auto& hard = one.memory_mib;
        const auto& soft = one.memory_reservation_mib;
        if (!hard && !soft && !task_.memory_mib) {
            add(i, TaskField::memory_mib, "a container needs memory or a memory reservation, or its task needs memory");
        }
        const std::string least = " is at least " + std::to_string(least_memory_mib) + " MiB";
        if (hard && *hard < least_memory_mib) add(i, TaskField::memory_mib, "memory" + least);
        if (soft && *soft < least_memory_mib) add(i, TaskField::memory_reservation_mib, "a memory reservation" + least);
        if (hard && soft && *hard <= *soft) {
            add(i, TaskField::memory_reservation_mib,
                "a memory reservation is below the memory: " + std::to_string(*soft) +
                    " MiB are reserved, and its memory is " + std::to_string(*hard) + " MiB");
        }
    }

    void of_ports(std::size_t i) {
        const auto& mappings = task_.containers[i].port_mappings;
        for (std::size_t entry = 0; entry < mappings.size(); ++entry) {
            const PortMapping& mapping = mappings[entry];
            const bool own_port = task_.network_mode == NetworkMode::bridge || mapping.host_port == 0 ||
                                  mapping.host_port == mapping.container_port;
            if (mapping.container_port == 0) {
                add(i, TaskField::port_mappings, "a container's port is 1 to 65535", entry);
            } else if (!own_port) {
                add(i, TaskField::port_mappings, "outside bridge mode a host port is the container's port", entry);
            } else if (port_taken(i, entry)) {
                add(i, TaskField::port_mappings, "another mapping of the task has this port", entry);
            }
        }
    }

    /// Containers of an `awsvpc` task share one network interface as those of a `host` task share the instance's.
    [[nodiscard]] std::optional<StaticHostPort> bound(const PortMapping& mapping) const {
        const bool shared = task_.network_mode == NetworkMode::awsvpc;
        return static_host_port(shared ? NetworkMode::host : task_.network_mode, mapping);
    }

    [[nodiscard]] bool port_taken(std::size_t container, std::size_t entry) const {
        const auto port = bound(task_.containers[container].port_mappings[entry]);
        if (!port) return false;
        for (std::size_t i = 0; i <= container; ++i) {
            const auto& mappings = task_.containers[i].port_mappings;
            const std::size_t before = i == container ? entry : mappings.size();
            for (std::size_t j = 0; j < before; ++j) {
                if (bound(mappings[j]) == port) return true;
            }
        }
        return false;
    }

    void of_dependencies(std::size_t i) {
        const auto& wanted = task_.containers[i].depends_on;
        for (std::size_t entry = 0; entry < wanted.size(); ++entry) {
            const std::string wrong = wrong_with(wanted[entry], i);
            if (!wrong.empty()) add(i, TaskField::depends_on, wrong, entry);
        }
    }

    [[nodiscard]] std::string wrong_with(const ContainerDependency& wanted, std::size_t dependent) const {
        const auto on = container_named(task_, wanted.container_name);
        if (!on) return "the task has no container " + wanted.container_name;
        if (*on == dependent) return "a container cannot depend on itself";
        const ContainerDefinition& other = task_.containers[*on];
        const bool exits =
            wanted.condition == DependencyCondition::complete || wanted.condition == DependencyCondition::success;
        if (exits && other.essential) {
            return std::string{name(wanted.condition)} + " cannot be asked of an essential container: " + other.name;
        }
        if (wanted.condition == DependencyCondition::healthy && !other.health_check) {
            return "HEALTHY is asked of a container without a health check: " + other.name;
        }
        return {};
    }

    /// A container that depends on itself is told of elsewhere.
    void of_circles() {
        if (task_.containers.size() > most_containers) return;
        state_.assign(task_.containers.size(), State::unseen);
        for (std::size_t i = 0; i < task_.containers.size(); ++i) follow(i);
    }

    void follow(std::size_t i) {
        if (state_[i] != State::unseen) return;
        state_[i] = State::on_path;
        path_.push_back(i);
        const auto& wanted = task_.containers[i].depends_on;
        for (std::size_t entry = 0; entry < wanted.size(); ++entry) {
            const auto on = container_named(task_, wanted[entry].container_name);
            if (!on || *on == i) continue;
            if (state_[*on] == State::on_path) {
                add(i, TaskField::depends_on, "containers wait for one another: " + circle_from(*on), entry);
            }
            follow(*on);
        }
        path_.pop_back();
        state_[i] = State::done;
    }

    [[nodiscard]] std::string circle_from(std::size_t first) const {
        std::string names;
        for (auto at = std::find(path_.begin(), path_.end(), first); at != path_.end(); ++at) {
            names += task_.containers[*at].name + ", ";
        }
        return names + task_.containers[first].name;
    }

    enum class State : std::uint8_t { unseen, on_path, done };

    const TaskDefinition& task_;
    std::vector<TaskProblem> found_;
    std::vector<State> state_;
    std::vector<std::size_t> path_;
};

}  // namespace detail

/// Why ECS refuses a task definition; empty if it does not. The task's own problems come first, then those of each
/// container.
///
/// Source: Amazon ECS API Reference, "RegisterTaskDefinition", "ContainerDefinition", "PortMapping" and
/// "ContainerDependency". That two containers cannot have one port of an `awsvpc` task is a model decision: the second
/// would not start.
[[nodiscard]] inline std::vector<TaskProblem> problems(const TaskDefinition& task) {
    return detail::TaskProblems{task}.all();
}

/// What else Fargate refuses.
///
/// Source: Amazon ECS Developer Guide, "Task definition differences for the Fargate launch type".
[[nodiscard]] inline std::vector<TaskProblem> fargate_problems(const TaskDefinition& task) {
    std::vector<TaskProblem> found;
    const auto add = [&found](std::optional<std::size_t> container, TaskField field, std::string message) {
        found.push_back({container, field, std::move(message), {}});
    };
    if (task.network_mode != NetworkMode::awsvpc) {
        add({}, TaskField::network_mode, "tasks on Fargate have the network mode awsvpc");
    }
    if (!task.cpu_units) add({}, TaskField::cpu_units, "a task on Fargate needs its own cpu");
    if (!task.memory_mib) add({}, TaskField::memory_mib, "a task on Fargate needs its own memory");
    if (task.cpu_units && task.memory_mib && !is_fargate_size({*task.cpu_units, *task.memory_mib})) {
        const auto text = [](std::int32_t cpu, std::int32_t memory) {
            return std::to_string(cpu) + "/" + std::to_string(memory);
        };
        const auto& sizes = fargate_memory_ranges;
        const bool cpu_known = std::any_of(sizes.begin(), sizes.end(),
                                           [&](const auto& size) { return size.cpu_units == *task.cpu_units; });
        const auto nearest = nearest_fargate_size({*task.cpu_units, *task.memory_mib});
        add({}, cpu_known ? TaskField::memory_mib : TaskField::cpu_units,
            "Fargate has no size " + text(*task.cpu_units, *task.memory_mib) +
                (nearest
                     ? "; the nearest is " + text(nearest->cpu_units, nearest->memory_mib)
                     : "; no size is as large: the largest is " + text(sizes.back().cpu_units, sizes.back().most_mib)));
    }
    for (std::size_t i = 0; i < task.containers.size(); ++i) {
        const ContainerDefinition& one = task.containers[i];
        if (one.gpus > 0) add(i, TaskField::gpus, "Fargate has no GPUs");
        if (one.start_timeout > most_fargate_timeout) add(i, TaskField::start_timeout, "at most 120 s on Fargate");
        if (one.stop_timeout > most_fargate_timeout) add(i, TaskField::stop_timeout, "at most 120 s on Fargate");
    }
    return found;
}

}  // namespace fleetsim::ecs
