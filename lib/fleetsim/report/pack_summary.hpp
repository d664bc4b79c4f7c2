#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/des/statistics.hpp>
#include <fleetsim/packing/result.hpp>

namespace fleetsim::report {

/// Shares of a cluster's capacity that had been asked for, in percent, at which runs are compared.
inline constexpr int compared_percents[]{80, 85, 90, 95, 100, 105, 110, 115, 120, 125, 130};

/// The results of one algorithm: a value for each seed, in which instances are added up. A series is empty when its
/// figure does not apply.
struct PackSummary {
    std::string algorithm;
    std::size_t seeds = 0;
    std::size_t instances = 0;
    std::size_t proven = 0;  ///< Instances packed into as many bins as the bound says, with every seed.
    std::vector<double> bins;
    std::vector<double> bound;
    std::vector<double> server_hours;
    std::vector<double> peak_servers;
    std::vector<double> peak_bound;
    std::vector<double> placed;
    std::vector<double> refused;
    std::vector<double> allocated_at_100;
    std::vector<double> allocated_at_130;
    std::vector<double> fragmented_at_130;
    std::vector<double> ns_per_decision;  ///< Their mean over instances.
};

/// The figure when so much had been asked for. Where no arrival rounded to it, as in a small cluster, that of the
/// nearest percentage below: nothing changes between two arrivals. Nothing before the first.
[[nodiscard]] std::optional<double> at_demand(const std::map<std::int32_t, double>& by_percent, std::int32_t percent);

/// In the order in which algorithms first appear.
[[nodiscard]] std::vector<PackSummary> summarize(const packing::Report& report);

/// 0 for an empty series.
[[nodiscard]] inline double mean_of(const std::vector<double>& series) { return des::summary(series).mean; }

}  // namespace fleetsim::report
