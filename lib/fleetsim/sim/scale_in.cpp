#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <fleetsim/scaling/mixed_instances.hpp>
#include <fleetsim/scaling/termination_policy.hpp>
#include <fleetsim/sim/groups.hpp>

namespace fleetsim::sim {

/// Instances that were lost unnoticed are the first to go.
void Groups::scale_in_down_to(GroupId id, std::string_view reason) {
    if (fleet_.scenario.groups[id].suspended(ScalingProcess::terminate)) return;
    GroupState& group = fleet_.groups[id];
    const std::int32_t tolerated = group.desired_capacity + group.overshoot;
    std::int32_t units = lasting_units(id);
    group.unnoticed_losses = std::min(group.unnoticed_losses, std::max(0, tolerated - units));
    for (; units > tolerated; units = lasting_units(id)) {
        if (!scale_in_one(id, units - group.desired_capacity, reason)) return;
    }
}

/// Ends one instance in service, unless all are protected or weigh more than there is too much; then the group stays
/// above its desired capacity for now.
bool Groups::scale_in_one(GroupId id, std::int32_t surplus, std::string_view reason) {
    std::vector<InstanceId> eligible;
    for (const InstanceId instance_id : fleet_.groups[id].instances) {
        const Instance& instance = fleet_.instances[instance_id];
        if (instance.lifecycle != LifecycleState::in_service || is_protected(instance)) continue;
        if (fleet_.weight_of(instance) <= surplus) eligible.push_back(instance_id);
    }
    const auto chosen = choose_to_end(id, eligible, purchase_to_end(id));
    if (!chosen) return false;
    scale_in_instance(*chosen, reason);
    return true;
}

/// Under managed termination protection ECS sets each instance's protection by whether tasks run there.
///
/// Source: Amazon ECS Developer Guide, "Control the instances Amazon ECS terminates".
bool Groups::is_protected(const Instance& instance) const {
    if (instance.lifecycle != LifecycleState::in_service) return false;
    const CapacityProvider* const provider = fleet_.groups[instance.group].provider;
    if (provider != nullptr && provider->managed_termination_protection) return instance.has_workload();
    return fleet_.settings_of(instance).protect_from_scale_in;
}

/// Of the eligible ones, in the group's order, the one that its termination policies choose; in a mixed group of the
/// purchase option that has too many, if one has. Those that leave for a replacement count no more.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Configure termination policies" and "Create a custom termination policy
/// with Lambda" (what ends instances: scale-in, instance refresh, maximum instance lifetime, rebalancing).
std::optional<InstanceId> Groups::choose_to_end(GroupId id, const std::vector<InstanceId>& eligible,
                                                std::optional<bool> end_spot) {
    GroupState& group = fleet_.groups[id];
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    const bool mixed = settings.mixed_instances_policy.has_value();
    const Misfits misfits = mixed ? misfits_of(id) : Misfits{};
    std::vector<InstanceId> in_capacity;
    std::vector<scaling::TerminationCandidate> candidates;
    for (const InstanceId instance_id : group.instances) {
        const Instance& instance = fleet_.instances[instance_id];
        if (!instance.in_capacity() || is_leaving(instance_id)) continue;
        in_capacity.push_back(instance_id);
        candidates.push_back(
            {.zone = instance.zone_index,
             .launched_at = instance.launched_at,
             .running_since = instance.running_since.value_or(fleet_.now()),
             .template_version = instance.template_version,
             .spot = instance.spot,
             .misfit = mixed ? misfits[instance.spot ? 1 : 0][instance.zone_index][instance.option] : 0,
             .may_end = std::binary_search(eligible.begin(), eligible.end(), instance_id)});
    }
    const scaling::TerminationRules rules{.policies = settings.termination_policies,
                                          .current_template_version = group.template_version,
                                          .mixed = mixed,
                                          .end_spot = end_spot};
    const auto chosen =
        scaling::choose_termination(candidates, rules, fleet_.now(), group.termination_ties.unit(group.scale_ins));
    if (!chosen) return std::nullopt;
    ++group.scale_ins;
    return in_capacity[*chosen];
}

Groups::Misfits Groups::misfits_of(GroupId id) const {
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    const auto& distribution = settings.mixed_instances_policy->distribution;
    Misfits misfits;
    for (const bool spot : {false, true}) {
        if (spot && settings.first_option().spot_pools.empty()) break;
        for (std::uint32_t zone = 0; zone < settings.zones.size(); ++zone) {
            const auto pools = pools_of(id, zone, spot);
            auto& of_zone = misfits[spot ? 1 : 0].emplace_back();
            for (std::size_t option = 0; option < pools.size(); ++option) {
                of_zone.push_back(scaling::misfit(distribution, option, pools, spot));
            }
        }
    }
    return misfits;
}

/// The purchase option that a scale-in to the desired capacity takes from; nothing in a group with one option.
std::optional<bool> Groups::purchase_to_end(GroupId id) const {
    const auto& policy = fleet_.scenario.groups[id].mixed_instances_policy;
    if (!policy) return std::nullopt;
    const scaling::PurchaseSplit units = units_by_purchase(id);
    return scaling::purchase_to_end(policy->distribution, units.on_demand, units.spot,
                                    fleet_.groups[id].desired_capacity);
}

}  // namespace fleetsim::sim
