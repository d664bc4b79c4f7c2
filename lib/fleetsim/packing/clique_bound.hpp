#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <fleetsim/packing/item_types.hpp>
#include <fleetsim/packing/items.hpp>

namespace fleetsim::packing {

namespace detail {

/// Whether two items cannot share a bin.
[[nodiscard]] inline bool in_conflict(const ItemTypes& types, std::size_t a, std::size_t b) {
    const auto x = types.size_of(a);
    const auto y = types.size_of(b);
    for (std::size_t h = 0; h < x.size(); ++h) {
        if (x[h] + y[h] > types.capacity[h]) return true;
    }
    return false;
}

/// Items of a type that a clique can have: all when they cannot share a bin among themselves.
[[nodiscard]] inline std::int64_t clique_weight(const ItemTypes& types, std::size_t type) {
    return in_conflict(types, type, type) ? types.demand[type] : 1;
}

/// Grows a clique: takes the type with the most conflicts among those left, keeps what is in conflict with it, and so
/// on.
[[nodiscard]] inline std::int64_t greedy_clique(const ItemTypes& types, std::span<const std::int64_t> weight) {
    std::vector<std::size_t> left(types.count());
    std::iota(left.begin(), left.end(), std::size_t{0});
    std::vector<std::int64_t> conflicts(weight.begin(), weight.end());
    for (const std::size_t a : left) {
        for (std::size_t b = 0; b < a; ++b) {
            if (!in_conflict(types, a, b)) continue;
            conflicts[a] += weight[b];
            conflicts[b] += weight[a];
        }
    }
    std::int64_t clique = 0;
    while (!left.empty()) {
        const auto most = [&](std::size_t a, std::size_t b) { return conflicts[a] < conflicts[b]; };
        const std::size_t best = *std::max_element(left.begin(), left.end(), most);
        clique += weight[best];
        std::vector<std::size_t> out;
        std::erase_if(left, [&](std::size_t b) {
            if (b != best && in_conflict(types, best, b)) return false;
            out.push_back(b);
            return true;
        });
        for (const std::size_t gone : out) {
            for (const std::size_t b : left) conflicts[b] -= in_conflict(types, gone, b) ? weight[gone] : 0;
        }
    }
    return clique;
}

}  // namespace detail

/// Items of which no two can share a bin, by the greedy search: each needs a bin of its own.
[[nodiscard]] inline std::int64_t clique_bound(const Items& items) {
    const ItemTypes types = group(items);
    std::vector<std::int64_t> weight;
    for (std::size_t type = 0; type < types.count(); ++type) weight.push_back(detail::clique_weight(types, type));
    return detail::greedy_clique(types, weight);
}

}  // namespace fleetsim::packing
