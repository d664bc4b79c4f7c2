#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/placement/place.hpp>
#include <fleetsim/sim/data_plane.hpp>
#include <fleetsim/sim/world.hpp>

namespace fleetsim::sim {

/// What is to become a task.
struct NewTask {
    const TaskDefinition* definition = nullptr;  ///< In the scenario.
    placement::ShapeId shape{};
    std::uint32_t provider = any_provider;
    std::int32_t deployment = 0;
    TaskFailures fails{};
    bool green = false;
};

/// The life of a task: finds it a place, pulls its images, starts it, watches its health, and stops it. How many there
/// should be is for others to say.
///
/// Invariant: a cluster's placer knows the instances that ECS knows, and of each which tasks hold room there. A task
/// holds its room from when it is placed until it is STOPPED.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS task lifecycle".
class Tasks {
public:
    Tasks(Fleet& fleet, DataPlane& data_plane) : fleet_{fleet}, data_plane_{data_plane} {}

    /// It waits for a place until `place_pending` finds one, or `place_on` gives it one.
    TaskId create(TaskGroupId group, const NewTask& what);
    /// At once, if there is a place.
    void place_now(TaskId id);
    /// At the scenario's start: if there is a place, the task has been running there for long.
    void run_at_once(TaskId id);
    /// The first reason why nothing could take a task of the shape now, if so; on Fargate nothing is refused.
    [[nodiscard]] std::optional<placement::Placement> refusal(TaskGroupId group, const NewTask& what);
    /// Can the instance take a task of that shape now?
    [[nodiscard]] bool has_room(InstanceId id, placement::ShapeId shape) const;
    void place_on(TaskId id, InstanceId instance);
    /// A running task is deregistered first; one that does not run yet is gone at once.
    void stop(TaskId id, std::string_view reason);
    /// Its essential container exits: what it was working on is lost.
    void lose(TaskId id, std::string_view reason) { remove(id, reason); }

    /// Does a balancer or a container's health check look after it?
    [[nodiscard]] bool is_checked(const Task& task) const;

    /// Fargate wants the task's capacity back: it is told to stop, and two minutes later it is gone.
    void reclaim(TaskId id);

    // Sooner or later, in this instant or after the service scheduler's reaction.
    void place_soon(ClusterId id);
    void reconcile_soon(ServiceId id);

    void handle(event::TaskStep step);
    void handle(event::TargetVerdict verdict);
    void handle(event::ContainerVerdict verdict);
    void handle(event::GraceOver over);
    void handle(event::PullsDone done);
    void handle(event::FargateReclaimed reclaimed);
    void handle(event::PlacePending place);

    // What happens to instances.

    /// The instance's agent is ready: it can take tasks.
    void register_instance(InstanceId id);
    /// No more tasks are placed on it, and those there move elsewhere; `event::InstanceDrained` tells when the last has
    /// left.
    void drain_instance(InstanceId id);
    /// It is gone, and its tasks with it.
    void lose_instance(InstanceId id);
    /// Nothing is heard from it any more, or again.
    void set_reachable(InstanceId id, bool reachable);
    /// The same of what runs on Fargate in the zone.
    void set_reachable(ZoneId zone, bool reachable);
    /// Work in the zone takes that many times as long as usual.
    void set_slowness(ZoneId zone, double slowness);
    /// Production traffic of the service that goes to its green tasks, of a thousand requests.
    void set_green_share(ServiceId id, std::int32_t per_mille);

private:
    void place_at(ClusterId id, des::Time at);
    [[nodiscard]] bool is_over(const WaitingLine& line) const;
    [[nodiscard]] bool place_next(ClusterId id, WaitingLine& line);
    [[nodiscard]] bool find_place(TaskId id);
    [[nodiscard]] bool find_place_on_fargate(TaskId id);
    void run_since_long(TaskId id);
    void assign(TaskId id, ZoneId zone);
    [[nodiscard]] bool lacks_address(TaskId id) const;
    void take_room(TaskId id, InstanceId instance);
    void leave_room(TaskId id);
    void leave_daemons(InstanceId id);
    void refuse(ClusterId id, WaitingLine& line);
    void expire(ClusterId id, WaitingLine& line);
    void leave_line(TaskId id);

    void next_step_after(TaskId id, des::Duration duration);
    void enter(TaskId id, ecs::TaskState state, std::string_view event, std::string_view reason = "");
    void discount(const Task& task);
    void start_life(TaskId id);
    void pull(TaskId id);
    void pull_images(TaskId id);
    void pull_on_fargate(TaskId id);
    void pull_on_instance(TaskId id);
    void schedule_pulls(InstanceId id);
    void images_are_there(TaskId id, des::Duration after);
    void hold_images(TaskId id);
    void hold_image(TaskId id, std::size_t which);
    InstanceImage& use_image(Instance& instance, ecs::ImageId image, bool pulled);
    void release_images(Task& task);
    void clean_images(Instance& instance);
    void start(TaskId id);
    void run(TaskId id);
    void leave_running(TaskId id);
    void finish(TaskId id);
    void send_sigterm(TaskId id);
    void deprovision(TaskId id);
    void fail_to_start(TaskId id, std::string_view reason);
    void remove(TaskId id, std::string_view reason);
    void end_work(TaskId id);
    void settle_bill(TaskId id);

    [[nodiscard]] bool is_silent(const Task& task) const;
    void set_task_reachable(TaskId id, bool reachable);
    void schedule_verdicts(TaskId id);
    void schedule_container_verdict(TaskId id);
    void note_health(TaskId id);
    void replace_unhealthy(TaskId id);
    [[nodiscard]] bool is_healthy(TaskId id) const;
    void set_target_states(TaskId id, routing::TargetState state);
    [[nodiscard]] const std::vector<TargetGroupId>& target_groups_of(const Task& task) const;
    void accept_or_refuse_tasks(const Instance& instance);
    void row(TaskId id, std::string_view event, std::string_view from, std::string_view to, std::string_view reason);

    Fleet& fleet_;
    DataPlane& data_plane_;
};

}  // namespace fleetsim::sim
