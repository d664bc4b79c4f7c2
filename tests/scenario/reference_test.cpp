#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/small_shop.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

std::string reference() {
    std::ifstream stream(std::filesystem::path(FLEETSIM_SOURCE_DIR) / "docs" / "scenario.md", std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// The keys that a mapping takes, from the hint for a key that resembles none of them.
std::vector<std::string> keys_of(std::string_view was, std::string_view becomes) {
    std::vector<std::string> keys;
    for (const Diagnostic& one : load(with(small_shop, was, becomes)).diagnostics.sorted()) {
        if (!one.hint.starts_with("it takes ")) continue;
        std::string rest = one.hint.substr(9);
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(", "), rest.find(" or "));
            keys.push_back(rest.substr(0, end));
            rest.erase(0, end == std::string::npos ? end : end + (rest[end] == ',' ? 2 : 4));
        }
    }
    return keys;
}

}  // namespace

TEST_CASE("the example of the reference loads without a word") {
    const std::string page = reference();
    const std::size_t begin = page.find("```yaml\n");
    REQUIRE(begin != std::string::npos);
    const std::string example = page.substr(begin + 8, page.find("\n```", begin) - begin - 7);
    const Loaded loaded = load(example);
    CHECK(loaded.diagnostics.render().empty());
    CHECK(loaded.scenario.has_value());
}

TEST_CASE("the reference names every key that the reader takes") {
    constexpr std::string_view task = "task: {cpu: 256, memory: 512}";
    const std::vector<std::vector<std::string>> mappings{
        keys_of("name: shop", "name: shop\nqqqqqqqq: 1"),
        keys_of("m5.large", "m5.large\n    qqqqqqqq: 1"),
        keys_of("m5.large", "m5.large\n    launch_times: {qqqqqqqq: 1}"),
        keys_of("  main:", "  main:\n    qqqqqqqq: 1"),
        keys_of("_group: web", "_group: web\n        qqqqqqqq: 1"),
        keys_of("_group: web", "_group: web\n        managed_scaling: {qqqqqqqq: 1}"),
        keys_of("  front:", "  front:\n    qqqqqqqq: 1"),
        keys_of(task, "task: {qqqqqqqq: 1}"),
        keys_of(task, "placement_constraints: [{qqqqqqqq: 1}]"),
        keys_of("{workers: 2,", "{qqqqqqqq: 1,"),
        keys_of("{service: back,", "{qqqqqqqq: 1,"),
        keys_of(task, "autoscaling: {qqqqqqqq: 1}"),
        keys_of(task, "autoscaling: {target_tracking: [{qqqqqqqq: 1}]}"),
        keys_of(task, "target_group: {qqqqqqqq: 1}"),
        keys_of(task, "target_group: {health_check: {qqqqqqqq: 1}}"),
        keys_of("  public:", "  public:\n    qqqqqqqq: 1"),
        keys_of("{port: 80,", "{qqqqqqqq: 80,"),
        keys_of("default: front}", "default: front, rules: [{qqqqqqqq: 1}]}"),
        keys_of("to: public", "qqqqqqqq: public"),
        keys_of("10/s", "10/s\n    client: {qqqqqqqq: 1}"),
        keys_of("10/s", "{qqqqqqqq: 1}"),
        keys_of("10/s", "{diurnal: {qqqqqqqq: 1}}"),
        keys_of("10/s", "{trace: {qqqqqqqq: 1}}"),
        keys_of("service_time: 10ms", "service_time: {qqqqqqqq: 1}"),
        keys_of("traffic:", "faults: [{at: 1s, terminate: task, qqqqqqqq: 1}]\ntraffic:"),
        keys_of("traffic:", "faults: [{at: 1s, az_outage: us-east-1a, qqqqqqqq: 1}]\ntraffic:"),
        keys_of("traffic:", "faults: [{at: 1s, insufficient_capacity: m5.large, duration: 1s, qqqqqqqq: 1}]\ntraffic:"),
        keys_of("traffic:", "faults: [{at: 1s, impair: instance, qqqqqqqq: 1}]\ntraffic:"),
        keys_of("traffic:", "events: [{at: 1s, qqqqqqqq: 1}]\ntraffic:"),
        keys_of("traffic:", "events: [{at: 1s, deploy: {qqqqqqqq: 1}}]\ntraffic:"),
        keys_of("traffic:", "slo: [{qqqqqqqq: 1}]\ntraffic:"),
        keys_of("traffic:", "events: [{at: 1s, deploy: {service: front, fails: {qqqqqqqq: 1}}}]\ntraffic:"),
        keys_of("traffic:", "images: {a: {qqqqqqqq: 1}}\ntraffic:"),
        keys_of("512}", "512, health_check: {qqqqqqqq: 1}}"),
        keys_of(task, "task: {containers: [{qqqqqqqq: 1}]}"),
        keys_of(task, "task: {containers: [{port_mappings: [{qqqqqqqq: 1}]}]}"),
        keys_of(task, "task: {containers: [{depends_on: [{qqqqqqqq: 1}]}]}"),
        keys_of(task, "launch_type: FARGATE\n    qqqqqqqq: 1"),
        keys_of(task, "capacity_provider_strategy: [{qqqqqqqq: 1}]"),
        keys_of(task, "deployment_circuit_breaker: {qqqqqqqq: 1}"),
        keys_of(task, "deployment_circuit_breaker: {threshold: {qqqqqqqq: 1}}"),
        keys_of(task, "deployment_configuration: {qqqqqqqq: 1}"),
        keys_of(task, "deployment_configuration: {strategy: LINEAR, linear_configuration: {qqqqqqqq: 1}}"),
        keys_of(task, "deployment_configuration: {strategy: CANARY, canary_configuration: {qqqqqqqq: 1}}"),
        keys_of(task, "task_scale_in_protection: {qqqqqqqq: 1}"),
        keys_of("m5.large", "m5.large\n    warm_pool: {qqqqqqqq: 1}"),
        keys_of("m5.large", "m5.large\n    warm_pool: {instance_reuse_policy: {qqqqqqqq: 1}}"),
        keys_of("m5.large", "m5.large\n    lifecycle_hooks: [{qqqqqqqq: 1}]"),
        keys_of("m5.large", "m5.large\n    instance_refreshes: [{qqqqqqqq: 1}]"),
        keys_of("m5.large", "m5.large\n    workload: {qqqqqqqq: 1}"),
        keys_of("m5.large", "m5.large\n    target_tracking: [{qqqqqqqq: 1}]"),
        keys_of("m5.large", "m5.large\n    target_tracking: [{metric: {qqqqqqqq: 1}}]"),
        keys_of("m5.large", "m5.large\n    step_scaling: [{qqqqqqqq: 1}]"),
        keys_of("m5.large", "m5.large\n    step_scaling: [{step_adjustments: [{qqqqqqqq: 1}]}]"),
        keys_of("m5.large", "m5.large\n    simple_scaling: [{qqqqqqqq: 1}]"),
        keys_of("m5.large", "m5.large\n    predictive_scaling: [{qqqqqqqq: 1}]"),
        keys_of("m5.large", "m5.large\n    predictive_scaling: [{history: {qqqqqqqq: 1}}]"),
        keys_of("m5.large", "m5.large\n    predictive_scaling: [{history: {outliers: [{qqqqqqqq: 1}]}}]"),
        keys_of("m5.large", "m5.large\n    scheduled_actions: [{qqqqqqqq: 1}]"),
        keys_of("instance_type: m5.large", "mixed_instances_policy: {qqqqqqqq: 1}"),
        keys_of("instance_type: m5.large", "mixed_instances_policy: {instances_distribution: {qqqqqqqq: 1}}"),
        keys_of("instance_type: m5.large", "mixed_instances_policy: {overrides: [{qqqqqqqq: 1}]}"),
        keys_of(task, "autoscaling: {step_scaling: [{qqqqqqqq: 1}]}"),
        keys_of(task, "autoscaling: {scheduled_actions: [{qqqqqqqq: 1}]}"),
        keys_of(task, "autoscaling: {suspended_state: {qqqqqqqq: 1}}"),
        keys_of("clusters:", "metrics: {a: {qqqqqqqq: 1}}\nclusters:"),
        keys_of("clusters:", "alarms: {a: {qqqqqqqq: 1}}\nclusters:"),
        keys_of("clusters:", "alarms: {a: {alarm_rule: \"TRUE\", qqqqqqqq: 1}}\nclusters:"),
        keys_of("instance_type: m5.large\n    availability_zones: [us-east-1a, us-east-1b]",
                "mixed_instances_policy: {instances_distribution: {on_demand_percentage_above_base_capacity: 0}, "
                "overrides: [{instance_type: m5.large}]}\nspot_pools: {m5.large/us-east-1a: {qqqqqqqq: 1}}\nx-rest:"),
    };
    const std::string page = reference();
    for (std::size_t i = 0; i < mappings.size(); ++i) {
        INFO("mapping " << i);
        CHECK_FALSE(mappings[i].empty());
        for (const std::string& key : mappings[i]) {
            INFO(key);
            const bool named =
                page.find("`" + key + "`") != std::string::npos || page.find(key + ": ") != std::string::npos;
            CHECK(named);
        }
    }
}
