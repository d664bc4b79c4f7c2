#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/sim/groups.hpp>

namespace fleetsim::sim {

void Groups::start() {
    for (const GroupId id : des::ids_of(fleet_.groups)) {
        fleet_.recorder.desired_capacity(id, fleet_.groups[id].desired_capacity);
        while (units_of(id) < fleet_.groups[id].desired_capacity) {
            const auto launch = next_launch(id);
            if (!launch) break;
            start_in_service(add_instance(id, *launch, LifecycleState::pending, "in service when the scenario starts"));
        }
        accept_overshoot(id);
        while (const auto launch = next_for_warm_pool(id)) {
            start_in_warm_pool(
                add_instance(id, *launch, LifecycleState::warmed_pending, "in the warm pool when the scenario starts"));
        }
        const auto& refreshes = fleet_.scenario.groups[id].instance_refreshes;
        for (std::uint32_t i = 0; i < refreshes.size(); ++i) {
            fleet_.kernel.schedule(refreshes[i].at, des::Phase::decide, Event{event::RefreshDue{id, i}});
        }
    }
    for (const SpotPoolId id : des::ids_of(fleet_.spot_pools)) schedule_wave(id);
}

/// What is missing is launched before anything is moved: it goes where there is least.
void Groups::keep_up(GroupId id) {
    look_after_spot(id);
    refresh(id);
    replace_expired(id);
    adjust(id, "the group is below its desired capacity");
    rebalance_zones(id);
    fill_warm_pool(id);
    settle_simple_activity(id);
}

void Groups::set_desired_capacity(GroupId id, std::int32_t desired, ScalingRow why) {
    GroupState& group = fleet_.groups[id];
    if (desired < group.desired_capacity) group.overshoot = 0;
    why.at = fleet_.now();
    why.from = std::to_string(std::exchange(group.desired_capacity, desired));
    why.to = std::to_string(desired);
    fleet_.recorder.scaling(resource_name(fleet_.scenario.groups[id]), "desired_capacity", std::move(why));
    fleet_.recorder.desired_capacity(id, desired);
    adjust(id, "scaling to the desired capacity");
    fill_warm_pool(id);
    settle_simple_activity(id);
}

void Groups::set_max_size(GroupId id, std::int32_t max_size, ScalingRow why) {
    GroupState& group = fleet_.groups[id];
    if (group.max_size == max_size) return;
    why.at = fleet_.now();
    why.from = std::to_string(std::exchange(group.max_size, max_size));
    why.to = std::to_string(max_size);
    fleet_.recorder.scaling(resource_name(fleet_.scenario.groups[id]), "max_size", std::move(why));
}

void Groups::set_sizes(GroupId id, const scaling::GroupSizes& sizes, const ScalingRow& why) {
    GroupState& group = fleet_.groups[id];
    set_max_size(id, sizes.max, why);
    if (group.min_size != sizes.min) {
        ScalingRow row = why;
        row.at = fleet_.now();
        row.from = std::to_string(std::exchange(group.min_size, sizes.min));
        row.to = std::to_string(sizes.min);
        fleet_.recorder.scaling(resource_name(fleet_.scenario.groups[id]), "min_size", std::move(row));
    }
    if (group.desired_capacity != sizes.desired) set_desired_capacity(id, sizes.desired, why);
}

scaling::GroupCapacity Groups::capacity_of(GroupId id, des::Duration warmup) const {
    const GroupState& group = fleet_.groups[id];
    const Census& census = group.census;
    scaling::GroupCapacity capacity{
        .desired = group.desired_capacity,
        .min = group.min_size,
        .max = group.max_size,
        .warm = census.units(LifecycleState::in_service),
        .warming = census.pending() > 0,
        .terminating = census.units(LifecycleState::terminating_wait) + census.units(LifecycleState::terminating)};
    if (fleet_.all_warm(id, warmup)) return capacity;
    for (const InstanceId instance_id : group.instances) {
        const Instance& instance = fleet_.instances[instance_id];
        if (instance.lifecycle != LifecycleState::in_service) continue;
        if (fleet_.now() - instance.in_service_since >= warmup) continue;
        capacity.warm -= fleet_.weight_of(instance);
        capacity.newest_warming = true;
    }
    capacity.warming = capacity.warming || capacity.newest_warming;
    return capacity;
}

/// Units without those that come to replace others: they make no difference before those leave.
std::int32_t Groups::lasting_units(GroupId id) const {
    std::int32_t units = units_of(id);
    for (const Replacement& replacement : fleet_.groups[id].replacements) {
        units -= fleet_.weight_of(fleet_.instances[replacement.coming]);
    }
    return units;
}

/// What heavy instances bring beyond the desired capacity stays until that falls; one less than the heaviest weighs, at
/// most.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Configure instance weighting".
void Groups::accept_overshoot(GroupId id) {
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    if (!settings.has_weights()) return;
    std::int32_t heaviest = 1;
    for (const InstanceOption& option : settings.options) heaviest = std::max(heaviest, option.weighted_capacity);
    GroupState& group = fleet_.groups[id];
    group.overshoot = std::clamp(lasting_units(id) - group.desired_capacity, 0, heaviest - 1);
}

void Groups::adjust(GroupId id, std::string_view reason) {
    launch_up_to(id, reason);
    scale_in_down_to(id, "scaling in to the desired capacity");
}

void Groups::launch_up_to(GroupId id, std::string_view reason) {
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    if (settings.suspended(ScalingProcess::launch)) return;
    const GroupState& group = fleet_.groups[id];
    std::int32_t missing = group.desired_capacity - group.unnoticed_losses - lasting_units(id);
    std::int32_t room = group.max_size + scaling::rebalancing_margin(group.max_size) - units_of(id);
    if (missing <= 0) return;
    while (missing > 0 && room > 0) {
        std::int32_t weight = 1;  // Groups with a warm pool have no other.
        if (!take_from_warm_pool(id, reason)) {
            const auto launch = next_launch(id);
            if (!launch) break;
            weight = settings.options[launch->option].weighted_capacity;
            launch_instance(id, *launch, LifecycleState::pending, reason);
        }
        missing -= weight;
        room -= weight;
    }
    accept_overshoot(id);
}

/// Without those that leave for a replacement.
scaling::PurchaseSplit Groups::units_by_purchase(GroupId id) const {
    scaling::PurchaseSplit units;
    for (const InstanceId instance_id : fleet_.groups[id].instances) {
        const Instance& instance = fleet_.instances[instance_id];
        if (!instance.in_capacity() || is_leaving(instance_id)) continue;
        (instance.spot ? units.spot : units.on_demand) += fleet_.weight_of(instance);
    }
    return units;
}

/// Instances in each zone, without those that leave for a replacement, and whether EC2 could give another there.
std::vector<scaling::ZoneLoad> Groups::zone_loads(GroupId id, bool spot, bool with_warm_pool) const {
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    const GroupState& group = fleet_.groups[id];
    std::vector<scaling::ZoneLoad> zones(settings.zones.size());
    for (std::uint32_t zone = 0; zone < zones.size(); ++zone) {
        zones[zone].instances = group.census.in_capacity_of_zone(zone);
        if (with_warm_pool) zones[zone].instances += group.census.in_warm_pool_of_zone(zone);
        zones[zone].available =
            has_address(settings, settings.zones[zone]) && choose_option(id, zone, spot).has_value();
    }
    for (const Replacement& replacement : group.replacements) {
        --zones[fleet_.instances[replacement.leaving].zone_index].instances;
    }
    return zones;
}

/// Have the group's subnets in the zone addresses for another instance?
bool Groups::has_address(const AutoScalingGroup& group, ZoneId zone) const {
    return group.subnets.empty() || fleet_.subnet_with(group.addresses_per_instance, group.subnets, zone).exists();
}

/// Instances that EC2 could give out now; as many as you like on demand.
std::int32_t Groups::depth_of(const AutoScalingGroup& group, std::uint32_t zone, std::uint32_t option,
                              bool spot) const {
    const ZoneId zone_id = group.zones[zone];
    if (fleet_.zone_is_out(zone_id)) return 0;
    const InstanceOption& offered = group.options[option];
    const bool short_of = std::any_of(shortages_.begin(), shortages_.end(), [&](const Shortage& shortage) {
        return shortage.until > fleet_.now() && shortage.instance_type == offered.type.name &&
               (!shortage.zone.exists() || shortage.zone == zone_id);
    });
    if (short_of) return 0;
    if (!spot) return std::numeric_limits<std::int32_t>::max();
    const SpotPoolId pool = offered.spot_pools[zone];
    if (fleet_.now() < fleet_.spot_pools[pool].recovered_at) return 0;
    return std::max(0, fleet_.scenario.spot_pools[pool].depth - fleet_.spot_pools[pool].given_out);
}

/// A Spot pool whose price is too high has nothing to give.
std::vector<scaling::Pool> Groups::pools_of(GroupId id, std::uint32_t zone, bool spot) const {
    const AutoScalingGroup& group = fleet_.scenario.groups[id];
    std::vector<scaling::Pool> pools;
    for (std::uint32_t option = 0; option < group.options.size(); ++option) {
        const InstanceOption& offered = group.options[option];
        scaling::Pool pool{.price_usd_per_hour = offered.price_usd_per_hour,
                           .weight = offered.weighted_capacity,
                           .depth = depth_of(group, zone, option, spot)};
        if (spot) {
            const SpotPool& market = fleet_.scenario.spot_pools[offered.spot_pools[zone]];
            pool.price_usd_per_hour = market.price_usd_per_hour.rate(fleet_.now());
            if (is_outbid(group, offered, pool.price_usd_per_hour)) pool.depth = 0;
        }
        pools.push_back(pool);
    }
    for (const InstanceId instance_id : fleet_.groups[id].instances) {
        const Instance& instance = fleet_.instances[instance_id];
        if (instance.in_capacity() && instance.spot == spot && instance.zone_index == zone) {
            ++pools[instance.option].running;
        }
    }
    return pools;
}

std::optional<std::uint32_t> Groups::choose_option(GroupId id, std::uint32_t zone, bool spot) const {
    const AutoScalingGroup& group = fleet_.scenario.groups[id];
    if (!group.mixed_instances_policy) {
        return depth_of(group, zone, 0, false) > 0 ? std::optional<std::uint32_t>{0} : std::nullopt;
    }
    const auto& distribution = group.mixed_instances_policy->distribution;
    const auto pools = pools_of(id, zone, spot);
    const auto chosen =
        spot ? scaling::choose_spot_pool(distribution, pools) : scaling::choose_on_demand_pool(distribution, pools);
    return chosen ? std::optional{static_cast<std::uint32_t>(*chosen)} : std::nullopt;
}

std::optional<std::size_t> Groups::launch_zone(GroupId id, bool spot) const {
    return scaling::choose_launch_zone(zone_loads(id, spot), fleet_.scenario.groups[id].zone_distribution);
}

/// What to launch next of what is missing. On-Demand Instances never stand in for Spot Instances that cannot be had,
/// nor the other way round.
std::optional<Groups::Launch> Groups::next_launch(GroupId id) {
    const auto& policy = fleet_.scenario.groups[id].mixed_instances_policy;
    if (!policy) return choose_launch(id, false, launch_zone(id, false));
    const scaling::PurchaseSplit units = units_by_purchase(id);
    const bool spot =
        scaling::spot_is_next(policy->distribution, units.on_demand, units.spot, fleet_.groups[id].desired_capacity);
    return choose_launch(id, spot, launch_zone(id, spot));
}

/// An instance in that zone. A launch that cannot be made is told once.
std::optional<Groups::Launch> Groups::choose_launch(GroupId id, bool spot, std::optional<std::size_t> zone) {
    std::optional<std::uint32_t> option;
    if (zone) option = choose_option(id, static_cast<std::uint32_t>(*zone), spot);
    if (!option) {
        failed_to_launch(id, spot);
        return std::nullopt;
    }
    fleet_.groups[id].launch_failures[spot ? 1 : 0].clear();
    return Launch{static_cast<std::uint32_t>(*zone), *option, spot};
}

void Groups::failed_to_launch(GroupId id, bool spot) {
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    const bool waits = settings.zone_distribution == scaling::ZoneDistribution::balanced_only;
    const auto full = std::count_if(settings.zones.begin(), settings.zones.end(),
                                    [&](ZoneId zone) { return !has_address(settings, zone); });
    std::string lack = spot ? "no Spot capacity at the price" : "insufficient capacity";
    if (full > 0) lack += " or no free address";
    if (full == static_cast<std::ptrdiff_t>(settings.zones.size())) lack = "no free address";
    std::string reason = fmt::format("{} in {}", lack, waits ? "the zone whose turn it is" : "every zone");
    std::string& before = fleet_.groups[id].launch_failures[spot ? 1 : 0];
    if (before == reason) return;
    before = reason;
    fleet_.recorder.row({.at = fleet_.now(),
                         .event = "launch_failed",
                         .resource = resource_name(settings),
                         .reason = std::move(reason)});
}

/// Prepared instances that could go into service.
std::vector<InstanceId> Groups::ready_in_warm_pool(GroupId id) const {
    std::vector<InstanceId> ready;
    for (const InstanceId instance_id : fleet_.groups[id].instances) {
        if (fleet_.instances[instance_id].lifecycle == LifecycleState::warmed) ready.push_back(instance_id);
    }
    return ready;
}

/// Of those in the zone with the fewest instances, the oldest. A stopped instance needs EC2's capacity to start again.
/// What an instance refresh has made outdated does not go into service any more.
bool Groups::take_from_warm_pool(GroupId id, std::string_view reason) {
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    if (fleet_.groups[id].census.instances(LifecycleState::warmed) == 0) return false;
    std::vector<InstanceId> ready = ready_in_warm_pool(id);
    std::erase_if(ready, [&](InstanceId i) {
        return fleet_.instances[i].template_version != fleet_.groups[id].template_version;
    });
    if (ready.empty()) return false;
    const bool runs = settings.warm_pool->pool_state == scaling::WarmPoolState::running;
    const auto oldest_in = [&](std::size_t zone) {
        return std::find_if(ready.begin(), ready.end(),
                            [&](InstanceId i) { return fleet_.instances[i].zone_index == zone; });
    };
    std::vector<scaling::ZoneLoad> zones = zone_loads(id, false);
    for (std::size_t zone = 0; zone < zones.size(); ++zone) {
        const bool can_start = runs ? !fleet_.zone_is_out(settings.zones[zone])
                                    : choose_option(id, static_cast<std::uint32_t>(zone), false).has_value();
        zones[zone].available = can_start && oldest_in(zone) != ready.end();
    }
    const auto zone = scaling::choose_launch_zone(zones);
    if (!zone) return false;
    leave_warm_pool(*oldest_in(*zone), reason);
    return true;
}

}  // namespace fleetsim::sim
