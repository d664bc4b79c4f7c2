#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <fleetsim/scaling/statistic.hpp>
#include <fleetsim/scenario/reading.hpp>

/// Metrics of the scenario, which exist once somebody asks for them, and what alarms and policies ask.
namespace fleetsim::scenario {

/// The metric of that source, made at its first mention.
[[nodiscard]] sim::MetricId metric_of(Reading& reading, sim::ServiceMetric source);
[[nodiscard]] sim::MetricId metric_of(Reading& reading, sim::GroupMetric source);
[[nodiscard]] sim::MetricId metric_of(Reading& reading, CustomMetricId source);

/// The metrics' names in CloudWatch, in the order of the figures.
inline constexpr std::array<std::string_view, static_cast<std::size_t>(sim::ServiceFigure::count)> service_figure_names{
    "CPUUtilization",     "MemoryUtilization", "RequestCount",     "RequestCountPerTarget", "TargetResponseTime",
    "HTTPCode_5XX_Count", "RunningTaskCount",  "DesiredTaskCount", "PendingTaskCount"};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(sim::GroupFigure::count)> group_figure_names{
    "CPUUtilization",
    "NetworkIn",
    "NetworkOut",
    "RequestCountPerTarget",
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupPendingInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances"};

[[nodiscard]] constexpr std::string_view name_of(sim::ServiceFigure figure) {
    return service_figure_names[static_cast<std::size_t>(figure)];
}
[[nodiscard]] constexpr std::string_view name_of(sim::GroupFigure figure) {
    return group_figure_names[static_cast<std::size_t>(figure)];
}

/// Does only a load balancer know it?
[[nodiscard]] bool is_of_balancers(sim::ServiceFigure figure);

/// Warns of a figure that is always 0, for want of a workload.
void warn_of_idle_figure(Reading& reading, Position at, const sim::GroupMetric& metric);

/// What makes a metric that is coarser than a minute come each minute.
[[nodiscard]] std::string how_to_publish_each_minute(const sim::Metric& metric);

[[nodiscard]] sim::MetricQuery query_of(const Reading& reading, sim::MetricId metric, scaling::Statistic statistic);

/// Reads `{service: web, metric_name: CPUUtilization}`, the same of an Auto Scaling group or of a custom metric, or an
/// expression over several of them. Nothing when it is wrong, which is reported.
[[nodiscard]] std::optional<sim::MetricQuery> read_metric_query(Reading& reading, const Field& field);

}  // namespace fleetsim::scenario
