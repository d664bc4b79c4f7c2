#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include <fleetsim/placement/query_comparison.hpp>

#include "catch.hpp"

using namespace fleetsim::placement::detail;
using namespace std::chrono_literals;

namespace {

struct Row {
    std::string_view one;
    std::string_view other;
    int order;  ///< Negative, zero or positive.
};

int sign(std::weak_ordering order) { return order < 0 ? -1 : (order > 0 ? 1 : 0); }

}  // namespace

TEST_CASE("versions are ordered by the first number that differs") {
    const std::array rows{
        Row{"1.14.5", "1.9.0", 1}, Row{"1.14.4", "1.14.5", -1},
        Row{"1.14", "1.14.0", 0},  Row{"1.14", "1.14.1", -1},
        Row{"01.02", "1.2", 0},    Row{"2", "1.99.99", 1},
        Row{"0", "0.0.0", 0},      Row{"1.18446744073709551616", "1.18446744073709551615", 1},
    };
    for (const Row& row : rows) {
        CAPTURE(row.one, row.other);
        REQUIRE(is_version(row.one));
        REQUIRE(is_version(row.other));
        CHECK(sign(compare_versions(row.one, row.other)) == row.order);
        CHECK(sign(compare_versions(row.other, row.one)) == -row.order);
    }
    for (const std::string_view text : {"", ".", "1.", ".1", "1..2", "1.a", "v1", "-1", "1.2 "}) {
        CAPTURE(text);
        CHECK_FALSE(is_version(text));
    }
}

TEST_CASE("values are ordered as decimal numbers if both are, and as bytes otherwise") {
    const std::array rows{
        Row{"9", "10", -1},
        Row{"9a", "10", 1},
        Row{"10", "10.0", 0},
        Row{"-2", "-10", 1},
        Row{"-1", "0", -1},
        Row{"-0", "0.0", 0},
        Row{"0.5", "0.45", 1},
        Row{"0.5", "0.50", 0},
        Row{"-0.5", "-0.45", -1},
        Row{"007", "7", 0},
        Row{"1e3", "2", -1},
        Row{".5", "0.4", -1},
        Row{"+5", "4", -1},
        Row{"5.", "6", -1},
        Row{"", "0", -1},
        Row{"a", "b", -1},
        Row{"a", "A", 1},
        Row{"ab", "a", 1},
        Row{"-5.25", "-5.125", -1},
        Row{"\xFF", "a", 1},
        Row{"-", "1", -1},
        // Beyond the precision of a double.
        Row{"9007199254740993", "9007199254740992", 1},
    };
    for (const Row& row : rows) {
        CAPTURE(row.one, row.other);
        CHECK(sign(compare_values(row.one, row.other)) == row.order);
        CHECK(sign(compare_values(row.other, row.one)) == -row.order);
        CHECK(sign(compare_values(row.one, row.one)) == 0);
    }
}

TEST_CASE("dates of all four forms name their instant") {
    for (const std::string_view text : {"2018-06-18T22:28:28+00:00", "2018-06-18T22:28:28Z", "2018-06-18T22:28:28",
                                        "2018-06-19T00:28:28+02:00", "2018-06-18T16:58:28-05:30"}) {
        CAPTURE(text);
        REQUIRE(instant(text));
        CHECK(instant(text)->time_since_epoch() == 1529360908s);
    }
    CHECK(instant("2018-06-18")->time_since_epoch() == 1529280000s);
    CHECK(instant("2024-02-29")->time_since_epoch() == 1709164800s);
    CHECK(instant("1969-12-31T23:59:59Z")->time_since_epoch() == -1s);
}

TEST_CASE("what is no date of these forms is refused") {
    for (const std::string_view text : {"",
                                        "2018",
                                        "2018-06",
                                        "2018-6-18",
                                        "2018-13-01",
                                        "2018-00-10",
                                        "2018-06-31",
                                        "2023-02-29",
                                        "20180618",
                                        "2018-06-18T",
                                        "2018-06-18T22:28",
                                        "2018-06-18T24:00:00",
                                        "2018-06-18T22:60:00",
                                        "2018-06-18T22:28:60",
                                        "2018-06-18 22:28:28",
                                        "2018-06-18T22:28:28z",
                                        "2018-06-18T22:28:28.5Z",
                                        "2018-06-18T22:28:28+0000",
                                        "2018-06-18T22:28:28+00",
                                        "2018-06-18T22:28:28+24:00",
                                        "2018-06-18T22:28:28Z ",
                                        "2018-06-18Z",
                                        "+018-06-18"}) {
        CAPTURE(text);
        CHECK_FALSE(instant(text));
    }
}
