#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fleetsim::packing {

/// One algorithm on one trace or instance with one seed. What does not apply is absent.
struct Result {
    std::string algorithm;
    std::string instance = {};  ///< Of an archive of several; empty for a trace.
    std::optional<std::uint64_t> seed = {};
    std::optional<std::int64_t> bins = {};
    /// Mean allocated GPU capacity, in percent, over the arrivals that brought demand to the key's percent of capacity.
    std::map<std::int32_t, double> allocation_percent = {};
    std::map<std::int32_t, double> fragmentation_percent = {};
    std::optional<double> bound = {};  ///< No packing can be below it, in the unit of what it bounds.
    std::string bound_name = {};
    std::optional<double> gap_percent = {};  ///< How far the result lies above the bound.
    std::optional<double> server_hours = {};
    std::optional<std::int64_t> peak_servers = {};
    std::optional<std::int64_t> peak_bound = {};  ///< No placement has a lower peak.
    std::optional<std::int64_t> placed = {};
    std::optional<std::int64_t> refused = {};
    double ns_per_decision = 0;  ///< Wall-clock; never part of what must be reproducible.
};

/// What `fleetsim pack` prints.
struct Report {
    std::string trace;
    std::vector<Result> results;
};

}  // namespace fleetsim::packing
