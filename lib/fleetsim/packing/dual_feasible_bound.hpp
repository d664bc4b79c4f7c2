#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fleetsim/packing/item_types.hpp>
#include <fleetsim/packing/items.hpp>
#include <fleetsim/packing/martello_toth_bound.hpp>

/// Dual feasible functions give each size a new one such that what fits into a bin still fits: the volume of the new
/// sizes is then a bound, often a better one. In whole numbers: `size` of `capacity` becomes `new size` of `full`.
///
/// Source: Clautiaux, Alves, Valério de Carvalho, "A survey of dual-feasible and superadditive functions" (2010).
namespace fleetsim::packing::dual_feasible {

/// u^(k) of Fekete and Schepers: multiples of 1/(k+1) stay, others are rounded down to a multiple of it and then
/// stretched.
struct Rounding {
    std::int64_t capacity;
    std::int64_t k;

    [[nodiscard]] std::int64_t full() const { return k * capacity; }
    [[nodiscard]] std::int64_t operator()(std::int64_t size) const {
        const std::int64_t stretched = (k + 1) * size;
        return stretched % capacity == 0 ? size * k : stretched / capacity * capacity;
    }
};

/// f_0^(k) of Carlier, Clautiaux and Moukrim: how many times k goes into small items, and into what large ones leave.
struct Counting {
    std::int64_t capacity;
    std::int64_t k;

    [[nodiscard]] std::int64_t full() const { return 2 * (capacity / k); }
    [[nodiscard]] std::int64_t operator()(std::int64_t size) const {
        if (2 * size > capacity) return 2 * (capacity / k - (capacity - size) / k);
        if (2 * size == capacity) return capacity / k;
        return 2 * (size / k);
    }
};

/// The function of Burdet and Johnson at capacity/k: how many times k goes into the size, and a part for the rest where
/// it is more than what k leaves of a bin.
struct Steps {
    std::int64_t capacity;
    std::int64_t k;

    [[nodiscard]] std::int64_t full() const { return capacity / k * (k - capacity % k); }
    [[nodiscard]] std::int64_t operator()(std::int64_t size) const {
        const std::int64_t rest = capacity % k;
        return size / k * (k - rest) + std::max<std::int64_t>(0, size % k - rest);
    }
};

/// The line with items below alpha left out and those above `capacity - alpha` as large as the bin: what L2 does, and
/// itself a dual feasible function, so that others may follow it.
[[nodiscard]] inline Line without_small(const Line& line, std::int64_t alpha) {
    Line kept{line.capacity};
    for (std::size_t i = 0; i < line.sizes.size(); ++i) {
        if (line.sizes[i] < alpha) continue;
        kept.sizes.push_back(line.sizes[i] > line.capacity - alpha ? line.capacity : line.sizes[i]);
        kept.demand.push_back(line.demand[i]);
    }
    return kept;
}

template <class Function>
[[nodiscard]] std::int64_t volume(const Line& line, const Function& function) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < line.sizes.size(); ++i) sum += line.demand[i] * function(line.sizes[i]);
    return (sum + function.full() - 1) / function.full();
}

/// At most `count` of the values, spread evenly over their places.
[[nodiscard]] inline std::vector<std::int64_t> some_of(const std::vector<std::int64_t>& values, std::size_t count) {
    if (values.size() <= count) return values;
    std::vector<std::int64_t> some;
    for (std::size_t i = 0; i < count; ++i) some.push_back(values[i * values.size() / count]);
    return some;
}

/// Where the functions with a parameter change: at the sizes up to half a bin, at what larger ones leave, and at simple
/// fractions of a bin.
[[nodiscard]] inline std::vector<std::int64_t> parameters(const Line& line) {
    std::vector<std::int64_t> values;
    for (const std::int64_t size : line.sizes) {
        const std::int64_t value = std::min(size, line.capacity - size);
        if (value > 0) values.push_back(value);
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    values = some_of(values, 64);
    for (std::int64_t parts = 2; parts <= 12; ++parts) {
        for (const std::int64_t value : {line.capacity / parts, line.capacity / parts + 1}) {
            if (value > 0 && 2 * value <= line.capacity) values.push_back(value);
        }
    }
    return values;
}

/// The best that the functions give for one line.
[[nodiscard]] inline std::int64_t bound(const Line& line) {
    std::int64_t best = martello_toth_bound(line);
    const std::vector<std::int64_t> ks = parameters(line);
    std::vector<std::int64_t> alphas = some_of(ks, 8);
    alphas.push_back(0);
    for (const std::int64_t alpha : alphas) {
        const Line kept = without_small(line, alpha);
        for (std::int64_t k = 1; k <= 20; ++k) best = std::max(best, volume(kept, Rounding{line.capacity, k}));
        for (const std::int64_t k : ks) {
            best = std::max(best, volume(kept, Counting{line.capacity, k}));
            best = std::max(best, volume(kept, Steps{line.capacity, k}));
        }
    }
    return best;
}

}  // namespace fleetsim::packing::dual_feasible

namespace fleetsim::packing {

namespace detail {

/// Weights under which dimensions are added up: each alone, each two together, and all, full bins counting alike.
[[nodiscard]] inline std::vector<std::vector<std::int64_t>> weightings(const ItemTypes& types) {
    const std::size_t dimensions = types.dimensions();
    const auto weight = [&types](std::size_t h) { return (std::int64_t{1} << 31) / types.capacity[h]; };
    std::vector<std::vector<std::int64_t>> all;
    const std::vector<std::int64_t> none(dimensions, 0);
    for (std::size_t h = 0; h < dimensions; ++h) {
        all.push_back(none);
        all.back()[h] = 1;
    }
    for (std::size_t h = 0; h < dimensions; ++h) {
        for (std::size_t g = 0; g < h; ++g) {
            all.push_back(none);
            all.back()[h] = weight(h);
            all.back()[g] = weight(g);
        }
    }
    if (dimensions > 2) {
        all.push_back(none);
        for (std::size_t h = 0; h < dimensions; ++h) all.back()[h] = weight(h);
    }
    return all;
}

}  // namespace detail

/// The best bound by dual feasible functions over the dimensions, and over sums of them. (Products of functions of
/// different dimensions, as for rectangles, are valid for vectors too, but never better than one of the factors.)
[[nodiscard]] inline std::int64_t dual_feasible_bound(const Items& items) {
    const ItemTypes types = group(items);
    std::int64_t best = items.count() > 0 ? 1 : 0;
    for (const std::vector<std::int64_t>& weights : detail::weightings(types)) {
        best = std::max(best, dual_feasible::bound(weighted_line(types, weights)));
    }
    return best;
}

}  // namespace fleetsim::packing
