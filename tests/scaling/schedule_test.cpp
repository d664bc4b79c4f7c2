#include <array>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/scaling/schedule.hpp>

#include "catch.hpp"
#include "scaling/schedule_rows.hpp"

using namespace std::chrono;
using namespace std::chrono_literals;
using namespace fleetsim::scaling;
using namespace fleetsim::scaling::test;
using fleetsim::des::Draws;
using fleetsim::des::Stream;

// 2026-01-01 is a Thursday.
TEST_CASE("five fields run as the user guide and crontab say") {
    check({
        {"30 6 * * 2", "2026-01-05 00:00", {"2026-01-06 06:30", "2026-01-13 06:30", "2026-01-20 06:30"}},
        {"30 6 * * 2", "2026-01-06 06:29:59", {"2026-01-06 06:30"}},
        {"30 6 * * 2", "2026-01-06 06:30", {"2026-01-13 06:30"}},
        {"30 6 * * 2", "2026-01-06 06:30:01", {"2026-01-13 06:30"}},
        {"30 0 1 1,6,12 *", "2020-11-30 00:00", {"2020-12-01 00:30", "2021-01-01 00:30", "2021-06-01 00:30"}},
        {"0 9 * * *", "2026-01-05 09:00", {"2026-01-06 09:00", "2026-01-07 09:00"}},
        {"0 18 * * 1-5", "2026-01-01 20:00", {"2026-01-02 18:00", "2026-01-05 18:00", "2026-01-06 18:00"}},
    });
}

TEST_CASE("every field has its values and names and lists and ranges and steps") {
    check({
        {"* * * * *", "2026-01-05 23:58:30", {"2026-01-05 23:59", "2026-01-06 00:00", "2026-01-06 00:01"}},
        {"0 0 * * *", "2026-02-28 00:00", {"2026-03-01 00:00"}},
        {"59 23 31 12 *", "2026-01-01 00:00", {"2026-12-31 23:59", "2027-12-31 23:59"}},
        {"5,10,50-52 * * * *",
         "2026-01-05 10:06",
         {"2026-01-05 10:10", "2026-01-05 10:50", "2026-01-05 10:51", "2026-01-05 10:52", "2026-01-05 11:05"}},
        {"*/20 * * * *", "2026-01-05 10:00", {"2026-01-05 10:20", "2026-01-05 10:40", "2026-01-05 11:00"}},
        {"10-40/15 * * * *",
         "2026-01-05 10:00",
         {"2026-01-05 10:10", "2026-01-05 10:25", "2026-01-05 10:40", "2026-01-05 11:10"}},
        {"*/45,7 * * * *", "2026-01-05 10:00", {"2026-01-05 10:07", "2026-01-05 10:45", "2026-01-05 11:00"}},
        {"*/60 * * * *", "2026-01-05 10:00", {"2026-01-05 11:00", "2026-01-05 12:00"}},
        {"0 */8 * * *", "2026-01-05 01:00", {"2026-01-05 08:00", "2026-01-05 16:00", "2026-01-06 00:00"}},
        {"0 23,0 * * *", "2026-01-05 12:00", {"2026-01-05 23:00", "2026-01-06 00:00", "2026-01-06 23:00"}},
        {"0 0 31 * *", "2026-01-31 00:00", {"2026-03-31 00:00", "2026-05-31 00:00", "2026-07-31 00:00"}},
        {"0 0 */10 * *", "2026-01-30 00:00", {"2026-01-31 00:00", "2026-02-01 00:00", "2026-02-11 00:00"}},
        {"0 0 1 */5 *", "2026-01-01 00:00", {"2026-06-01 00:00", "2026-11-01 00:00", "2027-01-01 00:00"}},
        {"0 0 1 FEB,nov-Dec *", "2026-01-01 00:00", {"2026-02-01 00:00", "2026-11-01 00:00", "2026-12-01 00:00"}},
        {"0 0 * * SUN", "2026-01-01 00:00", {"2026-01-04 00:00"}},
        {"0 0 * * 0", "2026-01-01 00:00", {"2026-01-04 00:00"}},
        {"0 0 * * 7", "2026-01-01 00:00", {"2026-01-04 00:00"}},
        {"0 0 * * fri-7",
         "2026-01-01 00:00",
         {"2026-01-02 00:00", "2026-01-03 00:00", "2026-01-04 00:00", "2026-01-09 00:00"}},
        {"0 0 * * MON-FRI/2", "2026-01-01 00:00", {"2026-01-02 00:00", "2026-01-05 00:00", "2026-01-07 00:00"}},
        {"0 0 * 9 wed", "2026-01-01 00:00", {"2026-09-02 00:00"}},
        {"\t0   0\t*\n* 6  ", "2026-01-01 00:00", {"2026-01-03 00:00"}},
        {"007 00 * * *", "2026-01-01 00:00", {"2026-01-01 00:07"}},
    });
}

TEST_CASE("if neither day of five fields is a star then either is enough") {
    check({
        // The 13th and every Friday.
        {"0 0 13 * 5",
         "2026-02-06 00:00",
         {"2026-02-13 00:00", "2026-02-20 00:00", "2026-02-27 00:00", "2026-03-06 00:00", "2026-03-13 00:00"}},
        {"0 0 13 * *", "2026-02-06 00:00", {"2026-02-13 00:00", "2026-03-13 00:00"}},
        {"0 0 * * 5", "2026-02-06 00:00", {"2026-02-13 00:00", "2026-02-20 00:00"}},
        {"0 0 15 6 1",
         "2026-06-02 00:00",
         {"2026-06-08 00:00", "2026-06-15 00:00", "2026-06-22 00:00", "2026-06-29 00:00", "2027-06-07 00:00"}},
        // There is no 31st of February, but there are Mondays.
        {"0 0 31 2 1", "2026-02-20 00:00", {"2026-02-23 00:00", "2027-02-01 00:00"}},
        // Each of these restricts the day, although one of them looks like a star and one allows all.
        {"0 0 */31 * 1",
         "2026-01-05 00:00",
         {"2026-01-12 00:00", "2026-01-19 00:00", "2026-01-26 00:00", "2026-02-01 00:00"}},
        {"0 0 1 * 0-6", "2026-01-05 00:00", {"2026-01-06 00:00", "2026-01-07 00:00"}},
    });
}

TEST_CASE("leap days come where the calendar has them") {
    check({
        {"0 0 29 2 *", "2026-01-01 00:00", {"2028-02-29 00:00", "2032-02-29 00:00"}},
        {"0 0 29 2 *", "2096-02-29 00:00", {"2104-02-29 00:00"}},
        {"0 0 29 2 *", "2196-02-29 00:00", {"-"}},
        {"cron(0 0 29 2 ? *)", "1999-01-01 00:00", {"2000-02-29 00:00", "2004-02-29 00:00"}},
        {"cron(0 0 29 2 ? 2096-2199)", "2026-01-01 00:00", {"2096-02-29 00:00", "2104-02-29 00:00"}},
        {"59 23 28 2 *", "2028-02-28 23:58", {"2028-02-28 23:59", "2029-02-28 23:59"}},
    });
    // From the first to the last, in a moment.
    CHECK(runs(read("0 0 29 2 *"), utc("1970-01-01 00:00"), 1000).size() == 56);
    CHECK(runs(read("0 0 1 1 *"), utc("1969-01-01 00:00"), 1000).size() == 230);
}

// The first eleven are AWS's own examples.
TEST_CASE("six fields run as the references of Application Auto Scaling and EventBridge say") {
    check({
        {"cron(30 6 ? * MON *)", "2026-01-01 00:00", {"2026-01-05 06:30", "2026-01-12 06:30"}},
        {"cron(0 10 * * ? *)", "2026-01-01 10:00", {"2026-01-02 10:00", "2026-01-03 10:00"}},
        {"cron(15 12 * * ? *)", "2026-01-01 00:00", {"2026-01-01 12:15"}},
        {"cron(0 18 ? * MON-FRI *)", "2026-01-02 00:00", {"2026-01-02 18:00", "2026-01-05 18:00"}},
        {"cron(0 8 1 * ? *)", "2026-01-01 08:00", {"2026-02-01 08:00", "2026-03-01 08:00"}},
        {"cron(0/15 * * * ? *)", "2026-01-01 00:40", {"2026-01-01 00:45", "2026-01-01 01:00"}},
        {"cron(0/10 * ? * MON-FRI *)", "2026-01-02 23:45", {"2026-01-02 23:50", "2026-01-05 00:00"}},
        {"cron(0/5 8-17 ? * MON-FRI *)", "2026-01-02 17:50", {"2026-01-02 17:55", "2026-01-05 08:00"}},
        {"cron(1/10 0 1 1 ? 2026)",
         "2026-01-01 00:00",
         {"2026-01-01 00:01", "2026-01-01 00:11", "2026-01-01 00:21", "2026-01-01 00:31", "2026-01-01 00:41",
          "2026-01-01 00:51", "-"}},
        {"cron(15 10 ? * 6L 2022-2023)", "2022-01-01 00:00", {"2022-01-28 10:15", "2022-02-25 10:15"}},
        {"cron(15 10 ? * 6L 2022-2023)", "2023-11-30 00:00", {"2023-12-29 10:15", "-"}},
        {"cron(0 8 ? * 1 *)", "2026-01-01 00:00", {"2026-01-04 08:00"}},
        {"cron(0 8 ? * sun,SAT *)", "2026-01-01 00:00", {"2026-01-03 08:00", "2026-01-04 08:00"}},
        {"cron(0 8 ? * * *)", "2026-01-01 00:00", {"2026-01-01 08:00", "2026-01-02 08:00"}},
        {"cron(0 8 ? * L *)", "2026-01-01 00:00", {"2026-01-03 08:00", "2026-01-10 08:00"}},
        {"cron(0 8 ? * FRIL *)", "2026-01-01 00:00", {"2026-01-30 08:00", "2026-02-27 08:00"}},
        {"cron(0 8 ? * 1L *)", "2026-05-01 00:00", {"2026-05-31 08:00", "2026-06-28 08:00"}},
        {"cron(0 8 L * ? *)",
         "2028-01-01 00:00",
         {"2028-01-31 08:00", "2028-02-29 08:00", "2028-03-31 08:00", "2028-04-30 08:00"}},
        {"cron(0 8 10/10 * ? *)",
         "2026-01-01 00:00",
         {"2026-01-10 08:00", "2026-01-20 08:00", "2026-01-30 08:00", "2026-02-10 08:00"}},
        {"cron(0 8 1 2/6 ? *)", "2026-01-01 00:00", {"2026-02-01 08:00", "2026-08-01 08:00"}},
        {"cron(0 8 1 1 ? 2026/50)",
         "2026-06-01 00:00",
         {"2076-01-01 08:00", "2126-01-01 08:00", "2176-01-01 08:00", "-"}},
        {"cron(0 8 1 1 ? 1970,2199)", "2026-01-01 00:00", {"2199-01-01 08:00", "-"}},
        {" cron( 0 8  1 1 ? * ) ", "2026-01-01 00:00", {"2026-01-01 08:00"}},
    });
}

TEST_CASE("the nth day of a kind comes in the months that have it") {
    check({
        {"cron(0 0 ? * 3#2 *)", "2026-01-01 00:00", {"2026-01-13 00:00", "2026-02-10 00:00", "2026-03-10 00:00"}},
        {"cron(0 0 ? * THU#1 *)", "2025-12-31 00:00", {"2026-01-01 00:00", "2026-02-05 00:00"}},
        {"cron(0 0 ? * WED#1 *)", "2025-12-31 00:00", {"2026-01-07 00:00"}},
        {"cron(0 0 ? * 5#5 *)", "2026-01-01 00:00", {"2026-01-29 00:00", "2026-04-30 00:00", "2026-07-30 00:00"}},
        {"cron(0 0 ? 2 1#5 *)", "2026-01-01 00:00", {"2032-02-29 00:00", "2060-02-29 00:00"}},
    });
}

// 2026-08-01 and 2026-05-02 are Saturdays, 2026-02-01 and 2026-05-31 Sundays.
TEST_CASE("the nearest weekday stays in its month") {
    check({
        {"cron(0 0 3W 1 ? 2026)", "2026-01-01 00:00", {"2026-01-02 00:00", "-"}},
        {"cron(0 0 4W 1 ? 2026)", "2026-01-01 00:00", {"2026-01-05 00:00", "-"}},
        {"cron(0 0 6W 1 ? 2026)", "2026-01-01 00:00", {"2026-01-06 00:00", "-"}},
        {"cron(0 0 1W 8 ? 2026)", "2026-01-01 00:00", {"2026-08-03 00:00", "-"}},
        {"cron(0 0 1W 2 ? 2026)", "2026-01-01 00:00", {"2026-02-02 00:00", "-"}},
        {"cron(0 0 31W 5 ? 2026)", "2026-01-01 00:00", {"2026-05-29 00:00", "-"}},
        {"cron(0 0 31W * ? 2026)", "2026-01-31 00:00", {"2026-03-31 00:00", "2026-05-29 00:00"}},
        {"cron(0 0 30W 5 ? 2026)", "2026-01-01 00:00", {"2026-05-29 00:00", "-"}},
        {"cron(0 0 28W 2 ? 2026)", "2026-01-01 00:00", {"2026-02-27 00:00", "-"}},
    });
}

TEST_CASE("at runs once") {
    check({
        {"at(2026-01-05T10:00:00)", "2026-01-01 00:00", {"2026-01-05 10:00", "-"}},
        {"at(2026-01-05T10:00:07)", "2026-01-05 10:00:06", {"2026-01-05 10:00:07", "-"}},
        {"at(2026-01-05T10:00:00)", "2026-01-05 10:00", {"-"}},
        {"at(2028-02-29T23:59:59)", "2026-01-01 00:00", {"2028-02-29 23:59:59", "-"}},
        {" at( 2026-01-05T10:00:00 ) ", "2026-01-01 00:00", {"2026-01-05 10:00", "-"}},
    });
    check({{"at(2026-07-05T10:00:00)", "2026-01-01 00:00", {"2026-07-05 08:00", "-"}},
           {"at(2026-03-29T02:30:00)", "2026-01-01 00:00", {"2026-03-29 01:00", "-"}},
           {"at(2026-10-25T02:30:00)", "2026-01-01 00:00", {"2026-10-25 00:30", "-"}}},
          {.time_zone = zone("Europe/Berlin")});

    const Schedule once = Schedule::once(utc("2026-01-05 10:00"));
    CHECK(runs(once, utc("2026-01-01 00:00"), 5) == std::vector<std::string>{"2026-01-05 10:00"});
    CHECK(runs(once, utc("2026-01-05 10:00"), 5).empty());
}

TEST_CASE("a rate counts from its start or else from whole intervals since 1970") {
    check({
        {"rate(1 minute)", "2026-01-01 00:00:30", {"2026-01-01 00:01", "2026-01-01 00:02"}},
        {"rate(5 minutes)", "2026-01-01 00:05", {"2026-01-01 00:10", "2026-01-01 00:15"}},
        {"rate(1 hour)", "2026-01-01 00:05", {"2026-01-01 01:00", "2026-01-01 02:00"}},
        {"rate(12 hours)", "2026-01-01 00:00", {"2026-01-01 12:00", "2026-01-02 00:00"}},
        {"rate(1 day)", "2026-01-01 00:00", {"2026-01-02 00:00"}},
        {"rate(7 days)", "2026-01-02 00:00", {"2026-01-08 00:00"}},  // A Thursday, as 1970-01-01 was.
        {"rate(7 days)", "1960-01-01 00:00", {"1970-01-01 00:00", "1970-01-08 00:00"}},
        {"rate( 2  hours )", "2026-01-01 00:00", {"2026-01-01 02:00"}},
        {"rate(2147483647 days)", "2026-01-01 00:00", {"-"}},
    });
    check({{"rate(5 minutes)", "2026-01-01 00:00", {"2026-01-05 10:02", "2026-01-05 10:07", "2026-01-05 10:12"}},
           {"rate(5 minutes)", "2026-01-05 10:02", {"2026-01-05 10:07"}},
           {"rate(5 minutes)", "2026-01-05 10:06:59", {"2026-01-05 10:07"}},
           {"rate(1 day)", "2026-03-28 10:02", {"2026-03-29 10:02", "2026-03-30 10:02"}}},
          {.time_zone = zone("Europe/Berlin"), .start = utc("2026-01-05 10:02")});
    check({{"rate(1 hour)", "2026-01-01 00:30", {"2026-01-01 01:00"}}}, {.start = utc("1960-01-01 00:30")});
}

TEST_CASE("a recurring action runs at its start and by its expression until its end") {
    const auto start = utc("2026-01-05 10:07");
    const auto end = utc("2026-01-07 06:30");
    check({{"30 6 * * *", "2026-01-01 00:00", {"2026-01-05 10:07", "2026-01-06 06:30", "2026-01-07 06:30", "-"}},
           {"30 6 * * *", "2026-01-05 10:06:59", {"2026-01-05 10:07"}},
           {"30 6 * * *", "2026-01-05 10:07", {"2026-01-06 06:30"}},
           {"30 6 * * *", "2026-01-07 06:30", {"-"}},
           {"cron(30 6 * * ? *)", "2026-01-01 00:00", {"2026-01-05 10:07", "2026-01-06 06:30"}},
           {"rate(1 day)", "2026-01-01 00:00", {"2026-01-05 10:07", "2026-01-06 10:07", "-"}},
           {"7 10 * * *", "2026-01-01 00:00", {"2026-01-05 10:07", "2026-01-06 10:07", "-"}},
           {"at(2026-01-06T10:00:00)", "2026-01-01 00:00", {"2026-01-06 10:00", "-"}},
           {"at(2026-01-05T10:07:00)", "2026-01-01 00:00", {"2026-01-05 10:07", "-"}}},
          {.start = start, .end = end});
    check({{"30 6 * * *", "2026-01-05 06:30", {"2026-01-06 06:30", "2026-01-07 06:30", "-"}}}, {.end = end});
    check({{"30 6 * * *", "2026-01-01 00:00", {"2026-01-05 10:07", "2026-01-06 06:30"}}}, {.start = start});
    // It still runs at a start after which its expression never does.
    check({{"0 0 1 1 *", "2026-01-01 00:00", {"2026-01-05 10:07", "-"}}}, {.start = start, .end = end});
    check({{"30 6 * * *", "2026-01-01 00:00", {"2026-01-05 10:07", "-"}}}, {.start = start, .end = start});
}

// Amazon EventBridge Scheduler User Guide, "Schedule types in EventBridge Scheduler", and API Reference,
// CreateSchedule.
TEST_CASE("EventBridge Scheduler runs by the expression alone from the start on") {
    const auto start = utc("2026-01-05 10:07");
    const auto end = utc("2026-01-07 06:30");
    constexpr auto event_bridge = Scheduler::event_bridge;
    check({{"cron(30 6 * * ? *)", "2026-01-01 00:00", {"2026-01-06 06:30", "2026-01-07 06:30", "-"}},
           {"cron(7 10 * * ? *)", "2026-01-01 00:00", {"2026-01-05 10:07", "2026-01-06 10:07", "-"}},
           {"cron(30 6 * * ? *)", "2026-01-06 06:29:59", {"2026-01-06 06:30"}},
           {"rate(1 day)", "2026-01-01 00:00", {"2026-01-05 10:07", "2026-01-06 10:07", "-"}},
           // One that runs once has neither a start nor an end.
           {"at(2026-01-02T10:00:00)", "2026-01-01 00:00", {"2026-01-02 10:00", "-"}},
           {"at(2026-01-09T10:00:00)", "2026-01-01 00:00", {"2026-01-09 10:00", "-"}}},
          {.start = start, .end = end, .scheduler = event_bridge});
    CHECK_FALSE(parse_schedule("cron(0 0 9 1 ? 2026)", {.start = start, .end = end, .scheduler = event_bridge})
                    .schedule.has_value());
    check({{"rate(1 hour)", "2026-01-01 00:05", {"2026-01-01 01:00", "2026-01-01 02:00"}}},
          {.scheduler = event_bridge});
}

TEST_CASE("equal expressions are equal schedules") {
    CHECK(read("0 0 * * SUN") == read("00 0  * * 0,7"));
    CHECK_FALSE(read("0 0 * * SUN") == read("0 0 * * MON"));
    CHECK_FALSE(read("0 0 * * SUN") == read("0 0 * * SUN", {.end = utc("2026-01-05 10:00")}));
    CHECK_FALSE(read("0 0 * * SUN") == read("0 0 * * SUN", {.time_zone = zone("Europe/Berlin")}));
}

TEST_CASE("no instant is too far away to ask for the next run") {
    for (const std::string_view expression :
         {"* * * * *", "0 0 29 2 *", "rate(7 days)", "at(2026-01-05T10:00:00)", "cron(0 0 L 12 ? 2199)"}) {
        for (const std::string_view name : {"UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago"}) {
            CAPTURE(expression, name);
            const Schedule schedule = read(expression, {.time_zone = zone(name)});
            CHECK_FALSE(schedule.next_after(sys_seconds::max()));
            CHECK_FALSE(schedule.next_after(utc("2300-01-01 00:00")));
            CHECK(schedule.next_after(sys_seconds::min()) == schedule.next_after(utc("1969-01-01 00:00")));
        }
    }
    const Schedule late = read("0 0 * * *", {.start = utc("2190-01-01 00:30")});
    CHECK(late.next_after(sys_seconds::min()) == utc("2190-01-01 00:30"));
    CHECK_FALSE(parse_cron("* * * * *", {.start = sys_seconds::max()}).schedule);
    CHECK(read("rate(1 hour)", {.start = sys_seconds::min()}).next_after(utc("2026-01-01 00:30")) ==
          utc("2026-01-01 01:00"));
    CHECK_FALSE(parse_schedule("rate(1 hour)", {.end = sys_seconds::min()}).schedule);
}

namespace {

/// A field at random and the values that it means.
struct RandomField {
    std::string text;
    std::set<int> values;
    bool star = false;
};

RandomField random_field(Draws& draws, int first, int last) {
    const auto between = [&](int low, int high) {
        return low + static_cast<int>(draws.word() % static_cast<std::uint64_t>(high - low + 1));
    };
    RandomField field;
    if (between(0, 2) == 0) {
        field.star = true;
        field.text = "*";
        for (int value = first; value <= last; ++value) field.values.insert(value);
        return field;
    }
    for (int elements = between(1, 3); elements > 0; --elements) {
        const int from = between(first, last);
        const int to = between(0, 1) == 0 ? from : between(from, last);
        const int step = to > from ? between(1, 5) : 1;
        field.text += (field.text.empty() ? "" : ",") + std::to_string(from);
        if (to > from) field.text += "-" + std::to_string(to) + (step > 1 ? "/" + std::to_string(step) : "");
        for (int value = from; value <= to; value += step) field.values.insert(value);
    }
    return field;
}

}  // namespace

// Every minute of a year is looked at, and held against the fields one by one.
TEST_CASE("no run is missed and none is made up") {
    const Stream stream{1, 0, "schedule", "test"};
    const sys_days first_day{2027y / 12 / 1};
    const sys_days last_day{2028y / 12 / 1};
    for (std::uint64_t k = 0; k < 60; ++k) {
        Draws draws = stream.draws(k);
        const std::array fields{random_field(draws, 0, 59), random_field(draws, 0, 23), random_field(draws, 1, 31),
                                random_field(draws, 1, 12), random_field(draws, 0, 6)};
        std::string expression;
        for (const RandomField& field : fields) expression += field.text + " ";
        CAPTURE(expression);
        const ParsedSchedule parsed = parse_cron(expression);
        std::vector<sys_seconds> expected;
        for (sys_days date = first_day; date < last_day; date += days{1}) {
            const year_month_day ymd{date};
            const auto has = [&](std::size_t i, unsigned value) {
                return fields[i].values.contains(static_cast<int>(value));
            };
            const bool by_month = has(2, static_cast<unsigned>(ymd.day()));
            const bool by_week = has(4, weekday{date}.c_encoding());
            const bool either = !fields[2].star && !fields[4].star;
            if (!has(3, static_cast<unsigned>(ymd.month()))) continue;
            if (either ? !by_month && !by_week : !by_month || !by_week) continue;
            for (const int hour : fields[1].values) {
                for (const int minute : fields[0].values) expected.push_back(date + hours{hour} + minutes{minute});
            }
        }
        if (!parsed.schedule) {
            CHECK(expected.empty());
            continue;
        }
        sys_seconds after = first_day - 1s;
        bool same = true;
        for (const sys_seconds at : expected) {
            same = same && parsed.schedule->next_after(after) == at;
            after = at;
        }
        CHECK(same);
        CHECK(parsed.schedule->next_after(after).value_or(last_day) >= last_day);
    }
}

TEST_CASE("two schedules have the same time if they start at once or never say when and recur alike") {
    const sys_seconds eight = utc("2026-01-05 08:00");
    const sys_seconds nine = utc("2026-01-05 09:00");
    const ScheduleSettings berlin{.time_zone = zone("Europe/Berlin")};
    const Schedule daily = read("0 8 * * *");
    CHECK(daily.same_time(read("0 8 * * 0-7")));
    CHECK(daily.same_time(read("0 8 * * *", {.end = nine})));
    CHECK_FALSE(daily.same_time(read("0 9 * * *")));
    CHECK_FALSE(daily.same_time(read("0 8 * * *", berlin)));
    CHECK_FALSE(daily.same_time(read("0 8 * * *", {.start = eight})));
    CHECK(read("0 8 * * *", {.start = eight}).same_time(read("0 9 * * *", {.start = eight})));
    CHECK_FALSE(read("0 8 * * *", {.start = eight}).same_time(read("0 8 * * *", {.start = nine})));
    CHECK(Schedule::once(eight).same_time(Schedule::once(eight)));
    CHECK(Schedule::once(eight).same_time(read("0 9 * * *", {.start = eight})));
    CHECK_FALSE(Schedule::once(eight).same_time(Schedule::once(nine)));
    CHECK_FALSE(Schedule::once(eight).same_time(daily));
}
