#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/ecs/provisioning.hpp>
#include <fleetsim/ecs/service_scheduler.hpp>
#include <fleetsim/sim/instance_facts.hpp>
#include <fleetsim/sim/tasks.hpp>

/// Waiting for a place, and finding one.
namespace fleetsim::sim {

using cloud::InstanceState;
using des::Duration;
using des::Time;
using ecs::TaskState;

namespace {

/// From a change until the service scheduler acts on it: 1 s, 5 s at the 95th percentile; a model decision.
const des::Distribution scheduler_reaction = des::lognormal_median_quantile(1, 0.95, 5);

}  // namespace

TaskId Tasks::create(TaskGroupId group_id, const NewTask& what) {
    TaskGroup& group = fleet_.task_groups[group_id];
    Task task;
    task.number = ++group.created;
    task.name = fmt::format("{}/{}", group.name, task.number);
    task.group = group_id;
    task.service = group.service;
    task.deployment = what.deployment;
    task.definition = what.definition;
    task.shape = what.shape;
    task.provider = what.provider;
    task.created_at = fleet_.now();
    if (what.fails.probability > 0 && group.failures.unit(task.number) < what.fails.probability) {
        task.fails = what.fails.how;
    }
    const TaskId id = fleet_.tasks.add(std::move(task));
    data_plane_.add_container(group.service, what.green);
    if (group.service.exists()) {
        fleet_.services[group.service].tasks.push_back(id);
        fleet_.recorder.tasks_waiting(group.service, +1);
    }
    ClusterState& cluster = fleet_.clusters[group.cluster];
    cluster.line_of(group_id, what.shape, what.provider).tasks.push_back(id);
    ++cluster.waiting;
    row(id, "task_created", "", ecs::name(TaskState::provisioning), "");
    return id;
}

void Tasks::leave_line(TaskId id) {
    const Task& task = fleet_.tasks[id];
    ClusterState& cluster = fleet_.clusters[fleet_.task_groups[task.group].cluster];
    auto& waiting = cluster.line_of(task.group, task.shape, task.provider).tasks;
    // The oldest is placed first, the youngest is given up first.
    if (waiting.back() == id) {
        waiting.pop_back();
    } else {
        const auto found = std::find(waiting.begin(), waiting.end(), id);
        FLEETSIM_CHECK(found != waiting.end());
        waiting.erase(found);
    }
    --cluster.waiting;
    for (const ServiceId starved : std::exchange(cluster.starved, {})) reconcile_soon(starved);
}

void Tasks::reconcile_soon(ServiceId id) {
    if (!id.exists()) return;
    ServiceState& service = fleet_.services[id];
    if (std::exchange(service.reconcile_scheduled, true)) return;
    const Duration reaction = Fleet::draw(scheduler_reaction, service.reaction_times, service.reactions++);
    fleet_.kernel.schedule(fleet_.now() + reaction, des::Phase::decide, Event{event::Reconcile{id}});
}

void Tasks::place_soon(ClusterId id) { place_at(id, fleet_.now()); }

/// Every pass asks for the next one, so that only the earliest need be scheduled.
void Tasks::place_at(ClusterId id, Time at) {
    ClusterState& cluster = fleet_.clusters[id];
    if (cluster.next_pass && *cluster.next_pass <= at) return;
    cluster.next_pass = at;
    fleet_.kernel.schedule(at, des::Phase::decide, Event{event::PlacePending{id}});
}

/// Every deployment brings lines of its own, which nobody joins any more after it.
bool Tasks::is_over(const WaitingLine& line) const {
    const ServiceId service = fleet_.task_groups[line.group].service;
    if (!service.exists()) return false;
    const auto& shapes = fleet_.services[service].primary().shapes;
    return std::find(shapes.begin(), shapes.end(), line.shape) == shapes.end();
}

/// In the order the tasks were created. After one refusal the others of its kind, all alike, are not tried.
void Tasks::handle(event::PlacePending place) {
    ClusterState& cluster = fleet_.clusters[place.cluster];
    if (cluster.next_pass && *cluster.next_pass <= fleet_.now()) cluster.next_pass.reset();
    std::erase_if(cluster.lines, [&](const WaitingLine& line) { return line.tasks.empty() && is_over(line); });
    std::vector<WaitingLine*> trying;
    for (WaitingLine& line : cluster.lines) {
        expire(place.cluster, line);
        if (line.tasks.empty()) continue;
        // A pass is one attempt of all of a group's lines.
        const Time gate = fleet_.task_groups[line.group].next_attempt;
        if (fleet_.now() < gate) {
            place_at(place.cluster, gate);
        } else {
            trying.push_back(&line);
        }
    }
    while (!trying.empty()) {
        const auto oldest = std::min_element(trying.begin(), trying.end(), [](const auto* one, const auto* other) {
            return one->tasks.front() < other->tasks.front();
        });
        if (!place_next(place.cluster, **oldest) || (*oldest)->tasks.empty()) trying.erase(oldest);
    }
}

bool Tasks::place_next(ClusterId id, WaitingLine& line) {
    const TaskId task = line.tasks.front();
    if (!find_place(task)) {
        refuse(id, line);
        return false;
    }
    line.refusal_told.reset();
    start_life(task);
    return true;
}

void Tasks::place_now(TaskId id) {
    if (find_place(id)) return start_life(id);
    place_soon(fleet_.task_groups[fleet_.tasks[id].group].cluster);
}

void Tasks::run_at_once(TaskId id) {
    if (!find_place(id)) return place_soon(fleet_.task_groups[fleet_.tasks[id].group].cluster);
    run_since_long(id);
}

void Tasks::run_since_long(TaskId id) {
    if (lacks_address(id)) return start_life(id);
    row(id, "task_placed", ecs::name(TaskState::provisioning), ecs::name(TaskState::pending), "");
    Task& task = fleet_.tasks[id];
    task.state = TaskState::pending;
    if (task.on_fargate()) task.paid_since = fleet_.now();
    hold_images(id);
    run(id);
}

bool Tasks::find_place(TaskId id) {
    const Task& task = fleet_.tasks[id];
    const TaskGroup& group = fleet_.task_groups[task.group];
    ClusterState& cluster = fleet_.clusters[group.cluster];
    if (fleet_.is_fargate(group.cluster, task.provider)) return find_place_on_fargate(id);
    const auto room = cluster.placer.find(task.shape, group.placement_ties.unit(task.number));
    if (!room) return false;
    take_room(id, cluster.instances[*room]);
    return true;
}

/// The zone with the fewest of the group's tasks, the first of equals. That zones with addresses come first is a model
/// decision.
///
/// Source: AWS Fargate User Guide (tasks are spread across Availability Zones); Amazon ECS service quotas (the rate).
bool Tasks::find_place_on_fargate(TaskId id) {
    const Task& task = fleet_.tasks[id];
    const TaskGroup& group = fleet_.task_groups[task.group];
    ZoneId best = ZoneId::none();
    const auto rank = [&](ZoneId zone) {
        return std::pair{!fleet_.has_address(task.group, *task.definition, zone), group.tasks_by_zone[zone.value]};
    };
    for (const ZoneId zone : fleet_.fargate_zones(task.group)) {
        if (fleet_.zone_is_out(zone)) continue;
        if (!best.exists() || rank(zone) < rank(best)) best = zone;
    }
    if (!best.exists()) return false;
    if (fleet_.now() > Time{}) {
        ecs::TokenBucket& launches = fleet_.fargate_launches(group.cluster, task.provider);
        if (launches.available(fleet_.now()) == 0) {
            place_at(group.cluster, launches.next_available(fleet_.now()));
            return false;
        }
        launches.take(fleet_.now(), 1);
    }
    assign(id, best);
    return true;
}

/// A task with a network interface of its own takes an address for it, if there is one left.
void Tasks::assign(TaskId id, ZoneId zone) {
    leave_line(id);
    Task& task = fleet_.tasks[id];
    task.zone = zone;
    ++fleet_.task_groups[task.group].tasks_by_zone[zone.value];
    if (task.definition->awsvpc) task.subnet = fleet_.subnet_with(1, fleet_.subnets_of(task.group), zone);
    if (task.subnet.exists()) --fleet_.addresses_left[task.subnet];
    data_plane_.set_slowness(id, fleet_.slowness[zone.value]);
}

bool Tasks::lacks_address(TaskId id) const {
    const Task& task = fleet_.tasks[id];
    return task.definition->awsvpc && !task.subnet.exists() && !fleet_.subnets_of(task.group).empty();
}

std::optional<placement::Placement> Tasks::refusal(TaskGroupId id, const NewTask& what) {
    const TaskGroup& group = fleet_.task_groups[id];
    if (fleet_.is_fargate(group.cluster, what.provider)) return std::nullopt;
    placement::Placer& placer = fleet_.clusters[group.cluster].placer;
    if (placer.find(what.shape, 0)) return std::nullopt;
    return placement::refused_by_all(placer.rooms(), what.shape);
}

void Tasks::take_room(TaskId id, InstanceId instance_id) {
    Instance& instance = fleet_.instances[instance_id];
    assign(id, instance.zone);
    Task& task = fleet_.tasks[id];
    task.instance = instance_id;
    fleet_.placer_of(instance).take(instance.room, task.shape);
    instance.tasks.push_back(id);
    if (fleet_.is_daemon(task)) ++instance.daemons;
}

void Tasks::leave_room(TaskId id) {
    const Task& task = fleet_.tasks[id];
    if (!task.instance.exists()) return;
    Instance& instance = fleet_.instances[task.instance];
    fleet_.placer_of(instance).free(instance.room, task.shape);
    std::erase(instance.tasks, id);
    if (fleet_.is_daemon(task)) --instance.daemons;
    if (instance.state == InstanceState::draining && !instance.has_workload()) leave_daemons(task.instance);
}

/// Daemons are the last to go.
///
/// Source: Amazon ECS Developer Guide, "Service scheduler concepts" (daemon).
void Tasks::leave_daemons(InstanceId id) {
    const std::vector<TaskId> daemons = fleet_.instances[id].tasks;
    for (const TaskId task : daemons) {
        if (!fleet_.tasks[task].is_leaving()) stop(task, "its instance is draining");
    }
    if (!fleet_.instances[id].tasks.empty()) return;
    fleet_.kernel.schedule(fleet_.now(), des::Phase::decide, Event{event::InstanceDrained{id}});
}

bool Tasks::has_room(InstanceId id, placement::ShapeId shape) const {
    const Instance& instance = fleet_.instances[id];
    const ClusterState& cluster = fleet_.clusters[fleet_.groups[instance.group].cluster];
    return instance.accepting() && !placement::refusal(cluster.placer.rooms(), shape, instance.room);
}

void Tasks::place_on(TaskId id, InstanceId instance) {
    take_room(id, instance);
    if (fleet_.now() > Time{}) return start_life(id);
    run_since_long(id);
}

/// With managed scaling the task waits in PROVISIONING for an instance; without, the service tries again later. What
/// refuses it is looked at once a minute, and told when it has changed.
void Tasks::refuse(ClusterId id, WaitingLine& line) {
    TaskGroup& group = fleet_.task_groups[line.group];
    constexpr Duration told_again_after = std::chrono::seconds{60};
    const bool on_fargate = fleet_.is_fargate(id, line.provider);
    if (!on_fargate && (!line.refusal_told || fleet_.now() - *line.refusal_told >= told_again_after)) {
        const bool first = !line.refusal_told;
        std::string reason =
            placement::refusal_text(placement::refused_by_all(fleet_.clusters[id].placer.rooms(), line.shape));
        if (first || reason != line.refused_for) {
            row(line.tasks.front(), "task_refused", ecs::name(TaskState::provisioning),
                ecs::name(TaskState::provisioning), reason);
        }
        group.last_failure.clear();
        line.refused_for = std::move(reason);
        line.refusal_told = fleet_.now();
    }
    if (on_fargate) return;
    if (fleet_.scales(id, line.provider)) {
        return place_at(id, ecs::given_up_at(fleet_.tasks[line.tasks.front()].created_at));
    }
    if (fleet_.now() >= group.next_attempt) {
        group.next_attempt = fleet_.now() + ecs::restart_throttle(++group.failed_attempts);
    }
    place_at(id, group.next_attempt);
    if (DeploymentState* const deployment = fleet_.deployment_of(fleet_.tasks[line.tasks.front()])) {
        deployment->failures = ecs::after_failed_start(deployment->failures);
        reconcile_soon(group.service);
    }
}

/// Source: AWS Containers blog, "Amazon ECS Cluster Auto Scaling" (tasks give up waiting).
void Tasks::expire(ClusterId id, WaitingLine& line) {
    if (line.tasks.empty() || !fleet_.scales(id, line.provider)) return;
    while (!line.tasks.empty() && ecs::given_up_at(fleet_.tasks[line.tasks.front()].created_at) <= fleet_.now()) {
        fail_to_start(line.tasks.front(), "timed out waiting for capacity");
    }
}

// What happens to instances.

void Tasks::register_instance(InstanceId id) {
    Instance& instance = fleet_.instances[id];
    const GroupState& group = fleet_.groups[instance.group];
    placement::InstanceFacts facts = instance_facts(fleet_.settings_of(instance), fleet_.option_of(instance).type,
                                                    fleet_.scenario.zones[instance.zone]);
    facts.ec2_instance_id = instance.name;
    facts.capacity_provider = group.provider->name;
    facts.registered_at =
        fleet_.scenario.start + std::chrono::floor<std::chrono::seconds>(fleet_.now().time_since_epoch());
    ClusterState& cluster = fleet_.clusters[group.cluster];
    instance.room = cluster.placer.add(fleet_.option_of(instance).registered, std::move(facts));
    cluster.instances.add(id);
    if (fleet_.now() == Time{}) return;
    // Daemons first, so they are asked for first.
    for (const ServiceId service : cluster.daemons) {
        fleet_.kernel.schedule(fleet_.now(), des::Phase::decide, Event{event::Reconcile{service}});
    }
    for (const ServiceId service : des::ids_of(fleet_.scenario.services)) {
        const Service& settings = fleet_.scenario.services[service];
        if (settings.zone_rebalancing && settings.cluster == group.cluster) reconcile_soon(service);
    }
    place_soon(group.cluster);
}

/// Tasks that no service has started stay to their end.
///
/// Source: Amazon ECS Developer Guide, "Container instance draining".
void Tasks::drain_instance(InstanceId id) {
    accept_or_refuse_tasks(fleet_.instances[id]);
    const std::vector<TaskId> tasks = fleet_.instances[id].tasks;
    for (const TaskId task : tasks) {
        if (fleet_.is_daemon(fleet_.tasks[task]) || !fleet_.tasks[task].service.exists()) continue;
        if (fleet_.tasks[task].state < TaskState::running) remove(task, "its instance is draining");
        reconcile_soon(fleet_.tasks[task].service);
    }
    if (!fleet_.instances[id].has_workload()) leave_daemons(id);
}

void Tasks::lose_instance(InstanceId id) {
    Instance& instance = fleet_.instances[id];
    if (!instance.room.exists()) return;
    accept_or_refuse_tasks(instance);
    const std::vector<TaskId> tasks = instance.tasks;
    for (const TaskId task : tasks) remove(task, "its instance was terminated");
    fleet_.placer_of(instance).remove(std::exchange(instance.room, {}));
}

/// Tells the placer, which does not know why, whether tasks may go there.
void Tasks::accept_or_refuse_tasks(const Instance& instance) {
    if (instance.room.exists()) fleet_.placer_of(instance).set_accepting(instance.room, instance.accepting());
}

}  // namespace fleetsim::sim
