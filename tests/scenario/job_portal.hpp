#pragma once

#include <string_view>

namespace fleetsim::scenario::test {

/// The scenario of the design document, to the letter.
inline constexpr std::string_view job_portal = R"yaml(fleetsim: 1                      # format version
name: job-portal
region: us-east-1
start: 2026-01-05T00:00:00Z      # anchors schedules and day/night profiles
duration: 24h
warmup: 10m                      # left out of the statistics, still billed
seed: 1

auto_scaling_groups:
  web:
    instance_type: m5.large      # or mixed_instances_policy: …
    availability_zones: [us-east-1a, us-east-1b]
    min_size: 2
    max_size: 12
  gpu:
    instance_type: g4dn.xlarge
    min_size: 0
    max_size: 6

clusters:
  portal:
    capacity_providers: [{auto_scaling_group: web, managed_scaling: {target_capacity: 90}}]
  inference:
    capacity_providers: [{auto_scaling_group: gpu, managed_scaling: {target_capacity: 100}}]

services:
  frontend:
    cluster: portal
    task: {cpu: 256, memory: 512}
    desired_count: 4
    ordered_placement_strategy: [{spread: "attribute:ecs.availability-zone"}, {binpack: memory}]
    serving: {workers: 4, service_time: {lognormal: {mean: 8ms, cv: 0.8}}}
    calls: [{service: backend, via: internal, path: /api, probability: 0.7}]
    autoscaling: {min_capacity: 4, max_capacity: 40, target_tracking: [{metric: ECSServiceAverageCPUUtilization, target_value: 60}]}
  backend:
    cluster: portal
    task: {cpu: 512, memory: 1024}
    desired_count: 4
    serving: {workers: 9, service_time: {gamma: {mean: 25ms, cv: 1.0}}}
    calls: [{service: scorer, probability: 0.05}]
  scorer:
    cluster: inference
    task: {cpu: 2048, memory: 8192, gpu: 1}
    desired_count: 1
    serving: {workers: 1, service_time: {lognormal: {mean: 180ms, cv: 0.4}}}

load_balancers:
  public:
    listeners: [{port: 443, protocol: HTTPS, default: frontend, rules: [{path_pattern: "/api/*", forward: backend}]}]
  internal:
    internal: true
    listeners: [{port: 80, protocol: HTTP, default: backend}]

traffic:
  visitors:
    to: public
    path: /
    rate: {diurnal: {mean: 60/s, peak: 180/s, peak_at: "14:00"}}
    client: {timeout: 5s, retries: 2, backoff: full_jitter}

slo:
  - {service: frontend, p99: 300ms, availability: 99.9%}
)yaml";

}  // namespace fleetsim::scenario::test
