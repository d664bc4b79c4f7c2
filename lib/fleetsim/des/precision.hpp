#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/normal_quantile.hpp>
#include <fleetsim/des/statistics.hpp>

namespace fleetsim::des {

/// How exactly a mean is to be known before replications stop.
struct PrecisionTarget {
    double relative_error = 0.05;  ///< Of the true mean, above 0 and below 1.
    double level = 0.95;           ///< Of the interval that says so, above 0 and below 1.
    std::uint64_t minimum = 10;    ///< Replications to run in any case, 2 at least: the first few cannot be trusted.
    std::uint64_t maximum = 1000;  ///< Replications not to exceed, `minimum` at least.
};

enum class Progress {
    unfinished,  ///< Run more replications.
    reached,     ///< The mean is known as exactly as was asked.
    exhausted,   ///< It is not, but no more replications are allowed.
};

struct Precision {
    Progress progress = Progress::unfinished;
    std::optional<Interval> interval;  ///< None for fewer than two replications.
    /// Replications that will do in all, if their variance stays what it is so far: what there are already when it is
    /// reached, and more than the maximum when the target is out of reach. None for fewer than two replications, or
    /// when none below 2^50 would do, as around a mean of 0.
    std::optional<std::uint64_t> needed;
};

/// The half-width, as a share of the estimated mean, that keeps the error within `relative_error` of the true one. An
/// estimate that is off by a share g of itself is off by up to g / (1 - g) of the truth, so g = γ / (1 + γ) is asked
/// for rather than γ.
///
/// Source: Law, "Simulation Modeling and Analysis", obtaining a specified precision.
[[nodiscard]] inline double adjusted_relative_error(double relative_error) {
    return relative_error / (1 + relative_error);
}

namespace detail {

[[nodiscard]] inline bool precise_with(const MeanVariance& seen, std::uint64_t replications,
                                       const PrecisionTarget& target) {
    const double n = static_cast<double>(replications);
    const double half = student_quantile(n - 1, target.level) * seen.stddev() / std::sqrt(n);
    return half <= adjusted_relative_error(target.relative_error) * std::abs(seen.mean);
}

/// The fewest replications, no fewer than seen, that do. Student's quantiles exceed the normal one, so more are needed
/// than the normal law would ask for: the search goes up from there.
[[nodiscard]] inline std::optional<std::uint64_t> replications_needed(const MeanVariance& seen,
                                                                      const PrecisionTarget& target) {
    std::uint64_t too_few = std::max(seen.count, target.minimum);
    if (precise_with(seen, too_few, target)) return too_few;
    const double ratio = normal_quantile(0.5 + target.level / 2) * seen.stddev() /
                         (adjusted_relative_error(target.relative_error) * std::abs(seen.mean));
    if (!(ratio * ratio < 0x1p50)) return std::nullopt;
    too_few = std::max(too_few, static_cast<std::uint64_t>(ratio * ratio));
    std::uint64_t enough = too_few + 1;
    while (!precise_with(seen, enough, target)) {
        const std::uint64_t step = 2 * (enough - too_few);
        too_few = enough;
        enough += step;
    }
    while (enough - too_few > 1) {
        const std::uint64_t middle = too_few + (enough - too_few) / 2;
        (precise_with(seen, middle, target) ? enough : too_few) = middle;
    }
    return enough;
}

}  // namespace detail

/// Whether to go on, asked after every replication: Law's sequential procedure. `seen` holds one mean per replication.
/// An estimate whose replications all agree is exact, 0 included. A mean of 0 with some variance has no relative error,
/// so the maximum alone ends it.
///
/// Looking again and again favours samples that happen to be narrow: with a `minimum` of 10 the interval covers the
/// mean a little less often than its level says. Costs well under a millisecond.
///
/// Source: Law, "Simulation Modeling and Analysis", obtaining a specified precision.
[[nodiscard]] inline Precision precision_of(const MeanVariance& seen, const PrecisionTarget& target) {
    FLEETSIM_CHECK(target.relative_error > 0 && target.relative_error < 1);
    FLEETSIM_CHECK(target.level > 0 && 0.5 + target.level / 2 < 1);
    FLEETSIM_CHECK(target.minimum >= 2 && target.minimum <= target.maximum);
    FLEETSIM_CHECK(std::isfinite(seen.mean) && std::isfinite(seen.squares));
    if (seen.count < 2) return {};
    Precision precision{Progress::unfinished, confidence_interval(seen, target.level),
                        detail::replications_needed(seen, target)};
    if (precision.needed == seen.count) {
        precision.progress = Progress::reached;
    } else if (seen.count >= target.maximum) {
        precision.progress = Progress::exhausted;
    }
    return precision;
}

}  // namespace fleetsim::des
