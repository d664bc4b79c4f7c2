#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include <fleetsim/des/time.hpp>

namespace fleetsim::traffic {

/// How long a client sleeps between a failed attempt and the next.
enum class Backoff : std::uint8_t { none, exponential, full_jitter, equal_jitter };

struct BackoffName {
    Backoff backoff;
    std::string_view name;
};

inline constexpr std::array backoff_names{
    BackoffName{Backoff::none, "none"},
    BackoffName{Backoff::exponential, "exponential"},
    BackoffName{Backoff::full_jitter, "full_jitter"},
    BackoffName{Backoff::equal_jitter, "equal_jitter"},
};

/// One user's patience. Without a timeout the client waits for ever.
struct Client {
    std::optional<des::Duration> timeout;  ///< For each attempt.
    std::uint32_t retries = 0;             ///< Attempts after the first.
    Backoff backoff = Backoff::none;
    des::Duration backoff_base = std::chrono::milliseconds{100};
    des::Duration backoff_cap = std::chrono::seconds{20};
};

/// Sleep before retry number `retry` (0 for the first), with `unit` uniform in (0, 1).
///
/// Source: "Exponential Backoff And Jitter" (AWS Architecture Blog) and its simulator.
[[nodiscard]] constexpr des::Duration backoff_delay(const Client& client, std::uint32_t retry, double unit) {
    const double base = des::seconds(client.backoff_base);
    const double doubled = base * static_cast<double>(std::uint64_t{1} << std::min(retry, 62U));
    const double window = std::min(des::seconds(client.backoff_cap), doubled);
    switch (client.backoff) {
        case Backoff::none: return des::Duration::zero();
        case Backoff::exponential: return des::from_seconds(window);
        case Backoff::full_jitter: return des::from_seconds(window * unit);
        case Backoff::equal_jitter: return des::from_seconds(window / 2 + window / 2 * unit);
    }
    return des::Duration::zero();
}

}  // namespace fleetsim::traffic
