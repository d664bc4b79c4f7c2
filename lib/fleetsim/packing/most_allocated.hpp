#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <fleetsim/packing/kubernetes_requests.hpp>
#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// The larger the share of CPU and memory requested, the pod included, in whole percent, the better.
///
/// Source: Kubernetes, "Resource Bin Packing", NodeResourcesFit with the strategy MostAllocated.
/// Left out: ties are broken by node order, where kube-scheduler draws among them.
struct MostAllocated {
    static constexpr std::string_view name = "most_allocated";
    static constexpr bool timeless = true;

    [[nodiscard]] static double score(const Node& node, const Arrival& pod) {
        return static_cast<double>(mean_score(requested_for_fit(pod.demand, node), [](const Requested& of) {
            return std::min(of.amount, of.allocatable) * 100 / of.allocatable;
        }));
    }
};
static_assert(ScoringPolicy<MostAllocated>);

}  // namespace fleetsim::packing
