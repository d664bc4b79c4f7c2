#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fleetsim/packing/items.hpp>

namespace fleetsim::packing {

/// As many bins as hold the items if they could be poured: the sum of sizes over the capacity, rounded up, in the
/// dimension where that is most. Items need a bin even where all their sizes are nothing.
[[nodiscard]] inline std::int64_t volume_bound(const Items& items) {
    std::vector<std::int64_t> sum(items.dimensions(), 0);
    for (std::size_t item = 0; item < items.count(); ++item) {
        const auto size = items.size_of(item);
        for (std::size_t h = 0; h < sum.size(); ++h) sum[h] += size[h];
    }
    std::int64_t bound = items.count() > 0 ? 1 : 0;
    for (std::size_t h = 0; h < sum.size(); ++h) {
        const std::int64_t capacity = items.capacity[h];
        bound = std::max(bound, (sum[h] + capacity - 1) / capacity);
    }
    return bound;
}

}  // namespace fleetsim::packing
