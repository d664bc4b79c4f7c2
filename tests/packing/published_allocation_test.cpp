#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/import/trace_files.hpp>
#include <fleetsim/packing/best_fit.hpp>
#include <fleetsim/packing/dot_product.hpp>
#include <fleetsim/packing/fgd.hpp>
#include <fleetsim/packing/gpu_clustering.hpp>
#include <fleetsim/packing/gpu_experiment.hpp>
#include <fleetsim/packing/gpu_packing.hpp>
#include <fleetsim/packing/random.hpp>
#include <fleetsim/packing/terminal_waste.hpp>

#include "catch.hpp"

// The runs of "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent" (USENIX
// ATC 2023) on its traces, which are not part of the project: the tests look for them beside it.

using namespace fleetsim;
using namespace fleetsim::packing;

namespace {

const std::filesystem::path data = std::filesystem::path{FLEETSIM_SHARED_DATA_DIR} / "placement" / "openb";

/// Allocation in percent when 100 and 130 % have arrived.
struct Allocation {
    double at_100 = 0;
    double at_130 = 0;
};

/// The published runs are numbered 42 to 51; so are ours. (The chance in them is another.)
constexpr std::uint64_t first_seed = 42;
constexpr int seeds = 10;

constexpr std::array<std::string_view, 6> policies{RandomFit::name,  DotProduct::name, GpuClustering::name,
                                                   GpuPacking::name, BestFit::name,    Fgd::name};

/// Published means over ten seeds, in the order of `policies`.
using Allocations = std::array<Allocation, policies.size()>;

const std::map<std::string, Allocations> published{
    {"default", {{{86.30, 87.47}, {90.62, 90.85}, {91.65, 91.88}, {91.78, 92.00}, {92.86, 93.08}, {95.23, 95.39}}}},
    {"cpu050", {{{89.02, 91.24}, {93.03, 93.27}, {93.52, 93.79}, {93.46, 93.72}, {93.56, 93.79}, {95.00, 95.21}}}},
    {"cpu100", {{{87.44, 89.11}, {91.73, 91.96}, {92.42, 92.64}, {92.50, 92.72}, {93.26, 93.44}, {95.21, 95.35}}}},
    {"cpu200", {{{83.03, 83.77}, {87.46, 87.70}, {89.67, 89.92}, {89.98, 90.22}, {92.15, 92.40}, {94.82, 95.04}}}},
    {"gpushare40", {{{84.86, 86.00}, {89.30, 89.56}, {89.76, 90.02}, {89.77, 90.03}, {91.44, 91.69}, {93.96, 94.15}}}},
    {"gpushare80", {{{80.62, 81.22}, {84.14, 84.49}, {84.50, 84.85}, {84.65, 85.00}, {86.66, 87.01}, {89.08, 89.30}}}},
    {"gpushare100", {{{78.90, 79.44}, {81.98, 82.42}, {82.22, 82.65}, {82.13, 82.57}, {84.62, 85.01}, {86.64, 86.90}}}},
    {"gpuspec10", {{{86.26, 87.43}, {90.17, 90.39}, {91.96, 92.18}, {92.24, 92.46}, {93.10, 93.30}, {94.66, 94.95}}}},
    {"gpuspec25", {{{85.42, 86.94}, {85.44, 89.63}, {86.41, 92.08}, {86.77, 92.98}, {85.67, 93.23}, {93.91, 94.74}}}},
    {"multigpu20", {{{86.92, 88.69}, {91.85, 92.06}, {93.34, 93.56}, {93.50, 93.71}, {93.73, 93.93}, {95.53, 95.65}}}},
    {"multigpu40", {{{85.38, 90.09}, {94.04, 94.19}, {95.35, 95.50}, {95.59, 95.74}, {95.10, 95.24}, {96.91, 96.99}}}},
};

bool data_missing() {
    if (std::filesystem::exists(data)) return false;
    WARN("skipped: the traces are not there (" << data.string() << ")");
    return true;
}

Trace openb(const std::string& workload) {
    import::TraceReading reading = import::read_trace({.tasks = data / ("openb_pod_list_" + workload + ".csv.gz"),
                                                       .nodes = data / "openb_node_list_gpu_node.csv.gz"});
    INFO(reading.problems.render());
    REQUIRE(reading.trace.has_value());
    return *std::move(reading.trace);
}

/// Means over the seeds.
struct Means {
    Allocation allocation;
    double fragmentation_at_130 = 0;
};

template <class P>
Means means_of(const Trace& trace) {
    Means means;
    const P policy = policy_for<P>(trace);
    for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
        const ClusterRun run = fill_cluster(policy, trace, seed);
        means.allocation.at_100 += run.allocation_percent.at(100) / seeds;
        means.allocation.at_130 += run.allocation_percent.at(130) / seeds;
        means.fragmentation_at_130 += run.fragmentation_percent.at(130) / seeds;
    }
    return means;
}

std::array<Means, policies.size()> means_of_all(const Trace& trace) {
    return {means_of<RandomFit>(trace),  means_of<DotProduct>(trace), means_of<GpuClustering>(trace),
            means_of<GpuPacking>(trace), means_of<BestFit>(trace),    means_of<Fgd>(trace)};
}

/// Single runs scatter by up to 0.72 points around their mean, ours and theirs, so that two means over ten differ by
/// 0.32 in standard deviation at worst; 0.6 is less than two of them. The mean difference is to be 0.2 at most.
void check_allocation(const std::vector<std::string>& workloads) {
    if (data_missing()) return;
    double differences = 0;
    for (const std::string& workload : workloads) {
        const Allocations& theirs = published.at(workload);
        const std::array<Means, policies.size()> ours = means_of_all(openb(workload));
        for (std::size_t i = 0; i < policies.size(); ++i) {
            const Allocation& mean = ours[i].allocation;
            CAPTURE(workload, policies[i]);
            CHECK(mean.at_100 == Approx(theirs[i].at_100).margin(0.6));
            CHECK(mean.at_130 == Approx(theirs[i].at_130).margin(0.6));
            differences += std::abs(mean.at_100 - theirs[i].at_100) + std::abs(mean.at_130 - theirs[i].at_130);
            for (std::size_t j = 0; j < policies.size(); ++j) {
                CAPTURE(policies[j]);
                if (theirs[i].at_100 > theirs[j].at_100 + 0.5) CHECK(mean.at_100 > ours[j].allocation.at_100);
                if (theirs[i].at_130 > theirs[j].at_130 + 0.5) CHECK(mean.at_130 > ours[j].allocation.at_130);
            }
        }
    }
    CHECK(differences / static_cast<double>(2 * policies.size() * workloads.size()) <= 0.2);
}

}  // namespace

TEST_CASE("six policies allocate what has been published with more and fewer tasks without GPU") {
    check_allocation({"default", "cpu050", "cpu100", "cpu200"});
}

TEST_CASE("six policies allocate what has been published with more tasks that share a GPU") {
    check_allocation({"gpushare40", "gpushare80", "gpushare100"});
}

TEST_CASE("six policies allocate what has been published with models asked for and more tasks of several GPUs") {
    check_allocation({"gpuspec10", "gpuspec25", "multigpu20", "multigpu40"});
}

TEST_CASE("fragmentation on the default workload is what has been published") {
    if (data_missing()) return;
    const Trace trace = openb("default");
    CHECK(typical_tasks(trace.tasks).size() == 35);
    const std::array<double, policies.size()> theirs{12.4, 9.1, 8.0, 7.9, 6.8, 4.6};
    const std::array<Means, policies.size()> ours = means_of_all(trace);
    for (std::size_t i = 0; i < policies.size(); ++i) {
        CAPTURE(policies[i]);
        // The margin of allocation, of which fragmentation is the mirror image.
        CHECK(ours[i].fragmentation_at_130 == Approx(theirs[i]).margin(0.6));
    }
}

TEST_CASE("a look at every node fills the real cluster alike") {
    if (data_missing()) return;
    const Trace trace = openb("gpuspec25");
    CHECK(fill_cluster(Fgd::make(trace), trace, 1) == fill_cluster_by_scan(Fgd::make(trace), trace, 1));
}

// One run each. Measured elsewhere over ten: 3.3 points apart at 80 % and 0.8 at 130 %.
TEST_CASE("expected terminal waste beats fragmentation gradient descent where models are asked for") {
    if (data_missing()) return;
    const Trace trace = openb("gpuspec10");
    const ClusterRun far = fill_cluster(ExpectedTerminalWaste::make(trace), trace, first_seed);
    const ClusterRun near = fill_cluster(Fgd::make(trace), trace, first_seed);
    CHECK(far.allocation_percent.at(80) > near.allocation_percent.at(80) + 1);
    CHECK(far.allocation_percent.at(130) > near.allocation_percent.at(130));
    CHECK(far.allocation_percent.at(130) == Approx(95.78).margin(0.6));
}
