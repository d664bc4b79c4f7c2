#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/ecs_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

using ecs::PullBehavior;

constexpr sim::ServiceId web = first_service;
constexpr std::int64_t mib = std::int64_t{1} << 20;

/// 150 MiB to download and 300 on the disk: on an instance with nothing else to do 0.5 s for the manifest, 1 s for the
/// download and 1.05 s to unpack it. Then its container starts in 2 s.
ecs::ImageId add_image(sim::Scenario& scenario) {
    scenario.image_names.add("image");
    return scenario.images.add({150 * mib, 300 * mib, ecs::ImageId::none()});
}

constexpr double cold = 0.5 + 1 + 1.05 + 2;
constexpr double layers_present = 0.5 + 2;
constexpr double from_cache = 0.3 + 2;

/// One instance without images, and a service of that image without tasks.
sim::Scenario pulling(PullBehavior behavior = PullBehavior::default_) {
    sim::Scenario scenario = ecs_world(1);
    scenario.groups[first_group].image_pull_behavior = behavior;
    add_worker(scenario, "web", 0);
    scenario.services[web].task.images = {add_image(scenario)};
    return scenario;
}

/// Seconds from a task's place to RUNNING; negative if it never runs.
double start_time(const sim::Result& result, const std::string& task) {
    const Time placed = the_row(result, "task_placed", Time{}, task).at;
    const sim::EventRow* const running = row_from(result, placed, "task_running", task);
    return running == nullptr ? -1 : des::seconds(running->at - placed);
}

/// Of the first task, which starts at 600 s, and of one on the same instance that starts at 1200 s.
std::vector<double> first_and_second(sim::Scenario scenario) {
    desire_at(scenario, web, 600s, 1);
    desire_at(scenario, web, 1200s, 2);
    const sim::Result result = sim::run(scenario);
    return {start_time(result, "web/1"), start_time(result, "web/2")};
}

}  // namespace

TEST_CASE("an image is pulled when its instance has not got it and then as the agent's settings say") {
    struct Row {
        PullBehavior behavior;
        double second;
    };
    for (const Row& row : {Row{PullBehavior::default_, layers_present}, Row{PullBehavior::always, layers_present},
                           Row{PullBehavior::once, from_cache}, Row{PullBehavior::prefer_cached, from_cache}}) {
        INFO(ecs::pull_behavior_names[static_cast<std::size_t>(row.behavior)]);
        const auto seconds = first_and_second(pulling(row.behavior));
        CHECK(seconds[0] == Approx(cold).margin(1e-6));
        CHECK(seconds[1] == Approx(row.second).margin(1e-6));
    }
}

TEST_CASE("two tasks of one image on one instance share one download") {
    sim::Scenario scenario = pulling();
    desire_at(scenario, web, 600s, 2);
    const sim::Result result = sim::run(scenario);
    CHECK(start_time(result, "web/1") == Approx(cold).margin(1e-6));
    CHECK(start_time(result, "web/2") == Approx(cold).margin(1e-6));
}

TEST_CASE("pulls of different images share an instance's bandwidth") {
    sim::Scenario scenario = pulling();
    scenario.services[web].task.images.push_back(add_image(scenario));
    desire_at(scenario, web, 600s, 1);
    CHECK(start_time(sim::run(scenario), "web/1") == Approx(cold + 1).margin(1e-6));
}

TEST_CASE("an image on top of one that is there brings its own layers only") {
    sim::Scenario scenario = pulling();
    const ecs::ImageId base = scenario.services[web].task.images[0];
    scenario.image_names.add("derived");
    const ecs::ImageId derived = scenario.images.add({30 * mib, 100 * mib, base});
    const sim::ServiceId other = add_worker(scenario, "other", 0);
    scenario.services[other].task.images = {derived};
    desire_at(scenario, web, 600s, 1);
    desire_at(scenario, other, 1200s, 1);
    CHECK(start_time(sim::run(scenario), "other/1") == Approx(0.5 + 0.2 + 0.35 + 2).margin(1e-6));
}

TEST_CASE("while the registry does not answer a task starts from the cache or not at all") {
    struct Row {
        PullBehavior behavior;
        double second;  ///< Seconds to RUNNING with the image in the cache; -1: never.
    };
    for (const Row& row : {Row{PullBehavior::default_, 60 + from_cache}, Row{PullBehavior::always, -1},
                           Row{PullBehavior::once, from_cache}, Row{PullBehavior::prefer_cached, from_cache}}) {
        INFO(ecs::pull_behavior_names[static_cast<std::size_t>(row.behavior)]);
        sim::Scenario scenario = pulling(row.behavior);
        scenario.faults.push_back({Time{900s}, sim::RegistryOutage{10h}});
        const auto seconds = first_and_second(scenario);
        CHECK(seconds[0] == Approx(cold).margin(1e-6));
        CHECK(seconds[1] == Approx(row.second).margin(1e-6));
    }
}

TEST_CASE("a task without its image stops after a minute and is tried again until the registry answers") {
    sim::Scenario scenario = pulling();
    scenario.faults.push_back({Time{500s}, sim::RegistryOutage{10min}});
    desire_at(scenario, web, 600s, 1);
    const sim::Result result = sim::run(scenario);
    const sim::EventRow& stopped = the_row(result, "task_stopped");
    CHECK(stopped.reason == "CannotPullContainerError: the registry does not answer");
    CHECK(stopped.at - the_row(result, "task_placed").at == 60s);
    CHECK(the_row(result, "task_created", stopped.at).at - stopped.at == 10s);
    CHECK(count_rows(result, "task_stopped") > 3);
    CHECK(running_at(result, Time{1h}) == 1);
    CHECK(the_row(result, "task_running").at > Time{1100s});
}

TEST_CASE("Fargate pulls the whole image for every task") {
    sim::Scenario scenario = pulling();
    sim::CapacityProvider provider;
    provider.kind = sim::ProviderKind::fargate;
    provider.name = "FARGATE";
    scenario.clusters[main_cluster].capacity_providers = {provider};
    sim::Service& service = scenario.services[web];
    service.capacity_provider_strategy = {{0, {.weight = 1}}};
    service.fargate_zones = {sim::ZoneId{0}};
    service.task.on_fargate.starting = des::constant(2);
    // 150 MiB at 60 MiB/s.
    for (const double seconds : first_and_second(scenario)) {
        CHECK(seconds == Approx(0.5 + 2.5 + 1.05 + 2).margin(1e-6));
    }
    scenario.faults.push_back({Time{500s}, sim::RegistryOutage{10h}});
    CHECK(first_and_second(scenario)[0] == -1);
}

TEST_CASE("the images of tasks that run when the scenario starts are on their instances") {
    sim::Scenario scenario = pulling();
    scenario.services[web].desired_count = 1;
    scenario.faults.push_back({Time{600s}, sim::TerminateTask{web}});
    CHECK(start_time(sim::run(scenario), "web/2") == Approx(layers_present).margin(1e-6));
}

TEST_CASE("an image that nobody has used for hours is cleaned up and pulled anew") {
    const auto third = [](sim::Scenario scenario) {
        scenario.duration = 8h;
        desire_at(scenario, web, 600s, 1);
        desire_at(scenario, web, 1200s, 0);
        desire_at(scenario, web, 2h, 1);
        desire_at(scenario, web, 2h + 10min, 0);
        desire_at(scenario, web, 6h, 1);
        const sim::Result result = sim::run(scenario);
        return std::vector<double>{start_time(result, "web/2"), start_time(result, "web/3")};
    };
    // A stopped container refers to its image for three hours; after that a cleanup comes every half an hour.
    const auto cleaned = third(pulling());
    CHECK(cleaned[0] == Approx(layers_present).margin(1e-6));
    CHECK(cleaned[1] == Approx(cold).margin(1e-6));
    const auto kept = third(pulling(PullBehavior::prefer_cached));
    CHECK(kept[0] == Approx(from_cache).margin(1e-6));
    CHECK(kept[1] == Approx(from_cache).margin(1e-6));
}

TEST_CASE("a task that ends keeps no other's image from staying") {
    // One task uses the image all the time; another one comes and goes, stopped while its pull is under way.
    sim::Scenario scenario = pulling();
    scenario.duration = 9h;
    desire_at(scenario, web, 600s, 1);
    for (int i = 0; i < 4; ++i) {
        desire_at(scenario, web, 1200s + i * 300s, 2);
        desire_at(scenario, web, 1350s + i * 300s, 1);
    }
    desire_at(scenario, web, 8h, 2);
    const sim::Result result = sim::run(scenario);
    CHECK(start_time(result, "web/6") == Approx(layers_present).margin(1e-6));
}
