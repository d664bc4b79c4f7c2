#include <chrono>
#include <cmath>
#include <cstddef>
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

/// Rows of faults that tell of this.
std::vector<Time> told(const sim::Result& result, const std::string& what) {
    std::vector<Time> times;
    for (const auto& row : result.events) {
        if (row.event == "fault" && row.reason == what) times.push_back(row.at);
    }
    return times;
}

/// Two tasks, one in each zone, on two instances, that take turns with requests of 10 ms.
sim::Scenario called() {
    sim::Scenario scenario = ecs_world(2);
    const sim::ServiceId id = add_service(scenario, "web", 2, 50, des::constant(0.01));
    add_traffic(scenario, "users", add_route(scenario, id, add_balancer(scenario, "lb")), traffic::constant(20));
    return scenario;
}

}  // namespace

TEST_CASE("tasks crash at their rate while the fault lasts and at no other time") {
    double crashes = 0;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        sim::Scenario scenario = ecs_world(3);
        scenario.seed = seed;
        scenario.duration = 7h;
        add_worker(scenario, "web", 8);
        scenario.faults.push_back({Time{1h}, sim::TaskCrashes{web, 3, 5h}});
        const auto times = told(sim::run(scenario), "task_crashes");
        REQUIRE_FALSE(times.empty());
        CHECK(times.front() > Time{1h});
        CHECK(times.back() < Time{6h});
        crashes += static_cast<double>(times.size());
    }
    // 8 tasks × 3 an hour × 5 hours × 5 runs, less the seconds in which one is replaced: within four standard
    // deviations of a Poisson law.
    CHECK(std::abs(crashes - 598) < 4 * std::sqrt(598));
}

TEST_CASE("tasks of one service crash and those of another do not") {
    sim::Scenario scenario = ecs_world(3);
    add_worker(scenario, "web", 4);
    add_worker(scenario, "other", 4);
    scenario.faults.push_back({Time{60s}, sim::TaskCrashes{web, 20, 50min}});
    const sim::Result result = sim::run(scenario);
    CHECK(times_of(result, "task_stopped", "service/web").size() > 20);
    CHECK(times_of(result, "task_stopped", "service/other").empty());
    CHECK(running_of(result, Time{1h}, "web") == 4);
}

TEST_CASE("instances fail at their rate and their group replaces them") {
    double failures = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        sim::Scenario scenario = ecs_world(10);
        scenario.seed = seed;
        scenario.duration = 6h;
        add_worker(scenario, "web", 10);
        scenario.faults.push_back({Time{}, sim::InstanceFailures{first_group, 1, 5h}});
        const sim::Result result = sim::run(scenario);
        const auto times = told(result, "instance_failures");
        CHECK(result.groups[0].terminations == times.size());
        CHECK(result.groups[0].launches == times.size());
        CHECK(running_at(result, Time{6h}) == 10);
        failures += static_cast<double>(times.size());
    }
    // 10 instances × 1 an hour × 5 hours × 6 runs, less the 50 s or so until a replacement runs.
    CHECK(std::abs(failures - 296) < 4 * std::sqrt(296));
}

TEST_CASE("a rate of nothing is nothing") {
    sim::Scenario scenario = ecs_world(2);
    add_worker(scenario, "web", 4);
    scenario.faults.push_back({Time{}, sim::TaskCrashes{web, 0, 1h}});
    scenario.faults.push_back({Time{}, sim::InstanceFailures{first_group, 0, 1h}});
    const sim::Result result = sim::run(scenario);
    CHECK(count_rows(result, "task_stopped") == 0);
    CHECK(count_rows(result, "instance_shutting_down") == 0);
}

TEST_CASE("work in a slow zone takes longer while it lasts") {
    sim::Scenario scenario = called();
    scenario.faults.push_back({Time{10min}, sim::SlowZone{sim::ZoneId{1}, 3, 10min}});
    scenario.faults.push_back({Time{15min}, sim::SlowZone{sim::ZoneId{1}, 2, 10min}});
    const sim::Result result = sim::run(scenario);
    const auto latency = [&](std::size_t minute) { return in_minute(result, minute, "services.web.latency_ms.mean"); };
    CHECK(latency(9) == Approx(10).margin(0.05));
    CHECK(latency(12) == Approx(20).margin(0.1));
    CHECK(latency(17) == Approx(35).margin(0.2));
    CHECK(latency(22) == Approx(15).margin(0.1));
    CHECK(latency(27) == Approx(10).margin(0.05));
}

TEST_CASE("tasks that come to a slow zone are slow too") {
    sim::Scenario scenario = called();
    scenario.faults.push_back({Time{5min}, sim::SlowZone{sim::ZoneId{0}, 4, 10h}});
    scenario.faults.push_back({Time{5min}, sim::SlowZone{sim::ZoneId{1}, 4, 10h}});
    scenario.deployments = {{Time{10min}, web}};
    const sim::Result result = sim::run(scenario);
    CHECK(in_minute(result, 40, "services.web.latency_ms.mean") == Approx(40).margin(0.5));
}

TEST_CASE("while the API throttles all services together launch so many tasks a minute") {
    sim::Scenario scenario = ecs_world(20);
    const sim::ServiceId one = add_worker(scenario, "one", 0);
    const sim::ServiceId two = add_worker(scenario, "two", 0);
    scenario.faults.push_back({Time{500s}, sim::ApiThrottling{10, 10min}});
    desire_at(scenario, one, 600s, 20);
    desire_at(scenario, two, 600s, 15);
    const auto times = times_of(sim::run(scenario), "task_created");
    REQUIRE(times.size() == 35);
    for (std::size_t i = 0; i + 10 < times.size(); ++i) {
        CAPTURE(i);
        CHECK(times[i + 10] - times[i] >= 60s);
    }
    CHECK(times.back() < Time{600s + 4min});
}

TEST_CASE("after the throttling the rest is launched at once") {
    sim::Scenario scenario = ecs_world(20);
    add_worker(scenario, "web", 0);
    scenario.faults.push_back({Time{590s}, sim::ApiThrottling{5, 100s}});
    desire_at(scenario, web, 600s, 40);
    const auto times = times_of(sim::run(scenario), "task_created");
    REQUIRE(times.size() == 40);
    CHECK(times[4] < Time{620s});
    CHECK(times.back() - times.front() <= 120s);
}

TEST_CASE("the API throttles daemons like all others") {
    sim::Scenario scenario = ecs_world(0);
    add_worker(scenario, "agent", 0);
    scenario.services[web].daemon = true;
    scenario.services[web].deployment = ecs::default_daemon_deployment;
    scenario.faults.push_back({Time{590s}, sim::ApiThrottling{2, 30min}});
    scenario.groups[first_group].scheduled_actions = {desired_at(scenario, 600s, 6)};
    const auto times = times_of(sim::run(scenario), "task_created");
    REQUIRE(times.size() == 6);
    for (std::size_t i = 0; i + 2 < times.size(); ++i) CHECK(times[i + 2] - times[i] >= 60s);
}

TEST_CASE("while the registry is out running tasks go on and new ones do not start") {
    sim::Scenario scenario = called();
    scenario.image_names.add("image");
    scenario.services[web].task.images = {scenario.images.add({std::int64_t{60} << 20, std::int64_t{100} << 20, {}})};
    scenario.groups[first_group].image_pull_behavior = ecs::PullBehavior::always;
    scenario.faults.push_back({Time{500s}, sim::RegistryOutage{20min}});
    scenario.faults.push_back({Time{600s}, sim::TerminateTask{web}});
    const sim::Result result = sim::run(scenario);
    CHECK(running_at(result, Time{1699s}) == 1);
    CHECK(running_at(result, Time{1h}) == 2);
}
