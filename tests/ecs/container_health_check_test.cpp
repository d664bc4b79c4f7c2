#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/ecs/container_health_check.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::ecs;
using namespace std::chrono_literals;
using des::Duration;
using des::Time;

namespace {

constexpr auto at_once = CheckFailure::at_once;
constexpr auto hangs = CheckFailure::hangs;

/// The engine's own account, one check after the other: what the functions under test foretell.
struct OneByOne {
    ContainerHealthCheck check;
    CheckFailure failure;
    Time started;
    ContainerHealth health = ContainerHealth::unknown;
    std::int32_t failing = 0;

    void result(Time began, bool success) {
        if (success) {
            failing = 0;
            health = ContainerHealth::healthy;
            return;
        }
        if (health == ContainerHealth::unknown && began - started < check.start_period) return;
        if (++failing >= check.retries) health = ContainerHealth::unhealthy;
    }

    /// The next change of health when the last check ended at `last` and checks succeed as `answers` says.
    template <class Answers>
    HealthVerdict run_until_changed(Time last, Answers answers) {
        const ContainerHealth before = health;
        for (;;) {
            const Time began = last + check.interval;
            const bool success = answers(began);
            last = began + (!success && failure == CheckFailure::hangs ? check.timeout : Duration{0});
            result(began, success);
            if (health != before) return {last, health};
        }
    }
};

}  // namespace

TEST_CASE("a new container is healthy at its first success and unhealthy after too many failures that count") {
    struct Row {
        const char* what;
        ContainerHealthCheck check;  // interval, timeout, retries, start period
        std::optional<Duration> answers;
        CheckFailure failure;
        Duration at;
        ContainerHealth health;
    };
    using enum ContainerHealth;
    const ContainerHealthCheck usual;
    for (const Row& row : {
             Row{"answers at once: the first check is one interval after the start", usual, 0s, at_once, 30s, healthy},
             Row{"answers just in time for the second check", usual, 60s, at_once, 60s, healthy},
             Row{"a moment too late for the second", usual, 60s + 1ns, at_once, 90s, healthy},
             Row{"the last chance", usual, 90s, at_once, 90s, healthy},
             Row{"three failures in a row", usual, 90s + 1ns, at_once, 90s, unhealthy},
             Row{"never answers", usual, std::nullopt, at_once, 90s, unhealthy},
             Row{"hangs: checks at 30 65 and 100 s and each is known 5 s later", usual, std::nullopt, hangs, 105s,
                 unhealthy},
             Row{"hangs until 64 s", usual, 64s, hangs, 65s, healthy},
             Row{"a start period of a minute: the check at 60 s counts",
                 {30s, 5s, 3, 60s},
                 std::nullopt,
                 at_once,
                 120s,
                 unhealthy},
             Row{"of a minute and a second: it does not", {30s, 5s, 3, 61s}, std::nullopt, at_once, 150s, unhealthy},
             Row{"a success in the start period", {10s, 5s, 1, 300s}, 15s, at_once, 20s, healthy},
             Row{"the longest start period", {10s, 5s, 1, 300s}, 300s, at_once, 300s, healthy},
             Row{"one attempt only", {10s, 5s, 1, 0s}, 11s, at_once, 10s, unhealthy},
             Row{"the hardiest", {300s, 60s, 10, 300s}, std::nullopt, hangs, 10 * 360s, unhealthy},
         }) {
        INFO(row.what);
        const Time started{1000s};
        const auto answering = row.answers ? std::optional(started + *row.answers) : std::nullopt;
        const HealthVerdict expected{started + row.at, row.health};
        CHECK(first_health_verdict(row.check, started, answering, row.failure) == expected);
    }
}

TEST_CASE("an unhealthy container that answers again is found out check by check") {
    const ContainerHealthCheck usual;
    SECTION("unhealthy at 220 s and answering at 270 s it is healthy again at the check of 280 s") {
        CHECK(container_recovered_at(usual, Time{220s}, Time{270s}, at_once) == Time{280s});
    }
    SECTION("with checks that hang the next after 250 s is 35 s later") {
        CHECK(container_recovered_at(usual, Time{220s}, Time{250s}, hangs) == Time{250s});
        CHECK(container_recovered_at(usual, Time{220s}, Time{251s}, hangs) == Time{285s});
    }
}

TEST_CASE("a container's health check is refused outside its ranges") {
    struct Row {
        ContainerHealthCheck check;
        bool accepted;
    };
    for (const Row& row : {
             Row{{}, true},
             Row{{5s, 2s, 1, 0s}, true},
             Row{{300s, 60s, 10, 300s}, true},
             Row{{5s - 1ns, 2s, 1, 0s}, false},
             Row{{301s, 2s, 1, 0s}, false},
             Row{{5s, 1s, 1, 0s}, false},
             Row{{5s, 61s, 1, 0s}, false},
             Row{{5s, 2s, 0, 0s}, false},
             Row{{5s, 2s, 11, 0s}, false},
             Row{{5s, 2s, 1, -1s}, false},
             Row{{5s, 2s, 1, 301s}, false},
         }) {
        CAPTURE(row.check.interval.count(), row.check.timeout.count(), row.check.retries,
                row.check.start_period.count());
        CHECK(fault(row.check).empty() == row.accepted);
    }
    CHECK(container_health_names[static_cast<std::size_t>(ContainerHealth::unhealthy)] == "UNHEALTHY");
}

TEST_CASE("a container's health is told ahead as checking one by one finds it") {
    const des::Stream chance{1, 0, "container-health-check", "test"};
    for (std::uint64_t world = 0; world < 20'000; ++world) {
        des::Draws draws = chance.draws(world);
        const auto whole = [&draws](int from, int to) {
            return from + static_cast<int>(draws.unit() * static_cast<double>(to - from + 1));
        };
        const ContainerHealthCheck check{std::chrono::seconds{whole(5, 60)}, std::chrono::seconds{whole(2, 60)},
                                         whole(1, 10), std::chrono::seconds{whole(0, 1) * whole(0, 300)}};
        const CheckFailure failure = whole(0, 1) == 1 ? hangs : at_once;
        const Time started{std::chrono::seconds{whole(0, 100)}};
        const Time change = started + std::chrono::seconds{whole(0, 900)};
        const bool answers_ever = whole(0, 3) > 0;
        CAPTURE(world);

        OneByOne starting{check, failure, started};
        const HealthVerdict born =
            starting.run_until_changed(started, [&](Time at) { return answers_ever && at >= change; });
        const HealthVerdict foretold =
            first_health_verdict(check, started, answers_ever ? std::optional(change) : std::nullopt, failure);
        REQUIRE(foretold == born);
        if (failure == at_once && born.health == ContainerHealth::unhealthy) {
            REQUIRE(born.at - started <= check.start_period + check.retries * check.interval);
        }

        OneByOne rising{check, failure, started, ContainerHealth::unhealthy};
        const HealthVerdict risen = rising.run_until_changed(started, [&](Time at) { return at >= change; });
        REQUIRE(container_recovered_at(check, started, change, failure) == risen.at);
        REQUIRE(risen.health == ContainerHealth::healthy);
    }
}
