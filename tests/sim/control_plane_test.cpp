#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

constexpr auto succeeded = static_cast<std::size_t>(sim::Outcome::succeeded);
constexpr auto error_502 = static_cast<std::size_t>(sim::Outcome::error_502);
constexpr auto error_504 = static_cast<std::size_t>(sim::Outcome::error_504);

/// Every launch step takes the same time in these tests: running after 20 s, ACTIVE 30 s later.
void fix_launch_times(sim::Scenario& scenario) {
    for (auto& group : scenario.groups) {
        group.launch_times.decision_to_launch = des::constant(5);
        group.launch_times.pending_to_running = des::constant(15);
        group.launch_times.running_to_in_service = des::constant(2);
        group.launch_times.running_to_agent = des::constant(27);
        group.launch_times.agent_to_active = des::constant(3);
        group.launch_times.shutting_down = des::constant(10);
        group.launch_times.stopping = des::constant(20);
        group.launch_times.stopped_to_running = des::constant(8);
    }
}

sim::Scenario served_world(int instances, int tasks) {
    sim::Scenario scenario = small_world(instances);
    fix_launch_times(scenario);
    const auto service = add_service(scenario, "web", tasks, 4, des::constant(0.01));
    const auto route = add_route(scenario, service, add_balancer(scenario, "lb"));
    scenario.target_groups[sim::TargetGroupId{0}].deregistration_delay = 30s;
    add_traffic(scenario, "users", route, traffic::constant(20), {.timeout = 5s, .retries = 3});
    return scenario;
}

}  // namespace

TEST_CASE("the fleet is in service and its tasks are healthy when the scenario starts") {
    const sim::Result result = sim::run(served_world(3, 6));
    CHECK(result.services[0].outcomes[succeeded] + result.services[0].in_flight == result.services[0].requests);
    CHECK(result.groups[0].instances.min == 3);
    CHECK(result.groups[0].launches == 0);
    CHECK(result.services[0].tasks.min == 6);
    CHECK(result.services[0].tasks.max == 6);
}

TEST_CASE("a task that dies is replaced at once, and its requests fail with 502") {
    sim::Scenario scenario = served_world(2, 2);
    scenario.services[sim::ServiceId{0}].serving.service_time = des::constant(0.5);
    scenario.services[sim::ServiceId{0}].serving.workers = 20;
    scenario.faults.push_back({Time{10min}, sim::TerminateTask{sim::ServiceId{0}}});
    const sim::Result result = sim::run(scenario);
    const auto* stopped = row_from(result, Time{}, "task_stopped");
    const auto* placed = row_from(result, Time{10min}, "task_placed");
    REQUIRE(stopped != nullptr);
    REQUIRE(placed != nullptr);
    CHECK(stopped->at == Time{10min});
    CHECK(stopped->reason == "its essential container exited");
    CHECK(placed->subject == "web/3");
    CHECK(placed->at - stopped->at < 60s);
    // Ten requests a second of half a second each were with it.
    CHECK(result.services[0].outcomes[error_502] > 0);
    CHECK(result.services[0].outcomes[error_502] < 15);
    CHECK(result.sources[0].failed == 0);
    CHECK(result.services[0].tasks.min == 1);
}

TEST_CASE("an instance that dies is replaced by its group, and its tasks by their service") {
    sim::Scenario scenario = served_world(2, 2);
    scenario.faults.push_back({Time{630s}, sim::TerminateInstance{sim::GroupId{0}}});
    const sim::Result result = sim::run(scenario);
    const auto* launched = row_from(result, Time{630s}, "instance_launch");
    REQUIRE(launched != nullptr);
    CHECK(launched->at == Time{660s});  // The group's check at the next whole minute.
    const auto* registered = row_from(result, Time{630s}, "instance_registered");
    REQUIRE(registered != nullptr);
    CHECK(registered->at == Time{660s + 50s});
    CHECK(registered->zone == row_from(result, Time{}, "instance_shutting_down")->zone);
    CHECK(result.groups[0].terminations == 1);
    CHECK(result.groups[0].launches == 1);
    CHECK(result.services[0].tasks.min == 1);
    CHECK(result.minutes.rows() == 60);
}

TEST_CASE("a service without a place for a task says why and tries again") {
    sim::Scenario scenario = served_world(3, 5);
    scenario.services[sim::ServiceId{0}].task.shape.distinct_instance = true;
    const sim::Result result = sim::run(scenario);
    CHECK(result.services[0].tasks.max == 3);
    const auto* refused = row_from(result, Time{}, "task_refused");
    REQUIRE(refused != nullptr);
    CHECK(refused->subject == "web/4");
    CHECK(refused->reason == "no container instance met all of its requirements: 3 of 3 distinctInstance");
}

TEST_CASE("managed scaling grows the group whose instances a task's constraints select") {
    sim::Scenario scenario = small_world(0);
    fix_launch_times(scenario);
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
    sim::Scenario scenario = small_world(0);
    fix_launch_times(scenario);
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
    sim::Scenario scenario = small_world(0);
    fix_launch_times(scenario);
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

TEST_CASE("a zone that goes dark is noticed by health checks, and what was there is replaced elsewhere") {
    sim::Scenario scenario = served_world(2, 4);
    scenario.services[sim::ServiceId{0}].task.shape.strategies = {placement::SpreadAttribute{}};
    scenario.sources[sim::SourceId{0}].client.retries = 0;
    scenario.faults.push_back({Time{630s}, sim::ZoneOutage{sim::ZoneId{0}, 30min}});
    const sim::Result result = sim::run(scenario);

    // Checks every 30 s from the task's start; those of 630 and 660 s fail, the second is known 5 s later.
    const auto* unhealthy = row_from(result, Time{}, "target_unhealthy");
    REQUIRE(unhealthy != nullptr);
    CHECK(unhealthy->at == Time{665s});
    CHECK(unhealthy->zone == "us-east-1a");
    // Half of 20/s hang for 35 s and give up: 350, within four standard deviations of a Poisson law.
    const auto lost = result.services[0].outcomes[static_cast<std::size_t>(sim::Outcome::client_timeout)];
    CHECK(std::abs(static_cast<double>(lost) - 350) < 4 * std::sqrt(350));
    CHECK(result.services[0].outcomes[error_504] == 0);
    for (const auto& row : result.events) {
        if (row.event == "task_placed" && row.at > Time{630s} && row.at < Time{630s + 30min}) {
            CHECK(row.zone == "us-east-1b");
        }
    }
    // Auto Scaling tolerates the failed status check for three minutes, then launches where it can.
    const auto* replaced = row_from(result, Time{}, "instance_shutting_down");
    REQUIRE(replaced != nullptr);
    CHECK(replaced->at == Time{840s});
    CHECK(row_from(result, Time{630s}, "instance_launch")->zone == "us-east-1b");
}

TEST_CASE("a short outage heals by itself") {
    sim::Scenario scenario = served_world(2, 2);
    scenario.services[sim::ServiceId{0}].task.shape.strategies = {placement::SpreadAttribute{}};
    // Attempts 5 s apart: the fifth is sent after the outage, whoever's the first was.
    scenario.sources[sim::SourceId{0}].client.retries = 4;
    scenario.faults.push_back({Time{601s}, sim::ZoneOutage{sim::ZoneId{0}, 20s}});
    const sim::Result result = sim::run(scenario);
    CHECK(count_rows(result, "target_unhealthy") == 0);
    CHECK(count_rows(result, "instance_shutting_down") == 0);
    CHECK(result.services[0].tasks.min == 2);
    CHECK(result.sources[0].failed == 0);
}

TEST_CASE("an interrupted run says that it is not complete") {
    const std::atomic<bool> interrupted{true};
    sim::RunOptions options;
    options.interrupted = &interrupted;
    const sim::Result result = sim::run(served_world(2, 2), options);
    CHECK_FALSE(result.complete);
    CHECK(result.simulated < 1h);
    CHECK(result.simulated > 0s);
}

TEST_CASE("objectives are judged on what was measured") {
    sim::Scenario scenario = served_world(2, 2);
    const sim::ServiceId web{0};
    scenario.objectives = {{web, sim::LatencyObjective{0.5, 10ms}, "p50 <= 10ms"},
                           {web, sim::LatencyObjective{0.5, 9ms}, "p50 <= 9ms"},
                           {web, sim::AvailabilityObjective{1.0}, "availability >= 100%"}};
    sim::Result result = sim::run(scenario);
    CHECK(result.objectives[0].met);
    CHECK(result.objectives[0].value == Approx(10));
    CHECK_FALSE(result.objectives[1].met);
    CHECK(result.objectives[2].met);

    scenario.sources[sim::SourceId{0}].rate = {};
    result = sim::run(scenario);
    CHECK_FALSE(result.objectives[0].measured);
    CHECK_FALSE(result.objectives[0].met);
}

TEST_CASE("a service that nobody calls leaves a draining instance too") {
    sim::Scenario scenario = small_world(0);
    fix_launch_times(scenario);
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
        sim::Scenario scenario = small_world(2);
        fix_launch_times(scenario);
        auto& group = scenario.groups[sim::GroupId{0}];
        group.min_size = 0;
        group.scheduled_actions = {desired_at(scenario, 600s, 1)};
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

TEST_CASE("a deployment replaces every task within its limits and then is completed") {
    const auto deploy = [](std::int32_t desired, ecs::DeploymentConfiguration limits) {
        sim::Scenario scenario = small_world(4);
        const sim::ServiceId web = add_service(scenario, "web", desired, 1, des::constant(1));
        scenario.services[web].task.shape.task = placement::resources({.cpu_units = 512, .memory_mib = 512});
        scenario.services[web].deployment = limits;
        scenario.deployments = {{Time{600s}, web}};
        return sim::run(scenario);
    };
    const auto reasons = [](const sim::Result& result) {
        Lines lines;
        for (const auto& row : result.events) {
            if (row.event == "deployment") lines.push_back(row.subject + " " + row.reason);
        }
        return lines;
    };
    struct Row {
        std::int32_t desired;
        ecs::DeploymentConfiguration limits;
        double least;
        double most;
    };
    for (const Row& row : {Row{4, {100, 200}, 4, 8}, Row{4, {50, 100}, 2, 4}, Row{7, {66, 133}, 5, 9},
                           Row{3, {0, 100}, 0, 3}, Row{10, {75, 125}, 8, 12}}) {
        CAPTURE(row.desired, row.limits.minimum_healthy_percent);
        const sim::Result result = deploy(row.desired, row.limits);
        CHECK(reasons(result) == Lines{"2 starts", "2 completed"});
        CHECK(count_rows(result, "task_created") == 2 * static_cast<std::size_t>(row.desired));
        CHECK(count_rows(result, "task_stopped") == static_cast<std::size_t>(row.desired));
        CHECK(the_row(result, "task_stopped").at > Time{600s});
        CHECK(result.services[0].tasks.min == row.least);
        CHECK(result.services[0].tasks.max <= row.most);
    }
    const sim::Result stuck = deploy(3, {100, 125});
    CHECK(reasons(stuck) == Lines{"2 cannot go on: of 3 no fewer than 3 and no more than 3 may run"});
    CHECK(count_rows(stuck, "task_created") == 3);
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

TEST_CASE("the warm-up changes what is measured and nothing else") {
    sim::Scenario scenario = served_world(2, 2);
    scenario.services[sim::ServiceId{0}].autoscaling = tracking(scenario, sim::ServiceId{0}, 1, 8, 4);
    const auto digest = sim::run(scenario).digest;
    for (const des::Duration warmup : {1s, 600s, 601s, 1800s}) {
        scenario.warmup = warmup;
        CHECK(sim::run(scenario).digest == digest);
    }
}

TEST_CASE(
    "a task that boots longer than its health checks wait is replaced for ever, unless a grace period covers it") {
    sim::Scenario scenario = served_world(2, 2);
    auto& service = scenario.services[sim::ServiceId{0}];
    service.serving.boot_time = 100s;
    scenario.faults.push_back({Time{600s}, sim::TerminateTask{sim::ServiceId{0}}});
    SECTION("without grace") {
        const sim::Result result = sim::run(scenario);
        // Running at some second, checked at once and 30 s later: unhealthy, stopped, and again.
        CHECK(count_rows(result, "target_unhealthy") > 20);
        CHECK(result.services[0].tasks.mean < 2);
    }
    SECTION("with enough of it the target recovers after five successes") {
        service.health_check_grace_period = 300s;
        const sim::Result result = sim::run(scenario);
        CHECK(count_rows(result, "target_unhealthy") == 1);
        const auto* running = row_from(result, Time{600s}, "task_running");
        const auto* healthy = row_from(result, Time{600s}, "target_healthy");
        REQUIRE(running != nullptr);
        REQUIRE(healthy != nullptr);
        CHECK(healthy->from == "unhealthy");
        CHECK(healthy->at - running->at == 120s + 4 * 30s);
    }
    SECTION("with too little it is stopped when that is over") {
        service.health_check_grace_period = 200s;
        const sim::Result result = sim::run(scenario);
        const auto* running = row_from(result, Time{600s}, "task_running");
        const auto* draining = row_from(result, Time{600s}, "task_draining");
        REQUIRE(running != nullptr);
        REQUIRE(draining != nullptr);
        CHECK(draining->at - running->at == 200s);
    }
    SECTION("an outage does not make it boot faster") {
        service.health_check_grace_period = 600s;
        scenario.faults.push_back({Time{620s}, sim::ZoneOutage{sim::ZoneId{0}, 1s}});
        scenario.faults.push_back({Time{620s}, sim::ZoneOutage{sim::ZoneId{1}, 1s}});
        const sim::Result result = sim::run(scenario);
        const auto* running = row_from(result, Time{600s}, "task_running");
        REQUIRE(running != nullptr);
        REQUIRE(running->at < Time{620s});
        for (const auto& row : result.events) {
            if (row.event == "target_healthy" && row.subject == running->subject) {
                CHECK(row.at - running->at >= 100s);
            }
        }
    }
}

TEST_CASE("a group with nothing but an unhealthy target fails open, to where nobody listens yet") {
    sim::Scenario scenario = served_world(1, 1);
    auto& service = scenario.services[sim::ServiceId{0}];
    service.serving.boot_time = 100s;
    service.health_check_grace_period = 300s;
    scenario.sources[sim::SourceId{0}].client.retries = 0;
    scenario.faults.push_back({Time{600s}, sim::TerminateTask{sim::ServiceId{0}}});
    const sim::Result result = sim::run(scenario);
    const auto& web = result.services[0];
    const auto* running = row_from(result, Time{600s}, "task_running");
    REQUIRE(running != nullptr);
    const double gone = des::seconds(running->at) - 600;
    // 20/s: none to choose until the second check has failed, then refused until it has booted; from there served,
    // though still unhealthy. Within four standard deviations of a Poisson law.
    const double refused = static_cast<double>(web.outcomes[error_502]);
    const double unroutable = static_cast<double>(web.outcomes[static_cast<std::size_t>(sim::Outcome::error_503)]);
    CHECK(std::abs(refused - 20 * 70) < 4 * std::sqrt(20 * 70));
    CHECK(std::abs(unroutable - 20 * (gone + 30)) < 4 * std::sqrt(20 * (gone + 30)));
    CHECK(web.requests == web.outcomes[succeeded] + web.outcomes[error_502] +
                              web.outcomes[static_cast<std::size_t>(sim::Outcome::error_503)] + web.in_flight);
}

TEST_CASE("an outage does not make an instance's agent start faster") {
    sim::Scenario scenario = served_world(2, 2);
    scenario.faults.push_back({Time{600s}, sim::TerminateInstance{}});
    // Its replacement runs at 620 s and would be ACTIVE at 650 s.
    scenario.faults.push_back({Time{630s}, sim::ZoneOutage{sim::ZoneId{0}, 1s}});
    scenario.faults.push_back({Time{630s}, sim::ZoneOutage{sim::ZoneId{1}, 1s}});
    const sim::Result result = sim::run(scenario);
    CHECK(row_from(result, Time{600s}, "instance_registered")->at == Time{650s});
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

TEST_CASE("impaired instances are replaced one after the other, and a group at its maximum says so") {
    sim::Scenario scenario = served_world(8, 8);
    scenario.services[sim::ServiceId{0}].task.shape.strategies = {placement::SpreadAttribute{}};
    scenario.services[sim::ServiceId{0}].autoscaling = tracking(scenario, sim::ServiceId{0}, 1, 8, 0.1);
    scenario.faults.push_back({Time{600s}, sim::ZoneOutage{sim::ZoneId{0}, 2h}});
    const sim::Result result = sim::run(scenario);
    Time last{};
    for (const auto& row : result.events) {
        if (row.event != "instance_shutting_down") continue;
        CHECK(row.at - last >= 60s);
        last = row.at;
    }
    CHECK(result.groups[0].terminations == 4);
    const auto* held = row_from(result, Time{}, "scaling_held");
    REQUIRE(held != nullptr);
    CHECK(held->resource == "service/web");
    CHECK(held->from == "8");
    CHECK(held->to == "8");
    CHECK(held->reason.substr(0, 12) == "at its bound");
}
