#include <cmath>
#include <limits>
#include <vector>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/des/law.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/truncation.hpp>

#include "catch.hpp"

using namespace fleetsim::des;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A law between bounds, with the probability of the bounds, and mean and variance given them.
struct Row {
    Distribution law;
    Bounds bounds;
    double probability;
    double mean;
    double variance;
};

void check_moments(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        INFO(name(row.law) << " with mean " << mean(row.law) << " from " << row.bounds.min << " to " << row.bounds.max);
        const Distribution given = truncated(row.law, row.bounds);
        CHECK(probability_within(row.law, row.bounds) == Approx(row.probability).epsilon(1e-11));
        CHECK(mean(given) == Approx(row.mean).epsilon(1e-11));
        CHECK(variance(given) == Approx(row.variance).epsilon(1e-9).margin(1e-15));
    }
}

}  // namespace

TEST_CASE("moments between bounds are the integrals of the density") {
    // By quadrature of the textbook density with forty digits.
    check_moments({
        {uniform(2, 5), {1, 3}, 0.3333333333333, 2.5, 0.08333333333333},
        {exponential(2), {1, 3}, 0.3834004995642, 1.836046586261, 0.3173056231688},
        {exponential(2), {9, infinity}, 0.01110899653824, 11.0, 4.0},
        {truncated_normal(2, 2), {1, 3}, 0.4551343837795, 2.0, 0.3223566184032},
        {truncated_normal(2, 2), {0, 1}, 0.1781460994377, 0.5309190823174, 0.08207198102551},
        {truncated_normal(2, 2), {6, infinity}, 0.0270402020747, 6.746431065646, 0.4571164016563},
        {lognormal(3, 2), {0.001, 2}, 0.6235094677076, 0.818243018945, 0.2775709884642},
        {lognormal(3, 2), {20, infinity}, 0.01659740207929, 35.17348926625, 547.3797998729},
        {gamma(3, 0.5), {1, 4}, 0.7321948535903, 2.475356246989, 0.6299443821226},
        {gamma(3, 2), {0, 1}, 0.5831113573922, 0.1941648449449, 0.06893753210666},
        {gamma(3, 2), {10, 20}, 0.06092572809709, 13.89919612932, 7.708641568373},
        {erlang(3, 6), {4, infinity}, 0.6766764161831, 7.6, 9.44},
        {weibull(2, 0.5), {1, 3}, 0.1992360355172, 1.825189768784, 0.3244334132449},
        {weibull(2, 3), {0, 1}, 0.1175030974154, 0.743277288546, 0.03814850013164},
        {hyperexponential(1, 2), {2, infinity}, 0.09731170270909, 5.421283414295, 17.50765394202},
        {bounded_pareto(1, 10, 1.5), {0, 2}, 0.6675566027236, 1.359245517966, 0.07471506799181},
        {bounded_pareto(1, 10, 1), {2, 20}, 0.4444444444444, 4.023594781085, 3.810685037624},
    });
}

TEST_CASE("values of weight are within bounds that touch them") {
    check_moments({
        {constant(2), {2, 2}, 1, 2, 0},
        {uniform(2, 2), {1, 2}, 1, 2, 0},
        {lognormal_median_quantile(3, 0.99, 3), {3, 5}, 1, 3, 0},
        {exponential(0), {0, 1}, 1, 0, 0},
        {empirical({{1, 1}, {2, 2}, {3, 3}, {4, 4}}), {2, 3}, 0.5, 2.6, 0.24},
        {empirical({{1, 1}, {2, 2}, {3, 3}, {4, 4}}), {3, 3}, 0.3, 3, 0},
        // Of 3 in 4 cases the 1, of 1 in 4 a number between 0 and 2, of which one half.
        {mixture({{constant(1), 3}, {uniform(0, 2), 1}}),
         {1, 2},
         0.875,
         (0.75 + 0.125 * 1.5) / 0.875,
         (0.75 + 0.125 * 7 / 3) / 0.875 - std::pow((0.75 + 0.125 * 1.5) / 0.875, 2)},
    });
}

TEST_CASE("bounds within bounds are the inner ones") {
    for (const Distribution& law : {exponential(2), gamma(3, 2), hyperexponential(1, 2), weibull(2, 0.5)}) {
        INFO(name(law));
        const Distribution once = truncated(law, {1, 2});
        const Distribution twice = truncated(truncated(law, {0.5, 2}), {1, 3});
        CHECK(mean(twice) == Approx(mean(once)).epsilon(1e-12));
        CHECK(variance(twice) == Approx(variance(once)).epsilon(1e-9));
        CHECK(probability_within(truncated(law, {0, 1}), {1.5, 2}) == 0);
        CHECK(probability_within(once, {0, infinity}) == Approx(1).epsilon(1e-12));
    }
}

TEST_CASE("bounds within bounds hold far from zero, where variances are lost to rounding") {
    const double month = 30 * 86400;
    for (const double width : {0.1, 0.01}) {
        const Distribution once = truncated(uniform(month, month + width), {month + 0.1 * width, month + 0.9 * width});
        const Distribution twice = truncated(once, {month + 0.3 * width, month + 0.7 * width});
        const Stream stream{1, 0, "truncation", "nested"};
        for (std::uint64_t k = 0; k < 1000; ++k) {
            Draws draws = stream.draws(k);
            const double value = sample(twice, draws);
            CHECK(value >= month + 0.3 * width);
            CHECK(value <= month + 0.7 * width);
        }
        CHECK(mean(twice) - month == Approx(0.5 * width).epsilon(1e-4));
    }
    // Conditions upon conditions are one condition.
    Distribution law = gamma(1, 1);
    for (const double max : {0.5, 0.1, 0.02}) law = truncated(law, {0, max});
    CHECK(law == truncated(gamma(1, 1), {0, 0.02}));
}

TEST_CASE("the widest lognormal laws have moments between bounds, and never a NaN") {
    const Distribution law = lognormal_median_quantile(1e-9, 0.95, 86400);
    CHECK(std::get<Lognormal>(law).sigma > 19);
    for (const double max : {1e-3, 1e5, std::numeric_limits<double>::infinity()}) {
        INFO("up to " << max);
        const Distribution bounded = truncated(law, {1e-9, max});
        CHECK(mean(bounded) > 1e-9);
        CHECK(mean(bounded) <= max);
        CHECK(variance(bounded) > 0);
        // No value between bounds varies more than one that is always at one of them.
        CHECK(variance(bounded) <= max * max / 4);
    }
}

TEST_CASE("bounds that hold everything change no moment") {
    const std::vector<Distribution> laws{
        uniform(2, 5),   exponential(2),         truncated_normal(2, 2),
        lognormal(3, 2), gamma(3, 0.5),          gamma(3, 2),
        erlang(3, 6),    weibull(2, 0.5),        hyperexponential(1, 2),
        weibull(2, 0.1), lognormal(3, 1000),     bounded_pareto(1, 10, 1.5),
        gamma(3, 1e-3),  gamma(3, 1000),         mixture({{exponential(2), 1}, {constant(1), 1}}),
        constant(7),     truncated_normal(0, 2),
    };
    for (const Distribution& law : laws) {
        INFO(name(law) << " with mean " << mean(law) << " and variance " << variance(law));
        CHECK(probability_within(law, {}) == Approx(1).epsilon(1e-14));
        CHECK(mean(truncated(law, {})) == Approx(mean(law)).epsilon(1e-12));
        CHECK(variance(truncated(law, {})) == Approx(variance(law)).epsilon(1e-9));
    }
}

TEST_CASE("a two-phase Erlang law has its reference percentiles") {
    const Erlang law{2, 1};
    CHECK(partial_moment(law, 0, 0.0742773701266) == Approx(0.01).epsilon(1e-11));
    CHECK(partial_moment(law, 0, 0.839173495008) == Approx(0.5).epsilon(1e-11));
    CHECK(partial_moment(law, 0, 1.94486008493) == Approx(0.9).epsilon(1e-11));
    CHECK(partial_moment(law, 0, 3.31917603400) == Approx(0.99).epsilon(1e-11));
}

TEST_CASE("gamma laws of very large shapes stay right where special functions fail") {
    // The expansion and the special function meet at a shape of 1e8, and differ by the expansion's next term only.
    for (const double z : {-4.75, -3.0, -1.0, 0.0, 0.5, 2.0, 4.75}) {
        const double shape = 0.99e8;
        const double x = shape + z * std::sqrt(shape);
        CHECK(detail::large_gamma_share(shape, x) == Approx(detail::gamma_share(shape, x)).margin(1e-11).epsilon(0));
    }
    // The median lies a third below the mean, in units of the scale.
    for (const double cv : {1e-5, 1e-6, 1e-7}) {
        const double shape = 1 / (cv * cv);
        CHECK(partial_moment(Gamma{shape, 1}, 0, shape - 1.0 / 3) == Approx(0.5).margin(1e-9).epsilon(0));
        CHECK(partial_moment(Gamma{shape, 1}, 0, shape) > 0.5);
    }
}

TEST_CASE("a law narrower than its moments' digits still has moments between its bounds") {
    const Stream stream{1, 0, "truncation", "narrow"};
    for (const double cv : {1e-12, 1e-11, 1e-9, 8e-9, 1e-7}) {
        for (const Bounds bounds : {Bounds{3 * (1 + cv), 3 * (1 + 1.2 * cv)}, Bounds{3 * (1 - 2 * cv), 3}}) {
            INFO("cv " << cv << " from " << bounds.min << " to " << bounds.max);
            const Distribution law = truncated(gamma(3, cv), bounds);
            const double width = bounds.max - bounds.min;
            CHECK(bounds.contain(mean(law)));
            CHECK((variance(law) >= 0 && variance(law) <= width * width / 4));
            Draws draws = stream.draws(0);
            CHECK(bounds.contain(sample(law, draws)));
        }
    }
}

TEST_CASE("truncated samples stay within their bounds at the ends of chance") {
    const std::vector<Distribution> laws{
        truncated(exponential(2), {9, infinity}),     truncated(truncated_normal(2, 2), {6, infinity}),
        truncated(lognormal(3, 2), {20, infinity}),   truncated(weibull(2, 0.5), {3, 1e300}),
        truncated(bounded_pareto(1, 10, 2), {5, 10}),
    };
    CHECK(truncated(uniform(2, 5), {4, 7}) == uniform(4, 5));
    for (const Distribution& law : laws) {
        const Condition& condition = std::get<Truncated>(law).conditions.front();
        INFO(name(condition.law));
        // One word in 2^53 takes a sampler here; by hand, what it would do with it.
        for (const double u : {0x1p-53, 1 - 0x1p-53}) {
            const double share = condition.below_min + (condition.up_to_max - condition.below_min) * u;
            const double value = std::visit(
                [&](const auto& whole) {
                    if constexpr (requires { quantile(whole, u); }) {
                        return detail::value_within(condition, whole, share);
                    } else {
                        return -1.0;
                    }
                },
                condition.law);
            CHECK(std::isfinite(value));
            CHECK(condition.bounds.contain(value));
        }
    }
}
