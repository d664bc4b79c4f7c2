// Whole scenarios: requests simulated per second of CPU, everything recorded.

#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>

#include <fleetsim/scenario/load.hpp>
#include <fleetsim/sim/run.hpp>

namespace {

void simulate(benchmark::State& state, const std::string& name) {
    const std::filesystem::path file = std::filesystem::path{FLEETSIM_SOURCE_DIR} / "scenarios" / (name + ".yaml");
    const fleetsim::scenario::Loaded loaded = fleetsim::scenario::load_file(file, {});
    if (!loaded.scenario) return state.SkipWithError("the scenario has errors");
    double requests = 0;
    double events = 0;
    for (auto _ : state) {
        const fleetsim::sim::Result result = fleetsim::sim::run(*loaded.scenario);
        for (const auto& service : result.services) requests += static_cast<double>(service.requests);
        events += static_cast<double>(result.kernel_events);
    }
    state.counters["requests/s"] = benchmark::Counter(requests, benchmark::Counter::kIsRate);
    state.counters["events/s"] = benchmark::Counter(events, benchmark::Counter::kIsRate);
}

}  // namespace

BENCHMARK_CAPTURE(simulate, first_cluster, "first-cluster")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(simulate, job_portal, "job-portal")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(simulate, gpu_surge, "gpu-surge")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(simulate, real_traffic, "real-traffic")->Unit(benchmark::kMillisecond);
