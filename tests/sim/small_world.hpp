#pragma once

#include <string>
#include <vector>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/placement/resources.hpp>
#include <fleetsim/sim/result.hpp>
#include <fleetsim/sim/scenario.hpp>
#include <fleetsim/traffic/rate_profile.hpp>

/// Scenarios built by hand, small enough to reason about: one cluster `main` on one group `web` of m5.large-like
/// instances over zones a and b, to which a test adds services, routes and traffic.
namespace fleetsim::sim::testing {

using namespace std::chrono_literals;

inline Scenario small_world(int instances = 2) {
    Scenario scenario;
    scenario.name = "small-world";
    scenario.region = "us-east-1";
    scenario.duration = 1h;
    const ZoneId a = scenario.zones.add("us-east-1a");
    const ZoneId b = scenario.zones.add("us-east-1b");
    AutoScalingGroup group;
    group.name = "web";
    group.type.name = "m5.large";
    group.registered = placement::resources({.cpu_units = 2048, .memory_mib = 8000, .gpus = 0, .eni_slots = 2});
    group.price_usd_per_hour = 0.096;
    group.zones = {a, b};
    group.min_size = instances;
    group.max_size = instances;
    group.desired_capacity = instances;
    const GroupId web = scenario.groups.add(group);
    Cluster cluster;
    cluster.name = "main";
    cluster.capacity_providers.push_back({web, std::nullopt, false});
    scenario.clusters.add(cluster);
    return scenario;
}

/// A service of `tasks` tasks with `workers` workers each; a whole task's workers at work use its whole CPU.
inline ServiceId add_service(Scenario& scenario, const std::string& name, int tasks, unsigned workers,
                             des::Distribution service_time) {
    Service service;
    service.name = name;
    service.cluster = ClusterId{0};
    service.shape.task = placement::resources({.cpu_units = 256, .memory_mib = 512});
    service.desired_count = tasks;
    service.serving.workers = workers;
    service.serving.backlog = 1'000'000;
    service.serving.service_time = std::move(service_time);
    service.serving.cpu_units_per_busy_worker = 256.0 / workers;
    service.start_time = des::constant(2);
    return scenario.services.add(service);
}

inline BalancerId add_balancer(Scenario& scenario, const std::string& name) {
    LoadBalancer balancer;
    balancer.name = name;
    return scenario.balancers.add(balancer);
}

/// A route to the service, behind the balancer or straight.
inline RouteId add_route(Scenario& scenario, ServiceId service, BalancerId balancer = BalancerId::none(),
                         routing::Algorithm algorithm = routing::RoundRobin{}) {
    TargetGroup group;
    group.service = service;
    group.balancer = balancer;
    group.algorithm = algorithm;
    const TargetGroupId id = scenario.target_groups.add(group);
    return scenario.routes.add(Route{id, "/", {}});
}

inline SourceId add_traffic(Scenario& scenario, const std::string& name, RouteId to, traffic::RateProfile rate,
                            traffic::Client client = {}) {
    return scenario.sources.add({name, to, std::move(rate), client});
}

/// The number of rows of that kind.
inline std::size_t count_rows(const Result& result, std::string_view event) {
    std::size_t count = 0;
    for (const EventRow& row : result.events) count += row.event == event ? 1U : 0U;
    return count;
}

}  // namespace fleetsim::sim::testing
