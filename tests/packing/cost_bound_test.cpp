#include <vector>

#include <fleetsim/packing/cost_bound.hpp>
#include <fleetsim/packing/fleet_exact.hpp>
#include <fleetsim/packing/fleet_search.hpp>

#include "catch.hpp"
#include "exhaustive.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;

namespace {

constexpr std::int64_t enough_work = 100'000'000;

/// A few kinds of items and types of containers, small enough for the exact plan.
FleetCover tiny_cover(des::Sequence& chance) {
    FleetCover cover;
    cover.zones = between(chance, 1, 3);
    const int dimensions = between(chance, 1, 3);
    const int kinds = between(chance, 1, 4);
    for (int kind = 0; kind < kinds; ++kind) {
        cover.problem.demand.push_back(between(chance, 1, 4));
        cover.spread.push_back(cover.zones > 1 && between(chance, 0, 2) == 0);
        for (int h = 0; h < dimensions; ++h) cover.problem.sizes.push_back(between(chance, 1, 6));
    }
    const int containers = between(chance, 1, 3);
    for (int c = 0; c < containers; ++c) {
        CoverProblem::Container container{between(chance, 5, 30), {}, cover.problem.demand};
        for (int h = 0; h < dimensions; ++h) container.capacity.push_back(between(chance, 6, 20));
        if (between(chance, 0, 2) == 0) container.most[0] = 1;
        cover.problem.containers.push_back(container);
    }
    return cover;
}

}  // namespace

TEST_CASE("the cost bound takes the types by what they are good for") {
    // 30 cpu and 30 memory; type a has 10 and 2 for 5, type b 2 and 10 for 5: 2.5 of each hold it, for 25.
    CoverProblem problem{{1, 1}, {30}, {{5, {10, 2}, {30}}, {5, {2, 10}, {30}}}};
    CHECK(volume_cost_bound(problem) == 25);
    // No instance holds more than two of them, so 15 are needed.
    const CostBound bound = cost_bound(problem, enough_work);
    CHECK(bound.name == "pattern");
    CHECK(bound.price == 75);
    // A third type that has both for 9 a piece of 10: three of them.
    problem.containers.push_back({9, {10, 10}, {30}});
    CHECK(volume_cost_bound(problem) == 25);
    CHECK(cost_bound(problem, enough_work).price == 27);
}

TEST_CASE("a price that no instances add up to is rounded up") {
    // 21 of 10 for 4, or 20 for 6: by volume 6.3, but prices are even.
    const CoverProblem problem{{1}, {21}, {{4, {10}, {21}}, {6, {20}, {21}}}};
    CHECK(payable(7, problem) == 8);
    CHECK(volume_cost_bound(problem) == 8);
    CHECK(volume_cost_bound({}) == 0);
}

TEST_CASE("no bound exceeds the cheapest plan and no search undercuts it") {
    auto chance = des::Stream{41, 0, "cost_bound", "tiny"}.sequence();
    constexpr int covers = 400;
    int bound_met = 0;
    int search_met = 0;
    int in_one_zone = 0;
    for (int i = 0; i < covers; ++i) {
        const FleetCover cover = tiny_cover(chance);
        const auto exact = exact_plan(cover);
        REQUIRE(exact);
        const std::int64_t price = price_of(*exact, cover.problem);
        const CoverBound relaxation = cover_bound(cover.problem, enough_work);
        const std::int64_t bound = cost_bound(cover.problem, enough_work).price;
        REQUIRE(volume_cost_bound(cover.problem) <= price);
        REQUIRE(bound <= price);
        for (const std::int64_t work : {0, 3000, 30'000}) REQUIRE(cover_bound(cover.problem, work).price <= price);
        const std::int64_t found = price_of(search_plan(cover, relaxation, bound, 1, 1'000'000), cover.problem);
        REQUIRE(found >= price);
        search_met += found == price ? 1 : 0;
        if (cover.zones > 1) continue;
        ++in_one_zone;
        bound_met += bound == price ? 1 : 0;
    }
    // Deterministic counts. The search may miss an optimum; on so few items it hardly ever does.
    CHECK(search_met >= covers * 98 / 100);
    // Prices of one plan are often a little above the relaxation; a bound that is idle would never meet them.
    CHECK(bound_met >= in_one_zone / 3);
}

TEST_CASE("a plan of many items comes close to its bound") {
    // Three kinds that combine well, two thousand items: rounding fractions of patterns costs a few containers of 500.
    FleetCover cover;
    cover.problem = {{7, 3, 4, 4, 3, 7}, {700, 600, 700}, {{10, {20, 20}, {700, 600, 700}}, {6, {11, 11}, {9, 9, 9}}}};
    cover.spread = {false, true, false};
    cover.zones = 3;
    const CoverBound relaxation = cover_bound(cover.problem, enough_work);
    const std::int64_t price = price_of(search_plan(cover, relaxation, 0, 1, 20'000'000), cover.problem);
    CHECK(static_cast<double>(price) <= 1.01 * static_cast<double>(relaxation.price));
    CHECK(price >= relaxation.price);
}
