#include <chrono>
#include <string>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/replay.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

/// A refresh at 600 s of a fleet of ten.
sim::Scenario refresh_world(scaling::InstanceRefresh refresh) {
    sim::Scenario scenario = fleet_world(10, 20);
    scenario.duration = 3h;
    group_of(scenario).instance_refreshes = {{Time{600s}, std::move(refresh)}};
    return scenario;
}

/// When how many instances were ended: `600:5 660:5`.
std::string batches(const sim::Result& result) {
    std::string text;
    Time at{};
    int count = 0;
    const auto flush = [&] {
        if (count == 0) return;
        text += (text.empty() ? "" : " ") + std::to_string(at.time_since_epoch() / 1s) + ":" + std::to_string(count);
        count = 0;
    };
    for (const auto& row : result.events) {
        if (row.event != "instance_shutting_down") continue;
        if (row.at != at) flush();
        at = row.at;
        ++count;
    }
    flush();
    return text;
}

/// The refresh's own rows: `720 done: 10 of 10 replaced`.
Lines steps(const sim::Result& result) {
    Lines lines;
    for (const auto& row : result.events) {
        if (row.event != "instance_refresh") continue;
        lines.push_back(std::to_string(row.at.time_since_epoch() / 1s) + " " + row.reason);
    }
    return lines;
}

/// Fewest instances in service at any time.
int fewest(const sim::Result& result) {
    int least = 1000;
    Replay replay;
    for (const auto& row : result.events) {
        if (row.at > Time{}) {
            least = std::min(least, replay.count([](const Story& story) { return story.in_service; }));
        }
        replay.apply(row);
    }
    return least;
}

}  // namespace

TEST_CASE("a refresh ends as many instances at once as the minimum healthy percentage leaves") {
    const sim::Result by_tenths = sim::run(refresh_world({.min_healthy_percentage = 90}));
    CHECK(batches(by_tenths) == "600:1 660:1 720:1 780:1 840:1 900:1 960:1 1020:1 1080:1 1140:1");
    CHECK(steps(by_tenths) ==
          Lines{"600 starts: instances get a new launch template version", "1200 done: 10 of 10 replaced"});
    CHECK(fewest(by_tenths) == 9);

    const sim::Result by_halves = sim::run(refresh_world({.min_healthy_percentage = 50}));
    CHECK(batches(by_halves) == "600:5 660:5");
    CHECK(steps(by_halves).back() == "720 done: 10 of 10 replaced");
    CHECK(fewest(by_halves) == 5);

    CHECK(batches(sim::run(refresh_world({.min_healthy_percentage = 65}))) == "600:3 660:3 720:3 780:1");
    CHECK(batches(sim::run(refresh_world({.min_healthy_percentage = 0}))) == "600:10");
    CHECK(batches(sim::run(refresh_world({.min_healthy_percentage = 100}))).substr(0, 16) == "600:1 660:1 720:");
}

TEST_CASE("the start tells the launch template versions") {
    const sim::Result result = sim::run(refresh_world({}));
    const auto* start = row_from(result, Time{}, "instance_refresh");
    CHECK(start->from == "1");
    CHECK(start->to == "2");
    CHECK(start->resource == "auto_scaling_group/fleet");
}

TEST_CASE("new instances come where old ones leave, in all zones alike") {
    const sim::Result result = sim::run(refresh_world({.min_healthy_percentage = 60}));
    for (const Time at : {Time{600s}, Time{622s}, Time{660s}, Time{720s}, Time{3h}}) {
        CHECK(zones_at(result, at) == "a5 b5");
    }
}

TEST_CASE("the next batch waits until the new instances have warmed up") {
    SECTION("by the refresh's own setting: in service at 622 s and warm at 722 s") {
        const sim::Result result = sim::run(refresh_world({.min_healthy_percentage = 50, .instance_warmup = 100s}));
        CHECK(batches(result) == "600:5 780:5");
        CHECK(steps(result).back() == "960 done: 10 of 10 replaced");
    }
    SECTION("by the group's default") {
        sim::Scenario scenario = refresh_world({.min_healthy_percentage = 50});
        group_of(scenario).default_instance_warmup = 200s;
        group_of(scenario).health_check_grace_period = 500s;
        CHECK(batches(sim::run(scenario)) == "600:5 840:5");
    }
    SECTION("else by the health check grace period") {
        sim::Scenario scenario = refresh_world({.min_healthy_percentage = 50});
        group_of(scenario).health_check_grace_period = 500s;
        CHECK(batches(sim::run(scenario)) == "600:5 1140:5");
    }
}

TEST_CASE("a refresh pauses at its checkpoints") {
    const sim::Result result = sim::run(refresh_world(
        {.min_healthy_percentage = 50, .checkpoint_percentages = {20, 50, 100}, .checkpoint_delay = 600s}));
    // Two in service at 622 s: it goes on after 1222 s, with three; those are in service at 1282 s.
    CHECK(batches(result) == "600:2 1260:3 1920:5");
    CHECK(steps(result) == Lines{"600 starts: instances get a new launch template version",
                                 "660 waits at a checkpoint: 2 of 10 replaced",
                                 "1320 waits at a checkpoint: 5 of 10 replaced", "1980 done: 10 of 10 replaced"});
}

TEST_CASE("a refresh whose last checkpoint is less than all ends there") {
    const sim::Result result = sim::run(refresh_world({.checkpoint_percentages = {20}}));
    CHECK(batches(result) == "600:1 660:1");
    CHECK(steps(result).back() == "720 done: 2 of 10 replaced");
}

TEST_CASE("a second refresh while one is in progress is rejected, and later it is not") {
    sim::Scenario scenario = refresh_world({.min_healthy_percentage = 50});
    group_of(scenario).instance_refreshes.push_back({Time{650s}, {.min_healthy_percentage = 0}});
    group_of(scenario).instance_refreshes.push_back({Time{900s}, {.min_healthy_percentage = 0}});
    const sim::Result result = sim::run(scenario);
    CHECK(steps(result) == Lines{"600 starts: instances get a new launch template version",
                                 "650 rejected: another one is in progress", "720 done: 10 of 10 replaced",
                                 "900 starts: instances get a new launch template version",
                                 "960 done: 10 of 10 replaced"});
    CHECK(batches(result) == "600:5 660:5 900:10");
}

TEST_CASE("a suspended InstanceRefresh rejects it and suspended Launch or Terminate make it rest") {
    for (const auto& [process, first_step] :
         {std::pair{sim::ScalingProcess::instance_refresh, "600 rejected: the process is suspended"},
          std::pair{sim::ScalingProcess::launch, "600 starts: instances get a new launch template version"},
          std::pair{sim::ScalingProcess::terminate, "600 starts: instances get a new launch template version"}}) {
        sim::Scenario scenario = refresh_world({});
        group_of(scenario).suspended_processes.set(static_cast<std::size_t>(process));
        const sim::Result result = sim::run(scenario);
        CHECK(steps(result) == Lines{first_step});
        CHECK(batches(result).empty());
    }
}

TEST_CASE("a refresh waits an hour for protected instances and fails") {
    sim::Scenario scenario = refresh_world({});
    group_of(scenario).protect_from_scale_in = true;
    const sim::Result result = sim::run(scenario);
    CHECK(batches(result).empty());
    CHECK(steps(result) == Lines{"600 starts: instances get a new launch template version",
                                 "600 waits: the instances left are protected from scale-in",
                                 "4200 failed: the instances left are protected from scale-in"});
}

TEST_CASE("scaling goes on during a refresh with new instances and old ones leave first") {
    sim::Scenario scenario =
        refresh_world({.min_healthy_percentage = 50, .checkpoint_percentages = {50, 100}, .checkpoint_delay = 1800s});
    group_of(scenario).scheduled_actions = {desired_at(scenario, 900s, 14), desired_at(scenario, 1500s, 10)};
    const sim::Result result = sim::run(scenario);
    // Five of ten are new at 622 s; of fourteen nine; the scale-in takes four of the five that are old.
    CHECK(batches(result) == "600:5 1500:4 2460:1");
    CHECK(steps(result).back() == "2520 done: 10 of 10 replaced");
    for (int i = 1; i <= 10; ++i) {
        const std::string name = (i < 10 ? "i-00000" : "i-0000") + std::to_string(i);
        CHECK_FALSE(as_of(result, Time{3h}).of(name).in_service);
    }
}

TEST_CASE("an instance that EC2 ends during a refresh is replaced by a new one and counts") {
    sim::Scenario scenario = fleet_world(2, 2, 1);
    group_of(scenario).instance_refreshes = {{Time{600s}, {.min_healthy_percentage = 100, .instance_warmup = 600s}}};
    scenario.faults = {{Time{630s}, sim::TerminateInstance{}}};
    const sim::Result result = sim::run(scenario);
    REQUIRE(steps(result).size() == 2);
    CHECK(in_service(result, Time{1h}) == 2);
    CHECK(result.groups[0].launches <= 3);
}

TEST_CASE("terminate hooks delay an old instance's end but not the new one's coming") {
    sim::Scenario scenario = fleet_world(2, 2, 1);
    group_of(scenario).instance_refreshes = {{Time{600s}, {.min_healthy_percentage = 50}}};
    sim::LifecycleHook hook;
    hook.settings = {.name = "drain", .transition = scaling::LifecycleTransition::terminating};
    hook.completes_after = des::constant(300);
    group_of(scenario).lifecycle_hooks = {hook};
    const sim::Result result = sim::run(scenario);
    CHECK(batches(result) == "900:1 960:1");
    CHECK(steps(result).back() == "720 done: 2 of 2 replaced");
}

TEST_CASE("a refresh is done when all there is is new though more is wanted") {
    sim::Scenario scenario = refresh_world({.min_healthy_percentage = 50, .instance_warmup = 0s});
    // The second half of the old ones goes at 660 s and cannot be launched again.
    scenario.faults = {{Time{650s}, sim::InsufficientCapacity{"m5.large", {}, 1h}}};
    group_of(scenario).instance_refreshes.push_back({Time{2h}, {}});
    const Lines rows = steps(sim::run(scenario));
    REQUIRE(rows.size() >= 3);
    CHECK(rows[1] == "720 done: 5 of 10 replaced");
    CHECK(rows[2] == "7200 starts: instances get a new launch template version");
}

TEST_CASE("a group short of capacity reaches its checkpoints all the same") {
    sim::Scenario scenario = refresh_world({.min_healthy_percentage = 50,
                                            .instance_warmup = 0s,
                                            .checkpoint_percentages = {10, 100},
                                            .checkpoint_delay = 600s});
    // One is lost at 550 s and not replaced, so that there are nine of ten.
    group_of(scenario).suspended_processes.set(static_cast<std::size_t>(sim::ScalingProcess::replace_unhealthy));
    scenario.faults = {{Time{550s}, sim::TerminateInstance{}}};
    const Lines rows = steps(sim::run(scenario));
    REQUIRE(rows.size() == 3);
    CHECK(rows[1].find("waits at a checkpoint: 1 of 10 replaced") != std::string::npos);
    CHECK(rows[2].find("done: 9 of 10 replaced") != std::string::npos);
}

TEST_CASE("instances on their way are not healthy yet") {
    sim::Scenario scenario = fleet_world(5, 20);
    scenario.duration = 3h;
    sim::LifecycleHook slow;
    slow.settings = {.name = "slow", .transition = scaling::LifecycleTransition::launching};
    slow.completes_after = des::constant(600);
    group_of(scenario).lifecycle_hooks = {slow};
    group_of(scenario).scheduled_actions = {desired_at(scenario, 550s, 10)};
    group_of(scenario).instance_refreshes = {{Time{600s}, {.min_healthy_percentage = 50, .instance_warmup = 0s}}};
    const sim::Result result = sim::run(scenario);
    // Five of ten are in service and may be no fewer until the hooks are done at 1170 s.
    CHECK(batches(result).substr(0, 7) == "1200:5 ");
    CHECK(fewest(result) == 5);
    CHECK(steps(result).back().find("done: 10 of 10 replaced") != std::string::npos);
}
