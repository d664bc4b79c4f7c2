#include <array>
#include <charconv>
#include <string_view>

#include <fleetsim/scenario/scalars.hpp>

namespace fleetsim::scenario {

namespace {

/// Two or four digits of a date, or -1.
[[nodiscard]] int digits(std::string_view text, std::size_t from, std::size_t count) {
    if (from + count > text.size()) return -1;
    int value = 0;
    for (const char c : text.substr(from, count)) {
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

[[nodiscard]] bool matches(std::string_view text, std::string_view shape) {
    if (text.size() != shape.size()) return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == '0' ? !digit : text[i] != shape[i]) return false;
    }
    return true;
}

}  // namespace

Parsed<std::chrono::minutes> parse_time_of_day(std::string_view text) {
    const int hour = digits(text, 0, 2);
    const int minute = digits(text, 3, 2);
    if (!matches(text, "00:00") || hour > 23 || minute > 59) {
        return Parsed<std::chrono::minutes>::bad("a time of day from 00:00 to 23:59");
    }
    return Parsed<std::chrono::minutes>::good(std::chrono::hours{hour} + std::chrono::minutes{minute});
}

Parsed<std::chrono::seconds> parse_clock_time(std::string_view text) {
    const int hour = digits(text, 0, 2);
    const int minute = digits(text, 3, 2);
    const bool has_seconds = matches(text, "00:00:00");
    const int second = has_seconds ? digits(text, 6, 2) : 0;
    if (!(has_seconds || matches(text, "00:00")) || hour > 23 || minute > 59 || second > 59) {
        return Parsed<std::chrono::seconds>::bad("a time of day up to 23:59:59");
    }
    return Parsed<std::chrono::seconds>::good(std::chrono::hours{hour} + std::chrono::minutes{minute} +
                                              std::chrono::seconds{second});
}

Parsed<std::chrono::sys_seconds> parse_instant(std::string_view text) {
    using Result = Parsed<std::chrono::sys_seconds>;
    constexpr std::size_t local_length = std::string_view("2026-01-05T00:00:00").size();
    const std::string_view local = text.substr(0, local_length);
    const std::string_view zone = text.size() > local_length ? text.substr(local_length) : std::string_view{};
    const bool utc = zone == "Z";
    if (!matches(local, "0000-00-00T00:00:00") || !(utc || matches(zone, "+00:00") || matches(zone, "-00:00"))) {
        return Result::bad("an instant such as 2026-01-05T00:00:00Z");
    }
    const std::chrono::year_month_day date{std::chrono::year{digits(local, 0, 4)},
                                           std::chrono::month{static_cast<unsigned>(digits(local, 5, 2))},
                                           std::chrono::day{static_cast<unsigned>(digits(local, 8, 2))}};
    const int hour = digits(local, 11, 2);
    const int minute = digits(local, 14, 2);
    const int second = digits(local, 17, 2);
    const int offset_hour = utc ? 0 : digits(zone, 1, 2);
    const int offset_minute = utc ? 0 : digits(zone, 4, 2);
    if (!date.ok()) return Result::bad("a date of the calendar");
    if (hour > 23 || minute > 59 || second > 59 || offset_hour > 23 || offset_minute > 59) {
        return Result::bad("a time of day up to 23:59:59");
    }
    if (date.year() < std::chrono::year{1970} || date.year() > std::chrono::year{2199}) {
        return Result::bad("a year from 1970 to 2199");
    }
    const auto offset = std::chrono::hours{offset_hour} + std::chrono::minutes{offset_minute};
    const auto here = std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                      std::chrono::seconds{second};
    return Result::good(zone.front() == '-' ? here + offset : here - offset);
}

}  // namespace fleetsim::scenario
