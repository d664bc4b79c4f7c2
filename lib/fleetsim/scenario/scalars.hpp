#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fleetsim/des/time.hpp>

/// How single values are written in a scenario. Each parser takes the whole text and returns a value, or what was
/// expected instead. All arithmetic that can be exact is exact.
namespace fleetsim::scenario {

/// A value, or a noun phrase that says what was expected: `a duration such as 90s`, and perhaps a remedy.
template <class T>
struct Parsed {
    std::optional<T> value;
    std::string expected;
    std::string hint;

    [[nodiscard]] static Parsed good(T parsed) { return {std::move(parsed), {}, {}}; }
    [[nodiscard]] static Parsed bad(std::string what, std::string remedy = {}) {
        return {std::nullopt, std::move(what), std::move(remedy)};
    }
};

/// What a number without a unit means where a duration is expected.
enum class BareNumber : std::uint8_t { refused, seconds };

/// `100us`, `8ms`, `90s`, `5m`, `24h`, `2d`, and compounds from large to small: `1h30m`. The last part may have
/// decimals as long as the result is a whole number of nanoseconds. At most 100 years.
[[nodiscard]] Parsed<des::Duration> parse_duration(std::string_view text, BareNumber bare = BareNumber::refused);

/// Whole MiB: `512MiB`, `1.5GiB`, `2TiB`; a bare number is MiB.
[[nodiscard]] Parsed<std::int64_t> parse_size_mib(std::string_view text);

/// Events a second: `120/s`, `5k/min`, `1.5M/h`. At most a thousand million a second.
[[nodiscard]] Parsed<double> parse_rate_per_second(std::string_view text);

/// A share from 0 to 1: `99.9%` or `0.999`.
[[nodiscard]] Parsed<double> parse_share(std::string_view text);

/// Time since midnight, UTC: `14:00`.
[[nodiscard]] Parsed<std::chrono::minutes> parse_time_of_day(std::string_view text);

/// Time since midnight, UTC, as people write instants of one day: `14:05` or `10:00:00`.
[[nodiscard]] Parsed<std::chrono::seconds> parse_clock_time(std::string_view text);

/// RFC 3339 with whole seconds, in UTC or with an offset: `2026-01-05T00:00:00Z`, `2026-01-05T02:00:00+02:00`.
/// Years 1970 to 2199.
[[nodiscard]] Parsed<std::chrono::sys_seconds> parse_instant(std::string_view text);

[[nodiscard]] Parsed<std::int64_t> parse_integer(std::string_view text);

/// A finite decimal number, never `nan` or `inf`.
[[nodiscard]] Parsed<double> parse_number(std::string_view text);

[[nodiscard]] Parsed<bool> parse_flag(std::string_view text);

/// The shortest exact way to write a duration that `parse_duration` reads: `1h30m`, `300ms`, `0s`.
[[nodiscard]] std::string duration_text(des::Duration duration);

}  // namespace fleetsim::scenario
