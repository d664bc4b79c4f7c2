#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/cloud/zone.hpp>
#include <fleetsim/ecs/capacity_provider_strategy.hpp>
#include <fleetsim/scenario/capacity_providers.hpp>

namespace fleetsim::scenario {

namespace {

[[nodiscard]] std::optional<std::uint32_t> provider_named(const sim::Cluster& cluster, std::string_view name) {
    for (std::size_t i = 0; i < cluster.capacity_providers.size(); ++i) {
        if (cluster.capacity_providers[i].name == name) return static_cast<std::uint32_t>(i);
    }
    return std::nullopt;
}

void report_unknown_provider(Reading& reading, const sim::Cluster& cluster, const Field& field) {
    std::vector<std::string> names;
    for (const sim::CapacityProvider& provider : cluster.capacity_providers) names.push_back(provider.name);
    std::string hint = nearest_hint(reading.diagnostics, field.text(), names);
    const bool is_fargate = field.text() == fargate_name || field.text() == fargate_spot_name;
    if (is_fargate) hint = fmt::format("add {} to its capacity_providers", field.text());
    if (hint.empty() && !names.empty()) hint = fmt::format("it has {}", listed(names));
    reading.diagnostics.error(
        field.at(),
        fmt::format("{} has no capacity provider {}", called("cluster", cluster.name), in_quotes(field.text())),
        std::move(hint));
}

/// One entry of a strategy. Nothing when it is wrong, or when it is not known what providers there are.
[[nodiscard]] std::optional<sim::StrategyItem> read_item(Reading& reading, sim::ClusterId id, MapReader& map) {
    if (!map.is_mapping()) return std::nullopt;
    const auto name = map.require("capacity_provider");
    sim::StrategyItem item;
    const bool base_good = map.read("base", item.share.base, IntegerIn{0, ecs::greatest_base});
    const bool weight_good = map.read("weight", item.share.weight, IntegerIn{0, ecs::greatest_weight});
    if (!map.finish() || !name || !base_good || !weight_good) return std::nullopt;
    if (!is_scalar(reading.diagnostics, *name, "the name of a capacity provider")) return std::nullopt;
    const sim::Cluster& cluster = reading.scenario.clusters[id];
    const auto provider = provider_named(cluster, name->text());
    if (!provider) {
        if (reading.cluster_notes[id].complete) report_unknown_provider(reading, cluster, *name);
        return std::nullopt;
    }
    item.provider = *provider;
    return item;
}

[[nodiscard]] std::string_view text_of(ecs::StrategyProblem problem) {
    switch (problem) {
        case ecs::StrategyProblem::no_provider: return "a strategy needs at least one capacity provider";
        case ecs::StrategyProblem::too_many_providers: return "at most 20 capacity providers";
        case ecs::StrategyProblem::base_out_of_range: return "a base is from 0 to 100000";
        case ecs::StrategyProblem::weight_out_of_range: return "a weight is from 0 to 1000";
        case ecs::StrategyProblem::second_base: return "only one capacity provider can have a base";
        case ecs::StrategyProblem::all_weights_zero: return "one of several capacity providers needs a weight";
        case ecs::StrategyProblem::never_used: return "without base and weight this provider never gets a task";
    }
    return "";
}

/// False when ECS refuses the strategy.
bool check_shares(Reading& reading, const Field& field, const std::vector<sim::StrategyItem>& strategy,
                  const std::vector<MapReader>& maps) {
    std::vector<ecs::StrategyItem> shares;
    for (const sim::StrategyItem& item : strategy) shares.push_back(item.share);
    bool good = true;
    for (const ecs::StrategyFault& fault : ecs::problems(shares)) {
        const std::string message = fmt::format("{}: {}", field.name, text_of(fault.problem));
        if (!ecs::refused(fault.problem)) {
            reading.diagnostics.warning(maps[fault.index].at(), message);
            continue;
        }
        good = false;
        Position at = field.at();
        if (fault.problem == ecs::StrategyProblem::too_many_providers) at = maps[fault.index].at();
        if (fault.problem == ecs::StrategyProblem::second_base) at = maps[fault.index].place_of("base");
        reading.diagnostics.error(at, message);
    }
    return good;
}

/// Each provider once, and all on Fargate or none.
bool check_providers(Reading& reading, sim::ClusterId id, const std::vector<sim::StrategyItem>& strategy,
                     const std::vector<MapReader>& maps) {
    const auto& providers = reading.scenario.clusters[id].capacity_providers;
    bool good = true;
    for (std::size_t i = 1; i < strategy.size(); ++i) {
        const sim::CapacityProvider& provider = providers[strategy[i].provider];
        const Position at = maps[i].place_of("capacity_provider");
        if (provider.is_fargate() != providers[strategy[0].provider].is_fargate()) {
            reading.diagnostics.error(at, fmt::format("{} and {}: a strategy is of Fargate or of Auto Scaling groups, "
                                                      "not of both",
                                                      providers[strategy[0].provider].name, provider.name));
            return false;
        }
        const bool again = std::any_of(strategy.begin(), strategy.begin() + static_cast<std::ptrdiff_t>(i),
                                       [&](const auto& before) { return before.provider == strategy[i].provider; });
        if (again) reading.diagnostics.error(at, fmt::format("{} is listed twice", provider.name));
        good = good && !again;
    }
    return good;
}

[[nodiscard]] std::uint32_t fargate_of(sim::Cluster& cluster) {
    if (const auto known = provider_named(cluster, fargate_name)) return *known;
    sim::CapacityProvider provider;
    provider.kind = sim::ProviderKind::fargate;
    provider.name = fargate_name;
    cluster.capacity_providers.push_back(std::move(provider));
    return static_cast<std::uint32_t>(cluster.capacity_providers.size() - 1);
}

[[nodiscard]] TaskCapacity of_launch_type(Reading& reading, sim::ClusterId cluster, bool on_fargate) {
    TaskCapacity capacity;
    capacity.on_fargate = on_fargate;
    capacity.launch_type_ec2 = !on_fargate;
    capacity.known = cluster.exists();
    if (!on_fargate || !cluster.exists()) return capacity;
    capacity.strategy.push_back({fargate_of(reading.scenario.clusters[cluster]), {.base = 0, .weight = 1}});
    return capacity;
}

}  // namespace

std::optional<std::vector<sim::StrategyItem>> read_capacity_provider_strategy(Reading& reading, sim::ClusterId cluster,
                                                                              const Field& field) {
    std::vector<sim::StrategyItem> strategy;
    std::vector<MapReader> maps;
    const std::vector<Field> items = items_of(reading.diagnostics, field);
    for (const Field& item : items) {
        maps.emplace_back(reading.diagnostics, item);
        if (const auto read = read_item(reading, cluster, maps.back())) strategy.push_back(*read);
    }
    const auto kind = field.value.node->kind;
    const bool is_list = kind == Node::Kind::list || kind == Node::Kind::null;
    if (!is_list || strategy.size() < items.size()) return std::nullopt;
    const bool good = check_shares(reading, field, strategy, maps);
    if (!check_providers(reading, cluster, strategy, maps) || !good) return std::nullopt;
    return strategy;
}

TaskCapacity read_task_capacity(Reading& reading, sim::ClusterId cluster, MapReader& map) {
    constexpr std::array<std::string_view, 2> launch_types{"EC2", "FARGATE"};
    const auto launch_type = map.find("launch_type");
    const auto strategy = map.find("capacity_provider_strategy");
    if (launch_type && strategy) {
        reading.diagnostics.error(strategy->key_at, "capacity_provider_strategy: not together with launch_type",
                                  "remove one of them");
    }
    TaskCapacity capacity;
    if (launch_type) {
        bool on_fargate = false;
        if (read_field(reading.diagnostics, *launch_type, on_fargate, named<bool>(launch_types))) {
            return of_launch_type(reading, cluster, on_fargate);
        }
        capacity.known = false;
        return capacity;
    }
    capacity.known = cluster.exists();
    if (!cluster.exists()) return capacity;
    const ClusterNotes& notes = reading.cluster_notes[cluster];
    if (strategy) {
        auto read = read_capacity_provider_strategy(reading, cluster, *strategy);
        capacity.known = read.has_value();
        if (read) capacity.strategy = std::move(*read);
    } else {
        capacity.strategy = notes.default_strategy;
        capacity.known = notes.strategy_known;
    }
    const auto& providers = reading.scenario.clusters[cluster].capacity_providers;
    capacity.on_fargate = !capacity.strategy.empty() && providers[capacity.strategy.front().provider].is_fargate();
    return capacity;
}

void read_fargate_zones(Reading& reading, const TaskCapacity& capacity, std::vector<sim::ZoneId>& zones,
                        MapReader& map) {
    if (!capacity.on_fargate && capacity.known) {
        map.refuse("availability_zones", "availability_zones: only tasks on Fargate have zones of their own",
                   "others go to the zones of their instances");
        return;
    }
    const auto field = map.find("availability_zones");
    if (!field) return;
    const auto items = items_of(reading.diagnostics, *field);
    const auto kind = field->value.node->kind;
    if (items.empty() && (kind == Node::Kind::list || kind == Node::Kind::null)) {
        reading.diagnostics.error(field->at(), "availability_zones: expected at least one zone such as us-east-1a");
    }
    for (const Field& item : items) {
        if (!is_scalar(reading.diagnostics, item, "a zone such as us-east-1a") || !reading.region_known) continue;
        if (!cloud::is_zone_of(item.text(), reading.scenario.region)) {
            reading.diagnostics.error(
                item.at(), fmt::format("{} is not a zone of {}", in_quotes(item.text()), reading.scenario.region),
                fmt::format("its zones are {0}a to {0}f", reading.scenario.region));
            continue;
        }
        const sim::ZoneId zone = zone_id(reading, item.text());
        if (std::find(zones.begin(), zones.end(), zone) == zones.end()) {
            zones.push_back(zone);
        } else {
            reading.diagnostics.error(item.at(), fmt::format("zone {} is listed twice", item.text()));
        }
    }
}

std::vector<sim::ZoneId> default_fargate_zones(Reading& reading, const std::vector<sim::SubnetId>& subnets) {
    std::vector<sim::ZoneId> zones;
    const auto add = [&zones](sim::ZoneId zone) {
        if (zone.exists() && std::find(zones.begin(), zones.end(), zone) == zones.end()) zones.push_back(zone);
    };
    for (const sim::SubnetId subnet : subnets) add(reading.scenario.subnets[subnet].zone);
    if (!zones.empty()) return zones;
    for (const sim::AutoScalingGroup& group : reading.scenario.groups) {
        for (const sim::ZoneId zone : group.zones) add(zone);
    }
    if (!zones.empty()) return zones;
    for (const char letter : {'a', 'b', 'c'}) add(zone_id(reading, reading.scenario.region + letter));
    return zones;
}

bool may_use(const sim::Cluster& cluster, const std::vector<sim::StrategyItem>& strategy, std::size_t provider) {
    if (strategy.empty()) return !cluster.capacity_providers[provider].is_fargate();
    return std::any_of(strategy.begin(), strategy.end(), [&](const auto& item) { return item.provider == provider; });
}

}  // namespace fleetsim::scenario
