// The offline algorithms on the field's instances, one benchmark a cell of the published tables: set or class, then
// algorithm. `bins` is the total over the instances supplied, `published` what the same heuristic needed elsewhere (for
// the searches the best of all published heuristics, in one dimension the optimum), `differing` on how many instances
// the two are not equal, `above` how many bins ours are more in all, `worst` on one instance at most.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <fleetsim/import/archive.hpp>
#include <fleetsim/import/items_files.hpp>
#include <fleetsim/packing/offline_registry.hpp>
#include <fleetsim/packing/verify.hpp>

namespace {

using namespace fleetsim;

const std::filesystem::path placement = std::filesystem::path{FLEETSIM_SHARED_DATA_DIR} / "placement";

/// An instance, and the columns of its row among the published results.
struct Instance {
    packing::Items items;
    std::map<std::string, std::string> published;
};

/// By set or class.
using Sets = std::map<std::string, std::vector<Instance>>;

/// By the key's column without suffix, then by heading.
std::map<std::string, std::map<std::string, std::string>> table(const std::filesystem::path& file, std::size_t key) {
    std::map<std::string, std::map<std::string, std::string>> rows;
    const import::FileReading reading = import::read_file(file);
    if (reading.files.empty()) return rows;
    std::vector<std::string> headings;
    std::istringstream lines{reading.files[0].text};
    for (std::string line; std::getline(lines, line);) {
        std::vector<std::string> cells;
        std::istringstream row{line};
        for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
        if (headings.empty()) headings = cells;
        for (std::size_t k = 0; k < cells.size(); ++k) rows[import::stem_of(cells[key])][headings[k]] = cells[k];
    }
    return rows;
}

void add(Sets& sets, const std::string& archive, const std::string& results, std::size_t key, const std::string& set) {
    if (!std::filesystem::exists(placement)) return;
    const auto published = table(placement / results, key);
    import::ItemsReading reading = import::read_items(placement / archive);
    for (packing::Items& items : reading.instances) {
        const auto row = published.find(items.name);
        if (row == published.end()) continue;
        const std::string part = set.empty() ? row->second.at("set") : set + "_" + items.name.substr(0, 6);
        sets[part].push_back({std::move(items), row->second});
    }
}

const Sets& vector_sets() {
    static const Sets all = [] {
        Sets sets;
        for (const std::string set : {"New", "Triplet", "Panigrahy"}) {
            add(sets, "vbp/" + set + ".tar.gz", "vbp/" + set + "_published.csv.gz", 0, set);
        }
        return sets;
    }();
    return all;
}

const Sets& line_sets() {
    static const Sets all = [] {
        Sets sets;
        add(sets, "bpp1d/instances.tar.gz", "bpp1d/optimal_bins.csv", 1, "");
        return sets;
    }();
    return all;
}

void pack(benchmark::State& state, const packing::OfflineAlgorithm& algorithm, const std::vector<Instance>& instances,
          const std::string& column) {
    for (auto _ : state) {
        std::int64_t total = 0;
        std::int64_t published = 0;
        std::int64_t worst = 0;
        int differing = 0;
        for (const Instance& instance : instances) {
            const packing::Bins packed = algorithm.pack(instance.items, {});
            if (const auto problem = packing::verify(instance.items, packed)) {
                return state.SkipWithError((instance.items.name + ": " + *problem).c_str());
            }
            const auto bins = static_cast<std::int64_t>(packed.size());
            total += bins;
            const auto there = instance.published.find(column);
            if (there == instance.published.end()) continue;
            const std::int64_t bins_there = std::stol(there->second);
            published += bins_there;
            worst = std::max(worst, bins - bins_there);
            differing += bins == bins_there ? 0 : 1;
        }
        state.counters["bins"] = static_cast<double>(total);
        state.counters["published"] = static_cast<double>(published);
        state.counters["above"] = static_cast<double>(total - published);
        state.counters["worst"] = static_cast<double>(worst);
        state.counters["differing"] = differing;
        state.counters["instances"] = static_cast<double>(instances.size());
    }
}

void register_all(const Sets& sets, const std::map<std::string, std::string>& columns) {
    for (const auto& [set, instances] : sets) {
        for (const auto& [name, column] : columns) {
            const packing::OfflineAlgorithm* algorithm = packing::offline_algorithm(name);
            if (algorithm == nullptr) continue;
            benchmark::RegisterBenchmark((set + "/" + name).c_str(),
                                         [algorithm, &instances = instances, column = column](benchmark::State& state) {
                                             pack(state, *algorithm, instances, column);
                                         })
                ->Iterations(1)
                ->Unit(benchmark::kMillisecond);
        }
    }
}

const bool registered = [] {
    register_all(vector_sets(), {{"ffd_l1_avg", "FFD-L1-Avg"},
                                 {"ffd_l2_avg", "FFD-L2-Avg"},
                                 {"bcs_dp1_avg", "BCS-DP1-Avg"},
                                 {"bcs_dp1_avg_dyn", "BCS-DP1-Avg-Dyn"},
                                 {"bcs_l2norm_avg", "BCS-L2Norm-Avg"},
                                 {"destroy_and_repair", "best_overall"}});
    register_all(
        line_sets(),
        {{"ffd_l1_unit", "best_known"}, {"min_bin_slack", "best_known"}, {"min_bin_slack_restarts", "best_known"}});
    return true;
}();

}  // namespace
