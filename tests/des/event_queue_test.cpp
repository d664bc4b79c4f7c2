#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fleetsim/des/event_queue.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

using namespace fleetsim::des;
using namespace std::chrono_literals;

namespace {

template <class Payload>
std::vector<Payload> drained(EventQueue<Payload>& queue) {
    std::vector<Payload> order;
    while (!queue.empty()) order.push_back(queue.pop());
    return order;
}

struct Scheduled {
    Time at;
    Phase phase;
    std::uint32_t name;
};

bool earlier(const Scheduled& a, const Scheduled& b) { return a.at != b.at ? a.at < b.at : a.phase < b.phase; }

/// The slow truth: a list in order of scheduling, searched for its first minimum.
class ListQueue {
public:
    void schedule(Scheduled event) { events_.push_back(event); }
    bool empty() const { return events_.empty(); }
    std::size_t size() const { return events_.size(); }
    Scheduled pop() {
        const auto first = std::min_element(events_.begin(), events_.end(), earlier);
        const Scheduled event = *first;
        events_.erase(first);
        return event;
    }

private:
    std::vector<Scheduled> events_;
};

// Few distinct times and all phases, so that most events share their instant with others.
Scheduled random_event(Sequence& chance, Time from, std::uint32_t name) {
    return {from + Duration{static_cast<std::int64_t>(chance.word() % 8)}, static_cast<Phase>(chance.word() % 4), name};
}

}  // namespace

TEST_CASE("events of one instant run in the order they were scheduled") {
    EventQueue<char> queue;
    queue.schedule(Time{5s}, 'a');
    queue.schedule(Time{1s}, 'b');
    queue.schedule(Time{5s}, 'c');

    CHECK(queue.next_time() == Time{1s});
    CHECK(queue.top() == 'b');
    CHECK(queue.now() == Time{});
    CHECK(queue.pop() == 'b');
    CHECK(queue.now() == Time{1s});
    CHECK(queue.pop() == 'a');
    CHECK(queue.pop() == 'c');
    CHECK(queue.now() == Time{5s});
    CHECK(queue.empty());
}

TEST_CASE("at one instant releases come first, then arrivals, decisions and measurements") {
    EventQueue<char> queue;
    queue.schedule(Time{1s}, Phase::measure, 'm');
    queue.schedule(Time{1s}, Phase::decide, 'd');
    queue.schedule(Time{1s}, Phase::arrive, 'a');
    queue.schedule(Time{1s}, 'r');
    queue.schedule(Time{1s} - 1ns, Phase::measure, '0');
    queue.schedule(Time{1s} + 1ns, Phase::release, '9');
    CHECK(drained(queue) == std::vector<char>{'0', 'r', 'a', 'd', 'm', '9'});
}

TEST_CASE("an event for this instant in a phase that has passed is simply next") {
    EventQueue<char> queue;
    queue.schedule(Time{1s}, Phase::measure, 'm');
    queue.schedule(Time{1s}, Phase::measure, 'n');
    CHECK(queue.pop() == 'm');
    queue.schedule(queue.now(), Phase::release, 'r');
    CHECK(drained(queue) == std::vector<char>{'r', 'n'});
    CHECK(queue.now() == Time{1s});
}

TEST_CASE("a replaced event leaves and its successor takes its turn as if scheduled last") {
    EventQueue<char> queue;
    queue.schedule(Time{1s}, 'a');
    queue.schedule(Time{2s}, 'b');
    queue.schedule(Time{3s}, 'c');
    CHECK(queue.replace_top(Time{2s}, 'd') == 'a');
    CHECK(queue.now() == Time{1s});
    CHECK(queue.size() == 3);
    CHECK(queue.replace_top(Time{2s}, Phase::measure, 'e') == 'b');
    CHECK(drained(queue) == std::vector<char>{'d', 'e', 'c'});
}

TEST_CASE("the last instant the kernel can hold can be scheduled") {
    EventQueue<char> queue;
    queue.schedule(latest_time, Phase::measure, 'z');
    queue.schedule(latest_time, Phase::release, 'y');
    queue.schedule(Time{}, Phase::release, 'a');
    CHECK(drained(queue) == std::vector<char>{'a', 'y', 'z'});
    CHECK(queue.now() == latest_time);
}

TEST_CASE("the past and the time after the last instant cannot be scheduled") {
    EventQueue<char> queue;
    queue.schedule(Time{2s}, 'a');
    queue.schedule(Time{3s}, 'b');
    static_cast<void>(queue.pop());
    CHECK(fleetsim::test::aborts([&] { queue.schedule(Time{2s} - 1ns, 'x'); }));
    CHECK(fleetsim::test::aborts([&] { queue.schedule(latest_time + 1ns, 'x'); }));
    CHECK(fleetsim::test::aborts([&] { queue.replace_top(Time{3s} - 1ns, 'x'); }));
    CHECK_FALSE(fleetsim::test::aborts([&] { queue.schedule(Time{2s}, 'x'); }));
    static_cast<void>(queue.pop());
    CHECK(fleetsim::test::aborts([&] { queue.pop(); }));
}

TEST_CASE("a cleared queue starts again at time zero") {
    EventQueue<char> queue;
    queue.schedule(Time{5s}, 'a');
    queue.schedule(Time{9s}, 'b');
    CHECK(queue.pop() == 'a');
    queue.clear();
    CHECK(queue.empty());
    CHECK(queue.now() == Time{});
    queue.schedule(Time{2s}, 'c');
    queue.schedule(Time{1s}, 'd');
    CHECK(drained(queue) == std::vector<char>{'d', 'c'});
}

TEST_CASE("a queue lives through more events than may be pending at a time") {
    EventQueue<std::uint32_t> queue;
    queue.schedule(Time{}, 0);
    constexpr std::uint32_t more_than_pending = (1U << 24U) + 10;
    for (std::uint32_t i = 1; i < more_than_pending; ++i) {
        static_cast<void>(queue.pop());
        queue.schedule(queue.now() + 1ns, i);
    }
    CHECK(queue.size() == 1);
    CHECK(queue.pop() == more_than_pending - 1);
    CHECK(queue.now() == Time{Duration{more_than_pending - 1}});
}

TEST_CASE("a queue runs any schedule in the order a stable sort gives it") {
    EventQueue<std::uint32_t> queue;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        Sequence chance = Stream{seed, 0, "event queue", "schedule"}.sequence();
        std::vector<Scheduled> events;
        const std::size_t count = chance.word() % 400;
        for (std::uint32_t i = 0; i < count; ++i) events.push_back(random_event(chance, Time{}, i));

        queue.clear();
        for (const Scheduled& event : events) queue.schedule(event.at, event.phase, event.name);
        std::stable_sort(events.begin(), events.end(), earlier);

        std::vector<std::uint32_t> expected;
        for (const Scheduled& event : events) expected.push_back(event.name);
        CHECK(drained(queue) == expected);
    }
}

TEST_CASE("a queue agrees with a searched list through any mixture of scheduling, popping and replacing") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Sequence chance = Stream{seed, 0, "event queue", "mixture"}.sequence();
        EventQueue<std::uint32_t> queue;
        ListQueue list;
        std::size_t disagreements = 0;
        for (std::uint32_t step = 0; step < 3000; ++step) {
            const std::uint64_t choice = chance.word() % 5;
            if (list.empty() || choice < 2) {
                const Scheduled event = random_event(chance, queue.now(), step);
                queue.schedule(event.at, event.phase, event.name);
                list.schedule(event);
                continue;
            }
            const Scheduled expected = list.pop();
            disagreements += queue.next_time() != expected.at || queue.top() != expected.name;
            if (choice == 2) {
                disagreements += queue.pop() != expected.name;
            } else {
                const Scheduled event = random_event(chance, expected.at, step);
                disagreements += queue.replace_top(event.at, event.phase, event.name) != expected.name;
                list.schedule(event);
            }
            disagreements += queue.now() != expected.at || queue.size() != list.size();
        }
        CHECK(disagreements == 0);
        CHECK(queue.size() > 100);
    }
}
