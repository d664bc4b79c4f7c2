#pragma once

#include <string_view>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/small_shop.hpp"

namespace fleetsim::scenario::test {

/// The scenario of a text that must load.
[[nodiscard]] inline sim::Scenario good(std::string_view text, const Overrides& overrides = {}) {
    const Loaded loaded = load(text, overrides);
    INFO(loaded.diagnostics.render());
    REQUIRE(loaded.scenario.has_value());
    return *loaded.scenario;
}

}  // namespace fleetsim::scenario::test
