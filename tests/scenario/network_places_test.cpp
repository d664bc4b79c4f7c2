#include <string>
#include <string_view>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/group_keys.hpp"
#include "scenario/small_vpc.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

TEST_CASE("faults of where groups are") {
    constexpr std::string_view subnets = "vpc_zone_identifier: [private-a, private-b]";
    constexpr std::string_view here = "vpc_zone_identifier: [private-a, private-b]\n    availability_zones: ";
    check(
        {
            {subnets, "vpc_zone_identifier: [private-a, §private-c]", "unknown subnet \"private-c\"",
             "did you mean private-a or private-b?"},
            {subnets, "vpc_zone_identifier: [private-b, private-a, §private-b]",
             "vpc_zone_identifier: private-b is listed twice"},
            {subnets, "vpc_zone_identifier: §[]", "vpc_zone_identifier: expected at least one subnet"},
            {subnets, "vpc_zone_identifier: §private-a", "vpc_zone_identifier: expected a list, found text"},
            {"  main:\n    instance_type: m5.large\n    " + std::string(subnets),
             "  §main:\n    instance_type: m5.large", "Auto Scaling group \"main\" needs the key vpc_zone_identifier"},
            {"security_groups: [ecs]", "security_groups: [§ecr]", "unknown security group \"ecr\"",
             "did you mean ecs?"},
            {subnets, std::string(here) + "§[us-east-1a]",
             "availability_zones: the subnets are in us-east-1a and us-east-1b", "remove it"},
            {subnets, std::string(here) + "§[us-east-1a, us-east-1c]", "are in us-east-1a and us-east-1b", "remove it"},
        },
        small_vpc);
}

TEST_CASE("zones may be listed beside subnets if they are the same") {
    const sim::Scenario scenario =
        good(with(small_vpc, "max_size: 6", "max_size: 6\n    availability_zones: [us-east-1b, us-east-1a]"));
    CHECK(scenario.zones[scenario.groups[sim::GroupId{0}].zones[0]] == "us-east-1b");
}

TEST_CASE("without subnets nothing can name one") {
    check({{"max_size: 4", "max_size: 4\n    vpc_zone_identifier: [§a]", "unknown subnet \"a\"", "there is no subnet"},
           {"listeners:", "subnets: [§a]\n    listeners:", "unknown subnet \"a\"", "there is no subnet"},
           {"listeners:", "security_groups: [§a]\n    listeners:", "unknown security group \"a\"",
            "there is no security group"},
           {"rate: 10/s", "rate: 10/s\n    from: [§a]", "unknown security group \"a\"", "there is no security group"}});
}

TEST_CASE("faults of where load balancers are") {
    constexpr std::string_view subnets = "subnets: [public-a, public-b]";
    constexpr std::string_view inner = "subnets: [private-a, private-b]\n    security_groups: [inner]";
    check(
        {
            {subnets, "subnets: [public-a, §private-b]",
             "the internet -> load balancer \"public\": subnet \"private-b\" is not public", "internal: true"},
            {"  public:\n    " + std::string(subnets), "  §public:", "load balancer \"public\" needs the key subnets"},
            {"internal: true\n    " + std::string(inner),
             "internal: true\n    subnets: §[private-a]\n    security_groups: [inner]",
             "subnets: all in us-east-1a, and a load balancer needs two zones at least"},
            {"internal: true\n    " + std::string(inner),
             "internal: true\n    subnets: [private-a, private-b, §public-a]\n    security_groups: [inner]",
             "subnets: another one is in us-east-1a: a load balancer has one in a zone"},
        },
        small_vpc);
    check({{subnets, "subnets: [public-a, §public-b]",
            "subnets: a load balancer needs a block of /27 or larger, and subnet \"public-b\" has 10.0.0.32/28"}},
          with(small_vpc, "10.0.0.32/27", "10.0.0.32/28"));
}

TEST_CASE("faults of where tasks are") {
    constexpr std::string_view configuration =
        "network_configuration: {subnets: [private-a, private-b], security_groups: [front]}";
    constexpr std::string_view back = "task: {cpu: 256, memory: 512}";
    check(
        {
            {"  front:\n    cluster: main\n    task: {cpu: 256, memory: 512, network_mode: awsvpc}\n    " +
                 std::string(configuration),
             "  §front:\n    cluster: main\n    task: {cpu: 256, memory: 512, network_mode: awsvpc}",
             "service \"front\" needs the key network_configuration"},
            {configuration, "§network_configuration: {security_groups: [front]}",
             "network_configuration needs the key subnets"},
            {configuration, "network_configuration: {subnets: [§front], security_groups: [front]}",
             "unknown subnet \"front\""},
            {configuration,
             "network_configuration: {subnets: [private-a, private-b], security_groups: [front, §front]}",
             "security_groups: front is listed twice"},
            {configuration,
             "network_configuration: {subnets: [private-a, private-b], security_groups: [front, alb, inner, ecs, "
             "default, §x]}",
             "security_groups: at most 5, found 6"},
            {configuration,
             "network_configuration: {subnets: [private-a, private-b], security_groups: [front], §public_ip: true}",
             "unknown key \"public_ip\" in network_configuration", "it takes subnets, security_groups"},
            {configuration,
             "network_configuration: {subnets: [private-a, private-b], security_groups: [front], assign_public_ip: "
             "§true}",
             "assign_public_ip: tasks on EC2 instances get no public address", "NAT gateway"},
            {back, std::string(back) + "\n    §network_configuration: {subnets: [private-a]}",
             "network_configuration: only tasks in awsvpc mode have network interfaces of their own",
             "network_mode: awsvpc"},
            {configuration, "network_configuration: {subnets: [private-a, §public-b], security_groups: [front]}",
             "service \"front\" in subnet \"public-b\" -> the internet: tasks on EC2 instances get no public address",
             "private subnets with a NAT gateway", Severity::warning},
            {"target_group: {port: 8080}", "target_group: {port: §0}", "port: expected a whole number from 1 to 65535"},
        },
        small_vpc);
    check({{configuration, "network_configuration: {subnets: [§private-c], security_groups: [front]}",
            "a task of service \"front\" fits no instance: none of cluster \"main\" is in a zone of its subnets"}},
          with(small_vpc, "subnets:\n",
               "subnets:\n  private-c: {cidr_block: 10.0.3.0/24, availability_zone: us-east-1c, nat_gateway: true}\n"));
}
