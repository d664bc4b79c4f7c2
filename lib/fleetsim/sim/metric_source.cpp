#include <algorithm>

#include <fleetsim/sim/metric_source.hpp>

namespace fleetsim::sim {

using des::Time;
using ecs::TaskState;
using scaling::StatisticSet;

namespace {

constexpr des::Duration minute = scaling::metric_period;

/// The profile's mean over the minute.
double mean_over(const traffic::RateProfile& profile, Time period_start) {
    return profile.expected(period_start, period_start + minute) / des::seconds(minute);
}

StatisticSet nothing() { return {}; }

/// That many samples of 1: their sum is the count.
StatisticSet counted(std::uint64_t count) {
    StatisticSet set;
    if (count > 0) set.add(1, static_cast<double>(count));
    return set;
}

StatisticSet seconds_of(const des::LogHistogram& latency_ns) {
    StatisticSet set;
    for (const auto& bucket : latency_ns.contents().buckets) {
        const double middle_ns = (static_cast<double>(bucket.low) + static_cast<double>(bucket.high)) / 2;
        set.add_and_keep(middle_ns / 1e9, static_cast<double>(bucket.count));
    }
    return set;
}

}  // namespace

MetricSource::MetricSource(Fleet& fleet, DataPlane& data_plane) : fleet_{fleet}, data_plane_{data_plane} {
    for (std::size_t i = 0; i < fleet.scenario.services.size(); ++i) requests_.add(0);
}

void MetricSource::close_minute() {
    for (const ServiceId id : des::ids_of(requests_)) {
        requests_[id] = 0;
        for (const TargetGroupId group : fleet_.services[id].target_groups) {
            const std::uint64_t count = data_plane_.take_request_count(group);
            if (fleet_.scenario.target_groups[group].balancer.exists()) requests_[id] += count;
        }
    }
}

StatisticSet MetricSource::samples(const Metric& metric, Time period_start, bool one_by_one) const {
    if (const auto* service = std::get_if<ServiceMetric>(&metric.source)) return samples(*service);
    if (const auto* group = std::get_if<GroupMetric>(&metric.source)) return samples(*group, period_start, one_by_one);
    const traffic::RateProfile& values = std::get<CustomMetric>(metric.source).value;
    const des::Duration resolution = metric.settings.resolution;
    return StatisticSet::of(values.expected(period_start, period_start + resolution) / des::seconds(resolution));
}

/// With no healthy target the requests that wanted one count as if there were one, so that a service at zero can be
/// seen to be wanted.
double MetricSource::requests_per_target(ServiceId id) const {
    std::size_t healthy = 1;
    for (const TargetGroupId group : fleet_.services[id].target_groups) {
        if (!fleet_.scenario.target_groups[group].balancer.exists()) continue;
        healthy = std::max(healthy, data_plane_.healthy_targets(group));
    }
    return static_cast<double>(requests_[id]) / static_cast<double>(healthy);
}

/// ECS creates no task that finds no place, unless managed scaling or Fargate will have one for it.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS task lifecycle" and "Amazon ECS cluster auto scaling".
bool MetricSource::is_pending(const Task& task) const {
    const ClusterId cluster = fleet_.task_groups[task.group].cluster;
    const bool waits = fleet_.is_fargate(cluster, task.provider) || fleet_.scales(cluster, task.provider);
    return task.state < TaskState::running && (task.is_placed() || waits);
}

StatisticSet MetricSource::samples(const ServiceMetric& metric) const {
    const ServiceMinute& last = fleet_.recorder.minute_of(metric.service);
    const ServiceState& service = fleet_.services[metric.service];
    const auto tasks_in = [&](auto wanted) {
        return StatisticSet::of(static_cast<double>(std::count_if(
            service.tasks.begin(), service.tasks.end(), [&](TaskId id) { return wanted(fleet_.tasks[id]); })));
    };
    switch (metric.figure) {
        case ServiceFigure::cpu_utilization:
            return last.had_tasks ? StatisticSet::of(100 * last.cpu_utilization) : nothing();
        case ServiceFigure::memory_utilization:
            return last.had_tasks ? StatisticSet::of(100 * last.memory_utilization) : nothing();
        case ServiceFigure::request_count: return counted(requests_[metric.service]);
        case ServiceFigure::request_count_per_target: return StatisticSet::of(requests_per_target(metric.service));
        case ServiceFigure::target_response_time: return seconds_of(fleet_.recorder.minute_latency_of(metric.service));
        case ServiceFigure::http_5xx_count: {
            std::uint64_t errors = 0;
            for (const Outcome outcome :
                 {Outcome::error_500, Outcome::error_502, Outcome::error_503, Outcome::error_504}) {
                errors += last.outcomes[static_cast<std::size_t>(outcome)];
            }
            return counted(errors);
        }
        case ServiceFigure::running_task_count:
            return tasks_in([](const Task& task) { return task.state == TaskState::running; });
        case ServiceFigure::desired_task_count: return StatisticSet::of(service.desired_count);
        case ServiceFigure::pending_task_count: return tasks_in([&](const Task& task) { return is_pending(task); });
        case ServiceFigure::count: break;
    }
    return nothing();
}

/// Does the instance feed its group's metrics? In service, and with a default instance warm-up only once warmed up.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Set the default instance warmup".
bool MetricSource::contributes(const Instance& instance) const {
    if (instance.lifecycle != LifecycleState::in_service) return false;
    const auto warmup = fleet_.settings_of(instance).default_instance_warmup.value_or(des::Duration::zero());
    return fleet_.now() - instance.in_service_since >= warmup;
}

std::int32_t MetricSource::contributing_units(GroupId id) const {
    const des::Duration warmup = fleet_.scenario.groups[id].default_instance_warmup.value_or(des::Duration::zero());
    if (fleet_.all_warm(id, warmup)) return fleet_.groups[id].census.units(LifecycleState::in_service);
    std::int32_t units = 0;
    for (const InstanceId instance : fleet_.groups[id].instances) {
        if (contributes(fleet_.instances[instance])) units += fleet_.weight_of(fleet_.instances[instance]);
    }
    return units;
}

/// CPU units of its tasks in the closed minute, each the mean of its service's.
double MetricSource::task_cpu_units(const Instance& instance) const {
    double units = 0;
    for (const TaskId id : instance.tasks) {
        const Task& task = fleet_.tasks[id];
        if (task.state != TaskState::running || !task.service.exists()) continue;
        units += fleet_.recorder.minute_of(task.service).cpu_units_per_task;
    }
    return units;
}

StatisticSet MetricSource::cpu_of(GroupId id, Time period_start, bool one_by_one) const {
    const std::int32_t in_service = count_of(id, GroupFigure::in_service_instances);
    if (in_service == 0) return nothing();
    const double own_vcpus = mean_over(fleet_.scenario.groups[id].workload.vcpus, period_start) / in_service;
    StatisticSet set;
    for (const InstanceId instance_id : fleet_.groups[id].instances) {
        const Instance& instance = fleet_.instances[instance_id];
        if (!contributes(instance)) continue;
        const double busy_vcpus = own_vcpus + task_cpu_units(instance) / 1024;
        const double percent = std::min(100.0, 100 * busy_vcpus / fleet_.option_of(instance).type.vcpu);
        one_by_one ? set.add_and_keep(percent) : set.add(percent);
    }
    return set;
}

std::int32_t MetricSource::count_of(GroupId id, GroupFigure figure) const {
    const Census& census = fleet_.groups[id].census;
    const std::int32_t in_service = census.instances(LifecycleState::in_service);
    switch (figure) {
        case GroupFigure::in_service_instances: return in_service;
        case GroupFigure::pending_instances: return census.pending();
        case GroupFigure::terminating_instances: return census.terminating();
        default: return census.pending() + in_service + census.terminating();
    }
}

StatisticSet MetricSource::samples(const GroupMetric& metric, Time period_start, bool one_by_one) const {
    const GroupWorkload& workload = fleet_.scenario.groups[metric.group].workload;
    const std::int32_t in_service = count_of(metric.group, GroupFigure::in_service_instances);
    const auto each = [&](const traffic::RateProfile& profile) {
        StatisticSet set;
        const double total = mean_over(profile, period_start) * des::seconds(minute);
        if (in_service > 0) set.add(total / in_service, in_service);
        return set;
    };
    switch (metric.figure) {
        case GroupFigure::cpu_utilization: return cpu_of(metric.group, period_start, one_by_one);
        case GroupFigure::network_in: return each(workload.network_in);
        case GroupFigure::network_out: return each(workload.network_out);
        case GroupFigure::request_count_per_target: {
            const double total = workload.requests.expected(period_start, period_start + minute);
            return StatisticSet::of(total / std::max(1, in_service));
        }
        case GroupFigure::desired_capacity: return StatisticSet::of(fleet_.groups[metric.group].desired_capacity);
        case GroupFigure::in_service_instances:
        case GroupFigure::pending_instances:
        case GroupFigure::terminating_instances:
        case GroupFigure::total_instances: return StatisticSet::of(count_of(metric.group, metric.figure));
        case GroupFigure::count: break;
    }
    return nothing();
}

}  // namespace fleetsim::sim
