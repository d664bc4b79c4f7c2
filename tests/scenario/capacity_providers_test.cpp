#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

constexpr std::string_view front_cluster = "front:\n    cluster: main";
constexpr std::string_view providers = "    capacity_providers:\n      - auto_scaling_group: web";

/// Two Auto Scaling groups and both of Fargate's providers in one cluster.
std::string shop() {
    return with(with(small_shop, "clusters:",
                     "  big:\n    instance_type: m5.4xlarge\n    availability_zones: [us-east-1c]\n    max_size: 2\n"
                     "clusters:"),
                providers,
                "    capacity_providers:\n      - auto_scaling_group: web\n"
                "      - {auto_scaling_group: big, name: large}\n      - FARGATE\n      - FARGATE_SPOT");
}

std::string with_keys(std::string_view keys) {
    return with(shop(), front_cluster, std::string(front_cluster) + "\n    " + std::string(keys));
}

sim::Service front(std::string_view keys) { return *good(with_keys(keys)).services.begin(); }

void check_keys(std::string_view keys, std::string_view message, std::string_view hint = "",
                Severity severity = Severity::error) {
    check({{front_cluster, std::string(front_cluster) + "\n    " + std::string(keys), message, hint, severity}},
          shop());
}

std::vector<std::string> zones_of(const sim::Scenario& scenario, const sim::Service& service) {
    std::vector<std::string> names;
    for (const sim::ZoneId zone : service.fargate_zones) names.push_back(scenario.zones[zone]);
    return names;
}

/// A shop without any instance.
constexpr std::string_view fargate_only = R"(fleetsim: 1
name: serverless
region: us-east-1
duration: 1h
clusters:
  main: {capacity_providers: [FARGATE]}
services:
  front:
    cluster: main
    launch_type: FARGATE
    task: {cpu: 256, memory: 512}
    serving: {service_time: 10ms}
load_balancers:
  public: {listeners: [{port: 80, default: front}]}
traffic:
  visitors: {to: public, rate: 10/s}
)";

}  // namespace

TEST_CASE("capacity providers have names and kinds and drain unless told not to") {
    const sim::Scenario scenario = good(with(shop(), "name: large}", "name: large, managed_draining: DISABLED}"));
    const auto& found = scenario.clusters[sim::ClusterId{0}].capacity_providers;
    REQUIRE(found.size() == 4);
    CHECK(found[0].name == "web");
    CHECK(found[0].managed_draining);
    CHECK(found[0].kind == sim::ProviderKind::auto_scaling_group);
    CHECK(found[1].name == "large");
    CHECK_FALSE(found[1].managed_draining);
    CHECK(found[2].kind == sim::ProviderKind::fargate);
    CHECK(found[2].name == "FARGATE");
    CHECK(found[3].kind == sim::ProviderKind::fargate_spot);
    CHECK(found[3].is_fargate());
}

TEST_CASE("a strategy names providers of the cluster with bases and weights") {
    const sim::Service service = front(
        "capacity_provider_strategy: [{capacity_provider: large, base: 2, weight: 1}, {capacity_provider: web, "
        "weight: 3}]");
    REQUIRE(service.capacity_provider_strategy.size() == 2);
    CHECK(service.capacity_provider_strategy[0].provider == 1);
    CHECK(service.capacity_provider_strategy[0].share.base == 2);
    CHECK(service.capacity_provider_strategy[0].share.weight == 1);
    CHECK(service.capacity_provider_strategy[1].provider == 0);
    CHECK(service.capacity_provider_strategy[1].share.base == 0);
    CHECK(service.capacity_provider_strategy[1].share.weight == 3);
    CHECK(service.fargate_zones.empty());
    const sim::Service alone = front("capacity_provider_strategy: [{capacity_provider: web}]");
    REQUIRE(alone.capacity_provider_strategy.size() == 1);
    CHECK(alone.capacity_provider_strategy[0].share.weight == 0);
}

TEST_CASE("without a word of its own a service has the cluster's default strategy") {
    const std::string text =
        with(shop(), "      - FARGATE_SPOT",
             "      - FARGATE_SPOT\n    default_capacity_provider_strategy: [{capacity_provider: large, weight: 1}]");
    const sim::Service usual = *good(text).services.begin();
    REQUIRE(usual.capacity_provider_strategy.size() == 1);
    CHECK(usual.capacity_provider_strategy[0].provider == 1);
    const std::string on_ec2 = with(text, front_cluster, std::string(front_cluster) + "\n    launch_type: EC2");
    CHECK(good(on_ec2).services.begin()->capacity_provider_strategy.empty());
    CHECK(good(on_ec2).services.begin()->launch_type_ec2);
    CHECK_FALSE(usual.launch_type_ec2);
    CHECK_FALSE(front("desired_count: 1").launch_type_ec2);
    CHECK_FALSE(front("launch_type: FARGATE").launch_type_ec2);
}

TEST_CASE("the launch type FARGATE is a strategy of Fargate alone") {
    const sim::Scenario scenario = good(with_keys("launch_type: FARGATE"));
    const sim::Service& service = *scenario.services.begin();
    REQUIRE(service.capacity_provider_strategy.size() == 1);
    CHECK(service.capacity_provider_strategy[0].provider == 2);
    CHECK(service.task.awsvpc);
    // Those of the groups.
    CHECK(zones_of(scenario, service) == std::vector<std::string>{"us-east-1a", "us-east-1b", "us-east-1c"});
    const sim::Scenario added = good(with(small_shop, front_cluster,
                                          std::string(front_cluster) + "\n    launch_type: FARGATE\n    "
                                                                       "availability_zones: [us-east-1d]"));
    const auto& found = added.clusters[sim::ClusterId{0}].capacity_providers;
    REQUIRE(found.size() == 2);
    CHECK(found[1].kind == sim::ProviderKind::fargate);
    CHECK(added.services.begin()->capacity_provider_strategy[0].provider == 1);
    CHECK(zones_of(added, *added.services.begin()) == std::vector<std::string>{"us-east-1d"});
}

TEST_CASE("a cluster of Fargate alone needs no Auto Scaling group") {
    const sim::Scenario scenario = good(fargate_only);
    CHECK(scenario.groups.size() == 0);
    CHECK(zones_of(scenario, *scenario.services.begin()) ==
          std::vector<std::string>{"us-east-1a", "us-east-1b", "us-east-1c"});
    check({{"    launch_type: FARGATE\n    task:", "    §task:",
            "a task of service \"front\" needs a container instance, and cluster \"main\" has no Auto Scaling group",
            "launch_type: FARGATE"}},
          fargate_only);
}

TEST_CASE("Fargate is as large as what it costs, and takes no placement") {
    const auto row = [](std::string_view was, std::string_view becomes, std::string_view message,
                        std::string_view hint = "") {
        check({{was, becomes, message, hint}}, fargate_only);
    };
    row(front_task, "task: {cpu: §300, memory: 700}", "cpu: Fargate has no size 300/700; the nearest is 512/1024");
    row(front_task, "task: {cpu: 16384, memory: §200GiB}",
        "memory: Fargate has no size 16384/204800; no size is as large: the largest is 16384/122880");
    row(front_task, "task: {cpu: §32768, memory: 131072}",
        "cpu: Fargate has no size 32768/131072; no size is as large: the largest is 16384/122880");
    row(front_task, "task: {cpu: 256, memory: 512, network_mode: §bridge}",
        "network_mode: tasks on Fargate have the network mode awsvpc");
    row(front_task, "task: {cpu: 256, memory: 512, gpu: §1}", "gpu: Fargate has no GPUs");
    row(front_task, "task: {cpu: 256, memory: 512, host_ports: §[80]}", "host_ports: in awsvpc mode", "remove them");
    row(front_task, "task: {cpu: 256, memory: 512, stop_timeout: §121s}", "stop_timeout: at most 120 s on Fargate");
    row(front_task, "task: {cpu: 256, memory: 512, containers: [{name: a, start_timeout: §121s}]}",
        "container \"a\": start_timeout: at most 120 s on Fargate");
    row(front_task, "§task: {memory: 512, containers: [{name: a, cpu: 256}]}",
        "cpu: a task on Fargate needs its own cpu");
    row(front_task, "task: {cpu: 256, memory: 512}\n    §ordered_placement_strategy: [random]",
        "ordered_placement_strategy: Fargate has no instances to choose from", "remove it");
    row(front_task, "task: {cpu: 256, memory: 512}\n    §placement_constraints: [distinctInstance]",
        "placement_constraints: Fargate has no instances to choose from", "remove it");
}

TEST_CASE("faults of launch types and strategies") {
    const auto row = [](std::string_view strategy, std::string_view message, std::string_view hint = "",
                        Severity severity = Severity::error) {
        check_keys("capacity_provider_strategy: " + std::string(strategy), message, hint, severity);
    };
    check_keys("launch_type: §fargate", "launch_type: expected EC2 or FARGATE", "did you mean");
    check_keys("launch_type: EC2\n    §capacity_provider_strategy: [{capacity_provider: web}]",
               "capacity_provider_strategy: not together with launch_type", "remove one of them");
    row("§[]", "capacity_provider_strategy: a strategy needs at least one capacity provider");
    row("§web", "capacity_provider_strategy: expected a list, found text");
    row("[§{weight: 1}]", "capacity_provider_strategy item needs the key capacity_provider");
    row("[{capacity_provider: §big}]", "cluster \"main\" has no capacity provider \"big\"",
        "it has web, large, FARGATE or FARGATE_SPOT");
    row("[{capacity_provider: web, base: §100001}]", "base: expected a whole number from 0 to 100000");
    row("[{capacity_provider: web, weight: §1001}]", "weight: expected a whole number from 0 to 1000");
    row("[{capacity_provider: web, base: 1, weight: 1}, {capacity_provider: large, base: §1}]",
        "only one capacity provider can have a base");
    row("§[{capacity_provider: web}, {capacity_provider: large}]", "one of several capacity providers needs a weight");
    row("[{capacity_provider: web, weight: 1}, §{capacity_provider: large}]",
        "without base and weight this provider never gets a task", "", Severity::warning);
    row("[{capacity_provider: web, weight: 1}, {capacity_provider: §FARGATE, weight: 1}]",
        "web and FARGATE: a strategy is of Fargate or of Auto Scaling groups, not of both");
    row("[{capacity_provider: web, weight: 1}, {capacity_provider: §web, weight: 1}]", "web is listed twice");
    check(
        {{front_cluster,
          std::string(front_cluster) + "\n    capacity_provider_strategy: [{capacity_provider: §FARGATE_SPOT}]",
          "cluster \"main\" has no capacity provider \"FARGATE_SPOT\"", "add FARGATE_SPOT to its capacity_providers"}});
}

TEST_CASE("faults of capacity providers") {
    check({{"name: large}", "name: §ecs-large}",
            "name: expected a name of letters, digits, - and _ that does not begin with aws, ecs or fargate"},
           {"name: large}", "name: §web}", "capacity provider web is listed twice"},
           {"      - FARGATE_SPOT", "      - §FARGATE", "capacity provider FARGATE is listed twice"},
           {"      - FARGATE_SPOT", "      - §FARGATE_SPOTS",
            "capacity_providers item: expected FARGATE or FARGATE_SPOT", "did you mean FARGATE_SPOT?"},
           {"name: large}", "name: large, managed_draining: §false}", "managed_draining: expected ENABLED or DISABLED"},
           {"      - FARGATE_SPOT",
            "      - FARGATE_SPOT\n    default_capacity_provider_strategy: [{capacity_provider: §small}]",
            "cluster \"main\" has no capacity provider \"small\"", "it has web"}},
          shop());
}

TEST_CASE("faults of the zones of tasks on Fargate") {
    check_keys("§availability_zones: [us-east-1a]", "availability_zones: only tasks on Fargate have zones of their own",
               "others go to the zones of their instances");
    check_keys("launch_type: FARGATE\n    availability_zones: §[]", "availability_zones: expected at least one zone");
    check_keys("launch_type: FARGATE\n    availability_zones: [§us-east-2a]",
               "\"us-east-2a\" is not a zone of us-east-1", "its zones are us-east-1a to us-east-1f");
    check_keys("launch_type: FARGATE\n    availability_zones: [us-east-1a, §us-east-1a]",
               "zone us-east-1a is listed twice");
}

TEST_CASE("a task must fit the instances of the providers that it may go to") {
    const auto large = [](std::string_view keys) {
        return with(with_keys(keys), front_task, "task: {cpu: 4096, memory: 512}");
    };
    CHECK(good(large("launch_type: EC2")).services.size() == 2);
    const Loaded loaded = load(large("capacity_provider_strategy: [{capacity_provider: web}]"));
    REQUIRE(loaded.diagnostics.sorted().size() == 1);
    CHECK(loaded.diagnostics.sorted()[0].message ==
          "a task of service \"front\" fits no instance: it needs 4096 CPU units, and m5.large, the largest of cluster "
          "\"main\", registers 2048 CPU units: 2048 CPU units short");
}

TEST_CASE("whose tasks managed scaling adds instances for without being told is said") {
    const std::string scaled = with(small_shop, "_group: web\n", "_group: web\n        managed_scaling: {}\n");
    constexpr std::string_view sentence =
        ": no launch_type and no capacity_provider_strategy: the first capacity provider with managed scaling "
        "whose instances could hold their tasks adds some";
    const auto who = [&](std::string_view text) {
        for (const std::string& said : good(text).assumptions) {
            if (said.ends_with(sentence)) return said.substr(0, said.size() - sentence.size());
        }
        return std::string("nobody");
    };
    const auto front_says = [&](std::string_view key) {
        return who(with(scaled, front_cluster, std::string(front_cluster) + "\n    " + std::string(key)));
    };
    CHECK(who(scaled) == "front and back");
    CHECK(who(small_shop) == "nobody");
    CHECK(front_says("launch_type: EC2") == "back");
    CHECK(front_says("capacity_provider_strategy: [{capacity_provider: web, weight: 1}]") == "back");
    CHECK(front_says("scheduling_strategy: DAEMON") == "back");
    CHECK(who(with(scaled, "  main:\n",
                   "  main:\n    default_capacity_provider_strategy: [{capacity_provider: web, weight: 1}]\n")) ==
          "nobody");
    CHECK(who(with(scaled, "traffic:",
                   "scheduled_tasks:\n  job: {cluster: main, task: {cpu: 128, memory: 64}, schedule: rate(1 hour), "
                   "runs_for: 1m}\ntraffic:")) == "front, back and job");
}
