#include <string>
#include <variant>
#include <vector>

#include <fleetsim/des/pick.hpp>
#include <fleetsim/sim/faults.hpp>

namespace fleetsim::sim {

void Faults::start() {
    for (std::uint32_t fault = 0; fault < fleet_.scenario.faults.size(); ++fault) {
        fleet_.kernel.schedule(fleet_.scenario.faults[fault].at, des::Phase::decide, Event{event::FaultDue{fault}});
    }
}

void Faults::row(std::string_view what, std::string_view resource, std::string_view subject) {
    fleet_.recorder.row({.at = fleet_.now(),
                         .event = "fault",
                         .resource = std::string{resource},
                         .subject = std::string{subject},
                         .reason = std::string{what}});
}

void Faults::handle(event::FaultDue due) {
    std::visit([&](const auto& what) { apply(due.fault, what); }, fleet_.scenario.faults[due.fault].what);
}

void Faults::apply(std::size_t fault, const TerminateInstance& what) {
    std::vector<InstanceId> candidates;
    for (const InstanceId id : des::ids_of(fleet_.instances)) {
        const Instance& instance = fleet_.instances[id];
        if (what.group.exists() && instance.group != what.group) continue;
        if (instance.running_since) candidates.push_back(id);
    }
    if (candidates.empty()) return row("no instance is running that could be terminated", "", "");
    const InstanceId victim = candidates[des::picked(victims_.unit(fault), candidates.size())];
    const Instance& instance = fleet_.instances[victim];
    row("terminate: instance", resource_name(fleet_.settings_of(instance)), instance.name);
    groups_.shut_down(victim, "terminated by a fault");
}

void Faults::apply(std::size_t fault, const TerminateTask& what) {
    std::vector<TaskId> candidates;
    for (const TaskId id : des::ids_of(fleet_.tasks)) {
        const Task& task = fleet_.tasks[id];
        if (what.service.exists() && task.service != what.service) continue;
        if (task.state == TaskState::running) candidates.push_back(id);
    }
    if (candidates.empty()) return row("no task is running that could be terminated", "", "");
    const TaskId victim = candidates[des::picked(victims_.unit(fault), candidates.size())];
    const Task& task = fleet_.tasks[victim];
    row("terminate: task", resource_name(fleet_.scenario.services[task.service]), task.name);
    services_.lose_task(victim, "its essential container exited");
}

/// Nothing in the zone answers: requests there hang until somebody's timeout, health checks fail one by one, and what
/// follows is the balancer's, ECS's and Auto Scaling's own doing.
void Faults::apply(std::size_t /*fault*/, const ZoneOutage& what) {
    row("az_outage", "", fleet_.scenario.zones[what.zone]);
    ++fleet_.outages[what.zone.value];
    for (const InstanceId id : des::ids_of(fleet_.instances)) {
        const Instance& instance = fleet_.instances[id];
        if (instance.gone() || instance.zone != what.zone || instance.unreachable_since) continue;
        groups_.set_reachable(id, false);
    }
    fleet_.kernel.schedule(fleet_.now() + what.duration, des::Phase::decide, Event{event::OutageOver{what.zone}});
}

void Faults::handle(event::OutageOver over) {
    if (--fleet_.outages[over.zone.value] > 0) return;
    row("az_outage is over", "", fleet_.scenario.zones[over.zone]);
    for (const InstanceId id : des::ids_of(fleet_.instances)) {
        const Instance& instance = fleet_.instances[id];
        if (instance.gone() || instance.zone != over.zone) continue;
        groups_.set_reachable(id, true);
    }
    for (const ClusterId id : des::ids_of(fleet_.clusters)) services_.place_soon(id);
}

void Faults::apply(std::size_t /*fault*/, const InsufficientCapacity& what) {
    const std::string where = what.zone.exists() ? fleet_.scenario.zones[what.zone] : "every zone";
    row("insufficient_capacity in " + where, "", what.instance_type);
    groups_.add_shortage(what);
}

void Faults::apply(std::size_t fault, const ReclaimSpot& what) {
    for (const SpotPoolId id : des::ids_of(fleet_.scenario.spot_pools)) {
        const SpotPool& pool = fleet_.scenario.spot_pools[id];
        if (!what.instance_type.empty() && pool.instance_type != what.instance_type) continue;
        if (what.zone.exists() && pool.zone != what.zone) continue;
        row("reclaim_spot", "", pool.instance_type + "/" + fleet_.scenario.zones[pool.zone]);
        // Waves of chance are numbered from 0, those of faults from the other end.
        groups_.reclaim(id, what.share, ~std::uint64_t{0} - fault, des::Duration::zero());
    }
}

void Faults::apply(std::size_t fault, const ImpairInstance& what) {
    std::vector<InstanceId> candidates;
    for (const InstanceId id : des::ids_of(fleet_.instances)) {
        const Instance& instance = fleet_.instances[id];
        if (what.group.exists() && instance.group != what.group) continue;
        if (instance.lifecycle == LifecycleState::in_service) candidates.push_back(id);
    }
    if (candidates.empty()) return row("no instance is in service that could be impaired", "", "");
    Instance& victim = fleet_.instances[candidates[des::picked(victims_.unit(fault), candidates.size())]];
    const auto told = [&](const char* how) { row(how, resource_name(fleet_.settings_of(victim)), victim.name); };
    switch (what.check) {
        case HealthCheck::elb:
            victim.reported_unhealthy = true;
            return told("impair: its load balancer finds it unhealthy");
        case HealthCheck::ec2:
            victim.status_check_failed_since = fleet_.now();
            return told("impair: its status checks fail");
        case HealthCheck::custom:
            victim.set_unhealthy = true;
            return told("impair: a custom health check sets it unhealthy");
    }
}

}  // namespace fleetsim::sim
