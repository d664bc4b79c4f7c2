#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/ecs_world.hpp"
#include "sim/laws.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

namespace {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : draws_{des::Stream{seed, 0, "busy-cluster", "test"}.draws(0)} {}

    bool chance(double probability) { return draws_.unit() < probability; }
    int whole(int low, int high) { return low + static_cast<int>(draws_.unit() * (high - low + 1)); }
    std::chrono::seconds seconds(int low, int high) { return std::chrono::seconds{whole(low, high)}; }
    Time some_time() { return Time{seconds(60, 3000)}; }

private:
    des::Draws draws_;
};

void vary_task(Dice& dice, sim::TaskDefinition& task) {
    task.awsvpc = dice.chance(0.3);
    const std::int32_t cpu_units = 128 * dice.whole(1, 8);
    const std::int32_t memory_mib = 256 * dice.whole(1, 8);
    task.shape.task = placement::resources(
        {.cpu_units = cpu_units, .memory_mib = memory_mib, .gpus = 0, .eni_slots = task.awsvpc ? 1 : 0});
    if (task.awsvpc) task.on_instance.provisioning = des::uniform(2, 8);
    task.on_instance.starting = des::uniform(1, 10);
    task.on_fargate = {.provisioning = des::uniform(10, 30), .starting = des::uniform(1, 10)};
    task.exit_time = des::uniform(0, 60);
    if (dice.chance(0.6)) task.images = {ecs::ImageId{static_cast<std::uint32_t>(dice.whole(0, 3))}};
    if (task.images == std::vector{ecs::ImageId{0}}) task.images.push_back(ecs::ImageId{1});
    if (dice.chance(0.3)) task.health_check = ecs::ContainerHealthCheck{.interval = dice.seconds(5, 40)};
    if (dice.chance(0.2)) task.shape.distinct_instance = true;
    if (dice.chance(0.3)) task.shape.strategies = {placement::BinpackMemory{}};
    if (dice.chance(0.2)) task.shape.strategies = {placement::Random{}};
    if (dice.chance(0.2)) {
        task.shape.member_of = {*placement::parse_query("attribute:ecs.availability-zone == us-east-1a").query};
    }
}

void vary_service(Dice& dice, sim::Scenario& scenario, sim::ServiceId id) {
    sim::Service& service = scenario.services[id];
    service.deployment = {dice.chance(0.5) ? 50 : 100, dice.chance(0.5) ? 125 : 200};
    service.circuit_breaker = {
        .enable = dice.chance(0.6), .rollback = dice.chance(0.5), .reset_on_healthy_task = dice.chance(0.5)};
    service.serving.boot_time = dice.seconds(0, 60);
    service.serving.workers = 4;
    if (dice.chance(0.5)) service.health_check_grace_period = dice.seconds(0, 120);
    if (dice.chance(0.3)) service.scale_in_protection = std::chrono::minutes{dice.whole(1, 25)};
    if (dice.chance(0.4)) service.zone_rebalancing = service.task.shape.strategies.empty();
    if (dice.chance(0.3) && !service.daemon) {
        service.traffic_shift = ecs::TrafficShift{.strategy = static_cast<ecs::DeploymentStrategy>(dice.whole(1, 3)),
                                                  .bake_time = dice.seconds(0, 600),
                                                  .linear = {dice.whole(100, 500), dice.seconds(30, 200)},
                                                  .canary = {dice.whole(1, 500), dice.seconds(30, 600)}};
    }
    for (int i = dice.whole(0, 2); i > 0; --i) {
        sim::Deployment deployment{dice.some_time(), id};
        if (dice.chance(0.7)) {
            deployment.task = service.task;
            vary_task(dice, *deployment.task);
        }
        if (dice.chance(0.5)) {
            deployment.fails = {dice.chance(0.5) ? 1 : 0.5, static_cast<sim::TaskFailure>(dice.whole(0, 1))};
        }
        scenario.deployments.push_back(deployment);
    }
    if (service.daemon) return;
    for (int i = dice.whole(0, 3); i > 0; --i) desire_at(scenario, id, dice.seconds(60, 3000), dice.whole(0, 25));
    const sim::RouteId route =
        add_route(scenario, id, dice.chance(0.7) ? add_balancer(scenario, service.name) : sim::BalancerId::none());
    scenario.target_groups[scenario.routes[route].target_group].deregistration_delay = dice.seconds(0, 90);
    if (dice.chance(0.2)) add_route(scenario, id, add_balancer(scenario, service.name + " too"));
    add_traffic(scenario, service.name + " users", route, traffic::constant(2), {.timeout = 5s});
}

void add_faults(Dice& dice, sim::Scenario& scenario) {
    const sim::ZoneId zone{static_cast<std::uint32_t>(dice.whole(0, 1))};
    auto& faults = scenario.faults;
    if (dice.chance(0.5)) faults.push_back({dice.some_time(), sim::ZoneOutage{zone, 10min}});
    if (dice.chance(0.5)) faults.push_back({dice.some_time(), sim::TaskCrashes{sim::ServiceId::none(), 4, 20min}});
    if (dice.chance(0.5)) faults.push_back({dice.some_time(), sim::InstanceFailures{sim::GroupId::none(), 2, 20min}});
    if (dice.chance(0.5)) faults.push_back({dice.some_time(), sim::RegistryOutage{8min}});
    if (dice.chance(0.5)) faults.push_back({dice.some_time(), sim::ApiThrottling{dice.whole(1, 20), 10min}});
    if (dice.chance(0.5)) faults.push_back({dice.some_time(), sim::SlowZone{zone, 3, 10min}});
}

void add_runs(Dice& dice, sim::Scenario& scenario) {
    for (int i = dice.whole(0, 2); i > 0; --i) {
        sim::TaskRun run;
        run.name = "job-" + std::to_string(i);
        run.cluster = main_cluster;
        vary_task(dice, run.task);
        run.count = dice.whole(1, 8);
        run.schedule = *scaling::parse_cron("*/7 * * * *").schedule;
        run.runs_for = des::uniform(10, 900);
        if (dice.chance(0.3)) run.fails = {.probability = 0.3};
        scenario.task_runs.push_back(run);
    }
}

/// A second cluster, on Fargate.
void add_fargate(Dice& dice, sim::Scenario& scenario) {
    sim::Cluster cluster;
    cluster.name = "serverless";
    sim::CapacityProvider provider;
    provider.kind = sim::ProviderKind::fargate;
    provider.name = "FARGATE";
    cluster.capacity_providers.push_back(provider);
    provider.kind = sim::ProviderKind::fargate_spot;
    provider.name = "FARGATE_SPOT";
    cluster.capacity_providers.push_back(provider);
    const sim::ServiceId id = add_worker(scenario, "serverless", dice.whole(0, 12));
    sim::Service& service = scenario.services[id];
    service.cluster = scenario.clusters.add(cluster);
    service.fargate_zones = {sim::ZoneId{0}, sim::ZoneId{1}};
    service.capacity_provider_strategy = {{0, {.base = dice.whole(0, 3), .weight = dice.whole(0, 2)}},
                                          {1, {.weight = dice.whole(1, 3)}}};
    vary_task(dice, service.task);
    service.task.shape.strategies.clear();
    service.task.shape.member_of.clear();
    service.task.shape.distinct_instance = false;
    vary_service(dice, scenario, id);
}

/// One subnet in each zone, for all instances and tasks.
void add_subnets(Dice& dice, sim::Scenario& scenario) {
    std::vector<sim::SubnetId> subnets;
    for (const sim::ZoneId zone : des::ids_of(scenario.zones)) {
        subnets.push_back(
            scenario.subnets.add({.name = scenario.zones[zone], .zone = zone, .addresses = dice.whole(3, 20)}));
    }
    for (sim::AutoScalingGroup& group : scenario.groups) group.subnets = subnets;
    for (sim::Service& service : scenario.services) service.subnets = subnets;
    for (sim::TaskRun& run : scenario.task_runs) run.subnets = subnets;
}

/// Everything that ECS can do, in one hour. What exactly, the seed decides.
sim::Scenario busy_cluster(std::uint64_t seed) {
    Dice dice{seed};
    sim::Scenario scenario = ecs_world(dice.whole(1, 6));
    scenario.seed = seed;
    for (int i = 0; i < 4; ++i) {
        scenario.image_names.add("image-" + std::to_string(i));
        const ecs::ImageId base = i == 3 ? ecs::ImageId{0} : ecs::ImageId::none();
        scenario.images.add({std::int64_t{dice.whole(10, 500)} << 20, std::int64_t{dice.whole(10, 900)} << 20, base});
    }
    scenario.clusters[main_cluster].capacity_providers[0].name = "web";
    const std::uint32_t other = add_provider(scenario, "other", dice.whole(0, 3));
    for (auto& provider : scenario.clusters[main_cluster].capacity_providers) {
        if (dice.chance(0.7)) provider.managed_scaling = scaling::ManagedScaling{};
        provider.managed_termination_protection = provider.managed_scaling && dice.chance(0.5);
        provider.managed_draining = dice.chance(0.7);
        sim::AutoScalingGroup& group = scenario.groups[provider.group];
        group.max_size = 12;
        group.image_pull_behavior = static_cast<ecs::PullBehavior>(dice.whole(0, 3));
        if (dice.chance(0.4)) {
            const auto at = dice.seconds(60, 3000);
            group.scheduled_actions = {desired_at(scenario, at, dice.whole(0, 8))};
        }
    }
    for (int i = dice.whole(1, 3); i > 0; --i) {
        const sim::ServiceId id = add_worker(scenario, "service-" + std::to_string(i), dice.whole(0, 10));
        vary_task(dice, scenario.services[id].task);
        if (dice.chance(0.5)) {
            scenario.services[id].capacity_provider_strategy = {
                {0, {.base = dice.whole(0, 2), .weight = dice.whole(0, 2)}}, {other, {.weight = dice.whole(1, 2)}}};
        }
        scenario.services[id].launch_type_ec2 = dice.chance(0.3);
        vary_service(dice, scenario, id);
    }
    if (dice.chance(0.7)) {
        const sim::ServiceId id = add_worker(scenario, "agent", 0);
        sim::Service& service = scenario.services[id];
        service.daemon = true;
        vary_task(dice, service.task);
        service.task.shape.strategies.clear();
        service.task.shape.distinct_instance = false;
        vary_service(dice, scenario, id);
        scenario.services[id].deployment = {dice.chance(0.5) ? 0 : 50, 100};
        scenario.services[id].zone_rebalancing = false;
    }
    if (dice.chance(0.6)) add_fargate(dice, scenario);
    add_runs(dice, scenario);
    add_faults(dice, scenario);
    if (dice.chance(0.5)) add_subnets(dice, scenario);
    return scenario;
}

/// Tasks of each resource by state, row after row.
class TaskCensus {
public:
    void apply(const sim::EventRow& row) {
        if (!is_about_state(row)) return;
        if (row.event == "task_created") REQUIRE(state_.count(row.subject) == 0);
        std::string& state = state_[row.subject];
        REQUIRE(state != "STOPPED");
        --counts_[{row.resource, state}];
        state = row.to;
        ++counts_[{row.resource, state}];
    }

    [[nodiscard]] int of(const std::string& resource, const std::vector<std::string>& states) const {
        int sum = 0;
        for (const std::string& state : states) {
            const auto found = counts_.find({resource, state});
            if (found != counts_.end()) sum += found->second;
        }
        return sum;
    }

private:
    std::map<std::string, std::string> state_;
    std::map<std::pair<std::string, std::string>, int> counts_;
};

/// What the minutes say of tasks is what the rows say; and a task that has stopped never comes back.
void check_tasks_are_counted_right(const sim::Result& result, const sim::Scenario& scenario) {
    TaskCensus census;
    std::size_t next = 0;
    for (std::size_t minute = 1; minute <= result.minutes.rows(); ++minute) {
        const Time end{std::chrono::minutes{minute}};
        while (next < result.events.size() && result.events[next].at < end) census.apply(result.events[next++]);
        // Of what happens at that very instant some comes before the minute is closed.
        if (next < result.events.size() && result.events[next].at == end) continue;
        for (const sim::Service& service : scenario.services) {
            INFO(service.name << " in minute " << minute);
            const std::string resource = "service/" + service.name;
            const std::string column = "services." + service.name + ".tasks.";
            CHECK(in_minute(result, minute, column + "running") == census.of(resource, {"RUNNING"}));
            CHECK(in_minute(result, minute, column + "waiting") ==
                  census.of(resource, {"PROVISIONING", "PENDING", "ACTIVATING"}));
        }
    }
}

/// Services all of whose tasks, of every deployment, have interfaces of their own.
std::set<std::string> with_own_interfaces(const sim::Scenario& scenario) {
    std::set<std::string> resources;
    for (const sim::Service& service : scenario.services) {
        if (service.task.awsvpc) resources.insert("service/" + service.name);
    }
    for (const sim::Deployment& deployment : scenario.deployments) {
        if (deployment.task && !deployment.task->awsvpc) {
            resources.erase("service/" + scenario.services[deployment.service].name);
        }
    }
    return resources;
}

/// Instances, and tasks with interfaces of their own, never have more addresses than their zone's subnet.
void check_addresses(const sim::Result& result, const sim::Scenario& scenario) {
    std::map<std::string, std::int32_t> left;
    for (const sim::Subnet& subnet : scenario.subnets) left[subnet.name] = subnet.addresses;
    if (left.empty()) return;
    const std::set<std::string> counted = with_own_interfaces(scenario);
    std::set<std::string> holders;
    for (const sim::EventRow& row : result.events) {
        const bool task = is_about_state(row) && counted.count(row.resource) > 0 && !row.zone.empty();
        const bool gone = row.event == "instance_terminated" || row.to == "STOPPED";
        if (!task && row.event != "instance_launch" && row.event != "instance_terminated") continue;
        INFO(row.subject << " at " << des::seconds(row.at) << " s in " << row.zone);
        if (gone) {
            left[row.zone] += static_cast<std::int32_t>(holders.erase(row.subject));
        } else if (holders.insert(row.subject).second) {
            REQUIRE(--left[row.zone] >= 0);
        }
    }
}

}  // namespace

TEST_CASE("whatever ECS does no instance is over capacity and every task is counted once") {
    std::map<std::string, std::size_t> seen;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        INFO("busy cluster " << seed);
        const sim::Scenario scenario = busy_cluster(seed);
        const sim::Result result = sim::run(scenario);
        check_requests_are_conserved(result);
        if (count_rows(result, "instance_registered") > 0 && count_rows(result, "task_placed") > 0) {
            check_no_instance_is_over_capacity(result);
        }
        check_laws_of_groups(result, scenario);
        check_addresses(result, scenario);
        check_littles_law(result);
        check_tasks_are_counted_right(result, scenario);
        // Most are requests; the control plane does not wake up for nothing.
        CHECK(result.kernel_events < 400'000);
        for (const auto& row : result.events) {
            ++seen[std::string{row.event}];
            ++seen[row.reason.substr(0, row.reason.find(':'))];
        }
    }
    // The worlds deserve their name.
    for (const char* happens : {"task_refused",
                                "task_activating",
                                "task_deprovisioning",
                                "container_unhealthy",
                                "target_unhealthy",
                                "run_task_failed",
                                "CannotPullContainerError",
                                "failed",
                                "completed",
                                "starts again",
                                "api_throttling",
                                "InsufficientFreeAddressesInSubnet",
                                "no free address in every zone",
                                "image_pulls",
                                "slow_zone",
                                "az_outage",
                                "failed its load balancer's health checks",
                                "its instance is draining",
                                "a new deployment replaces it",
                                "its deployment failed"}) {
        INFO(happens);
        CHECK(seen[happens] > 0);
    }
}

TEST_CASE("busy clusters run the same with every way to search for a place") {
    for (std::uint64_t seed = 1; seed <= 15; ++seed) {
        INFO("busy cluster " << seed);
        const sim::Scenario scenario = busy_cluster(seed);
        sim::RunOptions linear;
        linear.placement_search = placement::Search::linear;
        const auto digest = sim::run(scenario).digest;
        CHECK(sim::run(scenario, linear).digest == digest);
        CHECK(sim::run(scenario).digest == digest);
    }
}
