#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/scenario/network_text.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

using network::Connection;
using network::Direction;
using network::Endpoint;
using network::PortRange;
using network::Refusal;

[[nodiscard]] std::string groups_text(const NetworkNotes& notes, const Endpoint& end) {
    NameList names;
    for (const network::SecurityGroupId id : end.groups) names.add(notes.security_groups[id].name);
    return fmt::format("security group{} {}", end.groups.size() == 1 ? "" : "s", names.text());
}

[[nodiscard]] std::string end_text(const NetworkNotes& notes, const Endpoint& end) {
    if (!notes.guarded || end.groups.empty()) return end.name;
    return fmt::format("{} ({})", end.name, groups_text(notes, end));
}

[[nodiscard]] std::string ports_text(PortRange ports) {
    return ports.first == ports.last ? fmt::format("port {}", ports.first)
                                     : fmt::format("ports {}-{}", ports.first, ports.last);
}

[[nodiscard]] std::string path_text(const NetworkNotes& notes, const Connection& connection) {
    return fmt::format("{} -> {} on {}", end_text(notes, connection.from), end_text(notes, connection.to),
                       ports_text(connection.ports));
}

/// Whom the rules for the port are about.
[[nodiscard]] NameList allowed(const NetworkNotes& notes, const Endpoint& end, Direction direction,
                               std::uint16_t port) {
    NameList names;
    std::set<std::string> seen;
    const auto add = [&](const std::string& name) {
        if (seen.insert(name).second) names.add(name);
    };
    for (const network::SecurityGroupId id : end.groups) {
        for (const network::SecurityGroupRule& rule : rules(notes.security_groups[id], direction)) {
            if (!network::contains(rule.ports, port)) continue;
            for (const network::SecurityGroupId group : rule.groups) add(notes.security_groups[group].name);
            for (const network::Cidr& block : rule.cidr_blocks) add(network::text_of(block));
        }
    }
    return names;
}

/// A rule that would do, for the end that has rules about `peer`.
[[nodiscard]] std::string remedy(const NetworkNotes& notes, const Connection& connection, Direction direction) {
    const bool ingress = direction == Direction::ingress;
    const Endpoint& own = ingress ? connection.to : connection.from;
    const Endpoint& peer = ingress ? connection.from : connection.to;
    std::string who = in_quotes(network::text_of(network::everywhere));
    if (!over_internet(connection) && !peer.groups.empty()) {
        who = notes.security_groups[peer.groups.front()].name;
    } else if (!over_internet(connection) && !peer.addresses.empty()) {
        who = in_quotes(network::text_of(peer.addresses.front()));
    }
    const PortRange ports = connection.ports;
    const std::string on = ports.first == ports.last
                               ? fmt::format("port: {}", ports.first)
                               : fmt::format("from_port: {}, to_port: {}", ports.first, ports.last);
    std::string rule = fmt::format("security group {} could have {}: [{{{}: [{}], {}}}]",
                                   notes.security_groups[own.groups.front()].name, ingress ? "ingress" : "egress",
                                   ingress ? "from" : "to", who, on);
    if (ingress && over_internet(connection) && connection.from.location == network::Location::vpc) {
        rule +=
            "; or call an internal load balancer: from an internet-facing one's public addresses no security "
            "group is seen";
    }
    return rule;
}

[[nodiscard]] std::string refused_by_rules(const NetworkNotes& notes, const Endpoint& end, Direction direction,
                                           std::uint16_t port) {
    const NameList names = allowed(notes, end, direction, port);
    const std::string who = groups_text(notes, end);
    const std::string_view ending = end.groups.size() == 1 ? "s" : "";
    if (direction == Direction::ingress) {
        if (names.empty()) return fmt::format("{} admit{} nobody on port {}", who, ending, port);
        return fmt::format("{} admit{} {} only from {}", who, ending, port, names.text());
    }
    if (names.empty()) return fmt::format("{} let{} nothing out on port {}", who, ending, port);
    return fmt::format("{} let{} {} out only to {}", who, ending, port, names.text());
}

}  // namespace

RefusalText tell(const NetworkNotes& notes, const Connection& connection, const Refusal& refusal,
                 const std::string& no_way_out) {
    const std::string path = path_text(notes, connection);
    switch (refusal.step) {
        case network::Step::egress:
            return {
                fmt::format("{}: {}", path, refused_by_rules(notes, connection.from, Direction::egress, refusal.port)),
                remedy(notes, connection, Direction::egress)};
        case network::Step::way_out:
            return {fmt::format("{}: {}", path, no_way_out),
                    "an internet-facing load balancer is called at its public addresses; an internal one is not"};
        case network::Step::way_in:
            return {fmt::format("{}: an internal load balancer is not reachable from the internet", path),
                    "internal: false, or say with from where in the VPC or beside it the users are"};
        case network::Step::arrival: break;
    }
    return {fmt::format("{}: {}", path, refused_by_rules(notes, connection.to, Direction::ingress, refusal.port)),
            remedy(notes, connection, Direction::ingress)};
}

}  // namespace fleetsim::scenario
