#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/ecs/service_scheduler.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::ecs;
using namespace std::chrono_literals;

namespace {

using Instances = std::vector<DaemonInstance>;

constexpr DaemonPlace wanted = DaemonPlace::wanted;
constexpr DaemonPlace draining = DaemonPlace::draining;
constexpr DaemonPlace unsuitable = DaemonPlace::unsuitable;
constexpr DaemonInstance missing{wanted, DaemonTask::none};
constexpr DaemonInstance newest{wanted, DaemonTask::newest, true};
constexpr DaemonInstance starting{wanted, DaemonTask::newest, false};
constexpr DaemonInstance older{wanted, DaemonTask::older, true};
constexpr DaemonInstance older_unhealthy{wanted, DaemonTask::older, false};
constexpr DaemonInstance stopping{wanted, DaemonTask::stopping};

/// What is decided is done, and what was under way before is finished.
void next_round(Instances& instances, const DaemonReconciliation& decision) {
    for (DaemonInstance& instance : instances) {
        if (instance.task == DaemonTask::newest) instance.healthy = true;
        if (instance.task == DaemonTask::stopping) instance.task = DaemonTask::none;
    }
    for (const std::size_t i : decision.start) {
        instances[i].task = DaemonTask::newest;
        instances[i].healthy = false;
    }
    for (const std::size_t i : decision.stop) instances[i].task = DaemonTask::stopping;
}

std::int32_t serving(const Instances& instances) {
    return static_cast<std::int32_t>(std::count_if(instances.begin(), instances.end(), [](const DaemonInstance& each) {
        return (each.task == DaemonTask::newest || each.task == DaemonTask::older) && each.healthy;
    }));
}

}  // namespace

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

TEST_CASE("a failed deployment starts nothing and stops no healthy task that is needed") {
    struct Row {
        const char* what;
        DeploymentConfiguration deployment;
        ServiceTasks tasks;  // desired, kept, leaving, healthy kept, healthy leaving, stopping, deployment failed
        Reconciliation going_on;
        Reconciliation failed;
    };
    for (const Row& row : {
             Row{"new ones are missing", {100, 200}, {4, 1, 4, 0, 4}, {3, 0, 0, false}, {0, 0, 0, false}},
             Row{"old ones could stop first", {50, 100}, {4, 0, 4, 0, 4}, {0, 0, 2, false}, {0, 0, 0, false}},
             Row{"one new one is healthy", {100, 200}, {4, 4, 4, 1, 4}, {0, 0, 1, false}, {0, 0, 1, false}},
             Row{"fewer are wanted", {100, 200}, {2, 1, 4, 0, 4}, {0, 0, 2, false}, {0, 0, 2, false}},
             Row{"an old one is lost", {100, 200}, {4, 1, 3, 1, 3}, {3, 0, 0, false}, {0, 0, 0, false}},
         }) {
        INFO(row.what);
        CHECK(reconcile(row.tasks, row.deployment) == row.going_on);
        ServiceTasks failed = row.tasks;
        failed.deployment_failed = true;
        CHECK(reconcile(failed, row.deployment) == row.failed);
    }
}

TEST_CASE("a daemon service has one task of the newest deployment on each instance that it wants") {
    struct Row {
        const char* what;
        std::int32_t minimum_healthy_percent;
        Instances instances;
        DaemonReconciliation decision;  // start, stop
    };
    for (const Row& row : {
             Row{"as wanted", 0, {newest, newest}, {{}, {}}},
             Row{"a new instance", 0, {newest, missing}, {{1}, {}}},
             Row{"a new instance in the middle of a deployment", 100, {older, missing}, {{1}, {}}},
             Row{"all are replaced at once", 0, {older, older, older}, {{}, {0, 1, 2}}},
             Row{"they are stopping", 0, {stopping, stopping, stopping}, {{}, {}}},
             Row{"and then all come back", 0, {missing, missing, missing}, {{0, 1, 2}, {}}},
             Row{"half at a time", 50, {older, older, older, older}, {{}, {0, 1}}},
             Row{"the first half comes back", 50, {missing, stopping, older, older}, {{0}, {}}},
             Row{"it is not healthy yet", 50, {starting, starting, older, older}, {{}, {}}},
             Row{"one is healthy", 50, {newest, starting, older, older}, {{}, {2}}},
             Row{"of three one at a time: two are more than half", 50, {older, older, older}, {{}, {0}}},
             Row{"an unhealthy one serves nobody", 100, {older_unhealthy, older}, {{}, {0}}},
             Row{"stuck", 100, {older, older}, {{}, {}}},
             Row{"a draining instance", 100, {newest, {draining, DaemonTask::newest, true}}, {{}, {1}}},
             Row{"it still has other tasks", 0, {newest, {draining, DaemonTask::older, true, true}}, {{}, {}}},
             Row{"it has no task of the service", 0, {{draining, DaemonTask::none}}, {{}, {}}},
             Row{"constraints exclude an instance", 100, {{unsuitable, DaemonTask::older, true, true}}, {{}, {0}}},
             Row{"tasks where none is wanted do not count for the limit",
                 50,
                 {older, older, {draining, DaemonTask::newest, true, true}, {draining, DaemonTask::newest, true, true}},
                 {{}, {0}}},
             Row{"no instances", 50, {}, {{}, {}}},
         }) {
        INFO(row.what);
        const DeploymentConfiguration deployment{row.minimum_healthy_percent, 100};
        CHECK(reconcile_daemon(row.instances, deployment) == row.decision);
    }
    CHECK(reconcile_daemon(Instances{older, older}) == DaemonReconciliation{{}, {0, 1}});
    INFO("a failed deployment starts nothing and replaces nothing, but leaves instances that it must leave");
    const Instances failed{older, missing, older_unhealthy, {draining, DaemonTask::older, true}};
    CHECK(reconcile_daemon(failed, {0, 100}, true) == DaemonReconciliation{{}, {3}});
}

TEST_CASE("of ten daemon tasks five are replaced at once when half must stay healthy") {
    Instances instances(10, older);
    const DaemonReconciliation first = reconcile_daemon(instances, {50, 100});
    CHECK(first.stop == std::vector<std::size_t>{0, 1, 2, 3, 4});
    next_round(instances, first);
    CHECK(reconcile_daemon(instances, {50, 100}) == DaemonReconciliation{});
}

TEST_CASE("a deployment of a daemon service ends and keeps enough tasks healthy on the way") {
    const des::Stream chance{1, 0, "daemon", "test"};
    for (std::uint64_t world = 0; world < 500; ++world) {
        des::Draws draws = chance.draws(world);
        const auto whole = [&draws](int from, int to) {
            return from + static_cast<int>(draws.unit() * (to - from + 1));
        };
        const std::int32_t count = whole(1, 20);
        const DeploymentConfiguration deployment{whole(0, 100), 100};
        Instances instances(static_cast<std::size_t>(count), older);
        for (int round = 0; round < 4 * count; ++round) {
            next_round(instances, reconcile_daemon(instances, deployment));
            REQUIRE(serving(instances) >= lower_limit(deployment, count));
        }
        const bool done = std::all_of(instances.begin(), instances.end(), [](const DaemonInstance& each) {
            return each.task == DaemonTask::newest && each.healthy;
        });
        REQUIRE(done == can_replace(deployment, count));
    }
}

TEST_CASE("a task without any health check counts as healthy after 40 s") { CHECK(healthy_after_running == 40s); }

TEST_CASE("a service that finds no place tries again after 10 s, then twice as long, up to a quarter of an hour") {
    const auto expected = {10s, 20s, 40s, 80s, 160s, 320s, 640s, 900s, 900s};
    std::uint32_t failures = 0;
    for (const auto pause : expected) CHECK(restart_throttle(++failures) == pause);
    CHECK(restart_throttle(1'000'000) == 900s);
}
