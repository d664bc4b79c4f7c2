#include <algorithm>
#include <vector>

#include <fleetsim/packing/dual_feasible_bound.hpp>

#include "catch.hpp"

using namespace fleetsim::packing;

namespace {

/// The most that sizes which fit into a bin together can become, each as often as it fits.
template <class Function>
std::int64_t fullest(std::int64_t capacity, const Function& function) {
    std::vector<std::int64_t> most(static_cast<std::size_t>(capacity) + 1, 0);
    for (std::int64_t room = 0; room <= capacity; ++room) {
        for (std::int64_t size = 1; size <= room; ++size) {
            auto& here = most[static_cast<std::size_t>(room)];
            here = std::max(here, most[static_cast<std::size_t>(room - size)] + function(size));
        }
    }
    return most.back();
}

}  // namespace

TEST_CASE("what fits into a bin fits into it under every dual feasible function") {
    for (std::int64_t capacity = 1; capacity <= 45; ++capacity) {
        for (std::int64_t k = 1; k <= capacity; ++k) {
            CAPTURE(capacity, k);
            const dual_feasible::Rounding rounding{capacity, k};
            CHECK(fullest(capacity, rounding) <= rounding.full());
            const dual_feasible::Steps steps{capacity, k};
            CHECK(fullest(capacity, steps) <= steps.full());
            if (2 * k > capacity) continue;
            const dual_feasible::Counting counting{capacity, k};
            CHECK(fullest(capacity, counting) <= counting.full());
        }
    }
}

TEST_CASE("dual feasible functions have the values of their definitions") {
    // u^(2) of tenths: 1/3 and 2/3 would stay; 4/10 * 3 = 1.2 becomes 1/2; 7/10 * 3 = 2.1 becomes 1; in twentieths.
    const dual_feasible::Rounding rounding{10, 2};
    CHECK(rounding.full() == 20);
    CHECK(rounding(4) == 10);
    CHECK(rounding(7) == 20);
    CHECK(rounding(3) == 0);
    CHECK(rounding(10) == 20);
    // 3 goes three times into 10: of 6 of the size counts 2 small ones; 7 leaves room for one, so it counts the rest.
    const dual_feasible::Counting counting{10, 3};
    CHECK(counting.full() == 6);
    CHECK(counting(2) == 0);
    CHECK(counting(4) == 2);
    CHECK(counting(5) == 3);
    CHECK(counting(7) == 4);
    // 10 = 3 * 3 + 1: whole threes count 2 each, and what is over counts beyond 1.
    const dual_feasible::Steps steps{10, 3};
    CHECK(steps.full() == 6);
    CHECK(steps(1) == 0);
    CHECK(steps(2) == 1);
    CHECK(steps(3) == 2);
    CHECK(steps(5) == 3);
}

TEST_CASE("sums of dimensions prove what no dimension proves alone") {
    // Large in one dimension and small in the other: alone each dimension sees room for two, their sum for one.
    const Items items{"", {10, 10}, {9, 3, 3, 9, 9, 3, 3, 9}};
    CHECK(dual_feasible::bound(line_of(group(items), 0)) == 3);
    CHECK(dual_feasible_bound(items) == 4);
}
