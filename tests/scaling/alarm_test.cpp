#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scaling/alarm.hpp>
#include <fleetsim/scaling/metric.hpp>

#include "catch.hpp"

namespace {

using namespace std::chrono_literals;
using fleetsim::des::Duration;
using fleetsim::des::Time;
using fleetsim::scaling::AlarmSetting;
using fleetsim::scaling::AlarmSettings;
using fleetsim::scaling::AlarmState;
using fleetsim::scaling::breaches;
using fleetsim::scaling::can_breach;
using fleetsim::scaling::Comparison;
using fleetsim::scaling::ec2_publication_delay;
using fleetsim::scaling::ecs_publication_delay;
using fleetsim::scaling::evaluate;
using fleetsim::scaling::evaluation_interval;
using fleetsim::scaling::evaluation_range;
using fleetsim::scaling::MetricSeries;
using fleetsim::scaling::MetricSettings;
using fleetsim::scaling::MissingData;

constexpr std::array all_states{AlarmState::insufficient_data, AlarmState::ok, AlarmState::alarm};

/// `0` is a good datapoint, `X` a breaching one, `-` a missing one; oldest first. The threshold is 10.
std::vector<std::optional<double>> points(std::string_view drawn) {
    std::vector<std::optional<double>> slots;
    for (const char point : drawn) {
        if (point == '-') slots.emplace_back();
        if (point == '0') slots.emplace_back(5.0);
        if (point == 'X') slots.emplace_back(15.0);
    }
    return slots;
}

/// The expected state: `A` ALARM, `O` OK, `I` INSUFFICIENT_DATA, `K` the present one.
AlarmState expected(char letter, AlarmState current) {
    if (letter == 'A') return AlarmState::alarm;
    if (letter == 'O') return AlarmState::ok;
    if (letter == 'I') return AlarmState::insufficient_data;
    return current;
}

// The tables of the Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data", and further
// rows worked out from its text.
TEST_CASE("an alarm treats missing data as documented") {
    struct Row {
        std::string_view drawn;
        int periods;
        int to_alarm;
        std::string_view results;  // missing, ignore, breaching, notBreaching
    };
    const std::array rows{
        // Three of three.
        Row{"0-X-X", 3, 3, "OOOO"},
        Row{"0----", 3, 3, "OOOO"},
        Row{"-----", 3, 3, "IKAO"},
        Row{"0XX-X", 3, 3, "AAAA"},
        Row{"--X--", 3, 3, "AKAO"},
        // Two of three.
        Row{"0-X-X", 3, 2, "AAAA"},
        Row{"00X0X", 3, 2, "AAAA"},
        Row{"0-X--", 3, 2, "OOAO"},
        Row{"----0", 3, 2, "OOAO"},
        Row{"---X-", 3, 2, "AKAO"},
        // Every datapoint breaches, but the oldest has not aged enough: too early for an alarm.
        Row{"----X", 3, 3, "KKAO"},
        Row{"---X-", 3, 3, "KKAO"},
        Row{"---XX", 3, 3, "KKAO"},
        Row{"----X", 3, 2, "KKAO"},
        // The newest datapoints decide when there are enough.
        Row{"XXX00", 3, 3, "OOOO"},
        Row{"X0XX-", 3, 3, "OOOO"},
        Row{"XX000", 3, 2, "OOOO"},
        Row{"00XXX", 3, 3, "AAAA"},
        Row{"X--XX", 3, 3, "AAAA"},
        // One of one looks back for its one datapoint.
        Row{"X--", 1, 1, "AAAA"},
        Row{"X-0", 1, 1, "OOOO"},
        Row{"---", 1, 1, "IKAO"},
    };
    constexpr std::array treatments{MissingData::missing, MissingData::ignore, MissingData::breaching,
                                    MissingData::not_breaching};
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < treatments.size(); ++i) {
            for (const AlarmState current : all_states) {
                const AlarmSettings alarm{.threshold = 10,
                                          .evaluation_periods = row.periods,
                                          .datapoints_to_alarm = row.to_alarm,
                                          .treat_missing_data = treatments[i]};
                CAPTURE(row.drawn, row.to_alarm, name(treatments[i]), name(current));
                CHECK(evaluate(alarm, points(row.drawn), current) == expected(row.results[i], current));
            }
        }
    }
}

TEST_CASE("only what lies on the wrong side of the threshold breaches it") {
    struct Row {
        Comparison comparison;
        bool below;
        bool at;
        bool above;
    };
    constexpr std::array rows{
        Row{Comparison::greater, false, false, true},
        Row{Comparison::greater_or_equal, false, true, true},
        Row{Comparison::less, true, false, false},
        Row{Comparison::less_or_equal, true, true, false},
    };
    for (const Row& row : rows) {
        CAPTURE(name(row.comparison));
        const AlarmSettings alarm{.comparison = row.comparison, .threshold = 60};
        CHECK(breaches(alarm, 59.9) == row.below);
        CHECK(breaches(alarm, 60) == row.at);
        CHECK(breaches(alarm, 60.1) == row.above);
    }
}

TEST_CASE("an alarm looks at two periods more than it evaluates") {
    CHECK(evaluation_range(AlarmSettings{.evaluation_periods = 3}) == 5);
    CHECK(evaluation_range(AlarmSettings{.evaluation_periods = 15}) == 17);
    CHECK(look_back(AlarmSettings{.evaluation_periods = 15}) == 17min);
    CHECK(look_back(AlarmSettings{.evaluation_periods = 3, .period = 300s}) == 25min);
    CHECK(look_back(AlarmSettings{.evaluation_periods = 3, .period = 10s}) == 50s);
}

TEST_CASE("an alarm is evaluated every minute or every ten seconds if its periods are shorter") {
    for (const Duration period : {Duration{60s}, Duration{120s}, Duration{300s}, Duration{24h}}) {
        CHECK(evaluation_interval(AlarmSettings{.period = period}) == 60s);
    }
    for (const Duration period : {Duration{10s}, Duration{20s}, Duration{30s}}) {
        CHECK(evaluation_interval(AlarmSettings{.period = period}) == 10s);
    }
}

/// The load of a metric, by the instant.
constexpr Time noon{12h};
double rising(Time at) { return at >= noon ? 80 : 40; }
double falling(Time at) { return at >= noon ? 10 : 40; }

struct Change {
    Duration after_noon;
    AlarmState state;

    friend bool operator==(const Change&, const Change&) = default;
};

std::ostream& operator<<(std::ostream& out, const Change& change) {
    return out << std::chrono::duration_cast<std::chrono::seconds>(change.after_noon).count() << "s "
               << name(change.state);
}

/// Changes of an alarm's state from noon until half past. The metric has had datapoints for an hour, each with the load
/// at the start of its period.
std::vector<Change> changes(const AlarmSettings& alarm, const MetricSettings& metric, double (*load)(Time)) {
    MetricSeries series{metric};
    series.look_back(look_back(alarm));
    std::vector<Change> found;
    auto state = AlarmState::insufficient_data;
    Time next_period = noon - 1h;
    for (Time now = noon - 1h; now <= noon + 30min; now += evaluation_interval(alarm)) {
        for (; next_period + metric.resolution <= now; next_period += metric.resolution) {
            series.publish(next_period, load(next_period));
        }
        const auto slots = series.slots(now, alarm.period, {}, evaluation_range(alarm));
        const AlarmState after = evaluate(alarm, slots, state);
        if (after != state && now >= noon) found.push_back({now - noon, after});
        state = after;
    }
    return found;
}

AlarmSettings above(double threshold, int periods) {
    return {.comparison = Comparison::greater,
            .threshold = threshold,
            .evaluation_periods = periods,
            .datapoints_to_alarm = periods};
}

AlarmSettings below(double threshold, int periods) {
    AlarmSettings alarm = above(threshold, periods);
    alarm.comparison = Comparison::less;
    return alarm;
}

using Changes = std::vector<Change>;

TEST_CASE("an alarm goes on at the first whole minute at which enough breaching datapoints can be seen") {
    const MetricSettings ecs{.publication_delay = ecs_publication_delay};
    const MetricSettings late{.publication_delay = 60s};
    // The third minute above 60 % is over at 12:03:00 and seen at 12:03:20.
    CHECK(changes(above(60, 3), ecs, rising) == Changes{{4min, AlarmState::alarm}});
    CHECK(changes(below(30, 15), ecs, falling) == Changes{{16min, AlarmState::alarm}});
    // Managed scaling: one minute, seen at 12:01:20.
    CHECK(changes(above(60, 1), ecs, rising) == Changes{{2min, AlarmState::alarm}});
    CHECK(changes(above(60, 3), late, rising) == Changes{{4min, AlarmState::alarm}});
    CHECK(changes(above(60, 1), {}, rising) == Changes{{1min, AlarmState::alarm}});
}

TEST_CASE("an alarm with five-minute periods sees the mean of a window that slides by a minute") {
    AlarmSettings alarm = above(60, 1);
    alarm.period = 300s;
    // The mean of the last five minutes is 40 + 8 for each minute of high load: above 60 % with the third.
    CHECK(changes(alarm, {}, rising) == Changes{{3min, AlarmState::alarm}});
    alarm.threshold = 79;
    CHECK(changes(alarm, {}, rising) == Changes{{5min, AlarmState::alarm}});
}

TEST_CASE("alarms with periods below a minute go on within seconds") {
    const MetricSettings seconds{.resolution = 1s, .publication_delay = 5s};
    AlarmSettings alarm = above(60, 3);
    alarm.period = 10s;
    // 30 s of load, 5 s until they can be seen, and the next evaluation.
    CHECK(changes(alarm, seconds, rising) == Changes{{40s, AlarmState::alarm}});
    alarm.period = 30s;
    // The windows slide by 10 s. Half of the oldest must be high for its mean to lie above 59 %: 75 s, seen at 85 s.
    alarm.threshold = 59;
    CHECK(changes(alarm, seconds, rising) == Changes{{90s, AlarmState::alarm}});
}

TEST_CASE("an alarm of ten seconds on a one-minute metric never has enough data") {
    AlarmSettings alarm = above(60, 1);
    alarm.period = 10s;
    CHECK(changes(alarm, {}, rising).empty());
    alarm.evaluation_periods = 5;
    // It sees six or seven periods back and so a datapoint in two evaluations of six, which is old enough each time.
    const Changes found = changes(alarm, {}, rising);
    REQUIRE(found.size() > 4);
    CHECK(found[found.size() - 1].state != found[found.size() - 2].state);
    CHECK(std::any_of(found.begin(), found.end(),
                      [](const Change& change) { return change.state == AlarmState::insufficient_data; }));
    CHECK(std::any_of(found.begin(), found.end(),
                      [](const Change& change) { return change.state == AlarmState::alarm; }));
}

TEST_CASE("with basic monitoring the high alarm flickers and the low alarm holds") {
    const MetricSettings basic{.resolution = 300s, .publication_delay = ec2_publication_delay};
    // The first five minutes of load are seen at 12:06, as the oldest of the five slots: the others are missing. A
    // minute later it is out of sight.
    CHECK(changes(above(60, 3), basic, rising) == Changes{{1min, AlarmState::ok},
                                                          {2min, AlarmState::insufficient_data},
                                                          {6min, AlarmState::alarm},
                                                          {7min, AlarmState::insufficient_data},
                                                          {11min, AlarmState::alarm},
                                                          {12min, AlarmState::insufficient_data},
                                                          {16min, AlarmState::alarm},
                                                          {17min, AlarmState::insufficient_data},
                                                          {21min, AlarmState::alarm},
                                                          {22min, AlarmState::insufficient_data},
                                                          {26min, AlarmState::alarm},
                                                          {27min, AlarmState::insufficient_data}});
    // Seventeen slots hold three or four of the datapoints. At 12:16 all of them breach and the oldest lies 15 back.
    CHECK(changes(below(30, 15), basic, falling) == Changes{{16min, AlarmState::alarm}});
    // With detailed monitoring the low alarm is no faster, and the high alarm is.
    const MetricSettings detailed{.publication_delay = ec2_publication_delay};
    CHECK(changes(below(30, 15), detailed, falling) == Changes{{16min, AlarmState::alarm}});
    CHECK(changes(above(60, 3), detailed, rising) == Changes{{4min, AlarmState::alarm}});
}

TEST_CASE("an alarm goes on judging its last datapoints after the metric has stopped") {
    MetricSeries series{{}};
    for (int minute = 0; minute < 10; ++minute) series.publish(Time{std::chrono::minutes{minute}}, 80);
    const AlarmSettings alarm = above(60, 3);
    auto state = AlarmState::ok;
    for (int minute = 10; minute <= 15; ++minute) {
        const auto slots = series.slots(Time{std::chrono::minutes{minute}}, 60s, {}, evaluation_range(alarm));
        state = evaluate(alarm, slots, state);
        CAPTURE(minute);
        CHECK(state == (minute < 15 ? AlarmState::alarm : AlarmState::insufficient_data));
    }
}

TEST_CASE("CloudWatch takes periods of 10 or 20 or 30 seconds or whole minutes and at most a day or a week of them") {
    struct Row {
        Duration period;
        int periods;
        int to_alarm;
        std::size_t faults;
    };
    for (const Row& row : {
             Row{60s, 1, 1, 0},
             Row{10s, 3, 2, 0},
             Row{20s, 3, 2, 0},
             Row{30s, 3, 2, 0},
             Row{300s, 288, 288, 0},
             Row{300s, 289, 1, 1},
             Row{60s, 1440, 1, 0},
             Row{60s, 1441, 1, 1},
             Row{10s, 8640, 1, 0},
             Row{10s, 8641, 1, 1},
             Row{1h, 168, 1, 0},
             Row{1h, 169, 1, 1},
             Row{59min, 24, 1, 0},
             Row{59min, 25, 1, 1},
             Row{24h, 7, 7, 0},
             Row{24h, 8, 7, 1},
             Row{168h, 1, 1, 0},
             Row{169h, 1, 1, 1},
             Row{0s, 1, 1, 1},
             Row{-60s, 1, 1, 1},
             Row{1s, 1, 1, 1},
             Row{5s, 1, 1, 1},
             Row{40s, 1, 1, 1},
             Row{90s, 1, 1, 1},
             Row{60s + 1ns, 1, 1, 1},
             Row{60s, 3, 0, 1},
             Row{60s, 3, 4, 1},
             Row{60s, 0, 0, 2},
             Row{60s, 0, 1, 2},
             Row{60s, -1, -1, 2},
             Row{60s, std::numeric_limits<int>::max(), 1, 1},
         }) {
        const AlarmSettings alarm{
            .evaluation_periods = row.periods, .datapoints_to_alarm = row.to_alarm, .period = row.period};
        CAPTURE(row.period.count(), row.periods, row.to_alarm);
        CHECK(faults(alarm).size() == row.faults);
    }
    CHECK(faults(AlarmSettings{.period = 40s})[0].text == "the period is 10, 20 or 30 seconds, or whole minutes");
}

TEST_CASE("each fault of an alarm is told of the setting that brings it about") {
    struct Row {
        AlarmSettings alarm;
        std::vector<AlarmSetting> settings;
    };
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    for (const Row& row : {
             Row{{}, {}},
             Row{{.period = 40s}, {AlarmSetting::period}},
             Row{{.evaluation_periods = 1441}, {AlarmSetting::evaluation_periods}},
             Row{{.datapoints_to_alarm = 2}, {AlarmSetting::datapoints_to_alarm}},
             Row{{.threshold = nan}, {AlarmSetting::threshold}},
             Row{{.datapoints_to_alarm = 2, .period = 40s}, {AlarmSetting::period, AlarmSetting::datapoints_to_alarm}},
         }) {
        std::vector<AlarmSetting> settings;
        for (const auto& fault : faults(row.alarm)) settings.push_back(fault.setting);
        CHECK(settings == row.settings);
    }
}

TEST_CASE("a metric that has bounds may never breach") {
    using enum Comparison;
    struct Row {
        Comparison comparison;
        double threshold;
        bool can;
    };
    for (const Row& row : {
             Row{greater, 99, true},
             Row{greater, 100, false},
             Row{greater_or_equal, 100, true},
             Row{greater_or_equal, 101, false},
             Row{less, 1, true},
             Row{less, 0, false},
             Row{less_or_equal, 0, true},
             Row{less_or_equal, -1, false},
         }) {
        CAPTURE(name(row.comparison), row.threshold);
        CHECK(can_breach({.comparison = row.comparison, .threshold = row.threshold}, 0, 100) == row.can);
    }
}

TEST_CASE("alarm states and comparisons and treatments are spelled as CloudWatch does") {
    CHECK(name(AlarmState::insufficient_data) == "INSUFFICIENT_DATA");
    CHECK(name(AlarmState::ok) == "OK");
    CHECK(name(AlarmState::alarm) == "ALARM");
    CHECK(name(Comparison::less) == "LessThanThreshold");
    CHECK(name(MissingData::not_breaching) == "notBreaching");
}

}  // namespace
