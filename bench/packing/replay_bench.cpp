#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <benchmark/benchmark.h>

#include <fleetsim/import/trace_files.hpp>
#include <fleetsim/packing/online_registry.hpp>

using namespace fleetsim;

namespace {

/// A month of virtual machines, most of which leave again within hours; nothing where the files are not there.
const std::optional<packing::Trace>& huawei() {
    static const std::optional<packing::Trace> trace =
        import::read_trace({std::filesystem::path{FLEETSIM_SHARED_DATA_DIR} /
                            "placement/huawei_east1/huawei_east1_first_two_thirds.csv.gz"})
            .trace;
    return trace;
}

/// The time of one decision, departures included.
void decide(benchmark::State& state, const packing::OnlineAlgorithm& algorithm) {
    if (!huawei()) {
        state.SkipWithError("the Huawei trace is not there");
        return;
    }
    std::int64_t decisions = 0;
    for (auto _ : state) {
        const auto result = algorithm.replay(*huawei(), {{64'000, 128 * 1024}});
        benchmark::DoNotOptimize(result.peak_servers);
        decisions += result.placed + result.refused;
    }
    state.counters["decision"] =
        benchmark::Counter(static_cast<double>(decisions), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

const bool registered = [] {
    for (const packing::OnlineAlgorithm& algorithm : packing::online_algorithms()) {
        const std::string name = "replay/" + algorithm.name;
        benchmark::RegisterBenchmark(name.c_str(), decide, algorithm)->Unit(benchmark::kMillisecond);
    }
    return true;
}();

}  // namespace
