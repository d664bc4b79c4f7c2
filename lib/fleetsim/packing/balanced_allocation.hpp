#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// The nearer the requested shares of CPU and memory, the pod included, are to each other, the better: 100 less their
/// standard deviation in percent, cut to a whole number. A pod that requests neither ranks all nodes alike.
///
/// Source: kube-scheduler's source, plugin NodeResourcesBalancedAllocation (the classic form).
/// Left out: ties are broken by node order, where kube-scheduler draws among them.
struct BalancedAllocation {
    static constexpr std::string_view name = "balanced_allocation";
    static constexpr bool timeless = true;

    [[nodiscard]] static double score(const Node& node, const Arrival& pod) {
        const Capacity& all = node.capacity;
        if (pod.demand.cpu_milli == 0 && pod.demand.memory_mib == 0) return 0;
        if (all.cpu_milli == 0 || all.memory_mib == 0) return 100;
        const double cpu = share(all.cpu_milli - node.cpu_milli + pod.demand.cpu_milli, all.cpu_milli);
        const double memory = share(all.memory_mib - node.memory_mib + pod.demand.memory_mib, all.memory_mib);
        const double deviation = std::abs(cpu - memory) / 2;
        return static_cast<double>(static_cast<std::int64_t>((1 - deviation) * 100));
    }

private:
    [[nodiscard]] static double share(std::int32_t requested, std::int32_t allocatable) {
        return std::min(1.0, static_cast<double>(requested) / allocatable);
    }
};
static_assert(ScoringPolicy<BalancedAllocation>);

}  // namespace fleetsim::packing
