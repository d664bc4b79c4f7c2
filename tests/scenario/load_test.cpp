#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fleetsim/des/truncation.hpp>
#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/job_portal.hpp"
#include "scenario/small_shop.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;
using namespace std::chrono_literals;

namespace {

std::string rendered(std::string_view text, const Overrides& overrides = {}) {
    return load(text, overrides).diagnostics.render();
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// A file in the system's temporary folder, gone at the end of the test.
class TemporaryFile {
public:
    TemporaryFile(const std::string& name, std::string_view text)
        : path_(std::filesystem::temp_directory_path() / name) {
        std::ofstream(path_, std::ios::binary) << text;
    }
    ~TemporaryFile() { std::filesystem::remove(path_); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace

TEST_CASE("what the scenario leaves open and the results depend on is said") {
    CHECK(good(job_portal).assumptions ==
          std::vector<std::string>{
              "gpu: no availability_zones: all instances are in the region's zone a",
              "web and gpu: no registered_memory: an instance registers 98 % of its nominal memory",
              "web and gpu: no launch_times: medians and 95th percentiles of published measurements",
              "frontend, backend and scorer: no start_time: a task starts in 1.5 s (median; 4 s at the 95th "
              "percentile), in awsvpc mode in 6 s (12 s), on Fargate in 22 s (50 s)",
              "frontend, backend and scorer: no launch_type and no capacity_provider_strategy: the first capacity "
              "provider with managed scaling whose instances could hold their tasks adds some",
              "frontend, backend and scorer: no boot_time: the application answers as soon as its task runs",
              "frontend, backend and scorer: no cpu_time: a busy worker uses its share of the task's CPU units",
              "CPU never slows work, and the CPU credits of burstable types are not modelled yet",
              "load balancer capacity units (LCU) and data transfer are not billed yet",
          });
    const auto diurnal = with(small_shop, "rate: 10/s", "rate: {diurnal: {mean: 1/s, peak: 2/s, peak_at: 12:00}}");
    const auto elsewhere =
        good(with(with(diurnal, "us-east-1\n", "eu-west-1\n"), "[us-east-1a, us-east-1b]", "[eu-west-1a]")).assumptions;
    CHECK(std::count(elsewhere.begin(), elsewhere.end(),
                     "load balancer hours are not billed: no price known for eu-west-1") == 1);
    CHECK(std::count(elsewhere.begin(), elsewhere.end(),
                     "no start: the scenario begins on Monday 2026-01-05 at 00:00 UTC") == 1);
    CHECK(std::count(elsewhere.begin(), elsewhere.end(), "visitors: no client timeout: clients wait for ever") == 1);
}

TEST_CASE("every optional key arrives where it belongs") {
    const sim::Scenario scenario = good(R"(
fleetsim: 1
name: everything
region: us-east-1
start: 2026-03-01T06:00:00Z
duration: 2h
warmup: 5m
seed: 99
x-serving: &serving {workers: 3, service_time: 10ms}
auto_scaling_groups:
  web:
    instance_type: m5.xlarge
    availability_zones: [us-east-1c]
    min_size: 1
    max_size: 9
    desired_capacity: 3
    registered_memory: 15GiB
    attributes: {stack: blue, rack/7: "a b:c@d"}
    launch_times: {decision_to_launch: 1s, pending_to_running: {uniform: {min: 1s, max: 3s}}, running_to_agent: 0s,
                   agent_to_active: {exponential: {mean: 2s}}, shutting_down: {normal: {mean: 30s, stddev: 5s}}}
clusters:
  main:
    capacity_providers:
      - auto_scaling_group: web
        managed_termination_protection: ENABLED
        managed_scaling: {target_capacity: 80, minimum_scaling_step_size: 2, maximum_scaling_step_size: 5,
                          instance_warmup_period: 60}
services:
  front:
    cluster: main
    task: {cpu: 256, memory: 1GiB, network_mode: awsvpc}
    desired_count: 2
    ordered_placement_strategy: [{spread: "attribute:stack"}, random]
    placement_constraints: [distinctInstance, {type: memberOf, expression: "attribute:stack  equals 'blue'"},
                            {type: memberOf, expression: agentConnected == true}]
    health_check_grace_period_seconds: 90
    serving: {<<: *serving, backlog: 10, cpu_time: 4ms, boot_time: 20s}
    calls: [{service: back, via: inside, path: /v1, port: 8080, probability: 0.25}, {service: back, path: /direct}]
    autoscaling:
      min_capacity: 0
      max_capacity: 4
      target_tracking: [{metric: ALBRequestCountPerTarget, target_value: 600, scale_in_cooldown: 60,
                         scale_out_cooldown: 1m, disable_scale_in: true}]
    target_group:
      load_balancing_algorithm_type: least_outstanding_requests
      deregistration_delay: 30
      health_check: {interval: 10, timeout: 3s, healthy_threshold: 2, unhealthy_threshold: 3}
    start_time: {lognormal: {median: 1s, p99: 4s}}
  back:
    cluster: main
    task: {cpu: 256, memory: 512, host_ports: [8080, 53/udp, 53/tcp]}
    ordered_placement_strategy: [{random: ~}, {spread: host}]
    placement_constraints: [{type: distinctInstance}]
    serving: *serving
load_balancers:
  public:
    idle_timeout: 120
    listeners: [{port: 80, default: front}]
  inside:
    internal: true
    listeners:
      - {port: 80, default: front}
      - {port: 8080, default: front, rules: [{path_pattern: "/*", forward: front, priority: 10},
                                             {path_pattern: "/v?", forward: back, priority: 5}]}
traffic:
  steps: {to: public, path: "/a", port: 80, rate: {piecewise_linear: [[0s, 0/s], [1h, 10/s]]},
          client: {retries: 1, backoff: exponential, backoff_base: 1s, backoff_cap: 2s}}
faults:
  - {at: 10m, terminate: instance, auto_scaling_group: web}
  - {at: 20m, terminate: task, service: back}
  - {at: 30m, terminate: instance}
  - {at: 40m, az_outage: us-east-1c, duration: 3h}
slo:
  - {service: back, p50: 1s, p999: 2s, availability: 0.5}
)");
    CHECK(scenario.seed == 99);
    const sim::AutoScalingGroup& web = scenario.groups[sim::GroupId{0}];
    CHECK(web.desired_capacity == 3);
    CHECK(web.first_option().registered[placement::memory_mib] == 15360);
    CHECK(web.attributes == placement::Attributes{{"rack/7", "a b:c@d"}, {"stack", "blue"}});
    CHECK(web.launch_times.decision_to_launch == des::constant(1));
    CHECK(web.launch_times.pending_to_running == des::uniform(1, 3));
    CHECK(web.launch_times.agent_to_active == des::exponential(2));
    CHECK(web.launch_times.shutting_down == des::truncated_normal(des::seconds(30s), des::seconds(5s)));
    const sim::CapacityProvider& provider = scenario.clusters[sim::ClusterId{0}].capacity_providers[0];
    CHECK(provider.managed_termination_protection);
    CHECK(provider.managed_scaling->instance_warmup_period == 60s);
    CHECK(provider.managed_scaling->minimum_scaling_step_size == 2);
    CHECK(provider.managed_scaling->maximum_scaling_step_size == 5);

    const sim::Service& front = scenario.services[sim::ServiceId{0}];
    CHECK((front.task.shape.task == placement::resources({256, 1024, 0, 1})).all());
    CHECK(front.task.shape.distinct_instance);
    CHECK(front.task.shape.strategies ==
          std::vector<placement::Strategy>{placement::SpreadAttribute{"stack"}, placement::Random{}});
    REQUIRE(front.task.shape.member_of.size() == 2);
    CHECK(front.task.shape.member_of[0].text() == "attribute:stack == blue");
    CHECK(front.task.shape.member_of[1].text() == "agentConnected == true");
    CHECK(front.task.shape.host_ports.empty());
    CHECK(front.serving.workers == 3);
    CHECK(front.serving.backlog == 10);
    CHECK(front.serving.boot_time == 20s);
    // 4 ms of CPU in every 10 ms of work are 0.4 vCPU.
    CHECK(front.serving.cpu_units_per_busy_worker == Approx(409.6));
    CHECK(front.task.on_instance.starting == des::lognormal_median_quantile(1, 0.99, 4));
    CHECK(front.health_check_grace_period == 90s);
    CHECK(front.autoscaling->target_tracking[0].settings.scale_in_cooldown == 60s);
    CHECK(front.autoscaling->target_tracking[0].settings.scale_out_cooldown == 60s);
    CHECK(front.autoscaling->target_tracking[0].settings.disable_scale_in);
    const sim::Service& back = scenario.services[sim::ServiceId{1}];
    REQUIRE(back.task.shape.strategies.size() == 2);
    CHECK(std::holds_alternative<placement::Random>(back.task.shape.strategies[0]));
    CHECK(std::holds_alternative<placement::SpreadInstance>(back.task.shape.strategies[1]));
    CHECK(back.task.shape.distinct_instance);
    CHECK(back.task.shape.member_of.empty());
    using placement::Protocol;
    CHECK(back.task.shape.host_ports ==
          std::vector<placement::HostPort>{{8080, Protocol::tcp}, {53, Protocol::udp}, {53, Protocol::tcp}});
    CHECK(back.desired_count == 1);

    const sim::TargetGroup& behind_public = scenario.target_groups[sim::TargetGroupId{0}];
    CHECK(std::holds_alternative<routing::LeastOutstandingRequests>(behind_public.algorithm));
    CHECK(behind_public.deregistration_delay == 30s);
    CHECK(behind_public.health_check.interval == 10s);
    CHECK(behind_public.health_check.timeout == 3s);
    CHECK(behind_public.health_check.healthy_threshold == 2);
    CHECK(behind_public.health_check.unhealthy_threshold == 3);
    CHECK(scenario.balancers[sim::BalancerId{0}].idle_timeout == 120s);

    const sim::TrafficSource& source = scenario.sources[sim::SourceId{0}];
    CHECK(source.rate.rate(des::Time{30min}) == Approx(5));
    CHECK(source.client.backoff_cap == 2s);
    CHECK_FALSE(source.client.timeout.has_value());
    const std::vector<sim::Call>& calls = scenario.routes[source.to].calls;
    REQUIRE(calls.size() == 2);
    const auto balancer_of = [&](const sim::Call& call) {
        return scenario.target_groups[scenario.routes[call.to].target_group].balancer;
    };
    CHECK(balancer_of(calls[0]) == sim::BalancerId{1});
    CHECK_FALSE(balancer_of(calls[1]).exists());
    CHECK(scenario.routes[calls[1].to].path == "/direct");

    REQUIRE(scenario.faults.size() == 4);
    CHECK(scenario.faults[0].at == des::Time{10min});
    CHECK(std::get<sim::TerminateInstance>(scenario.faults[0].what).group == sim::GroupId{0});
    CHECK(std::get<sim::TerminateTask>(scenario.faults[1].what).service == sim::ServiceId{1});
    CHECK_FALSE(std::get<sim::TerminateInstance>(scenario.faults[2].what).group.exists());
    CHECK(std::get<sim::ZoneOutage>(scenario.faults[3].what).duration == 3h);
    REQUIRE(scenario.objectives.size() == 3);
    CHECK(std::get<sim::LatencyObjective>(scenario.objectives[1].what).quantile == 0.999);
    CHECK(scenario.objectives[2].text == "availability >= 0.5");
}

TEST_CASE("every distribution is read") {
    struct Row {
        std::string_view text;
        des::Distribution law;
    };
    const std::vector<Row> rows{
        {"5ms", des::constant(0.005)},
        {"{constant: 5ms}", des::constant(0.005)},
        {"{uniform: {min: 0s, max: 1s}}", des::uniform(0, 1)},
        {"{exponential: {mean: 2s}}", des::exponential(2)},
        {"{normal: {mean: 2s, stddev: 500ms}}", des::truncated_normal(2, 0.5)},
        {"{lognormal: {mean: 8ms, cv: 0.8}}", des::lognormal(0.008, 0.8)},
        {"{lognormal: {median: 1s, p99: 4s}}", des::lognormal_median_quantile(1, 0.99, 4)},
        {"{lognormal: {median: 1s, p95: 4s}}", des::lognormal_median_quantile(1, 0.95, 4)},
        {"{gamma: {mean: 25ms, cv: 0.5}}", des::gamma(0.025, 0.5)},
        {"{erlang: {k: 4, mean: 20ms}}", des::erlang(4, 0.02)},
        {"{weibull: {shape: 0.5, mean: 20ms}}", des::weibull_mean(0.02, 0.5)},
        {"{weibull: {shape: 2, scale: 20ms}}", des::weibull(0.02, 2)},
        {"{hyperexponential: {mean: 25ms, cv: 2}}", des::hyperexponential(0.025, 2)},
        {"{bounded_pareto: {min: 1ms, max: 1s, shape: 1.5}}", des::bounded_pareto(0.001, 1, 1.5)},
        {"{empirical: [[5ms, 3], [50ms, 1]]}", des::empirical({{0.005, 3}, {0.05, 1}})},
        {"{mixture: [[5ms, 9], [{exponential: {mean: 1s}}, 1]]}",
         des::mixture({{des::constant(0.005), 9}, {des::exponential(1), 1}})},
        {"{truncated: {law: {gamma: {mean: 25ms, cv: 0.5}}, min: 1ms}}",
         des::truncated(des::gamma(0.025, 0.5), {.min = 0.001})},
        {"{truncated: {law: {mixture: [[1ms, 1], [{exponential: {mean: 1s}}, 1]]}, min: 1ms, max: 2s}}",
         des::truncated(des::mixture({{des::constant(0.001), 1}, {des::exponential(1), 1}}), {0.001, 2})},
        {"{truncated: {law: {truncated: {law: {mixture: [[1s, 1]]}, max: 2s}}, max: 1s}}",
         des::truncated(des::truncated(des::mixture({{des::constant(1), 1}}), {0, 2}), {0, 1})},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        const auto scenario = good(with(small_shop, "service_time: 10ms", "service_time: " + std::string(row.text)));
        CHECK(scenario.services[sim::ServiceId{0}].serving.service_time == row.law);
    }
}

TEST_CASE("a call may be made for some paths only") {
    constexpr std::string_view call = "{service: back, probability: 0.5}";
    const auto calls_for = [&](std::string_view pattern) {
        const auto scenario = good(
            with(with(small_shop, call,
                      "{service: back, for_path_pattern: \"" + std::string(pattern) + "\"}, {service: back, path: /b}"),
                 "to: public", "to: public\n    path: /api/x"));
        return scenario.routes[scenario.sources[sim::SourceId{0}].to].calls.size();
    };
    CHECK(calls_for("/api/*") == 2);
    CHECK(calls_for("/img/*") == 1);
}

TEST_CASE("a service whose count is left open starts within its autoscaling bounds") {
    const auto scenario =
        good(with(small_shop, "  back:\n", "    autoscaling: {min_capacity: 3, max_capacity: 5}\n  back:\n"));
    CHECK(scenario.services[sim::ServiceId{0}].desired_count == 3);
}

TEST_CASE("the command line's seed wins") {
    Overrides overrides;
    overrides.seed = 18'446'744'073'709'551'615U;
    CHECK(good(small_shop, overrides).seed == 18'446'744'073'709'551'615U);
}

TEST_CASE("traces are found beside the scenario, and the command line's replace a rate") {
    // Sixty requests in a minute, then a hundred and twenty: one and two a second.
    const TemporaryFile trace("fleetsim_load_test.csv",
                              "timestamp,requests\n2026-01-05T00:00:00Z,60\n2026-01-05T00:01:00Z,120\n");
    const auto text = with(small_shop, "rate: 10/s", "rate: {trace: fleetsim_load_test.csv, scale: 2}");
    const Loaded loaded = load_text(text, "shop.yaml", trace.path().parent_path());
    INFO(loaded.diagnostics.render());
    REQUIRE(loaded.scenario.has_value());
    CHECK(loaded.scenario->sources[sim::SourceId{0}].rate.rate(des::Time{30s}) == Approx(2));
    CHECK(loaded.scenario->sources[sim::SourceId{0}].rate.rate(des::Time{90s}) == Approx(4));

    const auto in_mapping = with(small_shop, "rate: 10/s", "rate: {trace: {file: fleetsim_load_test.csv, scale: 3}}");
    const Loaded scaled = load_text(in_mapping, "shop.yaml", trace.path().parent_path());
    REQUIRE(scaled.scenario.has_value());
    CHECK(scaled.scenario->sources[sim::SourceId{0}].rate.rate(des::Time{30s}) == Approx(3));

    Overrides overrides;
    overrides.traffic.emplace_back("visitors", trace.path());
    CHECK(good(small_shop, overrides).sources[sim::SourceId{0}].rate.rate(des::Time{30s}) == Approx(1));
    CHECK(good(with(small_shop, "    rate: 10/s\n", ""), overrides).sources.size() == 1);

    overrides.traffic.emplace_back("visitor", trace.path());
    CHECK(rendered(small_shop, overrides) ==
          "shop.yaml: error: unknown traffic \"visitor\" on the command line; did you mean visitors?\n1 error.\n");
}

TEST_CASE("a trace that cannot be read is an error where it is named") {
    const auto text = with(small_shop, "rate: 10/s", "rate: {trace: nowhere.csv}");
    CHECK(contains(rendered(text), "shop.yaml:31:19: error: cannot read the trace"));
    CHECK(contains(rendered(with(small_shop, "rate: 10/s", "rate: {trace: .}")), "not a file"));
    const TemporaryFile trace("fleetsim_bad_trace.csv", "timestamp,requests\n2026-01-05T00:00:00Z,many\n");
    const auto bad = with(small_shop, "rate: 10/s", "rate: {trace: fleetsim_bad_trace.csv}");
    const std::string said = load_text(bad, "shop.yaml", trace.path().parent_path()).diagnostics.render();
    CHECK(contains(said, "shop.yaml:31:19: error: trace"));
    CHECK(contains(said, "fleetsim_bad_trace.csv\", line 2, column"));
}

TEST_CASE("a file is loaded, and what is no readable file is said to be none") {
    const TemporaryFile file("fleetsim_load_test.yaml", small_shop);
    CHECK(load_file(file.path()).scenario.has_value());
    const auto folder = std::filesystem::temp_directory_path();
    CHECK(contains(load_file(folder).diagnostics.render(), "error: this is a directory"));
    CHECK(contains(load_file(folder / "fleetsim_no_such_file.yaml").diagnostics.render(), "error: no such file"));
    CHECK_FALSE(load_file(folder).scenario.has_value());
    const TemporaryFile empty("fleetsim_empty.yaml", "");
    CHECK(contains(load_file(empty.path()).diagnostics.render(), "error: the file is empty"));
}

TEST_CASE("a scenario with warnings still loads") {
    const Loaded loaded = load(with(small_shop, "    calls: [{service: back, probability: 0.5}]\n", ""));
    REQUIRE(loaded.scenario.has_value());
    CHECK(contains(loaded.diagnostics.render(), "shop.yaml:19:3: warning: service \"back\" receives no traffic"));
}

TEST_CASE("no traffic, or a rate of zero, is fine") {
    CHECK(rendered(with(small_shop, "10/s", "0/s")).empty());
    const std::string_view text = small_shop;
    const Loaded loaded = load(text.substr(0, text.find("traffic:")));
    CHECK(loaded.scenario.has_value());
    CHECK(loaded.diagnostics.render().empty());
}
