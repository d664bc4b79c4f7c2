#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/placement/resources.hpp>

/// What every placement strategy looks at, and the two steps all of them are made of.
namespace fleetsim::placement {

/// A container instance as the placer sees it.
struct Room {
    Resources remaining = Resources::Zero();
    std::uint32_t zone = 0;        ///< Any number that tells availability zones apart.
    std::int32_t group_tasks = 0;  ///< Tasks of the same service here that are to run, started or not.
    bool accepting = true;         ///< ACTIVE with a connected agent; false while draining.
};

/// One answer that is still possible. Placing, `choice` is the room itself; stopping, it is one of the room's tasks.
struct Candidate {
    std::size_t room = 0;
    std::size_t choice = 0;
};
using Candidates = std::vector<Candidate>;

/// A strategy ranks and never forbids: of the candidates it is given it leaves the best, at least one, in their order.
/// `tie` in [0, 1) is the decision's only draw; a strategy that uses it leaves one candidate.
template <class S>
concept NarrowingStrategy = std::regular<S> && requires(std::span<const Room> rooms, double tie, Candidates& left) {
    { S::name } -> std::convertible_to<std::string_view>;
    { S::narrow(rooms, tie, left) } -> std::same_as<void>;
    { S::narrow_stop(rooms, tie, left) } -> std::same_as<void>;
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
    keep_lowest(left, [&](std::size_t room) { return -key(room); });
}

}  // namespace fleetsim::placement
