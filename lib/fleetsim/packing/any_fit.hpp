#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fleetsim/packing/items.hpp>
#include <fleetsim/packing/open_bins.hpp>

/// The rules that take one item after the other and never move it again. A new bin is opened only when the item fits
/// none that the rule looks at; of equally good bins the lowest-numbered is taken.
namespace fleetsim::packing {

/// Items in the order in which they are packed.
using Order = std::vector<std::uint32_t>;

[[nodiscard]] inline Order as_given(const Items& items) {
    Order order(items.count());
    std::iota(order.begin(), order.end(), 0U);
    return order;
}

/// The last bin, else a new one.
[[nodiscard]] inline Bins next_fit(const Items& items, const Order& order) {
    OpenBins open{items};
    for (const std::uint32_t item : order) {
        if (open.count() > 0 && open.fits(item, open.count() - 1)) {
            open.put(item, open.count() - 1);
        } else {
            open.open_for(item);
        }
    }
    return std::move(open).bins();
}

namespace detail {

/// A complete binary tree over as many bins as there could be: a node knows the most room of each dimension below it.
/// Bins that are not open yet count as empty ones, so that a search always ends in the first open bin that fits or else
/// in the next new one.
class FirstFitTree {
public:
    explicit FirstFitTree(const Items& items)
        : items_(items), leaves_(std::bit_ceil(std::max<std::size_t>(items.count(), 1))) {
        most_.reserve(2 * leaves_ * items.dimensions());
        for (std::size_t node = 0; node < 2 * leaves_; ++node) {
            most_.insert(most_.end(), items.capacity.begin(), items.capacity.end());
        }
    }

    [[nodiscard]] std::size_t first(std::size_t item) const {
        std::size_t node = 1;
        while (true) {
            if (admits(node, item)) {
                if (node >= leaves_) return node - leaves_;
                node *= 2;
            } else {
                // Up while we are a right child, then to the sibling: the next subtree on the right.
                while (node % 2 == 1) node /= 2;
                ++node;
            }
        }
    }

    void take(std::size_t item, std::size_t bin) {
        const std::size_t dimensions = items_.dimensions();
        std::size_t node = bin + leaves_;
        for (std::size_t h = 0; h < dimensions; ++h) most_[node * dimensions + h] -= items_.size_of(item)[h];
        for (node /= 2; node > 0; node /= 2) {
            for (std::size_t h = 0; h < dimensions; ++h) {
                most_[node * dimensions + h] =
                    std::max(most_[2 * node * dimensions + h], most_[(2 * node + 1) * dimensions + h]);
            }
        }
    }

private:
    [[nodiscard]] bool admits(std::size_t node, std::size_t item) const {
        const auto size = items_.size_of(item);
        for (std::size_t h = 0; h < size.size(); ++h) {
            if (size[h] > most_[node * size.size() + h]) return false;
        }
        return true;
    }

    const Items& items_;
    std::size_t leaves_;
    std::vector<std::int32_t> most_;  // By node, the root at 1, then by dimension.
};

}  // namespace detail

/// The lowest-numbered bin that fits.
[[nodiscard]] inline Bins first_fit(const Items& items, const Order& order) {
    detail::FirstFitTree tree{items};
    OpenBins open{items};
    for (const std::uint32_t item : order) {
        const std::size_t bin = tree.first(item);
        if (bin == open.count()) {
            open.open_for(item);
        } else {
            open.put(item, bin);
        }
        tree.take(item, bin);
    }
    return std::move(open).bins();
}

/// Of the bins that fit the one whose room measures least (`std::less`) or most (`std::greater`).
template <class MeasureOfRoom, std::copyable Better>
[[nodiscard]] Bins extreme_fit(const Items& items, const Order& order, MeasureOfRoom measure, Better better) {
    using Measured = decltype(measure(std::span<const std::int32_t>{}));
    OpenBins open{items};
    std::vector<Measured> measured;
    for (const std::uint32_t item : order) {
        std::optional<std::size_t> best;
        for (std::size_t bin = 0; bin < open.count(); ++bin) {
            if (best && !better(measured[bin], measured[*best])) continue;
            if (open.fits(item, bin)) best = bin;
        }
        if (best) {
            open.put(item, *best);
            measured[*best] = measure(open.room(*best));
        } else {
            open.open_for(item);
            measured.push_back(measure(open.room(open.count() - 1)));
        }
    }
    return std::move(open).bins();
}

/// The sum over the dimensions of the shares of the capacity that are left. In double precision, so that in one
/// dimension different rooms always differ.
struct ShareLeft {
    std::span<const std::int32_t> capacity;

    [[nodiscard]] double operator()(std::span<const std::int32_t> room) const {
        double sum = 0;
        for (std::size_t h = 0; h < room.size(); ++h) {
            sum += static_cast<double>(room[h]) / static_cast<double>(capacity[h]);
        }
        return sum;
    }
};

/// The bin with the least room left that fits.
[[nodiscard]] inline Bins best_fit(const Items& items, const Order& order) {
    return extreme_fit(items, order, ShareLeft{items.capacity}, std::less<>{});
}

/// The bin with the most room left that fits.
[[nodiscard]] inline Bins worst_fit(const Items& items, const Order& order) {
    return extreme_fit(items, order, ShareLeft{items.capacity}, std::greater<>{});
}

}  // namespace fleetsim::packing
