#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/packing/knapsack.hpp>
#include <fleetsim/placement/ports.hpp>
#include <fleetsim/placement/resources.hpp>

namespace fleetsim::packing {

/// Tasks of one ECS service (or of one run) that are to be placed, all alike.
struct FleetTask {
    std::string name;
    std::int32_t count = 0;                                ///< Never negative.
    placement::Resources need = placement::resources({});  ///< Of one task.
    std::vector<placement::HostPort> host_ports = {};  ///< Static ones, each once; an instance has a port for one task.
    bool distinct_instance = false;                    ///< No two of these tasks on one instance.
    bool spread_over_zones = false;                    ///< Their numbers in any two zones differ by at most one.
    /// Positions of the instance types that the placement constraints allow; absent without constraints.
    std::optional<std::vector<std::uint32_t>> only_on = {};
};

/// An instance type that may be bought, any number of it in any zone.
struct FleetType {
    std::string name;
    placement::Resources registered = placement::resources({});  ///< What an empty instance offers to tasks.
    double price_usd_per_hour = 0;                               ///< Above zero; taken to the billionth of a dollar.
};

struct FleetDemand {
    std::vector<FleetTask> tasks;
    std::vector<FleetType> types;
    std::int32_t zones = 1;  ///< At least 1.
};

/// One instance and what runs on it.
struct FleetInstance {
    std::uint32_t type = 0;  ///< Position in the demand's types.
    std::int32_t zone = 0;   ///< From 0.
    Pattern tasks = {};      ///< `kind` is a position in the demand's tasks.
    friend bool operator==(const FleetInstance&, const FleetInstance&) = default;
};

/// Whether the placement constraints let the task onto the type.
[[nodiscard]] inline bool allowed(const FleetTask& task, std::uint32_t type) {
    return !task.only_on || std::find(task.only_on->begin(), task.only_on->end(), type) != task.only_on->end();
}

}  // namespace fleetsim::packing
