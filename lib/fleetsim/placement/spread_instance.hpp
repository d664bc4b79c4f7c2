#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <fleetsim/placement/narrowing.hpp>

namespace fleetsim::placement {

/// Spreads a service evenly over instances: the one with the fewest of its tasks, and stops where they are most.
/// AWS accepts `host` for the same field.
///
/// Source: Amazon ECS Developer Guide, "Use strategies to define Amazon ECS task placement".
struct SpreadInstance {
    static constexpr std::string_view name = "spread: instanceId";

    static void narrow(std::span<const Room> rooms, double, Candidates& left) {
        keep_lowest(left, [&](std::size_t room) { return rooms[room].group_tasks; });
    }
    static void narrow_stop(std::span<const Room> rooms, double, Candidates& left) {
        keep_highest(left, [&](std::size_t room) { return rooms[room].group_tasks; });
    }
    friend constexpr bool operator==(SpreadInstance, SpreadInstance) = default;
};
static_assert(NarrowingStrategy<SpreadInstance>);

}  // namespace fleetsim::placement
