#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/min_bin_slack.hpp>
#include <fleetsim/packing/min_bin_slack_restarts.hpp>
#include <fleetsim/packing/subset_sum.hpp>
#include <fleetsim/packing/verify.hpp>
#include <fleetsim/packing/volume_bound.hpp>

#include "catch.hpp"
#include "offline_items.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;

namespace {

using Counts = std::vector<std::int32_t>;

std::int64_t total(const std::vector<SizeClass>& classes, std::span<const std::int32_t> counts) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < classes.size(); ++k) sum += std::int64_t{classes[k].size} * counts[k];
    return sum;
}

/// All fillings that are as full as any, by trying everything; in increasing order.
std::vector<Counts> fullest(const std::vector<SizeClass>& classes, std::int32_t room) {
    std::vector<Counts> best;
    Counts counts(classes.size(), 0);
    const std::function<void(std::size_t)> try_from = [&](std::size_t k) {
        if (k < classes.size()) {
            for (counts[k] = 0; counts[k] <= classes[k].count; ++counts[k]) try_from(k + 1);
            counts[k] = 0;
            return;
        }
        const std::int64_t sum = total(classes, counts);
        if (sum > room || (!best.empty() && sum < total(classes, best[0]))) return;
        if (!best.empty() && sum > total(classes, best[0])) best.clear();
        best.push_back(counts);
    };
    try_from(0);
    return best;
}

/// Up to six sizes up to `largest`, in decreasing order.
std::vector<SizeClass> random_classes(des::Sequence& chance, std::int32_t largest) {
    std::vector<SizeClass> classes;
    for (std::int32_t size = between(chance, 1, largest); size > 0 && classes.size() < 6;
         size -= between(chance, 1, std::max(1, largest / 4))) {
        classes.push_back({size, between(chance, 1, 3)});
    }
    return classes;
}

/// Like the uniform class of Falkenauer: sizes from 20 to 100 in bins of 150.
Items uniform_items(des::Sequence& chance, std::size_t count) {
    Items items{"", {150}, {}};
    for (std::size_t i = 0; i < count; ++i) items.sizes.push_back(between(chance, 20, 100));
    return items;
}

/// Like his triplets: bins of 1000 that are filled by three items above a quarter, and by no two.
Items triplets(des::Sequence& chance, std::size_t bins) {
    Items items{"", {1000}, {}};
    for (std::size_t bin = 0; bin < bins; ++bin) {
        const std::int32_t large = between(chance, 380, 490);
        const std::int32_t middle = between(chance, 251, 1000 - large - 251);
        for (const std::int32_t size : {large, middle, 1000 - large - middle}) items.sizes.push_back(size);
    }
    return items;
}

}  // namespace

TEST_CASE("a room is filled as far as any choice of items can and the large ones are preferred") {
    des::Sequence chance = des::Stream{1, 0, "min_bin_slack_test", "classes"}.sequence();
    SubsetSum subset_sum;
    for (int instance = 0; instance < 500; ++instance) {
        const std::vector<SizeClass> classes = random_classes(chance, 200);
        const std::int32_t room = between(chance, 0, 500);
        const std::vector<Counts> best = fullest(classes, room);
        const auto filled = [&](bool leave) {
            const auto counts = subset_sum.fill(classes, room, [&] { return leave; });
            return Counts{counts.begin(), counts.end()};
        };
        CHECK(filled(false) == best.back());
        CHECK(filled(true) == best.front());
    }
}

TEST_CASE("a huge room is filled to within the rounding of its sums") {
    des::Sequence chance = des::Stream{2, 0, "min_bin_slack_test", "classes"}.sequence();
    constexpr std::int32_t most = 2'147'483'647;
    SubsetSum subset_sum;
    for (int instance = 0; instance < 10; ++instance) {
        const std::vector<SizeClass> classes = random_classes(chance, most / 4);
        const auto counts = subset_sum.fill(classes, most, [] { return false; });
        const std::int64_t sum = total(classes, counts);
        CHECK(sum <= most);
        // 524,288 sums are told apart; at most 18 items are each rounded up by less than one, and the room down.
        CHECK(sum >= total(classes, fullest(classes, most)[0]) - std::int64_t{19} * 4096);
    }
}

TEST_CASE("minimum bin slack starts each bin with the largest item and fills it exactly where it can") {
    const Items items = in_one_dimension(10, {7, 6, 4, 4, 3, 3, 2});
    CHECK(sizes_in(items, min_bin_slack(items)) == std::vector<std::vector<std::int32_t>>{{7, 3}, {6, 4}, {4, 3, 2}});
    // First Fit Decreasing puts 6 and 3 together and needs three bins.
    const Items two = in_one_dimension(10, {6, 3, 2, 2, 5, 2});
    CHECK(sizes_in(two, min_bin_slack(two)) == std::vector<std::vector<std::int32_t>>{{6, 2, 2}, {5, 3, 2}});
    const Items nothing = in_one_dimension(10, {0, 10, 0});
    CHECK(sizes_in(nothing, min_bin_slack(nothing)) == std::vector<std::vector<std::int32_t>>{{10, 0, 0}});
}

TEST_CASE("with many different large sizes the packing is still one") {
    // Rows of sums are as long as they get, and there are too many sizes to look at all of them.
    des::Sequence chance = des::Stream{3, 0, "min_bin_slack_test", "items"}.sequence();
    Items items{"", {2'000'000'000}, {}};
    for (int i = 0; i < 500; ++i) items.sizes.push_back(between(chance, 1, 1'000'000'000));
    const Bins bins = min_bin_slack(items);
    CHECK(verify(items, bins) == std::nullopt);
    CHECK(static_cast<std::int64_t>(bins.size()) <= volume_bound(items) + 2);
}

TEST_CASE("restarts empty the last bins of uniform items") {
    des::Sequence chance = des::Stream{4, 0, "min_bin_slack_test", "items"}.sequence();
    std::int64_t greedy = 0;
    std::int64_t restarted = 0;
    std::int64_t bound = 0;
    for (int instance = 0; instance < 5; ++instance) {
        const Items items = uniform_items(chance, 500);
        greedy += static_cast<std::int64_t>(min_bin_slack(items).size());
        const Bins bins = min_bin_slack_restarts(items, {.steps = 50'000'000});
        CHECK(verify(items, bins) == std::nullopt);
        restarted += static_cast<std::int64_t>(bins.size());
        bound += volume_bound(items);
    }
    // Instances of this class are known to have perfect packings nearly always, and greedy ones miss most of them.
    CHECK(greedy > bound);
    CHECK(restarted == bound);
}

TEST_CASE("restarts come within one bin of the triplets that were planted") {
    des::Sequence chance = des::Stream{5, 0, "min_bin_slack_test", "items"}.sequence();
    std::size_t greedy = 0;
    std::size_t restarted = 0;
    for (int instance = 0; instance < 3; ++instance) {
        const Items items = triplets(chance, 80);
        const Bins bins = min_bin_slack_restarts(items, {.steps = 30'000'000});
        CHECK(verify(items, bins) == std::nullopt);
        CHECK(bins.size() >= 80);
        CHECK(bins.size() <= 81);
        greedy += min_bin_slack(items).size();
        restarted += bins.size();
    }
    CHECK(restarted < greedy);
}
