#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/scalars.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace std::chrono_literals;

namespace {

template <class Parse>
void refuses(const Parse& parse, const std::vector<std::string_view>& texts, std::string_view expected) {
    for (const std::string_view text : texts) {
        INFO("text: '" << text << "'");
        const auto parsed = parse(text);
        CHECK_FALSE(parsed.value.has_value());
        CHECK(parsed.expected == expected);
    }
}

const auto duration = [](std::string_view text) { return parse_duration(text); };

}  // namespace

TEST_CASE("durations are exact and may be compounds") {
    struct Row {
        std::string_view text;
        des::Duration value;
    };
    const std::vector<Row> rows{
        {"100us", 100us}, {"8ms", 8ms},     {"90s", 90s},     {"5m", 5min},
        {"24h", 24h},     {"2d", 48h},      {"1h30m", 90min}, {"1d2h3m4s5ms6us", 26h + 3min + 4s + 5ms + 6us},
        {"0s", 0s},       {"1.5s", 1500ms}, {"0.001us", 1ns}, {"1m0.5s", 60500ms},
        {"0.1d", 144min},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        CHECK(parse_duration(row.text).value == row.value);
    }
    // A number that a double cannot hold: 2^53 + 1 nanoseconds.
    CHECK(parse_duration("9007199254740.993us").value == des::Duration{9'007'199'254'740'993});
    CHECK(parse_duration("36525d").value == 24h * 36525);
}

TEST_CASE("what is no duration is refused") {
    refuses(duration,
            {"", "s", "90", "-5s", "+5s", "5 s", "5s ", "1m30", "30m1h", "5s5s", ".5s", "5.s", "1.5h30m", "5x", "1e3s",
             "inf", "nan", "0x10s", "5S"},
            "a duration such as 90s");
    refuses(duration, {"36526d", "36525d1us", "99999999999999999999s", "9223372036855s", "9223372036854775807d"},
            "a duration of at most 100 years (36525d)");
    refuses(duration, {"0.0001us", "0.0000000001s", "1.23456789012345d"}, "a duration in whole nanoseconds");
}

TEST_CASE("a bare number is seconds only where it is said to be") {
    CHECK(parse_duration("300", BareNumber::seconds).value == 300s);
    CHECK(parse_duration("0.5", BareNumber::seconds).value == 500ms);
    CHECK(parse_duration("5m", BareNumber::seconds).value == 5min);
    CHECK_FALSE(parse_duration("5m30", BareNumber::seconds).value);
    CHECK(parse_duration("300").hint == "did you mean 300s?");
}

TEST_CASE("units of other tools get a hint") {
    CHECK(parse_duration("90sec").hint == "did you mean 90s?");
    CHECK(parse_duration("5 min").hint == "did you mean 5m?");
    CHECK(parse_size_mib("512MB").hint == "did you mean 512MiB?");
    CHECK(parse_size_mib("2g").hint == "did you mean 2GiB?");
    CHECK(parse_rate_per_second("120").hint == "did you mean 120/s?");
    CHECK(parse_rate_per_second("5k/m").hint == "did you mean 5k/min?");
    CHECK(parse_share("99.9").hint == "did you mean 99.9%?");
}

TEST_CASE("a duration's text reads back as the duration") {
    const std::vector<des::Duration> durations{0ns, 1ns,    999ns, 1us,         1500ns, 250us,           1001us,
                                               8ms, 1500ms, 90s,   5400s + 7us, 86400s, 26h + 3min + 4s, 24h * 366};
    for (const des::Duration one : durations) {
        INFO(duration_text(one));
        CHECK(parse_duration(duration_text(one)).value == one);
    }
    CHECK(duration_text(90min) == "1h30m");
    CHECK(duration_text(300ms) == "300ms");
    CHECK(duration_text(1500us) == "1500us");
    CHECK(duration_text(0s) == "0s");
}

TEST_CASE("sizes are whole MiB") {
    CHECK(parse_size_mib("512").value == 512);
    CHECK(parse_size_mib("512MiB").value == 512);
    CHECK(parse_size_mib("2GiB").value == 2048);
    CHECK(parse_size_mib("1.5GiB").value == 1536);
    CHECK(parse_size_mib("1TiB").value == 1048576);
    CHECK(parse_size_mib("0").value == 0);
    refuses(parse_size_mib, {"", "MiB", "-1", "1kb", "512 MiB", "1e3", "nan"}, "a size such as 512MiB");
    refuses(parse_size_mib, {"0.3GiB", "0.5", "1.0001GiB"}, "a size in whole MiB");
    refuses(parse_size_mib, {"2048TiB", "99999999999999999999GiB"}, "a size below 2048TiB");
}

TEST_CASE("rates are per second, minute or hour") {
    CHECK(parse_rate_per_second("120/s").value == 120);
    CHECK(parse_rate_per_second("0/s").value == 0);
    CHECK(parse_rate_per_second("0.25/s").value == 0.25);
    CHECK(parse_rate_per_second("5k/min").value == Approx(5000.0 / 60).epsilon(1e-15));
    CHECK(parse_rate_per_second("1.5M/h").value == Approx(1.5e6 / 3600).epsilon(1e-15));
    CHECK(parse_rate_per_second("1000M/s").value == 1e9);
    refuses(parse_rate_per_second, {"", "120", "/s", "k/s", "x/s", "nan/s", "inf/s", "1 /s", "1G/s", "1kk/s", "0x1/s"},
            "a rate such as 120/s");
    refuses(parse_rate_per_second, {"1/", "1/m", "1/d", "1/s/s", "1/ s"}, "a rate per s, min or h such as 120/s");
    refuses(parse_rate_per_second, {"-1/s", "1001M/s", "1e300/s"}, "a rate from 0 to 1000M/s");
}

TEST_CASE("shares are percentages or numbers up to one") {
    CHECK(parse_share("99.9%").value == 0.999);
    CHECK(parse_share("0.999").value == 0.999);
    CHECK(parse_share("100%").value == 1);
    CHECK(parse_share("0%").value == 0);
    CHECK(parse_share("1").value == 1);
    refuses(parse_share, {"", "%", "high", "99.9 %", "nan", "nan%", "inf", "%5"}, "a share such as 99.9%");
    refuses(parse_share, {"100.1%", "-1%", "1.5", "99.9", "-0.1"}, "a share from 0% to 100%");
}

TEST_CASE("times of day are hours and minutes") {
    CHECK(parse_time_of_day("00:00").value == 0min);
    CHECK(parse_time_of_day("14:05").value == 14h + 5min);
    CHECK(parse_time_of_day("23:59").value == 23h + 59min);
    refuses(parse_time_of_day, {"", "24:00", "12:60", "1:00", "12:0", "12", "12:00:00", "ab:cd", "-1:00"},
            "a time of day from 00:00 to 23:59");
}

TEST_CASE("instants are RFC 3339") {
    using std::chrono::sys_days;
    using std::chrono::sys_seconds;
    const sys_seconds epoch{};
    CHECK(parse_instant("1970-01-01T00:00:00Z").value == epoch);
    // date -u -d 2026-01-05T12:34:56Z +%s
    CHECK(parse_instant("2026-01-05T12:34:56Z").value == epoch + 1'767'616'496s);
    CHECK(parse_instant("2026-01-05T14:34:56+02:00").value == epoch + 1'767'616'496s);
    CHECK(parse_instant("2026-01-05T05:04:56-07:30").value == epoch + 1'767'616'496s);
    CHECK(parse_instant("2024-02-29T00:00:00Z").value.has_value());
    refuses(parse_instant,
            {"", "2026-01-05", "2026-01-05T00:00Z", "2026-01-05 00:00:00Z", "2026-01-05T00:00:00",
             "2026-01-05T00:00:00.5Z", "2026-1-05T00:00:00Z", "2026-01-05T00:00:00z", "now"},
            "an instant such as 2026-01-05T00:00:00Z");
    refuses(parse_instant,
            {"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z"},
            "a date of the calendar");
    refuses(parse_instant,
            {"2026-01-05T24:00:00Z", "2026-01-05T23:60:00Z", "2026-01-05T23:59:60Z", "2026-01-05T00:00:00+24:00"},
            "a time of day up to 23:59:59");
    refuses(parse_instant, {"1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z"}, "a year from 1970 to 2199");
}

TEST_CASE("numbers are finite and written in digits") {
    CHECK(parse_integer("-12").value == -12);
    CHECK(parse_integer("9223372036854775807").value == 9'223'372'036'854'775'807);
    refuses(parse_integer, {"", "1.0", "1e3", "0x10", " 1", "+1", "1_000", "one"}, "a whole number");
    refuses(parse_integer, {"9223372036854775808"}, "a whole number that fits 64 bits");
    CHECK(parse_number("0.5").value == 0.5);
    CHECK(parse_number("-.5e1").value == -5);
    refuses(parse_number, {"", "-", ".", "nan", "inf", "-inf", "infinity", "1,5", "0x1p3", "1 "}, "a number");
    refuses(parse_number, {"1e400", "-1e400"}, "a number that a computer can hold");
    CHECK(parse_flag("true").value == true);
    CHECK(parse_flag("False").value == false);
    refuses(parse_flag, {"", "yes", "on", "1", "tRUE"}, "true or false");
}
