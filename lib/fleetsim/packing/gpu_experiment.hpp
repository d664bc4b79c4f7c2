#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/fragmentation.hpp>
#include <fleetsim/packing/policy.hpp>
#include <fleetsim/packing/random.hpp>
#include <fleetsim/packing/scored_nodes.hpp>
#include <fleetsim/packing/trace.hpp>

/// The experiment of the GPU-sharing study: fill a fixed cluster until more has arrived than it could ever take.
///
/// Source: "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent" (USENIX ATC
/// 2023), section 6.
namespace fleetsim::packing {

struct FillOptions {
    /// Tasks are copied or left out until they ask for this much of the cluster's capacity.
    std::int32_t demand_percent = 130;
};

/// What became of one run. Percentages are of the cluster's GPU capacity; of its cpu if it has no GPUs at all.
struct ClusterRun {
    /// By the percentage of capacity that had been asked for, rounded: the mean over the arrivals that rounded to it.
    std::map<std::int32_t, double> allocation_percent = {};
    std::map<std::int32_t, double> fragmentation_percent = {};  ///< Empty without GPUs.
    std::int64_t placed = 0;
    std::int64_t refused = 0;
    [[nodiscard]] std::int64_t decisions() const { return placed + refused; }
    friend bool operator==(const ClusterRun&, const ClusterRun&) = default;
};

/// The policy as the trace wants it: those that have to know the workload are made from it.
template <Policy P>
[[nodiscard]] P policy_for(const Trace& trace) {
    if constexpr (requires { P::make(trace); }) {
        return P::make(trace);
    } else {
        return P{};
    }
}

namespace detail {

/// The numbers 0 to n-1 in random order.
[[nodiscard]] inline std::vector<std::uint32_t> random_order(std::size_t n, des::Sequence chance) {
    std::vector<std::uint32_t> order(n);
    for (std::size_t i = 0; i < n; ++i) order[i] = static_cast<std::uint32_t>(i);
    for (std::size_t left = n; left > 1; --left) std::swap(order[left - 1], order[pick(chance.unit(), left)]);
    return order;
}

/// What is filled up: GPUs, or cpu in a cluster without any.
class Yardstick {
public:
    explicit Yardstick(const Trace& trace) {
        for (const NamedNode& node : trace.nodes) gpus_ = gpus_ || node.capacity.gpus > 0;
        for (const NamedNode& node : trace.nodes) {
            capacity_ += gpus_ ? std::int64_t{node.capacity.gpus} * whole_gpu_milli : node.capacity.cpu_milli;
        }
    }

    [[nodiscard]] bool of_gpus() const { return gpus_; }
    [[nodiscard]] std::int64_t capacity() const { return capacity_; }
    [[nodiscard]] std::int64_t of(const Demand& task) const { return gpus_ ? task.total_gpu_milli() : task.cpu_milli; }

private:
    bool gpus_ = false;
    std::int64_t capacity_ = 0;
};

/// Indices of the trace's tasks as they arrive: shuffled, then filled up with random copies to just below the demand
/// wanted, or thinned out at random until it is not exceeded.
[[nodiscard]] inline std::vector<std::uint32_t> arrivals(const Trace& trace, std::uint64_t seed,
                                                         std::int32_t demand_percent) {
    const Yardstick yardstick{trace};
    const auto asked = [&](std::size_t task) { return yardstick.of(trace.tasks[task].demand); };
    const std::int64_t wanted = yardstick.capacity() * demand_percent / 100;
    std::vector<std::uint32_t> order =
        random_order(trace.tasks.size(), des::Stream{seed, 0, "pack", "order of tasks"}.sequence());
    std::int64_t demand = 0;
    for (const std::uint32_t task : order) demand += asked(task);
    if (demand == 0) return order;

    des::Sequence chance = des::Stream{seed, 0, "pack", "copies and deletions"}.sequence();
    while (demand > wanted) {
        const auto leaves = order.begin() + static_cast<std::ptrdiff_t>(pick(chance.unit(), order.size()));
        demand -= asked(*leaves);
        order.erase(leaves);
    }
    while (true) {
        const std::size_t copied = pick(chance.unit(), trace.tasks.size());
        demand += asked(copied);
        if (demand > wanted) return order;
        order.push_back(static_cast<std::uint32_t>(copied));
    }
}

/// The mean of values by the column they belong to.
class ColumnMeans {
public:
    void add(std::int32_t column, std::int64_t value) {
        const auto at = static_cast<std::size_t>(column);
        if (at >= sums_.size()) sums_.resize(at + 1);
        Sum& sum = sums_[at];
        sum.total += static_cast<double>(value);
        ++sum.values;
    }
    /// The means, each in percent of `whole`.
    [[nodiscard]] std::map<std::int32_t, double> percent_of(double whole) const {
        std::map<std::int32_t, double> means;
        for (std::size_t column = 0; column < sums_.size(); ++column) {
            const Sum& sum = sums_[column];
            if (sum.values > 0) means[static_cast<std::int32_t>(column)] = 100 * sum.total / (sum.values * whole);
        }
        return means;
    }

private:
    struct Sum {
        double total = 0;
        double values = 0;
    };
    std::vector<Sum> sums_;
};

/// Nodes under a policy that looks at all of them every time.
template <Policy P>
class ScannedNodes {
public:
    ScannedNodes(P policy, std::vector<Node> nodes) : policy_(std::move(policy)), nodes_(std::move(nodes)) {}
    [[nodiscard]] std::span<const Node> nodes() const { return nodes_; }
    [[nodiscard]] std::optional<std::size_t> choose(const Arrival& task) {
        return packing::choose(policy_, std::span<const Node>{nodes_}, task);
    }
    [[nodiscard]] std::int32_t sharing_device(std::size_t at, const Arrival& task) {
        return packing::sharing_device(policy_, nodes_[at], task);
    }
    void take(const Demand& task, DeviceSet devices, std::size_t at) { packing::take(task, devices, nodes_[at]); }

private:
    P policy_;
    std::vector<Node> nodes_;
};

/// One run: the cluster, its fragmentation, and what has been recorded.
template <class Nodes>
class Filling {
public:
    template <Policy P>
    Filling(P policy, const Trace& trace, std::uint64_t seed)
        : yardstick_(trace),
          mix_(typical_tasks(trace.tasks)),
          nodes_(std::move(policy), nodes_in_order(trace, seed)),
          chance_(seed, 0, "pack", "decisions") {
        for (const Node& node : nodes_.nodes()) {
            fragment_.push_back(mix_.weighted_fragment_milli(node));
            fragments_ += fragment_.back();
        }
    }

    void offer(const Demand& demand) {
        des::Draws draws = chance_.draws(static_cast<std::uint64_t>(run_.decisions()));
        Arrival task{.demand = demand};
        task.node_draw = draws.unit();
        task.device_draw = draws.unit();
        arrived_ += yardstick_.of(demand);
        if (const std::optional<std::size_t> at = nodes_.choose(task)) {
            place(task, *at);
            ++run_.placed;
        } else {
            ++run_.refused;
        }
        // Rounded to the nearest percent.
        const std::int64_t capacity = yardstick_.capacity();
        const auto column = static_cast<std::int32_t>((200 * arrived_ + capacity) / (2 * capacity));
        allocation_.add(column, allocated_);
        fragmentation_.add(column, fragments_);
    }

    [[nodiscard]] ClusterRun finished() {
        const auto capacity = static_cast<double>(yardstick_.capacity());
        run_.allocation_percent = allocation_.percent_of(capacity);
        if (yardstick_.of_gpus()) {
            run_.fragmentation_percent = fragmentation_.percent_of(capacity * static_cast<double>(mix_.weight()));
        }
        return std::move(run_);
    }

private:
    [[nodiscard]] static std::vector<Node> nodes_in_order(const Trace& trace, std::uint64_t seed) {
        std::vector<Node> nodes;
        const des::Stream chance{seed, 0, "pack", "order of nodes"};
        for (const std::uint32_t node : random_order(trace.nodes.size(), chance.sequence())) {
            nodes.emplace_back(trace.nodes[node].capacity);
        }
        return nodes;
    }

    void place(const Arrival& task, std::size_t at) {
        const std::int32_t device = task.demand.shares_a_gpu() ? nodes_.sharing_device(at, task) : -1;
        nodes_.take(task.demand, devices_for(task.demand, nodes_.nodes()[at], device), at);
        const std::int64_t fragment = mix_.weighted_fragment_milli(nodes_.nodes()[at]);
        fragments_ += fragment - std::exchange(fragment_[at], fragment);
        allocated_ += yardstick_.of(task.demand);
    }

    Yardstick yardstick_;
    TypicalMix mix_;
    Nodes nodes_;
    des::Stream chance_;
    std::vector<std::int64_t> fragment_;  ///< By node, times the mix's weight.
    std::int64_t fragments_ = 0;
    std::int64_t arrived_ = 0;
    std::int64_t allocated_ = 0;
    ColumnMeans allocation_;
    ColumnMeans fragmentation_;
    ClusterRun run_;
};

template <class Nodes, Policy P>
[[nodiscard]] ClusterRun fill(P policy, const Trace& trace, std::uint64_t seed, const FillOptions& options) {
    if (Yardstick{trace}.capacity() == 0) return {.refused = static_cast<std::int64_t>(trace.tasks.size())};
    Filling<Nodes> filling{std::move(policy), trace, seed};
    for (const std::uint32_t task : arrivals(trace, seed, options.demand_percent)) {
        filling.offer(trace.tasks[task].demand);
    }
    return filling.finished();
}

}  // namespace detail

/// Offers the trace's tasks to its cluster once, in random order; nothing leaves, and what fits nowhere is dropped.
///
/// All chance hangs on the seed: the order of the tasks, the copies, the order of the nodes, by which ties are broken
/// throughout the run, and the policy's own draws. So all policies meet the same tasks and nodes.
template <Policy P>
[[nodiscard]] ClusterRun fill_cluster(P policy, const Trace& trace, std::uint64_t seed, FillOptions options = {}) {
    if constexpr (requires { requires ScoringPolicy<P> && P::timeless; }) {
        return detail::fill<ScoredNodes<P>>(std::move(policy), trace, seed, options);
    } else {
        return detail::fill<detail::ScannedNodes<P>>(std::move(policy), trace, seed, options);
    }
}

/// The same, looking at every node for every task: what `fill_cluster` is tested and measured against.
template <Policy P>
[[nodiscard]] ClusterRun fill_cluster_by_scan(P policy, const Trace& trace, std::uint64_t seed,
                                              FillOptions options = {}) {
    return detail::fill<detail::ScannedNodes<P>>(std::move(policy), trace, seed, options);
}

}  // namespace fleetsim::packing
