#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/ecs/launch_rate.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::ecs;
using namespace std::chrono_literals;
using des::Time;

namespace {

/// When each of `count` tasks is launched if all are wanted at once: as early as the rate allows.
template <class Rate>
std::vector<Time> launches(std::size_t count, Rate rate) {
    std::vector<Time> at;
    for (Time now{}; at.size() < count; now = rate.next_available(now)) {
        const auto missing = static_cast<std::int32_t>(count - at.size());
        const std::int32_t some = std::min(missing, rate.available(now));
        REQUIRE(some > 0);
        rate.take(now, some);
        at.insert(at.end(), static_cast<std::size_t>(some), now);
    }
    return at;
}

}  // namespace

TEST_CASE("an account launches 100 tasks on Fargate at once and then 20 a second") {
    const std::vector<Time> at = launches(501, TokenBucket{fargate_on_demand_launches});
    CHECK(at[99] == Time{0s});
    CHECK(at[100] == Time{50ms});
    CHECK(at[101] == Time{100ms});
    CHECK(at[500] == Time{20s + 50ms});
}

TEST_CASE("a service launches 500 tasks at once and the next 500 a minute later") {
    const std::vector<Time> at = launches(1001, SlidingWindow{});
    CHECK(at[499] == Time{0s});
    CHECK(at[500] == Time{60s});
    CHECK(at[999] == Time{60s});
    CHECK(at[1000] == Time{120s});
}

TEST_CASE("a sliding window frees what was taken a window ago to the nanosecond") {
    SlidingWindow window{5, 60s};
    window.take(Time{10s}, 3);
    window.take(Time{20s}, 1);
    window.take(Time{20s}, 1);
    struct Row {
        Time now;
        std::int32_t available;
        Time next;
    };
    for (const Row& row : {
             Row{Time{20s}, 0, Time{70s}},
             Row{Time{70s - 1ns}, 0, Time{70s}},
             Row{Time{70s}, 3, Time{70s}},
             Row{Time{80s - 1ns}, 3, Time{80s - 1ns}},
             Row{Time{80s}, 5, Time{80s}},
             Row{Time{500s}, 5, Time{500s}},
         }) {
        CAPTURE(row.now.time_since_epoch().count());
        CHECK(window.available(row.now) == row.available);
        CHECK(window.next_available(row.now) == row.next);
    }
    window.take(Time{75s}, 3);
    CHECK(window.available(Time{75s}) == 0);
    CHECK(window.next_available(Time{75s}) == Time{80s});
    CHECK(window.available(Time{80s}) == 2);
}

TEST_CASE("a sliding window counts what a list of all launches counts") {
    const des::Stream chance{1, 0, "launch-rate", "test"};
    for (std::uint64_t world = 0; world < 300; ++world) {
        des::Draws draws = chance.draws(world);
        const auto whole = [&draws](int most) { return static_cast<int>(draws.unit() * (most + 1)); };
        const std::int32_t limit = 1 + whole(30);
        SlidingWindow window{limit, 60s};
        std::vector<Time> all;
        Time now{};
        for (int step = 0; step < 100; ++step) {
            now += std::chrono::seconds{whole(20)};
            const auto recent = std::count_if(all.begin(), all.end(), [now](Time at) { return at + 60s > now; });
            REQUIRE(window.available(now) == limit - recent);
            const std::int32_t some = whole(window.available(now));
            window.take(now, some);
            all.insert(all.end(), static_cast<std::size_t>(some), now);
            const Time next = window.next_available(now);
            REQUIRE(window.available(next) > 0);
            REQUIRE((next == now || window.available(next - 1ns) == 0));
        }
    }
}

TEST_CASE("a token bucket is full at first and refills evenly to the nanosecond") {
    TokenBucket bucket{{3, 3}};
    CHECK(bucket.available(Time{}) == 3);
    bucket.take(Time{}, 3);
    struct Row {
        des::Duration now;
        std::int32_t available;
        des::Duration next;
    };
    for (const Row& row : {
             Row{0s, 0, 333'333'334ns},
             Row{333'333'333ns, 0, 333'333'334ns},
             Row{333'333'334ns, 1, 333'333'334ns},
             Row{666'666'667ns, 2, 666'666'667ns},
             Row{1s - 1ns, 2, 1s - 1ns},
             Row{1s, 3, 1s},
             Row{24h * 365 * 70, 3, 24h * 365 * 70},
         }) {
        CAPTURE(row.now.count());
        CHECK(bucket.available(Time{row.now}) == row.available);
        CHECK(bucket.next_available(Time{row.now}) == Time{row.next});
    }
    bucket.take(Time{24h * 365 * 70}, 2);
    CHECK(bucket.available(Time{24h * 365 * 70}) == 1);
}

TEST_CASE("however often tokens are taken none is lost or gained") {
    const des::Stream chance{2, 0, "launch-rate", "test"};
    for (std::uint64_t world = 0; world < 200; ++world) {
        des::Draws draws = chance.draws(world);
        const std::int32_t rate = 1 + static_cast<std::int32_t>(draws.unit() * 30);
        TokenBucket bucket{{1000, rate}};
        bucket.take(Time{}, 1000);
        Time now{};
        std::int64_t taken = 0;
        while (now < Time{30s}) {
            now += des::Duration{1 + static_cast<std::int64_t>(draws.unit() * 1e8)};
            const std::int32_t some = bucket.available(now);
            bucket.take(now, some);
            taken += some;
            // It never fills up here, so all that has come in is taken.
            REQUIRE(taken == now.time_since_epoch().count() * rate / 1'000'000'000);
        }
    }
}
