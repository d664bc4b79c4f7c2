#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/ecs_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

using Zones = std::map<std::string, std::int32_t>;

constexpr sim::ServiceId web = first_service;
constexpr std::uint32_t fargate = 0;
constexpr std::uint32_t fargate_spot = 1;

/// A cluster of FARGATE and FARGATE_SPOT in three zones, with no instance anywhere.
sim::Scenario fargate_world() {
    sim::Scenario scenario = ecs_world(0);
    scenario.zones.add("us-east-1c");
    sim::CapacityProvider on_demand;
    on_demand.kind = sim::ProviderKind::fargate;
    on_demand.name = "FARGATE";
    sim::CapacityProvider spot = on_demand;
    spot.kind = sim::ProviderKind::fargate_spot;
    spot.name = "FARGATE_SPOT";
    scenario.clusters[main_cluster].capacity_providers = {on_demand, spot};
    return scenario;
}

std::vector<sim::ZoneId> all_zones(const sim::Scenario& scenario) {
    std::vector<sim::ZoneId> zones;
    for (const sim::ZoneId zone : des::ids_of(scenario.zones)) zones.push_back(zone);
    return zones;
}

/// So many tasks of a quarter of a vCPU and half a GB.
sim::Scenario served(std::int32_t tasks, std::vector<sim::StrategyItem> strategy = {{fargate, {.weight = 1}}}) {
    sim::Scenario scenario = fargate_world();
    add_service(scenario, "web", tasks, 1, des::constant(0.01));
    sim::Service& service = scenario.services[web];
    service.fargate_zones = all_zones(scenario);
    service.capacity_provider_strategy = std::move(strategy);
    service.task.awsvpc = true;
    return scenario;
}

/// One task, started at 600 s, that runs for so long.
sim::Scenario one_run(std::uint32_t provider, std::int32_t cpu_units, std::int32_t memory_mib, double seconds) {
    sim::Scenario scenario = fargate_world();
    scenario.duration = 3h;
    sim::TaskRun run;
    run.name = "job";
    run.cluster = main_cluster;
    run.task.shape.task = need(cpu_units, memory_mib);
    run.task.awsvpc = true;
    run.capacity_provider_strategy = {{provider, {.weight = 1}}};
    run.fargate_zones = all_zones(scenario);
    run.schedule = scaling::Schedule::once(scenario.start + 600s);
    run.runs_for = des::constant(seconds);
    scenario.task_runs.push_back(run);
    return scenario;
}

double usd_of(const sim::Result& result, const std::string& resource) {
    double usd = 0;
    for (const sim::CostItem& item : result.cost_items) usd += item.resource == resource ? item.usd : 0;
    return usd;
}

double quantity_of(const sim::Result& result, const std::string& kind) {
    double quantity = 0;
    for (const sim::CostItem& item : result.cost_items) quantity += item.kind == kind ? item.quantity : 0;
    return quantity;
}

/// Seconds from the first row of that kind to the n-th, counted from 1.
double nth_after_first(const std::vector<Time>& times, std::size_t n) {
    return des::seconds(times.at(n - 1) - times.front());
}

}  // namespace

TEST_CASE("tasks on Fargate need no instance and are spread over the zones") {
    sim::Scenario scenario = served(7);
    desire_at(scenario, web, 600s, 4);
    desire_at(scenario, web, 1200s, 9);
    desire_at(scenario, web, 1800s, 2);
    const sim::Result result = sim::run(scenario);
    CHECK(by_zone(result, Time{1min}, "web") == Zones{{"us-east-1a", 3}, {"us-east-1b", 2}, {"us-east-1c", 2}});
    CHECK(by_zone(result, Time{1199s}, "web").size() == 3);
    CHECK(by_zone(result, Time{1799s}, "web") == Zones{{"us-east-1a", 3}, {"us-east-1b", 3}, {"us-east-1c", 3}});
    CHECK(by_zone(result, Time{1h}, "web").size() == 2);
    CHECK(count_rows(result, "task_refused") == 0);
    CHECK(result.groups[0].launches == 0);
    for (const auto& row : result.events) CHECK(row.instance.empty());
}

TEST_CASE("scaling in on Fargate keeps the zones even") {
    sim::Scenario scenario = served(9);
    for (int i = 1; i <= 8; ++i) desire_at(scenario, web, std::chrono::minutes{5 * i}, 9 - i);
    const sim::Result result = sim::run(scenario);
    for (int i = 0; i <= 8; ++i) {
        CAPTURE(i);
        std::int32_t least = 9 - i >= 3 ? 99 : 0;
        std::int32_t most = 0;
        for (const auto& [zone, count] : by_zone(result, Time{std::chrono::minutes{5 * i + 4}}, "web")) {
            least = std::min(least, count);
            most = std::max(most, count);
        }
        CHECK(most - least <= 1);
    }
}

TEST_CASE("in a zone that is out no task starts on Fargate") {
    sim::Scenario scenario = served(3);
    scenario.faults.push_back({Time{500s}, sim::ZoneOutage{sim::ZoneId{0}, 20min}});
    desire_at(scenario, web, 600s, 9);
    const sim::Result result = sim::run(scenario);
    CHECK(by_zone(result, Time{20min}, "web") == Zones{{"us-east-1a", 1}, {"us-east-1b", 4}, {"us-east-1c", 4}});
}

TEST_CASE("on Fargate tasks go to zones where subnets have addresses left") {
    sim::Scenario scenario = served(12);
    sim::Service& service = scenario.services[web];
    for (const std::int32_t addresses : {2, 3, 100}) {
        const sim::ZoneId zone{static_cast<std::uint32_t>(scenario.subnets.size())};
        service.subnets.push_back(scenario.subnets.add({.name = "s", .zone = zone, .addresses = addresses}));
    }
    CHECK(by_zone(sim::run(scenario), Time{10min}, "web") ==
          Zones{{"us-east-1a", 2}, {"us-east-1b", 3}, {"us-east-1c", 7}});
}

TEST_CASE("an account calls RunTask on Fargate twenty times at once and then twenty times a second") {
    sim::Scenario scenario = one_run(fargate, 256, 512, 60);
    const sim::TaskRun run = scenario.task_runs[0];
    for (int i = 1; i < 60; ++i) {
        scenario.task_runs.push_back(run);
        scenario.task_runs.back().name += std::to_string(i);
    }
    const sim::Result result = sim::run(scenario);
    const std::vector<Time> created = times_of(result, "task_created");
    REQUIRE(created.size() == 60);
    CHECK(created[19] == Time{600s});
    CHECK(created[20] == Time{600s} + 50ms);
    CHECK(created[59] == Time{602s});
    CHECK(times_of(result, "run_task_throttled").size() == 40);
}

TEST_CASE("an account launches a hundred tasks at once and twenty a second on Fargate and a service 500 a minute") {
    sim::Scenario scenario = served(0);
    desire_at(scenario, web, 600s, 700);
    const auto times = times_of(sim::run(scenario), "task_placed");
    REQUIRE(times.size() == 700);
    struct Row {
        std::size_t task;
        double seconds;
    };
    for (const Row& row : {Row{1, 0}, Row{100, 0}, Row{101, 0.05}, Row{300, 10}, Row{500, 20}, Row{501, 60},
                           Row{600, 60}, Row{700, 65}}) {
        CAPTURE(row.task);
        CHECK(nth_after_first(times, row.task) == Approx(row.seconds).margin(1e-6));
    }
}

TEST_CASE("the services of an account share its launches and Fargate Spot has its own") {
    SECTION("two services") {
        sim::Scenario scenario = served(0);
        sim::Service other = scenario.services[web];
        other.name = "other";
        const sim::ServiceId second = scenario.services.add(other);
        desire_at(scenario, web, 600s, 100);
        desire_at(scenario, second, 600s, 100);
        const auto times = times_of(sim::run(scenario), "task_placed");
        REQUIRE(times.size() == 200);
        CHECK(nth_after_first(times, 200) >= 5 - 0.001);
        CHECK(nth_after_first(times, 200) < 15);
    }
    SECTION("on demand and Spot") {
        sim::Scenario scenario = served(0, {{fargate, {.weight = 1}}, {fargate_spot, {.weight = 1}}});
        desire_at(scenario, web, 600s, 200);
        const auto times = times_of(sim::run(scenario), "task_placed");
        REQUIRE(times.size() == 200);
        CHECK(nth_after_first(times, 200) == 0);
    }
}

TEST_CASE("on instances a service launches five hundred tasks a minute") {
    sim::Scenario scenario = ecs_world(200);
    add_worker(scenario, "web", 0);
    desire_at(scenario, web, 600s, 700);
    const auto times = times_of(sim::run(scenario), "task_created");
    REQUIRE(times.size() == 700);
    CHECK(nth_after_first(times, 500) == 0);
    CHECK(nth_after_first(times, 501) == 60);
    CHECK(nth_after_first(times, 700) == 60);
}

TEST_CASE("a task on Fargate is billed from its pull on by the second and a minute at least") {
    struct Row {
        const char* what;
        std::uint32_t provider;
        std::int32_t cpu_units;
        std::int32_t memory_mib;
        double seconds;
        double usd;
    };
    for (const Row& row : {Row{"0.25 vCPU and 0.5 GB for an hour", fargate, 256, 512, 3600, 0.0123425},
                           Row{"1 and 2 for an hour", fargate, 1024, 2048, 3600, 0.04937},
                           Row{"1 and 2 for 90 s", fargate, 1024, 2048, 90, 0.00123425},
                           Row{"1 and 2 for 25 s: a minute", fargate, 1024, 2048, 25, 0.000822833},
                           Row{"1 and 2 for 89.5 s: a second begun", fargate, 1024, 2048, 89.5, 0.00123425},
                           Row{"4 and 16 for an hour", fargate, 4096, 16384, 3600, 0.23304},
                           Row{"1 and 2 for an hour on Spot", fargate_spot, 1024, 2048, 3600, 0.014811}}) {
        INFO(row.what);
        const sim::Result result = sim::run(one_run(row.provider, row.cpu_units, row.memory_mib, row.seconds));
        CHECK(usd_of(result, "task/job") == Approx(row.usd).epsilon(1e-6));
    }
}

TEST_CASE("a task on ARM costs less on Fargate") {
    sim::Scenario scenario = one_run(fargate, 1024, 2048, 3600);
    scenario.task_runs[0].task.arm64 = true;
    CHECK(usd_of(sim::run(scenario), "task/job") == Approx(0.0395).epsilon(1e-6));
    scenario.task_runs[0].capacity_provider_strategy = {{fargate_spot, {.weight = 1}}};
    CHECK(usd_of(sim::run(scenario), "task/job") == Approx(0.3 * 0.0395).epsilon(1e-6));
}

TEST_CASE("provisioning on Fargate is free and starting and stopping are not") {
    sim::Scenario scenario = one_run(fargate, 1024, 2048, 70);
    scenario.task_runs[0].task.on_fargate = {.provisioning = des::constant(14), .starting = des::constant(20)};
    CHECK(usd_of(sim::run(scenario), "task/job") == Approx(0.04937 / 40).epsilon(1e-6));

    sim::Scenario stopped = served(1);
    stopped.services[web].task.exit_time = des::constant(25);
    desire_at(stopped, web, 1800s, 0);
    const sim::Result result = sim::run(stopped);
    const Time ended = the_row(result, "task_deprovisioning").at;
    CHECK(ended - the_row(result, "task_stopping").at == 25s);
    CHECK(quantity_of(result, "fargate_vcpu") * 4 * 3600 == Approx(std::ceil(des::seconds(ended.time_since_epoch()))));
}

TEST_CASE("tasks that go on are billed until the end of the run") {
    const sim::Result result = sim::run(served(4));
    CHECK(quantity_of(result, "fargate_vcpu") == Approx(1));
    CHECK(quantity_of(result, "fargate_memory") == Approx(2));
    CHECK(usd_of(result, "service/web") == Approx(4 * 0.0123425));
}

TEST_CASE("a base of one task on demand and the others on Spot") {
    const sim::Result result =
        sim::run(served(5, {{fargate, {.base = 1, .weight = 0}}, {fargate_spot, {.weight = 1}}}));
    CHECK(quantity_of(result, "fargate_vcpu") == Approx(0.25));
    CHECK(quantity_of(result, "fargate_spot_vcpu") == Approx(1));
}

TEST_CASE("scaling in on Fargate takes the tasks on Spot and leaves the base") {
    sim::Scenario scenario = served(5, {{fargate, {.base = 1, .weight = 0}}, {fargate_spot, {.weight = 1}}});
    desire_at(scenario, web, 1800s, 1);
    const sim::Result result = sim::run(scenario);
    CHECK(running_at(result, Time{1h}) == 1);
    CHECK(quantity_of(result, "fargate_vcpu") == Approx(0.25));
    CHECK(quantity_of(result, "fargate_spot_vcpu") == Approx(0.5).margin(0.01));
}

TEST_CASE("Fargate Spot takes tasks back after two minutes at the most and others take their place") {
    sim::Scenario scenario = served(5, {{fargate, {.base = 1, .weight = 0}}, {fargate_spot, {.weight = 1}}});
    scenario.services[web].task.exit_time = des::constant(1000);
    scenario.services[web].task.stop_timeout = 500s;
    scenario.faults.push_back({Time{600s}, sim::ReclaimSpot{.instance_type = "", .share = 1, .fargate = true}});
    const sim::Result result = sim::run(scenario);
    std::size_t gone = 0;
    for (const auto& row : result.events) {
        if (row.event != "task_stopped") continue;
        CHECK(row.reason == "Fargate Spot interruption");
        CHECK(row.at <= Time{720s});
        ++gone;
    }
    CHECK(gone == 4);
    CHECK(running_at(result, Time{1h}) == 5);
}
