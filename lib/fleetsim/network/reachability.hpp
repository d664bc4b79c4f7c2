#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/network/cidr.hpp>
#include <fleetsim/network/security_group.hpp>

namespace fleetsim::network {

/// Where one end of a connection is.
enum class Location : std::uint8_t {
    vpc,
    private_network,  ///< Joined to the VPC: a VPN, a peer.
    internet
};

/// One end of a connection: a service's tasks, a group's instances, a load balancer, users.
struct Endpoint {
    std::string name;  ///< For people: `service "web"`.
    Location location = Location::vpc;
    std::vector<SecurityGroupId> groups;  ///< Of its network interfaces. Rules count in the VPC only.
    std::vector<Cidr> addresses;          ///< Its subnets' blocks, or where it is; empty when unknown.
    bool reaches_internet = true;         ///< From wherever in the VPC it is.
    bool internet_facing = false;         ///< Its name resolves to public addresses, in the VPC too.
};

[[nodiscard]] inline Endpoint the_internet() {
    return {.name = "the internet", .location = Location::internet, .groups = {}, .addresses = {everywhere}};
}

/// Ports that Docker gives to containers whose host port is not fixed: an instance that is a load balancer's target for
/// them must be reachable on each. The range of Linux; Docker's own, 49153 to 65535, counts where it cannot be read.
///
/// Source: Amazon ECS API Reference, "PortMapping"; Linux kernel, ip_local_port_range.
inline constexpr PortRange dynamic_host_ports{32'768, 60'999};

/// `from` opens a connection to `to` on any of the ports.
struct Connection {
    Endpoint from;
    Endpoint to;
    PortRange ports;
};

/// What a connection passes, in this order. Answers pass by themselves.
enum class Step : std::uint8_t {
    egress,   ///< The rules of the groups of `from`.
    way_out,  ///< A subnet's way to the internet, if `to` has a public address.
    way_in,   ///< An internal `to` cannot be reached from the internet.
    arrival,  ///< The rules of the groups of `to`.
};

/// Where a connection ends before it has begun.
struct Refusal {
    Step step = Step::egress;
    std::uint16_t port = 0;  ///< The lowest that fails.
    friend bool operator==(Refusal, Refusal) = default;
};

/// Does the connection leave the VPC? An internet-facing load balancer is reached at its public addresses, so whoever
/// calls it from inside comes back in from outside, with the address of a gateway.
[[nodiscard]] inline bool over_internet(const Connection& connection) {
    return connection.from.location == Location::internet || connection.to.location == Location::internet ||
           (connection.from.location == Location::vpc && connection.to.internet_facing);
}

/// The other end as the rules of `from` or of `to` see it. Over the internet they see no groups, and addresses that
/// nobody knows beforehand.
[[nodiscard]] inline Peer as_peer(const Endpoint& end, bool over_internet) {
    if (over_internet) return {{}, {everywhere}};
    return {end.groups, end.addresses};
}

/// The first step that some connection between the two ends does not pass; none if they all come through.
///
/// Source: Amazon VPC User Guide, "Security groups for your VPC"; Application Load Balancers User Guide, "Application
/// Load Balancers" (load balancer scheme). That a rule for part of the internet does not admit what comes over it is a
/// model decision. Left out: network access control lists.
[[nodiscard]] inline std::optional<Refusal> refusal(const SecurityGroups& groups, const Connection& connection) {
    const Endpoint& from = connection.from;
    const Endpoint& to = connection.to;
    const bool outside = over_internet(connection);
    if (from.location == Location::vpc) {
        const auto port = first_refused(groups, from.groups, Direction::egress, as_peer(to, outside), connection.ports);
        if (port) return Refusal{Step::egress, *port};
        if (outside && !from.reaches_internet) return Refusal{Step::way_out, connection.ports.first};
    }
    if (to.location != Location::vpc) return std::nullopt;
    if (from.location == Location::internet && !to.internet_facing) {
        return Refusal{Step::way_in, connection.ports.first};
    }
    const auto port = first_refused(groups, to.groups, Direction::ingress, as_peer(from, outside), connection.ports);
    return port ? std::optional(Refusal{Step::arrival, *port}) : std::nullopt;
}

}  // namespace fleetsim::network
