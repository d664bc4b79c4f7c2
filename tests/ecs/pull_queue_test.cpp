#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/ecs/pull_queue.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

using namespace fleetsim;
using namespace fleetsim::ecs;
using namespace std::chrono_literals;
using des::Duration;
using des::Time;

namespace {

constexpr std::int64_t mib = std::int64_t{1} << 20;
using Done = std::vector<std::pair<std::uint64_t, Time>>;

/// Layers of an image without a base: 30 MiB unpack in 105 ms.
Layers layers(std::uint32_t image, std::int64_t compressed_mib, std::int64_t uncompressed_mib = 0) {
    return {ImageId{image}, compressed_mib * mib, uncompressed_mib * mib};
}

/// Acts at every instant that the queue foretells, until nothing is left.
Done drain(PullQueue& queue) {
    Done done;
    while (const std::optional<Time> at = queue.next_done()) {
        const auto taken = queue.take_done(*at);
        REQUIRE_FALSE(taken.empty());
        for (const std::uint64_t pull : taken) done.emplace_back(pull, *at);
    }
    REQUIRE(queue.size() == 0);
    return done;
}

struct Start {
    Duration at;
    std::vector<Layers> missing;
};

/// Pulls numbered from 1, started in this order. What is done between two starts is taken at its time.
Done pull_all(std::int64_t bytes_per_second, const std::vector<Start>& starts, PullTimes times = {}) {
    PullQueue queue(bytes_per_second, times);
    Done done;
    std::uint64_t number = 0;
    for (const Start& start : starts) {
        for (auto at = queue.next_done(); at && *at <= Time{start.at}; at = queue.next_done()) {
            for (const std::uint64_t pull : queue.take_done(*at)) done.emplace_back(pull, *at);
        }
        queue.start(Time{start.at}, ++number, start.missing);
    }
    const Done rest = drain(queue);
    done.insert(done.end(), rest.begin(), rest.end());
    return done;
}

}  // namespace

TEST_CASE("pulls of one instance share its bandwidth and its layers") {
    struct Row {
        const char* what;
        std::vector<Start> starts;
        Done done;
    };
    // 100 MiB a second; the manifest takes half a second.
    for (const Row& row : {
             Row{"one: a second of download and 0.35 s to unpack", {{0s, {layers(1, 100, 100)}}}, {{1, Time{1850ms}}}},
             Row{"nothing is missing: the manifest alone", {{3s, {}}}, {{1, Time{3500ms}}}},
             Row{"two share", {{0s, {layers(1, 100)}}, {0s, {layers(2, 100)}}}, {{1, Time{2500ms}}, {2, Time{2500ms}}}},
             Row{"the shorter is done first and leaves its share to the longer",
                 {{0s, {layers(1, 300)}}, {0s, {layers(2, 100)}}},
                 {{2, Time{2500ms}}, {1, Time{4500ms}}}},
             Row{"one comes when half of the other is there",
                 {{0s, {layers(1, 100)}}, {500ms, {layers(2, 100)}}},
                 {{1, Time{2s}}, {2, Time{2500ms}}}},
             Row{"two pulls of one image",
                 {{0s, {layers(1, 100, 100)}}, {200ms, {layers(1, 100, 100)}}},
                 {{1, Time{1850ms}}, {2, Time{1850ms}}}},
             Row{"the second comes while the first unpacks",
                 {{0s, {layers(1, 100, 100)}}, {1600ms, {layers(1, 100, 100)}}},
                 {{1, Time{1850ms}}, {2, Time{2100ms}}}},
             Row{"a base that both need is downloaded and unpacked once",
                 {{0s, {layers(1, 100, 100), layers(2, 50, 100)}}, {0s, {layers(1, 100, 100), layers(3, 50, 100)}}},
                 // Three downloads end at 2 and 2.5 s, then the base and each image's own layers are unpacked.
                 {{1, Time{3200ms}}, {2, Time{3200ms}}}},
             Row{"one image's layers are unpacked one after the other",
                 {{0s, {layers(1, 50, 100), layers(2, 50, 200)}}},
                 {{1, Time{1500ms + 1050ms}}}},
             Row{"a small pull overtakes one that has long to unpack",
                 {{0s, {layers(1, 10, 1000)}}, {0s, {layers(2, 50)}}},
                 {{2, Time{1100ms}}, {1, Time{700ms + 3500ms}}}},
         }) {
        INFO(row.what);
        CHECK(pull_all(100 * mib, row.starts) == row.done);
    }
}

TEST_CASE("a pull alone takes the time that is told of it") {
    const std::vector<Layers> missing{{ImageId{0}, 31'234'567, 80'000'001}, {ImageId{1}, 1, 1}, {ImageId{2}, 0, 77}};
    for (const std::int64_t bytes_per_second : {std::int64_t{1'000'003}, 7 * mib, instance_pull_bytes_per_second}) {
        const Done done = pull_all(bytes_per_second, {{5s, missing}});
        REQUIRE(done.size() == 1);
        CHECK(done.front().second == Time{5s} + pull_time({}, missing, bytes_per_second));
    }
}

TEST_CASE("equal pulls at one time take as many times as long as one") {
    // A prime number of bytes a second, so that every share is a fraction.
    constexpr std::int64_t bytes_per_second = 100'000'007;
    constexpr std::int64_t bytes = 123'456'789;
    const PullTimes times{.manifest = 0s};
    for (std::int64_t n = 1; n <= 64; ++n) {
        std::vector<Start> starts;
        for (std::int64_t i = 0; i < n; ++i) starts.push_back({0s, {{ImageId{static_cast<std::uint32_t>(i)}, bytes}}});
        const Done done = pull_all(bytes_per_second, starts, times);
        REQUIRE(done.size() == static_cast<std::size_t>(n));
        const Duration together = pull_time(times, std::vector<Layers>{{ImageId{0}, n * bytes}}, bytes_per_second);
        CAPTURE(n);
        CHECK(std::all_of(done.begin(), done.end(), [&](const auto& one) { return one.second == Time{together}; }));
    }
}

TEST_CASE("what rounding leaves over at the end of a download is not used by one that begins later") {
    // A byte at three a second; the manifest of the second is there at the nanosecond at which the first ends.
    constexpr Duration third = 333'333'334ns;
    const Done done = pull_all(3, {{0s, {{ImageId{1}, 1}}}, {third, {{ImageId{2}, 1}}}});
    CHECK(done == Done{{1, Time{500ms + third}}, {2, Time{500ms + 2 * third}}});
}

TEST_CASE("downloads that keep an instance busy end when the bandwidth has carried their bytes") {
    const des::Stream chance{1, 0, "pull-queue", "test"};
    const PullTimes times{.manifest = 0s};
    for (std::uint64_t world = 0; world < 2'000; ++world) {
        des::Draws draws = chance.draws(world);
        const auto whole = [&draws](std::int64_t from, std::int64_t to) {
            return from + static_cast<std::int64_t>(draws.unit() * static_cast<double>(to - from + 1));
        };
        // A few bytes a second make the smallest loss by rounding last for whole nanoseconds.
        const bool trickle = whole(0, 1) == 1;
        const std::int64_t bytes_per_second = trickle ? whole(1, 9) : whole(1'000'000, 500'000'000);
        std::vector<Start> starts;
        std::int64_t bytes = 0;
        const std::int64_t count = whole(1, 30);
        for (std::int64_t i = 0; i < count; ++i) {
            const std::int64_t asked = whole(1, trickle ? 100 : 50'000'000);
            // Each pull comes while those before still keep the instance busy.
            const auto busy_ns = static_cast<std::int64_t>(des::Int128{bytes} * 1'000'000'000 / bytes_per_second);
            const Duration after = starts.empty() ? Duration{0} : starts.back().at;
            const Duration at = std::max(after, Duration{whole(0, std::max<std::int64_t>(busy_ns - 1, 0))});
            starts.push_back({at, {{ImageId{static_cast<std::uint32_t>(i)}, asked}}});
            bytes += asked;
        }
        const Done done = pull_all(bytes_per_second, starts, times);
        CAPTURE(world, count, bytes, bytes_per_second);
        REQUIRE(done.size() == starts.size());
        REQUIRE(std::is_sorted(done.begin(), done.end(),
                               [](const auto& one, const auto& other) { return one.second < other.second; }));
        const Duration carried = pull_time(times, std::vector<Layers>{{ImageId{0}, bytes}}, bytes_per_second);
        REQUIRE(done.back().second == Time{carried});
    }
}

namespace {

/// Fair sharing told the plain way, with fractions: each pull has one image of its own.
std::map<std::uint64_t, double> shared_fairly(double bytes_per_second, const std::vector<Start>& starts,
                                              const PullTimes& times) {
    struct Open {
        std::uint64_t pull;
        double from;
        double left;
    };
    std::vector<Open> open;
    std::map<std::uint64_t, double> done;
    for (std::size_t i = 0; i < starts.size(); ++i) {
        open.push_back({i + 1, des::seconds(starts[i].at + times.manifest),
                        static_cast<double>(starts[i].missing.front().compressed_bytes)});
    }
    double now = 0;
    while (!open.empty()) {
        double sharing = 0;
        double next = 1e18;
        double least = 1e18;
        for (const Open& one : open) {
            if (one.from > now) next = std::min(next, one.from - now);
            if (one.from <= now) ++sharing, least = std::min(least, one.left);
        }
        if (sharing > 0) next = std::min(next, least * sharing / bytes_per_second);
        for (Open& one : open) {
            if (one.from <= now) one.left -= next * bytes_per_second / sharing;
        }
        now += next;
        for (const Open& one : open) {
            if (one.from < now && one.left < 1e-3) done[one.pull] = now;
        }
        std::erase_if(open, [&](const Open& one) { return done.count(one.pull) > 0; });
    }
    return done;
}

}  // namespace

TEST_CASE("pulls that come and go end when fair sharing says") {
    const des::Stream chance{2, 0, "pull-queue", "test"};
    const PullTimes times;
    for (std::uint64_t world = 0; world < 1'000; ++world) {
        des::Draws draws = chance.draws(world);
        const auto whole = [&draws](std::int64_t from, std::int64_t to) {
            return from + static_cast<std::int64_t>(draws.unit() * static_cast<double>(to - from + 1));
        };
        std::vector<Start> starts;
        Duration at{0};
        for (std::int64_t i = whole(1, 12); i > 0; --i) {
            at += std::chrono::milliseconds{whole(0, 3'000)};
            const auto id = static_cast<std::uint32_t>(starts.size());
            starts.push_back({at, {{ImageId{id}, whole(1'000'000, 200'000'000)}}});
        }
        const auto expected = shared_fairly(100e6, starts, times);
        const Done done = pull_all(100'000'000, starts, times);
        CAPTURE(world);
        REQUIRE(done.size() == starts.size());
        for (const auto& [pull, when] : done) {
            // The plain way ends a download up to a thousandth of a byte early and rounds fractions of seconds.
            REQUIRE(des::seconds(when) == Approx(expected.at(pull)).margin(1e-6));
        }
    }
}

TEST_CASE("pulls are taken late without harm and time does not run backwards") {
    PullQueue queue(100 * mib);
    queue.start(Time{0s}, 7, std::vector<Layers>{layers(1, 300)});
    queue.start(Time{0s}, 8, std::vector<Layers>{layers(2, 100)});
    queue.start(Time{0s}, 9, {});
    CHECK(queue.next_done() == Time{500ms});
    CHECK(queue.take_done(Time{400ms}).empty());
    CHECK(queue.take_done(Time{1min}) == std::vector<std::uint64_t>{9, 8, 7});
    CHECK(queue.next_done() == std::nullopt);
    CHECK(test::aborts([&] { queue.start(Time{59s}, 10, {}); }));
}
