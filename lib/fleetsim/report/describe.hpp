#pragma once

#include <string>

#include <fleetsim/sim/scenario.hpp>

namespace fleetsim::report {

/// A scenario in one line: `job-portal: 24 h in us-east-1 with 3 services, 2 auto scaling groups, …`.
[[nodiscard]] std::string describe(const sim::Scenario& scenario);

}  // namespace fleetsim::report
