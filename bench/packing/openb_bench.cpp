// The published experiment of the GPU-sharing study, all workloads and policies over ten seeds: what is allocated when
// 100 and 130 % of the capacity have been asked for, and how far that is from what was published (as far as it was).

#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <fleetsim/packing/best_fit.hpp>
#include <fleetsim/packing/dot_product.hpp>
#include <fleetsim/packing/fgd.hpp>
#include <fleetsim/packing/gpu_clustering.hpp>
#include <fleetsim/packing/gpu_experiment.hpp>
#include <fleetsim/packing/gpu_packing.hpp>
#include <fleetsim/packing/random.hpp>
#include <fleetsim/packing/terminal_waste.hpp>

#include "packing/openb.hpp"

namespace {

using namespace fleetsim;

constexpr std::uint64_t first_seed = 42;  // The numbers of the published runs.
constexpr int seeds = 10;

/// Published means by workload, the policy's name there, and the percentage asked for.
std::map<std::vector<std::string>, double> published() {
    std::map<std::vector<std::string>, double> means;
    std::ifstream file{bench::openb_folder / "published_alloc_summary.csv"};
    std::vector<std::string> headings;
    for (std::string line; std::getline(file, line);) {
        std::vector<std::string> cells;
        std::istringstream row{line};
        for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
        if (headings.empty()) headings = cells;
        for (std::size_t i = 2; i < cells.size() && cells != headings; ++i) {
            means[{cells[0], cells[1], headings[i]}] = std::stod(cells[i]);
        }
    }
    return means;
}

template <packing::Policy P>
void fill(benchmark::State& state, const std::string& workload, const std::string& name_there) {
    const std::optional<packing::Trace> trace = bench::openb(workload);
    if (!trace) return state.SkipWithError("the traces are not there");
    const auto theirs = published();
    const P policy = packing::policy_for<P>(*trace);
    for (auto _ : state) {
        std::map<std::string, double> means;
        for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
            const packing::ClusterRun run = packing::fill_cluster(policy, *trace, seed);
            means["100"] += run.allocation_percent.at(100) / seeds;
            means["130"] += run.allocation_percent.at(130) / seeds;
        }
        for (const auto& [asked, mean] : means) {
            state.counters["at_" + asked] = mean;
            const auto other = theirs.find({workload, name_there, asked});
            if (other != theirs.end()) state.counters["differs_at_" + asked] = mean - other->second;
        }
    }
}

template <packing::Policy P>
void add(const std::string& workload, const std::string& name_there) {
    const std::string name = workload + "/" + std::string{P::name};
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) { fill<P>(state, workload, name_there); })
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
}

const bool added = [] {
    for (const char* workload : {"default", "cpu050", "cpu100", "cpu200", "gpushare40", "gpushare80", "gpushare100",
                                 "gpuspec10", "gpuspec25", "multigpu20", "multigpu40"}) {
        add<packing::RandomFit>(workload, "01-Random");
        add<packing::DotProduct>(workload, "02-DotProd");
        add<packing::GpuClustering>(workload, "03-GpuClustering");
        add<packing::GpuPacking>(workload, "04-GpuPacking");
        add<packing::BestFit>(workload, "05-BestFit");
        add<packing::Fgd>(workload, "06-FGD");
        add<packing::ExpectedTerminalWaste>(workload, "");
    }
    return true;
}();

}  // namespace
