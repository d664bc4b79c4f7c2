// A queue with one server, from the kernel alone: customers arrive at rate 0.8, are served at rate 1, first come first
// served. Prints how long they stay and how sure that is; theory says 5 seconds on average, 15 at the 95th percentile.

#include <cstdint>
#include <cstdio>
#include <deque>

#include <fleetsim/des/batch_means.hpp>
#include <fleetsim/des/event_queue.hpp>
#include <fleetsim/des/histogram.hpp>
#include <fleetsim/des/law.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>

using namespace fleetsim::des;

namespace {

enum class Event : std::uint8_t { arrival, departure };

struct Customer {
    Time arrived;
    Duration service;
};

}  // namespace

int main() {
    const Exponential gap{1 / 0.8};
    const Exponential service{1};
    const Stream arrivals{42, 0, "queue", "arrivals"};  // Seed, replication, who, what for.
    EventQueue<Event> events;
    std::deque<Customer> line;
    LogHistogram sojourns;
    BatchAccumulator sojourn_seconds;

    events.schedule(Time{}, Phase::arrive, Event::arrival);
    for (std::uint64_t customers = 0; customers < 2'000'000;) {
        if (events.pop() == Event::arrival) {
            // All that customer k brings comes from draws k, whatever else the simulation does.
            Draws draws = arrivals.draws(customers++);
            events.schedule(events.now() + from_seconds(sample(gap, draws)), Phase::arrive, Event::arrival);
            line.push_back({events.now(), from_seconds(sample(service, draws))});
            if (line.size() > 1) continue;
        } else {
            const Duration sojourn = events.now() - line.front().arrived;
            sojourns.record(sojourn.count());
            sojourn_seconds.add(seconds(sojourn));
            line.pop_front();
        }
        if (!line.empty()) events.schedule(events.now() + line.front().service, Event::departure);
    }

    const BatchMeans mean = *sojourn_seconds.result(0.95);
    std::printf("mean sojourn %.3f s, 95 %% interval %.3f to %.3f s\n", mean.interval.mean, mean.interval.low,
                mean.interval.high);
    if (!mean.independent) std::puts("but batches still resemble each other: the run is too short to say");
    std::printf("95th percentile %.2f s\n", static_cast<double>(sojourns.value_at_quantile(0.95)) / 1e9);
    return mean.independent && mean.interval.low <= 5 && 5 <= mean.interval.high ? 0 : 1;
}
