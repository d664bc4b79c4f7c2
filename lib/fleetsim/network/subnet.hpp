#pragma once

#include <cstdint>

#include <fleetsim/network/cidr.hpp>

namespace fleetsim::network {

/// A block of a VPC's addresses in one zone, and where its route table leads what is for outside the VPC.
///
/// Source: Amazon VPC User Guide, "Subnets for your VPC".
struct Subnet {
    Cidr cidr_block;
    bool is_public = false;  ///< To an internet gateway, which serves who has a public address.
    bool has_nat = false;    ///< Or to a NAT gateway, which serves everybody.
};

/// Blocks that a subnet may have.
///
/// Source: Amazon VPC User Guide, "Subnet CIDR blocks".
inline constexpr int shortest_subnet_prefix = 16;
inline constexpr int longest_subnet_prefix = 28;

/// Addresses of a subnet's block that AWS keeps: the first four and the last.
///
/// Source: Amazon VPC User Guide, "Subnet CIDR blocks".
inline constexpr std::int32_t reserved_addresses = 5;

/// What a load balancer needs of each of its subnets: so many free addresses, and a block of this length at most.
///
/// Source: Application Load Balancers User Guide, "Subnets for your load balancer".
inline constexpr std::int32_t load_balancer_addresses = 8;
inline constexpr int longest_load_balancer_prefix = 27;

[[nodiscard]] constexpr bool is_subnet_block(const Cidr& block) {
    return block.prefix_length >= shortest_subnet_prefix && block.prefix_length <= longest_subnet_prefix;
}

/// Addresses that a subnet's block has to give out. Only for blocks that a subnet may have.
[[nodiscard]] constexpr std::int32_t usable_addresses(const Cidr& block) {
    return static_cast<std::int32_t>(size(block)) - reserved_addresses;
}

/// Can something in the subnet open a connection to the internet?
///
/// Source: Amazon VPC User Guide, "Enable internet access for a VPC using an internet gateway" and "NAT gateways".
[[nodiscard]] constexpr bool reaches_internet(const Subnet& subnet, bool has_public_address) {
    return subnet.is_public ? has_public_address : subnet.has_nat;
}

}  // namespace fleetsim::network
