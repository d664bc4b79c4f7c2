#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

#include <fleetsim/des/normal_quantile.hpp>
#include <fleetsim/des/stream.hpp>

/// The elementary laws a `Distribution` can hold, each with its exact mean and variance and its sampler; all live on
/// [0, ∞). They are made by the builders of `distribution.hpp`, which check parameters and fill in what a sampler wants
/// precomputed.
namespace fleetsim::des {

struct Constant {
    static constexpr std::string_view name = "constant";
    double value = 0;
    friend bool operator==(const Constant&, const Constant&) = default;
};

struct Uniform {
    static constexpr std::string_view name = "uniform";
    double min = 0;
    double max = 0;
    friend bool operator==(const Uniform&, const Uniform&) = default;
};

struct Exponential {
    static constexpr std::string_view name = "exponential";
    double mean = 0;
    friend bool operator==(const Exponential&, const Exponential&) = default;
};

/// A normal variate given that it is not negative; `mean` and `stddev` are those before the condition.
struct Normal {
    static constexpr std::string_view name = "normal";
    double mean = 0;
    double stddev = 0;
    double above_zero = 1;  ///< Probability of the condition.
    friend bool operator==(const Normal&, const Normal&) = default;
};

/// exp(`mu` + `sigma` Z) with Z standard normal.
struct Lognormal {
    static constexpr std::string_view name = "lognormal";
    double mu = 0;
    double sigma = 0;
    friend bool operator==(const Lognormal&, const Lognormal&) = default;
};

struct Gamma {
    static constexpr std::string_view name = "gamma";
    double shape = 1;
    double scale = 0;
    friend bool operator==(const Gamma&, const Gamma&) = default;
};

/// The sum of `k` exponentials of equal means, which make up `mean` together. Few of them: more are a `Gamma`.
struct Erlang {
    static constexpr std::string_view name = "erlang";
    int k = 1;
    double mean = 0;
    friend bool operator==(const Erlang&, const Erlang&) = default;
};

/// P(X > x) = exp(-(x / `scale`)^`shape`).
struct Weibull {
    static constexpr std::string_view name = "weibull";
    double shape = 1;
    double scale = 0;
    friend bool operator==(const Weibull&, const Weibull&) = default;
};

/// Exponential of mean `mean_a` with probability `p`, else of mean `mean_b`.
struct Hyperexponential {
    static constexpr std::string_view name = "hyperexponential";
    double p = 1;
    double mean_a = 0;
    double mean_b = 0;
    friend bool operator==(const Hyperexponential&, const Hyperexponential&) = default;
};

/// A Pareto variate from `min` up, given that it does not exceed `max`.
struct BoundedPareto {
    static constexpr std::string_view name = "bounded_pareto";
    double min = 1;
    double max = 2;
    double shape = 1;
    double below_max = 0.5;  ///< Probability of the condition.
    friend bool operator==(const BoundedPareto&, const BoundedPareto&) = default;
};

/// Finitely many values with their weights, as an alias table: a slot is chosen evenly, then one of its two values.
///
/// Source: A. J. Walker, "An Efficient Method for Generating Discrete Random Variables with General Distributions".
struct Empirical {
    static constexpr std::string_view name = "empirical";

    struct Slot {
        double value = 0;
        double alias = 0;
        double keep = 1;  ///< Probability of `value`; `alias` otherwise.
        friend bool operator==(const Slot&, const Slot&) = default;
    };

    std::vector<Slot> slots;  ///< Never empty.
    friend bool operator==(const Empirical&, const Empirical&) = default;
};

/// The value not exceeded with probability `u`, `0 < u < 1`. It rises with `u`, so that the same chance pulls
/// two variants the same way.
[[nodiscard]] inline double quantile(const Uniform& law, double u) { return law.min + (law.max - law.min) * u; }

[[nodiscard]] inline double quantile(const Exponential& law, double u) { return -law.mean * std::log(1 - u); }

[[nodiscard]] inline double quantile(const Normal& law, double u) {
    return std::max(0.0, law.mean - law.stddev * normal_quantile(law.above_zero * (1 - u)));
}

[[nodiscard]] inline double quantile(const Lognormal& law, double u) {
    return std::exp(law.mu + law.sigma * normal_quantile(u));
}

[[nodiscard]] inline double quantile(const Weibull& law, double u) {
    return law.scale * std::pow(-std::log1p(-u), 1 / law.shape);
}

[[nodiscard]] inline double quantile(const BoundedPareto& law, double u) {
    return std::min(law.max, law.min * std::pow(1 - u * law.below_max, -1 / law.shape));
}

[[nodiscard]] inline double sample(const Constant& law, Draws&) { return law.value; }

/// By inversion, from one number.
template <class Law>
[[nodiscard]] auto sample(const Law& law, Draws& draws) -> decltype(quantile(law, 0.5)) {
    return quantile(law, draws.unit());
}

/// Rejection from a transformed normal; a shape below 1 is reached from the shape one above by a power.
///
/// Source: Marsaglia, Tsang, "A Simple Method for Generating Gamma Variables" (2000).
[[nodiscard]] inline double sample(const Gamma& law, Draws& draws) {
    const bool below_one = law.shape < 1;
    const double d = (below_one ? law.shape + 1 : law.shape) - 1.0 / 3.0;
    const double c = 1 / std::sqrt(9 * d);
    for (;;) {
        const double x = normal_quantile(draws.unit());
        const double root = 1 + c * x;
        if (root <= 0) continue;
        const double v = root * root * root;
        const double u = draws.unit();
        const bool inside = u < 1 - 0.0331 * (x * x) * (x * x);
        if (!inside && std::log(u) >= 0.5 * x * x + d * (1 - v + std::log(v))) continue;
        const double value = d * v * law.scale;
        return below_one ? value * std::pow(draws.unit(), 1 / law.shape) : value;
    }
}

/// The logarithm of a product instead of a sum of logarithms. At 2^-53 or more each, the factors of any `Erlang` that
/// its builder makes stay far from underflow.
[[nodiscard]] inline double sample(const Erlang& law, Draws& draws) {
    double product = 1;
    for (int i = 0; i < law.k; ++i) product *= draws.unit();
    return -law.mean / law.k * std::log(product);
}

[[nodiscard]] inline double sample(const Hyperexponential& law, Draws& draws) {
    const bool first = draws.unit() < law.p;
    return quantile(Exponential{first ? law.mean_a : law.mean_b}, draws.unit());
}

[[nodiscard]] inline double sample(const Empirical& law, Draws& draws) {
    const double count = static_cast<double>(law.slots.size());
    const Empirical::Slot& slot = law.slots[static_cast<std::size_t>(draws.unit() * count)];
    return draws.unit() < slot.keep ? slot.value : slot.alias;
}

[[nodiscard]] inline double mean(const Constant& law) { return law.value; }
[[nodiscard]] inline double variance(const Constant&) { return 0; }

[[nodiscard]] inline double mean(const Uniform& law) { return law.min + (law.max - law.min) / 2; }
[[nodiscard]] inline double variance(const Uniform& law) { return (law.max - law.min) * (law.max - law.min) / 12; }

[[nodiscard]] inline double mean(const Exponential& law) { return law.mean; }
[[nodiscard]] inline double variance(const Exponential& law) { return law.mean * law.mean; }

namespace detail {

/// How far the condition moves the mean, in standard deviations: density over probability at the cut.
[[nodiscard]] inline double inverse_mills_ratio(const Normal& law) {
    const double cut = law.mean / law.stddev;
    constexpr double inverse_root_two_pi = 0.39894228040143267794;
    return inverse_root_two_pi * std::exp(-0.5 * cut * cut) / law.above_zero;
}

/// E[X^k; X ≤ x] of a bounded Pareto variate, min ≤ x ≤ max, through the integral of y^(k - shape - 1) from 1 to x/min.
[[nodiscard]] inline double partial_moment(const BoundedPareto& law, double k, double x) {
    const double octaves = std::log(x) - std::log(law.min);
    const double exponent = k - law.shape;
    const double integral = exponent == 0 ? octaves : std::expm1(exponent * octaves) / exponent;
    return law.shape * std::pow(law.min, k) * integral / law.below_max;
}

}  // namespace detail

[[nodiscard]] inline double mean(const Normal& law) { return law.mean + law.stddev * detail::inverse_mills_ratio(law); }
[[nodiscard]] inline double variance(const Normal& law) {
    const double ratio = detail::inverse_mills_ratio(law);
    return law.stddev * law.stddev * (1 - ratio * (law.mean / law.stddev + ratio));
}

[[nodiscard]] inline double mean(const Lognormal& law) { return std::exp(law.mu + law.sigma * law.sigma / 2); }
[[nodiscard]] inline double variance(const Lognormal& law) {
    return mean(law) * mean(law) * std::expm1(law.sigma * law.sigma);
}

[[nodiscard]] inline double mean(const Gamma& law) { return law.shape * law.scale; }
[[nodiscard]] inline double variance(const Gamma& law) { return law.shape * law.scale * law.scale; }

[[nodiscard]] inline double mean(const Erlang& law) { return law.mean; }
[[nodiscard]] inline double variance(const Erlang& law) { return law.mean * law.mean / law.k; }

[[nodiscard]] inline double mean(const Weibull& law) { return law.scale * std::tgamma(1 + 1 / law.shape); }
[[nodiscard]] inline double variance(const Weibull& law) {
    const double first = std::tgamma(1 + 1 / law.shape);
    return law.scale * law.scale * (std::tgamma(1 + 2 / law.shape) - first * first);
}

[[nodiscard]] inline double mean(const Hyperexponential& law) { return law.p * law.mean_a + (1 - law.p) * law.mean_b; }
[[nodiscard]] inline double variance(const Hyperexponential& law) {
    const double second = 2 * (law.p * law.mean_a * law.mean_a + (1 - law.p) * law.mean_b * law.mean_b);
    return second - mean(law) * mean(law);
}

[[nodiscard]] inline double mean(const BoundedPareto& law) { return detail::partial_moment(law, 1, law.max); }
[[nodiscard]] inline double variance(const BoundedPareto& law) {
    return std::max(0.0, detail::partial_moment(law, 2, law.max) - mean(law) * mean(law));
}

[[nodiscard]] inline double mean(const Empirical& law) {
    double sum = 0;
    for (const auto& slot : law.slots) sum += slot.keep * slot.value + (1 - slot.keep) * slot.alias;
    return sum / static_cast<double>(law.slots.size());
}
[[nodiscard]] inline double variance(const Empirical& law) {
    const double centre = mean(law);
    const auto square = [centre](double value) { return (value - centre) * (value - centre); };
    double sum = 0;
    for (const auto& slot : law.slots) sum += slot.keep * square(slot.value) + (1 - slot.keep) * square(slot.alias);
    return sum / static_cast<double>(law.slots.size());
}

}  // namespace fleetsim::des
