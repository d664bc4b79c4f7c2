#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/sim/groups.hpp>
#include <fleetsim/sim/services.hpp>
#include <fleetsim/sim/world.hpp>

namespace fleetsim::sim {

/// What the scenario does to the fleet.
class Faults {
public:
    Faults(Fleet& fleet, Services& services, Groups& groups, std::uint64_t replication)
        : fleet_{fleet},
          services_{services},
          groups_{groups},
          victims_{fleet.scenario.seed, replication, "faults", "victim"} {}

    void start();

    void handle(event::FaultDue due);
    void handle(event::OutageOver over);

private:
    void apply(std::size_t fault, const TerminateInstance& what);
    void apply(std::size_t fault, const TerminateTask& what);
    void apply(std::size_t fault, const ZoneOutage& what);
    void apply(std::size_t fault, const InsufficientCapacity& what);
    void apply(std::size_t fault, const ReclaimSpot& what);
    void apply(std::size_t fault, const ImpairInstance& what);
    void row(std::string_view what, std::string_view resource, std::string_view subject);

    Fleet& fleet_;
    Services& services_;
    Groups& groups_;
    des::Stream victims_;
};

}  // namespace fleetsim::sim
