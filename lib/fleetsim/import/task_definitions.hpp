#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/import/archive.hpp>
#include <fleetsim/packing/fleet_demand.hpp>
#include <fleetsim/scenario/diagnostics.hpp>
#include <fleetsim/sim/scenario.hpp>

namespace fleetsim::import {

/// Whether a text is a list of task definitions and not a scenario: its first line starts a list, or is `tasks:`.
[[nodiscard]] bool looks_like_task_definitions(std::string_view text);

/// Reads a YAML list of ECS tasks, or a mapping with the list under `tasks`. Each has a `cpu` in CPU units and a
/// `memory` (MiB, or with its unit), and may have a `name`, `gpu`, `count`, `network_mode`, `host_ports`,
/// `distinct_instance` and `spread: zone`. Absent when anything is wrong.
[[nodiscard]] std::optional<std::vector<packing::FleetTask>> parse_task_definitions(const TextFile& file,
                                                                                    scenario::Diagnostics& diagnostics);

/// The desired tasks of a scenario's services, one entry a service in its order. A service without a placement strategy
/// is spread over the zones, as ECS does; one on Fargate needs no instances and has no tasks here.
/// Left out: that daemon services have a task on every instance.
[[nodiscard]] std::vector<packing::FleetTask> tasks_of(const sim::Scenario& scenario);

/// Keeps each service off the types that it cannot go to: those of another architecture than its cluster's groups have,
/// and those that its `memberOf` constraints do not select, were they types of one of these groups. What constraints
/// ask of tasks, ids or instants is left out. `demand` has the tasks as `tasks_of` gave them, and the types.
void limit_types(const sim::Scenario& scenario, packing::FleetDemand& demand);

}  // namespace fleetsim::import
