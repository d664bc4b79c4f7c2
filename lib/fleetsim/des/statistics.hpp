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

    /// `value` is finite: one NaN or infinity would spoil every figure after it.
    void add(double value) {
        FLEETSIM_CHECK(std::isfinite(value));
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

[[nodiscard]] inline double half_width(const Interval& interval) { return (interval.high - interval.low) / 2; }

/// Half the width as a share of the size of the mean. Around a mean of 0 it is infinite, and 0 if there is no width.
[[nodiscard]] inline double relative_half_width(const Interval& interval) {
    const double half = half_width(interval);
    return half == 0 ? 0 : half / std::abs(interval.mean);
}

/// The t such that a share `level` of Student's law lies between -t and t; `degrees_of_freedom` need not be whole.
[[nodiscard]] inline double student_quantile(double degrees_of_freedom, double level) {
    FLEETSIM_CHECK(degrees_of_freedom > 0);
    FLEETSIM_CHECK(level > 0 && 0.5 + level / 2 < 1);
    return boost::math::quantile(boost::math::students_t(degrees_of_freedom), 0.5 + level / 2);
}

/// Mean and variance of all the values.
[[nodiscard]] inline MeanVariance summary(std::span<const double> values) {
    MeanVariance seen;
    for (const double value : values) seen.add(value);
    return seen;
}

/// Student's interval for the mean of independent replications: at least two of them, `level` such as 0.95.
[[nodiscard]] inline Interval confidence_interval(const MeanVariance& seen, double level) {
    FLEETSIM_CHECK(seen.count >= 2);
    const double n = static_cast<double>(seen.count);
    const double half = student_quantile(n - 1, level) * seen.stddev() / std::sqrt(n);
    return {seen.mean, seen.mean - half, seen.mean + half};
}

[[nodiscard]] inline Interval confidence_interval(std::span<const double> values, double level) {
    return confidence_interval(summary(values), level);
}

/// What is left of a - b where the i-th of each met the same chance: as many values in each.
[[nodiscard]] inline MeanVariance paired_summary(std::span<const double> a, std::span<const double> b) {
    FLEETSIM_CHECK(a.size() == b.size());
    MeanVariance seen;
    for (std::size_t i = 0; i < a.size(); ++i) seen.add(a[i] - b[i]);
    return seen;
}

/// Interval for the mean of a - b where the i-th of each met the same chance: as many values in each, at least two.
[[nodiscard]] inline Interval paired_difference(std::span<const double> a, std::span<const double> b, double level) {
    return confidence_interval(paired_summary(a, b), level);
}

/// How many times as many replications two strangers would need to show a difference as exactly as these pairs do: the
/// variance of a - b if the two were independent, over its variance as paired. Above 1 where pairing helped; infinite
/// if all differences are the same, 1 if in addition neither side varies. As many values in each, at least two.
[[nodiscard]] inline double variance_reduction(std::span<const double> a, std::span<const double> b) {
    const MeanVariance paired = paired_summary(a, b);
    FLEETSIM_CHECK(paired.count >= 2);
    const double independent = summary(a).variance() + summary(b).variance();
    return independent == 0 && paired.variance() == 0 ? 1 : independent / paired.variance();
}

/// A difference of two means as Welch's test sees it.
struct WelchDifference {
    Interval interval;
    double t = 0;                   ///< The difference over its standard error; infinite if nothing varies.
    double degrees_of_freedom = 0;  ///< Rarely whole.
};

/// Interval for the difference of the means of two independent groups, which need be neither equally many nor equally
/// spread: at least two values in each.
///
/// Source: Welch, "The Generalization of 'Student's' Problem when Several Different Population Variances are Involved"
/// (1947).
[[nodiscard]] inline WelchDifference unpaired_difference(const MeanVariance& a, const MeanVariance& b, double level) {
    FLEETSIM_CHECK(a.count >= 2 && b.count >= 2);
    const double of_a = a.variance() / static_cast<double>(a.count);
    const double of_b = b.variance() / static_cast<double>(b.count);
    const double error = std::sqrt(of_a + of_b);
    // Shares rather than squares of variances, which could leave the range of a double.
    const double share = error > 0 ? of_a / (of_a + of_b) : 0.5;
    const double freedom = 1 / (share * share / static_cast<double>(a.count - 1) +
                                (1 - share) * (1 - share) / static_cast<double>(b.count - 1));
    const double mean = a.mean - b.mean;
    const double half = student_quantile(freedom, level) * error;
    return {{mean, mean - half, mean + half}, mean == 0 ? 0 : mean / error, freedom};
}

}  // namespace fleetsim::des
