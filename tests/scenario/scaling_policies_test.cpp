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

constexpr std::string_view group_tracking = "{metric: ASGAverageCPUUtilization, target_value: 50}\n";
constexpr std::string_view service_tracking = "{metric: ECSServiceAverageCPUUtilization, target_value: 60}\n";
constexpr std::string_view group_steps =
    "{alarm: busy, adjustment_type: ChangeInCapacity, step_adjustments: [{metric_interval_lower_bound: 0, "
    "scaling_adjustment: 1}]}";
constexpr std::string_view service_steps =
    "{alarm: idle, adjustment_type: PercentChangeInCapacity, step_adjustments: [{metric_interval_upper_bound: 0, "
    "scaling_adjustment: -10}]}";
constexpr std::string_view simple = "{alarm: full, adjustment_type: ExactCapacity, scaling_adjustment: 10}";

sim::AutoScalingGroup web(std::string_view was, std::string_view becomes) {
    return good(with(small_fleet, was, becomes)).groups[sim::GroupId{0}];
}

sim::ServiceAutoscaling front(std::string_view was, std::string_view becomes) {
    return *good(with(small_fleet, was, becomes)).services[sim::ServiceId{0}].autoscaling;
}

/// One fault in a list's only item.
void check_item(std::string_view item, std::string_view becomes, std::string_view message, std::string_view hint = "",
                Severity severity = Severity::error) {
    const std::string ending = item.ends_with('\n') ? "\n" : "";
    const std::string text = std::string(becomes) + ending;
    check({{item, text, message, hint, severity}}, small_fleet);
}

}  // namespace

TEST_CASE("target tracking of a group has AWS's defaults") {
    const sim::Scenario scenario = good(small_fleet);
    const sim::AutoScalingGroup& group = scenario.groups[sim::GroupId{0}];
    REQUIRE(group.target_tracking.size() == 1);
    const sim::TargetTrackingPolicy& policy = group.target_tracking[0];
    CHECK(policy.name == "ASGAverageCPUUtilization");
    CHECK(policy.metric.text == "auto_scaling_group/web CPUUtilization Average");
    CHECK(policy.settings.target_value == 50);
    CHECK(policy.settings.low_alarm_share == 0.7);
    CHECK_FALSE(policy.settings.disable_scale_in);
    CHECK_FALSE(policy.settings.estimated_instance_warmup.has_value());
}

TEST_CASE("each predefined metric of a group is one of its figures") {
    struct Row {
        std::string_view metric;
        std::string_view text;
        double low_alarm_share;
    };
    const std::vector<Row> rows{
        {"ASGAverageCPUUtilization", "auto_scaling_group/web CPUUtilization Average", 0.7},
        {"ASGAverageNetworkIn", "auto_scaling_group/web NetworkIn Average", 0.9},
        {"ASGAverageNetworkOut", "auto_scaling_group/web NetworkOut Average", 0.9},
        {"ALBRequestCountPerTarget", "auto_scaling_group/web RequestCountPerTarget Sum", 0.9},
    };
    const std::string busy = with(small_fleet, "workload: {vcpus: 4}",
                                  "workload: {vcpus: 4, network_in: 1e6, network_out: 5, requests: 100/s}");
    for (const Row& row : rows) {
        INFO(row.metric);
        const std::string becomes = "{metric: " + std::string(row.metric) + ", target_value: 50}\n";
        const sim::AutoScalingGroup group = good(with(busy, group_tracking, becomes)).groups[sim::GroupId{0}];
        CHECK(group.target_tracking[0].metric.text == row.text);
        CHECK(group.target_tracking[0].settings.low_alarm_share == row.low_alarm_share);
    }
}

TEST_CASE("each predefined metric of a service is one of its figures") {
    struct Row {
        std::string_view metric;
        std::string_view text;
    };
    const std::vector<Row> rows{
        {"ECSServiceAverageCPUUtilization", "service/front CPUUtilization Average"},
        {"ECSServiceAverageMemoryUtilization", "service/front MemoryUtilization Average"},
        {"ALBRequestCountPerTarget", "service/front RequestCountPerTarget Sum"},
    };
    const std::string balanced =
        std::string(small_fleet) + "load_balancers:\n  public: {listeners: [{port: 80, default: front}]}\n";
    for (const Row& row : rows) {
        INFO(row.metric);
        const std::string becomes = "{metric: " + std::string(row.metric) + ", target_value: 60}\n";
        const sim::Scenario scenario = good(with(balanced, service_tracking, becomes));
        const sim::TargetTrackingPolicy& policy = scenario.services[sim::ServiceId{0}].autoscaling->target_tracking[0];
        CHECK(policy.metric.text == row.text);
        CHECK(policy.settings.low_alarm_share == 0.9);
        CHECK(policy.settings.scale_in_cooldown == 300s);
        CHECK(policy.settings.scale_out_cooldown == 300s);
    }
}

TEST_CASE("target tracking takes a metric of one's own and every other key") {
    const sim::AutoScalingGroup group = web(
        group_tracking,
        "{name: keep half free, metric: {expression: 50 * load / size, load: {custom: queue}, size: "
        "{auto_scaling_group: web, metric_name: GroupInServiceInstances}}, target_value: 12.5, disable_scale_in: true, "
        "estimated_instance_warmup: 90}\n");
    const sim::TargetTrackingPolicy& policy = group.target_tracking[0];
    CHECK(policy.name == "keep half free");
    CHECK(policy.metric.text == "50 * load / size");
    CHECK(policy.metric.operands.size() == 2);
    CHECK(policy.settings.target_value == 12.5);
    CHECK(policy.settings.low_alarm_share == 0.9);
    CHECK(policy.settings.disable_scale_in);
    CHECK(policy.settings.estimated_instance_warmup == 90s);

    const sim::ServiceAutoscaling service =
        front(service_tracking,
              "{metric: {service: front, metric_name: MemoryUtilization, statistic: Maximum}, target_value: 70, "
              "scale_in_cooldown: 10m, scale_out_cooldown: 30}\n");
    CHECK(service.target_tracking[0].name == "service/front MemoryUtilization Maximum");
    CHECK(service.target_tracking[0].settings.scale_in_cooldown == 600s);
    CHECK(service.target_tracking[0].settings.scale_out_cooldown == 30s);
}

TEST_CASE("faults of target tracking") {
    check_item(group_tracking, "§{target_value: 50}", "target_tracking item needs the key metric");
    check_item(group_tracking, "§{metric: ASGAverageCPUUtilization}",
               "target_tracking item needs the key target_value");
    check_item(group_tracking, "§50", "target_tracking item: expected a mapping, found text");
    check_item(group_tracking, "{metric: §ECSServiceAverageCPUUtilization, target_value: 50}",
               "metric: expected ASGAverageCPUUtilization, ASGAverageNetworkIn, ASGAverageNetworkOut or "
               "ALBRequestCountPerTarget",
               "did you mean ASGAverageCPUUtilization?");
    check_item(group_tracking, "{metric: §ASGAverageCpuUtilisation, target_value: 50}", "metric: expected",
               "did you mean ASGAverageCPUUtilization?");
    check_item(group_tracking, "{metric: ASGAverageCPUUtilization, target_value: §0}",
               "target_value: expected a number above 0");
    check_item(group_tracking, "{metric: ASGAverageCPUUtilization, target_value: 5, §cooldown: 60}",
               "cooldown: target tracking of an Auto Scaling group has no cooldown",
               "estimated_instance_warmup is what you want");
    check_item(group_tracking, "{metric: ASGAverageCPUUtilization, target_value: 5, §scale_in_cooldown: 60}",
               "scale_in_cooldown: target tracking of an Auto Scaling group has no cooldown",
               "estimated_instance_warmup is what you want");
    check_item(group_tracking, "{metric: ASGAverageCPUUtilization, target_value: 5, disable_scale_in: §1}",
               "disable_scale_in: expected true or false");
    check_item(group_tracking, "{metric: ASGAverageCPUUtilization, target_value: 5, §target: 1}",
               "unknown key \"target\" in target_tracking item", "did you mean target_value?");
    check_item(group_tracking, "{metric: ASGAverageCPUUtilization, target_value: 5, name: §''}",
               "name: expected a name of 1 to 255 characters");
    check_item(service_tracking, "{metric: ECSServiceAverageCPUUtilization, target_value: 60, §cooldown: 60}",
               "cooldown: target tracking of a service has two", "scale_in_cooldown and scale_out_cooldown");
    check_item(service_tracking,
               "{metric: ECSServiceAverageCPUUtilization, target_value: 60, §estimated_instance_warmup: 60}",
               "estimated_instance_warmup: tasks do not warm up", "scale_out_cooldown is what you want");
    check_item(service_tracking, "{metric: §ALBRequestCountPerTarget, target_value: 60}",
               "ALBRequestCountPerTarget: no load balancer forwards to service \"front\"");
    check_item(group_tracking,
               "{metric: ASGAverageCPUUtilization, target_value: 50}\n      - §{metric: {auto_scaling_group: web, "
               "metric_name: CPUUtilization}, target_value: 60}",
               "target_tracking: auto_scaling_group/web CPUUtilization Average is tracked by an earlier policy");
}

TEST_CASE("step scaling has AWS's defaults") {
    const sim::Scenario scenario = good(small_fleet);
    const sim::StepScalingPolicy& group = scenario.groups[sim::GroupId{0}].step_scaling[0];
    CHECK(group.name == "step_scaling on busy");
    CHECK(group.alarm == sim::AlarmId{0});
    CHECK(group.settings.adjustment_type == scaling::AdjustmentType::change_in_capacity);
    CHECK(group.settings.aggregation == scaling::MetricAggregation::average);
    CHECK_FALSE(group.settings.min_adjustment_magnitude.has_value());
    CHECK_FALSE(group.settings.estimated_instance_warmup.has_value());
    REQUIRE(group.settings.steps.size() == 1);
    CHECK(group.settings.steps[0].lower_bound == 0);
    CHECK_FALSE(group.settings.steps[0].upper_bound.has_value());
    CHECK(group.settings.steps[0].adjustment == 1);
    const sim::StepScalingPolicy& service = scenario.services[sim::ServiceId{0}].autoscaling->step_scaling[0];
    CHECK(service.name == "step_scaling on idle");
    CHECK(service.settings.cooldown == 300s);
    CHECK(service.settings.steps[0].upper_bound == 0);
    CHECK(service.settings.steps[0].adjustment == -10);
}

TEST_CASE("step scaling takes every other key") {
    const std::string steps =
        "[{metric_interval_lower_bound: 0, metric_interval_upper_bound: 10, scaling_adjustment: 5}, "
        "{metric_interval_lower_bound: 10, scaling_adjustment: 20}]";
    const sim::StepScalingPolicy group =
        web(group_steps,
            "{name: fast, alarm: busy, adjustment_type: PercentChangeInCapacity, "
            "min_adjustment_magnitude: 2, metric_aggregation_type: Maximum, estimated_instance_warmup: "
            "120, step_adjustments: " +
                steps + "}")
            .step_scaling[0];
    CHECK(group.name == "fast");
    CHECK(group.settings.min_adjustment_magnitude == 2);
    CHECK(group.settings.aggregation == scaling::MetricAggregation::maximum);
    CHECK(group.settings.estimated_instance_warmup == 120s);
    REQUIRE(group.settings.steps.size() == 2);
    CHECK(group.settings.steps[0].upper_bound == 10);
    CHECK(group.settings.steps[1].lower_bound == 10);
    const sim::StepScalingPolicy service =
        front(service_steps,
              "{alarm: busy, adjustment_type: ExactCapacity, cooldown: 2m, step_adjustments: "
              "[{metric_interval_lower_bound: 0, scaling_adjustment: 5}]}")
            .step_scaling[0];
    CHECK(service.settings.cooldown == 120s);
    CHECK(service.settings.adjustment_type == scaling::AdjustmentType::exact_capacity);
}

TEST_CASE("faults of step scaling") {
    const auto steps = [](std::string_view list, std::string_view message) {
        check_item(group_steps,
                   "{alarm: busy, adjustment_type: ChangeInCapacity, step_adjustments: " + std::string(list) + "}",
                   message);
    };
    const std::string one = "{metric_interval_lower_bound: 0, scaling_adjustment: 1}";
    steps("§[]", "step_adjustments: a step scaling policy needs at least one step adjustment");
    steps("[§{scaling_adjustment: 1}]", "step adjustment 1 needs a MetricIntervalLowerBound or a MetricInterval");
    steps(
        "[{metric_interval_lower_bound: 0, metric_interval_upper_bound: 10, scaling_adjustment: 1}, "
        "§{metric_interval_lower_bound: 20, scaling_adjustment: 2}]",
        "there is a gap between step adjustments 1 and 2");
    steps(
        "[{metric_interval_lower_bound: 0, metric_interval_upper_bound: 30, scaling_adjustment: 1}, "
        "§{metric_interval_lower_bound: 20, scaling_adjustment: 2}]",
        "step adjustments 1 and 2 overlap");
    steps("[" + one + ", §" + one + "]", "more than one step adjustment has no MetricIntervalUpperBound");
    steps("[§{metric_interval_lower_bound: -5, metric_interval_upper_bound: 0, scaling_adjustment: 1}]",
          "with a negative MetricIntervalLowerBound, one step adjustment must have no lower bound");
    steps("§{scaling_adjustment: 1}", "step_adjustments: expected a list, found a mapping");
    check_item(group_steps, "{alarm: busy, adjustment_type: ChangeInCapacity, step_adjustments: [" + one + ", §1]}",
               "step_adjustments item: expected a mapping, found text");
    check_item(group_steps, "§{adjustment_type: ChangeInCapacity, step_adjustments: [" + one + "]}",
               "step_scaling item needs the key alarm");
    check_item(group_steps, "§{alarm: busy, step_adjustments: [" + one + "]}",
               "step_scaling item needs the key adjustment_type");
    check_item(group_steps, "§{alarm: busy, adjustment_type: ChangeInCapacity}",
               "step_scaling item needs the key step_adjustments");
    check_item(group_steps, "{alarm: busy, adjustment_type: §ChangeCapacity, step_adjustments: [" + one + "]}",
               "adjustment_type: expected ChangeInCapacity, ExactCapacity or PercentChangeInCapacity",
               "did you mean ChangeInCapacity?");
    check_item(group_steps,
               "{alarm: busy, adjustment_type: ChangeInCapacity, min_adjustment_magnitude: §2, step_adjustments: [" +
                   one + "]}",
               "min_adjustment_magnitude needs the adjustment_type PercentChangeInCapacity");
    check_item(group_steps,
               "{alarm: busy, adjustment_type: PercentChangeInCapacity, min_adjustment_magnitude: §0, "
               "step_adjustments: [" +
                   one + "]}",
               "min_adjustment_magnitude: expected a whole number from 1");
    check_item(group_steps,
               "{alarm: busy, adjustment_type: ChangeInCapacity, §cooldown: 60, step_adjustments: [" + one + "]}",
               "cooldown: step scaling of an Auto Scaling group has no cooldown",
               "estimated_instance_warmup is what you want");
    check_item(
        group_steps,
        "{alarm: busy, adjustment_type: ChangeInCapacity, §scaling_adjustment: 1, step_adjustments: [" + one + "]}",
        "scaling_adjustment: step scaling has step_adjustments", "simple_scaling has one scaling_adjustment");
    check_item(group_steps,
               "{alarm: busy, adjustment_type: ChangeInCapacity, metric_aggregation_type: §Sum, step_adjustments: [" +
                   one + "]}",
               "metric_aggregation_type: expected Average, Minimum or Maximum");
    check_item(group_steps, "{alarm: busy, adjustment_type: ChangeInCapacity, step_adjustments: [§{}]}",
               "step_adjustments item needs the key scaling_adjustment");
    check_item(service_steps,
               "{alarm: idle, adjustment_type: ChangeInCapacity, §estimated_instance_warmup: 60, step_adjustments: "
               "[{metric_interval_upper_bound: 0, scaling_adjustment: -1}]}",
               "estimated_instance_warmup: tasks do not warm up", "cooldown is what you want");
}

TEST_CASE("a fault of a policy hides no other and none is told twice") {
    const auto messages = [](std::string_view was, std::string_view becomes) {
        std::string all;
        for (const auto& one : load(with(small_fleet, was, becomes)).diagnostics.sorted()) all += one.message + "\n";
        return all;
    };
    constexpr std::string_view overlapping =
        "step_adjustments: [{metric_interval_lower_bound: 0, metric_interval_upper_bound: 9, scaling_adjustment: -1}, "
        "{metric_interval_lower_bound: 5, scaling_adjustment: 2}]}";
    const auto steps = [&](std::string_view keys) {
        return messages(group_steps, "{alarm: busy, " + std::string(keys) + ", " + std::string(overlapping));
    };
    const std::string overlap = "step_adjustments: step adjustments 1 and 2 overlap\n";
    const std::string negative = "step_adjustments: step adjustment 1 sets a negative capacity\n";
    CHECK(steps("adjustment_type: Change") ==
          "adjustment_type: expected ChangeInCapacity, ExactCapacity or PercentChangeInCapacity, found \"Change\"\n" +
              overlap);
    CHECK(steps("adjustment_type: ExactCapacity, min_adjustment_magnitude: 0") ==
          "min_adjustment_magnitude: expected a whole number from 1 to 100000, found \"0\"\n" + negative + overlap);
    CHECK(messages(group_steps,
                   "{alarm: busy, adjustment_type: ChangeInCapacity, step_adjustments: [{metric_interval_lower_bound: "
                   "5, metric_interval_upper_bound: 5, scaling_adjustment: 1}, {metric_interval_lower_bound: x, "
                   "scaling_adjustment: 1}]}") ==
          "step_adjustments: step adjustment 1 has a MetricIntervalLowerBound that is not below its upper bound\n"
          "metric_interval_lower_bound: expected a number from -1000000000000000 to 1000000000000000, found \"x\"\n");
    CHECK(messages(group_steps,
                   "{alarm: busy, adjustment_type: ChangeInCapacity, step_adjustments: [{lower_bound: 0, "
                   "scaling_adjustment: 1}]}") == "unknown key \"lower_bound\" in step_adjustments item\n");
    CHECK(messages(simple,
                   "{alarm: full, adjustment_type: ExactCapacity, min_adjustment_magnitude: 0, "
                   "scaling_adjustment: -1}") ==
          "min_adjustment_magnitude: expected a whole number from 1 to 100000, found \"0\"\n"
          "scaling_adjustment: ExactCapacity cannot be negative\n");
    const std::string twice = "target_tracking: ASGAverageCPUUtilization is tracked by an earlier policy\n";
    const std::string no_target = "target_value: expected a number above 0, at most 1000000000000, found \"0\"\n";
    CHECK(messages(group_tracking,
                   "{metric: ASGAverageCPUUtilization, target_value: 0}\n      - {metric: "
                   "ASGAverageCPUUtilization, target_value: 50}\n") == no_target + twice);
    CHECK(messages(group_tracking,
                   "{metric: ASGAverageCPUUtilization, target_value: 50}\n      - {metric: "
                   "ASGAverageCPUUtilization, target_value: 0}\n") == twice + no_target);
}

TEST_CASE("simple scaling has AWS's defaults and takes every other key") {
    const sim::SimpleScalingPolicy usual = good(small_fleet).groups[sim::GroupId{0}].simple_scaling[0];
    CHECK(usual.name == "simple_scaling on full");
    CHECK(usual.alarm == sim::AlarmId{2});
    CHECK(usual.settings.scaling_adjustment == 10);
    CHECK(usual.settings.adjustment_type == scaling::AdjustmentType::exact_capacity);
    CHECK_FALSE(usual.settings.cooldown.has_value());
    const sim::SimpleScalingPolicy other =
        web(simple,
            "{name: grow, alarm: full, adjustment_type: PercentChangeInCapacity, scaling_adjustment: -25, "
            "min_adjustment_magnitude: 3, cooldown: 0}")
            .simple_scaling[0];
    CHECK(other.name == "grow");
    CHECK(other.settings.scaling_adjustment == -25);
    CHECK(other.settings.min_adjustment_magnitude == 3);
    CHECK(other.settings.cooldown == 0s);
}

TEST_CASE("faults of simple scaling") {
    check_item(simple, "§{alarm: full, adjustment_type: ExactCapacity}",
               "simple_scaling item needs the key scaling_adjustment");
    check_item(simple, "{alarm: full, adjustment_type: ExactCapacity, scaling_adjustment: §-1}",
               "scaling_adjustment: ExactCapacity cannot be negative");
    check_item(simple, "{alarm: full, adjustment_type: ExactCapacity, scaling_adjustment: 1, §step_adjustments: []}",
               "step_adjustments: simple scaling has one scaling_adjustment", "step_scaling has steps");
    check_item(simple,
               "{alarm: full, adjustment_type: ExactCapacity, scaling_adjustment: 1, §estimated_instance_warmup: 9}",
               "estimated_instance_warmup: simple scaling has none", "cooldown is what you want");
    check_item(simple, "{alarm: full, adjustment_type: ExactCapacity, scaling_adjustment: 1, cooldown: §-1}",
               "cooldown: expected a duration");
}

TEST_CASE("policies of one group or service have different names") {
    const sim::AutoScalingGroup group = web(simple, std::string(simple) + "\n      - " + std::string(simple));
    CHECK(group.simple_scaling[0].name == "simple_scaling on full");
    CHECK(group.simple_scaling[1].name == "simple_scaling on full 2");
    CHECK(group.predictive_scaling[0].name == "ASGAverageCPUUtilization 2");
    check_item(simple,
               "{name: a, alarm: full, adjustment_type: ExactCapacity, scaling_adjustment: 1}\n      - {name: §a, "
               "alarm: full, adjustment_type: ExactCapacity, scaling_adjustment: 1}",
               "another scaling policy is called \"a\"");
}

TEST_CASE("a group has at most fifty policies and a policy at most twenty steps") {
    const auto with_simple = [](int count) {
        std::string list(simple);
        for (int i = 1; i < count; ++i) list += "\n      - " + std::string(simple);
        return load(with(small_fleet, simple, list));
    };
    CHECK(with_simple(47).scenario.has_value());
    const auto found = with_simple(48).diagnostics.sorted();
    REQUIRE(found.size() == 1);
    CHECK(found[0].message == "Auto Scaling group \"web\": at most 50 scaling policies, found 51");
    CHECK(found[0].place.line == 32);
    CHECK(found[0].place.column == 5);

    const auto with_steps = [](int count) {
        std::string list;
        for (int i = 0; i < count; ++i) {
            const std::string upper =
                i + 1 < count ? "metric_interval_upper_bound: " + std::to_string(i + 1) + ", " : "";
            list += (i > 0 ? ", {" : "{") + upper + "metric_interval_lower_bound: " + std::to_string(i) +
                    ", scaling_adjustment: 1}";
        }
        return load(with(small_fleet, "[{metric_interval_lower_bound: 0, scaling_adjustment: 1}]", "[" + list + "]"));
    };
    CHECK(with_steps(20).scenario.has_value());
    const auto steps = with_steps(21).diagnostics.sorted();
    REQUIRE(steps.size() == 1);
    CHECK(steps[0].message == "step_adjustments: a step scaling policy has at most 20 step adjustments");
}

TEST_CASE("a service's scaling can be suspended") {
    const auto suspended = [](std::string_view state) {
        return front("      max_capacity: 9\n",
                     "      max_capacity: 9\n      suspended_state: " + std::string(state) + "\n");
    };
    const sim::ServiceAutoscaling none = suspended("{}");
    CHECK_FALSE(none.dynamic_scaling_in_suspended);
    CHECK_FALSE(none.dynamic_scaling_out_suspended);
    CHECK_FALSE(none.scheduled_scaling_suspended);
    CHECK(suspended("{dynamic_scaling_in_suspended: true}").dynamic_scaling_in_suspended);
    CHECK(suspended("{dynamic_scaling_out_suspended: true}").dynamic_scaling_out_suspended);
    CHECK(suspended("{scheduled_scaling_suspended: true}").scheduled_scaling_suspended);
    const auto row = [](std::string_view key, std::string_view message, std::string_view hint = "") {
        const std::string becomes = "      max_capacity: 9\n      " + std::string(key) + "\n";
        check({{"      max_capacity: 9\n", becomes, message, hint}}, small_fleet);
    };
    row("suspended_state: {§scale_in: true}", "unknown key \"scale_in\" in suspended_state", "it takes");
    row("§simple_scaling: []", "simple_scaling: only Auto Scaling groups have it", "step_scaling is what you want");
    row("§predictive_scaling: []", "predictive_scaling: only Auto Scaling groups have it");
}

TEST_CASE("policies are read even where the bounds are wrong") {
    const auto found = load(with(with(small_fleet, "      min_capacity: 1\n", "      min_capacity: 10\n"),
                                 "target_value: 60", "target_value: -1"))
                           .diagnostics.sorted();
    REQUIRE(found.size() == 2);
    CHECK(found[0].message == "min_capacity 10 is above max_capacity 9");
    CHECK(found[1].message.find("target_value: expected a number above 0") != std::string::npos);
}
