#pragma once

#include <string>

#include <fleetsim/network/reachability.hpp>
#include <fleetsim/scenario/network.hpp>

namespace fleetsim::scenario {

/// Why a connection fails, with its path, and what would help.
struct RefusalText {
    std::string message;
    std::string hint;
};

/// `load balancer "public" (security group alb) -> service "web" (security group web) on port 8080: security group web
/// admits 8080 only from vpn`. `no_way_out` says what keeps the first end from the internet.
[[nodiscard]] RefusalText tell(const NetworkNotes& notes, const network::Connection& connection,
                               const network::Refusal& refusal, const std::string& no_way_out);

}  // namespace fleetsim::scenario
