#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/import/archive.hpp>
#include <fleetsim/packing/trace.hpp>

#include "commands.hpp"

namespace fleetsim::app {

/// What `pack` was told. What belongs to another kind of input than the one given is refused.
struct PackArguments {
    std::string input;
    std::vector<std::string> algorithms;
    std::uint64_t seeds = 1;
    std::uint64_t seed = 42;  ///< That of the published runs of the GPU-sharing study.
    bool timing = false;

    std::string nodes;                        ///< For a trace.
    std::optional<packing::Capacity> server;  ///< For a trace without nodes.
    std::string experiment;                   ///< For a trace: `fill`, `replay`, or as the trace is.
    std::optional<double> time_limit_s;       ///< For instances.

    std::vector<std::string> types;  ///< For tasks, like the rest.
    std::string region;
    std::optional<std::int32_t> zones;
    std::string spread;

    [[nodiscard]] std::vector<std::uint64_t> all_seeds() const {
        std::vector<std::uint64_t> all;
        for (std::uint64_t i = 0; i < seeds; ++i) all.push_back(seed + i);
        return all;
    }
};

template <class Algorithm>
[[nodiscard]] std::vector<std::string> names_of(const std::vector<Algorithm>& all) {
    std::vector<std::string> names;
    for (const Algorithm& algorithm : all) names.push_back(algorithm.name);
    return names;
}

/// Does what was asked and prints it. `command` tells which options the user gave.
[[nodiscard]] ExitStatus pack(const PackArguments& arguments, const CLI::App& command, const GlobalOptions& global);

/// Finds the cheapest mix of instance types for the tasks of a list, or of a scenario's services, and prints it.
[[nodiscard]] ExitStatus pack_tasks(const import::FileReading& input, bool scenario, const PackArguments& arguments,
                                    const GlobalOptions& global);

}  // namespace fleetsim::app
