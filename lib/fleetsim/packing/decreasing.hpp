#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include <fleetsim/packing/any_fit.hpp>
#include <fleetsim/packing/items.hpp>
#include <fleetsim/packing/measure.hpp>

namespace fleetsim::packing {

/// Largest first; of equals the one that stands first in the file.
[[nodiscard]] inline Order decreasing_order(const Items& items, const Measure& measure,
                                            std::span<const float> weights) {
    const Shares shares{items};
    std::vector<float> measured;
    for (std::size_t item = 0; item < shares.count(); ++item) measured.push_back(measure.of(weights, shares.of(item)));
    Order order = as_given(items);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return measured[a] > measured[b]; });
    return order;
}

/// The measure of the room left in a bin, as shares of the capacity.
struct RoomMeasure {
    std::span<const std::int32_t> capacity;
    const Measure& measure;
    std::span<const float> weights;
    std::vector<float> shares = {};

    [[nodiscard]] float operator()(std::span<const std::int32_t> room) {
        shares.clear();
        for (std::size_t h = 0; h < room.size(); ++h) {
            shares.push_back(static_cast<float>(room[h]) / static_cast<float>(capacity[h]));
        }
        return measure.of(weights, shares);
    }
};

/// Which bin an item gets, once the items are in decreasing order.
struct BinRule {
    std::string_view name;
    Bins (*pack)(const Items& items, const Order& order, const RoomMeasure& measure);
};

inline constexpr std::array bin_rules{
    BinRule{"ffd", [](const Items& items, const Order& order, const RoomMeasure&) { return first_fit(items, order); }},
    BinRule{"bfd", [](const Items& items, const Order& order,
                      const RoomMeasure& measure) { return extreme_fit(items, order, measure, std::less<>{}); }},
    BinRule{"wfd", [](const Items& items, const Order& order,
                      const RoomMeasure& measure) { return extreme_fit(items, order, measure, std::greater<>{}); }},
};

/// First, Best or Worst Fit Decreasing: the items by decreasing measure, each into the bin of the rule.
[[nodiscard]] inline Bins decreasing(const Items& items, const BinRule& rule, const Measure& measure,
                                     const Weighting& weighting) {
    const std::vector<float> weights = weighting.weights(Shares{items}.sums(), items.count());
    return rule.pack(items, decreasing_order(items, measure, weights), RoomMeasure{items.capacity, measure, weights});
}

}  // namespace fleetsim::packing
