#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/packing/fleet_demand.hpp>

namespace fleetsim::import {

struct FleetTypes {
    std::vector<packing::FleetType> types;  ///< In the order of the catalogue, each once.
    std::vector<std::string> problems;      ///< One sentence each, with the nearest names.
};

/// The EC2 types of these names in a region: `c6i.large` is one type, `c6i` all sizes of the family that the region
/// offers, of which bare metal is left out. What they register with ECS is what a scenario's instances register.
[[nodiscard]] FleetTypes fleet_types(std::span<const std::string> names, std::string_view region);

}  // namespace fleetsim::import
