#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/ecs_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

constexpr sim::ServiceId web = first_service;

/// One instance and a service that has its first task from 600 s on, and none from 1800 s on.
sim::Scenario one_task() {
    sim::Scenario scenario = ecs_world(1);
    add_worker(scenario, "web", 0);
    desire_at(scenario, web, 600s, 1);
    desire_at(scenario, web, 1800s, 0);
    return scenario;
}

/// Its task waits for a network interface.
void use_awsvpc(sim::TaskDefinition& task) {
    task.awsvpc = true;
    task.on_instance = {.provisioning = des::constant(5), .starting = des::constant(6)};
    task.on_fargate = {.provisioning = des::constant(14), .starting = des::constant(3)};
    task.shape.task = placement::resources({.cpu_units = 512, .memory_mib = 1024, .gpus = 0, .eni_slots = 1});
}

void put_behind_balancer(sim::Scenario& scenario, des::Duration deregistration_delay) {
    add_route(scenario, web, add_balancer(scenario, "lb" + std::to_string(scenario.balancers.size())));
    for (auto& group : scenario.target_groups) group.deregistration_delay = deregistration_delay;
}

void move_to_fargate(sim::Scenario& scenario) {
    sim::CapacityProvider provider;
    provider.kind = sim::ProviderKind::fargate;
    provider.name = "FARGATE";
    scenario.clusters[main_cluster].capacity_providers = {provider};
    scenario.services[web].capacity_provider_strategy = {{0, {.weight = 1}}};
    scenario.services[web].fargate_zones = {sim::ZoneId{0}, sim::ZoneId{1}};
}

/// From its creation to RUNNING.
Lines start_of(const sim::Scenario& scenario) {
    const sim::Result result = sim::run(scenario);
    Lines lines;
    for (const std::string& line : life_of(result, "web/1", the_row(result, "task_created").at)) {
        lines.push_back(line);
        if (line.find("RUNNING") != std::string::npos) break;
    }
    return lines;
}

/// From the moment at which it is told to stop.
Lines end_of(const sim::Scenario& scenario) {
    const sim::Result result = sim::run(scenario);
    const Lines all = life_of(result, "web/1", the_row(result, "task_draining").at);
    Lines lines;
    for (const std::string& line : all) {
        if (!lines.empty() || line.find("DEACTIVATING") != std::string::npos) lines.push_back(line);
    }
    return lines;
}

Lines states_only(const Lines& lines) {
    Lines states;
    for (const std::string& line : lines) states.push_back(line.substr(line.find(' ') + 1));
    return states;
}

}  // namespace

TEST_CASE("a task comes up through the states of its life as long as each takes it") {
    sim::Scenario scenario = one_task();
    SECTION("bridge: it is placed and its containers start") {
        CHECK(start_of(scenario) == Lines{"0.0 PROVISIONING", "0.0 PENDING", "2.0 RUNNING"});
    }
    SECTION("awsvpc: a network interface is attached first") {
        use_awsvpc(scenario.services[web].task);
        CHECK(start_of(scenario) == Lines{"0.0 PROVISIONING", "0.0 PROVISIONING", "5.0 PENDING", "11.0 RUNNING"});
    }
    SECTION("Fargate: its virtual machine too") {
        use_awsvpc(scenario.services[web].task);
        move_to_fargate(scenario);
        CHECK(start_of(scenario) == Lines{"0.0 PROVISIONING", "0.0 PROVISIONING", "14.0 PENDING", "17.0 RUNNING"});
    }
    SECTION("containers that wait for one another") {
        scenario.services[web].task.container_order = 7s;
        CHECK(start_of(scenario) == Lines{"0.0 PROVISIONING", "0.0 PENDING", "9.0 RUNNING"});
    }
    SECTION("several target groups take a while to register with") {
        put_behind_balancer(scenario, 0s);
        put_behind_balancer(scenario, 0s);
        const Lines states = states_only(start_of(scenario));
        CHECK(states == Lines{"PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"});
    }
}

TEST_CASE("a task goes through the states of its end as long as each takes it") {
    sim::Scenario scenario = one_task();
    sim::TaskDefinition& task = scenario.services[web].task;
    SECTION("bridge: it exits at once") { CHECK(end_of(scenario) == Lines{"0.0 DEACTIVATING", "0.0 STOPPED"}); }
    SECTION("it exits by itself before the stop timeout") {
        task.exit_time = des::constant(5);
        CHECK(end_of(scenario) == Lines{"0.0 DEACTIVATING", "0.0 STOPPING", "5.0 STOPPED"});
    }
    SECTION("it is killed at the stop timeout") {
        task.exit_time = des::constant(100);
        CHECK(end_of(scenario) == Lines{"0.0 DEACTIVATING", "0.0 STOPPING", "30.0 STOPPED"});
        scenario.services[web].task.stop_timeout = 120s;
        CHECK(end_of(scenario) == Lines{"0.0 DEACTIVATING", "0.0 STOPPING", "100.0 STOPPED"});
    }
    SECTION("behind a balancer it is deregistered first and then gets SIGTERM") {
        put_behind_balancer(scenario, 45s);
        task.exit_time = des::constant(5);
        CHECK(end_of(scenario) == Lines{"0.0 DEACTIVATING", "45.0 STOPPING", "50.0 STOPPED"});
    }
    SECTION("the longest of its target groups' delays counts") {
        put_behind_balancer(scenario, 45s);
        put_behind_balancer(scenario, 45s);
        scenario.target_groups[sim::TargetGroupId{1}].deregistration_delay = 60s;
        CHECK(end_of(scenario) == Lines{"0.0 DEACTIVATING", "60.0 STOPPED"});
    }
    SECTION("a network interface is detached last, on an instance and on Fargate") {
        use_awsvpc(task);
        task.exit_time = des::constant(5);
        const Lines states{"DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"};
        CHECK(states_only(end_of(scenario)) == states);
        move_to_fargate(scenario);
        CHECK(states_only(end_of(scenario)) == states);
        CHECK(end_of(scenario)[2] == "5.0 DEPROVISIONING");
    }
}

TEST_CASE("a task that exits by itself is replaced at once without any throttle") {
    sim::Scenario scenario = ecs_world(1);
    add_worker(scenario, "web", 1);
    for (int i = 0; i < 10; ++i) scenario.faults.push_back({Time{600s + i * 60s}, sim::TerminateTask{web}});
    const sim::Result result = sim::run(scenario);
    const auto stopped = times_of(result, "task_stopped");
    REQUIRE(stopped.size() == 10);
    for (const Time at : stopped) CHECK(the_row(result, "task_running", at).at - at < 30s);
}

TEST_CASE("a task holds its room until it is stopped") {
    // The instance has room for one. The old task makes way, deregisters for 60 s and exits 20 s later.
    sim::Scenario scenario = ecs_world(1);
    add_worker(scenario, "web", 1);
    scenario.services[web].task.shape.task = need(2048, 512);
    scenario.services[web].task.exit_time = des::constant(20);
    scenario.services[web].deployment = {0, 200};
    put_behind_balancer(scenario, 60s);
    scenario.deployments = {{Time{600s}, web}};
    const sim::Result result = sim::run(scenario);
    const Time stopped = the_row(result, "task_stopped").at;
    CHECK(stopped - the_row(result, "task_draining").at == 80s);
    CHECK(the_row(result, "task_placed", Time{600s}).at >= stopped);
    CHECK(running_at(result, Time{1h}) == 1);
}

TEST_CASE("a task whose interface is being detached still holds its slot") {
    sim::Scenario scenario = ecs_world(1);
    add_worker(scenario, "web", 2);
    use_awsvpc(scenario.services[web].task);
    scenario.services[web].deployment = {50, 100};
    scenario.deployments = {{Time{600s}, web}};
    const sim::Result result = sim::run(scenario);
    std::int32_t slots = 2;
    for (const auto& row : result.events) {
        if (row.event == "task_placed") --slots;
        if (row.event == "task_stopped") ++slots;
        REQUIRE(slots >= 0);
    }
    CHECK(reasons_of(result, "deployment").back() == "2 completed");
}
