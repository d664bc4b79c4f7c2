#include "scenario_options.hpp"

#include <cstdio>
#include <limits>

#include <fleetsim/scenario/load.hpp>

#include "terminal.hpp"

namespace fleetsim::app {

void ScenarioOptions::add_to(CLI::App& command) {
    constexpr auto largest_seed = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    command.add_option("SCENARIO", file, "The scenario, a YAML file")->required();
    command.add_option("--seed", seed, "Seed of all chance, instead of the scenario's; 0 to 2^63-1")
        ->type_name("N")
        ->check(CLI::Range(std::uint64_t{0}, largest_seed).description(""));
    command.add_option("--traffic", traffic, "Let traffic source NAME follow the trace in FILE (repeatable)")
        ->type_name("NAME=FILE.csv")
        ->allow_extra_args(false)
        ->check([](const std::string& value) -> std::string {
            const std::size_t equals = value.find('=');
            if (equals != std::string::npos && equals > 0 && equals + 1 < value.size()) return {};
            return "expected NAME=FILE.csv, found \"" + value + "\"";
        });
}

std::optional<sim::Scenario> read_scenario(const ScenarioOptions& options, const GlobalOptions& global) {
    scenario::Overrides overrides;
    overrides.seed = options.seed;
    for (const std::string& pair : options.traffic) {
        const std::size_t equals = pair.find('=');
        overrides.traffic.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
    }
    scenario::Loaded loaded = scenario::load_file(options.file, overrides);
    // Warnings alone do not break the quiet.
    if (!loaded.scenario || !global.quiet) std::fputs(loaded.diagnostics.render().c_str(), stderr);
    return std::move(loaded.scenario);
}

}  // namespace fleetsim::app
