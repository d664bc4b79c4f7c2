#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/scaling/metric.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

namespace {

using namespace std::chrono_literals;
using fleetsim::des::Duration;
using fleetsim::des::Stream;
using fleetsim::des::Time;
using fleetsim::scaling::alb_publication_delay;
using fleetsim::scaling::ec2_publication_delay;
using fleetsim::scaling::ecs_publication_delay;
using fleetsim::scaling::MetricSeries;
using fleetsim::scaling::Statistic;
using fleetsim::scaling::StatisticKind;
using fleetsim::scaling::StatisticSet;
using fleetsim::test::aborts;
using Slots = std::vector<std::optional<double>>;
constexpr auto missing = std::nullopt;
constexpr Statistic average{};

MetricSeries minutes(Duration delay) { return MetricSeries{{.resolution = 60s, .publication_delay = delay}}; }

/// Minute `i` has the value `i`.
MetricSeries counted_minutes(int count, Duration delay) {
    MetricSeries series = minutes(delay);
    for (int minute = 0; minute < count; ++minute) {
        series.publish(Time{std::chrono::minutes{minute}}, static_cast<double>(minute));
    }
    return series;
}

Slots minute_slots(const MetricSeries& series, Time now, std::size_t count) {
    return series.slots(now, 60s, average, count);
}

TEST_CASE("a datapoint can be seen once its minute and the publication delay are over") {
    MetricSeries ecs = minutes(ecs_publication_delay);
    MetricSeries alb = minutes(alb_publication_delay);
    ecs.publish(Time{5min}, 42);
    alb.publish(Time{5min}, 42);

    CHECK_FALSE(ecs.newest_visible(Time{6min + 20s - 1ns}, 60s, average).has_value());
    REQUIRE(ecs.newest_visible(Time{6min + 20s}, 60s, average).has_value());
    CHECK(ecs.newest_visible(Time{6min + 20s}, 60s, average)->value == 42);
    CHECK(ecs.newest_visible(Time{6min + 20s}, 60s, average)->period_start == Time{5min});
    CHECK(minute_slots(ecs, Time{6min + 20s - 1ns}, 1) == Slots{missing});
    CHECK(minute_slots(ecs, Time{6min + 20s}, 1) == Slots{42.0});

    CHECK_FALSE(alb.newest_visible(Time{7min - 1ns}, 60s, average).has_value());
    CHECK(alb.newest_visible(Time{7min}, 60s, average).has_value());
}

TEST_CASE("slots are the newest visible minutes and minutes without a datapoint stay missing") {
    MetricSeries series = minutes(ecs_publication_delay);
    series.publish(Time{0min}, 1);
    series.publish(Time{1min}, 2);
    series.publish(Time{2min}, StatisticSet{});
    series.publish(Time{3min}, 4);

    CHECK(minute_slots(series, Time{0min}, 2) == Slots{missing, missing});
    CHECK(minute_slots(series, Time{1min}, 2) == Slots{missing, missing});
    CHECK(minute_slots(series, Time{2min}, 2) == Slots{missing, 1.0});
    CHECK(minute_slots(series, Time{3min}, 2) == Slots{1.0, 2.0});
    CHECK(minute_slots(series, Time{4min}, 3) == Slots{1.0, 2.0, missing});
    CHECK(minute_slots(series, Time{5min}, 5) == Slots{missing, 1.0, 2.0, missing, 4.0});
    CHECK(minute_slots(series, Time{7min}, 3) == Slots{4.0, missing, missing});
    CHECK(minute_slots(series, Time{7min}, 0).empty());
    series.publish(Time{7min}, StatisticSet{});
    CHECK(series.newest_visible(Time{9min}, 60s, average)->period_start == Time{3min});
}

TEST_CASE("what happened before the scenario began lies in slots too") {
    MetricSeries series = minutes(0s);
    series.publish(Time{-3min}, 0);
    series.publish(Time{-2min}, 1);
    series.publish(Time{0min}, 3);
    CHECK(minute_slots(series, Time{-1min - 1ns}, 2) == Slots{missing, 0.0});
    CHECK(minute_slots(series, Time{-1min}, 2) == Slots{0.0, 1.0});
    CHECK(minute_slots(series, Time{1min}, 3) == Slots{1.0, missing, 3.0});
}

TEST_CASE("the newest visible datapoint is found behind missing minutes but not for ever") {
    MetricSeries series = minutes(ecs_publication_delay);
    series.publish(Time{10min}, 7);

    CHECK(series.newest_visible(Time{20min}, 60s, average)->value == 7);
    // At minute 51 the newest slot is minute 49, and minute 10 lies 40 minutes before its end.
    CHECK(series.newest_visible(Time{51min}, 60s, average).has_value());
    CHECK_FALSE(series.newest_visible(Time{52min}, 60s, average).has_value());
}

TEST_CASE("a long series keeps its latest minutes and forgets the rest") {
    const MetricSeries series = counted_minutes(100, ecs_publication_delay);
    CHECK(minute_slots(series, Time{101min}, 3) == Slots{97.0, 98.0, 99.0});
    CHECK(minute_slots(series, Time{101min}, 40).front() == 60.0);
    CHECK(minute_slots(series, Time{130min}, 3) == Slots{missing, missing, missing});
}

TEST_CASE("a series is asked for no more than it keeps") {
    const MetricSeries series = counted_minutes(100, ecs_publication_delay);
    CHECK_FALSE(aborts([&] { (void)minute_slots(series, Time{101min}, 40); }));
    CHECK(aborts([&] { (void)minute_slots(series, Time{101min}, 41); }));
    CHECK(aborts([&] { (void)minute_slots(series, Time{50min}, 40); }));
    CHECK(aborts([&] { (void)series.slots(Time{101min}, 2400s, average, 2); }));

    // However late they are published, all of them are there as soon as the newest minute is over.
    const MetricSeries late_published = counted_minutes(100, 3min);
    CHECK(minute_slots(late_published, Time{100min}, 40).front() == 57.0);

    MetricSeries longer = minutes(ecs_publication_delay);
    longer.look_back(2h);
    longer.look_back(1h);
    for (int minute = 0; minute < 200; ++minute) longer.publish(Time{std::chrono::minutes{minute}}, minute);
    CHECK(minute_slots(longer, Time{201min}, 120).front() == 80.0);
    CHECK(longer.slots(Time{201min}, 1h, average, 2) == Slots{109.5, 169.5});
    CHECK(aborts([&] { (void)minute_slots(longer, Time{201min}, 121); }));

    // Told too late: some of what is asked for has been forgotten.
    MetricSeries late = counted_minutes(100, ecs_publication_delay);
    late.look_back(2h);
    CHECK(aborts([&] { (void)minute_slots(late, Time{101min}, 120); }));
}

TEST_CASE("five-minute slots slide by a minute") {
    const MetricSeries series = counted_minutes(20, 0s);
    const auto five = [&](Time now, std::size_t count) { return series.slots(now, 300s, average, count); };
    // At minute 5 minutes 0 to 4, at minute 6 minutes 1 to 5.
    CHECK(five(Time{5min}, 1) == Slots{2.0});
    CHECK(five(Time{6min - 1ns}, 1) == Slots{2.0});
    CHECK(five(Time{6min}, 1) == Slots{3.0});
    CHECK(five(Time{12min}, 2) == Slots{4.0, 9.0});
    // The first slot has two minutes only.
    CHECK(five(Time{7min}, 2) == Slots{0.5, 4.0});
    CHECK(five(Time{7min}, 3) == Slots{missing, 0.5, 4.0});

    const auto newest = series.newest_visible(Time{12min}, 300s, average);
    REQUIRE(newest.has_value());
    CHECK(newest->period_start == Time{7min});
    CHECK(newest->value == 9);
    // Four minutes after the last datapoint it lies alone in the newest slot, one minute later in the one before.
    CHECK(series.newest_visible(Time{24min}, 300s, average)->value == 19);
    CHECK(series.newest_visible(Time{24min}, 300s, average)->period_start == Time{19min});
    CHECK(series.newest_visible(Time{25min}, 300s, average)->period_start == Time{15min});
    CHECK(series.newest_visible(Time{25min}, 300s, average)->value == 17);
}

TEST_CASE("a slot tells every statistic of its samples") {
    MetricSeries series = minutes(0s);
    for (int minute = 0; minute < 5; ++minute) {
        StatisticSet samples;
        for (int i = 1; i <= 20; ++i) samples.add_and_keep(20 * minute + i);
        series.publish(Time{std::chrono::minutes{minute}}, samples);
    }
    const auto value = [&](const Statistic& statistic) { return series.slots(Time{5min}, 300s, statistic, 1).front(); };
    CHECK(value({StatisticKind::average}) == 50.5);
    CHECK(value({StatisticKind::sum}) == 5050.0);
    CHECK(value({StatisticKind::minimum}) == 1.0);
    CHECK(value({StatisticKind::maximum}) == 100.0);
    CHECK(value({StatisticKind::sample_count}) == 100.0);
    CHECK(value({StatisticKind::percentile, 99}) == 99.0);
    CHECK(value({StatisticKind::percentile, 50}) == 50.0);
    CHECK(series.slots(Time{5min}, 60s, {StatisticKind::percentile, 50}, 5) == Slots{10.0, 30.0, 50.0, 70.0, 90.0});
    CHECK(series.newest_visible(Time{5min}, 60s, {StatisticKind::percentile, 95})->value == 99);
}

TEST_CASE("one-second datapoints are taken together in slots of ten and thirty seconds") {
    MetricSeries series{{.resolution = 1s, .publication_delay = 5s}};
    for (int second = 0; second < 120; ++second) {
        series.publish(Time{std::chrono::seconds{second}}, static_cast<double>(second));
    }
    const Statistic count{StatisticKind::sample_count};
    // Five seconds after the last of ten there is a new slot of ten.
    CHECK(series.slots(Time{45s - 1ns}, 10s, average, 2) == Slots{14.5, 24.5});
    CHECK(series.slots(Time{45s}, 10s, average, 2) == Slots{24.5, 34.5});
    CHECK(series.slots(Time{50s}, 10s, average, 2) == Slots{24.5, 34.5});
    CHECK(series.slots(Time{50s}, 10s, count, 5) == Slots{missing, 10.0, 10.0, 10.0, 10.0});
    // Slots of thirty seconds slide by ten.
    CHECK(series.slots(Time{65s}, 30s, average, 2) == Slots{14.5, 44.5});
    CHECK(series.slots(Time{75s}, 30s, average, 2) == Slots{24.5, 54.5});
    CHECK(series.slots(Time{75s}, 30s, count, 3) == Slots{10.0, 30.0, 30.0});
    // Whole minutes do not: the newest ends at a whole minute.
    CHECK(series.slots(Time{115s}, 60s, count, 2) == Slots{missing, 60.0});
    CHECK(series.slots(Time{125s}, 60s, average, 2) == Slots{29.5, 89.5});
    CHECK(series.newest_visible(Time{125s}, 10s, average)->period_start == Time{110s});
    CHECK(series.newest_visible(Time{124s}, 10s, average)->period_start == Time{100s});
}

TEST_CASE("one-minute datapoints in slots of ten seconds are seen once their minute is over") {
    MetricSeries series = minutes(0s);
    for (int minute = 0; minute < 5; ++minute) series.publish(Time{std::chrono::minutes{minute}}, minute);
    CHECK(series.slots(Time{180s - 1ns}, 10s, average, 7) ==
          Slots{missing, missing, missing, missing, missing, missing, missing});
    CHECK(series.slots(Time{180s}, 10s, average, 7) ==
          Slots{missing, 2.0, missing, missing, missing, missing, missing});
    CHECK(series.slots(Time{190s}, 10s, average, 7) ==
          Slots{2.0, missing, missing, missing, missing, missing, missing});
}

TEST_CASE("five-minute datapoints are missing from four of five one-minute slots") {
    MetricSeries series{{.resolution = 300s, .publication_delay = ec2_publication_delay}};
    for (int i = 0; i < 4; ++i) series.publish(Time{i * 300s}, i);
    // The datapoint of minute 5 is seen at minute 11, five slots before the end.
    CHECK(minute_slots(series, Time{11min - 1ns}, 5) == Slots{missing, missing, missing, missing, missing});
    CHECK(minute_slots(series, Time{11min}, 5) == Slots{1.0, missing, missing, missing, missing});
    CHECK(minute_slots(series, Time{12min}, 5) == Slots{missing, missing, missing, missing, missing});
    CHECK(minute_slots(series, Time{12min}, 11) ==
          Slots{0.0, missing, missing, missing, missing, 1.0, missing, missing, missing, missing, missing});
    CHECK(series.newest_visible(Time{15min}, 60s, average)->value == 1);
    CHECK(series.newest_visible(Time{15min}, 60s, average)->period_start == Time{5min});
    CHECK(series.newest_visible(Time{16min}, 60s, average)->value == 2);

    // In slots of its own length the newest is found in the newest slot but one until the next is there.
    const auto five = [&](Time now) { return series.slots(now, 300s, average, 3); };
    CHECK(five(Time{11min}) == Slots{missing, 0.0, 1.0});
    CHECK(five(Time{12min}) == Slots{0.0, 1.0, missing});
    CHECK(five(Time{15min}) == Slots{0.0, 1.0, missing});
    CHECK(five(Time{16min}) == Slots{0.0, 1.0, 2.0});
}

TEST_CASE("slots hold exactly the datapoints that their definition says") {
    struct Point {
        Time start;
        double value;
    };
    const Stream chance{11, 0, "metric_test", "definition"};
    for (std::uint64_t round = 0; round < 300; ++round) {
        auto draws = chance.draws(round);
        const Duration resolution = std::vector<Duration>{1s, 5s, 10s, 30s, 60s, 300s}[draws.word() % 6];
        const Duration period = std::vector<Duration>{10s, 30s, 60s, 120s, 300s}[draws.word() % 5];
        const Duration delay = std::vector<Duration>{0s, 5s, 20s, 60s}[draws.word() % 4];
        MetricSeries series{{.resolution = resolution, .publication_delay = delay}};
        std::vector<Point> points;
        Time now{};
        for (int i = 0; i < 400; ++i) {
            const Time start{i * resolution};
            if (draws.word() % 4 == 0) continue;
            points.push_back({start, static_cast<double>(draws.word() % 100)});
            series.publish(start, points.back().value);
            now = start + resolution;
        }
        now += std::chrono::nanoseconds{draws.word() % 400'000'000'000};
        const std::size_t count = 1 + draws.word() % 5;
        const Duration grid = period < 60s ? 10s : 60s;
        const Time end{(now.time_since_epoch() - delay) / grid * grid};
        Slots expected(count);
        for (std::size_t age = 1; age <= count; ++age) {
            const Time from = end - static_cast<std::int64_t>(age) * period;
            double sum = 0;
            int samples = 0;
            for (const Point& point : points) {
                if (point.start < from || point.start >= from + period || point.start + resolution + delay > now)
                    continue;
                sum += point.value;
                ++samples;
            }
            if (samples > 0) expected[count - age] = sum / samples;
        }
        CAPTURE(round);
        CHECK(series.slots(now, period, average, count) == expected);
    }
}

TEST_CASE("a series takes periods in order and finite values") {
    MetricSeries series = minutes(ecs_publication_delay);
    series.publish(Time{5min}, 1);
    CHECK_FALSE(aborts([&] { series.publish(Time{6min}, 1); }));
    CHECK(aborts([&] { series.publish(Time{5min}, 1); }));
    CHECK(aborts([&] { series.publish(Time{6min + 1s}, 1); }));
    CHECK(aborts([&] { series.publish(Time{6min}, std::numeric_limits<double>::infinity()); }));
    CHECK(aborts([&] { (void)series.slots(Time{6min}, 0s, average, 1); }));
    CHECK(aborts([] { MetricSeries{{.resolution = 500ms}}; }));
    CHECK(aborts([] { MetricSeries{{.resolution = 301s}}; }));
    CHECK(aborts([] { MetricSeries{{.publication_delay = -1s}}; }));
    CHECK_FALSE(aborts([] { MetricSeries{{.resolution = 1s}}; }));
}

}  // namespace
