#include "sim/laws.hpp"

#include <chrono>
#include <cmath>
#include <optional>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;

namespace {

/// A world in which everything happens: calls, retries, scaling of tasks and instances, faults. What exactly, the seed
/// decides.
sim::Scenario eventful_world(std::uint64_t seed) {
    des::Draws draws = des::Stream{seed, 0, "eventful-world", "test"}.draws(0);
    const auto between = [&draws](double low, double high) { return low + (high - low) * draws.unit(); };
    const auto coin = [&draws] { return draws.unit() < 0.5; };

    sim::Scenario scenario = small_world(2);
    scenario.seed = seed;
    scenario.duration = 40min;
    auto& group = scenario.groups[sim::GroupId{0}];
    group.max_size = 6;
    scenario.clusters[sim::ClusterId{0}].capacity_providers[0] = {
        sim::GroupId{0}, scaling::ManagedScaling{.target_capacity = coin() ? 100 : 80}, coin()};

    const auto front = add_service(scenario, "front", 4, 4, des::lognormal(between(0.01, 0.05), 1.0));
    const auto back = add_service(scenario, "back", 3, 2, des::exponential(between(0.02, 0.1)));
    scenario.services[back].serving.backlog = coin() ? 5 : 500;
    scenario.services[back].serving.boot_time = std::chrono::seconds{static_cast<int>(between(0, 20))};
    scenario.services[front].autoscaling = sim::ServiceAutoscaling{
        2, 12, {{.metric = scaling::ServiceMetric::average_cpu_utilization, .target_value = between(30, 60)}}};
    scenario.services[back].autoscaling = sim::ServiceAutoscaling{
        1, 10, {{.metric = scaling::ServiceMetric::alb_request_count_per_target, .target_value = between(300, 900)}}};

    const auto balancer = add_balancer(scenario, "public");
    const routing::Algorithm algorithm =
        coin() ? routing::Algorithm{routing::RoundRobin{}} : routing::LeastOutstandingRequests{};
    const auto to_front = add_route(scenario, front, balancer, algorithm);
    const auto to_back = add_route(scenario, back, add_balancer(scenario, "internal"), algorithm);
    for (auto& target_group : scenario.target_groups) target_group.deregistration_delay = coin() ? 30s : 0s;
    scenario.routes[to_front].calls.push_back({to_back, between(0.2, 1.0)});

    const double peak = between(30, 150);
    add_traffic(scenario, "users", to_front,
                traffic::piecewise_linear({{0s, 5}, {10min, peak}, {20min, peak}, {25min, 5}, {40min, 5}}),
                {.timeout = coin() ? std::optional<des::Duration>{2s} : std::nullopt,
                 .retries = 2,
                 .backoff = traffic::Backoff::full_jitter});
    add_traffic(scenario, "jobs", to_back, traffic::constant(between(0, 5)), {});

    scenario.faults.push_back({des::Time{8min}, sim::TerminateTask{}});
    scenario.faults.push_back({des::Time{14min}, sim::TerminateInstance{sim::GroupId{0}}});
    if (coin()) scenario.faults.push_back({des::Time{18min}, sim::ZoneOutage{sim::ZoneId{1}, 6min}});
    return scenario;
}

}  // namespace

TEST_CASE("conservation, capacity, the bill and Little's law hold whatever happens") {
    std::size_t scalings = 0;
    std::size_t refusals = 0;
    for (std::uint64_t seed = 1; seed <= 24; ++seed) {
        INFO("eventful world " << seed);
        const sim::Scenario scenario = eventful_world(seed);
        const sim::Result result = sim::run(scenario);
        check_laws(result, scenario);
        scalings += count_rows(result, "scaling");
        refusals += count_rows(result, "task_refused");
    }
    // The worlds deserve their name.
    CHECK(scalings > 24);
    CHECK(refusals > 0);
}

TEST_CASE("the same scenario, seed and replication give the same digest, and others differ") {
    const sim::Scenario scenario = eventful_world(7);
    const sim::Result once = sim::run(scenario);
    const sim::Result again = sim::run(scenario);
    CHECK(once.digest == again.digest);
    CHECK(once.kernel_events == again.kernel_events);
    CHECK(once.minutes.values.size() == again.minutes.values.size());

    sim::RunOptions other_replication;
    other_replication.replication = 1;
    CHECK(sim::run(scenario, other_replication).digest != once.digest);
    sim::Scenario other_seed = scenario;
    other_seed.seed = 8;
    CHECK(sim::run(other_seed).digest != once.digest);
}

TEST_CASE("what one variant changes leaves the other requests as they were") {
    sim::Scenario few = eventful_world(3);
    sim::Scenario many = few;
    many.services[sim::ServiceId{0}].desired_count = 8;
    const sim::Result a = sim::run(few);
    const sim::Result b = sim::run(many);
    CHECK(a.digest != b.digest);
    for (std::size_t i = 0; i < a.sources.size(); ++i) CHECK(a.sources[i].requests == b.sources[i].requests);
}

TEST_CASE("the warm-up is left out of the statistics and still billed") {
    sim::Scenario scenario = small_world(1);
    const auto service = add_service(scenario, "web", 1, 4, des::constant(0.01));
    add_traffic(scenario, "users", add_route(scenario, service),
                traffic::piecewise_linear({{0s, 50}, {10min, 50}, {10min, 10}, {1h, 10}}));
    const sim::Result whole = sim::run(scenario);
    scenario.warmup = 10min;
    const sim::Result measured = sim::run(scenario);

    // 50/s for 600 s, then 10/s for 3,000 s: counts within 4 standard deviations of a Poisson law.
    CHECK(std::abs(static_cast<double>(whole.services[0].requests) - 60'000) < 4 * std::sqrt(60'000));
    CHECK(std::abs(static_cast<double>(measured.services[0].requests) - 30'000) < 4 * std::sqrt(30'000));
    CHECK(measured.services[0].concurrency.mean == Approx(0.1).margin(0.003));
    CHECK(measured.services[0].requests == total(measured.services[0].outcomes) + measured.services[0].in_flight);
    CHECK(measured.cost_items[0].usd == whole.cost_items[0].usd);
    CHECK(measured.groups[0].instance_hours == 1);
}
