#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/scaling/mixed_instances.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::scaling;

namespace {

constexpr auto prioritized = OnDemandAllocation::prioritized;
constexpr auto cheapest_type = OnDemandAllocation::lowest_price;
constexpr auto lowest_price = SpotAllocation::lowest_price;
constexpr auto capacity = SpotAllocation::capacity_optimized;
constexpr auto capacity_prioritized = SpotAllocation::capacity_optimized_prioritized;
constexpr auto price_capacity = SpotAllocation::price_capacity_optimized;

InstancesDistribution split(std::int32_t base, std::int32_t percentage) {
    return {.on_demand_base_capacity = base, .on_demand_percentage_above_base_capacity = percentage};
}

InstancesDistribution on_demand(OnDemandAllocation strategy) { return {.on_demand_allocation_strategy = strategy}; }

InstancesDistribution spot(SpotAllocation strategy, std::int32_t pools = 2, std::optional<double> max_price = {}) {
    return {
        .spot_allocation_strategy = strategy, .spot_instance_pools = pools, .spot_max_price_usd_per_hour = max_price};
}

/// A price, and instances that could be had.
Pool pool(double price, std::int32_t depth, std::int32_t running = 0) { return {price, 1, depth, running}; }

using Pools = std::vector<Pool>;

// c5.2xlarge, 4xlarge, 12xlarge, 18xlarge and 24xlarge with the guide's Spot prices in us-east-1a, weighted by 4 vCPUs.
const Pools c5{{0.180, 2, 9, 0}, {0.341, 4, 9, 0}, {0.779, 12, 9, 0}, {1.207, 18, 9, 0}, {1.555, 24, 9, 0}};

}  // namespace

TEST_CASE("On-Demand gets its base and its percentage of the rest rounded up") {
    struct Row {
        std::int32_t base;
        std::int32_t percentage;
        std::int32_t capacity;
        PurchaseSplit split;
    };
    for (const Row& row : {
             Row{10, 50, 10, {10, 0}}, Row{10, 50, 20, {15, 5}}, Row{10, 50, 30, {20, 10}}, Row{10, 50, 40, {25, 15}},
             Row{0, 0, 10, {0, 10}},   Row{0, 0, 20, {0, 20}},   Row{0, 0, 30, {0, 30}},    Row{0, 0, 40, {0, 40}},
             Row{0, 60, 10, {6, 4}},   Row{0, 60, 20, {12, 8}},  Row{0, 60, 30, {18, 12}},  Row{0, 60, 40, {24, 16}},
             Row{0, 100, 10, {10, 0}}, Row{0, 100, 40, {40, 0}}, Row{12, 0, 10, {10, 0}},   Row{12, 0, 20, {12, 8}},
             Row{12, 0, 30, {12, 18}}, Row{12, 0, 40, {12, 28}}, Row{2, 25, 7, {4, 3}},     Row{0, 50, 5, {3, 2}},
             Row{0, 1, 3, {1, 2}},     Row{4, 30, 11, {7, 4}},   Row{5, 50, 0, {0, 0}},
         }) {
        CAPTURE(row.base, row.percentage, row.capacity);
        CHECK(purchase_split(split(row.base, row.percentage), row.capacity) == row.split);
    }
    CHECK(purchase_split({}, 8) == PurchaseSplit{8, 0});
}

TEST_CASE("launches and terminations one by one keep the purchase options at their shares") {
    const des::Stream stream{3, 0, "mixed", "shares"};
    for (std::uint64_t k = 0; k < 200; ++k) {
        des::Draws draws = stream.draws(k);
        const auto below = [&](std::uint64_t bound) { return static_cast<std::int32_t>(draws.word() % bound); };
        const InstancesDistribution distribution = split(below(20), below(101));
        const std::int32_t desired = below(60);
        PurchaseSplit have;
        while (have.on_demand + have.spot < desired) {
            ++(spot_is_next(distribution, have.on_demand, have.spot, desired) ? have.spot : have.on_demand);
        }
        CHECK(have == purchase_split(distribution, desired));

        const std::int32_t fewer = below(static_cast<std::uint64_t>(desired) + 1);
        while (have.on_demand + have.spot > fewer) {
            const std::optional<bool> end_spot = purchase_to_end(distribution, have.on_demand, have.spot, fewer);
            REQUIRE(end_spot);
            --(*end_spot ? have.spot : have.on_demand);
        }
        CHECK(have == purchase_split(distribution, fewer));
        CHECK(purchase_to_end(distribution, have.on_demand, have.spot, fewer) == std::nullopt);
    }
}

TEST_CASE("the base and the rest of the On-Demand share are launched before Spot") {
    const InstancesDistribution distribution = split(2, 50);
    CHECK(!spot_is_next(distribution, 0, 0, 6));
    CHECK(!spot_is_next(distribution, 1, 3, 6));
    CHECK(!spot_is_next(distribution, 3, 0, 6));
    CHECK(spot_is_next(distribution, 4, 0, 6));
    // Spot was interrupted and is missing again.
    CHECK(spot_is_next(distribution, 4, 1, 6));
}

TEST_CASE("a scale-in ends the purchase option above its share of the new total") {
    struct Row {
        const char* what;
        PurchaseSplit have;
        std::int32_t new_total;
        std::optional<bool> end_spot;
    };
    // Of 10: 2 and half of 8.
    for (const Row& row : {
             Row{"at 9 the shares are 6 and 3", {6, 4}, 9, true},
             Row{"at 8 they are 5 and 3", {6, 3}, 8, false},
             Row{"On-Demand is further above", {9, 4}, 8, false},
             Row{"Spot is further above", {6, 6}, 8, true},
             Row{"both are above by as much", {6, 4}, 8, true},
             Row{"nothing is above", {5, 3}, 8, std::nullopt},
             Row{"one is above though the total is below", {1, 4}, 8, true},
         }) {
        INFO(row.what);
        CHECK(purchase_to_end(split(2, 50), row.have.on_demand, row.have.spot, row.new_total) == row.end_spot);
    }
}

TEST_CASE("a price counts for a unit of capacity") {
    constexpr std::array per_unit{0.090, 0.08525, 0.779 / 12, 1.207 / 18, 1.555 / 24};
    for (std::size_t i = 0; i < per_unit.size(); ++i)
        CHECK(price_per_unit(c5[i]) == Approx(per_unit[i]).epsilon(1e-12));
    CHECK(choose_on_demand_pool(on_demand(cheapest_type), c5) == 4U);
    CHECK(choose_spot_pool(spot(lowest_price, 1), c5) == 4U);
    CHECK(choose_spot_pool(spot(price_capacity), c5) == 4U);
}

TEST_CASE("On-Demand Instances come from the first or the cheapest type that has any") {
    struct Row {
        const char* what;
        OnDemandAllocation strategy;
        Pools pools;
        std::optional<std::size_t> chosen;
    };
    for (const Row& row : {
             Row{"the first", prioritized, {pool(3, 1), pool(1, 9), pool(2, 9)}, 0},
             Row{"the first has none", prioritized, {pool(3, 0), pool(2, 1), pool(1, 9)}, 1},
             Row{"the cheapest", cheapest_type, {pool(3, 9), pool(1, 1), pool(2, 9)}, 1},
             Row{"the cheapest has none", cheapest_type, {pool(3, 9), pool(1, 0), pool(2, 9)}, 2},
             Row{"the first of the cheapest", cheapest_type, {pool(3, 9), pool(1, 1), pool(1, 9)}, 1},
             Row{"all are empty", prioritized, {pool(1, 0), pool(2, 0)}, std::nullopt},
             Row{"all are empty for any strategy", cheapest_type, {pool(1, 0), pool(2, 0)}, std::nullopt},
             Row{"no types", prioritized, {}, std::nullopt},
         }) {
        INFO(row.what);
        CHECK(choose_on_demand_pool(on_demand(row.strategy), row.pools) == row.chosen);
    }
}

TEST_CASE("Spot Instances come from the pool that the strategy prefers") {
    struct Row {
        const char* what;
        InstancesDistribution distribution;
        Pools pools;
        std::optional<std::size_t> chosen;
    };
    for (const Row& row : {
             Row{"the cheapest of two", spot(lowest_price), {pool(3, 9), pool(1, 1), pool(2, 9)}, 1},
             Row{"the two cheapest share evenly", spot(lowest_price), {pool(3, 9), pool(1, 1, 1), pool(2, 9)}, 2},
             Row{"as many in both: the cheaper", spot(lowest_price), {pool(3, 9), pool(2, 9, 1), pool(1, 1, 1)}, 2},
             Row{"one pool", spot(lowest_price, 1), {pool(3, 9), pool(1, 1, 50), pool(2, 9)}, 1},
             Row{"of two at one price the first is the cheaper",
                 spot(lowest_price, 1),
                 {pool(1, 9, 50), pool(1, 9)},
                 0},
             Row{"an empty pool makes way for the next cheapest",
                 spot(lowest_price),
                 {pool(3, 9), pool(1, 0), pool(2, 9, 1)},
                 0},
             Row{"the deepest", spot(capacity), {pool(1, 8), pool(3, 10), pool(2, 9)}, 1},
             Row{"equally deep: the cheaper", spot(capacity), {pool(2, 8), pool(1, 8)}, 1},
             Row{"the first that is nearly the deepest",
                 spot(capacity_prioritized),
                 {pool(1, 8), pool(3, 9), pool(2, 10)},
                 1},
             Row{"none is nearly", spot(capacity_prioritized), {pool(1, 8), pool(3, 8), pool(2, 10)}, 2},
             Row{"the cheapest of those at least half as deep",
                 spot(price_capacity),
                 {pool(1, 4), pool(3, 10), pool(2, 5)},
                 2},
             Row{"just not half as deep", spot(price_capacity), {pool(1, 5), pool(2, 11)}, 1},
             Row{"above the maximum price", spot(capacity, 2, 2.0), {pool(1, 1), pool(2, 5), pool(2.1, 9)}, 1},
             Row{"what may not be bought is no measure of depth",
                 spot(price_capacity, 2, 2.0),
                 {pool(1, 4), pool(2, 8), pool(3, 100)},
                 0},
             Row{"all above the maximum price", spot(lowest_price, 2, 0.5), {pool(1, 9)}, std::nullopt},
             Row{"all empty", spot(price_capacity), {pool(1, 0), pool(2, 0)}, std::nullopt},
             Row{"no pools", spot(capacity), {}, std::nullopt},
         }) {
        INFO(row.what);
        CHECK(choose_spot_pool(row.distribution, row.pools) == row.chosen);
    }
}

TEST_CASE("the maximum price is for a unit of capacity") {
    CHECK(choose_spot_pool(spot(lowest_price, 1, 0.0648), c5) == 4U);
    CHECK(choose_spot_pool(spot(lowest_price, 1, 0.0647), c5) == std::nullopt);
}

TEST_CASE("the lowest price fills its pools evenly and turns to the next when one is empty") {
    Pools pools{pool(3, 100), pool(1, 4), pool(2, 100)};
    for (int i = 0; i < 12; ++i) {
        Pool& chosen = pools[choose_spot_pool(spot(lowest_price), pools).value()];
        --chosen.depth;
        ++chosen.running;
    }
    // Four each from the two cheapest; then the dearest has some catching up to do.
    CHECK(pools[1].running == 4);
    CHECK(pools[2].running == 4);
    CHECK(pools[0].running == 4);
}

TEST_CASE("the misfit of a pool counts the pools that match better") {
    struct Row {
        const char* what;
        InstancesDistribution distribution;
        bool of_spot;
        Pools pools;
        std::vector<double> misfits;
    };
    for (const Row& row : {
             Row{"lower priority is worse",
                 on_demand(prioritized),
                 false,
                 {pool(1, 1), pool(2, 2), pool(0, 3)},
                 {0, 1, 2}},
             Row{"no scale-in goes by the On-Demand price",
                 on_demand(cheapest_type),
                 false,
                 {pool(1, 1), pool(2, 2), pool(0, 3)},
                 {0, 0, 0}},
             Row{"beyond the cheapest two the dearer is worse; of these two the one with more instances",
                 spot(lowest_price),
                 true,
                 {pool(4, 9), pool(1, 9, 5), pool(3, 9), pool(2, 9, 4)},
                 {3, 1, 2, 0}},
             Row{"less capacity is worse",
                 spot(capacity),
                 true,
                 {pool(1, 5), pool(2, 0), pool(3, 5), pool(4, 7)},
                 {1, 3, 1, 0}},
             Row{"priority counts among the nearly deepest",
                 spot(capacity_prioritized),
                 true,
                 {pool(1, 8), pool(1, 9), pool(1, 10), pool(1, 7)},
                 {2, 0, 1, 3}},
             Row{"the price counts among those half as deep",
                 spot(price_capacity),
                 true,
                 {pool(1, 4), pool(3, 10), pool(2, 5), pool(1, 3)},
                 {2, 1, 0, 3}},
         }) {
        INFO(row.what);
        for (std::size_t i = 0; i < row.pools.size(); ++i) {
            CAPTURE(i);
            CHECK(misfit(row.distribution, i, row.pools, row.of_spot) == row.misfits[i]);
        }
    }
}

TEST_CASE("nothing matches better than the pool of the next launch") {
    const des::Stream stream{5, 0, "pools", "misfit"};
    for (std::uint64_t k = 0; k < 400; ++k) {
        des::Draws draws = stream.draws(k);
        const auto below = [&](std::uint64_t bound) { return static_cast<std::int32_t>(draws.word() % bound); };
        Pools pools(1 + draws.word() % 8);
        for (Pool& each : pools) each = {0.1 * (1 + below(5)), 1 + below(4), 1 + below(20), below(4)};
        const InstancesDistribution distribution{
            .on_demand_allocation_strategy = static_cast<OnDemandAllocation>(below(2)),
            .spot_allocation_strategy = static_cast<SpotAllocation>(below(4)),
            .spot_instance_pools = 1 + below(4)};
        CHECK(misfit(distribution, choose_spot_pool(distribution, pools).value(), pools, true) == 0);
        CHECK(misfit(distribution, choose_on_demand_pool(distribution, pools).value(), pools, false) == 0);
    }
}

TEST_CASE("weighted instances are launched until the desired capacity is reached and may overshoot it") {
    const auto reached = [](std::int32_t current, std::int32_t desired, std::int32_t weight) {
        while (current < desired) current += weight;
        return current;
    };
    // At most 12, at 10, a policy adds 5, and the strategy picks the type of weight 6 among 1, 4 and 6.
    const std::int32_t desired = std::min(10 + 5, 12);
    const Pools weights{{0.10, 1, 9, 0}, {0.38, 4, 9, 0}, {0.54, 6, 9, 0}};
    const std::int32_t weight = weights[choose_spot_pool(spot(lowest_price, 1), weights).value()].weight;
    CHECK(weight == 6);
    CHECK(reached(10, desired, weight) == 16);
    CHECK(reached(0, 5, 12) == 5 + 7);
    CHECK(reached(12, 12, 6) == 12);
    CHECK(reached(13, 12, 6) == 13);
}

TEST_CASE("a policy that takes away less than weights have overshot does nothing") {
    CHECK(!may_scale_in(30, 32, 29));
    CHECK(may_scale_in(30, 32, 28));
    CHECK(may_scale_in(30, 32, 20));
    CHECK(may_scale_in(30, 30, 29));
    CHECK(!may_scale_in(30, 30, 30));
    CHECK(!may_scale_in(30, 30, 31));
    CHECK(may_scale_in(30, 27, 29));
}

TEST_CASE("allocation strategies have the names of the API") {
    CHECK(name(prioritized) == "prioritized");
    CHECK(name(cheapest_type) == "lowest-price");
    CHECK(name(lowest_price) == "lowest-price");
    CHECK(name(capacity) == "capacity-optimized");
    CHECK(name(capacity_prioritized) == "capacity-optimized-prioritized");
    CHECK(name(price_capacity) == "price-capacity-optimized");
}
