#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <fleetsim/packing/balanced_allocation.hpp>
#include <fleetsim/packing/best_fit.hpp>
#include <fleetsim/packing/best_fit_cpu.hpp>
#include <fleetsim/packing/best_fit_memory.hpp>
#include <fleetsim/packing/dot_product.hpp>
#include <fleetsim/packing/fgd.hpp>
#include <fleetsim/packing/first_fit.hpp>
#include <fleetsim/packing/gpu_clustering.hpp>
#include <fleetsim/packing/gpu_experiment.hpp>
#include <fleetsim/packing/gpu_packing.hpp>
#include <fleetsim/packing/largest_dot_product.hpp>
#include <fleetsim/packing/least_allocated.hpp>
#include <fleetsim/packing/lifetime_aware.hpp>
#include <fleetsim/packing/lifetime_coarse.hpp>
#include <fleetsim/packing/lifetime_learnt.hpp>
#include <fleetsim/packing/most_allocated.hpp>
#include <fleetsim/packing/next_fit.hpp>
#include <fleetsim/packing/random.hpp>
#include <fleetsim/packing/requested_to_capacity_ratio.hpp>
#include <fleetsim/packing/terminal_waste.hpp>
#include <fleetsim/packing/worst_fit.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;

namespace {

struct Row {
    std::int32_t vcpu, gib;  // Of the empty node.
    std::int32_t vcpu_left, gib_left;
    std::array<std::int32_t, 4> gpu_milli;  // Left, by device.
    int ends_h;
};

Node node_of(const Row& row) {
    Node node{Capacity{row.vcpu * 1000, row.gib * 1024, 4, 1}};
    node.cpu_milli = row.vcpu_left * 1000;
    node.memory_mib = row.gib_left * 1024;
    node.ends = des::Time{std::chrono::hours{row.ends_h}};
    for (std::size_t device = 0; device < row.gpu_milli.size(); ++device) {
        const std::int32_t left = row.gpu_milli[device];
        node.gpu_milli[device] = left;
        if (left == whole_gpu_milli) continue;
        ++node.hosted[left == 0 ? 1 : 0];
        ++node.tasks;
    }
    const bool untouched = row.vcpu_left == row.vcpu && row.gib_left == row.gib;
    if (node.tasks == 0 && !untouched) node.tasks = 1;
    return node;
}

/// Twenty nodes, the first too full, on which no two rules agree about a task of 4 vCPU, 8 GiB and half a GPU that
/// arrives after 100 h and leaves after 110.
const std::vector<Row> rows{
    {64, 512, 1, 411, {1000, 600, 100, 0}, 100},     {64, 512, 62, 386, {700, 800, 800, 1000}, 106},
    {128, 512, 93, 50, {100, 100, 300, 1000}, 106},  {32, 64, 9, 26, {1000, 1000, 100, 500}, 100},
    {32, 256, 32, 256, {1000, 1000, 1000, 1000}, 0}, {32, 64, 23, 53, {200, 300, 1000, 300}, 103},
    {64, 128, 30, 43, {1000, 800, 300, 0}, 111},     {32, 128, 20, 96, {700, 600, 1000, 0}, 107},
    {64, 128, 17, 46, {300, 1000, 400, 100}, 110},   {64, 128, 5, 56, {1000, 800, 1000, 0}, 101},
    {128, 256, 83, 229, {0, 0, 1000, 900}, 101},     {32, 64, 32, 22, {1000, 300, 600, 1000}, 100},
    {128, 256, 71, 80, {1000, 1000, 500, 0}, 111},   {64, 256, 64, 255, {1000, 300, 300, 400}, 104},
    {64, 256, 64, 256, {1000, 900, 900, 1000}, 107}, {128, 1024, 38, 82, {1000, 800, 300, 600}, 106},
    {32, 256, 26, 185, {0, 800, 0, 800}, 101},       {128, 512, 16, 399, {400, 0, 100, 1000}, 104},
    {32, 64, 31, 46, {500, 200, 800, 1000}, 102},    {32, 256, 7, 68, {1000, 300, 1000, 700}, 105},
};

/// Half sharing tasks like the one that arrives, some that want a whole GPU, some that want none.
Trace workload() {
    Trace trace;
    const auto add = [&](int count, Demand demand) {
        for (int i = 0; i < count; ++i) trace.tasks.push_back({"", demand, des::Time{}, {}});
    };
    add(5, {4'000, 8 * 1024, 1, 500});
    add(3, {8'000, 16 * 1024, 1, 1000});
    add(2, {2'000, 4 * 1024});
    return trace;
}

template <Policy P>
std::size_t chosen_by() {
    std::vector<Node> nodes;
    for (const Row& row : rows) nodes.push_back(node_of(row));
    const Arrival task{
        {4'000, 8 * 1024, 1, 500}, des::Time{std::chrono::hours{100}}, des::Time{std::chrono::hours{110}}, 0.5, 0.5};
    P policy = policy_for<P>(workload());
    return choose(policy, std::span<const Node>{nodes}, task).value();
}

}  // namespace

TEST_CASE("each online policy has its own favourite") {
    CHECK(chosen_by<FirstFit>() == 1);
    CHECK(chosen_by<GpuClustering>() == 2);
    CHECK(chosen_by<GpuPacking>() == 3);
    CHECK(chosen_by<NextFit>() == 4);  // The first that nobody uses.
    CHECK(chosen_by<DotProduct>() == 5);
    CHECK(chosen_by<LifetimeCoarse>() == 6);  // The first that is busy for longer than the task will run.
    CHECK(chosen_by<ExpectedTerminalWaste>() == 7);
    CHECK(chosen_by<LifetimeAware>() == 8);
    CHECK(chosen_by<BestFitCpu>() == 9);
    CHECK(chosen_by<RandomFit>() == 10);  // In the middle of the nineteen that fit.
    CHECK(chosen_by<BestFitMemory>() == 11);
    CHECK(chosen_by<Fgd>() == 12);
    CHECK(chosen_by<LeastAllocated>() == 13);
    CHECK(chosen_by<WorstFit>() == 14);
    CHECK(chosen_by<RequestedToCapacityRatio>() == 15);
    CHECK(chosen_by<BalancedAllocation>() == 16);
    CHECK(chosen_by<BestFit>() == 17);
    CHECK(chosen_by<LargestDotProduct>() == 18);
    CHECK(chosen_by<MostAllocated>() == 19);
}

TEST_CASE("what is learnt about lifetimes is used as if it were known") {
    // Where lifetimes come from is the only difference, and here they are given.
    CHECK(chosen_by<LifetimeLearnt>() == chosen_by<LifetimeAware>());
}
