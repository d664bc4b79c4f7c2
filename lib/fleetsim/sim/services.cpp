#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/routing/health_check.hpp>
#include <fleetsim/scaling/service_scheduler.hpp>
#include <fleetsim/sim/control_plane.hpp>

namespace fleetsim::sim {

using cloud::InstanceState;
using des::Duration;
using des::Time;
using routing::TargetState;

namespace {

/// Time ECS gives a container that no balancer drains to finish what it has: the default `stopTimeout`.
///
/// Source: Amazon ECS Developer Guide, "Task definition parameters".
constexpr Duration stop_timeout = std::chrono::seconds{30};

/// From a change until the service scheduler acts on it: 1 s, 5 s at the 95th percentile; a model decision.
const des::Distribution scheduler_reaction = des::lognormal_median_quantile(1, 0.95, 5);

template <class Value>
void erase(std::vector<Value>& values, Value value) {
    values.erase(std::remove(values.begin(), values.end(), value), values.end());
}

}  // namespace

void ControlPlane::task_row(TaskId id, std::string_view event, std::string_view from, std::string_view to,
                            std::string_view reason) {
    const Task& task = tasks_[id];
    const Service& service = scenario_.services[task.service];
    EventRow row{.at = now(),
                 .event = event,
                 .resource = "service/" + service.name,
                 .subject = task.name,
                 .cpu_units = service.shape.task[placement::cpu_units],
                 .memory_mib = service.shape.task[placement::memory_mib],
                 .gpus = service.shape.task[placement::gpus],
                 .from = std::string{from},
                 .to = std::string{to},
                 .reason = std::string{reason}};
    if (task.instance.exists()) {
        row.instance = instances_[task.instance].name;
        row.zone = scenario_.zones[instances_[task.instance].zone];
    }
    recorder_.row(std::move(row));
}

/// The task came to its present state.
void ControlPlane::task_state_row(TaskId id, std::string_view event, std::string_view from, std::string_view reason) {
    task_row(id, event, from, task_state_names[static_cast<std::size_t>(tasks_[id].state)], reason);
}

TaskId ControlPlane::create_task(ServiceId id) {
    ServiceState& service = services_[id];
    Task task;
    task.name = fmt::format("{}/{}", scenario_.services[id].name, ++service.tasks_created);
    task.number = service.tasks_created;
    task.service = id;
    const TaskId added = tasks_.add(std::move(task));
    data_plane_.add_container(id);
    service.tasks.push_back(added);
    clusters_[scenario_.services[id].cluster].provisioning.push_back(added);
    recorder_.tasks_waiting(id, +1);
    task_state_row(added, "task_created", "", "");
    return added;
}

bool ControlPlane::try_to_place(TaskId id) {
    Task& task = tasks_[id];
    const Service& service = scenario_.services[task.service];
    ServiceState& state = services_[task.service];
    if (now() < state.next_placement) return false;
    ClusterState& cluster = clusters_[service.cluster];
    const placement::Placement placement = cluster.placer.place(state.shape, state.placement_ties.unit(task.number));
    if (!placement.room) {
        refuse(id, placement);
        return false;
    }
    task.instance = cluster.instances[*placement.room];
    cluster.placer.take(*placement.room, state.shape);
    instances_[task.instance].tasks.push_back(id);
    erase(cluster.provisioning, id);
    state.failed_placements = 0;
    task.state = TaskState::pending;
    task_state_row(id, "task_placed", "PROVISIONING", "");
    return true;
}

/// One row a task and reason, however often it is tried.
void ControlPlane::refusal_row(TaskId id, const std::string& reason) {
    if (tasks_[id].refused_for == reason) return;
    tasks_[id].refused_for = reason;
    task_state_row(id, "task_refused", "PROVISIONING", reason);
}

/// With managed scaling the task waits in PROVISIONING for an instance; without, the service tries again later.
void ControlPlane::refuse(TaskId id, const placement::Placement& placement) {
    Task& task = tasks_[id];
    ServiceState& state = services_[task.service];
    refusal_row(id, placement::refusal_text(placement));
    const ClusterId cluster = scenario_.services[task.service].cluster;
    const auto& providers = scenario_.clusters[cluster].capacity_providers;
    if (std::any_of(providers.begin(), providers.end(), [](const auto& p) { return p.managed_scaling.has_value(); })) {
        return;
    }
    state.next_placement = now() + scaling::restart_throttle(++state.failed_placements);
    kernel_.schedule(state.next_placement, des::Phase::decide, Event{event::PlacePending{cluster}});
}

void ControlPlane::handle(event::PlacePending place) { place_pending(place.cluster); }

/// In the order the tasks were created. After one refusal the service's other tasks, all alike, are not tried.
void ControlPlane::place_pending(ClusterId id) {
    const std::vector<TaskId> waiting = clusters_[id].provisioning;
    std::vector<TaskId> refused;  // The first of each service.
    for (const TaskId task : waiting) {
        const ServiceId service = tasks_[task].service;
        const auto before = std::find_if(refused.begin(), refused.end(),
                                         [&](TaskId other) { return tasks_[other].service == service; });
        if (before != refused.end()) {
            refusal_row(task, tasks_[*before].refused_for);
            continue;
        }
        if (!try_to_place(task)) {
            refused.push_back(task);
            continue;
        }
        const Duration start =
            draw(scenario_.services[service].start_time, services_[service].start_times, tasks_[task].number);
        schedule_after(kernel_, start, des::Phase::release, Event{event::TaskStarted{task}});
    }
}

void ControlPlane::handle(event::TaskStarted started) {
    const Task& task = tasks_[started.task];
    if (task.state != TaskState::pending) return;
    if (instances_[task.instance].unreachable_since) return remove_task(started.task, "its instance does not answer");
    run_task(started.task);
}

/// A task that runs when the scenario starts has booted before.
void ControlPlane::run_task(TaskId id) {
    Task& task = tasks_[id];
    const bool booted = now() == Time{};
    task.state = TaskState::running;
    placer_of(task.instance).add_running_tasks(instances_[task.instance].room, +1);
    task.running_since = now();
    task.answering_from = booted ? now() : now() + scenario_.services[task.service].serving.boot_time;
    recorder_.tasks_waiting(task.service, -1);
    recorder_.tasks_running(task.service, now(), +1);
    task_state_row(id, "task_running", "PENDING", "");
    data_plane_.set_answering_from(id, task.answering_from);
    set_target_states(id, TargetState::initial);
    schedule_verdicts(id);
    task.healthy = services_[task.service].target_groups.empty();
    if (task.healthy && !booted) reconcile_soon(task.service);
}

void ControlPlane::set_target_states(TaskId id, TargetState state) {
    for (const TargetGroupId group : services_[tasks_[id].service].target_groups) {
        data_plane_.set_target_state(group, id, state);
    }
}

bool ControlPlane::all_targets_are(TaskId id, TargetState state) const {
    const auto& groups = services_[tasks_[id].service].target_groups;
    return std::all_of(groups.begin(), groups.end(),
                       [&](TargetGroupId group) { return data_plane_.target_state(group, id) == state; });
}

/// When the task's target groups will change their mind about it, if its instance stays as reachable as it is now.
/// Targets behind no balancer are not checked: they are chosen once they answer.
void ControlPlane::schedule_verdicts(TaskId id) {
    Task& task = tasks_[id];
    const bool silent = instances_[task.instance].unreachable_since.has_value();
    const Time answering_from = std::max(now(), task.answering_from);
    ++task.verdicts;
    for (const TargetGroupId group : services_[task.service].target_groups) {
        const auto verdict = [&](Time at, TargetState state) {
            kernel_.schedule(std::max(now(), at), Event{event::TargetVerdict{group, id, task.verdicts, state}});
        };
        const TargetGroup& settings = scenario_.target_groups[group];
        const routing::HealthCheck& check = settings.health_check;
        if (!settings.balancer.exists()) {
            if (!silent) verdict(answering_from, TargetState::healthy);
            continue;
        }
        if (silent) {
            verdict(routing::unhealthy_at(check, task.running_since, now()), TargetState::unhealthy);
            continue;
        }
        const Time recovered = routing::recovered_at(check, task.running_since, answering_from);
        switch (data_plane_.target_state(group, id)) {
            case TargetState::initial: {
                const auto first = routing::first_verdict(check, task.running_since, answering_from);
                verdict(first.at, first.state);
                if (first.state == TargetState::unhealthy) verdict(recovered, TargetState::healthy);
                break;
            }
            case TargetState::unhealthy: verdict(recovered, TargetState::healthy); break;
            case TargetState::healthy:
            case TargetState::draining:
            case TargetState::unused: break;
        }
    }
}

void ControlPlane::handle(event::TargetVerdict verdict) {
    Task& task = tasks_[verdict.task];
    if (task.state != TaskState::running || task.verdicts != verdict.generation) return;
    const TargetState before = data_plane_.target_state(verdict.target_group, verdict.task);
    if (before == verdict.state) return;
    data_plane_.set_target_state(verdict.target_group, verdict.task, verdict.state);
    task.healthy = all_targets_are(verdict.task, TargetState::healthy);
    const bool healthy = verdict.state == TargetState::healthy;
    const TargetGroup& group = scenario_.target_groups[verdict.target_group];
    const std::string behind = group.balancer.exists() ? scenario_.balancers[group.balancer].name : "direct";
    const auto name_of = [](TargetState s) { return routing::target_state_names[static_cast<std::size_t>(s)]; };
    task_row(verdict.task, healthy ? "target_healthy" : "target_unhealthy", name_of(before), name_of(verdict.state),
             fmt::format("target group {}/{}", behind, scenario_.services[task.service].name));
    reconcile_soon(task.service);
    if (healthy) return;
    const Time grace_over = task.running_since + scenario_.services[task.service].health_check_grace_period;
    kernel_.schedule(std::max(now(), grace_over), des::Phase::decide, Event{event::GraceOver{verdict.task}});
}

/// Once the grace period is over, ECS replaces a task that a balancer finds unhealthy, without any throttle.
///
/// Source: Amazon ECS Developer Guide, "Service load balancing"; stopping before starting is a model decision.
void ControlPlane::handle(event::GraceOver over) {
    const Task& task = tasks_[over.task];
    if (task.state != TaskState::running) return;
    const auto& groups = services_[task.service].target_groups;
    if (std::any_of(groups.begin(), groups.end(), [&](TargetGroupId group) {
            return data_plane_.target_state(group, over.task) == TargetState::unhealthy;
        })) {
        stop_task(over.task, "failed its load balancer's health checks");
    }
}

void ControlPlane::reconcile_soon(ServiceId id) {
    ServiceState& service = services_[id];
    if (std::exchange(service.reconcile_scheduled, true)) return;
    const Duration reaction = draw(scheduler_reaction, service.reaction_times, service.reactions++);
    kernel_.schedule(now() + reaction, des::Phase::decide, Event{event::Reconcile{id}});
}

void ControlPlane::handle(event::Reconcile reconciling) {
    services_[reconciling.service].reconcile_scheduled = false;
    reconcile(reconciling.service);
}

/// Counts the tasks and does what the service scheduler's arithmetic wants.
void ControlPlane::reconcile(ServiceId id) {
    std::vector<TaskId> kept;
    std::vector<TaskId> leaving;
    scaling::ServiceTasks tasks{.desired = services_[id].desired_count};
    for (const TaskId task_id : services_[id].tasks) {
        const Task& task = tasks_[task_id];
        if (task.state == TaskState::deactivating) continue;
        const bool drained = task.instance.exists() && instances_[task.instance].state == InstanceState::draining;
        (drained ? leaving : kept).push_back(task_id);
        const bool healthy = task.state == TaskState::running && task.healthy;
        (drained ? tasks.healthy_leaving : tasks.healthy_kept) += healthy ? 1 : 0;
    }
    tasks.kept = static_cast<std::int32_t>(kept.size());
    tasks.leaving = static_cast<std::int32_t>(leaving.size());
    scaling::Reconciliation wanted = scaling::reconcile(tasks);

    for (; wanted.start > 0; --wanted.start) create_task(id);
    for (; wanted.stop_kept > 0; --wanted.stop_kept) {
        const TaskId chosen = choose_stop(id, kept);
        erase(kept, chosen);
        stop_task(chosen, "scaling in to the desired count");
    }
    for (const TaskId task : leaving) {
        const bool stop = tasks_[task].healthy ? wanted.stop_healthy_leaving-- > 0 : wanted.stop_unhealthy_leaving;
        if (stop) stop_task(task, "its instance is draining");
    }
    place_pending(scenario_.services[id].cluster);
}

/// Tasks that hold no instance yet go first, the youngest before the others.
TaskId ControlPlane::choose_stop(ServiceId id, const std::vector<TaskId>& tasks) {
    for (auto task = tasks.rbegin(); task != tasks.rend(); ++task) {
        if (tasks_[*task].state == TaskState::provisioning) return *task;
    }
    std::vector<placement::RoomId> rooms;
    for (const TaskId task : tasks) rooms.push_back(instances_[tasks_[task].instance].room);
    ServiceState& service = services_[id];
    const auto chosen = placement::choose_stop(clusters_[scenario_.services[id].cluster].placer.rooms(), service.shape,
                                               rooms, service.stop_ties.unit(service.stops++));
    FLEETSIM_CHECK(chosen.has_value());
    return tasks[*chosen];
}

/// A running task is deregistered first and keeps its room until the deregistration delay is over.
///
/// Source: Amazon ECS Developer Guide, "Task lifecycle" (DEACTIVATING); Application Load Balancers User Guide,
/// "Deregistration delay".
void ControlPlane::stop_task(TaskId id, std::string_view reason) {
    Task& task = tasks_[id];
    if (task.state != TaskState::running || instances_[task.instance].unreachable_since) {
        return remove_task(id, reason);
    }
    task.state = TaskState::deactivating;
    placer_of(task.instance).add_running_tasks(instances_[task.instance].room, -1);
    task.healthy = false;
    recorder_.tasks_running(task.service, now(), -1);
    task_state_row(id, "task_draining", "RUNNING", reason);
    set_target_states(id, TargetState::draining);
    data_plane_.stop_metering(id);
    Duration delay = Duration::zero();
    for (const TargetGroupId group : services_[task.service].target_groups) {
        const TargetGroup& settings = scenario_.target_groups[group];
        delay = std::max(delay, settings.balancer.exists() ? settings.deregistration_delay : stop_timeout);
    }
    kernel_.schedule(now() + delay, Event{event::TaskDrained{id}});
}

void ControlPlane::handle(event::TaskDrained drained) {
    if (tasks_[drained.task].state == TaskState::deactivating) remove_task(drained.task, "drained");
}

/// The task is gone: its room is free and what it was working on is lost.
void ControlPlane::remove_task(TaskId id, std::string_view reason) {
    Task& task = tasks_[id];
    const TaskState before = std::exchange(task.state, TaskState::stopped);
    FLEETSIM_CHECK(before != TaskState::stopped);
    const ClusterId cluster = scenario_.services[task.service].cluster;
    task.healthy = false;
    erase(services_[task.service].tasks, id);
    if (before == TaskState::provisioning) erase(clusters_[cluster].provisioning, id);
    if (before <= TaskState::pending) recorder_.tasks_waiting(task.service, -1);
    if (before == TaskState::running) recorder_.tasks_running(task.service, now(), -1);
    if (before >= TaskState::running) {
        set_target_states(id, TargetState::unused);
        data_plane_.kill(id);
    }
    task_state_row(id, "task_stopped", task_state_names[static_cast<std::size_t>(before)], reason);
    if (task.instance.exists()) {
        Instance& instance = instances_[task.instance];
        if (before == TaskState::running) placer_of(task.instance).add_running_tasks(instance.room, -1);
        placer_of(task.instance).give_back(instance.room, services_[task.service].shape);
        erase(instance.tasks, id);
        if (instance.state == InstanceState::draining && instance.tasks.empty()) shut_down(task.instance, "drained");
    }
    reconcile_soon(task.service);
    kernel_.schedule(now(), des::Phase::decide, Event{event::PlacePending{cluster}});
}

void ControlPlane::set_desired_count(ServiceId id, std::int32_t desired, std::string reason) {
    ServiceState& service = services_[id];
    recorder_.row({.at = now(),
                   .event = "scaling",
                   .resource = "service/" + scenario_.services[id].name,
                   .subject = "desired_count",
                   .from = std::to_string(service.desired_count),
                   .to = std::to_string(desired),
                   .reason = std::move(reason)});
    service.desired_count = desired;
    recorder_.desired_count(id, desired);
    reconcile_soon(id);
}

}  // namespace fleetsim::sim
