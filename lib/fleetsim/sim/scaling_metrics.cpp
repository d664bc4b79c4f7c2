#include <algorithm>
#include <chrono>

#include <fleetsim/sim/instance_facts.hpp>
#include <fleetsim/sim/scaling_loops.hpp>

/// What is published of every minute, for the alarms and for forecasts.
namespace fleetsim::sim {

using des::Time;
using scaling::StatisticSet;

namespace {

constexpr des::Duration minute = scaling::metric_period;

}  // namespace

scaling::Needs needs_of(const placement::Resources& resources) {
    return {resources[placement::cpu_units], resources[placement::memory_mib], resources[placement::gpus],
            resources[placement::eni_slots]};
}

scaling::InstanceRooms rooms_of(const AutoScalingGroup& group) {
    scaling::InstanceRooms rooms{needs_of(group.first_option().registered), needs_of(group.first_option().registered)};
    for (const InstanceOption& option : group.options) {
        const scaling::Needs room = needs_of(option.registered);
        for (std::size_t i = 0; i < room.size(); ++i) {
            rooms.smallest[i] = std::min(rooms.smallest[i], room[i]);
            rooms.largest[i] = std::max(rooms.largest[i], room[i]);
        }
    }
    return rooms;
}

void ScalingLoops::publish(Time period_start) {
    source_.close_minute();
    for (const MetricId id : des::ids_of(fleet_.scenario.metrics)) {
        const Metric& metric = fleet_.scenario.metrics[id];
        if (std::holds_alternative<CustomMetric>(metric.source)) continue;
        current_[id] = source_.samples(metric, period_start, cloud_watch_.needs_samples(id));
        pending_[id].merge(current_[id]);
        const des::Duration resolution = metric.settings.resolution;
        const Time end = period_start + minute;
        if (end.time_since_epoch() % resolution != des::Duration::zero()) continue;
        if (!pending_[id].empty()) cloud_watch_.publish(id, end - resolution, pending_[id]);
        pending_[id] = {};
    }
    for (const GroupId id : des::ids_of(fleet_.groups)) {
        if (group_policies_[id].managed) publish_managed(id, period_start);
        if (!group_policies_[id].target_tracking.empty()) publish_measured(id, period_start);
        if (!group_policies_[id].loads.empty()) add_load(id, period_start);
    }
}

void ScalingLoops::handle(event::PublishMetric publish) {
    const Metric& metric = fleet_.scenario.metrics[publish.metric];
    const des::Duration resolution = metric.settings.resolution;
    current_[publish.metric] = source_.samples(metric, fleet_.now() - resolution, false);
    cloud_watch_.publish(publish.metric, fleet_.now() - resolution, current_[publish.metric]);
    fleet_.kernel.schedule(fleet_.now() + resolution, des::Phase::arrive, Event{publish});
}

void ScalingLoops::publish_managed(GroupId id, Time period_start) {
    const ManagedMetrics& managed = *group_policies_[id].managed;
    const scaling::Reservation seen = reservation_of(id);
    cloud_watch_.publish(managed.percent, period_start, StatisticSet::of(seen.percent()));
    cloud_watch_.publish(managed.running, period_start, StatisticSet::of(seen.running));
    cloud_watch_.publish(managed.wanted, period_start, StatisticSet::of(seen.wanted));
}

/// Along with each policy's metric, of the same periods and seen at the same time.
void ScalingLoops::publish_measured(GroupId id, Time period_start) {
    const std::int32_t units = source_.contributing_units(id);
    const auto& policies = fleet_.scenario.groups[id].target_tracking;
    for (std::size_t i = 0; i < policies.size(); ++i) {
        const MetricId watched = policies[i].metric.operands.front().metric;
        const des::Duration resolution = std::max(fleet_.scenario.metrics[watched].settings.resolution, minute);
        const Time end = period_start + minute;
        if (units == 0 || end.time_since_epoch() % resolution != des::Duration::zero()) continue;
        cloud_watch_.publish(group_policies_[id].target_tracking[i].measured, end - resolution,
                             StatisticSet::of(units));
    }
}

std::optional<scaling::Reservation> ScalingLoops::newest_reservation(const ManagedMetrics& managed) const {
    const double running = cloud_watch_.newest(managed.running, fleet_.now()).value_or(-1);
    const double wanted = cloud_watch_.newest(managed.wanted, fleet_.now()).value_or(-1);
    if (running < 0 || wanted < 0) return std::nullopt;
    return scaling::Reservation{static_cast<std::int32_t>(running), static_cast<std::int32_t>(wanted)};
}

/// Those of a strategy wait for the provider that it gave them, those of launch type EC2 for none, others for the
/// cluster's first managed provider whose instances could hold them.
bool ScalingLoops::waits_for(const WaitingLine& line, GroupId id) const {
    const Scenario& scenario = fleet_.scenario;
    const TaskGroup& group = fleet_.task_groups[line.group];
    const auto& providers = scenario.clusters[group.cluster].capacity_providers;
    if (line.provider == no_provider) return false;
    if (line.provider != any_provider) return providers[line.provider].group == id;
    const placement::Shape& shape = fleet_.clusters[group.cluster].placer.rooms().shape(line.shape);
    for (const CapacityProvider& provider : providers) {
        if (!provider.managed_scaling) continue;
        if (could_place(shape, scenario.groups[provider.group], scenario.zones)) return provider.group == id;
    }
    return false;
}

scaling::Reservation ScalingLoops::reservation_of(GroupId id) const {
    const GroupState& group = fleet_.groups[id];
    const Scenario& scenario = fleet_.scenario;
    scaling::ProviderInstances instances;
    for (const InstanceId instance_id : group.instances) {
        const Instance& instance = fleet_.instances[instance_id];
        const bool running =
            instance.state == cloud::InstanceState::running || instance.state == cloud::InstanceState::registered;
        if (!running || !instance.in_capacity()) continue;
        ++instances.running;
        if (!instance.has_workload()) ++instances.empty;
    }
    const ClusterState& cluster = fleet_.clusters[group.cluster];
    std::vector<scaling::PendingTasks> pending;
    for (const WaitingLine& line : cluster.lines) {
        if (line.tasks.empty() || !waits_for(line, id)) continue;
        const placement::Shape& shape = cluster.placer.rooms().shape(line.shape);
        // A second task on the same instance would find the port taken.
        const bool alone = shape.distinct_instance || !shape.host_ports.empty();
        pending.push_back({needs_of(shape.task), static_cast<std::int32_t>(line.tasks.size()), alone});
    }
    return scaling::capacity_provider_reservation(*group.provider->managed_scaling, instances, pending,
                                                  rooms_of(scenario.groups[id]));
}

/// The value of a query in the period published last.
std::optional<double> ScalingLoops::current(const MetricQuery& query) const {
    std::vector<std::optional<double>> values;
    for (const MetricStatistic& operand : query.operands) {
        const StatisticSet& set = current_[operand.metric];
        values.push_back(set.empty() ? std::nullopt : std::optional{set.value(operand.statistic)});
    }
    return query.expression ? query.expression->evaluate(values) : values.front();
}

/// Load is metric × units in service; an hour's is the mean of its minutes.
void ScalingLoops::add_load(GroupId id, Time period_start) {
    const std::int32_t in_service = fleet_.groups[id].census.units(LifecycleState::in_service);
    const auto& policies = fleet_.scenario.groups[id].predictive_scaling;
    const Time end = period_start + minute;
    const bool hour_ends = end.time_since_epoch() % std::chrono::hours{1} == des::Duration::zero();
    for (std::size_t i = 0; i < policies.size(); ++i) {
        LoadHistory& load = group_policies_[id].loads[i];
        if (const auto value = current(policies[i].metric)) {
            load.sum += *value * in_service;
            ++load.samples;
        }
        if (!hour_ends || load.samples == 0) continue;
        load.hours.push_back({end - std::chrono::hours{1}, load.sum / load.samples});
        load.sum = 0;
        load.samples = 0;
    }
}

}  // namespace fleetsim::sim
