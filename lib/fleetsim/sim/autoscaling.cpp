#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/sim/control_plane.hpp>
#include <fleetsim/sim/instance_facts.hpp>

namespace fleetsim::sim {

using cloud::InstanceState;
using des::Time;
using scaling::AlarmState;

namespace {

scaling::Needs needs(const placement::Resources& resources) {
    return {resources[placement::cpu_units], resources[placement::memory_mib], resources[placement::gpus],
            resources[placement::eni_slots]};
}

std::string reason_of(const scaling::ScalingDecision& decision, std::string_view metric) {
    return fmt::format("{}: {} {:.4g}, target {:.4g}, needs {}", scaling::name(decision.reason), metric,
                       decision.metric, decision.target, decision.required);
}

}  // namespace

/// What the minute that just ended says of one metric. With no healthy target the requests that wanted one count as if
/// there were one, so that a service at zero can be seen to be wanted.
std::optional<double> ControlPlane::metric_of(ServiceId id, scaling::ServiceMetric metric,
                                              std::uint64_t requests) const {
    if (metric == scaling::ServiceMetric::average_cpu_utilization) {
        const ServiceMinute& minute = recorder_.minute_of(id);
        if (!minute.had_tasks) return std::nullopt;
        return 100 * minute.cpu_utilization;
    }
    std::size_t healthy = 1;
    for (const TargetGroupId group : services_[id].target_groups) {
        if (!scenario_.target_groups[group].balancer.exists()) continue;
        healthy = std::max(healthy, data_plane_.healthy_targets(group));
    }
    return static_cast<double>(requests) / static_cast<double>(healthy);
}

void ControlPlane::publish_metrics(Time period_start) {
    for (const ServiceId id : des::ids_of(services_)) {
        ServiceState& service = services_[id];
        std::uint64_t requests = 0;
        for (const TargetGroupId group : service.target_groups) {
            const std::uint64_t count = data_plane_.take_request_count(group);
            if (scenario_.target_groups[group].balancer.exists()) requests += count;
        }
        for (std::size_t i = 0; i < service.policies.size(); ++i) {
            const auto metric = scenario_.services[id].autoscaling->target_tracking[i].metric;
            if (const auto value = metric_of(id, metric, requests)) {
                service.policies[i].series.publish(period_start, *value);
            }
        }
    }
    for (const GroupId id : des::ids_of(groups_)) {
        if (provider_of(id).managed_scaling) groups_[id].reservation.publish(period_start, reservation_of(id));
    }
}

/// PROVISIONING tasks wait for the cluster's first managed provider whose instances could hold them.
scaling::Reservation ControlPlane::reservation_of(GroupId id) const {
    const GroupState& group = groups_[id];
    scaling::ProviderInstances instances;
    for (const InstanceId instance_id : group.instances) {
        const Instance& instance = instances_[instance_id];
        if (instance.state != InstanceState::running && instance.state != InstanceState::registered) continue;
        ++instances.running;
        if (instance.tasks.empty()) ++instances.empty;
    }
    const auto belongs_here = [&](const Service& service) {
        for (const CapacityProvider& provider : scenario_.clusters[group.cluster].capacity_providers) {
            if (!provider.managed_scaling) continue;
            if (could_place(service, scenario_.groups[provider.group], scenario_.zones)) return provider.group == id;
        }
        return false;
    };
    std::vector<std::int32_t> waiting(services_.size(), 0);
    for (const TaskId task : clusters_[group.cluster].provisioning) ++waiting[tasks_[task].service.value];
    std::vector<scaling::PendingTasks> pending;
    for (const ServiceId service_id : des::ids_of(services_)) {
        const Service& service = scenario_.services[service_id];
        if (waiting[service_id.value] == 0 || !belongs_here(service)) continue;
        // A second task on the same instance would find the port taken.
        const bool alone = service.shape.distinct_instance || !service.shape.host_ports.empty();
        pending.push_back({needs(service.shape.task), waiting[service_id.value], alone});
    }
    const scaling::Needs room = needs(scenario_.groups[id].registered);
    return scaling::capacity_provider_reservation(*provider_of(id).managed_scaling, instances, pending, {room, room});
}

void ControlPlane::update_alarm(AlarmState& alarm, AlarmState next, const std::string& resource, std::string name,
                                std::optional<double> metric) {
    const AlarmState before = std::exchange(alarm, next);
    if (before == next) return;
    recorder_.row({.at = now(),
                   .event = "alarm",
                   .resource = resource,
                   .subject = std::move(name),
                   .from = std::string{scaling::name(before)},
                   .to = std::string{scaling::name(next)},
                   .reason = metric ? fmt::format("newest datapoint {:.4g}", *metric) : "no datapoint"});
}

/// An alarm asked for a change that a bound, a cooldown, a warm-up or another policy does not allow: said once, until
/// the reason changes.
void ControlPlane::held_row(scaling::ScalingReason& last, const scaling::ScalingDecision& decision,
                            const std::string& resource, std::string_view what, std::string_view metric) {
    using enum scaling::ScalingReason;
    const scaling::ScalingReason before = std::exchange(last, decision.reason);
    const bool held = decision.reason == at_bound || decision.reason == cooldown || decision.reason == warming_up ||
                      decision.reason == vetoed;
    if (!held || before == decision.reason) return;
    const std::string desired = std::to_string(decision.desired);
    recorder_.row({.at = now(),
                   .event = "scaling_held",
                   .resource = resource,
                   .subject = std::string{what},
                   .from = desired,
                   .to = desired,
                   .reason = reason_of(decision, metric)});
}

void ControlPlane::evaluate_service(ServiceId id) {
    const Service& settings = scenario_.services[id];
    if (!settings.autoscaling) return;
    ServiceState& service = services_[id];
    const std::string resource = "service/" + settings.name;
    std::vector<scaling::TargetTrackingPolicy> policies;
    for (std::size_t i = 0; i < service.policies.size(); ++i) {
        const scaling::TargetTracking& policy = settings.autoscaling->target_tracking[i];
        PolicyState& state = service.policies[i];
        const auto alarms = scaling::alarms(policy);
        const auto newest = state.series.newest_visible(now());
        const std::optional<double> metric = newest ? std::optional{newest->value} : std::nullopt;
        const std::string name{scaling::name(policy.metric)};
        update_alarm(state.alarms.high, scaling::evaluate(alarms.high, state.series, state.alarms.high, now()),
                     resource, name + "-AlarmHigh", metric);
        if (!policy.disable_scale_in) {
            update_alarm(state.alarms.low, scaling::evaluate(alarms.low, state.series, state.alarms.low, now()),
                         resource, name + "-AlarmLow", metric);
        }
        policies.push_back({policy, state.alarms.high, state.alarms.low, metric});
    }
    const auto running = std::count_if(service.tasks.begin(), service.tasks.end(),
                                       [&](TaskId task) { return tasks_[task].state == TaskState::running; });
    const scaling::ServiceCapacity capacity{static_cast<std::int32_t>(running), service.desired_count,
                                            settings.autoscaling->min_capacity, settings.autoscaling->max_capacity,
                                            service.scaling_history};
    const scaling::ScalingDecision decision = scaling::decide(capacity, policies, now());
    held_row(service.last_reason, decision, resource, "desired_count", "metric");
    if (!decision.changed()) return;
    service.scaling_history = scaling::history_after(decision, service.scaling_history, now());
    set_desired_count(id, decision.desired, reason_of(decision, "metric"));
}

void ControlPlane::evaluate_group(GroupId id) {
    const CapacityProvider& provider = provider_of(id);
    if (!provider.managed_scaling) return;
    GroupState& group = groups_[id];
    const AutoScalingGroup& settings = scenario_.groups[id];
    const std::string resource = "auto_scaling_group/" + settings.name;
    const auto alarms = scaling::alarms(*provider.managed_scaling);
    const auto& series = group.reservation.percent();
    const auto seen = group.reservation.newest_visible(now());
    const std::optional<double> metric = seen ? std::optional{seen->percent()} : std::nullopt;
    update_alarm(group.alarms.high, scaling::evaluate(alarms.high, series, group.alarms.high, now()), resource,
                 "CapacityProviderReservation-AlarmHigh", metric);
    update_alarm(group.alarms.low, scaling::evaluate(alarms.low, series, group.alarms.low, now()), resource,
                 "CapacityProviderReservation-AlarmLow", metric);

    scaling::GroupCapacity capacity{group.desired_capacity, settings.min_size, settings.max_size, std::nullopt};
    for (const InstanceId instance : group.instances) {
        const auto since = instances_[instance].running_since;
        // Instances in service when the scenario starts have warmed up before.
        if (since && *since > Time{}) {
            capacity.newest_instance_at = std::max(capacity.newest_instance_at.value_or(Time{}), *since);
        }
    }
    const scaling::ScalingDecision decision =
        scaling::decide(*provider.managed_scaling, capacity, {group.alarms.high, group.alarms.low, seen}, now());
    held_row(group.last_reason, decision, resource, "desired_capacity", "CapacityProviderReservation");
    if (decision.changed()) {
        set_desired_capacity(id, decision.desired, reason_of(decision, "CapacityProviderReservation"));
    }
}

}  // namespace fleetsim::sim
