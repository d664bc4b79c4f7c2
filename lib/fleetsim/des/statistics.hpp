#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <boost/math/distributions/students_t.hpp>

#include <fleetsim/des/check.hpp>

namespace fleetsim::des {

/// Mean and variance of numbers seen one at a time, without the cancellation of a sum of squares.
///
/// Source: Welford (1962); merging by Chan, Golub, LeVeque (1979).
struct MeanVariance {
    std::uint64_t count = 0;
    double mean = 0;
    double squares = 0;  ///< Sum of squared distances from the mean.

    void add(double value) {
        ++count;
        const double distance = value - mean;
        mean += distance / static_cast<double>(count);
        squares += distance * (value - mean);
    }

    void merge(const MeanVariance& other) {
        if (other.count == 0) return;
        const double here = static_cast<double>(count);
        const double there = static_cast<double>(other.count);
        const double distance = other.mean - mean;
        count += other.count;
        mean += distance * (there / (here + there));
        squares += other.squares + distance * distance * (here * there / (here + there));
    }

    /// Of the population the numbers were drawn from (n - 1 in the denominator); 0 for fewer than two numbers.
    [[nodiscard]] double variance() const { return count < 2 ? 0 : squares / static_cast<double>(count - 1); }
    [[nodiscard]] double stddev() const { return std::sqrt(variance()); }
};

struct Interval {
    double mean = 0;
    double low = 0;
    double high = 0;
};

namespace detail {

[[nodiscard]] inline Interval student_interval(const MeanVariance& seen, double level) {
    FLEETSIM_CHECK(seen.count >= 2);
    FLEETSIM_CHECK(level > 0 && level < 1);
    const double n = static_cast<double>(seen.count);
    const double t = boost::math::quantile(boost::math::students_t(n - 1), 0.5 + level / 2);
    const double half_width = t * seen.stddev() / std::sqrt(n);
    return {seen.mean, seen.mean - half_width, seen.mean + half_width};
}

}  // namespace detail

/// Student's interval for the mean of independent replications: at least two values, `level` such as 0.95.
[[nodiscard]] inline Interval confidence_interval(std::span<const double> values, double level) {
    MeanVariance seen;
    for (const double value : values) seen.add(value);
    return detail::student_interval(seen, level);
}

/// Interval for the mean of a - b where the i-th of each met the same chance: as many values in each, at least two.
[[nodiscard]] inline Interval paired_difference(std::span<const double> a, std::span<const double> b, double level) {
    FLEETSIM_CHECK(a.size() == b.size());
    MeanVariance seen;
    for (std::size_t i = 0; i < a.size(); ++i) seen.add(a[i] - b[i]);
    return detail::student_interval(seen, level);
}

}  // namespace fleetsim::des
