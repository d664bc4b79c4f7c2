#pragma once

#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

/// Reads a group's instance types and how it buys them. False when not all of the types are known.
[[nodiscard]] bool read_mixed_instances(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes,
                                        const Field& field);

/// Warns of a maximum price that no Spot pool of its group is within when the scenario starts.
void check_spot_prices(Reading& reading);

/// May any of the group's capacity be Spot Instances?
[[nodiscard]] bool buys_spot(const sim::AutoScalingGroup& group);

/// Do some of the group's instances count for more than one?
[[nodiscard]] bool is_weighted(const sim::AutoScalingGroup& group);

}  // namespace fleetsim::scenario
