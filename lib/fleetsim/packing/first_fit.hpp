#pragma once

#include <string_view>

#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// First Fit: the lowest-numbered node that takes the task.
///
/// Source: D. S. Johnson, "Near-Optimal Bin Packing Algorithms" (1973).
struct FirstFit {
    static constexpr std::string_view name = "first_fit";
    static constexpr bool timeless = true;

    [[nodiscard]] double score(const Node&, const Arrival&) const { return 0; }
};
static_assert(Policy<FirstFit>);

}  // namespace fleetsim::packing
