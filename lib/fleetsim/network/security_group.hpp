#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fleetsim/des/id.hpp>
#include <fleetsim/network/cidr.hpp>

namespace fleetsim::network {

using SecurityGroupId = des::Id<struct SecurityGroupTag>;

/// TCP ports, both ends included.
struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 65'535;
    friend bool operator==(PortRange, PortRange) = default;
};

[[nodiscard]] constexpr PortRange one_port(std::uint16_t port) { return {port, port}; }

[[nodiscard]] constexpr bool contains(PortRange ports, std::uint16_t port) {
    return ports.first <= port && port <= ports.last;
}

/// Allows connections on some ports with some others: where they come from if it is an ingress rule, where they go to
/// if it is an egress rule. There are no rules that deny.
///
/// Left out: protocols other than TCP.
struct SecurityGroupRule {
    PortRange ports;
    std::vector<SecurityGroupId> groups;
    std::vector<Cidr> cidr_blocks;
};

/// A new group admits nobody and lets everything out.
///
/// Source: Amazon VPC User Guide, "Security group rules".
struct SecurityGroup {
    std::string name;
    std::vector<SecurityGroupRule> ingress;
    std::vector<SecurityGroupRule> egress{{{}, {}, {everywhere}}};
};

using SecurityGroups = des::Table<SecurityGroupId, SecurityGroup>;

enum class Direction : std::uint8_t { ingress, egress };

[[nodiscard]] inline const std::vector<SecurityGroupRule>& rules(const SecurityGroup& group, Direction direction) {
    return direction == Direction::ingress ? group.ingress : group.egress;
}

/// The other end of a connection, as rules see it.
struct Peer {
    std::vector<SecurityGroupId> groups;  ///< All of its network interfaces have all of these.
    std::vector<Cidr> addresses;          ///< It may have any of these; empty when nothing is known of them.
};

/// Do the rules allow the port, wherever the peer is? Those of all the groups count, as if they were one group's.
///
/// Source: Amazon VPC User Guide, "Security groups for your VPC": a rule that names a group is about the private
/// addresses of the interfaces that have it.
[[nodiscard]] inline bool allows(const SecurityGroups& all, std::span<const SecurityGroupId> groups,
                                 Direction direction, const Peer& peer, std::uint16_t port) {
    std::vector<Cidr> blocks;
    for (const SecurityGroupId id : groups) {
        for (const SecurityGroupRule& rule : rules(all[id], direction)) {
            if (!contains(rule.ports, port)) continue;
            for (const SecurityGroupId named : rule.groups) {
                if (std::find(peer.groups.begin(), peer.groups.end(), named) != peer.groups.end()) return true;
            }
            blocks.insert(blocks.end(), rule.cidr_blocks.begin(), rule.cidr_blocks.end());
        }
    }
    return !peer.addresses.empty() && std::all_of(peer.addresses.begin(), peer.addresses.end(),
                                                  [&](const Cidr& place) { return covers(blocks, place); });
}

/// The lowest of `ports` that the rules do not allow; none if they allow them all.
[[nodiscard]] inline std::optional<std::uint16_t> first_refused(const SecurityGroups& all,
                                                                std::span<const SecurityGroupId> groups,
                                                                Direction direction, const Peer& peer,
                                                                PortRange ports) {
    // What is allowed can change only where some rule begins, or behind its end.
    std::vector<std::uint16_t> turns{ports.first};
    for (const SecurityGroupId id : groups) {
        for (const SecurityGroupRule& rule : rules(all[id], direction)) {
            if (contains(ports, rule.ports.first)) turns.push_back(rule.ports.first);
            if (rule.ports.last >= ports.first && rule.ports.last < ports.last) {
                turns.push_back(static_cast<std::uint16_t>(rule.ports.last + 1));
            }
        }
    }
    std::sort(turns.begin(), turns.end());
    for (const std::uint16_t port : turns) {
        if (!allows(all, groups, direction, peer, port)) return port;
    }
    return std::nullopt;
}

}  // namespace fleetsim::network
