#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include <fleetsim/ecs/deployment_circuit_breaker.hpp>
#include <fleetsim/ecs/service_scheduler.hpp>
#include <fleetsim/ecs/traffic_shift.hpp>
#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;
using namespace std::chrono_literals;

namespace {

/// The service `front`, behind a load balancer, with further keys.
std::string with_keys(std::string_view keys) {
    return with(small_shop, front_task, std::string(front_task) + "\n    " + std::string(keys));
}

sim::Service front(std::string_view keys) { return *good(with_keys(keys)).services.begin(); }

void check_keys(std::string_view keys, std::string_view message, std::string_view hint = "",
                Severity severity = Severity::error) {
    check({{front_task, std::string(front_task) + "\n    " + std::string(keys), message, hint, severity}});
}

}  // namespace

TEST_CASE("a service that says nothing is a replica that rolls without a circuit breaker") {
    const sim::Service service = front("desired_count: 1");
    CHECK_FALSE(service.daemon);
    CHECK_FALSE(service.circuit_breaker.enable);
    CHECK_FALSE(service.traffic_shift.has_value());
    CHECK_FALSE(service.zone_rebalancing);
    CHECK_FALSE(service.scale_in_protection.has_value());
    CHECK(service.capacity_provider_strategy.empty());
    CHECK(service.fargate_zones.empty());
    CHECK(service.deployment.minimum_healthy_percent == 100);
    CHECK(service.deployment.maximum_percent == 200);
}

TEST_CASE("a daemon service has the limits of one unless it says otherwise") {
    const sim::Service service = front("scheduling_strategy: DAEMON");
    CHECK(service.daemon);
    CHECK(service.deployment.minimum_healthy_percent == ecs::default_daemon_deployment.minimum_healthy_percent);
    CHECK(service.deployment.maximum_percent == ecs::default_daemon_deployment.maximum_percent);
    const sim::Service careful = front(
        "scheduling_strategy: DAEMON\n    deployment_minimum_healthy_percent: 50\n    "
        "deployment_maximum_percent: 100\n    placement_constraints: [distinctInstance]");
    CHECK(careful.deployment.minimum_healthy_percent == 50);
    CHECK(careful.deployment.maximum_percent == 100);
    CHECK_FALSE(front("scheduling_strategy: REPLICA").daemon);
}

TEST_CASE("faults of daemon services") {
    constexpr std::string_view daemon = "scheduling_strategy: DAEMON\n    ";
    const auto row = [&](std::string_view keys, std::string_view message, std::string_view hint = "") {
        check_keys(std::string(daemon) + std::string(keys), message, hint);
    };
    check_keys("scheduling_strategy: §daemon", "scheduling_strategy: expected REPLICA or DAEMON",
               "did you mean DAEMON?");
    row("§desired_count: 2", "desired_count: a daemon service has one task on every instance",
        "scheduling_strategy: REPLICA");
    row("§autoscaling: {min_capacity: 1, max_capacity: 2}", "autoscaling: a daemon service has one task", "REPLICA");
    row("§ordered_placement_strategy: [random]", "ordered_placement_strategy: a daemon service has one task",
        "REPLICA");
    row("deployment_maximum_percent: §200", "deployment_maximum_percent: expected 100, as a daemon service has");
    row("availability_zone_rebalancing: §ENABLED",
        "availability_zone_rebalancing: a daemon service has one task on every instance");
    row("deployment_configuration: {strategy: §BLUE_GREEN, bake_time_in_minutes: 5}",
        "strategy: BLUE_GREEN is for replica services, not for daemons");
    check_keys("launch_type: FARGATE\n    scheduling_strategy: §DAEMON",
               "scheduling_strategy: Fargate has no instances for a daemon to be on", "REPLICA");
    check_keys(std::string(daemon) + "deployment_minimum_healthy_percent: §100",
               "a daemon's task stops before another starts in its place, and with 100 % healthy none may stop",
               "lower deployment_minimum_healthy_percent", Severity::warning);
}

TEST_CASE("a deployment circuit breaker is read with its threshold") {
    const auto breaker = [](std::string_view settings) {
        return front("deployment_circuit_breaker: {" + std::string(settings) + "}").circuit_breaker;
    };
    const ecs::DeploymentCircuitBreaker plain = breaker("enable: true");
    CHECK(plain.enable);
    CHECK_FALSE(plain.rollback);
    CHECK(plain.reset_on_healthy_task);
    CHECK(plain.threshold.type == ecs::ThresholdType::bounded_percent);
    CHECK(plain.threshold.value == 50);
    const ecs::DeploymentCircuitBreaker full =
        breaker("enable: true, rollback: true, reset_on_healthy_task: false, threshold: {type: COUNT, value: 7}");
    CHECK(full.rollback);
    CHECK_FALSE(full.reset_on_healthy_task);
    CHECK(full.threshold.type == ecs::ThresholdType::count);
    CHECK(full.threshold.value == 7);
    CHECK(breaker("enable: true, threshold: {type: UNBOUNDED_PERCENT, value: 150}").threshold.value == 150);
    CHECK(breaker("enable: true, threshold: {value: 20}").threshold.value == 20);
}

TEST_CASE("faults of deployment circuit breakers") {
    const auto row = [](std::string_view settings, std::string_view message, std::string_view hint = "") {
        check_keys("deployment_circuit_breaker: " + std::string(settings), message, hint);
    };
    check_keys("§deployment_circuit_breaker: {rollback: true}", "deployment_circuit_breaker needs the key enable");
    row("{enable: §ENABLED}", "enable: expected true or false");
    row("{enable: true, threshold: {type: §BOUND_PERCENT}}",
        "type: expected BOUNDED_PERCENT, UNBOUNDED_PERCENT or COUNT", "did you mean BOUNDED_PERCENT?");
    row("{enable: true, threshold: {value: §101}}", "value: expected a whole number from 0 to 100");
    row("{enable: true, §threshold: {type: COUNT}}", "threshold needs the key value");
    row("{enable: true, §limit: 3}", "unknown key \"limit\" in deployment_circuit_breaker", "it takes enable");
    check_keys("deployment_circuit_breaker: {enable: false, rollback: §true}",
               "rollback has no effect: the circuit breaker is off", "enable: true", Severity::warning);
}

TEST_CASE("a circuit breaker rolls back a deployment that shifts traffic") {
    for (const std::string strategy : {"BLUE_GREEN", "LINEAR", "CANARY"}) {
        CAPTURE(strategy);
        const std::string text = with_keys(
            "desired_count: 4\n    deployment_circuit_breaker: {enable: true, rollback: "
            "true}\n    deployment_configuration: {strategy: " +
            strategy + ", bake_time_in_minutes: 5}");
        const std::string fleet =
            with(with(text, "duration: 24h", "duration: 2h"), "max_size: 4", "max_size: 4\n    min_size: 4");
        const sim::Result result = sim::run(
            good(with(fleet, "traffic:", "events: [{at: 20m, deploy: {service: front, fails: 1}}]\ntraffic:")));
        const auto told = [&](std::string_view what) {
            return std::count_if(result.events.begin(), result.events.end(), [&](const sim::EventRow& row) {
                return row.event == "deployment" && row.reason.find(what) != std::string::npos;
            });
        };
        CHECK(told("failed") == 1);
        CHECK(told("rolled back") == 1);
        CHECK(result.services[0].tasks.min == 4);
        CHECK(result.sources[0].failed == 0);
    }
}

TEST_CASE("a deployment shifts traffic as its strategy says") {
    const auto shift = [](std::string_view settings) {
        return front("deployment_configuration: {" + std::string(settings) + "}").traffic_shift;
    };
    CHECK_FALSE(shift("strategy: ROLLING").has_value());
    CHECK_FALSE(shift("").has_value());
    const auto blue_green = shift("strategy: BLUE_GREEN, bake_time_in_minutes: 5");
    REQUIRE(blue_green.has_value());
    CHECK(blue_green->strategy == ecs::DeploymentStrategy::blue_green);
    CHECK(blue_green->bake_time == 5min);
    const auto linear = shift(
        "strategy: LINEAR, bake_time_in_minutes: 0, linear_configuration: {step_percent: 12.5, "
        "step_bake_time_in_minutes: 3}");
    REQUIRE(linear.has_value());
    CHECK(linear->linear.step_per_mille == 125);
    CHECK(linear->linear.step_bake_time == 3min);
    const auto usual = shift("strategy: LINEAR, bake_time_in_minutes: 1");
    REQUIRE(usual.has_value());
    CHECK(usual->linear.step_per_mille == 100);
    CHECK(usual->linear.step_bake_time == 6min);
    const auto canary = shift(
        "strategy: CANARY, bake_time_in_minutes: 1440, canary_configuration: {canary_percent: 0.1, "
        "canary_bake_time_in_minutes: 15}");
    REQUIRE(canary.has_value());
    CHECK(canary->strategy == ecs::DeploymentStrategy::canary);
    CHECK(canary->bake_time == 24h);
    CHECK(canary->canary.canary_per_mille == 1);
    CHECK(canary->canary.canary_bake_time == 15min);
}

TEST_CASE("faults of deployment configurations") {
    const auto row = [](std::string_view settings, std::string_view message, std::string_view hint = "") {
        check_keys("deployment_configuration: " + std::string(settings), message, hint);
    };
    row("{strategy: §BLUEGREEN}", "strategy: expected ROLLING, BLUE_GREEN, LINEAR or CANARY",
        "did you mean BLUE_GREEN?");
    check_keys("§deployment_configuration: {strategy: BLUE_GREEN}",
               "deployment_configuration needs the key bake_time_in_minutes");
    row("{strategy: BLUE_GREEN, bake_time_in_minutes: §1441}",
        "bake_time_in_minutes: expected a whole number from 0 to 1440, in minutes");
    row("{strategy: ROLLING, §bake_time_in_minutes: 5}", "bake_time_in_minutes: a rolling update has none");
    row("{strategy: CANARY, bake_time_in_minutes: 5, §linear_configuration: {}}",
        "linear_configuration: only the strategy LINEAR takes it");
    row("{§canary_configuration: {}}", "canary_configuration: only the strategy CANARY takes it");
    row("{strategy: LINEAR, bake_time_in_minutes: 5, linear_configuration: {step_percent: §2.9}}",
        "step_percent: expected a percentage from 3.0 to 100.0 with one decimal");
    row("{strategy: LINEAR, bake_time_in_minutes: 5, linear_configuration: {step_percent: §10.25}}",
        "step_percent: expected a percentage");
    row("{strategy: CANARY, bake_time_in_minutes: 5, canary_configuration: {canary_percent: §100.1}}",
        "canary_percent: expected a percentage from 0.1 to 100.0 with one decimal");
    check({{"  back:\n    cluster: main\n",
            "  back:\n    cluster: main\n    deployment_configuration: {strategy: §LINEAR, bake_time_in_minutes: 5}\n",
            "strategy: LINEAR shifts the traffic of a load balancer, and none forwards to service \"back\""}});
}

TEST_CASE("zones are rebalanced where tasks may be one too many and are spread over zones") {
    CHECK(front("availability_zone_rebalancing: ENABLED").zone_rebalancing);
    CHECK_FALSE(front("availability_zone_rebalancing: DISABLED").zone_rebalancing);
    CHECK(front("availability_zone_rebalancing: ENABLED\n    ordered_placement_strategy: [{spread: "
                "\"attribute:ecs.availability-zone\"}, {binpack: memory}]")
              .zone_rebalancing);
    check_keys("availability_zone_rebalancing: §true",
               "availability_zone_rebalancing: expected ENABLED or DISABLED, found \"true\"");
    check_keys(
        "availability_zone_rebalancing: §ENABLED\n    deployment_maximum_percent: 100\n    "
        "deployment_minimum_healthy_percent: 0",
        "a task is started before another is stopped, and with deployment_maximum_percent 100 none can be",
        "raise deployment_maximum_percent");
    check_keys("availability_zone_rebalancing: §ENABLED\n    ordered_placement_strategy: [{binpack: memory}]",
               "the first placement strategy must spread over zones, or there must be none",
               "spread: attribute:ecs.availability-zone");
}

TEST_CASE("tasks ask for protection from scale-in as their service says") {
    CHECK(front("task_scale_in_protection: {}").scale_in_protection == 120min);
    CHECK(front("task_scale_in_protection: {expires_in_minutes: 2880}").scale_in_protection == 48h);
    check_keys("task_scale_in_protection: {expires_in_minutes: §0}",
               "expires_in_minutes: expected a whole number from 1 to 2880");
    check_keys("task_scale_in_protection: §30", "task_scale_in_protection: expected a mapping, found text");
}
