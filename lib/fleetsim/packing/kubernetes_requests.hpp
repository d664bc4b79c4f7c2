#pragma once

#include <array>
#include <cstdint>

#include <fleetsim/packing/node.hpp>
#include <fleetsim/packing/trace.hpp>

namespace fleetsim::packing {

/// What of one resource would be requested of a node, the incoming pod included, and what it can allocate.
struct Requested {
    std::int64_t amount = 0;
    std::int64_t allocatable = 0;
};

/// The resources that kube-scheduler scores unless it is configured otherwise, which weigh the same: CPU and memory.
using RequestedResources = std::array<Requested, 2>;

/// As kube-scheduler's plugin NodeResourcesFit counts: a pod without a request for CPU or memory counts as 100 m or
/// 200 MiB.
///
/// Source: Kubernetes documentation, "Resource Bin Packing"; kube-scheduler's source for the two amounts.
/// Left out: those amounts for pods already on the node.
[[nodiscard]] inline RequestedResources requested_for_fit(const Demand& pod, const Node& node) {
    const std::int32_t cpu_milli = pod.cpu_milli == 0 ? 100 : pod.cpu_milli;
    const std::int32_t memory_mib = pod.memory_mib == 0 ? 200 : pod.memory_mib;
    const Capacity& all = node.capacity;
    return {Requested{std::int64_t{all.cpu_milli} - node.cpu_milli + cpu_milli, all.cpu_milli},
            Requested{std::int64_t{all.memory_mib} - node.memory_mib + memory_mib, all.memory_mib}};
}

/// The mean of the resources' scores, cut to a whole number; resources of which the node has none are left out.
template <class ScoreOf>
[[nodiscard]] std::int64_t mean_score(const RequestedResources& resources, ScoreOf score_of) {
    std::int64_t sum = 0;
    std::int64_t counted = 0;
    for (const Requested& resource : resources) {
        if (resource.allocatable == 0) continue;
        sum += score_of(resource);
        ++counted;
    }
    return counted == 0 ? 0 : sum / counted;
}

}  // namespace fleetsim::packing
