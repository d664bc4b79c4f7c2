#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/ecs/task_definition.hpp>

namespace fleetsim::ecs {

/// How long one container takes on its way up.
struct ContainerTimes {
    /// From when nothing holds it back until it has started: image pull and creation. The agent pulls the image of a
    /// container only once its dependencies are fulfilled, unless `ECS_PULL_DEPENDENT_CONTAINERS_UPFRONT` is set.
    des::Duration to_start{0};
    std::optional<des::Duration> to_exit{};     ///< From its start until it exits of itself; absent: it runs on.
    bool succeeds = true;                       ///< Its exit status is 0.
    std::optional<des::Duration> to_healthy{};  ///< From its start to its first HEALTHY; absent: never.
};

/// How a task comes up, in time since its agent began with it.
struct TaskStart {
    std::vector<std::optional<des::Duration>> started;  ///< Container by container; absent: it never starts.
    /// When the task is RUNNING: every container, essential or not, has started, and may have exited. Absent: never.
    std::optional<des::Duration> running{};
    /// When the task stops before it is RUNNING: an essential container has exited, or a dependency can no longer be
    /// fulfilled. With neither `running` nor `failed`, the task waits for ever.
    std::optional<des::Duration> failed{};
};

/// One container on its way down, in time since its task began to stop.
struct ContainerStop {
    des::Duration signalled{0};  ///< SIGTERM.
    des::Duration exited{0};
    bool killed = false;  ///< By SIGKILL, at the end of its stop timeout.
    friend bool operator==(const ContainerStop&, const ContainerStop&) = default;
};

struct TaskStop {
    std::vector<ContainerStop> containers;
    des::Duration total{0};
};

namespace detail {

/// When a dependency is fulfilled, or known to be out of reach. Neither: not known, however long one waits.
struct Fulfilment {
    std::optional<des::Duration> fulfilled{};
    std::optional<des::Duration> missed{};
};

/// How long after its start the container comes to what `condition` asks for, or can no longer do so.
[[nodiscard]] inline Fulfilment from_start(DependencyCondition condition, const ContainerDefinition& container,
                                           const ContainerTimes& times) {
    if (condition == DependencyCondition::start) return {des::Duration{0}, {}};
    Fulfilment result;
    if (condition == DependencyCondition::healthy) {
        result = {times.to_healthy, times.to_exit};
    } else if (condition == DependencyCondition::complete || times.succeeds) {
        result.fulfilled = times.to_exit;
    } else {
        result.missed = times.to_exit;
    }
    const auto& timeout = container.start_timeout;
    if (timeout && (!result.missed || *timeout < *result.missed)) result.missed = timeout;
    if (result.fulfilled && result.missed && *result.missed < *result.fulfilled) result.fulfilled.reset();
    if (result.fulfilled) result.missed.reset();
    return result;
}

/// Finds when each container starts, those it depends on first.
class StartOrder {
public:
    StartOrder(const TaskDefinition& task, std::span<const ContainerTimes> times)
        : task_(task), times_(times), seen_(task.containers.size()), started_(task.containers.size()) {
        for (std::size_t i = 0; i < started_.size(); ++i) visit(i, 0);
    }

    [[nodiscard]] TaskStart result() const {
        TaskStart result{started_, {}, missed_};
        std::optional<des::Duration> running = des::Duration{0};
        for (std::size_t i = 0; i < started_.size(); ++i) {
            running = running && started_[i] ? std::optional(std::max(*running, *started_[i])) : std::nullopt;
            if (task_.containers[i].essential && started_[i] && times_[i].to_exit) {
                fail(result.failed, *started_[i] + *times_[i].to_exit);
            }
        }
        const bool in_time = running && (!result.failed || *running <= *result.failed);
        if (in_time) return {started_, running, {}};
        for (auto& at : result.started) {
            if (at && result.failed && *at > *result.failed) at.reset();
        }
        return result;
    }

private:
    static void fail(std::optional<des::Duration>& failed, des::Duration at) {
        if (!failed || at < *failed) failed = at;
    }

    void visit(std::size_t i, std::size_t depth) {
        FLEETSIM_CHECK(depth <= started_.size());  // Else the containers wait for one another.
        if (seen_[i]) return;
        std::optional<des::Duration> ready = des::Duration{0};
        for (const ContainerDependency& wanted : task_.containers[i].depends_on) {
            const auto on = container_named(task_, wanted.container_name);
            FLEETSIM_CHECK(on.has_value());
            visit(*on, depth + 1);
            const auto at = fulfilled(*on, wanted.condition);
            ready = ready && at ? std::optional(std::max(*ready, *at)) : std::nullopt;
        }
        if (ready) started_[i] = *ready + times_[i].to_start;
        seen_[i] = true;
    }

    std::optional<des::Duration> fulfilled(std::size_t on, DependencyCondition condition) {
        if (!started_[on]) return std::nullopt;
        const Fulfilment after = from_start(condition, task_.containers[on], times_[on]);
        if (after.missed) fail(missed_, *started_[on] + *after.missed);
        if (!after.fulfilled) return std::nullopt;
        return *started_[on] + *after.fulfilled;
    }

    const TaskDefinition& task_;
    std::span<const ContainerTimes> times_;
    std::vector<bool> seen_;
    std::vector<std::optional<des::Duration>> started_;
    std::optional<des::Duration> missed_{};
};

}  // namespace detail

/// When each container of a task starts, and when the task is RUNNING. A container begins once all that it depends on
/// have reached what it asks of them; a `start_timeout` limits how long they may take from their start, START apart.
/// The task has no `problems`. Cost: containers times dependencies.
///
/// Source: Amazon ECS API Reference, "ContainerDependency" and "ContainerDefinition"; Amazon ECS container agent, which
/// derives a task's status from the least of all its containers.
[[nodiscard]] inline TaskStart start_of(const TaskDefinition& task, std::span<const ContainerTimes> times) {
    FLEETSIM_CHECK(times.size() == task.containers.size());
    return detail::StartOrder{task, times}.result();
}

/// When each container of a stopping task exits. `to_exit` has for each the time from SIGTERM to its exit, absent if it
/// does not run any more. The order is that of the start, reversed: a container gets SIGTERM once all that depend on it
/// have exited, and SIGKILL after its stop timeout. The task has no `problems`.
///
/// Source: Amazon ECS API Reference, "ContainerDependency" and "ContainerDefinition", stopTimeout.
[[nodiscard]] inline TaskStop stop_of(const TaskDefinition& task, std::span<const std::optional<des::Duration>> to_exit,
                                      des::Duration stop_timeout = default_stop_timeout) {
    FLEETSIM_CHECK(to_exit.size() == task.containers.size());
    const std::size_t size = task.containers.size();
    TaskStop result{std::vector<ContainerStop>(size), {}};
    // How many that run depend on each: those with none are next.
    std::vector<std::size_t> held_by(size);
    const auto each_dependency = [&](std::size_t i, auto act) {
        if (!to_exit[i]) return;
        for (const ContainerDependency& wanted : task.containers[i].depends_on) {
            const auto on = container_named(task, wanted.container_name);
            FLEETSIM_CHECK(on.has_value());
            act(*on);
        }
    };
    for (std::size_t i = 0; i < size; ++i) each_dependency(i, [&](std::size_t on) { ++held_by[on]; });
    std::vector<std::size_t> next;
    for (std::size_t i = 0; i < size; ++i) {
        if (held_by[i] == 0) next.push_back(i);
    }
    for (std::size_t done = 0; done < next.size(); ++done) {
        const std::size_t i = next[done];
        if (!to_exit[i]) continue;
        ContainerStop& stop = result.containers[i];
        const des::Duration timeout = task.containers[i].stop_timeout.value_or(stop_timeout);
        stop.killed = *to_exit[i] > timeout;
        stop.exited = stop.signalled + std::min(*to_exit[i], timeout);
        result.total = std::max(result.total, stop.exited);
        each_dependency(i, [&](std::size_t on) {
            result.containers[on].signalled = std::max(result.containers[on].signalled, stop.exited);
            if (--held_by[on] == 0) next.push_back(on);
        });
    }
    FLEETSIM_CHECK(next.size() == size);
    return result;
}

}  // namespace fleetsim::ecs
