#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include <fleetsim/packing/best_fit.hpp>
#include <fleetsim/packing/fgd.hpp>
#include <fleetsim/packing/gpu_experiment.hpp>
#include <fleetsim/packing/gpu_packing.hpp>
#include <fleetsim/packing/random.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;

namespace {

Trace trace_of(std::vector<Demand> demands, std::vector<Capacity> nodes) {
    Trace trace{.name = "test", .tasks = {}};
    for (const Demand& demand : demands) trace.tasks.push_back({.name = "", .demand = demand});
    for (const Capacity& node : nodes) trace.nodes.push_back({"", node});
    return trace;
}

using Means = std::map<std::int32_t, double>;

/// Tasks and nodes among which choices matter.
Trace busy_trace() {
    std::vector<Demand> demands;
    for (int i = 0; i < 300; ++i) {
        demands.push_back({4000, 1000, 1, 100 + 50 * (i % 19)});
        if (i % 4 == 0)
            demands.push_back({8000, 1000, i % 8 == 0 ? 1 : 2, 1000, i % 12 == 0 ? ModelSet{1} : any_model});
        if (i % 5 == 0) demands.push_back({2000, 1000, 0, 0});
    }
    std::vector<Capacity> nodes(20, {64'000, 100'000, 8, 1});
    nodes.resize(40, {32'000, 50'000, 2, 2});
    return trace_of(demands, nodes);
}

/// Records what it is asked, and refuses.
struct Witness {
    static constexpr std::string_view name = "witness";
    std::vector<Demand>* asked;
    std::vector<Capacity>* nodes;

    std::optional<std::size_t> choose(std::span<const Node> all, const Arrival& task) {
        asked->push_back(task.demand);
        nodes->clear();
        for (const Node& node : all) nodes->push_back(node.capacity);
        return std::nullopt;
    }
};
static_assert(Policy<Witness>);

}  // namespace

TEST_CASE("five halves on two GPUs fill them to the brim") {
    // 130 % of two GPUs are five halves; one node leaves no choice.
    const ClusterRun run = fill_cluster(GpuPacking{}, trace_of({{1000, 0, 1, 500}}, {{64'000, 1000, 2, 1}}), 1);
    CHECK(run.allocation_percent == Means{{25, 25}, {50, 50}, {75, 75}, {100, 100}, {125, 100}});
    CHECK(run.fragmentation_percent == Means{{25, 0}, {50, 0}, {75, 0}, {100, 0}, {125, 0}});
    CHECK(run.placed == 4);
    CHECK(run.refused == 1);
}

TEST_CASE("what shares of 600 leave of a GPU is a fragment") {
    // Two of 600 are 120 % of one GPU. The first leaves 400 that no task can use.
    const ClusterRun run = fill_cluster(GpuPacking{}, trace_of({{1000, 0, 1, 600}}, {{64'000, 1000, 1, 1}}), 1);
    CHECK(run.allocation_percent == Means{{60, 60}, {120, 60}});
    CHECK(run.fragmentation_percent == Means{{60, 40}, {120, 40}});
}

TEST_CASE("arrivals that round to one percent share a column") {
    // Shares of a thousandth: 1.5 rounds to 2, 2.5 to 3. The first four are columns 0, the next ten column 1.
    const Trace trace = trace_of({{0, 0, 1, 1}}, {{1000, 1000, 1, 1}});
    const ClusterRun run = fill_cluster(GpuPacking{}, trace, 1);
    CHECK(run.allocation_percent.at(0) == Approx(0.25));
    CHECK(run.allocation_percent.at(1) == Approx(0.95));
    CHECK(run.allocation_percent.at(2) == Approx(1.95));
    CHECK(run.allocation_percent.at(100) == Approx((99.5 + 99.6 + 99.7 + 99.8 + 99.9 + 5 * 100) / 10));
    CHECK(run.allocation_percent.at(130) == Approx(100));
    CHECK(run.allocation_percent.rbegin()->first == 130);
    CHECK(run.placed == 1000);
    CHECK(run.refused == 300);
}

TEST_CASE("a cluster without GPUs is filled with vCPUs") {
    const ClusterRun run = fill_cluster(BestFit{BestFit::Left::cpu_and_memory},
                                        trace_of({{500, 64, 0, 0}}, {{1000, 1024}, {1000, 1024}}), 1);
    CHECK(run.allocation_percent == Means{{25, 25}, {50, 50}, {75, 75}, {100, 100}, {125, 100}});
    CHECK(run.fragmentation_percent.empty());
}

TEST_CASE("a trace without nodes refuses everything") {
    const ClusterRun run = fill_cluster(GpuPacking{}, trace_of({{500, 64, 0, 0}, {600, 64, 0, 0}}, {}), 1);
    CHECK(run == ClusterRun{.refused = 2});
}

TEST_CASE("too few tasks are copied and too many thinned out until demand is just below what is wanted") {
    const Trace trace = busy_trace();  // It asks for 139 %.
    const std::int32_t demand_percent = GENERATE(40, 130, 300);
    std::vector<Demand> asked;
    std::vector<Capacity> nodes;
    const ClusterRun run = fill_cluster(Witness{&asked, &nodes}, trace, 5, {demand_percent});
    const std::int64_t wanted = 200 * 1000 * demand_percent / 100;

    std::int64_t demand = 0;
    std::map<Demand, int> surplus;
    for (const Demand& task : asked) demand += task.total_gpu_milli();
    for (const Demand& task : asked) ++surplus[task];
    for (const Task& task : trace.tasks) --surplus[task.demand];
    // The next copy would have asked for two GPUs at most.
    CHECK(demand <= wanted);
    CHECK(demand > wanted - 2000);
    CHECK(run.refused == static_cast<std::int64_t>(asked.size()));
    const bool all_kept =
        std::all_of(surplus.begin(), surplus.end(), [](const auto& kind) { return kind.second >= 0; });
    CHECK(all_kept == (demand_percent == 300));
    CHECK(nodes.size() == trace.nodes.size());
    CHECK(std::count(nodes.begin(), nodes.end(), trace.nodes[0].capacity) == 20);
}

TEST_CASE("the seed decides on tasks and nodes and all policies meet the same") {
    const Trace trace = busy_trace();
    std::set<std::vector<Demand>> orders;
    std::set<std::vector<Capacity>> node_orders;
    for (const std::uint64_t seed : {1U, 2U, 3U, 1U}) {
        std::vector<Demand> asked;
        std::vector<Capacity> nodes;
        (void)fill_cluster(Witness{&asked, &nodes}, trace, seed);
        orders.insert(asked);
        node_orders.insert(nodes);
    }
    CHECK(orders.size() == 3);
    CHECK(node_orders.size() == 3);
    CHECK(fill_cluster(RandomFit{}, trace, 1) == fill_cluster(RandomFit{}, trace, 1));
    CHECK(!(fill_cluster(RandomFit{}, trace, 1) == fill_cluster(RandomFit{}, trace, 2)));
}

TEST_CASE("no run allocates more than has arrived or than there is") {
    const Trace trace = busy_trace();
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const ClusterRun run = fill_cluster(Fgd::make(trace), trace, seed);
        CAPTURE(seed);
        double before = 0;
        for (const auto& [arrived, allocated] : run.allocation_percent) {
            CHECK(allocated <= std::min(100.0, arrived + 0.5));
            CHECK(allocated >= before);
            before = allocated;
            CHECK(run.fragmentation_percent.at(arrived) <= 100 - allocated + 1e-9);
        }
        CHECK(run.placed > 0);
        CHECK(run.refused > 0);
        std::vector<Demand> asked;
        std::vector<Capacity> nodes;
        CHECK(fill_cluster(Witness{&asked, &nodes}, trace, seed).refused == run.decisions());
    }
}

TEST_CASE("remembered scores change nothing") {
    const Trace trace = busy_trace();
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        CHECK(fill_cluster(Fgd::make(trace), trace, seed) == fill_cluster_by_scan(Fgd::make(trace), trace, seed));
        CHECK(fill_cluster(RandomFit{}, trace, seed) == fill_cluster_by_scan(RandomFit{}, trace, seed));
    }
}
