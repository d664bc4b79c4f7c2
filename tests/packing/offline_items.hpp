#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/items.hpp>

#include "exhaustive.hpp"

/// Instances for the tests of the offline algorithms: made by chance, and the field's own where they are at hand.
namespace fleetsim::packing {

inline Items in_one_dimension(std::int32_t capacity, std::vector<std::int32_t> sizes) {
    return {"", {capacity}, std::move(sizes)};
}

/// Items of sizes from `least` to `most`, in thousandths of the capacity; capacities differ between dimensions.
inline Items random_items(des::Sequence& chance, std::size_t dimensions, std::size_t count, std::int32_t least,
                          std::int32_t most) {
    Items items;
    for (std::size_t h = 0; h < dimensions; ++h) items.capacity.push_back(between(chance, 100, 5000));
    for (std::size_t i = 0; i < count; ++i) {
        for (const std::int32_t capacity : items.capacity) {
            items.sizes.push_back(between(chance, least, most) * capacity / 1000);
        }
    }
    return items;
}

/// The sizes in the bins instead of the items' numbers.
inline std::vector<std::vector<std::int32_t>> sizes_in(const Items& items, const Bins& bins) {
    std::vector<std::vector<std::int32_t>> sizes;
    for (const auto& bin : bins) {
        sizes.emplace_back();
        for (const std::uint32_t item : bin) sizes.back().push_back(items.sizes[item]);
    }
    return sizes;
}

}  // namespace fleetsim::packing
