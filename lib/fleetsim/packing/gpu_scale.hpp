#pragma once

#include <cstdint>

/// The yardsticks of the GPU-sharing study's scores: what the largest node of its cluster has.
namespace fleetsim::packing {

inline constexpr std::int64_t full_scale_cpu_milli = 128'000;
inline constexpr std::int64_t full_scale_gpu_milli = 8'000;

/// Puts thousandths of GPUs on the scale of cpu: one is the same fraction of its full scale as the other.
inline constexpr std::int64_t cpu_per_gpu_milli = full_scale_cpu_milli / full_scale_gpu_milli;

/// A score of the study, cut to a whole number. It is 0 to 100 on nodes within the full scale.
using GpuScore = std::int16_t;

}  // namespace fleetsim::packing
