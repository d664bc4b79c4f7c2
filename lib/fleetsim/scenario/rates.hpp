#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string_view>

#include <fleetsim/des/time.hpp>
#include <fleetsim/scenario/diagnostics.hpp>
#include <fleetsim/scenario/fields.hpp>
#include <fleetsim/scenario/scalars.hpp>
#include <fleetsim/traffic/rate_profile.hpp>
#include <fleetsim/traffic/trace.hpp>

namespace fleetsim::scenario {

/// What a profile's numbers are, and how they are written.
struct ProfileNumbers {
    Parsed<double> (*parse)(std::string_view text);
    std::string_view what;     ///< `a rate`
    std::string_view plural;   ///< `rates`
    std::string_view example;  ///< `120/s`
    double largest;
    std::string_view largest_text;
    traffic::TraceNumbers in_traces;
};

/// A number from 0 to a million millions.
[[nodiscard]] Parsed<double> parse_level(std::string_view text);

inline constexpr ProfileNumbers rates{parse_rate_per_second,          "a rate", "rates", "120/s", 1e9, "1000M/s",
                                      traffic::TraceNumbers::requests};
inline constexpr ProfileNumbers plain_numbers{
    parse_level, "a number", "numbers", "120", 1e12, "1e12", traffic::TraceNumbers::values};

/// What a profile's meaning depends on besides its own text.
struct RateSurroundings {
    std::chrono::sys_seconds start{};  ///< For times of day.
    des::Duration duration{};          ///< Of the scenario, above 0.
    std::filesystem::path folder;      ///< Where relative names of trace files begin.
};

/// Reads numbers over time: one that stays, `120/s`, or one of `constant`, `diurnal`, `piecewise_linear` and `trace`.
/// Nothing when it is wrong, which is reported.
[[nodiscard]] std::optional<traffic::RateProfile> read_profile(Diagnostics& diagnostics, const Field& field,
                                                               const RateSurroundings& around,
                                                               const ProfileNumbers& numbers);

/// Reads a trace file and reports its problems at `at`; nothing if there are any.
[[nodiscard]] std::optional<traffic::TraceReading> read_trace_file(Diagnostics& diagnostics, Position at,
                                                                   const std::filesystem::path& file,
                                                                   traffic::TraceNumbers numbers);

/// Does the profile follow the time of day?
[[nodiscard]] bool is_diurnal(const Field& field);

}  // namespace fleetsim::scenario
