#include <algorithm>
#include <string>

#include <fmt/format.h>

#include <fleetsim/routing/health_check.hpp>
#include <fleetsim/sim/tasks.hpp>

/// What balancers, container health checks and the network make of running tasks.
namespace fleetsim::sim {

using des::Time;
using ecs::TaskState;
using routing::TargetState;

/// Nothing is heard from where it runs.
bool Tasks::is_silent(const Task& task) const {
    if (task.instance.exists()) return fleet_.instances[task.instance].unreachable_since.has_value();
    return task.is_placed() && fleet_.zone_is_out(task.zone);
}

const std::vector<TargetGroupId>& Tasks::target_groups_of(const Task& task) const {
    static const std::vector<TargetGroupId> none;
    return task.service.exists() ? fleet_.services[task.service].target_groups : none;
}

void Tasks::set_reachable(InstanceId id, bool reachable) {
    const Instance& instance = fleet_.instances[id];
    accept_or_refuse_tasks(instance);
    for (const TaskId task : instance.tasks) set_task_reachable(task, reachable);
}

void Tasks::set_reachable(ZoneId zone, bool reachable) {
    for (const TaskId id : des::ids_of(fleet_.tasks)) {
        const Task& task = fleet_.tasks[id];
        if (task.on_fargate() && task.zone == zone && task.state != TaskState::stopped)
            set_task_reachable(id, reachable);
    }
}

void Tasks::set_slowness(ZoneId zone, double slowness) {
    fleet_.slowness[zone.value] = slowness;
    for (const ServiceState& service : fleet_.services) {
        for (const TaskId id : service.tasks) {
            if (fleet_.tasks[id].zone == zone) data_plane_.set_slowness(id, slowness);
        }
    }
}

void Tasks::set_green_share(ServiceId id, std::int32_t per_mille) {
    for (const TargetGroupId group : fleet_.services[id].target_groups) data_plane_.set_green_share(group, per_mille);
}

void Tasks::set_task_reachable(TaskId id, bool reachable) {
    if (!fleet_.tasks[id].service.exists()) return;
    data_plane_.set_reachable(id, reachable);
    if (fleet_.tasks[id].state == TaskState::running) schedule_verdicts(id);
}

void Tasks::set_target_states(TaskId id, TargetState state) {
    for (const TargetGroupId group : target_groups_of(fleet_.tasks[id])) {
        data_plane_.set_target_state(group, id, state);
    }
}

bool Tasks::is_checked(const Task& task) const {
    const std::vector<TargetGroupId>& groups = target_groups_of(task);
    if (task.definition->health_check) return true;
    return std::any_of(groups.begin(), groups.end(),
                       [&](TargetGroupId group) { return fleet_.scenario.target_groups[group].balancer.exists(); });
}

bool Tasks::is_healthy(TaskId id) const {
    const Task& task = fleet_.tasks[id];
    if (task.definition->health_check && task.container_health != ecs::ContainerHealth::healthy) return false;
    const std::vector<TargetGroupId>& groups = target_groups_of(task);
    return std::all_of(groups.begin(), groups.end(), [&](TargetGroupId group) {
        return data_plane_.target_state(group, id) == TargetState::healthy;
    });
}

/// When the task's target groups will change their mind about it, if its instance stays as reachable as it is now.
/// Targets behind no balancer are not checked: they are chosen once they answer.
void Tasks::schedule_verdicts(TaskId id) {
    Task& task = fleet_.tasks[id];
    const bool silent = is_silent(task);
    const Time answering_from = std::max(fleet_.now(), task.answering_from);
    const bool answers = answering_from < des::latest_time;
    ++task.verdicts;
    for (const TargetGroupId group : target_groups_of(task)) {
        const auto verdict = [&](Time at, TargetState state) {
            fleet_.kernel.schedule(std::max(fleet_.now(), at),
                                   Event{event::TargetVerdict{group, id, task.verdicts, state}});
        };
        const TargetGroup& settings = fleet_.scenario.target_groups[group];
        const routing::HealthCheck& check = settings.health_check;
        if (!settings.balancer.exists()) {
            if (!silent && answers) verdict(answering_from, TargetState::healthy);
            continue;
        }
        if (silent) {
            verdict(routing::unhealthy_at(check, task.running_since, fleet_.now()), TargetState::unhealthy);
            continue;
        }
        const Time recovered =
            answers ? routing::recovered_at(check, task.running_since, answering_from) : des::latest_time;
        switch (data_plane_.target_state(group, id)) {
            case TargetState::initial: {
                const auto first = routing::first_verdict(check, task.running_since, answering_from);
                verdict(first.at, first.state);
                if (first.state == TargetState::unhealthy && answers) verdict(recovered, TargetState::healthy);
                break;
            }
            case TargetState::unhealthy:
                if (answers) verdict(recovered, TargetState::healthy);
                break;
            case TargetState::healthy:
            case TargetState::draining:
            case TargetState::unused: break;
        }
    }
}

void Tasks::handle(event::TargetVerdict verdict) {
    Task& task = fleet_.tasks[verdict.task];
    if (task.state != TaskState::running || task.verdicts != verdict.generation) return;
    const TargetState before = data_plane_.target_state(verdict.target_group, verdict.task);
    if (before == verdict.state) return;
    data_plane_.set_target_state(verdict.target_group, verdict.task, verdict.state);
    const bool healthy = verdict.state == TargetState::healthy;
    const TargetGroup& group = fleet_.scenario.target_groups[verdict.target_group];
    const std::string behind = group.balancer.exists() ? fleet_.scenario.balancers[group.balancer].name : "direct";
    const auto name_of = [](TargetState s) { return routing::target_state_names[static_cast<std::size_t>(s)]; };
    row(verdict.task, healthy ? "target_healthy" : "target_unhealthy", name_of(before), name_of(verdict.state),
        fmt::format("target group {}/{}", behind, fleet_.scenario.services[task.service].name));
    note_health(verdict.task);
    if (healthy) return;
    replace_unhealthy(verdict.task);
}

/// Once the grace period is over.
void Tasks::replace_unhealthy(TaskId id) {
    const Task& task = fleet_.tasks[id];
    const Time grace_over = task.running_since + fleet_.scenario.services[task.service].health_check_grace_period;
    fleet_.kernel.schedule(std::max(fleet_.now(), grace_over), des::Phase::decide, Event{event::GraceOver{id}});
}

/// Its command asks the application, which answers once it has booted.
void Tasks::schedule_container_verdict(TaskId id) {
    const Task& task = fleet_.tasks[id];
    if (!task.definition->health_check) return;
    const ecs::ContainerHealthCheck& check = *task.definition->health_check;
    const bool answers = task.answering_from < des::latest_time;
    const auto verdict = [&](Time at, bool healthy) {
        fleet_.kernel.schedule(std::max(fleet_.now(), at), Event{event::ContainerVerdict{id, task.steps, healthy}});
    };
    const ecs::HealthVerdict first = ecs::first_health_verdict(
        check, task.running_since, answers ? std::optional{task.answering_from} : std::nullopt);
    verdict(first.at, first.health == ecs::ContainerHealth::healthy);
    if (first.health == ecs::ContainerHealth::healthy || !answers) return;
    verdict(ecs::container_recovered_at(check, first.at, task.answering_from, ecs::CheckFailure::at_once), true);
}

void Tasks::handle(event::ContainerVerdict verdict) {
    Task& task = fleet_.tasks[verdict.task];
    if (task.steps != verdict.generation) return;
    const ecs::ContainerHealth before = task.container_health;
    task.container_health = verdict.healthy ? ecs::ContainerHealth::healthy : ecs::ContainerHealth::unhealthy;
    const auto name_of = [](ecs::ContainerHealth h) {
        return ecs::container_health_names[static_cast<std::size_t>(h)];
    };
    row(verdict.task, verdict.healthy ? "container_healthy" : "container_unhealthy", name_of(before),
        name_of(task.container_health), "container health check");
    note_health(verdict.task);
    if (!verdict.healthy) replace_unhealthy(verdict.task);
}

/// Something that decides about the task's health has changed.
void Tasks::note_health(TaskId id) {
    Task& task = fleet_.tasks[id];
    task.healthy = is_healthy(id);
    reconcile_soon(task.service);
    if (!task.healthy) return;
    DeploymentState& deployment = *fleet_.deployment_of(task);
    deployment.failures =
        ecs::after_healthy(deployment.failures, fleet_.scenario.services[task.service].circuit_breaker);
}

/// Once the grace period is over, ECS replaces a task that a balancer or its container's health check finds unhealthy,
/// without any throttle.
///
/// Source: Amazon ECS Developer Guide, "Service load balancing"; stopping before starting is a model decision.
void Tasks::handle(event::GraceOver over) {
    const Task& task = fleet_.tasks[over.task];
    if (task.state != TaskState::running) return;
    const std::vector<TargetGroupId>& groups = target_groups_of(task);
    const bool by_balancer = std::any_of(groups.begin(), groups.end(), [&](TargetGroupId group) {
        return data_plane_.target_state(group, over.task) == TargetState::unhealthy;
    });
    if (!by_balancer && task.container_health != ecs::ContainerHealth::unhealthy) return;
    if (DeploymentState* const deployment = fleet_.deployment_of(task)) {
        deployment->failures = ecs::after_failed_health_check(deployment->failures);
    }
    stop(over.task, by_balancer ? "failed its load balancer's health checks" : "failed its container's health checks");
}

}  // namespace fleetsim::sim
