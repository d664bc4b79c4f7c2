#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_fleet.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;
using namespace std::chrono_literals;

TEST_CASE("faults of fault injection and objectives") {
    check({
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: §24h, terminate: task}]\n",
         "at: 24h is not before the scenario's end at 24h"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [§{terminate: task}]\n", "faults item needs the key at"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [§{at: 1h}]\n",
         "faults item: expected one of terminate, az_outage, insufficient_capacity, reclaim_spot, impair, "
         "task_crashes, instance_failures, slow_zone, image_pulls or api_throttling"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [§{at: 1h, terminate: task, az_outage: us-east-1a}]\n",
         "image_pulls or api_throttling, found terminate and az_outage"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, terminate: §tasks}]\n",
         "terminate: expected instance or task, found \"tasks\"", "did you mean task?"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, terminate: task, service: §fronts}]\n",
         "unknown service \"fronts\"", "did you mean front?"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, terminate: task, §auto_scaling_group: web}]\n",
         "auto_scaling_group: only terminate: instance takes an Auto Scaling group"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, terminate: instance, §service: front}]\n",
         "service: only terminate: task takes a service"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, terminate: instance, auto_scaling_group: §wbe}]\n",
         "unknown Auto Scaling group \"wbe\"", "did you mean web?"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, az_outage: §us-east-1c, duration: 1h}]\n",
         "no Auto Scaling group uses the zone \"us-east-1c\"", "they use us-east-1a or us-east-1b"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [§{at: 1h, az_outage: us-east-1a}]\n",
         "faults item needs the key duration"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, az_outage: us-east-1a, duration: §0s}]\n",
         "duration: expected a duration above 0s"},
        {"rate: 10/s\n", "rate: 10/s\nslo: [§{service: front}]\n",
         "slo item: expected an objective such as p99: 300ms"},
        {"rate: 10/s\n", "rate: 10/s\nslo: [§{p99: 1s}]\n", "slo item needs the key service"},
        {"rate: 10/s\n", "rate: 10/s\nslo: [{service: §fron, p99: 1s}]\n", "unknown service \"fron\"", "front"},
        {"rate: 10/s\n", "rate: 10/s\nslo: [{service: front, p99: §0s}]\n", "p99: expected a duration above 0s"},
        {"rate: 10/s\n", "rate: 10/s\nslo: [{service: front, §p98: 1s}]\n", "unknown key \"p98\" in slo item", "p99"},
        {"rate: 10/s\n", "rate: 10/s\nslo: [{service: front, availability: §99.9}]\n",
         "availability: expected a share from 0% to 100%", "did you mean 99.9%?"},
    });
}

TEST_CASE("events and faults may come at a time of day") {
    const auto at = [](std::string_view start, std::string_view time) {
        const std::string text = with(small_shop, "duration: 24h", "duration: 24h\nstart: " + std::string(start));
        const std::string when = "{at: " + std::string(time) + ", ";
        const sim::Scenario scenario =
            good(text + "faults: [" + when + "terminate: task}]\nevents: [" + when + "deploy: {service: back}}]\n");
        CHECK(scenario.faults[0].at == scenario.deployments[0].at);
        return scenario.faults[0].at.time_since_epoch();
    };
    constexpr std::string_view midnight = "2026-01-05T00:00:00Z";
    constexpr std::string_view noon = "2026-01-05T12:00:30Z";
    CHECK(at(midnight, "10:00") == 10h);
    CHECK(at(midnight, "\"10:00\"") == 10h);
    CHECK(at(midnight, "10:00:05") == 10h + 5s);
    CHECK(at(midnight, "00:00") == 0s);
    CHECK(at(noon, "12:00:30") == 0s);
    CHECK(at(noon, "14:00") == 2h - 30s);
    CHECK(at(noon, "12:00") == 24h - 30s);
    CHECK(at(noon, "14h") == 14h);
    const auto row = [](std::string_view time, std::string_view message) {
        check({{"rate: 10/s\n", "rate: 10/s\nfaults: [{at: §" + std::string(time) + ", terminate: task}]\n", message}},
              with(small_shop, "duration: 24h", "duration: 8h"));
    };
    row("10:00", "at: 10:00, 10h is not before the scenario's end at 8h");
    for (const std::string_view time : {"24:00", "7:00", "07:60", "07:00:60", "07:00Z"}) {
        row(time, "at: expected a duration such as 90s or a time of day such as 10:00, found");
    }
}

TEST_CASE("EC2 may run out of instances and take Spot Instances back and instances may be impaired") {
    const sim::Scenario scenario = good(std::string(small_fleet) + R"(faults:
  - {at: 1h, insufficient_capacity: c5.large, availability_zone: us-east-1a, duration: 10m}
  - {at: 2h, insufficient_capacity: m5.large, duration: 10m}
  - {at: 3h, reclaim_spot: c5.large, availability_zone: us-east-1a, share: 25%}
  - {at: 4h, reclaim_spot: all}
  - {at: 5h, impair: instance, auto_scaling_group: web, check: ELB}
  - {at: 6h, impair: instance}
)");
    REQUIRE(scenario.faults.size() == 6);
    const sim::ZoneId a = scenario.groups[sim::GroupId{0}].zones[0];
    CHECK(scenario.faults[0].at == des::Time{1h});
    const auto& of_zone = std::get<sim::InsufficientCapacity>(scenario.faults[0].what);
    CHECK(of_zone.instance_type == "c5.large");
    CHECK(of_zone.zone == a);
    CHECK(of_zone.duration == 10min);
    CHECK_FALSE(std::get<sim::InsufficientCapacity>(scenario.faults[1].what).zone.exists());
    const auto& some = std::get<sim::ReclaimSpot>(scenario.faults[2].what);
    CHECK(some.instance_type == "c5.large");
    CHECK(some.zone == a);
    CHECK(some.share == 0.25);
    const auto& all = std::get<sim::ReclaimSpot>(scenario.faults[3].what);
    CHECK(all.instance_type.empty());
    CHECK_FALSE(all.zone.exists());
    CHECK(all.share == 1);
    const auto& by_balancer = std::get<sim::ImpairInstance>(scenario.faults[4].what);
    CHECK(by_balancer.group == sim::GroupId{0});
    CHECK(by_balancer.check == sim::HealthCheck::elb);
    CHECK_FALSE(std::get<sim::ImpairInstance>(scenario.faults[5].what).group.exists());
    CHECK(std::get<sim::ImpairInstance>(scenario.faults[5].what).check == sim::HealthCheck::ec2);
}

TEST_CASE("a service can be deployed anew and who deploys nothing is told") {
    const sim::Scenario scenario =
        good(with(small_shop, "traffic:", "events:\n  - {at: 10m, deploy: {service: back}}\ntraffic:"));
    REQUIRE(scenario.deployments.size() == 1);
    CHECK(scenario.deployments[0].at == des::Time{10min});
    CHECK(scenario.services[scenario.deployments[0].service].name == "back");
    const auto row = [](std::string_view event, std::string_view message, std::string_view hint = "") {
        const std::string becomes = "events: [" + std::string(event) + "]\ntraffic:";
        check({{"traffic:", becomes, message, hint}});
    };
    row("§{at: 10m}", "events item needs the key deploy");
    row("{at: 10m, §deploy: {}}", "deploy needs the key service");
    row("{at: 10m, deploy: {service: §bcak}}", "unknown service \"bcak\"", "did you mean back?");
    row("{at: §100h, deploy: {service: back}}", "at: 4d4h is not before the scenario's end");
    row("{at: 10m, deploy: §back}", "deploy: expected a mapping");
}

TEST_CASE("faults of capacity and Spot and impairment injection") {
    const auto row = [](std::string_view fault, std::string_view message, std::string_view hint = "") {
        const std::string becomes = "faults: [" + std::string(fault) + "]\n";
        check({{"HERE\n", becomes, message, hint}}, std::string(small_fleet) + "HERE\n");
    };
    row("{at: 1h, insufficient_capacity: §t3.nano, duration: 1h}", "no Auto Scaling group launches \"t3.nano\"",
        "they launch c5.large or m5.large");
    row("§{at: 1h, insufficient_capacity: c5.large}", "faults item needs the key duration");
    row("{at: 1h, insufficient_capacity: c5.large, duration: §0s}", "duration: expected a duration above 0s");
    row("{at: 1h, insufficient_capacity: c5.large, availability_zone: §us-east-1f, duration: 1h}",
        "no Auto Scaling group uses the zone \"us-east-1f\"", "they use us-east-1a or us-east-1b");
    row("{at: 1h, insufficient_capacity: §[c5.large], duration: 1h}",
        "insufficient_capacity: expected an instance type such as m5.large, found a list");
    row("{at: 1h, reclaim_spot: §r5.large}", "no Auto Scaling group buys Spot Instances of \"r5.large\"",
        "they buy c5.large or m5.large");
    row("{at: 1h, reclaim_spot: all, share: §2}", "share: expected a share", "did you mean 2%?");
    row("{at: 1h, reclaim_spot: all, §duration: 1h}", "unknown key \"duration\" in faults item", "it takes at");
    row("{at: 1h, impair: §task}", "impair: expected instance, found \"task\"");
    row("{at: 1h, impair: instance, check: §HTTP}", "check: expected ELB, EC2 or custom");
    row("{at: 1h, impair: instance, auto_scaling_group: §wbe}", "unknown Auto Scaling group \"wbe\"",
        "did you mean web?");
    check({{"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, reclaim_spot: §all}]\n",
            "reclaim_spot: no Auto Scaling group buys Spot Instances"}});
}

TEST_CASE("what happens to instances where there are none is warned of") {
    constexpr std::string_view fargate_only = R"(fleetsim: 1
name: serverless
region: us-east-1
duration: 2h
clusters:
  main: {capacity_providers: [FARGATE]}
services:
  front:
    cluster: main
    launch_type: FARGATE
    availability_zones: [us-east-1d]
    task: {cpu: 256, memory: 512}
    serving: {service_time: 10ms}
HERE
)";
    const auto row = [&](std::string_view fault, std::string_view message, std::string_view hint = "",
                         Severity severity = Severity::warning) {
        const std::string becomes = "faults: [{at: 1h, " + std::string(fault) + "}]";
        check({{"HERE", becomes, message, hint, severity}}, fargate_only);
    };
    row("terminate: §instance", "terminate has no effect: there is no Auto Scaling group");
    row("impair: §instance", "impair has no effect: there is no Auto Scaling group");
    row("instance_failures: §all, per_instance_hour: 1",
        "instance_failures has no effect: there is no Auto Scaling group");
    row("impair: instance, auto_scaling_group: §web", "unknown Auto Scaling group \"web\"",
        "there is no Auto Scaling group", Severity::error);
    row("instance_failures: §web, per_instance_hour: 1", "unknown Auto Scaling group \"web\"",
        "there is no Auto Scaling group", Severity::error);
    row("az_outage: §us-east-1a, duration: 1h", "no task on Fargate uses the zone \"us-east-1a\"",
        "they use us-east-1d", Severity::error);
    row("insufficient_capacity: §m5.large, duration: 1h", "no Auto Scaling group launches \"m5.large\"", "",
        Severity::error);
    for (const std::string fault :
         {"terminate: task", "az_outage: us-east-1d, duration: 1h", "slow_zone: us-east-1d, factor: 2, duration: 1h"}) {
        CAPTURE(fault);
        const Loaded loaded = load(with(fargate_only, "HERE", "faults: [{at: 1h, " + fault + "}]"));
        CHECK(loaded.diagnostics.render().empty());
    }
}

TEST_CASE("zones of tasks on Fargate are zones in use") {
    const std::string beside =
        with(small_shop, "  back:\n    cluster: main\n",
             "  back:\n    cluster: main\n    launch_type: FARGATE\n    availability_zones: [us-east-1d]\n");
    const auto with_fault = [&](std::string_view fault) { return "faults: [" + std::string(fault) + "]\ntraffic:"; };
    check({{"traffic:", with_fault("{at: 1h, az_outage: §us-east-1c, duration: 1h}"),
            "no Auto Scaling group or task on Fargate uses the zone \"us-east-1c\"", "they use"}},
          beside);
    check({{"traffic:",
            with_fault("{at: 1h, insufficient_capacity: m5.large, availability_zone: §us-east-1d, duration: 1h}"),
            "insufficient_capacity has no effect: no Auto Scaling group uses the zone", "", Severity::warning}},
          beside);
    CHECK(load(with(beside, "traffic:", with_fault("{at: 1h, slow_zone: us-east-1d, factor: 2, duration: 1h}")))
              .diagnostics.render()
              .empty());
}
