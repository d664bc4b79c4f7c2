#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/placement/resources.hpp>
#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;
using namespace std::chrono_literals;

namespace {

constexpr auto midnight = std::chrono::sys_days{std::chrono::January / 5 / 2026};

/// What every scheduled task needs.
constexpr std::string_view nightly = R"(cluster: main
    task: {cpu: 256, memory: 512}
    schedule: cron(0 3 * * ? *)
    runs_for: 10m
)";

/// A small shop whose only scheduled task has these keys.
std::string shop_with(std::string_view keys) {
    return with(small_shop, "traffic:", "scheduled_tasks:\n  nightly:\n    " + std::string(keys) + "traffic:");
}

sim::TaskRun task_run(std::string_view keys) {
    const sim::Scenario scenario = good(shop_with(keys));
    REQUIRE(scenario.task_runs.size() == 1);
    return scenario.task_runs[0];
}

sim::TaskRun with_key(std::string_view key) {
    return task_run(std::string(nightly) + "    " + std::string(key) + "\n");
}

sim::TaskRun with_schedule(std::string_view keys) {
    return task_run(with(nightly, "schedule: cron(0 3 * * ? *)", keys));
}

void check_text(std::string_view was, std::string_view becomes, std::string_view message, std::string_view hint = "",
                Severity severity = Severity::error) {
    check({{was, becomes, message, hint, severity}}, shop_with(nightly));
}

void check_key(std::string_view key, std::string_view message, std::string_view hint = "",
               Severity severity = Severity::error) {
    check_text("runs_for: 10m\n", "runs_for: 10m\n    " + std::string(key) + "\n", message, hint, severity);
}

}  // namespace

TEST_CASE("a scheduled task is one call of RunTask that places at random") {
    const sim::TaskRun run = task_run(nightly);
    CHECK(run.name == "nightly");
    CHECK(run.cluster == sim::ClusterId{0});
    CHECK(run.task.shape.task[placement::cpu_units] == 256);
    CHECK(run.task.shape.task[placement::memory_mib] == 512);
    CHECK(run.count == 1);
    CHECK(run.task.shape.strategies == std::vector<placement::Strategy>{placement::Random{}});
    CHECK_FALSE(run.task.shape.distinct_instance);
    CHECK(run.task.shape.member_of.empty());
    CHECK(run.capacity_provider_strategy.empty());
    CHECK(run.fargate_zones.empty());
    CHECK(run.subnets.empty());
    CHECK(des::mean(run.runs_for) == 600);
    CHECK(run.fails.probability == 0);
    CHECK(run.schedule.next_after(midnight) == midnight + 3h);
    CHECK(run.schedule.next_after(midnight + 3h) == midnight + 27h);
}

TEST_CASE("a scheduled task says how many and where and how they fail") {
    CHECK(with_key("task_count: 10").count == 10);
    CHECK(with_key("placement_constraints: [distinctInstance]").task.shape.distinct_instance);
    CHECK(with_key("placement_constraints: [{type: memberOf, expression: \"attribute:ecs.instance-type == m5.large\"}]")
              .task.shape.member_of.size() == 1);
    CHECK(with_key("ordered_placement_strategy: [{binpack: memory}]").task.shape.strategies ==
          std::vector<placement::Strategy>{placement::BinpackMemory{}});
    const sim::TaskRun provided = with_key("capacity_provider_strategy: [{capacity_provider: web, weight: 1}]");
    REQUIRE(provided.capacity_provider_strategy.size() == 1);
    CHECK(provided.capacity_provider_strategy[0].provider == 0);
    CHECK(provided.capacity_provider_strategy[0].share.weight == 1);
    CHECK(with_key("launch_type: EC2").capacity_provider_strategy.empty());
    CHECK(with_key("launch_type: EC2").launch_type_ec2);
    CHECK_FALSE(provided.launch_type_ec2);

    CHECK(with_key("fails: 10%").fails.probability == 0.1);
    const sim::TaskFailures fails = with_key("fails: {probability: 0.25, how: exits_at_start}").fails;
    CHECK(fails.probability == 0.25);
    CHECK(fails.how == sim::TaskFailure::exits_at_start);
    CHECK(des::mean(with_key("start_time: 7s").task.on_instance.starting) == 7);
    const sim::TaskRun varied = task_run(with(nightly, "10m", "{exponential: {mean: 90s}}"));
    CHECK(des::mean(varied.runs_for) == 90);
}

TEST_CASE("a scheduled task may run on Fargate") {
    const sim::Scenario scenario = good(shop_with(
        std::string(nightly) + "    launch_type: FARGATE\n    availability_zones: [us-east-1c, us-east-1a]\n"));
    const sim::TaskRun& run = scenario.task_runs[0];
    REQUIRE(run.capacity_provider_strategy.size() == 1);
    const auto& provider =
        scenario.clusters[run.cluster].capacity_providers[run.capacity_provider_strategy[0].provider];
    CHECK(provider.kind == sim::ProviderKind::fargate);
    REQUIRE(run.fargate_zones.size() == 2);
    CHECK(scenario.zones[run.fargate_zones[0]] == "us-east-1c");
    CHECK(scenario.zones[run.fargate_zones[1]] == "us-east-1a");
    CHECK(run.task.awsvpc);
    // Fargate chooses by itself.
    CHECK(run.task.shape.strategies.empty());

    const sim::Scenario silent = good(shop_with(std::string(nightly) + "    launch_type: FARGATE\n"));
    REQUIRE(silent.task_runs[0].fargate_zones.size() == 2);
    CHECK(silent.zones[silent.task_runs[0].fargate_zones[0]] == "us-east-1a");
    CHECK(silent.zones[silent.task_runs[0].fargate_zones[1]] == "us-east-1b");
}

TEST_CASE("scheduled tasks follow the rules of EventBridge Scheduler") {
    CHECK(with_schedule("schedule: rate(5 minutes)").schedule.next_after(midnight) == midnight + 5min);
    CHECK(with_schedule("schedule: at(2026-01-05T10:30:00)").schedule.next_after(midnight) == midnight + 10h + 30min);
    CHECK(
        with_schedule("schedule: at(2026-01-05T10:30:00)\n    timezone: Europe/Berlin").schedule.next_after(midnight) ==
        midnight + 9h + 30min);
    const scaling::Schedule bounded =
        with_schedule(
            "schedule: cron(0 * * * ? *)\n    start_date: 2026-01-05T05:30:00Z\n    end_date: "
            "2026-01-05T07:30:00Z")
            .schedule;
    CHECK(bounded.next_after(midnight) == midnight + 6h);
    CHECK(bounded.next_after(midnight + 6h) == midnight + 7h);
    CHECK_FALSE(bounded.next_after(midnight + 7h).has_value());
    CHECK(
        with_schedule("schedule: rate(2 hours)\n    start_date: 2026-01-05T05:30:00Z").schedule.next_after(midnight) ==
        midnight + 5h + 30min);
    const scaling::Schedule in_berlin =
        with_schedule("schedule: cron(30 2 * * ? *)\n    timezone: Europe/Berlin").schedule;
    constexpr auto spring = std::chrono::sys_days{std::chrono::March / 28 / 2026};
    CHECK(in_berlin.next_after(spring + 2h) == spring + 48h + 30min);
}

TEST_CASE("several scheduled tasks keep the order of the file") {
    const sim::Scenario scenario = good(
        shop_with(std::string(nightly) +
                  "  hourly: {cluster: main, task: {cpu: 128, memory: 64}, schedule: rate(1 hour), runs_for: 1m}\n"));
    REQUIRE(scenario.task_runs.size() == 2);
    CHECK(scenario.task_runs[0].name == "nightly");
    CHECK(scenario.task_runs[1].name == "hourly");
    CHECK(good(small_shop).task_runs.empty());
}

TEST_CASE("faults of what scheduled tasks need injection") {
    check_text("  nightly:", "  §nightly one:", "\"nightly one\" is not a name");
    check_text("  nightly:", "  §front:",
               "a service and a scheduled task called front: the tasks of both would be front/1, front/2 and so on",
               "give one of them another name");
    check_text("nightly:\n    cluster: main", "nightly:\n    cluster: §mian", "unknown cluster \"mian\"",
               "did you mean main?");
    check_text("  nightly:\n    cluster: main\n", "  §nightly:\n", "scheduled task \"nightly\" needs the key cluster");
    check_text("  nightly:\n    cluster: main\n    task: {cpu: 256, memory: 512}\n", "  §nightly:\n    cluster: main\n",
               "scheduled task \"nightly\" needs the key task");
    check_text("  nightly:\n", "  nightly:\n    §desired_count: 1\n",
               "unknown key \"desired_count\" in scheduled task \"nightly\"", "it takes");
    check({{"    runs_for: 10m\n", "", "scheduled task \"nightly\" needs the key runs_for"}},
          with(shop_with(nightly), "  nightly:", "  §nightly:"));
}

TEST_CASE("faults of a scheduled task's count and failures and places injection") {
    check_key("task_count: §11", "task_count: expected a whole number from 1 to 10, found \"11\"",
              "one call of RunTask starts no more than 10 tasks");
    check_key("task_count: §0", "task_count: expected a whole number from 1 to 10, found \"0\"");
    check_key("task_count: §many", "task_count: expected a whole number from 1 to 10");
    check_key("fails: §2", "fails: expected a share from 0% to 100%", "did you mean 2%?");
    check_key("fails: §{probability: 0.1, how: never_healthy}",
              "fails: nobody waits for a task that runs once to be healthy", "exits_at_start");
    check_key("start_time: §soon", "start_time: expected");
    check_key("launch_type: EC2\n    §capacity_provider_strategy: [{capacity_provider: web, weight: 1}]",
              "capacity_provider_strategy: not together with launch_type", "remove one of them");
    check_key("ordered_placement_strategy: [random, random, random, random, random, §random]",
              "ordered_placement_strategy: at most 5 strategies, found 6");
    check_key("placement_constraints: [§memberOf]", "memberOf needs an expression", "write {type: memberOf");
    check_key("§availability_zones: [us-east-1a]", "availability_zones: only tasks on Fargate have zones of their own",
              "others go to the zones of their instances");
    check_key("launch_type: FARGATE\n    §placement_constraints: [distinctInstance]",
              "placement_constraints: Fargate has no instances to choose from", "remove it");
    check_key("launch_type: FARGATE\n    §ordered_placement_strategy: [random]",
              "ordered_placement_strategy: Fargate has no instances to choose from", "remove it");
    check_text("runs_for: 10m", "runs_for: §long", "runs_for: expected");
    check_text("task: {cpu: 256, memory: 512}\n    schedule", "task: {cpu: 256, memory: §64GiB}\n    schedule",
               "a task of scheduled task \"nightly\" fits no instance: it needs 65536 MiB");
}

TEST_CASE("faults of a scheduled task's schedule injection") {
    constexpr std::string_view was = "schedule: cron(0 3 * * ? *)";
    check({{std::string("    ") + std::string(was) + "\n", "", "scheduled task \"nightly\" needs the key schedule"}},
          with(shop_with(nightly), "  nightly:", "  §nightly:"));
    check_text(was, "schedule: §0 3 * * *", "schedule: expected at(...), rate(...) or cron(...)",
               "such as rate(5 minutes)");
    check_text(was, "schedule: rate(1 §minutes)", "schedule: expected minute, hour or day after 1",
               "did you mean minute?");
    check_text(was, "schedule: rate(5 §weeks)", "schedule: expected minutes, hours or days after 5");
    check_text(was, "schedule: cron(0 §25 * * ? *)", "schedule:");
    check_text(was, "schedule: §[rate(5 minutes)]", "schedule: expected a schedule such as");
    check_text(was, "schedule: rate(1 hour)\n    timezone: §Europe/Berln",
               "timezone: unknown time zone \"Europe/Berln\"", "did you mean Europe/Berlin?");
    check_text(was, "schedule: rate(1 hour)\n    start_date: §tomorrow", "start_date: expected");
    check_text(was, "schedule: rate(1 hour)\n    start_date: 2026-01-06T00:00:00Z\n    end_date: §2026-01-05T00:00:00Z",
               "end_date is not after start_date");
    check_text(was, "schedule: at(2026-01-05T10:30:00)\n    start_date: §2026-01-06T00:00:00Z",
               "start_date has no effect: at(...) runs once", "", Severity::warning);
    check({{was, "schedule: at(2027-01-05T10:30:00)",
            "scheduled task \"nightly\": it does not run between the scenario's start and its end", "",
            Severity::warning}},
          with(shop_with(nightly), "  nightly:", "  §nightly:"));
    check_text(was, "schedule: §cron(0 0 9 1 ? 2026)\n    end_date: 2026-01-05T00:00:00Z",
               "schedule: it never runs between its start and its end");
}

namespace {

constexpr std::string_view only_jobs = R"(fleetsim: 1
name: jobs
region: us-east-1
duration: 24h
clusters:
  main: {capacity_providers: [FARGATE_SPOT]}
scheduled_tasks:
  nightly:
    cluster: main
    capacity_provider_strategy: [{capacity_provider: FARGATE_SPOT, weight: 1}]
    task: {cpu: 256, memory: 512}
    schedule: cron(0 3 * * ? *)
    runs_for: 10m
)";

}  // namespace

TEST_CASE("scheduled tasks on Fargate need neither services nor instances") {
    const sim::Scenario scenario = good(only_jobs);
    REQUIRE(scenario.task_runs.size() == 1);
    REQUIRE(scenario.task_runs[0].fargate_zones.size() == 3);
    CHECK(scenario.zones[scenario.task_runs[0].fargate_zones[2]] == "us-east-1c");
    CHECK(scenario.task_runs[0].subnets.empty());
}

TEST_CASE("scheduled tasks in awsvpc mode are in the subnets that they name") {
    const std::string in_vpc =
        std::string(only_jobs) +
        "subnets: {b: {cidr_block: 10.0.1.0/24, availability_zone: us-east-1b, nat_gateway: true}}\n";
    const sim::Scenario scenario =
        good(with(in_vpc, "runs_for: 10m\n", "runs_for: 10m\n    network_configuration: {subnets: [b]}\n"));
    CHECK(scenario.task_runs[0].subnets == std::vector{sim::SubnetId{0}});
    REQUIRE(scenario.task_runs[0].fargate_zones.size() == 1);
    CHECK(scenario.zones[scenario.task_runs[0].fargate_zones[0]] == "us-east-1b");
    check({{"runs_for: 10m\n", "runs_for: 10m\n    network_configuration: {subnets: [§c]}\n", "unknown subnet \"c\""}},
          in_vpc);
}
