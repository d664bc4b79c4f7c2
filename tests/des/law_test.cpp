#include <cmath>
#include <cstdint>
#include <variant>
#include <vector>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/des/law.hpp>
#include <fleetsim/des/stream.hpp>

#include "catch.hpp"

using namespace fleetsim::des;

namespace {

Distribution four_values() { return empirical({{0.001, 1}, {0.01, 5}, {0.02, 0}, {0.1, 3}, {2, 1}}); }

double quantile_of(const Distribution& distribution, double u) {
    return std::visit(
        [u](const auto& law) {
            if constexpr (requires { quantile(law, u); }) {
                return quantile(law, u);
            } else {
                return -1.0;
            }
        },
        distribution);
}

/// Integral of a rising function of u over (0, 1) by a million midpoints, and how far it may be off: a rising function
/// strays from its midpoint by at most half of its rise in each cell.
template <class Function>
void check_integral(Function rising, double rise, double expected) {
    constexpr int cells = 1'000'000;
    double sum = 0;
    for (int i = 0; i < cells; ++i) sum += rising((i + 0.5) / cells);
    CHECK(sum / cells == Approx(expected).margin(rise / cells / 2 + 1e-9 * expected).epsilon(0));
}

}  // namespace

TEST_CASE("inverse distribution functions give their reference values") {
    struct Row {
        double u;
        double exponential;
        double weibull;
        double lognormal;
        double pareto;
    };
    const std::vector<Row> rows{
        {0.01, 0.0100503358535, 5.05046253841e-05, 0.0233768706590, 0.602416935553},
        {0.5, 0.693147180560, 0.240226506959, 0.447213595500, 0.791704746464},
        {0.9, 2.30258509299, 2.65094905524, 2.27300740977, 1.50713185891},
        {0.99, 4.60517018599, 10.6037962210, 8.55546505421, 3.78574406688},
    };
    const auto exponential_law = std::get<Exponential>(exponential(1));
    const auto weibull_law = std::get<Weibull>(weibull(0.5, 0.5));
    const auto lognormal_law = std::get<Lognormal>(lognormal(1, 2));
    const auto pareto_law = std::get<BoundedPareto>(bounded_pareto(0.6, 1e200, 2.5));  // As good as unbounded.
    for (const Row& row : rows) {
        CHECK(quantile(exponential_law, row.u) == Approx(row.exponential).epsilon(1e-11));
        CHECK(quantile(weibull_law, row.u) == Approx(row.weibull).epsilon(1e-11));
        CHECK(quantile(lognormal_law, row.u) == Approx(row.lognormal).epsilon(1e-11));
        CHECK(quantile(pareto_law, row.u) == Approx(row.pareto).epsilon(1e-11));
    }
}

TEST_CASE("inverse distribution functions are right in the tails of one in a million") {
    struct Row {
        Distribution law;
        double low;
        double high;
    };
    // By arithmetic of forty digits.
    const std::vector<Row> rows{
        {uniform(2, 5), 2.000003, 4.999997},
        {exponential(0.25), 2.500001250001e-7, 3.453877639491},
        {truncated_normal(0, 2), 2.506628274632e-6, 9.783276951397},
        {truncated_normal(2, 2), 6.95409153356e-6, 11.57643565409},
        {lognormal(3, 2), 0.003226126732201, 557.944603364},
        {weibull(0.5, 0.5), 5.000005000005e-13, 95.43416598861},
        {weibull(2, 3), 0.02000000333333, 4.799017224486},
        {bounded_pareto(0.6, 60, 1.5), 0.6000003996003, 59.96007323719},
    };
    for (const Row& row : rows) {
        INFO(name(row.law) << " with mean " << mean(row.law));
        // The distance of 1e-6 from 1 has ten digits.
        CHECK(quantile_of(row.law, 1e-6) == Approx(row.low).epsilon(1e-9));
        CHECK(quantile_of(row.law, 1 - 1e-6) == Approx(row.high).epsilon(1e-9));
    }
}

TEST_CASE("a lognormal law passes through the median and the percentile it was given") {
    const auto law = std::get<Lognormal>(lognormal_median_quantile(16, 0.95, 30));
    CHECK(quantile(law, 0.5) == Approx(16).epsilon(1e-14));
    CHECK(quantile(law, 0.95) == Approx(30).epsilon(1e-14));
    CHECK(std::get<Lognormal>(lognormal_median_quantile(3, 0.99, 3)).sigma == 0);
}

TEST_CASE("means and second moments are those of the textbooks") {
    struct Row {
        Distribution law;
        double mean;
        double second_moment;
    };
    const std::vector<Row> rows{
        {constant(1), 1, 1},
        {gamma(1, 0.5), 1, 1.25},  // Erlang-4.
        {gamma(2, 3), 2, 40},
        {uniform(0, 2), 1, 1.33333333333333},
        {exponential(1), 1, 2},
        {lognormal(1, 1), 1, 2},
        {lognormal(1, 2), 1, 5},
        {Hyperexponential{0.9, 0.5, 5.5}, 1, 6.5},
        {hyperexponential(1, 1), 1, 2},
        {hyperexponential(1, 2), 1, 5},
        {hyperexponential(1, std::sqrt(10.0)), 1, 11},
        {hyperexponential(1, 1000), 1, 1'000'001},
        {truncated_normal(0, 1), 0.797884560802865, 1},  // Half-normal: √(2/π), and the square of a normal variate.
        {truncated_normal(1, 1), 1.28759997093918, 2.28759997093918},  // E[X²] = 1 + E[X] by parts.
        {truncated_normal(100, 1), 100, 10001},
        {bounded_pareto(0.6, 1e200, 2.5), 1, 1.8},
        {bounded_pareto(1, 10, 1), 2.55842788110449, 10},                // 10/9 · ln 10.
        {bounded_pareto(1, 10, 2), 1.81818181818182, 4.65168705655423},  // 200/99 · ln 10.
        {four_values(), 0.2351, 0.40305 + 1e-7},
        {erlang(1, 1), 1, 2},
        {erlang(2, 1), 1, 1.5},
        {erlang(4, 1), 1, 1.25},
        {erlang(100, 1), 1, 1.01},
        {weibull(1, 1), 1, 2},                            // Exponential.
        {weibull(2, 2), 1.77245385090552, 4},             // Rayleigh: √π, 4.
        {weibull(0.5, 0.5), 1, 6},                        // Γ(3)/2, Γ(5)/4.
        {weibull_mean(3, 0.5), 3, 54},                    // The same, three times as large.
        {weibull(1, 0.1), 3628800, 2.43290200817664e18},  // 10!, 20!
        {mixture({{exponential(0.5), 9}, {exponential(5.5), 1}}), 1, 6.5},
        {mixture({{constant(2), 1}, {mixture({{uniform(0, 2), 1}, {constant(7), 0}}), 3}}), 1.25, 2},
    };
    for (const Row& row : rows) {
        INFO(name(row.law) << " with mean " << row.mean);
        CHECK(mean(row.law) == Approx(row.mean).epsilon(1e-12));
        CHECK(variance(row.law) + row.mean * row.mean == Approx(row.second_moment).epsilon(1e-12));
    }
}

TEST_CASE("moments agree with the integral of the inverse distribution function") {
    for (const double centre : {0.0, 0.3, 1.0, 4.0}) {
        const Distribution made = truncated_normal(centre, 1);
        const auto law = std::get<Normal>(made);
        const double most = centre + 8;  // Nothing worth a billionth lies beyond eight standard deviations.
        check_integral([&](double u) { return quantile(law, u); }, most, mean(made));
        check_integral([&](double u) { return std::pow(quantile(law, u), 2); }, most * most,
                       variance(made) + mean(made) * mean(made));
    }
    for (const double shape : {2.0, 3.5, 10.0}) {
        const Distribution made = weibull(2, shape);
        const auto law = std::get<Weibull>(made);
        const double most = 2 * std::pow(37, 1 / shape);  // Nothing worth a billionth lies beyond a hazard of 37.
        check_integral([&](double u) { return quantile(law, u); }, most, mean(made));
        check_integral([&](double u) { return std::pow(quantile(law, u), 2); }, most * most,
                       variance(made) + mean(made) * mean(made));
    }
    for (const double shape : {0.3, 1.0, 1.5, 2.0, 4.0}) {
        const Distribution made = bounded_pareto(2, 6, shape);
        const auto law = std::get<BoundedPareto>(made);
        check_integral([&](double u) { return quantile(law, u); }, 4, mean(made));
        check_integral([&](double u) { return std::pow(quantile(law, u), 2); }, 32,
                       variance(made) + mean(made) * mean(made));
    }
}

TEST_CASE("the largest and smallest draws stay within a law's range") {
    const double least = open_unit(0);
    const double most = open_unit(~std::uint64_t{0});
    const auto pareto = std::get<BoundedPareto>(bounded_pareto(2, 6, 0.7));
    CHECK(quantile(pareto, least) >= 2);
    CHECK(quantile(pareto, most) <= 6);
    const auto normal = std::get<Normal>(truncated_normal(0, 1));
    CHECK(quantile(normal, least) >= 0);
    CHECK(quantile(normal, most) == Approx(8.29).epsilon(0.01));
    CHECK(quantile(std::get<Exponential>(exponential(1)), least) > 0);
    for (const double shape : {least_weibull_shape, largest_weibull_shape}) {
        const auto weibull_law = std::get<Weibull>(weibull(1, shape));
        CHECK(quantile(weibull_law, least) >= 0);
        CHECK(quantile(weibull_law, most) == Approx(std::pow(53 * std::log(2.0), 1 / shape)));
    }
    CHECK(quantile(std::get<Exponential>(exponential(1)), most) == Approx(53 * std::log(2.0)));
}
