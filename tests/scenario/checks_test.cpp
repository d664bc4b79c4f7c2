#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

TEST_CASE("a task that fits no instance of its cluster is told which resource is short") {
    // m5.large: 2 vCPUs, 98 % of 8,192 MiB, no GPU.
    check({
        {front_task, "task: {cpu: 256, memory: §8192}",
         "a task of service \"front\" fits no instance: it needs 8192 MiB, and m5.large, the largest of cluster "
         "\"main\", "
         "registers 8028 MiB: 164 MiB short"},
        {front_task, "task: {cpu: §2049, memory: 512}",
         "it needs 2049 CPU units, and m5.large, the largest of cluster "
         "\"main\", registers 2048 CPU units: 1 CPU unit short"},
        {front_task, "task: {cpu: 256, memory: 512, gpu: §1}",
         "it needs 1 GPU, and no instance of cluster \"main\" has any"},
        {"    max_size: 4\nclusters:\n  main:\n    capacity_providers:\n      - auto_scaling_group: web\nservices:\n  "
         "front:\n"
         "    cluster: main\n    task: {cpu: 256, memory: 512}\n",
         "    max_size: 4\n  high: {instance_type: r5.large, max_size: 1}\n  wide: {instance_type: c5.xlarge, "
         "max_size: 1}\n"
         "clusters:\n  main:\n    capacity_providers: [{auto_scaling_group: web}, {auto_scaling_group: high}, "
         "{auto_scaling_group: wide}]\nservices:\n  front:\n    cluster: main\n    task: {cpu: 4096, memory: §9000}\n",
         "cluster \"main\" has enough of each resource, but on no single instance type: c5.xlarge comes closest, 972 "
         "MiB short"},
    });
    CHECK(load(with(small_shop, front_task, "task: {cpu: 2048, memory: 8028}")).scenario.has_value());
}

TEST_CASE("a circle of calls is shown in full, a shared callee is none") {
    std::string text(small_shop);
    text = with(text, "load_balancers:",
                "  third:\n    cluster: main\n    task: {cpu: 1, memory: 1}\n    serving: {service_time: 1ms}\n"
                "    calls: [{service: front}]\nload_balancers:");
    text = with(text, "    serving: {service_time: 20ms}\n",
                "    serving: {service_time: 20ms}\n    calls: [{service: third}]\n");
    const auto found = load(text).diagnostics.sorted();
    REQUIRE(found.size() == 1);
    CHECK(found[0].message == "calls go round in a circle: front → back → third → front");

    const auto diamond =
        with(with(text, "    calls: [{service: front}]\n", ""), "calls: [{service: back, probability: 0.5}]",
             "calls: [{service: back}, {service: third}]");
    const Loaded loaded = load(diamond);
    CHECK(loaded.diagnostics.render().empty());
    CHECK(loaded.scenario.has_value());
}

TEST_CASE("more requests than can be simulated are refused before they are tried") {
    // 20,000 a second and as many calls for a day are 3.5 thousand million; 10,000 and half as many calls are 1.3.
    const auto text = with(with(small_shop, "10/s", "20k/s"), "probability: 0.5", "probability: 1");
    const auto found = load(text).diagnostics.sorted();
    REQUIRE(found.size() == 1);
    CHECK(found[0].message == "about 3.46e+09 requests and calls would be simulated, at most 2e+09 are possible");
    CHECK(found[0].place.line == 31);
    CHECK(found[0].place.column == 11);
    CHECK(load(with(small_shop, "10/s", "10k/s")).scenario.has_value());
}

TEST_CASE("more requests at once than memory holds are refused, however short the peak") {
    const auto peaking_at = [](const std::string& rate) {
        const std::string knots = "{piecewise_linear: [[0s, " + rate + "], [1s, " + rate + "], [1001ms, 0/s]]}";
        return load(with(small_shop, "10/s", knots));
    };
    // Half of the requests make a call: 1.05 million a second for one second.
    const auto found = peaking_at("700k/s").diagnostics.sorted();
    REQUIRE(found.size() == 1);
    CHECK(found[0].message ==
          "about 1.05e+06 requests and calls a second would come at the peak, at most 1e+06 are possible");
    CHECK(peaking_at("600k/s").scenario.has_value());
}

TEST_CASE("calls that double at every step are counted without following each") {
    std::string text = with(small_shop, "calls: [{service: back, probability: 0.5}]", "calls: [{service: s0}]");
    std::string chain;
    for (int i = 0; i < 60; ++i) {
        const std::string next = "{service: s" + std::to_string(i + 1) + "}";
        chain +=
            "  s" + std::to_string(i) + ": {cluster: main, task: {cpu: 1, memory: 1}, serving: {service_time: 1ms}";
        if (i < 59) chain += ", calls: [" + next + ", " + next + "]";
        chain += "}\n";
    }
    text = with(text, "  back:\n", chain + "  back:\n");
    const Loaded loaded = load(text);
    CHECK_FALSE(loaded.scenario.has_value());
    CHECK(loaded.diagnostics.render().find("requests and calls would be simulated") != std::string::npos);
}

TEST_CASE("all faults of a file are shown at once") {
    const std::string text = load(R"(fleetsim: 1
name: shop
region: us-east-1
duration: 24h
auto_scaling_groups:
  web: {instance_type: c6i.xlagre, max_size: 2}
clusters:
  main: {capacity_providers: [{auto_scaling_group: wbe}]}
services:
  front:
    cluster: main
    task: {cpu: 256, memory: 512}
    serving: {service_time: 8}
    retries: 3
load_balancers:
  public: {listeners: [{port: 80, default: fornt}]}
traffic:
  visitors: {to: public, rate: 10}
)")
                                 .diagnostics.render();
    CHECK(text ==
          "shop.yaml:6:24: error: unknown instance type \"c6i.xlagre\"\n"
          "    6 |   web: {instance_type: c6i.xlagre, max_size: 2}\n"
          "      |                        ^~~~~~~~~~ did you mean c6i.xlarge?\n"
          "shop.yaml:8:52: error: unknown Auto Scaling group \"wbe\"\n"
          "    8 |   main: {capacity_providers: [{auto_scaling_group: wbe}]}\n"
          "      |                                                    ^~~ did you mean web?\n"
          "shop.yaml:13:29: error: service_time: expected a duration such as 90s, found \"8\"\n"
          "   13 |     serving: {service_time: 8}\n"
          "      |                             ^ did you mean 8s?\n"
          "shop.yaml:14:5: error: unknown key \"retries\" in service \"front\"\n"
          "   14 |     retries: 3\n"
          "      |     ^~~~~~~ it takes cluster, launch_type, capacity_provider_strategy, task, start_time, "
          "network_configuration, ordered_placement_strategy, placement_constraints, scheduling_strategy, "
          "deployment_minimum_healthy_percent, deployment_maximum_percent, deployment_configuration, "
          "deployment_circuit_breaker, availability_zone_rebalancing, task_scale_in_protection, desired_count, "
          "health_check_grace_period_seconds, serving, calls, autoscaling or target_group\n"
          "shop.yaml:16:44: error: unknown service \"fornt\"\n"
          "   16 |   public: {listeners: [{port: 80, default: fornt}]}\n"
          "      |                                            ^~~~~ did you mean front?\n"
          "shop.yaml:18:32: error: rate: expected a rate such as 120/s, found \"10\"\n"
          "   18 |   visitors: {to: public, rate: 10}\n"
          "      |                                ^~ did you mean 10/s?\n"
          "6 errors.\n");
}
