#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <fleetsim/packing/best_fit_cpu.hpp>
#include <fleetsim/packing/best_fit_memory.hpp>
#include <fleetsim/packing/first_fit.hpp>
#include <fleetsim/packing/largest_dot_product.hpp>
#include <fleetsim/packing/least_allocated.hpp>
#include <fleetsim/packing/lifetime_aware.hpp>
#include <fleetsim/packing/lifetime_coarse.hpp>
#include <fleetsim/packing/next_fit.hpp>
#include <fleetsim/packing/policy.hpp>
#include <fleetsim/packing/room.hpp>
#include <fleetsim/packing/worst_fit.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;
using namespace std::chrono_literals;

namespace {

/// A node of 16 vCPU and 64 GiB that has so much left.
Node left_of_16_and_64(std::int32_t vcpu, std::int32_t gib) {
    Node node{Capacity{16'000, 64 * 1024}};
    const Demand taken{(16 - vcpu) * 1000, (64 - gib) * 1024};
    if (taken != Demand{}) take(taken, 0, node);
    return node;
}

/// Where policies put a task of 4 vCPU and 8 GiB. Node 0 is too small.
///
/// | node             |     1 |     2 |     3 |     4 |
/// |------------------|-------|-------|-------|-------|
/// | vCPU left of 16  |     9 |     4 |    12 |     6 |
/// | GiB left of 64   |    40 |    48 |    20 |    12 |
/// | fractions after  | .8125 | .6250 | .6875 | .1875 |
/// | 1/4 cpu + 1/8 mem| .2188 | .1563 | .2266 | .1172 |
template <Policy P>
std::size_t chosen_by(P policy) {
    const std::vector<Node> nodes{left_of_16_and_64(3, 64), left_of_16_and_64(9, 40), left_of_16_and_64(4, 48),
                                  left_of_16_and_64(12, 20), left_of_16_and_64(6, 12)};
    return choose(policy, std::span<const Node>{nodes}, {{4'000, 8 * 1024}}).value();
}

}  // namespace

TEST_CASE("each classical rule picks its node") {
    CHECK(chosen_by(FirstFit{}) == 1);
    CHECK(chosen_by(BestFitCpu{}) == 2);
    CHECK(chosen_by(BestFitMemory{}) == 4);
    CHECK(chosen_by(WorstFit{}) == 1);
    CHECK(chosen_by(LargestDotProduct{}) == 3);
}

TEST_CASE("of equal nodes the first is taken") {
    const std::vector<Node> nodes(3, left_of_16_and_64(8, 32));
    const Arrival task{{1'000, 1'024}};
    const auto first = [&](auto policy) { return choose(policy, std::span<const Node>{nodes}, task).value() == 0; };
    CHECK(first(FirstFit{}));
    CHECK(first(BestFitCpu{}));
    CHECK(first(BestFitMemory{}));
    CHECK(first(WorstFit{}));
    CHECK(first(LargestDotProduct{}));
    CHECK(first(LeastAllocated{}));
    CHECK(first(LifetimeAware{}));
}

TEST_CASE("the fractions left are summed without rounding errors") {
    // A third of one and two thirds of the other, either way round: 1/3 + 2/3 and 2/3 + 1/3 of other sizes.
    Node one{Capacity{96'000, 384 * 1024}};
    Node other = one;
    one.cpu_milli = 32'000;
    one.memory_mib = 256 * 1024;
    other.cpu_milli = 64'000;
    other.memory_mib = 128 * 1024;
    CHECK(room_after({}, one) == 1);
    CHECK(room_after({}, other) == 1);
    CHECK(room_after({32'000, 64 * 1024}, one) == 0.5);
}

TEST_CASE("GPUs are a third fraction where a node has them") {
    Node node{Capacity{16'000, 64 * 1024, 2, 1}};
    CHECK(room_after({8'000, 16 * 1024, 1, 500}, node) == 0.5 + 0.75 + 0.75);
    CHECK(LargestDotProduct{}.score(node, {{8'000, 16 * 1024, 1, 500}}) == 0.5 + 0.25 + 0.25);
}

TEST_CASE("next fit stays where it was until a task does not fit") {
    std::vector<Node> nodes{left_of_16_and_64(8, 32), left_of_16_and_64(4, 64), left_of_16_and_64(16, 64),
                            left_of_16_and_64(16, 64)};
    const std::span<const Node> view{nodes};
    NextFit policy;
    CHECK(policy.choose(view, {{8'000, 0}}) == 0);
    CHECK(policy.choose(view, {{8'000, 0}}) == 0);
    // Node 0 does not take it. Node 2 is the first that nobody uses.
    CHECK(policy.choose(view, {{9'000, 0}}) == 2);
    take({14'000, 0}, 0, nodes[2]);
    take({1'000, 0}, 0, nodes[3]);
    // No node is unused any more: round the cluster from node 2 on.
    CHECK(policy.choose(view, {{3'000, 0}}) == 3);
    take({14'000, 0}, 0, nodes[3]);
    CHECK(policy.choose(view, {{3'000, 0}}) == 0);
    CHECK_FALSE(policy.choose(view, {{17'000, 0}}).has_value());
    CHECK(policy.choose(view, {{8'000, 0}}) == 0);
}

TEST_CASE("lifetimes and room are weighed against each other") {
    // The task leaves in 5 h. The node has half its cpu and memory left after it, which costs 2 (1/2 + 1/2).
    Node node = left_of_16_and_64(12, 40);
    Arrival task{{4'000, 8 * 1024}, des::Time{10h}, des::Time{15h}};
    CHECK(lifetime_cost(node, task) == 5 + 2);  // Nobody there: its whole life is an extension.
    node.ends = des::Time{12h};
    CHECK(lifetime_cost(node, task) == 3 + 2);
    node.ends = des::Time{20h};
    CHECK(lifetime_cost(node, task) == 0 + 2);
    task.departs.reset();
    CHECK(lifetime_cost(node, task) == 2);
}

TEST_CASE("a coarse prediction tells extensions apart by octaves only") {
    const auto score = [](des::Duration later) {
        return LifetimeCoarse::score(Node{Capacity{}}, {{}, des::Time{10h}, des::Time{10h} + later});
    };
    CHECK(score(0s) == 0);
    CHECK(score(274s) == 0);
    CHECK(score(275s) == -1);
    CHECK(score(549s) == -1);
    CHECK(score(550s) == -2);
    CHECK(score(24h) == -9);  // 86,400 s are 314 steps, between 2^8 and 2^9.
    CHECK(LifetimeCoarse::score(Node{Capacity{}}, {}) == 0);
}
