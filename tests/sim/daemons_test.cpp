#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/ecs_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

/// The daemon service of these worlds; services with tasks of their own come after it.
constexpr sim::ServiceId agent = first_service;

sim::ServiceId add_daemon(sim::Scenario& scenario, std::int32_t cpu_units = 128, std::int32_t memory_mib = 256) {
    const sim::ServiceId id = add_worker(scenario, "agent", 0);
    sim::Service& service = scenario.services[id];
    service.daemon = true;
    service.deployment = ecs::default_daemon_deployment;
    service.task.shape.task = need(cpu_units, memory_mib);
    return id;
}

sim::Scenario with_daemon(std::int32_t instances) {
    sim::Scenario scenario = ecs_world(instances);
    add_daemon(scenario);
    return scenario;
}

/// RUNNING daemon tasks by instance.
std::map<std::string, std::int32_t> by_instance(const sim::Result& result, Time at) {
    std::map<std::string, std::int32_t> found;
    for (const auto& [name, task] : tasks_at(result, at)) {
        if (task.state == "RUNNING" && task.resource == "service/agent") ++found[task.instance];
    }
    return found;
}

/// On so many instances, one each.
bool one_on_each(const sim::Result& result, Time at, std::size_t instances) {
    const auto found = by_instance(result, at);
    for (const auto& [instance, count] : found) {
        if (count != 1) return false;
    }
    return found.size() == instances;
}

}  // namespace

TEST_CASE("a daemon service has one task on every instance") {
    sim::Scenario scenario = with_daemon(5);
    scenario.groups[first_group].scheduled_actions = {desired_at(scenario, 600s, 9), desired_at(scenario, 1800s, 3)};
    const sim::Result result = sim::run(scenario);
    CHECK(one_on_each(result, Time{1min}, 5));
    CHECK(one_on_each(result, Time{25min}, 9));
    CHECK(one_on_each(result, Time{50min}, 3));
    CHECK(in_minute(result, 25, "services.agent.tasks.desired") == 9);
    CHECK(in_minute(result, 50, "services.agent.tasks.desired") == 3);
}

TEST_CASE("a daemon that dies is started again on its instance") {
    sim::Scenario scenario = with_daemon(3);
    scenario.faults.push_back({Time{600s}, sim::TerminateTask{agent}});
    const sim::Result result = sim::run(scenario);
    const sim::EventRow& stopped = the_row(result, "task_stopped");
    const sim::EventRow& created = the_row(result, "task_created", Time{600s});
    CHECK(created.at - stopped.at < 30s);
    CHECK(the_row(result, "task_placed", Time{600s}).instance == stopped.instance);
    CHECK(one_on_each(result, Time{15min}, 3));
}

TEST_CASE("only instances that satisfy its constraints get a daemon") {
    sim::Scenario scenario = with_daemon(4);
    scenario.services[agent].task.shape.member_of = {
        *placement::parse_query("attribute:ecs.availability-zone == us-east-1a").query};
    const sim::Result result = sim::run(scenario);
    CHECK(one_on_each(result, Time{1min}, 2));
    CHECK(by_zone(result, Time{1min}, "agent") == std::map<std::string, std::int32_t>{{"us-east-1a", 2}});
}

TEST_CASE("the daemon is the first task on a new instance even if others wait for it") {
    // The service wants what a whole instance has; next to the daemon there is room for three of its tasks.
    sim::Scenario scenario = ecs_world(0);
    scenario.clusters[main_cluster].capacity_providers[0].managed_scaling = scaling::ManagedScaling{};
    add_worker(scenario, "web", 8);
    add_daemon(scenario, 512, 512);
    const sim::Result result = sim::run(scenario);
    REQUIRE(count_rows(result, "instance_registered") >= 2);
    for (const auto& row : result.events) {
        if (row.event != "instance_registered") continue;
        const auto first = std::find_if(result.events.begin(), result.events.end(), [&](const sim::EventRow& placed) {
            return placed.event == "task_placed" && placed.instance == row.instance;
        });
        REQUIRE(first != result.events.end());
        CHECK(first->resource == "service/agent");
        CHECK(first->at == row.at);
    }
    CHECK(running_of(result, Time{50min}, "web") == 8);
}

TEST_CASE("the daemon is the last task on a draining instance") {
    sim::Scenario scenario = with_daemon(3);
    scenario.groups[first_group].scheduled_actions = {desired_at(scenario, 600s, 2)};
    const sim::ServiceId web = add_worker(scenario, "web", 6);
    scenario.services[web].task.shape.strategies = {placement::SpreadInstance{}};
    const sim::Result result = sim::run(scenario);
    REQUIRE(count_rows(result, "instance_draining") == 1);
    const std::string draining = the_row(result, "instance_draining").instance;
    std::string last;
    std::size_t stopped = 0;
    for (const auto& row : result.events) {
        if (row.event != "task_stopped" || row.instance != draining) continue;
        last = row.resource;
        ++stopped;
    }
    CHECK(stopped == 3);
    CHECK(last == "service/agent");
    CHECK(the_row(result, "instance_shutting_down").reason == "drained");
    CHECK(one_on_each(result, Time{50min}, 2));
    // Nobody starts another one there meanwhile.
    CHECK(count_rows(result, "task_created") == 3 + 6 + 2);
}

TEST_CASE("an instance with nothing but daemons counts as empty for managed scaling") {
    const auto instances_left = [](bool daemon) {
        sim::Scenario scenario = ecs_world(6);
        auto& provider = scenario.clusters[main_cluster].capacity_providers[0];
        provider.managed_scaling = scaling::ManagedScaling{};
        provider.managed_termination_protection = true;
        scenario.duration = 2h;
        if (daemon) add_daemon(scenario);
        const sim::ServiceId web = add_worker(scenario, "web", 2);
        scenario.services[web].task.shape.strategies = {placement::BinpackMemory{}};
        return sim::run(scenario).groups[0].instances.min;
    };
    CHECK(instances_left(false) == 1);
    CHECK(instances_left(true) == 1);
}

TEST_CASE("a daemon alone keeps no managed group from going to zero") {
    sim::Scenario scenario = with_daemon(4);
    auto& provider = scenario.clusters[main_cluster].capacity_providers[0];
    provider.managed_scaling = scaling::ManagedScaling{};
    provider.managed_termination_protection = true;
    scenario.duration = 2h;
    const sim::Result result = sim::run(scenario);
    CHECK(result.groups[0].instances.min == 0);
    CHECK(running_at(result, Time{2h}) == 0);
    CHECK(result.groups[0].launches == 0);
}

TEST_CASE("a daemon's deployment stops the old task on an instance before it starts the new one") {
    struct Row {
        std::int32_t minimum_healthy_percent;
        double least;
    };
    for (const Row& row : {Row{0, 0}, Row{50, 2}, Row{75, 3}}) {
        CAPTURE(row.minimum_healthy_percent);
        sim::Scenario scenario = with_daemon(4);
        scenario.services[agent].deployment = {row.minimum_healthy_percent, 100};
        scenario.deployments = {{Time{600s}, agent, revision(scenario, agent, 128, 384)}};
        const sim::Result result = sim::run(scenario);
        CHECK(result.services[0].tasks.min == row.least);
        CHECK(result.services[0].tasks.max == 4);
        CHECK(running_with(result, Time{30min}, 384) == 4);
        CHECK(one_on_each(result, Time{30min}, 4));
        CHECK(reasons_of(result, "deployment") == Lines{"2 starts", "2 completed"});
        for (const auto& created : result.events) {
            if (created.event == "task_created" && created.memory_mib == 384) CHECK(created.at > Time{600s});
        }
    }
}

TEST_CASE("with a hundred percent healthy no daemon can be replaced") {
    sim::Scenario scenario = with_daemon(3);
    scenario.services[agent].deployment = {100, 100};
    scenario.deployments = {{Time{600s}, agent, revision(scenario, agent, 128, 384)}};
    const sim::Result result = sim::run(scenario);
    CHECK(running_with(result, Time{1h}, 256) == 3);
    REQUIRE(reasons_of(result, "deployment").size() == 1);
    CHECK(reasons_of(result, "deployment")[0] == "2 cannot go on: of 3 no fewer than 3 and no more than 3 may run");
}

TEST_CASE("a daemon deployment that fails replaces no more with its circuit breaker") {
    sim::Scenario scenario = with_daemon(4);
    scenario.services[agent].deployment = {75, 100};
    scenario.services[agent].circuit_breaker = {.enable = true, .rollback = true};
    scenario.deployments = {{Time{600s}, agent, revision(scenario, agent, 128, 384), {.probability = 1}}};
    const sim::Result result = sim::run(scenario);
    CHECK(result.services[0].tasks.min == 3);
    CHECK(running_with(result, Time{50min}, 256) == 4);
    CHECK(reasons_of(result, "deployment").back() == "1 completed");
}

TEST_CASE("a daemon that is too big for an instance runs where there is room and keeps nothing else out") {
    sim::Scenario scenario = ecs_world(2);
    SECTION("too big for all") {
        add_daemon(scenario, 4096, 256);
        add_worker(scenario, "web", 4);
        const sim::Result result = sim::run(scenario);
        CHECK(running_of(result, Time{30min}, "agent") == 0);
        CHECK(running_of(result, Time{30min}, "web") == 4);
    }
    SECTION("too big for some") {
        add_provider(scenario, "large", 3);
        scenario.groups[sim::GroupId{1}].options[0].registered = need(4096, 16000);
        add_daemon(scenario, 3000, 256);
        const sim::Result result = sim::run(scenario);
        CHECK(one_on_each(result, Time{30min}, 3));
        CHECK(by_group(result, Time{30min}, "agent") == std::map<std::string, std::int32_t>{{"large", 3}});
    }
}

TEST_CASE("when the scenario starts daemons find their places before all others") {
    sim::Scenario scenario = ecs_world(2);
    add_worker(scenario, "web", 8);
    add_daemon(scenario, 128, 256);
    const sim::Result result = sim::run(scenario);
    CHECK(one_on_each(result, Time{1min}, 2));
    CHECK(running_of(result, Time{10min}, "web") == 6);
}
