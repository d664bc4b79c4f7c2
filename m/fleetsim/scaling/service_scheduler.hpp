#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::scaling {

/// A service's tasks as its scheduler counts them. Tasks on a draining instance are leaving, all others that are not
/// being stopped already are kept, whether they run yet or wait for a place.
struct ServiceTasks {
    std::int32_t desired = 0;
    std::int32_t kept = 0;
    std::int32_t leaving = 0;
    std::int32_t healthy_kept = 0;     ///< Of the kept: running and passing their health checks.
    std::int32_t healthy_leaving = 0;  ///< Of the leaving.
};

struct Reconciliation {
    std::int32_t start = 0;
    std::int32_t stop_kept = 0;
    std::int32_t stop_healthy_leaving = 0;
    bool stop_unhealthy_leaving = false;  ///< All of them: they serve nobody.
    friend bool operator==(const Reconciliation&, const Reconciliation&) = default;
};

/// What brings a service to its desired count. Tasks on a draining instance do not count; each healthy one is stopped
/// once a healthy task has taken its place (minimum healthy percent 100, maximum percent 200).
///
/// Source: Amazon ECS Developer Guide, "Service scheduler concepts" and "Container instance draining".
/// Left out: other percentages, and the rate of 500 tasks a minute.
[[nodiscard]] constexpr Reconciliation reconcile(const ServiceTasks& tasks) {
    Reconciliation wanted;
    wanted.start = std::max(0, tasks.desired - tasks.kept);
    wanted.stop_kept = std::max(0, tasks.kept - tasks.desired);
    // Kept tasks that are about to stop are no replacement for anything.
    const std::int32_t healthy_kept = std::min(tasks.healthy_kept, tasks.desired);
    const std::int32_t spare = healthy_kept + tasks.healthy_leaving - tasks.desired;
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
