#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <fleetsim/des/time.hpp>

namespace fleetsim::scaling {

/// Whose word an Auto Scaling group takes on its instances' health, besides EC2's.
enum class HealthCheckType : std::uint8_t { ec2, elb };

inline constexpr std::array<std::string_view, 2> health_check_type_names{"EC2", "ELB"};

[[nodiscard]] constexpr std::string_view name(HealthCheckType type) {
    return health_check_type_names[static_cast<std::size_t>(type)];
}

/// How long failed status checks are tolerated. AWS says "a few minutes"; the figure is a model decision.
inline constexpr des::Duration impairment_tolerance = std::chrono::seconds{180};

struct HealthChecks {
    HealthCheckType type = HealthCheckType::ec2;
    des::Duration grace_period{};  ///< After an instance came into service; 300 s when made in the console.
};

/// What is known of an instance in service, which EC2 runs: what no longer runs is missing from its group at once.
struct InstanceHealth {
    des::Time in_service_since;
    std::optional<des::Time> impaired_since{};  ///< It has failed EC2's status checks since then.
    bool failed_by_load_balancer = false;
    bool set_unhealthy = false;  ///< By a custom health check, with SetInstanceHealth.
};

/// Does its group consider an instance unhealthy? Not before the grace period is over.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Health checks for instances in an Auto Scaling group"; EC2 Auto Scaling
/// API Reference, SetInstanceHealth (which counts whatever the health check type).
/// Left out: scheduled events, and SetInstanceHealth calls that do not respect the grace period.
[[nodiscard]] constexpr bool unhealthy(const HealthChecks& checks, const InstanceHealth& instance, des::Time now) {
    if (now - instance.in_service_since < checks.grace_period) return false;
    const bool impaired = instance.impaired_since && now - *instance.impaired_since >= impairment_tolerance;
    const bool failed = checks.type == HealthCheckType::elb && instance.failed_by_load_balancer;
    return impaired || failed || instance.set_unhealthy;
}

/// Is an unhealthy instance replaced immediately, whatever else goes on? As those are that no longer run.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Health checks for instances in an Auto Scaling group".
[[nodiscard]] constexpr bool replaced_immediately(const InstanceHealth& instance) { return instance.set_unhealthy; }

/// How many impaired instances a group replaces at once: a tenth of the desired capacity, at least one.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Health checks for instances in an Auto Scaling group".
[[nodiscard]] constexpr std::int32_t replacements_at_once(std::int32_t desired_capacity) {
    return std::max(1, desired_capacity / 10);
}

/// A group with unhealthy instances that need not be replaced immediately.
struct ReplacementView {
    std::int32_t desired = 0;
    std::int32_t in_service = 0;        ///< Healthy or not.
    std::int32_t unhealthy = 0;         ///< Of those, unhealthy and not replaced immediately.
    std::int32_t being_replaced = 0;    ///< Earlier ones whose replacement is not yet healthy and warmed up.
    bool activity_in_progress = false;  ///< A scaling activity of the group is under way.
};

/// How many of these unhealthy instances to replace now. A batch waits for the one before it, and all wait for a
/// scaling activity while the group lacks a tenth of its desired capacity or more. Ending the old instance and
/// launching the new one go on side by side; neither cooldowns nor termination policies nor scale-in protection matter.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Health checks for instances in an Auto Scaling group".
[[nodiscard]] constexpr std::int32_t replacements_now(const ReplacementView& group) {
    const bool far_below = 10LL * (group.desired - group.in_service) >= group.desired;
    if (group.being_replaced > 0 || (group.activity_in_progress && far_below)) return 0;
    return std::min(group.unhealthy, replacements_at_once(group.desired));
}

}  // namespace fleetsim::scaling
