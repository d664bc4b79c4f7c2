#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/offline_registry.hpp>
#include <fleetsim/packing/verify.hpp>
#include <fleetsim/packing/volume_bound.hpp>

#include "catch.hpp"
#include "offline_items.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;

namespace {

const OfflineOptions short_search{.seed = 7, .steps = 200'000};

/// What is wrong with what an algorithm makes of these items; nothing when it is a packing or they are refused.
std::optional<std::string> problem(const OfflineAlgorithm& algorithm, const Items& items) {
    if (algorithm.refuses && algorithm.refuses(items)) return {};
    const Bins bins = algorithm.pack(items, short_search);
    if (static_cast<std::int64_t>(bins.size()) < volume_bound(items)) return "fewer bins than the volume needs";
    return verify(items, bins);
}

}  // namespace

TEST_CASE("names are composed of their parts and none is there twice") {
    std::set<std::string> names;
    for (const OfflineAlgorithm& algorithm : offline_algorithms()) names.insert(algorithm.name);
    CHECK(names.size() == offline_algorithms().size());
    // Five online rules, 3 rules by 3 measures by 4 weightings, 5 scores by 4 weightings of which 3 may follow the
    // items that are left, and three of their own.
    CHECK(names.size() == 5 + 36 + 35 + 3);
    for (const char* name :
         {"first_fit", "best_fit", "worst_fit", "next_fit", "harmonic", "ffd_l1_avg", "ffd_l2_avg", "bfd_linf_expo",
          "wfd_l2_recip_avg", "bcs_dp1_avg", "bcs_dp1_avg_dyn", "bcs_l2norm_unit", "bcs_tight_fill_min_avg",
          "min_bin_slack", "min_bin_slack_restarts", "destroy_and_repair"}) {
        CAPTURE(name);
        REQUIRE(offline_algorithm(name) != nullptr);
        CHECK(offline_algorithm(name)->name == name);
    }
    CHECK(offline_algorithm("bcs_dp1_unit_dyn") == nullptr);
    CHECK(offline_algorithm("ffd") == nullptr);
}

TEST_CASE("algorithms of one dimension refuse items of several and say why") {
    std::vector<std::string> refusing;
    for (const OfflineAlgorithm& algorithm : offline_algorithms()) {
        if (!algorithm.refuses) continue;
        refusing.push_back(algorithm.name);
        CHECK(algorithm.refuses(in_one_dimension(10, {1, 2})) == std::nullopt);
        CHECK(algorithm.refuses({"", {10, 10, 10}, {1, 2, 3}}) == "it packs items of one dimension, and these have 3");
    }
    CHECK(refusing == std::vector<std::string>{"harmonic", "min_bin_slack", "min_bin_slack_restarts"});
}

TEST_CASE("every algorithm makes packings of random items and none goes below the volume") {
    des::Sequence chance = des::Stream{1, 0, "offline_registry_test", "items"}.sequence();
    for (const std::size_t dimensions : {1U, 2U, 3U, 5U}) {
        for (const std::int32_t largest : {150, 500, 1000}) {
            const Items items = random_items(chance, dimensions, 80, 0, largest);
            for (const OfflineAlgorithm& algorithm : offline_algorithms()) {
                CAPTURE(algorithm.name, dimensions, largest);
                CHECK(problem(algorithm, items) == std::nullopt);
            }
        }
    }
}

TEST_CASE("no algorithm beats the optimum of tiny instances and the searches reach it") {
    des::Sequence chance = des::Stream{2, 0, "offline_registry_test", "items"}.sequence();
    for (int instance = 0; instance < 50; ++instance) {
        const Items items = tiny_items(chance);
        const std::int64_t fewest = fewest_bins(items);
        for (const OfflineAlgorithm& algorithm : offline_algorithms()) {
            if (algorithm.refuses && algorithm.refuses(items)) continue;
            CAPTURE(algorithm.name, instance);
            const Bins bins = algorithm.pack(items, {.steps = 100'000});
            CHECK(verify(items, bins) == std::nullopt);
            CHECK(static_cast<std::int64_t>(bins.size()) >= fewest);
            if (algorithm.name == "destroy_and_repair" || algorithm.name == "min_bin_slack_restarts") {
                CHECK(static_cast<std::int64_t>(bins.size()) == fewest);
            }
        }
    }
}

TEST_CASE("every algorithm copes with the ends of what items can be") {
    struct Row {
        std::string about;
        Items items;
        std::size_t bins;
    };
    const std::vector<Row> rows{
        {"no items", {"", {10}, {}}, 0},
        {"no items of two dimensions", {"", {10, 10}, {}}, 0},
        {"one item", {"", {10}, {1}}, 1},
        {"items of no size", {"", {10}, {0, 0, 0}}, 1},
        {"items of no size in two dimensions", {"", {10, 1}, {0, 0, 0, 0}}, 1},
        {"items as large as the bin", {"", {10}, {10, 10, 10}}, 3},
        {"items as large as the bin in one dimension", {"", {10, 7}, {0, 7, 0, 7}}, 2},
        {"all equal", {"", {10, 10}, {5, 5, 5, 5, 5, 5, 5, 5}}, 2},
        {"bins of one", {"", {1}, {1, 1}}, 2},
    };
    for (const Row& row : rows) {
        for (const OfflineAlgorithm& algorithm : offline_algorithms()) {
            CAPTURE(row.about, algorithm.name);
            CHECK(problem(algorithm, row.items) == std::nullopt);
            if (algorithm.refuses && algorithm.refuses(row.items)) continue;
            CHECK(algorithm.pack(row.items, short_search).size() == row.bins);
        }
    }
}

TEST_CASE("the same seed packs the same and another seed searches elsewhere") {
    // Three of these together are a little too much on average, so that no bound is reached and the searches go on.
    des::Sequence chance = des::Stream{3, 0, "offline_registry_test", "items"}.sequence();
    const Items items = random_items(chance, 1, 200, 270, 400);
    for (const char* name : {"min_bin_slack_restarts", "destroy_and_repair"}) {
        CAPTURE(name);
        const auto pack = offline_algorithm(name)->pack;
        const auto packed = [&](std::uint64_t seed) { return pack(items, {.seed = seed, .steps = 500'000}); };
        CHECK(packed(1) == packed(1));
        CHECK(packed(1) != packed(2));
    }
}

TEST_CASE("anyone can add an algorithm to those of the library") {
    std::vector<OfflineAlgorithm> mine = offline_algorithms();
    mine.push_back({"one_each", [](const Items& items, const OfflineOptions&) {
                        Bins bins;
                        for (std::uint32_t item = 0; item < items.count(); ++item) bins.push_back({item});
                        return bins;
                    }});
    CHECK(problem(mine.back(), in_one_dimension(10, {1, 2, 3})) == std::nullopt);
    CHECK(mine.back().pack(in_one_dimension(10, {1, 2, 3}), {}).size() == 3);
}
