#pragma once

#include <string>
#include <string_view>
#include <variant>

#include <fleetsim/sim/run.hpp>
#include <fleetsim/sim/scenario.hpp>

namespace fleetsim::scenario {

/// Why a request cannot be met, in the words of a `Diagnostic`.
struct ExplainProblem {
    std::string message;
    std::string hint;  ///< May be empty.
};

/// Which scaling decision a user wants explained: `RESOURCE@TIME`.
///
/// RESOURCE is `auto_scaling_group/NAME`, or `service/NAME` of a service with autoscaling. TIME is a time of day, UTC,
/// on the scenario's first day (`14:05`, `10:00:00`), an instant (`2026-01-05T10:00:00Z`) or the time since the start
/// (`10h`, `1d2h30m`).
///
/// Policies decide at whole minutes since the start, from the first minute on and before the end; the decision meant is
/// the first one that does not come before TIME.
[[nodiscard]] std::variant<sim::ExplainRequest, ExplainProblem> parse_explain_request(std::string_view text,
                                                                                      const sim::Scenario& scenario);

}  // namespace fleetsim::scenario
