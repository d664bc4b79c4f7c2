#pragma once

#include <string>
#include <vector>

#include <fleetsim/placement/ports.hpp>
#include <fleetsim/placement/query.hpp>
#include <fleetsim/placement/resources.hpp>
#include <fleetsim/placement/strategy.hpp>

namespace fleetsim::placement {

/// All that decides where a task fits and which place is best: tasks of one shape are alike to the placer.
struct Shape {
    Resources task = Resources::Zero();
    std::vector<HostPort> host_ports = {};
    std::vector<Strategy> strategies = {};  ///< Empty: ECS's default chain.
    bool distinct_instance = false;         ///< No two tasks of the group on one instance.
    std::vector<Query> member_of = {};      ///< All of them must hold.
    std::string capacity_provider = {};     ///< Only instances of this one; empty: of any.
};

}  // namespace fleetsim::placement
