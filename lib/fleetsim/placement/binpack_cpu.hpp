#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <fleetsim/placement/narrowing.hpp>

namespace fleetsim::placement {

/// Fills instances up: the one with the least CPU left before the task is placed. It stops a task where the most CPU is
/// left afterwards, which is where the most is left before, since the tasks of a service are alike.
///
/// Source: Amazon ECS Developer Guide, "Use strategies to define Amazon ECS task placement".
struct BinpackCpu {
    static constexpr std::string_view name = "binpack: cpu";

    static void narrow(std::span<const Room> rooms, double, Candidates& left) {
        keep_lowest(left, [&](std::size_t room) { return rooms[room].remaining[cpu_units]; });
    }
    static void narrow_stop(std::span<const Room> rooms, double, Candidates& left) {
        keep_highest(left, [&](std::size_t room) { return rooms[room].remaining[cpu_units]; });
    }
    friend constexpr bool operator==(BinpackCpu, BinpackCpu) = default;
};
static_assert(NarrowingStrategy<BinpackCpu>);

}  // namespace fleetsim::placement
