#include <algorithm>
#include <array>
#include <cstdint>
#include <map>

#include <fmt/format.h>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/des/check.hpp>
#include <fleetsim/import/task_definitions.hpp>
#include <fleetsim/placement/strategy.hpp>
#include <fleetsim/scenario/capacity_providers.hpp>
#include <fleetsim/scenario/document.hpp>
#include <fleetsim/scenario/map_reader.hpp>
#include <fleetsim/scenario/task_shape.hpp>
#include <fleetsim/sim/instance_facts.hpp>

namespace fleetsim::import {

namespace {

using scenario::Field;
using scenario::IntegerIn;
using scenario::MapReader;

constexpr std::int64_t most_tasks = 1'000'000;

void read_spread(MapReader& map, packing::FleetTask& task) {
    constexpr std::array<std::string_view, 1> spreads{"zone"};
    bool zone = false;
    map.read("spread", zone, scenario::one_of<bool>(spreads, [](std::string_view text) {
                 return text == "zone" ? std::optional(true) : std::nullopt;
             }));
    task.spread_over_zones = zone;
}

[[nodiscard]] packing::FleetTask read_task(scenario::Diagnostics& diagnostics, const Field& item, std::size_t number) {
    packing::FleetTask task;
    task.name = fmt::format("task-{}", number);
    task.count = 1;
    MapReader map(diagnostics, item);
    if (!map.is_mapping()) return task;
    map.read("name", task.name, scenario::Text{"a name"});
    scenario::TaskShape shape = scenario::read_task_shape(map);
    task.need = shape.need;
    task.host_ports = std::move(shape.host_ports);
    map.read("count", task.count, IntegerIn{0, most_tasks});
    map.read("distinct_instance", task.distinct_instance, scenario::parse_flag);
    read_spread(map, task);
    map.finish();
    return task;
}

void check_names(const std::vector<packing::FleetTask>& tasks, const std::vector<Field>& items,
                 scenario::Diagnostics& diagnostics) {
    std::map<std::string_view, int> lines;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const auto [first, added] = lines.try_emplace(tasks[i].name, items[i].at().line);
        if (added) continue;
        diagnostics.error(items[i].at(), fmt::format("name {} is already on line {}",
                                                     scenario::in_quotes(tasks[i].name), first->second));
    }
}

}  // namespace

bool looks_like_task_definitions(std::string_view text) {
    Lines lines{text};
    while (lines.next()) {
        const std::string_view line = lines.line();
        if (line.front() == '#' || line == "---") continue;
        return line.starts_with("- ") || line == "-" || line.starts_with("[") || line.starts_with("tasks:");
    }
    return false;
}

std::optional<std::vector<packing::FleetTask>> parse_task_definitions(const TextFile& file,
                                                                      scenario::Diagnostics& diagnostics) {
    const auto document = scenario::parse_document(file.text, diagnostics);
    if (!document) return std::nullopt;
    Field list{"tasks", document->root(), document->root().at};
    if (list.value.node->kind == scenario::Node::Kind::mapping) {
        MapReader top(diagnostics, {"the file", document->root(), document->root().at});
        const auto found = top.require("tasks");
        top.finish();
        if (!found) return std::nullopt;
        list = *found;
    }
    const std::vector<Field> items = items_of(diagnostics, list);
    std::vector<packing::FleetTask> tasks;
    for (const Field& item : items) tasks.push_back(read_task(diagnostics, item, tasks.size() + 1));
    check_names(tasks, items, diagnostics);
    if (!diagnostics.has_errors() &&
        std::all_of(tasks.begin(), tasks.end(), [](const auto& task) { return task.count == 0; })) {
        diagnostics.error(list.at(), "there is no task to place");
    }
    if (diagnostics.has_errors()) return std::nullopt;
    return tasks;
}

namespace {

[[nodiscard]] bool on_fargate(const sim::Scenario& scenario, const sim::Service& service) {
    const auto& strategy = service.capacity_provider_strategy;
    const auto& providers = scenario.clusters[service.cluster].capacity_providers;
    return !strategy.empty() && providers[strategy.front().provider].is_fargate();
}

}  // namespace

std::vector<packing::FleetTask> tasks_of(const sim::Scenario& scenario) {
    std::vector<packing::FleetTask> tasks;
    for (const sim::Service& service : scenario.services) {
        const auto& chain = service.task.shape.strategies;
        const bool over_zones =
            chain.empty() || std::any_of(chain.begin(), chain.end(), [](const auto& strategy) {
                return name_of(strategy) == name_of(placement::Strategy{placement::SpreadAttribute{}});
            });
        tasks.push_back({.name = service.name,
                         .count = on_fargate(scenario, service) ? 0 : service.desired_count,
                         .need = service.task.shape.task,
                         .host_ports = service.task.shape.host_ports,
                         .distinct_instance = service.task.shape.distinct_instance,
                         .spread_over_zones = over_zones});
    }
    return tasks;
}

namespace {

[[nodiscard]] bool may_go_to(const sim::Scenario& scenario, const sim::Service& service,
                             const cloud::InstanceType& type) {
    const sim::Cluster& cluster = scenario.clusters[service.cluster];
    const auto& providers = cluster.capacity_providers;
    return std::any_of(providers.begin(), providers.end(), [&](const sim::CapacityProvider& provider) {
        const auto which = static_cast<std::size_t>(&provider - providers.data());
        if (provider.is_fargate() || !scenario::may_use(cluster, service.capacity_provider_strategy, which)) {
            return false;
        }
        const sim::AutoScalingGroup& group = scenario.groups[provider.group];
        const auto same_architecture = [&](const sim::InstanceOption& option) {
            return option.type.architecture == type.architecture;
        };
        return std::any_of(group.options.begin(), group.options.end(), same_architecture) &&
               sim::may_select(service.task.shape, group, type, scenario.zones);
    });
}

}  // namespace

void limit_types(const sim::Scenario& scenario, packing::FleetDemand& demand) {
    FLEETSIM_CHECK(demand.tasks.size() == scenario.services.size());
    for (const sim::ServiceId id : des::ids_of(scenario.services)) {
        if (on_fargate(scenario, scenario.services[id])) continue;
        std::vector<std::uint32_t> allowed;
        for (std::uint32_t type = 0; type < demand.types.size(); ++type) {
            const cloud::InstanceType* const known = cloud::catalogue().find(demand.types[type].name);
            FLEETSIM_CHECK(known != nullptr);
            if (may_go_to(scenario, scenario.services[id], *known)) allowed.push_back(type);
        }
        if (allowed.size() < demand.types.size()) demand.tasks[id.value].only_on = std::move(allowed);
    }
}

}  // namespace fleetsim::import
