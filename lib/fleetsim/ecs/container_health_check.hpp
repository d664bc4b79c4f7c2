#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::ecs {

/// The health check of one container, with the defaults of a task definition. Its command runs inside the container:
/// first one interval after the container has started, then one interval after the check before has ended.
///
/// Source: Amazon ECS API Reference, "HealthCheck"; Docker documentation, "HEALTHCHECK".
struct ContainerHealthCheck {
    des::Duration interval = std::chrono::seconds{30};
    des::Duration timeout = std::chrono::seconds{5};
    std::int32_t retries = 3;                       ///< So many failures in a row make it unhealthy.
    des::Duration start_period = des::Duration{0};  ///< Failures of checks that begin before its end do not count.
    friend bool operator==(const ContainerHealthCheck&, const ContainerHealthCheck&) = default;
};

/// What a task definition accepts.
///
/// Source: Amazon ECS API Reference, "HealthCheck".
inline constexpr std::chrono::seconds least_health_check_interval{5};
inline constexpr std::chrono::seconds most_health_check_interval{300};
inline constexpr std::chrono::seconds least_health_check_timeout{2};
inline constexpr std::chrono::seconds most_health_check_timeout{60};
inline constexpr std::int32_t least_health_check_retries = 1;
inline constexpr std::int32_t most_health_check_retries = 10;
inline constexpr std::chrono::seconds most_health_check_start_period{300};

/// Why a task definition with such a check is refused; empty if it is not.
[[nodiscard]] constexpr std::string_view fault(const ContainerHealthCheck& check) {
    if (check.interval < least_health_check_interval || check.interval > most_health_check_interval)
        return "the interval of a health check is 5 to 300 s";
    if (check.timeout < least_health_check_timeout || check.timeout > most_health_check_timeout)
        return "the timeout of a health check is 2 to 60 s";
    if (check.retries < least_health_check_retries || check.retries > most_health_check_retries)
        return "the retries of a health check are 1 to 10";
    if (check.start_period < des::Duration{0} || check.start_period > most_health_check_start_period)
        return "the start period of a health check is 0 to 300 s";
    return {};
}

/// A container's health as ECS reports it: unknown until the first verdict.
enum class ContainerHealth : std::uint8_t { unknown, healthy, unhealthy };

inline constexpr std::array<std::string_view, 3> container_health_names{"UNKNOWN", "HEALTHY", "UNHEALTHY"};

/// How a check fails. A command that is refused fails at once, one that hangs is given up after the timeout. That a
/// check takes no time otherwise is a model decision.
enum class CheckFailure : std::uint8_t { at_once, hangs };

/// The health a container comes to, and when.
struct HealthVerdict {
    des::Time at;
    ContainerHealth health = ContainerHealth::unknown;
    friend bool operator==(const HealthVerdict&, const HealthVerdict&) = default;
};

namespace detail {

[[nodiscard]] constexpr des::Duration length(const ContainerHealthCheck& check, CheckFailure failure) {
    return failure == CheckFailure::hangs ? check.timeout : des::Duration{0};
}

/// How many steps of `period` it takes from `first` until nothing before `from` is left.
[[nodiscard]] constexpr std::int64_t steps_until(des::Time first, des::Duration period, des::Time from) {
    if (from <= first) return 0;
    return (from - first + period - des::Duration{1}) / period;
}

}  // namespace detail

/// A container's first verdict when its checks fail until it answers and succeed from then on; `answering_from` is
/// absent if it never does. It is healthy at its first success, which also ends the start period, and unhealthy if
/// `retries` failures that count come before: at most `start_period + retries * interval` after its start if checks
/// fail at once. Cost: O(1).
///
/// Source: Amazon ECS API Reference, "HealthCheck"; Docker documentation, "HEALTHCHECK". Left out: the shorter interval
/// of newer Docker engines in the start period.
[[nodiscard]] inline HealthVerdict first_health_verdict(const ContainerHealthCheck& check, des::Time started,
                                                        std::optional<des::Time> answering_from,
                                                        CheckFailure failure = CheckFailure::at_once) {
    FLEETSIM_CHECK(fault(check).empty());
    const des::Duration length = detail::length(check, failure);
    const des::Duration period = check.interval + length;
    const des::Time first = started + check.interval;
    const des::Time last_chance =
        first +
        (detail::steps_until(first, period, started + check.start_period) + std::int64_t{check.retries} - 1) * period;
    if (answering_from && *answering_from <= last_chance) {
        return {first + detail::steps_until(first, period, *answering_from) * period, ContainerHealth::healthy};
    }
    return {last_chance + length, ContainerHealth::unhealthy};
}

/// When an unhealthy container that answers again from `answering_from` is found healthy: at its first success. ECS
/// replaces a service's task instead; a task on its own only reports.
[[nodiscard]] inline des::Time container_recovered_at(const ContainerHealthCheck& check, des::Time unhealthy_at,
                                                      des::Time answering_from, CheckFailure failure) {
    FLEETSIM_CHECK(fault(check).empty());
    const des::Duration period = check.interval + detail::length(check, failure);
    const des::Time next = unhealthy_at + check.interval;
    return next + detail::steps_until(next, period, answering_from) * period;
}

}  // namespace fleetsim::ecs
