#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <fleetsim/routing/rotation.hpp>

namespace fleetsim::routing {

/// The target with the fewest requests in flight from this target group; the tied take turns. Cost: O(targets).
///
/// Source: Application Load Balancers User Guide, "Routing algorithms"; the order among ties is a model decision.
struct LeastOutstandingRequests {
    static constexpr std::string_view name = "least_outstanding_requests";

    /// `rotation` is not empty; `outstanding` is indexed by target.
    [[nodiscard]] static std::uint32_t choose(Rotation& rotation, std::span<const std::uint32_t> outstanding) {
        const std::size_t count = rotation.targets.size();
        std::size_t best = rotation.cursor;
        std::uint32_t fewest = outstanding[rotation.targets[best]];
        for (std::size_t step = 1, at = best; step < count && fewest > 0; ++step) {
            at = at + 1 == count ? 0 : at + 1;
            const std::uint32_t here = outstanding[rotation.targets[at]];
            if (here < fewest) {
                fewest = here;
                best = at;
            }
        }
        return rotation.take(best);
    }
};

}  // namespace fleetsim::routing
