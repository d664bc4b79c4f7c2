#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/routing/health_check.hpp>
#include <fleetsim/scaling/service_scheduler.hpp>
#include <fleetsim/sim/instance_facts.hpp>
#include <fleetsim/sim/services.hpp>

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

void Services::start() {
    for (const Deployment& deployment : fleet_.scenario.deployments) {
        fleet_.kernel.schedule(deployment.at, des::Phase::decide, Event{event::DeploymentDue{deployment.service}});
    }
    for (const ServiceId id : des::ids_of(fleet_.services)) {
        fleet_.recorder.desired_count(id, fleet_.services[id].desired_count);
        for (std::int32_t i = 0; i < fleet_.services[id].desired_count; ++i) {
            const TaskId task = create_task(id);
            if (try_to_place(task)) run_task(task);
        }
    }
}

void Services::deployment_row(ServiceId id, std::string reason) {
    fleet_.recorder.row({.at = fleet_.now(),
                         .event = "deployment",
                         .resource = resource_name(fleet_.scenario.services[id]),
                         .subject = std::to_string(fleet_.services[id].deployment),
                         .reason = std::move(reason)});
}

/// One that is under way already makes room for the new one, and the restart throttle is off.
///
/// Source: Amazon ECS Developer Guide, "Service throttle logic" and "Rolling update".
void Services::handle(event::DeploymentDue due) {
    ServiceState& service = fleet_.services[due.service];
    const scaling::DeploymentConfiguration& limits = fleet_.scenario.services[due.service].deployment;
    ++service.deployment;
    service.deploying = true;
    service.failed_placements = 0;
    service.next_placement = fleet_.now();
    const std::int32_t desired = service.desired_count;
    deployment_row(due.service,
                   scaling::can_replace(limits, desired)
                       ? "starts"
                       : fmt::format("cannot go on: of {} no fewer than {} and no more than {} may run", desired,
                                     scaling::lower_limit(limits, desired), scaling::upper_limit(limits, desired)));
    reconcile_soon(due.service);
}

void Services::register_instance(InstanceId id) {
    Instance& instance = fleet_.instances[id];
    placement::InstanceFacts facts = instance_facts(fleet_.settings_of(instance), fleet_.option_of(instance).type,
                                                    fleet_.scenario.zones[instance.zone]);
    facts.ec2_instance_id = instance.name;
    facts.registered_at =
        fleet_.scenario.start + std::chrono::floor<std::chrono::seconds>(fleet_.now().time_since_epoch());
    ClusterState& cluster = fleet_.clusters[fleet_.groups[instance.group].cluster];
    instance.room = cluster.placer.add(fleet_.option_of(instance).registered, std::move(facts));
    cluster.instances.add(id);
    if (fleet_.now() > Time{}) place_soon(fleet_.groups[instance.group].cluster);
}

void Services::drain_instance(InstanceId id) {
    accept_or_refuse_tasks(fleet_.instances[id]);
    const std::vector<TaskId> tasks = fleet_.instances[id].tasks;
    for (const TaskId task : tasks) {
        if (fleet_.tasks[task].state == TaskState::pending) remove_task(task, "its instance is draining");
        reconcile_soon(fleet_.tasks[task].service);
    }
}

void Services::lose_instance(InstanceId id) {
    Instance& instance = fleet_.instances[id];
    if (!instance.room.exists()) return;
    accept_or_refuse_tasks(instance);
    const std::vector<TaskId> tasks = instance.tasks;
    for (const TaskId task : tasks) remove_task(task, "its instance was terminated");
    fleet_.placer_of(instance).remove(std::exchange(instance.room, {}));
}

void Services::set_reachable(InstanceId id, bool reachable) {
    const Instance& instance = fleet_.instances[id];
    accept_or_refuse_tasks(instance);
    for (const TaskId task : instance.tasks) {
        data_plane_.set_reachable(task, reachable);
        if (fleet_.tasks[task].state == TaskState::running) schedule_verdicts(task);
    }
}

/// Tells the placer, which does not know why, whether tasks may go there.
void Services::accept_or_refuse_tasks(const Instance& instance) {
    if (instance.room.exists()) fleet_.placer_of(instance).set_accepting(instance.room, instance.accepting());
}

void Services::place_soon(ClusterId id) {
    fleet_.kernel.schedule(fleet_.now(), des::Phase::decide, Event{event::PlacePending{id}});
}

void Services::task_row(TaskId id, std::string_view event, std::string_view from, std::string_view to,
                        std::string_view reason) {
    const Task& task = fleet_.tasks[id];
    const Service& service = fleet_.scenario.services[task.service];
    EventRow row{.at = fleet_.now(),
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
        row.instance = fleet_.instances[task.instance].name;
        row.zone = fleet_.scenario.zones[fleet_.instances[task.instance].zone];
    }
    fleet_.recorder.row(std::move(row));
}

/// The task came to its present state.
void Services::task_state_row(TaskId id, std::string_view event, std::string_view from, std::string_view reason) {
    task_row(id, event, from, task_state_names[static_cast<std::size_t>(fleet_.tasks[id].state)], reason);
}

TaskId Services::create_task(ServiceId id) {
    ServiceState& service = fleet_.services[id];
    Task task;
    task.name = fmt::format("{}/{}", fleet_.scenario.services[id].name, ++service.tasks_created);
    task.number = service.tasks_created;
    task.service = id;
    task.deployment = service.deployment;
    const TaskId added = fleet_.tasks.add(std::move(task));
    data_plane_.add_container(id);
    service.tasks.push_back(added);
    fleet_.clusters[fleet_.scenario.services[id].cluster].provisioning.push_back(added);
    fleet_.recorder.tasks_waiting(id, +1);
    task_state_row(added, "task_created", "", "");
    return added;
}

bool Services::try_to_place(TaskId id) {
    Task& task = fleet_.tasks[id];
    const Service& service = fleet_.scenario.services[task.service];
    ServiceState& state = fleet_.services[task.service];
    if (fleet_.now() < state.next_placement) return false;
    ClusterState& cluster = fleet_.clusters[service.cluster];
    const placement::Placement placement = cluster.placer.place(state.shape, state.placement_ties.unit(task.number));
    if (!placement.room) {
        refuse(id, placement);
        return false;
    }
    task.instance = cluster.instances[*placement.room];
    cluster.placer.take(*placement.room, state.shape);
    fleet_.instances[task.instance].tasks.push_back(id);
    erase(cluster.provisioning, id);
    state.failed_placements = 0;
    task.state = TaskState::pending;
    task_state_row(id, "task_placed", "PROVISIONING", "");
    return true;
}

/// One row a task and reason, however often it is tried.
void Services::refusal_row(TaskId id, const std::string& reason) {
    if (fleet_.tasks[id].refused_for == reason) return;
    fleet_.tasks[id].refused_for = reason;
    task_state_row(id, "task_refused", "PROVISIONING", reason);
}

/// With managed scaling the task waits in PROVISIONING for an instance; without, the service tries again later.
void Services::refuse(TaskId id, const placement::Placement& placement) {
    Task& task = fleet_.tasks[id];
    ServiceState& state = fleet_.services[task.service];
    refusal_row(id, placement::refusal_text(placement));
    const ClusterId cluster = fleet_.scenario.services[task.service].cluster;
    const auto& providers = fleet_.scenario.clusters[cluster].capacity_providers;
    if (std::any_of(providers.begin(), providers.end(), [](const auto& p) { return p.managed_scaling.has_value(); })) {
        return;
    }
    state.next_placement = fleet_.now() + scaling::restart_throttle(++state.failed_placements);
    fleet_.kernel.schedule(state.next_placement, des::Phase::decide, Event{event::PlacePending{cluster}});
}

void Services::handle(event::PlacePending place) { place_pending(place.cluster); }

/// In the order the tasks were created. After one refusal the service's other tasks, all alike, are not tried.
void Services::place_pending(ClusterId id) {
    const std::vector<TaskId> waiting = fleet_.clusters[id].provisioning;
    std::vector<TaskId> refused;  // The first of each service.
    for (const TaskId task : waiting) {
        const ServiceId service = fleet_.tasks[task].service;
        const auto before = std::find_if(refused.begin(), refused.end(),
                                         [&](TaskId other) { return fleet_.tasks[other].service == service; });
        if (before != refused.end()) {
            refusal_row(task, fleet_.tasks[*before].refused_for);
            continue;
        }
        if (!try_to_place(task)) {
            refused.push_back(task);
            continue;
        }
        const Duration start = Fleet::draw(fleet_.scenario.services[service].start_time,
                                           fleet_.services[service].start_times, fleet_.tasks[task].number);
        schedule_after(fleet_.kernel, start, des::Phase::release, Event{event::TaskStarted{task}});
    }
}

void Services::handle(event::TaskStarted started) {
    const Task& task = fleet_.tasks[started.task];
    if (task.state != TaskState::pending) return;
    if (fleet_.instances[task.instance].unreachable_since)
        return remove_task(started.task, "its instance does not answer");
    run_task(started.task);
}

/// A task that runs when the scenario starts has booted before.
void Services::run_task(TaskId id) {
    Task& task = fleet_.tasks[id];
    const bool booted = fleet_.now() == Time{};
    task.state = TaskState::running;
    fleet_.placer_of(fleet_.instances[task.instance]).add_running_tasks(fleet_.instances[task.instance].room, +1);
    task.running_since = fleet_.now();
    task.answering_from =
        booted ? fleet_.now() : fleet_.now() + fleet_.scenario.services[task.service].serving.boot_time;
    fleet_.recorder.tasks_waiting(task.service, -1);
    fleet_.recorder.tasks_running(task.service, fleet_.now(), +1);
    task_state_row(id, "task_running", "PENDING", "");
    data_plane_.set_answering_from(id, task.answering_from);
    set_target_states(id, TargetState::initial);
    schedule_verdicts(id);
    task.healthy = fleet_.services[task.service].target_groups.empty();
    if (task.healthy && !booted) reconcile_soon(task.service);
}

void Services::set_target_states(TaskId id, TargetState state) {
    for (const TargetGroupId group : fleet_.services[fleet_.tasks[id].service].target_groups) {
        data_plane_.set_target_state(group, id, state);
    }
}

bool Services::all_targets_are(TaskId id, TargetState state) const {
    const auto& groups = fleet_.services[fleet_.tasks[id].service].target_groups;
    return std::all_of(groups.begin(), groups.end(),
                       [&](TargetGroupId group) { return data_plane_.target_state(group, id) == state; });
}

/// When the task's target groups will change their mind about it, if its instance stays as reachable as it is now.
/// Targets behind no balancer are not checked: they are chosen once they answer.
void Services::schedule_verdicts(TaskId id) {
    Task& task = fleet_.tasks[id];
    const bool silent = fleet_.instances[task.instance].unreachable_since.has_value();
    const Time answering_from = std::max(fleet_.now(), task.answering_from);
    ++task.verdicts;
    for (const TargetGroupId group : fleet_.services[task.service].target_groups) {
        const auto verdict = [&](Time at, TargetState state) {
            fleet_.kernel.schedule(std::max(fleet_.now(), at),
                                   Event{event::TargetVerdict{group, id, task.verdicts, state}});
        };
        const TargetGroup& settings = fleet_.scenario.target_groups[group];
        const routing::HealthCheck& check = settings.health_check;
        if (!settings.balancer.exists()) {
            if (!silent) verdict(answering_from, TargetState::healthy);
            continue;
        }
        if (silent) {
            verdict(routing::unhealthy_at(check, task.running_since, fleet_.now()), TargetState::unhealthy);
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

void Services::handle(event::TargetVerdict verdict) {
    Task& task = fleet_.tasks[verdict.task];
    if (task.state != TaskState::running || task.verdicts != verdict.generation) return;
    const TargetState before = data_plane_.target_state(verdict.target_group, verdict.task);
    if (before == verdict.state) return;
    data_plane_.set_target_state(verdict.target_group, verdict.task, verdict.state);
    task.healthy = all_targets_are(verdict.task, TargetState::healthy);
    const bool healthy = verdict.state == TargetState::healthy;
    const TargetGroup& group = fleet_.scenario.target_groups[verdict.target_group];
    const std::string behind = group.balancer.exists() ? fleet_.scenario.balancers[group.balancer].name : "direct";
    const auto name_of = [](TargetState s) { return routing::target_state_names[static_cast<std::size_t>(s)]; };
    task_row(verdict.task, healthy ? "target_healthy" : "target_unhealthy", name_of(before), name_of(verdict.state),
             fmt::format("target group {}/{}", behind, fleet_.scenario.services[task.service].name));
    reconcile_soon(task.service);
    if (healthy) return;
    const Time grace_over = task.running_since + fleet_.scenario.services[task.service].health_check_grace_period;
    fleet_.kernel.schedule(std::max(fleet_.now(), grace_over), des::Phase::decide,
                           Event{event::GraceOver{verdict.task}});
}

/// Once the grace period is over, ECS replaces a task that a balancer finds unhealthy, without any throttle.
///
/// Source: Amazon ECS Developer Guide, "Service load balancing"; stopping before starting is a model decision.
void Services::handle(event::GraceOver over) {
    const Task& task = fleet_.tasks[over.task];
    if (task.state != TaskState::running) return;
    const auto& groups = fleet_.services[task.service].target_groups;
    if (std::any_of(groups.begin(), groups.end(), [&](TargetGroupId group) {
            return data_plane_.target_state(group, over.task) == TargetState::unhealthy;
        })) {
        stop_task(over.task, "failed its load balancer's health checks");
    }
}

void Services::reconcile_soon(ServiceId id) {
    ServiceState& service = fleet_.services[id];
    if (std::exchange(service.reconcile_scheduled, true)) return;
    const Duration reaction = Fleet::draw(scheduler_reaction, service.reaction_times, service.reactions++);
    fleet_.kernel.schedule(fleet_.now() + reaction, des::Phase::decide, Event{event::Reconcile{id}});
}

void Services::handle(event::Reconcile reconciling) {
    fleet_.services[reconciling.service].reconcile_scheduled = false;
    reconcile(reconciling.service);
}

/// Counts the tasks and does what the service scheduler's arithmetic wants.
void Services::reconcile(ServiceId id) {
    ServiceState& service = fleet_.services[id];
    std::vector<TaskId> kept;
    std::vector<TaskId> leaving;
    scaling::ServiceTasks tasks{.desired = service.desired_count};
    for (const TaskId task_id : service.tasks) {
        const Task& task = fleet_.tasks[task_id];
        if (task.state == TaskState::deactivating) {
            ++tasks.stopping;
            continue;
        }
        const bool drained = task.instance.exists() && fleet_.instances[task.instance].state == InstanceState::draining;
        const bool leaves = drained || task.deployment != service.deployment;
        (leaves ? leaving : kept).push_back(task_id);
        const bool healthy = task.state == TaskState::running && task.healthy;
        (leaves ? tasks.healthy_leaving : tasks.healthy_kept) += healthy ? 1 : 0;
    }
    tasks.kept = static_cast<std::int32_t>(kept.size());
    tasks.leaving = static_cast<std::int32_t>(leaving.size());
    scaling::Reconciliation wanted = scaling::reconcile(tasks, fleet_.scenario.services[id].deployment);

    for (; wanted.start > 0; --wanted.start) create_task(id);
    for (; wanted.stop_kept > 0; --wanted.stop_kept) {
        const TaskId chosen = choose_stop(id, kept);
        erase(kept, chosen);
        stop_task(chosen, "scaling in to the desired count");
    }
    for (const TaskId task : leaving) {
        const bool stop =
            fleet_.tasks[task].healthy ? wanted.stop_healthy_leaving-- > 0 : wanted.stop_unhealthy_leaving;
        const bool replaced = fleet_.tasks[task].deployment != service.deployment;
        if (stop) stop_task(task, replaced ? "a new deployment replaces it" : "its instance is draining");
    }
    if (service.deploying && tasks.healthy_kept >= tasks.desired && leaving.empty() && tasks.stopping == 0) {
        service.deploying = false;
        deployment_row(id, "completed");
    }
    place_pending(fleet_.scenario.services[id].cluster);
}

/// Tasks that hold no instance yet go first, the youngest before the others.
TaskId Services::choose_stop(ServiceId id, const std::vector<TaskId>& tasks) {
    for (auto task = tasks.rbegin(); task != tasks.rend(); ++task) {
        if (fleet_.tasks[*task].state == TaskState::provisioning) return *task;
    }
    std::vector<placement::RoomId> rooms;
    for (const TaskId task : tasks) rooms.push_back(fleet_.instances[fleet_.tasks[task].instance].room);
    ServiceState& service = fleet_.services[id];
    const auto chosen = placement::choose_stop(fleet_.clusters[fleet_.scenario.services[id].cluster].placer.rooms(),
                                               service.shape, rooms, service.stop_ties.unit(service.stops++));
    FLEETSIM_CHECK(chosen.has_value());
    return tasks[*chosen];
}

/// A running task is deregistered first and keeps its room until the deregistration delay is over.
///
/// Source: Amazon ECS Developer Guide, "Task lifecycle" (DEACTIVATING); Application Load Balancers User Guide,
/// "Deregistration delay".
void Services::stop_task(TaskId id, std::string_view reason) {
    Task& task = fleet_.tasks[id];
    if (task.state != TaskState::running || fleet_.instances[task.instance].unreachable_since) {
        return remove_task(id, reason);
    }
    task.state = TaskState::deactivating;
    fleet_.placer_of(fleet_.instances[task.instance]).add_running_tasks(fleet_.instances[task.instance].room, -1);
    task.healthy = false;
    fleet_.recorder.tasks_running(task.service, fleet_.now(), -1);
    task_state_row(id, "task_draining", "RUNNING", reason);
    set_target_states(id, TargetState::draining);
    data_plane_.stop_metering(id);
    Duration delay = Duration::zero();
    for (const TargetGroupId group : fleet_.services[task.service].target_groups) {
        const TargetGroup& settings = fleet_.scenario.target_groups[group];
        delay = std::max(delay, settings.balancer.exists() ? settings.deregistration_delay : stop_timeout);
    }
    fleet_.kernel.schedule(fleet_.now() + delay, Event{event::TaskDrained{id}});
}

void Services::handle(event::TaskDrained drained) {
    if (fleet_.tasks[drained.task].state == TaskState::deactivating) remove_task(drained.task, "drained");
}

/// The task is gone: its room is free and what it was working on is lost.
void Services::remove_task(TaskId id, std::string_view reason) {
    Task& task = fleet_.tasks[id];
    const TaskState before = std::exchange(task.state, TaskState::stopped);
    FLEETSIM_CHECK(before != TaskState::stopped);
    const ClusterId cluster = fleet_.scenario.services[task.service].cluster;
    task.healthy = false;
    erase(fleet_.services[task.service].tasks, id);
    if (before == TaskState::provisioning) erase(fleet_.clusters[cluster].provisioning, id);
    if (before <= TaskState::pending) fleet_.recorder.tasks_waiting(task.service, -1);
    if (before == TaskState::running) fleet_.recorder.tasks_running(task.service, fleet_.now(), -1);
    if (before >= TaskState::running) {
        set_target_states(id, TargetState::unused);
        data_plane_.kill(id);
    }
    task_state_row(id, "task_stopped", task_state_names[static_cast<std::size_t>(before)], reason);
    if (task.instance.exists()) {
        Instance& instance = fleet_.instances[task.instance];
        if (before == TaskState::running)
            fleet_.placer_of(fleet_.instances[task.instance]).add_running_tasks(instance.room, -1);
        fleet_.placer_of(fleet_.instances[task.instance]).give_back(instance.room, fleet_.services[task.service].shape);
        erase(instance.tasks, id);
        if (instance.state == InstanceState::draining && instance.tasks.empty()) {
            fleet_.kernel.schedule(fleet_.now(), des::Phase::decide, Event{event::InstanceDrained{task.instance}});
        }
    }
    reconcile_soon(task.service);
    place_soon(cluster);
}

void Services::set_desired_count(ServiceId id, std::int32_t desired, ScalingRow why) {
    ServiceState& service = fleet_.services[id];
    why.at = fleet_.now();
    why.from = std::to_string(std::exchange(service.desired_count, desired));
    why.to = std::to_string(desired);
    fleet_.recorder.scaling(resource_name(fleet_.scenario.services[id]), "desired_count", std::move(why));
    fleet_.recorder.desired_count(id, desired);
    reconcile_soon(id);
}

}  // namespace fleetsim::sim
