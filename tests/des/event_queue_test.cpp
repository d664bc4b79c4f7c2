#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

TEST_CASE("a queue runs any schedule in the order a stable sort gives it") {
    // From a handful of events to millions; from every event at its own instant to all at one.
    EventQueue<std::uint32_t> queue;
    for (const std::size_t count : {1U, 10U, 1000U, 30'000U, 1'500'000U}) {
        for (const std::uint64_t instants : {1ULL, 8ULL, 1000ULL, 1'000'000'000'000ULL}) {
            INFO(count << " events at " << instants << " instants");
            Sequence chance = Stream{count, instants, "event queue", "schedule"}.sequence();
            std::vector<Scheduled> events;
            for (std::uint32_t i = 0; i < count; ++i) {
                const std::uint64_t word = chance.word();
                const Time at{Duration{static_cast<std::int64_t>((word >> 2U) % instants)}};
                events.push_back({at, static_cast<Phase>(word % 4), i});
            }
            queue.clear();
            for (const Scheduled& event : events) queue.schedule(event.at, event.phase, event.name);
            std::stable_sort(events.begin(), events.end(), earlier);

            std::size_t disagreements = 0;
            for (const Scheduled& event : events) {
                disagreements += queue.pop() != event.name || queue.now() != event.at;
            }
            CHECK(disagreements == 0);
            CHECK(queue.empty());
        }
    }
}

TEST_CASE("a pending event takes 12 bytes, and its payload's if that exceeds four") {
    struct Large {
        std::array<std::uint32_t, 5> words;
    };
    constexpr std::size_t count = 1'000'000;
    Sequence chance = Stream{1, 0, "event queue", "memory"}.sequence();
    const auto soon = [&chance] { return Duration{static_cast<std::int64_t>(chance.word() % 1'000'000'000)}; };
    EventQueue<std::uint32_t> small;
    EventQueue<Large> large;
    for (std::uint32_t i = 0; i < count; ++i) {
        const Time at{soon()};
        small.schedule(at, i);
        large.schedule(at, {});
    }
    // And no more as time goes on.
    for (std::uint32_t i = 0; i < 2 * count; ++i) {
        const Duration ahead = soon();
        small.replace_top(small.next_time() + ahead, i);
        large.replace_top(large.next_time() + ahead, {});
    }
    // Nor when the queue has run empty and is filled again.
    struct Largest {
        std::array<std::uint32_t, 6> words;
    };
    EventQueue<Largest> largest;
    for (int round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < count / 4; ++i) largest.schedule(largest.now() + soon(), {});
        while (!largest.empty()) largest.pop();
    }
    CHECK(largest.reserved_bytes() < 36 * count / 4 + count / 8);
    CHECK(small.reserved_bytes() < 12 * count + count / 2);
    CHECK(large.reserved_bytes() < 32 * count + count / 2);
}

TEST_CASE("payloads of every size come back as they went in") {
    const auto round_trip = [](auto make) {
        using Payload = decltype(make(0));
        EventQueue<Payload> queue;
        for (std::uint32_t i = 0; i < 1000; ++i) queue.schedule(Time{Duration{i * 7919 % 1000}}, make(i));
        std::size_t wrong = 0;
        for (std::uint32_t i = 0; i < 500; ++i) {
            const Payload popped = queue.replace_top(Time{Duration{2000}}, make(7));
            wrong += std::memcmp(&popped, std::array{make(i * 679 % 1000)}.data(), sizeof popped) != 0;
        }
        CHECK(wrong == 0);
        CHECK(queue.size() == 1000);
    };
    struct Three {
        std::array<std::uint8_t, 3> bytes;
    };
    struct Most {
        std::array<std::uint32_t, 6> words;
    };
    round_trip([](std::uint32_t i) { return static_cast<std::uint16_t>(i); });
    round_trip([](std::uint32_t i) {
        return Three{{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8U), 9}};
    });
    round_trip([](std::uint32_t i) { return i; });
    round_trip([](std::uint32_t i) { return std::uint64_t{i} << 32U; });
    round_trip([](std::uint32_t i) { return Most{{i, i + 1, i + 2, i + 3, i + 4, i + 5}}; });
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
