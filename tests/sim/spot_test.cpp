#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/replay.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

constexpr sim::SpotPoolId pool_a{0};

sim::MixedInstancesPolicy& policy_of(sim::Scenario& scenario) { return *group_of(scenario).mixed_instances_policy; }

/// Makes the group's instances Spot Instances, all m5.large for 0.04 USD an hour, with a pool of ten in each zone.
void buy_spot(sim::Scenario& scenario) {
    auto& group = group_of(scenario);
    for (const sim::ZoneId zone : group.zones) {
        sim::SpotPool pool;
        pool.instance_type = "m5.large";
        pool.zone = zone;
        pool.price_usd_per_hour = traffic::constant(0.04);
        pool.depth = 10;
        group.options[0].spot_pools.push_back(scenario.spot_pools.add(pool));
    }
    group.mixed_instances_policy = sim::MixedInstancesPolicy{};
    policy_of(scenario).distribution.on_demand_percentage_above_base_capacity = 0;
}

sim::Scenario spot_world(std::int32_t desired, std::int32_t max) {
    sim::Scenario scenario = fleet_world(desired, max);
    buy_spot(scenario);
    return scenario;
}

/// EC2 wants the Spot Instances of zone a back.
sim::Fault reclaim_in_a(Time at, double share = 1) { return {at, sim::ReclaimSpot{"m5.large", sim::ZoneId{0}, share}}; }

/// When each instance had a row of that kind.
std::map<std::string, Time> instants(const sim::Result& result, std::string_view event) {
    std::map<std::string, Time> at;
    for (const auto& row : result.events) {
        if (row.event == event) at.emplace(row.instance, row.at);
    }
    return at;
}

const sim::CostItem* item(const sim::Result& result, std::string_view kind) {
    for (const auto& cost : result.cost_items) {
        if (cost.kind == kind) return &cost;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("EC2 takes instances back two minutes after it has given notice") {
    sim::Scenario scenario = spot_world(10, 10);
    scenario.faults = {{Time{610s}, sim::ReclaimSpot{}}};
    const sim::Result result = sim::run(scenario);
    for (const char* event : {"rebalance_recommendation", "spot_interruption_notice"}) {
        const auto told = instants(result, event);
        CHECK(told.size() == 10);
        for (const auto& [instance, at] : told) CHECK(at == Time{610s});
    }
    CHECK(in_capacity(result, Time{729s}) == 10);
    CHECK(in_capacity(result, Time{730s}) == 0);
    CHECK(result.groups[0].spot_interruptions == 10);
}

TEST_CASE("recommendations of a wave come with its notices or some time before them") {
    sim::Scenario scenario = spot_world(10, 10);
    scenario.duration = 60h;
    scenario.spot_pools[pool_a].reclaims_per_hour = 1;
    const sim::Result result = sim::run(scenario);
    const auto recommended = instants(result, "rebalance_recommendation");
    std::map<Time, std::map<Time, int>> waves;  // By recommendation and notice.
    for (const auto& [instance, at] : instants(result, "spot_interruption_notice")) {
        ++waves[recommended.at(instance)][at];
    }
    double together = 0;
    double lead_s = 0;
    for (const auto& [at, notices] : waves) {
        CHECK(notices.size() == 1);  // One instant for all of a wave.
        together += notices.begin()->first == at ? 1 : 0;
        lead_s += des::seconds(notices.begin()->first - at);
    }
    // Half of some sixty come together, the others ten minutes before on average; within four standard deviations.
    const auto count = static_cast<double>(waves.size());
    REQUIRE(count > 25);
    CHECK(std::abs(together - count / 2) < 4 * std::sqrt(count / 4));
    const double early = count - together;
    CHECK(std::abs(lead_s / early - 600) < 4 * 600 / std::sqrt(early));
}

TEST_CASE("without Capacity Rebalancing an interrupted instance is replaced when it is gone") {
    sim::Scenario scenario = spot_world(2, 2);
    scenario.faults = {reclaim_in_a(Time{610s})};
    scenario.duration = 6h;
    const sim::Result result = sim::run(scenario);
    const auto* ended = row_from(result, Time{}, "instance_shutting_down");
    REQUIRE(ended != nullptr);
    CHECK(ended->reason == "Spot interruption");
    const auto* launched = row_from(result, Time{1s}, "instance_launch");
    REQUIRE(launched != nullptr);
    CHECK(launched->at >= ended->at);
    CHECK(launched->at - ended->at < 60s);
    CHECK(launched->reason == "the group is below its desired capacity: Spot m5.large");
}

TEST_CASE("waves take the instances of one pool and leave the others alone") {
    sim::Scenario scenario = spot_world(10, 10);
    scenario.duration = 12h;
    scenario.spot_pools[pool_a].reclaims_per_hour = 0.5;
    const sim::Result result = sim::run(scenario);
    std::map<Time, int> waves;
    for (const auto& row : result.events) {
        if (row.event != "rebalance_recommendation") continue;
        CHECK(row.zone == "us-east-1a");
        ++waves[row.at];
    }
    CHECK(waves.size() >= 1);
    CHECK(waves.size() <= 15);
    CHECK(waves.begin()->second == 5);  // All of the zone at once.
}

TEST_CASE("a wave takes its share, each instance by its own lot") {
    sim::Scenario scenario = spot_world(20, 20);
    scenario.duration = 10h;
    scenario.spot_pools[pool_a].reclaims_per_hour = 4;
    scenario.spot_pools[pool_a].reclaimed_share = 0.3;
    const sim::Result result = sim::run(scenario);
    // 40 waves of 3 of 10, less what is between two lives.
    const auto taken = static_cast<double>(count_rows(result, "rebalance_recommendation"));
    CHECK(taken > 60);
    CHECK(taken < 150);
}

TEST_CASE("a pool that was taken back has nothing to give until it recovers") {
    sim::Scenario scenario = spot_world(4, 4);
    scenario.spot_pools[pool_a].recovers_after = 10min;
    scenario.faults = {reclaim_in_a(Time{610s})};
    const sim::Result result = sim::run(scenario);
    // Both go at 730 s; at the next whole minute zone b has to do.
    CHECK(zones_at(result, Time{780s}) == "a0 b4");
    // Recovered at 1330 s, and the zones are made even again.
    CHECK(zones_at(result, Time{1h}) == "a2 b2");
    CHECK(row_from(result, Time{781s}, "instance_launch")->at == Time{1380s});
}

TEST_CASE("groups share the pools of the scenario") {
    sim::Scenario scenario = spot_world(12, 12);
    sim::AutoScalingGroup other = group_of(scenario);
    other.name = "other";
    other.desired_capacity = 12;
    scenario.groups.add(other);
    scenario.duration = 10min;
    const sim::Result result = sim::run(scenario);
    // Two pools of ten: the second group gets what the first has left.
    CHECK(running(result, Time{}) == 20);
    const auto* failed = row_from(result, Time{}, "launch_failed");
    REQUIRE(failed != nullptr);
    CHECK(failed->resource == "auto_scaling_group/other");
    CHECK(failed->reason == "no Spot capacity at the price in every zone");
    CHECK(count_rows(result, "launch_failed") == 1);
}

TEST_CASE("an interruption waits neither for hooks nor for protection") {
    sim::Scenario scenario = spot_world(2, 2);
    group_of(scenario).protect_from_scale_in = true;
    sim::LifecycleHook hook;
    hook.settings = {.name = "drain", .transition = scaling::LifecycleTransition::terminating};
    group_of(scenario).lifecycle_hooks = {hook};
    scenario.faults = {reclaim_in_a(Time{610s})};
    scenario.duration = 6h;
    const sim::Result result = sim::run(scenario);
    const auto noticed = instants(result, "spot_interruption_notice");
    REQUIRE(noticed.size() == 1);
    CHECK(the_row(result, "instance_shutting_down").at - noticed.begin()->second == 120s);
    CHECK(count_rows(result, "instance_terminating") == 0);
}

// Capacity Rebalancing.

TEST_CASE("Capacity Rebalancing launches before it ends") {
    sim::Scenario scenario = spot_world(4, 4);
    policy_of(scenario).capacity_rebalance = true;
    scenario.faults = {reclaim_in_a(Time{610s}, 1)};
    scenario.duration = 6h;
    const sim::Result result = sim::run(scenario);
    // One above the maximum of four at a time: the second one's turn is when the first has been replaced at 632 s, or
    // rather at the round after that.
    const auto* first = row_from(result, Time{1s}, "instance_launch");
    REQUIRE(first != nullptr);
    CHECK(first->at == Time{610s});
    CHECK(first->reason == "capacity rebalancing: Spot m5.large");
    CHECK(first->zone == "us-east-1a");
    CHECK(lines_of(result, "instance_shutting_down")[0] == "632 i-000001");
    CHECK(the_row(result, "instance_shutting_down").reason == "capacity rebalancing");
    const auto* second = row_from(result, Time{611s}, "instance_launch");
    REQUIRE(second != nullptr);
    CHECK(second->at == Time{660s});
    CHECK(lines_of(result, "instance_shutting_down")[1] == "682 i-000003");
    CHECK(result.groups[0].instances.min == 4);
    CHECK(result.groups[0].instances.max == 5);
    CHECK(result.groups[0].spot_interruptions == 0);
    CHECK(zones_at(result, Time{6h}) == "a2 b2");
}

TEST_CASE("with room below the maximum all at risk are replaced at once") {
    sim::Scenario scenario = spot_world(8, 20);
    policy_of(scenario).capacity_rebalance = true;
    scenario.faults = {reclaim_in_a(Time{610s}, 1)};
    const sim::Result result = sim::run(scenario);
    CHECK(in_capacity(result, Time{610s}) == 12);
    CHECK(in_capacity(result, Time{632s}) == 8);
    CHECK(purchases_at(result, Time{632s}) == "0+8");
    CHECK(zones_at(result, Time{632s}) == "a4 b4");
}

TEST_CASE("one that may not be ended is replaced once") {
    sim::Scenario scenario = spot_world(4, 20);
    policy_of(scenario).capacity_rebalance = true;
    for (const auto process : {sim::ScalingProcess::terminate, sim::ScalingProcess::az_rebalance}) {
        group_of(scenario).suspended_processes.set(static_cast<std::size_t>(process));
    }
    scenario.spot_pools[pool_a].price_usd_per_hour = traffic::constant(0.01);
    scenario.faults = {reclaim_in_a(Time{610s})};
    const sim::Result result = sim::run(scenario);
    CHECK(result.groups[0].launches == 2);
}

TEST_CASE("a group that buys nothing on demand has no such item on its bill") {
    const sim::Result result = sim::run(spot_world(2, 4));
    CHECK(item(result, "ec2_on_demand") == nullptr);
    CHECK(item(result, "ec2_spot") != nullptr);
    const sim::Result none = sim::run(spot_world(0, 4));
    CHECK(item(none, "ec2_on_demand") != nullptr);  // Something has to say that it costs nothing.
}

TEST_CASE("replacements go where the zones stay even") {
    sim::Scenario scenario = spot_world(4, 8);
    policy_of(scenario).capacity_rebalance = true;
    scenario.faults = {{Time{610s}, sim::ReclaimSpot{"m5.large", sim::ZoneId{1}, 1}}};
    const sim::Result result = sim::run(scenario);
    CHECK(zones_at(result, Time{610s}) == "a2 b4");
    CHECK(zones_at(result, Time{632s}) == "a2 b2");
    CHECK(result.groups[0].launches == 2);
}

TEST_CASE("a replacement that cannot be launched is tried every minute until EC2 takes the instance") {
    sim::Scenario scenario = spot_world(2, 4);
    policy_of(scenario).capacity_rebalance = true;
    scenario.faults = {reclaim_in_a(Time{610s}), {Time{500s}, sim::InsufficientCapacity{"m5.large", {}, 150s}}};
    // Whenever the notice comes, which is not before 610 s, the interruption is not before 730 s.
    const sim::Result result = sim::run(scenario);
    const auto* launched = row_from(result, Time{1s}, "instance_launch");
    REQUIRE(launched != nullptr);
    CHECK(launched->at == Time{660s});
    CHECK(lines_of(result, "instance_shutting_down") == Lines{"682 i-000001"});
}

TEST_CASE("an instance that waits for its terminate hook is interrupted all the same") {
    sim::Scenario scenario = spot_world(2, 4);
    policy_of(scenario).capacity_rebalance = true;
    sim::LifecycleHook hook;
    hook.settings = {
        .name = "drain", .transition = scaling::LifecycleTransition::terminating, .heartbeat_timeout = 7200s};
    group_of(scenario).lifecycle_hooks = {hook};
    scenario.faults = {reclaim_in_a(Time{610s})};
    scenario.duration = 1h;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        scenario.seed = seed;
        const sim::Result result = sim::run(scenario);
        REQUIRE(lines_of(result, "instance_terminating") == Lines{"632 i-000001"});
        const auto noticed = instants(result, "spot_interruption_notice");
        const auto* ended = row_from(result, Time{}, "instance_shutting_down");
        if (noticed.empty() || noticed.begin()->second + 120s >= Time{1h}) continue;
        REQUIRE(ended != nullptr);
        CHECK(ended->at == noticed.begin()->second + 120s);
        CHECK(result.groups[0].spot_interruptions == 1);
    }
}

TEST_CASE("suspended health checks leave an interrupted instance unreplaced") {
    sim::Scenario scenario = spot_world(2, 2);
    group_of(scenario).suspended_processes.set(static_cast<std::size_t>(sim::ScalingProcess::replace_unhealthy));
    scenario.faults = {reclaim_in_a(Time{610s})};
    scenario.duration = 6h;
    const sim::Result result = sim::run(scenario);
    CHECK(result.groups[0].spot_interruptions == 1);
    CHECK(in_service(result, Time{6h}) == 1);
}

// Prices and the bill.

TEST_CASE("an instance whose price rises above the limit gets its notice and none is launched until it falls") {
    sim::Scenario scenario = spot_world(1, 1);
    group_of(scenario).zones.pop_back();
    group_of(scenario).options[0].spot_pools.pop_back();
    scenario.spot_pools[pool_a].price_usd_per_hour = traffic::steps({{0s, 0.04}, {590s, 0.06}, {1790s, 0.04}});
    const auto check = [&](const sim::Result& result) {
        CHECK(lines_of(result, "spot_interruption_notice") == Lines{"600 i-000001"});
        CHECK(lines_of(result, "instance_shutting_down") == Lines{"720 i-000001"});
        CHECK(lines_of(result, "launch_failed") == Lines{"720 "});
        CHECK(lines_of(result, "instance_in_service") == Lines{"1822 i-000002"});
    };
    SECTION("the group's own") {
        policy_of(scenario).distribution.spot_max_price_usd_per_hour = 0.05;
        check(sim::run(scenario));
    }
    SECTION("or else the price on demand") {
        group_of(scenario).options[0].price_usd_per_hour = 0.05;
        check(sim::run(scenario));
    }
    SECTION("which 0.096 USD are enough for") {
        CHECK(count_rows(sim::run(scenario), "spot_interruption_notice") == 0);
    }
}

TEST_CASE("the limit counts for a unit of capacity") {
    sim::Scenario scenario = spot_world(4, 4);
    group_of(scenario).options[0].weighted_capacity = 4;
    policy_of(scenario).distribution.spot_max_price_usd_per_hour = 0.01;
    CHECK(running(sim::run(scenario), Time{}) == 1);
    policy_of(scenario).distribution.spot_max_price_usd_per_hour = 0.0099;
    CHECK(running(sim::run(scenario), Time{}) == 0);
}

TEST_CASE("an instance interrupted in its first hour is free and later it costs what it used") {
    sim::Scenario scenario = spot_world(1, 1);
    group_of(scenario).zones.pop_back();
    group_of(scenario).options[0].spot_pools.pop_back();
    policy_of(scenario).distribution.spot_max_price_usd_per_hour = 0.15;
    scenario.duration = 4h;
    SECTION("at 35 minutes: nothing") {
        scenario.spot_pools[pool_a].price_usd_per_hour = traffic::steps({{0s, 0.10}, {33min, 0.20}});
        const sim::Result result = sim::run(scenario);
        CHECK(lines_of(result, "instance_shutting_down") == Lines{"2100 i-000001"});
        CHECK(item(result, "ec2_spot") == nullptr);
        CHECK(result.groups[0].instance_hours == 0);
    }
    SECTION("at 95 minutes: 0.158333 USD") {
        scenario.spot_pools[pool_a].price_usd_per_hour = traffic::constant(0.10);
        scenario.faults = {reclaim_in_a(Time{93min}), {Time{93min}, sim::InsufficientCapacity{"m5.large", {}, 4h}}};
        const sim::Result result = sim::run(scenario);
        REQUIRE(item(result, "ec2_spot") != nullptr);
        CHECK(item(result, "ec2_spot")->usd == Approx(0.158333).epsilon(1e-5));
        CHECK(item(result, "ec2_spot")->quantity == Approx(95 / 60.0));
    }
    SECTION("and if the group ends it at 35 minutes: 0.058333 USD") {
        scenario.spot_pools[pool_a].price_usd_per_hour = traffic::constant(0.10);
        group_of(scenario).scheduled_actions = {desired_at(scenario, 35min, 0)};
        CHECK(item(sim::run(scenario), "ec2_spot")->usd == Approx(0.058333).epsilon(1e-5));
    }
}

TEST_CASE("each second is billed at the price it has") {
    sim::Scenario scenario = spot_world(1, 1);
    group_of(scenario).zones.pop_back();
    group_of(scenario).options[0].spot_pools.pop_back();
    scenario.spot_pools[pool_a].price_usd_per_hour = traffic::steps({{0s, 0.03}, {1000s, 0.05}});
    scenario.faults = {{Time{1800s}, sim::TerminateInstance{}}};
    const sim::Result result = sim::run(scenario);
    // Terminated, but not by an interruption; the next one runs from 1820 s on.
    const double first = 1000 * 0.03 + 800 * 0.05;
    CHECK(item(result, "ec2_spot")->usd == Approx((first + (3600 - 1820) * 0.05) / 3600).epsilon(1e-12));
}

TEST_CASE("an instance of a cluster can drain its tasks from the notice on") {
    sim::Scenario scenario = small_world(2);
    group_of(scenario).launch_times = fixed_launch_times();
    buy_spot(scenario);
    policy_of(scenario).spot_instance_draining = true;
    add_service(scenario, "worker", 2, 1, des::constant(1));
    scenario.faults = {reclaim_in_a(Time{610s})};
    scenario.duration = 6h;
    const sim::Result result = sim::run(scenario);
    const auto noticed = instants(result, "spot_interruption_notice");
    const auto draining = instants(result, "instance_draining");
    REQUIRE(noticed.size() == 1);
    CHECK(draining == noticed);
    const auto* moved = row_from(result, noticed.begin()->second, "task_placed");
    REQUIRE(moved != nullptr);
    CHECK(moved->instance != noticed.begin()->first);
    CHECK(moved->at - noticed.begin()->second < 60s);
    // It serves its group until it is interrupted.
    CHECK(the_row(result, "instance_shutting_down").at == noticed.begin()->second + 120s);
    CHECK(the_row(result, "instance_launch", Time{1s}).at > noticed.begin()->second + 119s);
    CHECK(result.services[0].tasks.min >= 1);
}
