#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/scenario/map_reader.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/sim/scenario.hpp>

/// Reading what a task is made of, wherever a scenario tells it: in a service, in its deployments and in what runs at
/// times of a schedule.
namespace fleetsim::scenario {

struct TaskSettings {
    bool on_fargate = false;
    std::optional<des::Distribution> start_time{};  ///< Seconds; absent: as measured.
    std::optional<Field> base{};                    ///< The task whose keys count where the field has none.
    bool base_known = true;                         ///< Nothing was wrong with that one.
    std::string who{};  ///< What takes over the base's keys: `the deployment at 20m of service "web"`.
};

/// Reads one `task`: all of the definition but the placement strategies and constraints. What is wrong is reported, and
/// `notes.known` then stays false.
void read_task_definition(Reading& reading, sim::TaskDefinition& task, TaskNotes& notes, const Field& field,
                          const TaskSettings& settings);

/// Reads `fails: 0.3`, or `{probability: 0.3, how: never_healthy}`, if it is there.
void read_failures(Reading& reading, sim::TaskFailures& fails, MapReader& map);

/// In the messages: `the deployment at 20m of service "web"`.
[[nodiscard]] std::string name_of(const Reading& reading, const sim::Deployment& deployment);

/// As ECS's attribute `ecs.cpu-architecture` has it.
[[nodiscard]] std::string_view architecture(const sim::TaskDefinition& task);

/// A task somewhere in the file, once all of it is read. Valid until an entry is added to the scenario.
struct ReadTask {
    std::string who;  ///< `service "web"`
    sim::ClusterId cluster;
    const std::vector<sim::StrategyItem>* strategy = nullptr;
    const sim::TaskDefinition* task = nullptr;
    const TaskNotes* notes = nullptr;
    const sim::TaskDefinition* of_service = nullptr;  ///< Of a deployment: its service's task, whose faults are told.
    const TaskNotes* of_service_notes = nullptr;
};

/// Those of services, deployments and scheduled runs whose cluster is known.
[[nodiscard]] std::vector<ReadTask> tasks_read(const Reading& reading);

}  // namespace fleetsim::scenario
