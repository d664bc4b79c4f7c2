#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fleetsim/packing/effort.hpp>
#include <fleetsim/packing/item_types.hpp>
#include <fleetsim/packing/items.hpp>
#include <fleetsim/packing/pattern_cover.hpp>

namespace fleetsim::packing {

/// The relaxation in which patterns (what lies together in one bin) may be used in fractions, rounded up. In one
/// dimension it is the optimum or one less in every instance known; it needs more work than the other bounds, and when
/// the work does not suffice, the answer is the best bound so far.
///
/// Source: Gilmore, Gomory, "A linear programming approach to the cutting-stock problem" (1961).
[[nodiscard]] inline std::int64_t pattern_bound(const Items& items, const Effort& effort = {}) {
    if (items.count() == 0) return 0;
    ItemTypes types = group(items);
    CoverProblem problem{std::move(types.sizes), types.demand, {}};
    problem.containers.push_back({1, std::move(types.capacity), std::move(types.demand)});
    return std::max<std::int64_t>(1, cover_bound(problem, effort.work, effort.bins_found).price);
}

}  // namespace fleetsim::packing
