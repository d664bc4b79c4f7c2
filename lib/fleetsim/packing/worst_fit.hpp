#pragma once

#include <string_view>

#include <fleetsim/packing/policy.hpp>
#include <fleetsim/packing/room.hpp>

namespace fleetsim::packing {

/// Worst Fit in several dimensions: the node with the largest sum of the fractions left.
///
/// Source: D. S. Johnson, "Near-Optimal Bin Packing Algorithms" (1973), there for one dimension.
struct WorstFit {
    static constexpr std::string_view name = "worst_fit";
    static constexpr bool timeless = true;

    [[nodiscard]] double score(const Node& node, const Arrival& task) const { return room_after(task.demand, node); }
};
static_assert(Policy<WorstFit>);

}  // namespace fleetsim::packing
