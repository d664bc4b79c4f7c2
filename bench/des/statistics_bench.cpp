// What it costs to take note of one value.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include <fleetsim/des/batch_means.hpp>
#include <fleetsim/des/distribution.hpp>
#include <fleetsim/des/histogram.hpp>
#include <fleetsim/des/statistics.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/des/time_weighted.hpp>

namespace {

using namespace fleetsim::des;

/// Latencies as a service has them, in nanoseconds.
std::vector<std::int64_t> latencies() {
    const Distribution law = lognormal(0.02, 1.5);
    const Stream stream{1, 0, "bench", "latencies"};
    std::vector<std::int64_t> all;
    for (std::uint64_t k = 0; k < 1U << 14U; ++k) {
        Draws draws = stream.draws(k);
        all.push_back(sample_duration(law, draws).count());
    }
    return all;
}

/// Times `note(value)` over the latencies.
template <class Note>
void each_latency(benchmark::State& state, Note note) {
    const std::vector<std::int64_t> values = latencies();
    while (state.KeepRunningBatch(static_cast<std::int64_t>(values.size()))) {
        for (const std::int64_t value : values) note(value);
    }
}

void histogram_record(benchmark::State& state) {
    LogHistogram histogram;
    each_latency(state, [&](std::int64_t value) { histogram.record(value); });
    benchmark::DoNotOptimize(histogram.mean());
}

void mean_variance_add(benchmark::State& state) {
    MeanVariance seen;
    each_latency(state, [&](std::int64_t value) { seen.add(static_cast<double>(value)); });
    benchmark::DoNotOptimize(seen.variance());
}

void batch_means_add(benchmark::State& state) {
    BatchAccumulator seen;
    each_latency(state, [&](std::int64_t value) { seen.add(static_cast<double>(value)); });
    benchmark::DoNotOptimize(seen.result(0.95));
}

void time_weighted_set(benchmark::State& state) {
    TimeWeighted level;
    Time now{};
    each_latency(state, [&](std::int64_t value) { level.set(now += Duration{value}, value % 100); });
    benchmark::DoNotOptimize(level.integral(now));
}

}  // namespace

BENCHMARK(histogram_record);
BENCHMARK(mean_variance_add);
BENCHMARK(batch_means_add);
BENCHMARK(time_weighted_set);
