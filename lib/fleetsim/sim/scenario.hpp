#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fleetsim/cloud/instance_type.hpp>
#include <fleetsim/des/distribution.hpp>
#include <fleetsim/des/id.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/ecs/capacity_provider_strategy.hpp>
#include <fleetsim/ecs/container_health_check.hpp>
#include <fleetsim/ecs/deployment_circuit_breaker.hpp>
#include <fleetsim/ecs/image_pull.hpp>
#include <fleetsim/ecs/service_scheduler.hpp>
#include <fleetsim/ecs/traffic_shift.hpp>
#include <fleetsim/placement/resources.hpp>
#include <fleetsim/placement/shape.hpp>
#include <fleetsim/routing/algorithm.hpp>
#include <fleetsim/routing/health_check.hpp>
#include <fleetsim/scaling/group_balance.hpp>
#include <fleetsim/scaling/health_replacement.hpp>
#include <fleetsim/scaling/instance_refresh.hpp>
#include <fleetsim/scaling/lifecycle_hook.hpp>
#include <fleetsim/scaling/managed_scaling.hpp>
#include <fleetsim/scaling/mixed_instances.hpp>
#include <fleetsim/scaling/schedule.hpp>
#include <fleetsim/scaling/termination_policy.hpp>
#include <fleetsim/scaling/warm_pool.hpp>
#include <fleetsim/sim/fault.hpp>
#include <fleetsim/sim/ids.hpp>
#include <fleetsim/sim/scaling_policies.hpp>
#include <fleetsim/traffic/client.hpp>
#include <fleetsim/traffic/rate_profile.hpp>

/// The checked input of a simulation: every name is resolved to an id, every value lies in its domain. Whoever fills it
/// in (the YAML reader, a test, a study) guarantees that; the engine only asserts it.
namespace fleetsim::sim {

/// How long an instance takes for each step of its life. Defaults are lognormal; their medians and 95th percentiles
/// follow published measurements of ECS-optimised instances.
struct LaunchTimes {
    des::Distribution decision_to_launch = des::lognormal_median_quantile(2, 0.95, 8);
    des::Distribution pending_to_running = des::lognormal_median_quantile(16, 0.95, 30);
    des::Distribution running_to_in_service = des::lognormal_median_quantile(3, 0.95, 10);
    des::Distribution running_to_agent = des::lognormal_median_quantile(20, 0.95, 45);
    des::Distribution agent_to_active = des::lognormal_median_quantile(3, 0.95, 10);
    des::Distribution shutting_down = des::lognormal_median_quantile(30, 0.95, 90);
    des::Distribution stopping = des::lognormal_median_quantile(30, 0.95, 90);
    des::Distribution stopped_to_running = des::lognormal_median_quantile(15, 0.95, 25);
};

/// A range of addresses in one zone. Instances and tasks in `awsvpc` mode take one each.
struct Subnet {
    std::string name;
    ZoneId zone;
    std::int32_t addresses = 0;  ///< That instances and tasks can have: those of load balancers are left out.
    bool is_public = false;      ///< Its route table leads to an internet gateway.
    bool has_nat = false;        ///< Or to a NAT gateway.
};

/// Spot capacity of one instance type in one zone. What happens to it happens to all groups that use it.
struct SpotPool {
    std::string instance_type;
    ZoneId zone;
    traffic::RateProfile price_usd_per_hour;
    std::int32_t depth = 0;  ///< Instances that EC2 can give out at a time.
    /// EC2 takes instances back in waves, a Poisson process of so many an hour; each takes this share of the pool's.
    double reclaims_per_hour = 0;
    double reclaimed_share = 1;
    des::Duration recovers_after{};  ///< Once EC2 has taken instances back, it gives out none for so long.
};

/// An instance type that a group may launch.
struct InstanceOption {
    cloud::InstanceType type;
    placement::Resources registered;       ///< What one instance registers with ECS.
    double price_usd_per_hour = 0;         ///< On demand, Linux, in the scenario's region.
    std::int32_t weighted_capacity = 1;    ///< What it counts towards the group's capacity.
    std::vector<SpotPoolId> spot_pools{};  ///< One for each of the group's zones, if the group uses Spot.
};

/// How a group buys instances of several types, on demand and Spot.
struct MixedInstancesPolicy {
    scaling::InstancesDistribution distribution;
    bool capacity_rebalance = false;  ///< Replace an instance when EC2 recommends it, not only when it takes it back.
    bool spot_instance_draining = false;  ///< The ECS agent drains its instance at the two-minute notice.
};

/// Work that the group's instances in service share evenly, besides their tasks'. Each a total over time.
struct GroupWorkload {
    traffic::RateProfile vcpus;        ///< Busy vCPUs.
    traffic::RateProfile network_in;   ///< Bytes a second.
    traffic::RateProfile network_out;  ///< Bytes a second.
    traffic::RateProfile requests;     ///< A second.
};

/// A lifecycle hook and what completes it.
struct LifecycleHook {
    scaling::LifecycleHook settings;
    std::optional<des::Distribution> completes_after;  ///< Seconds; absent: nobody does, and it times out.
    scaling::HookResult completes_with = scaling::HookResult::proceed;
    bool heartbeats = false;  ///< Whoever works on it asks for more time until done.
};

struct InstanceRefresh {
    des::Time at;
    scaling::InstanceRefresh settings;
};

/// Processes of a group that can be suspended. Source: Amazon EC2 Auto Scaling User Guide, "Suspend and resume
/// processes".
enum class ScalingProcess : std::uint8_t {
    launch,
    terminate,
    health_check,
    replace_unhealthy,
    az_rebalance,
    alarm_notification,
    scheduled_actions,
    instance_refresh,
    count
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(ScalingProcess::count)> scaling_process_names{
    "Launch",      "Terminate",         "HealthCheck",      "ReplaceUnhealthy",
    "AZRebalance", "AlarmNotification", "ScheduledActions", "InstanceRefresh"};

using ScalingProcesses = std::bitset<static_cast<std::size_t>(ScalingProcess::count)>;

/// Defaults are those of the API.
struct AutoScalingGroup {
    std::string name;
    std::vector<InstanceOption> options;      ///< Never empty; the first is the group's own type.
    std::vector<ZoneId> zones;                ///< Never empty.
    std::vector<SubnetId> subnets{};          ///< Of those zones; empty: addresses without end.
    std::int32_t addresses_per_instance = 1;  ///< With ENI trunking a second one for the trunk.
    std::int32_t min_size = 0;                ///< Like the next two in units of weighted capacity.
    std::int32_t max_size = 0;
    std::int32_t desired_capacity = 0;  ///< At the start, when those instances are already in service.
    placement::Attributes attributes;   ///< Of its instances, besides those that ECS sets by itself.
    LaunchTimes launch_times;
    ecs::PullBehavior image_pull_behavior = ecs::PullBehavior::default_;
    std::int64_t pull_bytes_per_second = ecs::instance_pull_bytes_per_second;  ///< Of all pulls of one instance.
    GroupWorkload workload;

    std::optional<MixedInstancesPolicy> mixed_instances_policy;
    scaling::ZoneDistribution zone_distribution = scaling::ZoneDistribution::balanced_best_effort;
    des::Duration default_cooldown = std::chrono::seconds{300};
    std::optional<des::Duration> default_instance_warmup;
    scaling::HealthCheckType health_check_type = scaling::HealthCheckType::ec2;
    des::Duration health_check_grace_period{};
    std::vector<scaling::TerminationPolicy> termination_policies{scaling::TerminationPolicy::default_policy};
    ScalingProcesses suspended_processes;
    bool protect_from_scale_in = false;                  ///< Every instance, from when it is in service.
    std::optional<des::Duration> max_instance_lifetime;  ///< A day at least.
    std::optional<scaling::WarmPool> warm_pool;
    std::vector<LifecycleHook> lifecycle_hooks;
    std::vector<InstanceRefresh> instance_refreshes;

    std::vector<TargetTrackingPolicy> target_tracking;
    std::vector<StepScalingPolicy> step_scaling;
    std::vector<SimpleScalingPolicy> simple_scaling;
    std::vector<PredictiveScalingPolicy> predictive_scaling;
    std::vector<ScheduledAction> scheduled_actions;

    [[nodiscard]] bool suspended(ScalingProcess process) const {
        return suspended_processes[static_cast<std::size_t>(process)];
    }
    [[nodiscard]] const InstanceOption& first_option() const { return options.front(); }
    [[nodiscard]] bool has_weights() const {
        return std::any_of(options.begin(), options.end(), [](const auto& o) { return o.weighted_capacity != 1; });
    }
};

/// What a capacity provider is made of.
enum class ProviderKind : std::uint8_t { auto_scaling_group, fargate, fargate_spot };

struct CapacityProvider {
    GroupId group = GroupId::none();  ///< Of an Auto Scaling group.
    std::optional<scaling::ManagedScaling> managed_scaling;
    bool managed_termination_protection = false;
    bool managed_draining = true;
    ProviderKind kind = ProviderKind::auto_scaling_group;
    std::string name{};

    [[nodiscard]] bool is_fargate() const { return kind != ProviderKind::auto_scaling_group; }
};

/// A cluster's instances are those of its capacity providers' groups; one group serves one cluster, or none.
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
    double memory_mib_when_idle = 0;    ///< Of a task. Like the next, for metrics only.
    double memory_mib_per_request = 0;  ///< While it is there.
    des::Duration boot_time{};          ///< From the task's RUNNING until the application answers.
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
    std::vector<TargetTrackingPolicy> target_tracking;
    std::vector<StepScalingPolicy> step_scaling;
    std::vector<ScheduledAction> scheduled_actions;  ///< Of the minimum and the maximum.
    bool dynamic_scaling_in_suspended = false;
    bool dynamic_scaling_out_suspended = false;
    bool scheduled_scaling_suspended = false;
};

/// How long a task takes to start, besides what its images take to be pulled; in seconds.
struct TaskTimes {
    des::Distribution provisioning;  ///< Network interface, on Fargate its virtual machine too.
    des::Distribution starting;      ///< From its images' being there to RUNNING.
};

/// One revision of a task definition, with the constraints and strategies that its tasks are placed by.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS task definitions".
struct TaskDefinition {
    placement::Shape shape;  ///< What a task needs, and where it may and should go.
    TaskTimes on_instance;
    TaskTimes on_fargate;
    bool awsvpc = false;
    bool arm64 = false;                  ///< Its architecture, where Fargate prices it.
    std::vector<ecs::ImageId> images{};  ///< Of its containers; empty: `starting` tells it all.
    des::Duration container_order{};     ///< What containers wait for one another before all have started.
    std::optional<ecs::ContainerHealthCheck> health_check{};  ///< Of its essential container.
    des::Distribution exit_time;  ///< Seconds from SIGTERM until its containers have exited by themselves.
    des::Duration stop_timeout = std::chrono::seconds{30};  ///< Until SIGKILL.
};

/// How the tasks of a deployment fail.
enum class TaskFailure : std::uint8_t {
    exits_at_start,  ///< Its essential container exits before the task is RUNNING.
    never_healthy,   ///< It runs, but never passes a health check.
};

inline constexpr std::array<std::string_view, 2> task_failure_names{"exits_at_start", "never_healthy"};

/// Which tasks a fault or a bad release lets fail.
struct TaskFailures {
    double probability = 0;  ///< Of each task.
    TaskFailure how = TaskFailure::exits_at_start;
};

/// One entry of a capacity provider strategy.
struct StrategyItem {
    std::uint32_t provider = 0;  ///< In its cluster's list.
    ecs::StrategyItem share;
};

struct Service {
    std::string name;
    ClusterId cluster;
    TaskDefinition task;  ///< Of the first deployment.
    /// Empty: any container instance of the cluster will do.
    std::vector<StrategyItem> capacity_provider_strategy{};
    bool launch_type_ec2 = false;         ///< Without a strategy: no capacity provider adds instances for its tasks.
    std::vector<ZoneId> fargate_zones{};  ///< Not empty if some task may go to Fargate.
    bool daemon = false;                  ///< One task on every instance that its constraints select.
    ecs::DeploymentCircuitBreaker circuit_breaker{};
    std::optional<ecs::TrafficShift> traffic_shift{};  ///< Blue/green; absent: a rolling update.
    bool zone_rebalancing = false;
    std::optional<std::chrono::minutes> scale_in_protection{};  ///< That each of its tasks asks for when it runs.
    std::vector<SubnetId> subnets{};  ///< Of tasks in `awsvpc` mode; empty: addresses without end.
    std::int32_t desired_count = 1;
    ecs::DeploymentConfiguration deployment;
    Serving serving;
    std::optional<ServiceAutoscaling> autoscaling;
    /// From RUNNING on, for which ECS ignores that a balancer finds the task unhealthy.
    des::Duration health_check_grace_period{};
};

/// Tasks that run once and end: those that somebody starts at times of a schedule.
///
/// Source: Amazon ECS API Reference, RunTask.
struct TaskRun {
    std::string name;  ///< The family of its tasks.
    ClusterId cluster;
    TaskDefinition task;
    std::int32_t count = 1;
    std::vector<StrategyItem> capacity_provider_strategy{};  ///< As a service's, like the next two.
    bool launch_type_ec2 = false;
    std::vector<ZoneId> fargate_zones{};
    std::vector<SubnetId> subnets{};
    scaling::Schedule schedule = scaling::Schedule::once({});
    des::Distribution runs_for;  ///< Seconds from RUNNING until its essential container exits.
    TaskFailures fails{};
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

/// A new deployment of the service: every task is replaced by one of another task definition, or of the same.
///
/// Source: Amazon ECS API Reference, UpdateService (taskDefinition, forceNewDeployment).
struct Deployment {
    des::Time at;
    ServiceId service;
    std::optional<TaskDefinition> task{};
    TaskFailures fails{};
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
    des::Table<MetricId, Metric> metrics;  ///< Those that somebody asks for.
    des::Table<AlarmId, Alarm> alarms;
    des::Table<SpotPoolId, SpotPool> spot_pools;
    des::Table<SubnetId, Subnet> subnets;
    ecs::Images images;
    des::Table<ecs::ImageId, std::string> image_names;
    std::vector<Fault> faults;
    std::vector<Deployment> deployments;
    std::vector<TaskRun> task_runs;
    std::vector<Objective> objectives;

    /// What was assumed because the scenario did not say, one sentence each.
    std::vector<std::string> assumptions;
};

}  // namespace fleetsim::sim
