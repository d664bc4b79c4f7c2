#include <chrono>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;
using namespace std::chrono_literals;

namespace {

std::string event(std::string_view what) {
    return "events: [{at: 20m, deploy: {" + std::string(what) + "}}]\ntraffic:";
}

sim::Scenario deployed(std::string_view what, std::string_view task = front_task) {
    return good(with(with(small_shop, front_task, task), "traffic:", event(what)));
}

void check_event(std::string_view what, std::string_view message, std::string_view hint = "",
                 Severity severity = Severity::error) {
    check({{"traffic:", event(what), message, hint, severity}});
}

}  // namespace

TEST_CASE("a deployment without a task starts the same again") {
    const sim::Scenario scenario = deployed("service: front");
    REQUIRE(scenario.deployments.size() == 1);
    CHECK(scenario.deployments[0].at == des::Time{20min});
    CHECK_FALSE(scenario.deployments[0].task.has_value());
    CHECK(scenario.deployments[0].fails.probability == 0);
}

TEST_CASE("a new revision has the keys of the service's task where it says nothing") {
    const sim::Scenario scenario =
        deployed("service: front, task: {memory: 1024, stop_timeout: 5s}",
                 "task: {cpu: 256, memory: 512, network_mode: host, host_ports: [8080], exit_time: 2s}\n"
                 "    start_time: 3s\n    placement_constraints: [distinctInstance]");
    REQUIRE(scenario.deployments[0].task.has_value());
    const sim::TaskDefinition& task = *scenario.deployments[0].task;
    const sim::TaskDefinition& before = scenario.services[sim::ServiceId{0}].task;
    CHECK(task.shape.task[placement::cpu_units] == 256);
    CHECK(task.shape.task[placement::memory_mib] == 1024);
    CHECK(before.shape.task[placement::memory_mib] == 512);
    REQUIRE(task.shape.host_ports.size() == 1);
    CHECK(task.shape.host_ports[0].number == 8080);
    CHECK(task.shape.distinct_instance);
    CHECK(task.stop_timeout == 5s);
    CHECK(before.stop_timeout == 30s);
    CHECK(des::mean(task.exit_time) == 2);
    CHECK(des::mean(task.on_instance.starting) == 3);
}

TEST_CASE("a new revision that names its containers has none of the keys of one container") {
    const sim::Scenario scenario = deployed(
        "service: front, task: {containers: [{name: app, cpu: 128, memory_reservation: 256}, {name: log, memory: 64}]}",
        "task: {cpu: 512, memory: 512, gpu: 0, host_ports: [8080], health_check: {}}");
    const sim::TaskDefinition& task = *scenario.deployments[0].task;
    CHECK(task.shape.task[placement::cpu_units] == 512);
    CHECK(task.shape.task[placement::memory_mib] == 512);
    CHECK(task.shape.host_ports.empty());
    CHECK_FALSE(task.health_check.has_value());
    CHECK(scenario.services[sim::ServiceId{0}].task.health_check.has_value());
}

TEST_CASE("tasks of a deployment fail as often and in the way that is told") {
    const auto fails = [](std::string_view how) {
        return deployed("service: front, fails: " + std::string(how)).deployments[0].fails;
    };
    CHECK(fails("0.3").probability == 0.3);
    CHECK(fails("30%").probability == 0.3);
    CHECK(fails("0.3").how == sim::TaskFailure::exits_at_start);
    CHECK(fails("{probability: 1, how: never_healthy}").how == sim::TaskFailure::never_healthy);
    CHECK(fails("{probability: 1}").how == sim::TaskFailure::exits_at_start);
}

TEST_CASE("faults of deployments") {
    check_event("service: §fornt", "unknown service \"fornt\"", "did you mean front?");
    check_event("service: front, §count: 2", "unknown key \"count\" in deploy", "it takes service, task or fails");
    check_event("service: front, fails: §1.5", "fails: expected a share from 0% to 100%", "did you mean 1.5%?");
    check_event("service: front, §fails: {how: never_healthy}", "fails needs the key probability");
    check_event("service: front, fails: {probability: 1, how: §unhealthy}",
                "how: expected exits_at_start or never_healthy");
    check_event("service: front, task: §small", "task: expected a mapping, found text");
    check_event("service: front, task: {cpu: §0}", "cpu: expected a whole number from 1 to");
    check_event("service: front, task: {§start_time: 3s}", "unknown key \"start_time\" in task", "it takes");
    check_event("service: front, task: {cpu: §4096}",
                "a task of the deployment at 20m of service \"front\" fits no instance: it needs 4096 CPU units, and "
                "m5.large, the largest of cluster \"main\", registers 2048 CPU units: 2048 CPU units short");
}

TEST_CASE("what is wrong with the service's own task is told once") {
    const Loaded loaded = load(with(with(small_shop, front_task, "task: {cpu: 256, memory: 512, coulor: red}"),
                                    "traffic:", event("service: front, task: {cpu: 512}")));
    INFO(loaded.diagnostics.render());
    CHECK(loaded.diagnostics.sorted().size() == 1);
    const Loaded incomplete = load(with(with(small_shop, front_task, "task: {cpu: 256}"),
                                        "traffic:", event("service: front, task: {memory: 512}")));
    INFO(incomplete.diagnostics.render());
    CHECK(incomplete.diagnostics.sorted().size() == 1);
}

TEST_CASE("what a deployment takes over from its service is wrong once") {
    const auto count = [](std::string_view task, std::string_view what) {
        const Loaded loaded = load(with(with(small_shop, front_task, task), "traffic:", event(what)));
        UNSCOPED_INFO(loaded.diagnostics.render());
        return loaded.diagnostics.sorted().size();
    };
    CHECK(count("task: {cpu: 256, memory: 8192}", "service: front, task: {cpu: 512}") == 1);
    CHECK(count("task: {cpu: 256, memory: 8192}", "service: front, task: {cpu: 4096}") == 2);
    CHECK(count("task: {cpu: 256, memory: 8192}", "service: front, task: {memory: 9000}") == 2);
    CHECK(count("task: {cpu: 256, memory: 512, cpu_architecture: ARM64}", "service: front, task: {cpu: 512}") == 1);
    CHECK(count("task: {cpu: 256, memory: 512}\n    placement_constraints: [{type: memberOf, expression: "
                "attribute:ecs.availability-zone == us-east-1a}, {type: memberOf, expression: "
                "attribute:ecs.availability-zone == us-east-1b}]",
                "service: front, task: {cpu: 512}") == 1);
}

TEST_CASE("a failure that nobody checks for is warned of") {
    constexpr std::string_view never = "fails: §{probability: 1, how: never_healthy}";
    check_event("service: back, " + std::string(never),
                "never_healthy: nobody checks the health of the tasks of service \"back\", so nobody notices",
                "give its task a health_check", Severity::warning);
    const auto silent = [](std::string_view what) {
        return load(with(small_shop, "traffic:", event(what))).diagnostics.render();
    };
    CHECK(silent("service: front, fails: {probability: 1, how: never_healthy}").empty());
    CHECK(silent("service: back, task: {health_check: {}}, fails: {probability: 1, how: never_healthy}").empty());
    CHECK(silent("service: back, fails: 1").empty());
}

TEST_CASE("keys of the service that are wrong only beside those of a deployment are told at the deployment") {
    const auto row = [](std::string_view task, std::string_view what, std::string_view message) {
        check({{"traffic:", event("service: front, " + std::string(what)),
                "the deployment at 20m of service \"front\": " + std::string(message)}},
              with(small_shop, front_task, task));
    };
    row("launch_type: FARGATE\n    task: {cpu: 256, memory: 512}", "§task: {cpu: 1024}",
        "memory: Fargate has no size 1024/512");
    constexpr std::string_view two_ports =
        "task: {containers: [{name: app, cpu: 256, memory: 512, port_mappings: [{container_port: 80, host_port: "
        "8080}]}]}";
    row(two_ports, "§task: {network_mode: host}", "container \"app\": ");
}
