#include <chrono>
#include <cstdint>
#include <string>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/replay.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

void suspend(sim::Scenario& scenario, sim::ScalingProcess process) {
    group_of(scenario).suspended_processes.set(static_cast<std::size_t>(process));
}

/// EC2 cannot give out m5.large in the zone, or in any.
void add_shortage(sim::Scenario& scenario, std::chrono::seconds from, std::chrono::seconds until,
                  sim::ZoneId zone = sim::ZoneId::none()) {
    scenario.faults.push_back({Time{from}, sim::InsufficientCapacity{"m5.large", zone, until - from}});
}

constexpr sim::ZoneId zone_a{0};

}  // namespace

// Launching.

TEST_CASE("a group starts with its instances in service and even over its zones") {
    const sim::Result result = sim::run(fleet_world(7, 7, 3));
    CHECK(zones_at(result, Time{}) == "a3 b2 c2");
    CHECK(in_service(result, Time{}) == 7);
    CHECK(result.groups[0].launches == 0);
    CHECK(result.groups[0].instance_hours == 7);
}

TEST_CASE("a larger desired capacity launches at once where there are fewest") {
    sim::Scenario scenario = fleet_world(2, 7, 3);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 7)};
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result) == Lines{"600 2>7"});
    CHECK(lines_of(result, "instance_launch", Time{1s}).size() == 5);
    CHECK(the_row(result, "instance_launch", Time{1s}).at == Time{600s});
    CHECK(zones_at(result, Time{600s}) == "a3 b2 c2");
    CHECK(in_service(result, Time{621s}) == 2);
    CHECK(in_service(result, Time{622s}) == 7);
    CHECK(running(result, Time{620s}) == 7);
}

TEST_CASE("instances launched at the very start of a scenario come up like any other") {
    sim::Scenario scenario = fleet_world(2, 4);
    group_of(scenario).predictive_scaling = {
        {"forecast", custom_metric(scenario, traffic::constant(1)), {.target_value = 50}, {}}};
    auto& policy = group_of(scenario).predictive_scaling[0];
    policy.settings.mode = scaling::PredictiveMode::forecast_and_scale;
    for (int hour = -24; hour < 0; ++hour) policy.history.push_back({Time{std::chrono::hours{hour}}, 200});
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result) == Lines{"0 2>4"});
    CHECK(in_service(result, Time{22s}) == 4);
    CHECK(result.groups[0].launches == 2);
}

TEST_CASE("best effort passes a zone over that is short of capacity") {
    sim::Scenario scenario = fleet_world(4, 8);
    suspend(scenario, sim::ScalingProcess::az_rebalance);
    add_shortage(scenario, 300s, 1500s, zone_a);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 8)};
    const sim::Result result = sim::run(scenario);
    CHECK(zones_at(result, Time{600s}) == "a2 b6");
    CHECK(count_rows(result, "launch_failed") == 0);
}

TEST_CASE("balanced-only waits for the zone whose turn it is and says so once") {
    sim::Scenario scenario = fleet_world(4, 8);
    group_of(scenario).zone_distribution = scaling::ZoneDistribution::balanced_only;
    add_shortage(scenario, 300s, 1500s, zone_a);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 8)};
    const sim::Result result = sim::run(scenario);
    CHECK(zones_at(result, Time{600s}) == "a2 b3");
    CHECK(zones_at(result, Time{1499s}) == "a2 b3");
    CHECK(zones_at(result, Time{1500s}) == "a4 b4");
    REQUIRE(count_rows(result, "launch_failed") == 1);
    const auto* failed = row_from(result, Time{}, "launch_failed");
    CHECK(failed->at == Time{600s});
    CHECK(failed->reason == "insufficient capacity in the zone whose turn it is");
}

TEST_CASE("a launch that fails everywhere is tried every minute and told again only after one has succeeded") {
    sim::Scenario scenario = fleet_world(2, 8);
    add_shortage(scenario, 300s, 901s);
    add_shortage(scenario, 1000s, 1500s);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 4), desired_at(scenario, 1200s, 5)};
    const sim::Result result = sim::run(scenario);
    CHECK(lines_of(result, "launch_failed") == Lines{"600 ", "1200 "});
    CHECK(the_row(result, "launch_failed").reason == "insufficient capacity in every zone");
    CHECK(in_capacity(result, Time{959s}) == 2);
    CHECK(in_capacity(result, Time{960s}) == 4);
    CHECK(in_capacity(result, Time{1499s}) == 4);
    CHECK(in_capacity(result, Time{1500s}) == 5);
}

// Scaling in.

TEST_CASE("a smaller desired capacity ends instances at once and keeps the zones even") {
    sim::Scenario scenario = fleet_world(7, 7, 3);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 4)};
    const sim::Result result = sim::run(scenario);
    CHECK(zones_at(result, Time{600s}).size() == 8);
    CHECK(in_capacity(result, Time{600s}) == 4);
    CHECK(lines_of(result, "instance_shutting_down").size() == 3);
    CHECK(the_row(result, "instance_terminated").at == Time{610s});
    CHECK(result.groups[0].terminations == 3);
    // What is shutting down is not paid for.
    CHECK(result.groups[0].instance_hours == Approx(4 + 3 * 600 / 3600.0).epsilon(1e-12));
}

TEST_CASE("instances that are still launching are not ended by a scale-in but once they are in service") {
    sim::Scenario scenario = fleet_world(1, 3, 1);
    group_of(scenario).termination_policies = {scaling::TerminationPolicy::newest_instance};
    group_of(scenario).scheduled_actions = {desired_at(scenario, 590s, 3), desired_at(scenario, 595s, 1)};
    const sim::Result result = sim::run(scenario);
    // i-000001 is the only one in service at 595 s; the others follow at the next round after 612 s.
    CHECK(lines_of(result, "instance_shutting_down")[0] == "595 i-000001");
    CHECK(lines_of(result, "instance_shutting_down").size() == 2);
    CHECK(the_row(result, "instance_shutting_down", Time{596s}).at == Time{660s});
    CHECK(in_capacity(result, Time{660s}) == 1);
}

TEST_CASE("protected instances stay while the desired capacity falls") {
    sim::Scenario scenario = fleet_world(6, 10);
    group_of(scenario).protect_from_scale_in = true;
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 4)};
    SECTION("for good") {
        const sim::Result result = sim::run(scenario);
        CHECK(changes(result) == Lines{"600 6>4"});
        CHECK(count_rows(result, "instance_shutting_down") == 0);
        CHECK(in_service(result, Time{1h}) == 6);
    }
    SECTION("but they are not protected from EC2, and are not replaced as long as there are enough") {
        scenario.faults.push_back({Time{700s}, sim::TerminateInstance{}});
        const sim::Result result = sim::run(scenario);
        CHECK(in_service(result, Time{1h}) == 5);
        CHECK(result.groups[0].launches == 0);
    }
    SECTION("nor from health checks") {
        scenario.faults.push_back({Time{700s}, sim::ImpairInstance{fleet, sim::HealthCheck::ec2}});
        const sim::Result result = sim::run(scenario);
        CHECK(in_service(result, Time{1h}) == 5);
    }
}

TEST_CASE("balance goes before the termination policy") {
    sim::Scenario scenario = fleet_world(1, 3);
    suspend(scenario, sim::ScalingProcess::az_rebalance);
    group_of(scenario).termination_policies = {scaling::TerminationPolicy::oldest_instance};
    add_shortage(scenario, 50s, 250s, zone_a);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 100s, 2), desired_at(scenario, 200s, 3),
                                            desired_at(scenario, 600s, 2), desired_at(scenario, 900s, 1)};
    const sim::Result result = sim::run(scenario);
    // The first instance is in zone a, the next two are in zone b.
    CHECK(zones_at(result, Time{599s}) == "a1 b2");
    CHECK(lines_of(result, "instance_shutting_down") == Lines{"600 i-000002", "900 i-000001"});
}

TEST_CASE("the default policy ends the instance that is closest to its next hour") {
    for (const auto& [at, ended] : {std::pair{3580s, "3580 i-000001"}, std::pair{4000s, "4000 i-000002"}}) {
        sim::Scenario scenario = fleet_world(1, 2, 1);
        scenario.duration = 2h;
        group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 2), desired_at(scenario, at, 1)};
        CHECK(lines_of(sim::run(scenario), "instance_shutting_down") == Lines{ended});
    }
}

TEST_CASE("policies of age end the oldest or the newest") {
    using scaling::TerminationPolicy;
    for (const auto& [policy, ended] : {std::pair{TerminationPolicy::oldest_instance, "1200 i-000001"},
                                        std::pair{TerminationPolicy::newest_instance, "1200 i-000003"}}) {
        sim::Scenario scenario = fleet_world(1, 3, 1);
        group_of(scenario).termination_policies = {policy};
        group_of(scenario).scheduled_actions = {desired_at(scenario, 300s, 2), desired_at(scenario, 600s, 3),
                                                desired_at(scenario, 1200s, 2)};
        CHECK(lines_of(sim::run(scenario), "instance_shutting_down") == Lines{ended});
    }
}

// Health.

TEST_CASE("an instance that EC2 ends is replaced at the next health check even in its grace period") {
    sim::Scenario scenario = fleet_world(4, 4);
    group_of(scenario).health_check_grace_period = 1h;
    scenario.faults = {{Time{630s}, sim::TerminateInstance{}}};
    const sim::Result result = sim::run(scenario);
    CHECK(lines_of(result, "instance_launch", Time{1s}) == Lines{"660 i-000005"});
    CHECK(lines_of(result, "instance_in_service") == Lines{"682 i-000005"});
    CHECK(zones_at(result, Time{1h}) == "a2 b2");
}

TEST_CASE("failed status checks are tolerated for three minutes") {
    sim::Scenario scenario = fleet_world(4, 4);
    scenario.faults = {{Time{630s}, sim::ImpairInstance{fleet, sim::HealthCheck::ec2}}};
    const sim::Result result = sim::run(scenario);
    const auto* ended = row_from(result, Time{}, "instance_shutting_down");
    REQUIRE(ended != nullptr);
    CHECK(ended->at == Time{840s});  // 810 s, at the next whole minute.
    CHECK(ended->reason == "failed status checks");
    CHECK(lines_of(result, "instance_launch", Time{1s}) == Lines{"840 i-000005"});
}

TEST_CASE("a load balancer's word counts only in groups that ask for it and after the grace period") {
    sim::Scenario scenario = fleet_world(1, 1, 1);
    // Its replacement comes into service at 682 s and fails from 700 s on.
    scenario.faults = {{Time{630s}, sim::TerminateInstance{}},
                       {Time{700s}, sim::ImpairInstance{fleet, sim::HealthCheck::elb}}};
    SECTION("EC2") { CHECK(count_rows(sim::run(scenario), "instance_shutting_down") == 1); }
    SECTION("ELB") {
        group_of(scenario).health_check_type = scaling::HealthCheckType::elb;
        CHECK(lines_of(sim::run(scenario), "instance_shutting_down") == Lines{"630 i-000001", "720 i-000002"});
    }
    SECTION("ELB with a grace period of five minutes: until 982 s") {
        group_of(scenario).health_check_type = scaling::HealthCheckType::elb;
        group_of(scenario).health_check_grace_period = 300s;
        const sim::Result result = sim::run(scenario);
        CHECK(lines_of(result, "instance_shutting_down") == Lines{"630 i-000001", "1020 i-000002"});
        CHECK(the_row(result, "instance_shutting_down", Time{700s}).reason == "failed its health checks");
    }
}

TEST_CASE("what a custom check sets unhealthy is replaced at the next minute whatever else goes on") {
    sim::Scenario scenario = fleet_world(4, 4);
    for (int i = 0; i < 3; ++i) {
        scenario.faults.push_back({Time{630s + i * 1s}, sim::ImpairInstance{fleet, sim::HealthCheck::custom}});
    }
    const sim::Result result = sim::run(scenario);
    const std::size_t hit = count_rows(result, "instance_shutting_down");
    CHECK(hit >= 2);  // One may have been chosen twice.
    CHECK(count_rows(result, "fault") == 3);
    for (const auto& row : result.events) {
        if (row.event != "instance_shutting_down") continue;
        CHECK(row.at == Time{660s});
        CHECK(row.reason == "set unhealthy by a custom health check");
    }
}

TEST_CASE("without Launch an instance that is too old stays") {
    sim::Scenario scenario = fleet_world(4, 4);
    group_of(scenario).max_instance_lifetime = 24h;
    scenario.duration = 30h;
    suspend(scenario, sim::ScalingProcess::launch);
    CHECK(sim::run(scenario).groups[0].instances.min == 4);
}

TEST_CASE("a tenth of the group is replaced at once, and the next when those have warmed up") {
    sim::Scenario scenario = fleet_world(20, 20);
    scenario.faults = {{Time{630s}, sim::ZoneOutage{zone_a, 3h}}};
    const auto instants = [](const sim::Result& result) {
        Lines at;
        for (const std::string& line : lines_of(result, "instance_shutting_down")) {
            at.push_back(line.substr(0, line.find(' ')));
        }
        return at;
    };
    SECTION("without a warm-up") {
        const sim::Result result = sim::run(scenario);
        CHECK(instants(result) == Lines{"840", "840", "900", "900", "960", "960", "1020", "1020", "1080", "1080"});
        CHECK(zones_at(result, Time{1h}) == "a0 b20");
    }
    SECTION("with two minutes of it, in service at 862 s and warm at 982 s") {
        group_of(scenario).default_instance_warmup = 120s;
        CHECK(instants(sim::run(scenario)) ==
              Lines{"840", "840", "1020", "1020", "1200", "1200", "1380", "1380", "1560", "1560"});
    }
}

TEST_CASE("replacements wait for a scaling activity that leaves the group a tenth short") {
    for (const auto& [desired, replaced] : {std::pair{22, "660"}, std::pair{23, "720"}}) {
        sim::Scenario scenario = fleet_world(20, 30);
        group_of(scenario).health_check_type = scaling::HealthCheckType::elb;
        group_of(scenario).scheduled_actions = {desired_at(scenario, 645s, desired)};
        scenario.faults = {{Time{650s}, sim::ImpairInstance{fleet, sim::HealthCheck::elb}}};
        const sim::Result result = sim::run(scenario);
        CHECK(lines_of(result, "instance_shutting_down")[0].substr(0, 3) == replaced);
    }
}

TEST_CASE("an instance is not checked before it is in service") {
    // Eleven zones have an instance each, and the twelfth gets one.
    sim::Scenario scenario = fleet_world(11, 20, 12);
    sim::LifecycleHook hook;
    hook.settings = {.name = "ready"};
    hook.completes_after = des::constant(600);
    group_of(scenario).lifecycle_hooks = {hook};
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 12)};
    // It runs at 620 s, does not answer from 650 to 1300 s, and is in service at 1220 s.
    scenario.faults = {{Time{650s}, sim::ZoneOutage{sim::ZoneId{11}, 650s}}};
    const sim::Result result = sim::run(scenario);
    CHECK(lines_of(result, "instance_in_service")[0] == "1220 i-000012");
    CHECK(lines_of(result, "instance_shutting_down")[0] == "1260 i-000012");
}

TEST_CASE("an instance whose tasks cannot move off it is not waited for when it does not answer") {
    sim::Scenario scenario = small_world(2);
    auto& group = scenario.groups[fleet];
    group.launch_times = fixed_launch_times();
    group.min_size = 0;
    // Each of two tasks fills an instance, so that nothing can leave the one that is to go.
    scenario.services[add_service(scenario, "worker", 2, 1, des::constant(1))].task.shape.task =
        placement::resources({.cpu_units = 2048, .memory_mib = 512});
    group.scheduled_actions = {desired_at(scenario, 600s, 1)};
    const sim::Result stuck = sim::run(scenario);
    const sim::EventRow& draining = the_row(stuck, "instance_draining");
    CHECK(draining.at == Time{600s});
    CHECK(count_rows(stuck, "instance_shutting_down") == 0);

    const sim::ZoneId zone{draining.zone == "us-east-1a" ? 0U : 1U};
    scenario.faults = {{Time{700s}, sim::ZoneOutage{zone, 1h}}};
    const sim::Result result = sim::run(scenario);
    CHECK(lines_of(result, "instance_shutting_down") == Lines{"900 " + draining.instance});
    CHECK(the_row(result, "instance_shutting_down").reason == "failed status checks");
}

TEST_CASE("instances of a group are replaced while nothing else is suspended") {
    sim::Scenario scenario = fleet_world(4, 4);
    scenario.faults = {{Time{630s}, sim::TerminateInstance{}},
                       {Time{700s}, sim::ImpairInstance{fleet, sim::HealthCheck::ec2}}};
    const auto launched = [&scenario] { return lines_of(sim::run(scenario), "instance_launch", Time{1s}).size(); };
    REQUIRE(launched() == 2);
    for (const sim::ScalingProcess process :
         {sim::ScalingProcess::launch, sim::ScalingProcess::terminate, sim::ScalingProcess::health_check,
          sim::ScalingProcess::replace_unhealthy}) {
        CAPTURE(sim::scaling_process_names[static_cast<std::size_t>(process)]);
        sim::Scenario without = scenario;
        suspend(without, process);
        const sim::Result result = sim::run(without);
        CHECK(lines_of(result, "instance_launch", Time{1s}).empty());
        // Only a suspended Launch leaves the impaired instance to be ended.
        CHECK(in_service(result, Time{1h}) == (process == sim::ScalingProcess::launch ? 2 : 3));
    }
}

// Suspended processes.

TEST_CASE("without Launch a group scales in but not out") {
    sim::Scenario scenario = fleet_world(4, 8);
    suspend(scenario, sim::ScalingProcess::launch);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 6), desired_at(scenario, 1200s, 3)};
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result) == Lines{"600 4>6", "1200 6>3"});
    CHECK(in_capacity(result, Time{1199s}) == 4);
    CHECK(in_capacity(result, Time{1200s}) == 3);
}

TEST_CASE("without Terminate a group scales out but not in") {
    sim::Scenario scenario = fleet_world(4, 8);
    suspend(scenario, sim::ScalingProcess::terminate);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 6), desired_at(scenario, 1200s, 3)};
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result) == Lines{"600 4>6", "1200 6>3"});
    CHECK(in_capacity(result, Time{1h}) == 6);
    CHECK(count_rows(result, "instance_shutting_down") == 0);
}

TEST_CASE("a loss that nobody notices is made up for by the next scale-in") {
    sim::Scenario scenario = fleet_world(4, 8);
    suspend(scenario, sim::ScalingProcess::health_check);
    scenario.faults = {{Time{630s}, sim::TerminateInstance{}}};
    group_of(scenario).scheduled_actions = {desired_at(scenario, 900s, 5), desired_at(scenario, 1200s, 4),
                                            desired_at(scenario, 1500s, 3)};
    const sim::Result result = sim::run(scenario);
    CHECK(in_capacity(result, Time{899s}) == 3);
    CHECK(in_capacity(result, Time{900s}) == 4);  // One more, though five are desired.
    CHECK(in_capacity(result, Time{1200s}) == 4);
    CHECK(in_capacity(result, Time{1500s}) == 3);
}

TEST_CASE("without ScheduledActions none runs") {
    sim::Scenario scenario = fleet_world(4, 8);
    suspend(scenario, sim::ScalingProcess::scheduled_actions);
    group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 6)};
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result).empty());
    CHECK(the_row(result, "scheduled_action").reason == "not run: scheduled actions are suspended");
}

TEST_CASE("without AlarmNotification policies do nothing and say so once") {
    sim::Scenario scenario = fleet_world(4, 8);
    suspend(scenario, sim::ScalingProcess::alarm_notification);
    const auto alarm =
        add_alarm(scenario, "high", custom_metric(scenario, traffic::constant(90)), scaling::Comparison::greater, 50);
    group_of(scenario).step_scaling = {
        {"out", alarm, {.steps = {{.lower_bound = 0, .upper_bound = {}, .adjustment = 1}}}}};
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result).empty());
    REQUIRE(count_rows(result, "scaling_held") == 1);
    CHECK(the_row(result, "scaling_held").reason.substr(0, 9) == "suspended");
}

// Maximum instance lifetime.

TEST_CASE("instances are replaced one after the other when they have reached their lifetime") {
    sim::Scenario scenario = fleet_world(3, 3, 1);
    scenario.duration = 25h;
    group_of(scenario).max_instance_lifetime = 24h;
    SECTION("ended first and then replaced") {
        const sim::Result result = sim::run(scenario);
        Lines at;
        for (const std::string& line : lines_of(result, "instance_shutting_down")) at.push_back(line.substr(0, 5));
        CHECK(at == Lines{"86400", "86460", "86520"});
        CHECK(the_row(result, "instance_shutting_down").reason == "reached the maximum instance lifetime");
        CHECK(lines_of(result, "instance_launch", Time{1s})[0] == "86400 i-000004");
        CHECK(in_service(result, Time{25h}) == 3);
    }
    SECTION("but not while they are protected from scale-in") {
        group_of(scenario).protect_from_scale_in = true;
        CHECK(count_rows(sim::run(scenario), "instance_shutting_down") == 0);
    }
    SECTION("nor while Terminate is suspended") {
        suspend(scenario, sim::ScalingProcess::terminate);
        CHECK(count_rows(sim::run(scenario), "instance_shutting_down") == 0);
    }
}

TEST_CASE("several go at once if one after the other would take longer than a lifetime") {
    sim::Scenario scenario = fleet_world(200, 200);
    scenario.duration = 24h + 2min;
    group_of(scenario).max_instance_lifetime = 24h;
    group_of(scenario).default_instance_warmup = 1h;
    // 200 of an hour and a minute each are 8.5 days.
    const sim::Result result = sim::run(scenario);
    CHECK(count_rows(result, "instance_shutting_down") == 9);
}
