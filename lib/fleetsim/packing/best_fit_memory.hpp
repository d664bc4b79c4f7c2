#pragma once

#include <string_view>

#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// Best Fit on memory alone: the node with the least memory left that takes the task.
///
/// Source: Amazon ECS Developer Guide, "Use strategies to define Amazon ECS task placement" (`binpack` on `memory`).
struct BestFitMemory {
    static constexpr std::string_view name = "best_fit_memory";
    static constexpr bool timeless = true;

    [[nodiscard]] double score(const Node& node, const Arrival&) const { return -node.memory_mib; }
};
static_assert(Policy<BestFitMemory>);

}  // namespace fleetsim::packing
