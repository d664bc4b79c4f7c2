#include <algorithm>
#include <chrono>
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
constexpr Time deployed_at{600s};
constexpr std::int32_t old_mib = 512;
constexpr std::int32_t new_mib = 1024;

/// So many old tasks, with room for as many new ones of twice the memory, which are deployed at 600 s.
sim::Scenario deploying(std::int32_t desired, sim::TaskFailures fails = {}) {
    sim::Scenario scenario = ecs_world(std::max(4, desired));
    add_worker(scenario, "web", desired);
    scenario.deployments = {{deployed_at, web, revision(scenario, web, 512, new_mib), fails}};
    return scenario;
}

/// At most one task more than desired, so that new tasks are tried one after the other.
ecs::DeploymentConfiguration one_at_a_time(std::int32_t desired) {
    return {100, (100 * (desired + 1) + desired - 1) / desired};
}

ecs::DeploymentCircuitBreaker breaker(bool rollback) { return {.enable = true, .rollback = rollback}; }

std::size_t created_with(const sim::Result& result, std::int32_t memory_mib) {
    std::size_t count = 0;
    for (const auto& row : result.events) count += row.event == "task_created" && row.memory_mib == memory_mib ? 1 : 0;
    return count;
}

/// Pauses in seconds from the end of one attempt to the next one.
std::vector<double> pauses(const sim::Result& result, Time from, Time until = Time{100h}) {
    std::vector<double> found;
    Time stopped = Time{};
    for (const auto& row : result.events) {
        if (row.at < from || row.at > until) continue;
        if (row.event == "task_stopped") stopped = row.at;
        if (row.event == "task_created" && stopped > Time{}) found.push_back(des::seconds(row.at - stopped));
    }
    return found;
}

bool none_failed(const sim::Result& result) {
    const auto& service = result.services[0];
    return service.requests > 0 && service.outcomes[0] + service.in_flight == service.requests;
}

}  // namespace

TEST_CASE("a deployment brings tasks of another task definition") {
    const sim::Result result = sim::run(deploying(4));
    CHECK(running_with(result, Time{599s}, old_mib) == 4);
    CHECK(running_with(result, Time{599s}, new_mib) == 0);
    CHECK(running_with(result, Time{20min}, old_mib) == 0);
    CHECK(running_with(result, Time{20min}, new_mib) == 4);
    CHECK(reasons_of(result, "deployment") == Lines{"2 starts", "2 completed"});
    CHECK(result.services[0].tasks.min == 4);
    CHECK(result.services[0].tasks.max == 8);
}

TEST_CASE("a task that nobody checks counts as healthy after forty seconds in a deployment") {
    const auto old_ones_leave_after = [](auto change) {
        sim::Scenario scenario = deploying(4);
        change(scenario);
        const sim::Result result = sim::run(scenario);
        return des::seconds(the_row(result, "task_draining", deployed_at).at -
                            the_row(result, "task_running", deployed_at).at);
    };
    CHECK(old_ones_leave_after([](sim::Scenario&) {}) == 40);
    SECTION("one with a container health check once it has passed") {
        const double after = old_ones_leave_after([](sim::Scenario& scenario) {
            scenario.deployments[0].task->health_check = ecs::ContainerHealthCheck{.interval = 10s};
        });
        CHECK(after >= 10);
        CHECK(after < 40);
    }
    SECTION("one behind a balancer once its target is healthy") {
        const double after = old_ones_leave_after(
            [](sim::Scenario& scenario) { add_route(scenario, web, add_balancer(scenario, "lb")); });
        CHECK(after < 40);
    }
}

TEST_CASE("the circuit breaker trips at exactly its threshold of tasks that do not start") {
    struct Row {
        std::int32_t desired;
        std::size_t threshold;
    };
    for (const Row& row : {Row{1, 3}, Row{5, 3}, Row{6, 3}, Row{7, 4}, Row{25, 13}}) {
        CAPTURE(row.desired);
        sim::Scenario scenario = deploying(row.desired, {.probability = 1});
        scenario.duration = 3h;
        scenario.services[web].deployment = one_at_a_time(row.desired);
        scenario.services[web].circuit_breaker = breaker(false);
        const sim::Result result = sim::run(scenario);
        CHECK(created_with(result, new_mib) == row.threshold);
        CHECK(reasons_of(result, "deployment") == Lines{"2 starts", "2 failed: " + std::to_string(row.threshold) +
                                                                        " tasks could not be started or kept healthy"});
    }
}

TEST_CASE("after a failed deployment the old tasks serve on and were never fewer") {
    for (const bool rollback : {false, true}) {
        CAPTURE(rollback);
        sim::Scenario scenario = deploying(4, {.probability = 1});
        scenario.services[web].circuit_breaker = breaker(rollback);
        const sim::Result result = sim::run(scenario);
        CHECK(result.services[0].tasks.min == 4);
        CHECK(running_with(result, Time{50min}, old_mib) == 4);
        CHECK(created_with(result, old_mib) == 4);
        const auto rows = reasons_of(result, "deployment");
        REQUIRE(rows.size() == (rollback ? 4 : 2));
        CHECK(rows[1].substr(0, 9) == "2 failed:");
        if (!rollback) continue;
        CHECK(rows[2] == "1 starts again: rolled back to");
        CHECK(rows[3] == "1 completed");
    }
}

TEST_CASE("a rollback replaces what the failed deployment has stopped already") {
    // Two of four old ones make way at once, and the two new ones that come for them fail.
    sim::Scenario scenario = deploying(4, {.probability = 1});
    scenario.services[web].deployment = {50, 100};
    scenario.services[web].circuit_breaker = breaker(true);
    const sim::Result result = sim::run(scenario);
    CHECK(result.services[0].tasks.min == 2);
    CHECK(running_with(result, Time{50min}, old_mib) == 4);
    CHECK(created_with(result, old_mib) == 6);
    CHECK(reasons_of(result, "deployment").back() == "1 completed");
}

TEST_CASE("without a circuit breaker a deployment that cannot start its tasks is under way for ever") {
    sim::Scenario scenario = deploying(4, {.probability = 1});
    const sim::Result result = sim::run(scenario);
    CHECK(reasons_of(result, "deployment") == Lines{"2 starts"});
    CHECK(created_with(result, new_mib) > 8);
    CHECK(running_with(result, Time{1h}, old_mib) == 4);
}

TEST_CASE("a deployment after a failed one starts afresh") {
    for (const bool rollback : {false, true}) {
        CAPTURE(rollback);
        sim::Scenario scenario = deploying(4, {.probability = 1});
        scenario.services[web].circuit_breaker = breaker(rollback);
        scenario.deployments.push_back({Time{40min}, web, revision(scenario, web, 512, 768)});
        const sim::Result result = sim::run(scenario);
        const auto rows = reasons_of(result, "deployment");
        CHECK(rows[rows.size() - 2] == "3 starts");
        CHECK(rows.back() == "3 completed");
        CHECK(running_with(result, Time{55min}, 768) == 4);
        CHECK(running_at(result, Time{55min}) == 4);
    }
}

TEST_CASE("tasks that a balancer never finds healthy trip the circuit breaker too") {
    sim::Scenario scenario = deploying(4, {.probability = 1, .how = sim::TaskFailure::never_healthy});
    add_traffic(scenario, "users", add_route(scenario, web, add_balancer(scenario, "lb")), traffic::constant(5));
    scenario.target_groups[sim::TargetGroupId{0}].deregistration_delay = 10s;
    scenario.services[web].deployment = one_at_a_time(4);
    scenario.services[web].circuit_breaker = breaker(true);
    const sim::Result result = sim::run(scenario);
    std::size_t unhealthy = 0;
    for (const auto& row : result.events) {
        unhealthy += row.event == "task_draining" && row.reason == "failed its load balancer's health checks" ? 1 : 0;
    }
    CHECK(unhealthy == 3);
    CHECK(reasons_of(result, "deployment") == Lines{"2 starts",
                                                    "2 failed: 3 tasks could not be started or kept healthy",
                                                    "1 starts again: rolled back to", "1 completed"});
    CHECK(result.services[0].tasks.min == 4);
    CHECK(none_failed(result));
}

TEST_CASE("attempts to start a task come ten seconds apart and twice as far each time up to a quarter of an hour") {
    const std::vector<double> growth{10, 20, 40, 80, 160, 320, 640, 900, 900};
    sim::Scenario scenario = deploying(1, {.probability = 1});
    scenario.duration = 3h;
    SECTION("as long as the deployment is the same") {
        const auto found = pauses(sim::run(scenario), deployed_at);
        REQUIRE(found.size() >= growth.size());
        CHECK(std::vector<double>(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(growth.size())) == growth);
    }
    SECTION("and a new deployment begins anew") {
        const Time again{5000s};
        scenario.deployments.push_back({again, web, revision(scenario, web, 512, 768), {.probability = 1}});
        const sim::Result result = sim::run(scenario);
        const sim::EventRow& created = the_row(result, "task_created", again);
        CHECK(created.memory_mib == 768);
        CHECK(created.at - again < 30s);
        const auto found = pauses(result, created.at);
        REQUIRE(found.size() >= 4);
        CHECK(std::vector<double>(found.begin(), found.begin() + 4) == std::vector<double>{10, 20, 40, 80});
    }
    SECTION("until one runs") {
        scenario.deployments[0].fails = {};
        const sim::Result result = sim::run(scenario);
        CHECK(created_with(result, new_mib) == 1);
    }
}

TEST_CASE("protected tasks are neither scaled in nor replaced before their protection ends") {
    sim::Scenario scenario = ecs_world(4);
    add_worker(scenario, "web", 4);
    scenario.services[web].scale_in_protection = 30min;
    SECTION("by a deployment") {
        scenario.deployments = {{deployed_at, web, revision(scenario, web, 512, new_mib)}};
        const sim::Result result = sim::run(scenario);
        CHECK(running_with(result, Time{1799s}, old_mib) == 4);
        CHECK(running_with(result, Time{1799s}, new_mib) == 4);
        CHECK(the_row(result, "task_stopped").at == Time{30min});
        CHECK(running_with(result, Time{1801s}, old_mib) == 0);
        CHECK(the_row(result, "deployment", Time{601s}).at >= Time{30min});
        CHECK(reasons_of(result, "deployment").back() == "2 completed");
    }
    SECTION("by a smaller desired count") {
        desire_at(scenario, web, 600s, 1);
        const sim::Result result = sim::run(scenario);
        CHECK(running_at(result, Time{1799s}) == 4);
        CHECK(running_at(result, Time{1801s}) == 1);
    }
}

TEST_CASE("a service whose tasks have never all run is still in its first deployment") {
    // Eight of twelve tasks find a place on two instances.
    sim::Scenario scenario = ecs_world(2);
    add_worker(scenario, "web", 12);
    scenario.services[first_service].circuit_breaker = {.enable = true, .rollback = true};
    CHECK(reasons_of(sim::run(scenario), "deployment").empty());

    SECTION("so that there is nothing to roll back to") {
        scenario.deployments.push_back({.at = Time{30min},
                                        .service = first_service,
                                        .fails = {.probability = 1, .how = sim::TaskFailure::exits_at_start}});
        for (const std::string& line : reasons_of(sim::run(scenario), "deployment")) {
            CAPTURE(line);
            CHECK(line.find("rolled back") == std::string::npos);
        }
    }
    SECTION("and completes it when there is room") {
        scenario.services[first_service].circuit_breaker.enable = false;
        scenario.groups[first_group].scheduled_actions = {desired_at(scenario, 600s, 3)};
        CHECK(reasons_of(sim::run(scenario), "deployment") == Lines{"1 completed"});
    }
}
