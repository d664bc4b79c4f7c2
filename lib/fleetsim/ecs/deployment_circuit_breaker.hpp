#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include <fleetsim/des/check.hpp>

namespace fleetsim::ecs {

/// How the number of failures that a deployment is allowed follows from the threshold's value.
enum class ThresholdType : std::uint8_t { bounded_percent, unbounded_percent, count };

inline constexpr std::array<std::string_view, 3> threshold_type_names{"BOUNDED_PERCENT", "UNBOUNDED_PERCENT", "COUNT"};

[[nodiscard]] constexpr std::string_view name(ThresholdType type) {
    return threshold_type_names[static_cast<std::size_t>(type)];
}

/// When the circuit breaker trips. The bounds hold for `bounded_percent` only; until the end of 2023 the lower one was
/// 10.
///
/// Source: Amazon ECS API Reference, ThresholdConfiguration; Amazon ECS Developer Guide, "How the Amazon ECS deployment
/// circuit breaker detects failures".
struct ThresholdConfiguration {
    ThresholdType type = ThresholdType::bounded_percent;
    std::int32_t value = 50;  ///< Percent of the desired count, or a number of failures.
    std::int32_t minimum = 3;
    std::int32_t maximum = 200;
};

/// A service's deployment circuit breaker.
///
/// Source: Amazon ECS API Reference, DeploymentCircuitBreaker. "The rolling update (ECS) deployment type" there is the
/// controller of that name; its blue/green, linear and canary strategies are accepted with a circuit breaker too.
struct DeploymentCircuitBreaker {
    bool enable = false;
    bool rollback = false;              ///< A failed deployment is followed by one of the last that was completed.
    bool reset_on_healthy_task = true;  ///< Only failures without a healthy task between them add up.
    ThresholdConfiguration threshold{};
};

/// Failures at which a deployment has failed: percentages of the desired count as it is now, rounded up.
///
/// Source: Amazon ECS API Reference, ThresholdConfiguration. That it is never less than one is a model decision.
[[nodiscard]] constexpr std::int32_t failure_threshold(const ThresholdConfiguration& threshold, std::int32_t desired) {
    FLEETSIM_CHECK(threshold.value >= 0 && desired >= 0 && threshold.minimum <= threshold.maximum);
    if (threshold.type == ThresholdType::count) return std::max(1, threshold.value);
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    const std::int64_t share = (std::int64_t{threshold.value} * desired + 99) / 100;
    const auto failures = static_cast<std::int32_t>(std::min(share, most));
    const bool bounded = threshold.type == ThresholdType::bounded_percent;
    return std::max(1, bounded ? std::clamp(failures, threshold.minimum, threshold.maximum) : failures);
}

/// What the circuit breaker remembers of one deployment. Failures to start count while no task of it has been running,
/// failed health checks afterwards; both in one counter, a model decision. A task that runs and then ends by itself
/// counts for neither.
///
/// Source: Amazon ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects failures".
struct DeploymentFailures {
    std::int32_t failures = 0;
    bool any_running = false;
    friend bool operator==(const DeploymentFailures&, const DeploymentFailures&) = default;
};

/// A task stopped before it was RUNNING, or found no place. That the latter counts is observed, not documented.
[[nodiscard]] constexpr DeploymentFailures after_failed_start(DeploymentFailures deployment) {
    if (!deployment.any_running) ++deployment.failures;
    return deployment;
}

/// A task reached RUNNING.
[[nodiscard]] constexpr DeploymentFailures after_running(DeploymentFailures deployment) {
    deployment.any_running = true;
    return deployment;
}

/// A task is replaced because a load balancer, Cloud Map or a container health check found it unhealthy.
[[nodiscard]] constexpr DeploymentFailures after_failed_health_check(DeploymentFailures deployment) {
    if (deployment.any_running) ++deployment.failures;
    return deployment;
}

/// A task passed its health checks.
///
/// Source: Amazon ECS API Reference, DeploymentCircuitBreaker, `resetOnHealthyTask`.
[[nodiscard]] constexpr DeploymentFailures after_healthy(DeploymentFailures deployment,
                                                         const DeploymentCircuitBreaker& breaker) {
    if (breaker.reset_on_healthy_task) deployment.failures = 0;
    return deployment;
}

/// Has the deployment failed? Then it launches nothing more.
[[nodiscard]] constexpr bool has_failed(const DeploymentFailures& deployment, const DeploymentCircuitBreaker& breaker,
                                        std::int32_t desired) {
    return breaker.enable && deployment.failures >= failure_threshold(breaker.threshold, desired);
}

/// How far a deployment has come.
enum class RolloutState : std::uint8_t { in_progress, completed, failed };

inline constexpr std::array<std::string_view, 3> rollout_state_names{"IN_PROGRESS", "COMPLETED", "FAILED"};

[[nodiscard]] constexpr std::string_view name(RolloutState state) {
    return rollout_state_names[static_cast<std::size_t>(state)];
}

/// The deployment to go back to after a failure, of all of the service's, oldest first: the last that is completed. It
/// is in progress again while it is rolled back to. Nothing if there is none: then the service stays as it is.
///
/// Source: Amazon ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects failures".
[[nodiscard]] constexpr std::optional<std::size_t> rollback_target(const DeploymentCircuitBreaker& breaker,
                                                                   std::span<const RolloutState> deployments) {
    if (!breaker.enable || !breaker.rollback) return std::nullopt;
    for (std::size_t i = deployments.size(); i > 0; --i) {
        if (deployments[i - 1] == RolloutState::completed) return i - 1;
    }
    return std::nullopt;
}

}  // namespace fleetsim::ecs
