#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include <fleetsim/des/time.hpp>
#include <fleetsim/scenario/diagnostics.hpp>
#include <fleetsim/scenario/fields.hpp>
#include <fleetsim/traffic/rate_profile.hpp>

namespace fleetsim::scenario {

/// What a rate's meaning depends on besides its own text.
struct RateSurroundings {
    std::chrono::sys_seconds start{};  ///< For times of day.
    des::Duration duration{};          ///< Of the scenario, above 0.
    std::filesystem::path folder;      ///< Where relative names of trace files begin.
};

/// Reads a rate over time: `120/s`, or one of `constant`, `diurnal`, `piecewise_linear` and `trace`. Nothing when it is
/// wrong, which is reported.
[[nodiscard]] std::optional<traffic::RateProfile> read_rate(Diagnostics& diagnostics, const Field& field,
                                                            const RateSurroundings& around);

/// Reads a trace file and reports its problems at `at`.
[[nodiscard]] std::optional<traffic::RateProfile> read_trace_file(Diagnostics& diagnostics, Position at,
                                                                  const std::filesystem::path& file);

/// Does the rate follow the time of day?
[[nodiscard]] bool is_diurnal(const Field& field);

}  // namespace fleetsim::scenario
