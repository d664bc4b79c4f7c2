#pragma once

#include <cstdint>

#include <fleetsim/scenario/reading.hpp>

/// How much of everything there may be at the most.
namespace fleetsim::scenario {

/// What the group may grow to, in units of weighted capacity: its own maximum or that of a scheduled action.
[[nodiscard]] std::int64_t most_capacity_of(const sim::AutoScalingGroup& group);

/// Tasks that a service other than a daemon may have, deployments left out.
[[nodiscard]] std::int64_t most_count_of(const sim::Service& service);

/// Warns of services with more tasks than their instances at the maximum could hold if no others were there. For a file
/// without errors.
void check_counts(Reading& reading);

}  // namespace fleetsim::scenario
