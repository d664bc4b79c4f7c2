#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fleetsim/des/event_queue.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/des/timer_lane.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

using namespace fleetsim::des;
using namespace std::chrono_literals;

namespace {

bool always(int) { return true; }
bool never(int) { return false; }

}  // namespace

TEST_CASE("a lane asks for one wake-up however many timers are set") {
    TimerLane<int> lane;
    CHECK(lane.push(Time{5s}, 1) == Time{5s});
    CHECK(lane.push(Time{6s}, 2) == std::nullopt);
    CHECK(lane.push(Time{6s}, 3) == std::nullopt);
    CHECK(lane.size() == 3);

    std::vector<int> fired;
    const auto fire = [&](int item) { fired.push_back(item); };
    CHECK(lane.wake(Time{5s}, always, fire) == Time{6s});
    CHECK(fired == std::vector<int>{1});
    CHECK(lane.wake(Time{6s}, always, fire) == std::nullopt);
    CHECK(fired == std::vector<int>{1, 2, 3});
    CHECK(lane.push(Time{9s}, 4) == Time{9s});
}

TEST_CASE("a cancelled timer never fires and is not woken for") {
    TimerLane<int> lane;
    for (int item = 1; item <= 6; ++item) static_cast<void>(lane.push(Time{item * 1s}, item));

    std::vector<int> fired;
    const auto odd = [](int item) { return item % 2 == 1 && item != 3; };
    const auto fire = [&](int item) { fired.push_back(item); };
    CHECK(lane.wake(Time{1s}, odd, fire) == Time{5s});
    CHECK(lane.size() == 2);
    CHECK(lane.wake(Time{5s}, odd, fire) == std::nullopt);
    CHECK(fired == std::vector<int>{1, 5});
    CHECK(lane.empty());
}

TEST_CASE("dead timers dropped early leave a wake-up that finds nothing due") {
    TimerLane<int> lane;
    CHECK(lane.push(Time{1s}, 1) == Time{1s});
    lane.drop_dead(never);
    CHECK(lane.empty());
    CHECK(lane.push(Time{3s}, 3) == std::nullopt);

    std::vector<int> fired;
    const auto fire = [&](int item) { fired.push_back(item); };
    CHECK(lane.wake(Time{1s}, always, fire) == Time{3s});
    CHECK(fired.empty());
    CHECK(lane.wake(Time{3s}, always, fire) == std::nullopt);
    CHECK(fired == std::vector<int>{3});
}

TEST_CASE("a timer may set the next one as it fires") {
    TimerLane<int> lane;
    CHECK(lane.push(Time{1s}, 1) == Time{1s});
    std::vector<int> fired;
    const auto fire = [&](int item) {
        fired.push_back(item);
        if (item < 3) CHECK(lane.push(Time{(item + 1) * 1s}, item + 1) == std::nullopt);
    };
    CHECK(lane.wake(Time{1s}, always, fire) == Time{2s});
    CHECK(lane.wake(Time{2s}, always, fire) == Time{3s});
    CHECK(lane.wake(Time{3s}, always, fire) == std::nullopt);
    CHECK(fired == std::vector<int>{1, 2, 3});
}

TEST_CASE("a timer that an earlier one cancels does not fire at the same instant") {
    TimerLane<int> lane;
    for (int item = 1; item <= 3; ++item) static_cast<void>(lane.push(Time{1s}, item));
    std::vector<bool> cancelled(4);
    std::vector<int> fired;
    const auto live = [&](int item) { return !cancelled[static_cast<std::size_t>(item)]; };
    const auto fire = [&](int item) {
        fired.push_back(item);
        cancelled[2] = true;
    };
    CHECK(lane.wake(Time{1s}, live, fire) == std::nullopt);
    CHECK(fired == std::vector<int>{1, 3});
}

TEST_CASE("timers of one lane are set in the order they are due") {
    TimerLane<int> lane;
    static_cast<void>(lane.push(Time{5s}, 1));
    CHECK(fleetsim::test::aborts([&] { static_cast<void>(lane.push(Time{4s}, 2)); }));
    CHECK_FALSE(fleetsim::test::aborts([&] { static_cast<void>(lane.push(Time{5s}, 2)); }));
}

TEST_CASE("a lane fires what one kernel event per timer would fire, with one event pending") {
    // Requests come every 1 to 16 ns and time out after 100 ns; three in four are answered within that time.
    constexpr std::uint32_t requests = 5000;
    struct Event {
        enum class Kind : std::uint32_t { request, answer, wake } kind;
        std::uint32_t request;
    };
    const Stream gaps{1, 0, "lane", "gap"};
    const Stream answers{1, 0, "lane", "answer"};

    EventQueue<Event> queue;
    TimerLane<std::uint32_t> lane;
    std::vector<bool> waiting(requests);
    std::vector<std::pair<Time, std::uint32_t>> fired;
    std::vector<std::pair<Time, std::uint32_t>> expected;
    std::size_t longest = 0;
    const auto live = [&](std::uint32_t request) { return waiting[request]; };
    const auto schedule = [&](std::optional<Time> at) {
        if (at) queue.schedule(*at, Phase::decide, {Event::Kind::wake, 0});
    };

    queue.schedule(Time{}, {Event::Kind::request, 0});
    while (!queue.empty()) {
        const Event event = queue.pop();
        const Time now = queue.now();
        if (event.kind == Event::Kind::wake) {
            schedule(lane.wake(now, live, [&](std::uint32_t request) { fired.emplace_back(now, request); }));
            continue;
        }
        if (event.kind == Event::Kind::answer) {
            waiting[event.request] = false;
            continue;
        }
        waiting[event.request] = true;
        lane.drop_dead(live);
        schedule(lane.push(now + 100ns, event.request));
        longest = std::max(longest, lane.size());
        const auto answered_after = Duration{static_cast<std::int64_t>(answers.unit(event.request) * 133)};
        queue.schedule(now + answered_after, {Event::Kind::answer, event.request});
        if (answered_after > 100ns) expected.emplace_back(now + 100ns, event.request);
        if (event.request + 1 == requests) continue;
        const auto gap = Duration{1 + static_cast<std::int64_t>(gaps.unit(event.request) * 16)};
        queue.schedule(now + gap, {Event::Kind::request, event.request + 1});
    }
    CHECK(expected.size() > 1000);
    CHECK(fired == expected);
    CHECK(longest <= 101);
}
