#pragma once

#include <string>

#include <fleetsim/report/format.hpp>
#include <fleetsim/sim/result.hpp>

namespace fleetsim::report {

/// A run for people: objectives, latency, requests, fleet, cost and assumptions in aligned tables, UTF-8, ending with
/// `verdict`; below it, the explanations that were asked for.
[[nodiscard]] std::string to_text(const sim::Result& result, const TextOptions& options = {});

/// One sentence to paste into a message: were the objectives met, if not which figure missed which limit, else what
/// did the fleet cost.
[[nodiscard]] std::string verdict(const sim::Result& result);

}  // namespace fleetsim::report
