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

constexpr std::string_view both = "network_configuration: {subnets: [private-a, private-b], security_groups: [front]}";
constexpr std::string_view only_a = "network_configuration: {subnets: [private-a], security_groups: [front]}";
constexpr std::string_view awsvpc = "task: {cpu: 256, memory: 512, network_mode: awsvpc}";

/// The small network with large ARM instances in zone b beside others in zone a, and `front` in zone a only.
std::string two_zones() {
    std::string text = with(small_vpc,
                            "  main:\n    instance_type: m5.large\n    vpc_zone_identifier: [private-a, "
                            "private-b]",
                            "  large: {instance_type: r6g.xlarge, vpc_zone_identifier: [private-b], security_groups: "
                            "[ecs], max_size: 6}\n  main:\n    instance_type: m5.large\n    vpc_zone_identifier: "
                            "[private-a]");
    text = with(text, "[{auto_scaling_group: main}]", "[{auto_scaling_group: main}, {auto_scaling_group: large}]");
    return with(text, both, only_a);
}

std::string the_error(std::string_view text) {
    const Loaded loaded = load(text);
    INFO(loaded.diagnostics.render());
    const auto found = loaded.diagnostics.sorted();
    REQUIRE(found.size() == 1);
    CHECK(found[0].severity == Severity::error);
    return found[0].message;
}

}  // namespace

TEST_CASE("tasks in awsvpc mode are constrained to the zones of their subnets") {
    const auto constraints = [](const sim::TaskDefinition& task) {
        std::vector<std::string> texts;
        for (const placement::Query& query : task.shape.member_of) texts.push_back(query.text());
        return texts;
    };
    const sim::Scenario scenario = good(with(
        with(small_vpc, both, "network_configuration: {subnets: [private-b, private-a], security_groups: [front]}"),
        "traffic:",
        "events: [{at: 20m, deploy: {service: front, task: {cpu: 512}}}, {at: 30m, deploy: {service: front, "
        "task: {network_mode: bridge}}}]\ntraffic:"));
    const std::vector<std::string> zones{"attribute:ecs.availability-zone in [us-east-1a, us-east-1b]"};
    CHECK(constraints(scenario.services[sim::ServiceId{0}].task) == zones);
    CHECK(constraints(scenario.services[sim::ServiceId{1}].task).empty());
    CHECK(constraints(*scenario.deployments[0].task) == zones);
    CHECK(constraints(*scenario.deployments[1].task).empty());
    const sim::Scenario run = good(with(small_vpc, "traffic:\n",
                                        "scheduled_tasks:\n  job:\n    cluster: main\n    schedule: rate(5 minutes)\n  "
                                        "  runs_for: 1m\n    " +
                                            std::string(awsvpc) + "\n    " + std::string(only_a) + "\ntraffic:\n"));
    CHECK(constraints(run.task_runs[0].task) ==
          std::vector<std::string>{"attribute:ecs.availability-zone in [us-east-1a]"});
}

TEST_CASE("what the zones of its subnets leave must hold a task") {
    CHECK(load(two_zones()).diagnostics.render().empty());
    const auto with_task = [](std::string_view task) { return with(two_zones(), awsvpc, task); };
    const std::string who = "a task of service \"front\" fits no instance: ";
    CHECK(the_error(with_task("task: {cpu: 256, memory: 512, network_mode: awsvpc, cpu_architecture: ARM64}")) ==
          who +
              "its cpu_architecture and its subnets' zones select some of cluster \"main\", but no instance is "
              "selected by all");
    CHECK(the_error(with_task(std::string(awsvpc) + "\n    placement_constraints: [{type: memberOf, expression: "
                                                    "attribute:ecs.availability-zone == us-east-1b}]")) ==
          who +
              "each of its expressions and its subnets' zones select some of cluster \"main\", but no instance is "
              "selected by all");
    CHECK(the_error(with_task("task: {cpu: 4096, memory: 512, network_mode: awsvpc}")) ==
          who + "those of cluster \"main\" in the zones of its subnets are too small");
    CHECK(the_error(with(two_zones(),
                         "traffic:", "events: [{at: 20m, deploy: {service: front, task: {cpu: 4096}}}]\ntraffic:")) ==
          "a task of the deployment at 20m of service \"front\" fits no instance: those of cluster \"main\" in the "
          "zones of its subnets are too small");
}

TEST_CASE("a zone in which only a subnet lies is in no use but has its place") {
    const std::string more = with(small_vpc, "subnets:\n",
                                  "subnets:\n  private-c: {cidr_block: 10.0.3.0/24, availability_zone: us-east-1c, "
                                  "nat_gateway: true}\n");
    const std::string wide =
        with(more, both,
             "network_configuration: {subnets: [private-a, private-b, private-c], security_groups: "
             "[front]}");
    for (const std::string_view fault : {"az_outage: §us-east-1c", "slow_zone: §us-east-1c, factor: 2"}) {
        for (const std::string& text : {more, wide}) {
            check({{"traffic:", "faults: [{at: 20m, " + std::string(fault) + ", duration: 1m}]\ntraffic:",
                    "no Auto Scaling group uses the zone \"us-east-1c\"", "they use us-east-1a or us-east-1b"}},
                  text);
        }
    }
    const sim::Scenario scenario = good(wide);
    for (const sim::Subnet& subnet : scenario.subnets) CHECK(subnet.zone.exists());
    CHECK(scenario.zones[scenario.subnets[sim::SubnetId{0}].zone] == "us-east-1c");
}

TEST_CASE("a deployment cannot give tasks interfaces of their own where the service has no subnets") {
    check({{"traffic:", "events: [{at: 20m, deploy: {service: back, task: {network_mode: §awsvpc}}}]\ntraffic:",
            "the deployment at 20m of service \"back\": network_mode: in awsvpc mode tasks need the key "
            "network_configuration, which the service has not",
            "give its own task network_mode: awsvpc"}},
          small_vpc);
}
