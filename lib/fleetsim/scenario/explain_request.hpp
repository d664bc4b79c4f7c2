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

/// What a user wants explained: a scaling decision and what a service's scheduler is doing, or a task.
using ExplainWish = std::variant<sim::ExplainRequest, sim::ExplainTaskRequest, ExplainProblem>;

/// Which of these a user asks for: `RESOURCE@TIME`.
///
/// RESOURCE is `auto_scaling_group/NAME`, `service/NAME`, or a task of a service or of a run of tasks: `task/web-17`,
/// `task/web/17` or `web/17`, as it is called in events. TIME is a time of day, UTC, on the scenario's first day
/// (`14:05`, `10:00:00`), an instant (`2026-01-05T10:00:00Z`) or the time since the start (`10h`, `1d2h30m`), before
/// the end.
///
/// Policies decide at whole minutes since the start, from the first minute on and before the end; the decision meant is
/// the first one that does not come before TIME. Of groups and of services with autoscaling there must be one.
[[nodiscard]] ExplainWish parse_explain_request(std::string_view text, const sim::Scenario& scenario);

}  // namespace fleetsim::scenario
