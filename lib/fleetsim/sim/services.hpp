#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/placement/place.hpp>
#include <fleetsim/sim/data_plane.hpp>
#include <fleetsim/sim/world.hpp>

namespace fleetsim::sim {

/// ECS: brings services to their desired counts, places and stops tasks, and says which of them are targets.
///
/// Invariant: a cluster's placer knows the instances that ECS knows, and of each which tasks hold room there.
class Services {
public:
    Services(Fleet& fleet, DataPlane& data_plane) : fleet_{fleet}, data_plane_{data_plane} {}

    /// The first tasks, healthy at once, on instances that are there already.
    void start();

    void handle(event::TaskStarted started);
    void handle(event::TargetVerdict verdict);
    void handle(event::GraceOver over);
    void handle(event::TaskDrained drained);
    void handle(event::Reconcile reconcile);
    void handle(event::PlacePending place);
    void handle(event::DeploymentDue due);

    void set_desired_count(ServiceId id, std::int32_t desired, ScalingRow why);

    // What happens to instances.

    /// The instance's agent is ready: it can take tasks.
    void register_instance(InstanceId id);
    /// No more tasks are placed on it and those there move elsewhere; `event::InstanceDrained` tells when the last has
    /// left.
    void drain_instance(InstanceId id);
    /// It is gone, and its tasks with it.
    void lose_instance(InstanceId id);
    /// Nothing is heard from it any more, or again.
    void set_reachable(InstanceId id, bool reachable);

    /// The task's essential container exits.
    void lose_task(TaskId id, std::string_view reason) { remove_task(id, reason); }
    /// Sooner or later, in this instant, the cluster's waiting tasks are tried again.
    void place_soon(ClusterId id);

private:
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
    void deployment_row(ServiceId id, std::string reason);
    [[nodiscard]] TaskId choose_stop(ServiceId id, const std::vector<TaskId>& tasks);
    void stop_task(TaskId id, std::string_view reason);
    void remove_task(TaskId id, std::string_view reason);
    void accept_or_refuse_tasks(const Instance& instance);
    void task_row(TaskId id, std::string_view event, std::string_view from, std::string_view to,
                  std::string_view reason);
    void task_state_row(TaskId id, std::string_view event, std::string_view from, std::string_view reason);

    Fleet& fleet_;
    DataPlane& data_plane_;
};

}  // namespace fleetsim::sim
