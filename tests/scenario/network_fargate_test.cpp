#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_vpc.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

/// The small network with `front` on Fargate and further changes: each text, and what it becomes.
std::string on_fargate(const std::vector<std::string_view>& changes = {}) {
    std::string text = with(small_vpc, "task: {cpu: 256, memory: 512, network_mode: awsvpc}",
                            "launch_type: FARGATE\n    task: {cpu: 256, memory: 512}");
    for (std::size_t i = 0; i + 1 < changes.size(); i += 2) text = with(text, changes[i], changes[i + 1]);
    return text;
}

Diagnostic only(const std::string& text) {
    const Loaded loaded = load(text);
    INFO(loaded.diagnostics.render());
    const auto found = loaded.diagnostics.sorted();
    REQUIRE(found.size() == 1);
    return found[0];
}

constexpr std::string_view front = "{subnets: [private-a, private-b], security_groups: [front]";
constexpr std::string_view in_public = "{subnets: [public-a, public-b], security_groups: [front]";
// Twenty tasks and the load balancer are too many for blocks of /27.
constexpr std::string_view few = "autoscaling: {min_capacity: 1, max_capacity: 10}";

}  // namespace

TEST_CASE("tasks on Fargate are in the zones of their subnets") {
    const sim::Scenario scenario = good(on_fargate());
    const sim::Service& service = scenario.services[sim::ServiceId{0}];
    REQUIRE(service.fargate_zones.size() == 2);
    CHECK(scenario.zones[service.fargate_zones[0]] == "us-east-1a");
    CHECK(scenario.zones[service.fargate_zones[1]] == "us-east-1b");
    CHECK(service.subnets == std::vector{sim::SubnetId{2}, sim::SubnetId{3}});
    CHECK(load(on_fargate()).diagnostics.render().empty());
    CHECK(only(on_fargate({"target_group: {port", "availability_zones: [us-east-1a]\n    target_group: {port"}))
              .message == "availability_zones: the subnets are in us-east-1a and us-east-1b");
}

TEST_CASE("a task on Fargate in a public subnet needs a public address to pull its image") {
    const std::vector<std::string_view> move{front, in_public, few, "desired_count: 2"};
    const auto found = load(on_fargate(move)).diagnostics.sorted();
    REQUIRE(found.size() == 2);
    CHECK(found[0].message ==
          "service \"front\" in subnet \"public-a\" -> the internet on port 443: there they get no "
          "public address");
    CHECK(found[0].hint ==
          "its tasks cannot pull their images: assign_public_ip: true, or vpc_endpoints of ecr.api, "
          "ecr.dkr and s3");
    CHECK(found[1].message.find("service \"front\" in subnet \"public-b\"") == 0);

    const std::string address = std::string(in_public) + ", assign_public_ip: true";
    CHECK(load(on_fargate({front, address, few, "desired_count: 2"})).diagnostics.render().empty());
    CHECK(load(on_fargate({front, in_public, few, "desired_count: 2", "subnets:\n",
                           "vpc_endpoints: [ecr.api, ecr.dkr, s3]\nsubnets:\n"}))
              .diagnostics.render()
              .empty());
}

TEST_CASE("a task on Fargate in a private subnet without a NAT gateway cannot pull its image") {
    const Diagnostic found =
        only(on_fargate({front, "{subnets: [private-a, closed-b], security_groups: [front]", "subnets:\n",
                         "subnets:\n  closed-b: {cidr_block: 10.0.3.0/24, availability_zone: us-east-1b}\n"}));
    CHECK(found.message ==
          "service \"front\" in subnet \"closed-b\" -> the internet on port 443: the subnet has no NAT gateway");
    CHECK(found.hint ==
          "its tasks cannot pull their images: nat_gateway: true, or vpc_endpoints of ecr.api, ecr.dkr "
          "and s3");
}

TEST_CASE("a container's port mapping is the port that counts unless the target group names another") {
    constexpr std::string_view task = "task: {cpu: 256, memory: 512}";
    constexpr std::string_view port = "    target_group: {port: 8080}\n";
    const std::string containers =
        "task: {cpu: 256, memory: 512, containers: [{name: app, port_mappings: [{container_port: 8080}]}]}";
    CHECK(load(on_fargate({port, "", task, containers})).diagnostics.render().empty());
    CHECK(only(on_fargate({port, "    target_group: {port: 8081}\n", task, containers})).message ==
          "load balancer \"public\" (security group alb) -> service \"front\" (security group front) on port 8081: "
          "security group front admits nobody on port 8081");
}

TEST_CASE("a bridge container's fixed host port is where its load balancer comes in") {
    constexpr std::string_view task = "    task: {cpu: 256, memory: 512}\n    serving: {service_time: 10ms}\nload";
    constexpr std::string_view rule = "{from: [inner, front], from_port: 32768, to_port: 65535}";
    const auto back = [&](std::string_view mapping) {
        const std::string text = with(small_vpc, task,
                                      "    task: {cpu: 256, memory: 512, containers: [{name: app, port_mappings: [" +
                                          std::string(mapping) + "]}]}\n    serving: {service_time: 10ms}\nload");
        return load(with(text, rule, "{from: [inner, front], port: 9000}")).diagnostics.render();
    };
    CHECK(back("{container_port: 80, host_port: 9000}").empty());
    CHECK(back("{container_port: 80}").find("on ports 32768-60999") != std::string::npos);
}

TEST_CASE("tasks that are replaced need addresses at the same time") {
    constexpr std::string_view block = "10.0.1.0/24";
    const std::string text = with(with(small_vpc, block, "10.0.1.0/27"), "m5.large", "m5.xlarge");
    const auto found = only(with(text, few, "desired_count: 18")).message;
    CHECK(found.find("while all tasks are replaced") != std::string::npos);
    CHECK(found.find("18 for tasks of service \"front\"") != std::string::npos);
}
