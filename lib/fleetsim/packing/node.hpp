#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/packing/trace.hpp>

namespace fleetsim::packing {

/// Classes of GPU tasks by affinity: those that share a GPU (0), those that ask for 1, 2, 3, … whole ones.
inline constexpr std::size_t affinity_classes = most_gpus + 1;

/// The class of a task that asks for a GPU.
[[nodiscard]] constexpr std::size_t affinity_class(const Demand& task) {
    return task.shares_a_gpu() ? 0 : static_cast<std::size_t>(task.gpus);
}

/// A node as policies see it: what it has left, and who is there.
///
/// Invariant: what is left lies between nothing and the capacity; devices beyond `capacity.gpus` stay at 0.
struct Node {
    Capacity capacity;
    std::int32_t cpu_milli = 0;                            ///< Left.
    std::int32_t memory_mib = 0;                           ///< Left.
    std::array<std::int32_t, most_gpus> gpu_milli{};       ///< Left, by device.
    std::array<std::uint16_t, affinity_classes> hosted{};  ///< GPU tasks here, by class.
    std::int32_t tasks = 0;
    des::Time ends{};  ///< The latest departure known among the tasks put here since the node was last empty.

    Node() = default;
    explicit Node(const Capacity& empty) : capacity(empty), cpu_milli(empty.cpu_milli), memory_mib(empty.memory_mib) {
        FLEETSIM_CHECK(empty.gpus >= 0 && empty.gpus <= most_gpus);
        std::fill_n(gpu_milli.begin(), empty.gpus, whole_gpu_milli);
    }

    [[nodiscard]] std::span<const std::int32_t> devices() const {
        return {gpu_milli.data(), static_cast<std::size_t>(capacity.gpus)};
    }
    [[nodiscard]] std::int32_t total_gpu_milli() const {
        std::int32_t total = 0;
        for (const std::int32_t left : devices()) total += left;
        return total;
    }
};

/// Whether the node can take the task now.
[[nodiscard]] inline bool fits(const Demand& task, const Node& node) {
    if (task.cpu_milli > node.cpu_milli || task.memory_mib > node.memory_mib) return false;
    if (task.gpus == 0) return true;
    if ((task.models & node.capacity.model) == 0) return false;
    std::int32_t enough = 0;
    for (const std::int32_t left : node.devices()) enough += left >= task.gpu_milli ? 1 : 0;
    return enough >= task.gpus;
}

/// The device with the least left that still takes a sharing task; the first of equals, none if none does.
[[nodiscard]] inline std::int32_t tightest_device(const Node& node, std::int32_t gpu_milli) {
    std::int32_t best = -1;
    for (std::int32_t device = 0; device < node.capacity.gpus; ++device) {
        const std::int32_t left = node.gpu_milli[static_cast<std::size_t>(device)];
        if (left < gpu_milli) continue;
        if (best < 0 || left < node.gpu_milli[static_cast<std::size_t>(best)]) best = device;
    }
    return best;
}

/// Devices a task holds: bit d is device d.
using DeviceSet = std::uint32_t;

/// The devices a task gets: a sharing task the one given, others the first idle ones.
[[nodiscard]] inline DeviceSet devices_for(const Demand& task, const Node& node, std::int32_t sharing_device) {
    if (task.shares_a_gpu()) return DeviceSet{1} << static_cast<unsigned>(sharing_device);
    DeviceSet devices = 0;
    std::int32_t wanted = task.gpus;
    for (std::int32_t device = 0; device < node.capacity.gpus && wanted > 0; ++device) {
        if (node.gpu_milli[static_cast<std::size_t>(device)] < task.gpu_milli) continue;
        devices |= DeviceSet{1} << static_cast<unsigned>(device);
        --wanted;
    }
    FLEETSIM_CHECK(wanted == 0);
    return devices;
}

namespace detail {

/// `sign` +1 gives the room back, -1 takes it.
inline void move_room(const Demand& task, DeviceSet devices, std::int32_t sign, Node& node) {
    node.cpu_milli += sign * task.cpu_milli;
    node.memory_mib += sign * task.memory_mib;
    node.tasks -= sign;
    for (std::int32_t device = 0; device < node.capacity.gpus; ++device) {
        if ((devices >> static_cast<unsigned>(device) & 1) == 0) continue;
        std::int32_t& left = node.gpu_milli[static_cast<std::size_t>(device)];
        left += sign * task.gpu_milli;
        FLEETSIM_CHECK(left >= 0 && left <= whole_gpu_milli);
    }
    if (task.gpus > 0) {
        auto& hosted = node.hosted[affinity_class(task)];
        hosted = static_cast<std::uint16_t>(hosted - sign);
    }
    FLEETSIM_CHECK(node.cpu_milli >= 0 && node.memory_mib >= 0 && node.tasks >= 0);
}

}  // namespace detail

inline void take(const Demand& task, DeviceSet devices, Node& node) { detail::move_room(task, devices, -1, node); }
inline void give_back(const Demand& task, DeviceSet devices, Node& node) { detail::move_room(task, devices, +1, node); }

}  // namespace fleetsim::packing
