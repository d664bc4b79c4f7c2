#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/network/addresses.hpp>
#include <fleetsim/scenario/capacity_providers.hpp>
#include <fleetsim/scenario/count_checks.hpp>
#include <fleetsim/sim/instance_facts.hpp>

namespace fleetsim::scenario {

namespace {

/// So many instances of a type with so many tasks each.
struct Holding {
    const cloud::InstanceType* type = nullptr;
    std::int64_t instances = 0;
    std::int64_t tasks_each = 0;

    [[nodiscard]] std::int64_t tasks() const { return instances * tasks_each; }
};

/// Tasks of the shape on one empty instance. Ports of the instance can be taken once.
[[nodiscard]] std::int64_t copies(const placement::Shape& shape, const placement::Resources& registered) {
    std::int64_t most = std::numeric_limits<std::int32_t>::max();
    if (shape.distinct_instance || !shape.host_ports.empty()) most = 1;
    for (int resource = 0; resource < placement::resource_count; ++resource) {
        if (shape.task[resource] == 0) continue;
        most = std::min<std::int64_t>(most, registered[resource] / shape.task[resource]);
    }
    return most;
}

/// The most that the group may hold: all its instances of the best type. Nothing if no type can hold a task.
[[nodiscard]] std::optional<Holding> best_holding(const sim::Scenario& scenario, const placement::Shape& shape,
                                                  const sim::AutoScalingGroup& group) {
    std::optional<Holding> best;
    for (const sim::InstanceOption& option : group.options) {
        const std::int64_t each = copies(shape, option.registered);
        if (each == 0 || !sim::may_select(shape, group, option.type, scenario.zones)) continue;
        const Holding holding{&option.type, network::even_share(most_capacity_of(group), option.weighted_capacity),
                              each};
        if (!best || holding.tasks() > best->tasks()) best = holding;
    }
    return best;
}

/// Of each group that the service may use.
[[nodiscard]] std::vector<Holding> holdings_of(const sim::Scenario& scenario, const sim::Service& service) {
    const sim::Cluster& cluster = scenario.clusters[service.cluster];
    std::vector<Holding> holdings;
    for (std::size_t i = 0; i < cluster.capacity_providers.size(); ++i) {
        if (!may_use(cluster, service.capacity_provider_strategy, i)) continue;
        const sim::GroupId group = cluster.capacity_providers[i].group;
        const auto best = best_holding(scenario, service.task.shape, scenario.groups[group]);
        if (best) holdings.push_back(*best);
    }
    return holdings;
}

[[nodiscard]] std::string text_of(const std::vector<Holding>& holdings) {
    NameList text;
    for (const Holding& holding : holdings) {
        text.add(fmt::format("{} {} of {} each", holding.instances, holding.type->name, holding.tasks_each));
    }
    return text.text();
}

void check_count(Reading& reading, sim::ServiceId id) {
    const sim::Service& service = reading.scenario.services[id];
    const ServiceNotes& notes = reading.service_notes[id];
    if (service.daemon || notes.on_fargate) return;
    const std::vector<Holding> holdings = holdings_of(reading.scenario, service);
    std::int64_t held = 0;
    for (const Holding& holding : holdings) held += holding.tasks();
    const std::int64_t tasks = most_count_of(service);
    if (tasks <= held || holdings.empty()) return;
    reading.diagnostics.warning(notes.name_at,
                                fmt::format("{}: {} {}{}, and its capacity at its maximum holds {}: {}",
                                            called("service", service.name), tasks, tasks == 1 ? "task" : "tasks",
                                            service.autoscaling ? " at its max_capacity" : "", held, text_of(holdings)),
                                fmt::format("{} of them find no place: raise a max_size", tasks - held));
}

}  // namespace

std::int64_t most_capacity_of(const sim::AutoScalingGroup& group) {
    std::int64_t most = group.max_size;
    for (const sim::ScheduledAction& action : group.scheduled_actions) {
        most = std::max<std::int64_t>(most, action.sizes.max_size.value_or(0));
    }
    return most;
}

std::int64_t most_count_of(const sim::Service& service) {
    if (!service.autoscaling) return service.desired_count;
    std::int64_t most = service.autoscaling->max_capacity;
    for (const sim::ScheduledAction& action : service.autoscaling->scheduled_actions) {
        most = std::max<std::int64_t>(most, action.sizes.max_size.value_or(0));
    }
    return most;
}

void check_counts(Reading& reading) {
    for (const Declared<sim::ServiceId>& declared : reading.services) check_count(reading, declared.id);
}

}  // namespace fleetsim::scenario
