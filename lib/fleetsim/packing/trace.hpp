#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/des/time.hpp>

/// The field's packing algorithms on public traces and instances: what arrives, where the algorithms put it, how good
/// that is against lower bounds, and an independent check that it is a packing at all.
namespace fleetsim::packing {

/// The most GPUs one node has.
inline constexpr std::int32_t most_gpus = 16;

/// A whole GPU, in the unit in which tasks share one.
inline constexpr std::int32_t whole_gpu_milli = 1000;

/// A set of GPU models: bit m stands for the trace's m-th. Nodes without GPUs have none.
using ModelSet = std::uint64_t;
inline constexpr ModelSet any_model = ~ModelSet{0};
inline constexpr std::size_t most_models = 64;

/// What a task asks of its node: everything that decides where it fits. Never negative.
struct Demand {
    std::int32_t cpu_milli = 0;  ///< Thousandths of a vCPU.
    std::int32_t memory_mib = 0;
    std::int32_t gpus = 0;       ///< Devices.
    std::int32_t gpu_milli = 0;  ///< Thousandths of each device; below 1000 only with one device, which is then shared.
    ModelSet models = any_model;

    [[nodiscard]] constexpr bool shares_a_gpu() const { return gpus == 1 && gpu_milli < whole_gpu_milli; }
    [[nodiscard]] constexpr std::int32_t total_gpu_milli() const { return gpus * gpu_milli; }
    friend constexpr bool operator==(const Demand&, const Demand&) = default;
    friend constexpr auto operator<=>(const Demand&, const Demand&) = default;
};

/// What an empty node offers.
struct Capacity {
    std::int32_t cpu_milli = 0;
    std::int32_t memory_mib = 0;
    std::int32_t gpus = 0;  ///< Devices, all of one model.
    ModelSet model = 0;     ///< One bit, or none without GPUs.
    friend constexpr bool operator==(const Capacity&, const Capacity&) = default;
    friend constexpr auto operator<=>(const Capacity&, const Capacity&) = default;
};

struct Task {
    std::string name;
    Demand demand;
    des::Time arrives{};
    std::optional<des::Duration> lifetime = {};  ///< Absent when nobody knows; it then never leaves.
};

struct NamedNode {
    std::string name;
    Capacity capacity;
};

/// Tasks in the order in which they arrive, and the nodes that a fixed cluster has (none: as many as it takes).
struct Trace {
    std::string name;
    std::vector<Task> tasks;
    std::vector<NamedNode> nodes = {};
    std::vector<std::string> models = {};  ///< Names of the bits of a `ModelSet`.
};

}  // namespace fleetsim::packing
