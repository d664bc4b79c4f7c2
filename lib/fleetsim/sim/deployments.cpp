#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/sim/services.hpp>

/// Deployments of services, and what becomes of them.
namespace fleetsim::sim {

using des::Time;

void Services::deployment_row(ServiceId id, std::string reason) {
    fleet_.recorder.row({.at = fleet_.now(),
                         .event = "deployment",
                         .resource = resource_name(fleet_.scenario.services[id]),
                         .subject = std::to_string(fleet_.services[id].deployment()),
                         .reason = std::move(reason)});
}

/// One that is under way already makes room for the new one, and the restart throttle is off.
///
/// Source: Amazon ECS Developer Guide, "Service throttle logic" and "Rolling update".
void Services::handle(event::DeploymentDue due) {
    const Deployment& what = fleet_.scenario.deployments[due.deployment];
    ServiceState& service = fleet_.services[what.service];
    const bool shifts = fleet_.scenario.services[what.service].traffic_shift.has_value();
    const TaskDefinition& task = what.task ? *what.task : *service.primary().task;
    service.deployments.push_back(
        {.task = &task,
         .green = shifts && !service.green(),
         .shapes = what.task ? fleet_.shapes_of(TaskGroupId{what.service.value}, task) : service.primary().shapes,
         .fails = what.fails});
    begin_deployment(what.service, service.deployments.size() - 1, "starts");
}

void Services::begin_deployment(ServiceId id, std::size_t which, std::string_view how) {
    ServiceState& service = fleet_.services[id];
    service.primary_index = which;
    service.rebalancing = false;
    service.primary().state = ecs::RolloutState::in_progress;
    service.primary().failures = {};
    service.shift_began.reset();
    if (fleet_.scenario.services[id].traffic_shift) tasks_.set_green_share(id, service.green() ? 1000 : 0);
    TaskGroup& group = fleet_.task_groups[TaskGroupId{id.value}];
    group.failed_attempts = 0;
    group.next_attempt = fleet_.now();
    const ecs::DeploymentConfiguration& limits = fleet_.scenario.services[id].deployment;
    const std::int32_t desired = service.desired_count;
    deployment_row(id, is_shifting(id) || ecs::can_replace(limits, desired)
                           ? std::string{how}
                           : fmt::format("cannot go on: of {} no fewer than {} and no more than {} may run", desired,
                                         ecs::lower_limit(limits, desired), ecs::upper_limit(limits, desired)));
    tasks_.reconcile_soon(id);
}

/// Is a blue/green deployment under way? A rollback to what production traffic still goes to is none.
bool Services::is_shifting(ServiceId id) const {
    const ServiceState& service = fleet_.services[id];
    return fleet_.scenario.services[id].traffic_shift && service.is_deploying() &&
           service.primary().green != service.green();
}

/// As many new tasks as are desired start beside the old ones, which stay until the bake time after the shift of
/// traffic is over. What is left of a deployment that was given up goes at once.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS blue/green deployments".
void Services::shift(ServiceId id, const Roll& roll) {
    ServiceState& service = fleet_.services[id];
    // Twice the tasks, those being stopped included: green beside blue.
    const ecs::ServiceTasks& counts = roll.counts;
    const std::int32_t room = 2 * counts.desired - counts.kept - counts.leaving - counts.stopping;
    start_tasks(id, std::clamp(counts.desired - counts.kept, 0, std::max(0, room)), service.primary_index);
    for (const TaskId task : roll.leaving) {
        const auto deployment = static_cast<std::size_t>(fleet_.tasks[task].deployment) - 1;
        if (deployment == service.production_index) continue;
        const bool drained = deployment == service.primary_index;
        if (!drained && !is_protected(task)) tasks_.stop(task, "a new deployment replaces it");
        if (drained && roll.counts.healthy_kept >= roll.counts.desired) tasks_.stop(task, "its instance is draining");
    }
    stop_surplus(id, roll.kept);
    keep_blue(id, roll);
    tasks_.place_soon(fleet_.scenario.services[id].cluster);
    if (roll.wake_at) wake_at(id, *roll.wake_at);
    if (service.shift_began || roll.counts.healthy_kept < roll.counts.desired) return;
    service.shift_began = fleet_.now();
    shift_traffic(id);
}

/// When the desired count falls meanwhile, both sets follow.
void Services::stop_surplus(ServiceId id, std::vector<TaskId> tasks) {
    const auto count = static_cast<std::int32_t>(tasks.size()) - fleet_.services[id].desired_count;
    if (count > 0) stop_kept(id, tasks, count, false);
}

/// Until the shift is over the old deployment keeps its tasks as if there were no other.
void Services::keep_blue(ServiceId id, const Roll& roll) {
    const ServiceState& service = fleet_.services[id];
    std::vector<TaskId> drained;
    std::vector<TaskId> kept;
    std::int32_t healthy = 0;
    for (const TaskId task_id : roll.leaving) {
        const Task& task = fleet_.tasks[task_id];
        if (static_cast<std::size_t>(task.deployment) - 1 != service.production_index) continue;
        if (task.instance.exists() && fleet_.instances[task.instance].state == cloud::InstanceState::draining) {
            drained.push_back(task_id);
            continue;
        }
        kept.push_back(task_id);
        healthy += task.healthy ? 1 : 0;
    }
    start_tasks(id, std::max(0, roll.counts.desired - static_cast<std::int32_t>(kept.size())),
                service.production_index);
    stop_surplus(id, kept);
    if (healthy < roll.counts.desired) return;
    for (const TaskId task : drained) tasks_.stop(task, "its instance is draining");
}

void Services::handle(event::ShiftDue due) {
    const ServiceState& service = fleet_.services[due.service];
    if (service.deployment() == due.deployment && service.shift_began && is_shifting(due.service)) {
        shift_traffic(due.service);
    }
}

/// The next step, or after the bake time the end: then production traffic is where it is to stay.
void Services::shift_traffic(ServiceId id) {
    ServiceState& service = fleet_.services[id];
    const ecs::TrafficShift& settings = *fleet_.scenario.services[id].traffic_shift;
    const des::Duration since = fleet_.now() - *service.shift_began;
    const auto wake_after = [&](des::Duration after) {
        fleet_.kernel.schedule(*service.shift_began + after, des::Phase::decide,
                               Event{event::ShiftDue{id, service.deployment()}});
    };
    const std::int32_t moved = ecs::green_per_mille_at(settings, since);
    tasks_.set_green_share(id, service.primary().green ? moved : 1000 - moved);
    if (since >= ecs::finished_at(settings)) {
        service.production_index = service.primary_index;
        service.shift_began.reset();
        complete_deployment(id);
        return tasks_.reconcile_soon(id);
    }
    deployment_row(id, fmt::format("{} of 1000 requests go to its tasks", moved));
    wake_after(ecs::next_change(settings, since).value_or(ecs::finished_at(settings)));
}

/// Has too much failed? Then it goes back to the last deployment that was completed, or stays as it is.
///
/// Source: Amazon ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects failures".
void Services::judge_deployment(ServiceId id) {
    ServiceState& service = fleet_.services[id];
    const ecs::DeploymentCircuitBreaker& breaker = fleet_.scenario.services[id].circuit_breaker;
    if (!service.is_deploying() || !ecs::has_failed(service.primary().failures, breaker, service.desired_count)) return;
    service.primary().state = ecs::RolloutState::failed;
    deployment_row(
        id, fmt::format("failed: {} tasks could not be started or kept healthy", service.primary().failures.failures));
    std::vector<ecs::RolloutState> states;
    for (const DeploymentState& deployment : service.deployments) states.push_back(deployment.state);
    if (const auto target = ecs::rollback_target(breaker, states)) {
        return begin_deployment(id, *target, "starts again: rolled back to");
    }
    if (fleet_.scenario.services[id].traffic_shift) {
        // Production traffic never left the old tasks for good: they go on as if nothing had been.
        service.primary_index = service.production_index;
        service.shift_began.reset();
        tasks_.set_green_share(id, service.green() ? 1000 : 0);
        return tasks_.reconcile_soon(id);
    }
    // What has not started yet never will.
    const std::vector<TaskId> tasks = service.tasks;
    for (const TaskId task : tasks) {
        const bool new_one = fleet_.tasks[task].deployment == service.deployment();
        if (new_one && fleet_.tasks[task].state < ecs::TaskState::running) tasks_.stop(task, "its deployment failed");
    }
}

void Services::end_deployment(ServiceId id, const Roll& roll) {
    const ecs::ServiceTasks& counts = roll.counts;
    if (counts.healthy_kept >= counts.desired && counts.leaving == 0 && counts.stopping == 0) complete_deployment(id);
}

void Services::complete_deployment(ServiceId id) {
    ServiceState& service = fleet_.services[id];
    if (!service.is_deploying()) return;
    service.primary().state = ecs::RolloutState::completed;
    deployment_row(id, "completed");
}

}  // namespace fleetsim::sim
