#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace fleetsim::ecs {

struct FargateSize {
    std::int32_t cpu_units = 0;
    std::int32_t memory_mib = 0;
    friend constexpr bool operator==(FargateSize, FargateSize) = default;
};

/// Memory sizes that go with one size of CPU, both ends included.
struct FargateMemoryRange {
    std::int32_t cpu_units;
    std::int32_t least_mib;
    std::int32_t most_mib;
    std::int32_t step_mib;
};

/// All sizes of Fargate tasks, by CPU and then memory; 256 CPU units need two ranges, as 1.5 GB is missing.
///
/// Source: Amazon ECS Developer Guide, "Task CPU and memory" of Fargate. Left out: Windows, which starts at 1024 units.
inline constexpr std::array fargate_memory_ranges{
    FargateMemoryRange{256, 512, 1024, 512},      FargateMemoryRange{256, 2048, 2048, 1024},
    FargateMemoryRange{512, 1024, 4096, 1024},    FargateMemoryRange{1024, 2048, 8192, 1024},
    FargateMemoryRange{2048, 4096, 16384, 1024},  FargateMemoryRange{4096, 8192, 30720, 1024},
    FargateMemoryRange{8192, 16384, 61440, 4096}, FargateMemoryRange{16384, 32768, 122880, 8192},
};

[[nodiscard]] constexpr bool is_fargate_size(FargateSize size) {
    for (const FargateMemoryRange& range : fargate_memory_ranges) {
        if (range.cpu_units != size.cpu_units) continue;
        if (size.memory_mib < range.least_mib || size.memory_mib > range.most_mib) continue;
        if ((size.memory_mib - range.least_mib) % range.step_mib == 0) return true;
    }
    return false;
}

/// The smallest size that holds both: least CPU, then least memory, which is also the cheapest. Absent when even the
/// largest is too small. ECS itself never rounds: it refuses a task definition with any other size.
[[nodiscard]] constexpr std::optional<FargateSize> nearest_fargate_size(FargateSize wanted) {
    for (const FargateMemoryRange& range : fargate_memory_ranges) {
        if (range.cpu_units < wanted.cpu_units || range.most_mib < wanted.memory_mib) continue;
        if (wanted.memory_mib <= range.least_mib) return FargateSize{range.cpu_units, range.least_mib};
        const std::int32_t steps = (wanted.memory_mib - range.least_mib + range.step_mib - 1) / range.step_mib;
        return FargateSize{range.cpu_units, range.least_mib + steps * range.step_mib};
    }
    return std::nullopt;
}

/// Every size, by CPU and then memory.
[[nodiscard]] inline std::vector<FargateSize> fargate_sizes() {
    std::vector<FargateSize> sizes;
    for (const FargateMemoryRange& range : fargate_memory_ranges) {
        for (std::int32_t memory_mib = range.least_mib; memory_mib <= range.most_mib; memory_mib += range.step_mib) {
            sizes.push_back({range.cpu_units, memory_mib});
        }
    }
    return sizes;
}

}  // namespace fleetsim::ecs
