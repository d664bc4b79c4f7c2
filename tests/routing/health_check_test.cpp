#include <chrono>
#include <cstdint>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/routing/health_check.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::routing;
using namespace std::chrono_literals;
using des::Time;

namespace {

const HealthCheck usual{30s, 5s, 5, 2};

/// The state machine that the user guide describes, one check after the other: what the functions under test foretell.
struct OneByOne {
    HealthCheck check;
    TargetState state = TargetState::initial;
    std::uint32_t successes = 0;
    std::uint32_t failures = 0;

    void result(bool success) {
        successes = success ? successes + 1 : 0;
        failures = success ? 0 : failures + 1;
        if (state == TargetState::initial && success) state = TargetState::healthy;
        if (state == TargetState::unhealthy && successes >= check.healthy_threshold) state = TargetState::healthy;
        if (state != TargetState::unhealthy && failures >= check.unhealthy_threshold) state = TargetState::unhealthy;
    }

    /// The next change of state, if checks succeed as `answers` says.
    template <class Answers>
    TargetVerdict run_until_changed(Time first_check, des::Duration known_after_failure, Answers answers) {
        const TargetState before = state;
        for (Time at = first_check;; at += check.interval) {
            const bool success = answers(at);
            result(success);
            if (state != before) return {success ? at : at + known_after_failure, state};
        }
    }
};

}  // namespace

TEST_CASE("verdicts are told ahead without simulating each check") {
    const Time first{90s};
    SECTION("a target that hangs from 100 s fails the checks of 120 and 150 s, and the second is known at 155 s") {
        CHECK(unhealthy_at(usual, first, Time{100s}) == Time{155s});
    }
    SECTION("answering again at 200 s, its fifth success is the check of 330 s") {
        CHECK(recovered_at(usual, first, Time{200s}) == Time{330s});
    }
    SECTION("a check that falls on the very moment counts") {
        CHECK(next_check(usual, first, Time{120s}) == Time{120s});
        CHECK(next_check(usual, first, Time{120s + 1ns}) == Time{150s});
    }
}

TEST_CASE("a new target is healthy at its first success, unless it has failed too often by then") {
    struct Row {
        const char* what;
        HealthCheck check;
        des::Duration boot;
        des::Duration at;
        TargetState state;
    };
    using enum TargetState;
    for (const Row& row : {
             Row{"answers at once", usual, 0s, 0s, healthy},
             Row{"one failure of two, then a success", usual, 20s, 30s, healthy},
             Row{"answers just in time for the second check", usual, 30s, 30s, healthy},
             Row{"two failures", usual, 31s, 30s, unhealthy},
             Row{"boots 8 s, checked every 10", {10s, 5s, 5, 2}, 8s, 10s, healthy},
             Row{"boots 20 s, checked every 10: the first two fail", {10s, 5s, 5, 2}, 20s, 10s, unhealthy},
             Row{"a patient group", {10s, 5s, 5, 10}, 85s, 90s, healthy},
         }) {
        INFO(row.what);
        const TargetVerdict verdict = first_verdict(row.check, Time{400s}, Time{400s} + row.boot);
        CHECK(verdict.at == Time{400s} + row.at);
        CHECK(verdict.state == row.state);
    }
}

TEST_CASE("what is told ahead is what checking one by one finds") {
    const des::Stream chance{1, 0, "health-check", "test"};
    for (std::uint64_t world = 0; world < 20'000; ++world) {
        des::Draws draws = chance.draws(world);
        const auto whole = [&draws](int from, int to) {
            return from + static_cast<int>(draws.unit() * static_cast<double>(to - from + 1));
        };
        const HealthCheck check{std::chrono::seconds{whole(5, 60)}, std::chrono::seconds{whole(2, 4)},
                                static_cast<std::uint32_t>(whole(2, 10)), static_cast<std::uint32_t>(whole(2, 10))};
        const Time first{std::chrono::seconds{whole(0, 100)}};
        const Time change = first + std::chrono::seconds{whole(0, 600)};

        // Nothing listens before the application has booted, so a failure is known at once.
        OneByOne booting{check};
        const TargetVerdict born = booting.run_until_changed(first, 0s, [&](Time at) { return at >= change; });
        const TargetVerdict foretold = first_verdict(check, first, change);
        REQUIRE(foretold.at == born.at);
        REQUIRE(foretold.state == born.state);

        OneByOne falling{check, TargetState::healthy};
        const TargetVerdict fallen =
            falling.run_until_changed(first, check.timeout, [&](Time at) { return at < change; });
        REQUIRE(unhealthy_at(check, first, change) == fallen.at);
        REQUIRE(fallen.state == TargetState::unhealthy);

        OneByOne rising{check, TargetState::unhealthy};
        const TargetVerdict risen = rising.run_until_changed(first, 0s, [&](Time at) { return at >= change; });
        REQUIRE(recovered_at(check, first, change) == risen.at);
        REQUIRE(risen.state == TargetState::healthy);
    }
}
