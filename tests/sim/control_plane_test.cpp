#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/served_world.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

constexpr auto succeeded = static_cast<std::size_t>(sim::Outcome::succeeded);
constexpr auto error_502 = static_cast<std::size_t>(sim::Outcome::error_502);
constexpr auto error_504 = static_cast<std::size_t>(sim::Outcome::error_504);

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

TEST_CASE("a run without its events has the same digest and figures") {
    const sim::Scenario scenario = served_world(2, 2);
    sim::RunOptions lean;
    lean.keep_events = false;
    const sim::Result with = sim::run(scenario);
    const sim::Result without = sim::run(scenario, lean);
    CHECK_FALSE(with.events.empty());
    CHECK(without.events.empty());
    CHECK(without.digest == with.digest);
    CHECK(without.minutes.values.size() == with.minutes.values.size());
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
