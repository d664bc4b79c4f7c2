#include <array>
#include <chrono>
#include <map>
#include <set>
#include <string_view>

#include <fleetsim/scaling/schedule.hpp>

#include "catch.hpp"
#include "scaling/schedule_rows.hpp"

using namespace std::chrono;
using namespace std::chrono_literals;
using namespace fleetsim::scaling;
using namespace fleetsim::scaling::test;

// Clocks in 2026: Berlin goes forward on 29 March at 2:00 (1:00 UTC) and back on 25 October at 3:00 (1:00 UTC); New
// York forward on 8 March at 2:00 (7:00 UTC) and back on 1 November at 2:00 (6:00 UTC).
TEST_CASE("local times follow summer time") {
    check({{"0 8 * * *", "2026-03-27 12:00", {"2026-03-28 07:00", "2026-03-29 06:00"}},
           {"0 8 * * *", "2026-10-23 12:00", {"2026-10-24 06:00", "2026-10-25 07:00"}},
           {"0 0 1 * *", "2026-02-01 00:00", {"2026-02-28 23:00", "2026-03-31 22:00"}},
           {"0 0 * * MON", "2026-03-28 00:00", {"2026-03-29 22:00"}}},
          {.time_zone = zone("Europe/Berlin")});
    // The user guide's: 8:00 in New York is UTC-5 before and UTC-4 after; 18:00 from Monday to Friday.
    check({{"0 8 * * *", "2026-03-06 14:00", {"2026-03-07 13:00", "2026-03-08 12:00"}},
           {"0 18 * * 1-5", "2026-03-06 00:00", {"2026-03-06 23:00", "2026-03-09 22:00"}},
           {"cron(0 8 * * ? *)", "2026-10-31 00:00", {"2026-10-31 12:00", "2026-11-01 13:00"}}},
          {.time_zone = zone("America/New_York")});
    check({{"15 0 1 1 *", "2026-01-01 00:00", {"2026-12-31 18:30"}}}, {.time_zone = zone("Asia/Kathmandu")});
    check({{"0 0 1 1 *", "2026-06-01 00:00", {"2026-12-31 10:00"}}}, {.time_zone = zone("Pacific/Kiritimati")});
}

TEST_CASE("local times that a change of the clock skips run right after it") {
    check({{"30 2 * * *", "2026-03-28 00:00", {"2026-03-28 01:30", "2026-03-29 01:00", "2026-03-30 00:30"}},
           {"0,30 2,3 * * *", "2026-03-29 00:00", {"2026-03-29 01:00", "2026-03-29 01:30", "2026-03-30 00:00"}},
           {"* 2 29 3 *", "2026-03-29 00:00", {"2026-03-29 01:00", "2027-03-29 00:00"}},
           {"*/30 * * * *", "2026-03-29 00:15", {"2026-03-29 00:30", "2026-03-29 01:00", "2026-03-29 01:30"}},
           {"30 2 * * *", "2026-03-29 00:59:59", {"2026-03-29 01:00"}},
           {"30 2 * * *", "2026-03-29 01:00", {"2026-03-30 00:30"}},
           {"cron(30 2 29 3 ? 2026)", "2026-01-01 00:00", {"2026-03-29 01:00", "-"}}},
          {.time_zone = zone("Europe/Berlin")});
    check({{"30 2 * * *", "2026-03-07 12:00", {"2026-03-08 07:00", "2026-03-09 06:30"}}},
          {.time_zone = zone("America/New_York")});
    check({{"15 2 * * *", "2026-10-03 00:00", {"2026-10-03 15:30", "2026-10-04 15:15"}}},
          {.time_zone = zone("Australia/Lord_Howe")});  // Half an hour.
    check({{"0 12 * * *", "2011-12-29 00:00", {"2011-12-29 22:00", "2011-12-30 10:00", "2011-12-30 22:00"}}},
          {.time_zone = zone("Pacific/Apia")});  // All of 30 December 2011.
}

TEST_CASE("EventBridge Scheduler lets local times pass that a change of the clock skips") {
    const ScheduleSettings berlin{.time_zone = zone("Europe/Berlin"), .scheduler = Scheduler::event_bridge};
    check({{"cron(30 2 * * ? *)", "2026-03-27 12:00", {"2026-03-28 01:30", "2026-03-30 00:30"}},
           {"cron(0,30 2,3 * * ? *)", "2026-03-29 00:00", {"2026-03-29 01:00", "2026-03-29 01:30", "2026-03-30 00:00"}},
           {"cron(0 2,4 * * ? *)", "2026-03-28 12:00", {"2026-03-29 02:00", "2026-03-30 00:00"}},
           {"cron(30 2 29 3 ? 2026,2027)", "2026-01-01 00:00", {"2027-03-29 00:30", "-"}},
           // Days of 24 hours, whatever clocks show.
           {"rate(1 day)", "2026-03-28 00:00", {"2026-03-29 00:00", "2026-03-30 00:00"}},
           {"cron(30 2 * * ? *)", "2026-10-24 12:00", {"2026-10-25 00:30", "2026-10-26 01:30"}}},
          berlin);
    CHECK_FALSE(parse_schedule("cron(30 2 29 3 ? 2026)", berlin).schedule.has_value());
}

TEST_CASE("local times that come twice run the first time only") {
    check({{"30 2 * * *", "2026-10-24 12:00", {"2026-10-25 00:30", "2026-10-26 01:30"}},
           {"0 * * * *", "2026-10-24 22:30", {"2026-10-24 23:00", "2026-10-25 00:00", "2026-10-25 02:00"}},
           {"*/30 * * * *", "2026-10-25 00:00", {"2026-10-25 00:30", "2026-10-25 02:00"}},
           {"0 3 * * *", "2026-10-24 12:00", {"2026-10-25 02:00"}},
           // Clocks show 2:10 for the second time.
           {"15 2 * * *", "2026-10-25 01:10", {"2026-10-26 01:15"}},
           {"* * * * *", "2026-10-25 01:10", {"2026-10-25 02:00", "2026-10-25 02:01"}},
           {"59 1 * * *", "2026-10-24 12:00", {"2026-10-24 23:59", "2026-10-26 00:59"}}},
          {.time_zone = zone("Europe/Berlin")});
    check({{"30 1 * * *", "2026-10-31 12:00", {"2026-11-01 05:30", "2026-11-02 06:30"}},
           {"0 2 * * *", "2026-10-31 12:00", {"2026-11-01 07:00"}}},
          {.time_zone = zone("America/New_York")});
}

TEST_CASE("UTC is the default and other zones have their names") {
    CHECK(TimeZone{}.name() == "Etc/UTC");
    CHECK(find_time_zone("UTC").time_zone == TimeZone{});
    CHECK(find_time_zone("Etc/UTC").time_zone == TimeZone{});
    CHECK(zone("America/New_York").name() == "America/New_York");
    CHECK_FALSE(zone("America/New_York") == TimeZone{});
    CHECK(zone("Etc/GMT+9").local(utc("2026-01-01 12:00")) == local_days{2026y / 1 / 1} + 3h);
}

// The clocks of a zone are read at every minute of UTC; a local time belongs to the first minute that shows it or,
// if none does, to the first that shows a later one.
TEST_CASE("changes of the clock lose no run and double none wherever they are") {
    struct Change {
        std::string_view zone;
        std::string_view day;
    };
    for (const Change& change : std::array{
             Change{"Europe/Berlin", "2026-03-29 00:00"}, Change{"Europe/Berlin", "2026-10-25 00:00"},
             Change{"America/New_York", "2026-03-08 00:00"}, Change{"America/New_York", "2026-11-01 00:00"},
             Change{"Australia/Lord_Howe", "2026-04-04 12:00"}, Change{"Australia/Lord_Howe", "2026-10-03 12:00"},
             Change{"Africa/Casablanca", "2026-02-15 00:00"}, Change{"Pacific/Apia", "2011-12-30 00:00"},
             Change{"America/St_Johns", "2006-10-29 00:00"}, Change{"UTC", "2026-03-29 00:00"}}) {
        CAPTURE(change.zone, change.day);
        const TimeZone where = zone(change.zone);
        const sys_seconds begin = utc(change.day) - 24h;
        const sys_seconds end = utc(change.day) + 60h;
        std::map<local_seconds, sys_seconds> first_shown;
        local_seconds newest = where.local(begin) - 1min;
        for (sys_seconds at = begin; at < end; at += 1min) {
            const local_seconds shown = where.local(at);
            for (; newest < shown; newest += 1min) first_shown.emplace(newest + 1min, at);
        }
        for (const std::string_view expression : {"* * * * *", "*/7 * * * *", "30 0,1,2 * * *", "0 0 * * *"}) {
            CAPTURE(expression);
            const Schedule in_utc = read(expression);
            std::set<sys_seconds> expected;
            for (const auto& [local, at] : first_shown) {
                const sys_seconds as_utc{local.time_since_epoch()};
                if (in_utc.next_after(as_utc - 1s) == as_utc) expected.insert(at);
            }
            const Schedule local = read(expression, {.time_zone = where});
            std::set<sys_seconds> found;
            for (auto at = local.next_after(begin - 1s); at && *at < end; at = local.next_after(*at)) found.insert(*at);
            CHECK(found == expected);
            CHECK(found.size() > 1);
            bool consistent = true;
            for (sys_seconds at = begin; at < end; at += 1min) {
                const auto next = expected.upper_bound(at);
                if (next == expected.end()) break;
                consistent = consistent && local.next_after(at) == *next;
            }
            CHECK(consistent);
        }
    }
}
