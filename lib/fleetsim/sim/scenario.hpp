#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <fleetsim/cloud/instance_type.hpp>
#include <fleetsim/des/distribution.hpp>
#include <fleetsim/des/id.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/placement/resources.hpp>
#include <fleetsim/placement/shape.hpp>
#include <fleetsim/routing/algorithm.hpp>
#include <fleetsim/routing/health_check.hpp>
#include <fleetsim/scaling/managed_scaling.hpp>
#include <fleetsim/scaling/target_tracking.hpp>
#include <fleetsim/traffic/client.hpp>
#include <fleetsim/traffic/rate_profile.hpp>

/// The checked input of a simulation: every name is resolved to an id, every value lies in its domain. Whoever fills it
/// in (the YAML reader, a test, a study) guarantees that; the engine only asserts it.
namespace fleetsim::sim {

using ZoneId = des::Id<struct ZoneTag>;
using GroupId = des::Id<struct GroupTag>;
using ClusterId = des::Id<struct ClusterTag>;
using ServiceId = des::Id<struct ServiceTag>;
using BalancerId = des::Id<struct BalancerTag>;
using TargetGroupId = des::Id<struct TargetGroupTag>;
using RouteId = des::Id<struct RouteTag>;
using SourceId = des::Id<struct SourceTag>;

/// How long an instance takes from the decision to launch it until ECS can place tasks on it, step by step.
/// Defaults are lognormal; their medians and 95th percentiles follow published measurements of ECS-optimised instances.
struct LaunchTimes {
    des::Distribution decision_to_launch = des::lognormal_median_quantile(2, 0.95, 8);
    des::Distribution pending_to_running = des::lognormal_median_quantile(16, 0.95, 30);
    des::Distribution running_to_agent = des::lognormal_median_quantile(20, 0.95, 45);
    des::Distribution agent_to_active = des::lognormal_median_quantile(3, 0.95, 10);
    des::Distribution shutting_down = des::lognormal_median_quantile(30, 0.95, 90);
};

struct AutoScalingGroup {
    std::string name;
    cloud::InstanceType type;
    placement::Resources registered;  ///< What one instance registers with ECS.
    double price_usd_per_hour = 0;    ///< On demand, Linux, in the scenario's region.
    std::vector<ZoneId> zones;        ///< Never empty.
    std::int32_t min_size = 0;
    std::int32_t max_size = 0;
    std::int32_t desired_capacity = 0;  ///< At the start, when those instances are already in service.
    placement::Attributes attributes;   ///< Of its instances, besides those that ECS sets by itself.
    LaunchTimes launch_times;
};

struct CapacityProvider {
    GroupId group;
    std::optional<scaling::ManagedScaling> managed_scaling;
    bool managed_termination_protection = false;
};

/// A cluster's instances are those of its capacity providers' groups; one group serves one cluster.
struct Cluster {
    std::string name;
    std::vector<CapacityProvider> capacity_providers;
};

/// A container (or process group) at work: `workers` requests at a time, then a bounded first-come-first-served queue.
struct Serving {
    std::uint32_t workers = 1;
    std::uint32_t backlog = 2048;    ///< Waiting requests beyond the workers; gunicorn's default listen backlog.
    des::Distribution service_time;  ///< Seconds of a worker's own work for one request.
    /// CPU units a worker uses during its own work (not while it waits for a call). Metrics only: work is not slowed.
    double cpu_units_per_busy_worker = 0;
    des::Duration boot_time{};  ///< From the task's RUNNING until the application answers.
};

/// A call made after the worker's own work; calls run one after the other and the worker stays held meanwhile.
struct Call {
    RouteId to;
    double probability = 1;
};

/// Requests of one path at one target group, and the calls that serving them takes. Listener rules are resolved once,
/// when the scenario is read, since a traffic source and a call have a fixed path: the engine follows ids.
struct Route {
    TargetGroupId target_group;
    std::string path;
    std::vector<Call> calls;
};

struct ServiceAutoscaling {
    std::int32_t min_capacity = 1;
    std::int32_t max_capacity = 1;
    std::vector<scaling::TargetTracking> target_tracking;
};

struct Service {
    std::string name;
    ClusterId cluster;
    placement::Shape shape;  ///< What a task needs, and where it may and should go.
    std::int32_t desired_count = 1;
    Serving serving;
    std::optional<ServiceAutoscaling> autoscaling;
    /// From RUNNING on, for which ECS ignores that a balancer finds the task unhealthy.
    des::Duration health_check_grace_period{};
    des::Distribution start_time;  ///< Seconds from placement to RUNNING (image pull and container start).
};

/// The targets of one service behind one balancer, or behind none for calls that go straight to the service.
struct TargetGroup {
    ServiceId service;
    BalancerId balancer;  ///< `none` for direct calls: no health checks, always round robin.
    routing::Algorithm algorithm;
    routing::HealthCheck health_check;
    des::Duration deregistration_delay = std::chrono::seconds{300};
};

struct LoadBalancer {
    std::string name;
    bool internal = false;
    std::optional<double> price_usd_per_hour;  ///< Absent where the catalogue knows none.
    des::Duration idle_timeout = std::chrono::seconds{60};
};

struct TrafficSource {
    std::string name;
    RouteId to;
    traffic::RateProfile rate;
    traffic::Client client;
};

/// EC2 terminates one instance (of `group`, or of any group), chosen at random among those running.
struct TerminateInstance {
    GroupId group = GroupId::none();
};

/// One task's essential container exits; chosen at random among the running ones (of `service`, or of any).
struct TerminateTask {
    ServiceId service = ServiceId::none();
};

/// Nothing in the zone answers, and nothing can be launched there, for `duration`.
struct ZoneOutage {
    ZoneId zone;
    des::Duration duration{};
};

struct Fault {
    des::Time at;
    std::variant<TerminateInstance, TerminateTask, ZoneOutage> what;
};

/// `quantile` of the latency of successful requests at most `limit`.
struct LatencyObjective {
    double quantile = 0.99;
    des::Duration limit{};
};

/// Share of requests that succeeded at least `minimum` (0 to 1).
struct AvailabilityObjective {
    double minimum = 1;
};

struct Objective {
    ServiceId service;
    std::variant<LatencyObjective, AvailabilityObjective> what;
    std::string text;  ///< For people: `p99 <= 300ms`.
};

struct Scenario {
    std::string name;
    std::string region;
    std::chrono::sys_seconds start{};
    des::Duration duration{};
    des::Duration warmup{};  ///< Left out of the statistics, still billed.
    std::uint64_t seed = 1;

    des::Table<ZoneId, std::string> zones;
    des::Table<GroupId, AutoScalingGroup> groups;
    des::Table<ClusterId, Cluster> clusters;
    des::Table<ServiceId, Service> services;
    des::Table<BalancerId, LoadBalancer> balancers;
    des::Table<TargetGroupId, TargetGroup> target_groups;
    des::Table<RouteId, Route> routes;  ///< Without cycles.
    des::Table<SourceId, TrafficSource> sources;
    std::vector<Fault> faults;
    std::vector<Objective> objectives;

    /// What was assumed because the scenario did not say, one sentence each.
    std::vector<std::string> assumptions;
};

}  // namespace fleetsim::sim
