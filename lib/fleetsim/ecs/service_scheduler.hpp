#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::ecs {

/// How far a service may fall short of its desired count, or exceed it, while tasks are replaced.
///
/// Source: Amazon ECS API Reference, DeploymentConfiguration.
struct DeploymentConfiguration {
    std::int32_t minimum_healthy_percent = 100;
    std::int32_t maximum_percent = 200;
};

/// What a daemon service has unless it says otherwise. Its maximum percent is always this one: there is one task on an
/// instance, and an old one stops before a new one starts.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS services"; Amazon ECS API Reference, DeploymentConfiguration.
inline constexpr DeploymentConfiguration default_daemon_deployment{0, 100};

/// How long a task without load balancer and without container health check has been RUNNING when it counts as healthy
/// in a deployment.
///
/// Source: Amazon ECS API Reference, DeploymentConfiguration, `minimumHealthyPercent`.
inline constexpr des::Duration healthy_after_running = std::chrono::seconds{40};

/// Healthy tasks that there must be while tasks are replaced: rounded up.
///
/// Source: Amazon ECS API Reference, DeploymentConfiguration.
[[nodiscard]] constexpr std::int32_t lower_limit(const DeploymentConfiguration& deployment, std::int32_t desired) {
    return static_cast<std::int32_t>((std::int64_t{desired} * deployment.minimum_healthy_percent + 99) / 100);
}

/// Tasks that there may be, those that are being stopped included: rounded down.
///
/// Source: Amazon ECS API Reference, DeploymentConfiguration.
[[nodiscard]] constexpr std::int32_t upper_limit(const DeploymentConfiguration& deployment, std::int32_t desired) {
    return static_cast<std::int32_t>(std::int64_t{desired} * deployment.maximum_percent / 100);
}

/// Can a task be replaced at all? Not if neither one fewer nor one more is allowed.
[[nodiscard]] constexpr bool can_replace(const DeploymentConfiguration& deployment, std::int32_t desired) {
    return desired == 0 || lower_limit(deployment, desired) < desired || upper_limit(deployment, desired) > desired;
}

/// A service's tasks as its scheduler counts them. Tasks on a draining instance are leaving, all others that are not
/// being stopped already are kept, whether they run yet or wait for a place.
struct ServiceTasks {
    std::int32_t desired = 0;
    std::int32_t kept = 0;
    std::int32_t leaving = 0;
    std::int32_t healthy_kept = 0;     ///< Of the kept: running and passing their health checks.
    std::int32_t healthy_leaving = 0;  ///< Of the leaving.
    std::int32_t stopping = 0;         ///< Besides: they take their time to stop.
    bool deployment_failed = false;    ///< Its circuit breaker has tripped, and nothing is rolled back.
};

struct Reconciliation {
    std::int32_t start = 0;
    std::int32_t stop_kept = 0;
    std::int32_t stop_healthy_leaving = 0;
    bool stop_unhealthy_leaving = false;  ///< All of them: they serve nobody.
    friend bool operator==(const Reconciliation&, const Reconciliation&) = default;
};

/// What brings a service to its desired count. Tasks on a draining instance do not count: others take their place, as
/// many at a time as the upper limit leaves room for, and a healthy one is stopped whenever enough others are healthy
/// for the lower limit. A failed deployment starts nothing, and stops no healthy task that is still needed.
///
/// Source: Amazon ECS Developer Guide, "Service scheduler concepts", "Container instance draining" and "Rolling
/// update". What a failed deployment still stops is a model decision. Left out: the rate of 500 tasks a minute.
[[nodiscard]] constexpr Reconciliation reconcile(const ServiceTasks& tasks, const DeploymentConfiguration& deployment) {
    Reconciliation wanted;
    const std::int32_t room = upper_limit(deployment, tasks.desired) - tasks.kept - tasks.leaving - tasks.stopping;
    wanted.start = tasks.deployment_failed ? 0 : std::clamp(tasks.desired - tasks.kept, 0, std::max(0, room));
    wanted.stop_kept = std::max(0, tasks.kept - tasks.desired);
    // Kept tasks that are about to stop are no replacement for anything.
    const std::int32_t healthy_kept = std::min(tasks.healthy_kept, tasks.desired);
    const std::int32_t needed = tasks.deployment_failed ? tasks.desired : lower_limit(deployment, tasks.desired);
    const std::int32_t spare = healthy_kept + tasks.healthy_leaving - needed;
    wanted.stop_healthy_leaving = std::clamp(spare, 0, tasks.healthy_leaving);
    wanted.stop_unhealthy_leaving = tasks.leaving > tasks.healthy_leaving;
    return wanted;
}

/// What a container instance is to a daemon service.
enum class DaemonPlace : std::uint8_t {
    wanted,      ///< Takes tasks and satisfies the constraints: there is to be a task on it.
    draining,    ///< Takes no tasks.
    unsuitable,  ///< Does not satisfy the constraints.
};

/// The daemon service's task on an instance.
enum class DaemonTask : std::uint8_t {
    none,
    newest,  ///< Of the newest deployment.
    older,
    stopping,
};

struct DaemonInstance {
    DaemonPlace place = DaemonPlace::wanted;
    DaemonTask task = DaemonTask::none;
    bool healthy = false;      ///< The task is running and passes its health checks.
    bool other_tasks = false;  ///< Tasks of other services are still on the instance.
};

/// Instances, by their index, on which the service's task is started or stopped.
struct DaemonReconciliation {
    std::vector<std::size_t> start;
    std::vector<std::size_t> stop;
    friend bool operator==(const DaemonReconciliation&, const DaemonReconciliation&) = default;
};

/// What brings a daemon service to one task of the newest deployment on each instance that it wants. An old task stops
/// before the new one starts in its place; healthy ones in the order of the instances, as long as enough are healthy
/// for the lower limit, unhealthy ones at once. On a draining instance the task is the last to stop. A failed
/// deployment starts nothing and replaces nothing. Linear in the instances.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS services" (daemon) and "Container instance draining"; the order, and
/// that unhealthy tasks do not wait, are model decisions.
[[nodiscard]] inline DaemonReconciliation reconcile_daemon(
    std::span<const DaemonInstance> instances, const DeploymentConfiguration& deployment = default_daemon_deployment,
    bool deployment_failed = false) {
    std::int32_t wanted = 0;
    std::int32_t healthy = 0;
    for (const DaemonInstance& instance : instances) {
        if (instance.place != DaemonPlace::wanted) continue;
        const bool serves = instance.task == DaemonTask::newest || instance.task == DaemonTask::older;
        ++wanted;
        healthy += serves && instance.healthy ? 1 : 0;
    }
    std::int32_t spare = std::max(0, healthy - lower_limit(deployment, wanted));
    DaemonReconciliation decision;
    for (std::size_t i = 0; i < instances.size(); ++i) {
        const DaemonInstance& instance = instances[i];
        const bool present = instance.task == DaemonTask::newest || instance.task == DaemonTask::older;
        if (instance.place == DaemonPlace::wanted) {
            if (instance.task == DaemonTask::none && !deployment_failed) decision.start.push_back(i);
            const bool replaceable = instance.task == DaemonTask::older && !deployment_failed;
            if (replaceable && (!instance.healthy || spare-- > 0)) decision.stop.push_back(i);
        } else if (present && !(instance.place == DaemonPlace::draining && instance.other_tasks)) {
            decision.stop.push_back(i);
        }
    }
    return decision;
}

/// Pause after the `failures`-th placement in a row that found no instance: 10 s, doubling up to 15 minutes.
///
/// Source: Amazon ECS Developer Guide, "Service throttle logic" (the ceiling); the growth is a model decision.
[[nodiscard]] inline des::Duration restart_throttle(std::uint32_t failures) {
    FLEETSIM_CHECK(failures > 0);
    constexpr des::Duration longest = std::chrono::minutes{15};
    constexpr des::Duration first = std::chrono::seconds{10};
    return failures > 7 ? longest : std::min(longest, first * (std::int64_t{1} << (failures - 1)));
}

}  // namespace fleetsim::ecs
