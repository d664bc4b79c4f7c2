#include <chrono>
#include <optional>

#include <fleetsim/ecs/task_protection.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::ecs;
using namespace std::chrono_literals;
using des::Time;

TEST_CASE("a task is protected for two hours or as long as it asks for") {
    const Time asked{10min};
    CHECK(protected_until(asked) == Time{130min});
    CHECK(protected_until(asked, 1min) == Time{11min});
    CHECK(protected_until(asked, 2880min) == Time{2890min});
    INFO("a second request counts from when it is made, and may shorten the protection");
    CHECK(protected_until(Time{20min}, 5min) == Time{25min});
}

TEST_CASE("protection ends at its last instant") {
    CHECK(is_protected(Time{25min}, Time{25min - 1ns}));
    CHECK_FALSE(is_protected(Time{25min}, Time{25min}));
    CHECK_FALSE(is_protected(std::nullopt, Time{}));
}

TEST_CASE("protected tasks are not stopped when a service shrinks or is deployed anew") {
    struct Row {
        const char* what;
        ServiceTasks tasks;  // desired, kept, leaving, healthy kept, healthy leaving
        ProtectedTasks spared;
        Reconciliation wanted;
    };
    for (const Row& row : {
             Row{"three too many", {4, 7, 0, 7, 0}, {0, 0}, {0, 3, 0, false}},
             Row{"five are protected", {4, 7, 0, 7, 0}, {5, 0}, {0, 2, 0, false}},
             Row{"all are", {4, 7, 0, 7, 0}, {7, 0}, {0, 0, 0, false}},
             Row{"all old ones can go but two are protected", {4, 4, 4, 4, 4}, {0, 2}, {0, 0, 2, false}},
             Row{"nothing to stop", {4, 4, 0, 4, 0}, {4, 0}, {0, 0, 0, false}},
             Row{"new ones start meanwhile", {4, 2, 4, 2, 4}, {0, 4}, {2, 0, 0, false}},
         }) {
        INFO(row.what);
        CHECK(sparing(reconcile(row.tasks, {}), row.tasks, row.spared) == row.wanted);
    }
}
