#include <algorithm>
#include <cmath>
#include <string>

#include <fleetsim/cloud/spot.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/sim/groups.hpp>

namespace fleetsim::sim {

using cloud::InstanceState;
using des::Time;

namespace {

/// What a wave's draws are for; from the last on, each is one instance's. Part of every result: never renumber.
enum Draw : std::uint64_t { gap = 0, early = 1, how_early = 2, instances_from = 3 };

/// How long the rebalance recommendations of a wave come before its notices: a pool's instances hear of it together.
des::Duration lead_of(const des::Stream& chance, std::uint64_t wave) {
    if (chance.unit(des::child_address(wave, early)) >= cloud::early_recommendation_probability) return {};
    return des::from_seconds(-std::log1p(-chance.unit(des::child_address(wave, how_early))) *
                             des::seconds(cloud::mean_recommendation_lead));
}

}  // namespace

void Groups::schedule_wave(SpotPoolId id) {
    const SpotPool& pool = fleet_.scenario.spot_pools[id];
    if (pool.reclaims_per_hour <= 0) return;
    SpotPoolState& state = fleet_.spot_pools[id];
    const double hours =
        -std::log1p(-state.reclaims.unit(des::child_address(state.waves, gap))) / pool.reclaims_per_hour;
    schedule_after(fleet_.kernel, des::from_seconds(std::min(hours * 3600, 1e9)), des::Phase::decide,
                   Event{event::SpotWave{id}});
}

void Groups::handle(event::SpotWave wave) {
    SpotPoolState& state = fleet_.spot_pools[wave.pool];
    const double share = fleet_.scenario.spot_pools[wave.pool].reclaimed_share;
    reclaim(wave.pool, share, state.waves, lead_of(state.reclaims, state.waves));
    ++state.waves;
    schedule_wave(wave.pool);
}

void Groups::reclaim(SpotPoolId pool, double share, std::uint64_t wave, des::Duration lead) {
    SpotPoolState& state = fleet_.spot_pools[pool];
    if (const des::Duration recovers_after = fleet_.scenario.spot_pools[pool].recovers_after;
        recovers_after > des::Duration::zero()) {
        const des::Duration empty_for = lead + cloud::interruption_notice + recovers_after;
        state.recovered_at = fleet_.now() + std::min(empty_for, des::latest_time - fleet_.now());
    }
    std::vector<InstanceId> at_risk;
    for (const InstanceId id : des::ids_of(fleet_.instances)) {
        Instance& instance = fleet_.instances[id];
        if (!instance.spot || instance.has_warning || !instance.running_since || pool_of(instance) != pool) continue;
        if (state.reclaims.unit(des::child_address(wave, instances_from + id.value)) >= share) continue;
        instance.has_warning = true;
        at_risk.push_back(id);
    }
    for (const InstanceId id : at_risk) {
        instance_row(id, "rebalance_recommendation", cloud::name(fleet_.instances[id].state),
                     "EC2 may take the Spot instance back");
        rebalance_capacity(id);
        schedule_after(fleet_.kernel, lead, des::Phase::decide, Event{event::SpotNotice{id}});
    }
}

/// Capacity Rebalancing: an instance at risk stays until the one that replaces it is in service, if EC2 lets it.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Use Capacity Rebalancing to handle Amazon EC2 Spot Interruptions". Left
/// out: launching only in pools at less risk.
void Groups::rebalance_capacity(InstanceId id) {
    const Instance& instance = fleet_.instances[id];
    if (!fleet_.settings_of(instance).mixed_instances_policy->capacity_rebalance) return;
    if (instance.lifecycle != LifecycleState::in_service || instance.has_replacement) return;
    std::vector<scaling::ZoneLoad> zones = zone_loads(instance.group, true);
    --zones[instance.zone_index].instances;
    const auto zone = scaling::choose_launch_zone(zones, fleet_.settings_of(instance).zone_distribution);
    static_cast<void>(replace_by_launching(id, zone, "capacity rebalancing"));
}

void Groups::handle(event::SpotNotice notice) {
    const InstanceId id = notice.instance;
    if (fleet_.instances[id].gone()) return;
    instance_row(id, "spot_interruption_notice", cloud::name(fleet_.instances[id].state),
                 "EC2 takes it back in two minutes");
    schedule_after(fleet_.kernel, cloud::interruption_notice, des::Phase::decide, Event{event::SpotInterrupted{id}});
    rebalance_capacity(id);
    const Instance& instance = fleet_.instances[id];
    if (fleet_.settings_of(instance).mixed_instances_policy->spot_instance_draining &&
        instance.state == InstanceState::registered) {
        enter(id, InstanceState::draining, instance.lifecycle, "instance_draining", "Spot interruption notice");
        tasks_.drain_instance(id);
    }
}

/// Its group notices at its next health check.
void Groups::handle(event::SpotInterrupted interrupted) {
    const Instance& instance = fleet_.instances[interrupted.instance];
    if (instance.gone()) return;
    ++fleet_.groups[instance.group].interruptions;
    shut_down(interrupted.instance, spot_interruption);
}

/// Is the price more than the group pays? Without a limit of its own it pays what the instance costs on demand.
///
/// Source: Amazon EC2 Auto Scaling API Reference, InstancesDistribution (SpotMaxPrice).
bool Groups::is_outbid(const AutoScalingGroup& group, const InstanceOption& option, double price_usd_per_hour) const {
    const auto& most = group.mixed_instances_policy->distribution.spot_max_price_usd_per_hour;
    return most ? price_usd_per_hour / option.weighted_capacity > *most
                : price_usd_per_hour > option.price_usd_per_hour;
}

/// Instances that are outbid get their notice, and replacements that could not be launched are tried again.
void Groups::look_after_spot(GroupId id) {
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    if (settings.first_option().spot_pools.empty()) return;
    const std::vector<InstanceId> instances = fleet_.groups[id].instances;  // More are launched on the way.
    for (const InstanceId instance_id : instances) {
        Instance& instance = fleet_.instances[instance_id];
        if (!instance.spot || !instance.running_since) continue;
        const double price_now = fleet_.scenario.spot_pools[pool_of(instance)].price_usd_per_hour.rate(fleet_.now());
        if (instance.has_warning) {
            rebalance_capacity(instance_id);
        } else if (is_outbid(settings, fleet_.option_of(instance), price_now)) {
            instance.has_warning = true;
            fleet_.kernel.schedule(fleet_.now(), des::Phase::decide, Event{event::SpotNotice{instance_id}});
        }
    }
}

void Groups::add_shortage(const InsufficientCapacity& shortage) {
    shortages_.push_back({shortage.instance_type, shortage.zone, fleet_.now() + shortage.duration});
}

}  // namespace fleetsim::sim
