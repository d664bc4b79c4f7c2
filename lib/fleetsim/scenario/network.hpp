#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/id.hpp>
#include <fleetsim/network/reachability.hpp>
#include <fleetsim/network/security_group.hpp>
#include <fleetsim/network/subnet.hpp>
#include <fleetsim/scenario/diagnostics.hpp>
#include <fleetsim/scenario/fields.hpp>
#include <fleetsim/scenario/names.hpp>
#include <fleetsim/sim/scenario.hpp>

/// What is read of the network beside the scenario, for the checks. Without subnets nothing of it is checked.
namespace fleetsim::scenario {

struct SubnetNotes {
    network::Subnet facts;
    std::string zone;
    Position cidr_at;
};

/// Where something stands in the VPC.
struct VpcPlace {
    bool known = false;  ///< All that is written of it could be read.
    std::vector<sim::SubnetId> subnets;
    std::vector<Position> subnets_at;                       ///< One for each.
    std::vector<network::SecurityGroupId> security_groups;  ///< Never empty.
};

/// How a service's tasks are reached.
struct TaskNetwork {
    bool known = false;
    VpcPlace place;  ///< In `awsvpc` mode. In others a task is where its instance is.
    bool assign_public_ip = false;
    Position public_ip_at;
    std::optional<std::uint16_t> port;  ///< On which its container listens, if the target group says so.
};

struct NetworkNotes {
    bool exists = false;   ///< There are subnets.
    bool sound = true;     ///< The sections of the network could be read.
    bool guarded = false;  ///< There are security groups. Without them everybody may call everybody.

    Names<sim::SubnetId> subnet_names{"subnet"};
    std::vector<Declared<sim::SubnetId>> subnets;
    des::Table<sim::SubnetId, SubnetNotes> subnet_notes;
    Names<network::SecurityGroupId> group_names{"security group"};
    std::vector<Declared<network::SecurityGroupId>> groups;
    network::SecurityGroups security_groups;
    network::SecurityGroupId default_group;  ///< The VPC's own, of what names none.
    std::set<std::string, std::less<>> vpc_endpoints;
};

/// Most that something may have.
///
/// Source: Amazon EC2 Auto Scaling and Elastic Load Balancing set no lower one than the VPC does for a network
/// interface, "Amazon VPC quotas"; Amazon ECS API Reference, AwsVpcConfiguration.
struct PlaceLimits {
    std::size_t subnets = 200;
    std::size_t security_groups = 16;
};

inline constexpr PlaceLimits service_place_limits{16, 5};

/// A block of addresses that is named by its first one.
struct CidrBlock {
    std::string_view example;
    [[nodiscard]] Parsed<network::Cidr> operator()(std::string_view text) const;
};

}  // namespace fleetsim::scenario
