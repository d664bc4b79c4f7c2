#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <fleetsim/des/time.hpp>
#include <fleetsim/packing/node.hpp>

/// What an online placement policy is: the question it answers, and nothing about who asks.
namespace fleetsim::packing {

/// A task at the moment it has to be placed.
struct Arrival {
    Demand demand;
    des::Time now{};
    std::optional<des::Time> departs = {};  ///< As known, or as predicted.
    /// Draws of this decision alone, in (0, 1): for the node, and for its device.
    double node_draw = 0.5;
    double device_draw = 0.5;
};

/// A policy that ranks nodes one by one. `score` is asked only of nodes that fit; the largest wins, and of equals the
/// node that stands first. Most policies are of this kind.
///
/// A policy may also have `std::int32_t device(const Node&, const Arrival&)`, which device a sharing task gets; without
/// it the tightest.
///
/// `timeless` promises that score and device depend on nothing but the demand and on what the node has (capacity, room
/// left whatever the order of its devices, classes hosted), so that they may be remembered.
template <class P>
concept ScoringPolicy = std::copyable<P> && requires(P policy, const Node& node, const Arrival& task) {
    { P::name } -> std::convertible_to<std::string_view>;
    { P::timeless } -> std::convertible_to<bool>;
    { policy.score(node, task) } -> std::convertible_to<double>;
};

/// A policy that has to see all nodes at once, or that remembers. `choose` gives the position of a node that fits, or
/// none when none does.
template <class P>
concept ChoosingPolicy = std::copyable<P> && requires(P policy, std::span<const Node> nodes, const Arrival& task) {
    { P::name } -> std::convertible_to<std::string_view>;
    { policy.choose(nodes, task) } -> std::same_as<std::optional<std::size_t>>;
};

template <class P>
concept Policy = ScoringPolicy<P> || ChoosingPolicy<P>;

/// Where the policy puts the task, looking at every node: the meaning of a policy, against which anything faster is
/// tested.
template <Policy P>
[[nodiscard]] std::optional<std::size_t> choose(P& policy, std::span<const Node> nodes, const Arrival& task) {
    if constexpr (ChoosingPolicy<P>) {
        return policy.choose(nodes, task);
    } else {
        std::optional<std::size_t> best;
        double best_score = 0;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (!fits(task.demand, nodes[i])) continue;
            const double score = policy.score(nodes[i], task);
            if (best && score <= best_score) continue;
            best = i;
            best_score = score;
        }
        return best;
    }
}

/// The device a sharing task gets on the chosen node.
template <Policy P>
[[nodiscard]] std::int32_t sharing_device(P& policy, const Node& node, const Arrival& task) {
    if constexpr (requires { policy.device(node, task); }) {
        return policy.device(node, task);
    } else {
        return tightest_device(node, task.demand.gpu_milli);
    }
}

}  // namespace fleetsim::packing
