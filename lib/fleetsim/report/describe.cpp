#include <fmt/format.h>

#include <fleetsim/report/describe.hpp>
#include <fleetsim/report/format.hpp>

namespace fleetsim::report {

std::string describe(const sim::Scenario& scenario) {
    return fmt::format("{}: {} in {} with {}, {}, {}, {}, {}, seed {}", scenario.name, duration_text(scenario.duration),
                       scenario.region, counted(scenario.services.size(), "service"),
                       counted(scenario.groups.size(), "auto scaling group"),
                       counted(scenario.balancers.size(), "load balancer"),
                       counted(scenario.sources.size(), "traffic source"),
                       counted(scenario.objectives.size(), "objective"), scenario.seed);
}

}  // namespace fleetsim::report
