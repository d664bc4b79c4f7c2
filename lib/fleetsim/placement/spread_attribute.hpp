#pragma once

#include <string>
#include <string_view>

#include <fleetsim/placement/narrowing.hpp>

namespace fleetsim::placement {

inline constexpr std::string_view availability_zone = "ecs.availability-zone";

/// Spreads a service evenly over the values of an attribute, availability zones above all: to the value with the
/// fewest of its tasks, and stops where they are most. Instances without the attribute are a value of their own.
///
/// Source: Amazon ECS Developer Guide, "Use strategies to define Amazon ECS task placement".
/// Limit: only values that still have a candidate compete, so a full zone attracts nothing.
struct SpreadAttribute {
    std::string attribute{availability_zone};

    [[nodiscard]] std::string name() const { return "spread: attribute:" + attribute; }

    void narrow(const RoomView& rooms, double, Candidates& left) const {
        keep_lowest(left, [&](RoomId room) { return rooms.group_tasks_alike(attribute, room); });
    }
    void narrow_stop(const RoomView& rooms, double, Candidates& left) const {
        keep_highest(left, [&](RoomId room) { return rooms.group_tasks_alike(attribute, room); });
    }
    friend bool operator==(const SpreadAttribute&, const SpreadAttribute&) = default;
};
static_assert(NarrowingStrategy<SpreadAttribute>);

}  // namespace fleetsim::placement
