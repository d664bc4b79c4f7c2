#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <fleetsim/des/time.hpp>

namespace fleetsim::routing {

/// A target group's health check settings, with the balancer's defaults.
///
/// Source: Application Load Balancers User Guide, "Health checks for your target groups".
struct HealthCheck {
    des::Duration interval = std::chrono::seconds{30};
    des::Duration timeout = std::chrono::seconds{5};
    std::uint32_t healthy_threshold = 5;
    std::uint32_t unhealthy_threshold = 2;
};

/// A registered target as its group sees it. Only healthy targets are chosen; unhealthy ones are too when no target is
/// healthy ("fail open"); draining ones finish what they have.
enum class TargetState : std::uint8_t { initial, healthy, unhealthy, draining, unused };

inline constexpr std::array<std::string_view, 5> target_state_names{"initial", "healthy", "unhealthy", "draining",
                                                                    "unused"};

/// A target's state and the run of equal check results that may change it.
struct TargetHealth {
    TargetState state = TargetState::initial;
    std::uint32_t successes = 0;
    std::uint32_t failures = 0;
};

/// The target after one more check. One success makes an initial target healthy; later changes take a run of
/// `healthy_threshold` successes or `unhealthy_threshold` failures, and the opposite result starts the run again.
///
/// Source: Application Load Balancers User Guide, "Target health status"; initial to unhealthy is a model decision.
[[nodiscard]] constexpr TargetHealth after_check(TargetHealth health, const HealthCheck& check, bool success) {
    if (health.state == TargetState::draining || health.state == TargetState::unused) return health;
    health.successes = success ? health.successes + 1 : 0;
    health.failures = success ? 0 : health.failures + 1;
    if (health.state == TargetState::initial && success) health.state = TargetState::healthy;
    if (health.state == TargetState::unhealthy && health.successes >= check.healthy_threshold) {
        health.state = TargetState::healthy;
    }
    if (health.state != TargetState::unhealthy && health.failures >= check.unhealthy_threshold) {
        health.state = TargetState::unhealthy;
    }
    return health;
}

/// The first check at or after `from`, when checks start at `first_check` and follow every interval.
[[nodiscard]] constexpr des::Time next_check(const HealthCheck& check, des::Time first_check, des::Time from) {
    if (from <= first_check) return first_check;
    const auto missed = (from - first_check + check.interval - des::Duration{1}) / check.interval;
    return first_check + missed * check.interval;
}

/// When a target that has stopped answering at `silent_from` is found unhealthy, so that checks which change nothing
/// need not be simulated: each failure is known one timeout after its check began.
[[nodiscard]] constexpr des::Time unhealthy_at(const HealthCheck& check, des::Time first_check, des::Time silent_from) {
    const des::Time first_failure = next_check(check, first_check, silent_from);
    return first_failure + (check.unhealthy_threshold - 1) * check.interval + check.timeout;
}

/// When a target that answers every check from `answering_from` is found healthy. Answers take no time here.
[[nodiscard]] constexpr des::Time healthy_at(const HealthCheck& check, TargetState state, des::Time first_check,
                                             des::Time answering_from) {
    const std::uint32_t needed = state == TargetState::unhealthy ? check.healthy_threshold : 1;
    return next_check(check, first_check, answering_from) + (needed - 1) * check.interval;
}

}  // namespace fleetsim::routing
