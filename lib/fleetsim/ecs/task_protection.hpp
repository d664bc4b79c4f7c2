#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/ecs/service_scheduler.hpp>

namespace fleetsim::ecs {

/// How long a task is protected from scale-in and deployments, if it does not say.
///
/// Source: Amazon ECS API Reference, UpdateTaskProtection.
inline constexpr std::chrono::minutes default_protection{120};
inline constexpr std::chrono::minutes shortest_protection{1};
inline constexpr std::chrono::minutes longest_protection{2880};

/// When a protection that is asked for now ends; it takes the place of one that the task already has.
[[nodiscard]] inline des::Time protected_until(des::Time now, std::chrono::minutes expires_in = default_protection) {
    FLEETSIM_CHECK(expires_in >= shortest_protection && expires_in <= longest_protection);
    return now + expires_in;
}

/// Is a task protected that was protected until then, or never?
[[nodiscard]] constexpr bool is_protected(std::optional<des::Time> until, des::Time now) {
    return until && now < *until;
}

/// Of a service's tasks, those that are protected.
struct ProtectedTasks {
    std::int32_t kept = 0;
    std::int32_t healthy_leaving = 0;
};

/// The decision without stopping a protected task. Old ones stay until their protection ends, however long the
/// deployment waits for them. `tasks` are those that were decided on.
///
/// Source: Amazon ECS Developer Guide, "Protect your Amazon ECS tasks from being terminated by scale-in events". Not
/// for tasks on a draining instance, nor for unhealthy ones: they are not stopped by scale-in.
[[nodiscard]] constexpr Reconciliation sparing(Reconciliation wanted, const ServiceTasks& tasks,
                                               const ProtectedTasks& spared) {
    FLEETSIM_CHECK(spared.kept <= tasks.kept && spared.healthy_leaving <= tasks.healthy_leaving);
    wanted.stop_kept = std::min(wanted.stop_kept, tasks.kept - spared.kept);
    wanted.stop_healthy_leaving = std::min(wanted.stop_healthy_leaving, tasks.healthy_leaving - spared.healthy_leaving);
    return wanted;
}

}  // namespace fleetsim::ecs
