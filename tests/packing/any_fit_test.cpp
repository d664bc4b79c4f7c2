#include <cstdint>
#include <string>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/any_fit.hpp>
#include <fleetsim/packing/harmonic.hpp>

#include "catch.hpp"
#include "offline_items.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;

namespace {

using Sizes = std::vector<std::vector<std::int32_t>>;

/// The definition of First Fit, bin by bin.
Bins first_fit_by_scan(const Items& items) {
    OpenBins open{items};
    for (std::size_t item = 0; item < items.count(); ++item) {
        std::size_t bin = 0;
        while (bin < open.count() && !open.fits(item, bin)) ++bin;
        if (bin == open.count()) {
            open.open_for(item);
        } else {
            open.put(item, bin);
        }
    }
    return std::move(open).bins();
}

}  // namespace

TEST_CASE("each online rule packs the same arrivals in its own way") {
    struct Row {
        std::vector<std::int32_t> arrivals;
        Sizes next, first, best, worst;
    };
    const std::vector<Row> rows{
        {{4, 7, 3, 6, 5, 5},
         {{4}, {7, 3}, {6}, {5, 5}},
         {{4, 3}, {7}, {6}, {5, 5}},
         {{4, 6}, {7, 3}, {5, 5}},
         {{4, 3}, {7}, {6}, {5, 5}}},
        // The last 2 has three bins to choose from: 4, 3 and 5 are left.
        {{6, 7, 5, 2}, {{6}, {7}, {5, 2}}, {{6, 2}, {7}, {5}}, {{6}, {7, 2}, {5}}, {{6}, {7}, {5, 2}}},
        // Equally good bins: the first.
        {{6, 6, 2}, {{6}, {6, 2}}, {{6, 2}, {6}}, {{6, 2}, {6}}, {{6, 2}, {6}}},
        {{10, 10}, {{10}, {10}}, {{10}, {10}}, {{10}, {10}}, {{10}, {10}}},
    };
    for (const Row& row : rows) {
        const Items items = in_one_dimension(10, row.arrivals);
        CAPTURE(row.arrivals);
        CHECK(sizes_in(items, next_fit(items, as_given(items))) == row.next);
        CHECK(sizes_in(items, first_fit(items, as_given(items))) == row.first);
        CHECK(sizes_in(items, best_fit(items, as_given(items))) == row.best);
        CHECK(sizes_in(items, worst_fit(items, as_given(items))) == row.worst);
    }
}

TEST_CASE("in several dimensions the room left is counted in shares of the capacity") {
    // The first bin has 0.9 and 0.1 left, the second 0.1 and 0.5: less in shares, though in units it is more.
    const Items items{"", {10, 1000}, {1, 900, 9, 500, 1, 1}};
    CHECK(best_fit(items, as_given(items)) == Bins{{0}, {1, 2}});
    CHECK(worst_fit(items, as_given(items)) == Bins{{0, 2}, {1}});
}

TEST_CASE("First Fit finds by its tree what it would find bin by bin") {
    des::Sequence chance = des::Stream{1, 0, "any_fit_test", "items"}.sequence();
    for (int instance = 0; instance < 200; ++instance) {
        const auto dimensions = static_cast<std::size_t>(between(chance, 1, 4));
        const auto count = static_cast<std::size_t>(between(chance, 1, 70));
        const Items items = random_items(chance, dimensions, count, 0, between(chance, 100, 1000));
        CHECK(first_fit(items, as_given(items)) == first_fit_by_scan(items));
    }
}

TEST_CASE("Harmonic puts items of a class together and nothing else with them") {
    // Classes: 7 and 6 are above a half, 4 above a third, 3 above a quarter; class 4 holds the rest.
    const Items items = in_one_dimension(10, {7, 3, 4, 1, 3, 6, 4, 2, 3, 2, 4, 3, 5, 5, 2, 0, 4});
    CHECK(sizes_in(items, harmonic(items, 4)) ==
          Sizes{{7}, {3, 3, 3}, {4, 4}, {1, 2, 2, 2, 0}, {6}, {4, 5}, {3}, {5, 4}});
    // With a single class it is Next Fit.
    CHECK(harmonic(items, 1) == next_fit(items, as_given(items)));
}
