#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/id.hpp>
#include <fleetsim/placement/resources.hpp>

/// What every placement strategy looks at, and the two steps all of them are made of.
namespace fleetsim::placement {

/// A container instance. Numbers rise in the order of registration and are never given twice.
using RoomId = des::Id<struct RoomTag>;

/// One answer that is still possible: a room, and when a task is to be stopped, which of those asked about.
struct Candidate {
    RoomId room;
    std::size_t choice = 0;
};
using Candidates = std::vector<Candidate>;

/// What a strategy may ask about the rooms, for a task of one group.
class RoomView {
public:
    virtual ~RoomView() = default;
    [[nodiscard]] virtual const Resources& left(RoomId room) const = 0;
    /// Tasks of the same group in the room that are to run, started or not.
    [[nodiscard]] virtual std::int64_t group_tasks(RoomId room) const = 0;
    /// The same in all rooms, full ones included, that have this room's value of the attribute.
    [[nodiscard]] virtual std::int64_t group_tasks_alike(std::string_view attribute, RoomId room) const = 0;
};

/// A strategy ranks and never forbids: of the candidates it is given it leaves the best, at least one, in their order.
/// `tie` in [0, 1) is the decision's only draw; a strategy that uses it leaves one candidate.
template <class S>
concept NarrowingStrategy = std::regular<S> &&
    requires(const S& s, const RoomView& rooms, double tie, Candidates& left) {
    { s.name() } -> std::convertible_to<std::string>;
    { s.narrow(rooms, tie, left) } -> std::same_as<void>;
    { s.narrow_stop(rooms, tie, left) } -> std::same_as<void>;
};

/// Leaves the candidates whose room has the lowest `key`.
template <class Key>
void keep_lowest(Candidates& left, Key key) {
    if (left.empty()) return;
    auto lowest = key(left.front().room);
    for (const Candidate& candidate : left) lowest = std::min(lowest, key(candidate.room));
    std::erase_if(left, [&](const Candidate& candidate) { return key(candidate.room) != lowest; });
}

/// Leaves the candidates whose room has the highest `key`.
template <class Key>
void keep_highest(Candidates& left, Key key) {
    keep_lowest(left, [&](RoomId room) { return -key(room); });
}

}  // namespace fleetsim::placement
