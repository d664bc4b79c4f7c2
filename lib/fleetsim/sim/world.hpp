#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/cloud/lifecycle.hpp>
#include <fleetsim/des/id.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/placement/placer.hpp>
#include <fleetsim/scaling/capacity.hpp>
#include <fleetsim/scaling/simple_scaling.hpp>
#include <fleetsim/sim/events.hpp>
#include <fleetsim/sim/recorder.hpp>
#include <fleetsim/sim/scenario.hpp>

/// The control plane's entities as they stand. Tables only grow, so an id names the same thing for the whole run.
namespace fleetsim::sim {

/// What Auto Scaling makes of an instance. Source: Amazon EC2 Auto Scaling User Guide, "Instance lifecycle" and
/// "Warm pools". Left out: Standby, Detached.
enum class LifecycleState : std::uint8_t {
    warmed_pending,  ///< On its way into the warm pool.
    warmed,          ///< In the warm pool: stopped, hibernated or running.
    pending,         ///< On its way into service; counts towards the capacity from here on.
    pending_wait,    ///< Launch hooks are at work.
    in_service,
    terminating_wait,  ///< Terminate hooks are at work, or its tasks move elsewhere; counts no more.
    terminating,
    terminated,
    count
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(LifecycleState::count)> lifecycle_state_names{
    "Warmed:Pending", "Warmed",           "Pending",     "Pending:Wait",
    "InService",      "Terminating:Wait", "Terminating", "Terminated"};

struct Instance {
    // First what the minute's round over a group looks at.
    LifecycleState lifecycle = LifecycleState::pending;
    cloud::InstanceState state = cloud::InstanceState::pending;
    bool spot = false;
    bool reported_unhealthy = false;  ///< By a load balancer.
    bool set_unhealthy = false;       ///< By a check of the user's own.
    GroupId group;
    std::uint32_t zone_index = 0;  ///< In its group's list.
    std::uint32_t option = 0;      ///< Which of its group's instance types.
    des::Time in_service_since;
    std::optional<des::Time> unreachable_since;
    std::optional<des::Time> status_check_failed_since;
    std::uint64_t number = 0;   ///< In its group, in launch order.
    std::vector<TaskId> tasks;  ///< Not stopped.

    std::string name;
    ZoneId zone;
    std::int32_t template_version = 0;
    placement::RoomId room;  ///< In its cluster's placer, once it is registered.
    des::Time launched_at;
    std::uint32_t starts = 0;                ///< Times that it left the warm pool.
    std::optional<des::Time> running_since;  ///< Absent while it is not paid for.
    std::chrono::seconds billed{};           ///< Its lives before this one.
    double spot_usd = 0;                     ///< Likewise.
    des::Time registers_at;                  ///< When its agent is ready, once it runs.
    std::uint32_t hooks = 0;                 ///< Hook outcomes scheduled under an earlier number no longer hold.
    bool hooks_pending = false;
    bool has_warning = false;      ///< EC2 has given notice that it takes the Spot instance back.
    bool has_replacement = false;  ///< Already in service, but the group may not end this one.

    [[nodiscard]] bool accepting() const { return state == cloud::InstanceState::registered && !unreachable_since; }
    /// Counts towards its group's capacity.
    [[nodiscard]] bool in_capacity() const {
        return lifecycle >= LifecycleState::pending && lifecycle <= LifecycleState::in_service;
    }
    [[nodiscard]] bool in_warm_pool() const { return lifecycle <= LifecycleState::warmed; }
    /// Something that could make its group consider it unhealthy.
    [[nodiscard]] bool has_trouble() const {
        return reported_unhealthy || set_unhealthy || unreachable_since || status_check_failed_since;
    }
    [[nodiscard]] bool gone() const { return lifecycle >= LifecycleState::terminating; }
};

/// Source: Amazon ECS Developer Guide, "Task lifecycle", without the states that take no time here.
enum class TaskState : std::uint8_t { provisioning, pending, running, deactivating, stopped };

inline constexpr std::array<std::string_view, 5> task_state_names{"PROVISIONING", "PENDING", "RUNNING", "DEACTIVATING",
                                                                  "STOPPED"};

struct Task {
    std::string name;
    std::uint64_t number = 0;  ///< In its service, in order of creation.
    ServiceId service;
    std::int32_t deployment = 1;  ///< Of its service, that it was created for.
    TaskState state = TaskState::provisioning;
    InstanceId instance;
    des::Time running_since;
    des::Time answering_from;    ///< When its application has booted.
    bool healthy = false;        ///< Passed its health checks, or running without any.
    std::string refused_for{};   ///< The reason in the events, while it waits for a place.
    std::uint32_t verdicts = 0;  ///< Health verdicts scheduled under an earlier number no longer hold.
};

struct ServiceState {
    std::int32_t desired_count = 0;
    std::int32_t min_capacity = 0;  ///< Scheduled actions change them.
    std::int32_t max_capacity = 0;
    std::vector<TaskId> tasks{};  ///< Not stopped.
    std::int32_t deployment = 1;  ///< The newest; tasks of others leave.
    bool deploying = false;       ///< Not all tasks are of the newest deployment and healthy.
    bool reconcile_scheduled = false;
    std::uint32_t failed_placements = 0;  ///< In a row.
    des::Time next_placement{};           ///< The restart throttle's gate.
    scaling::ScalingHistory scaling_history{};
    scaling::ScalingReason last_reason = scaling::ScalingReason::no_alarm;
    std::vector<TargetGroupId> target_groups{};
    placement::ShapeId shape{};  ///< In its cluster's placer.
    std::uint64_t tasks_created = 0;
    des::Stream start_times;  ///< By task number.
    des::Stream reaction_times;
    std::uint64_t reactions = 0;
    des::Stream placement_ties;  ///< Among equally good places, by task number.
    std::uint64_t stops = 0;     ///< Chosen at scale-in so far.
    des::Stream stop_ties;       ///< Among tasks equally fit to be stopped, by stop.
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

/// How many of a group's instances are where in their lives, those of its warm pool too: a group with nothing to do
/// finds that out without a look at each of them.
class Census {
public:
    explicit Census(std::size_t zones = 0) : zones_(zones) {}

    void add(const Instance& instance, std::int32_t weight) { count(instance, weight, +1); }
    void remove(const Instance& instance, std::int32_t weight) { count(instance, weight, -1); }

    [[nodiscard]] std::int32_t instances(LifecycleState state) const { return at(state).instances; }
    [[nodiscard]] std::int32_t units(LifecycleState state) const { return at(state).units; }
    [[nodiscard]] std::int32_t units_in_capacity() const {
        return units(LifecycleState::pending) + units(LifecycleState::pending_wait) + units(LifecycleState::in_service);
    }
    [[nodiscard]] std::int32_t pending() const {
        return instances(LifecycleState::pending) + instances(LifecycleState::pending_wait);
    }
    [[nodiscard]] std::int32_t terminating() const {
        return instances(LifecycleState::terminating_wait) + instances(LifecycleState::terminating);
    }
    [[nodiscard]] std::int32_t in_warm_pool() const {
        return instances(LifecycleState::warmed_pending) + instances(LifecycleState::warmed);
    }
    /// In its group's list of zones.
    [[nodiscard]] std::int32_t in_capacity_of_zone(std::size_t zone) const { return zones_[zone].in_capacity; }
    [[nodiscard]] std::int32_t in_warm_pool_of_zone(std::size_t zone) const { return zones_[zone].in_warm_pool; }

private:
    struct Count {
        std::int32_t instances = 0;
        std::int32_t units = 0;
    };
    struct ZoneCount {
        std::int32_t in_capacity = 0;
        std::int32_t in_warm_pool = 0;
    };

    [[nodiscard]] const Count& at(LifecycleState state) const { return counts_[static_cast<std::size_t>(state)]; }

    void count(const Instance& instance, std::int32_t weight, std::int32_t sign) {
        Count& count = counts_[static_cast<std::size_t>(instance.lifecycle)];
        count.instances += sign;
        count.units += sign * weight;
        ZoneCount& zone = zones_[instance.zone_index];
        if (instance.in_capacity()) zone.in_capacity += sign;
        if (instance.in_warm_pool()) zone.in_warm_pool += sign;
    }

    std::array<Count, static_cast<std::size_t>(LifecycleState::count)> counts_{};
    std::vector<ZoneCount> zones_;
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
    std::vector<TaskId> provisioning{};                     ///< In the order they were created.
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
    des::Table<GroupId, GroupState> groups;
    des::Table<ClusterId, ClusterState> clusters;
    des::Table<SpotPoolId, SpotPoolState> spot_pools;
    std::vector<std::int32_t> outages;  ///< Going on, by zone.

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

    [[nodiscard]] static des::Duration draw(const des::Distribution& distribution, const des::Stream& stream,
                                            std::uint64_t number);
};

[[nodiscard]] inline std::string resource_name(const AutoScalingGroup& group) {
    return "auto_scaling_group/" + group.name;
}
[[nodiscard]] inline std::string resource_name(const Service& service) { return "service/" + service.name; }

}  // namespace fleetsim::sim
