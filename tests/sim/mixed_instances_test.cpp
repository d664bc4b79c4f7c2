#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/replay.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

scaling::InstancesDistribution& distribution_of(sim::Scenario& scenario) {
    return group_of(scenario).mixed_instances_policy->distribution;
}

/// An instance type a group may launch, and its Spot market in every zone.
struct Offer {
    std::string type;
    std::int32_t weight = 1;
    double on_demand_usd = 0.10;
    double spot_usd = 0.03;
    std::int32_t depth = 100;
};

/// One zone unless told otherwise.
sim::Scenario mixed_world(std::int32_t desired, std::int32_t max, const std::vector<Offer>& offers,
                          std::size_t zones = 1) {
    sim::Scenario scenario = fleet_world(desired, max, zones);
    auto& group = group_of(scenario);
    group.options.clear();
    for (const Offer& offer : offers) {
        sim::InstanceOption option = m5_large();
        option.type.name = offer.type;
        option.price_usd_per_hour = offer.on_demand_usd;
        option.weighted_capacity = offer.weight;
        for (const sim::ZoneId zone : group.zones) {
            sim::SpotPool pool;
            pool.instance_type = offer.type;
            pool.zone = zone;
            pool.price_usd_per_hour = traffic::constant(offer.spot_usd);
            pool.depth = offer.depth;
            option.spot_pools.push_back(scenario.spot_pools.add(pool));
        }
        group.options.push_back(option);
    }
    group.mixed_instances_policy = sim::MixedInstancesPolicy{};
    return scenario;
}

void set_split(sim::Scenario& scenario, std::int32_t base, std::int32_t percentage) {
    distribution_of(scenario).on_demand_base_capacity = base;
    distribution_of(scenario).on_demand_percentage_above_base_capacity = percentage;
}

void add_shortage(sim::Scenario& scenario, const std::string& type, std::chrono::seconds from,
                  std::chrono::seconds until) {
    scenario.faults.push_back({Time{from}, sim::InsufficientCapacity{type, sim::ZoneId::none(), until - from}});
}

/// Instances in capacity by type: `large:3 xlarge:1`.
std::string types_at(const sim::Result& result, Time at) {
    std::map<std::string, int> types;
    const Replay replay = as_of(result, at);
    for (const auto& [name, story] : replay.stories()) {
        if (story.counts) ++types[story.type];
    }
    std::string text;
    for (const auto& [type, number] : types) {
        text += (text.empty() ? "" : " ") + type + ":" + std::to_string(number);
    }
    return text;
}

}  // namespace

// On demand and Spot.

TEST_CASE("purchase options keep their shares while a group grows from 10 to 40 and shrinks again") {
    struct Row {
        std::int32_t base;
        std::int32_t percentage;
        std::vector<std::string> shares;
    };
    for (const Row& row :
         {Row{10, 50, {"10+0", "15+5", "20+10", "25+15"}}, Row{0, 0, {"0+10", "0+20", "0+30", "0+40"}},
          Row{0, 60, {"6+4", "12+8", "18+12", "24+16"}}, Row{12, 0, {"10+0", "12+8", "12+18", "12+28"}}}) {
        CAPTURE(row.base, row.percentage);
        sim::Scenario scenario = mixed_world(10, 40, {{"m5.large"}}, 2);
        set_split(scenario, row.base, row.percentage);
        group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 20),  desired_at(scenario, 900s, 30),
                                                desired_at(scenario, 1200s, 40), desired_at(scenario, 1500s, 30),
                                                desired_at(scenario, 1800s, 20), desired_at(scenario, 2100s, 10)};
        const sim::Result result = sim::run(scenario);
        CHECK(purchases_at(result, Time{}) == row.shares[0]);
        CHECK(purchases_at(result, Time{600s}) == row.shares[1]);
        CHECK(purchases_at(result, Time{900s}) == row.shares[2]);
        CHECK(purchases_at(result, Time{1200s}) == row.shares[3]);
        CHECK(purchases_at(result, Time{1500s}) == row.shares[2]);
        CHECK(purchases_at(result, Time{1800s}) == row.shares[1]);
        CHECK(purchases_at(result, Time{2100s}) == row.shares[0]);
        CHECK(zones_at(result, Time{1h}) == "a5 b5");
    }
}

TEST_CASE("the bill tells types and purchase options apart") {
    sim::Scenario scenario = mixed_world(4, 4, {{"m5.large", 1, 0.10, 0.03}, {"m5.xlarge", 1, 0.20, 0.06}});
    set_split(scenario, 0, 50);
    distribution_of(scenario).spot_allocation_strategy = scaling::SpotAllocation::lowest_price;
    distribution_of(scenario).spot_instance_pools = 2;
    const sim::Result result = sim::run(scenario);
    REQUIRE(result.cost_items.size() == 2);
    CHECK(result.cost_items[0].kind == "ec2_on_demand");
    CHECK(result.cost_items[0].instance_type == "m5.large");
    CHECK(result.cost_items[0].quantity == 2);
    CHECK(result.cost_items[0].usd == Approx(0.20));
    CHECK(result.cost_items[1].kind == "ec2_spot");
    CHECK(result.cost_items[1].quantity == 2);
    CHECK(result.cost_items[1].usd == Approx(0.09));
}

TEST_CASE("on demand does not stand in for Spot that cannot be had") {
    sim::Scenario scenario = mixed_world(4, 20, {{"m5.large", 1, 0.10, 0.03, 4}});
    set_split(scenario, 0, 50);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 12)};
    const sim::Result result = sim::run(scenario);
    CHECK(purchases_at(result, Time{600s}) == "6+4");
    CHECK(purchases_at(result, Time{1h}) == "6+4");
    CHECK(lines_of(result, "launch_failed") == Lines{"600 "});
    CHECK(the_row(result, "launch_failed").reason == "no Spot capacity at the price in every zone");
}

TEST_CASE("a type that is short on demand is passed over, and Spot keeps to its own share") {
    sim::Scenario scenario = mixed_world(4, 20, {{"m5.large", 1, 0.10, 0.03}, {"c5.large", 1, 0.10, 0.02}});
    set_split(scenario, 0, 50);
    distribution_of(scenario).spot_instance_pools = 1;
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 12)};
    add_shortage(scenario, "m5.large", 500s, 1500s);
    const sim::Result result = sim::run(scenario);
    CHECK(purchases_at(result, Time{600s}) == "6+6");
    CHECK(types_at(result, Time{600s}) == "c5.large:10 m5.large:2");
}

TEST_CASE("zones are made even with the purchase option that moves") {
    sim::Scenario scenario = mixed_world(8, 20, {{"m5.large"}}, 2);
    set_split(scenario, 0, 50);
    scenario.faults = {{Time{300s}, sim::InsufficientCapacity{"m5.large", sim::ZoneId{0}, 1200s}}};
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 16)};
    const sim::Result result = sim::run(scenario);
    CHECK(zones_at(result, Time{1499s}) == "a4 b12");
    CHECK(zones_at(result, Time{1h}) == "a8 b8");
    CHECK(purchases_at(result, Time{1499s}) == "8+8");
    CHECK(purchases_at(result, Time{1522s}) == "8+8");
    CHECK(purchases_at(result, Time{1h}) == "8+8");
}

TEST_CASE("what cannot move for want of Spot capacity stays and the rest makes the zones even") {
    sim::Scenario scenario = mixed_world(8, 20, {{"m5.large"}}, 2);
    set_split(scenario, 0, 50);
    scenario.spot_pools[sim::SpotPoolId{0}].depth = 2;  // Two of the first eight are there.
    scenario.faults = {{Time{300s}, sim::InsufficientCapacity{"m5.large", sim::ZoneId{0}, 1200s}}};
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 16)};
    const sim::Result result = sim::run(scenario);
    CHECK(zones_at(result, Time{1499s}) == "a4 b12");
    CHECK(zones_at(result, Time{1h}) == "a8 b8");
    CHECK(purchases_at(result, Time{1h}) == "8+8");
    CHECK(count_rows(result, "launch_failed") == 0);
}

TEST_CASE("protected instances are not ended for their purchase option either") {
    sim::Scenario scenario = mixed_world(10, 20, {{"m5.large"}});
    set_split(scenario, 0, 50);
    group_of(scenario).protect_from_scale_in = true;
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 4)};
    CHECK(purchases_at(sim::run(scenario), Time{1h}) == "5+5");
}

// Weights.

TEST_CASE("capacity counts in units of weight and may exceed the desired capacity") {
    // Weights 1, 4 and 6: ten units run, and at 600 s only the heaviest can be had.
    sim::Scenario scenario = mixed_world(10, 12, {{"w1", 1}, {"w4", 4}, {"w6", 6}});
    add_shortage(scenario, "w1", 500s, 3600s);
    add_shortage(scenario, "w4", 500s, 3600s);
    const auto alarm = add_alarm(scenario, "high", custom_metric(scenario, traffic::steps({{0s, 10}, {600s, 90}})),
                                 scaling::Comparison::greater, 50);
    group_of(scenario).step_scaling = {
        {"out", alarm, {.steps = {{.lower_bound = 0, .upper_bound = {}, .adjustment = 5}}}}};
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result) == Lines{"720 10>12"});
    CHECK(the_row(result, "scaling").scaling->wanted == "15");
    CHECK(the_row(result, "scaling").scaling->clamped_by == "max_size 12");
    CHECK(types_at(result, Time{720s}) == "w1:10 w6:1");
    // Sixteen units, and nothing is done about that.
    CHECK(types_at(result, Time{1h}) == "w1:10 w6:1");
    CHECK(count_rows(result, "instance_shutting_down") == 0);
}

TEST_CASE("five units missing and a weight of twelve are seven too many") {
    sim::Scenario scenario = mixed_world(12, 40, {{"w12", 12}});
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 17)};
    const sim::Result result = sim::run(scenario);
    CHECK(types_at(result, Time{1h}) == "w12:2");
}

TEST_CASE("policies take nothing away as long as they take less than the overshoot") {
    // Four of eight units are 32 where 30 are desired.
    for (const auto& [adjustment, desired, instances] :
         {std::tuple{-1, 30, 4}, std::tuple{-2, 28, 4}, std::tuple{-8, 22, 3}}) {
        sim::Scenario scenario = mixed_world(30, 40, {{"w8", 8}});
        const auto alarm =
            add_alarm(scenario, "low", custom_metric(scenario, traffic::steps({{0s, 60}, {600s, 10}, {660s, 60}})),
                      scaling::Comparison::less, 50);
        group_of(scenario).step_scaling = {
            {"in", alarm, {.steps = {{.lower_bound = {}, .upper_bound = 0, .adjustment = adjustment}}}}};
        const sim::Result result = sim::run(scenario);
        CAPTURE(adjustment);
        // The base of the adjustment is what runs, 32.
        CHECK(types_at(result, Time{}) == "w8:4");
        CHECK(types_at(result, Time{1h}) == "w8:" + std::to_string(instances));
        const Lines told = changes(result);
        CHECK((told.empty() ? 30 : std::stoi(told[0].substr(told[0].find('>') + 1))) >= desired);
    }
}

TEST_CASE("a scale-in ends what fits into the surplus and never goes below the desired capacity") {
    sim::Scenario scenario = mixed_world(16, 40, {{"w1", 1}, {"w6", 6}});
    add_shortage(scenario, "w1", 500s, 700s);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 20), desired_at(scenario, 1200s, 17)};
    const sim::Result result = sim::run(scenario);
    CHECK(types_at(result, Time{600s}) == "w1:16 w6:1");  // 22 units.
    // Five too many: the heavy one does not fit.
    CHECK(types_at(result, Time{1h}) == "w1:11 w6:1");
}

TEST_CASE("a lost weighted instance is replaced as far as the desired capacity needs") {
    sim::Scenario scenario = mixed_world(12, 20, {{"w6", 6}, {"w4", 4}});
    add_shortage(scenario, "w6", 500s, 3600s);
    scenario.faults.push_back({Time{630s}, sim::TerminateInstance{}});
    const sim::Result result = sim::run(scenario);
    CHECK(types_at(result, Time{600s}) == "w6:2");
    CHECK(types_at(result, Time{1h}) == "w4:2 w6:1");
}

TEST_CASE("a replacement that is heavier than what it replaces ends nothing else") {
    sim::Scenario scenario = mixed_world(4, 20, {{"w1", 1}, {"w4", 4}});
    set_split(scenario, 0, 0);
    group_of(scenario).mixed_instances_policy->capacity_rebalance = true;
    distribution_of(scenario).spot_allocation_strategy = scaling::SpotAllocation::price_capacity_optimized;
    // The heavy type is too dear at the start, and the light one cannot be had when EC2 wants some back.
    scenario.spot_pools[sim::SpotPoolId{1}].price_usd_per_hour = traffic::steps({{0s, 0.2}, {500s, 0.03}});
    add_shortage(scenario, "w1", 590s, 700s);
    scenario.faults.push_back({Time{600s}, sim::ReclaimSpot{"w1", sim::ZoneId::none(), 0.3}});
    scenario.duration = 20min;
    std::size_t replaced = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        scenario.seed = seed;
        const sim::Result result = sim::run(scenario);
        REQUIRE(types_at(result, Time{}) == "w1:4");
        CHECK(in_service(result, Time{621s}) == 4);
        if (count_rows(result, "rebalance_recommendation") != 1) continue;
        ++replaced;
        // Seven units where four are desired.
        CHECK(types_at(result, Time{20min}) == "w1:3 w4:1");
    }
    CHECK(replaced > 0);
}

TEST_CASE("a refresh renews all weighted instances, overshoot and all") {
    sim::Scenario scenario = mixed_world(12, 20, {{"w8", 8}});
    group_of(scenario).instance_refreshes = {{Time{600s}, {.min_healthy_percentage = 90}}};
    const sim::Result result = sim::run(scenario);
    CHECK(lines_of(result, "instance_shutting_down").size() == 2);
    CHECK(types_at(result, Time{1h}) == "w8:2");
    CHECK(in_service(result, Time{610s}) == 1);
    CHECK(in_service(result, Time{661s}) == 1);
    CHECK(the_row(result, "instance_refresh", Time{601s}).reason == "done: 16 of 16 replaced");
}

// Allocation strategies.

TEST_CASE("on demand the first type with capacity is launched, or the cheapest for a unit") {
    const std::vector<Offer> offers{{"dear", 1, 0.20}, {"cheap", 1, 0.10}, {"heavy", 4, 0.36}};
    SECTION("prioritized") {
        sim::Scenario scenario = mixed_world(2, 20, offers);
        add_shortage(scenario, "dear", 500s, 900s);
        group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 4), desired_at(scenario, 1200s, 5)};
        const sim::Result result = sim::run(scenario);
        CHECK(types_at(result, Time{}) == "dear:2");
        CHECK(types_at(result, Time{600s}) == "cheap:2 dear:2");
        CHECK(types_at(result, Time{1200s}) == "cheap:2 dear:3");
    }
    SECTION("lowest-price") {
        sim::Scenario scenario = mixed_world(4, 20, offers);
        distribution_of(scenario).on_demand_allocation_strategy = scaling::OnDemandAllocation::lowest_price;
        CHECK(types_at(sim::run(scenario), Time{}) == "heavy:1");
    }
}

TEST_CASE("Spot allocation strategies choose by price and by depth") {
    using scaling::SpotAllocation;
    struct Row {
        SpotAllocation strategy;
        std::int32_t pools;
        std::string types;
    };
    const std::vector<Offer> offers{
        {"a", 1, 0.10, 0.030, 40}, {"b", 1, 0.10, 0.020, 15}, {"c", 1, 0.10, 0.040, 44}, {"d", 1, 0.10, 0.025, 30}};
    for (const Row& row :
         {// The two cheapest, evenly; the cheapest alone until it is empty.
          Row{SpotAllocation::lowest_price, 2, "b:4 d:4"}, Row{SpotAllocation::lowest_price, 1, "b:8"},
          Row{SpotAllocation::lowest_price, 3, "a:2 b:3 d:3"},
          // The deepest each time: c is deepest until it has as little left as a.
          Row{SpotAllocation::capacity_optimized, 2, "a:2 c:6"},
          // The first within a tenth of the deepest: a with 40 of 44; it falls behind at 39 of 44 and so on.
          Row{SpotAllocation::price_capacity_optimized, 2, "d:8"}}) {
        sim::Scenario scenario = mixed_world(8, 20, offers);
        set_split(scenario, 0, 0);
        distribution_of(scenario).spot_allocation_strategy = row.strategy;
        distribution_of(scenario).spot_instance_pools = row.pools;
        CAPTURE(scaling::name(row.strategy), row.pools);
        CHECK(types_at(sim::run(scenario), Time{}) == row.types);
    }
}

TEST_CASE("with capacity-optimized-prioritized priority decides among pools of nearly the same depth") {
    sim::Scenario scenario =
        mixed_world(1, 20, {{"a", 1, 0.10, 0.03, 39}, {"b", 1, 0.10, 0.02, 40}, {"c", 1, 0.10, 0.01, 44}});
    set_split(scenario, 0, 0);
    distribution_of(scenario).spot_allocation_strategy = scaling::SpotAllocation::capacity_optimized_prioritized;
    CHECK(types_at(sim::run(scenario), Time{}) == "b:1");
}

TEST_CASE("a pool that is empty is passed over") {
    sim::Scenario scenario = mixed_world(2, 20, {{"a", 1, 0.10, 0.02, 3}, {"b", 1, 0.10, 0.03, 100}});
    set_split(scenario, 0, 0);
    distribution_of(scenario).spot_instance_pools = 1;
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 6)};
    CHECK(types_at(sim::run(scenario), Time{600s}) == "a:3 b:3");
}

TEST_CASE("a scale-in ends first what matches the allocation strategy worst") {
    SECTION("on demand the type of the lowest priority") {
        sim::Scenario scenario = mixed_world(2, 20, {{"first"}, {"second"}});
        add_shortage(scenario, "first", 500s, 700s);
        group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 4), desired_at(scenario, 1200s, 3),
                                                desired_at(scenario, 1500s, 2), desired_at(scenario, 1800s, 1)};
        const sim::Result result = sim::run(scenario);
        CHECK(types_at(result, Time{1200s}) == "first:2 second:1");
        CHECK(types_at(result, Time{1500s}) == "first:2");
        CHECK(types_at(result, Time{1800s}) == "first:1");
    }
    SECTION("of Spot the pool with the least capacity") {
        sim::Scenario scenario = mixed_world(6, 20, {{"deep", 1, 0.10, 0.03, 50}, {"shallow", 1, 0.10, 0.03, 49}});
        set_split(scenario, 0, 0);
        distribution_of(scenario).spot_allocation_strategy = scaling::SpotAllocation::capacity_optimized;
        group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 5)};
        const sim::Result result = sim::run(scenario);
        // 50 and 49: deep, then whichever is deeper; three or four and two or three are left with 46 or 47 each.
        CHECK(types_at(result, Time{}) == "deep:4 shallow:2");
        CHECK(in_capacity(result, Time{600s}) == 5);
    }
}

TEST_CASE("a refresh of weighted instances comes to its end though they overshoot") {
    sim::Scenario scenario = mixed_world(4, 10, {{"small", 1}, {"large", 8, 0.8, 0.2}});
    set_split(scenario, 3, 0);
    scenario.duration = 3h;
    group_of(scenario).instance_refreshes = {{Time{600s}, {.min_healthy_percentage = 50, .instance_warmup = 0s}}};
    const sim::Result result = sim::run(scenario);
    std::string last;
    for (const auto& row : result.events) {
        if (row.event == "instance_refresh") last = row.reason;
    }
    CHECK(last.substr(0, 5) == "done:");
}

TEST_CASE("what heavy instances bring too much does not keep them from being replaced") {
    sim::Scenario scenario = mixed_world(20, 20, {{"large", 8, 0.8, 0.2}}, 2);
    set_split(scenario, 0, 0);
    group_of(scenario).mixed_instances_policy->capacity_rebalance = true;
    // Three of weight eight; the margin is two units.
    scenario.faults = {{Time{610s}, sim::ReclaimSpot{"large", {}, 1}}};
    const sim::Result result = sim::run(scenario);
    CHECK(count_rows(result, "instance_launch") > 3);
    CHECK(the_row(result, "instance_launch", Time{1s}).at == Time{610s});
}
