#pragma once

#include <cstdint>
#include <string_view>

#include <fleetsim/packing/gpu_scale.hpp>
#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// The node whose idle cpu and GPU capacity is least aligned with what the task asks: the smallest dot product of the
/// two, each as a fraction of the full scale. The score is 100 less half the product in percent, cut to a whole number.
///
/// Source: the baseline "DotProd" of "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation
/// Gradient Descent" (USENIX ATC 2023); the measure comes from Tetris (SIGCOMM 2014), which takes the largest.
struct DotProduct {
    static constexpr std::string_view name = "dot_product";
    static constexpr bool timeless = true;

    [[nodiscard]] static GpuScore score(const Node& node, const Arrival& task) {
        const Demand& asked = task.demand;
        constexpr std::int64_t unit = full_scale_cpu_milli * full_scale_cpu_milli;
        const std::int64_t cpu = std::int64_t{node.cpu_milli} * asked.cpu_milli;
        const std::int64_t gpu =
            cpu_per_gpu_milli * cpu_per_gpu_milli * node.total_gpu_milli() * asked.total_gpu_milli();
        return static_cast<GpuScore>((100 * unit - 50 * (cpu + gpu)) / unit);
    }
};
static_assert(ScoringPolicy<DotProduct>);

}  // namespace fleetsim::packing
