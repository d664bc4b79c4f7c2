#pragma once

#include <cstdint>
#include <string_view>

#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// The node whose room points the way the task does: the largest dot product of demand and room left, CPU, memory and
/// GPUs each in fractions of the node's capacity. It rewards long vectors of room, and so spreads like Worst Fit.
///
/// Source: R. Grandl et al., "Multi-Resource Packing for Cluster Schedulers" (Tetris, 2014), the alignment score, which
/// is there for choosing a task for a given node.
struct LargestDotProduct {
    static constexpr std::string_view name = "largest_dot_product";
    static constexpr bool timeless = true;

    [[nodiscard]] double score(const Node& node, const Arrival& task) const {
        const Capacity& all = node.capacity;
        return product(task.demand.cpu_milli, node.cpu_milli, all.cpu_milli) +
               product(task.demand.memory_mib, node.memory_mib, all.memory_mib) +
               product(task.demand.total_gpu_milli(), node.total_gpu_milli(), all.gpus * whole_gpu_milli);
    }

private:
    [[nodiscard]] static double product(std::int64_t asked, std::int64_t left, std::int64_t all) {
        if (all == 0) return 0;
        return static_cast<double>(asked * left) / (static_cast<double>(all) * static_cast<double>(all));
    }
};
static_assert(Policy<LargestDotProduct>);

}  // namespace fleetsim::packing
