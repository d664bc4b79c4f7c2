#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include <fleetsim/scaling/alarm.hpp>

#include "catch.hpp"

namespace {

using fleetsim::scaling::AlarmSettings;
using fleetsim::scaling::AlarmState;
using fleetsim::scaling::breaches;
using fleetsim::scaling::Comparison;
using fleetsim::scaling::evaluate;
using fleetsim::scaling::evaluation_range;
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

TEST_CASE("an alarm looks at two minutes more than it evaluates") {
    CHECK(evaluation_range(AlarmSettings{.evaluation_periods = 3}) == 5);
    CHECK(evaluation_range(AlarmSettings{.evaluation_periods = 15}) == 17);
}

TEST_CASE("alarm states, comparisons and treatments are spelled as CloudWatch does") {
    CHECK(name(AlarmState::insufficient_data) == "INSUFFICIENT_DATA");
    CHECK(name(AlarmState::ok) == "OK");
    CHECK(name(AlarmState::alarm) == "ALARM");
    CHECK(name(Comparison::less) == "LessThanThreshold");
    CHECK(name(MissingData::not_breaching) == "notBreaching");
}

}  // namespace
