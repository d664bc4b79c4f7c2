#include <array>
#include <string_view>
#include <vector>

#include <fleetsim/packing/bin_centric.hpp>

#include "catch.hpp"

using namespace fleetsim::packing;

namespace {

const std::vector<float> unit{1, 1};
const std::vector<float> room{0.50F, 0.20F};
const std::array<std::vector<float>, 3> abc{{{0.40F, 0.10F}, {0.20F, 0.20F}, {0.45F, 0.05F}}};

}  // namespace

TEST_CASE("each score prefers its own of three items") {
    struct Row {
        std::string_view name;
        std::array<double, 3> scores;  // Worked out by hand from the formulas.
    };
    const std::vector<Row> rows{
        {"dp1", {0.22, 0.14, 0.235}},
        // The dot products over 0.538516 and the lengths 0.412311, 0.282843, 0.452769.
        {"dp2", {0.990830, 0.919145, 0.963819}},
        {"l2norm", {-0.02, -0.09, -0.025}},
        {"tight_fill_sum", {1.3, 1.4, 1.15}},
        {"tight_fill_min", {0.5, 0.4, 0.25}},
    };
    REQUIRE(rows.size() == bin_scores.size());
    for (std::size_t k = 0; k < rows.size(); ++k) {
        CHECK(bin_scores[k].name == rows[k].name);
        for (std::size_t item = 0; item < abc.size(); ++item) {
            CAPTURE(rows[k].name, item);
            CHECK(bin_scores[k].of(unit, room, abc[item]) == Approx(rows[k].scores[item]).epsilon(1e-5));
        }
    }
}

TEST_CASE("a dimension without room takes items that need nothing of it") {
    const std::vector<float> full{0.5F, 0};
    const std::vector<float> item{0.25F, 0};
    CHECK(bin_scores[3].of(unit, full, item) == 0.5F);
    CHECK(bin_scores[4].of(unit, full, item) == 0);
    CHECK(bin_scores[1].of(unit, std::vector<float>{0, 0}, std::vector<float>{0, 0}) == 0);
}

TEST_CASE("the open bin takes the item of best score until none fits") {
    // A large item leaves (0.50, 0.20) in the first bin; then the three above, in units of different capacities.
    const Items items{"", {100, 1000}, {50, 800, 40, 100, 20, 200, 45, 50}};
    CHECK(bin_centric(items, bin_scores[0], weightings[0], WeighedOver::all_items) == Bins{{0, 3}, {1, 2}});
    CHECK(bin_centric(items, bin_scores[2], weightings[0], WeighedOver::all_items) == Bins{{0, 1}, {3, 2}});
}

TEST_CASE("weights may follow the items that are left") {
    // The first item leaves (0.4, 0.5). Over all items both dimensions weigh 1, and 0.4 * 0.4 beats 0.5 * 0.3. Over
    // those left they weigh 0.4 and 0.5, and 0.4 * 0.4 * 0.4 loses against 0.5 * 0.5 * 0.3.
    const Items items{"", {10, 10}, {6, 5, 4, 0, 0, 3, 0, 2}};
    CHECK(bin_centric(items, bin_scores[0], weightings[1], WeighedOver::all_items) == Bins{{0, 1, 2, 3}});
    CHECK(bin_centric(items, bin_scores[0], weightings[1], WeighedOver::items_left) == Bins{{0, 2, 1, 3}});
}

TEST_CASE("of equally good items the first is taken") {
    const Items items{"", {10}, {3, 5, 3, 5, 3}};
    CHECK(bin_centric(items, bin_scores[0], weightings[0], WeighedOver::all_items) == Bins{{1, 3}, {0, 2, 4}});
}
