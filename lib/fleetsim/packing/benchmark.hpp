#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <fleetsim/packing/gpu_experiment.hpp>
#include <fleetsim/packing/online.hpp>
#include <fleetsim/packing/replay.hpp>
#include <fleetsim/packing/result.hpp>
#include <fleetsim/packing/trace.hpp>

namespace fleetsim::packing {

/// What is done with a trace: its tasks come and go, or they only come until its nodes are more than full.
enum class Experiment { replay, fill };

struct BenchmarkOptions {
    Experiment experiment = Experiment::replay;
    Capacity server = {};  ///< For a replay of a trace without nodes: of each server.
    FillOptions fill = {};
    std::vector<std::uint64_t> seeds = {1};  ///< Every algorithm runs once with each.
};

/// Runs all algorithms on one trace. Results stand in the order of the algorithms, then of the seeds, and all but the
/// wall-clock depend on nothing else. Replays on as many servers as it takes are held against `server_hours_bound`,
/// server-hours and peak.
[[nodiscard]] Report benchmark(std::span<const OnlineAlgorithm> algorithms, const Trace& trace,
                               const BenchmarkOptions& options);

}  // namespace fleetsim::packing
