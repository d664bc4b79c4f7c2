#pragma once

#include <optional>

#include <fleetsim/packing/fleet_cover.hpp>

namespace fleetsim::packing {

/// The cheapest plan there is, by dynamic programming over what is placed so far (how many of each kind), first within
/// a zone and then over the zones; absent when that would be too much to look at.
[[nodiscard]] std::optional<CoverPlan> exact_plan(const FleetCover& cover);

}  // namespace fleetsim::packing
