#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <fleetsim/packing/items.hpp>

/// What the heuristics of several dimensions are made of: sizes as shares of the capacity, weights of the dimensions
/// and measures of a vector. All in single precision and summed in the order of items and dimensions, as in the study
/// they come from: its bin counts depend on how nearly equal scores round.
///
/// Source: "Classification and evaluation of the algorithms for vector bin packing" (Computers & Operations Research,
/// 2025).
namespace fleetsim::packing {

/// Sizes divided by the capacity, by item, then by dimension.
class Shares {
public:
    explicit Shares(const Items& items) : dimensions_(items.dimensions()) {
        shares_.reserve(items.sizes.size());
        for (std::size_t k = 0; k < items.sizes.size(); ++k) {
            shares_.push_back(static_cast<float>(items.sizes[k]) / static_cast<float>(items.capacity[k % dimensions_]));
        }
    }

    [[nodiscard]] std::size_t dimensions() const { return dimensions_; }
    [[nodiscard]] std::size_t count() const { return shares_.size() / dimensions_; }
    [[nodiscard]] std::span<const float> of(std::size_t item) const {
        return {shares_.data() + item * dimensions_, dimensions_};
    }

    /// Of all items, by dimension.
    [[nodiscard]] std::vector<float> sums() const {
        std::vector<float> sums(dimensions_, 0.0F);
        for (std::size_t k = 0; k < shares_.size(); ++k) sums[k % dimensions_] += shares_[k];
        return sums;
    }

private:
    std::size_t dimensions_;
    std::vector<float> shares_;
};

/// How much a dimension counts, given the sum of the shares of `count` items in it.
struct Weighting {
    std::string_view name;
    float (*of)(float sum, float count);

    [[nodiscard]] std::vector<float> weights(std::span<const float> sums, std::size_t count) const {
        std::vector<float> weights;
        for (const float sum : sums) weights.push_back(of(sum, static_cast<float>(count)));
        return weights;
    }
};

/// A dimension that no item uses counts nothing with `recip_avg`.
inline constexpr std::array weightings{
    Weighting{"unit", [](float, float) { return 1.0F; }},
    Weighting{"avg", [](float sum, float) { return sum; }},
    Weighting{"expo", [](float sum, float count) { return std::exp(0.01F * sum / std::max(count, 1.0F)); }},
    Weighting{"recip_avg", [](float sum, float) { return sum > 0 ? 1.0F / sum : 0.0F; }},
};

/// How large a vector is. `l2` is without its root, which changes no order.
struct Measure {
    std::string_view name;
    float (*of)(std::span<const float> weights, std::span<const float> vector);
};

inline constexpr std::array measures{
    Measure{"l1",
            [](std::span<const float> weights, std::span<const float> vector) {
                float sum = 0;
                for (std::size_t h = 0; h < vector.size(); ++h) sum += weights[h] * vector[h];
                return sum;
            }},
    Measure{"l2",
            [](std::span<const float> weights, std::span<const float> vector) {
                float sum = 0;
                for (std::size_t h = 0; h < vector.size(); ++h) sum += weights[h] * vector[h] * vector[h];
                return sum;
            }},
    Measure{"linf",
            [](std::span<const float> weights, std::span<const float> vector) {
                float most = 0;
                for (std::size_t h = 0; h < vector.size(); ++h) most = std::max(most, weights[h] * vector[h]);
                return most;
            }},
};

}  // namespace fleetsim::packing
