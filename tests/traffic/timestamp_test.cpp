#include <chrono>
#include <string_view>

#include <fleetsim/traffic/timestamp.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace std::chrono_literals;
using traffic::parse_timestamp;

TEST_CASE("timestamps of every accepted form name the same instant") {
    const auto* const text =
        GENERATE("2014-04-10 00:04:00", "2014-04-10 00:04", "2014-04-10T00:04:00", "2014-04-10T00:04Z",
                 "2014-04-10t00:04:00z", "2014-04-10T00:04:00.000Z", "2014-04-10 00:04:00+00:00",
                 "2014-04-10T02:04:00+02:00", "2014-04-10T02:04:00+0200", "2014-04-09T19:04:00-05", "1397088240",
                 "1397088240.0", "2014-04-09T18:34:00-05:30");
    CAPTURE(text);
    REQUIRE(parse_timestamp(text));
    CHECK(parse_timestamp(text)->since_origin == 1397088240s);
    CHECK(parse_timestamp(text)->calendar == (std::string_view(text).find('-') != std::string_view::npos));
}

TEST_CASE("fractions of a second are kept to the nanosecond") {
    CHECK(parse_timestamp("1970-01-01 00:00:01.5")->since_origin == 1500ms);
    CHECK(parse_timestamp("1397088240.123456789")->since_origin == 1397088240s + 123456789ns);
    CHECK(parse_timestamp("0.0000000019")->since_origin == 1ns);
    CHECK(parse_timestamp("0")->since_origin == 0s);
}

TEST_CASE("a date alone is its midnight, in leap years and others") {
    CHECK(parse_timestamp("1970-01-01")->since_origin == 0s);
    CHECK(parse_timestamp("2024-02-29")->since_origin == 1709164800s);
    CHECK(parse_timestamp("2199-12-31T23:59:59Z")->since_origin == 7258118399s);
}

TEST_CASE("what is not a timestamp is refused") {
    const auto* const text =
        GENERATE("", "yesterday", "2014-04", "2014-4-10", "2014-13-01", "2014-00-01", "2014-02-30", "2023-02-29",
                 "2014-04-10 24:00", "2014-04-10 00:60", "2014-04-10 00:04:60", "2014-04-10 0:04",
                 "2014-04-10 00:04:00 UTC", "2014-04-10 00:04:00.", "2014-04-10 00:04:00+24:00",
                 "2014-04-10 00:04:00+02:60", "2014-04-10 ", "2014-04-10 00", "10/04/2014", "1969-12-31", "2200-01-01",
                 "-5", "1.", ".5", "1e9", "12s", "1397088240000", "7258118400", "99999999999999999999");
    CAPTURE(text);
    CHECK_FALSE(parse_timestamp(text));
}
