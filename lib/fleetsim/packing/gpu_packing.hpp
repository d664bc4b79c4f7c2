#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include <fleetsim/packing/gpu_scale.hpp>
#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// First the devices in use, then idle devices of nodes in use, last idle nodes; of each the one that comes out
/// fullest.
///
/// Source: the baseline "GpuPacking" of "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation
/// Gradient Descent" (USENIX ATC 2023).
struct GpuPacking {
    static constexpr std::string_view name = "gpu_packing";
    static constexpr bool timeless = true;

    [[nodiscard]] static GpuScore score(const Node& node, const Arrival& task) {
        const Demand& asked = task.demand;
        if (asked.gpus == 0) return 0;
        const std::int32_t devices = node.capacity.gpus;
        const auto everything = node.devices();
        const auto idle = [](std::int32_t left) { return left == whole_gpu_milli; };
        if (std::all_of(everything.begin(), everything.end(), idle)) {
            return static_cast<GpuScore>(std::max(33 - devices, devices));
        }

        // The tightest devices first.
        std::array<std::int32_t, most_gpus> usable{};
        const auto end = std::copy_if(everything.begin(), everything.end(), usable.begin(),
                                      [&](std::int32_t left) { return left >= asked.gpu_milli; });
        std::sort(usable.begin(), end);
        std::int32_t idle_used = 0;
        std::int32_t percent_left = 0;
        for (auto device = usable.begin(); device != usable.begin() + asked.gpus; ++device) {
            idle_used += idle(*device) ? 1 : 0;
            percent_left += 100 * *device / whole_gpu_milli;
        }
        if (idle_used > 0) return static_cast<GpuScore>(std::max(50 - idle_used, 33));
        return static_cast<GpuScore>(std::max(100 - percent_left / 10, 50));
    }
};
static_assert(ScoringPolicy<GpuPacking>);

}  // namespace fleetsim::packing
