#pragma once

#include <cstdint>
#include <vector>

#include <fleetsim/placement/ports.hpp>
#include <fleetsim/placement/resources.hpp>
#include <fleetsim/scenario/map_reader.hpp>

namespace fleetsim::scenario {

enum class NetworkMode : std::uint8_t { bridge, awsvpc, host };

/// What one task needs, as it is written in a scenario's `task` and in a list of task definitions.
struct TaskShape {
    placement::Resources need = placement::Resources::Zero();
    NetworkMode network_mode = NetworkMode::bridge;
    std::vector<placement::HostPort> host_ports = {};
    std::vector<Position> host_ports_at = {};  ///< One for each.
    bool good = false;                         ///< Nothing was wrong with the need.
};

/// Reads the keys `cpu`, `memory`, `gpu`, `network_mode` and `host_ports`; the caller has the others and finishes.
[[nodiscard]] TaskShape read_task_shape(MapReader& map);

}  // namespace fleetsim::scenario
