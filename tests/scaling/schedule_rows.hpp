#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scaling/schedule.hpp>

#include "catch.hpp"

/// What the tests of schedules share: a schedule as it is written, and its runs as a table tells them.
namespace fleetsim::scaling::test {

using namespace std::chrono;

/// `2026-01-05 10:00` or `2026-01-05 10:00:30`, UTC.
inline sys_seconds utc(std::string_view text) {
    int y = 0;
    int mo = 0;
    int d = 0;
    int h = 0;
    int mi = 0;
    int s = 0;
    REQUIRE(std::sscanf(std::string(text).c_str(), "%d-%d-%d %d:%d:%d", &y, &mo, &d, &h, &mi, &s) >= 5);
    const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
    return sys_days{date} + hours{h} + minutes{mi} + seconds{s};
}

inline std::string text(sys_seconds at) {
    const year_month_day date{floor<days>(at)};
    const hh_mm_ss time{at - floor<days>(at)};
    std::array<char, 64> out{};
    const auto n = std::snprintf(out.data(), out.size(), "%04d-%02u-%02u %02d:%02d", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()));
    std::string result{out.data(), static_cast<std::size_t>(n)};
    const auto rest = time.seconds().count();
    return rest == 0 ? result : result + ":" + (rest < 10 ? "0" : "") + std::to_string(rest);
}

inline TimeZone zone(std::string_view name) {
    const auto found = find_time_zone(name);
    REQUIRE(found.time_zone);
    return *found.time_zone;
}

inline Schedule read(std::string_view expression, const ScheduleSettings& settings = {}) {
    CAPTURE(expression);
    const bool service = expression.find('(') != std::string_view::npos;
    const ParsedSchedule parsed = service ? parse_schedule(expression, settings) : parse_cron(expression, settings);
    if (!parsed.errors.empty()) FAIL(parsed.errors.front().offset << ": " << parsed.errors.front().message);
    REQUIRE(parsed.schedule);
    return *parsed.schedule;
}

/// Up to so many runs later than `after`.
inline std::vector<std::string> runs(const Schedule& schedule, sys_seconds after, std::size_t count) {
    std::vector<std::string> found;
    while (found.size() < count) {
        const std::optional<sys_seconds> at = schedule.next_after(after);
        if (!at) break;
        REQUIRE(*at > after);
        found.push_back(text(*at));
        after = *at;
    }
    return found;
}

/// What runs next, one after the other; `-` says that nothing does any more.
struct Row {
    std::string_view expression;
    std::string_view after;
    std::vector<std::string> next;
};

inline void check(const std::vector<Row>& rows, const ScheduleSettings& settings = {}) {
    for (const Row& row : rows) {
        CAPTURE(row.expression, row.after);
        const bool ends = row.next.back() == "-";
        std::vector<std::string> found = runs(read(row.expression, settings), utc(row.after), row.next.size());
        if (ends && found.size() < row.next.size()) found.emplace_back("-");
        CHECK(found == row.next);
    }
}

}  // namespace fleetsim::scaling::test
