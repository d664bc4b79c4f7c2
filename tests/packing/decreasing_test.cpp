#include <vector>

#include <fleetsim/packing/decreasing.hpp>

#include "catch.hpp"
#include "offline_items.hpp"

using namespace fleetsim::packing;

namespace {

const Weighting& unit = weightings[0];

}  // namespace

TEST_CASE("weights come from the demand for a dimension") {
    const std::vector<float> sums{4, 0};
    CHECK(weightings[0].weights(sums, 8) == std::vector<float>{1, 1});
    CHECK(weightings[1].weights(sums, 8) == std::vector<float>{4, 0});
    // exp(0.01 * 4 / 8)
    CHECK(weightings[2].weights(sums, 8)[0] == Approx(1.0050125).epsilon(1e-6));
    CHECK(weightings[2].weights(sums, 8)[1] == 1);
    CHECK(weightings[3].weights(sums, 8) == std::vector<float>{0.25F, 0});
}

TEST_CASE("measures weigh the dimensions") {
    const std::vector<float> weights{2, 1};
    const std::vector<float> vector{0.5F, 0.25F};
    CHECK(measures[0].of(weights, vector) == 1.25F);
    CHECK(measures[1].of(weights, vector) == 0.5625F);
    CHECK(measures[2].of(weights, vector) == 1.0F);
}

TEST_CASE("First Fit Decreasing packs the example of the online rules into three bins") {
    const Items items = in_one_dimension(10, {4, 7, 3, 6, 5, 5});
    for (const Measure& measure : measures) {
        CHECK(sizes_in(items, decreasing(items, bin_rules[0], measure, unit)) ==
              std::vector<std::vector<std::int32_t>>{{7, 3}, {6, 4}, {5, 5}});
    }
}

TEST_CASE("decreasing order depends on the measure and keeps equals as they stood") {
    // Shares (0.9, 0.1), (0.6, 0.6), (0.1, 0.9), (0.5, 0.5): sums 1.0 1.2 1.0 1.0, squares .82 .72 .82 .50, largest
    // .9 .6 .9 .5.
    const Items items{"", {10, 100}, {9, 10, 6, 60, 1, 90, 5, 50}};
    const std::vector<float> weights{1, 1};
    CHECK(decreasing_order(items, measures[0], weights) == Order{1, 0, 2, 3});
    CHECK(decreasing_order(items, measures[1], weights) == Order{0, 2, 1, 3});
    CHECK(decreasing_order(items, measures[2], weights) == Order{0, 2, 1, 3});
}

TEST_CASE("the rules differ in the bin that the last and smallest item gets") {
    // 7, 6 and 8 leave 3, 4 and 2; in decreasing order the bins are of 8, 7 and 6.
    const Items items = in_one_dimension(10, {7, 6, 8, 1});
    CHECK(decreasing(items, bin_rules[0], measures[0], unit) == Bins{{2, 3}, {0}, {1}});
    CHECK(decreasing(items, bin_rules[1], measures[0], unit) == Bins{{2, 3}, {0}, {1}});
    CHECK(decreasing(items, bin_rules[2], measures[0], unit) == Bins{{2}, {0}, {1, 3}});
    // By squares the first bin below has more room and the second is the best; by sums it is the other way round.
    const Items two{"", {10, 10}, {9, 2, 5, 5, 1, 4}};
    // By sums the order is (9, 2), (5, 5), (1, 4): rooms (1, 8) and (5, 5). The sums are 9 and 10, the squares 65 and
    // 50.
    CHECK(decreasing(two, bin_rules[1], measures[0], unit) == Bins{{0, 2}, {1}});
    CHECK(decreasing(two, bin_rules[1], measures[1], unit) == Bins{{0}, {1, 2}});
}
