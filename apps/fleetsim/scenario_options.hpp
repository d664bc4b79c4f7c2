#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/sim/scenario.hpp>

#include "commands.hpp"

namespace fleetsim::app {

/// What every command that reads a scenario asks for.
struct ScenarioOptions {
    std::string file;
    std::optional<std::uint64_t> seed;
    std::vector<std::string> traffic;  ///< `NAME=FILE.csv` each.

    void add_to(CLI::App& command);
};

/// The scenario with the overrides applied; absent when it is wrong, which has then been said on standard error.
[[nodiscard]] std::optional<sim::Scenario> read_scenario(const ScenarioOptions& options, const GlobalOptions& global);

}  // namespace fleetsim::app
