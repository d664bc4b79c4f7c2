#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fleetsim/scaling/mixed_instances.hpp>
#include <fleetsim/scenario/mixed_instances.hpp>

namespace fleetsim::scenario {

namespace {

/// Source: Amazon EC2 Auto Scaling API Reference, InstancesDistribution.
void read_distribution(Reading& reading, scaling::InstancesDistribution& distribution, const Field& field) {
    constexpr NumberIn any_price{0, 1e6, true};
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return;
    map.read("on_demand_base_capacity", distribution.on_demand_base_capacity, IntegerIn{0, most_instances});
    map.read("on_demand_percentage_above_base_capacity", distribution.on_demand_percentage_above_base_capacity,
             IntegerIn{0, 100});
    map.read("on_demand_allocation_strategy", distribution.on_demand_allocation_strategy,
             named<scaling::OnDemandAllocation>(scaling::on_demand_allocation_names));
    const bool strategy_good = map.read("spot_allocation_strategy", distribution.spot_allocation_strategy,
                                        named<scaling::SpotAllocation>(scaling::spot_allocation_names));
    const bool pools_good = map.read("spot_instance_pools", distribution.spot_instance_pools, IntegerIn{1, 20});
    map.read("spot_max_price", distribution.spot_max_price_usd_per_hour, any_price);
    map.finish();
    const bool has_pools = distribution.spot_allocation_strategy == scaling::SpotAllocation::lowest_price;
    if (strategy_good && pools_good && !has_pools && map.find("spot_instance_pools")) {
        reading.diagnostics.error(map.place_of("spot_instance_pools"),
                                  "spot_instance_pools: only the spot_allocation_strategy lowest-price counts pools");
    }
}

/// An instance type of the group; false as second when it is not known.
struct Override {
    sim::InstanceOption option;
    Position type_at;
    bool weighted = false;
};

/// Source: Amazon EC2 Auto Scaling API Reference, LaunchTemplateOverrides.
[[nodiscard]] std::optional<Override> read_override(Reading& reading, const Field& item) {
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return std::nullopt;
    Override out;
    const auto type = map.require("instance_type");
    auto option = type ? read_instance_option(reading, *type) : std::nullopt;
    std::int32_t weight = 1;
    map.read("weighted_capacity", weight, IntegerIn{1, 999});
    out.weighted = map.find("weighted_capacity").has_value();
    map.finish();
    if (!option) return std::nullopt;
    out.option = std::move(*option);
    out.option.weighted_capacity = weight;
    out.type_at = type->at();
    return out;
}

/// Either all types have a weight or none has.
void check_weights(Reading& reading, const std::vector<Override>& overrides) {
    const auto weighted = [](const Override& one) { return one.weighted; };
    if (std::none_of(overrides.begin(), overrides.end(), weighted)) return;
    const auto without = std::find_if_not(overrides.begin(), overrides.end(), weighted);
    if (without == overrides.end()) return;
    reading.diagnostics.error(
        without->type_at, fmt::format("{} has no weighted_capacity, and others have one", without->option.type.name),
        "give all of them one, or none");
}

/// Source: Amazon EC2 Auto Scaling User Guide, "Auto Scaling groups with multiple instance types and purchase options"
/// (at most 40).
[[nodiscard]] bool read_overrides(Reading& reading, sim::AutoScalingGroup& group, MapReader& map) {
    constexpr std::size_t most_overrides = 40;
    const auto field = map.require("overrides");
    if (!field) return false;
    const std::vector<Field> items = items_of(reading.diagnostics, *field);
    const bool is_list = field->value.node->kind == Node::Kind::list || field->value.node->kind == Node::Kind::null;
    if (items.empty() && is_list) reading.diagnostics.error(field->at(), "overrides needs at least one entry");
    if (items.size() > most_overrides) {
        reading.diagnostics.error(items[most_overrides].at(), fmt::format("overrides: at most {} instance types, found "
                                                                          "{}",
                                                                          most_overrides, items.size()));
        return false;
    }
    std::vector<Override> overrides;
    for (const Field& item : items) {
        auto one = read_override(reading, item);
        if (!one) continue;
        const auto same = [&](const Override& other) { return other.option.type.name == one->option.type.name; };
        if (std::any_of(overrides.begin(), overrides.end(), same)) {
            reading.diagnostics.error(one->type_at, fmt::format("{} is listed twice", one->option.type.name));
        }
        overrides.push_back(std::move(*one));
    }
    const bool all_known = !items.empty() && overrides.size() == items.size();
    if (all_known) check_weights(reading, overrides);
    for (Override& one : overrides) group.options.push_back(std::move(one.option));
    return all_known;
}

}  // namespace

bool read_mixed_instances(Reading& reading, sim::AutoScalingGroup& group, const Field& field) {
    sim::MixedInstancesPolicy& policy = group.mixed_instances_policy.emplace();
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return false;
    if (const auto distribution = map.find("instances_distribution")) {
        read_distribution(reading, policy.distribution, *distribution);
    }
    map.read("spot_instance_draining", policy.spot_instance_draining, parse_flag);
    const bool all_known = read_overrides(reading, group, map);
    map.finish();
    if (!buys_spot(group)) return all_known;
    for (sim::InstanceOption& option : group.options) {
        for (const sim::ZoneId zone : group.zones) option.spot_pools.push_back(spot_pool_of(reading, option, zone));
    }
    return all_known;
}

bool buys_spot(const sim::AutoScalingGroup& group) {
    return group.mixed_instances_policy &&
           group.mixed_instances_policy->distribution.on_demand_percentage_above_base_capacity < 100;
}

bool is_weighted(const sim::AutoScalingGroup& group) {
    return std::any_of(group.options.begin(), group.options.end(),
                       [](const sim::InstanceOption& option) { return option.weighted_capacity > 1; });
}

}  // namespace fleetsim::scenario
