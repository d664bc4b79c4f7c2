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
using scaling::HookResult;
using scaling::LifecycleTransition;

namespace {

/// A hook that somebody completes after so many seconds, or nobody.
sim::LifecycleHook hook(LifecycleTransition transition, std::optional<double> completes_after_s,
                        HookResult with = HookResult::proceed) {
    sim::LifecycleHook made;
    made.settings = {.name = "hook", .transition = transition};
    if (completes_after_s) made.completes_after = des::constant(*completes_after_s);
    made.completes_with = with;
    return made;
}

/// From one to two instances at 600 s: the second runs at 620 s.
sim::Scenario launching_world(std::vector<sim::LifecycleHook> hooks) {
    sim::Scenario scenario = fleet_world(1, 4, 1);
    group_of(scenario).lifecycle_hooks = std::move(hooks);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 2)};
    return scenario;
}

/// From two to one at 600 s; the first, which is older, goes.
sim::Scenario terminating_world(std::vector<sim::LifecycleHook> hooks) {
    sim::Scenario scenario = fleet_world(1, 4, 1);
    group_of(scenario).termination_policies = {scaling::TerminationPolicy::oldest_instance};
    group_of(scenario).lifecycle_hooks = std::move(hooks);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 100s, 2), desired_at(scenario, 600s, 1)};
    return scenario;
}

}  // namespace

// Launching.

TEST_CASE("a launch hook keeps an instance out of service until it is completed") {
    const sim::Result result = sim::run(launching_world({hook(LifecycleTransition::launching, 100)}));
    CHECK(lines_of(result, "instance_in_service") == Lines{"720 i-000002"});
    CHECK(the_row(result, "instance_in_service").from == "Pending:Wait");
    CHECK(in_capacity(result, Time{600s}) == 2);
    CHECK(result.groups[0].launches == 1);
}

TEST_CASE("of several launch hooks the last to be completed decides") {
    const sim::Result result =
        sim::run(launching_world({hook(LifecycleTransition::launching, 100), hook(LifecycleTransition::launching, 250),
                                  hook(LifecycleTransition::terminating, 900)}));
    CHECK(lines_of(result, "instance_in_service") == Lines{"870 i-000002"});
}

TEST_CASE("an instance whose hook is abandoned is ended and replaced at once") {
    sim::Scenario scenario = launching_world({hook(LifecycleTransition::launching, 30, HookResult::abandon)});
    scenario.duration = 720s;
    const sim::Result result = sim::run(scenario);
    CHECK(lines_of(result, "instance_launch", Time{1s}) == Lines{"600 i-000002", "650 i-000003", "700 i-000004"});
    CHECK(lines_of(result, "instance_shutting_down") == Lines{"650 i-000002", "700 i-000003"});
    CHECK(the_row(result, "instance_shutting_down").reason == "a launch hook was abandoned");
    CHECK(count_rows(result, "instance_in_service") == 0);
    // It has run for 30 s each time and is paid for a minute; the last one has not run yet.
    CHECK(result.groups[0].instance_hours * 3600 == Approx(720 + 2 * 60));
}

TEST_CASE("one hook that abandons ends the instance whatever the others do") {
    sim::Scenario scenario = launching_world(
        {hook(LifecycleTransition::launching, 500), hook(LifecycleTransition::launching, 40, HookResult::abandon)});
    scenario.duration = 700s;
    CHECK(lines_of(sim::run(scenario), "instance_shutting_down") == Lines{"660 i-000002"});
}

TEST_CASE("a hook that nobody completes times out to its default result") {
    auto silent = hook(LifecycleTransition::launching, std::nullopt);
    silent.settings.heartbeat_timeout = 120s;
    SECTION("ABANDON unless told otherwise") {
        sim::Scenario scenario = launching_world({silent});
        scenario.duration = 800s;
        CHECK(lines_of(sim::run(scenario), "instance_shutting_down") == Lines{"740 i-000002"});
    }
    SECTION("CONTINUE") {
        silent.settings.default_result = HookResult::proceed;
        CHECK(lines_of(sim::run(launching_world({silent})), "instance_in_service") == Lines{"740 i-000002"});
    }
    SECTION("after an hour unless told otherwise") {
        silent.settings.heartbeat_timeout = 3600s;
        sim::Scenario scenario = launching_world({silent});
        scenario.duration = 620s + 3601s;
        CHECK(lines_of(sim::run(scenario), "instance_shutting_down") == Lines{"4220 i-000002"});
    }
}

TEST_CASE("heartbeats keep a hook alive up to a hundred times its time-out") {
    auto slow = hook(LifecycleTransition::launching, 2000);
    slow.settings.heartbeat_timeout = 30s;
    sim::Scenario scenario = launching_world({slow});
    SECTION("without them it times out") {
        scenario.duration = 660s;
        CHECK(lines_of(sim::run(scenario), "instance_shutting_down") == Lines{"650 i-000002"});
    }
    SECTION("with them it is completed") {
        group_of(scenario).lifecycle_hooks[0].heartbeats = true;
        CHECK(lines_of(sim::run(scenario), "instance_in_service") == Lines{"2620 i-000002"});
    }
    SECTION("but not later than that") {
        group_of(scenario).lifecycle_hooks[0].heartbeats = true;
        group_of(scenario).lifecycle_hooks[0].completes_after = des::constant(3001);
        scenario.duration = 620s + 3001s;
        CHECK(lines_of(sim::run(scenario), "instance_shutting_down") == Lines{"3620 i-000002"});
    }
}

TEST_CASE("hooks of one instance are independent of those of another") {
    sim::Scenario scenario = launching_world({hook(LifecycleTransition::launching, 0)});
    group_of(scenario).lifecycle_hooks[0].completes_after = des::uniform(10, 500);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 4)};
    const Lines lines = lines_of(sim::run(scenario), "instance_in_service");
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].substr(0, 4) != lines[1].substr(0, 4));
    CHECK(lines[1].substr(0, 4) != lines[2].substr(0, 4));
}

TEST_CASE("an instance that EC2 ends while it waits for a hook is forgotten") {
    sim::Scenario scenario = launching_world({hook(LifecycleTransition::launching, 100)});
    scenario.faults = {{Time{650s}, sim::TerminateInstance{}}, {Time{651s}, sim::TerminateInstance{}}};
    const sim::Result result = sim::run(scenario);
    CHECK(lines_of(result, "instance_launch", Time{1s}) == Lines{"600 i-000002", "660 i-000003", "660 i-000004"});
    CHECK(lines_of(result, "instance_in_service") == Lines{"780 i-000003", "780 i-000004"});
}

TEST_CASE("the warm-up begins when the hooks are done") {
    sim::Scenario scenario = launching_world({hook(LifecycleTransition::launching, 100)});
    const auto alarm =
        add_alarm(scenario, "low", custom_metric(scenario, traffic::constant(10)), scaling::Comparison::less, 50);
    scaling::StepScaling in{.steps = {{.lower_bound = {}, .upper_bound = 0, .adjustment = -1}},
                            .estimated_instance_warmup = 100s};
    group_of(scenario).min_size = 1;
    group_of(scenario).step_scaling = {{"in", alarm, in}};
    // In service at 720 s and warm at 820 s.
    CHECK(changes(sim::run(scenario)) == Lines{"600 1>2", "840 2>1"});
}

TEST_CASE("the cooldown of simple scaling begins when the hooks are done") {
    sim::Scenario scenario = fleet_world(1, 4, 1);
    group_of(scenario).lifecycle_hooks = {hook(LifecycleTransition::launching, 200)};
    const auto alarm = add_alarm(scenario, "high", custom_metric(scenario, traffic::steps({{0s, 10}, {600s, 90}})),
                                 scaling::Comparison::greater, 50);
    group_of(scenario).simple_scaling = {{"out", alarm, {.scaling_adjustment = 1, .cooldown = 100s}}};
    scenario.duration = 20min;
    // Asked at 720 s, in service at 940 s, and 1040 s is 100 s later.
    CHECK(changes(sim::run(scenario)) == Lines{"720 1>2", "1080 2>3"});
}

// Terminating.

TEST_CASE("a terminate hook delays the end, out of capacity but paid for") {
    const sim::Result result = sim::run(terminating_world({hook(LifecycleTransition::terminating, 100)}));
    const auto* leaving = row_from(result, Time{}, "instance_terminating");
    REQUIRE(leaving != nullptr);
    CHECK(leaving->at == Time{600s});
    CHECK(leaving->subject == "i-000001");
    CHECK(leaving->from == "InService");
    CHECK(leaving->to == "Terminating:Wait");
    CHECK(lines_of(result, "instance_shutting_down") == Lines{"700 i-000001"});
    CHECK(the_row(result, "instance_shutting_down").reason == "its hooks are done");
    CHECK(lines_of(result, "instance_terminated") == Lines{"710 i-000001"});
    CHECK(in_capacity(result, Time{600s}) == 1);
    CHECK(result.groups[0].instance_hours * 3600 == Approx(700 + (3600 - 120)));
}

TEST_CASE("abandoned or not the instance ends, and to abandon stops the other hooks") {
    CHECK(lines_of(sim::run(terminating_world({hook(LifecycleTransition::terminating, 50, HookResult::abandon),
                                               hook(LifecycleTransition::terminating, 400)})),
                   "instance_shutting_down") == Lines{"650 i-000001"});
    CHECK(lines_of(sim::run(terminating_world(
                       {hook(LifecycleTransition::terminating, 50), hook(LifecycleTransition::terminating, 400)})),
                   "instance_shutting_down") == Lines{"1000 i-000001"});
}

TEST_CASE("an unhealthy instance is replaced while its terminate hook is at work") {
    sim::Scenario scenario = fleet_world(2, 2, 1);
    group_of(scenario).health_check_type = scaling::HealthCheckType::elb;
    group_of(scenario).lifecycle_hooks = {hook(LifecycleTransition::terminating, 500)};
    scenario.faults = {{Time{630s}, sim::ImpairInstance{fleet, sim::HealthCheck::elb}}};
    const sim::Result result = sim::run(scenario);
    CHECK(the_row(result, "instance_terminating").at == Time{660s});
    CHECK(lines_of(result, "instance_in_service") == Lines{"682 i-000003"});
    CHECK(the_row(result, "instance_shutting_down").at == Time{1160s});
    CHECK(running(result, Time{1159s}) == 3);
}

TEST_CASE("an instance that does not answer runs its terminate hooks and is not waited for then") {
    sim::Scenario scenario = fleet_world(2, 2);
    group_of(scenario).lifecycle_hooks = {hook(LifecycleTransition::terminating, 500)};
    scenario.faults = {{Time{630s}, sim::ZoneOutage{sim::ZoneId{0}, 1h}}};
    const sim::Result result = sim::run(scenario);
    CHECK(the_row(result, "instance_terminating").at == Time{840s});
    CHECK(the_row(result, "instance_shutting_down").at == Time{1340s});
}

TEST_CASE("a launch hook that nobody completes says that it timed out") {
    sim::Scenario scenario = launching_world({hook(LifecycleTransition::launching, std::nullopt)});
    group_of(scenario).lifecycle_hooks[0].settings.heartbeat_timeout = 60s;
    CHECK(the_row(sim::run(scenario), "instance_shutting_down").reason == "a launch hook timed out");
}

TEST_CASE("an abandoned launch runs the terminate hooks too and is replaced meanwhile") {
    sim::Scenario scenario = launching_world(
        {hook(LifecycleTransition::launching, 30, HookResult::abandon), hook(LifecycleTransition::terminating, 100)});
    scenario.duration = 690s;
    const sim::Result result = sim::run(scenario);
    CHECK(lines_of(result, "instance_terminating") == Lines{"650 i-000002"});
    CHECK(the_row(result, "instance_terminating").from == "Pending:Wait");
    CHECK(lines_of(result, "instance_launch", Time{601s}) == Lines{"650 i-000003"});
}

TEST_CASE("EC2 does not wait for terminate hooks when it ends an instance itself") {
    sim::Scenario scenario = fleet_world(2, 2, 1);
    group_of(scenario).lifecycle_hooks = {hook(LifecycleTransition::terminating, 500)};
    scenario.faults = {{Time{630s}, sim::TerminateInstance{}}};
    const sim::Result result = sim::run(scenario);
    CHECK(count_rows(result, "instance_terminating") == 0);
    CHECK(the_row(result, "instance_shutting_down").at == Time{630s});
}
