#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <fleetsim/des/time.hpp>
#include <fleetsim/scaling/metric.hpp>

namespace fleetsim::scaling {

/// Metrics that target tracking knows by name.
///
/// Source: Application Auto Scaling API Reference, PredefinedMetricSpecification; Amazon EC2 Auto Scaling API
/// Reference, PredefinedMetricSpecification.
enum class PredefinedMetric : std::uint8_t {
    ecs_service_average_cpu_utilization,     ///< Percent of what the tasks reserve.
    ecs_service_average_memory_utilization,  ///< Percent of what the tasks reserve.
    alb_request_count_per_target,            ///< Requests a target and minute.
    asg_average_cpu_utilization,             ///< Percent.
    asg_average_network_in,                  ///< Bytes an instance and minute.
    asg_average_network_out,                 ///< Bytes an instance and minute.
    count
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(PredefinedMetric::count)>
    predefined_metric_names{"ECSServiceAverageCPUUtilization",
                            "ECSServiceAverageMemoryUtilization",
                            "ALBRequestCountPerTarget",
                            "ASGAverageCPUUtilization",
                            "ASGAverageNetworkIn",
                            "ASGAverageNetworkOut"};

/// Those that an ECS service may track.
inline constexpr std::array<std::string_view, 3> service_metric_names{
    "ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", "ALBRequestCountPerTarget"};

/// Those that an Auto Scaling group may track.
inline constexpr std::array<std::string_view, 4> group_metric_names{"ASGAverageCPUUtilization", "ASGAverageNetworkIn",
                                                                    "ASGAverageNetworkOut", "ALBRequestCountPerTarget"};

[[nodiscard]] constexpr std::string_view name(PredefinedMetric metric) {
    return predefined_metric_names[static_cast<std::size_t>(metric)];
}

namespace detail {

[[nodiscard]] constexpr std::optional<PredefinedMetric> predefined_metric(std::string_view name,
                                                                          std::span<const std::string_view> allowed) {
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) return std::nullopt;
    const auto& all = predefined_metric_names;
    return static_cast<PredefinedMetric>(std::find(all.begin(), all.end(), name) - all.begin());
}

}  // namespace detail

/// Absent when a service has no metric of that name.
[[nodiscard]] constexpr std::optional<PredefinedMetric> service_metric(std::string_view name) {
    return detail::predefined_metric(name, service_metric_names);
}

/// Absent when a group has no metric of that name.
[[nodiscard]] constexpr std::optional<PredefinedMetric> group_metric(std::string_view name) {
    return detail::predefined_metric(name, group_metric_names);
}

/// Where the low alarm of a target tracking policy stands, as a share of the target.
///
/// Source: alarms that AWS creates, as observed for services and for a group's CPU; for a group's other metrics it is
/// our assumption.
[[nodiscard]] constexpr double low_alarm_share(PredefinedMetric metric) {
    return metric == PredefinedMetric::asg_average_cpu_utilization ? 0.7 : 0.9;
}

}  // namespace fleetsim::scaling
