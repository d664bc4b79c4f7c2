// One value of each law over addressed draws: every value has its own item, as in a simulation, so that the making of
// the first words is part of the time. The second group compares ways to the same law: inversion with rejection, and a
// product with rejection.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <boost/math/special_functions/gamma.hpp>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/des/law.hpp>
#include <fleetsim/des/normal_quantile.hpp>
#include <fleetsim/des/poisson.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/truncation.hpp>

namespace {

using namespace fleetsim::des;

/// Times `value(draws)`, one item after the other.
template <class Value>
void time_items(benchmark::State& state, Value value) {
    const Stream stream{1, 0, "bench", "sampler"};
    std::uint64_t item = 0;
    for (auto _ : state) {
        Draws draws = stream.draws(item++);
        benchmark::DoNotOptimize(value(draws));
    }
}

void law(benchmark::State& state, const Distribution& distribution) {
    time_items(state, [&](Draws& draws) { return sample(distribution, draws); });
}

const Distribution hundred_values = [] {
    std::vector<std::pair<double, double>> pairs;
    for (int i = 1; i <= 100; ++i) pairs.emplace_back(i, i);
    return empirical(pairs);
}();

BENCHMARK_CAPTURE(law, constant, constant(1));
BENCHMARK_CAPTURE(law, uniform, uniform(1, 2));
BENCHMARK_CAPTURE(law, exponential, exponential(1));
BENCHMARK_CAPTURE(law, normal, truncated_normal(1, 1));
BENCHMARK_CAPTURE(law, lognormal, lognormal(1, 2));
BENCHMARK_CAPTURE(law, gamma_shape_4, gamma(1, 0.5));
BENCHMARK_CAPTURE(law, gamma_shape_quarter, gamma(1, 2));
BENCHMARK_CAPTURE(law, erlang_4, erlang(4, 1));
BENCHMARK_CAPTURE(law, weibull, weibull(1, 0.5));
BENCHMARK_CAPTURE(law, hyperexponential, hyperexponential(1, 2));
BENCHMARK_CAPTURE(law, bounded_pareto, bounded_pareto(1, 100, 1.5));
BENCHMARK_CAPTURE(law, empirical_100, hundred_values);
BENCHMARK_CAPTURE(law, mixture, mixture({{constant(1), 9}, {lognormal(10, 2), 1}}));
BENCHMARK_CAPTURE(law, truncated_lognormal, truncated(lognormal(1, 2), {0.1, 10}));
BENCHMARK_CAPTURE(law, truncated_gamma, truncated(gamma(1, 0.5), {0.1, 2}));

void poisson(benchmark::State& state, double mean) {
    time_items(state, [&](Draws& draws) { return sample(Poisson{mean}, draws); });
}
BENCHMARK_CAPTURE(poisson, mean_1, 1);
BENCHMARK_CAPTURE(poisson, mean_9, 9);
BENCHMARK_CAPTURE(poisson, mean_100, 100);
BENCHMARK_CAPTURE(poisson, mean_1e12, 1e12);

/// Ziggurat of 128 layers of equal area, here only to be compared with.
///
/// Source: Marsaglia, Tsang, "The Ziggurat Method for Generating Random Variables" (2000).
class Ziggurat {
public:
    Ziggurat() {
        constexpr double area = 9.91256303526217e-3;
        edge_[0] = area / density(tail_start);
        edge_[1] = tail_start;
        for (std::size_t i = 2; i < layers; ++i) {
            edge_[i] = std::sqrt(-2 * std::log(area / edge_[i - 1] + density(edge_[i - 1])));
        }
    }

    [[nodiscard]] double operator()(Draws& draws) const {
        for (;;) {
            const std::uint64_t word = draws.word();
            const std::size_t layer = word % layers;
            const double x = (2 * open_unit(word) - 1) * edge_[layer];
            if (std::abs(x) < edge_[layer + 1]) return x;
            if (layer == 0) return std::copysign(tail(draws), x);
            const double low = density(edge_[layer]);
            const double high = density(edge_[layer + 1]);
            if (low + (high - low) * draws.unit() < density(x)) return x;
        }
    }

private:
    static constexpr std::size_t layers = 128;
    static constexpr double tail_start = 3.442619855899;

    [[nodiscard]] static double density(double x) { return std::exp(-0.5 * x * x); }

    [[nodiscard]] static double tail(Draws& draws) {
        for (;;) {
            const double x = -std::log(draws.unit()) / tail_start;
            if (-2 * std::log(draws.unit()) > x * x) return tail_start + x;
        }
    }

    std::array<double, layers + 1> edge_{};  ///< The last is 0.
};

void normal_by_inversion(benchmark::State& state) {
    time_items(state, [](Draws& draws) { return normal_quantile(draws.unit()); });
}
BENCHMARK(normal_by_inversion);

void normal_by_ziggurat(benchmark::State& state) {
    const Ziggurat ziggurat;
    time_items(state, [&](Draws& draws) { return ziggurat(draws); });
}
BENCHMARK(normal_by_ziggurat);

void gamma_by_rejection(benchmark::State& state) {
    const Gamma one{static_cast<double>(state.range(0)), 1};
    time_items(state, [&](Draws& draws) { return sample(one, draws); });
}
BENCHMARK(gamma_by_rejection)->DenseRange(2, 20, 2);

void gamma_by_product(benchmark::State& state) {
    const auto k = static_cast<int>(state.range(0));
    const Erlang one{k, static_cast<double>(k)};
    time_items(state, [&](Draws& draws) { return sample(one, draws); });
}
BENCHMARK(gamma_by_product)->DenseRange(2, 20, 2);

void gamma_by_inversion(benchmark::State& state) {
    const auto shape = static_cast<double>(state.range(0));
    time_items(state, [&](Draws& draws) { return boost::math::gamma_p_inv(shape, draws.unit()); });
}
BENCHMARK(gamma_by_inversion)->Arg(4);

void poisson_by_search(benchmark::State& state) {
    const auto mean = static_cast<double>(state.range(0));
    time_items(state, [&](Draws& draws) { return detail::sample_poisson_by_search(mean, draws); });
}
BENCHMARK(poisson_by_search)->Arg(10)->Arg(20)->Arg(40);

void poisson_by_rejection(benchmark::State& state) {
    const auto mean = static_cast<double>(state.range(0));
    time_items(state, [&](Draws& draws) { return detail::sample_poisson_by_rejection(mean, draws); });
}
BENCHMARK(poisson_by_rejection)->Arg(10)->Arg(20)->Arg(40);

}  // namespace
