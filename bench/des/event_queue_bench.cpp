// The hold model: pop the next event, schedule another an exponential time later, with a fixed number pending. The
// baseline is std::priority_queue with entries of the same size and the same total order.

#include <cstdint>
#include <queue>
#include <vector>

#include <benchmark/benchmark.h>

#include <fleetsim/des/event_queue.hpp>
#include <fleetsim/des/law.hpp>
#include <fleetsim/des/stream.hpp>

namespace {

using fleetsim::des::Duration;
using fleetsim::des::Time;

/// Drawn beforehand, so that only the queue is timed.
std::vector<Duration> gaps() {
    const fleetsim::des::Stream stream{1, 0, "bench", "gaps"};
    std::vector<Duration> drawn;
    for (std::uint64_t k = 0; k < 1U << 16U; ++k) {
        const fleetsim::des::Exponential second{1.0};
        drawn.push_back(fleetsim::des::from_seconds(quantile(second, stream.unit(k))));
    }
    return drawn;
}

struct Entry {
    std::uint64_t key;
    std::uint32_t sequence;
    std::uint32_t payload;
    friend bool operator>(const Entry& a, const Entry& b) {
        return a.key > b.key || (a.key == b.key && a.sequence > b.sequence);
    }
};

void hold_event_queue(benchmark::State& state) {
    const std::vector<Duration> gap = gaps();
    std::size_t next = 0;
    const auto draw = [&] { return gap[next++ & (gap.size() - 1)]; };
    fleetsim::des::EventQueue<std::uint32_t> queue;
    for (std::int64_t i = 0; i < state.range(0); ++i) queue.schedule(Time{draw()}, static_cast<std::uint32_t>(i));
    for (auto _ : state) {
        const std::uint32_t payload = queue.pop();
        queue.schedule(queue.now() + draw(), payload);
    }
}

void hold_priority_queue(benchmark::State& state) {
    const std::vector<Duration> gap = gaps();
    std::size_t next = 0;
    const auto draw = [&] { return static_cast<std::uint64_t>(gap[next++ & (gap.size() - 1)].count()); };
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
    std::uint32_t sequence = 0;
    for (std::int64_t i = 0; i < state.range(0); ++i) queue.push({draw(), sequence++, static_cast<std::uint32_t>(i)});
    for (auto _ : state) {
        const Entry top = queue.top();
        queue.pop();
        queue.push({top.key + draw(), sequence++, top.payload});
    }
}

}  // namespace

BENCHMARK(hold_event_queue)->RangeMultiplier(10)->Range(10, 1'000'000);
BENCHMARK(hold_priority_queue)->RangeMultiplier(10)->Range(10, 1'000'000);
