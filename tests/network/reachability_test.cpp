#include <optional>
#include <vector>

#include <fleetsim/network/reachability.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::network;

namespace {

constexpr SecurityGroupId open_to_all{0};
constexpr SecurityGroupId web{1};
constexpr SecurityGroupId caller{2};
constexpr SecurityGroupId locked{3};
constexpr SecurityGroupId office_only{4};

const Cidr subnet = *parse_cidr("10.0.1.0/24");
const Cidr office = *parse_cidr("192.168.7.0/24");

/// `open_to_all` admits the world on 80, `web` the two callers on 8080 and on the dynamic ports but the last, `locked`
/// lets nothing out, `office_only` admits the office's addresses.
SecurityGroups world() {
    SecurityGroups groups;
    groups.add({"open_to_all", {{one_port(80), {}, {everywhere}}}});
    groups.add({"web", {{one_port(8080), {open_to_all, caller}, {}}, {{32'768, 60'998}, {caller}, {}}}});
    groups.add({"caller", {}});
    groups.add({"locked", {}, {}});
    groups.add({"office_only", {{one_port(80), {}, {office}}}});
    return groups;
}

Endpoint inside(std::vector<SecurityGroupId> groups, bool reaches_internet = true) {
    return {.name = "tasks", .groups = std::move(groups), .addresses = {subnet}, .reaches_internet = reaches_internet};
}

Endpoint balancer(SecurityGroupId group, bool internet_facing) {
    return {.name = "balancer", .groups = {group}, .addresses = {subnet}, .internet_facing = internet_facing};
}

const Endpoint office_users{
    .name = "office", .location = Location::private_network, .groups = {}, .addresses = {office}};

}  // namespace

TEST_CASE("a connection ends at the first step that refuses it") {
    struct Row {
        const char* what;
        Connection connection;
        std::optional<Refusal> refusal;
    };
    constexpr auto port_80 = one_port(80);
    constexpr auto port_8080 = one_port(8080);
    const SecurityGroups groups = world();
    for (const Row& row : {
             Row{"users reach an internet-facing balancer", {the_internet(), balancer(open_to_all, true), port_80}, {}},
             Row{"not on a port without a rule",
                 {the_internet(), balancer(open_to_all, true), one_port(81)},
                 Refusal{Step::arrival, 81}},
             Row{"not an internal balancer, whatever it admits",
                 {the_internet(), balancer(open_to_all, false), port_80},
                 Refusal{Step::way_in, 80}},
             Row{"the office does, over its private network",
                 {office_users, balancer(office_only, false), port_80},
                 {}},
             Row{"the office is not the world",
                 {the_internet(), balancer(office_only, true), port_80},
                 Refusal{Step::arrival, 80}},
             Row{"a balancer reaches its service", {balancer(open_to_all, true), inside({web}), port_8080}, {}},
             Row{"a balancer that the service does not know",
                 {balancer(office_only, false), inside({web}), port_8080},
                 Refusal{Step::arrival, 8080}},
             Row{"a balancer that may not call anybody",
                 {balancer(locked, true), inside({web}), port_8080},
                 Refusal{Step::egress, 8080}},
             Row{"tasks call tasks", {inside({caller}), inside({web}), port_8080}, {}},
             Row{"without any way to the internet too", {inside({caller}, false), inside({web}), port_8080}, {}},
             Row{"tasks call an internal balancer",
                 {inside({caller}, false), balancer(open_to_all, false), port_80},
                 {}},
             Row{"an internet-facing one needs a way out",
                 {inside({caller}, false), balancer(open_to_all, true), port_80},
                 Refusal{Step::way_out, 80}},
             Row{"and comes back as a stranger, whatever groups it has",
                 {inside({caller}), balancer(web, true), port_8080},
                 Refusal{Step::arrival, 8080}},
             Row{"whom the world's rule admits", {inside({caller}), balancer(open_to_all, true), port_80}, {}},
             Row{"what lets nothing out does not get that far",
                 {inside({locked}, false), balancer(open_to_all, true), port_80},
                 Refusal{Step::egress, 80}},
             Row{"dynamic ports must be open to the last",
                 {inside({caller}), inside({web}), dynamic_host_ports},
                 Refusal{Step::arrival, 60'999}},
             Row{"an image is pulled from the internet", {inside({caller}), the_internet(), one_port(443)}, {}},
             Row{"not without a way out",
                 {inside({caller}, false), the_internet(), one_port(443)},
                 Refusal{Step::way_out, 443}},
             Row{"nor without leave", {inside({locked}), the_internet(), one_port(443)}, Refusal{Step::egress, 443}},
         }) {
        INFO(row.what);
        CHECK(refusal(groups, row.connection) == row.refusal);
    }
}

TEST_CASE("only what has public addresses is reached over the internet") {
    CHECK(over_internet({the_internet(), balancer(web, true), one_port(80)}));
    CHECK(over_internet({inside({caller}), balancer(web, true), one_port(80)}));
    CHECK(over_internet({inside({caller}), the_internet(), one_port(443)}));
    CHECK_FALSE(over_internet({inside({caller}), balancer(web, false), one_port(80)}));
    CHECK_FALSE(over_internet({office_users, balancer(web, true), one_port(80)}));
    CHECK_FALSE(over_internet({balancer(web, true), inside({web}), one_port(80)}));
}
