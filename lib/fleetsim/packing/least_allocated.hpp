#pragma once

#include <cstdint>
#include <string_view>

#include <fleetsim/packing/kubernetes_requests.hpp>
#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// kube-scheduler's default: the larger the share of CPU and memory left after the pod, in whole percent, the better.
///
/// Source: Kubernetes, "Scheduler Configuration", NodeResourcesFit with the strategy LeastAllocated.
/// Left out: ties are broken by node order, where kube-scheduler draws among them.
struct LeastAllocated {
    static constexpr std::string_view name = "least_allocated";
    static constexpr bool timeless = true;

    [[nodiscard]] static double score(const Node& node, const Arrival& pod) {
        return static_cast<double>(mean_score(requested_for_fit(pod.demand, node), [](const Requested& of) {
            return of.amount > of.allocatable ? 0 : (of.allocatable - of.amount) * 100 / of.allocatable;
        }));
    }
};
static_assert(ScoringPolicy<LeastAllocated>);

}  // namespace fleetsim::packing
