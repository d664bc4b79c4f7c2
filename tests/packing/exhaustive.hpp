#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fleetsim/des/pick.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/items.hpp>

/// What tests compare bounds and plans with: tiny instances, and the optimum by looking at everything.
namespace fleetsim::packing {

/// Whether the items of the set (bit i is item i) fit into one bin.
inline bool fit_together(const Items& items, std::uint32_t set) {
    for (std::size_t h = 0; h < items.dimensions(); ++h) {
        std::int64_t sum = 0;
        for (std::size_t item = 0; item < items.count(); ++item) {
            if ((set >> item & 1U) != 0) sum += items.size_of(item)[h];
        }
        if (sum > items.capacity[h]) return false;
    }
    return true;
}

/// The least number of bins: over all sets, the last bin being any subset that fits.
inline std::int64_t fewest_bins(const Items& items) {
    const std::uint32_t sets = 1U << items.count();
    std::vector<bool> fits(sets);
    for (std::uint32_t set = 0; set < sets; ++set) fits[set] = fit_together(items, set);
    std::vector<std::int64_t> bins(sets, 0);
    for (std::uint32_t set = 1; set < sets; ++set) {
        bins[set] = static_cast<std::int64_t>(items.count());
        for (std::uint32_t part = set; part > 0; part = (part - 1) & set) {
            if (fits[part]) bins[set] = std::min(bins[set], 1 + bins[set & ~part]);
        }
    }
    return bins[sets - 1];
}

/// A number from `least` to `most`.
inline std::int32_t between(des::Sequence& chance, std::int32_t least, std::int32_t most) {
    return least + static_cast<std::int32_t>(des::picked(chance.unit(), static_cast<std::size_t>(most - least) + 1));
}

/// Up to eight items of one to three dimensions, some of them equal.
inline Items tiny_items(des::Sequence& chance) {
    Items items;
    const std::int32_t dimensions = between(chance, 1, 3);
    for (std::int32_t h = 0; h < dimensions; ++h) items.capacity.push_back(between(chance, 5, 40));
    const std::int32_t count = between(chance, 1, 8);
    const std::int32_t smallest_part = between(chance, 1, 4);
    for (std::int32_t i = 0; i < count; ++i) {
        const bool again = i > 0 && between(chance, 0, 3) == 0;
        for (std::size_t h = 0; h < items.dimensions(); ++h) {
            const std::int32_t capacity = items.capacity[h];
            items.sizes.push_back(again ? *(items.sizes.end() - dimensions)
                                        : between(chance, h == 0 ? 1 : 0, std::max(1, capacity / smallest_part)));
        }
    }
    return items;
}

}  // namespace fleetsim::packing
