#pragma once

#include <string>
#include <string_view>

/// A small network without any fault: an internet-facing load balancer in public subnets, and in private ones `front`
/// in `awsvpc` mode, which calls `back` in `bridge` mode, both through an internal load balancer and directly.
namespace fleetsim::scenario::test {

inline constexpr std::string_view small_vpc = R"yaml(fleetsim: 1
name: vpc
region: us-east-1
duration: 1h
subnets:
  public-a: {cidr_block: 10.0.0.0/27, availability_zone: us-east-1a, public: true}
  public-b: {cidr_block: 10.0.0.32/27, availability_zone: us-east-1b, public: true}
  private-a: {cidr_block: 10.0.1.0/24, availability_zone: us-east-1a, nat_gateway: true}
  private-b: {cidr_block: 10.0.2.0/24, availability_zone: us-east-1b, nat_gateway: true}
security_groups:
  alb: {ingress: [{from: ["0.0.0.0/0"], port: 443}]}
  front: {ingress: [{from: [alb], port: 8080}]}
  inner: {ingress: [{from: [front], port: 80}]}
  ecs: {ingress: [{from: [inner, front], from_port: 32768, to_port: 65535}]}
auto_scaling_groups:
  main:
    instance_type: m5.large
    vpc_zone_identifier: [private-a, private-b]
    security_groups: [ecs]
    max_size: 6
clusters:
  main:
    capacity_providers: [{auto_scaling_group: main}]
services:
  front:
    cluster: main
    task: {cpu: 256, memory: 512, network_mode: awsvpc}
    network_configuration: {subnets: [private-a, private-b], security_groups: [front]}
    target_group: {port: 8080}
    serving: {service_time: 10ms}
    calls:
      - {service: back, via: inner}
      - {service: back}
    autoscaling: {min_capacity: 1, max_capacity: 10}
  back:
    cluster: main
    task: {cpu: 256, memory: 512}
    serving: {service_time: 10ms}
load_balancers:
  public:
    subnets: [public-a, public-b]
    security_groups: [alb]
    listeners: [{port: 443, protocol: HTTPS, default: front}]
  inner:
    internal: true
    subnets: [private-a, private-b]
    security_groups: [inner]
    listeners: [{port: 80, default: back}]
traffic:
  visitors:
    to: public
    rate: 10/s
)yaml";

}  // namespace fleetsim::scenario::test
