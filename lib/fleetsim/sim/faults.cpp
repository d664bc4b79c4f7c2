#include <string>
#include <variant>

#include <fleetsim/des/pick.hpp>
#include <fleetsim/sim/control_plane.hpp>

namespace fleetsim::sim {

using cloud::InstanceState;

void ControlPlane::fault_row(std::string_view what, std::string_view resource, std::string_view subject) {
    recorder_.row({.at = now(),
                   .event = "fault",
                   .resource = std::string{resource},
                   .subject = std::string{subject},
                   .reason = std::string{what}});
}

void ControlPlane::handle(event::FaultDue due) {
    std::visit([&](const auto& what) { apply(due.fault, what); }, scenario_.faults[due.fault].what);
}

void ControlPlane::apply(std::size_t fault, const TerminateInstance& what) {
    std::vector<InstanceId> candidates;
    for (const InstanceId id : des::ids_of(instances_)) {
        const Instance& instance = instances_[id];
        if (what.group.exists() && instance.group != what.group) continue;
        if (cloud::billed(instance.state)) candidates.push_back(id);
    }
    if (candidates.empty()) return fault_row("no instance is running that could be terminated", "", "");
    const InstanceId victim = candidates[des::picked(faults_.unit(fault), candidates.size())];
    fault_row("terminate: instance", "auto_scaling_group/" + scenario_.groups[instances_[victim].group].name,
              instances_[victim].name);
    shut_down(victim, "terminated by a fault");
}

void ControlPlane::apply(std::size_t fault, const TerminateTask& what) {
    std::vector<TaskId> candidates;
    for (const TaskId id : des::ids_of(tasks_)) {
        if (what.service.exists() && tasks_[id].service != what.service) continue;
        if (tasks_[id].state == TaskState::running) candidates.push_back(id);
    }
    if (candidates.empty()) return fault_row("no task is running that could be terminated", "", "");
    const TaskId victim = candidates[des::picked(faults_.unit(fault), candidates.size())];
    fault_row("terminate: task", "service/" + scenario_.services[tasks_[victim].service].name, tasks_[victim].name);
    remove_task(victim, "its essential container exited");
}

/// Nothing in the zone answers: requests there hang until somebody's timeout, health checks fail one by one, and what
/// follows is the balancer's, ECS's and Auto Scaling's own doing.
void ControlPlane::apply(std::size_t /*fault*/, const ZoneOutage& what) {
    fault_row("az_outage", "", scenario_.zones[what.zone]);
    ++outages_[what.zone.value];
    for (const InstanceId id : des::ids_of(instances_)) {
        Instance& instance = instances_[id];
        const bool over = instance.state >= InstanceState::shutting_down;
        if (over || instance.zone != what.zone || instance.unreachable_since) continue;
        instance.unreachable_since = now();
        accept_or_refuse_tasks(id);
        for (const TaskId task : instance.tasks) {
            data_plane_.set_reachable(task, false);
            if (tasks_[task].state == TaskState::running) schedule_verdicts(task);
        }
    }
    kernel_.schedule(now() + what.duration, des::Phase::decide, Event{event::OutageOver{what.zone}});
}

void ControlPlane::handle(event::OutageOver over) {
    if (--outages_[over.zone.value] > 0) return;
    fault_row("az_outage is over", "", scenario_.zones[over.zone]);
    for (const InstanceId id : des::ids_of(instances_)) {
        Instance& instance = instances_[id];
        if (instance.state >= InstanceState::shutting_down || instance.zone != over.zone) continue;
        instance.unreachable_since.reset();
        accept_or_refuse_tasks(id);
        for (const TaskId task : instance.tasks) {
            data_plane_.set_reachable(task, true);
            if (tasks_[task].state == TaskState::running) schedule_verdicts(task);
        }
        if (instance.state == InstanceState::running) {
            schedule_registration(id);
        }
    }
    for (const ClusterId id : des::ids_of(clusters_)) {
        kernel_.schedule(now(), des::Phase::decide, Event{event::PlacePending{id}});
    }
}

}  // namespace fleetsim::sim
