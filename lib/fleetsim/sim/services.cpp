#include <algorithm>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include <fleetsim/des/pick.hpp>
#include <fleetsim/ecs/capacity_provider_strategy.hpp>
#include <fleetsim/ecs/provisioning.hpp>
#include <fleetsim/sim/services.hpp>

namespace fleetsim::sim {

using cloud::InstanceState;
using des::Time;
using ecs::TaskState;

void Services::start() {
    for (std::uint32_t i = 0; i < fleet_.scenario.deployments.size(); ++i) {
        fleet_.kernel.schedule(fleet_.scenario.deployments[i].at, des::Phase::decide, Event{event::DeploymentDue{i}});
    }
    for (const ServiceId id : des::ids_of(fleet_.services)) {
        fleet_.recorder.desired_count(id, fleet_.services[id].desired_count);
        if (!fleet_.scenario.services[id].daemon) continue;
        reconcile_daemon(id);
    }
    for (const ServiceId id : des::ids_of(fleet_.services)) {
        if (fleet_.scenario.services[id].daemon) continue;
        for (std::int32_t i = 0; i < fleet_.services[id].desired_count; ++i) tasks_.run_at_once(create_task(id, 0));
        const ServiceState& service = fleet_.services[id];
        const auto running = std::count_if(service.tasks.begin(), service.tasks.end(),
                                           [&](TaskId task) { return fleet_.tasks[task].state == TaskState::running; });
        if (running < service.desired_count) fleet_.services[id].primary().state = ecs::RolloutState::in_progress;
    }
}

/// Every run asks for the next one, so that only the earliest need be scheduled.
void Services::wake_at(ServiceId id, Time at) {
    auto& next_wake = fleet_.services[id].next_wake;
    if (next_wake && *next_wake <= at) return;
    next_wake = at;
    fleet_.kernel.schedule(at, des::Phase::decide, Event{event::Reconcile{id}});
}

void Services::handle(event::Reconcile reconciling) {
    ServiceState& service = fleet_.services[reconciling.service];
    service.reconcile_scheduled = false;
    if (service.next_wake && *service.next_wake <= fleet_.now()) service.next_wake.reset();
    if (fleet_.scenario.services[reconciling.service].daemon) return reconcile_daemon(reconciling.service);
    reconcile(reconciling.service);
}

/// Tasks of one of the service's deployments by its providers, in the order of its strategy.
std::vector<std::int32_t> Services::tasks_by_provider(ServiceId id, std::size_t deployment) const {
    const auto& strategy = fleet_.scenario.services[id].capacity_provider_strategy;
    const ServiceState& service = fleet_.services[id];
    std::vector<std::int32_t> counts(strategy.size(), 0);
    for (const TaskId task_id : service.tasks) {
        const Task& task = fleet_.tasks[task_id];
        if (task.is_leaving() || static_cast<std::size_t>(task.deployment) != deployment + 1) continue;
        for (std::size_t i = 0; i < strategy.size(); ++i) counts[i] += strategy[i].provider == task.provider ? 1 : 0;
    }
    return counts;
}

TaskId Services::create_task(ServiceId id, std::size_t which) {
    const ServiceState& service = fleet_.services[id];
    const DeploymentState& deployment = service.deployments[which];
    NewTask what{.definition = deployment.task,
                 .provider = fleet_.provider_without_strategy(TaskGroupId{id.value}),
                 .deployment = static_cast<std::int32_t>(which) + 1,
                 .fails = deployment.fails,
                 .green = deployment.green};
    const auto& strategy = fleet_.scenario.services[id].capacity_provider_strategy;
    if (!strategy.empty() && !fleet_.scenario.services[id].daemon) {
        what.provider =
            strategy[ecs::next_provider(fleet_.shares_of(TaskGroupId{id.value}), tasks_by_provider(id, which))]
                .provider;
    }
    what.shape = deployment.shapes[std::min<std::size_t>(what.provider, deployment.shapes.size() - 1)];
    return tasks_.create(TaskGroupId{id.value}, what);
}

/// In a deployment, without a balancer or a container's health check, ECS waits before it trusts a running task.
///
/// Source: Amazon ECS Developer Guide, "Rolling update".
bool Services::is_settled(ServiceId id, const Task& task) const {
    if (!fleet_.services[id].is_deploying() || tasks_.is_checked(task)) return true;
    return fleet_.now() - task.running_since >= ecs::healthy_after_running;
}

Services::Roll Services::roll_of(ServiceId id) const {
    const ServiceState& service = fleet_.services[id];
    Roll roll;
    roll.counts.desired = service.desired_count;
    roll.counts.deployment_failed = service.primary().state == ecs::RolloutState::failed;
    for (const TaskId task_id : service.tasks) {
        const Task& task = fleet_.tasks[task_id];
        if (task.is_leaving()) {
            ++roll.counts.stopping;
            continue;
        }
        const bool drained = task.instance.exists() && fleet_.instances[task.instance].state == InstanceState::draining;
        const bool leaves = drained || task.deployment != service.deployment();
        (leaves ? roll.leaving : roll.kept).push_back(task_id);
        bool healthy = task.state == TaskState::running && task.healthy;
        if (healthy && !leaves && !is_settled(id, task)) {
            const Time settled_at = task.running_since + ecs::healthy_after_running;
            roll.wake_at = std::min(settled_at, roll.wake_at.value_or(settled_at));
            healthy = false;
        }
        (leaves ? roll.counts.healthy_leaving : roll.counts.healthy_kept) += healthy ? 1 : 0;
        if (drained || !ecs::is_protected(task.protected_until, fleet_.now())) continue;
        roll.wake_at = std::min(*task.protected_until, roll.wake_at.value_or(*task.protected_until));
        if (!leaves) ++roll.spared.kept;
        if (leaves && healthy) ++roll.spared.healthy_leaving;
    }
    roll.counts.kept = static_cast<std::int32_t>(roll.kept.size());
    roll.counts.leaving = static_cast<std::int32_t>(roll.leaving.size());
    return roll;
}

bool Services::is_protected(TaskId task) const {
    return ecs::is_protected(fleet_.tasks[task].protected_until, fleet_.now());
}

/// Counts the tasks and does what the service scheduler's arithmetic wants.
void Services::reconcile(ServiceId id) {
    judge_deployment(id);
    Roll roll = roll_of(id);
    if (is_shifting(id)) return shift(id, roll);
    const ecs::Reconciliation asked = ecs::reconcile(roll.counts, fleet_.scenario.services[id].deployment);
    ecs::Reconciliation wanted = ecs::sparing(asked, roll.counts, roll.spared);
    ServiceState& service = fleet_.services[id];
    // What rebalancing has started too many stays until all of it is healthy.
    const bool rebalanced = service.rebalancing;
    if (rebalanced && roll.counts.healthy_kept < roll.counts.kept) wanted.stop_kept = 0;
    service.rebalancing = rebalanced && wanted.stop_kept == 0 && asked.stop_kept > 0;
    start_tasks(id, wanted.start, service.primary_index);
    stop_kept(id, roll.kept, wanted.stop_kept, rebalanced);
    stop_leaving(id, roll.leaving, wanted);
    if (roll.wake_at) wake_at(id, *roll.wake_at);
    end_deployment(id, roll);
    if (wanted == ecs::Reconciliation{}) rebalance(id, roll);
    tasks_.place_soon(fleet_.scenario.services[id].cluster);
}

/// As many as the throttle and the rate of launches let through now; the others later.
///
/// Source: Amazon ECS Developer Guide, "Service throttle logic".
void Services::start_tasks(ServiceId id, std::int32_t count, std::size_t deployment) {
    if (count == 0) return;
    const Time next_attempt = fleet_.task_groups[TaskGroupId{id.value}].next_attempt;
    if (fleet_.now() < next_attempt) return wake_at(id, next_attempt);
    const std::int32_t places = std::min(count, places_in_line(id));
    if (places < count) fleet_.clusters[fleet_.scenario.services[id].cluster].starved.push_back(id);
    const std::int32_t allowed = take_launches(id, places);
    for (std::int32_t i = 0; i < allowed; ++i) create_task(id, deployment);
}

/// Source: Amazon ECS Developer Guide, "Amazon ECS service quotas".
std::int32_t Services::take_launches(ServiceId id, std::int32_t wanted) {
    const Time now = fleet_.now();
    ServiceState& service = fleet_.services[id];
    std::int32_t allowed = std::min(wanted, service.launches.available(now));
    for (const ApiThrottle& throttle : fleet_.throttles) allowed = std::min(allowed, throttle.launches.available(now));
    service.launches.take(now, allowed);
    for (ApiThrottle& throttle : fleet_.throttles) throttle.launches.take(now, allowed);
    if (allowed < wanted) {
        Time next = service.launches.next_available(now);
        for (const ApiThrottle& throttle : fleet_.throttles) {
            next = std::max(next, throttle.launches.next_available(now));
        }
        wake_at(id, next);
    }
    return allowed;
}

/// How many more tasks may wait in PROVISIONING for managed scaling.
std::int32_t Services::places_in_line(ServiceId id) const {
    const ClusterId cluster = fleet_.scenario.services[id].cluster;
    const auto& strategy = fleet_.scenario.services[id].capacity_provider_strategy;
    const bool waits =
        strategy.empty() ? fleet_.scales(cluster, fleet_.provider_without_strategy(TaskGroupId{id.value}))
                         : std::any_of(strategy.begin(), strategy.end(),
                                       [&](const StrategyItem& item) { return fleet_.scales(cluster, item.provider); });
    if (!waits) return std::numeric_limits<std::int32_t>::max();
    return ecs::may_provision(ecs::provisioning_tasks_per_cluster, fleet_.clusters[cluster].waiting);
}

/// Not those that are protected from scale-in. What rebalancing has made too many goes where there is most.
void Services::stop_kept(ServiceId id, std::vector<TaskId>& kept, std::int32_t count, bool rebalanced) {
    if (count > 0) std::erase_if(kept, [&](TaskId task) { return is_protected(task); });
    for (; count > 0 && !kept.empty(); --count) {
        const TaskId chosen = choose_stop(id, rebalanced ? in_fullest_zone(kept) : kept);
        std::erase(kept, chosen);
        tasks_.stop(chosen, "scaling in to the desired count");
    }
}

void Services::stop_leaving(ServiceId id, const std::vector<TaskId>& leaving, const ecs::Reconciliation& wanted) {
    std::int32_t healthy = wanted.stop_healthy_leaving;
    for (const TaskId task : leaving) {
        const bool replaced = fleet_.tasks[task].deployment != fleet_.services[id].deployment();
        if (replaced && fleet_.tasks[task].healthy && is_protected(task)) continue;
        const bool stop = fleet_.tasks[task].healthy ? healthy-- > 0 : wanted.stop_unhealthy_leaving;
        if (stop) tasks_.stop(task, replaced ? "a new deployment replaces it" : "its instance is draining");
    }
}

/// Tasks that hold no place yet go first, the youngest before the others. Then the capacity provider is chosen that has
/// more than its part, and of its tasks the one whose going the strategies like best; on Fargate one in the zone with
/// the most tasks.
TaskId Services::choose_stop(ServiceId id, std::vector<TaskId> tasks) {
    for (auto task = tasks.rbegin(); task != tasks.rend(); ++task) {
        if (!fleet_.tasks[*task].is_placed()) return *task;
    }
    const auto& strategy = fleet_.scenario.services[id].capacity_provider_strategy;
    if (!strategy.empty()) {
        const auto deployment = static_cast<std::size_t>(fleet_.tasks[tasks.front()].deployment) - 1;
        const std::size_t loser =
            ecs::provider_to_scale_in(fleet_.shares_of(TaskGroupId{id.value}), tasks_by_provider(id, deployment));
        std::vector<TaskId> of_loser;
        std::copy_if(tasks.begin(), tasks.end(), std::back_inserter(of_loser),
                     [&](TaskId task) { return fleet_.tasks[task].provider == strategy[loser].provider; });
        if (!of_loser.empty()) tasks = std::move(of_loser);
    }
    ServiceState& service = fleet_.services[id];
    const double tie = service.stop_ties.unit(service.stops++);
    if (fleet_.tasks[tasks.front()].on_fargate()) {
        const std::vector<TaskId> fullest = in_fullest_zone(tasks);
        return fullest[des::picked(tie, fullest.size())];
    }
    std::vector<placement::RoomId> rooms;
    for (const TaskId task : tasks) rooms.push_back(fleet_.instances[fleet_.tasks[task].instance].room);
    const auto chosen = placement::choose_stop(fleet_.clusters[fleet_.scenario.services[id].cluster].placer.rooms(),
                                               fleet_.tasks[tasks.front()].shape, rooms, tie);
    FLEETSIM_CHECK(chosen.has_value());
    return tasks[*chosen];
}

/// The tasks in the zones with the most of them, and those without a place.
std::vector<TaskId> Services::in_fullest_zone(const std::vector<TaskId>& tasks) const {
    std::vector<std::int32_t> by_zone(fleet_.scenario.zones.size(), 0);
    const auto zone_of = [&](TaskId task) { return fleet_.tasks[task].zone; };
    for (const TaskId task : tasks) {
        if (zone_of(task).exists()) ++by_zone[zone_of(task).value];
    }
    const std::int32_t most = *std::max_element(by_zone.begin(), by_zone.end());
    std::vector<TaskId> fullest;
    std::copy_if(tasks.begin(), tasks.end(), std::back_inserter(fullest),
                 [&](TaskId task) { return !zone_of(task).exists() || by_zone[zone_of(task).value] == most; });
    return fullest;
}

void Services::set_desired_count(ServiceId id, std::int32_t desired, ScalingRow why) {
    ServiceState& service = fleet_.services[id];
    why.at = fleet_.now();
    service.rebalancing = false;  // Scaling comes first.
    why.from = std::to_string(std::exchange(service.desired_count, desired));
    why.to = std::to_string(desired);
    fleet_.recorder.scaling(resource_name(fleet_.scenario.services[id]), "desired_count", std::move(why));
    fleet_.recorder.desired_count(id, desired);
    tasks_.reconcile_soon(id);
}

}  // namespace fleetsim::sim
