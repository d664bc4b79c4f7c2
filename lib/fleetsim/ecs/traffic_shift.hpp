#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::ecs {

/// How a new deployment takes over: task by task, or beside the old one (green beside blue), with production traffic
/// shifted at once, in equal steps, or in two.
///
/// Source: Amazon ECS API Reference, DeploymentConfiguration, `strategy`.
enum class DeploymentStrategy : std::uint8_t { rolling, blue_green, linear, canary };

inline constexpr std::array<std::string_view, 4> deployment_strategy_names{"ROLLING", "BLUE_GREEN", "LINEAR", "CANARY"};

[[nodiscard]] constexpr std::string_view name(DeploymentStrategy strategy) {
    return deployment_strategy_names[static_cast<std::size_t>(strategy)];
}

/// All of the traffic. Shares are whole numbers of tenths of a percent, the grain of AWS.
inline constexpr std::int32_t whole_per_mille = 1000;

/// The longest that any bake time can be.
inline constexpr des::Duration longest_bake_time = std::chrono::minutes{1440};

/// Steps of one size with a pause between them. The first comes when the shift begins; there is no pause after the
/// last.
///
/// Source: Amazon ECS API Reference, LinearConfiguration.
struct LinearConfiguration {
    std::int32_t step_per_mille = 100;  ///< `stepPercent`, 3.0 to 100.0 %.
    des::Duration step_bake_time = std::chrono::minutes{6};
};

/// A small step when the shift begins, and after a pause all the rest.
///
/// Source: Amazon ECS API Reference, CanaryConfiguration.
struct CanaryConfiguration {
    std::int32_t canary_per_mille = 50;  ///< `canaryPercent`, 0.1 to 100.0 %.
    des::Duration canary_bake_time = std::chrono::minutes{10};
};

inline constexpr std::int32_t smallest_linear_step_per_mille = 30;
inline constexpr std::int32_t smallest_canary_per_mille = 1;

/// How production traffic goes over from blue to green, once all green tasks are healthy.
///
/// Source: Amazon ECS API Reference, DeploymentConfiguration; Amazon ECS Developer Guide, "Amazon ECS blue/green
/// deployments", "Amazon ECS linear deployments" and "Amazon ECS canary deployments". Left out: test traffic and
/// lifecycle hooks.
struct TrafficShift {
    DeploymentStrategy strategy = DeploymentStrategy::blue_green;  ///< Not `rolling`, which shifts nothing.
    des::Duration bake_time{};  ///< How long blue stays after the shift, to go back to; ECS wants it stated.
    LinearConfiguration linear{};
    CanaryConfiguration canary{};
};

/// When green has all of the traffic, since the shift began.
///
/// Source: AWS CloudFormation Template Reference, LinearConfiguration (the number of pauses).
[[nodiscard]] constexpr des::Duration shifted_at(const TrafficShift& shift) {
    FLEETSIM_CHECK(shift.strategy != DeploymentStrategy::rolling);
    if (shift.strategy == DeploymentStrategy::blue_green) return {};
    if (shift.strategy == DeploymentStrategy::canary) return shift.canary.canary_bake_time;
    FLEETSIM_CHECK(shift.linear.step_per_mille > 0);
    const std::int32_t pauses = (whole_per_mille - 1) / shift.linear.step_per_mille;
    return pauses * shift.linear.step_bake_time;
}

/// When the deployment is complete and blue is stopped, since the shift began.
[[nodiscard]] constexpr des::Duration finished_at(const TrafficShift& shift) {
    return shifted_at(shift) + shift.bake_time;
}

/// Green's share of production traffic at a time since the shift began; before that there is none.
[[nodiscard]] constexpr std::int32_t green_per_mille_at(const TrafficShift& shift, des::Duration since) {
    if (since < des::Duration{}) return 0;
    if (since >= shifted_at(shift)) return whole_per_mille;
    if (shift.strategy == DeploymentStrategy::canary) return shift.canary.canary_per_mille;
    const std::int64_t steps = since / shift.linear.step_bake_time + 1;
    return static_cast<std::int32_t>(steps * shift.linear.step_per_mille);
}

/// The next time after `since` at which green's share grows, since the shift began. Nothing when green has it all.
[[nodiscard]] constexpr std::optional<des::Duration> next_change(const TrafficShift& shift, des::Duration since) {
    if (since < des::Duration{}) return des::Duration{};
    if (green_per_mille_at(shift, since) == whole_per_mille) return std::nullopt;
    if (shift.strategy == DeploymentStrategy::canary) return shift.canary.canary_bake_time;
    return (since / shift.linear.step_bake_time + 1) * shift.linear.step_bake_time;
}

}  // namespace fleetsim::ecs
