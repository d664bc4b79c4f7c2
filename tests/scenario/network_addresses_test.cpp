#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_vpc.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

// Of the 11 addresses of a /28 the load balancer, six instances in two zones and ten tasks in two zones need 8 + 3 + 5.
constexpr std::string_view block = "10.0.1.0/24";

Diagnostic only(const std::vector<std::string_view>& changes) {
    std::string text(small_vpc);
    for (std::size_t i = 0; i + 1 < changes.size(); i += 2) text = with(text, changes[i], changes[i + 1]);
    const Loaded loaded = load(text);
    INFO(loaded.diagnostics.render());
    const auto found = loaded.diagnostics.sorted();
    REQUIRE(found.size() == 1);
    return found[0];
}

bool clean(const std::vector<std::string_view>& changes) {
    std::string text(small_vpc);
    for (std::size_t i = 0; i + 1 < changes.size(); i += 2) text = with(text, changes[i], changes[i + 1]);
    const Loaded loaded = load(text);
    UNSCOPED_INFO(loaded.diagnostics.render());
    return loaded.diagnostics.render().empty();
}

}  // namespace

TEST_CASE("a subnet too small for the maximum is told with all that is in it") {
    check({{block, "§10.0.1.0/27",
            "subnet \"private-a\" has 27 addresses to give, and 28 are needed: 8 for load balancer \"inner\", 15 for "
            "instances of Auto Scaling group \"main\" and 5 for tasks of service \"front\""}},
          with(small_vpc, "max_size: 6", "max_size: 30"));
    CHECK(clean({"max_size: 6", "max_size: 18", block, "10.0.1.0/27"}));
    // Nine instances and eight for the load balancer leave ten, as many as all tasks while they are replaced.
    CHECK(only({"max_size: 6", "max_size: 20", block, "10.0.1.0/27"}).severity == Severity::warning);
}

TEST_CASE("tasks beyond the maximum while others are replaced are a warning") {
    check({{block, "§10.0.1.0/27",
            "subnet \"private-a\" has 27 addresses to give, and 28 are needed while all tasks are replaced: 8 for load "
            "balancer \"inner\", 10 for instances of Auto Scaling group \"main\" and 10 for tasks of service \"front\"",
            "a lower deployment_maximum_percent needs fewer", Severity::warning}},
          with(small_vpc, "max_size: 6", "max_size: 20"));
    CHECK(clean({"max_size: 6", "max_size: 20", block, "10.0.1.0/27", "autoscaling: {",
                 "deployment_maximum_percent: 180\n    deployment_minimum_healthy_percent: 0\n    autoscaling: {"}));
}

TEST_CASE("blue and green tasks are not fewer with another percentage") {
    const std::string blue = with(with(small_vpc, "autoscaling: {",
                                       "deployment_configuration: {strategy: BLUE_GREEN, bake_time_in_minutes: 5}\n    "
                                       "autoscaling: {"),
                                  "max_size: 6", "max_size: 20");
    check({{block, "§10.0.1.0/27", "28 are needed while all tasks are replaced", "", Severity::warning}}, blue);
}

TEST_CASE("daemons run on the instances in the zones of their subnets") {
    const auto daemon = [](std::string_view subnets) {
        const std::string text =
            with(small_vpc, "autoscaling: {min_capacity: 1, max_capacity: 10}", "scheduling_strategy: DAEMON");
        return with(with(with(text, "max_size: 6", "max_size: 16"), block, "10.0.1.0/27"),
                    "{subnets: [private-a, private-b], security_groups: [front]",
                    "{subnets: [" + std::string(subnets) + "], security_groups: [front]");
    };
    // Eight for the load balancer, eight instances and eight tasks in each zone.
    CHECK(load(daemon("private-a, private-b")).diagnostics.render().empty());
    CHECK(load(daemon("private-a")).diagnostics.render().empty());
    const auto found = load(with(daemon("private-a"), "max_size: 16", "max_size: 20")).diagnostics.sorted();
    REQUIRE(found.size() == 1);
    CHECK(found[0].message.find("10 for tasks of service \"front\"") != std::string::npos);
}

TEST_CASE("two subnets of a zone share what is needed there") {
    const std::string_view more =
        "subnets:\n  more-a: {cidr_block: 10.0.3.0/28, availability_zone: us-east-1a, nat_gateway: true}\n";
    const std::string_view group = "vpc_zone_identifier: [private-a, private-b]";
    const std::string_view both = "vpc_zone_identifier: [more-a, private-a, private-b]";
    CHECK(clean({"max_size: 6", "max_size: 40", block, "10.0.1.0/27", "subnets:\n", more, group, both}));
    CHECK(only({"max_size: 6", "max_size: 60", block, "10.0.1.0/27", "subnets:\n", more, group, both}).message ==
          "subnets \"more-a\" and \"private-a\" have 38 addresses to give, and 43 are needed: 8 for load balancer "
          "\"inner\", 30 for instances of Auto Scaling group \"main\" and 5 for tasks of service \"front\"");
}

TEST_CASE("what may come by schedule or warm pool or with weights counts too") {
    constexpr std::string_view max = "max_size: 6";
    constexpr std::string_view type = "instance_type: m5.large";
    CHECK(only({block, "10.0.1.0/27", max,
                "max_size: 6\n    scheduled_actions: [{recurrence: 30 0 * * *, max_size: 40}]"})
              .message.find("20 for instances") != std::string::npos);
    CHECK(
        only({block, "10.0.1.0/27", max, "max_size: 6\n    warm_pool: {max_group_prepared_capacity: 40, min_size: 4}"})
            .message.find("20 for instances") != std::string::npos);
    CHECK(clean({block, "10.0.1.0/27", max, "max_size: 36", type,
                 "mixed_instances_policy: {overrides: [{instance_type: m5.xlarge, weighted_capacity: 4}, "
                 "{instance_type: m5.large, weighted_capacity: 2}]}"}));
    CHECK(only({block, "10.0.1.0/27", max, "max_size: 20\n    awsvpc_trunking: true"})
              .message.find("20 for instances of Auto Scaling group \"main\" and their trunks") != std::string::npos);
    CHECK(only({block, "10.0.1.0/27", "max_capacity: 10}",
                "max_capacity: 10, scheduled_actions: [{schedule: \"rate(1 hour)\", max_capacity: 80}]}"})
              .message.find("40 for tasks of service \"front\"") != std::string::npos);
}

TEST_CASE("services without scaling need what they have") {
    CHECK(clean({block, "10.0.1.0/27", "autoscaling: {min_capacity: 1, max_capacity: 10}", "desired_count: 16",
                 "m5.large", "m5.xlarge"}));
    CHECK(only({block, "10.0.1.0/27", "autoscaling: {min_capacity: 1, max_capacity: 10}", "desired_count: 34"})
              .message.find("17 for tasks of service \"front\"") != std::string::npos);
}

TEST_CASE("several load balancers share the subnet of a zone") {
    const std::string many = [] {
        std::string text = "load_balancers:\n";
        for (const char* name : {"x", "y", "z"}) {
            text +=
                std::string("  ") + name +
                ": {subnets: [public-a, public-b], security_groups: [alb], listeners: [{port: 443, default: front}]}\n";
        }
        return text;
    }();
    const std::string text = with(small_vpc, "load_balancers:\n", many);
    const auto found = load(text).diagnostics.sorted();
    REQUIRE(found.size() == 2);
    CHECK(found[0].message ==
          "subnet \"public-a\" has 27 addresses to give, and 32 are needed: 8 for load balancer "
          "\"x\", 8 for load balancer \"y\", 8 for load balancer \"z\" and 8 for load balancer "
          "\"public\"");
    CHECK(found[1].message.find("subnet \"public-b\"") == 0);
}

namespace {

/// The small network with ten scheduled tasks at a time, in `awsvpc` mode.
std::string with_job(std::string_view keys, std::string_view text = small_vpc) {
    return with(text, "traffic:\n",
                "scheduled_tasks:\n  job:\n    cluster: main\n    task_count: 10\n    schedule: rate(5 minutes)\n    "
                "runs_for: 1m\n    " +
                    std::string(keys) + "\ntraffic:\n");
}

Diagnostic only_in(const std::string& text) {
    const Loaded loaded = load(text);
    INFO(loaded.diagnostics.render());
    const auto found = loaded.diagnostics.sorted();
    REQUIRE(found.size() == 1);
    return found[0];
}

}  // namespace

TEST_CASE("scheduled tasks need addresses beside the services") {
    constexpr std::string_view job =
        "task: {cpu: 256, memory: 512, network_mode: awsvpc}\n    network_configuration: {subnets: [private-a, "
        "private-b], security_groups: [front]}";
    CHECK(load(with_job(job)).diagnostics.render().empty());
    const std::string narrow = with(with(small_vpc, block, "10.0.1.0/27"), "max_size: 6", "max_size: 20");
    CHECK(
        only_in(with_job(job, narrow)).message ==
        "subnet \"private-a\" has 27 addresses to give, and 28 are needed: 8 for load balancer \"inner\", 10 for "
        "instances of Auto Scaling group \"main\", 5 for tasks of service \"front\" and 5 for tasks of scheduled task "
        "\"job\"");
    // In bridge mode they have those of their instances.
    CHECK(load(with_job("task: {cpu: 256, memory: 512}", narrow)).diagnostics.sorted().front().message.find("job") ==
          std::string::npos);
}

TEST_CASE("scheduled tasks must come to their images and their instances to their subnets") {
    constexpr std::string_view awsvpc = "task: {cpu: 256, memory: 512, network_mode: awsvpc}\n    ";
    const auto in = [](std::string_view subnets) {
        return "network_configuration: {subnets: [" + std::string(subnets) + "], security_groups: [front]}";
    };
    const Diagnostic closed =
        only_in(with_job("launch_type: FARGATE\n    task: {cpu: 256, memory: 512}\n    " + in("private-a, public-b")));
    CHECK(closed.severity == Severity::error);
    CHECK(
        closed.message ==
        "scheduled task \"job\" in subnet \"public-b\" -> the internet on port 443: there they get no public address");
    const Diagnostic stuck = only_in(with_job(std::string(awsvpc) + in("private-a, public-b")));
    CHECK(stuck.severity == Severity::warning);
    CHECK(
        stuck.message ==
        "scheduled task \"job\" in subnet \"public-b\" -> the internet: tasks on EC2 instances get no public address");
    const std::string more =
        with(small_vpc, "subnets:\n",
             "subnets:\n  far: {cidr_block: 10.0.4.0/24, availability_zone: us-east-1c, nat_gateway: true}\n");
    CHECK(only_in(with_job(std::string(awsvpc) + in("far"), more)).message ==
          "a task of scheduled task \"job\" fits no instance: none of cluster \"main\" is in a zone of its subnets");
}

TEST_CASE("the engine has the addresses that load balancers leave and how many an instance takes") {
    const sim::Scenario scenario = good(small_vpc);
    // Of a /27 AWS keeps five addresses, of a /24 too; each load balancer has eight.
    CHECK(scenario.subnets[sim::SubnetId{0}].addresses == 32 - 5 - 8);
    CHECK(scenario.subnets[sim::SubnetId{2}].addresses == 256 - 5 - 8);
    CHECK(scenario.groups[sim::GroupId{0}].addresses_per_instance == 1);
    const sim::Scenario trunked = good(with(small_vpc, "max_size: 6", "max_size: 6\n    awsvpc_trunking: true"));
    CHECK(trunked.groups[sim::GroupId{0}].addresses_per_instance == 2);
}
