#pragma once

#include <chrono>
#include <string>

#include <nlohmann/json.hpp>

#include <fleetsim/report/text.hpp>
#include <fleetsim/sim/result.hpp>

/// What a task or a service's scheduler was doing at an instant: its state, which instances would refuse one more task
/// and why, what would admit it, and how the strategies rank the others. `start` is the scenario's time zero.
namespace fleetsim::report {

/// In aligned tables, ending with `sentence`.
[[nodiscard]] std::string explanation_text(const sim::TaskExplanation& told, std::chrono::sys_seconds start,
                                           const TextOptions& options = {});
[[nodiscard]] std::string explanation_text(const sim::ServiceExplanation& told, std::chrono::sys_seconds start,
                                           const TextOptions& options = {});

/// The same under the same names. What there is not is left out.
[[nodiscard]] nlohmann::ordered_json explanation_json(const sim::TaskExplanation& told, std::chrono::sys_seconds start);
[[nodiscard]] nlohmann::ordered_json explanation_json(const sim::ServiceExplanation& told,
                                                      std::chrono::sys_seconds start);

/// In one sentence to paste into a message: `task web/17 at 10:05:00: PROVISIONING since 10:01:12, since 3 of 5
/// instances lack memory (512 MiB needed, at most 300 left); managed scaling has ordered 1 instance.`
[[nodiscard]] std::string sentence(const sim::TaskExplanation& told, std::chrono::sys_seconds start);
[[nodiscard]] std::string sentence(const sim::ServiceExplanation& told, std::chrono::sys_seconds start);

/// Why no place can take one more task, as in the sentence: `3 of 5 instances lack memory (512 MiB needed, at most 300
/// left) and 2 are draining`.
[[nodiscard]] std::string refusals_phrase(const sim::NextPlace& place);

}  // namespace fleetsim::report
