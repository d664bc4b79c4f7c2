#pragma once

#include <string_view>

/// A small scenario that scales in every way, without any fault: plain EC2 instances and a service on a cluster.
namespace fleetsim::scenario::test {

inline constexpr std::string_view small_fleet = R"yaml(fleetsim: 1
name: fleet
region: us-east-1
start: 2026-01-05T00:00:00Z
duration: 24h
metrics:
  queue: {values: 10}
alarms:
  busy:
    metric: {auto_scaling_group: web, metric_name: CPUUtilization}
    evaluation_periods: 3
    comparison_operator: GreaterThanThreshold
    threshold: 70
  idle:
    metric: {service: front, metric_name: CPUUtilization}
    evaluation_periods: 3
    comparison_operator: LessThanThreshold
    threshold: 30
  full:
    metric: {custom: queue}
    evaluation_periods: 1
    comparison_operator: GreaterThanOrEqualToThreshold
    threshold: 100
  any:
    alarm_rule: ALARM(busy) OR ALARM(full)
auto_scaling_groups:
  web:
    instance_type: m5.large
    availability_zones: [us-east-1a, us-east-1b]
    max_size: 10
    workload: {vcpus: 4}
    target_tracking:
      - {metric: ASGAverageCPUUtilization, target_value: 50}
    step_scaling:
      - {alarm: busy, adjustment_type: ChangeInCapacity, step_adjustments: [{metric_interval_lower_bound: 0, scaling_adjustment: 1}]}
    simple_scaling:
      - {alarm: full, adjustment_type: ExactCapacity, scaling_adjustment: 10}
    predictive_scaling:
      - {metric: ASGAverageCPUUtilization, target_value: 50, mode: ForecastAndScale, history: {hours: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]}}
    scheduled_actions:
      - {recurrence: 0 8 * * *, min_size: 2, max_size: 10}
  spot:
    mixed_instances_policy:
      instances_distribution: {on_demand_percentage_above_base_capacity: 0}
      overrides: [{instance_type: c5.large}, {instance_type: m5.large}]
    max_size: 10
    workload: {vcpus: 4}
  tasks:
    instance_type: m5.large
    max_size: 4
clusters:
  main:
    capacity_providers: [{auto_scaling_group: tasks}]
services:
  front:
    cluster: main
    task: {cpu: 256, memory: 512}
    serving: {service_time: 10ms}
    autoscaling:
      min_capacity: 1
      max_capacity: 9
      target_tracking:
        - {metric: ECSServiceAverageCPUUtilization, target_value: 60}
      step_scaling:
        - {alarm: idle, adjustment_type: PercentChangeInCapacity, step_adjustments: [{metric_interval_upper_bound: 0, scaling_adjustment: -10}]}
      scheduled_actions:
        - {schedule: "cron(0 8 * * ? *)", min_capacity: 2}
)yaml";

}  // namespace fleetsim::scenario::test
