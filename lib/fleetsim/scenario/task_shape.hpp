#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <fleetsim/ecs/task_definition.hpp>
#include <fleetsim/placement/ports.hpp>
#include <fleetsim/placement/resources.hpp>
#include <fleetsim/scenario/map_reader.hpp>

namespace fleetsim::scenario {

using ecs::NetworkMode;

/// More than any instance has.
inline constexpr std::int64_t most_cpu_units = 1'024 * 1'024;
inline constexpr std::int64_t most_gpus = 64;

/// What one task needs, as it is written in a scenario's `task` and in a list of task definitions.
struct TaskShape {
    placement::Resources need = placement::Resources::Zero();
    NetworkMode network_mode = NetworkMode::bridge;
    std::vector<placement::HostPort> host_ports = {};
    std::vector<Position> host_ports_at = {};  ///< One for each.
    bool good = false;                         ///< Nothing was wrong with the need.
};

/// Reads the keys `cpu`, `memory`, `gpu`, `network_mode` and `host_ports`; the caller has the others and finishes.
/// `usual_mode` is the network mode of a task that names none.
[[nodiscard]] TaskShape read_task_shape(MapReader& map, NetworkMode usual_mode = NetworkMode::bridge);

/// Reads the key `network_mode` over what is in `mode`. False when it is wrong.
bool read_network_mode(MapReader& map, NetworkMode& mode);

/// Reserves a port of the instance for the task. Reports one that no instance can give; a port that the task has
/// already changes nothing, and the result is then false.
bool reserve_port(Diagnostics& diagnostics, Position at, placement::HostPort port, TaskShape& task);

}  // namespace fleetsim::scenario
