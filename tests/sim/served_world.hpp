#pragma once

#include <fleetsim/sim/run.hpp>

#include "sim/small_world.hpp"

namespace fleetsim::sim::testing {

/// A `small_world` with fixed launch times, where users call a service `web` of `tasks` tasks through a balancer, 20
/// times a second. Each task has four workers, and a request takes 10 ms.
inline Scenario served_world(int instances, int tasks) {
    Scenario scenario = small_world(instances);
    scenario.groups[GroupId{0}].launch_times = fixed_launch_times();
    const auto service = add_service(scenario, "web", tasks, 4, des::constant(0.01));
    const auto route = add_route(scenario, service, add_balancer(scenario, "lb"));
    scenario.target_groups[TargetGroupId{0}].deregistration_delay = 30s;
    add_traffic(scenario, "users", route, traffic::constant(20), {.timeout = 5s, .retries = 3});
    return scenario;
}

}  // namespace fleetsim::sim::testing
