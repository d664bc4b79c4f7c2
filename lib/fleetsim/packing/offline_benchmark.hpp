#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <fleetsim/packing/bounds.hpp>
#include <fleetsim/packing/items.hpp>
#include <fleetsim/packing/offline.hpp>
#include <fleetsim/packing/result.hpp>

namespace fleetsim::packing {

struct OfflineBenchmarkOptions {
    std::vector<std::uint64_t> seeds = {1};  ///< Every algorithm runs once with each.
    /// Wall-clock time that a search may take on one instance; absent, it counts steps, and results are the same
    /// everywhere.
    std::optional<double> seconds = {};
    Effort effort = {};  ///< For the lower bound of one instance.
};

/// Runs all algorithms that take the instance; an algorithm that does not take it is passed over. Every packing is
/// verified, and held against the best lower bound. Results stand in the order of the algorithms, then of the seeds.
[[nodiscard]] std::vector<Result> offline_benchmark(std::span<const OfflineAlgorithm> algorithms, const Items& items,
                                                    const OfflineBenchmarkOptions& options);

}  // namespace fleetsim::packing
