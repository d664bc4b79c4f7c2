#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include <fleetsim/packing/fleet_mix.hpp>

/// The cheapest mix of instance types for some tasks, for people and for programs.
namespace fleetsim::report {

struct FleetPlan {
    std::string name;    ///< Of what is planned.
    std::string region;  ///< Of the prices.
    packing::FleetDemand demand;
    packing::FleetMix mix;  ///< Of all tasks of the demand.
    std::uint64_t seed = 1;
};

/// Instances by type with how full they are, the price an hour and a month, the bound, and what the instances run out
/// of first. Ends with `fleet_verdict`.
[[nodiscard]] std::string fleet_text(const FleetPlan& plan);

/// One sentence to paste into a message.
[[nodiscard]] std::string fleet_verdict(const FleetPlan& plan);

/// In the shape of `pack_json`, with one result whose algorithm is `cheapest_mix`.
[[nodiscard]] nlohmann::ordered_json fleet_json(const FleetPlan& plan);

/// One row an instance type and zone: how many instances, their price and the tasks on them.
[[nodiscard]] std::string fleet_csv(const FleetPlan& plan);

}  // namespace fleetsim::report
