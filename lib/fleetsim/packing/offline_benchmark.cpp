#include <algorithm>
#include <chrono>
#include <optional>

#include <fleetsim/des/check.hpp>
#include <fleetsim/packing/offline_benchmark.hpp>
#include <fleetsim/packing/verify.hpp>

namespace fleetsim::packing {

namespace {

[[nodiscard]] Result run(const OfflineAlgorithm& algorithm, const Items& items, std::uint64_t seed,
                         const OfflineBenchmarkOptions& options) {
    const auto begin = std::chrono::steady_clock::now();
    const Bins bins = algorithm.pack(items, {.seed = seed, .seconds = options.seconds});
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    FLEETSIM_CHECK(!verify(items, bins));
    Result result;
    result.algorithm = algorithm.name;
    result.instance = items.name;
    result.seed = seed;
    result.bins = static_cast<std::int64_t>(bins.size());
    result.ns_per_decision = took.count() / static_cast<double>(std::max<std::size_t>(1, items.count()));
    return result;
}

}  // namespace

std::vector<Result> offline_benchmark(std::span<const OfflineAlgorithm> algorithms, const Items& items,
                                      const OfflineBenchmarkOptions& options) {
    std::vector<Result> results;
    Effort effort = options.effort;
    for (const OfflineAlgorithm& algorithm : algorithms) {
        if (algorithm.refuses && algorithm.refuses(items)) continue;
        for (const std::uint64_t seed : options.seeds) {
            results.push_back(run(algorithm, items, seed, options));
            effort.bins_found = std::min(effort.bins_found.value_or(*results.back().bins), *results.back().bins);
        }
    }
    if (results.empty()) return results;
    const NamedBound bound = best_bound(items, effort);
    for (Result& result : results) {
        FLEETSIM_CHECK(bound.value <= *result.bins);
        result.bound = static_cast<double>(bound.value);
        result.bound_name = bound.name;
        result.gap_percent = 100 * (static_cast<double>(*result.bins) / static_cast<double>(bound.value) - 1);
    }
    return results;
}

}  // namespace fleetsim::packing
