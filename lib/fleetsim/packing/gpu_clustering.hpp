#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <fleetsim/packing/gpu_scale.hpp>
#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// Keeps GPU tasks of one class together: best a node that hosts the task's class alone, then one that hosts it among
/// others, then one without GPU tasks, last one with other classes only; of each the one with the least idle GPU.
///
/// Source: the baseline "GpuClustering" of "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with
/// Fragmentation Gradient Descent" (USENIX ATC 2023), after Gandiva (OSDI 2018).
struct GpuClustering {
    static constexpr std::string_view name = "gpu_clustering";
    static constexpr bool timeless = true;

    [[nodiscard]] static GpuScore score(const Node& node, const Arrival& task) {
        if (task.demand.gpus == 0) return 0;
        const std::size_t own = affinity_class(task.demand);
        bool hosts_others = false;
        for (std::size_t other = 0; other < affinity_classes; ++other) {
            if (other != own && node.hosted[other] > 0) hosts_others = true;
        }
        const bool hosts_own = node.hosted[own] > 0;
        const std::int64_t company = hosts_own ? (hosts_others ? 50 : 75) : (hosts_others ? 0 : 25);
        const std::int64_t busy_milli = full_scale_gpu_milli - node.total_gpu_milli();
        return static_cast<GpuScore>(25 * busy_milli / full_scale_gpu_milli + company);
    }
};
static_assert(ScoringPolicy<GpuClustering>);

}  // namespace fleetsim::packing
