#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/stream.hpp>

namespace fleetsim::des {

/// Beyond it, neighbouring counts are no longer far apart for a double.
inline constexpr double largest_poisson_mean = 1e15;

/// How many events of a Poisson process fall into a span that has `mean` of them on average, 0 ≤ mean ≤
/// `largest_poisson_mean`. The variance equals the mean. A law of counts, not of durations.
struct Poisson {
    double mean = 0;
};

[[nodiscard]] inline double mean(const Poisson& law) { return law.mean; }
[[nodiscard]] inline double variance(const Poisson& law) { return law.mean; }

namespace detail {

/// log(k!) less Stirling's (k + 1/2) log k - k + log √(2π), for k ≥ 1.
[[nodiscard]] inline double stirling_error(double k) {
    // Below ten the series is not exact to the last digits.
    constexpr std::array<double, 9> first{8.10614667953272582e-02, 4.13406959554092941e-02, 2.76779256849983391e-02,
                                          2.07906721037650931e-02, 1.66446911898211922e-02, 1.38761288230707480e-02,
                                          1.18967099458917701e-02, 1.04112652619720965e-02, 9.25546218271273292e-03};
    if (k < 10) return first[static_cast<std::size_t>(k) - 1];
    const double inverse = 1 / k;
    const double squared = inverse * inverse;
    constexpr double c1 = 1.0 / 12;
    constexpr double c3 = 1.0 / 360;
    constexpr double c5 = 1.0 / 1260;
    constexpr double c7 = 1.0 / 1680;
    constexpr double c9 = 1.0 / 1188;
    return inverse * (c1 - squared * (c3 - squared * (c5 - squared * (c7 - squared * c9))));
}

/// k log(k/mean) + mean - k, without the cancellation of its terms when `k` is near `mean`.
[[nodiscard]] inline double poisson_deviance(double k, double mean) {
    const double difference = k - mean;
    const double sum = k + mean;
    if (std::abs(difference) >= 0.1 * sum) return k * std::log(k / mean) - difference;
    // k log(k/mean) = 2 k artanh(v) by its series; the first term is split off exactly.
    const double v = difference / sum;
    const double squared = v * v;
    double term = 2 * k * v;
    double value = difference * v;
    for (int odd = 3;; odd += 2) {
        term *= squared;
        const double next = value + term / odd;
        if (next == value) return value;
        value = next;
    }
}

}  // namespace detail

/// Logarithm of the probability of `k` events, `k` a whole number from 0 and mean > 0.
///
/// Source: C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000).
[[nodiscard]] inline double log_probability(const Poisson& law, double k) {
    if (k == 0) return -law.mean;
    constexpr double log_root_two_pi = 0.91893853320467274178;
    return -detail::poisson_deviance(k, law.mean) - detail::stirling_error(k) - 0.5 * std::log(k) - log_root_two_pi;
}

namespace detail {

/// By inversion: probabilities are taken off one number, from 0 events up. The time grows with the mean.
[[nodiscard]] inline std::uint64_t sample_poisson_by_search(double mean, Draws& draws) {
    double left = draws.unit();
    double probability = std::exp(-mean);
    std::uint64_t k = 0;
    while (left > probability) {
        left -= probability;
        ++k;
        probability *= mean / static_cast<double>(k);
        // What is left then is the rounding of the sum.
        if (probability < 0x1p-60 && static_cast<double>(k) > mean) break;
    }
    return k;
}

/// By rejection from a table mountain: 1.33 tries at a mean of 10, 1.17 at 100, towards 1.12.
///
/// Source: W. Hörmann, "The Transformed Rejection Method for Generating Poisson Random Variables" (1993), PTRS.
[[nodiscard]] inline std::uint64_t sample_poisson_by_rejection(double mean, Draws& draws) {
    const double b = 0.931 + 2.53 * std::sqrt(mean);
    const double a = -0.059 + 0.02483 * b;
    const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    const double accepted_at_once = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        const double u = draws.unit() - 0.5;
        const double v = draws.unit();
        const double edge = 0.5 - std::abs(u);
        const double k = std::floor((2 * a / edge + b) * u + mean + 0.43);
        if (edge >= 0.07 && v <= accepted_at_once) return static_cast<std::uint64_t>(k);
        if (k < 0 || (edge < 0.013 && v > edge)) continue;
        if (std::log(v * inverse_alpha / (a / (edge * edge) + b)) > log_probability(Poisson{mean}, k)) continue;
        return static_cast<std::uint64_t>(k);
    }
}

}  // namespace detail

/// One count, from as many of an item's draws as it takes.
[[nodiscard]] inline std::uint64_t sample(const Poisson& law, Draws& draws) {
    FLEETSIM_CHECK(law.mean >= 0 && law.mean <= largest_poisson_mean);
    // About where rejection begins to be faster; it works from 10 on.
    constexpr double search_below = 20;
    return law.mean < search_below ? detail::sample_poisson_by_search(law.mean, draws)
                                   : detail::sample_poisson_by_rejection(law.mean, draws);
}

}  // namespace fleetsim::des
