#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/packing/fleet_demand.hpp>

namespace fleetsim::packing {

/// What keeps a further task off an instance.
enum class FleetLimit : std::uint8_t { cpu, memory, gpus, network_interfaces, host_ports, distinct_instance };

[[nodiscard]] constexpr std::string_view name_of(FleetLimit limit) {
    switch (limit) {
        case FleetLimit::cpu: return "cpu";
        case FleetLimit::memory: return "memory";
        case FleetLimit::gpus: return "gpus";
        case FleetLimit::network_interfaces: return "interfaces";
        case FleetLimit::host_ports: return "host ports";
        case FleetLimit::distinct_instance: return "distinct instance";
    }
    return "";
}

/// A task that no type can hold.
struct Unplaceable {
    std::uint32_t task;  ///< Position in the demand's tasks.
    /// What even the best of the types allowed has too little of. Empty when each amount is found on some type but not
    /// all on one, or when no type is allowed.
    std::vector<FleetLimit> short_of;
};

struct LimitCount {
    FleetLimit limit;
    std::int64_t hosts;
};

struct FleetMix {
    std::vector<FleetInstance> instances;  ///< By type, zone and contents.
    double usd_per_hour = 0;
    double bound_usd_per_hour = 0;  ///< No mix is cheaper.
    std::string_view bound_name;
    double gap_percent = 0;  ///< How far the price lies above the bound.
    /// How many instances each limit closes to further tasks of the kinds at hand, the most frequent first. An instance
    /// counts once, under the limit that stops most kinds (then the fuller); one with room for any of them is not here.
    std::vector<LimitCount> binding;
    std::vector<Unplaceable> unplaceable;  ///< When there is one, there is no mix.
};

struct FleetMixOptions {
    std::uint64_t seed = 1;
    /// Elementary steps of about a nanosecond, for the bound and for the search each. Counted, not timed: the same mix
    /// everywhere.
    std::int64_t work = 1'000'000'000;
};

/// The cheapest mix of instances found that holds the tasks under the limits of ECS: CPU, memory, GPUs, network
/// interfaces, host ports, distinct instances and balance over zones.
///
/// Small demands are solved exactly. Otherwise the pattern relaxation over the types gives a bound and a first mix, and
/// a search takes a few instances away and packs their tasks anew, as long as the work lasts.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS task placement".
[[nodiscard]] FleetMix cheapest_mix(const FleetDemand& demand, const FleetMixOptions& options = {});

/// What is wrong with the mix, if anything: that each task is placed once, where it may be and where there is room, and
/// that the price is that of the instances and not below the bound. Shares no code with the planner.
[[nodiscard]] std::optional<std::string> verify(const FleetDemand& demand, const FleetMix& mix);

}  // namespace fleetsim::packing
