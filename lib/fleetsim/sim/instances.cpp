#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/scaling/group_balance.hpp>
#include <fleetsim/sim/control_plane.hpp>
#include <fleetsim/sim/instance_facts.hpp>

namespace fleetsim::sim {

using cloud::InstanceState;
using des::Time;

namespace {

/// How long Auto Scaling tolerates a failed status check. AWS says "a few minutes"; the figure is a model decision.
constexpr des::Duration impairment_tolerance = std::chrono::seconds{180};

}  // namespace

void ControlPlane::instance_row(InstanceId id, std::string_view event, InstanceState from, std::string_view reason) {
    const Instance& instance = instances_[id];
    const AutoScalingGroup& group = scenario_.groups[instance.group];
    recorder_.row({.at = now(),
                   .event = event,
                   .resource = "auto_scaling_group/" + group.name,
                   .subject = instance.name,
                   .instance = instance.name,
                   .zone = scenario_.zones[instance.zone],
                   .cpu_units = group.registered[placement::cpu_units],
                   .memory_mib = group.registered[placement::memory_mib],
                   .gpus = group.registered[placement::gpus],
                   .from = std::string{cloud::name(from)},
                   .to = std::string{cloud::name(instance.state)},
                   .reason = std::string{reason}});
}

void ControlPlane::enter(InstanceId id, InstanceState state, std::string_view event, std::string_view reason) {
    const InstanceState from = std::exchange(instances_[id].state, state);
    FLEETSIM_CHECK(cloud::can_follow(from, state));
    instance_row(id, event, from, reason);
}

InstanceId ControlPlane::add_instance(GroupId id, ZoneId zone) {
    Instance instance;
    instance.name = fmt::format("i-{:06}", instances_.size() + 1);
    instance.group = id;
    instance.number = groups_[id].created++;
    instance.zone = zone;
    const InstanceId added = instances_.add(std::move(instance));
    groups_[id].instances.push_back(added);
    return added;
}

/// How long one step of an instance's life takes; each step has its own draws.
des::Duration ControlPlane::launch_step(InstanceId id, std::uint64_t step, const des::Distribution& time) const {
    const Instance& instance = instances_[id];
    return draw(time, groups_[instance.group].launch_times, des::child_address(instance.number, step));
}

/// Until the clock runs the instance is in service at once; later it takes its launch times.
void ControlPlane::launch_instance(GroupId id, std::string_view reason) {
    const AutoScalingGroup& group = scenario_.groups[id];
    std::vector<scaling::ZoneLoad> zones;
    for (const ZoneId zone : group.zones) {
        const auto here = std::count_if(groups_[id].instances.begin(), groups_[id].instances.end(), [&](InstanceId i) {
            return instances_[i].zone == zone && instances_[i].in_capacity();
        });
        zones.push_back({static_cast<std::int32_t>(here), !zone_is_out(zone)});
    }
    const std::optional<std::size_t> zone = scaling::choose_launch_zone(zones);
    if (!zone) return;
    const InstanceId added = add_instance(id, group.zones[*zone]);
    instance_row(added, "instance_launch", InstanceState::pending, reason);
    if (now() == Time{}) {
        enter_running(added);
        register_instance(added);
        return;
    }
    ++groups_[id].launches;
    const LaunchTimes& times = group.launch_times;
    schedule_after(kernel_,
                   launch_step(added, 0, times.decision_to_launch) + launch_step(added, 1, times.pending_to_running),
                   des::Phase::release, Event{event::InstanceRunning{added}});
}

void ControlPlane::enter_running(InstanceId id) {
    enter(id, InstanceState::running, "instance_running", "");
    instances_[id].running_since = now();
    recorder_.instances_running(instances_[id].group, now(), +1);
}

void ControlPlane::handle(event::InstanceRunning running) {
    const InstanceId id = running.instance;
    Instance& instance = instances_[id];
    if (instance.state != InstanceState::pending) return;
    enter_running(id);
    const LaunchTimes& times = scenario_.groups[instance.group].launch_times;
    const des::Duration until_active =
        launch_step(id, 2, times.running_to_agent) + launch_step(id, 3, times.agent_to_active);
    instance.registers_at = now() + std::min(until_active, des::latest_time - now());
    schedule_registration(id);
}

/// When its agent is ready; after an outage that outlasted that, at once.
void ControlPlane::schedule_registration(InstanceId id) {
    kernel_.schedule(std::max(now(), instances_[id].registers_at), Event{event::InstanceRegistered{id}});
}

void ControlPlane::handle(event::InstanceRegistered registered) {
    const Instance& instance = instances_[registered.instance];
    if (instance.state != InstanceState::running || instance.unreachable_since) return;
    register_instance(registered.instance);
    kernel_.schedule(now(), des::Phase::decide, Event{event::PlacePending{groups_[instance.group].cluster}});
}

void ControlPlane::register_instance(InstanceId id) {
    enter(id, InstanceState::registered, "instance_registered", "");
    Instance& instance = instances_[id];
    const AutoScalingGroup& group = scenario_.groups[instance.group];
    placement::InstanceFacts facts = instance_facts(group, scenario_.zones[instance.zone]);
    facts.ec2_instance_id = instance.name;
    facts.registered_at = scenario_.start + std::chrono::floor<std::chrono::seconds>(now().time_since_epoch());
    ClusterState& cluster = clusters_[groups_[instance.group].cluster];
    instance.room = cluster.placer.add(group.registered, std::move(facts));
    cluster.instances.add(id);
}

placement::Placer& ControlPlane::placer_of(InstanceId id) {
    return clusters_[groups_[instances_[id].group].cluster].placer;
}

/// Tells the placer, which does not know why, whether tasks may go there.
void ControlPlane::accept_or_refuse_tasks(InstanceId id) {
    const Instance& instance = instances_[id];
    if (instance.room.exists()) placer_of(id).set_accepting(instance.room, instance.accepting());
}

void ControlPlane::set_desired_capacity(GroupId id, std::int32_t desired, std::string reason) {
    GroupState& group = groups_[id];
    recorder_.row({.at = now(),
                   .event = "scaling",
                   .resource = "auto_scaling_group/" + scenario_.groups[id].name,
                   .subject = "desired_capacity",
                   .from = std::to_string(group.desired_capacity),
                   .to = std::to_string(desired),
                   .reason = std::move(reason)});
    group.desired_capacity = desired;
    recorder_.desired_capacity(id, desired);
    adjust_group(id, "scaling to the desired capacity");
}

void ControlPlane::adjust_group(GroupId id, std::string_view reason) {
    GroupState& group = groups_[id];
    auto capacity = static_cast<std::int32_t>(std::count_if(group.instances.begin(), group.instances.end(),
                                                            [&](InstanceId i) { return instances_[i].in_capacity(); }));
    for (; capacity < group.desired_capacity; ++capacity) launch_instance(id, reason);
    for (; capacity > group.desired_capacity; --capacity) {
        if (!scale_in(id, "scaling in to the desired capacity")) return;
    }
}

/// Ends one instance in service, unless all are protected; then the group stays above its desired capacity for now.
bool ControlPlane::scale_in(GroupId id, std::string_view reason) {
    std::vector<InstanceId> in_capacity;
    std::vector<scaling::TerminationCandidate> candidates;
    for (const InstanceId instance_id : groups_[id].instances) {
        const Instance& instance = instances_[instance_id];
        if (!instance.in_capacity()) continue;
        const bool kept = provider_of(id).managed_termination_protection && !instance.tasks.empty();
        in_capacity.push_back(instance_id);
        candidates.push_back({instance.zone.value, instance.running_since.value_or(now()),
                              instance.state == InstanceState::registered && !kept});
    }
    const auto chosen =
        scaling::choose_termination(candidates, now(), groups_[id].termination_ties.unit(groups_[id].scale_ins));
    if (!chosen) return false;
    ++groups_[id].scale_ins;
    drain_instance(in_capacity[*chosen], reason);
    return true;
}

/// ECS moves the tasks elsewhere first (managed draining), then EC2 terminates the instance.
void ControlPlane::drain_instance(InstanceId id, std::string_view reason) {
    enter(id, InstanceState::draining, "instance_draining", reason);
    accept_or_refuse_tasks(id);
    const std::vector<TaskId> tasks = instances_[id].tasks;
    if (tasks.empty()) return shut_down(id, "drained");
    for (const TaskId task : tasks) {
        if (tasks_[task].state == TaskState::pending) remove_task(task, "its instance is draining");
        reconcile_soon(tasks_[task].service);
    }
}

/// EC2 terminates the instance now: what runs on it ends, and so does the bill.
void ControlPlane::shut_down(InstanceId id, std::string_view reason) {
    Instance& instance = instances_[id];
    const bool was_billed = cloud::billed(instance.state);
    enter(id, InstanceState::shutting_down, "instance_shutting_down", reason);
    accept_or_refuse_tasks(id);
    const std::vector<TaskId> tasks = instance.tasks;
    for (const TaskId task : tasks) remove_task(task, "its instance was terminated");
    if (instance.room.exists()) placer_of(id).remove(std::exchange(instance.room, {}));
    if (was_billed) {
        instance.billed_until = now();
        recorder_.instances_running(instance.group, now(), -1);
    }
    ++groups_[instance.group].terminations;
    const LaunchTimes& times = scenario_.groups[instance.group].launch_times;
    schedule_after(kernel_, launch_step(id, 4, times.shutting_down), des::Phase::release,
                   Event{event::InstanceTerminated{id}});
}

void ControlPlane::handle(event::InstanceTerminated terminated) {
    enter(terminated.instance, InstanceState::terminated, "instance_terminated", "");
    auto& instances = groups_[instances_[terminated.instance].group].instances;
    instances.erase(std::remove(instances.begin(), instances.end(), terminated.instance), instances.end());
}

/// Auto Scaling's health check: instances that have failed EC2's status check for too long are replaced, a few at a
/// time; the next ones wait until the new ones are in service.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Health checks for instances in an Auto Scaling group".
/// Left out: rebalancing the zones after the outage.
void ControlPlane::replace_impaired(GroupId id) {
    const std::vector<InstanceId> instances = groups_[id].instances;
    const auto starting = [this](InstanceId i) { return instances_[i].state < InstanceState::registered; };
    const auto replaceable = [this](InstanceId i) {
        const auto since = instances_[i].unreachable_since;
        return since && now() - *since >= impairment_tolerance && instances_[i].state < InstanceState::shutting_down;
    };
    if (std::any_of(instances.begin(), instances.end(), [&](InstanceId i) { return starting(i) && !replaceable(i); })) {
        return;
    }
    std::int32_t left = scaling::replacements_at_once(groups_[id].desired_capacity);
    for (const InstanceId instance : instances) {
        if (left == 0) return;
        if (!replaceable(instance)) continue;
        shut_down(instance, "failed status checks");
        --left;
    }
}

}  // namespace fleetsim::sim
