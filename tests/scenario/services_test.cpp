#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

constexpr std::string_view front_serving = "serving: {workers: 2, service_time: 10ms}";
constexpr std::string_view calls = "calls: [{service: back, probability: 0.5}]";

}  // namespace

TEST_CASE("faults of services") {
    check({
        {"cluster: main", "cluster: §mian", "unknown cluster \"mian\"", "did you mean main?"},
        {"cluster: main", "cluster: §{a: b}", "cluster: expected the name of a cluster, found a mapping"},
        {front_task, "task: {cpu: §0, memory: 512}", "cpu: expected a whole number from 1 to"},
        {front_task, "task: {cpu: §lots, memory: 512}", "cpu: expected a whole number from 1 to"},
        {front_task, "task: {cpu: 256, memory: §0}", "memory: expected a size of at least 1MiB"},
        {front_task, "task: {cpu: 256, memory: §512MB}", "memory: expected a size such as 512MiB", "512MiB?"},
        {front_task, "task: {cpu: 256, memory: §.5GiB}", "memory: expected a size such as 512MiB"},
        {front_task, "§task: {cpu: 256}", "task needs the key memory"},
        {front_task, "task: {cpu: 256, memory: 512, §netwrok_mode: host}", "unknown key \"netwrok_mode\" in task",
         "did you mean network_mode?"},
        {front_task, "task: {cpu: 256, memory: 512, network_mode: §bridged}",
         "network_mode: expected bridge, host or awsvpc", "did you mean bridge?"},
        {front_task, "task: {cpu: 256, memory: 512}\n    deployment_minimum_healthy_percent: §101",
         "deployment_minimum_healthy_percent: expected a whole number from 0 to 100"},
        {front_task, "task: {cpu: 256, memory: 512}\n    deployment_maximum_percent: §99",
         "deployment_maximum_percent: expected a whole number from 100 to 200"},
        {front_task, "task: {cpu: 256, memory: 512}\n    desired_count: §5001",
         "desired_count: expected a whole number from 0 to 5000"},
        {front_serving, "serving: {§service_tme: 10ms, service_time: 10ms}", "unknown key \"service_tme\" in serving",
         "did you mean service_time?"},
        {front_serving, "§serving: {workers: 2}", "serving needs the key service_time"},
        {front_serving, "serving: {workers: §0, service_time: 10ms}",
         "workers: expected a whole number from 1 to 100000"},
        {front_serving, "serving: {workers: §100001, service_time: 10ms}", "workers: expected a whole number from 1"},
        {front_serving, "serving: {service_time: 10ms, boot_time: §-1s}", "boot_time: expected a duration such as 90s"},
        {"  front:\n    cluster: main\n    task: {cpu: 256, memory: 512}\n    serving: {workers: 2,",
         "  §front:\n    cluster: main\n    task: {cpu: 256, memory: 512}\n    serving: {boot_time: 2m,",
         "service \"front\" boots for 2m and fails its health checks after 30s: its tasks are replaced for ever",
         "health_check_grace_period_seconds from 4m on", Severity::warning},
        {front_serving, "serving: {service_time: 10ms, cpu_time: §1h}",
         "cpu_time: 1h is more than 1024 vCPUs can burn"},
        {"  back:\n", "  §b@ck: {cluster: main, task: {cpu: 1, memory: 1}, serving: {service_time: 1s}}\n  back:\n",
         "\"b@ck\" is not a name: expected 1 to 255 letters, digits, - and _"},
    });
}

TEST_CASE("faults of calls") {
    check({
        {calls, "calls: [{service: §bakc}]", "unknown service \"bakc\"", "did you mean back?"},
        {calls, "calls: [§{probability: 0.5}, {service: back}]", "calls item needs the key service"},
        {calls, "calls: [{service: back, probability: §1.1}]",
         "probability: expected a number from 0 to 1, found \"1.1\""},
        {calls, "calls: [{service: back, probability: §-0.1}]", "probability: expected a number from 0 to 1"},
        {calls, "calls: [{service: back, via: §publik}]", "unknown load balancer \"publik\"", "did you mean public?"},
        {calls, "calls: [{service: back, via: §public}]",
         "the call does not reach service \"back\": load balancer \"public\" sends \"/\" on port 80 to service "
         "\"front\""},
        {calls, "calls: [{service: back, via: public, port: §81}]",
         "load balancer \"public\" has no listener on port 81", "it listens on 80"},
        {calls, "calls: [{service: back, §port: 80}]", "port: a call without via goes straight to the service"},
        {calls, "calls: [{service: back, path: §api}]", "path: expected a path such as /api, found \"api\""},
        {calls, "calls: [{service: back, for_path_pattern: §/a b}]",
         "for_path_pattern: expected a path pattern of 1 to 128 characters such as /api/*"},
        {calls, "calls: §back", "calls: expected a list, found text"},
        {calls, "calls: [§back]", "calls item: expected a mapping, found text"},
        {calls, "§calls: [{service: front}]", "calls go round in a circle: front → front"},
        {"serving: {service_time: 20ms}", "serving: {service_time: 20ms}\n    §calls: [{service: front}]",
         "calls go round in a circle: front → back → front"},
    });
}

TEST_CASE("limits at which no task can be replaced are warned of at the first such count") {
    const auto row = [](std::string_view keys, std::string_view message) {
        check({{front_task, std::string(front_task) + "\n    " + std::string(keys), message,
                "raise deployment_maximum_percent", Severity::warning}});
    };
    row("desired_count: 2\n    deployment_minimum_healthy_percent: 75\n    deployment_maximum_percent: §125",
        "with 2 tasks at least 2 must be healthy (75 % of 2, rounded up) and at most 2 may run (125 %, rounded down): "
        "none can be replaced, by a deployment or on an instance that drains");
    row("desired_count: 1\n    deployment_maximum_percent: §100",
        "with 1 task at least 1 must be healthy (100 % of 1, rounded up) and at most 1 may run");
    const auto silent = [](std::string_view keys) {
        return load(with(small_shop, front_task, std::string(front_task) + "\n    " + std::string(keys)))
            .diagnostics.render();
    };
    CHECK(silent("desired_count: 4\n    deployment_minimum_healthy_percent: 75\n    deployment_maximum_percent: 125")
              .empty());
    CHECK(silent("desired_count: 1\n    deployment_minimum_healthy_percent: 0\n    deployment_maximum_percent: 100")
              .empty());
}

TEST_CASE("faults of autoscaling") {
    const auto rows = [](std::string_view autoscaling, std::string_view message, std::string_view hint = "") {
        const std::string becomes = std::string(front_task) + "\n    " + std::string(autoscaling);
        check({{front_task, becomes, message, hint}});
    };
    rows("§autoscaling: {max_capacity: 4}", "autoscaling needs the key min_capacity");
    rows("autoscaling: {min_capacity: §5, max_capacity: 4}", "min_capacity 5 is above max_capacity 4");
    rows("autoscaling: {min_capacity: 2, max_capacity: 4}\n    desired_count: §1",
         "desired_count 1 lies outside min_capacity 2 to max_capacity 4");
    rows(
        "autoscaling: {min_capacity: 1, max_capacity: 4, target_tracking: [{metric: §CPUUtilization, target_value: "
        "60}]}",
        "metric: expected ECSServiceAverageCPUUtilization, ECSServiceAverageMemoryUtilization or "
        "ALBRequestCountPerTarget, found \"CPUUtilization\"");
    rows(
        "autoscaling: {min_capacity: 1, max_capacity: 4, target_tracking: "
        "[{metric: §ECSServiceAverageCpuUtilisation, target_value: 60}]}",
        "metric: expected ECSServiceAverageCPUUtilization", "did you mean ECSServiceAverageCPUUtilization?");
    rows(
        "autoscaling: {min_capacity: 1, max_capacity: 4, target_tracking: "
        "[{metric: ECSServiceAverageCPUUtilization, target_value: §0}]}",
        "target_value: expected a number above 0");
    rows(
        "autoscaling: {min_capacity: 1, max_capacity: 4, target_tracking: "
        "[{metric: ECSServiceAverageCPUUtilization, target_value: 50, disable_scale_in: §yes}]}",
        "disable_scale_in: expected true or false");
    rows(
        "autoscaling: {min_capacity: 1, max_capacity: 4, target_tracking: "
        "[{metric: ECSServiceAverageCPUUtilization, target_value: 50}, "
        "§{metric: ECSServiceAverageCPUUtilization, target_value: 60}]}",
        "target_tracking: ECSServiceAverageCPUUtilization is tracked by an earlier policy");
}

TEST_CASE("faults of target groups") {
    constexpr std::string_view back_serving = "serving: {service_time: 20ms}";
    check({
        {front_task, "task: {cpu: 256, memory: 512}\n    target_group: {load_balancing_algorithm_type: §round-robin}",
         "load_balancing_algorithm_type: expected round_robin or least_outstanding_requests",
         "did you mean round_robin?"},
        {front_task, "task: {cpu: 256, memory: 512}\n    target_group: {deregistration_delay: §2h}",
         "deregistration_delay: expected a duration from 0s to 1h"},
        {front_task, "task: {cpu: 256, memory: 512}\n    target_group: {health_check: {interval: §4}}",
         "interval: expected a duration from 5s to 5m"},
        {front_task, "task: {cpu: 256, memory: 512}\n    target_group: {health_check: {interval: 10, timeout: §10}}",
         "health_check: the timeout 10s is not shorter than the interval 10s"},
        {front_task, "task: {cpu: 256, memory: 512}\n    target_group: {health_check: {healthy_threshold: §1}}",
         "healthy_threshold: expected a whole number from 2 to 10"},
        {back_serving, "serving: {service_time: 20ms}\n    §target_group: {deregistration_delay: 10}",
         "target_group has no effect: no load balancer forwards to service \"back\"", "", Severity::warning},
        {back_serving,
         "serving: {service_time: 20ms}\n    autoscaling: {min_capacity: 1, max_capacity: 2, target_tracking: "
         "[{metric: §ALBRequestCountPerTarget, target_value: 100}]}",
         "ALBRequestCountPerTarget: no load balancer forwards to service \"back\""},
    });
}

TEST_CASE("memory figures are read and their absence is told once somebody looks at them") {
    constexpr std::string_view serving = "serving: {workers: 2, service_time: 10ms}";
    const sim::Serving read =
        good(with(small_shop, serving,
                  "serving: {workers: 2, service_time: 10ms, memory_idle: 1GiB, memory_per_request: 3MiB}"))
            .services[sim::ServiceId{0}]
            .serving;
    CHECK(read.memory_mib_when_idle == 1024);
    CHECK(read.memory_mib_per_request == 3);
    check({{serving, "serving: {workers: 2, service_time: 10ms, memory_idle: §1GB}",
            "memory_idle: expected a size such as 512MiB", "did you mean 1GiB?"},
           {serving, "serving: {workers: 2, service_time: 10ms, memory_per_request: §x}",
            "memory_per_request: expected a size such as 512MiB"}});

    const std::string tracking = with(small_shop, front_task,
                                      std::string(front_task) +
                                          "\n    autoscaling: {min_capacity: 1, max_capacity: 4, target_tracking: "
                                          "[{metric: ECSServiceAverageMemoryUtilization, target_value: 60}]}");
    const auto told = [](const std::string& text) {
        const auto assumptions = good(text).assumptions;
        return std::count(assumptions.begin(), assumptions.end(),
                          "front: no memory_idle and memory_per_request: MemoryUtilization is 0");
    };
    CHECK(told(tracking) == 1);
    CHECK(told(with(tracking, serving, "serving: {service_time: 10ms, memory_per_request: 0}")) == 0);
}
