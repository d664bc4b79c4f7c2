#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/scaling/predictive_scaling.hpp>

#include "catch.hpp"

namespace {

using namespace std::chrono_literals;
using fleetsim::des::Duration;
using fleetsim::des::Stream;
using fleetsim::des::Time;
using fleetsim::scaling::CapacityBounds;
using fleetsim::scaling::decide;
using fleetsim::scaling::forecast_capacity;
using fleetsim::scaling::forecast_load;
using fleetsim::scaling::HourlyLoad;
using fleetsim::scaling::known_to_forecast;
using fleetsim::scaling::MaxCapacityBreach;
using fleetsim::scaling::next_run;
using fleetsim::scaling::PredictiveDecision;
using fleetsim::scaling::PredictiveMode;
using fleetsim::scaling::PredictiveRun;
using fleetsim::scaling::PredictiveScaling;

using enum MaxCapacityBreach;

/// Hours that end at the scenario's start, the first at `-count` hours; `load(hour)` counts hours from there.
template <class Load>
std::vector<HourlyLoad> hours_before_start(int count, Load load) {
    std::vector<HourlyLoad> history;
    for (int i = 0; i < count; ++i) history.push_back({Time{std::chrono::hours{i - count}}, load(i)});
    return history;
}

PredictiveScaling acting(MaxCapacityBreach breach, std::int32_t buffer_percent) {
    return {.target_value = 50,
            .mode = PredictiveMode::forecast_and_scale,
            .max_capacity_breach_behavior = breach,
            .max_capacity_buffer_percent = buffer_percent};
}

// The first three are the API reference's own example.
TEST_CASE("a forecast raises the desired capacity and perhaps the maximum but lowers neither") {
    struct Row {
        std::string_view what;
        PredictiveScaling policy;
        std::int32_t forecast;
        CapacityBounds bounds;  // Desired, minimum, maximum.
        PredictiveDecision after;
    };
    const std::array rows{
        Row{"a tenth above the forecast", acting(increase_max_capacity, 10), 50, {30, 1, 40}, {50, 55}},
        Row{"no higher than the forecast", acting(increase_max_capacity, 0), 50, {30, 1, 40}, {50, 50}},
        Row{"the maximum is honoured", acting(honor_max_capacity, 0), 50, {30, 1, 40}, {40, 40}},
        Row{"a forecast near the maximum", acting(increase_max_capacity, 10), 38, {30, 1, 40}, {38, 42}},
        Row{"a forecast far below it", acting(increase_max_capacity, 10), 35, {30, 1, 40}, {35, 40}},
        Row{"fractions of the buffer count", acting(increase_max_capacity, 10), 41, {30, 1, 40}, {41, 46}},
        Row{"the buffer's largest", acting(increase_max_capacity, 100), 50, {30, 1, 40}, {50, 100}},
        Row{"more than there are instances",
            acting(increase_max_capacity, 100),
            2'000'000'000,
            {1, 1, 4},
            {100'000, 100'000}},
        Row{"never in", acting(honor_max_capacity, 0), 10, {30, 1, 40}, {30, 40}},
        Row{"nor when nothing is expected", acting(increase_max_capacity, 10), 0, {30, 1, 40}, {30, 40}},
        Row{"as many as there are", acting(honor_max_capacity, 0), 30, {30, 1, 40}, {30, 40}},
        Row{"a minimum that a schedule raised", acting(honor_max_capacity, 0), 10, {5, 20, 40}, {20, 40}},
        Row{"beyond the maximum already", acting(honor_max_capacity, 0), 60, {45, 1, 40}, {45, 40}},
        Row{"who only forecasts does nothing",
            {.target_value = 50, .max_capacity_breach_behavior = increase_max_capacity},
            50,
            {30, 1, 40},
            {30, 40}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        CHECK(decide(row.policy, row.forecast, row.bounds) == row.after);
    }
}

TEST_CASE("whatever the forecast nothing is taken away") {
    const Stream stream{1, 0, "predictive scaling", "test"};
    for (std::uint64_t k = 0; k < 2000; ++k) {
        auto draws = stream.draws(k);
        const auto below = [&](std::uint64_t bound) { return static_cast<std::int32_t>(draws.word() % bound); };
        const MaxCapacityBreach breach = below(2) == 0 ? honor_max_capacity : increase_max_capacity;
        CapacityBounds bounds{.desired = 0, .min = below(50), .max = 0};
        bounds.max = bounds.min + below(50);
        bounds.desired = below(100);
        const std::int32_t forecast = below(200);
        const PredictiveDecision after = decide(acting(breach, below(101)), forecast, bounds);
        REQUIRE(after.desired >= bounds.desired);
        REQUIRE(after.desired >= bounds.min);
        REQUIRE(after.max >= bounds.max);
        REQUIRE((breach == increase_max_capacity || after.max == bounds.max));
        REQUIRE((breach == honor_max_capacity || after.desired >= forecast));
        REQUIRE((after.desired == bounds.desired || after.desired <= after.max));
    }
}

TEST_CASE("the forecast capacity brings the load to its target and rounds up") {
    struct Row {
        double mean_load;
        double target;
        std::int32_t capacity;
    };
    const std::array rows{
        Row{140, 50, 3},  // Two instances at 70 %.
        Row{150, 50, 3},
        Row{150.1, 50, 4},
        Row{0, 50, 0},
        Row{-1, 50, 0},
        Row{0.001, 50, 1},
        Row{3 * 1.1, 0.3, 11},  // Exactly 11, although it is 11.000000000000002 in binary.
        Row{1e300, 1e-3, 2147483647},
        Row{std::numeric_limits<double>::infinity(), 50, 2147483647},
    };
    for (const Row& row : rows) {
        CAPTURE(row.mean_load, row.target);
        CHECK(forecast_capacity(row.mean_load, row.target) == row.capacity);
    }
}

TEST_CASE("a forecast needs a day of history") {
    const auto flat = [](int) { return 10.0; };
    CHECK_FALSE(forecast_load({}, Time{}).has_value());
    CHECK_FALSE(forecast_load(hours_before_start(1, flat), Time{}).has_value());
    CHECK_FALSE(forecast_load(hours_before_start(23, flat), Time{}).has_value());
    CHECK(forecast_load(hours_before_start(24, flat), Time{}) == 10.0);

    // Hours that are missing do not count, and neither do those that are to be forecast.
    std::vector<HourlyLoad> gaps = hours_before_start(24, flat);
    gaps.erase(gaps.begin() + 7);
    CHECK_FALSE(forecast_load(gaps, Time{}).has_value());
    CHECK_FALSE(forecast_load(hours_before_start(24, flat), Time{-1h}).has_value());
}

TEST_CASE("an hour is forecast by the same hours of the week and then of the day and then by the last") {
    // A load that tells its own number: hours count from the first.
    const auto number = [](int i) { return static_cast<double>(i); };
    struct Row {
        std::string_view what;
        int hours_of_history;
        std::chrono::hours ahead;
        double load;
    };
    const std::array rows{
        Row{"the mean of two weeks", 14 * 24, 0h, (0 + 168) / 2.0},
        Row{"the same for a later hour", 14 * 24, 47h, (47 + 215) / 2.0},
        Row{"what is older than 14 days is forgotten", 21 * 24, 0h, (168 + 336) / 2.0},
        Row{"an hour beyond them too", 21 * 24, 167h, (335 + 503) / 2.0},
        Row{"one week", 7 * 24, 0h, 0},
        Row{"a week and a day knows tomorrow once", 8 * 24, 24h, 48},
        Row{"and today twice", 8 * 24 + 168, 0h, (24 + 192) / 2.0},
        Row{"less than a week: the mean of the days", 3 * 24, 5h, (5 + 29 + 53) / 3.0},
        Row{"the day after too", 3 * 24, 29h, (5 + 29 + 53) / 3.0},
        Row{"one day", 24, 23h, 23},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        CHECK(forecast_load(hours_before_start(row.hours_of_history, number), Time{row.ahead}) == row.load);
    }

    // The first twelve hours of each of two days: no noon among them.
    std::vector<HourlyLoad> nights;
    for (const HourlyLoad& hour : hours_before_start(48, number)) {
        if (static_cast<int>(hour.mean_load) % 24 < 12) nights.push_back(hour);
    }
    CHECK(forecast_load(nights, Time{12h}) == 35);
    CHECK(forecast_load(nights, Time{11h}) == (11 + 35) / 2.0);
}

TEST_CASE("an hour's forecast knows nothing of that hour") {
    const std::vector<HourlyLoad> history = hours_before_start(14 * 24, [](int i) { return i < 250 ? 1.0 : 1000.0; });
    CHECK(forecast_load(history, Time{std::chrono::hours{250 - 14 * 24}}) == 1.0);
}

// Load 100 on every hour but one Tuesday, when something out of the ordinary multiplied it by ten.
TEST_CASE("one outlier among fourteen days fools the forecast of the same weekday") {
    constexpr int outlier_day = 8;
    const auto load = [](int i) { return i / 24 == outlier_day ? 1000.0 : 100.0; };
    const std::vector<HourlyLoad> history = hours_before_start(14 * 24, load);

    const auto expected_in_days = [&](int days) {
        return forecast_load(history, Time{std::chrono::hours{24 * days + 9}});
    };
    CHECK(expected_in_days(outlier_day - 7) == 550.0);
    CHECK(expected_in_days(outlier_day - 6) == 100.0);
    CHECK(expected_in_days(outlier_day - 8) == 100.0);

    // With the target at 50, eleven instances wait where two would do, and nothing takes them away.
    const PredictiveScaling policy = acting(honor_max_capacity, 0);
    const std::int32_t fooled = forecast_capacity(*expected_in_days(outlier_day - 7), policy.target_value);
    const PredictiveDecision raised = decide(policy, fooled, {.desired = 2, .min = 1, .max = 40});
    CHECK(raised == PredictiveDecision{11, 40});
    const std::int32_t after = forecast_capacity(*expected_in_days(outlier_day - 6), policy.target_value);
    CHECK(after == 2);
    CHECK(decide(policy, after, {.desired = raised.desired, .min = 1, .max = 40}).desired == 11);
}

TEST_CASE("a forecast knows what was over when it was made at the last whole six hours") {
    const std::vector<HourlyLoad> history = hours_before_start(40, [](int i) { return static_cast<double>(i); });
    struct Row {
        Duration now;
        std::size_t known;
    };
    std::vector<HourlyLoad> later = history;
    for (int i = 0; i < 24; ++i) later.push_back({Time{std::chrono::hours{i}}, 1.0});
    for (const Row& row : std::array{Row{0h, 40}, Row{5h + 59min, 40}, Row{6h, 46}, Row{6h + 1ns, 46}, Row{11h, 46},
                                     Row{12h, 52}, Row{23h, 58}, Row{24h, 64}, Row{240h, 64}}) {
        CAPTURE(row.now.count());
        CHECK(known_to_forecast(later, Time{row.now}).size() == row.known);
    }
    CHECK(known_to_forecast({}, Time{}).empty());
}

TEST_CASE("a policy acts the buffer time before every whole hour") {
    struct Row {
        Duration buffer;
        Duration now;
        PredictiveRun next;
    };
    const std::array rows{
        Row{300s, 0s, {Time{55min}, Time{1h}}},
        Row{300s, 55min - 1ns, {Time{55min}, Time{1h}}},
        Row{300s, 55min, {Time{1h + 55min}, Time{2h}}},
        Row{300s, 59min, {Time{1h + 55min}, Time{2h}}},
        Row{0s, 0s, {Time{1h}, Time{1h}}},
        Row{0s, 1h, {Time{2h}, Time{2h}}},
        Row{3599s, 0s, {Time{1s}, Time{1h}}},
        Row{3599s, 1s, {Time{1h + 1s}, Time{2h}}},
        Row{300s, -1h, {Time{-5min}, Time{}}},
        Row{300s, -5min, {Time{55min}, Time{1h}}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.buffer.count(), row.now.count());
        const PredictiveRun next = next_run({.target_value = 50, .scheduling_buffer_time = row.buffer}, Time{row.now});
        CHECK((next == row.next));
    }
}

TEST_CASE("predictive settings have AWS's names") {
    CHECK(name(PredictiveMode::forecast_only) == "ForecastOnly");
    CHECK(name(PredictiveMode::forecast_and_scale) == "ForecastAndScale");
    CHECK(name(honor_max_capacity) == "HonorMaxCapacity");
    CHECK(name(increase_max_capacity) == "IncreaseMaxCapacity");
}

}  // namespace
