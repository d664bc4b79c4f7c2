#pragma once

#include <filesystem>
#include <numeric>
#include <string>

#include <fleetsim/scenario/load.hpp>
#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/laws.hpp"

/// The scenarios of scenarios/surprises/, run.
namespace fleetsim::scenario::testing {

inline const std::filesystem::path surprises = std::filesystem::path{FLEETSIM_SOURCE_DIR} / "scenarios" / "surprises";

struct SurpriseRun {
    std::string warnings;  ///< What the reader had to say of the scenario.
    sim::Result result;
};

inline SurpriseRun run_surprise(const std::string& name) {
    const Loaded loaded = load_file(surprises / (name + ".yaml"));
    INFO(loaded.diagnostics.render());
    REQUIRE(loaded.scenario.has_value());
    CHECK(loaded.scenario->name == name);
    sim::Result result = sim::run(*loaded.scenario);
    sim::testing::check_requests_are_conserved(result);
    return {loaded.diagnostics.render(), std::move(result)};
}

inline double usd(const sim::Result& result) {
    return std::accumulate(result.cost_items.begin(), result.cost_items.end(), 0.0,
                           [](double sum, const sim::CostItem& item) { return sum + item.usd; });
}

}  // namespace fleetsim::scenario::testing
