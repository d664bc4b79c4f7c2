#include <cstdint>
#include <utility>
#include <vector>

#include <fleetsim/packing/balanced_allocation.hpp>
#include <fleetsim/packing/least_allocated.hpp>
#include <fleetsim/packing/most_allocated.hpp>
#include <fleetsim/packing/requested_to_capacity_ratio.hpp>

#include "catch.hpp"

using namespace fleetsim::packing;

namespace {

Node used(Capacity capacity, std::int32_t cpu_milli, std::int32_t memory_mib) {
    Node node{capacity};
    take({cpu_milli, memory_mib}, 0, node);
    return node;
}

}  // namespace

TEST_CASE("kube-scheduler's scores of three nodes for a pod of 250 m and 512 MiB") {
    struct Example {
        Node node;
        double least;
        double most;
        double balanced;
    };
    const Example example = GENERATE(Example{used({1930, 6903}, 500, 1024), 69, 30, 91},
                                     Example{used({3920, 14162}, 2500, 4096), 48, 51, 81},
                                     Example{used({1930, 6903}, 1600, 2048), 33, 66, 70});
    const Arrival pod{{250, 512}};
    CHECK(LeastAllocated::score(example.node, pod) == example.least);
    CHECK(MostAllocated::score(example.node, pod) == example.most);
    CHECK(BalancedAllocation::score(example.node, pod) == example.balanced);
}

TEST_CASE("a shape turns utilisation into scores on a broken line") {
    struct Example {
        std::vector<ShapePoint> shape;
        std::vector<std::pair<std::int64_t, std::int64_t>> scores;
    };
    const Example example =
        GENERATE(Example{{{0, 0}, {100, 10}}, {{0, 0}, {25, 25}, {63, 63}, {100, 100}}},
                 Example{{{0, 10}, {100, 0}}, {{25, 75}, {63, 37}}},
                 Example{{{0, 0}, {60, 10}, {100, 5}}, {{25, 41}, {50, 83}, {63, 97}, {75, 82}, {100, 50}}},
                 Example{{{20, 3}, {40, 7}}, {{0, 30}, {20, 30}, {30, 50}, {40, 70}, {90, 70}}});
    const RequestedToCapacityRatio policy{example.shape};
    for (const auto& [utilisation, score] : example.scores) {
        CAPTURE(utilisation);
        CHECK(policy.score_of(utilisation) == score);
    }
}

TEST_CASE("resources that score nothing are left out of the mean of the ratios") {
    // 40 % of the cpu, 65 % of the memory, and a mean of 52.5 that is rounded up.
    const Capacity capacity{10'000, 10'000};
    CHECK(RequestedToCapacityRatio{}.score(used(capacity, 3'000, 6'000), {{1'000, 500}}) == 53);
    // 0 % of the cpu does not count.
    CHECK(RequestedToCapacityRatio{}.score(used({1'000'000, 10'000}, 0, 6'000), {{1'000, 500}}) == 65);
    CHECK(RequestedToCapacityRatio{}.score(used({1'000'000, 1'000'000}, 0, 0), {{1, 1}}) == 0);
}

TEST_CASE("a pod without requests counts as a small one where room is scored") {
    const Node empty{Capacity{1'000, 1'000}};
    CHECK(LeastAllocated::score(empty, {}) == (90 + 80) / 2);
    CHECK(MostAllocated::score(empty, {}) == (10 + 20) / 2);
    CHECK(BalancedAllocation::score(used({1'000, 1'000}, 500, 0), {}) == 0);
    CHECK(LeastAllocated::score(used({1'000, 1'000}, 950, 0), {}) == (0 + 80) / 2);
    CHECK(MostAllocated::score(used({1'000, 1'000}, 950, 0), {}) == (100 + 20) / 2);
}

TEST_CASE("resources that a node does not have are not scored") {
    const Node no_memory{Capacity{1'000, 0}};
    CHECK(LeastAllocated::score(no_memory, {{250, 0}}) == 75);
    CHECK(MostAllocated::score(no_memory, {{250, 0}}) == 25);
    CHECK(BalancedAllocation::score(no_memory, {{250, 0}}) == 100);
    // The ratio counts what is not there as full.
    CHECK(RequestedToCapacityRatio{}.score(no_memory, {{250, 0}}) == 63);
}
