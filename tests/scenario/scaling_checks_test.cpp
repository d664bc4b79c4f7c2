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

TEST_CASE("a cooldown that is over before a task works is told") {
    const std::string slow = with(small_fleet, serving, "serving: {service_time: 10ms, boot_time: 60s}");
    CHECK(silent(slow));
    warns(slow, service_tracking,
          "{metric: ECSServiceAverageCPUUtilization, target_value: 60, scale_out_cooldown: §60}\n",
          "scale_out_cooldown 1m is shorter than the 1m2s that a task of service \"front\" takes to start and boot",
          "from 1m2s on the first tasks help before more are asked for");
    CHECK(silent(with(slow, service_tracking,
                      "{metric: ECSServiceAverageCPUUtilization, target_value: 60, scale_out_cooldown: 62}\n")));
    warns(slow, "{alarm: idle, adjustment_type: PercentChangeInCapacity, step",
          "{alarm: busy, adjustment_type: ChangeInCapacity, cooldown: §60, step_adjustments: "
          "[{metric_interval_lower_bound: 0, scaling_adjustment: 1}]}\n        - {alarm: idle, adjustment_type: "
          "PercentChangeInCapacity, step",
          "cooldown 1m is shorter than the 1m2s", "from 1m2s on");
    // The default of five minutes is too short for what boots longer.
    warns(with(small_fleet, serving, "serving: {service_time: 10ms, boot_time: 10m}"), service_tracking,
          "§{metric: ECSServiceAverageCPUUtilization, target_value: 60}\n",
          "scale_out_cooldown 5m is shorter than the 10m2s", "from 10m2s on");
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

TEST_CASE("target tracking with basic monitoring is told to see little") {
    warns(with(small_fleet, "workload: {vcpus: 4}\n    target",
               "monitoring: basic\n    workload: {vcpus: 4}\n    target"),
          "{metric: ASGAverageCPUUtilization, target_value: 50}\n",
          "{metric: §ASGAverageCPUUtilization, target_value: 50}\n",
          "target_tracking: of a datapoint every 5 minutes its alarms see little",
          "monitoring: detailed gives one a minute");
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
    warns(only_up, "      step_scaling:\n        - {alarm: idle", "      §step_scaling:\n        - {alarm: idle",
          "service \"front\" only ever scales out: none of its policies scales in", "a policy on a low alarm");
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
