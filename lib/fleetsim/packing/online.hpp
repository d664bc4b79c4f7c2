#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <fleetsim/packing/gpu_experiment.hpp>
#include <fleetsim/packing/policy.hpp>
#include <fleetsim/packing/replay.hpp>
#include <fleetsim/packing/trace.hpp>

namespace fleetsim::packing {

/// An online policy under its name, in the two experiments there are. Each call starts with a fresh policy.
struct OnlineAlgorithm {
    std::string name;
    /// Tasks come and go, on the trace's nodes or on as many servers as it takes.
    std::function<ReplayResult(const Trace&, const ReplayOptions&)> replay;
    /// Tasks only come, in random order, until the trace's nodes are more than full.
    std::function<ClusterRun(const Trace&, std::uint64_t seed, FillOptions)> fill_cluster;
};

/// The algorithm that a policy is. A program with a policy of its own adds it to its copy of `online_algorithms()`.
template <Policy P>
[[nodiscard]] OnlineAlgorithm online_algorithm() {
    return {std::string{P::name},
            [](const Trace& trace, const ReplayOptions& options) {
                return packing::replay(policy_for<P>(trace), trace, options);
            },
            [](const Trace& trace, std::uint64_t seed, FillOptions options) {
                return packing::fill_cluster(policy_for<P>(trace), trace, seed, options);
            }};
}

}  // namespace fleetsim::packing
