#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>

/// How far ahead events are scheduled, in the hold model. Drawn beforehand, so that only the queue is timed.
namespace fleetsim::bench {

struct Increments {
    std::vector<des::Duration> drawn;  ///< 2^16 of them, used in turn.
    bool spread_first = true;          ///< Whether the first events start anywhere within their increment.
};

inline constexpr std::array<std::string_view, 8> increment_names{"exponential", "uniform",  "bimodal", "camel",
                                                                 "pareto",      "constant", "grid",    "fleet"};

/// Seconds, from the numbers of one item.
inline double increment(std::string_view name, des::Draws& draws) {
    const auto uniform = [&draws](double min, double max) { return min + (max - min) * draws.unit(); };
    const auto exponential = [&draws](double mean) { return des::quantile(des::Exponential{mean}, draws.unit()); };
    const double choice = draws.unit();
    if (name == "exponential") return exponential(1);
    if (name == "uniform") return uniform(0, 2);
    if (name == "bimodal") return choice < 0.9 ? uniform(0, 0.1) : uniform(9.5, 10.5);
    if (name == "camel") return choice < 0.5 ? uniform(0.9, 1.1) : uniform(9, 11);
    if (name == "pareto") return std::pow(draws.unit(), -1 / 1.1) - 1;
    if (name == "constant") return 1;
    if (name == "grid") return std::ceil(uniform(0, 10)) / 10;
    // fleet: calls and services of milliseconds, client timeouts of seconds, health checks and metrics.
    if (choice < 0.45) return exponential(0.005);
    if (choice < 0.90) return des::quantile(des::Lognormal{-3.5, 0.8}, draws.unit());
    if (choice < 0.97) return 5;
    return choice < 0.99 ? 30 : 60;
}

inline Increments increments(std::string_view name) {
    const des::Stream stream{1, 0, "bench", name};
    Increments all;
    all.spread_first = name != "grid";
    for (std::uint64_t k = 0; k < 1U << 16U; ++k) {
        des::Draws draws = stream.draws(k);
        all.drawn.push_back(des::from_seconds(increment(name, draws)));
    }
    return all;
}

}  // namespace fleetsim::bench
