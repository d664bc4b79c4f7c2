#include <chrono>
#include <cstddef>
#include <string>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/ecs_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

constexpr sim::ServiceId web = first_service;

/// One task whose container is checked every 10 s and is unhealthy after three failures. At 600 s it is lost, and its
/// successor takes so long to boot.
sim::Scenario checked(des::Duration boot_time, des::Duration start_period = 0s, des::Duration grace_period = 0s) {
    sim::Scenario scenario = ecs_world(2);
    add_worker(scenario, "web", 1);
    sim::Service& service = scenario.services[web];
    service.serving.boot_time = boot_time;
    service.health_check_grace_period = grace_period;
    service.task.health_check = ecs::ContainerHealthCheck{.interval = 10s, .start_period = start_period};
    scenario.faults.push_back({Time{600s}, sim::TerminateTask{web}});
    return scenario;
}

/// Seconds from the successor's RUNNING to its first row of that kind; negative without one.
double after_running(const sim::Result& result, const char* event) {
    const Time running = the_row(result, "task_running", Time{600s}, "web/2").at;
    const sim::EventRow* const row = row_from(result, running, event, "web/2");
    return row == nullptr ? -1 : des::seconds(row->at - running);
}

}  // namespace

TEST_CASE("a container is healthy at its first check that passes and unhealthy at the third that fails in a row") {
    struct Row {
        const char* what;
        des::Duration boot_time;
        des::Duration start_period;
        double healthy;
        double unhealthy;
    };
    for (const Row& row : {Row{"answers at once", 0s, 0s, 10, -1}, Row{"after the second check", 25s, 0s, 30, -1},
                           Row{"not in time", 35s, 0s, -1, 30}, Row{"in its start period", 35s, 60s, 40, -1},
                           Row{"just after it", 70s, 60s, 70, -1}, Row{"long after it", 100s, 60s, -1, 80}}) {
        INFO(row.what);
        const sim::Result result = sim::run(checked(row.boot_time, row.start_period));
        CHECK(after_running(result, "container_healthy") == row.healthy);
        CHECK(after_running(result, "container_unhealthy") == row.unhealthy);
        CHECK(after_running(result, "task_draining") == row.unhealthy);
    }
}

TEST_CASE("a service replaces a task whose container is unhealthy without any throttle") {
    const sim::Result result = sim::run(checked(1h));
    const sim::EventRow& draining = the_row(result, "task_draining", Time{600s});
    CHECK(draining.reason == "failed its container's health checks");
    const sim::EventRow& running = the_row(result, "task_running", draining.at);
    CHECK(running.subject == "web/3");
    CHECK(running.at - draining.at < 30s);
    // It boots for longer than it is given, so this goes on for ever.
    CHECK(count_rows(result, "container_unhealthy") > 40);
}

TEST_CASE("what fails while the grace period lasts does not count until it is over") {
    SECTION("a task that is healthy by then stays") {
        const sim::Result result = sim::run(checked(100s, 0s, 200s));
        CHECK(after_running(result, "container_unhealthy") == 30);
        CHECK(after_running(result, "container_healthy") == 100);
        CHECK(after_running(result, "task_draining") == -1);
        CHECK(count_rows(result, "task_created") == 2);
    }
    SECTION("another one is replaced at its end") {
        const sim::Result result = sim::run(checked(100s, 0s, 60s));
        CHECK(after_running(result, "task_draining") == 60);
    }
}

TEST_CASE("a start period that covers the boot cures a service whose tasks are killed for ever") {
    const sim::Result sick = sim::run(checked(100s));
    CHECK(sick.services[0].tasks.mean < 1);
    CHECK(count_rows(sick, "task_created") > 20);
    const sim::Result cured = sim::run(checked(100s, 90s));
    CHECK(count_rows(cured, "task_created") == 2);
    CHECK(count_rows(cured, "container_unhealthy") == 0);
}

TEST_CASE("a task behind a balancer with a container health check must pass both") {
    sim::Scenario scenario = checked(0s);
    scenario.services[web].task.health_check->interval = 120s;
    scenario.services[web].desired_count = 2;
    add_route(scenario, web, add_balancer(scenario, "lb"));
    scenario.target_groups[sim::TargetGroupId{0}].deregistration_delay = 0s;
    scenario.faults.clear();
    scenario.deployments = {{Time{600s}, web}};
    const sim::Result result = sim::run(scenario);
    const Time running = the_row(result, "task_running", Time{600s}).at;
    CHECK(the_row(result, "target_healthy", running).at - running < 60s);
    CHECK(the_row(result, "container_healthy", running).at - running == 120s);
    CHECK(the_row(result, "task_draining").at - running >= 120s);
}

TEST_CASE("tasks of a new deployment that never get healthy trip its circuit breaker") {
    sim::Scenario scenario = checked(0s);
    scenario.faults.clear();
    scenario.services[web].circuit_breaker = {.enable = true, .rollback = true};
    scenario.deployments = {{Time{600s}, web, {}, {.probability = 1, .how = sim::TaskFailure::never_healthy}}};
    const sim::Result result = sim::run(scenario);
    CHECK(count_rows(result, "container_unhealthy") == 3);
    CHECK(reasons_of(result, "deployment").back() == "1 completed");
    CHECK(result.services[0].tasks.min == 1);
    CHECK(tasks_at(result, Time{1h}).at("web/1").state == "RUNNING");
}
