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

constexpr std::string_view queue = "queue: {values: 10}";
constexpr std::string_view busy_metric = "metric: {auto_scaling_group: web, metric_name: CPUUtilization}";
constexpr std::string_view full_metric = "metric: {custom: queue}";

const sim::Metric* metric_called(const sim::Scenario& scenario, std::string_view name) {
    const auto found = std::find_if(scenario.metrics.begin(), scenario.metrics.end(),
                                    [&](const sim::Metric& metric) { return metric.name == name; });
    return found == scenario.metrics.end() ? nullptr : &*found;
}

/// The query of the alarm `full`, when its metric reads so.
sim::MetricQuery query(std::string_view metric) {
    const sim::Scenario scenario = good(with(small_fleet, full_metric, "metric: " + std::string(metric)));
    for (const sim::Alarm& alarm : scenario.alarms) {
        if (alarm.name == "full") return std::get<sim::MetricAlarm>(alarm.what).metric;
    }
    return {};
}

}  // namespace

TEST_CASE("the fleet these tests spoil is good") { CHECK(load(small_fleet).diagnostics.render().empty()); }

TEST_CASE("faults of custom metrics") {
    constexpr std::string_view period = "period: expected 1s, 5s, 10s, 30s or whole minutes up to 5m";
    check(
        {
            {queue, "§queue: {}", "metric \"queue\" needs the key values"},
            {queue, "queue: §10", "metric \"queue\": expected a mapping, found text"},
            {queue, "queue: {values: §-1}", "values: expected a number from 0 to 1000000000000, found \"-1\""},
            {queue, "queue: {values: §10/s}", "values: expected a number from 0 to"},
            {queue, "queue: {values: §[1]}", "values: expected a number such as 120 or a mapping, found a list"},
            {queue, "queue: {values: {§linear: 1}}", "unknown key \"linear\" in values", "it takes"},
            {queue, "queue: {values: {diurnal: {mean: 2, peak: §1, peak_at: 12:00}}}",
             "diurnal: the peak is below the mean"},
            {queue, "queue: {values: {piecewise_linear: [§[0s]]}}",
             "piecewise_linear: expected pairs of a time and a number such as [5m, 120]"},
            {queue, "queue: {values: 10, period: §45s}", period},
            {queue, "queue: {values: 10, period: §0s}", period},
            {queue, "queue: {values: 10, period: §6m}", period},
            {queue, "queue: {values: 10, publication_delay: §2h}",
             "publication_delay: expected a duration from 0s to 1h"},
            {queue, "queue: {values: 10, §unit: Count}", "unknown key \"unit\" in metric \"queue\"", "it takes values"},
            {queue, "queue: {values: 10}\n  §other!: {values: 1}", "\"other!\" is not a name"},
        },
        small_fleet);
}

TEST_CASE("a custom metric that nobody looks at is told") {
    check({{queue, "queue: {values: 10}\n  §lone: {values: 1}", "custom/lone: no alarm and no policy looks at it", "",
            Severity::warning}},
          small_fleet);
}

TEST_CASE("custom metrics take every shape of plain numbers") {
    const auto values = [](std::string_view shape) {
        const sim::Scenario scenario = good(with(small_fleet, queue, "queue: {values: " + std::string(shape) + "}"));
        return std::get<sim::CustomMetric>(metric_called(scenario, "custom/queue")->source).value;
    };
    CHECK(values("0.5").rate(des::Time{1h}) == 0.5);
    CHECK(values("{constant: 7}").rate(des::Time{23h}) == 7);
    CHECK(values("{piecewise_linear: [[0s, 0], [1h, 500]]}").rate(des::Time{30min}) == Approx(250));
    const auto wave = values("{diurnal: {mean: 60, peak: 180, peak_at: '14:00'}}");
    CHECK(wave.rate(des::Time{14h}) == Approx(180));
    CHECK(wave.expected(des::Time{}, des::Time{24h}) == Approx(60.0 * 86400));
}

TEST_CASE("a custom metric has the settings that it is given") {
    const sim::Scenario usual = good(small_fleet);
    CHECK(metric_called(usual, "custom/queue")->settings.resolution == 60s);
    CHECK(metric_called(usual, "custom/queue")->settings.publication_delay == 5s);
    for (const std::string_view period : {"1", "5s", "10s", "30s", "1m", "240", "5m"}) {
        INFO(period);
        const sim::Scenario scenario =
            good(with(small_fleet, queue, "queue: {values: 1, period: " + std::string(period) + "}"));
        const auto expected = period == "1"     ? 1s
                              : period == "5s"  ? 5s
                              : period == "10s" ? 10s
                              : period == "30s" ? 30s
                              : period == "1m"  ? 60s
                              : period == "240" ? 240s
                                                : 300s;
        CHECK(metric_called(scenario, "custom/queue")->settings.resolution == expected);
    }
    const sim::Scenario prompt = good(with(small_fleet, queue, "queue: {values: 1, publication_delay: 0s}"));
    CHECK(metric_called(prompt, "custom/queue")->settings.publication_delay == 0s);
}

TEST_CASE("metrics exist once somebody asks for them and then once") {
    const sim::Scenario scenario = good(small_fleet);
    std::vector<std::string> names;
    for (const sim::Metric& metric : scenario.metrics) names.push_back(metric.name);
    CHECK(names == std::vector<std::string>{"auto_scaling_group/web CPUUtilization", "service/front CPUUtilization",
                                            "custom/queue"});
    const sim::Metric& of_group = *metric_called(scenario, names[0]);
    CHECK(std::get<sim::GroupMetric>(of_group.source) ==
          sim::GroupMetric{sim::GroupId{0}, sim::GroupFigure::cpu_utilization});
    CHECK(of_group.settings.resolution == 60s);
    CHECK(of_group.settings.publication_delay == 60s);
    const sim::Metric& of_service = *metric_called(scenario, names[1]);
    CHECK(std::get<sim::ServiceMetric>(of_service.source) ==
          sim::ServiceMetric{sim::ServiceId{0}, sim::ServiceFigure::cpu_utilization});
    CHECK(of_service.settings.publication_delay == 20s);
}

TEST_CASE("every figure is known by the name of its metric and is published when CloudWatch has it") {
    using Service = sim::ServiceFigure;
    using Group = sim::GroupFigure;
    struct Row {
        std::string_view metric_name;
        Service figure;
        std::chrono::seconds delay;
        std::string_view statistic;
    };
    const std::vector<Row> rows{
        {"CPUUtilization", Service::cpu_utilization, 20s, "Average"},
        {"MemoryUtilization", Service::memory_utilization, 20s, "Average"},
        {"RequestCount", Service::request_count, 60s, "Sum"},
        {"RequestCountPerTarget", Service::request_count_per_target, 60s, "Sum"},
        {"TargetResponseTime", Service::target_response_time, 60s, "Average"},
        {"HTTPCode_5XX_Count", Service::http_5xx_count, 60s, "Sum"},
        {"RunningTaskCount", Service::running_task_count, 20s, "Average"},
        {"DesiredTaskCount", Service::desired_task_count, 20s, "Average"},
        {"PendingTaskCount", Service::pending_task_count, 20s, "Average"},
    };
    const std::string balanced =
        std::string(small_fleet) + "load_balancers:\n  public: {listeners: [{port: 80, default: front}]}\n";
    for (const Row& row : rows) {
        INFO(row.metric_name);
        const sim::Scenario scenario =
            good(with(balanced, full_metric,
                      "metric: {expression: a + q, q: {custom: queue}, a: {service: front, metric_name: " +
                          std::string(row.metric_name) + "}}"));
        const sim::Metric* metric = metric_called(scenario, "service/front " + std::string(row.metric_name));
        REQUIRE(metric != nullptr);
        CHECK(std::get<sim::ServiceMetric>(metric->source).figure == row.figure);
        CHECK(metric->settings.publication_delay == row.delay);
        CHECK(metric->settings.resolution == 60s);
        const auto& alarm = std::get<sim::MetricAlarm>(scenario.alarms[sim::AlarmId{2}].what);
        CHECK(scaling::name(alarm.metric.operands[0].statistic) == row.statistic);
    }
    const std::vector<std::pair<std::string_view, Group>> groups{
        {"CPUUtilization", Group::cpu_utilization},
        {"NetworkIn", Group::network_in},
        {"NetworkOut", Group::network_out},
        {"RequestCountPerTarget", Group::request_count_per_target},
        {"GroupDesiredCapacity", Group::desired_capacity},
        {"GroupInServiceInstances", Group::in_service_instances},
        {"GroupPendingInstances", Group::pending_instances},
        {"GroupTerminatingInstances", Group::terminating_instances},
        {"GroupTotalInstances", Group::total_instances}};
    const std::string busy =
        with(small_fleet, "workload: {vcpus: 4}", "workload: {vcpus: 4, network_in: 1, network_out: 1, requests: 1/s}");
    for (const auto& [name, figure] : groups) {
        INFO(name);
        const sim::Scenario scenario =
            good(with(busy, full_metric,
                      "metric: {expression: a + q, q: {custom: queue}, a: {auto_scaling_group: web, metric_name: " +
                          std::string(name) + "}}"));
        const sim::Metric* metric = metric_called(scenario, "auto_scaling_group/web " + std::string(name));
        REQUIRE(metric != nullptr);
        CHECK(std::get<sim::GroupMetric>(metric->source).figure == figure);
        CHECK(metric->settings.publication_delay == 60s);
    }
}

TEST_CASE("without detailed monitoring EC2's own figures come every five minutes and others every minute") {
    const sim::Scenario scenario =
        good(with(with(with(small_fleet, "workload: {vcpus: 4}", "monitoring: basic\n    workload: {vcpus: 4}"),
                       "    target_tracking:\n      - {metric: ASGAverageCPUUtilization, target_value: 50}\n", ""),
                  full_metric,
                  "metric: {expression: a + q, q: {custom: queue}, a: {auto_scaling_group: web, metric_name: "
                  "GroupInServiceInstances}}"));
    CHECK(metric_called(scenario, "auto_scaling_group/web CPUUtilization")->settings.resolution == 300s);
    CHECK(metric_called(scenario, "auto_scaling_group/web GroupInServiceInstances")->settings.resolution == 60s);
}

TEST_CASE("a query is one statistic of one metric") {
    const sim::MetricQuery usual = query("{custom: queue}");
    CHECK(usual.text == "custom/queue Average");
    REQUIRE(usual.operands.size() == 1);
    CHECK(usual.operands[0].statistic == scaling::Statistic{});
    CHECK_FALSE(usual.expression.has_value());
    CHECK(query("{custom: queue, statistic: p99.9}").text == "custom/queue p99.9");
    CHECK(query("{custom: queue, statistic: Maximum}").operands[0].statistic.kind == scaling::StatisticKind::maximum);
}

TEST_CASE("an expression has its metrics in the order of its names") {
    const sim::MetricQuery both = query(
        "{tasks: {service: front, metric_name: RunningTaskCount, statistic: Minimum}, backlog: {custom: queue}, "
        "expression: backlog / tasks}");
    CHECK(both.text == "backlog / tasks");
    REQUIRE(both.expression.has_value());
    REQUIRE(both.operands.size() == 2);
    CHECK(both.operands[0].metric == sim::MetricId{2});
    CHECK(both.operands[1].metric == sim::MetricId{3});
    CHECK(both.operands[1].statistic.kind == scaling::StatisticKind::minimum);
}

TEST_CASE("faults of what alarms ask for") {
    constexpr std::string_view wanted = "metric: expected service, auto_scaling_group, custom or expression";
    check(
        {
            {busy_metric, "metric: §CPUUtilization", "metric: expected a mapping, found text"},
            {busy_metric, "§metric: {}", wanted},
            {busy_metric, "§metric: {statistic: Sum}", wanted},
            {busy_metric, "metric: {§servce: front, metric_name: CPUUtilization}", "unknown key \"servce\" in metric",
             "did you mean service?"},
            {busy_metric, "metric: {service: front, §auto_scaling_group: web, metric_name: CPUUtilization}",
             "metric: expected only one of service, auto_scaling_group, custom or expression"},
            {busy_metric, "metric: {auto_scaling_group: §wbe, metric_name: CPUUtilization}",
             "unknown Auto Scaling group \"wbe\"", "did you mean web?"},
            {busy_metric, "metric: {service: §fornt, metric_name: CPUUtilization}", "unknown service \"fornt\"",
             "did you mean front?"},
            {busy_metric, "metric: {custom: §queu}", "unknown custom metric \"queu\"", "did you mean queue?"},
            {busy_metric, "metric: {custom: queue, §metric_name: CPUUtilization}",
             "metric_name: a custom metric is known by its name alone"},
            {busy_metric, "§metric: {auto_scaling_group: web}", "metric needs the key metric_name"},
            {busy_metric, "metric: {auto_scaling_group: web, metric_name: §CpuUtilization}",
             "metric_name: expected CPUUtilization, NetworkIn", "did you mean CPUUtilization?"},
            {busy_metric, "metric: {service: front, metric_name: §NetworkIn}",
             "metric_name: expected CPUUtilization, MemoryUtilization, RequestCount"},
            {busy_metric, "metric: {custom: queue, statistic: §average}",
             "statistic: expected Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p99",
             "did you mean Average?"},
            {busy_metric, "metric: {custom: queue, statistic: §p101}", "or a percentile such as p99"},
            {busy_metric, "metric: {custom: queue, §period: 60}", "unknown key \"period\" in metric", "it takes"},
            {busy_metric, "metric: {service: front, metric_name: §RequestCount}",
             "RequestCount: no load balancer forwards to service \"front\""},
            {busy_metric, "metric: {auto_scaling_group: web, metric_name: §NetworkIn}",
             "NetworkIn of Auto Scaling group \"web\" is always 0: its workload has no network_in", "",
             Severity::warning},
            {busy_metric, "metric: {auto_scaling_group: web, metric_name: §RequestCountPerTarget}",
             "is always 0: its workload has no requests", "", Severity::warning},
        },
        small_fleet);
    check({{full_metric, "metric: {auto_scaling_group: spot, metric_name: §CPUUtilization}",
            "CPUUtilization of Auto Scaling group \"spot\" is always 0: its workload has no vcpus", "",
            Severity::warning}},
          with(with(small_fleet, "max_size: 10\n    workload: {vcpus: 4}\n  tasks",
                    "max_size: 10\n    workload: {network_in: 4}\n  tasks"),
               "metrics:\n  queue: {values: 10}\n", ""));
}

TEST_CASE("a division by a zero that is written out is told") {
    const auto text = [](std::string_view expression) {
        return "metric: {expression: " + std::string(expression) + ", a: {custom: queue}}\n";
    };
    for (const std::string_view expression : {"a / §0", "1 + a /§0.0 + 2", "a / 5 / §0e3"}) {
        check({{"metric: {custom: queue}\n", text(expression),
                "expression: a division by 0 has no value, so there is no datapoint", "", Severity::warning}},
              small_fleet);
    }
    for (const std::string_view expression : {"a / 0.5", "a / 10", "0 / a", "a / 0 ^ 0"}) {
        CHECK(load(with(small_fleet, "metric: {custom: queue}\n", text(expression))).diagnostics.render().empty());
    }
}

TEST_CASE("faults of expressions over metrics") {
    const auto rows = [](std::string_view metric, std::string_view message, std::string_view hint = "") {
        const std::string becomes = "metric: " + std::string(metric);
        check({{busy_metric, becomes, message, hint}}, small_fleet);
    };
    rows("{expression: §[a], a: {custom: queue}}", "expression: expected an expression such as backlog / tasks");
    rows("{expression: a / §tsaks, a: {custom: queue}, tasks: {service: front, metric_name: RunningTaskCount}}",
         "expression: no metric is called \"tsaks\" here", "did you mean tasks?");
    rows("{expression: a + 1, a: {custom: queue}, §b: {custom: queue}}", "b is not used in the expression");
    rows("{expression: a + 1, a: {custom: queue}, §statistic: Sum}", "statistic is not used in the expression");
    rows("{expression: a + 1, a: §queue}", "a: expected a mapping, found text");
    rows("{expression: a + 1, §a: {}}", "a: expected service, auto_scaling_group, custom");
    rows("{expression: a + 1, a: {custom: §quue}}", "unknown custom metric \"quue\"", "queue");
    rows("{expression: 'a +§', a: {custom: queue}}", "expression: expected a value, found the end", "such as m1");
    rows("{expression: a §) 1, a: {custom: queue}}", "expression: there is no ( for this");
}
