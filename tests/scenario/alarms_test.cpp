#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <variant>
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

constexpr std::string_view periods = "    evaluation_periods: 3\n    comparison_operator: GreaterThanThreshold\n";
constexpr std::string_view rule = "alarm_rule: ALARM(busy) OR ALARM(full)";

std::string periods_and(std::string_view more) {
    return "    evaluation_periods: 3\n    comparison_operator: GreaterThanThreshold\n    " + std::string(more) + "\n";
}

}  // namespace

TEST_CASE("alarms have the settings that they are given") {
    const sim::Scenario usual = good(small_fleet);
    REQUIRE(usual.alarms.size() == 4);
    CHECK(usual.alarms[sim::AlarmId{0}].name == "busy");
    const auto& busy = std::get<sim::MetricAlarm>(usual.alarms[sim::AlarmId{0}].what);
    CHECK(busy.metric.text == "auto_scaling_group/web CPUUtilization Average");
    CHECK(busy.settings.comparison == scaling::Comparison::greater);
    CHECK(busy.settings.threshold == 70);
    CHECK(busy.settings.evaluation_periods == 3);
    CHECK(busy.settings.datapoints_to_alarm == 3);
    CHECK(busy.settings.treat_missing_data == scaling::MissingData::missing);
    CHECK(busy.settings.period == 60s);

    const sim::Scenario other =
        good(with(small_fleet, periods,
                  periods_and("datapoints_to_alarm: 2\n    period: 300\n    treat_missing_data: notBreaching")));
    const auto& settings = std::get<sim::MetricAlarm>(other.alarms[sim::AlarmId{0}].what).settings;
    CHECK(settings.datapoints_to_alarm == 2);
    CHECK(settings.period == 300s);
    CHECK(settings.treat_missing_data == scaling::MissingData::not_breaching);
}

TEST_CASE("an alarm needs a metric and a threshold and to know when it breaches") {
    const auto without = [](std::string_view key_and_value, std::string_view key) {
        const auto found = load(with(small_fleet, key_and_value, "")).diagnostics.sorted();
        REQUIRE(found.size() == 1);
        CHECK(found[0].message == "alarm \"busy\" needs the key " + std::string(key));
        CHECK(found[0].place.line == 9);
        CHECK(found[0].place.column == 3);
    };
    without("    threshold: 70\n", "threshold");
    without("    evaluation_periods: 3\n", "evaluation_periods");
    without("    comparison_operator: GreaterThanThreshold\n", "comparison_operator");
    without("    metric: {auto_scaling_group: web, metric_name: CPUUtilization}\n", "metric");
}

TEST_CASE("what PutMetricAlarm rejects is rejected where it is written") {
    const auto row = [](std::string_view more, std::string_view message, std::string_view hint = "") {
        const std::string becomes = periods_and(more);
        check({{periods, becomes, message, hint}}, small_fleet);
    };
    row("period: §45s", "alarm \"busy\": the period is 10, 20 or 30 seconds, or whole minutes");
    row("period: §90s", "alarm \"busy\": the period is 10, 20 or 30 seconds, or whole minutes");
    row("period: §soon", "period: expected a duration such as 90s");
    row("datapoints_to_alarm: §4", "alarm \"busy\": datapoints to alarm are at least one, and at most the evaluation");
    row("datapoints_to_alarm: §0", "datapoints_to_alarm: expected a whole number from 1");
    row("treat_missing_data: §not_breaching", "treat_missing_data: expected missing, ignore, breaching or notBreaching",
        "did you mean notBreaching?");
    row("§statistic: Average", "statistic: it belongs to the metric", "metric: {…, statistic: Average}");
    row("§dimensions: {}", "unknown key \"dimensions\" in alarm \"busy\"", "it takes alarm_rule, period");
    row("period: §10s", "alarm \"busy\": auto_scaling_group/web CPUUtilization has a datapoint every 1m, too few",
        "a period of 60s or more");
    check(
        {
            {periods, "    evaluation_periods: §0\n    comparison_operator: GreaterThanThreshold\n",
             "evaluation_periods: expected a whole number from 1"},
            {periods, "    evaluation_periods: §1441\n    comparison_operator: GreaterThanThreshold\n",
             "period times evaluation periods is more than a day"},
            {periods, "    evaluation_periods: 3\n    comparison_operator: §GreaterThan\n",
             "comparison_operator: expected GreaterThanThreshold", "did you mean GreaterThanThreshold?"},
            {"threshold: 70", "threshold: §high", "threshold: expected a number from"},
            {"  busy:\n    metric", "  §busy!:\n    metric", "\"busy!\" is not a name"},
        },
        with(with(small_fleet, "alarm: busy", "alarm: full"), "ALARM(busy) OR ", ""));
    CHECK(load(with(small_fleet, periods,
                    "    evaluation_periods: 1440\n    comparison_operator: "
                    "GreaterThanThreshold\n"))
              .scenario.has_value());
}

TEST_CASE("a fault of an alarm hides no other") {
    const auto messages = [](std::string_view more) {
        std::vector<std::string> found;
        for (const auto& one : load(with(small_fleet, periods, periods_and(more))).diagnostics.sorted()) {
            found.push_back(one.message);
        }
        return found;
    };
    const std::string too_many =
        "alarm \"busy\": datapoints to alarm are at least one, and at most the evaluation periods";
    CHECK(messages("period: 15\n    datapoints_to_alarm: 4") ==
          std::vector<std::string>{"alarm \"busy\": the period is 10, 20 or 30 seconds, or whole minutes", too_many});
    CHECK(messages("period: soon\n    datapoints_to_alarm: 4").back() == too_many);
    // Nobody knows what four datapoints are too many of.
    CHECK(load(with(small_fleet, periods,
                    "    evaluation_periods: x\n    comparison_operator: GreaterThanThreshold\n    "
                    "datapoints_to_alarm: 4\n"))
              .diagnostics.sorted()
              .size() == 1);
    CHECK(load(with(small_fleet, periods,
                    "    evaluation_periods: 1441\n    comparison_operator: GreaterThanThreshold\n    period: x\n"))
              .diagnostics.sorted()
              .size() == 1);
}

TEST_CASE("an alarm that looks more often than its metric comes is told") {
    const auto warns = [](std::string_view text, std::string_view was, std::string_view becomes,
                          std::string_view message, std::string_view hint) {
        check({{was, becomes, message, hint, Severity::warning}}, text);
    };
    constexpr std::string_view cpu = "{auto_scaling_group: web, metric_name: CPUUtilization}\n";
    const std::string basic = with(with(small_fleet,
                                        "    target_tracking:\n      - {metric: ASGAverageCPUUtilization, "
                                        "target_value: 50}\n",
                                        ""),
                                   "    workload: {vcpus: 4}\n", "    workload: {vcpus: 4}\n    monitoring: basic\n");
    warns(basic, cpu, "{auto_scaling_group: web, metric_name: CPUUtilization}\n    period: §4m\n",
          "alarm \"busy\": auto_scaling_group/web CPUUtilization has a datapoint every 5m, too few for a period of 4m",
          "period: 5m, or monitoring: detailed gives one a minute");
    CHECK(load(with(basic, cpu, "{auto_scaling_group: web, metric_name: CPUUtilization}\n    period: 5m\n"))
              .diagnostics.render()
              .empty());
    warns(with(small_fleet, "queue: {values: 10}", "queue: {values: 10, period: 2m}"), "  full:\n", "  §full:\n",
          "alarm \"full\": custom/queue has a datapoint every 2m, too few for a period of 1m",
          "period: 2m, or publish it every minute");
}

TEST_CASE("an alarm on a percentage that it never reaches is told") {
    const auto never = [](std::string_view comparison, std::string_view threshold, bool told) {
        const std::string text = with(small_fleet, "GreaterThanThreshold\n    threshold: 70",
                                      std::string(comparison) + "\n    threshold: " + std::string(threshold));
        const auto found = load(text).diagnostics.sorted();
        const std::string message =
            "alarm \"busy\": it never goes on: auto_scaling_group/web CPUUtilization Average lies between 0 and 100";
        return std::any_of(found.begin(), found.end(), [&](const auto& one) { return one.message == message; }) == told;
    };
    CHECK(never("GreaterThanThreshold", "100", true));
    CHECK(never("GreaterThanThreshold", "99.9", false));
    CHECK(never("GreaterThanOrEqualToThreshold", "100", false));
    CHECK(never("GreaterThanOrEqualToThreshold", "101", true));
    CHECK(never("LessThanThreshold", "0", true));
    CHECK(never("LessThanOrEqualToThreshold", "0", false));
    CHECK(never("GreaterThanThreshold", "150\n    treat_missing_data: breaching", false));
    check(
        {{"threshold: 70", "threshold: §150", "it never goes on", "a threshold between 0 and 100", Severity::warning}},
        small_fleet);
    // A total and a queue know no end.
    CHECK(
        load(with(with(small_fleet, "metric_name: CPUUtilization}\n", "metric_name: CPUUtilization, statistic: Sum}\n"),
                  "threshold: 70", "threshold: 150"))
            .diagnostics.render()
            .empty());
}

TEST_CASE("a fast alarm asks for a metric that is as fast") {
    const auto text = [](std::string_view period) {
        return with(
            with(small_fleet, "queue: {values: 10}", "queue: {values: 10, period: " + std::string(period) + "}"),
            "metric: {custom: queue}\n", "metric: {custom: queue}\n    period: 10s\n");
    };
    CHECK(load(text("10s")).scenario.has_value());
    CHECK(load(text("1s")).scenario.has_value());
    const auto found = load(text("30s")).diagnostics.sorted();
    REQUIRE(found.size() == 1);
    CHECK(found[0].message == "alarm \"full\": custom/queue has a datapoint every 30s, too few for a period of 10s");
}

TEST_CASE("composite alarms come after those that they look at") {
    const sim::Scenario scenario = good(with(
        small_fleet, "  any:\n    " + std::string(rule),
        "  first: {alarm_rule: \"ALARM(second) AND NOT OK(idle)\"}\n  any: {alarm_rule: ALARM(full) OR ALARM(busy)}\n"
        "  second: {alarm_rule: ALARM(any) OR TRUE}"));
    std::vector<std::string> names;
    for (const sim::Alarm& alarm : scenario.alarms) names.push_back(alarm.name);
    CHECK(names == std::vector<std::string>{"busy", "idle", "full", "any", "second", "first"});
    const auto& any = std::get<sim::CompositeAlarm>(scenario.alarms[sim::AlarmId{3}].what);
    CHECK(any.rule.names() == std::vector<std::string>{"full", "busy"});
    CHECK(any.alarms == std::vector<sim::AlarmId>{sim::AlarmId{2}, sim::AlarmId{0}});
    const auto& first = std::get<sim::CompositeAlarm>(scenario.alarms[sim::AlarmId{5}].what);
    CHECK(first.alarms == std::vector<sim::AlarmId>{sim::AlarmId{4}, sim::AlarmId{1}});
}

TEST_CASE("faults of composite alarms") {
    check(
        {
            {rule, "alarm_rule: §[busy]", "alarm_rule: expected a rule such as ALARM(cpu-high) OR ALARM(errors)"},
            {rule, "alarm_rule: ALARM(busy) OR ALARM(§flul)", "alarm_rule: unknown alarm \"flul\"",
             "did you mean full?"},
            {rule, "alarm_rule: 'ALARM(\"busy\") OR OK(\"§a b\")'", "alarm_rule: unknown alarm \"a b\""},
            {rule, "alarm_rule: ALARM(busy) §ORR ALARM(full)", "alarm_rule:", "did you mean OR?"},
            {rule, "alarm_rule: ALARM(busy)\n    §threshold: 3", "unknown key \"threshold\" in alarm \"any\"",
             "it takes alarm_rule"},
            {rule, "alarm_rule: §ALARM(any)", "alarms look at one another in a circle: any → any"},
            {rule, "alarm_rule: §ALARM(busy) OR OK(b)\n  b: {alarm_rule: OK(c)}\n  c: {alarm_rule: ALARM(any)}",
             "alarms look at one another in a circle: any → b → c → any"},
            {"alarm: busy", "alarm: §any", "alarm \"any\" is composite: it cannot drive Auto Scaling",
             "an alarm of one metric can"},
            {"alarm: busy", "alarm: §bsuy", "unknown alarm \"bsuy\"", "did you mean busy?"},
        },
        small_fleet);
}

TEST_CASE("each circle of alarms is told") {
    const auto found = load(with(small_fleet, rule,
                                 "alarm_rule: ALARM(b)\n  b: {alarm_rule: ALARM(any) OR ALARM(c)}\n  c: {alarm_rule: "
                                 "ALARM(d)}\n  d: {alarm_rule: ALARM(c)}\n  e: {alarm_rule: ALARM(c)}"))
                           .diagnostics.sorted();
    REQUIRE(found.size() == 2);
    CHECK(found[0].message == "alarms look at one another in a circle: any → b → any");
    CHECK(found[1].message == "alarms look at one another in a circle: c → d → c");
}

TEST_CASE("a circle of a thousand alarms is told in one line") {
    std::string chain;
    for (int i = 0; i < 1'000; ++i) {
        chain += "\n  c" + std::to_string(i) + ": {alarm_rule: ALARM(c" + std::to_string((i + 1) % 1'000) + ")}";
    }
    const auto found = load(with(small_fleet, rule, std::string(rule) + chain)).diagnostics.sorted();
    REQUIRE(found.size() == 1);
    CHECK(found[0].message ==
          "alarms look at one another in a circle: c0 → c1 → c2 → c3 → c4 → c5 → c6 → c7 → c8 → c9 → … → c0");
}
