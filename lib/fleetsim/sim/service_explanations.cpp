#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

#include <fmt/format.h>

#include <fleetsim/ecs/capacity_provider_strategy.hpp>
#include <fleetsim/ecs/provisioning.hpp>
#include <fleetsim/ecs/service_scheduler.hpp>
#include <fleetsim/ecs/task_protection.hpp>
#include <fleetsim/sim/task_explanations.hpp>

/// What the scheduler of a service is doing at an instant.
namespace fleetsim::sim {

using des::Time;
using ecs::TaskState;

namespace {

constexpr std::size_t state_count = ecs::task_state_names.size();
using TasksByState = std::array<std::int32_t, state_count>;

std::vector<std::pair<std::string, std::int32_t>> named(const TasksByState& counts) {
    std::vector<std::pair<std::string, std::int32_t>> named;
    for (std::size_t i = 0; i < state_count; ++i) {
        if (counts[i] > 0) named.emplace_back(ecs::task_state_names[i], counts[i]);
    }
    return named;
}

}  // namespace

/// `20 s left`
std::string TaskExplanations::left_text(Time until) const {
    return fmt::format("{} s left", std::chrono::ceil<std::chrono::seconds>(until - fleet_.now()).count());
}

std::string TaskExplanations::throttle_text(const TaskGroup& group) const {
    const std::string why = group.last_failure.empty() ? "" : ", the last: " + group.last_failure;
    return fmt::format("{} after {} {} in a row{}", left_text(group.next_attempt), group.failed_attempts,
                       group.failed_attempts == 1 ? "failure" : "failures", why);
}

ServiceExplanation TaskExplanations::explain(ServiceId id) const {
    const Service& settings = fleet_.scenario.services[id];
    const ServiceState& service = fleet_.services[id];
    ServiceExplanation told{.at = fleet_.now(), .resource = resource_name(settings), .desired = service.desired_count};
    TasksByState by_state{};
    std::int32_t healthy = 0;
    for (const TaskId task_id : service.tasks) {
        const Task& task = fleet_.tasks[task_id];
        ++by_state[static_cast<std::size_t>(task.state)];
        healthy += task.healthy ? 1 : 0;
        told.waiting += task.state == TaskState::provisioning && !task.is_placed() ? 1 : 0;
    }
    told.running = by_state[static_cast<std::size_t>(TaskState::running)];
    told.held_by = held_by(id);
    const auto text = [](auto number) { return std::to_string(number); };
    told.facts = {{"desired_count", text(told.desired)},
                  {"running tasks", text(told.running)},
                  {"healthy tasks", text(healthy)},
                  {"tasks without a place", text(told.waiting)}};
    const TaskGroup& group = fleet_.task_groups[TaskGroupId{id.value}];
    if (fleet_.now() < group.next_attempt) told.facts.emplace_back("restart throttle", throttle_text(group));
    told.facts.emplace_back("launches left", fmt::format("{} of {} a minute", service.launches.available(fleet_.now()),
                                                         ecs::service_launches_per_minute));
    if (service.rebalancing) told.facts.emplace_back("zone rebalancing", "under way");
    if (service.shift_began) told.facts.emplace_back("traffic shift", "under way");
    told.deployments = deployments_of(id);
    if (settings.daemon) return told;
    const std::uint32_t provider = next_provider(id);
    const auto& shapes = service.primary().shapes;
    told.place = next_place(TaskGroupId{id.value}, *service.primary().task,
                            shapes[std::min<std::size_t>(provider, shapes.size() - 1)], provider);
    return told;
}

/// That of the service's next task.
std::uint32_t TaskExplanations::next_provider(ServiceId id) const {
    const auto& strategy = fleet_.scenario.services[id].capacity_provider_strategy;
    if (strategy.empty()) return fleet_.provider_without_strategy(TaskGroupId{id.value});
    std::vector<std::int32_t> counts(strategy.size(), 0);
    for (const TaskId task_id : fleet_.services[id].tasks) {
        const Task& task = fleet_.tasks[task_id];
        if (task.is_leaving() || task.deployment != fleet_.services[id].deployment()) continue;
        for (std::size_t i = 0; i < strategy.size(); ++i) counts[i] += strategy[i].provider == task.provider ? 1 : 0;
    }
    return strategy[ecs::next_provider(fleet_.shares_of(TaskGroupId{id.value}), counts)].provider;
}

std::string TaskExplanations::held_by(ServiceId id) const {
    const ServiceState& service = fleet_.services[id];
    const TaskGroup& group = fleet_.task_groups[TaskGroupId{id.value}];
    const auto wanted = std::count_if(service.tasks.begin(), service.tasks.end(), [&](TaskId task) {
        return !fleet_.tasks[task].is_leaving() && fleet_.tasks[task].deployment == service.deployment();
    });
    const ecs::DeploymentConfiguration& limits = fleet_.scenario.services[id].deployment;
    const auto guarded = [&](bool old) {
        return std::count_if(service.tasks.begin(), service.tasks.end(), [&](TaskId task_id) {
            const Task& task = fleet_.tasks[task_id];
            return !task.is_leaving() && (task.deployment != service.deployment()) == old &&
                   ecs::is_protected(task.protected_until, fleet_.now());
        });
    };
    const auto old = guarded(true);
    if (service.is_deploying() && old > 0) {
        return fmt::format("{} old {} protected from scale-in", old, old == 1 ? "task is" : "tasks are");
    }
    if (wanted > service.desired_count && guarded(false) > 0) {
        return fmt::format("{} of {} tasks are protected from scale-in", guarded(false), wanted);
    }
    if (wanted >= service.desired_count) return {};
    if (service.is_deploying() && !fleet_.scenario.services[id].daemon && !fleet_.scenario.services[id].traffic_shift &&
        !ecs::can_replace(limits, service.desired_count)) {
        return fmt::format("of {} no fewer than {} may be healthy and no more than {} may run", service.desired_count,
                           ecs::lower_limit(limits, service.desired_count),
                           ecs::upper_limit(limits, service.desired_count));
    }
    if (service.primary().state == ecs::RolloutState::failed) return "its deployment has failed";
    if (fleet_.now() < group.next_attempt) return "the restart throttle has " + throttle_text(group);
    if (service.launches.available(fleet_.now()) == 0) return "its rate of launches is used up";
    for (const ApiThrottle& throttle : fleet_.throttles) {
        if (throttle.launches.available(fleet_.now()) == 0) return "the ECS API throttles launches";
    }
    if (fleet_.clusters[group.cluster].waiting >= ecs::provisioning_tasks_per_cluster) {
        return fmt::format("{} tasks wait in PROVISIONING, and no more may", ecs::provisioning_tasks_per_cluster);
    }
    return {};
}

std::vector<DeploymentExplanation> TaskExplanations::deployments_of(ServiceId id) const {
    const ServiceState& service = fleet_.services[id];
    const ecs::DeploymentCircuitBreaker& breaker = fleet_.scenario.services[id].circuit_breaker;
    std::vector<TasksByState> counts(service.deployments.size());
    for (const TaskId task_id : service.tasks) {
        const Task& task = fleet_.tasks[task_id];
        ++counts[static_cast<std::size_t>(task.deployment) - 1][static_cast<std::size_t>(task.state)];
    }
    std::vector<DeploymentExplanation> told;
    for (std::size_t i = 0; i < service.deployments.size(); ++i) {
        const DeploymentState& deployment = service.deployments[i];
        DeploymentExplanation one{.number = static_cast<std::int32_t>(i) + 1,
                                  .primary = i == service.primary_index,
                                  .state = std::string{ecs::name(deployment.state)},
                                  .tasks = named(counts[i]),
                                  .failures = deployment.failures.failures};
        if (breaker.enable) one.threshold = ecs::failure_threshold(breaker.threshold, service.desired_count);
        if (one.primary || !one.tasks.empty()) told.push_back(std::move(one));
    }
    return told;
}

}  // namespace fleetsim::sim
