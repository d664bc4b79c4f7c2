#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <fleetsim/scaling/alarm.hpp>
#include <fleetsim/scaling/composite_alarm.hpp>
#include <fleetsim/scaling/metric.hpp>
#include <fleetsim/scaling/metric_math.hpp>
#include <fleetsim/scaling/predictive_scaling.hpp>
#include <fleetsim/scaling/schedule.hpp>
#include <fleetsim/scaling/scheduled_action.hpp>
#include <fleetsim/scaling/simple_scaling.hpp>
#include <fleetsim/scaling/statistic.hpp>
#include <fleetsim/scaling/step_scaling.hpp>
#include <fleetsim/scaling/target_tracking.hpp>
#include <fleetsim/sim/ids.hpp>
#include <fleetsim/traffic/rate_profile.hpp>

/// Metrics and alarms, and the scaling policies of groups and services that follow them.
namespace fleetsim::sim {

/// What CloudWatch can be asked about a service.
enum class ServiceFigure : std::uint8_t {
    cpu_utilization,           ///< Percent of the running tasks' reserved CPU.
    memory_utilization,        ///< Percent of their reserved memory.
    request_count,             ///< Requests a minute behind load balancers.
    request_count_per_target,  ///< The same, divided by the healthy targets.
    target_response_time,      ///< Seconds, of the requests answered.
    http_5xx_count,            ///< 500, 502, 503 and 504.
    running_task_count,
    desired_task_count,
    pending_task_count,
    count
};

/// What CloudWatch can be asked about an Auto Scaling group.
enum class GroupFigure : std::uint8_t {
    cpu_utilization,           ///< Percent, one sample an instance in service.
    network_in,                ///< Bytes, one sample an instance.
    network_out,               ///< Likewise.
    request_count_per_target,  ///< Requests a minute and instance, of the group's own workload.
    desired_capacity,
    in_service_instances,
    pending_instances,
    terminating_instances,
    total_instances,
    count
};

struct ServiceMetric {
    ServiceId service;
    ServiceFigure figure = ServiceFigure::cpu_utilization;
    friend bool operator==(const ServiceMetric&, const ServiceMetric&) = default;
};

struct GroupMetric {
    GroupId group;
    GroupFigure figure = GroupFigure::cpu_utilization;
    friend bool operator==(const GroupMetric&, const GroupMetric&) = default;
};

/// A metric that somebody publishes from outside the model: its value over time, one sample a period.
struct CustomMetric {
    traffic::RateProfile value;
};

struct Metric {
    std::string name;  ///< For people: `service/web CPUUtilization`.
    std::variant<ServiceMetric, GroupMetric, CustomMetric> source;
    scaling::MetricSettings settings;
};

struct MetricStatistic {
    MetricId metric;
    scaling::Statistic statistic{};
};

/// One statistic of one metric, or an expression over several.
struct MetricQuery {
    std::string text;                       ///< For people: `service/web CPUUtilization Average`.
    std::vector<MetricStatistic> operands;  ///< In the order of the expression's names.
    std::optional<scaling::MetricExpression> expression;
};

struct MetricAlarm {
    MetricQuery metric;
    scaling::AlarmSettings settings;
};

/// Its rule's names are those of alarms before it in the scenario's table.
struct CompositeAlarm {
    scaling::AlarmRule rule;
    std::vector<AlarmId> alarms;  ///< In the order of the rule's names.
};

struct Alarm {
    std::string name;
    std::variant<MetricAlarm, CompositeAlarm> what;
};

struct TargetTrackingPolicy {
    std::string name;
    MetricQuery metric;
    scaling::TargetTracking settings;
};

struct StepScalingPolicy {
    std::string name;
    AlarmId alarm;  ///< Of one metric, not composite.
    scaling::StepScaling settings;
};

struct SimpleScalingPolicy {
    std::string name;
    AlarmId alarm;
    scaling::SimpleScaling settings;
};

struct PredictiveScalingPolicy {
    std::string name;
    MetricQuery metric;  ///< Whose mean over the instances is to be brought to the target.
    scaling::PredictiveScaling settings;
    std::vector<scaling::HourlyLoad> history;  ///< Of the hours before the scenario, oldest first.
};

struct ScheduledAction {
    std::string name;
    scaling::Schedule schedule;
    scaling::ScheduledAction sizes;
};

}  // namespace fleetsim::sim
