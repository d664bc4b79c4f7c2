#pragma once

#include <vector>

#include <fleetsim/scenario/map_reader.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/sim/scenario.hpp>

namespace fleetsim::scenario {

/// Tasks of a service or of a schedule: what is known of them, and what their subnets decide.
struct PlacedTasks {
    const TaskNotes& task;
    bool on_fargate;
    TaskNetwork& network;
    std::vector<sim::SubnetId>& subnets;
    std::vector<sim::ZoneId>& fargate_zones;
};

/// Reads `network_configuration`, of tasks in `awsvpc` mode only. The task is read before.
void read_network_configuration(Reading& reading, const PlacedTasks& tasks, MapReader& map);

}  // namespace fleetsim::scenario
