#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/placement/narrowing.hpp>

namespace fleetsim::placement {

/// Tasks of the service in each zone, on all instances: one that cannot take the task still counts for its zone.
class ZoneCounts {
public:
    explicit ZoneCounts(std::span<const Room> rooms) {
        for (const Room& room : rooms) {
            const auto found = find(room.zone);
            if (found == counts_.end()) {
                counts_.emplace_back(room.zone, room.group_tasks);
            } else {
                found->second += room.group_tasks;
            }
        }
    }

    [[nodiscard]] std::int64_t operator[](std::uint32_t zone) {
        const auto found = find(zone);
        return found == counts_.end() ? 0 : found->second;
    }

private:
    using Count = std::pair<std::uint32_t, std::int64_t>;

    // A region has a handful of zones, so a scan of this list beats a map.
    std::vector<Count>::iterator find(std::uint32_t zone) {
        return std::find_if(counts_.begin(), counts_.end(), [&](const Count& count) { return count.first == zone; });
    }

    std::vector<Count> counts_;
};

/// Spreads a service evenly over availability zones: the zone with the fewest of its tasks, and stops where they are
/// most.
///
/// Source: Amazon ECS Developer Guide, "Use strategies to define Amazon ECS task placement".
/// Limit: only zones that still have a candidate compete, so a full zone attracts nothing.
struct SpreadZone {
    static constexpr std::string_view name = "spread: attribute:ecs.availability-zone";

    static void narrow(std::span<const Room> rooms, double, Candidates& left) {
        ZoneCounts tasks(rooms);
        keep_lowest(left, [&](std::size_t room) { return tasks[rooms[room].zone]; });
    }
    static void narrow_stop(std::span<const Room> rooms, double, Candidates& left) {
        ZoneCounts tasks(rooms);
        keep_highest(left, [&](std::size_t room) { return tasks[rooms[room].zone]; });
    }
    friend constexpr bool operator==(SpreadZone, SpreadZone) = default;
};
static_assert(NarrowingStrategy<SpreadZone>);

}  // namespace fleetsim::placement
