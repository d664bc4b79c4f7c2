#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::scaling {

/// How far a service may fall short of its desired count, or exceed it, while tasks are replaced.
///
/// Source: Amazon ECS API Reference, DeploymentConfiguration.
struct DeploymentConfiguration {
    std::int32_t minimum_healthy_percent = 100;
    std::int32_t maximum_percent = 200;
};

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
/// for the lower limit.
///
/// Source: Amazon ECS Developer Guide, "Service scheduler concepts", "Container instance draining" and "Rolling
/// update". Left out: the rate of 500 tasks a minute.
[[nodiscard]] constexpr Reconciliation reconcile(const ServiceTasks& tasks, const DeploymentConfiguration& deployment) {
    Reconciliation wanted;
    const std::int32_t room = upper_limit(deployment, tasks.desired) - tasks.kept - tasks.leaving - tasks.stopping;
    wanted.start = std::clamp(tasks.desired - tasks.kept, 0, std::max(0, room));
    wanted.stop_kept = std::max(0, tasks.kept - tasks.desired);
    // Kept tasks that are about to stop are no replacement for anything.
    const std::int32_t healthy_kept = std::min(tasks.healthy_kept, tasks.desired);
    const std::int32_t spare = healthy_kept + tasks.healthy_leaving - lower_limit(deployment, tasks.desired);
    wanted.stop_healthy_leaving = std::clamp(spare, 0, tasks.healthy_leaving);
    wanted.stop_unhealthy_leaving = tasks.leaving > tasks.healthy_leaving;
    return wanted;
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

}  // namespace fleetsim::scaling
