#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/ecs_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

/// So many tasks of 256 CPU units and 256 MiB, started at 600 s, that run for five minutes.
sim::TaskRun job(const sim::Scenario& scenario, std::int32_t count) {
    sim::TaskRun run;
    run.name = "job";
    run.cluster = main_cluster;
    run.task.shape.task = need(256, 256);
    run.task.on_instance.starting = des::constant(2);
    run.count = count;
    run.schedule = scaling::Schedule::once(scenario.start + 600s);
    run.runs_for = des::constant(300);
    return run;
}

sim::Scenario running_jobs(std::int32_t instances, std::int32_t count) {
    sim::Scenario scenario = ecs_world(instances);
    scenario.task_runs.push_back(job(scenario, count));
    return scenario;
}

std::string first_failure(const sim::Scenario& scenario) {
    const sim::Result result = sim::run(scenario);
    const std::string reason = the_row(result, "run_task_failed").reason;
    return reason.substr(0, reason.find(": "));
}

}  // namespace

TEST_CASE("a task that is run once ends by itself and nobody starts another one") {
    const sim::Result result = sim::run(running_jobs(2, 1));
    CHECK(life_of(result, "job/1", Time{600s}) ==
          Lines{"0.0 PROVISIONING", "0.0 PENDING", "2.0 RUNNING", "302.0 STOPPING", "302.0 STOPPED"});
    CHECK(the_row(result, "task_stopped").reason == "its essential container exited");
    CHECK(count_rows(result, "task_created") == 1);
}

TEST_CASE("a schedule runs its tasks each time and never more of them") {
    sim::Scenario scenario = running_jobs(2, 3);
    scenario.task_runs[0].schedule = *scaling::parse_cron("*/20 * * * *").schedule;
    const sim::Result result = sim::run(scenario);
    std::map<double, int> started;
    for (const Time at : times_of(result, "task_created")) ++started[des::seconds(at.time_since_epoch())];
    started.erase(3600);
    CHECK(started == std::map<double, int>{{0, 3}, {1200, 3}, {2400, 3}});
}

TEST_CASE("the strategy random places the tasks of RunTask unevenly") {
    sim::Scenario scenario = running_jobs(4, 100);
    scenario.task_runs[0].task.shape.task = need(16, 16);
    scenario.task_runs[0].task.shape.strategies = {placement::Random{}};
    const sim::Result result = sim::run(scenario);
    std::map<std::string, double> on;
    for (const auto& row : result.events) {
        if (row.event == "task_placed") ++on[row.instance];
    }
    // A chi-square of three degrees of freedom: 16.3 is passed by one of a thousand, and an even spread has none.
    double chi_square = 0;
    for (const auto& [instance, count] : on) chi_square += (count - 25) * (count - 25) / 25;
    CHECK(on.size() == 4);
    CHECK(chi_square < 16.3);
    CHECK(chi_square > 0);
}

TEST_CASE("a task that finds no place is refused in RunTask's words and not tried again") {
    sim::Scenario scenario = running_jobs(1, 1);
    placement::Shape& shape = scenario.task_runs[0].task.shape;
    SECTION("for its CPU") {
        shape.task = need(4096, 256);
        CHECK(first_failure(scenario) == "RESOURCE:CPU");
    }
    SECTION("for its memory") {
        shape.task = need(256, 8001);
        CHECK(first_failure(scenario) == "RESOURCE:MEMORY");
    }
    SECTION("for a GPU") {
        shape.task = placement::resources({.cpu_units = 256, .memory_mib = 256, .gpus = 1, .eni_slots = 0});
        CHECK(first_failure(scenario) == "RESOURCE:GPU");
    }
    SECTION("for a network interface") {
        shape.task = placement::resources({.cpu_units = 256, .memory_mib = 256, .gpus = 0, .eni_slots = 3});
        CHECK(first_failure(scenario) == "RESOURCE:ENI");
    }
    SECTION("for a port that another one has") {
        shape.host_ports = {placement::HostPort{8080}};
        scenario.task_runs[0].count = 2;
        CHECK(first_failure(scenario) == "RESOURCE:PORTS");
    }
    SECTION("for a constraint") {
        shape.member_of = {*placement::parse_query("attribute:stack == green").query};
        CHECK(first_failure(scenario) == "ATTRIBUTE");
    }
    SECTION("for an agent that is not connected") {
        for (const auto zone : {sim::ZoneId{0}, sim::ZoneId{1}}) {
            scenario.faults.push_back({Time{590s}, sim::ZoneOutage{zone, 60s}});
        }
        CHECK(first_failure(scenario) == "AGENT");
    }
    const sim::Result result = sim::run(scenario);
    const auto refused = count_rows(result, "run_task_failed");
    CHECK(refused == 1);
    CHECK(count_rows(result, "task_created") + refused == static_cast<std::size_t>(scenario.task_runs[0].count));
}

TEST_CASE("of a call some tasks may run and others fail") {
    const sim::Result result = sim::run(running_jobs(1, 10));
    CHECK(count_rows(result, "task_running") == 8);
    CHECK(count_rows(result, "run_task_failed") == 2);
}

TEST_CASE("with managed scaling a task waits for an instance instead") {
    sim::Scenario scenario = running_jobs(0, 3);
    scenario.clusters[main_cluster].capacity_providers[0].managed_scaling = scaling::ManagedScaling{};
    const sim::Result result = sim::run(scenario);
    CHECK(count_rows(result, "run_task_failed") == 0);
    CHECK(count_rows(result, "task_running") == 3);
    CHECK(the_row(result, "task_running").at > Time{600s});
    CHECK(running_at(result, Time{1h}) == 0);
}

TEST_CASE("a task that exits before it runs is not started again") {
    sim::Scenario scenario = running_jobs(1, 2);
    scenario.task_runs[0].fails = {.probability = 1};
    const sim::Result result = sim::run(scenario);
    CHECK(count_rows(result, "task_created") == 2);
    CHECK(count_rows(result, "task_running") == 0);
    CHECK(count_rows(result, "task_stopped") == 2);
}

TEST_CASE("a task that runs once keeps a draining instance until it ends and is not stopped") {
    sim::Scenario scenario = running_jobs(1, 1);
    scenario.groups[first_group].scheduled_actions = {desired_at(scenario, 630s, 0)};
    SECTION("if it runs") {
        const sim::Result result = sim::run(scenario);
        CHECK(the_row(result, "instance_draining").at == Time{630s});
        CHECK(the_row(result, "task_stopped").at == Time{902s});
        CHECK(the_row(result, "task_stopped").reason == "its essential container exited");
        CHECK(the_row(result, "instance_shutting_down").at == Time{902s});
    }
    SECTION("if it does not run yet") {
        scenario.task_runs[0].task.on_instance.starting = des::constant(120);
        const sim::Result result = sim::run(scenario);
        CHECK(the_row(result, "task_stopped").at == Time{1020s});
        CHECK(the_row(result, "task_stopped").reason == "its essential container exited");
    }
}

TEST_CASE("a call's tasks are divided among the providers of its strategy") {
    sim::Scenario scenario = running_jobs(2, 5);
    scenario.clusters[main_cluster].capacity_providers[0].name = "web";
    const std::uint32_t other = add_provider(scenario, "other", 2);
    scenario.task_runs[0].capacity_provider_strategy = {{0, {.base = 1, .weight = 0}}, {other, {.weight = 1}}};
    const sim::Result result = sim::run(scenario);
    std::map<std::string, int> on;
    for (const auto& row : result.events) {
        if (row.event == "task_placed") ++on[group_of_instance(result, row.instance)];
    }
    CHECK(on == std::map<std::string, int>{{"web", 1}, {"other", 4}});
}
