// Fragmentation gradient descent on the default workload of the GPU-sharing study: 1213 nodes, about 10,800 decisions a
// run, reading excluded. `scan` looks at every node for every task. The larger clusters are copies of the same one.

#include <cstddef>
#include <cstdint>
#include <optional>

#include <benchmark/benchmark.h>

#include <fleetsim/packing/fgd.hpp>
#include <fleetsim/packing/gpu_experiment.hpp>
#include <fleetsim/packing/terminal_waste.hpp>

#include "packing/openb.hpp"

namespace {

using namespace fleetsim;

packing::Trace times(const packing::Trace& trace, std::int64_t copies) {
    packing::Trace all = trace;
    for (std::int64_t copy = 1; copy < copies; ++copy) {
        all.tasks.insert(all.tasks.end(), trace.tasks.begin(), trace.tasks.end());
        all.nodes.insert(all.nodes.end(), trace.nodes.begin(), trace.nodes.end());
    }
    return all;
}

template <class P, class Fill>
void run(benchmark::State& state, Fill fill) {
    const std::optional<packing::Trace> one = bench::openb("default");
    if (!one) return state.SkipWithError("the traces are not there");
    const packing::Trace trace = times(*one, state.range(0));
    double decisions = 0;
    double allocated = 0;
    for (auto _ : state) {
        const packing::ClusterRun result = fill(packing::policy_for<P>(trace), trace, 42);
        decisions += static_cast<double>(result.decisions());
        allocated = result.allocation_percent.at(130);
    }
    state.counters["decisions/s"] = benchmark::Counter(decisions, benchmark::Counter::kIsRate);
    state.counters["allocated_%"] = allocated;
}

void fgd(benchmark::State& state) {
    run<packing::Fgd>(state, [](const auto& policy, const packing::Trace& trace, std::uint64_t seed) {
        return packing::fill_cluster(policy, trace, seed);
    });
}
void fgd_scan(benchmark::State& state) {
    run<packing::Fgd>(state, [](const auto& policy, const packing::Trace& trace, std::uint64_t seed) {
        return packing::fill_cluster_by_scan(policy, trace, seed);
    });
}
void expected_terminal_waste(benchmark::State& state) {
    run<packing::ExpectedTerminalWaste>(state, [](const auto& policy, const packing::Trace& trace, std::uint64_t seed) {
        return packing::fill_cluster(policy, trace, seed);
    });
}

}  // namespace

BENCHMARK(fgd)->Arg(1)->Arg(10)->Arg(80)->Unit(benchmark::kMillisecond);
BENCHMARK(fgd_scan)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(expected_terminal_waste)->Arg(1)->Unit(benchmark::kMillisecond);
