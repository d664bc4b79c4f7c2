#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/placement/resources.hpp>
#include <fleetsim/sim/result.hpp>
#include <fleetsim/sim/scenario.hpp>
#include <fleetsim/traffic/rate_profile.hpp>

/// Scenarios built by hand, small enough to reason about: one cluster `main` on one group `web` of m5.large-like
/// instances over zones a and b, to which a test adds services, routes and traffic; or one group `fleet` of the like
/// outside of any cluster.
namespace fleetsim::sim::testing {

using namespace std::chrono_literals;

/// 2 vCPUs, 0.096 USD an hour.
inline InstanceOption m5_large() {
    InstanceOption option;
    option.type.name = "m5.large";
    option.type.vcpu = 2;
    option.registered = placement::resources({.cpu_units = 2048, .memory_mib = 8000, .gpus = 0, .eni_slots = 2});
    option.price_usd_per_hour = 0.096;
    return option;
}

inline Scenario small_world(int instances = 2) {
    Scenario scenario;
    scenario.name = "small-world";
    scenario.region = "us-east-1";
    scenario.duration = 1h;
    const ZoneId a = scenario.zones.add("us-east-1a");
    const ZoneId b = scenario.zones.add("us-east-1b");
    AutoScalingGroup group;
    group.name = "web";
    group.options = {m5_large()};
    group.zones = {a, b};
    group.min_size = instances;
    group.max_size = instances;
    group.desired_capacity = instances;
    const GroupId web = scenario.groups.add(group);
    Cluster cluster;
    cluster.name = "main";
    cluster.capacity_providers.push_back({web, std::nullopt, false});
    scenario.clusters.add(cluster);
    return scenario;
}

/// A service of `tasks` tasks with `workers` workers each; a whole task's workers at work use its whole CPU.
inline ServiceId add_service(Scenario& scenario, const std::string& name, int tasks, unsigned workers,
                             des::Distribution service_time) {
    Service service;
    service.name = name;
    service.cluster = ClusterId{0};
    service.task.shape.task = placement::resources({.cpu_units = 256, .memory_mib = 512});
    service.desired_count = tasks;
    service.serving.workers = workers;
    service.serving.backlog = 1'000'000;
    service.serving.service_time = std::move(service_time);
    service.serving.cpu_units_per_busy_worker = 256.0 / workers;
    service.task.on_instance.starting = des::constant(2);
    return scenario.services.add(service);
}

/// The scenario's metric of that source, made at its first mention.
template <class Source>
MetricQuery query_of(Scenario& scenario, const Source& source, scaling::Statistic statistic,
                     des::Duration publication_delay) {
    Metric metric;
    metric.name = "metric";
    metric.source = source;
    metric.settings.publication_delay = publication_delay;
    return {.text = "metric", .operands = {{scenario.metrics.add(metric), statistic}}, .expression = {}};
}

/// Keeps the service's CPU utilisation (or another figure) at the target with `min` to `max` tasks.
inline ServiceAutoscaling tracking(Scenario& scenario, ServiceId service, std::int32_t min, std::int32_t max,
                                   double target, ServiceFigure figure = ServiceFigure::cpu_utilization) {
    const bool per_target = figure == ServiceFigure::request_count_per_target;
    TargetTrackingPolicy policy;
    policy.name = per_target ? "ALBRequestCountPerTarget" : "ECSServiceAverageCPUUtilization";
    policy.metric = query_of(scenario, ServiceMetric{service, figure},
                             {per_target ? scaling::StatisticKind::sum : scaling::StatisticKind::average},
                             per_target ? scaling::alb_publication_delay : scaling::ecs_publication_delay);
    policy.settings.target_value = target;
    ServiceAutoscaling autoscaling;
    autoscaling.min_capacity = min;
    autoscaling.max_capacity = max;
    autoscaling.target_tracking.push_back(policy);
    return autoscaling;
}

inline BalancerId add_balancer(Scenario& scenario, const std::string& name) {
    LoadBalancer balancer;
    balancer.name = name;
    return scenario.balancers.add(balancer);
}

/// A route to the service, behind the balancer or straight.
inline RouteId add_route(Scenario& scenario, ServiceId service, BalancerId balancer = BalancerId::none(),
                         routing::Algorithm algorithm = routing::RoundRobin{}) {
    TargetGroup group;
    group.service = service;
    group.balancer = balancer;
    group.algorithm = algorithm;
    const TargetGroupId id = scenario.target_groups.add(group);
    return scenario.routes.add(Route{id, "/", {}});
}

inline SourceId add_traffic(Scenario& scenario, const std::string& name, RouteId to, traffic::RateProfile rate,
                            traffic::Client client = {}) {
    return scenario.sources.add({name, to, std::move(rate), client});
}

// Groups outside of any cluster.

/// From the decision to launch, an instance runs after 20 s and is in service after 22 s; one that waits in the warm
/// pool after 13 and 15 s. It takes 10 s to shut down and 20 s to stop.
inline LaunchTimes fixed_launch_times() {
    return {.decision_to_launch = des::constant(5),
            .pending_to_running = des::constant(15),
            .running_to_in_service = des::constant(2),
            .running_to_agent = des::constant(27),
            .agent_to_active = des::constant(3),
            .shutting_down = des::constant(10),
            .stopping = des::constant(20),
            .stopped_to_running = des::constant(8)};
}

/// The only group of a `fleet_world`.
inline constexpr GroupId fleet{0};

inline AutoScalingGroup& group_of(Scenario& scenario) { return scenario.groups[fleet]; }

/// One group `fleet` of `desired` m5.large-like instances, with fixed launch times, over so many zones: us-east-1a and
/// on. Nothing runs on them.
inline Scenario fleet_world(std::int32_t desired, std::int32_t max, std::size_t zones = 2) {
    Scenario scenario;
    scenario.name = "fleet-world";
    scenario.region = "us-east-1";
    scenario.duration = 1h;
    AutoScalingGroup group;
    group.name = "fleet";
    group.options = {m5_large()};
    for (std::size_t i = 0; i < zones; ++i) {
        group.zones.push_back(scenario.zones.add(std::string{"us-east-1"} + static_cast<char>('a' + i)));
    }
    group.max_size = max;
    group.desired_capacity = desired;
    group.launch_times = fixed_launch_times();
    scenario.groups.add(group);
    return scenario;
}

/// A metric that somebody publishes, one sample a `resolution`.
inline MetricQuery custom_metric(Scenario& scenario, traffic::RateProfile value, des::Duration resolution = 60s) {
    Metric metric;
    metric.name = "custom";
    metric.source = CustomMetric{std::move(value)};
    metric.settings = {.resolution = resolution, .publication_delay = scaling::custom_publication_delay};
    return {.text = "custom", .operands = {{scenario.metrics.add(metric), {}}}, .expression = {}};
}

/// An alarm that goes off at one datapoint of a minute.
inline AlarmId add_alarm(Scenario& scenario, const std::string& name, MetricQuery metric,
                         scaling::Comparison comparison, double threshold, des::Duration period = 60s) {
    const scaling::AlarmSettings settings{.comparison = comparison, .threshold = threshold, .period = period};
    return scenario.alarms.add({name, MetricAlarm{std::move(metric), settings}});
}

/// A policy that keeps the mean CPU utilisation of the fleet at the target.
inline TargetTrackingPolicy tracking_cpu(Scenario& scenario, double target,
                                         std::optional<des::Duration> warmup = std::nullopt) {
    TargetTrackingPolicy policy;
    policy.name = "ASGAverageCPUUtilization";
    policy.metric =
        query_of(scenario, GroupMetric{fleet, GroupFigure::cpu_utilization}, {}, scaling::ec2_publication_delay);
    policy.settings = {.target_value = target, .low_alarm_share = 0.7, .estimated_instance_warmup = warmup};
    return policy;
}

/// Sets the group's desired capacity at an instant.
inline ScheduledAction desired_at(const Scenario& scenario, std::chrono::seconds at, std::int32_t desired) {
    return {
        "to-" + std::to_string(desired), scaling::Schedule::once(scenario.start + at), {.desired_capacity = desired}};
}

// What a run leaves behind.

/// The number of rows of that kind.
inline std::size_t count_rows(const Result& result, std::string_view event) {
    std::size_t count = 0;
    for (const EventRow& row : result.events) count += row.event == event ? 1U : 0U;
    return count;
}

/// The first row of that kind from an instant on, of anything or of one subject; null without one.
inline const EventRow* row_from(const Result& result, des::Time from, std::string_view event,
                                std::string_view subject = "") {
    for (const EventRow& row : result.events) {
        if (row.at >= from && row.event == event && (subject.empty() || row.subject == subject)) return &row;
    }
    return nullptr;
}

/// A row of a result that is gone is nobody's.
const EventRow* row_from(const Result&& result, des::Time from, std::string_view event,
                         std::string_view subject = "") = delete;

/// The same, where a test needs it to be there.
inline const EventRow& the_row(const Result& result, std::string_view event, des::Time from = des::Time{},
                               std::string_view subject = "") {
    const EventRow* const row = row_from(result, from, event, subject);
    if (row == nullptr) throw std::out_of_range{"there is no row " + std::string{event}};
    return *row;
}

using Lines = std::vector<std::string>;

/// A line a row, in whole seconds: `682 i-000003` for what happened to instances, alarms and the like.
inline Lines lines_of(const Result& result, std::string_view event, des::Time from = des::Time{}) {
    Lines lines;
    for (const EventRow& row : result.events) {
        if (row.event != event || row.at < from) continue;
        const auto at = std::chrono::duration_cast<std::chrono::seconds>(row.at.time_since_epoch());
        lines.push_back(std::to_string(at.count()) + " " + row.subject);
    }
    return lines;
}

/// A line a change: `840 4>6` for the desired capacity, or for another subject of rows of this kind.
inline Lines changes(const Result& result, std::string_view subject = "desired_capacity",
                     std::string_view event = "scaling") {
    Lines lines;
    for (const EventRow& row : result.events) {
        if (row.event != event || row.subject != subject) continue;
        const auto at = std::chrono::duration_cast<std::chrono::seconds>(row.at.time_since_epoch());
        lines.push_back(std::to_string(at.count()) + " " + row.from + ">" + row.to);
    }
    return lines;
}

}  // namespace fleetsim::sim::testing
