#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <fleetsim/packing/items.hpp>

namespace fleetsim::packing {

/// Items with equal ones put together: what bounds are computed from, since instances often have few sizes.
struct ItemTypes {
    std::vector<std::int64_t> capacity;  ///< By dimension.
    std::vector<std::int64_t> sizes;     ///< By type, then by dimension; the largest first, by dimension in turn.
    std::vector<std::int64_t> demand;    ///< Items of the type, at least 1.

    [[nodiscard]] std::size_t dimensions() const { return capacity.size(); }
    [[nodiscard]] std::size_t count() const { return demand.size(); }
    [[nodiscard]] std::span<const std::int64_t> size_of(std::size_t type) const {
        return {sizes.data() + type * dimensions(), dimensions()};
    }
};

namespace detail {

/// Makes sizes below 0 nothing, and the bin larger by all of them together in their dimension. A dimension whose bin
/// would become larger than bounds reckon with (2^40) is one in which everything is nothing.
inline void give_room_back(ItemTypes& types) {
    constexpr std::int64_t largest_bin = std::int64_t{1} << 40;
    const std::size_t dimensions = types.dimensions();
    std::vector<std::int64_t> given_back(dimensions, 0);
    for (std::size_t i = 0; i < types.sizes.size(); ++i) {
        if (types.sizes[i] < 0) given_back[i % dimensions] -= types.sizes[i] * types.demand[i / dimensions];
    }
    for (std::size_t h = 0; h < dimensions; ++h) {
        if (given_back[h] == 0) continue;
        const bool too_large = given_back[h] >= largest_bin - types.capacity[h];
        if (!too_large) types.capacity[h] += given_back[h];
        for (std::size_t i = h; i < types.sizes.size(); i += dimensions) {
            if (too_large || types.sizes[i] < 0) types.sizes[i] = 0;
        }
    }
}

}  // namespace detail

/// Some published instances have items of negative size, which make room for others. In such a dimension the bin is
/// taken to be larger by all of them together, and they to be nothing: what fits still fits. So every bound that starts
/// from here holds for such items too.
[[nodiscard]] inline ItemTypes group(const Items& items) {
    std::vector<std::uint32_t> order(items.count());
    std::iota(order.begin(), order.end(), 0U);
    const auto larger = [&items](std::uint32_t a, std::uint32_t b) {
        const auto x = items.size_of(a);
        const auto y = items.size_of(b);
        return std::lexicographical_compare(y.begin(), y.end(), x.begin(), x.end());
    };
    std::stable_sort(order.begin(), order.end(), larger);
    ItemTypes types;
    types.capacity.assign(items.capacity.begin(), items.capacity.end());
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i > 0 && !larger(order[i - 1], order[i])) {
            ++types.demand.back();
            continue;
        }
        const auto size = items.size_of(order[i]);
        types.sizes.insert(types.sizes.end(), size.begin(), size.end());
        types.demand.push_back(1);
    }
    detail::give_room_back(types);
    return types;
}

/// One dimension of items: sizes without repetition, the largest first, and how many there are of each.
struct Line {
    std::int64_t capacity = 0;
    std::vector<std::int64_t> sizes = {};
    std::vector<std::int64_t> demand = {};
};

/// The items' sizes added up over the dimensions with these weights, and the capacity alike. What fits into a bin fits
/// into the sum, whatever the weights, so that each bound of one dimension holds for it.
///
/// `weights` are not negative, and their sum over the capacities stays below 2^40.
[[nodiscard]] inline Line weighted_line(const ItemTypes& types, std::span<const std::int64_t> weights) {
    std::vector<std::pair<std::int64_t, std::int64_t>> sized;
    for (std::size_t type = 0; type < types.count(); ++type) {
        const auto size = types.size_of(type);
        const std::int64_t sum = std::inner_product(size.begin(), size.end(), weights.begin(), std::int64_t{0});
        sized.emplace_back(sum, types.demand[type]);
    }
    std::stable_sort(sized.begin(), sized.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    Line line{std::inner_product(types.capacity.begin(), types.capacity.end(), weights.begin(), std::int64_t{0})};
    for (const auto& [size, demand] : sized) {
        if (!line.sizes.empty() && line.sizes.back() == size) {
            line.demand.back() += demand;
            continue;
        }
        line.sizes.push_back(size);
        line.demand.push_back(demand);
    }
    return line;
}

/// One dimension alone.
[[nodiscard]] inline Line line_of(const ItemTypes& types, std::size_t dimension) {
    std::vector<std::int64_t> weights(types.dimensions(), 0);
    weights[dimension] = 1;
    return weighted_line(types, weights);
}

}  // namespace fleetsim::packing
