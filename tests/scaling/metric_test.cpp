#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include <fleetsim/scaling/metric.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

namespace {

using namespace std::chrono_literals;
using fleetsim::des::Time;
using fleetsim::scaling::alb_publication_delay;
using fleetsim::scaling::ecs_publication_delay;
using fleetsim::scaling::MetricSeries;
using Slots = std::vector<std::optional<double>>;
constexpr auto missing = std::nullopt;

TEST_CASE("a datapoint can be seen once its minute and the publication delay are over") {
    MetricSeries ecs{ecs_publication_delay};
    MetricSeries alb{alb_publication_delay};
    ecs.publish(Time{5min}, 42);
    alb.publish(Time{5min}, 42);

    CHECK_FALSE(ecs.newest_visible(Time{6min + 20s - 1ns}).has_value());
    REQUIRE(ecs.newest_visible(Time{6min + 20s}).has_value());
    CHECK(ecs.newest_visible(Time{6min + 20s})->value == 42);
    CHECK(ecs.newest_visible(Time{6min + 20s})->period_start == Time{5min});

    CHECK_FALSE(alb.newest_visible(Time{7min - 1ns}).has_value());
    CHECK(alb.newest_visible(Time{7min}).has_value());
}

TEST_CASE("slots are the newest visible minutes, and minutes without a datapoint stay missing") {
    MetricSeries series{ecs_publication_delay};
    series.publish(Time{0min}, 1);
    series.publish(Time{1min}, 2);
    series.publish(Time{3min}, 4);

    CHECK(series.slots(Time{0min}, 2) == Slots{missing, missing});
    CHECK(series.slots(Time{1min}, 2) == Slots{missing, missing});
    CHECK(series.slots(Time{2min}, 2) == Slots{missing, 1.0});
    CHECK(series.slots(Time{3min}, 2) == Slots{1.0, 2.0});
    CHECK(series.slots(Time{4min}, 3) == Slots{1.0, 2.0, missing});
    CHECK(series.slots(Time{5min}, 5) == Slots{missing, 1.0, 2.0, missing, 4.0});
    CHECK(series.slots(Time{7min}, 3) == Slots{4.0, missing, missing});
}

TEST_CASE("the newest visible datapoint is found behind missing minutes, but not for ever") {
    MetricSeries series{ecs_publication_delay};
    series.publish(Time{10min}, 7);

    CHECK(series.newest_visible(Time{20min})->value == 7);
    // At minute 43 the newest visible minute is 41, which is 31 after the datapoint: the last of the 32 that are kept.
    CHECK(series.newest_visible(Time{43min}).has_value());
    CHECK_FALSE(series.newest_visible(Time{44min}).has_value());
}

TEST_CASE("a long series keeps its latest minutes and forgets the rest") {
    MetricSeries series{ecs_publication_delay};
    for (std::int64_t minute = 0; minute < 100; ++minute) {
        series.publish(Time{std::chrono::minutes{minute}}, static_cast<double>(minute));
    }
    CHECK(series.slots(Time{101min}, 3) == Slots{97.0, 98.0, 99.0});
    CHECK(series.slots(Time{101min}, 32).front() == 68.0);
    CHECK(series.slots(Time{130min}, 3) == Slots{missing, missing, missing});
}

TEST_CASE("a series takes whole minutes in order, and finite values") {
    MetricSeries series{ecs_publication_delay};
    series.publish(Time{5min}, 1);
    using fleetsim::test::aborts;
    CHECK_FALSE(aborts([&] { series.publish(Time{6min}, 1); }));
    CHECK(aborts([&] { series.publish(Time{5min}, 1); }));
    CHECK(aborts([&] { series.publish(Time{6min + 1s}, 1); }));
    CHECK(aborts([&] { series.publish(Time{6min}, std::numeric_limits<double>::infinity()); }));
}

}  // namespace
