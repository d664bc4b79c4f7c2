#include <chrono>
#include <optional>
#include <string>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/replay.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

/// The fleet with a warm pool; hooks and actions are a test's own.
sim::Scenario pool_world(std::int32_t desired, std::int32_t max, scaling::WarmPool pool = {}, std::size_t zones = 2) {
    sim::Scenario scenario = fleet_world(desired, max, zones);
    group_of(scenario).warm_pool = pool;
    return scenario;
}

sim::LifecycleHook hook(scaling::LifecycleTransition transition, double completes_after_s) {
    return {.settings = {.name = "hook", .transition = transition},
            .completes_after = des::constant(completes_after_s)};
}

double billed_seconds(const sim::Result& result) { return result.groups[0].instance_hours * 3600; }

}  // namespace

TEST_CASE("a warm pool holds what the desired capacity leaves of the prepared capacity") {
    CHECK(in_warm_pool(sim::run(pool_world(6, 10)), Time{}) == 4);
    CHECK(in_warm_pool(sim::run(pool_world(6, 10, {.max_group_prepared_capacity = 8})), Time{}) == 2);
    CHECK(in_warm_pool(sim::run(pool_world(6, 10, {.min_size = 3, .max_group_prepared_capacity = 8})), Time{}) == 3);
    CHECK(in_warm_pool(sim::run(pool_world(6, 10, {.max_group_prepared_capacity = 5})), Time{}) == 0);
}

TEST_CASE("its instances spread over the zones together with those in service") {
    const sim::Result result = sim::run(pool_world(3, 8));
    int in_zone_a = 0;
    const Replay replay = as_of(result, Time{});
    for (const auto& [name, story] : replay.stories()) in_zone_a += story.zone == "us-east-1a" ? 1 : 0;
    CHECK(in_zone_a == 4);
}

TEST_CASE("a scale-out takes from the pool first and needs no boot") {
    sim::Scenario scenario = pool_world(2, 6);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 4)};
    const sim::Result result = sim::run(scenario);
    CHECK(count_rows(result, "instance_start") == 2);
    CHECK(in_service(result, Time{614s}) == 2);
    CHECK(in_service(result, Time{615s}) == 4);
    CHECK(result.groups[0].launches == 0);
    CHECK(in_warm_pool(result, Time{1h}) == 2);
    CHECK(zones_at(result, Time{1h}).find("a") == 0);
    CHECK(the_row(result, "instance_start").from == "Warmed");
    CHECK(the_row(result, "instance_start").to == "Pending");
}

TEST_CASE("what the pool does not hold is launched cold") {
    sim::Scenario scenario = pool_world(2, 10, {.max_group_prepared_capacity = 4});
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 6)};
    const sim::Result result = sim::run(scenario);
    CHECK(in_service(result, Time{615s}) == 4);
    CHECK(in_service(result, Time{622s}) == 6);
    CHECK(in_warm_pool(result, Time{1h}) == 0);
}

TEST_CASE("a pool below its minimum size is filled again at once") {
    sim::Scenario scenario = pool_world(2, 6, {.min_size = 4});
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 4)};
    const sim::Result result = sim::run(scenario);
    CHECK(result.groups[0].launches == 2);
    const auto* filling = row_from(result, Time{1s}, "instance_launch");
    REQUIRE(filling != nullptr);
    CHECK(filling->at == Time{600s});
    CHECK(filling->reason == "filling the warm pool");
    // Runs at 620 s, is stopped at once, and is ready 20 s later.
    CHECK(the_row(result, "instance_stopping", Time{600s}).at == Time{620s});
    CHECK(lines_of(result, "instance_warmed", Time{1s}).size() == 2);
    CHECK(the_row(result, "instance_warmed", Time{1s}).at == Time{640s});
    CHECK(in_warm_pool(result, Time{1h}) == 4);
    CHECK(in_service(result, Time{1h}) == 4);
}

TEST_CASE("an instance that is still being prepared does not go into service") {
    sim::Scenario scenario = pool_world(1, 3, {.min_size = 1, .max_group_prepared_capacity = 1}, 1);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 2), desired_at(scenario, 610s, 3)};
    const sim::Result result = sim::run(scenario);
    // At 600 s the only prepared one is taken and another begun; at 610 s that one is not ready.
    CHECK(lines_of(result, "instance_in_service") == Lines{"615 i-000002", "632 i-000004"});
}

TEST_CASE("with a smaller desired capacity the instance ends and the pool grows") {
    sim::Scenario scenario = pool_world(4, 6);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 3)};
    const sim::Result result = sim::run(scenario);
    CHECK(count_rows(result, "instance_shutting_down") == 1);
    CHECK(in_warm_pool(result, Time{599s}) == 2);
    CHECK(in_warm_pool(result, Time{600s}) == 3);
}

TEST_CASE("a pool that has become too large gives up its oldest") {
    sim::Scenario scenario = pool_world(2, 6, {}, 1);
    group_of(scenario).scheduled_actions = {{"less", scaling::Schedule::once(scenario.start + 610s), {.max_size = 4}}};
    const sim::Result result = sim::run(scenario);
    CHECK(in_warm_pool(result, Time{659s}) == 4);
    // At the next round.
    CHECK(lines_of(result, "instance_shutting_down") == Lines{"660 i-000003", "660 i-000004"});
    CHECK(the_row(result, "instance_shutting_down").reason == "the warm pool is larger than it should be");
    CHECK(in_warm_pool(result, Time{1h}) == 2);
}

TEST_CASE("a pool gives nothing up while its group is short of capacity") {
    sim::Scenario scenario = pool_world(2, 4, {}, 1);
    group_of(scenario).suspended_processes.set(static_cast<std::size_t>(sim::ScalingProcess::launch));
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 4)};
    const sim::Result result = sim::run(scenario);
    CHECK(in_warm_pool(result, Time{1h}) == 2);
    CHECK(in_service(result, Time{1h}) == 2);
}

// The bill.

TEST_CASE("stopped instances cost nothing and every run costs a minute at least") {
    sim::Scenario scenario = pool_world(1, 2);
    SECTION("at rest") { CHECK(billed_seconds(sim::run(scenario)) == Approx(3600)); }
    SECTION("one run more") {
        group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 2)};
        CHECK(billed_seconds(sim::run(scenario)) == Approx(3600 + (3600 - 613)));
    }
    SECTION("and one that is only prepared") {
        group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 2), desired_at(scenario, 1200s, 1)};
        const sim::Result result = sim::run(scenario);
        // The first ends at 1200 s, closer to its next hour. Its place in the pool is taken by one that runs for no
        // time at all.
        CHECK(lines_of(result, "instance_shutting_down") == Lines{"1200 i-000001"});
        CHECK(billed_seconds(result) == Approx(1200 + (3600 - 613) + 60));
        CHECK(result.cost_items[0].usd == Approx((1200 + 2987 + 60) * 0.096 / 3600).epsilon(1e-12));
    }
}

TEST_CASE("running pools are paid for and are in service two seconds later") {
    sim::Scenario scenario = pool_world(1, 3, {.pool_state = scaling::WarmPoolState::running});
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 2)};
    const sim::Result result = sim::run(scenario);
    CHECK(billed_seconds(result) == Approx(3 * 3600));
    CHECK(in_service(result, Time{601s}) == 1);
    CHECK(in_service(result, Time{602s}) == 2);
    CHECK(result.groups[0].instances.min == 3);
}

TEST_CASE("hibernating is paid for and stopping is not") {
    const auto billed = [](scaling::WarmPoolState state) {
        sim::Scenario scenario = pool_world(1, 2, {.pool_state = state}, 1);
        group_of(scenario).lifecycle_hooks = {hook(scaling::LifecycleTransition::launching, 100)};
        scenario.faults = {{Time{630s}, sim::TerminateInstance{}}};
        return billed_seconds(sim::run(scenario));
    };
    // At 660 s the one in the pool is started, runs at 673 s and goes on to the end. Another is prepared: it runs from
    // 680 s on, is stopped 100 s later, and that takes 20 s.
    CHECK(billed(scaling::WarmPoolState::stopped) == Approx(630 + (3600 - 673) + 100));
    CHECK(billed(scaling::WarmPoolState::hibernated) == Approx(630 + (3600 - 673) + 120));
}

// Reuse on scale-in.

TEST_CASE("with reuse a scale-in puts the instance back into the pool, from where it starts again") {
    sim::Scenario scenario = pool_world(2, 4, {.reuse_on_scale_in = true});
    group_of(scenario).termination_policies = {scaling::TerminationPolicy::oldest_instance};
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 1), desired_at(scenario, 1200s, 4)};
    const sim::Result result = sim::run(scenario);
    CHECK(count_rows(result, "instance_shutting_down") == 0);
    CHECK(result.groups[0].launches == 0);
    CHECK(result.groups[0].terminations == 0);
    REQUIRE(count_rows(result, "instance_warming") == 1);
    const auto* warming = row_from(result, Time{}, "instance_warming");
    CHECK(warming->at == Time{600s});
    CHECK(warming->from == "InService");
    CHECK(warming->to == "Warmed:Pending");
    CHECK(the_row(result, "instance_warmed", Time{1s}).at == Time{620s});
    CHECK(in_warm_pool(result, Time{600s}) == 3);
    CHECK(in_service(result, Time{1215s}) == 4);
    // One hour, one without ten minutes, and two that ran after 1213 s.
    CHECK(billed_seconds(result) == Approx(3600 + 600 + 3 * (3600 - 1213)));
}

TEST_CASE("terminate hooks run on the way back into the pool and whatever comes of them it goes there") {
    for (const auto result_of_hook : {scaling::HookResult::proceed, scaling::HookResult::abandon}) {
        sim::Scenario scenario = pool_world(2, 4, {.reuse_on_scale_in = true});
        auto back = hook(scaling::LifecycleTransition::terminating, 90);
        back.completes_with = result_of_hook;
        group_of(scenario).lifecycle_hooks = {back};
        group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 1)};
        const sim::Result result = sim::run(scenario);
        CHECK(the_row(result, "instance_warming").at == Time{600s});
        CHECK(the_row(result, "instance_stopping", Time{1s}).at == Time{690s});
        CHECK(the_row(result, "instance_warmed", Time{1s}).at == Time{710s});
        CHECK(count_rows(result, "instance_shutting_down") == 0);
    }
}

TEST_CASE("running pools take instances back without stopping them") {
    sim::Scenario scenario =
        pool_world(2, 3, {.pool_state = scaling::WarmPoolState::running, .reuse_on_scale_in = true});
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 1), desired_at(scenario, 660s, 3)};
    const sim::Result result = sim::run(scenario);
    CHECK(count_rows(result, "instance_stopping") == 0);
    CHECK(in_service(result, Time{600s}) == 1);
    CHECK(in_service(result, Time{662s}) == 3);
    CHECK(billed_seconds(result) == Approx(3 * 3600));
}

// Hooks, health and capacity.

TEST_CASE("launch hooks run before the pool and again before service") {
    sim::Scenario scenario = pool_world(1, 2, {}, 1);
    group_of(scenario).lifecycle_hooks = {hook(scaling::LifecycleTransition::launching, 30)};
    scenario.faults = {{Time{630s}, sim::TerminateInstance{}}};
    const sim::Result result = sim::run(scenario);
    // The prepared one starts at 660 s, runs at 673 s and waits for its hook.
    CHECK(lines_of(result, "instance_in_service") == Lines{"703 i-000002"});
    // The next one runs at 680 s, waits, and is stopped.
    CHECK(lines_of(result, "instance_stopping") == Lines{"710 i-000003"});
}

TEST_CASE("a hook that abandons on the way into the pool ends the instance, and another is tried") {
    sim::Scenario scenario = pool_world(1, 2, {}, 1);
    auto abandons = hook(scaling::LifecycleTransition::launching, 30);
    abandons.completes_with = scaling::HookResult::abandon;
    group_of(scenario).lifecycle_hooks = {abandons};
    // EC2 ends the one that runs; the one in the pool is started at 660 s, runs at 673 s, and is abandoned at 703 s.
    scenario.faults = {{Time{630s}, sim::TerminateInstance{}}};
    scenario.duration = 800s;
    const sim::Result result = sim::run(scenario);
    CHECK(lines_of(result, "instance_shutting_down") ==
          Lines{"630 i-000001", "703 i-000002", "710 i-000003", "753 i-000004", "770 i-000005"});
    CHECK(count_rows(result, "instance_in_service") == 0);
}

TEST_CASE("stopped instances need capacity to start, running ones do not") {
    const auto served = [](scaling::WarmPoolState state) {
        sim::Scenario scenario = pool_world(1, 2, {.pool_state = state}, 1);
        scenario.faults = {{Time{500s}, sim::InsufficientCapacity{"m5.large", {}, 600s}}};
        group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 2)};
        const sim::Result result = sim::run(scenario);
        const auto* row = row_from(result, Time{}, "instance_in_service");
        return row == nullptr ? Time{} : row->at;
    };
    CHECK(served(scaling::WarmPoolState::running) == Time{602s});
    CHECK(served(scaling::WarmPoolState::stopped) == Time{1140s + 15s});
}

TEST_CASE("an instance refresh renews the pool once those in service are new") {
    sim::Scenario scenario = pool_world(2, 4, {}, 1);
    group_of(scenario).instance_refreshes = {{Time{600s}, {.min_healthy_percentage = 50}}};
    const sim::Result result = sim::run(scenario);
    // One at a time, launched anew at 600 and 660 s, since those in the pool are old too.
    CHECK(count_rows(result, "instance_start") == 0);
    CHECK(lines_of(result, "instance_shutting_down").size() == 4);
    CHECK(the_row(result, "instance_shutting_down", Time{700s}).at == Time{720s});
    CHECK(as_of(result, Time{1h}).count([](const Story& story) { return story.in_service; }) == 2);
    for (const char* first : {"i-000001", "i-000002", "i-000003", "i-000004"}) {
        CAPTURE(first);
        CHECK_FALSE(as_of(result, Time{1h}).of(first).in_service);
        CHECK_FALSE(as_of(result, Time{1h}).of(first).in_pool);
    }
    CHECK(in_warm_pool(result, Time{1h}) == 2);
}
