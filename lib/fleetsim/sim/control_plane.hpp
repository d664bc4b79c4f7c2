#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/id.hpp>
#include <fleetsim/placement/placer.hpp>
#include <fleetsim/scaling/decision.hpp>
#include <fleetsim/sim/data_plane.hpp>
#include <fleetsim/sim/events.hpp>
#include <fleetsim/sim/recorder.hpp>
#include <fleetsim/sim/result.hpp>
#include <fleetsim/sim/scenario.hpp>
#include <fleetsim/sim/world.hpp>

namespace fleetsim::sim {

/// ECS, EC2 and Auto Scaling: the one place that acts on what the policies of `placement/`, `scaling/` and `routing/`
/// decide. A few events a second, so clear before fast.
///
/// Invariant: a cluster's placer knows the instances that ECS knows, and of each which tasks hold room there.
class ControlPlane {
public:
    ControlPlane(const Scenario& scenario, std::uint64_t replication, placement::Search search, Kernel& kernel,
                 Recorder& recorder, DataPlane& data_plane);

    /// Puts the groups' first instances in service, places the services' first tasks on them, and schedules the minute
    /// and the faults.
    void start();

    void handle(event::TaskStarted started);
    void handle(event::TargetVerdict verdict);
    void handle(event::GraceOver over);
    void handle(event::TaskDrained drained);
    void handle(event::Reconcile reconcile);
    void handle(event::PlacePending place);
    void handle(event::InstanceRunning running);
    void handle(event::InstanceRegistered registered);
    void handle(event::InstanceTerminated terminated);
    void handle(event::FaultDue due);
    void handle(event::OutageOver over);
    void handle(event::EvaluateAlarms);
    void handle(event::CloseMinute);

    /// Instance hours, launches and the bill, once the recorder has reported.
    void report(des::Time end, Result& result) const;

private:
    // services.cpp: desired counts, tasks and their targets.
    TaskId create_task(ServiceId id);
    void place_pending(ClusterId id);
    [[nodiscard]] bool try_to_place(TaskId id);
    void refuse(TaskId id, const placement::Placement& placement);
    void refusal_row(TaskId id, const std::string& reason);
    void run_task(TaskId id);
    void schedule_verdicts(TaskId id);
    [[nodiscard]] bool all_targets_are(TaskId id, routing::TargetState state) const;
    void set_target_states(TaskId id, routing::TargetState state);
    void reconcile_soon(ServiceId id);
    void reconcile(ServiceId id);
    [[nodiscard]] TaskId choose_stop(ServiceId id, const std::vector<TaskId>& tasks);
    void stop_task(TaskId id, std::string_view reason);
    void remove_task(TaskId id, std::string_view reason);
    void set_desired_count(ServiceId id, std::int32_t desired, std::string reason);
    void task_row(TaskId id, std::string_view event, std::string_view from, std::string_view to,
                  std::string_view reason);
    void task_state_row(TaskId id, std::string_view event, std::string_view from, std::string_view reason);

    // instances.cpp: groups and their instances.
    void adjust_group(GroupId id, std::string_view reason);
    void launch_instance(GroupId id, std::string_view reason);
    InstanceId add_instance(GroupId id, ZoneId zone);
    [[nodiscard]] des::Duration launch_step(InstanceId id, std::uint64_t step, const des::Distribution& time) const;
    void enter_running(InstanceId id);
    void register_instance(InstanceId id);
    void accept_or_refuse_tasks(InstanceId id);
    [[nodiscard]] placement::Placer& placer_of(InstanceId id);
    bool scale_in(GroupId id, std::string_view reason);
    void drain_instance(InstanceId id, std::string_view reason);
    void shut_down(InstanceId id, std::string_view reason);
    void set_desired_capacity(GroupId id, std::int32_t desired, std::string reason);
    void replace_impaired(GroupId id);
    void schedule_registration(InstanceId id);
    void instance_row(InstanceId id, std::string_view event, cloud::InstanceState from, std::string_view reason);
    void enter(InstanceId id, cloud::InstanceState state, std::string_view event, std::string_view reason);
    [[nodiscard]] const CapacityProvider& provider_of(GroupId id) const { return *groups_[id].provider; }

    // autoscaling.cpp: metrics, alarms and what follows from them.
    void publish_metrics(des::Time period_start);
    void evaluate_service(ServiceId id);
    void evaluate_group(GroupId id);
    [[nodiscard]] scaling::Reservation reservation_of(GroupId id) const;
    void held_row(scaling::ScalingReason& last, const scaling::ScalingDecision& decision, const std::string& resource,
                  std::string_view what, std::string_view metric);
    void update_alarm(scaling::AlarmState& alarm, scaling::AlarmState next, const std::string& resource,
                      std::string name, std::optional<double> metric);
    [[nodiscard]] std::optional<double> metric_of(ServiceId id, scaling::ServiceMetric metric,
                                                  std::uint64_t requests) const;

    // faults.cpp
    void apply(std::size_t fault, const TerminateInstance& what);
    void apply(std::size_t fault, const TerminateTask& what);
    void apply(std::size_t fault, const ZoneOutage& what);
    void fault_row(std::string_view what, std::string_view resource, std::string_view subject);
    [[nodiscard]] bool zone_is_out(ZoneId zone) const { return outages_[zone.value] > 0; }

    [[nodiscard]] des::Time now() const { return kernel_.now(); }
    [[nodiscard]] des::Duration draw(const des::Distribution& distribution, const des::Stream& stream,
                                     std::uint64_t number) const;

    const Scenario& scenario_;
    Kernel& kernel_;
    Recorder& recorder_;
    DataPlane& data_plane_;
    des::Table<InstanceId, Instance> instances_;
    des::Table<TaskId, Task> tasks_;
    des::Table<ServiceId, ServiceState> services_;
    des::Table<GroupId, GroupState> groups_;
    des::Table<ClusterId, ClusterState> clusters_;
    std::vector<std::int32_t> outages_;  ///< Going on, by zone.
    des::Stream faults_;
};

}  // namespace fleetsim::sim
