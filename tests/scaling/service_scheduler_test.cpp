#include <chrono>

#include <fleetsim/scaling/service_scheduler.hpp>

#include "catch.hpp"

using namespace fleetsim::scaling;
using namespace std::chrono_literals;

TEST_CASE("a service comes to its desired count, and leaves a draining instance only when replaced") {
    struct Row {
        const char* what;
        ServiceTasks tasks;  // desired, kept, leaving, healthy kept, healthy leaving
        Reconciliation wanted;
    };
    for (const Row& row : {
             Row{"as desired", {4, 4, 0, 4, 0}, {0, 0, 0, false}},
             Row{"two are missing", {4, 2, 0, 2, 0}, {2, 0, 0, false}},
             Row{"waiting ones count", {4, 4, 0, 1, 0}, {0, 0, 0, false}},
             Row{"three too many", {4, 7, 0, 7, 0}, {0, 3, 0, false}},
             Row{"none wanted", {0, 3, 2, 3, 2}, {0, 3, 2, false}},
             Row{"two must move: start first", {4, 2, 2, 2, 2}, {2, 0, 0, false}},
             Row{"one replacement is healthy", {4, 4, 2, 3, 2}, {0, 0, 1, false}},
             Row{"both are", {4, 4, 2, 4, 2}, {0, 0, 2, false}},
             Row{"an unhealthy one serves nobody and goes at once", {4, 4, 2, 2, 1}, {0, 0, 0, true}},
             Row{"a kept one that is to stop replaces nothing", {2, 3, 1, 3, 1}, {0, 1, 1, false}},
             Row{"fewer desired than leaving", {1, 0, 3, 0, 3}, {0, 0, 2, false}},
         }) {
        INFO(row.what);
        CHECK(reconcile(row.tasks, {}) == row.wanted);
    }
}

TEST_CASE("the limits of a deployment are rounded so that enough and not too many tasks run") {
    struct Row {
        std::int32_t desired;
        std::int32_t minimum_percent;
        std::int32_t maximum_percent;
        std::int32_t lower;
        std::int32_t upper;
        bool can_replace;
    };
    for (const Row& row : {
             Row{4, 50, 100, 2, 4, true},
             Row{4, 100, 200, 4, 8, true},
             Row{10, 75, 125, 8, 12, true},
             Row{7, 66, 133, 5, 9, true},
             Row{3, 0, 100, 0, 3, true},
             Row{2, 75, 125, 2, 2, false},
             Row{3, 100, 125, 3, 3, false},
             Row{1, 50, 150, 1, 1, false},
             Row{1, 100, 100, 1, 1, false},
             Row{0, 100, 100, 0, 0, true},
         }) {
        CAPTURE(row.desired, row.minimum_percent, row.maximum_percent);
        const DeploymentConfiguration deployment{row.minimum_percent, row.maximum_percent};
        CHECK(lower_limit(deployment, row.desired) == row.lower);
        CHECK(upper_limit(deployment, row.desired) == row.upper);
        CHECK(can_replace(deployment, row.desired) == row.can_replace);
    }
}

TEST_CASE("what replaces tasks on draining instances stays within the limits") {
    struct Row {
        const char* what;
        DeploymentConfiguration deployment;
        ServiceTasks tasks;  // desired, kept, leaving, healthy kept, healthy leaving, stopping
        Reconciliation wanted;
    };
    for (const Row& row : {
             Row{"stop two first", {50, 100}, {4, 0, 4, 0, 4}, {0, 0, 2, false}},
             Row{"they are still stopping", {50, 100}, {4, 0, 2, 0, 2, 2}, {0, 0, 0, false}},
             Row{"start two", {50, 100}, {4, 0, 2, 0, 2}, {2, 0, 0, false}},
             Row{"start two and stop two together", {75, 125}, {10, 0, 10, 0, 10}, {2, 0, 2, false}},
             Row{"seven: two and two", {66, 133}, {7, 0, 7, 0, 7}, {2, 0, 2, false}},
             Row{"all at once", {0, 100}, {3, 0, 3, 0, 3}, {0, 0, 3, false}},
             Row{"and then all come back", {0, 100}, {3, 0, 0, 0, 0}, {3, 0, 0, false}},
             Row{"stuck", {75, 125}, {2, 0, 2, 0, 2}, {0, 0, 0, false}},
             Row{"stuck for ever", {100, 100}, {1, 0, 1, 0, 1}, {0, 0, 0, false}},
             Row{"twice the count is the most", {100, 200}, {2, 0, 1, 0, 1, 2}, {1, 0, 0, false}},
         }) {
        INFO(row.what);
        CHECK(reconcile(row.tasks, row.deployment) == row.wanted);
    }
}

TEST_CASE("a service that finds no place tries again after 10 s, then twice as long, up to a quarter of an hour") {
    const auto expected = {10s, 20s, 40s, 80s, 160s, 320s, 640s, 900s, 900s};
    std::uint32_t failures = 0;
    for (const auto pause : expected) CHECK(restart_throttle(++failures) == pause);
    CHECK(restart_throttle(1'000'000) == 900s);
}
