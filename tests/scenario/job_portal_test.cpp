#include "scenario/job_portal.hpp"

#include <chrono>
#include <variant>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/good.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;
using namespace std::chrono_literals;

TEST_CASE("the design's scenario loads as printed, without a word") {
    const Loaded loaded = load(job_portal);
    CHECK(loaded.diagnostics.render().empty());
    REQUIRE(loaded.scenario.has_value());
}

TEST_CASE("the design's scenario has the fleet that it describes") {
    const sim::Scenario scenario = good(job_portal);
    CHECK(scenario.name == "job-portal");
    CHECK(scenario.region == "us-east-1");
    CHECK(scenario.start == std::chrono::sys_days{std::chrono::January / 5 / 2026});
    CHECK(scenario.duration == 24h);
    CHECK(scenario.warmup == 10min);
    CHECK(scenario.seed == 1);

    REQUIRE(scenario.groups.size() == 2);
    const sim::AutoScalingGroup& web = scenario.groups[sim::GroupId{0}];
    CHECK(web.name == "web");
    CHECK(web.first_option().type.name == "m5.large");
    CHECK(web.first_option().price_usd_per_hour == 0.096);
    // 98 % of 8,192 MiB is 8,028.16; two ENIs of three are free for tasks.
    CHECK((web.first_option().registered == placement::resources({2048, 8028, 0, 2})).all());
    REQUIRE(web.zones.size() == 2);
    CHECK(scenario.zones[web.zones[0]] == "us-east-1a");
    CHECK(scenario.zones[web.zones[1]] == "us-east-1b");
    CHECK(web.min_size == 2);
    CHECK(web.desired_capacity == 2);
    CHECK(web.max_size == 12);
    CHECK(web.launch_times.pending_to_running == des::lognormal_median_quantile(16, 0.95, 30));
    const sim::AutoScalingGroup& gpu = scenario.groups[sim::GroupId{1}];
    CHECK(gpu.first_option().registered[placement::gpus] == 1);
    REQUIRE(gpu.zones.size() == 1);
    CHECK(scenario.zones[gpu.zones[0]] == "us-east-1a");

    REQUIRE(scenario.clusters.size() == 2);
    const sim::Cluster& inference = scenario.clusters[sim::ClusterId{1}];
    REQUIRE(inference.capacity_providers.size() == 1);
    CHECK(inference.capacity_providers[0].group == sim::GroupId{1});
    REQUIRE(inference.capacity_providers[0].managed_scaling.has_value());
    CHECK(inference.capacity_providers[0].managed_scaling->target_capacity == 100);
    CHECK(inference.capacity_providers[0].managed_scaling->maximum_scaling_step_size == 10000);
    CHECK(scenario.clusters[sim::ClusterId{0}].capacity_providers[0].managed_scaling->target_capacity == 90);
}

TEST_CASE("the design's scenario has the services that it describes") {
    const sim::Scenario scenario = good(job_portal);
    REQUIRE(scenario.services.size() == 3);
    const sim::Service& frontend = scenario.services[sim::ServiceId{0}];
    CHECK(frontend.cluster == sim::ClusterId{0});
    CHECK((frontend.task.shape.task == placement::resources({256, 512, 0, 0})).all());
    CHECK(frontend.desired_count == 4);
    REQUIRE(frontend.task.shape.strategies.size() == 2);
    CHECK(std::holds_alternative<placement::SpreadAttribute>(frontend.task.shape.strategies[0]));
    CHECK(std::holds_alternative<placement::BinpackMemory>(frontend.task.shape.strategies[1]));
    CHECK(frontend.serving.workers == 4);
    CHECK(frontend.serving.backlog == 2048);
    CHECK(frontend.serving.service_time == des::lognormal(0.008, 0.8));
    CHECK(frontend.serving.cpu_units_per_busy_worker == 64);  // 256 units shared by 4 workers.
    CHECK(frontend.task.on_instance.starting == des::lognormal_median_quantile(1.5, 0.95, 4));
    REQUIRE(frontend.autoscaling.has_value());
    CHECK(frontend.autoscaling->min_capacity == 4);
    CHECK(frontend.autoscaling->max_capacity == 40);
    REQUIRE(frontend.autoscaling->target_tracking.size() == 1);
    const sim::TargetTrackingPolicy& tracking = frontend.autoscaling->target_tracking[0];
    CHECK(tracking.name == "ECSServiceAverageCPUUtilization");
    CHECK(tracking.metric.text == "service/frontend CPUUtilization Average");
    CHECK(tracking.settings.target_value == 60);
    CHECK(tracking.settings.scale_in_cooldown == 300s);
    const sim::Service& scorer = scenario.services[sim::ServiceId{2}];
    CHECK(scorer.cluster == sim::ClusterId{1});
    CHECK((scorer.task.shape.task == placement::resources({2048, 8192, 1, 0})).all());
    CHECK(scenario.services[sim::ServiceId{1}].serving.service_time == des::gamma(0.025, 1));
}

TEST_CASE("the design's scenario has its requests' ways resolved") {
    const sim::Scenario scenario = good(job_portal);
    REQUIRE(scenario.balancers.size() == 2);
    CHECK_FALSE(scenario.balancers[sim::BalancerId{0}].internal);
    CHECK(scenario.balancers[sim::BalancerId{1}].internal);
    CHECK(scenario.balancers[sim::BalancerId{0}].price_usd_per_hour == 0.0225);
    CHECK(scenario.balancers[sim::BalancerId{0}].idle_timeout == 60s);

    // In the order of first mention; the scorer is called directly and comes last.
    REQUIRE(scenario.target_groups.size() == 4);
    const auto is = [&](std::uint32_t index, sim::ServiceId service, sim::BalancerId balancer) {
        const sim::TargetGroup& group = scenario.target_groups[sim::TargetGroupId{index}];
        return group.service == service && group.balancer == balancer;
    };
    CHECK(is(0, sim::ServiceId{0}, sim::BalancerId{0}));
    CHECK(is(1, sim::ServiceId{1}, sim::BalancerId{0}));
    CHECK(is(2, sim::ServiceId{1}, sim::BalancerId{1}));
    CHECK(is(3, sim::ServiceId{2}, sim::BalancerId::none()));
    CHECK(scenario.target_groups[sim::TargetGroupId{0}].deregistration_delay == 300s);
    CHECK(scenario.target_groups[sim::TargetGroupId{3}].deregistration_delay == 0s);

    REQUIRE(scenario.sources.size() == 1);
    const sim::TrafficSource& visitors = scenario.sources[sim::SourceId{0}];
    CHECK(visitors.name == "visitors");
    CHECK(visitors.client.timeout == 5s);
    CHECK(visitors.client.retries == 2);
    CHECK(visitors.client.backoff == traffic::Backoff::full_jitter);
    CHECK(visitors.rate.rate(des::Time{14h}) == Approx(180));
    CHECK(visitors.rate.expected(des::Time{}, des::Time{24h}) == Approx(60.0 * 86400));

    REQUIRE(scenario.routes.size() == 3);
    const sim::Route& first = scenario.routes[visitors.to];
    CHECK(first.target_group == sim::TargetGroupId{0});
    CHECK(first.path == "/");
    REQUIRE(first.calls.size() == 1);
    CHECK(first.calls[0].probability == 0.7);
    const sim::Route& second = scenario.routes[first.calls[0].to];
    CHECK(second.target_group == sim::TargetGroupId{2});
    CHECK(second.path == "/api");
    REQUIRE(second.calls.size() == 1);
    const sim::Route& third = scenario.routes[second.calls[0].to];
    CHECK(third.target_group == sim::TargetGroupId{3});
    CHECK(third.calls.empty());

    REQUIRE(scenario.objectives.size() == 2);
    CHECK(scenario.objectives[0].text == "p99 <= 300ms");
    CHECK(std::get<sim::LatencyObjective>(scenario.objectives[0].what).limit == 300ms);
    CHECK(scenario.objectives[1].text == "availability >= 99.9%");
    CHECK(std::get<sim::AvailabilityObjective>(scenario.objectives[1].what).minimum == 0.999);
}
