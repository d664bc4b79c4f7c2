#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fleetsim::packing {

/// So many of one kind of item.
struct Portion {
    std::uint32_t kind;
    std::int32_t count;
    friend constexpr bool operator==(const Portion&, const Portion&) = default;
};

/// What lies together in one container; each kind once, no count zero.
using Pattern = std::vector<Portion>;

/// Which items of a container are worth most together: a knapsack of several dimensions, with a limit to each kind.
/// Views only; nothing negative. Values stay below 2^31, capacities below 2^40.
struct Knapsack {
    std::span<const std::int64_t> capacity;  ///< By dimension.
    std::span<const std::int64_t> sizes;     ///< By kind, then by dimension.
    std::span<const std::int64_t> most;      ///< By kind.
    std::span<const std::int64_t> values;    ///< By kind.
    std::span<const std::int64_t> weights;   ///< By dimension, as `dimension_weights` gives them.

    [[nodiscard]] std::size_t dimensions() const { return capacity.size(); }
    [[nodiscard]] std::size_t kinds() const { return most.size(); }
    [[nodiscard]] std::span<const std::int64_t> size_of(std::size_t kind) const {
        return sizes.subspan(kind * dimensions(), dimensions());
    }
};

struct KnapsackAnswer {
    std::int64_t at_most = 0;         ///< Proven: no pattern is worth more. At least the `above` asked for.
    std::vector<Pattern> patterns{};  ///< Found, each worth more than `above`, the last one most.
    std::int64_t work = 0;            ///< Done, in elementary steps of about a nanosecond.
};

/// Whole weights of the dimensions, such that a full container weighs 2^30 or a little more: the scarcer a dimension,
/// the heavier, by the linear relaxation of the knapsack (whose own weights are not looked at). Any weights make a
/// right search; good ones make a short one, also for other values.
[[nodiscard]] std::vector<std::int64_t> dimension_weights(const Knapsack& knapsack);

/// Patterns worth more than `above`, and a proof of how much any could be worth: exact when the work suffices, else an
/// upper bound. All in integers.
///
/// Depth first by value per weight, where the weight adds up the dimensions; what remains is estimated by the
/// relaxation of that sum. In one dimension, dynamic programming takes over where the search is long.
///
/// Source: Kellerer, Pferschy, Pisinger, "Knapsack Problems" (2004), chapters 2, 3, 5 and 9.
[[nodiscard]] KnapsackAnswer most_valuable(const Knapsack& knapsack, std::int64_t above, std::int64_t most_work);

}  // namespace fleetsim::packing
