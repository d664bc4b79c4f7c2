#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/des/pick.hpp>
#include <fleetsim/sim/faults.hpp>

namespace fleetsim::sim {

namespace {

/// Item of a fault's stream of chance; the first is the fault's own.
std::uint64_t item(std::uint32_t fault, std::uint32_t number) { return (std::uint64_t{number} << 32U) | fault; }

}  // namespace

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

std::vector<InstanceId> Faults::running_instances(GroupId group) const {
    std::vector<InstanceId> found;
    for (const InstanceId id : des::ids_of(fleet_.instances)) {
        const Instance& instance = fleet_.instances[id];
        if (instance.running_since && (!group.exists() || instance.group == group)) found.push_back(id);
    }
    return found;
}

/// Of the service, or of any.
std::vector<TaskId> Faults::running_tasks(ServiceId service) const {
    std::vector<TaskId> found;
    for (const ServiceId id : des::ids_of(fleet_.services)) {
        if (service.exists() && id != service) continue;
        const auto& tasks = fleet_.services[id].tasks;
        std::copy_if(tasks.begin(), tasks.end(), std::back_inserter(found),
                     [&](TaskId task) { return fleet_.tasks[task].state == ecs::TaskState::running; });
    }
    return found;
}

void Faults::terminate(InstanceId victim, std::string_view why) {
    const Instance& instance = fleet_.instances[victim];
    row(why, resource_name(fleet_.settings_of(instance)), instance.name);
    groups_.shut_down(victim, "terminated by a fault");
}

void Faults::terminate(TaskId victim, std::string_view why) {
    const Task& task = fleet_.tasks[victim];
    row(why, fleet_.task_groups[task.group].resource, task.name);
    tasks_.lose(victim, "its essential container exited");
}

void Faults::apply(std::size_t fault, const TerminateInstance& what) {
    const std::vector<InstanceId> candidates = running_instances(what.group);
    if (candidates.empty()) return row("no instance is running that could be terminated", "", "");
    terminate(candidates[des::picked(victims_.unit(fault), candidates.size())], "terminate: instance");
}

void Faults::apply(std::size_t fault, const TerminateTask& what) {
    const std::vector<TaskId> candidates = running_tasks(what.service);
    if (candidates.empty()) return row("no task is running that could be terminated", "", "");
    terminate(candidates[des::picked(victims_.unit(fault), candidates.size())], "terminate: task");
}

/// Nothing in the zone answers: requests there hang until somebody's timeout, health checks fail one by one, and what
/// follows is the balancer's, ECS's and Auto Scaling's own doing.
void Faults::apply(std::size_t /*fault*/, const ZoneOutage& what) {
    row("az_outage", "", fleet_.scenario.zones[what.zone]);
    fleet_.kernel.schedule(fleet_.now() + what.duration, des::Phase::decide, Event{event::OutageOver{what.zone}});
    if (++fleet_.outages[what.zone.value] > 1) return;
    for (const InstanceId id : des::ids_of(fleet_.instances)) {
        const Instance& instance = fleet_.instances[id];
        if (instance.gone() || instance.zone != what.zone || instance.unreachable_since) continue;
        groups_.set_reachable(id, false);
    }
    tasks_.set_reachable(what.zone, false);
}

void Faults::handle(event::OutageOver over) {
    if (--fleet_.outages[over.zone.value] > 0) return;
    row("az_outage is over", "", fleet_.scenario.zones[over.zone]);
    for (const InstanceId id : des::ids_of(fleet_.instances)) {
        const Instance& instance = fleet_.instances[id];
        if (instance.gone() || instance.zone != over.zone) continue;
        groups_.set_reachable(id, true);
    }
    tasks_.set_reachable(over.zone, true);
    for (const ClusterId id : des::ids_of(fleet_.clusters)) tasks_.place_soon(id);
    for (const ServiceId id : des::ids_of(fleet_.services)) tasks_.reconcile_soon(id);
}

void Faults::apply(std::size_t /*fault*/, const InsufficientCapacity& what) {
    const std::string where = what.zone.exists() ? fleet_.scenario.zones[what.zone] : "every zone";
    row("insufficient_capacity in " + where, "", what.instance_type);
    groups_.add_shortage(what);
}

void Faults::apply(std::size_t fault, const ReclaimSpot& what) {
    if (what.fargate || (what.instance_type.empty() && uses_fargate_spot())) reclaim_fargate(fault, what);
    if (what.fargate) return;
    for (const SpotPoolId id : des::ids_of(fleet_.scenario.spot_pools)) {
        const SpotPool& pool = fleet_.scenario.spot_pools[id];
        if (!what.instance_type.empty() && pool.instance_type != what.instance_type) continue;
        if (what.zone.exists() && pool.zone != what.zone) continue;
        row("reclaim_spot", "", pool.instance_type + "/" + fleet_.scenario.zones[pool.zone]);
        // Waves of chance are numbered from 0, those of faults from the other end.
        groups_.reclaim(id, what.share, ~std::uint64_t{0} - fault, des::Duration::zero());
    }
}

bool Faults::uses_fargate_spot() const {
    return std::any_of(fleet_.scenario.clusters.begin(), fleet_.scenario.clusters.end(), [](const Cluster& cluster) {
        return std::any_of(cluster.capacity_providers.begin(), cluster.capacity_providers.end(),
                           [](const auto& provider) { return provider.kind == ProviderKind::fargate_spot; });
    });
}

/// Each task on Fargate Spot with the probability that is the share.
void Faults::reclaim_fargate(std::size_t fault, const ReclaimSpot& what) {
    row("reclaim_spot", "", "FARGATE_SPOT");
    for (const TaskId id : des::ids_of(fleet_.tasks)) {
        const Task& task = fleet_.tasks[id];
        if (!fleet_.is_fargate_spot(task) || task.is_leaving()) continue;
        if (what.zone.exists() && task.zone != what.zone) continue;
        if (gaps_.unit(item(static_cast<std::uint32_t>(fault), id.value)) < what.share) tasks_.reclaim(id);
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

// Failures that come at a rate.

void Faults::apply(std::size_t fault, const TaskCrashes& what) {
    const std::string whose = what.service.exists() ? resource_name(fleet_.scenario.services[what.service]) : "";
    row(fmt::format("task_crashes: {} for each task and hour", what.per_task_hour), whose, "");
    over_after(fault, what.duration);
    next_failure(static_cast<std::uint32_t>(fault), 1,
                 what.per_task_hour * static_cast<double>(running_tasks(what.service).size()));
}

void Faults::apply(std::size_t fault, const InstanceFailures& what) {
    const std::string whose = what.group.exists() ? resource_name(fleet_.scenario.groups[what.group]) : "";
    row(fmt::format("instance_failures: {} for each instance and hour", what.per_instance_hour), whose, "");
    over_after(fault, what.duration);
    next_failure(static_cast<std::uint32_t>(fault), 1,
                 what.per_instance_hour * static_cast<double>(running_instances(what.group).size()));
}

namespace {

/// A gap longer than this is drawn again, with as many tasks or instances as there are then: what is exponential does
/// not remember how long it has been waited for.
constexpr des::Duration longest_gap = std::chrono::seconds{60};

}  // namespace

void Faults::next_failure(std::uint32_t fault, std::uint32_t number, double per_hour) {
    const double gap_seconds = per_hour > 0 ? -std::log1p(-gaps_.unit(item(fault, number))) * 3600 / per_hour : 1e9;
    const bool comes = gap_seconds < des::seconds(longest_gap);
    const des::Time at = fleet_.now() + (comes ? des::from_seconds(gap_seconds) : longest_gap);
    fleet_.kernel.schedule(at, des::Phase::decide, Event{event::FailureDue{fault, number, comes}});
}

void Faults::handle(event::FailureDue due) {
    const Fault& fault = fleet_.scenario.faults[due.fault];
    const double pick = victims_.unit(item(due.fault, due.number));
    const auto go_on = [&](const auto& candidates, des::Duration duration, double per_hour_each, const char* why) {
        std::size_t left = candidates.size();
        if (fleet_.now() >= fault.at + duration) return;
        if (due.comes && left > 0) {
            terminate(candidates[des::picked(pick, left)], why);
            --left;
        }
        next_failure(due.fault, due.number + 1, per_hour_each * static_cast<double>(left));
    };
    if (const auto* crashes = std::get_if<TaskCrashes>(&fault.what)) {
        go_on(running_tasks(crashes->service), crashes->duration, crashes->per_task_hour, "task_crashes");
    } else {
        const InstanceFailures& failures = std::get<InstanceFailures>(fault.what);
        go_on(running_instances(failures.group), failures.duration, failures.per_instance_hour, "instance_failures");
    }
}

// What lasts for a while.

void Faults::over_after(std::size_t fault, des::Duration duration) {
    schedule_after(fleet_.kernel, duration, des::Phase::decide,
                   Event{event::FaultOver{static_cast<std::uint32_t>(fault)}});
}

void Faults::apply(std::size_t fault, const SlowZone& what) {
    row(fmt::format("slow_zone: work takes {} times as long", what.factor), "", fleet_.scenario.zones[what.zone]);
    slow_zones_.push_back(fault);
    set_slowness(what.zone);
    over_after(fault, what.duration);
}

void Faults::end(std::size_t fault, const SlowZone& what) {
    row("slow_zone is over", "", fleet_.scenario.zones[what.zone]);
    std::erase(slow_zones_, fault);
    set_slowness(what.zone);
}

void Faults::set_slowness(ZoneId zone) {
    double slowness = 1;
    for (const std::size_t fault : slow_zones_) {
        const SlowZone& slow = std::get<SlowZone>(fleet_.scenario.faults[fault].what);
        slowness *= slow.zone == zone ? slow.factor : 1;
    }
    tasks_.set_slowness(zone, slowness);
}

void Faults::apply(std::size_t fault, const RegistryOutage& what) {
    row("image_pulls: the registry does not answer", "", "");
    ++fleet_.registry_outages;
    over_after(fault, what.duration);
}

void Faults::end(std::size_t /*fault*/, const RegistryOutage& /*what*/) {
    if (--fleet_.registry_outages == 0) row("image_pulls: the registry answers again", "", "");
}

void Faults::apply(std::size_t fault, const ApiThrottling& what) {
    row(fmt::format("api_throttling: {} launches a minute", what.launches_per_minute), "", "");
    fleet_.throttles.push_back({static_cast<std::uint32_t>(fault), ecs::SlidingWindow{what.launches_per_minute}});
    over_after(fault, what.duration);
}

void Faults::end(std::size_t fault, const ApiThrottling& /*what*/) {
    row("api_throttling is over", "", "");
    std::erase_if(fleet_.throttles, [&](const ApiThrottle& throttle) { return throttle.fault == fault; });
}

void Faults::end(std::size_t /*fault*/, const TaskCrashes& /*what*/) { row("task_crashes is over", "", ""); }

void Faults::end(std::size_t /*fault*/, const InstanceFailures& /*what*/) { row("instance_failures is over", "", ""); }

void Faults::handle(event::FaultOver over) {
    std::visit(
        [&](const auto& what) {
            if constexpr (requires { end(over.fault, what); }) end(over.fault, what);
        },
        fleet_.scenario.faults[over.fault].what);
}

}  // namespace fleetsim::sim
