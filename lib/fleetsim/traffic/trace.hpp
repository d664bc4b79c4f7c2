#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/time.hpp>
#include <fleetsim/traffic/rate_profile.hpp>

namespace fleetsim::traffic {

/// What is wrong with a trace, and where.
struct TraceProblem {
    std::size_t row = 0;     ///< Line of the file, from 1; 0 when it concerns the whole file.
    std::size_t column = 0;  ///< Character of the line, from 1; 0 when it concerns the whole line.
    std::string text;        ///< Without a place: `'abc' is not a number`.
    friend bool operator==(const TraceProblem&, const TraceProblem&) = default;
};

/// What the numbers of a trace are: requests, counted or a second as their column is called, or the values of something
/// from a row's timestamp until the next row's.
enum class TraceNumbers : std::uint8_t { requests, values };

/// A trace, or why there is none: with problems, the rate is the empty profile.
struct TraceReading {
    RateProfile rate;  ///< Time 0 is the first row's; the trace is replayed from its beginning.
    std::vector<TraceProblem> problems;
    std::optional<des::Duration> first_row_since_1970;  ///< Absent if timestamps are plain numbers of seconds.
};

/// Problems that are told one by one; of the others only the number.
inline constexpr std::size_t trace_problems_shown = 20;

/// Reads recorded traffic from CSV text: a column of increasing timestamps and a column of numbers, which are the
/// requests from a row's timestamp until the next row's (`count`, `requests`, `request_count`, `value`) or requests a
/// second over the same time (`rate`, `requests_per_second`, `rps`). The last row lasts as long as the most common step
/// between rows, the shortest of those if several are. Without a header line there are two columns, timestamps and
/// counts. A gap between rows is not filled: its requests are spread over it.
///
/// With `TraceNumbers::values` the numbers are taken as they are, whatever their column is called.
[[nodiscard]] TraceReading parse_trace(std::string_view text, TraceNumbers numbers = TraceNumbers::requests);

/// The same from a file. One that cannot be read is a problem like any other.
[[nodiscard]] TraceReading read_trace(const std::filesystem::path& file, TraceNumbers numbers = TraceNumbers::requests);

}  // namespace fleetsim::traffic
