#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <boost/math/distributions/binomial.hpp>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/histogram.hpp>
#include <fleetsim/des/normal_quantile.hpp>

namespace fleetsim::des {

/// Two places among values in ascending order, counted from 1, between whose values a quantile lies.
struct QuantileRanks {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    double coverage = 0;  ///< The chance that it does; at least the level asked for.
};

/// A quantile of a sample, and the interval in which that of the population lies.
template <class Value>
struct QuantileInterval {
    Value value{};
    Value low{};
    Value high{};
    double coverage = 0;  ///< At least the level asked for.
};

namespace detail {

/// The chances that not one of `count` values lies below the `q`-quantile of their law, and that all of them do.
struct OneSided {
    double none = 0;
    double all = 0;
};

[[nodiscard]] inline OneSided one_sided(std::uint64_t count, double q) {
    const double n = static_cast<double>(count);
    return {std::exp(n * std::log1p(-q)), std::exp(n * std::log(q))};
}

/// The first of `first` … `last` that holds, where all later ones do too; `last` without being asked.
template <class Condition>
[[nodiscard]] std::uint64_t first_that(std::uint64_t first, std::uint64_t last, Condition holds) {
    while (first < last) {
        const std::uint64_t middle = first + (last - first) / 2;
        if (holds(middle)) {
            last = middle;
        } else {
            first = middle + 1;
        }
    }
    return first;
}

/// The same for 1 … `last`, faster where the answer lies near `guess`.
template <class Condition>
[[nodiscard]] std::uint64_t first_that_near(double guess, std::uint64_t last, Condition holds) {
    constexpr double reach = 8;
    const double most = std::min(static_cast<double>(last), 0x1p62);  // Still a number of 64 bits when rounded.
    const auto low = static_cast<std::uint64_t>(std::clamp(guess - reach, 1.0, most));
    const auto high = static_cast<std::uint64_t>(std::clamp(guess + reach, 1.0, most));
    if (holds(low)) return first_that(1, low, holds);
    return holds(high) ? first_that(low, high, holds) : first_that(high, last, holds);
}

/// How many standard deviations below the mean a normal law leaves a share `tail`.
[[nodiscard]] inline double normal_distance(double tail) { return -normal_quantile(std::max(tail, 1e-300)); }

inline void check_quantile(double q, double level) {
    FLEETSIM_CHECK(q >= 1e-9 && q <= 1 - 1e-9);
    FLEETSIM_CHECK(level > 0 && level < 1);
}

}  // namespace detail

/// The ranks between which the `q`-quantile of the law lies, of which `count` independent values were drawn, with a
/// chance of `level` or more: whatever the law, since the number of values below its quantile is binomial. Each side
/// may miss by half of 1 - `level`; where even the extreme value misses more often, the other side gets what is left.
/// None when there are too few values: see `fewest_for_quantile`.
///
/// 1e-9 ≤ `q` ≤ 1 - 1e-9. Costs a dozen looks at the binomial law, which is some 0.1 ms even for 10^9 values.
/// The values must be independent; successive response times of one run are not.
///
/// Source: David, Nagaraja, "Order Statistics", distribution-free confidence intervals for quantiles.
[[nodiscard]] inline std::optional<QuantileRanks> quantile_ranks(std::uint64_t count, double q, double level) {
    detail::check_quantile(q, level);
    if (count == 0) return std::nullopt;
    const double misses = 1 - level;
    const detail::OneSided extreme = detail::one_sided(count, q);
    if (extreme.none + extreme.all > misses) return std::nullopt;
    const double low_misses = extreme.all > misses / 2 ? misses - extreme.all : misses / 2;
    const double high_misses = extreme.none > misses / 2 ? misses - extreme.none : misses / 2;

    const boost::math::binomial_distribution<double> below(static_cast<double>(count), q);
    const auto up_to = [&](std::uint64_t values) { return boost::math::cdf(below, static_cast<double>(values)); };
    const auto more_than = [&](std::uint64_t values) {
        return boost::math::cdf(boost::math::complement(below, static_cast<double>(values)));
    };
    // The value of rank r lies above the quantile when fewer than r values lie below it, and below when at least r do.
    const double middle = static_cast<double>(count) * q;
    const double spread = std::sqrt(middle * (1 - q));
    QuantileRanks ranks;
    ranks.low = detail::first_that_near(middle - spread * detail::normal_distance(low_misses), count,
                                        [&](std::uint64_t rank) { return up_to(rank) > low_misses; });
    ranks.high = detail::first_that_near(middle + spread * detail::normal_distance(high_misses), count,
                                         [&](std::uint64_t rank) { return more_than(rank - 1) <= high_misses; });
    ranks.coverage = 1 - up_to(ranks.low - 1) - more_than(ranks.high - 1);
    return ranks;
}

/// The fewest independent values of which `quantile_ranks` finds an interval: 299 for the 99th percentile at 95 %.
[[nodiscard]] inline std::uint64_t fewest_for_quantile(double q, double level) {
    detail::check_quantile(q, level);
    const auto enough = [&](std::uint64_t count) {
        const detail::OneSided extreme = detail::one_sided(count, q);
        return extreme.none + extreme.all <= 1 - level;
    };
    std::uint64_t most = 2;
    while (!enough(most)) most *= 2;
    return detail::first_that(2, most, enough);
}

/// Of independent values in ascending order.
[[nodiscard]] inline std::optional<QuantileInterval<double>> quantile_interval(std::span<const double> sorted, double q,
                                                                               double level) {
    const std::optional<QuantileRanks> ranks = quantile_ranks(sorted.size(), q, level);
    if (!ranks) return std::nullopt;
    const auto at = [&](std::uint64_t rank) { return sorted[static_cast<std::size_t>(rank - 1)]; };
    return QuantileInterval<double>{at(rank_of_quantile(q, sorted.size())), at(ranks->low), at(ranks->high),
                                    ranks->coverage};
}

/// Of independent values in a histogram, whose buckets blur each figure by up to 0.1 %.
[[nodiscard]] inline std::optional<QuantileInterval<std::int64_t>> quantile_interval(const LogHistogram& values,
                                                                                     double q, double level) {
    const std::optional<QuantileRanks> ranks = quantile_ranks(values.count(), q, level);
    if (!ranks) return std::nullopt;
    return QuantileInterval<std::int64_t>{values.value_at_quantile(q), values.value_at_rank(ranks->low),
                                          values.value_at_rank(ranks->high), ranks->coverage};
}

}  // namespace fleetsim::des
