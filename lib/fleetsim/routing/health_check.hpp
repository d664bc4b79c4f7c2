#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <fleetsim/des/time.hpp>

namespace fleetsim::routing {

/// Checks of one target start every `interval` from its first; checks that change nothing need not be simulated, since
/// the functions below tell when the state changes.
///
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

/// The first check at or after `from`, when checks start at `first_check` and follow every interval.
[[nodiscard]] constexpr des::Time next_check(const HealthCheck& check, des::Time first_check, des::Time from) {
    if (from <= first_check) return first_check;
    const auto missed = (from - first_check + check.interval - des::Duration{1}) / check.interval;
    return first_check + missed * check.interval;
}

/// The state a target comes to, and when.
struct TargetVerdict {
    des::Time at;
    TargetState state = TargetState::initial;
};

/// A new target's first verdict: healthy at its first success, unhealthy if `unhealthy_threshold` checks come before it
/// answers. Until then nothing listens, so a check fails at once. Answers take no time here.
///
/// Source: Application Load Balancers User Guide, "Target health status"; initial to unhealthy is a model decision.
[[nodiscard]] constexpr TargetVerdict first_verdict(const HealthCheck& check, des::Time first_check,
                                                    des::Time answering_from) {
    const des::Time last_chance = first_check + (check.unhealthy_threshold - 1) * check.interval;
    if (last_chance < answering_from) return {last_chance, TargetState::unhealthy};
    return {next_check(check, first_check, answering_from), TargetState::healthy};
}

/// When a target that has stopped answering at `silent_from` is found unhealthy: each failure is known one timeout
/// after its check began.
[[nodiscard]] constexpr des::Time unhealthy_at(const HealthCheck& check, des::Time first_check, des::Time silent_from) {
    const des::Time first_failure = next_check(check, first_check, silent_from);
    return first_failure + (check.unhealthy_threshold - 1) * check.interval + check.timeout;
}

/// When an unhealthy target that answers every check from `answering_from` is found healthy.
[[nodiscard]] constexpr des::Time recovered_at(const HealthCheck& check, des::Time first_check,
                                               des::Time answering_from) {
    return next_check(check, first_check, answering_from) + (check.healthy_threshold - 1) * check.interval;
}

}  // namespace fleetsim::routing
