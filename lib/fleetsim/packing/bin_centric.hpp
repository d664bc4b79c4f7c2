#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <fleetsim/packing/items.hpp>
#include <fleetsim/packing/measure.hpp>

namespace fleetsim::packing {

/// How well an item suits the open bin: the largest wins.
struct BinScore {
    std::string_view name;
    float (*of)(std::span<const float> weights, std::span<const float> room, std::span<const float> item);
};

namespace detail {

inline float weighted_dot(std::span<const float> weights, std::span<const float> a, std::span<const float> b) {
    float sum = 0;
    for (std::size_t h = 0; h < a.size(); ++h) sum += weights[h] * a[h] * b[h];
    return sum;
}

/// The share of the room that an item takes. Nothing of nothing is nothing.
inline float taken(float item, float room) { return item > 0 ? item / room : 0.0F; }

}  // namespace detail

/// `l2norm` is the norm-based greedy of Panigrahy et al., "Heuristics for Vector Bin Packing" (2011).
inline constexpr std::array bin_scores{
    BinScore{"dp1", [](std::span<const float> weights, std::span<const float> room,
                       std::span<const float> item) { return detail::weighted_dot(weights, room, item); }},
    BinScore{"dp2",
             [](std::span<const float> weights, std::span<const float> room, std::span<const float> item) {
                 float item_square = 0;
                 float room_square = 0;
                 for (std::size_t h = 0; h < item.size(); ++h) {
                     item_square += item[h] * item[h];
                     room_square += room[h] * room[h];
                 }
                 const float lengths = std::sqrt(item_square) * std::sqrt(room_square);
                 return lengths > 0 ? detail::weighted_dot(weights, room, item) / lengths : 0.0F;
             }},
    BinScore{"l2norm",
             [](std::span<const float> weights, std::span<const float> room, std::span<const float> item) {
                 float sum = 0;
                 for (std::size_t h = 0; h < item.size(); ++h) {
                     const float left = room[h] - item[h];
                     sum += weights[h] * left * left;
                 }
                 return -sum;
             }},
    BinScore{"tight_fill_sum",
             [](std::span<const float> weights, std::span<const float> room, std::span<const float> item) {
                 float sum = 0;
                 for (std::size_t h = 0; h < item.size(); ++h) sum += weights[h] * detail::taken(item[h], room[h]);
                 return sum;
             }},
    BinScore{"tight_fill_min",
             [](std::span<const float> weights, std::span<const float> room, std::span<const float> item) {
                 float least = weights[0] * detail::taken(item[0], room[0]);
                 for (std::size_t h = 1; h < item.size(); ++h) {
                     least = std::min(least, weights[h] * detail::taken(item[h], room[h]));
                 }
                 return least;
             }},
};

/// When the weights of the dimensions are computed.
enum class WeighedOver { all_items, items_left };

/// One bin is open; the item of best score among those that fit goes in (of equals the first), and when none fits the
/// next bin is opened.
[[nodiscard]] inline Bins bin_centric(const Items& items, const BinScore& score, const Weighting& weighting,
                                      WeighedOver weighed) {
    const std::size_t dimensions = items.dimensions();
    const Shares shares{items};
    std::vector<float> sums = shares.sums();
    std::vector<float> weights = weighting.weights(sums, items.count());
    std::vector<std::uint32_t> left(items.count());
    for (std::size_t item = 0; item < left.size(); ++item) left[item] = static_cast<std::uint32_t>(item);

    Bins bins;
    while (!left.empty()) {
        bins.emplace_back();
        std::vector<std::int32_t> room = items.capacity;
        std::vector<float> room_share(dimensions, 1.0F);
        while (true) {
            std::optional<std::size_t> best;
            float best_score = 0;
            for (std::size_t k = 0; k < left.size(); ++k) {
                const auto size = items.size_of(left[k]);
                if (!std::equal(size.begin(), size.end(), room.begin(), std::less_equal<>{})) continue;
                const float value = score.of(weights, room_share, shares.of(left[k]));
                if (best && !(value > best_score)) continue;
                best = k;
                best_score = value;
            }
            if (!best) break;
            const std::uint32_t item = left[*best];
            bins.back().push_back(item);
            left.erase(left.begin() + static_cast<std::ptrdiff_t>(*best));
            for (std::size_t h = 0; h < dimensions; ++h) {
                room[h] -= items.size_of(item)[h];
                room_share[h] = static_cast<float>(room[h]) / static_cast<float>(items.capacity[h]);
                sums[h] -= shares.of(item)[h];
            }
            if (weighed == WeighedOver::items_left) weights = weighting.weights(sums, left.size());
        }
    }
    return bins;
}

}  // namespace fleetsim::packing
