#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <fleetsim/packing/gpu_scale.hpp>
#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// The node with the least left after placing.
///
/// With GPUs in play, left are cpu and GPU capacity, as fractions of the full scale, and the score is 100 less half
/// their sum in percent, cut to a whole number. (The study stretches the scores to 0..100 over the nodes that fit,
/// which changes no winner.)
///
/// On traces of virtual machines, left are cpu and memory, as fractions of the node's own capacity, and nothing is cut.
/// The trace decides which, never the single node: a cluster's nodes must be compared by one measure.
///
/// Source: the baseline "BestFit" of "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation
/// Gradient Descent" (USENIX ATC 2023); without GPUs the textbook rule on the sum of the dimensions.
struct BestFit {
    enum class Left { cpu_and_gpu, cpu_and_memory };

    static constexpr std::string_view name = "best_fit";
    static constexpr bool timeless = true;

    Left left = Left::cpu_and_gpu;

    /// With GPUs if any node has or any task asks for one.
    [[nodiscard]] static BestFit make(const Trace& trace) {
        const bool gpus =
            std::any_of(trace.nodes.begin(), trace.nodes.end(),
                        [](const NamedNode& n) { return n.capacity.gpus > 0; }) ||
            std::any_of(trace.tasks.begin(), trace.tasks.end(), [](const Task& t) { return t.demand.gpus > 0; });
        return {gpus ? Left::cpu_and_gpu : Left::cpu_and_memory};
    }

    [[nodiscard]] double score(const Node& node, const Arrival& task) const {
        const Demand& asked = task.demand;
        const std::int64_t cpu_milli = node.cpu_milli - asked.cpu_milli;
        if (left == Left::cpu_and_gpu) {
            const std::int64_t gpu_milli = node.total_gpu_milli() - asked.total_gpu_milli();
            const std::int64_t both = 50 * (cpu_milli + cpu_per_gpu_milli * gpu_milli);
            return static_cast<double>((100 * full_scale_cpu_milli - both) / full_scale_cpu_milli);
        }
        return -fraction(cpu_milli, node.capacity.cpu_milli) -
               fraction(node.memory_mib - asked.memory_mib, node.capacity.memory_mib);
    }

private:
    [[nodiscard]] static double fraction(std::int64_t part, std::int64_t whole) {
        return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
    }
};
static_assert(ScoringPolicy<BestFit>);

}  // namespace fleetsim::packing
