#pragma once

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/scenario/diagnostics.hpp>
#include <fleetsim/scenario/fields.hpp>

namespace fleetsim::scenario {

/// Reads a distribution of durations, in seconds: `5ms` for a constant, or one law with its parameters such as
/// `{lognormal: {mean: 8ms, cv: 0.8}}`. False when it is wrong, which is reported; `out` then stays as it was.
[[nodiscard]] bool read_distribution(Diagnostics& diagnostics, const Field& field, des::Distribution& out);

}  // namespace fleetsim::scenario
