#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <fleetsim/ecs/service_scheduler.hpp>

namespace fleetsim::ecs {

/// A service's tasks in one of its zones, without those that are being stopped.
struct ZoneTasks {
    std::int32_t healthy = 0;
    std::int32_t starting = 0;         ///< Not healthy yet, wherever they stand.
    std::int32_t protected_tasks = 0;  ///< Of the healthy: protected from scale-in.
    bool can_start = true;             ///< There is room for one more task.
};

/// What rebalancing does in one zone.
struct ZoneChange {
    std::int32_t start = 0;
    std::int32_t stop = 0;
    friend bool operator==(const ZoneChange&, const ZoneChange&) = default;
};

namespace detail {

/// Zones as they will be when what is under way has been done.
struct FutureZones {
    struct Zone {
        std::int32_t tasks = 0;
        std::int32_t stoppable = 0;
        bool can_start = true;
    };
    std::vector<Zone> zones;

    explicit FutureZones(std::span<const ZoneTasks> now) {
        zones.reserve(now.size());
        for (const ZoneTasks& zone : now) {
            zones.push_back({zone.healthy + zone.starting, zone.healthy - zone.protected_tasks, zone.can_start});
        }
    }

    [[nodiscard]] std::optional<std::size_t> fullest_that_can_stop() const {
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < zones.size(); ++i) {
            if (zones[i].stoppable > 0 && (!best || zones[i].tasks > zones[*best].tasks)) best = i;
        }
        return best;
    }

    [[nodiscard]] std::optional<std::size_t> emptiest_that_can_start() const {
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < zones.size(); ++i) {
            if (zones[i].can_start && (!best || zones[i].tasks < zones[*best].tasks)) best = i;
        }
        return best;
    }

    void stop_one(std::size_t zone) {
        --zones[zone].tasks;
        --zones[zone].stoppable;
    }
};

}  // namespace detail

/// Can the service's zones be rebalanced? For that it must be allowed one task more than it wants.
///
/// Source: Amazon ECS Developer Guide, "Balancing an Amazon ECS service across Availability Zones".
[[nodiscard]] constexpr bool can_rebalance(const DeploymentConfiguration& deployment, std::int32_t desired) {
    return deployment.maximum_percent > 100 && upper_limit(deployment, desired) > desired;
}

/// What evens out the zones of a steady service, zone by zone in the order given: tasks are started where there are
/// fewest, and once these are healthy as many are stopped where there are most; the first listed on a tie. Nothing
/// while no two zones differ by more than one. The tasks that are too many meanwhile are this rule's to stop:
/// `reconcile` must not see them. `stopping` tasks count for the upper limit only.
///
/// Source: Amazon ECS Developer Guide, "Balancing an Amazon ECS service across Availability Zones". That as many tasks
/// are started at once as the upper limit allows, and that a zone without room is passed over, are model decisions.
[[nodiscard]] inline std::vector<ZoneChange> rebalance(std::span<const ZoneTasks> zones, std::int32_t desired,
                                                       std::int32_t stopping,
                                                       const DeploymentConfiguration& deployment) {
    std::vector<ZoneChange> changes(zones.size());
    std::int32_t healthy = 0;
    std::int32_t tasks = 0;
    for (const ZoneTasks& zone : zones) {
        healthy += zone.healthy;
        tasks += zone.healthy + zone.starting;
    }
    if (healthy < desired || !can_rebalance(deployment, desired)) return changes;

    detail::FutureZones future{zones};
    for (std::int32_t surplus = tasks - desired; surplus > 0; --surplus) {
        const std::optional<std::size_t> from = future.fullest_that_can_stop();
        if (!from) return changes;
        future.stop_one(*from);
        // Those that are started for others which must stop are not healthy yet, so the others stay for now.
        if (surplus > tasks - healthy) ++changes[*from].stop;
    }
    for (std::int32_t room = upper_limit(deployment, desired) - tasks - stopping; room > 0; --room) {
        const std::optional<std::size_t> from = future.fullest_that_can_stop();
        const std::optional<std::size_t> to = future.emptiest_that_can_start();
        if (!from || !to || future.zones[*from].tasks - future.zones[*to].tasks <= 1) break;
        future.stop_one(*from);
        ++future.zones[*to].tasks;
        ++changes[*to].start;
    }
    return changes;
}

}  // namespace fleetsim::ecs
