#pragma once

#include <algorithm>
#include <cstdint>

#include <fleetsim/packing/node.hpp>
#include <fleetsim/packing/trace.hpp>

namespace fleetsim::packing {

/// What a node has left once the task is on it, as fractions of its capacity, summed over CPU, memory and, where the
/// node has any, GPUs.
///
/// CPU and memory are added as integers over a common denominator, so that equal sums compare equal.
[[nodiscard]] inline double room_after(const Demand& task, const Node& node) {
    const std::int64_t cpu = node.cpu_milli - task.cpu_milli;
    const std::int64_t memory = node.memory_mib - task.memory_mib;
    const std::int64_t all_cpu = std::max(node.capacity.cpu_milli, 1);
    const std::int64_t all_memory = std::max(node.capacity.memory_mib, 1);
    const double room =
        static_cast<double>(cpu * all_memory + memory * all_cpu) / static_cast<double>(all_cpu * all_memory);
    if (node.capacity.gpus == 0) return room;
    return room + static_cast<double>(node.total_gpu_milli() - task.total_gpu_milli()) /
                      static_cast<double>(node.capacity.gpus * whole_gpu_milli);
}

}  // namespace fleetsim::packing
