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

/// The one error of the small network when each `was` has become what follows it.
Diagnostic only_error(const std::vector<std::string_view>& changes) {
    std::string text(small_vpc);
    for (std::size_t i = 0; i + 1 < changes.size(); i += 2) text = with(text, changes[i], changes[i + 1]);
    const Loaded loaded = load(text);
    INFO(loaded.diagnostics.render());
    const auto found = loaded.diagnostics.sorted();
    REQUIRE(found.size() == 1);
    CHECK(found[0].severity == Severity::error);
    return found[0];
}

std::string message(const std::vector<std::string_view>& changes) { return only_error(changes).message; }

std::string warnings(const std::vector<std::string_view>& changes) {
    std::string text(small_vpc);
    for (std::size_t i = 0; i + 1 < changes.size(); i += 2) text = with(text, changes[i], changes[i + 1]);
    return load(text).diagnostics.render();
}

constexpr std::string_view alb_rule = "{from: [\"0.0.0.0/0\"], port: 443}";
constexpr std::string_view front_rule = "{from: [alb], port: 8080}";
constexpr std::string_view inner_rule = "{from: [front], port: 80}";
constexpr std::string_view ecs_rule = "{from: [inner, front], from_port: 32768, to_port: 65535}";

}  // namespace

TEST_CASE("a load balancer that may not reach its service is told with the path and where it forwards") {
    const Diagnostic found = only_error({front_rule, "{from: [ecs], port: 8080}"});
    CHECK(found.message ==
          "load balancer \"public\" (security group alb) -> service \"front\" (security group front) on port 8080: "
          "security group front admits 8080 only from ecs");
    CHECK(found.hint == "security group front could have ingress: [{from: [alb], port: 8080}]");
    CHECK(
        load(with(small_vpc, front_rule, "{from: [ecs], port: 8080}")).diagnostics.render().find("default: front}]") !=
        std::string::npos);

    CHECK(message({front_rule, "{from: [alb], port: 80}"}) ==
          "load balancer \"public\" (security group alb) -> service \"front\" (security group front) on port 8080: "
          "security group front admits nobody on port 8080");
    CHECK(message({"alb: {", "alb: {egress: [{to: [front], port: 80}], "}) ==
          "load balancer \"public\" (security group alb) -> service \"front\" (security group front) on port 8080: "
          "security group alb lets nothing out on port 8080");
    CHECK(message({"alb: {", "alb: {egress: [{to: [ecs, 10.9.0.0/16], port: 8080}], "}) ==
          "load balancer \"public\" (security group alb) -> service \"front\" (security group front) on port 8080: "
          "security group alb lets 8080 out only to ecs and 10.9.0.0/16");
    CHECK(message({"target_group: {port: 8080}", "target_group: {}"}) ==
          "load balancer \"public\" (security group alb) -> service \"front\" (security group front) on port 80: "
          "security group front admits nobody on port 80");
}

TEST_CASE("rules may name groups or addresses and say no port") {
    CHECK(warnings({front_rule, "{from: [alb]}"}).empty());
    CHECK(warnings({front_rule, "{from: [10.0.0.0/26], from_port: 8000, to_port: 9000}"}).empty());
    CHECK(warnings({front_rule, "{from: [10.0.0.0/27, 10.0.0.32/27], port: 8080}"}).empty());
    CHECK(message({front_rule, "{from: [10.0.0.0/27], port: 8080}"}).ends_with("admits 8080 only from 10.0.0.0/27"));
    CHECK(warnings({"alb: {", "alb: {egress: [{to: [front], port: 8080}], "}).empty());
    CHECK(warnings({"security_groups: [front]", "security_groups: [front, default]"}).empty());
}

TEST_CASE("tasks that share an instance are reached at its dynamic ports") {
    const Diagnostic found = only_error(
        {ecs_rule, "{from: [inner, front], from_port: 32768, to_port: 60000}", "      - {service: back}\n", ""});
    CHECK(found.message ==
          "load balancer \"inner\" (security group inner) -> service \"back\" on Auto Scaling group "
          "\"main\" (security group ecs) on ports 32768-60999: security group ecs admits nobody on "
          "port 60001");
}

TEST_CASE("a fixed host port and the port of host mode are the ones that count") {
    constexpr std::string_view back_task = "task: {cpu: 256, memory: 512}";
    constexpr std::string_view narrow = "{from: [inner, front], port: 9000}";
    CHECK(warnings({ecs_rule, narrow, back_task, "task: {cpu: 256, memory: 512, host_ports: [53/udp, 9000, 9001]}"})
              .empty());
    CHECK(warnings({ecs_rule, narrow, back_task,
                    "task: {cpu: 256, memory: 512, host_ports: [8999, 9000]}\n    target_group: {port: 9000}"})
              .empty());
    CHECK(warnings({ecs_rule, narrow, back_task,
                    "task: {cpu: 256, memory: 512, network_mode: host}\n    target_group: {port: 9000}"})
              .empty());
    const std::string text =
        warnings({ecs_rule, narrow, back_task, "task: {cpu: 256, memory: 512, host_ports: [53/udp]}"});
    CHECK(text.find("on ports 32768-60999") != std::string::npos);
}

TEST_CASE("users come from the internet unless the scenario says where they are") {
    CHECK(message({alb_rule, "{from: [\"0.0.0.0/0\"], port: 80}"}) ==
          "traffic \"visitors\" -> load balancer \"public\" (security group alb) on port 443: security group alb "
          "admits nobody on port 443");
    CHECK(message({alb_rule, "{from: [203.0.113.0/24], port: 443}"}) ==
          "traffic \"visitors\" -> load balancer \"public\" (security group alb) on port 443: security group alb "
          "admits 443 only from 203.0.113.0/24");
    constexpr std::string_view rate = "rate: 10/s";
    CHECK(warnings({alb_rule, "{from: [203.0.113.0/24], port: 443}", rate, "rate: 10/s\n    from: [203.0.113.64/26]"})
              .empty());
    CHECK(warnings({alb_rule, "{from: [0.0.0.0/1, 128.0.0.0/1], port: 443}"}).empty());
    const Diagnostic found = only_error({"to: public", "to: inner"});
    CHECK(found.message ==
          "traffic \"visitors\" -> load balancer \"inner\" (security group inner) on port 80: an "
          "internal load balancer is not reachable from the internet");
    CHECK(warnings({"to: public", "to: inner", rate, "rate: 10/s\n    from: [front]"}).find("error") ==
          std::string::npos);
    CHECK(message({"to: public", "to: inner", rate, "rate: 10/s\n    from: [front, 192.168.0.0/16]"}) ==
          "traffic \"visitors\" -> load balancer \"inner\" (security group inner) on port 80: security group inner "
          "admits 80 only from front");
}

TEST_CASE("calls take the groups of who makes them") {
    CHECK(message({inner_rule, "{from: [alb], port: 80}"}) ==
          "service \"front\" (security group front) -> load balancer \"inner\" (security group inner) on port 80: "
          "security group inner admits 80 only from alb");
    CHECK(message({ecs_rule, "{from: [inner], from_port: 32768, to_port: 65535}"}) ==
          "service \"front\" (security group front) -> service \"back\" on Auto Scaling group \"main\" (security group "
          "ecs) on ports 32768-60999: security group ecs admits 32768 only from inner");
    CHECK(message({"front: {ingress", "front: {egress: [{to: [inner]}], ingress"}) ==
          "service \"front\" (security group front) -> service \"back\" on Auto Scaling group \"main\" (security group "
          "ecs) on ports 32768-60999: security group front lets 32768 out only to inner");
}

// Whoever calls an internet-facing load balancer from inside comes back from outside, and is nobody's member there.
TEST_CASE("a call through an internet-facing load balancer leaves the VPC") {
    constexpr std::string_view internal = "internal: true\n    subnets: [private-a, private-b]";
    constexpr std::string_view facing = "subnets: [public-a, public-b]";
    const Diagnostic found = only_error({internal, facing});
    CHECK(found.message ==
          "service \"front\" (security group front) -> load balancer \"inner\" (security group inner) "
          "on port 80: security group inner admits 80 only from front");
    CHECK(found.hint.find("security group inner could have ingress: [{from: [\"0.0.0.0/0\"], port: 80}]; or call an "
                          "internal load balancer") == 0);
    constexpr std::string_view open = "{from: [\"0.0.0.0/0\"], port: 80}";
    CHECK(warnings({internal, facing, inner_rule, open}).empty());
    CHECK(message({internal, facing, inner_rule, open, "private-b], security_groups: [front]",
                   "closed-b], security_groups: [front]", "subnets:\n",
                   "subnets:\n  closed-b: {cidr_block: 10.0.3.0/24, availability_zone: us-east-1b}\n"}) ==
          "service \"front\" (security group front) -> load balancer \"inner\" (security group inner) on port 80: "
          "subnet \"closed-b\" has no NAT gateway");
}

TEST_CASE("without security groups everybody may call everybody") {
    std::string text(small_vpc);
    const std::size_t begin = text.find("security_groups:\n");
    text.erase(begin, text.find("auto_scaling_groups:") - begin);
    for (const std::string_view one :
         {"security_groups: [alb]", "security_groups: [inner]", "security_groups: [ecs]"}) {
        text = with(text, one, "idle_timeout: 60s");
    }
    text = with(text, "idle_timeout: 60s", "min_size: 1");
    text = with(text, ", security_groups: [front]", "");
    CHECK(load(text).diagnostics.render().empty());
}

TEST_CASE("what names no security group has the default one whose members reach each other") {
    CHECK(message({"    security_groups: [alb]\n", "", front_rule, "{from: [alb, default], port: 8080}"}) ==
          "traffic \"visitors\" -> load balancer \"public\" (security group default) on port 443: security group "
          "default admits 443 only from default");
}

TEST_CASE("a load balancer sends nothing to zones where it has no subnet") {
    const Diagnostic found =
        only_error({"[private-a, private-b]\n    security_groups: [ecs]",
                    "[private-a, private-b, private-c]\n    security_groups: [ecs]", "subnets:\n",
                    "subnets:\n  private-c: {cidr_block: 10.0.3.0/24, availability_zone: us-east-1c, nat_gateway: "
                    "true}\n"});
    CHECK(found.message ==
          "load balancer \"inner\" -> service \"back\": the load balancer has no subnet in "
          "us-east-1c, and sends nothing to tasks there");
}

TEST_CASE("instances in private subnets need a NAT gateway or VPC endpoints") {
    constexpr std::string_view nat = "10.0.1.0/24, availability_zone: us-east-1a, nat_gateway: true";
    constexpr std::string_view none = "10.0.1.0/24, availability_zone: us-east-1a";
    const Diagnostic found = only_error({nat, none, "      - {service: back, via: inner}\n", ""});
    CHECK(found.message ==
          "Auto Scaling group \"main\" in subnet \"private-a\" -> the internet on port 443: the subnet "
          "has no NAT gateway");
    CHECK(found.hint ==
          "its instances cannot register with ECS, nor pull images: nat_gateway: true, or vpc_endpoints "
          "of ecr.api, ecr.dkr, s3, ecs, ecs-agent and 1 more");
    CHECK(warnings({nat, none, "subnets:\n",
                    "vpc_endpoints: [ecr.api, ecr.dkr, s3, ecs, ecs-agent, ecs-telemetry]\nsubnets:\n"})
              .empty());
    CHECK(only_error({nat, none, "subnets:\n", "vpc_endpoints: [ecr.api, s3, ecs, ecs-agent, logs]\nsubnets:\n"})
              .hint.ends_with("vpc_endpoints of ecr.dkr and ecs-telemetry"));
    CHECK(message({"ecs: {ingress", "ecs: {egress: [{to: [10.0.0.0/16]}], ingress"}) ==
          "Auto Scaling group \"main\" (security group ecs) -> the internet on port 443: security group ecs lets 443 "
          "out only to 10.0.0.0/16");
}
