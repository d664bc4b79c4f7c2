#pragma once

#include <string>

#include <fleetsim/placement/narrowing.hpp>

namespace fleetsim::placement {

/// Fills instances up: the one with the least memory left before the task is placed. It stops a task where the most
/// memory is left afterwards, which is where the most is left before, since the tasks of a service are alike.
///
/// Source: Amazon ECS Developer Guide, "Use strategies to define Amazon ECS task placement".
struct BinpackMemory {
    [[nodiscard]] static std::string name() { return "binpack: memory"; }

    static void narrow(const RoomView& rooms, double, Candidates& left) {
        keep_lowest(left, [&](RoomId room) { return rooms.left(room)[memory_mib]; });
    }
    static void narrow_stop(const RoomView& rooms, double, Candidates& left) {
        keep_highest(left, [&](RoomId room) { return rooms.left(room)[memory_mib]; });
    }
    friend constexpr bool operator==(BinpackMemory, BinpackMemory) = default;
};
static_assert(NarrowingStrategy<BinpackMemory>);

}  // namespace fleetsim::placement
