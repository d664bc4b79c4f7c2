#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <fleetsim/routing/rotation.hpp>

namespace fleetsim::routing {

/// The next target in order. The default of a target group.
///
/// Source: Application Load Balancers User Guide, "Routing algorithms".
struct RoundRobin {
    static constexpr std::string_view name = "round_robin";

    /// `rotation` is not empty.
    [[nodiscard]] static std::uint32_t choose(Rotation& rotation, std::span<const std::uint32_t> /*outstanding*/) {
        return rotation.take(rotation.cursor);
    }
};

}  // namespace fleetsim::routing
