// What the event queue costs where the hold model does not look: memory, crowds, sleepers, and its inner sort.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include <fleetsim/des/event_queue.hpp>
#include <fleetsim/des/sorting_kernels.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>

#include "des/engines.hpp"
#include "peers/boost_heap.hpp"

namespace {

using namespace fleetsim;

/// Ten million events, filled and then held as often: bytes of each, as the queue counts them.
template <std::size_t words>
void memory(benchmark::State& state) {
    constexpr std::size_t pending = 10'000'000;
    using Payload = std::array<std::uint32_t, words>;
    des::Sequence chance = des::Stream{1, 0, "bench", "memory"}.sequence();
    const auto soon = [&] { return des::Duration{static_cast<std::int64_t>(chance.word() % 1'000'000'000)}; };
    for (auto _ : state) {
        des::EventQueue<Payload> queue;
        for (std::size_t i = 0; i < pending; ++i) queue.schedule(des::Time{soon()}, {});
        for (std::size_t i = 0; i < pending; ++i) queue.replace_top(queue.next_time() + soon(), {});
        state.counters["bytes/event"] = static_cast<double>(queue.reserved_bytes()) / pending;
    }
}

constexpr des::Time far{des::Duration{1'000'000'000'000'000}};

/// Of `range(0)` events far ahead none ever comes; four processes go on, `range(1)` nanoseconds at a time.
template <class Engine>
void sleepers(benchmark::State& state) {
    Engine engine;
    for (std::uint32_t i = 0; i < 4; ++i) engine.schedule(des::Time{des::Duration{i}}, i);
    for (std::int64_t i = 0; i < state.range(0); ++i) engine.schedule(far + des::Duration{i * 7919}, 4);
    constexpr std::int64_t batch = 1000;
    while (state.KeepRunningBatch(batch)) {
        std::int64_t left = batch;
        auto handler = [&](des::Time now, std::uint32_t payload) {
            engine.schedule(now + des::Duration{state.range(1)}, payload);
            return --left > 0;
        };
        engine.run(handler);
    }
}

/// Four thousand events, each before the one scheduled last, in front of `range(0)` at one instant; then they happen.
void backwards_before_a_crowd(benchmark::State& state) {
    des::EventQueue<std::uint32_t> queue;
    for (std::int64_t i = 0; i < state.range(0); ++i) queue.schedule(far, 0);
    constexpr std::int64_t batch = 4000;
    while (state.KeepRunningBatch(batch)) {
        const des::Time last = queue.now() + des::Duration{batch};
        for (std::int64_t i = 0; i < batch; ++i) queue.schedule(last - des::Duration{i}, 0);
        for (std::int64_t i = 0; i < batch; ++i) queue.pop();
    }
}

void insertion_sort(std::uint64_t* keys, std::uint32_t* values, std::uint32_t count) {
    for (std::uint32_t i = 1; i < count; ++i) {
        for (std::uint32_t j = i; j > 0 && keys[j - 1] > keys[j]; --j) {
            std::swap(keys[j - 1], keys[j]);
            std::swap(values[j - 1], values[j]);
        }
    }
}

/// Of 24 random entries; the time is that of one entry.
void sort(benchmark::State& state, void (*kernel)(std::uint64_t*, std::uint32_t*, std::uint32_t)) {
    constexpr std::uint32_t count = 24;
    const des::Stream stream{1, 0, "bench", "sort"};
    std::vector<std::uint64_t> drawn;
    for (std::uint64_t k = 0; k < 4096 * count; ++k) drawn.push_back(stream.block(k)[0]);
    std::array<std::uint64_t, count> keys{};
    std::array<std::uint32_t, count> values{};
    std::size_t next = 0;
    while (state.KeepRunningBatch(count)) {
        std::copy_n(&drawn[next++ % 4096 * count], count, keys.begin());
        kernel(keys.data(), values.data(), count);
        benchmark::DoNotOptimize(keys);
    }
}

}  // namespace

BENCHMARK_TEMPLATE(memory, 1)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(memory, 5)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(sleepers, bench::Kernel)->ArgsProduct({{60, 1000}, {0, 1000}});
BENCHMARK_TEMPLATE(sleepers, bench::QueueEngine<bench::BoostFourAryHeap>)->ArgsProduct({{60, 1000}, {0, 1000}});
BENCHMARK_TEMPLATE(sleepers, bench::QueueEngine<bench::StdPriorityQueue>)->ArgsProduct({{60, 1000}, {0, 1000}});
BENCHMARK(backwards_before_a_crowd)->Arg(10'000)->Arg(1'000'000);
BENCHMARK_CAPTURE(sort, rank_sort, des::rank_sort);
BENCHMARK_CAPTURE(sort, rank_sort_scalar, des::detail::rank_sort_scalar);
BENCHMARK_CAPTURE(sort, insertion_sort, insertion_sort);
