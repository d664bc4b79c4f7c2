#pragma once

#include <array>
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
#include <fleetsim/scaling/alarm.hpp>
#include <fleetsim/scaling/decision.hpp>
#include <fleetsim/scaling/managed_scaling.hpp>
#include <fleetsim/scaling/metric.hpp>
#include <fleetsim/scaling/target_tracking.hpp>
#include <fleetsim/sim/events.hpp>
#include <fleetsim/sim/scenario.hpp>

/// The control plane's entities as they stand. Tables only grow, so an id names the same thing for the whole run.
namespace fleetsim::sim {

struct Instance {
    std::string name;
    GroupId group;
    std::uint64_t number = 0;  ///< In its group, in launch order.
    ZoneId zone;
    cloud::InstanceState state = cloud::InstanceState::pending;
    placement::RoomId room;     ///< In its cluster's placer, once it is registered.
    std::vector<TaskId> tasks;  ///< Not stopped.
    std::optional<des::Time> running_since;
    std::optional<des::Time> billed_until;  ///< Absent while it lives.
    des::Time registers_at;                 ///< When its agent is ready, once it runs.
    std::optional<des::Time> unreachable_since;

    [[nodiscard]] bool accepting() const { return state == cloud::InstanceState::registered && !unreachable_since; }
    /// Counts towards its group's capacity.
    [[nodiscard]] bool in_capacity() const { return state <= cloud::InstanceState::registered; }
};

/// Source: Amazon ECS Developer Guide, "Task lifecycle", without the states that take no time here.
enum class TaskState : std::uint8_t { provisioning, pending, running, deactivating, stopped };

inline constexpr std::array<std::string_view, 5> task_state_names{"PROVISIONING", "PENDING", "RUNNING", "DEACTIVATING",
                                                                  "STOPPED"};

struct Task {
    std::string name;
    std::uint64_t number = 0;  ///< In its service, in order of creation.
    ServiceId service;
    TaskState state = TaskState::provisioning;
    InstanceId instance;
    des::Time running_since;
    des::Time answering_from;    ///< When its application has booted.
    bool healthy = false;        ///< Passed its health checks, or running without any.
    std::string refused_for{};   ///< The reason in the events, while it waits for a place.
    std::uint32_t verdicts = 0;  ///< Health verdicts scheduled under an earlier number no longer hold.
};

/// The states of the two alarms of a target tracking policy.
struct AlarmPair {
    scaling::AlarmState high = scaling::AlarmState::insufficient_data;
    scaling::AlarmState low = scaling::AlarmState::insufficient_data;
};

/// One target tracking policy of a service at work.
struct PolicyState {
    scaling::MetricSeries series;
    AlarmPair alarms;
};

struct ServiceState {
    std::int32_t desired_count = 0;
    std::vector<TaskId> tasks{};  ///< Not stopped.
    bool reconcile_scheduled = false;
    std::uint32_t failed_placements = 0;  ///< In a row.
    des::Time next_placement{};           ///< The restart throttle's gate.
    std::vector<PolicyState> policies{};
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

struct GroupState {
    std::int32_t desired_capacity = 0;
    std::vector<InstanceId> instances{};  ///< Not terminated.
    ClusterId cluster{};
    const CapacityProvider* provider = nullptr;
    scaling::ReservationSeries reservation{};
    AlarmPair alarms{};
    scaling::ScalingReason last_reason = scaling::ScalingReason::no_alarm;
    std::uint64_t created = 0;
    std::uint64_t launches = 0;  ///< Since the start.
    std::uint64_t terminations = 0;
    des::Stream launch_times;      ///< By instance number and step.
    std::uint64_t scale_ins = 0;   ///< Instances chosen so far.
    des::Stream termination_ties;  ///< Among instances equally fit to be terminated, by choice.
};

struct ClusterState {
    placement::Placer placer;                               ///< Of the instances known to ECS: registered or draining.
    des::Table<placement::RoomId, InstanceId> instances{};  ///< Which instance each room is.
    std::vector<TaskId> provisioning{};                     ///< In the order they were created.
};

}  // namespace fleetsim::sim
