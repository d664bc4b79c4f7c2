#pragma once

#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

/// Reads a group's instance types and how it buys them. False when not all of the types are known.
[[nodiscard]] bool read_mixed_instances(Reading& reading, sim::AutoScalingGroup& group, const Field& field);

/// May any of the group's capacity be Spot Instances?
[[nodiscard]] bool buys_spot(const sim::AutoScalingGroup& group);

/// Do some of the group's instances count for more than one?
[[nodiscard]] bool is_weighted(const sim::AutoScalingGroup& group);

}  // namespace fleetsim::scenario
