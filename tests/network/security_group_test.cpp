#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/network/security_group.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::network;

namespace {

constexpr SecurityGroupId alb{0};
constexpr SecurityGroupId web{1};
constexpr SecurityGroupId vpn{2};
constexpr SecurityGroupId strict{3};

const Cidr vpc = *parse_cidr("10.0.0.0/16");
const Cidr subnet_a = *parse_cidr("10.0.1.0/24");
const Cidr subnet_b = *parse_cidr("10.0.2.0/24");
const Cidr office = *parse_cidr("203.0.113.0/24");

/// `alb` admits the world on 80 and 443, `web` the balancer on 8080 and the first subnet on 9000 to 9009, `vpn` nobody;
/// `strict` lets connections out to `web` on 8080 and to the VPC on 443 only.
SecurityGroups world() {
    SecurityGroups groups;
    groups.add({"alb", {{one_port(80), {}, {everywhere}}, {one_port(443), {}, {everywhere}}}});
    groups.add({"web", {{one_port(8080), {alb, vpn}, {}}, {{9000, 9009}, {}, {subnet_a}}}});
    groups.add({"vpn", {}});
    groups.add({"strict", {}, {{one_port(8080), {web}, {}}, {one_port(443), {}, {vpc}}}});
    return groups;
}

}  // namespace

TEST_CASE("a connection is admitted by a rule for its port and for where it comes from") {
    struct Row {
        const char* what;
        std::vector<SecurityGroupId> groups;
        Peer peer;
        PortRange ports;
        std::optional<std::uint16_t> refused;
    };
    const SecurityGroups groups = world();
    for (const Row& row : {
             Row{"the world reaches the balancer", {alb}, {{}, {everywhere}}, one_port(443), {}},
             Row{"by its listeners' ports", {alb}, {{}, {everywhere}}, one_port(8080), 8080},
             Row{"the office is part of the world", {alb}, {{}, {office}}, one_port(80), {}},
             Row{"the balancer reaches the service", {web}, {{alb}, {subnet_a}}, one_port(8080), {}},
             Row{"whatever else it has", {web}, {{strict, alb}, {subnet_b}}, one_port(8080), {}},
             Row{"others do not", {web}, {{strict}, {subnet_a}}, one_port(8080), 8080},
             Row{"a group's members do not reach each other by themselves",
                 {web},
                 {{web}, {subnet_a}},
                 one_port(8080),
                 8080},
             Row{"a subnet is admitted by its addresses", {web}, {{strict}, {subnet_a}}, one_port(9000), {}},
             Row{"all of them", {web}, {{strict}, {subnet_a, subnet_b}}, one_port(9000), 9000},
             Row{"an unknown address is not", {web}, {{strict}, {}}, one_port(9000), 9000},
             Row{"an unknown address is in the world", {alb}, {{}, {everywhere}}, one_port(80), {}},
             Row{"a whole range", {web}, {{}, {subnet_a}}, {9000, 9009}, {}},
             Row{"the first port beyond it", {web}, {{}, {subnet_a}}, {9000, 9010}, 9010},
             Row{"the first port before it", {web}, {{}, {subnet_a}}, {8999, 9009}, 8999},
             Row{"two rules for two ports are no range", {alb}, {{}, {everywhere}}, {80, 443}, 81},
             Row{"no rule, nobody", {vpn}, {{alb}, {everywhere}}, one_port(80), 80},
             Row{"no group, nobody", {}, {{alb}, {everywhere}}, one_port(80), 80},
             Row{"rules of all groups count", {vpn, web}, {{alb}, {}}, one_port(8080), {}},
         }) {
        INFO(row.what);
        CHECK(first_refused(groups, row.groups, Direction::ingress, row.peer, row.ports) == row.refused);
    }
}

TEST_CASE("everything is let out unless the group says otherwise") {
    const SecurityGroups groups = world();
    const auto refused = [&](SecurityGroupId from, const Peer& to, PortRange ports) {
        const std::vector<SecurityGroupId> from_groups{from};
        return first_refused(groups, from_groups, Direction::egress, to, ports);
    };
    CHECK_FALSE(refused(vpn, {{}, {everywhere}}, {}));
    CHECK_FALSE(refused(strict, {{web}, {subnet_a}}, one_port(8080)));
    CHECK(refused(strict, {{alb}, {subnet_a}}, one_port(8080)) == 8080);
    CHECK_FALSE(refused(strict, {{alb}, {subnet_a}}, one_port(443)));
    CHECK(refused(strict, {{}, {everywhere}}, one_port(443)) == 443);
}

TEST_CASE("the halves of a range and of the world may stand in rules of different groups") {
    SecurityGroups groups;
    const auto low = groups.add({"low", {{{32'768, 49'999}, {}, {everywhere}}, {one_port(80), {}, {{0, 1}}}}});
    const auto high =
        groups.add({"high", {{{50'000, 65'535}, {}, {everywhere}}, {one_port(80), {}, {{0x8000'0000, 1}}}}});
    const std::vector<SecurityGroupId> both{low, high};
    const std::vector<SecurityGroupId> one{low};
    const Peer world{{}, {everywhere}};
    CHECK_FALSE(first_refused(groups, both, Direction::ingress, world, {32'768, 65'535}));
    CHECK(first_refused(groups, one, Direction::ingress, world, {32'768, 65'535}) == 50'000);
    CHECK_FALSE(first_refused(groups, both, Direction::ingress, world, one_port(80)));
    CHECK(first_refused(groups, one, Direction::ingress, world, one_port(80)) == 80);
}

// Looking where rules begin and end finds what looking at every port finds.
TEST_CASE("the first refused port of random rules is the first of all ports that is refused") {
    const des::Stream draws{2, 0, "rules", "chance"};
    std::uint64_t draw = 0;
    const auto below = [&](std::uint32_t limit) { return static_cast<std::uint32_t>(draws.unit(draw++) * limit); };
    const auto range = [&] {
        const std::uint32_t first = below(40);
        return PortRange{static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(first + below(20))};
    };
    int refusals = 0;
    for (int round = 0; round < 2'000; ++round) {
        SecurityGroups groups;
        SecurityGroup group{"any", {}};
        const std::uint32_t rules = 1 + below(6);
        for (std::uint32_t i = 0; i < rules; ++i) {
            SecurityGroupRule rule{range(), {}, {}};
            if (below(2) == 0) rule.groups.push_back({below(2)});
            if (below(2) == 0) rule.cidr_blocks.push_back(below(2) == 0 ? vpc : everywhere);
            group.ingress.push_back(rule);
        }
        const std::vector<SecurityGroupId> has{groups.add(group)};
        const Peer peer{{{below(2)}}, {subnet_a}};
        const PortRange wanted = range();
        std::optional<std::uint16_t> expected;
        for (std::uint32_t port = wanted.first; port <= wanted.last && !expected; ++port) {
            if (allows(groups, has, Direction::ingress, peer, static_cast<std::uint16_t>(port))) continue;
            expected = static_cast<std::uint16_t>(port);
        }
        CHECK(first_refused(groups, has, Direction::ingress, peer, wanted) == expected);
        refusals += expected ? 1 : 0;
    }
    CHECK(refusals > 200);
    CHECK(refusals < 1'950);
}
