#pragma once

#include <algorithm>
#include <cmath>
#include <variant>

#include <boost/math/special_functions/gamma.hpp>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/distribution.hpp>
#include <fleetsim/des/law.hpp>

/// Laws given that their value lies between bounds. Apart from `distribution.hpp`, since only who makes such a law
/// needs the special functions behind their moments.
namespace fleetsim::des {

namespace detail {

/// Plain double arithmetic, the same on every compiler, and a result instead of an exception.
using Special =
    boost::math::policies::policy<boost::math::policies::promote_double<false>,
                                  boost::math::policies::domain_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::evaluation_error<boost::math::policies::ignore_error>>;

/// Probability that a standard normal variate stays below `z`.
[[nodiscard]] inline double normal_share(double z) { return 0.5 * std::erfc(not_folded(z * -0.70710678118654752440)); }

[[nodiscard]] inline double normal_density(double z) {
    return 0.39894228040143267794 * std::exp(not_folded(-0.5 * z * z));
}

/// Probability that a gamma variate of a large shape and scale 1 stays below `x`, to twelve digits from shape 1e8 on.
///
/// Source: the Edgeworth expansion of a sum of exponentials to the order of 1/shape.
[[nodiscard]] inline double large_gamma_share(double shape, double x) {
    const double root = std::sqrt(shape);
    const double z = (x - shape) / root;
    const double z2 = z * z;
    const double skew = (z2 - 1) / (3 * root);
    const double rest = z * ((z2 - 3) / 4 + (z2 * z2 - 10 * z2 + 15) / 18) / shape;
    const double density = normal_density(z);
    return density == 0 ? normal_share(z) : normal_share(z) - density * (skew + rest);
}

/// Probability that a gamma variate of scale 1 stays below `x`.
[[nodiscard]] inline double gamma_share(double shape, double x) {
    if (std::isinf(x)) return 1;
    // Beyond it the library's function becomes slow and then wrong.
    constexpr double large = 1e8;
    if (shape > large) return large_gamma_share(shape, x);
    return boost::math::gamma_p(not_folded(shape), not_folded(x), Special{});
}

}  // namespace detail

namespace detail {

/// Whether a law of a kind that has a density is so narrow that it has none. A variance cannot tell: it may be lost to
/// rounding.
[[nodiscard]] inline bool has_no_spread(const Distribution& distribution) {
    if (const auto* law = std::get_if<Uniform>(&distribution)) return law->min == law->max;
    if (const auto* law = std::get_if<Exponential>(&distribution)) return law->mean == 0;
    if (const auto* law = std::get_if<Lognormal>(&distribution)) return law->sigma == 0;
    if (const auto* law = std::get_if<Gamma>(&distribution)) return law->scale == 0;
    if (const auto* law = std::get_if<Erlang>(&distribution)) return law->mean == 0;
    if (const auto* law = std::get_if<Weibull>(&distribution)) return law->scale == 0;
    if (const auto* law = std::get_if<Hyperexponential>(&distribution)) return law->mean_a == 0 && law->mean_b == 0;
    return std::holds_alternative<Constant>(distribution);
}

}  // namespace detail

/// E[X^order; X ≤ x], for order 0 (the distribution function), 1 and 2, and x from 0 to infinity.
[[nodiscard]] inline double partial_moment(const Uniform& law, int order, double x) {
    const double end = std::clamp(x, law.min, law.max);
    const double power = order + 1.0;
    return (std::pow(end, power) - std::pow(law.min, power)) / (power * (law.max - law.min));
}

[[nodiscard]] inline double partial_moment(const Gamma& law, int order, double x) {
    double factor = 1;
    for (int i = 0; i < order; ++i) factor *= (law.shape + i) * law.scale;
    return factor * detail::gamma_share(law.shape + order, x / law.scale);
}

[[nodiscard]] inline double partial_moment(const Exponential& law, int order, double x) {
    return partial_moment(Gamma{1, law.mean}, order, x);
}

[[nodiscard]] inline double partial_moment(const Erlang& law, int order, double x) {
    return partial_moment(Gamma{static_cast<double>(law.k), law.mean / law.k}, order, x);
}

[[nodiscard]] inline double partial_moment(const Hyperexponential& law, int order, double x) {
    return law.p * partial_moment(Exponential{law.mean_a}, order, x) +
           (1 - law.p) * partial_moment(Exponential{law.mean_b}, order, x);
}

[[nodiscard]] inline double partial_moment(const Normal& law, int order, double x) {
    const double low = -law.mean / law.stddev;
    const double high = (x - law.mean) / law.stddev;
    const double low_density = detail::normal_density(low);
    const double high_density = detail::normal_density(high);
    // From above, where the probability on either side of the cut keeps its digits.
    const double share = 1 - detail::normal_share(-high) / law.above_zero;
    if (order == 0) return share;
    const double first = law.mean * share + law.stddev * (low_density - high_density) / law.above_zero;
    if (order == 1) return first;
    // By parts: E[X²] = mean E[X] + stddev² P - stddev x density(x).
    const double boundary = high_density == 0 ? 0 : x * high_density;
    return law.mean * first + law.stddev * (law.stddev * share - boundary / law.above_zero);
}

[[nodiscard]] inline double partial_moment(const Lognormal& law, int order, double x) {
    const double z = (std::log(detail::not_folded(x)) - law.mu) / law.sigma;
    const double shift = order * law.sigma;
    const double share = detail::normal_share(z - shift);
    if (order == 0 || share == 0) return share;
    // In logarithms, for a wide law's factor may overflow where its product with the share does not.
    return std::exp(detail::not_folded(order * law.mu + shift * shift / 2 + std::log(share)));
}

[[nodiscard]] inline double partial_moment(const Weibull& law, int order, double x) {
    const double hazard = std::pow(detail::not_folded(x / law.scale), law.shape);
    const double shape = 1 + order / law.shape;
    return std::pow(law.scale, order) * std::tgamma(detail::not_folded(shape)) * detail::gamma_share(shape, hazard);
}

[[nodiscard]] inline double partial_moment(const BoundedPareto& law, int order, double x) {
    return x <= law.min ? 0 : detail::partial_moment(law, static_cast<double>(order), std::min(x, law.max));
}

/// E[X^order; min ≤ X ≤ max], for order 0, 1 and 2. With order 0 it is the probability of the bounds.
template <class Law>
[[nodiscard]] double moment_within(const Law& law, int order, Bounds bounds) {
    return std::max(0.0, partial_moment(law, order, bounds.max) - partial_moment(law, order, bounds.min));
}

[[nodiscard]] inline double moment_within(const Constant& law, int order, Bounds bounds) {
    return bounds.contain(law.value) ? std::pow(law.value, order) : 0;
}

[[nodiscard]] inline double moment_within(const Empirical& law, int order, Bounds bounds) {
    double sum = 0;
    for (const auto& slot : law.slots) {
        sum += slot.keep * moment_within(Constant{slot.value}, order, bounds);
        sum += (1 - slot.keep) * moment_within(Constant{slot.alias}, order, bounds);
    }
    return sum / static_cast<double>(law.slots.size());
}

[[nodiscard]] inline double moment_within(const Distribution& distribution, int order, Bounds bounds);

[[nodiscard]] inline double moment_within(const Mixture& law, int order, Bounds bounds) {
    return detail::weighted(law, [&](const Distribution& part) { return moment_within(part, order, bounds); });
}

[[nodiscard]] inline double moment_within(const Truncated& law, int order, Bounds bounds) {
    const Condition& condition = law.conditions.front();
    const Bounds both{std::max(bounds.min, condition.bounds.min), std::min(bounds.max, condition.bounds.max)};
    return both.min > both.max ? 0 : moment_within(condition.law, order, both) / condition.probability;
}

[[nodiscard]] inline double moment_within(const Distribution& distribution, int order, Bounds bounds) {
    if (detail::has_no_spread(distribution)) return moment_within(Constant{mean(distribution)}, order, bounds);
    return std::visit([&](const auto& law) { return moment_within(law, order, bounds); }, distribution);
}

/// The probability that the law's value lies within the bounds.
[[nodiscard]] inline double probability_within(const Distribution& law, Bounds bounds) {
    return moment_within(law, 0, bounds);
}

/// Bounds within which a law lies more rarely than this say that something else was meant, and rejection would be slow.
inline constexpr double least_probability_within = 0.01;

/// A condition, and the law before it.
struct Conditioned {
    Distribution law;
    Bounds bounds;
};

/// The same condition on a law that is not itself truncated: bounds within bounds are one pair of bounds.
[[nodiscard]] inline Conditioned flattened(const Distribution& law, Bounds bounds) {
    const auto* truncated = std::get_if<Truncated>(&law);
    if (truncated == nullptr) return {law, bounds};
    const Condition& inner = truncated->conditions.front();
    return flattened(inner.law, {std::max(bounds.min, inner.bounds.min), std::min(bounds.max, inner.bounds.max)});
}

/// The probability that a law, or the law before it was truncated, lies within the bounds and those it has already.
[[nodiscard]] inline double probability_of_condition(const Distribution& law, Bounds bounds) {
    const Conditioned flat = flattened(law, bounds);
    return flat.bounds.min > flat.bounds.max ? 0 : probability_within(flat.law, flat.bounds);
}

/// A law given that its value lies within the bounds, which has `least_probability_within` as its
/// `probability_of_condition` at least; 0 ≤ min ≤ max, max may be infinite. The moments are exact but for rounding:
/// with M(k) = E[X^k; min ≤ X ≤ max] the mean is M(1)/M(0) and the variance M(2)/M(0) less its square, which costs
/// digits where a law is narrow against its mean.
[[nodiscard]] inline Distribution truncated(const Distribution& law, Bounds bounds) {
    FLEETSIM_CHECK(detail::not_negative(bounds.min) && bounds.min <= bounds.max);
    if (std::holds_alternative<Truncated>(law)) {
        const Conditioned flat = flattened(law, bounds);
        return truncated(flat.law, flat.bounds);
    }
    if (detail::has_no_spread(law) && bounds.contain(mean(law))) return law;
    Condition condition{.law = law, .bounds = bounds};
    condition.probability = probability_within(law, bounds);
    FLEETSIM_CHECK(condition.probability >= least_probability_within);
    if (const auto* even = std::get_if<Uniform>(&law)) {
        return uniform(std::max(even->min, bounds.min), std::min(even->max, bounds.max));
    }
    condition.below_min = bounds.min > 0 ? probability_within(law, {0, bounds.min}) : 0;
    condition.up_to_max = probability_within(law, {0, bounds.max});
    const double first = moment_within(law, 1, bounds) / condition.probability;
    const double second = moment_within(law, 2, bounds) / condition.probability;
    condition.mean = std::clamp(first, bounds.min, bounds.max);
    // No law between the bounds with this mean has a greater one (Bhatia, Davis).
    const double most =
        std::isinf(bounds.max) ? bounds.max : (bounds.max - condition.mean) * (condition.mean - bounds.min);
    condition.variance = std::clamp(std::isinf(second) ? second : second - first * first, 0.0, most);
    return Truncated{{condition}};
}

}  // namespace fleetsim::des
