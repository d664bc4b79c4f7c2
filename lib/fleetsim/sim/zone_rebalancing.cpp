#include <algorithm>
#include <vector>

#include <fleetsim/ecs/zone_rebalancing.hpp>
#include <fleetsim/sim/services.hpp>

/// Availability Zone rebalancing of services.
namespace fleetsim::sim {

/// An empty place for one more task of the service in the zone, with one of the providers that it uses.
bool Services::has_room(ServiceId id, ZoneId zone) const {
    const Service& settings = fleet_.scenario.services[id];
    if (fleet_.zone_is_out(zone)) return false;
    const auto& on_fargate = settings.fargate_zones;
    if (!fleet_.has_address(TaskGroupId{id.value}, *fleet_.services[id].primary().task, zone)) return false;
    if (!on_fargate.empty()) return std::find(on_fargate.begin(), on_fargate.end(), zone) != on_fargate.end();
    const auto& shapes = fleet_.services[id].primary().shapes;
    std::vector<placement::ShapeId> used;
    for (const StrategyItem& item : settings.capacity_provider_strategy) used.push_back(shapes[item.provider]);
    if (used.empty()) used.push_back(shapes.back());
    const ClusterState& cluster = fleet_.clusters[settings.cluster];
    const auto rooms = cluster.placer.rooms().known();
    return std::any_of(rooms.begin(), rooms.end(), [&](placement::RoomId room) {
        const InstanceId instance = cluster.instances[room];
        return fleet_.instances[instance].zone == zone &&
               std::any_of(used.begin(), used.end(), [&](auto shape) { return tasks_.has_room(instance, shape); });
    });
}

/// A steady service starts tasks where it has fewest, and once they are healthy the ordinary scale-in stops as many
/// where it has most. Where a task goes is left to placement, which spreads over zones.
///
/// Source: Amazon ECS Developer Guide, "Balancing an Amazon ECS service across Availability Zones".
void Services::rebalance(ServiceId id, const Roll& roll) {
    const Service& settings = fleet_.scenario.services[id];
    ServiceState& service = fleet_.services[id];
    const bool steady = !service.is_deploying() && roll.leaving.empty() && roll.counts.kept == roll.counts.desired &&
                        roll.counts.healthy_kept == roll.counts.desired;
    if (!settings.zone_rebalancing || !steady) return;
    std::vector<ecs::ZoneTasks> zones(fleet_.scenario.zones.size(), {.can_start = false});
    for (const TaskId task : roll.kept) {
        ecs::ZoneTasks& zone = zones[fleet_.tasks[task].zone.value];
        ++zone.healthy;
        if (is_protected(task)) ++zone.protected_tasks;
    }
    const auto [fewest, most] = std::minmax_element(
        zones.begin(), zones.end(), [](const auto& one, const auto& other) { return one.healthy < other.healthy; });
    const std::int32_t unevenness = most->healthy - fewest->healthy;
    if (unevenness <= 1) service.rebalanced_from = 0;
    // What has not helped once will not help again.
    if (unevenness <= 1 || unevenness == service.rebalanced_from) return;
    for (const ZoneId zone : des::ids_of(fleet_.scenario.zones)) zones[zone.value].can_start = has_room(id, zone);
    std::int32_t start = 0;
    for (const ecs::ZoneChange& change :
         ecs::rebalance(zones, roll.counts.desired, roll.counts.stopping, settings.deployment)) {
        start += change.start;
    }
    if (start == 0) return;
    service.rebalancing = true;
    service.rebalanced_from = unevenness;
    start_tasks(id, start, service.primary_index);
}

}  // namespace fleetsim::sim
