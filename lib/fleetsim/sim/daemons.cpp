#include <algorithm>
#include <iterator>
#include <vector>

#include <fleetsim/sim/services.hpp>

/// Daemon services: one task on every instance that their constraints select.
namespace fleetsim::sim {

using cloud::InstanceState;
using des::Time;
using ecs::DaemonPlace;
using ecs::DaemonTask;
using ecs::TaskState;

namespace {

/// An instance without room for a daemon is tried again so often; a model decision.
constexpr des::Duration daemon_retry = std::chrono::seconds{60};

}  // namespace

Services::DaemonRoll Services::daemon_roll(ServiceId id) const {
    const ServiceState& service = fleet_.services[id];
    const ClusterState& cluster = fleet_.clusters[fleet_.scenario.services[id].cluster];
    const placement::Rooms& rooms = cluster.placer.rooms();
    std::vector<TaskId> task_in(rooms.added(), TaskId::none());
    for (const TaskId task : service.tasks) {
        task_in[fleet_.instances[fleet_.tasks[task].instance].room.value] = task;
    }
    DaemonRoll roll;
    for (const placement::RoomId room : rooms.known()) {
        const Instance& instance = fleet_.instances[cluster.instances[room]];
        const TaskId task_id = task_in[room.value];
        ecs::DaemonInstance seen{.other_tasks = instance.has_workload()};
        if (!rooms.admits(service.primary().shapes.back(), room)) seen.place = DaemonPlace::unsuitable;
        if (instance.state == InstanceState::draining) seen.place = DaemonPlace::draining;
        if (task_id.exists()) {
            const Task& task = fleet_.tasks[task_id];
            seen.task = task.deployment == service.deployment() ? DaemonTask::newest : DaemonTask::older;
            if (task.is_leaving()) seen.task = DaemonTask::stopping;
            seen.healthy = task.state == TaskState::running && task.healthy;
            if (seen.healthy && seen.task == DaemonTask::newest && !is_settled(id, task)) {
                const Time settled_at = task.running_since + ecs::healthy_after_running;
                roll.wake_at = std::min(settled_at, roll.wake_at.value_or(settled_at));
                seen.healthy = false;
            }
        } else if (!instance.accepting()) {
            continue;
        }
        roll.instances.push_back(seen);
        roll.rooms.push_back(room);
        roll.tasks.push_back(task_id);
    }
    return roll;
}

void Services::reconcile_daemon(ServiceId id) {
    judge_deployment(id);
    ServiceState& service = fleet_.services[id];
    const ClusterState& cluster = fleet_.clusters[fleet_.scenario.services[id].cluster];
    const DaemonRoll roll = daemon_roll(id);
    const ecs::DaemonReconciliation wanted = ecs::reconcile_daemon(
        roll.instances, fleet_.scenario.services[id].deployment, service.primary().state == ecs::RolloutState::failed);
    for (const std::size_t i : wanted.stop) {
        const bool replaced = roll.instances[i].task == DaemonTask::older;
        tasks_.stop(roll.tasks[i], replaced ? "a new deployment replaces it" : "its instance does not suit any more");
    }
    std::vector<InstanceId> places;
    for (const std::size_t i : wanted.start) places.push_back(cluster.instances[roll.rooms[i]]);
    start_daemons(id, places);

    std::int32_t suitable = 0;
    bool done = true;
    for (const ecs::DaemonInstance& instance : roll.instances) {
        if (instance.place != DaemonPlace::wanted) continue;
        ++suitable;
        done = done && instance.task == DaemonTask::newest && instance.healthy;
    }
    if (suitable != service.desired_count) {
        service.desired_count = suitable;
        fleet_.recorder.desired_count(id, suitable);
    }
    if (roll.wake_at) wake_at(id, *roll.wake_at);
    if (done) complete_deployment(id);
}

void Services::start_daemons(ServiceId id, const std::vector<InstanceId>& places) {
    if (places.empty()) return;
    ServiceState& service = fleet_.services[id];
    const Time now = fleet_.now();
    const Time next_attempt = fleet_.task_groups[TaskGroupId{id.value}].next_attempt;
    if (now < next_attempt) return wake_at(id, next_attempt);
    std::vector<InstanceId> roomy;
    std::copy_if(places.begin(), places.end(), std::back_inserter(roomy),
                 [&](InstanceId place) { return tasks_.has_room(place, service.primary().shapes.back()); });
    if (roomy.size() < places.size()) wake_at(id, now + daemon_retry);
    // What runs when the scenario starts was launched before.
    if (now > Time{})
        roomy.resize(static_cast<std::size_t>(take_launches(id, static_cast<std::int32_t>(roomy.size()))));
    for (const InstanceId place : roomy) tasks_.place_on(create_task(id, service.primary_index), place);
}

}  // namespace fleetsim::sim
