#pragma once

#include <chrono>
#include <cstdint>

namespace fleetsim::des {

/// Time since the scenario began, in whole nanoseconds. It moves only when the kernel moves it.
struct SimClock {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::duration<rep, period>;
    using time_point = std::chrono::time_point<SimClock>;
    static constexpr bool is_steady = true;
};

using Duration = SimClock::duration;
using Time = SimClock::time_point;

/// The latest instant the kernel can hold: 2^61 - 1 ns, about 73 years. The two bits above it carry the phase.
inline constexpr Time latest_time{Duration{(std::int64_t{1} << 61) - 1}};

/// Order of events that fall on the same instant: a worker freed at `t` serves a request that arrives at `t`,
/// decisions see both, and metrics are read last.
enum class Phase : std::uint8_t { release, arrive, decide, measure };

[[nodiscard]] constexpr double seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e9; }

[[nodiscard]] constexpr double seconds(Time time) { return seconds(time.time_since_epoch()); }

/// Nearest whole nanosecond. The caller guarantees a finite value below 2^61 ns in size.
[[nodiscard]] constexpr Duration from_seconds(double value) {
    return Duration{static_cast<std::int64_t>(value * 1e9 + (value < 0 ? -0.5 : 0.5))};
}

}  // namespace fleetsim::des
