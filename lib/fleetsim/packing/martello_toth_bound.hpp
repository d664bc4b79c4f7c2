#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fleetsim/packing/item_types.hpp>
#include <fleetsim/packing/items.hpp>

namespace fleetsim::packing {

/// L2 of one dimension. For each alpha up to half a bin: items above `capacity - alpha` have a bin without any item of
/// alpha or more beside them, those above half a bin have one each, and those between alpha and half a bin fill what
/// the latter leave and then more bins. Linear after sorting.
[[nodiscard]] inline std::int64_t martello_toth_bound(const Line& line) {
    const std::vector<std::int64_t>& sizes = line.sizes;
    std::size_t large = 0;  // The first `large` sizes are above half a bin.
    std::int64_t large_items = 0;
    while (large < sizes.size() && 2 * sizes[large] > line.capacity) large_items += line.demand[large++];

    // As alpha falls, large items leave the first kind for the second, and smaller ones enter the third.
    std::size_t alone = large;
    std::int64_t beside_items = 0;  // Large, and not alone.
    std::int64_t beside_sum = 0;
    std::int64_t small_sum = 0;
    std::int64_t bound = large_items;
    for (std::size_t i = large; i <= sizes.size(); ++i) {
        const std::int64_t alpha = i < sizes.size() ? sizes[i] : 0;
        while (alone > 0 && sizes[alone - 1] <= line.capacity - alpha) {
            --alone;
            beside_items += line.demand[alone];
            beside_sum += line.demand[alone] * sizes[alone];
        }
        if (i < sizes.size()) small_sum += line.demand[i] * sizes[i];
        const std::int64_t more = small_sum - (beside_items * line.capacity - beside_sum);
        if (more > 0) bound = std::max(bound, large_items + (more + line.capacity - 1) / line.capacity);
    }
    return bound;
}

/// L2 in the dimension where it is most.
///
/// Source: Martello, Toth, "Lower bounds and reduction procedures for the bin packing problem" (1990).
[[nodiscard]] inline std::int64_t martello_toth_bound(const Items& items) {
    const ItemTypes types = group(items);
    std::int64_t bound = items.count() > 0 ? 1 : 0;
    for (std::size_t h = 0; h < types.dimensions(); ++h) {
        bound = std::max(bound, martello_toth_bound(line_of(types, h)));
    }
    return bound;
}

}  // namespace fleetsim::packing
