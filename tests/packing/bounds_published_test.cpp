#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fleetsim/import/items_files.hpp>
#include <fleetsim/packing/bounds.hpp>

#include "catch.hpp"
#include "packing/published.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;
using namespace fleetsim::packing::test;

namespace {

/// A published instance: where its name stands in a table, and a number of bins that suffices.
struct Published {
    std::string set;
    std::int64_t bins = 0;  ///< The optimum where it is known, else the best published.
    std::int64_t bound = 0;
};

/// By the instance's name; `columns` are those of the name, the optimum, the best packing and the bound.
std::map<std::string, Published> published(const std::string& table, const std::vector<std::string>& columns) {
    std::map<std::string, Published> rows;
    for (auto& [name, cells] : published_table(table, columns[0])) {
        const std::int64_t optimum = std::stoll(cells.at(columns[1]));
        const std::int64_t bins = optimum > 0 ? optimum : std::stoll(cells.at(columns[2]));
        const auto set = cells.find("set");
        rows[std::filesystem::path{name}.stem().string()] = {set == cells.end() ? name : set->second, bins,
                                                             std::stoll(cells.at(columns[3]))};
    }
    return rows;
}

}  // namespace

TEST_CASE("no bound exceeds the optimum of a classical instance and L2 is what it is published to be") {
    if (absent()) return;
    const auto optimum = published("bpp1d/optimal_bins.csv", {"file", "best_known", "best_known", "lower_bound"});
    const auto reading = import::read_items(published_data / "bpp1d/instances.tar.gz");
    REQUIRE(reading.instances.size() == optimum.size());
    const std::vector<std::string> bounded_alike{"falkenauer_t", "schwerin_1"};
    int above_l2 = 0;
    std::size_t proved = 0;
    std::size_t tried = 0;
    for (const Items& items : reading.instances) {
        const auto& [set, bins, bound] = optimum.at(items.name);
        CAPTURE(items.name);
        REQUIRE(volume_bound(items) <= bins);
        const std::int64_t l2 = martello_toth_bound(items);
        REQUIRE(l2 <= bins);
        REQUIRE(dual_feasible_bound(items) >= l2);
        if (set == "falkenauer_u") above_l2 += l2 < bins ? 1 : 0;
        if (std::find(bounded_alike.begin(), bounded_alike.end(), set) != bounded_alike.end()) CHECK(l2 == bins);
        // Every seventh of them with the bound that takes work.
        if (++tried % 7 != 0) continue;
        const std::int64_t best = best_bound(items, {.work = 200'000'000, .bins_found = bins}).value;
        REQUIRE(best <= bins);
        proved += best == bins ? 7 : 0;
    }
    CHECK(above_l2 <= 1);
    // The relaxation rounded up is the optimum of all but a few instances, which were chosen for being hard.
    CHECK(proved >= reading.instances.size() * 98 / 100);
}

TEST_CASE(
    "no bound exceeds the bins that suffice for a published vector instance and few are below the published ones") {
    if (absent()) return;
    const std::string set = GENERATE(as<std::string>{}, "New", "Panigrahy", "Triplet");
    const auto known = published("vbp/" + set + "_published.csv.gz", {"instance_name", "OPT", "best_overall", "LB"});
    const auto reading = import::read_items(published_data / ("vbp/" + set + ".tar.gz"));
    REQUIRE(reading.instances.size() == known.size());
    std::int64_t ours = 0;
    std::int64_t theirs = 0;
    // Every fifth, which has some of each class and size.
    for (std::size_t i = 0; i < reading.instances.size(); i += 5) {
        const Items& items = reading.instances[i];
        const Published& there = known.at(items.name);
        std::int64_t best = 0;
        for (const LowerBound& bound : lower_bounds()) {
            // The relaxation has a test of its own; here it would take minutes.
            if (bound.name == "pattern") continue;
            CAPTURE(items.name, bound.name);
            const std::int64_t value = bound.function(items, {});
            REQUIRE(value <= there.bins);
            best = std::max(best, value);
        }
        ours += best;
        theirs += there.bound;
    }
    // Theirs are the better of the volume and the clique, and their search for cliques is another one.
    CHECK(static_cast<double>(ours) >= 0.995 * static_cast<double>(theirs));
}

TEST_CASE("the pattern bound of vector instances is no more than what suffices and often all of it") {
    if (absent()) return;
    const auto known = published("vbp/New_published.csv.gz", {"instance_name", "OPT", "best_overall", "LB"});
    const auto reading = import::read_items(published_data / "vbp/New.tar.gz");
    int tried = 0;
    int met = 0;
    int better = 0;
    for (const Items& items : reading.instances) {
        if (items.count() > 60 || ++tried % 3 != 0) continue;
        const Published& there = known.at(items.name);
        CAPTURE(items.name);
        const std::int64_t value = pattern_bound(items, {.work = 50'000'000});
        REQUIRE(value <= there.bins);
        met += value == there.bins ? 1 : 0;
        better += value > there.bound ? 1 : 0;
        CHECK(value >= volume_bound(items));
    }
    CHECK(3 * met >= tried / 2);
    CHECK(better > 0);
}
