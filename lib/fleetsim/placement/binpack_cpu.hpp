#pragma once

#include <string>

#include <fleetsim/placement/narrowing.hpp>

namespace fleetsim::placement {

/// Fills instances up: the one with the least CPU left before the task is placed. It stops a task where the most CPU is
/// left afterwards, which is where the most is left before, since the tasks of a service are alike.
///
/// Source: Amazon ECS Developer Guide, "Use strategies to define Amazon ECS task placement".
struct BinpackCpu {
    [[nodiscard]] static std::string name() { return "binpack: cpu"; }

    static void narrow(const RoomView& rooms, double, Candidates& left) {
        keep_lowest(left, [&](RoomId room) { return rooms.left(room)[cpu_units]; });
    }
    static void narrow_stop(const RoomView& rooms, double, Candidates& left) {
        keep_highest(left, [&](RoomId room) { return rooms.left(room)[cpu_units]; });
    }
    friend constexpr bool operator==(BinpackCpu, BinpackCpu) = default;
};
static_assert(NarrowingStrategy<BinpackCpu>);

}  // namespace fleetsim::placement
