#pragma once

#include <string>

#include <fleetsim/placement/narrowing.hpp>

namespace fleetsim::placement {

/// Spreads a service evenly over instances: the one with the fewest of its tasks, and stops where they are most.
/// AWS accepts `host` for the same field.
///
/// Source: Amazon ECS Developer Guide, "Use strategies to define Amazon ECS task placement".
struct SpreadInstance {
    [[nodiscard]] static std::string name() { return "spread: instanceId"; }

    static void narrow(const RoomView& rooms, double, Candidates& left) {
        keep_lowest(left, [&](RoomId room) { return rooms.group_tasks(room); });
    }
    static void narrow_stop(const RoomView& rooms, double, Candidates& left) {
        keep_highest(left, [&](RoomId room) { return rooms.group_tasks(room); });
    }
    friend constexpr bool operator==(SpreadInstance, SpreadInstance) = default;
};
static_assert(NarrowingStrategy<SpreadInstance>);

}  // namespace fleetsim::placement
