#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <fleetsim/placement/narrowing.hpp>

namespace fleetsim::placement {

/// Fills instances up: the one with the least memory left before the task is placed. It stops a task where the most
/// memory is left afterwards, which is where the most is left before, since the tasks of a service are alike.
///
/// Source: Amazon ECS Developer Guide, "Use strategies to define Amazon ECS task placement".
struct BinpackMemory {
    static constexpr std::string_view name = "binpack: memory";

    static void narrow(std::span<const Room> rooms, double, Candidates& left) {
        keep_lowest(left, [&](std::size_t room) { return rooms[room].remaining[memory_mib]; });
    }
    static void narrow_stop(std::span<const Room> rooms, double, Candidates& left) {
        keep_highest(left, [&](std::size_t room) { return rooms[room].remaining[memory_mib]; });
    }
    friend constexpr bool operator==(BinpackMemory, BinpackMemory) = default;
};
static_assert(NarrowingStrategy<BinpackMemory>);

}  // namespace fleetsim::placement
