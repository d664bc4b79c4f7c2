#include <algorithm>
#include <array>
#include <cstdint>
#include <map>

#include <fmt/format.h>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/des/check.hpp>
#include <fleetsim/import/task_definitions.hpp>
#include <fleetsim/placement/ports.hpp>
#include <fleetsim/placement/strategy.hpp>
#include <fleetsim/scenario/document.hpp>
#include <fleetsim/scenario/map_reader.hpp>
#include <fleetsim/sim/instance_facts.hpp>

namespace fleetsim::import {

namespace {

using scenario::Field;
using scenario::IntegerIn;
using scenario::MapReader;

constexpr std::int64_t most_cpu_units = 1'024 * 1'024;
constexpr std::int64_t most_tasks = 1'000'000;

enum class NetworkMode : std::uint8_t { bridge, awsvpc, host };
constexpr std::array<std::string_view, 3> network_modes{"bridge", "awsvpc", "host"};

[[nodiscard]] std::optional<NetworkMode> network_mode(std::string_view text) {
    if (text == "bridge") return NetworkMode::bridge;
    if (text == "awsvpc") return NetworkMode::awsvpc;
    return text == "host" ? std::optional(NetworkMode::host) : std::nullopt;
}

void read_host_ports(MapReader& map, NetworkMode mode, packing::FleetTask& task) {
    for (const Field& item : map.list("host_ports")) {
        std::int32_t port = 0;
        if (!read_field(map.diagnostics(), item, port, IntegerIn{1, 65'535})) continue;
        if (mode == NetworkMode::awsvpc) {
            map.diagnostics().error(item.at(),
                                    "a task in awsvpc mode has an interface of its own and takes no host port");
        } else if (placement::is_reserved({static_cast<std::uint16_t>(port)})) {
            map.diagnostics().error(item.at(), fmt::format("port {} is taken on every container instance", port));
        } else if (std::find(task.host_ports.begin(), task.host_ports.end(), port) != task.host_ports.end()) {
            map.diagnostics().error(item.at(), fmt::format("port {} is already in the list", port));
        } else {
            task.host_ports.push_back(port);
        }
    }
}

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
    placement::Amounts amounts;
    NetworkMode mode = NetworkMode::bridge;
    map.read("name", task.name, scenario::Text{"a name"});
    map.require("cpu", amounts.cpu_units, IntegerIn{1, most_cpu_units});
    map.require("memory", amounts.memory_mib, scenario::SizeMib{});
    map.read("gpu", amounts.gpus, IntegerIn{0, 64});
    map.read("count", task.count, IntegerIn{0, most_tasks});
    map.read("network_mode", mode, scenario::one_of<NetworkMode>(network_modes, network_mode));
    map.read("distinct_instance", task.distinct_instance, scenario::parse_flag);
    read_host_ports(map, mode, task);
    read_spread(map, task);
    map.finish();
    amounts.eni_slots = mode == NetworkMode::awsvpc ? 1 : 0;
    task.need = placement::resources(amounts);
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

std::vector<packing::FleetTask> tasks_of(const sim::Scenario& scenario) {
    std::vector<packing::FleetTask> tasks;
    for (const sim::Service& service : scenario.services) {
        packing::FleetTask task;
        task.name = service.name;
        task.count = service.desired_count;
        task.need = service.shape.task;
        task.distinct_instance = service.shape.distinct_instance;
        for (const placement::HostPort port : service.shape.host_ports) {
            // TCP and UDP have ports of their own.
            task.host_ports.push_back(port.number + (port.protocol == placement::Protocol::udp ? 0x10000 : 0));
        }
        const auto& chain = service.shape.strategies;
        task.spread_over_zones =
            chain.empty() || std::any_of(chain.begin(), chain.end(), [](const auto& strategy) {
                return name_of(strategy) == name_of(placement::Strategy{placement::SpreadAttribute{}});
            });
        tasks.push_back(std::move(task));
    }
    return tasks;
}

namespace {

[[nodiscard]] bool may_go_to(const sim::Scenario& scenario, const sim::Service& service,
                             const cloud::InstanceType& type) {
    const auto& providers = scenario.clusters[service.cluster].capacity_providers;
    return std::any_of(providers.begin(), providers.end(), [&](const sim::CapacityProvider& provider) {
        sim::AutoScalingGroup group = scenario.groups[provider.group];
        if (group.type.architecture != type.architecture) return false;
        group.type = type;
        return sim::may_select(service, group, scenario.zones);
    });
}

}  // namespace

void limit_types(const sim::Scenario& scenario, packing::FleetDemand& demand) {
    FLEETSIM_CHECK(demand.tasks.size() == scenario.services.size());
    for (const sim::ServiceId id : des::ids_of(scenario.services)) {
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
