#pragma once

#include <string>

#include <fleetsim/des/pick.hpp>
#include <fleetsim/placement/narrowing.hpp>

namespace fleetsim::placement {

/// Any candidate, each alike. It takes the decision's one draw: with a single candidate left, no tie remains to be
/// broken with it, and whatever follows in the chain has nothing to choose from.
///
/// Source: Amazon ECS Developer Guide, "Use strategies to define Amazon ECS task placement".
struct Random {
    [[nodiscard]] static std::string name() { return "random"; }

    static void narrow(const RoomView&, double tie, Candidates& left) {
        if (!left.empty()) left = {left[des::picked(tie, left.size())]};
    }
    static void narrow_stop(const RoomView& rooms, double tie, Candidates& left) { narrow(rooms, tie, left); }
    friend constexpr bool operator==(Random, Random) = default;
};
static_assert(NarrowingStrategy<Random>);

}  // namespace fleetsim::placement
