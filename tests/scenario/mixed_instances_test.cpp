#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/cloud/spot.hpp>
#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_fleet.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view distribution = "instances_distribution: {on_demand_percentage_above_base_capacity: 0}";
constexpr std::string_view overrides = "overrides: [{instance_type: c5.large}, {instance_type: m5.large}]";
constexpr std::string_view end_of_spot = "max_size: 10\n    workload: {vcpus: 4}\n  tasks:";

std::string of_spot(std::string_view more) {
    return "max_size: 10\n    " + std::string(more) + "\n    workload: {vcpus: 4}\n  tasks:";
}

sim::Scenario with_distribution(std::string_view keys) {
    return good(with(small_fleet, distribution, "instances_distribution: {" + std::string(keys) + "}"));
}

std::string with_pools(std::string_view pools) {
    return std::string(small_fleet) + "spot_pools:\n" + std::string(pools);
}

const sim::SpotPool& pool(const sim::Scenario& scenario, std::string_view type) {
    const auto found = std::find_if(scenario.spot_pools.begin(), scenario.spot_pools.end(),
                                    [&](const sim::SpotPool& one) { return one.instance_type == type; });
    REQUIRE(found != scenario.spot_pools.end());
    return *found;
}

bool assumed(const sim::Scenario& scenario, std::string_view text) {
    return std::any_of(scenario.assumptions.begin(), scenario.assumptions.end(),
                       [&](const std::string& one) { return one.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("a plain instance type is a group's only option") {
    const sim::AutoScalingGroup web = good(small_fleet).groups[sim::GroupId{0}];
    REQUIRE(web.options.size() == 1);
    CHECK(web.options[0].type.name == "m5.large");
    CHECK(web.options[0].price_usd_per_hour == 0.096);
    CHECK(web.options[0].weighted_capacity == 1);
    CHECK(web.options[0].spot_pools.empty());
    CHECK_FALSE(web.mixed_instances_policy.has_value());
}

TEST_CASE("a mixed group has its types in their order and a pool of each in each zone") {
    const sim::Scenario scenario =
        good(with(small_fleet, end_of_spot, of_spot("availability_zones: [us-east-1b, us-east-1c]")));
    const sim::AutoScalingGroup& spot = scenario.groups[sim::GroupId{1}];
    REQUIRE(spot.options.size() == 2);
    CHECK(spot.options[0].type.name == "c5.large");
    CHECK(spot.options[0].price_usd_per_hour == 0.085);
    CHECK((spot.options[0].registered == placement::resources({2048, 4014, 0, 2})).all());
    CHECK(spot.options[1].type.name == "m5.large");
    REQUIRE(scenario.spot_pools.size() == 4);
    REQUIRE(spot.options[1].spot_pools.size() == 2);
    for (std::size_t i = 0; i < spot.zones.size(); ++i) {
        const sim::SpotPool& one = scenario.spot_pools[spot.options[1].spot_pools[i]];
        CHECK(one.instance_type == "m5.large");
        CHECK(one.zone == spot.zones[i]);
    }
}

TEST_CASE("groups share the pool of a type in a zone") {
    const sim::Scenario scenario = good(with(
        small_fleet, "  tasks:\n    instance_type: m5.large\n",
        "  twin: {mixed_instances_policy: {instances_distribution: {on_demand_percentage_above_base_capacity: 50}, "
        "overrides: [{instance_type: m5.large}]}, max_size: 2, workload: {vcpus: 1}}\n  tasks:\n    instance_type: "
        "m5.large\n"));
    CHECK(scenario.spot_pools.size() == 2);
    CHECK(scenario.groups[sim::GroupId{1}].options[1].spot_pools ==
          scenario.groups[sim::GroupId{2}].options[0].spot_pools);
}

TEST_CASE("the distribution of a mixed group has AWS's defaults") {
    const auto policy = *with_distribution("").groups[sim::GroupId{1}].mixed_instances_policy;
    CHECK(policy.distribution.on_demand_base_capacity == 0);
    CHECK(policy.distribution.on_demand_percentage_above_base_capacity == 100);
    CHECK(policy.distribution.on_demand_allocation_strategy == scaling::OnDemandAllocation::prioritized);
    CHECK(policy.distribution.spot_allocation_strategy == scaling::SpotAllocation::lowest_price);
    CHECK(policy.distribution.spot_instance_pools == 2);
    CHECK_FALSE(policy.distribution.spot_max_price_usd_per_hour.has_value());
    CHECK_FALSE(policy.capacity_rebalance);
    CHECK_FALSE(policy.spot_instance_draining);
    // All on demand: there are no pools.
    CHECK(with_distribution("").spot_pools.empty());
}

TEST_CASE("the distribution of a mixed group takes every key") {
    const auto given =
        with_distribution(
            "on_demand_base_capacity: 3, on_demand_percentage_above_base_capacity: 25, on_demand_allocation_strategy: "
            "lowest-price, spot_allocation_strategy: lowest-price, spot_instance_pools: 4, spot_max_price: 0.05")
            .groups[sim::GroupId{1}]
            .mixed_instances_policy->distribution;
    CHECK(given.on_demand_base_capacity == 3);
    CHECK(given.on_demand_percentage_above_base_capacity == 25);
    CHECK(given.on_demand_allocation_strategy == scaling::OnDemandAllocation::lowest_price);
    CHECK(given.spot_instance_pools == 4);
    CHECK(given.spot_max_price_usd_per_hour == 0.05);
    for (std::size_t i = 0; i < scaling::spot_allocation_names.size(); ++i) {
        const auto strategy = static_cast<scaling::SpotAllocation>(i);
        const std::string key = "spot_allocation_strategy: " + std::string(scaling::spot_allocation_names[i]);
        CHECK(with_distribution(key)
                  .groups[sim::GroupId{1}]
                  .mixed_instances_policy->distribution.spot_allocation_strategy == strategy);
    }
}

TEST_CASE("a mixed group takes weights and rebalancing and draining") {
    const auto group =
        good(with(with(small_fleet, overrides,
                       "spot_instance_draining: true\n      overrides: [{instance_type: c5.large, weighted_capacity: "
                       "1}, {instance_type: c5.24xlarge, weighted_capacity: 999}]"),
                  end_of_spot, of_spot("capacity_rebalance: true")))
            .groups[sim::GroupId{1}];
    CHECK(group.options[0].weighted_capacity == 1);
    CHECK(group.options[1].weighted_capacity == 999);
    CHECK(group.mixed_instances_policy->capacity_rebalance);
    CHECK(group.mixed_instances_policy->spot_instance_draining);
}

TEST_CASE("faults of mixed instances") {
    const auto list = [](std::string_view items, std::string_view message, std::string_view hint = "") {
        const std::string becomes = "overrides: [" + std::string(items) + "]";
        check({{overrides, becomes, message, hint}}, small_fleet);
    };
    list("{instance_type: §c5.lagre}", "unknown instance type \"c5.lagre\"", "did you mean c5.large?");
    list("{instance_type: c5.large}, {instance_type: §c5.large}", "c5.large is listed twice");
    list("{instance_type: c5.large, weighted_capacity: §0}",
         "weighted_capacity: expected a whole number from 1 to 999");
    list("{instance_type: c5.large, weighted_capacity: §1000}", "weighted_capacity: expected a whole number from 1");
    list("{instance_type: c5.large, weighted_capacity: 1}, {instance_type: §m5.large}",
         "m5.large has no weighted_capacity, and others have one", "give all of them one, or none");
    list("§{weighted_capacity: 1}", "overrides item needs the key instance_type");
    list("{instance_type: c5.large, §weight: 1}", "unknown key \"weight\" in overrides item", "weighted_capacity");
    list("§c5.large", "overrides item: expected a mapping, found text");
    check(
        {
            {overrides, "overrides: §[]", "overrides needs at least one entry"},
            {"mixed_instances_policy:\n      instances_distribution: {on_demand_percentage_above_base_capacity: 0}\n   "
             " "
             "  overrides: [{instance_type: c5.large}, {instance_type: m5.large}]",
             "§mixed_instances_policy: {}", "mixed_instances_policy needs the key overrides"},
            {"    instance_type: m5.large\n    max_size: 4",
             "    instance_type: m5.large\n    "
             "§mixed_instances_policy: {overrides: [{instance_type: m5.large}]}\n    max_size: 4",
             "mixed_instances_policy: the group has an instance_type", "write it as one of the overrides"},
            {end_of_spot, of_spot("registered_memory: §3GiB"),
             "registered_memory: with a mixed_instances_policy each type registers its own"},
            {end_of_spot, of_spot("capacity_rebalance: §yes"), "capacity_rebalance: expected true or false"},
        },
        small_fleet);
    const auto keys = [](std::string_view list_of_keys, std::string_view message, std::string_view hint = "") {
        const std::string becomes = "instances_distribution: {" + std::string(list_of_keys) + "}";
        check({{distribution, becomes, message, hint}}, small_fleet);
    };
    keys("on_demand_percentage_above_base_capacity: §101", "expected a whole number from 0 to 100");
    keys("on_demand_base_capacity: §-1", "on_demand_base_capacity: expected a whole number from 0");
    keys("on_demand_allocation_strategy: §prioritised",
         "on_demand_allocation_strategy: expected prioritized or lowest-price", "did you mean prioritized?");
    const auto spot_keys = [&](std::string_view list_of_keys, std::string_view message, std::string_view hint = "") {
        keys("on_demand_percentage_above_base_capacity: 0, " + std::string(list_of_keys), message, hint);
    };
    spot_keys("spot_allocation_strategy: §capacity_optimized", "spot_allocation_strategy: expected lowest-price",
              "did you mean capacity-optimized?");
    spot_keys("spot_instance_pools: §21", "spot_instance_pools: expected a whole number from 1 to 20");
    spot_keys("spot_allocation_strategy: capacity-optimized, spot_instance_pools: §3",
              "spot_instance_pools: only the spot_allocation_strategy lowest-price counts pools");
    spot_keys("spot_max_price: §0", "spot_max_price: expected a number above 0");
    keys("§spot_price: 1", "unknown key \"spot_price\" in instances_distribution", "did you mean");
}

TEST_CASE("a fault of mixed instances hides no other") {
    const auto messages = [](std::string_view was, std::string_view becomes) {
        std::vector<std::string> found;
        for (const auto& one : load(with(small_fleet, was, becomes)).diagnostics.sorted()) found.push_back(one.message);
        return found;
    };
    CHECK(messages(overrides,
                   "overrides: [{instance_type: c5.lagre, weighted_capacity: 2}, {instance_type: m5.large}]") ==
          std::vector<std::string>{"unknown instance type \"c5.lagre\"",
                                   "m5.large has no weighted_capacity, and others have one"});
    CHECK(
        messages("    instance_type: m5.large\n    max_size: 4",
                 "    instance_type: m5.lagre\n    mixed_instances_policy: {overrides: [{instance_type: c5.lagre}]}\n  "
                 "  warm_pool: {}\n    max_size: 4") ==
        std::vector<std::string>{"unknown instance type \"m5.lagre\"",
                                 "mixed_instances_policy: the group has an instance_type",
                                 "unknown instance type \"c5.lagre\""});
}

TEST_CASE("Spot settings that are for nothing or that EC2 makes little of are told") {
    const auto told = [](std::string_view keys, std::string_view message, std::string_view hint) {
        const std::string becomes = "instances_distribution: {" + std::string(keys) + "}";
        check({{distribution, becomes, message, hint, Severity::warning}}, small_fleet);
    };
    const auto silent = [](std::string_view keys) {
        return load(with(small_fleet, distribution, "instances_distribution: {" + std::string(keys) + "}"))
            .diagnostics.render()
            .empty();
    };
    constexpr std::string_view buys = "on_demand_percentage_above_base_capacity below 100 buys Spot Instances";
    told("§spot_allocation_strategy: lowest-price, spot_instance_pools: 1",
         "spot_allocation_strategy has no effect: all of the group's capacity is on demand", buys);
    told("on_demand_percentage_above_base_capacity: 100, §spot_max_price: 0.05", "spot_max_price has no effect", buys);
    CHECK(silent("on_demand_allocation_strategy: lowest-price"));
    told("on_demand_percentage_above_base_capacity: 99, spot_instance_pools: §1", "lowest-price with one pool",
         "price-capacity-optimized looks for pools that last");
    CHECK(silent("on_demand_percentage_above_base_capacity: 99, spot_instance_pools: 2"));
}

TEST_CASE("a maximum price below that of every pool at the start is told") {
    const auto priced = [](std::string_view c5, std::string_view of_c5) {
        return with(with_pools("  c5.large/us-east-1a: {price: " + std::string(c5) +
                               "}\n  m5.large/us-east-1a: {price: 0.04}\n"),
                    "{instance_type: c5.large}", of_c5);
    };
    const auto limited = [](std::string_view price) {
        return "instances_distribution: {on_demand_percentage_above_base_capacity: 0, spot_max_price: " +
               std::string(price) + "}";
    };
    constexpr std::string_view plain = "{instance_type: c5.large}";
    const std::string below = limited("§0.0299");
    check({{distribution, below,
            "spot_max_price is below the price of every pool of Auto Scaling group \"spot\": it gets no Spot Instance",
            "from 0.0300 on; without it the limit is the on-demand price", Severity::warning}},
          priced("0.03", plain));
    const auto silent = [&](const std::string& text, std::string_view price) {
        return load(with(text, distribution, limited(price))).diagnostics.render().empty();
    };
    CHECK(silent(priced("0.03", plain), "0.03"));
    CHECK(silent(priced("{piecewise_linear: [[0s, 0.01], [1h, 0.05]]}", plain), "0.02"));
    CHECK(silent(with(priced("0.03", "{instance_type: c5.large, weighted_capacity: 2}"), "{instance_type: m5.large}",
                      "{instance_type: m5.large, weighted_capacity: 2}"),
                 "0.015"));
}

TEST_CASE("at most forty types may be mixed") {
    std::string items = "{instance_type: m5.large}";
    for (int i = 1; i < 41; ++i) items += i == 40 ? ", §{instance_type: m5.large}" : ", {instance_type: m5.large}";
    const std::string becomes = "overrides: [" + items + "]";
    check({{overrides, becomes, "overrides: at most 40 instance types, found 41"}}, small_fleet);
}

TEST_CASE("rebalancing without Spot Instances is told to have no effect") {
    check({{"    max_size: 4", "    max_size: 4\n    capacity_rebalance: §true",
            "capacity_rebalance has no effect: the group buys no Spot Instances", "", Severity::warning}},
          small_fleet);
    check({{distribution, "instances_distribution: {}", "capacity_rebalance has no effect", "", Severity::warning}},
          with(small_fleet, end_of_spot, of_spot("capacity_rebalance: §true")));
}

TEST_CASE("ECS does not manage groups with weights or with a warm pool that takes instances back") {
    check({{"[{auto_scaling_group: tasks}]",
            "[{auto_scaling_group: tasks}, {auto_scaling_group: spot, "
            "§managed_scaling: {}}]",
            "managed_scaling: capacity providers do not support the weights of Auto Scaling group \"spot\""}},
          with(small_fleet, overrides, "overrides: [{instance_type: c5.large, weighted_capacity: 2}]"));
    check({{"[{auto_scaling_group: tasks}]", "[{auto_scaling_group: tasks, §managed_scaling: {}}]",
            "managed_scaling: Auto Scaling group \"tasks\" returns instances to its warm pool",
            "reuse_on_scale_in: false"}},
          with(small_fleet, "    max_size: 4",
               "    max_size: 4\n    warm_pool: {instance_reuse_policy: "
               "{reuse_on_scale_in: true}}"));
}

TEST_CASE("a Spot pool is what AWS tells of its type unless the scenario says otherwise") {
    const sim::Scenario scenario = good(small_fleet);
    const sim::SpotPool& c5 = pool(scenario, "c5.large");
    // 59 % below 0.085, and below 5 % a month.
    CHECK(c5.price_usd_per_hour.rate(des::Time{1h}) == Approx(0.085 * 0.41));
    CHECK(c5.depth == 1'000);
    CHECK(c5.reclaimed_share == 0.5);
    CHECK(c5.reclaims_per_hour == Approx(cloud::interruptions_per_hour(cloud::InterruptionFrequency::below_5) / 0.5));
    CHECK(assumed(scenario, "c5.large/us-east-1a and m5.large/us-east-1a: no depth: EC2 has 1000 instances to give"));
    CHECK(assumed(scenario, "c5.large/us-east-1a and m5.large/us-east-1a: no price: the mean saving"));
    CHECK(assumed(scenario, "no interruption_frequency: the class"));
}

TEST_CASE("a type that AWS tells nothing of has the usual facts and that is said") {
    const sim::Scenario scenario = good(with(small_fleet, overrides, "overrides: [{instance_type: c8i.large}]"));
    const sim::SpotPool& one = pool(scenario, "c8i.large");
    CHECK(one.price_usd_per_hour.rate(des::Time{}) ==
          Approx(scenario.groups[sim::GroupId{1}].options[0].price_usd_per_hour * 0.35));
    CHECK(one.reclaims_per_hour ==
          Approx(cloud::interruptions_per_hour(cloud::InterruptionFrequency::from_5_to_10) / 0.5));
    CHECK(assumed(scenario, "c8i.large/us-east-1a: no Spot facts: Spot saves 65 %, and EC2 takes back 5-10% of the"));
}

TEST_CASE("a Spot pool takes every key") {
    const sim::Scenario scenario = good(with_pools(
        "  c5.large/us-east-1a: {price: {piecewise_linear: [[0s, 0.03], [1h, 0.05]]}, depth: 50, reclaims_per_day: 6, "
        "reclaimed_share: 100%, recovers_after: 10m}\n  m5.large/us-east-1a: {price: 0.04, interruption_frequency: "
        "\">20%\", "
        "reclaimed_share: 25%}\n"));
    const sim::SpotPool& c5 = pool(scenario, "c5.large");
    CHECK(c5.price_usd_per_hour.rate(des::Time{30min}) == Approx(0.04));
    CHECK(c5.depth == 50);
    CHECK(c5.reclaims_per_hour == 0.25);
    CHECK(c5.reclaimed_share == 1);
    CHECK(c5.recovers_after == 10min);
    const sim::SpotPool& m5 = pool(scenario, "m5.large");
    CHECK(m5.price_usd_per_hour.rate(des::Time{}) == 0.04);
    CHECK(m5.reclaims_per_hour == Approx(cloud::interruptions_per_hour(cloud::InterruptionFrequency::above_20) / 0.25));
    CHECK(assumed(scenario, "m5.large/us-east-1a: no depth"));
    CHECK_FALSE(assumed(scenario, "no price"));
    CHECK_FALSE(assumed(scenario, "no interruption_frequency"));
}

TEST_CASE("faults of Spot pools") {
    const auto row = [](std::string_view becomes, std::string_view message, std::string_view hint = "") {
        const std::string line = "  " + std::string(becomes) + "\n";
        check({{"  HERE\n", line, message, hint}}, with_pools("  HERE\n"));
    };
    row("§c5.large/us-east-1b: {}", "no Auto Scaling group buys Spot Instances of the pool \"c5.large/us-east-1b\"",
        "did you mean c5.large/us-east-1a?");
    row("§t3.nano: {}", "no Auto Scaling group buys Spot Instances of the pool \"t3.nano\"",
        "a pool is an instance type and a zone");
    row("c5.large/us-east-1a: §0.03", "Spot pool \"c5.large/us-east-1a\": expected a mapping, found text");
    row("c5.large/us-east-1a: {price: §cheap}", "price: expected a number from 0");
    row("c5.large/us-east-1a: {depth: §-1}", "depth: expected a whole number from 0");
    row("c5.large/us-east-1a: {reclaims_per_day: §-1}", "reclaims_per_day: expected a number from 0");
    row("c5.large/us-east-1a: {reclaimed_share: §0%}", "reclaimed_share: expected a share above 0%");
    row("c5.large/us-east-1a: {reclaimed_share: §120%}", "reclaimed_share: expected");
    row("c5.large/us-east-1a: {recovers_after: §soon}", "recovers_after: expected a duration");
    row("c5.large/us-east-1a: {interruption_frequency: §5%}",
        "interruption_frequency: expected <5%, 5-10%, 10-15%, 15-20% or >20%", "<5%");
    row("c5.large/us-east-1a: {reclaims_per_day: 1, interruption_frequency: §5-10%}",
        "interruption_frequency: the pool has reclaims_per_day", "keep one of them");
    row("c5.large/us-east-1a: {§max_price: 1}", "unknown key \"max_price\" in Spot pool", "it takes price");
    check({{distribution, "instances_distribution: {}",
            "no Auto Scaling group buys Spot Instances of the pool \"c5.large/us-east-1a\"",
            "no Auto Scaling group buys Spot Instances"}},
          with_pools("  §c5.large/us-east-1a: {}\n"));
}

TEST_CASE("an unknown type or zone says nothing more about pools") {
    const std::string text =
        with(with_pools("  c5.lagre/us-east-1a: {}\n"), "{instance_type: c5.large}", "{instance_type: c5.lagre}");
    const auto found = load(text).diagnostics.sorted();
    REQUIRE(found.size() == 1);
    CHECK(found[0].message == "unknown instance type \"c5.lagre\"");
}
