#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <fleetsim/import/items_files.hpp>
#include <fleetsim/packing/offline_registry.hpp>
#include <fleetsim/packing/verify.hpp>

#include "catch.hpp"
#include "packing/published.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;
using namespace fleetsim::packing::test;

namespace {

std::vector<Items> instances(const char* archive) {
    const import::ItemsReading reading = import::read_items(published_data / archive);
    REQUIRE(!reading.instances.empty());
    return reading.instances;
}

}  // namespace

TEST_CASE("the heuristics need as many bins as published on every instance") {
    if (absent()) return;
    struct Row {
        const char* name;
        const char* name_there;
        int may_differ;
    };
    // Scores of the dot product are nearly equal now and then; the order in which a compiler once added them decides.
    const std::vector<Row> rows{{"ffd_l1_avg", "FFD-L1-Avg", 0},
                                {"ffd_l2_avg", "FFD-L2-Avg", 0},
                                {"bcs_l2norm_avg", "BCS-L2Norm-Avg", 0},
                                {"bcs_dp1_avg", "BCS-DP1-Avg", 1},
                                {"bcs_dp1_avg_dyn", "BCS-DP1-Avg-Dyn", 1}};
    const std::vector<Items> all = instances("vbp/New.tar.gz");
    auto published = published_table("vbp/New_published.csv.gz", "instance_name");
    for (const Row& row : rows) {
        int differing = 0;
        for (const Items& items : all) {
            const std::size_t bins = offline_algorithm(row.name)->pack(items, {}).size();
            if (std::to_string(bins) != published.at(items.name).at(row.name_there)) ++differing;
        }
        CAPTURE(row.name);
        CHECK(differing <= row.may_differ);
    }
}

TEST_CASE("the search needs fewer bins than the best published on vector instances") {
    if (absent()) return;
    const std::vector<Items> all = instances("vbp/New.tar.gz");
    auto published = published_table("vbp/New_published.csv.gz", "instance_name");
    std::size_t ours = 0;
    std::size_t best_published = 0;
    // Seven instances are alike but for chance: every 20th takes all classes and numbers of items and dimensions in
    // turn.
    for (std::size_t k = 0; k < all.size(); k += 20) {
        const Bins bins = offline_algorithm("destroy_and_repair")->pack(all[k], {.steps = 20'000'000});
        CHECK(verify(all[k], bins) == std::nullopt);
        const auto& row = published.at(all[k].name);
        CHECK(bins.size() >= std::stoul(row.at("LB")));
        if (row.at("OPT") != "-1") CHECK(bins.size() >= std::stoul(row.at("OPT")));
        ours += bins.size();
        best_published += std::stoul(row.at("best_overall"));
    }
    CHECK(ours < best_published);
}

TEST_CASE("restarts come within one bin of the optimum of all uniform instances") {
    if (absent()) return;
    auto optimal = published_table("bpp1d/optimal_bins.csv", "file");
    int seen = 0;
    int missed = 0;
    for (const Items& items : instances("bpp1d/instances.tar.gz")) {
        if (!items.name.starts_with("Falkenauer_u")) continue;
        const Bins bins = offline_algorithm("min_bin_slack_restarts")->pack(items, {.steps = 50'000'000});
        CAPTURE(items.name);
        CHECK(verify(items, bins) == std::nullopt);
        const std::size_t optimum = std::stoul(optimal.at(items.name + ".txt").at("best_known"));
        CHECK(bins.size() >= optimum);
        CHECK(bins.size() <= optimum + 1);
        ++seen;
        if (bins.size() > optimum) ++missed;
    }
    CHECK(seen > 0);
    // The optimum is hard to come by where it leaves no room at all: of the published 80 in one case.
    CHECK(missed * 20 <= seen);
}
