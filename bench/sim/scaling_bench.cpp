// The scaling loops by themselves: a day of metrics, alarms, policies and launches, without requests. Groups of 100
// instances each follow a daily wave of load by target tracking, with a step policy beside it.

#include <chrono>
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include <fleetsim/sim/run.hpp>
#include <fleetsim/traffic/diurnal.hpp>

namespace {

using namespace fleetsim;
using namespace std::chrono_literals;

sim::MetricQuery cpu_of(sim::Scenario& scenario, sim::GroupId group) {
    sim::Metric metric;
    metric.source = sim::GroupMetric{group, sim::GroupFigure::cpu_utilization};
    metric.settings.publication_delay = scaling::ec2_publication_delay;
    return {.text = "CPUUtilization", .operands = {{scenario.metrics.add(metric), {}}}, .expression = {}};
}

void add_group(sim::Scenario& scenario, std::int64_t number) {
    const sim::GroupId id = scenario.groups.next_id();
    sim::AutoScalingGroup group;
    group.name = "group-" + std::to_string(number);
    sim::InstanceOption option;
    option.type.name = "m5.large";
    option.type.vcpu = 2;
    option.price_usd_per_hour = 0.096;
    group.options = {option};
    group.zones = {sim::ZoneId{0}, sim::ZoneId{1}, sim::ZoneId{2}};
    group.min_size = 50;
    group.max_size = 150;
    group.desired_capacity = 100;
    group.default_instance_warmup = 120s;
    // 60 to 140 of them at the target of 50 %, with each group's peak at another hour.
    group.workload.vcpus = traffic::diurnal({.mean_per_second = 100,
                                             .peak_per_second = 140,
                                             .peak_time_of_day = std::chrono::hours{number % 24},
                                             .duration = scenario.duration});

    sim::TargetTrackingPolicy tracking;
    tracking.name = "cpu";
    tracking.metric = cpu_of(scenario, id);
    tracking.settings.target_value = 50;
    tracking.settings.low_alarm_share = 0.7;
    group.target_tracking.push_back(tracking);

    sim::MetricAlarm alarm{tracking.metric, {.comparison = scaling::Comparison::greater_or_equal, .threshold = 80}};
    sim::StepScalingPolicy step;
    step.name = "surge";
    step.alarm = scenario.alarms.add({"surge-" + group.name, alarm});
    step.settings.steps = {{.lower_bound = 0, .upper_bound = {}, .adjustment = 10}};
    group.step_scaling.push_back(step);
    scenario.groups.add(group);
}

/// A day of `groups` groups; about 100 instances each.
void day(benchmark::State& state) {
    sim::Scenario scenario;
    scenario.name = "scaling";
    scenario.region = "us-east-1";
    scenario.duration = 24h;
    for (const char* zone : {"us-east-1a", "us-east-1b", "us-east-1c"}) scenario.zones.add(zone);
    for (std::int64_t i = 0; i < state.range(0); ++i) add_group(scenario, i);
    double instances = 0;
    double launches = 0;
    for (auto _ : state) {
        const sim::Result result = sim::run(scenario);
        instances = launches = 0;
        for (const sim::GroupResult& group : result.groups) {
            instances += group.instances.mean;
            launches += static_cast<double>(group.launches);
        }
    }
    state.counters["instances"] = instances;
    state.counters["launches"] = launches;
    state.counters["instance days/s"] =
        benchmark::Counter(instances * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

}  // namespace

BENCHMARK(day)->Arg(5)->Arg(50)->Arg(500)->Unit(benchmark::kMillisecond);
