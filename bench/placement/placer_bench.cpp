#include <cstddef>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "placement/fleet.hpp"
#include "placement/ours.hpp"
#include "placement/scans.hpp"

/// Nanoseconds to end a task and to place another, in steady churn: the placer against loops over all rooms that decide
/// the same.
namespace fleetsim::bench {
namespace {

template <class Contender>
void register_churn(const std::string& chain, std::size_t instances, std::size_t shapes, std::size_t batch) {
    const std::string name =
        chain + "/" + std::to_string(instances) + "x" + std::to_string(shapes) + "/" + std::string{Contender::name};
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        const Fleet world = fleet(instances, shapes);
        Churn<Contender> churn{world};
        // The same number for all, so that the same decisions have the same fingerprint.
        churn.run(1000);
        state.counters["result"] = churn.result();
        while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(batch))) churn.run(batch);
    });
}

const int registered = [] {
    for (const std::size_t instances : {1'000U, 10'000U, 100'000U}) {
        register_churn<WholePlacer<Binpack>>("binpack", instances, 30, 1000);
        register_churn<IndexAlone>("binpack", instances, 30, 1000);
        register_churn<SimdScan>("binpack", instances, 30, 100);
        register_churn<StructScan>("binpack", instances, 30, 10);
    }
    register_churn<WholePlacer<ZoneBinpack>>("zone_binpack", 100'000, 30, 1000);
    register_churn<ZoneScan>("zone_binpack", 100'000, 30, 100);
    register_churn<WholePlacer<DefaultChain>>("default_chain", 100'000, 300, 1000);
    register_churn<DefaultScan>("default_chain", 100'000, 300, 100);
    return 0;
}();

}  // namespace
}  // namespace fleetsim::bench
