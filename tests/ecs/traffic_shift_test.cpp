#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/ecs/traffic_shift.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::ecs;
using namespace std::chrono_literals;

namespace {

const TrafficShift at_once{.strategy = DeploymentStrategy::blue_green, .bake_time = 15min};

TrafficShift linear(std::int32_t step_per_mille, des::Duration step_bake_time) {
    return {.strategy = DeploymentStrategy::linear, .bake_time = 15min, .linear = {step_per_mille, step_bake_time}};
}

TrafficShift canary(std::int32_t canary_per_mille, des::Duration canary_bake_time) {
    return {.strategy = DeploymentStrategy::canary, .bake_time = 15min, .canary = {canary_per_mille, canary_bake_time}};
}

}  // namespace

TEST_CASE("green gets its traffic at once or in equal steps or a little of it first") {
    struct Row {
        const char* what;
        TrafficShift shift;
        des::Duration since;
        std::int32_t green_per_mille;
        std::optional<des::Duration> next;
    };
    for (const Row& row : {
             Row{"before the shift", at_once, -1ns, 0, 0min},
             Row{"all at once", at_once, 0min, 1000, std::nullopt},
             Row{"the first step comes at once", linear(100, 6min), 0min, 100, 6min},
             Row{"still the first", linear(100, 6min), 6min - 1ns, 100, 6min},
             Row{"the second", linear(100, 6min), 6min, 200, 12min},
             Row{"the ninth", linear(100, 6min), 50min, 900, 54min},
             Row{"the last", linear(100, 6min), 54min, 1000, std::nullopt},
             Row{"a last step that is smaller", linear(300, 10min), 29min, 900, 30min},
             Row{"after it", linear(300, 10min), 30min, 1000, std::nullopt},
             Row{"one step", linear(1000, 6min), 0min, 1000, std::nullopt},
             Row{"steps without pauses", linear(100, 0min), 0min, 1000, std::nullopt},
             Row{"the canary", canary(50, 10min), 0min, 50, 10min},
             Row{"still the canary", canary(50, 10min), 10min - 1ns, 50, 10min},
             Row{"and all the rest", canary(50, 10min), 10min, 1000, std::nullopt},
             Row{"a canary that is everything", canary(1000, 10min), 0min, 1000, std::nullopt},
             Row{"a canary that does not wait", canary(50, 0min), 0min, 1000, std::nullopt},
             Row{"before a canary", canary(50, 10min), -5min, 0, 0min},
         }) {
        INFO(row.what);
        CHECK(green_per_mille_at(row.shift, row.since) == row.green_per_mille);
        CHECK(next_change(row.shift, row.since) == row.next);
    }
}

TEST_CASE("blue is stopped a bake time after the last of the traffic has left it") {
    struct Row {
        TrafficShift shift;
        des::Duration shifted;
    };
    for (const Row& row : {
             Row{at_once, 0min},
             Row{linear(100, 6min), 54min},
             Row{linear(110, 6min), 54min},   // Nine pauses: 99 % is not all.
             Row{linear(333, 10min), 30min},  // Three, for 99.9 % is not all.
             Row{linear(334, 10min), 20min},
             Row{linear(500, 10min), 10min},
             Row{linear(30, 1min), 33min},
             Row{linear(1000, 10min), 0min},
             Row{canary(50, 10min), 10min},
             Row{canary(1000, 10min), 10min},
         }) {
        CAPTURE(name(row.shift.strategy), row.shift.linear.step_per_mille);
        CHECK(shifted_at(row.shift) == row.shifted);
        CHECK(finished_at(row.shift) == row.shifted + 15min);
    }
}

TEST_CASE("going from change to change green only gains and ends with everything when the shift ends") {
    const des::Stream chance{1, 0, "traffic-shift", "test"};
    for (std::uint64_t world = 0; world < 2000; ++world) {
        des::Draws draws = chance.draws(world);
        const std::int32_t part = 1 + static_cast<std::int32_t>(draws.unit() * 999);
        const des::Duration pause{1 + static_cast<std::int64_t>(draws.unit() * 1e12)};
        const TrafficShift shift = world % 2 == 0 ? linear(part, pause) : canary(part, pause);
        std::int32_t green = 0;
        des::Duration last{};
        for (std::optional<des::Duration> at = next_change(shift, -1ns); at; at = next_change(shift, *at)) {
            REQUIRE(green_per_mille_at(shift, *at - 1ns) == green);
            const std::int32_t grown = green_per_mille_at(shift, *at);
            REQUIRE(grown > green);
            REQUIRE(grown - green <= (world % 2 == 0 ? part : whole_per_mille));
            green = grown;
            last = *at;
        }
        REQUIRE(green == whole_per_mille);
        REQUIRE((last == shifted_at(shift) || part == whole_per_mille));
    }
}

TEST_CASE("strategies have the names of the API and its defaults") {
    CHECK(name(DeploymentStrategy::rolling) == "ROLLING");
    CHECK(name(DeploymentStrategy::blue_green) == "BLUE_GREEN");
    CHECK(name(DeploymentStrategy::linear) == "LINEAR");
    CHECK(name(DeploymentStrategy::canary) == "CANARY");
    CHECK(shifted_at({.strategy = DeploymentStrategy::linear}) == 54min);
    CHECK(shifted_at({.strategy = DeploymentStrategy::canary}) == 10min);
    CHECK(green_per_mille_at({.strategy = DeploymentStrategy::canary}, 0min) == 50);
}
