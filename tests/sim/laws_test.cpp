#include "sim/laws.hpp"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

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
    scenario.services[front].autoscaling = tracking(scenario, front, 2, 12, between(30, 60));
    scenario.services[back].autoscaling =
        tracking(scenario, back, 1, 10, between(300, 900), sim::ServiceFigure::request_count_per_target);

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
    for (const sim::ServiceId service : des::ids_of(scenario.services)) {
        if (coin()) scenario.deployments.push_back({des::Time{12min}, service});
        scenario.services[service].deployment = {coin() ? 50 : 100, coin() ? 125 : 200};
    }
    return scenario;
}

using Draws = des::Draws;

double between(Draws& draws, double low, double high) { return low + (high - low) * draws.unit(); }
int whole(Draws& draws, int low, int high) { return low + static_cast<int>(draws.unit() * (high - low + 1)); }
bool chance(Draws& draws, double probability) { return draws.unit() < probability; }

constexpr des::Duration quiet_from = 3h;  ///< From here on nothing happens to the fleets, and loads stay as they are.

Time some_time(Draws& draws) { return Time{std::chrono::seconds{whole(draws, 60, 10'000)}}; }

/// A load that jumps about until it is quiet.
traffic::RateProfile restless(Draws& draws, double low, double high) {
    std::vector<traffic::Step> steps{{0s, between(draws, low, high)}};
    for (des::Duration at = 10min; at < quiet_from; at += std::chrono::minutes{whole(draws, 5, 40)}) {
        steps.push_back({at, between(draws, low, high)});
    }
    steps.push_back({quiet_from, (low + high) / 2});
    return traffic::steps(steps);
}

void add_hooks(Draws& draws, sim::AutoScalingGroup& group) {
    if (chance(draws, 0.4)) {
        sim::LifecycleHook hook;
        hook.settings = {.name = "ready", .heartbeat_timeout = 60s};
        hook.completes_after = des::uniform(5, chance(draws, 0.5) ? 55 : 80);  // The rest time out and are abandoned.
        group.lifecycle_hooks.push_back(hook);
    }
    if (chance(draws, 0.4)) {
        sim::LifecycleHook hook;
        hook.settings = {.name = "logs", .transition = scaling::LifecycleTransition::terminating};
        hook.completes_after = des::uniform(5, 400);
        group.lifecycle_hooks.push_back(hook);
    }
}

void add_policies(Draws& draws, sim::Scenario& scenario, sim::GroupId id) {
    const double units = scenario.groups[id].desired_capacity;
    scenario.groups[id].workload.vcpus = restless(draws, 0.2 * units, 3 * units);
    if (chance(draws, 0.6)) {
        auto policy = tracking_cpu(scenario, between(draws, 40, 70));
        policy.metric = query_of(scenario, sim::GroupMetric{id, sim::GroupFigure::cpu_utilization}, {},
                                 scaling::ec2_publication_delay);
        if (chance(draws, 0.3)) scenario.metrics[policy.metric.operands[0].metric].settings.resolution = 300s;
        scenario.groups[id].target_tracking.push_back(policy);
    }
    const auto metric = custom_metric(scenario, restless(draws, 20, 80));
    const std::string name = scenario.groups[id].name;
    const auto high = add_alarm(scenario, name + " high", metric, scaling::Comparison::greater, 70);
    const auto low = add_alarm(scenario, name + " low", metric, scaling::Comparison::less, 30);
    auto& group = scenario.groups[id];
    if (chance(draws, 0.6)) {
        scaling::StepScaling out{.steps = {{.lower_bound = 0, .upper_bound = {}, .adjustment = whole(draws, 1, 4)}}};
        scaling::StepScaling in{.adjustment_type = scaling::AdjustmentType::percent_change_in_capacity,
                                .steps = {{.lower_bound = {}, .upper_bound = 0, .adjustment = -20}}};
        group.step_scaling = {{"out", high, out}, {"in", low, in}};
    }
    if (chance(draws, 0.4)) {
        group.simple_scaling = {{"more", high, {.scaling_adjustment = 2}}, {"less", low, {.scaling_adjustment = -1}}};
    }
    for (int i = whole(draws, 0, 3); i > 0; --i) {
        const auto at = scenario.start + std::chrono::floor<std::chrono::seconds>(some_time(draws).time_since_epoch());
        group.scheduled_actions.push_back(
            {"action", scaling::Schedule::once(at), {.desired_capacity = whole(draws, 0, group.max_size)}});
    }
    if (chance(draws, 0.3)) {
        sim::PredictiveScalingPolicy policy;
        policy.name = "forecast";
        policy.metric = custom_metric(scenario, traffic::constant(1));
        policy.settings.target_value = 10;
        policy.settings.mode = scaling::PredictiveMode::forecast_and_scale;
        policy.settings.max_capacity_breach_behavior = scaling::MaxCapacityBreach::increase_max_capacity;
        for (int hour = -48; hour < 0; ++hour) {
            policy.history.push_back({Time{std::chrono::hours{hour}}, between(draws, 0, 12.0 * group.max_size)});
        }
        group.predictive_scaling = {policy};
    }
}

void make_mixed(Draws& draws, sim::Scenario& scenario, sim::AutoScalingGroup& group) {
    const bool weighted = chance(draws, 0.5);
    group.options.clear();
    for (const char* type : {"m5.large", "c5.large", "r5.large"}) {
        sim::InstanceOption option = m5_large();
        option.type.name = type;
        option.price_usd_per_hour = between(draws, 0.08, 0.12);
        option.weighted_capacity = weighted ? whole(draws, 1, 4) : 1;
        for (const sim::ZoneId zone : group.zones) {
            sim::SpotPool pool;
            pool.instance_type = type;
            pool.zone = zone;
            const double usual = between(draws, 0.02, 0.05);
            const des::Duration dear = some_time(draws).time_since_epoch();
            pool.price_usd_per_hour = traffic::steps({{0s, usual}, {dear, 0.2}, {dear + 15min, usual}});
            pool.depth = whole(draws, 30, 60);
            option.spot_pools.push_back(scenario.spot_pools.add(pool));
        }
        group.options.push_back(option);
    }
    sim::MixedInstancesPolicy policy;
    policy.distribution.on_demand_base_capacity = whole(draws, 0, 4);
    policy.distribution.on_demand_percentage_above_base_capacity = whole(draws, 0, 100);
    policy.distribution.on_demand_allocation_strategy = static_cast<scaling::OnDemandAllocation>(whole(draws, 0, 1));
    policy.distribution.spot_allocation_strategy = static_cast<scaling::SpotAllocation>(whole(draws, 0, 3));
    policy.capacity_rebalance = chance(draws, 0.5);
    group.mixed_instances_policy = policy;
}

scaling::WarmPool some_pool(Draws& draws) {
    scaling::WarmPool pool;
    pool.min_size = whole(draws, 0, 3);
    if (chance(draws, 0.5)) pool.max_group_prepared_capacity = whole(draws, 4, 20);
    pool.pool_state = static_cast<scaling::WarmPoolState>(whole(draws, 0, 2));
    pool.reuse_on_scale_in = chance(draws, 0.5);
    return pool;
}

sim::AutoScalingGroup some_group(Draws& draws, const sim::AutoScalingGroup& like, const std::string& name) {
    sim::AutoScalingGroup group = like;
    group.name = name;
    group.launch_times = sim::LaunchTimes{};
    group.min_size = 0;
    group.desired_capacity = whole(draws, 2, 10);
    group.max_size = group.desired_capacity + whole(draws, 0, 20);
    group.default_instance_warmup.reset();
    if (chance(draws, 0.5)) group.default_instance_warmup = std::chrono::seconds{whole(draws, 0, 300)};
    group.health_check_type = static_cast<scaling::HealthCheckType>(whole(draws, 0, 1));
    group.health_check_grace_period = std::chrono::seconds{whole(draws, 0, 300)};
    group.zone_distribution = static_cast<scaling::ZoneDistribution>(whole(draws, 0, 1));
    group.termination_policies = {static_cast<scaling::TerminationPolicy>(whole(draws, 0, 6))};
    if (chance(draws, 0.5)) {
        group.instance_refreshes = {{some_time(draws), {.min_healthy_percentage = whole(draws, 40, 95)}}};
    }
    add_hooks(draws, group);
    return group;
}

void add_faults(Draws& draws, sim::Scenario& scenario) {
    const auto some_zone = [&] { return sim::ZoneId{static_cast<std::uint32_t>(whole(draws, 0, 2))}; };
    for (int i = 0; i < 6; ++i) scenario.faults.push_back({some_time(draws), sim::TerminateInstance{}});
    for (int i = 0; i < 4; ++i) {
        const auto check = chance(draws, 0.5) ? sim::HealthCheck::ec2 : sim::HealthCheck::elb;
        scenario.faults.push_back({some_time(draws), sim::ImpairInstance{sim::GroupId::none(), check}});
    }
    scenario.faults.push_back({some_time(draws), sim::ZoneOutage{some_zone(), 12min}});
    scenario.faults.push_back({some_time(draws), sim::InsufficientCapacity{"m5.large", some_zone(), 12min}});
    scenario.faults.push_back({some_time(draws), sim::InsufficientCapacity{"c5.large", sim::ZoneId::none(), 12min}});
    for (int i = 0; i < 3; ++i) {
        scenario.faults.push_back({some_time(draws), sim::ReclaimSpot{"", some_zone(), between(draws, 0.2, 1)}});
    }
}

/// Three groups to which everything happens that can, for three hours; then two hours without.
sim::Scenario restless_fleets(std::uint64_t seed) {
    des::Draws draws = des::Stream{seed, 0, "restless-fleets", "test"}.draws(0);
    sim::Scenario scenario = fleet_world(1, 1, 3);
    scenario.seed = seed;
    scenario.duration = quiet_from + 2h;
    const sim::AutoScalingGroup like = scenario.groups[fleet];
    scenario.groups[fleet] = some_group(draws, like, "plain");
    sim::AutoScalingGroup mixed = some_group(draws, like, "mixed");
    make_mixed(draws, scenario, mixed);
    const sim::GroupId mixed_id = scenario.groups.add(mixed);
    sim::AutoScalingGroup pooled = some_group(draws, like, "pooled");
    pooled.warm_pool = some_pool(draws);
    const sim::GroupId pooled_id = scenario.groups.add(pooled);
    for (const sim::GroupId id : {fleet, mixed_id, pooled_id}) add_policies(draws, scenario, id);
    add_faults(draws, scenario);
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

TEST_CASE("the bill is right and groups keep to their bounds and come to rest whatever happens to them") {
    std::map<std::string, std::size_t> seen;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        INFO("restless fleets " << seed);
        const sim::Scenario scenario = restless_fleets(seed);
        const sim::Result result = sim::run(scenario);
        check_laws_of_groups(result, scenario);
        check_groups_have_what_they_should(result, scenario);
        for (const auto& row : result.events) {
            ++seen[std::string{row.event}];
            ++seen[row.reason.substr(0, row.reason.find(':'))];
        }
    }
    // The worlds deserve their name.
    for (const char* happens :
         {"scaling", "scaling_held", "launch_failed", "instance_start", "instance_warming", "instance_terminating",
          "spot_interruption_notice", "Spot interruption", "capacity rebalancing", "rebalancing the zones",
          "a launch hook timed out", "instance refresh", "failed its health checks", "failed status checks",
          "scheduled action", "forecast"}) {
        INFO(happens);
        CHECK(seen[happens] > 0);
    }
}

TEST_CASE("waves of interruptions do not upset the bill") {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        INFO("restless fleets " << seed);
        sim::Scenario scenario = restless_fleets(seed);
        for (sim::SpotPool& pool : scenario.spot_pools) {
            pool.reclaims_per_hour = 2;
            pool.reclaimed_share = 0.4;
        }
        check_laws_of_groups(sim::run(scenario), scenario);
    }
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
