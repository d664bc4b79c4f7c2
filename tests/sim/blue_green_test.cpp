#include <algorithm>
#include <chrono>
#include <cmath>
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
constexpr std::int32_t blue_mib = 512;
constexpr std::int32_t green_mib = 1024;

placement::Query in_zone(const std::string& zone) {
    return *placement::parse_query("attribute:ecs.availability-zone == us-east-1" + zone).query;
}

sim::TaskDefinition green_task(const sim::Scenario& scenario) {
    sim::TaskDefinition task = revision(scenario, web, 512, green_mib);
    task.shape.member_of = {in_zone("b")};
    return task;
}

/// Four blue tasks in zone a answer after 10 ms. Green ones come at 600 s; they go to zone b, where all takes 110 ms:
/// the mean latency tells who answers.
sim::Scenario shifting(ecs::TrafficShift shift) {
    sim::Scenario scenario = ecs_world(6);
    add_worker(scenario, "web", 4);
    sim::Service& service = scenario.services[web];
    service.serving.workers = 50;
    service.serving.cpu_units_per_busy_worker = 1;
    service.task.shape.member_of = {in_zone("a")};
    service.traffic_shift = shift;
    add_traffic(scenario, "users", add_route(scenario, web, add_balancer(scenario, "lb")), traffic::constant(50));
    scenario.target_groups[sim::TargetGroupId{0}].deregistration_delay = 30s;
    scenario.faults.push_back({Time{}, sim::SlowZone{sim::ZoneId{1}, 11, 10h}});
    scenario.deployments = {{Time{600s}, web, green_task(scenario)}};
    return scenario;
}

/// Of the requests of the first whole minute after that instant, the share that green tasks answered.
double green_share_after(const sim::Result& result, Time at) {
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(at.time_since_epoch() + 1s).count();
    return (in_minute(result, static_cast<std::size_t>(minutes) + 1, "services.web.latency_ms.mean") - 10) / 100;
}

struct Step {
    std::chrono::seconds after;  ///< The beginning of the shift.
    std::int32_t per_mille;
};

/// The rows of a deployment from its shift on: when, and how much.
std::vector<Time> shift_times(const sim::Result& result) {
    std::vector<Time> times;
    for (const auto& row : result.events) {
        if (row.event == "deployment" && row.reason.find("of 1000") != std::string::npos) times.push_back(row.at);
    }
    return times;
}

bool none_failed(const sim::Result& result) {
    const auto& service = result.services[0];
    return service.requests > 0 && service.outcomes[0] + service.in_flight == service.requests;
}

}  // namespace

TEST_CASE("production traffic goes over to the new tasks at once or step by step and the old ones stay to bake") {
    using ecs::DeploymentStrategy;
    struct Row {
        const char* what;
        ecs::TrafficShift shift;
        std::vector<Step> steps;
        std::chrono::seconds finished;
    };
    const std::vector<Row> rows{
        {"blue/green", {.strategy = DeploymentStrategy::blue_green, .bake_time = 5min}, {{0s, 1000}}, 300s},
        {"linear",
         {.strategy = DeploymentStrategy::linear, .bake_time = 4min, .linear = {250, 3min}},
         {{0s, 250}, {180s, 500}, {360s, 750}, {540s, 1000}},
         780s},
        {"canary",
         {.strategy = DeploymentStrategy::canary, .bake_time = 3min, .canary = {100, 5min}},
         {{0s, 100}, {300s, 1000}},
         480s}};
    for (const Row& row : rows) {
        INFO(row.what);
        const sim::Result result = sim::run(shifting(row.shift));
        const auto times = shift_times(result);
        REQUIRE(times.size() == row.steps.size());
        const Time begun = times[0];
        CHECK(begun > Time{600s});
        CHECK(green_share_after(result, Time{300s}) == Approx(0).margin(1e-3));
        for (std::size_t i = 0; i < row.steps.size(); ++i) {
            INFO("step " << i);
            const double share = row.steps[i].per_mille / 1000.0;
            CHECK(times[i] - begun == row.steps[i].after);
            // Four standard deviations of a share of 3,000 requests.
            const double margin = 4 * std::sqrt(share * (1 - share) / 3000) + 0.005;
            CHECK(green_share_after(result, times[i]) == Approx(share).margin(margin));
        }
        const Time finished = begun + row.finished;
        CHECK(the_row(result, "deployment", begun + 1s + row.steps.back().after).at == finished);
        CHECK(reasons_of(result, "deployment").back() == "2 completed");
        CHECK(running_with(result, finished - 1s, blue_mib) == 4);
        CHECK(running_with(result, finished - 1s, green_mib) == 4);
        CHECK(running_with(result, finished + 60s, blue_mib) == 0);
        CHECK(running_with(result, finished + 60s, green_mib) == 4);
        CHECK(none_failed(result));
    }
}

TEST_CASE("no request goes to the new tasks before all of them are healthy") {
    sim::Scenario scenario = shifting({.bake_time = 1min});
    scenario.deployments[0].fails = {.probability = 0.5};
    const sim::Result result = sim::run(scenario);
    const auto times = shift_times(result);
    REQUIRE(times.size() == 1);
    CHECK(count_rows(result, "task_stopped") > 4);
    CHECK(running_with(result, times[0], green_mib) == 4);
    CHECK(green_share_after(result, times[0] - 3min) == Approx(0).margin(1e-3));
    CHECK(none_failed(result));
}

TEST_CASE("deployments one after the other go from blue to green and back") {
    sim::Scenario scenario = shifting({.bake_time = 2min});
    sim::TaskDefinition back = revision(scenario, web, 512, 768);
    scenario.deployments.push_back({Time{30min}, web, back});
    const sim::Result result = sim::run(scenario);
    CHECK(green_share_after(result, Time{20min}) == Approx(1).margin(1e-3));
    CHECK(green_share_after(result, Time{50min}) == Approx(0).margin(1e-3));
    CHECK(running_with(result, Time{50min}, 768) == 4);
    CHECK(running_at(result, Time{50min}) == 4);
    CHECK(reasons_of(result, "deployment") == Lines{"2 starts", "2 1000 of 1000 requests go to its tasks",
                                                    "2 completed", "3 starts",
                                                    "3 1000 of 1000 requests go to its tasks", "3 completed"});
    CHECK(none_failed(result));
}

TEST_CASE("a deployment in the midst of another one's shift takes its place and traffic returns until it is ready") {
    sim::Scenario scenario =
        shifting({.strategy = ecs::DeploymentStrategy::linear, .bake_time = 2min, .linear = {100, 10min}});
    scenario.services[web].traffic_shift->linear = {500, 10min};
    sim::TaskDefinition other = green_task(scenario);
    other.shape.task = need(512, 768);
    other.on_instance.starting = des::constant(300);
    scenario.deployments.push_back({Time{900s}, web, other});
    const sim::Result result = sim::run(scenario);
    CHECK(green_share_after(result, Time{700s}) == Approx(0.5).margin(0.05));
    CHECK(green_share_after(result, Time{960s}) == Approx(0).margin(1e-3));
    CHECK(green_share_after(result, Time{45min}) == Approx(1).margin(1e-3));
    CHECK(running_with(result, Time{1000s}, blue_mib) == 4);
    CHECK(running_with(result, Time{1000s}, green_mib) == 0);
    CHECK(running_with(result, Time{50min}, 768) == 4);
    CHECK(running_at(result, Time{50min}) == 4);
    CHECK(none_failed(result));
}

TEST_CASE("a blue/green deployment that fails leaves the old tasks with all of the traffic") {
    for (const bool rollback : {true, false}) {
        CAPTURE(rollback);
        sim::Scenario scenario = shifting({.bake_time = 2min});
        scenario.services[web].circuit_breaker = {.enable = true, .rollback = rollback};
        scenario.deployments[0].fails = {.probability = 1, .how = sim::TaskFailure::never_healthy};
        const sim::Result result = sim::run(scenario);
        CHECK(running_with(result, Time{55min}, blue_mib) == 4);
        CHECK(running_with(result, Time{55min}, green_mib) == 0);
        CHECK(green_share_after(result, Time{30min}) == Approx(0).margin(1e-3));
        CHECK(none_failed(result));
    }
}

TEST_CASE("a failed blue/green deployment does not stop the tasks that production traffic goes to") {
    sim::Scenario scenario = shifting({.bake_time = 2min});
    scenario.services[web].circuit_breaker = {.enable = true, .rollback = false, .reset_on_healthy_task = false};
    // Some run and are healthy, enough are not.
    scenario.deployments[0].fails = {.probability = 0.7, .how = sim::TaskFailure::never_healthy};
    const sim::Result result = sim::run(scenario);
    REQUIRE(reasons_of(result, "deployment").back().substr(0, 9) == "2 failed:");
    CHECK(running_with(result, Time{55min}, blue_mib) == 4);
    CHECK(none_failed(result));
}

TEST_CASE("old tasks that die while traffic shifts are replaced as long as they are needed") {
    sim::Scenario scenario = shifting({.bake_time = 20min});
    scenario.deployments[0].task->on_instance.starting = des::constant(600);
    scenario.services[web].serving.boot_time = 0s;
    scenario.faults.push_back({Time{700s}, sim::TerminateTask{web}});
    const sim::Result result = sim::run(scenario);
    CHECK(running_with(result, Time{1100s}, blue_mib) == 4);
}

TEST_CASE("without a bake time the traffic is shifted all the same") {
    using ecs::DeploymentStrategy;
    for (const ecs::TrafficShift& shift :
         {ecs::TrafficShift{.strategy = DeploymentStrategy::blue_green},
          ecs::TrafficShift{.strategy = DeploymentStrategy::linear, .linear = {500, 2min}},
          ecs::TrafficShift{.strategy = DeploymentStrategy::canary, .canary = {50, 2min}}}) {
        CAPTURE(ecs::name(shift.strategy));
        const sim::Result result = sim::run(shifting(shift));
        CHECK(running_with(result, Time{50min}, green_mib) == 4);
        CHECK(running_with(result, Time{50min}, blue_mib) == 0);
        CHECK(none_failed(result));
    }
}

TEST_CASE("blue and green together are never more than twice the tasks") {
    sim::Scenario scenario = shifting({.bake_time = 2min});
    scenario.deployments[0].fails = {.probability = 1, .how = sim::TaskFailure::never_healthy};
    scenario.target_groups[sim::TargetGroupId{0}].deregistration_delay = 300s;
    const sim::Result result = sim::run(scenario);
    std::int32_t there = 0;
    std::int32_t most = 0;
    for (const auto& row : result.events) {
        there += (row.event == "task_created" ? 1 : 0) - (row.event == "task_stopped" ? 1 : 0);
        most = std::max(most, there);
    }
    CHECK(most == 8);
}

TEST_CASE("a desired count that falls while traffic shifts takes blue and green tasks with it") {
    sim::Scenario scenario = shifting({.bake_time = 40min});
    desire_at(scenario, web, 1200s, 2);
    const sim::Result result = sim::run(scenario);
    CHECK(running_with(result, Time{1100s}, blue_mib) == 4);
    CHECK(running_with(result, Time{1100s}, green_mib) == 4);
    CHECK(running_with(result, Time{1500s}, blue_mib) == 2);
    CHECK(running_with(result, Time{1500s}, green_mib) == 2);
    CHECK(none_failed(result));
}
