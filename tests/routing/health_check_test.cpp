#include <chrono>
#include <string_view>

#include <fleetsim/routing/health_check.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::routing;
using namespace std::chrono_literals;
using des::Time;

namespace {

const HealthCheck usual{30s, 5s, 5, 2};

TargetState state_after(TargetState start, std::string_view results) {
    TargetHealth health{start, 0, 0};
    for (const char result : results) health = after_check(health, usual, result == 'S');
    return health.state;
}

}  // namespace

TEST_CASE("a target changes state after a run of equal checks, and a new one after its first success") {
    struct Row {
        TargetState start;
        const char* results;
        TargetState end;
    };
    using enum TargetState;
    for (const Row& row : {
             Row{initial, "", initial},
             Row{initial, "S", healthy},
             Row{initial, "F", initial},
             Row{initial, "FF", unhealthy},
             Row{healthy, "F", healthy},
             Row{healthy, "FF", unhealthy},
             Row{healthy, "FSF", healthy},
             Row{healthy, "FSFF", unhealthy},
             Row{unhealthy, "SSSS", unhealthy},
             Row{unhealthy, "SSSSS", healthy},
             Row{unhealthy, "SSSSFSSSS", unhealthy},
             Row{draining, "SFF", draining},
             Row{unused, "S", unused},
         }) {
        INFO("after " << row.results);
        CHECK(state_after(row.start, row.results) == row.end);
    }
}

TEST_CASE("verdicts can be told ahead without simulating each check") {
    const Time first{90s};
    SECTION("a target that hangs from 100 s fails the checks of 120 and 150 s, and the second is known at 155 s") {
        CHECK(unhealthy_at(usual, first, Time{100s}) == Time{155s});
    }
    SECTION("answering again at 200 s, its fifth success is the check of 330 s") {
        CHECK(healthy_at(usual, TargetState::unhealthy, first, Time{200s}) == Time{330s});
    }
    SECTION("a new target needs one success, at its first check if it answers by then") {
        CHECK(healthy_at(usual, TargetState::initial, Time{400s}, Time{400s}) == Time{400s});
        CHECK(healthy_at({10s, 5s, 5, 2}, TargetState::initial, Time{0s}, Time{8s}) == Time{10s});
    }
    SECTION("a check that falls on the very moment counts") {
        CHECK(next_check(usual, first, Time{120s}) == Time{120s});
        CHECK(next_check(usual, first, Time{120s + 1ns}) == Time{150s});
    }
}
