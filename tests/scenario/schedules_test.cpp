#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_fleet.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view group_action = "{recurrence: 0 8 * * *, min_size: 2, max_size: 10}";
constexpr std::string_view service_action = "{schedule: \"cron(0 8 * * ? *)\", min_capacity: 2}";
constexpr auto midnight = std::chrono::sys_days{std::chrono::January / 5 / 2026};

sim::ScheduledAction of_group(std::string_view action) {
    return good(with(small_fleet, group_action, action)).groups[sim::GroupId{0}].scheduled_actions[0];
}

sim::ScheduledAction of_service(std::string_view action) {
    return good(with(small_fleet, service_action, action))
        .services[sim::ServiceId{0}]
        .autoscaling->scheduled_actions[0];
}

void check_group(std::string_view becomes, std::string_view message, std::string_view hint = "",
                 Severity severity = Severity::error) {
    check({{group_action, becomes, message, hint, severity}}, small_fleet);
}

void check_service(std::string_view becomes, std::string_view message, std::string_view hint = "",
                   Severity severity = Severity::error) {
    check({{service_action, becomes, message, hint, severity}}, small_fleet);
}

}  // namespace

TEST_CASE("a group's actions run by a recurrence or once at their start") {
    const sim::ScheduledAction daily = of_group(group_action);
    CHECK(daily.name == "0 8 * * *");
    CHECK(daily.sizes.min_size == 2);
    CHECK(daily.sizes.max_size == 10);
    CHECK_FALSE(daily.sizes.desired_capacity.has_value());
    CHECK(daily.schedule.next_after(midnight) == midnight + 8h);

    const sim::ScheduledAction once =
        of_group("{name: launch day, start_time: 2026-01-05T10:00:00+02:00, desired_capacity: 7}");
    CHECK(once.name == "launch day");
    CHECK(once.sizes.desired_capacity == 7);
    CHECK(once.schedule.next_after(midnight) == midnight + 8h);
    CHECK_FALSE(once.schedule.next_after(midnight + 8h).has_value());

    const sim::ScheduledAction in_berlin = of_group(
        "{recurrence: 30 8 * * MON-FRI, time_zone: Europe/Berlin, start_time: 2026-01-05T07:00:00Z, end_time: "
        "2026-01-06T07:45:00Z, min_size: 1}");
    CHECK(in_berlin.schedule.next_after(midnight) == midnight + 7h);
    CHECK(in_berlin.schedule.next_after(midnight + 7h) == midnight + 7h + 30min);
    CHECK(in_berlin.schedule.next_after(midnight + 8h) == midnight + 31h + 30min);
    CHECK_FALSE(in_berlin.schedule.next_after(midnight + 32h).has_value());
}

TEST_CASE("a service's actions run by an expression") {
    const sim::ScheduledAction daily = of_service(service_action);
    CHECK(daily.name == "cron(0 8 * * ? *)");
    CHECK(daily.sizes.min_size == 2);
    CHECK_FALSE(daily.sizes.max_size.has_value());
    CHECK(daily.schedule.next_after(midnight) == midnight + 8h);
    CHECK(of_service("{schedule: at(2026-01-05T10:00:00), max_capacity: 3}").schedule.next_after(midnight) ==
          midnight + 10h);
    CHECK(of_service("{schedule: rate(90 minutes), max_capacity: 3}").schedule.next_after(midnight).has_value());
    const sim::ScheduledAction zoned = of_service(
        "{name: x, schedule: at(2026-01-05T10:00:00), timezone: America/New_York, min_capacity: 1, max_capacity: 3}");
    CHECK(zoned.name == "x");
    CHECK(zoned.schedule.next_after(midnight) == midnight + 15h);
    CHECK(zoned.sizes.min_size == 1);
    CHECK(zoned.sizes.max_size == 3);
}

TEST_CASE("faults of a group's scheduled actions") {
    check_group("§{min_size: 2}", "scheduled_actions item: expected a recurrence, a start_time or both");
    check_group("{recurrence: §[0 8], min_size: 2}", "recurrence: expected five fields such as 0 8 * * MON-FRI");
    check_group("{recurrence: 0 §25 * * *, min_size: 2}", "recurrence:");
    check_group("{recurrence: 0 0 §31 2 *, min_size: 2}", "recurrence:");
    check_group("{recurrence: 0 8 * * *, time_zone: §Europe/Berln, min_size: 2}",
                "time_zone: unknown time zone \"Europe/Berln\"", "did you mean Europe/Berlin?");
    check_group(
        "{recurrence: 0 8 * * *, start_time: 2026-01-06T00:00:00Z, end_time: §2026-01-05T00:00:00Z, min_size: "
        "2}",
        "end_time is not after start_time");
    check_group("{recurrence: 0 8 * * *, start_time: §tomorrow, min_size: 2}", "start_time: expected");
    check_group("§{recurrence: 0 8 * * *}", "scheduled_actions item: it changes nothing");
    check_group("§{recurrence: 0 8 * * *, min_size: 3, max_size: 2}",
                "scheduled_actions item: the minimum is above the maximum");
    check_group("§{recurrence: 0 8 * * *, min_size: 3, desired_capacity: 2}",
                "scheduled_actions item: the desired capacity is below the minimum");
    check_group("{recurrence: 0 8 * * *, min_size: §-1}", "min_size: expected a whole number from 0");
    check_group("{recurrence: 0 8 * * *, §min_capacity: 1}", "unknown key \"min_capacity\" in scheduled_actions item",
                "min_size");
    check_group("{start_time: 2026-01-05T08:00:00Z, time_zone: §UTC, min_size: 2}",
                "time_zone has no effect: without a recurrence the action runs once", "", Severity::warning);
    check_group("§{start_time: 2027-01-05T08:00:00Z, min_size: 2}",
                "scheduled_actions item: it does not run between the scenario's start and its end", "",
                Severity::warning);
    check_group("{name: a, recurrence: 0 8 * * *, min_size: 2}\n      - {name: §a, recurrence: 0 9 * * *, min_size: 2}",
                "another scheduled action is called \"a\"");
}

TEST_CASE("faults of a service's scheduled actions") {
    check_service("§{min_capacity: 2}", "scheduled_actions item needs the key schedule");
    check_service("{schedule: §daily, min_capacity: 2}",
                  "schedule: expected at(...), rate(...) or cron(...), found \"daily\"", "such as rate(5 minutes)");
    check_service("{schedule: rate(§0 minutes), min_capacity: 2}",
                  "schedule: expected a whole number from 1 to 2147483647, found \"0\"", "such as rate(5 minutes)");
    check_service("§{schedule: rate(1 hour)}", "scheduled_actions item: it changes nothing");
    check_service("{schedule: rate(1 hour), §desired_capacity: 2}",
                  "desired_capacity: a service's action sets its minimum and maximum",
                  "Application Auto Scaling brings the count between them");
    check_service("{schedule: rate(1 hour), §time_zone: UTC, min_capacity: 2}", "unknown key \"time_zone\"",
                  "timezone");
    check_service("{schedule: rate(1 hour), max_capacity: §5001}",
                  "max_capacity: expected a whole number from 0 to 5000");
}

TEST_CASE("a group has no two actions at the same time and a service may") {
    constexpr std::string_view message = "scheduled_actions item: an earlier one of the group has the same time";
    constexpr std::string_view hint = "one action sets min_size, max_size and desired_capacity at once";
    check_group("{recurrence: 0 8 * * *, min_size: 2}\n      - §{recurrence: 0 8 * * *, max_size: 9}", message, hint);
    check_group(
        "{start_time: 2026-01-05T08:00:00Z, min_size: 2}\n      - §{start_time: 2026-01-05T09:00:00+01:00, max_size: "
        "9}",
        message, hint);
    const auto silent = [](std::string_view text, std::string_view was, std::string_view becomes) {
        return load(with(text, was, becomes)).diagnostics.render().empty();
    };
    CHECK(silent(small_fleet, group_action,
                 "{recurrence: 0 8 * * *, min_size: 2}\n      - {recurrence: 0 8 * * *, time_zone: Europe/Berlin, "
                 "max_size: 9}"));
    CHECK(silent(small_fleet, group_action,
                 "{recurrence: 0 8 * * *, min_size: 2}\n      - {recurrence: 0 8 * * *, start_time: "
                 "2026-01-05T07:00:00Z, max_size: 9}"));
    CHECK(silent(small_fleet, service_action,
                 "{schedule: rate(1 hour), min_capacity: 2}\n        - {schedule: rate(1 hour), max_capacity: 8}"));
    // One that is wrong otherwise has its time.
    const auto found = load(with(small_fleet, group_action,
                                 "{recurrence: 0 8 * * *, min_size: x}\n      - {recurrence: 0 8 * * *, max_size: 9}"))
                           .diagnostics.sorted();
    REQUIRE(found.size() == 2);
    CHECK(found[1].message == message);
}

TEST_CASE("an action that fails whatever others do is told") {
    const auto told = [](std::string_view becomes, std::string_view message, std::string_view hint) {
        check_group(becomes, message, hint, Severity::warning);
    };
    told("§{recurrence: 0 8 * * *, min_size: 11}",
         "scheduled_actions item: it always fails: 11 is above the max_size of 10", "give it a max_size as well");
    told("§{recurrence: 0 8 * * *, desired_capacity: 11}", "it always fails: 11 is above the max_size of 10",
         "give it a max_size as well");
    const std::string floor = with(small_fleet, "    max_size: 10\n", "    min_size: 3\n    max_size: 10\n");
    check({{group_action, "§{recurrence: 0 8 * * *, max_size: 2}",
            "scheduled_actions item: it always fails: 2 is below the min_size of 3", "give it a min_size as well",
            Severity::warning}},
          floor);
    check_service("§{schedule: rate(1 hour), min_capacity: 10}", "it always fails: 10 is above the max_capacity of 9",
                  "give it a max_capacity as well", Severity::warning);
    // Another action may have raised the maximum, or lowered the minimum.
    const auto silent = [](std::string_view text, std::string_view becomes) {
        return load(with(text, group_action, becomes)).diagnostics.render().empty();
    };
    CHECK(silent(small_fleet, "{recurrence: 0 7 * * *, max_size: 20}\n      - {recurrence: 0 8 * * *, min_size: 11}"));
    CHECK(silent(floor,
                 "{recurrence: 0 7 * * *, min_size: 0, max_size: 10}\n      - {recurrence: 0 8 * * *, max_size: 2}"));
    CHECK(silent(small_fleet, "{recurrence: 0 8 * * *, min_size: 11, max_size: 12}"));
}

TEST_CASE("an action that lowers the minimum alone is told if nothing else lowers the capacity") {
    const auto silent = [](const std::string& text) { return load(text).diagnostics.render().empty(); };
    constexpr std::string_view evening =
        "{recurrence: 0 8 * * *, min_size: 4}\n      - §{recurrence: 0 20 * * *, min_size: 1}";
    // The policies scale in once the minimum lets them.
    CHECK(silent(with(small_fleet, group_action, with(evening, "§", ""))));
    const std::string one_way = with(
        with(small_fleet,
             "    target_tracking:\n      - {metric: ASGAverageCPUUtilization, target_value: 50}\n    "
             "step_scaling:\n      - {alarm: busy, adjustment_type: ChangeInCapacity, "
             "step_adjustments: [{metric_interval_lower_bound: 0, scaling_adjustment: 1}]}\n",
             ""),
        "    simple_scaling:\n      - {alarm: full, adjustment_type: ExactCapacity, scaling_adjustment: 10}\n", "");
    CHECK(silent(one_way));
    check({{group_action, evening, "scheduled_actions item: it lowers only min_size, and no policy scales in",
            "desired_capacity says what is to run", Severity::warning}},
          one_way);
    CHECK(silent(with(one_way, group_action,
                      "{recurrence: 0 8 * * *, min_size: 4}\n      - {recurrence: 0 20 * * *, min_size: 1, "
                      "desired_capacity: 1}")));
    // A ramp in the morning, which the evening has made room for.
    CHECK(silent(with(one_way, group_action,
                      "{recurrence: 0 6 * * *, min_size: 3}\n      - {recurrence: 0 8 * * *, min_size: 5}\n      - "
                      "{recurrence: 0 20 * * *, min_size: 1, desired_capacity: 1}")));
    // Off at night is meant.
    CHECK(silent(with(small_fleet, group_action,
                      "{recurrence: 0 8 * * *, min_size: 2, max_size: 10, desired_capacity: 4}\n      - "
                      "{recurrence: 0 20 * * *, min_size: 0, max_size: 0, desired_capacity: 0}")));

    constexpr std::string_view night =
        "{schedule: rate(1 hour), min_capacity: 4}\n        - §{schedule: rate(2 hours), min_capacity: 1}";
    CHECK(silent(with(small_fleet, service_action, with(night, "§", ""))));
    constexpr std::string_view policies =
        "      target_tracking:\n        - {metric: ECSServiceAverageCPUUtilization, target_value: 60}\n      "
        "step_scaling:\n        - {alarm: idle, adjustment_type: PercentChangeInCapacity, step_adjustments: "
        "[{metric_interval_upper_bound: 0, scaling_adjustment: -10}]}\n";
    const std::string without_policies = with(small_fleet, policies, "");
    check({{service_action, night, "scheduled_actions item: it lowers only min_capacity, and no policy scales in",
            "max_capacity brings the count down", Severity::warning}},
          without_policies);
}

TEST_CASE("an action that takes away what policies have asked for is told") {
    constexpr std::string_view hint = "min_size alone leaves that to them";
    check_group(
        "{recurrence: 0 8 * * *, min_size: 4}\n      - §{recurrence: 0 20 * * *, min_size: 1, "
        "desired_capacity: 3}",
        "scheduled_actions item: desired_capacity takes away what policies have asked for", hint, Severity::warning);
    check_group("{recurrence: 0 8 * * *, desired_capacity: 4}\n      - §{recurrence: 0 20 * * *, desired_capacity: 3}",
                "scheduled_actions item: desired_capacity takes away", hint, Severity::warning);
    CHECK(load(with(small_fleet, group_action, "{recurrence: 0 8 * * *, min_size: 4, desired_capacity: 6}"))
              .diagnostics.render()
              .empty());
}

TEST_CASE("a group has at most 125 actions and a service 200") {
    const auto actions = [](std::string_view one, std::string_view indent, int count) {
        std::string list(one);
        for (int i = 1; i < count; ++i) {
            const std::string minute = std::to_string(i % 60) + " " + std::to_string(9 + i / 60) + " ";
            list += "\n" + std::string(indent) + "- " + with(one, "0 8 ", minute);
        }
        return load(with(small_fleet, one, list));
    };
    CHECK(actions(group_action, "      ", 125).scenario.has_value());
    const auto group = actions(group_action, "      ", 126).diagnostics.sorted();
    REQUIRE(group.size() == 1);
    CHECK(group[0].message == "scheduled_actions: at most 125, found 126");
    CHECK(actions(service_action, "        ", 200).scenario.has_value());
    const auto service = actions(service_action, "        ", 201).diagnostics.sorted();
    REQUIRE(service.size() == 1);
    CHECK(service[0].message == "scheduled_actions: at most 200, found 201");
}
