#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

#include <fleetsim/packing/benchmark.hpp>
#include <fleetsim/packing/server_hours_bound.hpp>

namespace fleetsim::packing {
namespace {

/// What the call gives, and the nanoseconds of wall-clock that it took.
template <class Call>
auto timed(Call call) {
    const auto begin = std::chrono::steady_clock::now();
    auto result = call();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    return std::pair{std::move(result), took.count()};
}

void count(std::int64_t placed, std::int64_t refused, double took_ns, Result& result) {
    result.placed = placed;
    result.refused = refused;
    result.ns_per_decision = took_ns / static_cast<double>(std::max<std::int64_t>(1, placed + refused));
}

void replay_into(const OnlineAlgorithm& algorithm, const Trace& trace, const ReplayOptions& options, Result& result) {
    const auto [run, took_ns] = timed([&] { return algorithm.replay(trace, options); });
    result.server_hours = run.server_hours();
    result.peak_servers = run.peak_servers;
    count(run.placed, run.refused, took_ns, result);
}

void compare(const ServerHoursBound& bound, Result& result) {
    result.bound = bound.server_hours;
    result.bound_name = "server_hours";
    result.peak_bound = bound.peak_servers;
    if (bound.server_hours > 0) result.gap_percent = 100 * (*result.server_hours / bound.server_hours - 1);
}

void fill_into(const OnlineAlgorithm& algorithm, const Trace& trace, std::uint64_t seed, const FillOptions& options,
               Result& result) {
    auto [run, took_ns] = timed([&] { return algorithm.fill_cluster(trace, seed, options); });
    result.allocation_percent = std::move(run.allocation_percent);
    result.fragmentation_percent = std::move(run.fragmentation_percent);
    count(run.placed, run.refused, took_ns, result);
}

}  // namespace

Report benchmark(std::span<const OnlineAlgorithm> algorithms, const Trace& trace, const BenchmarkOptions& options) {
    std::optional<ServerHoursBound> bound;
    if (options.experiment == Experiment::replay && trace.nodes.empty()) {
        bound = server_hours_bound(trace, options.server);
    }
    Report report{trace.name, {}};
    for (const OnlineAlgorithm& algorithm : algorithms) {
        for (const std::uint64_t seed : options.seeds) {
            Result& result = report.results.emplace_back();
            result.algorithm = algorithm.name;
            result.seed = seed;
            if (options.experiment == Experiment::fill) {
                fill_into(algorithm, trace, seed, options.fill, result);
            } else {
                replay_into(algorithm, trace, {options.server, seed}, result);
                if (bound) compare(*bound, result);
            }
        }
    }
    return report;
}

}  // namespace fleetsim::packing
