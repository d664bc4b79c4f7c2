// The ECS control plane by itself: a day of services that are placed, scaled, checked and deployed, without requests.
// A cluster of instances that managed scaling sizes; services of some 170 tasks each behind a balancer follow a daily
// wave by target tracking and are deployed anew twice, each at its own time.

#include <chrono>
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include <fleetsim/sim/run.hpp>
#include <fleetsim/traffic/diurnal.hpp>

namespace {

using namespace fleetsim;
using namespace std::chrono_literals;

constexpr std::int32_t tasks_per_service = 167;
constexpr std::int32_t tasks_per_instance = 10;

sim::GroupId add_group(sim::Scenario& scenario, std::int32_t instances) {
    sim::AutoScalingGroup group;
    group.name = "nodes";
    sim::InstanceOption option;
    option.type.name = "m5.4xlarge";
    option.type.vcpu = 16;
    option.registered = placement::resources({.cpu_units = 16'384, .memory_mib = 62'000});
    option.price_usd_per_hour = 0.768;
    group.options = {option};
    for (const char* zone : {"us-east-1a", "us-east-1b", "us-east-1c"}) group.zones.push_back(scenario.zones.add(zone));
    group.max_size = 2 * instances;
    group.desired_capacity = instances;
    return scenario.groups.add(group);
}

void add_service(sim::Scenario& scenario, std::int64_t number, sim::BalancerId balancer) {
    const sim::ServiceId id = scenario.services.next_id();
    sim::Service service;
    service.name = "service-" + std::to_string(number);
    service.cluster = sim::ClusterId{0};
    service.task.shape.task = placement::resources({.cpu_units = 1'600, .memory_mib = 4'000});
    service.task.shape.strategies = {placement::SpreadAttribute{}, placement::BinpackMemory{}};
    service.task.on_instance.starting = des::lognormal_median_quantile(1.5, 0.95, 4);
    service.desired_count = tasks_per_service;
    service.serving.boot_time = 20s;
    service.health_check_grace_period = 60s;

    sim::Metric load;
    load.source = sim::CustomMetric{traffic::diurnal({.mean_per_second = 50,
                                                      .peak_per_second = 70,
                                                      .peak_time_of_day = std::chrono::hours{number % 24},
                                                      .duration = scenario.duration})};
    sim::TargetTrackingPolicy tracking;
    tracking.name = "load";
    tracking.metric = {.text = "load", .operands = {{scenario.metrics.add(load), {}}}, .expression = {}};
    tracking.settings.target_value = 50;
    service.autoscaling =
        sim::ServiceAutoscaling{.min_capacity = 120, .max_capacity = 220, .target_tracking = {tracking}};
    scenario.services.add(service);

    sim::TargetGroup targets;
    targets.service = id;
    targets.balancer = balancer;
    scenario.target_groups.add(targets);
    for (const auto first : {2h, 14h}) {
        scenario.deployments.push_back(
            {.at = des::Time{first + std::chrono::minutes{number * 7 % 600}}, .service = id});
    }
}

/// A day of so many services.
void ecs_day(benchmark::State& state) {
    sim::Scenario scenario;
    scenario.name = "ecs";
    scenario.region = "us-east-1";
    scenario.duration = 24h;
    const auto services = static_cast<std::int32_t>(state.range(0));
    const sim::GroupId nodes = add_group(scenario, services * tasks_per_service / tasks_per_instance + 1);
    sim::CapacityProvider provider;
    provider.group = nodes;
    provider.name = "nodes";
    provider.managed_scaling = scaling::ManagedScaling{};
    scenario.clusters.add({"main", {provider}});
    sim::LoadBalancer balancer;
    balancer.name = "public";
    const sim::BalancerId front = scenario.balancers.add(balancer);
    for (std::int64_t i = 0; i < services; ++i) add_service(scenario, i, front);

    double instances = 0;
    double tasks = 0;
    double events = 0;
    double started = 0;
    for (auto _ : state) {
        const sim::Result result = sim::run(scenario);
        instances = result.groups[0].instances.mean;
        tasks = 0;
        for (const sim::ServiceResult& service : result.services) tasks += service.tasks.mean;
        events = static_cast<double>(result.kernel_events);
        started = 0;
        for (const sim::EventRow& row : result.events) started += row.event == "task_running" ? 1 : 0;
    }
    state.counters["instances"] = instances;
    state.counters["tasks"] = tasks;
    state.counters["tasks_started"] = started;
    state.counters["events"] = events;
}
}  // namespace

BENCHMARK(ecs_day)->Arg(3)->Arg(30)->Arg(300)->Unit(benchmark::kMillisecond);
