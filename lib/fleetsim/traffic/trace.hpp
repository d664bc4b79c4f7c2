#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/traffic/rate_profile.hpp>

namespace fleetsim::traffic {

/// What is wrong with a trace, and where.
struct TraceProblem {
    std::size_t row = 0;     ///< Line of the file, from 1; 0 when it concerns the whole file.
    std::size_t column = 0;  ///< Character of the line, from 1; 0 when it concerns the whole line.
    std::string text;        ///< Without a place: `'abc' is not a number`.
    friend bool operator==(const TraceProblem&, const TraceProblem&) = default;
};

/// A trace, or why there is none: with problems, the rate is the empty profile.
struct TraceReading {
    RateProfile rate;  ///< Time 0 is the first row's; the trace is replayed from its beginning.
    std::vector<TraceProblem> problems;
};

/// Problems that are told one by one; of the others only the number.
inline constexpr std::size_t trace_problems_shown = 20;

/// Reads recorded traffic from CSV text: a column of increasing timestamps and a column of numbers, which are the
/// requests from a row's timestamp until the next row's (`count`, `requests`, `request_count`, `value`) or requests a
/// second over the same time (`rate`, `requests_per_second`, `rps`). The last row lasts as long as the most common step
/// between rows, the shortest of those if several are. Without a header line there are two columns, timestamps and
/// counts. A gap between rows is not filled: its requests are spread over it.
[[nodiscard]] TraceReading parse_trace(std::string_view text);

/// The same from a file. One that cannot be read is a problem like any other.
[[nodiscard]] TraceReading read_trace(const std::filesystem::path& file);

}  // namespace fleetsim::traffic
