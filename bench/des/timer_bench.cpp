// What a timer costs that is nearly always cancelled: a client's timeout, of five seconds, on requests that take one on
// average. A hold without any timer is the measure: bare, or with each request in a slot of its own, as in any model
// whose requests have a state.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <fleetsim/des/event_queue.hpp>
#include <fleetsim/des/slot_pool.hpp>
#include <fleetsim/des/timer_lane.hpp>

#include "des/increments.hpp"

namespace {

using namespace fleetsim;
using namespace std::chrono_literals;

using Ref = des::SlotRef<struct RequestTag>;
struct Request {};

constexpr std::uint32_t lane_wakes = UINT32_MAX;  // In place of a slot.

struct Event {
    Ref request;
    bool timeout = false;
};

/// Every answer is followed by the next request, so that as many are always in flight.
class Requests {
public:
    explicit Requests(std::size_t in_flight) : increments_(bench::increments("exponential")) {
        for (std::size_t i = 0; i < in_flight; ++i) begin(requests_.add({}));
    }
    [[nodiscard]] std::uint64_t timeouts() const { return timeouts_; }

protected:
    Ref begin(Ref request) {
        queue_.schedule(queue_.now() + increments_.drawn[drawn_++ % increments_.drawn.size()], {request});
        return request;
    }

    des::EventQueue<Event> queue_;
    des::SlotPool<Request, Ref> requests_;
    std::uint64_t timeouts_ = 0;

private:
    bench::Increments increments_;
    std::size_t drawn_ = 0;
};

class Bare : public Requests {
public:
    using Requests::Requests;
    void answer() { begin(queue_.pop().request); }
};

class WithoutTimers : public Requests {
public:
    using Requests::Requests;
    void answer() {
        requests_.remove(queue_.pop().request);
        begin(requests_.add({}));
    }
};

/// All timers of five seconds in one lane; each wake-up drops what has been answered since.
class Lane : public Requests {
public:
    using Requests::Requests;
    void answer() {
        Event event = queue_.pop();
        while (event.request.slot == lane_wakes) {
            wake();
            event = queue_.pop();
        }
        requests_.remove(event.request);
        const Ref next = begin(requests_.add({}));
        if (const auto at = lane_.push(queue_.now() + 5s, next)) queue_.schedule(*at, {Ref{lane_wakes, 0}, true});
    }

private:
    void wake() {
        const auto live = [this](Ref request) { return requests_.contains(request); };
        const auto fire = [this](Ref) { ++timeouts_; };
        if (const auto at = lane_.wake(queue_.now(), live, fire)) queue_.schedule(*at, {Ref{lane_wakes, 0}, true});
    }

    des::TimerLane<Ref> lane_;
};

/// Every timer an event of its own, ignored when its request has been answered.
class Queued : public Requests {
public:
    using Requests::Requests;
    void answer() {
        for (;;) {
            const Event event = queue_.pop();
            if (event.timeout) {
                timeouts_ += requests_.contains(event.request) ? 1 : 0;
                continue;
            }
            requests_.remove(event.request);
            const Ref next = begin(requests_.add({}));
            queue_.schedule(queue_.now() + 5s, {next, true});
            return;
        }
    }
};

template <class Kind>
void answers(benchmark::State& state) {
    Kind requests(static_cast<std::size_t>(state.range(0)));
    for (std::int64_t i = 0; i < 8 * state.range(0); ++i) requests.answer();
    for (auto _ : state) requests.answer();
    state.counters["timeouts"] =
        benchmark::Counter(static_cast<double>(requests.timeouts()), benchmark::Counter::kAvgIterations);
}

}  // namespace

BENCHMARK_TEMPLATE(answers, Bare)->RangeMultiplier(10)->Range(100, 100'000);
BENCHMARK_TEMPLATE(answers, WithoutTimers)->RangeMultiplier(10)->Range(100, 100'000);
BENCHMARK_TEMPLATE(answers, Lane)->RangeMultiplier(10)->Range(100, 100'000);
BENCHMARK_TEMPLATE(answers, Queued)->RangeMultiplier(10)->Range(100, 100'000);
