#pragma once

#include <string_view>

#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// Best Fit on CPU alone: the node with the least CPU left that takes the task.
///
/// Source: Amazon ECS Developer Guide, "Use strategies to define Amazon ECS task placement" (`binpack` on `cpu`).
struct BestFitCpu {
    static constexpr std::string_view name = "best_fit_cpu";
    static constexpr bool timeless = true;

    [[nodiscard]] double score(const Node& node, const Arrival&) const { return -node.cpu_milli; }
};
static_assert(Policy<BestFitCpu>);

}  // namespace fleetsim::packing
