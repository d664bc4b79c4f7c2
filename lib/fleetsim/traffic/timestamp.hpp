#pragma once

#include <optional>
#include <string_view>

#include <fleetsim/des/time.hpp>

namespace fleetsim::traffic {

/// An instant as a trace writes it.
struct Timestamp {
    des::Duration since_origin{};  ///< Since 1970, or since whatever a plain number of seconds counts from.
    bool calendar = false;         ///< Written as a date rather than as a number.
};

/// Reads `2014-04-10`, `2014-04-10 00:04`, `2014-04-10T00:04:00.5Z`, `2014-04-10 00:04:00+02:00` or a plain number of
/// seconds, `1397088240` or `300.5`. Without an offset a date is UTC. Digits beyond nanoseconds are dropped.
///
/// None when it is anything else, a date outside the years 1970 to 2199, or a number of seconds beyond them.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);

}  // namespace fleetsim::traffic
