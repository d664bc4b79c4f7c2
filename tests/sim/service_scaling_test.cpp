#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/ecs_world.hpp"
#include "sim/served_world.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

constexpr auto succeeded = static_cast<std::size_t>(sim::Outcome::succeeded);

}  // namespace

TEST_CASE("managed scaling grows the group whose instances a task's constraints select") {
    sim::Scenario scenario = ecs_world(0);
    sim::AutoScalingGroup& blue = scenario.groups[sim::GroupId{0}];
    blue.max_size = 5;
    blue.attributes = {{"stack", "blue"}};
    sim::AutoScalingGroup green = blue;
    green.name = "green";
    green.attributes = {{"stack", "green"}};
    auto& providers = scenario.clusters[sim::ClusterId{0}].capacity_providers;
    providers[0].managed_scaling = scaling::ManagedScaling{};
    providers[0].managed_termination_protection = true;
    providers.push_back(providers[0]);
    providers[1].group = scenario.groups.add(green);
    add_service(scenario, "web", 1, 1, des::constant(0.01));
    scenario.services[sim::ServiceId{0}].task.shape.member_of = {
        *placement::parse_query("attribute:stack == green").query,
        *placement::parse_query("runningTasksCount < 3").query};
    const sim::Result result = sim::run(scenario);
    CHECK(result.groups[0].instances.max == 0);
    CHECK(result.groups[1].instances.max == 2);
    CHECK(result.services[0].tasks.max == 1);
}

TEST_CASE("managed scaling from zero launches two instances at the second minute, and one goes again later") {
    sim::Scenario scenario = ecs_world(0);
    scenario.groups[sim::GroupId{0}].max_size = 5;
    scenario.clusters[sim::ClusterId{0}].capacity_providers[0].managed_scaling = scaling::ManagedScaling{};
    scenario.clusters[sim::ClusterId{0}].capacity_providers[0].managed_termination_protection = true;
    add_service(scenario, "web", 1, 1, des::constant(0.01));
    const sim::Result result = sim::run(scenario);
    // The minute from 0 s is seen at 80 s, its alarm evaluated at 120 s; ECS asks for two whatever the need.
    const auto* scaling = row_from(result, Time{}, "scaling");
    REQUIRE(scaling != nullptr);
    CHECK(scaling->at == Time{120s});
    CHECK(scaling->from == "0");
    CHECK(scaling->to == "2");
    CHECK(row_from(result, Time{}, "task_placed")->at == Time{170s});
    CHECK(result.groups[0].instances.max == 2);
    const auto* down = row_from(result, Time{121s}, "scaling");
    REQUIRE(down != nullptr);
    CHECK(down->to == "1");
    CHECK(down->at - Time{170s} >= 15min);
    CHECK(result.services[0].tasks.max == 1);
}

TEST_CASE("managed scaling takes at most half of the instances in one step") {
    sim::Scenario scenario = ecs_world(0);
    scenario.groups[sim::GroupId{0}].desired_capacity = 10;
    scenario.groups[sim::GroupId{0}].max_size = 10;
    scenario.clusters[sim::ClusterId{0}].capacity_providers[0].managed_scaling = scaling::ManagedScaling{};
    add_service(scenario, "web", 1, 1, des::constant(0.01));
    const sim::Result result = sim::run(scenario);
    std::vector<std::string> steps;
    for (const auto& row : result.events) {
        if (row.event == "scaling") steps.push_back(row.from + ">" + row.to + " " + row.scaling->clamped_by);
    }
    CHECK(steps == std::vector<std::string>{"10>5 the step's limit 5", "5>3 the step's limit 3",
                                            "3>2 the step's limit 2", "2>1 "});
}

TEST_CASE("a jump in load is answered by more tasks four minutes later, and its end after more than fifteen") {
    sim::Scenario scenario = served_world(2, 2);
    scenario.services[sim::ServiceId{0}].serving = {.workers = 10,
                                                    .backlog = 2048,
                                                    .service_time = des::constant(0.2),
                                                    .cpu_units_per_busy_worker = 25.6,
                                                    .boot_time = 0s};
    scenario.services[sim::ServiceId{0}].autoscaling = tracking(scenario, sim::ServiceId{0}, 2, 8, 50);
    // 30/s of 0.2 s on 2 tasks of 10 workers: 30 % of the CPU. From 10 to 20 minutes 95/s: 95 %, on 4 tasks 47.5 %,
    // between the alarms at 45 and 50 %.
    scenario.sources[sim::SourceId{0}].rate =
        traffic::piecewise_linear({{0s, 30}, {10min, 30}, {10min, 95}, {20min, 95}, {20min, 30}, {1h, 30}});
    const sim::Result result = sim::run(scenario);
    const auto* out = row_from(result, Time{}, "scaling");
    REQUIRE(out != nullptr);
    CHECK(out->at == Time{14min});
    CHECK(out->from == "2");
    CHECK(out->to == "4");  // 2 × 95 / 50 = 3.8.
    const auto* in = row_from(result, Time{20min}, "scaling");
    REQUIRE(in != nullptr);
    CHECK(in->at == Time{36min});
    CHECK(in->to == "2");
}

TEST_CASE("scaling in drains an instance without losing a request") {
    sim::Scenario scenario = served_world(0, 2);
    auto& group = scenario.groups[sim::GroupId{0}];
    group.max_size = 4;
    group.desired_capacity = 4;
    scenario.services[sim::ServiceId{0}].task.shape.strategies = {placement::SpreadInstance{}};
    scenario.services[sim::ServiceId{0}].desired_count = 4;
    scenario.services[sim::ServiceId{0}].task.shape.task = placement::resources({.cpu_units = 512, .memory_mib = 512});
    scenario.services[sim::ServiceId{0}].autoscaling = tracking(scenario, sim::ServiceId{0}, 1, 4, 90);
    scenario.clusters[sim::ClusterId{0}].capacity_providers[0].managed_scaling =
        scaling::ManagedScaling{.target_capacity = 100};
    scenario.duration = 2h;
    const sim::Result result = sim::run(scenario);
    CHECK(count_rows(result, "instance_draining") > 0);
    CHECK(result.groups[0].instances.min == 1);
    CHECK(result.services[0].tasks.min == 1);
    CHECK(result.services[0].outcomes[succeeded] + result.services[0].in_flight == result.services[0].requests);
}

TEST_CASE("a service that nobody calls leaves a draining instance too") {
    sim::Scenario scenario = ecs_world(0);
    auto& group = scenario.groups[sim::GroupId{0}];
    group.max_size = 4;
    group.desired_capacity = 4;
    auto& provider = scenario.clusters[sim::ClusterId{0}].capacity_providers[0];
    provider.managed_scaling = scaling::ManagedScaling{};
    add_service(scenario, "worker", 2, 1, des::constant(1));
    scenario.duration = 3h;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        scenario.seed = seed;
        const sim::Result result = sim::run(scenario);
        CHECK(count_rows(result, "instance_draining") > 0);
        CHECK(count_rows(result, "instance_draining") == count_rows(result, "instance_shutting_down"));
        CHECK(result.services[0].tasks.min == 2);
    }
}

TEST_CASE("how tasks leave a draining instance follows from the deployment's limits") {
    // Two tasks on two instances, of which one goes at 600 s.
    const auto leave = [](ecs::DeploymentConfiguration deployment) {
        sim::Scenario scenario = ecs_world(2);
        scenario.groups[sim::GroupId{0}].scheduled_actions = {desired_at(scenario, 600s, 1)};
        const sim::ServiceId web = add_service(scenario, "web", 2, 1, des::constant(1));
        scenario.services[web].task.shape.strategies = {placement::SpreadInstance{}};
        scenario.services[web].deployment = deployment;
        return sim::run(scenario);
    };
    SECTION("100 and 200: the other is there first") {
        const sim::Result result = leave({100, 200});
        CHECK(result.services[0].tasks.min == 2);
        CHECK(result.services[0].tasks.max == 3);
        CHECK(count_rows(result, "instance_shutting_down") == 1);
    }
    SECTION("50 and 100: it goes first") {
        const sim::Result result = leave({50, 100});
        CHECK(result.services[0].tasks.min == 1);
        CHECK(result.services[0].tasks.max == 2);
        const auto* stopped = row_from(result, Time{600s}, "task_stopped");
        const auto* created = row_from(result, Time{600s}, "task_created");
        REQUIRE(stopped != nullptr);
        REQUIRE(created != nullptr);
        CHECK(stopped->at < created->at);
        CHECK(count_rows(result, "instance_shutting_down") == 1);
    }
    SECTION("100 and 100: it never goes") {
        const sim::Result result = leave({100, 100});
        CHECK(count_rows(result, "instance_draining") == 1);
        CHECK(row_from(result, Time{600s}, "task_created") == nullptr);
        CHECK(count_rows(result, "instance_shutting_down") == 0);
    }
}

TEST_CASE("while a deployment is under way a service scales out and not in") {
    const auto scaled = [](double metric, bool deploys) {
        sim::Scenario scenario = small_world(8);
        const sim::ServiceId web = add_service(scenario, "web", 4, 1, des::constant(0.01));
        scenario.services[web].task.shape.task = placement::resources({.cpu_units = 512, .memory_mib = 512});
        scenario.services[web].autoscaling = tracking(scenario, web, 1, 12, 50);
        scenario.services[web].autoscaling->target_tracking[0].metric =
            custom_metric(scenario, traffic::constant(metric));
        // It cannot go on: four may be no fewer and no more.
        scenario.services[web].deployment = {100, 100};
        if (deploys) scenario.deployments = {{Time{10s}, web}};
        return changes(sim::run(scenario), "desired_count");
    };
    CHECK_FALSE(scaled(10, false).empty());
    CHECK(scaled(10, true).empty());
    CHECK_FALSE(scaled(100, true).empty());
}

TEST_CASE("draining tasks count neither above nor below the line of the CPU metric") {
    sim::Scenario scenario = served_world(2, 6);
    auto& service = scenario.services[sim::ServiceId{0}];
    service.serving.service_time = des::constant(1);
    service.serving.workers = 10;
    service.serving.cpu_units_per_busy_worker = 25.6;
    scenario.target_groups[sim::TargetGroupId{0}].deregistration_delay = 300s;
    service.autoscaling = tracking(scenario, sim::ServiceId{0}, 1, 6, 90);
    const sim::Result result = sim::run(scenario);
    REQUIRE(count_rows(result, "task_draining") > 0);
    // 20 workers of 60 are busy: a third. After the scale-in to three tasks, two thirds, at once and for good.
    CHECK(result.services[0].tasks.min == 3);
    CHECK(result.services[0].cpu_utilization_max < 0.72);
    CHECK(result.services[0].cpu_utilization_max > 0.65);
}
