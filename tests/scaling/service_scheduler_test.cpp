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
             Row{"fewer desired than leaving", {1, 0, 3, 0, 3}, {1, 0, 2, false}},
         }) {
        INFO(row.what);
        CHECK(reconcile(row.tasks) == row.wanted);
    }
}

TEST_CASE("a service that finds no place tries again after 10 s, then twice as long, up to a quarter of an hour") {
    const auto expected = {10s, 20s, 40s, 80s, 160s, 320s, 640s, 900s, 900s};
    std::uint32_t failures = 0;
    for (const auto pause : expected) CHECK(restart_throttle(++failures) == pause);
    CHECK(restart_throttle(1'000'000) == 900s);
}
