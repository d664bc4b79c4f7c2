#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/time.hpp>
#include <fleetsim/sim/result.hpp>

/// Figures that every format shows and a `Result` leaves to be worked out. A figure that nothing was measured for is
/// absent, never zero and never "not a number".
namespace fleetsim::report {

/// A quantile that is reported, and its name in `summary.json`.
struct NamedQuantile {
    std::string_view name;
    double quantile;
};
inline constexpr std::array<NamedQuantile, 5> reported_quantiles{
    {{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p999", 0.999}}};

/// US dollars of all cost items, warm-up included, as AWS would bill it.
[[nodiscard]] double total_usd(const sim::Result& result);

/// US dollars an hour of simulated time; absent when no time passed.
[[nodiscard]] std::optional<double> usd_per_hour(const sim::Result& result);

/// Requests of all users. A request that was retried counts once.
[[nodiscard]] std::uint64_t user_requests(const sim::Result& result);

/// US dollars for a million of the users' requests; absent without requests. Requests are counted after the warm-up, so
/// the bill takes part with the same share of its time.
[[nodiscard]] std::optional<double> usd_per_million_requests(const sim::Result& result);

/// Share of the finished requests that succeeded, 0 to 1; absent when none finished.
[[nodiscard]] std::optional<double> availability(const sim::ServiceResult& service);
[[nodiscard]] std::optional<double> availability(const sim::SourceResult& source);

/// Requests a second of measured time; absent when no time was measured.
[[nodiscard]] std::optional<double> requests_per_second(const sim::Result& result, std::uint64_t requests);

/// Did the group have Spot instances?
[[nodiscard]] bool uses_spot(const sim::Result& result, const sim::GroupResult& group);

/// How many of the objectives were met.
[[nodiscard]] std::size_t objectives_met(const sim::Result& result);

}  // namespace fleetsim::report
