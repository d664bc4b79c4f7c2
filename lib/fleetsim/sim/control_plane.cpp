#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/cloud/billing.hpp>
#include <fleetsim/des/distribution.hpp>
#include <fleetsim/sim/control_plane.hpp>

namespace fleetsim::sim {

using des::Duration;
using des::Time;

namespace {

constexpr Duration minute = std::chrono::seconds{60};

}  // namespace

ControlPlane::ControlPlane(const Scenario& scenario, std::uint64_t replication, placement::Search search,
                           Kernel& kernel, Recorder& recorder, DataPlane& data_plane)
    : scenario_(scenario),
      kernel_(kernel),
      recorder_(recorder),
      data_plane_(data_plane),
      outages_(scenario.zones.size(), 0),
      faults_(scenario.seed, replication, "faults", "victim") {
    const auto stream = [&](const std::string& entity, std::string_view purpose) {
        return des::Stream{scenario.seed, replication, entity, purpose};
    };
    for (const AutoScalingGroup& group : scenario.groups) {
        const std::string entity = "auto_scaling_group/" + group.name;
        groups_.add({.desired_capacity = group.desired_capacity,
                     .launch_times = stream(entity, "launch-times"),
                     .termination_ties = stream(entity, "termination-ties")});
    }
    for (const ClusterId id : des::ids_of(scenario.clusters)) {
        clusters_.add({.placer = placement::Placer{search}});
        for (const CapacityProvider& provider : scenario.clusters[id].capacity_providers) {
            groups_[provider.group].cluster = id;
            groups_[provider.group].provider = &provider;
        }
    }
    for (const Service& service : scenario.services) {
        const std::string entity = "service/" + service.name;
        placement::Placer& placer = clusters_[service.cluster].placer;
        ServiceState state{.desired_count = service.desired_count,
                           .shape = placer.add_shape(placer.add_group("service:" + service.name), service.shape),
                           .start_times = stream(entity, "start-times"),
                           .reaction_times = stream(entity, "scheduler-reaction"),
                           .placement_ties = stream(entity, "placement-ties"),
                           .stop_ties = stream(entity, "stop-ties")};
        if (service.autoscaling) {
            for (const auto& policy : service.autoscaling->target_tracking) {
                state.policies.push_back({scaling::MetricSeries{scaling::publication_delay(policy.metric)}, {}});
            }
        }
        services_.add(std::move(state));
    }
    for (const TargetGroupId id : des::ids_of(scenario.target_groups)) {
        services_[scenario.target_groups[id].service].target_groups.push_back(id);
    }
}

void ControlPlane::start() {
    for (const GroupId id : des::ids_of(groups_)) {
        recorder_.desired_capacity(id, groups_[id].desired_capacity);
        for (std::int32_t i = 0; i < groups_[id].desired_capacity; ++i) {
            launch_instance(id, "in service when the scenario starts");
        }
    }
    for (const ServiceId id : des::ids_of(services_)) {
        recorder_.desired_count(id, services_[id].desired_count);
        for (std::int32_t i = 0; i < services_[id].desired_count; ++i) {
            const TaskId task = create_task(id);
            if (try_to_place(task)) run_task(task);
        }
    }
    for (std::size_t fault = 0; fault < scenario_.faults.size(); ++fault) {
        kernel_.schedule(scenario_.faults[fault].at, des::Phase::decide,
                         Event{event::FaultDue{static_cast<std::uint32_t>(fault)}});
    }
    kernel_.schedule(Time{minute}, des::Phase::decide, Event{event::EvaluateAlarms{}});
    kernel_.schedule(Time{minute}, des::Phase::measure, Event{event::CloseMinute{}});
}

Duration ControlPlane::draw(const des::Distribution& distribution, const des::Stream& stream,
                            std::uint64_t number) const {
    des::Draws draws = stream.draws(number);
    return des::sample_duration(distribution, draws);
}

void ControlPlane::handle(event::EvaluateAlarms) {
    for (const GroupId id : des::ids_of(groups_)) replace_impaired(id);
    for (const ServiceId id : des::ids_of(services_)) evaluate_service(id);
    for (const GroupId id : des::ids_of(groups_)) evaluate_group(id);
    for (const GroupId id : des::ids_of(groups_)) adjust_group(id, "the group is below its desired capacity");
    kernel_.schedule(now() + minute, des::Phase::decide, Event{event::EvaluateAlarms{}});
}

void ControlPlane::handle(event::CloseMinute) {
    recorder_.close_minute(now());
    publish_metrics(now() - minute);
    kernel_.schedule(now() + minute, des::Phase::measure, Event{event::CloseMinute{}});
}

void ControlPlane::report(Time end, Result& result) const {
    for (const GroupId id : des::ids_of(groups_)) {
        std::chrono::seconds billed{0};
        for (const Instance& instance : instances_) {
            if (instance.group != id || !instance.running_since) continue;
            billed += cloud::billed(instance.billed_until.value_or(end) - *instance.running_since);
        }
        const AutoScalingGroup& group = scenario_.groups[id];
        GroupResult& figures = result.groups[id.value];
        figures.instance_hours = static_cast<double>(billed.count()) / 3600.0;
        figures.launches = groups_[id].launches;
        figures.terminations = groups_[id].terminations;
        result.cost_items.push_back({"auto_scaling_group/" + group.name, "ec2_on_demand", figures.instance_hours,
                                     "instance-hour", cloud::usd(billed, group.price_usd_per_hour)});
    }
    for (const LoadBalancer& balancer : scenario_.balancers) {
        if (!balancer.price_usd_per_hour) continue;
        const auto hours = static_cast<double>(std::chrono::ceil<std::chrono::hours>(end.time_since_epoch()).count());
        result.cost_items.push_back({"load_balancer/" + balancer.name, "alb", hours, "load-balancer-hour",
                                     hours * *balancer.price_usd_per_hour});
    }
}

}  // namespace fleetsim::sim
