#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fleetsim/placement/explain.hpp>
#include <fleetsim/sim/data_plane.hpp>
#include <fleetsim/sim/events.hpp>
#include <fleetsim/sim/result.hpp>
#include <fleetsim/sim/run.hpp>
#include <fleetsim/sim/scaling_loops.hpp>
#include <fleetsim/sim/world.hpp>

namespace fleetsim::sim {

/// Tells what tasks and services' schedulers are doing at the instants that somebody asked for, after everything else
/// of the instant. It reads all and changes nothing, so that a run with questions is the run without them.
///
/// Cost: for each question a look at every instance of the cluster and every task.
class TaskExplanations {
public:
    TaskExplanations(const Fleet& fleet, const DataPlane& data_plane, const ScalingLoops& loops,
                     const RunOptions& options);

    void start();
    void handle(event::ExplainDue due);

    /// Adds what was told to the result, whose rows of events say since when a task has been in its state.
    void report(Result& result);

private:
    using Facts = std::vector<std::pair<std::string, std::string>>;

    [[nodiscard]] TaskExplanation explain(const ExplainTaskRequest& request) const;
    [[nodiscard]] ServiceExplanation explain(ServiceId id) const;

    // task_explanations.cpp: tasks.
    [[nodiscard]] TaskGroupId group_of(const ExplainTaskRequest& request) const;
    [[nodiscard]] TaskId find(TaskGroupId group, std::uint64_t number) const;
    void tell_others(TaskExplanation& told, TaskGroupId group) const;
    [[nodiscard]] Facts facts_of(TaskId id) const;
    void add_waiting(Facts& facts, const Task& task) const;
    void add_health(Facts& facts, TaskId id) const;
    [[nodiscard]] std::string why(TaskId id) const;
    [[nodiscard]] std::string why_waiting(const Task& task) const;
    [[nodiscard]] std::string why_not_healthy(TaskId id) const;
    [[nodiscard]] const std::vector<TargetGroupId>& target_groups_of(const Task& task) const;
    [[nodiscard]] std::string name_of(TargetGroupId group) const;
    [[nodiscard]] bool is_unhealthy(TaskId id) const;

    // service_explanations.cpp
    [[nodiscard]] std::string held_by(ServiceId id) const;
    [[nodiscard]] std::uint32_t next_provider(ServiceId id) const;
    [[nodiscard]] std::vector<DeploymentExplanation> deployments_of(ServiceId id) const;
    [[nodiscard]] std::string throttle_text(const TaskGroup& group) const;
    [[nodiscard]] std::string left_text(des::Time until) const;

    // place_explanations.cpp
    [[nodiscard]] NextPlace next_place(TaskGroupId group, const TaskDefinition& task, placement::ShapeId shape,
                                       std::uint32_t provider) const;
    [[nodiscard]] NextPlace next_zone(TaskGroupId group, const TaskDefinition& task) const;
    void add_refusals(NextPlace& told, ClusterId cluster, placement::ShapeId shape,
                      const placement::PlaceExplanation& place) const;
    [[nodiscard]] RefusalExplanation refusal_of(ClusterId cluster, placement::ShapeId shape,
                                                const placement::RoomAnswer& answer) const;
    void add_ranking(NextPlace& told, ClusterId cluster, const placement::PlaceExplanation& place) const;
    void add_remedies(NextPlace& told, ClusterId cluster, placement::ShapeId shape, std::uint32_t provider,
                      const placement::PlaceExplanation& place) const;
    [[nodiscard]] std::vector<GroupId> groups_for(ClusterId cluster, std::uint32_t provider) const;
    [[nodiscard]] std::string never_fits(const std::vector<GroupId>& groups, const placement::Shape& shape) const;
    void add_managed_scaling(NextPlace& told, ClusterId cluster, placement::ShapeId shape,
                             std::uint32_t provider) const;

    const Fleet& fleet_;
    const DataPlane& data_plane_;
    const ScalingLoops& loops_;
    std::vector<ExplainTaskRequest> tasks_asked_for_;
    std::vector<ExplainRequest> services_asked_for_;
    std::vector<TaskExplanation> tasks_;
    std::vector<ServiceExplanation> services_;
};

}  // namespace fleetsim::sim
