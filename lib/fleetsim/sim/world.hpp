#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/cloud/fargate.hpp>
#include <fleetsim/cloud/lifecycle.hpp>
#include <fleetsim/des/id.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/ecs/deployment_circuit_breaker.hpp>
#include <fleetsim/ecs/launch_rate.hpp>
#include <fleetsim/ecs/pull_queue.hpp>
#include <fleetsim/ecs/task_lifecycle.hpp>
#include <fleetsim/placement/placer.hpp>
#include <fleetsim/scaling/capacity.hpp>
#include <fleetsim/scaling/simple_scaling.hpp>
#include <fleetsim/sim/events.hpp>
#include <fleetsim/sim/instance.hpp>
#include <fleetsim/sim/recorder.hpp>
#include <fleetsim/sim/scenario.hpp>

/// The control plane's entities as they stand. Tables only grow, so an id names the same thing for the whole run.
namespace fleetsim::sim {

// In the place of a capacity provider's number: any container instance will do.

/// Every provider that scales may add some.
inline constexpr std::uint32_t any_provider = std::numeric_limits<std::uint32_t>::max();
/// No provider adds any: launch type EC2.
inline constexpr std::uint32_t no_provider = any_provider - 1;

[[nodiscard]] constexpr bool is_provider(std::uint32_t provider) { return provider < no_provider; }

/// One deployment of a service.
struct DeploymentState {
    const TaskDefinition* task = nullptr;      ///< In the scenario.
    bool green = false;                        ///< Which of the two sets of targets its tasks belong to.
    std::vector<placement::ShapeId> shapes{};  ///< By its cluster's capacity providers, the last for any of them.
    TaskFailures fails{};
    ecs::DeploymentFailures failures{};
    ecs::RolloutState state = ecs::RolloutState::completed;
};

struct Task {
    std::string name;
    std::uint64_t number = 0;  ///< In its group, in order of creation.
    TaskGroupId group;
    ServiceId service;            ///< None for one that RunTask started.
    std::int32_t deployment = 0;  ///< Of its service, that it was created for: 1 for that of the start.
    const TaskDefinition* definition = nullptr;
    placement::ShapeId shape{};  ///< In its cluster's placer.
    ecs::TaskState state = ecs::TaskState::provisioning;
    std::uint32_t provider = any_provider;  ///< In its cluster's list.
    InstanceId instance;                    ///< None on Fargate, and until it is placed.
    ZoneId zone = ZoneId::none();           ///< Once it is placed.
    SubnetId subnet = SubnetId::none();     ///< Of which it has an address.
    des::Time created_at;
    des::Time running_since;
    des::Time answering_from;               ///< When its application has booted.
    std::optional<des::Time> paid_since{};  ///< On Fargate, from the pull of its images on.
    std::optional<TaskFailure> fails{};     ///< What its deployment does to it.
    std::string_view stopped_for{};         ///< Static text.
    bool healthy = false;                   ///< Passed its health checks, or running without any.
    ecs::ContainerHealth container_health = ecs::ContainerHealth::unknown;
    std::optional<des::Time> protected_until{};  ///< From scale-in.
    std::uint32_t pulling = 0;                   ///< Images that are not there yet.
    std::uint32_t images_held = 0;               ///< A bit for each of its images that its instance has for it.
    bool pull_failed = false;
    bool finished = false;       ///< It ran once, to its end.
    std::uint32_t verdicts = 0;  ///< Health verdicts scheduled under an earlier number no longer hold.
    std::uint32_t steps = 0;     ///< Likewise steps of its life.

    [[nodiscard]] bool is_placed() const { return zone.exists(); }
    [[nodiscard]] bool on_fargate() const { return is_placed() && !instance.exists(); }
    /// It takes no part in its service any more.
    [[nodiscard]] bool is_leaving() const { return !ecs::desired_running(state); }
};

/// The tasks of a service, or of a family that RunTask starts: what they share.
struct TaskGroup {
    std::string name;      ///< Its tasks are called by it.
    std::string resource;  ///< `service/web`
    ClusterId cluster;
    ServiceId service;                ///< None for a family.
    placement::TaskGroupId placed{};  ///< In its cluster's placer.
    std::uint64_t created = 0;
    std::vector<std::int32_t> tasks_by_zone{};  ///< Placed and not leaving.
    /// Of those that have ended: x86 on demand and Spot, ARM on demand and Spot.
    std::array<cloud::FargateUsage, 4> fargate{};
    std::uint32_t failed_attempts = 0;  ///< To place or to start a task, in a row.
    des::Time next_attempt{};           ///< The restart throttle's gate.
    des::Stream provisioning_times;     ///< By task number, like the next three.
    des::Stream start_times;
    des::Stream exit_times;
    des::Stream failures;
    des::Stream placement_ties;                ///< Among equally good places, by task number.
    std::vector<placement::ShapeId> shapes{};  ///< Of a family, as of a deployment.
    std::string last_failure{};                ///< Why the last task that was tried did not start.
    std::uint64_t refused = 0;                 ///< Tasks that RunTask did not start.
    std::uint64_t succeeded = 0;               ///< Tasks of a family that ran to their end.
    std::uint64_t failed = 0;                  ///< And those that were stopped otherwise.
};

/// Tasks alike that wait for a place, in order of creation.
struct WaitingLine {
    TaskGroupId group;
    placement::ShapeId shape;
    std::uint32_t provider = any_provider;
    std::deque<TaskId> tasks{};
    std::string refused_for{};  ///< As told last.
    std::optional<des::Time> refusal_told{};
};

struct ServiceState {
    std::int32_t desired_count = 0;
    std::int32_t min_capacity = 0;  ///< Scheduled actions change them.
    std::int32_t max_capacity = 0;
    std::vector<TaskId> tasks{};                 ///< Not stopped.
    std::vector<DeploymentState> deployments{};  ///< In the order they were begun.
    std::size_t primary_index = 0;               ///< Tasks of the other deployments leave.
    std::size_t production_index = 0;            ///< What a blue/green deployment takes over from.
    ecs::SlidingWindow launches{};
    bool reconcile_scheduled = false;
    std::optional<des::Time> next_wake{};    ///< Of its scheduler, at a known instant.
    std::int32_t rebalanced_from = 0;        ///< How uneven its zones were when that began last.
    bool rebalancing = false;                ///< Tasks started elsewhere are to take the place of some.
    std::optional<des::Time> shift_began{};  ///< From blue to green, of the primary deployment.
    scaling::ScalingHistory scaling_history{};
    scaling::ScalingReason last_reason = scaling::ScalingReason::no_alarm;
    std::vector<TargetGroupId> target_groups{};
    des::Stream reaction_times;
    std::uint64_t reactions = 0;
    std::uint64_t stops = 0;  ///< Chosen at scale-in so far.
    des::Stream stop_ties;    ///< Among tasks equally fit to be stopped, by stop.

    [[nodiscard]] DeploymentState& primary() { return deployments[primary_index]; }
    [[nodiscard]] const DeploymentState& primary() const { return deployments[primary_index]; }
    /// Which targets production traffic goes to between deployments.
    [[nodiscard]] bool green() const { return deployments[production_index].green; }
    /// The primary deployment's number: 1 for that of the start.
    [[nodiscard]] std::int32_t deployment() const { return static_cast<std::int32_t>(primary_index) + 1; }
    [[nodiscard]] bool is_deploying() const { return primary().state == ecs::RolloutState::in_progress; }
};

/// An instance that goes once its replacement is in service. Until then the group is one above its capacity.
struct Replacement {
    InstanceId leaving;
    InstanceId coming;
    std::string_view reason;
};

/// An instance refresh going on.
struct RefreshState {
    std::size_t which = 0;                   ///< Of the group's refreshes.
    std::optional<des::Time> waits_until{};  ///< At a checkpoint.
    std::optional<des::Time> fails_at{};     ///< If the instances that are left stay protected from scale-in.
};

/// Predictive scaling's capacity, below which no policy goes: of this hour, and ahead of time of the next.
struct ForecastFloor {
    std::int32_t this_hour = 0;
    std::int32_t next_hour = 0;
    des::Time next_from{};

    [[nodiscard]] std::int32_t at(des::Time now) const {
        return now < next_from ? std::max(this_hour, next_hour) : next_hour;
    }
};

struct GroupState {
    std::int32_t desired_capacity = 0;
    std::int32_t min_size = 0;  ///< Scheduled actions and predictive scaling change them.
    std::int32_t max_size = 0;
    std::int32_t template_version = 1;
    std::vector<InstanceId> instances{};  ///< Not terminated, those of the warm pool too.
    Census census;
    des::Time last_in_service{};  ///< When an instance came into service last.
    ClusterId cluster = ClusterId::none();
    const CapacityProvider* provider = nullptr;  ///< Null for a group outside of ECS.
    scaling::ScalingReason last_reason = scaling::ScalingReason::no_alarm;
    bool simple_activity = false;  ///< The last change by a simple scaling policy is not carried out yet.
    std::optional<des::Time> simple_activity_finished_at{};
    std::optional<std::uint64_t> health_batch{};  ///< Instances from this number on replace unhealthy ones.
    ForecastFloor forecast{};
    std::vector<Replacement> replacements{};
    std::optional<RefreshState> refresh{};
    /// Why the last launch failed, on demand and Spot, until one succeeds.
    std::array<std::string, 2> launch_failures{};
    std::int32_t overshoot = 0;         ///< Units above the target that instances weighing more than one have brought.
    std::int32_t unnoticed_losses = 0;  ///< Units that EC2 ended and that a suspended process does not replace.
    std::uint64_t created = 0;
    std::uint64_t launches = 0;  ///< Since the start.
    std::uint64_t terminations = 0;
    std::uint64_t interruptions = 0;  ///< Of Spot instances.
    des::Stream launch_times;         ///< By instance number and step.
    std::uint64_t scale_ins = 0;      ///< Instances chosen so far.
    des::Stream termination_ties;     ///< Among instances equally fit to be terminated, by choice.
    des::Stream hook_times;           ///< By instance number.
};

struct ClusterState {
    placement::Placer placer;                               ///< Of the instances known to ECS: registered or draining.
    des::Table<placement::RoomId, InstanceId> instances{};  ///< Which instance each room is.
    std::vector<ServiceId> daemons{};                       ///< Its daemon services.
    std::vector<WaitingLine> lines{};
    std::int32_t waiting = 0;              ///< Tasks in all lines.
    std::vector<ServiceId> starved{};      ///< For want of a place in the lines.
    std::optional<des::Time> next_pass{};  ///< Over the lines.

    [[nodiscard]] WaitingLine& line_of(TaskGroupId group, placement::ShapeId shape, std::uint32_t provider);
};

/// ECS launches no more than that.
struct ApiThrottle {
    std::uint32_t fault = 0;
    ecs::SlidingWindow launches;
};

struct SpotPoolState {
    std::int32_t given_out = 0;
    std::uint64_t waves = 0;   ///< So far.
    des::Time recovered_at{};  ///< Until then it has nothing to give.
    des::Stream reclaims;      ///< When waves come and whom they take.
};

/// What the parts of the control plane share: each reads all of it and changes what is its own.
struct Fleet {
    Fleet(const Scenario& scenario, std::uint64_t replication, placement::Search search, Kernel& kernel,
          Recorder& recorder);

    const Scenario& scenario;
    Kernel& kernel;
    Recorder& recorder;
    des::Table<InstanceId, Instance> instances;
    des::Table<TaskId, Task> tasks;
    des::Table<ServiceId, ServiceState> services;
    des::Table<TaskGroupId, TaskGroup> task_groups;  ///< First one for each service, in the same order.
    des::Table<GroupId, GroupState> groups;
    des::Table<ClusterId, ClusterState> clusters;
    des::Table<SpotPoolId, SpotPoolState> spot_pools;
    des::Table<SubnetId, std::int32_t> addresses_left;
    std::vector<std::int32_t> outages;     ///< Going on, by zone.
    std::vector<double> slowness;          ///< Of work, by zone: 1 is as usual.
    std::int32_t registry_outages = 0;     ///< Going on.
    std::vector<ApiThrottle> throttles{};  ///< Going on.
    std::array<ecs::TokenBucket, 2> fargate_buckets{ecs::TokenBucket{ecs::fargate_on_demand_launches},
                                                    ecs::TokenBucket{ecs::fargate_spot_launches}};

    ecs::TokenBucket fargate_run_task_calls{ecs::fargate_run_task_calls};

    [[nodiscard]] des::Time now() const { return kernel.now(); }
    [[nodiscard]] bool zone_is_out(ZoneId zone) const { return outages[zone.value] > 0; }
    [[nodiscard]] const AutoScalingGroup& settings_of(const Instance& instance) const {
        return scenario.groups[instance.group];
    }
    [[nodiscard]] const InstanceOption& option_of(const Instance& instance) const {
        return settings_of(instance).options[instance.option];
    }
    [[nodiscard]] std::int32_t weight_of(const Instance& instance) const {
        return option_of(instance).weighted_capacity;
    }
    /// Has every instance in service warmed up, as far as can be told without a look at each of them?
    [[nodiscard]] bool all_warm(GroupId id, des::Duration warmup) const {
        return now() - groups[id].last_in_service >= warmup;
    }
    [[nodiscard]] placement::Placer& placer_of(const Instance& instance) {
        return clusters[groups[instance.group].cluster].placer;
    }

    [[nodiscard]] bool is_daemon(const Task& task) const {
        return task.service.exists() && scenario.services[task.service].daemon;
    }
    [[nodiscard]] bool is_fargate(ClusterId cluster, std::uint32_t provider) const {
        return is_provider(provider) && scenario.clusters[cluster].capacity_providers[provider].is_fargate();
    }
    [[nodiscard]] bool is_fargate_spot(const Task& task) const {
        return task.on_fargate() &&
               scenario.clusters[task_groups[task.group].cluster].capacity_providers[task.provider].kind ==
                   ProviderKind::fargate_spot;
    }
    /// Does somebody add instances for a task of that provider?
    [[nodiscard]] bool scales(ClusterId cluster, std::uint32_t provider) const {
        const auto& providers = scenario.clusters[cluster].capacity_providers;
        const auto scales = [](const CapacityProvider& p) { return p.managed_scaling.has_value(); };
        if (is_provider(provider)) return scales(providers[provider]);
        return provider == any_provider && std::any_of(providers.begin(), providers.end(), scales);
    }
    /// Of the group's capacity provider strategy.
    [[nodiscard]] std::vector<ecs::StrategyItem> shares_of(TaskGroupId id) const {
        std::vector<ecs::StrategyItem> shares;
        for (const StrategyItem& item : strategy_of(id)) shares.push_back(item.share);
        return shares;
    }
    /// The account's, of which Fargate Spot has its own.
    [[nodiscard]] ecs::TokenBucket& fargate_launches(ClusterId cluster, std::uint32_t provider) {
        const bool spot = scenario.clusters[cluster].capacity_providers[provider].kind == ProviderKind::fargate_spot;
        return fargate_buckets[spot ? 1 : 0];
    }
    [[nodiscard]] const std::vector<ZoneId>& fargate_zones(TaskGroupId id) const {
        const TaskGroup& group = task_groups[id];
        return group.service.exists() ? scenario.services[group.service].fargate_zones
                                      : scenario.task_runs[run_of(id)].fargate_zones;
    }
    /// Which of the scenario's runs a family's group is; they come after the services'.
    [[nodiscard]] std::size_t run_of(TaskGroupId id) const { return id.value - scenario.services.size(); }
    [[nodiscard]] TaskGroupId group_of_run(std::size_t run) const {
        return TaskGroupId{static_cast<std::uint32_t>(scenario.services.size() + run)};
    }
    [[nodiscard]] const std::vector<StrategyItem>& strategy_of(TaskGroupId id) const {
        const TaskGroup& group = task_groups[id];
        return group.service.exists() ? scenario.services[group.service].capacity_provider_strategy
                                      : scenario.task_runs[run_of(id)].capacity_provider_strategy;
    }
    /// Of a group's tasks that no strategy gives to a provider.
    [[nodiscard]] std::uint32_t provider_without_strategy(TaskGroupId id) const {
        const TaskGroup& group = task_groups[id];
        const bool launch_type_ec2 = group.service.exists() ? scenario.services[group.service].launch_type_ec2
                                                            : scenario.task_runs[run_of(id)].launch_type_ec2;
        return launch_type_ec2 ? no_provider : any_provider;
    }
    /// Of tasks with network interfaces of their own.
    [[nodiscard]] const std::vector<SubnetId>& subnets_of(TaskGroupId id) const {
        const TaskGroup& group = task_groups[id];
        return group.service.exists() ? scenario.services[group.service].subnets
                                      : scenario.task_runs[run_of(id)].subnets;
    }
    /// Of the subnets in that zone the one with the most addresses left, the first of equals; none if it has fewer than
    /// that many. Which one is chosen is a model decision.
    [[nodiscard]] SubnetId subnet_with(std::int32_t addresses, const std::vector<SubnetId>& subnets, ZoneId zone) const;
    /// Is there an address in the zone for such a task's network interface, if it has one?
    [[nodiscard]] bool has_address(TaskGroupId id, const TaskDefinition& task, ZoneId zone) const {
        return !task.awsvpc || subnets_of(id).empty() || subnet_with(1, subnets_of(id), zone).exists();
    }
    /// Null for a task that no service has started.
    [[nodiscard]] DeploymentState* deployment_of(const Task& task) {
        if (!task.service.exists()) return nullptr;
        return &services[task.service].deployments[static_cast<std::size_t>(task.deployment) - 1];
    }
    /// The shapes of a group's tasks of that definition: one for each capacity provider of its cluster, if a strategy
    /// names any, and one for any instance.
    [[nodiscard]] std::vector<placement::ShapeId> shapes_of(TaskGroupId id, const TaskDefinition& task);
    /// Of a task on Fargate that is paid for since `paid_since`.
    void add_fargate_usage(const Task& task, des::Time until);

    [[nodiscard]] static des::Duration draw(const des::Distribution& distribution, const des::Stream& stream,
                                            std::uint64_t number);
};

[[nodiscard]] inline std::string resource_name(const AutoScalingGroup& group) {
    return "auto_scaling_group/" + group.name;
}
[[nodiscard]] inline std::string resource_name(const Service& service) { return "service/" + service.name; }

}  // namespace fleetsim::sim
