#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/small_fleet.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

constexpr std::string_view group_tracking = "    target_tracking:\n      - {metric: ASGAverageCPUUtilization";
constexpr std::string_view service_tracking = "{metric: ECSServiceAverageCPUUtilization, target_value: 60}\n";
constexpr std::string_view serving = "serving: {service_time: 10ms}";
constexpr std::string_view tasks_provider = "[{auto_scaling_group: tasks}]";

void warns(std::string_view text, std::string_view was, std::string_view becomes, std::string_view message,
           std::string_view hint) {
    check({{was, becomes, message, hint, Severity::warning}}, text);
}

bool silent(const std::string& text) { return load(text).diagnostics.render().empty(); }

}  // namespace

TEST_CASE("managed scaling and policies on one group are told to work against each other") {
    warns(with(small_fleet, tasks_provider,
               "[{auto_scaling_group: tasks}, {auto_scaling_group: web, managed_scaling: {}}]"),
          group_tracking, "    §target_tracking:\n      - {metric: ASGAverageCPUUtilization",
          "Auto Scaling group \"web\": its policies and ECS's managed scaling work against each other",
          "keep one of them");
    CHECK(silent(with(small_fleet, tasks_provider, "[{auto_scaling_group: tasks}, {auto_scaling_group: web}]")));
}

TEST_CASE("a cooldown that is over before the metric shows new tasks is told") {
    struct Told {
        std::string_view what;
        std::string_view boot_and_checks;
        std::string_view policy;  ///< With § where the warning must point.
        std::string_view message;
        std::string_view hint;
    };
    // Tasks run after two seconds. Requests per target see only those that are healthy.
    const std::vector<Told> told{
        {"CPU is that of tasks that boot too", "boot_time: 3m",
         "{metric: ECSServiceAverageCPUUtilization, target_value: 60, scale_out_cooldown: §60}",
         "scale_out_cooldown 1m is over before the metric shows the new tasks of service \"front\": up to 2m22s",
         "from 2m22s on it outlasts the 2s until they count and the 2m20s until an alarm sees it"},
        {"boot and one health check", "boot_time: 25s",
         "{metric: ALBRequestCountPerTarget, target_value: 60, scale_out_cooldown: §60}", "up to 3m57s",
         "from 3m57s on it outlasts the 57s until they count and the 3m until an alarm sees it"},
        {"a boot so long that all health checks come after it", "boot_time: 60s",
         "{metric: ALBRequestCountPerTarget, target_value: 60, scale_out_cooldown: §4m}", "up to 6m32s",
         "from 6m32s on it outlasts the 3m32s until they count"},
        {"the default of five minutes", "boot_time: 10m", "§{metric: ALBRequestCountPerTarget, target_value: 60}",
         "scale_out_cooldown 5m is over", "from 15m32s on"},
        {"without a boot what no metric can follow", "workers: 1",
         "{metric: ECSServiceAverageCPUUtilization, target_value: 60, scale_out_cooldown: §59}",
         "scale_out_cooldown 59s is over", "from 2m22s on"},
    };
    const auto text = [](std::string_view serving_keys) {
        return with(small_fleet, serving,
                    "serving: {service_time: 10ms, " + std::string(serving_keys) +
                        "}\n    health_check_grace_period_seconds: 1h") +
               "load_balancers:\n  public: {listeners: [{port: 80, default: front}]}\n";
    };
    for (const Told& row : told) {
        INFO(row.what);
        warns(text(row.boot_and_checks), service_tracking, std::string(row.policy) + "\n", row.message, row.hint);
    }
    const auto holds = [&](std::string_view serving_keys, std::string_view metric_and_cooldown) {
        return silent(with(text(serving_keys), service_tracking,
                           "{target_value: 60, metric: " + std::string(metric_and_cooldown) + "}\n"));
    };
    CHECK(holds("boot_time: 3m", "ECSServiceAverageCPUUtilization, scale_out_cooldown: 61"));
    CHECK(holds("boot_time: 25s", "ALBRequestCountPerTarget, scale_out_cooldown: 61"));
    CHECK(holds("boot_time: 60s", "ALBRequestCountPerTarget"));
    CHECK(holds("workers: 1", "ECSServiceAverageCPUUtilization, scale_out_cooldown: 60"));
}

TEST_CASE("the cooldown of steps up is held against the boot and the period of their alarm") {
    const auto steps = [](std::string_view cooldown) {
        return "{alarm: idle, adjustment_type: PercentChangeInCapacity, cooldown: " + std::string(cooldown) +
               ", step_adjustments: [{metric_interval_upper_bound: 0, scaling_adjustment: 10}]}";
    };
    constexpr std::string_view policy =
        "{alarm: idle, adjustment_type: PercentChangeInCapacity, step_adjustments: [{metric_interval_upper_bound: 0, "
        "scaling_adjustment: -10}]}";
    const std::string slow = with(with(small_fleet, serving, "serving: {service_time: 10ms, boot_time: 3m}"),
                                  "{service: front, metric_name: CPUUtilization}\n",
                                  "{service: front, metric_name: CPUUtilization}\n    period: 5m\n");
    warns(slow, policy, steps("§5m"), "cooldown 5m is over before the metric shows the new tasks", "from 6m22s on");
    CHECK(silent(with(slow, policy, steps("301"))));
    // To ask for ten once more changes nothing.
    CHECK(silent(with(slow, policy,
                      "{alarm: idle, adjustment_type: ExactCapacity, cooldown: 1, step_adjustments: "
                      "[{metric_interval_upper_bound: 0, scaling_adjustment: 10}]}")));
    // A queue is as long as before until tasks work.
    warns(with(slow, "{service: front, metric_name: CPUUtilization}", "{custom: queue}"), policy, steps("§5m"),
          "cooldown 5m is over", "from 9m7s on it outlasts the 3m2s until they count");
}

TEST_CASE("a scale-in cooldown shorter than the alarm's period is told") {
    warns(small_fleet, service_tracking,
          "{metric: ECSServiceAverageCPUUtilization, target_value: 60, scale_in_cooldown: §59}\n",
          "scale_in_cooldown 59s is shorter than the alarm's period of 1m",
          "from 1m on the metric shows one scale-in before the next");
    CHECK(silent(with(small_fleet, service_tracking,
                      "{metric: ECSServiceAverageCPUUtilization, target_value: 60, scale_in_cooldown: 60}\n")));
    CHECK(silent(with(small_fleet, service_tracking,
                      "{metric: ECSServiceAverageCPUUtilization, target_value: 60, scale_in_cooldown: 5, "
                      "disable_scale_in: true}\n")));
    warns(with(small_fleet, "    metric: {service: front, metric_name: CPUUtilization}\n",
               "    metric: {service: front, metric_name: CPUUtilization}\n    period: 5m\n"),
          "{alarm: idle, adjustment_type: PercentChangeInCapacity, step",
          "{alarm: idle, adjustment_type: PercentChangeInCapacity, cooldown: §240, step",
          "cooldown 4m is shorter than the alarm's period of 5m", "from 5m on");
}

TEST_CASE("target tracking on what does not fall with more capacity is told") {
    const auto tracks = [](std::string_view metric) {
        return "{metric: " + std::string(metric) + ", target_value: 60}\n";
    };
    warns(small_fleet, service_tracking, tracks("§{custom: queue}"),
          "target_tracking: custom/queue Average does not fall when service \"front\" grows",
          "divide by RunningTaskCount");
    warns(small_fleet, service_tracking, tracks("§{expression: 2 * q, q: {custom: queue}}"),
          "target_tracking: 2 * q does not fall when service \"front\" grows", "divide by RunningTaskCount");
    warns(small_fleet, service_tracking, tracks("§{auto_scaling_group: web, metric_name: CPUUtilization}"),
          "does not fall when service \"front\" grows", "divide by RunningTaskCount");
    warns(small_fleet, "{metric: ASGAverageCPUUtilization, target_value: 50}\n", tracks("§{custom: queue}"),
          "target_tracking: custom/queue Average does not fall when Auto Scaling group \"web\" grows",
          "divide by GroupInServiceInstances");
    CHECK(silent(with(small_fleet, service_tracking,
                      tracks("{expression: q / n, q: {custom: queue}, n: {service: front, metric_name: "
                             "RunningTaskCount}}"))));
    const std::string balanced =
        std::string(small_fleet) + "load_balancers:\n  public: {listeners: [{port: 80, default: front}]}\n";
    warns(balanced, service_tracking, tracks("§{service: front, metric_name: RequestCount}"),
          "service/front RequestCount Sum does not fall", "divide by RunningTaskCount");
    CHECK(silent(with(balanced, service_tracking, tracks("{service: front, metric_name: TargetResponseTime}"))));
}

TEST_CASE("target tracking on what is shared out feels capacity and on totals and counts it does not") {
    struct Tracked {
        std::string_view metric;
        std::string_view hint;  ///< Empty if the metric falls.
    };
    constexpr std::string_view average = "statistic: Average falls";
    constexpr std::string_view count = "CPUUtilization falls, or the work that there is divided by such a count";
    const std::vector<Tracked> of_group{
        {"{auto_scaling_group: web, metric_name: CPUUtilization, statistic: p90}", ""},
        {"{auto_scaling_group: web, metric_name: CPUUtilization, statistic: Maximum}", ""},
        {"{auto_scaling_group: web, metric_name: CPUUtilization, statistic: Sum}", average},
        {"{auto_scaling_group: web, metric_name: CPUUtilization, statistic: SampleCount}", average},
        {"{auto_scaling_group: web, metric_name: GroupInServiceInstances}", count},
        {"{auto_scaling_group: web, metric_name: GroupDesiredCapacity}", count},
        {"{auto_scaling_group: web, metric_name: GroupTotalInstances}", count},
        {"{auto_scaling_group: web, metric_name: GroupPendingInstances}", "divide by GroupInServiceInstances"},
        {"{auto_scaling_group: spot, metric_name: CPUUtilization}", "divide by GroupInServiceInstances"},
        {"{expression: q / n, q: {custom: queue}, n: {auto_scaling_group: web, metric_name: CPUUtilization, "
         "statistic: SampleCount}}",
         ""},
        {"{expression: 'IF(q > 5, q / MAX([n, 1]), 0)', q: {custom: queue}, n: {auto_scaling_group: web, metric_name: "
         "GroupInServiceInstances}}",
         ""},
    };
    for (const Tracked& row : of_group) {
        INFO(row.metric);
        const std::string becomes = "{metric: §" + std::string(row.metric) + ", target_value: 60}\n";
        constexpr std::string_view was = "{metric: ASGAverageCPUUtilization, target_value: 50}\n";
        if (row.hint.empty())
            CHECK(silent(with(with(small_fleet, was, becomes), "§", "")));
        else
            warns(small_fleet, was, becomes, "does not fall when Auto Scaling group \"web\" grows", row.hint);
    }
    const std::vector<Tracked> of_service{
        {"{service: front, metric_name: RunningTaskCount}", count},
        {"{service: front, metric_name: DesiredTaskCount}", count},
        {"{service: front, metric_name: PendingTaskCount}", ""},
        {"{service: front, metric_name: CPUUtilization, statistic: Sum}", average},
        {"{expression: r * n, r: {service: front, metric_name: MemoryUtilization}, n: {service: front, metric_name: "
         "RunningTaskCount}}",
         count},
        {"{expression: r + q, r: {service: front, metric_name: MemoryUtilization}, q: {custom: queue}}", ""},
    };
    for (const Tracked& row : of_service) {
        INFO(row.metric);
        const std::string becomes = "{metric: §" + std::string(row.metric) + ", target_value: 60}\n";
        if (row.hint.empty())
            CHECK(silent(with(with(small_fleet, service_tracking, becomes), "§", "")));
        else
            warns(small_fleet, service_tracking, becomes, "does not fall when service \"front\" grows", row.hint);
    }
}

TEST_CASE("target tracking of a metric that comes every five minutes is told to see little") {
    const std::string slow_alarm = with(small_fleet, "{auto_scaling_group: web, metric_name: CPUUtilization}\n",
                                        "{auto_scaling_group: web, metric_name: CPUUtilization}\n    period: 5m\n");
    warns(
        with(slow_alarm, "workload: {vcpus: 4}\n    target", "monitoring: basic\n    workload: {vcpus: 4}\n    target"),
        "{metric: ASGAverageCPUUtilization, target_value: 50}\n",
        "{metric: §ASGAverageCPUUtilization, target_value: 50}\n",
        "target_tracking: of a datapoint every 5 minutes its alarms see little",
        "monitoring: detailed gives one a minute");
    warns(with(with(small_fleet, "queue: {values: 10}", "queue: {values: 10, period: 5m}"), "{custom: queue}\n",
               "{custom: queue}\n    period: 5m\n"),
          "{metric: ASGAverageCPUUtilization, target_value: 50}\n",
          "{metric: §{expression: q / n, q: {custom: queue}, n: {auto_scaling_group: web, metric_name: "
          "GroupInServiceInstances}}, target_value: 50}\n",
          "target_tracking: of a datapoint every 5 minutes", "publish it every minute");
    // Of a service too.
    warns(with(with(small_fleet, "queue: {values: 10}", "queue: {values: 10, period: 5m}"), "{custom: queue}\n",
               "{custom: queue}\n    period: 5m\n"),
          service_tracking,
          "{metric: §{expression: q / n, q: {custom: queue}, n: {service: front, metric_name: RunningTaskCount}}, "
          "target_value: 50}\n",
          "target_tracking: of a datapoint every 5 minutes", "publish it every minute");
}

TEST_CASE("a target that no percentage exceeds is told") {
    warns(small_fleet, service_tracking, "{metric: ECSServiceAverageMemoryUtilization, target_value: §100}\n",
          "target_tracking: nothing scales out: service/front MemoryUtilization Average lies between 0 and 100",
          "a target below 100");
    const std::string_view over = "{metric: ECSServiceAverageCPUUtilization, target_value: §120}\n";
    warns(small_fleet, service_tracking, over, "nothing scales out", "a target below 100");
    CHECK(silent(with(small_fleet, service_tracking, "{metric: ECSServiceAverageCPUUtilization, target_value: 99}\n")));
    // Requests may take more memory than there is.
    CHECK(silent(with(with(small_fleet, serving, "serving: {service_time: 10ms, memory_per_request: 1MiB}"),
                      service_tracking, "{metric: ECSServiceAverageMemoryUtilization, target_value: 100}\n")));
    // Tasks that burn more than they reserve exceed it.
    CHECK(silent(
        with(with(with(small_fleet, serving, "serving: {service_time: 10ms, cpu_time: 5ms}"), service_tracking, over),
             "§", "")));
}

TEST_CASE("a step on the wrong side of its alarm's threshold is told never to match") {
    constexpr std::string_view step = "{metric_interval_lower_bound: 0, scaling_adjustment: 1}";
    warns(small_fleet, step, "§{metric_interval_upper_bound: 0, scaling_adjustment: 1}",
          "step adjustment 1 never matches: its alarm is on above the threshold only", "bounds from 0 up");
    warns(small_fleet, "{metric_interval_upper_bound: 0, scaling_adjustment: -10}",
          "{metric_interval_upper_bound: 0, scaling_adjustment: -10}, §{metric_interval_lower_bound: 0, "
          "scaling_adjustment: 10}",
          "step adjustment 2 never matches: its alarm is on below the threshold only", "bounds from 0 down");
    // Of two breaching datapoints in three the mean may be below the threshold.
    CHECK(silent(with(with(small_fleet, step, "{metric_interval_upper_bound: 0, scaling_adjustment: 1}"),
                      "    evaluation_periods: 3\n", "    evaluation_periods: 3\n    datapoints_to_alarm: 2\n")));
}

TEST_CASE("an adjustment of nothing is told unless it is the capacity itself") {
    constexpr std::string_view simple = "adjustment_type: ExactCapacity, scaling_adjustment: 10";
    warns(small_fleet, "[{metric_interval_lower_bound: 0, scaling_adjustment: 1}]",
          "[§{metric_interval_lower_bound: 0, scaling_adjustment: 0}]", "scaling_adjustment 0 changes nothing",
          "more than 0 scales out");
    warns(small_fleet, simple, "adjustment_type: PercentChangeInCapacity, scaling_adjustment: §0",
          "scaling_adjustment 0 changes nothing", "less than 0 scales in");
    CHECK(silent(with(small_fleet, simple, "adjustment_type: ExactCapacity, scaling_adjustment: 0")));
    // The user guide's own example begins so.
    CHECK(silent(with(small_fleet, "[{metric_interval_lower_bound: 0, scaling_adjustment: 1}]",
                      "[{metric_interval_lower_bound: 0, metric_interval_upper_bound: 10, scaling_adjustment: 0}, "
                      "{metric_interval_lower_bound: 10, scaling_adjustment: 1}]")));
}

TEST_CASE("a policy that undoes what target tracking does is told") {
    constexpr std::string_view idle = "threshold: 30";
    constexpr std::string_view policy = "{alarm: idle, adj";
    constexpr std::string_view in =
        "it scales in below 55, and target tracking of ECSServiceAverageCPUUtilization out "
        "above 60: they undo each other";
    warns(with(small_fleet, idle, "threshold: 55"), policy, "{alarm: §idle, adj", in,
          "keep one of them, or a threshold up to 54");
    CHECK(silent(with(small_fleet, idle, "threshold: 54")));
    // It scales in from 50 on.
    CHECK(silent(with(with(small_fleet, idle, "threshold: 55"),
                      "{metric_interval_upper_bound: 0, scaling_adjustment: -10}",
                      "{metric_interval_lower_bound: -5, metric_interval_upper_bound: 0, scaling_adjustment: 0}, "
                      "{metric_interval_upper_bound: -5, scaling_adjustment: -10}")));
    // Without a scale-in of its own target tracking leaves all below its target alone.
    const std::string only_out = with(small_fleet, service_tracking,
                                      "{metric: ECSServiceAverageCPUUtilization, target_value: 60, disable_scale_in: "
                                      "true}\n");
    CHECK(silent(with(only_out, idle, "threshold: 60")));
    warns(with(only_out, idle, "threshold: 61"), policy, "{alarm: §idle, adj", "it scales in below 61", "up to 60");
    const std::string up = with(small_fleet, "threshold: 70", "threshold: 49");
    warns(up, "- {alarm: busy, adj", "- {alarm: §busy, adj",
          "it scales out above 49, and target tracking of ASGAverageCPUUtilization in below 35", "from 50 on");
    CHECK(silent(with(small_fleet, "threshold: 70", "threshold: 50")));
    CHECK(silent(with(up, "[{metric_interval_lower_bound: 0, scaling_adjustment: 1}]",
                      "[{metric_interval_lower_bound: 0, metric_interval_upper_bound: 1, scaling_adjustment: 0}, "
                      "{metric_interval_lower_bound: 1, scaling_adjustment: 1}]")));
    warns(with(up, "{alarm: busy, adj", "{alarm: full, adj"), "- {alarm: full, adjustment_type: ExactCapacity",
          "- {alarm: §busy, adjustment_type: ExactCapacity", "it scales out above 49", "from 50 on");
}

TEST_CASE("bounds that leave policies no room are told") {
    warns(small_fleet, "      min_capacity: 1\n      max_capacity: 9\n      target_tracking:",
          "      min_capacity: 2\n      max_capacity: 2\n      §target_tracking:",
          "service \"front\" cannot scale: its min_capacity and its max_capacity are both 2",
          "a larger max_capacity leaves its policies room");
    constexpr std::string_view action =
        "    scheduled_actions:\n      - {recurrence: 0 8 * * *, min_size: 2, max_size: 10}\n";
    const std::string fixed = with(with(small_fleet, "max_size: 10", "min_size: 3\n    max_size: 3"), action, "");
    warns(fixed, "    target_tracking:\n      - {metric: ASG", "    §target_tracking:\n      - {metric: ASG",
          "Auto Scaling group \"web\" cannot scale: its min_size and its max_size are both 3", "a larger max_size");
    // A schedule or a forecast moves them.
    CHECK(silent(with(small_fleet, "max_size: 10", "min_size: 3\n    max_size: 3")));
    CHECK(silent(with(fixed, "mode: ForecastAndScale",
                      "mode: ForecastAndScale, max_capacity_breach_behavior: IncreaseMaxCapacity")));
}

TEST_CASE("managed termination protection without protected instances is told") {
    warns(small_fleet, tasks_provider,
          "[{auto_scaling_group: tasks, managed_scaling: {}, managed_termination_protection: §ENABLED}]",
          "managed_termination_protection: AWS asks for the protection of new instances of Auto Scaling group "
          "\"tasks\" too",
          "protect_from_scale_in: true");
    CHECK(silent(with(with(small_fleet, tasks_provider,
                           "[{auto_scaling_group: tasks, managed_scaling: {}, managed_termination_protection: "
                           "ENABLED}]"),
                      "    max_size: 4\n", "    max_size: 4\n    protect_from_scale_in: true\n")));
}

TEST_CASE("steps up without a way down are told") {
    constexpr std::string_view all =
        "    target_tracking:\n      - {metric: ASGAverageCPUUtilization, target_value: 50}\n    step_scaling:";
    const std::string no_tracking = with(small_fleet, all, "    step_scaling:");
    // Of the other policies the exact capacity of ten may lower it too.
    CHECK(silent(no_tracking));
    warns(with(no_tracking, "adjustment_type: ExactCapacity, scaling_adjustment: 10",
               "adjustment_type: ChangeInCapacity, scaling_adjustment: 1"),
          "    step_scaling:\n      - {alarm: busy", "    §step_scaling:\n      - {alarm: busy",
          "Auto Scaling group \"web\" only ever scales out: none of its policies scales in",
          "a policy on a low alarm, or target tracking, scales in");
    CHECK(silent(with(no_tracking, "adjustment_type: ExactCapacity, scaling_adjustment: 10",
                      "adjustment_type: ChangeInCapacity, scaling_adjustment: -1")));
    const std::string only_up =
        with(with(small_fleet, "scaling_adjustment: -10", "scaling_adjustment: 10"), service_tracking,
             "{metric: ECSServiceAverageCPUUtilization, target_value: 60, "
             "disable_scale_in: true}\n");
    warns(only_up, "      target_tracking:\n        - {metric: ECS", "      §target_tracking:\n        - {metric: ECS",
          "service \"front\" only ever scales out: none of its policies scales in", "a policy on a low alarm");
}

TEST_CASE("target tracking that only scales out is told unless a schedule scales in") {
    constexpr std::string_view tracking =
        "{metric: ECSServiceAverageCPUUtilization, target_value: 60, disable_scale_in: true}\n";
    constexpr std::string_view steps =
        "      step_scaling:\n        - {alarm: idle, adjustment_type: PercentChangeInCapacity, step_adjustments: "
        "[{metric_interval_upper_bound: 0, scaling_adjustment: -10}]}\n";
    const std::string only_out = with(with(small_fleet, service_tracking, tracking), steps, "");
    warns(only_out, "      target_tracking:\n        - {metric: ECS", "      §target_tracking:\n        - {metric: ECS",
          "service \"front\" only ever scales out: none of its policies scales in", "a policy on a low alarm");
    CHECK(silent(with(only_out, "min_capacity: 2}", "max_capacity: 2}")));
}

TEST_CASE("a group outside of all clusters is told to have nothing to do unless it has a workload") {
    warns(with(small_fleet, "max_size: 10\n    workload: {vcpus: 4}\n  tasks:", "max_size: 10\n  tasks:"), "  spot:\n",
          "  §spot:\n", "Auto Scaling group \"spot\" belongs to no cluster and has no workload: nothing runs on it",
          "name it in a cluster's capacity_providers");
}

TEST_CASE("plain EC2 needs neither clusters nor services") {
    const std::string_view text = small_fleet;
    std::string plain(text.substr(0, text.find("clusters:")));
    plain = with(plain,
                 "  idle:\n    metric: {service: front, metric_name: CPUUtilization}\n    evaluation_periods: "
                 "3\n    comparison_operator: LessThanThreshold\n    threshold: 30\n",
                 "");
    const Loaded loaded = load(plain);
    CHECK(loaded.diagnostics.render().empty());
    REQUIRE(loaded.scenario.has_value());
    CHECK(loaded.scenario->clusters.empty());
    CHECK(loaded.scenario->services.empty());
    CHECK(loaded.scenario->groups.size() == 3);
}

TEST_CASE("a cluster may wait for services") {
    const std::string_view text = small_shop;
    const std::size_t services = text.find("services:");
    CHECK(silent(std::string(text.substr(0, services))));
}
