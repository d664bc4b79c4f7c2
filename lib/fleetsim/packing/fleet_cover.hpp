#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <fleetsim/packing/fleet_demand.hpp>
#include <fleetsim/packing/pattern_cover.hpp>

namespace fleetsim::packing {

/// A fleet's demand as a cover problem: tasks with a count become kinds, types containers, and a host port that several
/// tasks want a dimension of which an instance has one. Prices are in billionths of a dollar. Types that another one
/// beats in everything are left out, and so are dimensions that nobody needs.
struct FleetCover {
    CoverProblem problem;
    std::vector<std::uint32_t> task_of;  ///< By kind.
    std::vector<std::uint32_t> type_of;  ///< By container.
    std::vector<bool> spread;            ///< By kind: over the zones.
    std::int32_t zones = 1;
};

/// Each task fits some type.
[[nodiscard]] FleetCover fleet_cover(const FleetDemand& demand);

[[nodiscard]] std::int64_t nanodollars(double usd);

/// Where things go in terms of the cover: `type` is a container and `kind` a kind.
using CoverPlan = std::vector<FleetInstance>;

[[nodiscard]] inline std::int64_t price_of(const CoverPlan& plan, const CoverProblem& problem) {
    std::int64_t price = 0;
    for (const FleetInstance& instance : plan) price += problem.containers[instance.type].price;
    return price;
}

}  // namespace fleetsim::packing
