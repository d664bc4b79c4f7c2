#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include <fleetsim/sim/result.hpp>

namespace fleetsim::report {

/// A run's summary: the contents of `summary.json`, schema 1. Keys keep their order, units are in the names, and a
/// figure that nothing was measured for is left out. Keys are only ever added.
[[nodiscard]] nlohmann::ordered_json to_json(const sim::Result& result);

/// The same as text: indented by two, every number in as few digits as read back to the same value, a newline at the
/// end.
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& json);

}  // namespace fleetsim::report
