#include <cstdint>
#include <limits>
#include <vector>

#include <fleetsim/ecs/deployment_circuit_breaker.hpp>

#include "catch.hpp"

using namespace fleetsim::ecs;

namespace {

const DeploymentCircuitBreaker usual{.enable = true};

/// A deployment's life in letters: f, a task failed before it was running; r, one reached running; u, one is replaced
/// as unhealthy; h, one became healthy.
DeploymentFailures after(const char* life, const DeploymentCircuitBreaker& breaker = usual) {
    DeploymentFailures deployment;
    for (; *life != '\0'; ++life) {
        if (*life == 'f') deployment = after_failed_start(deployment);
        if (*life == 'r') deployment = after_running(deployment);
        if (*life == 'u') deployment = after_failed_health_check(deployment);
        if (*life == 'h') deployment = after_healthy(deployment, breaker);
    }
    return deployment;
}

}  // namespace

TEST_CASE("half of the desired count may fail but no fewer than three and no more than 200") {
    struct Row {
        std::int32_t desired;
        std::int32_t now;
        std::int32_t until_2023;
    };
    for (const Row& row : {
             Row{1, 3, 10},
             Row{5, 3, 10},
             Row{6, 3, 10},
             Row{7, 4, 10},
             Row{25, 13, 13},
             Row{100, 50, 50},
             Row{400, 200, 200},
             Row{800, 200, 200},
             Row{0, 3, 10},
         }) {
        CAPTURE(row.desired);
        CHECK(failure_threshold({}, row.desired) == row.now);
        CHECK(failure_threshold({.minimum = 10}, row.desired) == row.until_2023);
    }
}

TEST_CASE("a threshold is a bounded or a free percentage or a number") {
    using enum ThresholdType;
    constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();
    struct Row {
        ThresholdConfiguration threshold;
        std::int32_t desired;
        std::int32_t failures;
    };
    for (const Row& row : {
             Row{{bounded_percent, 10}, 10, 3},
             Row{{bounded_percent, 10}, 31, 4},
             Row{{bounded_percent, 100}, 150, 150},
             Row{{bounded_percent, 100}, 5000, 200},
             Row{{unbounded_percent, 50}, 1, 1},
             Row{{unbounded_percent, 50}, 5, 3},
             Row{{unbounded_percent, 50}, 800, 400},
             Row{{unbounded_percent, 150}, 4, 6},
             Row{{unbounded_percent, 50}, 0, 1},
             Row{{unbounded_percent, most}, most, most},
             Row{{count, 7}, 1, 7},
             Row{{count, 7}, 5000, 7},
             Row{{count, 1}, 5000, 1},
             Row{{count, 0}, 5000, 1},
         }) {
        CAPTURE(name(row.threshold.type), row.threshold.value, row.desired);
        CHECK(failure_threshold(row.threshold, row.desired) == row.failures);
    }
}

TEST_CASE("failures to start count until one task runs and failed health checks count from then on") {
    struct Row {
        const char* life;
        DeploymentFailures deployment;
    };
    for (const Row& row : {
             Row{"", {0, false}},
             Row{"ff", {2, false}},
             Row{"ffr", {2, true}},
             Row{"rff", {0, true}},
             Row{"ffrff", {2, true}},
             Row{"u", {0, false}},
             Row{"ruu", {2, true}},
             Row{"ffru", {3, true}},
             Row{"ruuh", {0, true}},
             Row{"ruuhu", {1, true}},
         }) {
        CAPTURE(row.life);
        CHECK(after(row.life) == row.deployment);
    }
    const DeploymentCircuitBreaker adding_up{.enable = true, .reset_on_healthy_task = false};
    CHECK(after("ruuhu", adding_up) == DeploymentFailures{3, true});
}

TEST_CASE("a deployment has failed when its failures reach the threshold") {
    struct Row {
        const char* life;
        std::int32_t desired;
        bool failed;
    };
    for (const Row& row : {
             Row{"ff", 4, false},
             Row{"fff", 4, true},
             Row{"ffff", 4, true},
             Row{"fff", 7, false},
             Row{"ffrf", 4, false},
             Row{"ffru", 4, true},
             Row{"ruuhuu", 4, false},
             Row{"ruuhuuu", 4, true},
         }) {
        CAPTURE(row.life, row.desired);
        CHECK(has_failed(after(row.life), usual, row.desired) == row.failed);
    }
    CHECK_FALSE(has_failed(after("ffffffffff"), {}, 4));
    INFO("a service that shrinks meanwhile has a lower threshold");
    CHECK_FALSE(has_failed({5, false}, usual, 100));
    CHECK(has_failed({5, false}, usual, 10));
}

TEST_CASE("a failed deployment is rolled back to the last that was completed") {
    using enum RolloutState;
    const DeploymentCircuitBreaker back{.enable = true, .rollback = true};
    struct Row {
        std::vector<RolloutState> deployments;
        std::optional<std::size_t> target;
    };
    for (const Row& row : {
             Row{{completed, failed}, 0},
             Row{{completed, completed, failed}, 1},
             Row{{completed, failed, failed}, 0},
             Row{{in_progress, failed}, std::nullopt},
             Row{{failed}, std::nullopt},
             Row{{}, std::nullopt},
         }) {
        CAPTURE(row.deployments.size());
        CHECK(rollback_target(back, row.deployments) == row.target);
        CHECK(rollback_target(usual, row.deployments) == std::nullopt);
        CHECK(rollback_target({.rollback = true}, row.deployments) == std::nullopt);
    }
}

TEST_CASE("thresholds and rollouts have the names of the API") {
    CHECK(name(ThresholdType::bounded_percent) == "BOUNDED_PERCENT");
    CHECK(name(ThresholdType::unbounded_percent) == "UNBOUNDED_PERCENT");
    CHECK(name(ThresholdType::count) == "COUNT");
    CHECK(name(RolloutState::in_progress) == "IN_PROGRESS");
    CHECK(name(RolloutState::failed) == "FAILED");
}
