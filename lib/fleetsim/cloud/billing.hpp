#pragma once

#include <algorithm>
#include <chrono>

#include <fleetsim/des/time.hpp>

namespace fleetsim::cloud {

/// Seconds billed for one life of an on-demand Linux instance, from entering `running` to leaving it: every second
/// begun, and a minute at least. Each start is a life of its own.
///
/// Source: Amazon EC2 User Guide, "Instance lifecycle" and "On-Demand Instances".
/// Left out: operating systems whose licence is billed by the hour.
[[nodiscard]] constexpr std::chrono::seconds billed(des::Duration life) {
    return std::max(std::chrono::ceil<std::chrono::seconds>(life), std::chrono::seconds{60});
}

/// What that many billed seconds cost. Add up seconds first and multiply once.
[[nodiscard]] constexpr double usd(std::chrono::seconds billed_time, double price_usd_per_hour) {
    return static_cast<double>(billed_time.count()) * price_usd_per_hour / 3600.0;
}

}  // namespace fleetsim::cloud
