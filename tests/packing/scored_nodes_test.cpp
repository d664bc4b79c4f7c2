#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/best_fit.hpp>
#include <fleetsim/packing/dot_product.hpp>
#include <fleetsim/packing/fgd.hpp>
#include <fleetsim/packing/gpu_clustering.hpp>
#include <fleetsim/packing/gpu_experiment.hpp>
#include <fleetsim/packing/gpu_packing.hpp>
#include <fleetsim/packing/random.hpp>
#include <fleetsim/packing/scored_nodes.hpp>
#include <fleetsim/packing/terminal_waste.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;

namespace {

/// Chance by the handful.
struct Dice {
    explicit Dice(std::uint64_t seed) : chance(des::Stream{seed, 0, "test", "dice"}.sequence()) {}
    std::size_t below(std::size_t limit) { return pick(chance.unit(), limit); }
    des::Sequence chance;
};

/// Tasks of every sort, some kinds often and some once in a long while, and nodes of several sizes and models.
Trace mixed_trace(std::uint64_t seed, std::size_t nodes) {
    Dice dice{seed};
    std::vector<Demand> kinds;
    for (int i = 0; i < 40; ++i) {
        const std::int32_t gpus = std::array{0, 1, 1, 1, 1, 2, 4}[dice.below(7)];
        const bool shares = gpus == 1 && dice.below(4) > 0;
        const auto gpu_milli = gpus == 0 ? 0 : shares ? 100 + 50 * static_cast<std::int32_t>(dice.below(18)) : 1000;
        const ModelSet models = dice.below(3) > 0 ? any_model : 1 + dice.below(7);
        kinds.push_back({2000 * static_cast<std::int32_t>(dice.below(9)),
                         1024 * static_cast<std::int32_t>(dice.below(17)), gpus, gpu_milli, models});
    }
    Trace trace{.name = "mixed", .tasks = {}};
    for (int i = 0; i < 4000; ++i) {
        const std::size_t kind = std::min(dice.below(kinds.size()), dice.below(kinds.size()));
        trace.tasks.push_back({.name = "", .demand = kinds[kind]});
    }
    for (std::size_t i = 0; i < nodes; ++i) {
        const std::int32_t gpus = std::array{0, 1, 2, 4, 8}[dice.below(5)];
        const ModelSet model = gpus == 0 ? 0 : ModelSet{1} << dice.below(3);
        trace.nodes.push_back({"", {16'000 + 16'000 * gpus, 65'536 + 16'384 * gpus, gpus, model}});
    }
    return trace;
}

struct Decision {
    std::optional<std::size_t> node;
    std::int32_t device_left = -1;  ///< What the sharing task's device had left: which of equal devices is no matter.
};

struct Placed {
    Demand demand;
    DeviceSet devices = 0;
    std::size_t at = 0;
};

/// Offers tasks to a crowded cluster from which others leave at random. Returns the number of decisions in which
/// `ScoredNodes` and the policy asked directly differ, and leaves a hash of all decisions.
template <class P>
int differences_in_churn(const Trace& trace, std::uint64_t& hash) {
    std::vector<Node> nodes;
    for (const NamedNode& node : trace.nodes) nodes.emplace_back(node.capacity);
    P policy = policy_for<P>(trace);
    ScoredNodes<P> fast{policy, nodes};
    Dice dice{7};
    std::vector<Placed> running;
    int differences = 0;
    for (std::size_t step = 0; step < trace.tasks.size(); ++step) {
        while (!running.empty() && dice.below(10) < 4) {
            std::swap(running[dice.below(running.size())], running.back());
            const Placed leaves = running.back();
            running.pop_back();
            give_back(leaves.demand, leaves.devices, nodes[leaves.at]);
            fast.give_back(leaves.demand, leaves.devices, leaves.at);
        }
        Arrival task{.demand = trace.tasks[step].demand};
        task.node_draw = dice.chance.unit();
        task.device_draw = dice.chance.unit();
        Decision slow_one{choose(policy, std::span<const Node>{nodes}, task)};
        Decision fast_one{fast.choose(task)};
        if (slow_one.node != fast_one.node) ++differences;
        if (!slow_one.node || !fast_one.node) continue;
        std::int32_t device = -1;
        if (task.demand.shares_a_gpu()) {
            device = sharing_device(policy, nodes[*slow_one.node], task);
            if (device != fast.sharing_device(*fast_one.node, task)) ++differences;
            slow_one.device_left = nodes[*slow_one.node].gpu_milli[static_cast<std::size_t>(device)];
        }
        const std::size_t at = *slow_one.node;
        const DeviceSet devices = devices_for(task.demand, nodes[at], device);
        take(task.demand, devices, nodes[at]);
        fast.take(task.demand, devices, at);
        running.push_back({task.demand, devices, at});
        hash = des::mix64(hash + at * 1024 + static_cast<std::uint64_t>(slow_one.device_left + 1));
    }
    return differences;
}

}  // namespace

TEMPLATE_TEST_CASE("scored nodes decide as a look at every node does", "", RandomFit, DotProduct, GpuClustering,
                   GpuPacking, BestFit, Fgd, ExpectedTerminalWaste) {
    // With one node and with few the log of changes overflows often; 64 and 65 are the edges of a block.
    for (const std::size_t nodes : {1U, 3U, 64U, 65U, 150U}) {
        CAPTURE(nodes);
        std::uint64_t hash = 0;
        CHECK(differences_in_churn<TestType>(mixed_trace(nodes, nodes), hash) == 0);
        CHECK(hash != 0);
    }
}

TEST_CASE("every policy decides in its own way") {
    const Trace trace = mixed_trace(3, 60);
    std::vector<std::uint64_t> hashes(7);
    differences_in_churn<RandomFit>(trace, hashes[0]);
    differences_in_churn<DotProduct>(trace, hashes[1]);
    differences_in_churn<GpuClustering>(trace, hashes[2]);
    differences_in_churn<GpuPacking>(trace, hashes[3]);
    differences_in_churn<BestFit>(trace, hashes[4]);
    differences_in_churn<Fgd>(trace, hashes[5]);
    differences_in_churn<ExpectedTerminalWaste>(trace, hashes[6]);
    std::sort(hashes.begin(), hashes.end());
    CHECK(std::adjacent_find(hashes.begin(), hashes.end()) == hashes.end());
}

TEST_CASE("nowhere to go is no decision") {
    ScoredNodes<GpuPacking> none{GpuPacking{}, {}};
    CHECK(!none.choose({{1000, 0, 0, 0}}));

    ScoredNodes<GpuPacking> one{GpuPacking{}, {Node{Capacity{1000, 1024}}}};
    CHECK(one.choose({{1000, 1024, 0, 0}}) == 0);
    CHECK(!one.choose({{1001, 1024, 0, 0}}));
    one.take({1000, 1024, 0, 0}, 0, 0);
    CHECK(!one.choose({{1000, 1024, 0, 0}}));
    one.give_back({1000, 1024, 0, 0}, 0, 0);
    CHECK(one.choose({{1000, 1024, 0, 0}}) == 0);
}

TEMPLATE_TEST_CASE("what a timeless policy says does not hang on the order of devices", "", DotProduct, GpuClustering,
                   GpuPacking, BestFit, Fgd, ExpectedTerminalWaste) {
    const Trace trace = mixed_trace(5, 1);
    TestType policy = policy_for<TestType>(trace);
    Dice dice{11};
    int compared = 0;
    for (int trial = 0; trial < 300; ++trial) {
        Node node{Capacity{128'000, 1'000'000, 8, 1}};
        for (std::int32_t& left : node.gpu_milli) left = static_cast<std::int32_t>(50 * dice.below(21));
        std::fill(node.gpu_milli.begin() + 8, node.gpu_milli.end(), 0);
        Node turned = node;
        std::reverse(turned.gpu_milli.begin(), turned.gpu_milli.begin() + 8);
        const Arrival task{.demand = trace.tasks[dice.below(trace.tasks.size())].demand};
        if (!fits(task.demand, node)) continue;
        ++compared;
        CHECK(policy.score(node, task) == policy.score(turned, task));
        if (!task.demand.shares_a_gpu()) continue;
        const auto left_of = [&](const Node& one) {
            return one.gpu_milli[static_cast<std::size_t>(sharing_device(policy, one, task))];
        };
        CHECK(left_of(node) == left_of(turned));
    }
    CHECK(compared > 100);
}
