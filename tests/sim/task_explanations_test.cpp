#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

using Strings = std::vector<std::string>;

sim::TaskExplanation explained(const sim::Scenario& scenario, std::variant<sim::ServiceId, std::uint32_t> of,
                               std::uint64_t number, Time at) {
    sim::RunOptions options;
    options.explain_tasks = {{of, number, at}};
    const sim::Result result = sim::run(scenario, options);
    REQUIRE(result.task_explanations.size() == 1);
    CHECK(result.task_explanations[0].at == at);
    return result.task_explanations[0];
}

sim::ServiceExplanation explained(const sim::Scenario& scenario, sim::ServiceId service, Time at) {
    sim::RunOptions options;
    options.explain = {{service, at}};
    const sim::Result result = sim::run(scenario, options);
    REQUIRE(result.service_explanations.size() == 1);
    CHECK(result.service_explanations[0].at == at);
    return result.service_explanations[0];
}

std::string fact(const auto& told, const std::string& what) {
    for (const auto& [name, value] : told.facts) {
        if (name == what) return value;
    }
    return {};
}

/// Three tasks, of which an instance holds one.
sim::ServiceId add_large(sim::Scenario& scenario, std::int32_t memory_mib = 5000) {
    const sim::ServiceId web = add_service(scenario, "web", 3, 1, des::constant(0.01));
    scenario.services[web].task.shape.task[placement::memory_mib] = memory_mib;
    return web;
}

/// A job that starts after ten minutes, is RUNNING two seconds later and takes a minute.
void add_job(sim::Scenario& scenario) {
    sim::TaskDefinition task;
    task.shape.task = placement::resources({.cpu_units = 256, .memory_mib = 512});
    task.on_instance.starting = des::constant(2);
    scenario.task_runs.push_back({.name = "job",
                                  .cluster = sim::ClusterId{0},
                                  .task = task,
                                  .schedule = scaling::Schedule::once(scenario.start + 600s),
                                  .runs_for = des::constant(60)});
}

}  // namespace

TEST_CASE("of a task that waits each instance tells what it lacks and what would admit the task") {
    sim::Scenario scenario = small_world(2);
    const sim::ServiceId web = add_large(scenario);
    const auto told = explained(scenario, web, 3, Time{600s});
    CHECK(told.task == "web/3");
    CHECK(told.resource == "service/web");
    CHECK(told.state == "PROVISIONING");
    CHECK(told.since == Time{});
    CHECK(told.waits);
    // 10 s, 20 s, 40 s … since the first refusal.
    CHECK(told.why == "the restart throttle has 30 s left after 6 failures in a row");
    CHECK(fact(told, "place in line") == "1 of 1 alike");
    CHECK(fact(told, "needs") == "256 CPU units, 5000 MiB of memory");
    CHECK(fact(told, "created") == "600 s ago");
    CHECK(fact(told, "given up").empty());
    REQUIRE(told.place);
    CHECK(told.place->instances == 2);
    CHECK(told.place->fit == 0);
    CHECK(told.place->ranking.empty());
    REQUIRE(told.place->refusals.size() == 1);
    const sim::RefusalExplanation& refusal = told.place->refusals[0];
    CHECK(refusal.reason == "memory");
    CHECK(refusal.instance_type == "m5.large");
    CHECK(refusal.instances.size() == 2);
    CHECK(refusal.unit == "MiB");
    CHECK(refusal.needed == 5000);
    CHECK(refusal.least_left == 3000);
    CHECK(refusal.most_left == 3000);
    CHECK(refusal.registered == 8000);
    CHECK(told.place->admitted_by ==
          Strings{"2000 MiB more memory on " + refusal.instances[0],
                  "one more instance: m5.large of auto_scaling_group/web, beyond its max_size 2"});
    CHECK(told.place->managed_scaling.empty());
}

TEST_CASE("what no instance could ever hold is said to be so") {
    sim::Scenario scenario = small_world(2);
    const sim::ServiceId web = add_large(scenario, 9000);
    CHECK(explained(scenario, web, 1, Time{600s}).place->admitted_by ==
          Strings{"1000 MiB more memory on i-000001",
                  "nothing: no instance type of the cluster could ever hold it; m5.large registers 8000 MiB, the task "
                  "needs 9000"});
    scenario.services[web].task.shape.task[placement::memory_mib] = 500;
    scenario.services[web].task.shape.member_of = {*placement::parse_query("attribute:disk == ssd").query};
    const auto told = explained(scenario, web, 1, Time{600s});
    REQUIRE(told.place->refusals.size() == 1);
    CHECK(told.place->refusals[0].reason == "memberOf");
    CHECK(told.place->refusals[0].unit.empty());
    CHECK(told.place->admitted_by ==
          Strings{"an instance that its memberOf constraints select",
                  "nothing: its constraints select no instance that the cluster's groups launch"});
}

TEST_CASE("an instance that does not answer is no lack of a resource") {
    sim::Scenario scenario = small_world(1);
    const sim::ServiceId web = add_service(scenario, "web", 1, 1, des::constant(0.01));
    scenario.faults.push_back({Time{600s}, sim::ZoneOutage{sim::ZoneId{0}, 600s}});
    const auto told = explained(scenario, web, 1, Time{610s});
    REQUIRE(told.place);
    REQUIRE(told.place->refusals.size() == 1);
    CHECK(told.place->refusals[0].reason == "not accepting tasks");
    CHECK(told.place->refusals[0].detail == "does not answer");
    CHECK(fact(told, "its instance") == "does not answer for 10 s");
    CHECK(told.place->admitted_by.front() == "an instance that accepts tasks again");
}

TEST_CASE("managed scaling that ignores a task too big for the smallest type says so") {
    sim::Scenario scenario = small_world(0);
    sim::InstanceOption large = m5_large();
    large.type.name = "m5.4xlarge";
    large.registered = placement::resources({.cpu_units = 16384, .memory_mib = 64000, .gpus = 0, .eni_slots = 7});
    sim::AutoScalingGroup& group = scenario.groups[sim::GroupId{0}];
    group.options.push_back(large);
    group.max_size = 4;
    scenario.clusters[sim::ClusterId{0}].capacity_providers[0].managed_scaling = scaling::ManagedScaling{};
    const sim::ServiceId web = add_large(scenario, 9000);
    const auto told = explained(scenario, web, 1, Time{600s});
    REQUIRE(told.place);
    REQUIRE(told.place->managed_scaling.size() == 1);
    CHECK(told.place->managed_scaling[0].ignores == "its smallest instance type has 8000 MiB, the task needs 9000");
}

TEST_CASE("managed scaling that comes to help is told") {
    sim::Scenario scenario = small_world(2);
    scenario.groups[sim::GroupId{0}].max_size = 4;
    scenario.groups[sim::GroupId{0}].launch_times = fixed_launch_times();
    scenario.clusters[sim::ClusterId{0}].capacity_providers[0].managed_scaling = scaling::ManagedScaling{};
    const sim::ServiceId web = add_large(scenario);
    const sim::Result plain = sim::run(scenario);
    const Time ordered = the_row(plain, "instance_launch", Time{1s}).at;
    const auto before = explained(scenario, web, 3, ordered - 1s);
    REQUIRE(before.place->managed_scaling.size() == 1);
    CHECK(before.place->managed_scaling[0].group == "auto_scaling_group/web");
    CHECK(before.place->managed_scaling[0].percent == 150);
    CHECK(before.place->managed_scaling[0].coming == 0);
    CHECK(before.place->managed_scaling[0].max_size == 4);
    const auto told = explained(scenario, web, 3, ordered + 1s);
    CHECK(told.state == "PROVISIONING");
    CHECK(told.why.empty());
    CHECK(told.place->managed_scaling[0].desired == 3);
    CHECK(told.place->managed_scaling[0].coming == 1);
    CHECK(fact(told, "given up") ==
          "in " + std::to_string((std::chrono::ceil<std::chrono::seconds>(Time{1800s} - (ordered + 1s))).count()) +
              " s");
    const auto placed = explained(scenario, web, 3, Time{1200s});
    CHECK(placed.state == "RUNNING");
    CHECK(placed.since == the_row(plain, "task_running", Time{1s}, "web/3").at);
}

TEST_CASE("where one more task would go is ranked step by step") {
    sim::Scenario scenario = small_world(3);
    const sim::ServiceId web = add_service(scenario, "web", 4, 1, des::constant(0.01));
    const auto told = explained(scenario, web, 1, Time{600s});
    CHECK(told.state == "RUNNING");
    CHECK(told.since == Time{});
    CHECK(told.why == "healthy");
    CHECK_FALSE(told.waits);
    REQUIRE(told.place);
    CHECK(told.place->fit == 3);
    CHECK(told.place->refusals.empty());
    CHECK(told.place->admitted_by.empty());
    REQUIRE(told.place->ranking.size() == 2);
    const sim::RankingExplanation& zones = told.place->ranking[0];
    CHECK(zones.strategy == "spread: attribute:ecs.availability-zone");
    CHECK(zones.ranking.size() == 3);
    CHECK(zones.ranking[0].seen == 2);
    const sim::RankingExplanation& instances = told.place->ranking[1];
    CHECK(instances.ranking.size() == zones.left);
    REQUIRE(told.place->equals.size() == instances.left);
    CHECK(told.place->equals[0] == instances.ranking[0].place);
    // Zone b has one instance and half of the tasks: the next one goes to one of the two in zone a.
    CHECK(fact(told, "zone") == instances.ranking[0].zone);
}

TEST_CASE("on Fargate zones are ranked by their tasks and those that are out are left out") {
    sim::Scenario scenario = small_world(1);
    sim::CapacityProvider fargate;
    fargate.kind = sim::ProviderKind::fargate;
    fargate.name = "FARGATE";
    scenario.clusters[sim::ClusterId{0}].capacity_providers.push_back(fargate);
    const sim::ServiceId web = add_service(scenario, "web", 3, 1, des::constant(0.01));
    scenario.services[web].capacity_provider_strategy = {{1, {.weight = 1}}};
    scenario.services[web].fargate_zones = {sim::ZoneId{0}, sim::ZoneId{1}};
    scenario.services[web].task.awsvpc = true;
    const auto told = explained(scenario, web, 1, Time{600s});
    CHECK(told.state == "RUNNING");
    CHECK(fact(told, "capacity provider") == "FARGATE");
    CHECK(fact(told, "instance").empty());
    REQUIRE(told.place);
    CHECK(told.place->instances == 2);
    REQUIRE(told.place->ranking.size() == 1);
    CHECK(told.place->ranking[0].ranking[0].seen == 1);
    CHECK(told.place->ranking[0].ranking[1].seen == 2);
    CHECK(told.place->equals == Strings{"us-east-1b"});

    scenario.faults.push_back({Time{600s}, sim::ZoneOutage{sim::ZoneId{1}, 600s}});
    const auto out = explained(scenario, web, Time{600s});
    REQUIRE(out.place);
    CHECK(out.place->fit == 1);
    CHECK(out.place->refusals[0].reason == "zone outage");
    CHECK(out.place->refusals[0].instances == Strings{"us-east-1b"});
    CHECK(out.place->equals == Strings{"us-east-1a"});
}

TEST_CASE("a task that runs once is told of from before its creation until after its end") {
    sim::Scenario scenario = small_world(1);
    add_job(scenario);
    const std::uint32_t job = 0;
    const auto before = explained(scenario, job, 1, Time{599s});
    CHECK(before.task == "job/1");
    CHECK(before.resource == "task/job");
    CHECK(before.state.empty());
    CHECK(before.created == 0);
    CHECK(before.others.empty());
    CHECK(before.created_later == Time{600s});
    CHECK_FALSE(before.place);

    struct Row {
        Time at;
        const char* state;
        Time since;
        const char* why;
    };
    const Row rows[] = {
        {Time{601s}, "PENDING", Time{600s}, "its containers are being started"},
        {Time{602s}, "RUNNING", Time{602s}, ""},
        {Time{661s}, "RUNNING", Time{602s}, ""},
        // What happens at the instant has happened.
        {Time{662s}, "STOPPED", Time{662s}, "its essential container exited"},
        {Time{3000s}, "STOPPED", Time{662s}, "its essential container exited"},
    };
    for (const Row& row : rows) {
        const auto told = explained(scenario, job, 1, row.at);
        CHECK(told.state == row.state);
        CHECK(told.since == row.since);
        CHECK(told.why == row.why);
        CHECK(told.place.has_value() == (told.state != "STOPPED"));
    }
    const auto other = explained(scenario, job, 2, Time{610s});
    CHECK(other.state.empty());
    CHECK(other.created == 1);
    CHECK(other.others == Strings{"job/1"});
    CHECK_FALSE(other.created_later);
    CHECK(explained(scenario, job, 2, Time{700s}).others.empty());
}

TEST_CASE("a task that leaves tells why it does") {
    sim::Scenario scenario = small_world(2);
    const sim::ServiceId web = add_service(scenario, "web", 1, 1, des::constant(0.01));
    add_route(scenario, web, add_balancer(scenario, "public"));
    scenario.services[web].serving.boot_time = 20s;
    scenario.deployments.push_back({.at = Time{600s}, .service = web});
    const sim::Result plain = sim::run(scenario);
    const Time drains = the_row(plain, "task_draining", Time{600s}, "web/1").at;
    const auto leaving = explained(scenario, web, 1, drains + 10s);
    CHECK(leaving.state == "DEACTIVATING");
    CHECK(leaving.since == drains);
    CHECK(leaving.why == "a new deployment replaces it");
    CHECK(fact(leaving, "deployment") == "1, replaced by 2");
    CHECK_FALSE(leaving.place);
    const auto gone = explained(scenario, web, 1, Time{3000s});
    CHECK(gone.state == "STOPPED");
    CHECK(gone.why == "a new deployment replaces it");

    const Time runs = the_row(plain, "task_running", Time{600s}, "web/2").at;
    const auto fresh = explained(scenario, web, 2, runs);
    CHECK(fresh.why == "target group public/web has no verdict yet, its application boots, 20 s left");
    CHECK(fact(fresh, "health") == "not known yet");
    CHECK(fact(fresh, "target group public/web") == "initial");
}

TEST_CASE("an unhealthy task tells who finds it so and how long its grace period lasts") {
    sim::Scenario scenario = small_world(2);
    const sim::ServiceId web = add_service(scenario, "web", 1, 1, des::constant(0.01));
    add_route(scenario, web, add_balancer(scenario, "public"));
    scenario.services[web].health_check_grace_period = 1000s;
    scenario.deployments.push_back({.at = Time{600s}, .service = web, .fails = {1, sim::TaskFailure::never_healthy}});
    const sim::Result plain = sim::run(scenario);
    const Time runs = the_row(plain, "task_running", Time{600s}, "web/2").at;
    const Time unhealthy = the_row(plain, "target_unhealthy", Time{600s}, "web/2").at;
    REQUIRE(unhealthy < runs + 900s);
    const auto told = explained(scenario, web, 2, runs + 900s);
    CHECK(told.why == "target group public/web finds it unhealthy, and its grace period has 100 s left");
    CHECK(fact(told, "health") == "unhealthy");
    CHECK(fact(told, "health check grace period") == "100 s left");
}

TEST_CASE("a service tells its deployments and what holds its scheduler back") {
    sim::Scenario scenario = small_world(2);
    const sim::ServiceId web = add_large(scenario);
    const auto waiting = explained(scenario, web, Time{600s});
    CHECK(waiting.resource == "service/web");
    CHECK(waiting.desired == 3);
    CHECK(waiting.running == 2);
    CHECK(waiting.waiting == 1);
    // There are enough tasks, if not places.
    CHECK(waiting.held_by.empty());
    CHECK(fact(waiting, "restart throttle") == "30 s left after 6 failures in a row");
    REQUIRE(waiting.deployments.size() == 1);
    CHECK(waiting.deployments[0].primary);
    CHECK_FALSE(waiting.deployments[0].threshold);
    CHECK(waiting.deployments[0].tasks ==
          std::vector<std::pair<std::string, std::int32_t>>{{"PROVISIONING", 1}, {"RUNNING", 2}});
    REQUIRE(waiting.place);
    CHECK(waiting.place->fit == 0);

    sim::Scenario failing = small_world(2);
    const sim::ServiceId shop = add_service(failing, "shop", 2, 1, des::constant(0.01));
    failing.services[shop].circuit_breaker.enable = true;
    failing.deployments.push_back({.at = Time{600s}, .service = shop, .fails = {1, sim::TaskFailure::exits_at_start}});
    const auto early = explained(failing, shop, Time{600s});
    REQUIRE(early.deployments.size() == 2);
    CHECK_FALSE(early.deployments[0].primary);
    CHECK(early.deployments[0].state == "COMPLETED");
    CHECK(early.deployments[1].primary);
    CHECK(early.deployments[1].state == "IN_PROGRESS");
    CHECK(early.deployments[1].threshold == 3);
    CHECK(fact(explained(failing, shop, Time{608s}), "restart throttle").find("the last: its essential container") !=
          std::string::npos);
    const auto late = explained(failing, shop, Time{3500s});
    CHECK(late.deployments.back().state == "FAILED");
    CHECK(late.deployments.back().failures >= 3);
    CHECK(late.held_by == "its deployment has failed");
}

TEST_CASE("a service tells what its tasks' protection from scale-in holds back") {
    struct Row {
        const char* what;
        bool deploys;
        std::string held_by;
    };
    for (const Row& row : {Row{"two fewer are desired", false, "4 of 4 tasks are protected from scale-in"},
                           Row{"a deployment replaces them", true, "4 old tasks are protected from scale-in"}}) {
        CAPTURE(row.what);
        sim::Scenario scenario = small_world(4);
        const sim::ServiceId web = add_service(scenario, "web", 4, 1, des::constant(0.01));
        scenario.services[web].scale_in_protection = 30min;
        if (row.deploys) {
            scenario.deployments.push_back({.at = Time{600s}, .service = web});
        } else {
            auto& autoscaling = scenario.services[web].autoscaling.emplace();
            autoscaling.min_capacity = 2;
            autoscaling.max_capacity = 4;
            autoscaling.scheduled_actions.push_back(
                {"fewer", scaling::Schedule::once(scenario.start + 600s), {.min_size = 2, .max_size = 2}});
        }
        CHECK(explained(scenario, web, Time{500s}).held_by.empty());
        CHECK(explained(scenario, web, Time{900s}).held_by == row.held_by);
        CHECK(explained(scenario, web, Time{2000s}).held_by.empty());
    }
}

TEST_CASE("whoever asks changes nothing") {
    sim::Scenario scenario = small_world(2);
    const sim::ServiceId web = add_large(scenario);
    add_job(scenario);
    scenario.deployments.push_back({.at = Time{600s}, .service = web});
    const sim::Result plain = sim::run(scenario);
    sim::RunOptions options;
    for (const auto at : {0s, 1s, 600s, 601s, 660s, 3599s}) {
        options.explain.push_back({web, Time{at}});
        options.explain_tasks.push_back({web, 3, Time{at}});
        options.explain_tasks.push_back({std::uint32_t{0}, 1, Time{at}});
    }
    const sim::Result asked = sim::run(scenario, options);
    CHECK(asked.service_explanations.size() == 6);
    CHECK(asked.task_explanations.size() == 12);
    CHECK(asked.digest == plain.digest);
    CHECK(asked.kernel_events == plain.kernel_events);
}
