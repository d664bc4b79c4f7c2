#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <fleetsim/des/pick.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/destroy_and_repair.hpp>
#include <fleetsim/packing/offline_registry.hpp>
#include <fleetsim/packing/verify.hpp>
#include <fleetsim/packing/volume_bound.hpp>

#include "catch.hpp"
#include "offline_items.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;

namespace {

/// Items cut from so many bins that they fill completely, pieces at random in every dimension and then in any order.
Items cut_from_full_bins(des::Sequence& chance, std::size_t bins, std::size_t dimensions, std::size_t pieces) {
    std::vector<std::vector<std::int32_t>> all;
    for (std::size_t bin = 0; bin < bins; ++bin) {
        std::vector<std::vector<std::int32_t>> cuts(dimensions);
        for (auto& cut : cuts) {
            cut = {0, 100};
            while (cut.size() <= pieces) cut.push_back(between(chance, 0, 100));
            std::sort(cut.begin(), cut.end());
        }
        for (std::size_t piece = 0; piece < pieces; ++piece) {
            all.emplace_back();
            for (const auto& cut : cuts) all.back().push_back(cut[piece + 1] - cut[piece]);
        }
    }
    Items items{"", std::vector<std::int32_t>(dimensions, 100), {}};
    for (; !all.empty(); all.pop_back()) {
        std::swap(all.back(), all[des::picked(chance.unit(), all.size())]);
        items.sizes.insert(items.sizes.end(), all.back().begin(), all.back().end());
    }
    return items;
}

}  // namespace

TEST_CASE("the search needs fewer bins than any heuristic and never fewer than were planted") {
    des::Sequence chance = des::Stream{1, 0, "destroy_and_repair_test", "items"}.sequence();
    std::size_t searched = 0;
    std::size_t best_heuristics = 0;
    for (const std::size_t dimensions : {2U, 3U, 5U}) {
        const Items items = cut_from_full_bins(chance, 40, dimensions, 4);
        const Bins bins = destroy_and_repair(items, {.steps = 20'000'000});
        CHECK(verify(items, bins) == std::nullopt);
        CHECK(bins.size() >= 40);
        searched += bins.size();
        std::size_t best = items.count();
        for (const OfflineAlgorithm& algorithm : offline_algorithms()) {
            if (algorithm.name == "destroy_and_repair" || algorithm.refuses) continue;
            best = std::min(best, algorithm.pack(items, {}).size());
        }
        CHECK(bins.size() <= best);
        best_heuristics += best;
    }
    CHECK(searched < best_heuristics);
}

TEST_CASE("more steps never make a packing worse and a packing of volume size ends the search") {
    des::Sequence chance = des::Stream{2, 0, "destroy_and_repair_test", "items"}.sequence();
    const Items items = cut_from_full_bins(chance, 30, 3, 4);
    std::size_t before = items.count();
    for (const std::uint64_t steps : {0U, 100'000U, 1'000'000U, 10'000'000U}) {
        const std::size_t bins = destroy_and_repair(items, {.steps = steps}).size();
        CHECK(bins <= before);
        before = bins;
    }
    // Would otherwise run for ever.
    const Items easy = in_one_dimension(10, {6, 4, 6, 4});
    CHECK(destroy_and_repair(easy, {.seconds = 1e9}).size() == 2);
}

TEST_CASE("capacities may be as large as numbers get") {
    des::Sequence chance = des::Stream{3, 0, "destroy_and_repair_test", "items"}.sequence();
    constexpr std::int32_t most = 2'147'483'647;
    Items items{"", {most, most, 1}, {}};
    for (int i = 0; i < 60; ++i) {
        items.sizes.push_back(between(chance, 0, most / 2));
        items.sizes.push_back(between(chance, 0, most / 2));
        items.sizes.push_back(0);
    }
    const Bins bins = destroy_and_repair(items, {.steps = 5'000'000});
    CHECK(verify(items, bins) == std::nullopt);
    CHECK(static_cast<std::int64_t>(bins.size()) <= volume_bound(items) + 2);
}

TEST_CASE("bins as large as numbers go are repaired like any others") {
    constexpr std::int32_t full = std::numeric_limits<std::int32_t>::max();
    Items items{"", {full, full}, {}};
    for (int i = 0; i < 3; ++i) items.sizes.insert(items.sizes.end(), {full, 1, 1, full});
    for (int i = 0; i < 50; ++i) items.sizes.insert(items.sizes.end(), {full / 2 + 1, full / 2});
    const Bins bins = destroy_and_repair(items, {.steps = 1'000'000});
    CHECK(verify(items, bins) == std::nullopt);
    // Each of the 56 needs a bin of its own.
    CHECK(bins.size() == 56);
}
