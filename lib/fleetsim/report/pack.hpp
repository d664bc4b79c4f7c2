#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include <fleetsim/packing/result.hpp>

/// What `fleetsim pack` found, for people and for programs.
namespace fleetsim::report {

struct PackOptions {
    /// Also tell what a decision took on this machine. Everything else is the same wherever it is computed.
    bool timing = false;
};

/// A table of one row an algorithm: means over the seeds with their standard deviations, totals over the instances.
/// Ends with `pack_verdict`.
[[nodiscard]] std::string pack_text(const packing::Report& report, const PackOptions& options = {});

/// One sentence to paste into a message: which algorithm came out best, by how much, and how far from the bound.
[[nodiscard]] std::string pack_verdict(const packing::Report& report);

/// `{"pack": {"trace": …, "results": […]}}`, one result an algorithm, instance and seed. What does not apply is absent.
[[nodiscard]] nlohmann::ordered_json pack_json(const packing::Report& report, const PackOptions& options = {});

/// One row a result, with the columns of the JSON.
[[nodiscard]] std::string pack_csv(const packing::Report& report, const PackOptions& options = {});

}  // namespace fleetsim::report
