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

const sim::EventRow* first(const sim::Result& result, std::string_view event, Time from = Time{},
                           std::string_view subject = "") {
    for (const auto& row : result.events) {
        if (row.at >= from && row.event == event && (subject.empty() || row.subject == subject)) return &row;
    }
    return nullptr;
}

/// Every launch step takes the same time in these tests: running after 20 s, ACTIVE 30 s later.
void fix_launch_times(sim::Scenario& scenario) {
    for (auto& group : scenario.groups) {
        group.launch_times = {des::constant(5), des::constant(15), des::constant(27), des::constant(3),
                              des::constant(10)};
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
    const auto* stopped = first(result, "task_stopped");
    const auto* placed = first(result, "task_placed", Time{10min});
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
    const auto* launched = first(result, "instance_launch", Time{630s});
    REQUIRE(launched != nullptr);
    CHECK(launched->at == Time{660s});  // The group's check at the next whole minute.
    const auto* registered = first(result, "instance_registered", Time{630s});
    REQUIRE(registered != nullptr);
    CHECK(registered->at == Time{660s + 50s});
    CHECK(registered->zone == first(result, "instance_shutting_down")->zone);
    CHECK(result.groups[0].terminations == 1);
    CHECK(result.groups[0].launches == 1);
    CHECK(result.services[0].tasks.min == 1);
    CHECK(result.minutes.rows() == 60);
}

TEST_CASE("a service without a place for a task says why and tries again") {
    sim::Scenario scenario = served_world(3, 5);
    scenario.services[sim::ServiceId{0}].distinct_instance = true;
    const sim::Result result = sim::run(scenario);
    CHECK(result.services[0].tasks.max == 3);
    const auto* refused = first(result, "task_refused");
    REQUIRE(refused != nullptr);
    CHECK(refused->subject == "web/4");
    CHECK(refused->reason == "no container instance met all of its requirements: 3 of 3 distinctInstance");
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
    const auto* scaling = first(result, "scaling");
    REQUIRE(scaling != nullptr);
    CHECK(scaling->at == Time{120s});
    CHECK(scaling->from == "0");
    CHECK(scaling->to == "2");
    CHECK(first(result, "task_placed")->at == Time{170s});
    CHECK(result.groups[0].instances.max == 2);
    const auto* down = first(result, "scaling", Time{121s});
    REQUIRE(down != nullptr);
    CHECK(down->to == "1");
    CHECK(down->at - Time{170s} >= 15min);
    CHECK(result.services[0].tasks.max == 1);
}

TEST_CASE("a jump in load is answered by more tasks four minutes later, and its end after more than fifteen") {
    sim::Scenario scenario = served_world(2, 2);
    scenario.services[sim::ServiceId{0}].serving = {.workers = 10,
                                                    .backlog = 2048,
                                                    .service_time = des::constant(0.2),
                                                    .cpu_units_per_busy_worker = 25.6,
                                                    .boot_time = 0s};
    scenario.services[sim::ServiceId{0}].autoscaling = sim::ServiceAutoscaling{
        2, 8, {{.metric = scaling::ServiceMetric::average_cpu_utilization, .target_value = 50}}};
    // 30/s of 0.2 s on 2 tasks of 10 workers: 30 % of the CPU. From 10 to 20 minutes 95/s: 95 %, on 4 tasks 47.5 %,
    // between the alarms at 45 and 50 %.
    scenario.sources[sim::SourceId{0}].rate =
        traffic::piecewise_linear({{0s, 30}, {10min, 30}, {10min, 95}, {20min, 95}, {20min, 30}, {1h, 30}});
    const sim::Result result = sim::run(scenario);
    const auto* out = first(result, "scaling");
    REQUIRE(out != nullptr);
    CHECK(out->at == Time{14min});
    CHECK(out->from == "2");
    CHECK(out->to == "4");  // 2 × 95 / 50 = 3.8.
    const auto* in = first(result, "scaling", Time{20min});
    REQUIRE(in != nullptr);
    CHECK(in->at == Time{36min});
    CHECK(in->to == "2");
}

TEST_CASE("scaling in drains an instance without losing a request") {
    sim::Scenario scenario = served_world(0, 2);
    auto& group = scenario.groups[sim::GroupId{0}];
    group.max_size = 4;
    group.desired_capacity = 4;
    scenario.services[sim::ServiceId{0}].placement_strategy = {placement::SpreadInstance{}};
    scenario.services[sim::ServiceId{0}].desired_count = 4;
    scenario.services[sim::ServiceId{0}].task = placement::resources({.cpu_units = 512, .memory_mib = 512});
    scenario.services[sim::ServiceId{0}].autoscaling = sim::ServiceAutoscaling{
        1, 4, {{.metric = scaling::ServiceMetric::average_cpu_utilization, .target_value = 90}}};
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
    scenario.services[sim::ServiceId{0}].placement_strategy = {placement::SpreadZone{}};
    scenario.sources[sim::SourceId{0}].client.retries = 0;
    scenario.faults.push_back({Time{630s}, sim::ZoneOutage{sim::ZoneId{0}, 30min}});
    const sim::Result result = sim::run(scenario);

    // Checks every 30 s from the task's start; those of 630 and 660 s fail, the second is known 5 s later.
    const auto* unhealthy = first(result, "target_unhealthy");
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
    const auto* replaced = first(result, "instance_shutting_down");
    REQUIRE(replaced != nullptr);
    CHECK(replaced->at == Time{840s});
    CHECK(first(result, "instance_launch", Time{630s})->zone == "us-east-1b");
}

TEST_CASE("a short outage heals by itself") {
    sim::Scenario scenario = served_world(2, 2);
    scenario.services[sim::ServiceId{0}].placement_strategy = {placement::SpreadZone{}};
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
