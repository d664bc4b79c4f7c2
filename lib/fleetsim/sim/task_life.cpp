#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/ecs/service_scheduler.hpp>
#include <fleetsim/ecs/task_protection.hpp>
#include <fleetsim/sim/tasks.hpp>

/// A task's way from its place to STOPPED.
namespace fleetsim::sim {

using des::Duration;
using des::Time;
using ecs::TaskState;
using routing::TargetState;

namespace {

/// Registering with several target groups; a model decision, like the next two.
const des::Distribution activation = des::lognormal_median_quantile(2, 0.95, 5);

/// Detaching and deleting a network interface.
const des::Distribution detaching_from_instance = des::lognormal_median_quantile(4, 0.95, 10);
const des::Distribution leaving_fargate = des::lognormal_median_quantile(10, 0.95, 20);

}  // namespace

void Tasks::row(TaskId id, std::string_view event, std::string_view from, std::string_view to,
                std::string_view reason) {
    const Task& task = fleet_.tasks[id];
    const placement::Resources& need = task.definition->shape.task;
    EventRow row{.at = fleet_.now(),
                 .event = event,
                 .resource = fleet_.task_groups[task.group].resource,
                 .subject = task.name,
                 .cpu_units = need[placement::cpu_units],
                 .memory_mib = need[placement::memory_mib],
                 .gpus = need[placement::gpus],
                 .from = std::string{from},
                 .to = std::string{to},
                 .reason = std::string{reason}};
    if (task.instance.exists()) row.instance = fleet_.instances[task.instance].name;
    if (task.is_placed()) row.zone = fleet_.scenario.zones[task.zone];
    fleet_.recorder.row(std::move(row));
}

/// The task comes to the state, which ends whatever its last one waited for.
void Tasks::enter(TaskId id, TaskState state, std::string_view event, std::string_view reason) {
    Task& task = fleet_.tasks[id];
    const TaskState before = std::exchange(task.state, state);
    ++task.steps;
    if (ecs::desired_running(before) && task.is_leaving() && task.is_placed()) discount(task);
    row(id, event, ecs::name(before), ecs::name(state), reason);
}

/// What is to stop holds its room, but counts no more where new tasks are spread.
void Tasks::discount(const Task& task) {
    --fleet_.task_groups[task.group].tasks_by_zone[task.zone.value];
    if (!task.instance.exists()) return;
    const Instance& instance = fleet_.instances[task.instance];
    fleet_.placer_of(instance).discount(instance.room, task.shape);
}

void Tasks::next_step_after(TaskId id, Duration duration) {
    schedule_after(fleet_.kernel, duration, des::Phase::release, Event{event::TaskStep{id, fleet_.tasks[id].steps}});
}

void Tasks::handle(event::TaskStep step) {
    const Task& task = fleet_.tasks[step.task];
    if (task.steps != step.generation) return;
    switch (task.state) {
        case TaskState::provisioning: return pull(step.task);
        case TaskState::pending: return start(step.task);
        case TaskState::activating: return run(step.task);
        case TaskState::deactivating: return send_sigterm(step.task);
        case TaskState::stopping: return deprovision(step.task);
        case TaskState::deprovisioning: return remove(step.task, task.stopped_for);
        case TaskState::running: return finish(step.task);
        case TaskState::stopped: return;
    }
}

// Coming up.

void Tasks::start_life(TaskId id) {
    const Task& task = fleet_.tasks[id];
    if (lacks_address(id)) return fail_to_start(id, "InsufficientFreeAddressesInSubnet: no address for its interface");
    const TaskGroup& group = fleet_.task_groups[task.group];
    const TaskTimes& times = task.on_fargate() ? task.definition->on_fargate : task.definition->on_instance;
    const Duration provisioning = Fleet::draw(times.provisioning, group.provisioning_times, task.number);
    if (provisioning == Duration::zero()) {
        enter(id, TaskState::pending, "task_placed");
        return pull_images(id);
    }
    enter(id, TaskState::provisioning, "task_placed");
    next_step_after(id, provisioning);
}

void Tasks::pull(TaskId id) {
    enter(id, TaskState::pending, "task_pending");
    pull_images(id);
}

void Tasks::start(TaskId id) {
    const Task& task = fleet_.tasks[id];
    if (is_silent(task)) {
        return fail_to_start(id, task.on_fargate() ? "its zone does not answer" : "its instance does not answer");
    }
    if (task.pull_failed) return fail_to_start(id, "CannotPullContainerError: the registry does not answer");
    if (task.fails == TaskFailure::exits_at_start) return fail_to_start(id, "its essential container exited");
    if (target_groups_of(task).size() <= 1) return run(id);
    enter(id, TaskState::activating, "task_activating");
    next_step_after(id, Fleet::draw(activation, fleet_.task_groups[task.group].provisioning_times, ~task.number));
}

/// It never was RUNNING: the service waits before it tries again, longer each time.
///
/// Source: Amazon ECS Developer Guide, "Service throttle logic". Tasks that fail at once count as one attempt.
void Tasks::fail_to_start(TaskId id, std::string_view reason) {
    const Task& task = fleet_.tasks[id];
    TaskGroup& group = fleet_.task_groups[task.group];
    if (task.service.exists() && fleet_.now() >= group.next_attempt) {
        group.next_attempt = fleet_.now() + ecs::restart_throttle(++group.failed_attempts);
    }
    group.last_failure = reason;
    if (DeploymentState* const deployment = fleet_.deployment_of(task)) {
        deployment->failures = ecs::after_failed_start(deployment->failures);
    }
    remove(id, reason);
}

/// A task that runs when the scenario starts has booted before.
void Tasks::run(TaskId id) {
    Task& task = fleet_.tasks[id];
    const Time now = fleet_.now();
    enter(id, TaskState::running, "task_running");
    fleet_.task_groups[task.group].failed_attempts = 0;
    if (DeploymentState* const deployment = fleet_.deployment_of(task)) {
        deployment->failures = ecs::after_running(deployment->failures);
    }
    if (task.instance.exists()) {
        Instance& instance = fleet_.instances[task.instance];
        fleet_.placer_of(instance).add_running_tasks(instance.room, +1);
    }
    task.running_since = now;
    if (!task.service.exists()) {
        const TaskRun& run = fleet_.scenario.task_runs[fleet_.run_of(task.group)];
        const TaskGroup& group = fleet_.task_groups[task.group];
        return next_step_after(id, Fleet::draw(run.runs_for, group.exit_times, 2 * task.number));
    }
    const bool booted = now == Time{};
    task.answering_from = booted ? now : now + fleet_.scenario.services[task.service].serving.boot_time;
    const auto& protection = fleet_.scenario.services[task.service].scale_in_protection;
    if (protection) task.protected_until = ecs::protected_until(now, *protection);
    if (task.fails == TaskFailure::never_healthy) task.answering_from = des::latest_time;
    fleet_.recorder.tasks_waiting(task.service, -1);
    fleet_.recorder.tasks_running(task.service, now, task.definition->shape.task, +1);
    data_plane_.set_answering_from(id, task.answering_from);
    set_target_states(id, TargetState::initial);
    schedule_verdicts(id);
    if (booted) {
        task.container_health = ecs::ContainerHealth::healthy;
    } else {
        schedule_container_verdict(id);
    }
    task.healthy = is_healthy(id);
    if (!booted) reconcile_soon(task.service);
}

// Going.

/// A task that was to run once has done so: its essential container exits of itself.
void Tasks::finish(TaskId id) {
    const Task& task = fleet_.tasks[id];
    ++fleet_.task_groups[task.group].succeeded;
    fleet_.tasks[id].finished = true;
    fleet_.tasks[id].stopped_for = "its essential container exited";
    leave_running(id);
    enter(id, TaskState::stopping, "task_stopping", task.stopped_for);
    deprovision(id);
}

/// A running task is deregistered first and keeps its room until it is STOPPED.
///
/// Source: Amazon ECS Developer Guide, "Task lifecycle" (DEACTIVATING); Application Load Balancers User Guide,
/// "Deregistration delay".
void Tasks::stop(TaskId id, std::string_view reason) {
    const Task& task = fleet_.tasks[id];
    if (task.state != TaskState::running || is_silent(task)) return remove(id, reason);
    fleet_.tasks[id].healthy = false;
    fleet_.tasks[id].stopped_for = reason;
    leave_running(id);
    enter(id, TaskState::deactivating, "task_draining", reason);
    Duration delay = Duration::zero();
    for (const TargetGroupId group : target_groups_of(task)) {
        const TargetGroup& settings = fleet_.scenario.target_groups[group];
        if (settings.balancer.exists()) delay = std::max(delay, settings.deregistration_delay);
    }
    set_target_states(id, TargetState::draining);
    if (task.service.exists()) data_plane_.stop_metering(id);
    if (delay == Duration::zero()) return send_sigterm(id);
    next_step_after(id, delay);
}

/// Source: Amazon ECS Developer Guide, "Fargate capacity providers" (Fargate Spot termination notices).
void Tasks::reclaim(TaskId id) {
    constexpr Duration warning = std::chrono::minutes{2};
    stop(id, "Fargate Spot interruption");
    if (fleet_.tasks[id].state == TaskState::stopped) return;
    fleet_.kernel.schedule(fleet_.now() + warning, Event{event::FargateReclaimed{id}});
}

void Tasks::handle(event::FargateReclaimed reclaimed) {
    if (fleet_.tasks[reclaimed.task].state != TaskState::stopped) remove(reclaimed.task, "Fargate Spot interruption");
}

void Tasks::leave_running(TaskId id) {
    const Task& task = fleet_.tasks[id];
    if (task.instance.exists()) {
        Instance& instance = fleet_.instances[task.instance];
        fleet_.placer_of(instance).add_running_tasks(instance.room, -1);
    }
    if (task.service.exists()) {
        fleet_.recorder.tasks_running(task.service, fleet_.now(), task.definition->shape.task, -1);
    }
}

/// Whoever called it straight may have to wait for an answer: then it works on until SIGKILL.
///
/// Source: Amazon ECS Developer Guide, "Task definition parameters" (stopTimeout).
void Tasks::send_sigterm(TaskId id) {
    const Task& task = fleet_.tasks[id];
    const TaskGroup& group = fleet_.task_groups[task.group];
    const auto& targets = target_groups_of(task);
    const bool called_straight = std::any_of(targets.begin(), targets.end(), [&](TargetGroupId target) {
        return !fleet_.scenario.target_groups[target].balancer.exists();
    });
    const Duration exit = Fleet::draw(task.definition->exit_time, group.exit_times, 2 * task.number);
    const Duration time =
        called_straight ? task.definition->stop_timeout : std::min(task.definition->stop_timeout, exit);
    if (time == Duration::zero()) return deprovision(id);
    enter(id, TaskState::stopping, "task_stopping");
    next_step_after(id, time);
}

void Tasks::deprovision(TaskId id) {
    const Task& task = fleet_.tasks[id];
    if (!task.definition->awsvpc) return remove(id, task.stopped_for);
    end_work(id);
    enter(id, TaskState::deprovisioning, "task_deprovisioning");
    const des::Distribution& detaching = task.on_fargate() ? leaving_fargate : detaching_from_instance;
    next_step_after(id, Fleet::draw(detaching, fleet_.task_groups[task.group].exit_times, 2 * task.number + 1));
}

/// What the task was working on is lost.
void Tasks::end_work(TaskId id) {
    settle_bill(id);
    if (!fleet_.tasks[id].service.exists()) return;
    set_target_states(id, TargetState::unused);
    data_plane_.kill(id);
}

/// The task is gone: its room is free.
void Tasks::remove(TaskId id, std::string_view reason) {
    Task& task = fleet_.tasks[id];
    const TaskState before = task.state;
    FLEETSIM_CHECK(before != TaskState::stopped);
    TaskGroup& group = fleet_.task_groups[task.group];
    if (!task.finished) ++group.failed;
    task.healthy = false;
    if (task.service.exists()) {
        std::erase(fleet_.services[task.service].tasks, id);
        if (before < TaskState::running) fleet_.recorder.tasks_waiting(task.service, -1);
    }
    if (!task.is_placed()) leave_line(id);
    if (before == TaskState::running) leave_running(id);
    if (before >= TaskState::running && before < TaskState::deprovisioning) end_work(id);
    settle_bill(id);
    enter(id, TaskState::stopped, "task_stopped", reason);
    if (task.instance.exists()) release_images(task);
    if (task.subnet.exists()) ++fleet_.addresses_left[task.subnet];
    if (task.is_placed()) leave_room(id);
    reconcile_soon(task.service);
    place_soon(group.cluster);
}

/// From the pull of its images until its containers have ended, in whole seconds, a minute at least.
///
/// Source: AWS Fargate pricing.
void Tasks::settle_bill(TaskId id) {
    Task& task = fleet_.tasks[id];
    if (!task.paid_since) return;
    fleet_.add_fargate_usage(task, fleet_.now());
    task.paid_since.reset();
}

}  // namespace fleetsim::sim
