#include <string>
#include <string_view>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_vpc.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

TEST_CASE("a scenario with a network becomes subnets of the model") {
    const sim::Scenario scenario = good(small_vpc);
    REQUIRE(scenario.subnets.size() == 4);
    const auto& public_b = scenario.subnets[sim::SubnetId{1}];
    CHECK(public_b.name == "public-b");
    CHECK(scenario.zones[public_b.zone] == "us-east-1b");
    CHECK(public_b.addresses == 32 - 5 - 8);
    CHECK(public_b.is_public);
    CHECK_FALSE(public_b.has_nat);
    const auto& private_a = scenario.subnets[sim::SubnetId{2}];
    CHECK(scenario.zones[private_a.zone] == "us-east-1a");
    CHECK(private_a.addresses == 256 - 5 - 8);
    CHECK_FALSE(private_a.is_public);
    CHECK(private_a.has_nat);

    const auto& group = scenario.groups[sim::GroupId{0}];
    CHECK(group.subnets == std::vector{sim::SubnetId{2}, sim::SubnetId{3}});
    REQUIRE(group.zones.size() == 2);
    CHECK(scenario.zones[group.zones[0]] == "us-east-1a");
    CHECK(scenario.zones[group.zones[1]] == "us-east-1b");
    CHECK(scenario.services[sim::ServiceId{0}].subnets == group.subnets);
    CHECK(scenario.services[sim::ServiceId{1}].subnets.empty());
}

TEST_CASE("the small network loads without a word") { CHECK(load(small_vpc).diagnostics.render().empty()); }

TEST_CASE("faults of subnets") {
    constexpr std::string_view private_b =
        "private-b: {cidr_block: 10.0.2.0/24, availability_zone: us-east-1b, nat_gateway: true}";
    constexpr std::string_view block = "10.0.2.0/24";
    constexpr std::string_view expected = "cidr_block: expected a block of addresses such as 10.0.1.0/24";
    check(
        {
            {block, "§10.0.2.0", expected},
            {block, "§10.0.2.7/24", expected, "did you mean 10.0.2.0/24?"},
            {block, "§10.0.2.0/33", expected},
            {block, "§2001:db8::/64", expected},
            {block, "§[10.0.2.0/24]", expected},
            {block, "§10.0.2.0/29", "cidr_block: a subnet has a block of /16 to /28, found /29"},
            {block, "§10.0.0.0/15", "cidr_block: a subnet has a block of /16 to /28, found /15"},
            {block, "§10.0.1.0/24", "cidr_block: 10.0.1.0/24 overlaps 10.0.1.0/24 of subnet \"private-a\""},
            {block, "§10.0.1.128/25", "cidr_block: 10.0.1.128/25 overlaps 10.0.1.0/24 of subnet \"private-a\""},
            {private_b, "§private-b: {availability_zone: us-east-1b, nat_gateway: true}",
             "subnet \"private-b\" needs the key cidr_block"},
            {private_b, "§private-b: {cidr_block: 10.0.2.0/24, nat_gateway: true}",
             "subnet \"private-b\" needs the key availability_zone"},
            {"10.0.2.0/24, availability_zone: us-east-1b", "10.0.2.0/24, availability_zone: §us-west-2b",
             "\"us-west-2b\" is not a zone of us-east-1", "its zones are us-east-1a to us-east-1f"},
            {"us-east-1b, nat_gateway: true", "us-east-1b, §nat: true", "unknown key \"nat\" in subnet \"private-b\"",
             "did you mean nat_gateway?"},
            {"us-east-1b, public: true", "us-east-1b, public: true, nat_gateway: §true",
             "nat_gateway: a public subnet's way out is its internet gateway", "private subnets"},
            {"us-east-1b, public: true", "us-east-1b, public: §yes", "public: expected true or false"},
            {private_b, "private-b: §10.0.2.0/24", "subnet \"private-b\": expected a mapping, found text"},
            {private_b,
             "§private b: {cidr_block: 10.0.3.0/24, availability_zone: us-east-1b}\n  " + std::string(private_b),
             "\"private b\" is not a name"},
        },
        small_vpc);
    check({{"duration: 24h", "duration: 24h\n§subnets: {}", "subnets needs at least one entry"}});
    check({{"duration: 24h", "duration: 24h\nsubnets: §[]", "subnets: expected a mapping, found a list"}});
}

TEST_CASE("overlapping blocks are told however they are sorted") {
    const auto overlaps = [](const std::string& blocks) {
        std::string text = "fleetsim: 1\nname: x\nregion: us-east-1\nduration: 1h\nsubnets:\n";
        for (std::size_t at = 0, n = 0; at < blocks.size(); at = blocks.find(' ', at), at += at < blocks.size(), ++n) {
            text += "  s" + std::to_string(n) +
                    ": {availability_zone: us-east-1a, cidr_block: " + blocks.substr(at, blocks.find(' ', at) - at) +
                    "}\n";
        }
        std::string found;
        for (const Diagnostic& one : load(text).diagnostics.sorted()) {
            const std::size_t word = one.message.find(" overlaps ");
            if (word != std::string::npos) found += one.message.substr(12, word - 12) + one.message.substr(word) + "; ";
        }
        return found;
    };
    CHECK(overlaps("10.0.0.0/24 10.0.1.0/24 10.0.2.0/23").empty());
    CHECK(overlaps("10.0.3.0/24 10.0.2.0/23") == "10.0.2.0/23 overlaps 10.0.3.0/24 of subnet \"s0\"; ");
    CHECK(overlaps("10.0.0.0/16 10.0.0.0/24 10.0.9.0/24 10.1.0.0/24") ==
          "10.0.0.0/24 overlaps 10.0.0.0/16 of subnet \"s0\"; 10.0.9.0/24 overlaps 10.0.0.0/16 of subnet \"s0\"; ");
}

TEST_CASE("faults of security groups") {
    constexpr std::string_view rule = "{from: [alb], port: 8080}";
    constexpr std::string_view range = "from_port: 32768, to_port: 65535";
    check(
        {
            {rule, "{from: [§abl], port: 8080}", "unknown security group \"abl\"", "did you mean alb?"},
            {rule, "{from: [alb, §10.0.0.1/16], port: 8080}",
             "from item: expected a block of addresses such as 10.0.0.0/16, found \"10.0.0.1/16\"",
             "did you mean 10.0.0.0/16?"},
            {rule, "{from: [alb, §\"::/0\"], port: 8080}", "from item: expected a block of addresses"},
            {rule, "{from: [alb, §[front]], port: 8080}",
             "from item: expected a security group or a block of addresses such as 10.0.0.0/16, found a list"},
            {rule, "{from: §alb, port: 8080}", "from: expected a list, found text"},
            {rule, "{from: §[], port: 8080}",
             "from: expected 1 to 10 security groups and blocks of addresses, found 0"},
            {rule, "§{port: 8080}", "ingress item needs the key from"},
            {rule, "{from: [alb], port: §0x50}", "port: expected a whole number from 0 to 65535"},
            {rule, "{from: [alb], port: §65536}", "port: expected a whole number from 0 to 65535"},
            {rule, "{from: [alb], port: 8080, §to_port: 8090}", "to_port: the rule has a port"},
            {rule, "{from: [alb], §prot: tcp}", "unknown key \"prot\" in ingress item", "did you mean port?"},
            {rule, "§8080", "ingress item: expected a mapping, found text"},
            {range, "from_port: §60000, to_port: 32768", "from_port 60000 is above to_port 32768"},
            {"{from: [inner, front], from_port: 32768, to_port: 65535}", "§{from: [inner, front], from_port: 32768}",
             "ingress item needs the key to_port"},
            {"alb: {ingress", "alb: {§in: [], ingress", "unknown key \"in\" in security group \"alb\"",
             "it takes ingress or egress"},
            {"alb: {ingress", "alb: {egress: [{§from: [alb], to: [alb]}], ingress", "from: rules of egress have to"},
        },
        small_vpc);
    check({{"duration: 24h", "duration: 24h\n§security_groups: {}",
            "security_groups: there are no subnets, so nothing can have one"}});
}

TEST_CASE("faults of VPC endpoints") {
    check(
        {
            {"subnets:", "vpc_endpoints: [§ecr]\nsubnets:", "vpc_endpoints item: expected ecr.api, ecr.dkr, s3, ecs,",
             "did you mean ecs?"},
            {"subnets:", "vpc_endpoints: [ecr.api, §ecr.dkt]\nsubnets:", "found \"ecr.dkt\"", "did you mean ecr.dkr?"},
            {"subnets:", "vpc_endpoints: §s3\nsubnets:", "vpc_endpoints: expected a list, found text"},
        },
        small_vpc);
}
