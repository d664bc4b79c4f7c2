#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/ecs_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

using Split = std::map<std::string, std::int32_t>;

constexpr sim::ServiceId web = first_service;

/// Groups `web` and `spot` with room for 40 tasks each, and a service with a strategy over their providers.
sim::Scenario two_providers(std::int32_t tasks, ecs::StrategyItem of_web, ecs::StrategyItem of_spot) {
    sim::Scenario scenario = ecs_world(10);
    scenario.clusters[main_cluster].capacity_providers[0].name = "web";
    const std::uint32_t spot = add_provider(scenario, "spot", 10);
    add_worker(scenario, "web", tasks);
    scenario.services[web].capacity_provider_strategy = {{0, of_web}, {spot, of_spot}};
    return scenario;
}

/// Both groups empty and managed.
sim::Scenario two_managed(std::int32_t tasks, ecs::StrategyItem of_web, ecs::StrategyItem of_spot) {
    sim::Scenario scenario = two_providers(tasks, of_web, of_spot);
    for (sim::AutoScalingGroup& group : scenario.groups) group.desired_capacity = 0;
    for (auto& provider : scenario.clusters[main_cluster].capacity_providers) {
        provider.managed_scaling = scaling::ManagedScaling{};
        provider.managed_termination_protection = true;
    }
    return scenario;
}

/// One group without instances, with managed scaling.
sim::Scenario managed_from_zero(std::int32_t tasks) {
    sim::Scenario scenario = ecs_world(0);
    scenario.clusters[main_cluster].capacity_providers[0].managed_scaling = scaling::ManagedScaling{};
    add_worker(scenario, "web", tasks);
    return scenario;
}

/// Tasks that wait in PROVISIONING after that instant.
std::int32_t waiting_at(const sim::Result& result, Time at) {
    std::int32_t count = 0;
    for (const auto& [name, task] : tasks_at(result, at)) count += task.state == "PROVISIONING" ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("a strategy divides tasks among capacity providers by base and weight") {
    struct Row {
        std::int32_t tasks;
        ecs::StrategyItem of_web;
        ecs::StrategyItem of_spot;
        Split split;
    };
    for (const Row& row : {Row{10, {.weight = 1}, {.weight = 1}, {{"web", 5}, {"spot", 5}}},
                           Row{10, {.weight = 1}, {.weight = 4}, {{"web", 2}, {"spot", 8}}},
                           Row{10, {.base = 2, .weight = 1}, {.weight = 3}, {{"web", 4}, {"spot", 6}}},
                           Row{5, {.base = 1, .weight = 0}, {.weight = 1}, {{"web", 1}, {"spot", 4}}},
                           Row{2, {.base = 3, .weight = 0}, {.weight = 1}, {{"web", 2}}}}) {
        CAPTURE(row.tasks, row.of_web.base, row.of_web.weight, row.of_spot.weight);
        sim::Scenario scenario = two_providers(row.tasks, row.of_web, row.of_spot);
        CHECK(by_group(sim::run(scenario), Time{1min}, "web") == row.split);

        // The same when they come later, all at once or one after the other.
        sim::Scenario later = two_providers(0, row.of_web, row.of_spot);
        desire_at(later, web, 600s, row.tasks);
        CHECK(by_group(sim::run(later), Time{20min}, "web") == row.split);
        sim::Scenario growing = two_providers(0, row.of_web, row.of_spot);
        for (std::int32_t i = 1; i <= row.tasks; ++i) desire_at(growing, web, std::chrono::minutes{i}, i);
        CHECK(by_group(sim::run(growing), Time{20min}, "web") == row.split);
    }
}

TEST_CASE("scaling in takes tasks from the provider that has more than its part") {
    struct Row {
        ecs::StrategyItem of_web;
        ecs::StrategyItem of_spot;
        std::int32_t left;
        Split split;
    };
    for (const Row& row : {Row{{.weight = 1}, {.weight = 1}, 4, {{"web", 2}, {"spot", 2}}},
                           Row{{.weight = 1}, {.weight = 4}, 5, {{"web", 1}, {"spot", 4}}},
                           Row{{.base = 2, .weight = 1}, {.weight = 3}, 6, {{"web", 3}, {"spot", 3}}},
                           Row{{.base = 2, .weight = 1}, {.weight = 3}, 2, {{"web", 2}}},
                           Row{{.base = 1, .weight = 0}, {.weight = 1}, 1, {{"web", 1}}}}) {
        CAPTURE(row.of_web.base, row.of_web.weight, row.of_spot.weight, row.left);
        sim::Scenario scenario = two_providers(10, row.of_web, row.of_spot);
        desire_at(scenario, web, 600s, row.left);
        CHECK(by_group(sim::run(scenario), Time{20min}, "web") == row.split);
    }
}

TEST_CASE("what a provider loses it gets again") {
    sim::Scenario scenario = two_providers(10, {.weight = 1}, {.weight = 4});
    for (int i = 0; i < 6; ++i) scenario.faults.push_back({Time{600s + i * 1s}, sim::TerminateTask{web}});
    CHECK(by_group(sim::run(scenario), Time{20min}, "web") == Split{{"web", 2}, {"spot", 8}});
}

TEST_CASE("tasks wait for the capacity of their own provider and no other group grows for them") {
    SECTION("all of one") {
        const sim::Result result = sim::run(two_managed(4, {.base = 0, .weight = 0}, {.weight = 1}));
        CHECK(result.groups[0].launches == 0);
        CHECK(result.groups[1].launches == 2);
        CHECK(by_group(result, Time{30min}, "web") == Split{{"spot", 4}});
    }
    SECTION("of both by their shares") {
        // 24 tasks are 6 and 18: from nothing each group gets two instances, four tasks each, and then what it lacks.
        const sim::Result result = sim::run(two_managed(24, {.weight = 1}, {.weight = 3}));
        CHECK(by_group(result, Time{40min}, "web") == Split{{"web", 6}, {"spot", 18}});
        CHECK(result.groups[0].instances.max == 2);
        CHECK(result.groups[1].instances.max == 5);
    }
    SECTION("even if the other one's instances are empty") {
        sim::Scenario scenario = two_managed(4, {.base = 0, .weight = 0}, {.weight = 1});
        scenario.groups[first_group].desired_capacity = 3;
        scenario.groups[first_group].min_size = 3;
        const sim::Result result = sim::run(scenario);
        CHECK(by_group(result, Time{30min}, "web") == Split{{"spot", 4}});
        CHECK(waiting_at(result, Time{60s}) == 4);
    }
}

TEST_CASE("a provider without room holds up its own tasks and not those of the other") {
    // Group web has room for four tasks and stays as it is; spot is managed.
    sim::Scenario scenario = two_managed(16, {.weight = 1}, {.weight = 1});
    scenario.groups[first_group].desired_capacity = 1;
    scenario.groups[first_group].max_size = 1;
    const sim::Result result = sim::run(scenario);
    CHECK(by_group(result, Time{25min}, "web") == Split{{"web", 4}, {"spot", 8}});
    CHECK(waiting_at(result, Time{25min}) == 4);
}

TEST_CASE("at most five hundred tasks of a cluster wait in PROVISIONING") {
    sim::Scenario scenario = managed_from_zero(700);
    scenario.groups[first_group].max_size = 0;
    const sim::Result result = sim::run(scenario);
    // The fleet of the start is there at once, wherever it finds no place: the quota is for what comes later.
    sim::Scenario later = managed_from_zero(0);
    later.groups[first_group].max_size = 0;
    desire_at(later, web, 600s, 700);
    const sim::Result waits = sim::run(later);
    CHECK(waiting_at(waits, Time{20min}) == 500);
    CHECK(waiting_at(waits, Time{35min}) == 500);
    CHECK(waiting_at(result, Time{20min}) >= 500);
}

TEST_CASE("as the first find their places others follow up to the quota until all of them run") {
    sim::Scenario scenario = managed_from_zero(0);
    scenario.duration = 90min;
    desire_at(scenario, web, 600s, 700);
    const sim::Result result = sim::run(scenario);
    for (int minute = 10; minute < 90; ++minute) {
        CAPTURE(minute);
        CHECK(waiting_at(result, Time{std::chrono::minutes{minute}}) <= 500);
    }
    CHECK(running_at(result, Time{90min}) == 700);
}

TEST_CASE("a task is given up after half an hour of waiting and another one takes its place in the line") {
    sim::Scenario scenario = managed_from_zero(0);
    scenario.groups[first_group].max_size = 0;
    scenario.duration = 2h;
    desire_at(scenario, web, 600s, 3);
    const sim::Result result = sim::run(scenario);
    const Time created = the_row(result, "task_created").at;
    CHECK(waiting_at(result, created + 1799s) == 3);
    CHECK(count_rows(result, "task_created") > 3);
    std::size_t given_up = 0;
    for (const auto& row : result.events) {
        if (row.event != "task_stopped" || row.at > created + 31min) continue;
        CHECK(row.reason == "timed out waiting for capacity");
        CHECK(row.at - created == 30min);
        ++given_up;
    }
    CHECK(given_up == 3);
    CHECK(waiting_at(result, created + 31min) == 3);
}

TEST_CASE("with one task an instance and no more instances the others wait in PROVISIONING") {
    sim::Scenario scenario = managed_from_zero(5);
    scenario.groups[first_group].max_size = 3;
    scenario.services[web].task.shape.distinct_instance = true;
    const sim::Result result = sim::run(scenario);
    CHECK(running_at(result, Time{20min}) == 3);
    CHECK(waiting_at(result, Time{20min}) == 2);
}

TEST_CASE("no capacity provider adds instances for tasks of launch type EC2") {
    for (const bool launch_type_ec2 : {false, true}) {
        CAPTURE(launch_type_ec2);
        sim::Scenario scenario = managed_from_zero(4);
        scenario.services[web].launch_type_ec2 = launch_type_ec2;
        const sim::Result result = sim::run(scenario);
        CHECK(running_at(result, Time{30min}) == (launch_type_ec2 ? 0 : 4));
        CHECK((result.groups[0].launches > 0) == !launch_type_ec2);
    }
}

TEST_CASE("instances are drained before they are ended unless managed draining is off") {
    for (const bool drains : {true, false}) {
        CAPTURE(drains);
        sim::Scenario scenario = ecs_world(4);
        sim::AutoScalingGroup& group = scenario.groups[first_group];
        group.scheduled_actions = {desired_at(scenario, 600s, 2)};
        scenario.clusters[main_cluster].capacity_providers[0].managed_draining = drains;
        add_worker(scenario, "web", 8);
        const sim::Result result = sim::run(scenario);
        CHECK(count_rows(result, "instance_draining") == (drains ? 2 : 0));
        CHECK(count_rows(result, "instance_shutting_down") == 2);
        CHECK(result.services[0].tasks.min == (drains ? 8 : 4));
        CHECK(running_at(result, Time{50min}) == 8);
        for (const auto& row : result.events) {
            if (row.event != "task_stopped") continue;
            CHECK(row.reason == (drains ? "its instance is draining" : "its instance was terminated"));
        }
    }
}

TEST_CASE("a provider that is full does not keep the tasks of another from their places") {
    // Room for four tasks on each; the second group grows later.
    sim::Scenario scenario = two_providers(10, {.weight = 1}, {.weight = 1});
    for (sim::AutoScalingGroup& group : scenario.groups) group.desired_capacity = 1;
    scenario.groups[sim::GroupId{1}].scheduled_actions = {desired_at(scenario, 600s, 4)};
    scenario.duration = 3h;
    const sim::Result result = sim::run(scenario);
    CHECK(by_group(result, Time{500s}, "web") == Split{{"web", 4}, {"spot", 4}});
    CHECK(by_group(result, Time{3h}, "web") == Split{{"web", 4}, {"spot", 5}});
}
