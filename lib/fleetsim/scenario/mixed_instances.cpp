#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scaling/mixed_instances.hpp>
#include <fleetsim/scenario/mixed_instances.hpp>

namespace fleetsim::scenario {

namespace {

void warn_of_no_spot(MapReader& map) {
    for (const std::string_view key : {"spot_allocation_strategy", "spot_instance_pools", "spot_max_price"}) {
        const auto setting = map.find(key);
        if (!setting) continue;
        map.diagnostics().warning(setting->key_at,
                                  fmt::format("{} has no effect: all of the group's capacity is on demand", key),
                                  "on_demand_percentage_above_base_capacity below 100 buys Spot Instances");
        return;
    }
}

/// Source: Amazon EC2 Auto Scaling User Guide, "Allocation strategies for multiple instance types" (lowest-price has
/// the highest risk of interruption).
void warn_of_one_pool(MapReader& map, const scaling::InstancesDistribution& distribution) {
    const bool one = distribution.spot_allocation_strategy == scaling::SpotAllocation::lowest_price &&
                     distribution.spot_instance_pools == 1;
    if (!one || distribution.on_demand_percentage_above_base_capacity == 100) return;
    map.diagnostics().warning(map.place_of("spot_instance_pools"),
                              "lowest-price with one pool: EC2 may take all Spot Instances of a zone back at once",
                              "price-capacity-optimized looks for pools that last");
}

/// Source: Amazon EC2 Auto Scaling API Reference, InstancesDistribution.
void read_distribution(Reading& reading, scaling::InstancesDistribution& distribution, GroupNotes& notes,
                       const Field& field) {
    constexpr NumberIn any_price{0, 1e6, true};
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return;
    map.read("on_demand_base_capacity", distribution.on_demand_base_capacity, IntegerIn{0, most_instances});
    const bool share_good = map.read("on_demand_percentage_above_base_capacity",
                                     distribution.on_demand_percentage_above_base_capacity, IntegerIn{0, 100});
    map.read("on_demand_allocation_strategy", distribution.on_demand_allocation_strategy,
             named<scaling::OnDemandAllocation>(scaling::on_demand_allocation_names));
    const bool strategy_good = map.read("spot_allocation_strategy", distribution.spot_allocation_strategy,
                                        named<scaling::SpotAllocation>(scaling::spot_allocation_names));
    const bool pools_good = map.read("spot_instance_pools", distribution.spot_instance_pools, IntegerIn{1, 20});
    map.read("spot_max_price", distribution.spot_max_price_usd_per_hour, any_price);
    map.finish();
    if (distribution.spot_max_price_usd_per_hour) notes.spot_max_price_at = map.place_of("spot_max_price");
    const bool has_pools = distribution.spot_allocation_strategy == scaling::SpotAllocation::lowest_price;
    if (strategy_good && pools_good && !has_pools && map.find("spot_instance_pools")) {
        reading.diagnostics.error(map.place_of("spot_instance_pools"),
                                  "spot_instance_pools: only the spot_allocation_strategy lowest-price counts pools");
    }
    if (share_good && distribution.on_demand_percentage_above_base_capacity == 100) warn_of_no_spot(map);
    if (share_good && strategy_good && pools_good) warn_of_one_pool(map, distribution);
}

/// One of the group's instance types.
struct Override {
    std::optional<sim::InstanceOption> option;  ///< Absent if nobody knows the type.
    Field type;
    bool weighted = false;
};

/// Source: Amazon EC2 Auto Scaling API Reference, LaunchTemplateOverrides.
[[nodiscard]] std::optional<Override> read_override(Reading& reading, const Field& item) {
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return std::nullopt;
    const auto type = map.require("instance_type");
    std::int32_t weight = 1;
    map.read("weighted_capacity", weight, IntegerIn{1, 999});
    const bool weighted = map.find("weighted_capacity").has_value();
    map.finish();
    if (!type) return std::nullopt;
    Override out{read_instance_option(reading, *type), *type, weighted};
    if (out.option) out.option->weighted_capacity = weight;
    return out;
}

/// Either all types have a weight or none has.
void check_weights(Reading& reading, const std::vector<Override>& overrides) {
    const auto weighted = [](const Override& one) { return one.weighted; };
    if (std::none_of(overrides.begin(), overrides.end(), weighted)) return;
    const auto without = std::find_if_not(overrides.begin(), overrides.end(), weighted);
    if (without == overrides.end()) return;
    reading.diagnostics.error(without->type.at(),
                              fmt::format("{} has no weighted_capacity, and others have one", without->type.text()),
                              "give all of them one, or none");
}

/// Reports a type that is listed twice. Unknown ones are told of already.
void check_twice(Reading& reading, const std::vector<Override>& before, const Override& one) {
    const auto same = [&](const Override& other) {
        return other.option && one.option && other.option->type.name == one.option->type.name;
    };
    if (std::none_of(before.begin(), before.end(), same)) return;
    reading.diagnostics.error(one.type.at(), fmt::format("{} is listed twice", one.option->type.name));
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
        check_twice(reading, overrides, *one);
        overrides.push_back(std::move(*one));
    }
    check_weights(reading, overrides);
    for (Override& one : overrides) {
        if (one.option) group.options.push_back(std::move(*one.option));
    }
    return !items.empty() && group.options.size() == items.size();
}

/// For a unit of capacity at the start; nothing without Spot pools.
[[nodiscard]] std::optional<double> cheapest_spot_price(const Reading& reading, const sim::AutoScalingGroup& group) {
    std::optional<double> cheapest;
    for (const sim::InstanceOption& option : group.options) {
        for (const sim::SpotPoolId id : option.spot_pools) {
            const double price = reading.scenario.spot_pools[id].price_usd_per_hour.rate(des::Time{});
            cheapest = std::min(cheapest.value_or(price / option.weighted_capacity), price / option.weighted_capacity);
        }
    }
    return cheapest;
}

}  // namespace

bool read_mixed_instances(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, const Field& field) {
    sim::MixedInstancesPolicy& policy = group.mixed_instances_policy.emplace();
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return false;
    if (const auto distribution = map.find("instances_distribution")) {
        read_distribution(reading, policy.distribution, notes, *distribution);
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

void check_spot_prices(Reading& reading) {
    for (const Declared<sim::GroupId>& declared : reading.groups) {
        const sim::AutoScalingGroup& group = reading.scenario.groups[declared.id];
        const auto& at = reading.group_notes[declared.id].spot_max_price_at;
        const auto cheapest = cheapest_spot_price(reading, group);
        if (!at || !cheapest || *cheapest <= group.mixed_instances_policy->distribution.spot_max_price_usd_per_hour) {
            continue;
        }
        reading.diagnostics.warning(
            *at,
            fmt::format("spot_max_price is below the price of every pool of {}: it gets no Spot Instance at first",
                        called("Auto Scaling group", group.name)),
            fmt::format("from {:.4f} on; without it the limit is the on-demand price",
                        std::ceil(*cheapest * 1e4) / 1e4));
    }
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
