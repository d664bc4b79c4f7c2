#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/group_keys.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;
using namespace std::chrono_literals;

TEST_CASE("a group has the API's defaults") {
    const sim::AutoScalingGroup group = good(small_fleet).groups[sim::GroupId{2}];
    CHECK(group.zone_distribution == scaling::ZoneDistribution::balanced_best_effort);
    CHECK(group.default_cooldown == 300s);
    CHECK_FALSE(group.default_instance_warmup.has_value());
    CHECK(group.health_check_type == scaling::HealthCheckType::ec2);
    CHECK(group.health_check_grace_period == 0s);
    CHECK(group.termination_policies ==
          std::vector<scaling::TerminationPolicy>{scaling::TerminationPolicy::default_policy});
    CHECK(group.suspended_processes.none());
    CHECK_FALSE(group.protect_from_scale_in);
    CHECK_FALSE(group.max_instance_lifetime.has_value());
    CHECK_FALSE(group.warm_pool.has_value());
    CHECK(group.lifecycle_hooks.empty());
    CHECK(group.instance_refreshes.empty());
    CHECK(group.workload.vcpus.pieces().empty());
}

TEST_CASE("a group takes every setting") {
    CHECK(tasks("capacity_distribution_strategy: balanced-only").zone_distribution ==
          scaling::ZoneDistribution::balanced_only);
    CHECK(tasks("default_cooldown: 60").default_cooldown == 60s);
    CHECK(tasks("default_instance_warmup: 2m").default_instance_warmup == 120s);
    CHECK(tasks("health_check_type: ELB").health_check_type == scaling::HealthCheckType::elb);
    CHECK(tasks("health_check_grace_period: 300").health_check_grace_period == 300s);
    using Policy = scaling::TerminationPolicy;
    CHECK(tasks("termination_policies: [OldestInstance, Default]").termination_policies ==
          std::vector<Policy>{Policy::oldest_instance, Policy::default_policy});
    CHECK(tasks("termination_policies: []").termination_policies == std::vector<Policy>{Policy::default_policy});
    const sim::AutoScalingGroup suspended = tasks("suspended_processes: [AZRebalance, Launch]");
    CHECK(suspended.suspended(sim::ScalingProcess::az_rebalance));
    CHECK(suspended.suspended(sim::ScalingProcess::launch));
    CHECK(suspended.suspended_processes.count() == 2);
    CHECK(tasks("protect_from_scale_in: true").protect_from_scale_in);
    CHECK(tasks("max_instance_lifetime: 7d").max_instance_lifetime == 168h);
    CHECK(tasks("max_instance_lifetime: 86400").max_instance_lifetime == 24h);
    CHECK_FALSE(tasks("max_instance_lifetime: 0").max_instance_lifetime.has_value());
    const sim::LaunchTimes times =
        tasks("launch_times: {running_to_in_service: 1s, stopping: 2s, stopped_to_running: 3s}").launch_times;
    CHECK(times.running_to_in_service == des::constant(1));
    CHECK(times.stopping == des::constant(2));
    CHECK(times.stopped_to_running == des::constant(3));
}

TEST_CASE("a group's work besides its tasks may be of four kinds") {
    const sim::GroupWorkload work =
        tasks("workload: {vcpus: {constant: 3}, network_in: 1e6, network_out: 2.5e6, requests: 6k/min}").workload;
    CHECK(work.vcpus.rate(des::Time{1h}) == 3);
    CHECK(work.network_in.rate(des::Time{1h}) == 1e6);
    CHECK(work.network_out.rate(des::Time{1h}) == 2.5e6);
    CHECK(work.requests.rate(des::Time{1h}) == 100);
}

TEST_CASE("an unknown termination policy does not hide that Default is not the last") {
    const auto found =
        load(with(small_fleet, max_size, and_key("termination_policies: [Default, Foo]"))).diagnostics.sorted();
    REQUIRE(found.size() == 2);
    CHECK(found[0].message == "termination_policies: Default must be the last termination policy");
}

TEST_CASE("faults of group settings") {
    check_key("capacity_distribution_strategy: §balanced",
              "capacity_distribution_strategy: expected balanced-best-effort or balanced-only", "did you mean");
    check_key("default_cooldown: §-1", "default_cooldown: expected a duration");
    check_key("default_instance_warmup: §2h", "default_instance_warmup: expected a duration from 0s to 1h");
    check_key("health_check_type: §elb", "health_check_type: expected EC2 or ELB", "did you mean ELB?");
    check_key("health_check_grace_period: §soon", "health_check_grace_period: expected a duration");
    check_key("termination_policies: [§Default, OldestInstance]",
              "termination_policies: Default must be the last termination policy");
    check_key("termination_policies: [Default, §Default]", "Default is listed twice");
    check_key("termination_policies: [OldestInstance, §OldestInstance]", "OldestInstance is listed twice");
    check_key("termination_policies: [§Oldest]", "expected Default, AllocationStrategy", "did you mean OldestInstance");
    check_key("termination_policies: §Default", "termination_policies: expected a list, found text");
    check_key("suspended_processes: [§Rebalance]", "expected Launch, Terminate, HealthCheck", "AZRebalance");
    check_key("suspended_processes: §Launch", "suspended_processes: expected a list, found text");
    check_key("protect_from_scale_in: §on", "protect_from_scale_in: expected true or false");
    check_key("max_instance_lifetime: §1", "max_instance_lifetime: expected 0s, or a duration from 1d to 365d");
    check_key("max_instance_lifetime: §86399", "max_instance_lifetime: expected 0s, or a duration from 1d to 365d");
    check_key("max_instance_lifetime: §366d", "max_instance_lifetime: expected 0s, or a duration from 1d to 365d");
    check_key("monitoring: §detail", "monitoring: expected detailed or basic", "did you mean detailed?");
    check_key("workload: {§cpu: 1}", "unknown key \"cpu\" in workload", "it takes vcpus, network_in");
    check_key("workload: {vcpus: §1/s}", "vcpus: expected a number from 0");
    check_key("workload: {requests: §1}", "requests: expected a rate such as 120/s", "did you mean 1/s?");
}

TEST_CASE("a warm-up or a grace period that is over before an instance works is told") {
    // The agent takes 20 s and 3 s at the median, and runs from 3 s before the instance is in service.
    constexpr std::string_view boot = "is shorter than the 23s from in service until an instance takes tasks";
    constexpr std::string_view hint = "from 23s on an instance counts once it works";
    check_key("default_instance_warmup: §10", boot, hint, Severity::warning);
    check_key("health_check_type: §ELB", "health_check_grace_period 0s is shorter than the 23s", hint,
              Severity::warning);
    check_key("health_check_type: ELB\n    health_check_grace_period: §10", boot, hint, Severity::warning);
    check_key("instance_refreshes: [{at: 1h, instance_warmup: §10}]", "instance_warmup 10s is shorter", hint,
              Severity::warning);
    check({{"[{auto_scaling_group: tasks}]",
            "[{auto_scaling_group: tasks, managed_scaling: {instance_warmup_period: §10}}]",
            "instance_warmup_period 10s is shorter than the 23s", hint, Severity::warning}},
          small_fleet);
    // Plain EC2 works from its coming into service on, and behind a launch hook the agent has long been ready.
    CHECK(load(with(small_fleet, "{metric: ASGAverageCPUUtilization, target_value: 50}\n",
                    "{metric: ASGAverageCPUUtilization, target_value: 50, estimated_instance_warmup: 10}\n"))
              .diagnostics.render()
              .empty());
    CHECK(load(with(small_fleet, max_size,
                    and_key("default_instance_warmup: 10\n    lifecycle_hooks: [{name: ready, lifecycle_transition: "
                            "\"autoscaling:EC2_INSTANCE_LAUNCHING\", completes_after: 2m}]")))
              .diagnostics.render()
              .empty());
    const Loaded enough = load(with(small_fleet, max_size, and_key("default_instance_warmup: 23")));
    CHECK(enough.diagnostics.render().empty());
}
