#pragma once

#include <chrono>
#include <string>

#include <nlohmann/json.hpp>

#include <fleetsim/report/text.hpp>
#include <fleetsim/sim/result.hpp>

/// Why a desired count or capacity became what it is: one decision, from what was seen to what came of it. `start` is
/// the scenario's time zero.
namespace fleetsim::report {

/// The chain of one decision in aligned tables, ending with `sentence`.
[[nodiscard]] std::string explanation_text(const sim::ScalingExplanation& told, std::chrono::sys_seconds start,
                                           const TextOptions& options = {});

/// The same under the same names. What a decision did not have is left out.
[[nodiscard]] nlohmann::ordered_json explanation_json(const sim::ScalingExplanation& told,
                                                      std::chrono::sys_seconds start);

/// The decision in one sentence to paste into a message: `service/web at 14:05:00: desired 4 → 6: cpu wanted 9,
/// max_capacity allowed 6.` The date is told when it is not that of the start.
[[nodiscard]] std::string sentence(const sim::ScalingExplanation& told, std::chrono::sys_seconds start);

}  // namespace fleetsim::report
