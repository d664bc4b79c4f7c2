#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/compound_law.hpp>
#include <fleetsim/des/law.hpp>
#include <fleetsim/des/normal_quantile.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::des {

/// The law's word in a scenario: `lognormal`.
[[nodiscard]] inline std::string_view name(const Distribution& distribution) {
    return std::visit([](const auto& law) { return std::decay_t<decltype(law)>::name; }, distribution);
}

[[nodiscard]] inline double mean(const Distribution& distribution);
[[nodiscard]] inline double variance(const Distribution& distribution);
[[nodiscard]] inline double sample(const Distribution& distribution, Draws& draws);

[[nodiscard]] inline double mean(const Mixture& law) {
    return detail::weighted(law, [](const Distribution& part) { return mean(part); });
}
[[nodiscard]] inline double variance(const Mixture& law) {
    const double centre = mean(law);
    return detail::weighted(law, [centre](const Distribution& part) {
        const double distance = mean(part) - centre;
        return variance(part) + distance * distance;
    });
}

[[nodiscard]] inline double mean(const Truncated& law) { return law.conditions.front().mean; }
[[nodiscard]] inline double variance(const Truncated& law) { return law.conditions.front().variance; }

[[nodiscard]] inline double mean(const Distribution& distribution) {
    return std::visit([](const auto& law) { return mean(law); }, distribution);
}

[[nodiscard]] inline double variance(const Distribution& distribution) {
    return std::visit([](const auto& law) { return variance(law); }, distribution);
}

[[nodiscard]] inline double sample(const Mixture& law, Draws& draws) {
    const double u = draws.unit();
    const auto part = std::partition_point(law.parts.begin(), law.parts.end(),
                                           [u](const MixturePart& candidate) { return candidate.up_to <= u; });
    return sample(part->law, draws);
}

namespace detail {

/// The law's value at `u`, between the probabilities of staying below and up to the bounds.
template <class Law>
[[nodiscard]] auto value_within(const Condition& condition, const Law& law, double u) -> decltype(quantile(law, u)) {
    // Rounding may have reached 1, where most laws have no quantile, and may pass the bounds.
    constexpr double largest = 1 - 0x1p-53;
    return std::clamp(quantile(law, std::min(u, largest)), condition.bounds.min, condition.bounds.max);
}

/// By inversion, from one number; by rejection where there is no inverse in closed form.
template <class Law>
[[nodiscard]] double sample_within(const Condition& condition, const Law& law, Draws& draws) {
    if constexpr (requires { quantile(law, 0.5); }) {
        const double width = condition.up_to_max - condition.below_min;
        return value_within(condition, law, condition.below_min + width * draws.unit());
    } else {
        // The condition's probability, which its builder checked, says how soon this ends.
        for (;;) {
            const double value = sample(law, draws);
            if (condition.bounds.contain(value)) return value;
        }
    }
}

}  // namespace detail

[[nodiscard]] inline double sample(const Truncated& law, Draws& draws) {
    const Condition& condition = law.conditions.front();
    return std::visit([&](const auto& whole) { return detail::sample_within(condition, whole, draws); }, condition.law);
}

/// One value, from as many of an item's draws as the law needs: one by inversion where the law can be inverted.
[[nodiscard]] inline double sample(const Distribution& distribution, Draws& draws) {
    // Comparisons with an index, the common laws first: cheaper than the table of functions behind std::visit.
    if (const auto* law = std::get_if<Lognormal>(&distribution)) return sample(*law, draws);
    if (const auto* law = std::get_if<Exponential>(&distribution)) return sample(*law, draws);
    if (const auto* law = std::get_if<Constant>(&distribution)) return sample(*law, draws);
    if (const auto* law = std::get_if<Gamma>(&distribution)) return sample(*law, draws);
    if (const auto* law = std::get_if<Uniform>(&distribution)) return sample(*law, draws);
    return std::visit([&](const auto& law) { return sample(law, draws); }, distribution);
}

/// A sampled number of seconds, to the nearest nanosecond. A value beyond `latest_time` (the far tail of a law the user
/// was free to choose) becomes the span up to `latest_time`: longer than any scenario.
[[nodiscard]] inline Duration sample_duration(const Distribution& in_seconds, Draws& draws) {
    constexpr Duration longest = latest_time.time_since_epoch();
    const double value = sample(in_seconds, draws);
    FLEETSIM_CHECK(value >= 0);
    return value * 1e9 < static_cast<double>(longest.count()) ? from_seconds(value) : longest;
}

/// The widest spread a builder accepts, as a coefficient of variation. Beyond it a mean says nothing about a sample.
inline constexpr double largest_cv = 1000;

/// A gamma law narrower than this has too few values, as numbers go, for a sample to show its shape.
inline constexpr double least_gamma_cv = 1e-12;

inline constexpr int largest_erlang_k = 1'000'000;

/// Between these a Weibull law's coefficient of variation goes from 430 down to 0.013.
inline constexpr double least_weibull_shape = 0.1;
inline constexpr double largest_weibull_shape = 100;

namespace detail {

/// The same number, unknown to the optimizer. A logarithm of a constant folded at compile time may differ in its last
/// digit from the library's, and so would the parameters that two compilers make of one scenario.
[[nodiscard]] inline double not_folded(double value) {
    const volatile double hidden = value;
    return hidden;
}

[[nodiscard]] inline bool positive(double value) { return value > 0 && std::isfinite(value); }
[[nodiscard]] inline bool not_negative(double value) { return value >= 0 && std::isfinite(value); }

}  // namespace detail

/// Always `value`, which is finite and at least 0.
[[nodiscard]] inline Distribution constant(double value) {
    FLEETSIM_CHECK(detail::not_negative(value));
    return Constant{value};
}

/// Evenly between `min` and `max`; 0 ≤ min ≤ max, finite.
[[nodiscard]] inline Distribution uniform(double min, double max) {
    FLEETSIM_CHECK(detail::not_negative(min) && detail::not_negative(max) && min <= max);
    return Uniform{min, max};
}

/// Exponential; mean ≥ 0, finite.
[[nodiscard]] inline Distribution exponential(double mean) {
    FLEETSIM_CHECK(detail::not_negative(mean));
    return Exponential{mean};
}

/// The normal law given that it is not negative; mean ≥ 0 and stddev ≥ 0 are those before the condition, finite. The
/// mean of what is sampled is higher: by 0.02 stddev at mean = 2.2 stddev, by 0.8 stddev at mean = 0.
[[nodiscard]] inline Distribution truncated_normal(double mean, double stddev) {
    FLEETSIM_CHECK(detail::not_negative(mean) && detail::not_negative(stddev));
    if (stddev == 0) return Constant{mean};
    constexpr double root_half = 0.70710678118654752440;
    return Normal{mean, stddev, 0.5 * std::erfc(-detail::not_folded(mean / stddev * root_half))};
}

/// Lognormal by its mean > 0, finite, and its coefficient of variation 0 ≤ cv ≤ `largest_cv`; cv = 0 is a constant.
[[nodiscard]] inline Distribution lognormal(double mean, double cv) {
    FLEETSIM_CHECK(detail::positive(mean) && cv >= 0 && cv <= largest_cv);
    if (cv == 0) return Constant{mean};
    const double sigma_squared = std::log1p(detail::not_folded(cv * cv));
    return Lognormal{std::log(detail::not_folded(mean)) - sigma_squared / 2, std::sqrt(sigma_squared)};
}

/// Lognormal by its median > 0 and `value_at_q` ≥ median, the value not exceeded with probability q, 0.5 < q < 1.
[[nodiscard]] inline Distribution lognormal_median_quantile(double median, double q, double value_at_q) {
    FLEETSIM_CHECK(detail::positive(median) && detail::positive(value_at_q) && value_at_q >= median);
    FLEETSIM_CHECK(q > 0.5 && q < 1);
    const double mu = std::log(detail::not_folded(median));
    const double distance = std::log(detail::not_folded(value_at_q)) - mu;
    return Lognormal{mu, distance / normal_quantile(detail::not_folded(q))};
}

/// Gamma by its mean ≥ 0, finite, and its coefficient of variation 0 ≤ cv ≤ `largest_cv`; cv = 1 is exponential, and
/// less than `least_gamma_cv` a constant.
[[nodiscard]] inline Distribution gamma(double mean, double cv) {
    FLEETSIM_CHECK(detail::not_negative(mean) && cv >= 0 && cv <= largest_cv);
    if (cv < least_gamma_cv) return Constant{mean};
    return Gamma{1 / (cv * cv), mean * (cv * cv)};
}

/// The sum of `k` exponentials with a common mean, 1 ≤ k ≤ `largest_erlang_k`; `mean` ≥ 0 is that of the sum, finite.
/// Its coefficient of variation is 1/√k. For k = 1 it is an exponential, and for many a gamma law.
[[nodiscard]] inline Distribution erlang(int k, double mean) {
    FLEETSIM_CHECK(k >= 1 && k <= largest_erlang_k && detail::not_negative(mean));
    // About where the gamma law's rejection begins to be faster than multiplying.
    constexpr int most_factors = 8;
    if (k == 1) return Exponential{mean};
    if (k > most_factors) return Gamma{static_cast<double>(k), mean / k};
    return Erlang{k, mean};
}

/// Weibull by its shape, `least_weibull_shape` ≤ shape ≤ `largest_weibull_shape`, and its scale ≥ 0, finite: the value
/// exceeded with probability 1/e. Shapes below 1 have a longer tail than an exponential (shape 1), those above a
/// shorter one. The mean is scale Γ(1 + 1/shape).
[[nodiscard]] inline Distribution weibull(double scale, double shape) {
    FLEETSIM_CHECK(detail::not_negative(scale) && shape >= least_weibull_shape && shape <= largest_weibull_shape);
    return Weibull{shape, scale};
}

/// The same by its mean ≥ 0, finite.
[[nodiscard]] inline Distribution weibull_mean(double mean, double shape) {
    FLEETSIM_CHECK(detail::not_negative(mean));
    return weibull(mean / std::tgamma(detail::not_folded(1 + 1 / shape)), shape);
}

/// Two exponentials with balanced means (each contributes half of the mean); mean ≥ 0, finite, 1 ≤ cv ≤ `largest_cv`.
///
/// Source: the usual two-moment fit of a two-phase hyperexponential law, with balanced means.
[[nodiscard]] inline Distribution hyperexponential(double mean, double cv) {
    FLEETSIM_CHECK(detail::not_negative(mean) && cv >= 1 && cv <= largest_cv);
    const double squared = cv * cv;
    const double skew = std::sqrt((squared - 1) / (squared + 1));
    const double rare = 1 / ((squared + 1) * (1 + skew));  // (1 - skew) / 2 without its cancellation.
    return Hyperexponential{rare, mean / (2 * rare), mean / (2 * (1 - rare))};
}

/// Pareto with tail P(X > x) ~ x^-shape, kept between min and max; 0 < min < max, shape > 0, finite.
[[nodiscard]] inline Distribution bounded_pareto(double min, double max, double shape) {
    FLEETSIM_CHECK(detail::positive(min) && detail::positive(max) && min < max && detail::positive(shape));
    const double log_ratio = std::log(detail::not_folded(min)) - std::log(detail::not_folded(max));
    return BoundedPareto{min, max, shape, -std::expm1(shape * log_ratio)};
}

/// Each value with probability proportional to its weight. At least one pair; values and weights finite and at least 0,
/// and some weight positive.
[[nodiscard]] inline Distribution empirical(const std::vector<std::pair<double, double>>& value_weight) {
    double total = 0;
    for (const auto& [value, weight] : value_weight) {
        FLEETSIM_CHECK(detail::not_negative(value) && detail::not_negative(weight));
        total += weight;
    }
    FLEETSIM_CHECK(detail::positive(total));

    // Slots with less than an even share are filled up, one after the other, from those with more.
    const std::size_t count = value_weight.size();
    std::vector<Empirical::Slot> slots(count);
    std::vector<std::size_t> poor;
    std::vector<std::size_t> rich;
    for (std::size_t i = 0; i < count; ++i) {
        const double share = value_weight[i].second / total * static_cast<double>(count);
        slots[i] = {value_weight[i].first, value_weight[i].first, share};
        (share < 1 ? poor : rich).push_back(i);
    }
    while (!poor.empty() && !rich.empty()) {
        Empirical::Slot& taker = slots[poor.back()];
        Empirical::Slot& giver = slots[rich.back()];
        poor.pop_back();
        taker.alias = giver.value;
        giver.keep -= 1 - taker.keep;
        if (giver.keep < 1) {
            poor.push_back(rich.back());
            rich.pop_back();
        }
    }
    // Whatever is left differs from an even share by rounding only.
    for (const std::size_t i : poor) slots[i].keep = 1;
    for (const std::size_t i : rich) slots[i].keep = 1;
    return Empirical{std::move(slots)};
}

/// Each law with probability proportional to its weight. At least one; weights finite and at least 0, some positive.
[[nodiscard]] inline Distribution mixture(std::vector<std::pair<Distribution, double>> law_weight) {
    double total = 0;
    for (const auto& [law, weight] : law_weight) {
        FLEETSIM_CHECK(detail::not_negative(weight));
        total += weight;
    }
    FLEETSIM_CHECK(detail::positive(total));
    Mixture mixture;
    double so_far = 0;
    for (auto& [law, weight] : law_weight) {
        so_far += weight;
        mixture.parts.push_back({std::move(law), so_far / total});
    }
    return mixture;
}

}  // namespace fleetsim::des
