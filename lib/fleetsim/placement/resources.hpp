#pragma once

#include <cstdint>

#include <Eigen/Core>

namespace fleetsim::placement {

/// Rows of `Resources`.
enum Resource : int { cpu_units, memory_mib, gpus, eni_slots, resource_count };

/// What a task needs, or what an instance has left: whole CPU units (1/1024 vCPU), MiB, GPUs and awsvpc slots.
using Resources = Eigen::Array<std::int32_t, resource_count, 1>;

struct Amounts {
    std::int32_t cpu_units = 0;
    std::int32_t memory_mib = 0;
    std::int32_t gpus = 0;
    std::int32_t eni_slots = 0;
};

[[nodiscard]] inline Resources resources(Amounts amounts) {
    return Resources{amounts.cpu_units, amounts.memory_mib, amounts.gpus, amounts.eni_slots};
}

[[nodiscard]] inline bool fits(const Resources& need, const Resources& room) { return (need <= room).all(); }

}  // namespace fleetsim::placement
