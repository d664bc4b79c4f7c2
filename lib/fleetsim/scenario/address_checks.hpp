#pragma once

#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

/// Checks that every subnet has addresses for all that may be in it at the most: an error if it has not, a warning if
/// only deployments at their largest exceed it.
void check_addresses(Reading& reading);

}  // namespace fleetsim::scenario
