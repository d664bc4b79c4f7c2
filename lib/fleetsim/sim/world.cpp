#include <algorithm>
#include <utility>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/sim/world.hpp>

namespace fleetsim::sim {

namespace {

GroupState group_state(const AutoScalingGroup& group, std::uint64_t seed, std::uint64_t replication) {
    const std::string entity = resource_name(group);
    return {.desired_capacity = group.desired_capacity,
            .min_size = group.min_size,
            .max_size = group.max_size,
            .census = Census{group.zones.size()},
            .launch_times = des::Stream{seed, replication, entity, "launch-times"},
            .termination_ties = des::Stream{seed, replication, entity, "termination-ties"},
            .hook_times = des::Stream{seed, replication, entity, "hook-times"}};
}

ServiceState service_state(const Service& service, std::uint64_t seed, std::uint64_t replication) {
    const auto stream = [&](std::string_view purpose) {
        return des::Stream{seed, replication, resource_name(service), purpose};
    };
    ServiceState state{.desired_count = service.desired_count,
                       .reaction_times = stream("scheduler-reaction"),
                       .stop_ties = stream("stop-ties")};
    if (service.autoscaling) {
        state.min_capacity = service.autoscaling->min_capacity;
        state.max_capacity = service.autoscaling->max_capacity;
    }
    return state;
}

/// `resource` is the address of all that chance decides about the group's tasks.
TaskGroup task_group(const std::string& name, const std::string& resource, const Scenario& scenario,
                     std::uint64_t replication) {
    const auto stream = [&](std::string_view purpose) {
        return des::Stream{scenario.seed, replication, resource, purpose};
    };
    return {.name = name,
            .resource = resource,
            .cluster = {},
            .service = {},
            .tasks_by_zone = std::vector<std::int32_t>(scenario.zones.size(), 0),
            .provisioning_times = stream("provisioning-times"),
            .start_times = stream("start-times"),
            .exit_times = stream("exit-times"),
            .failures = stream("task-failures"),
            .placement_ties = stream("placement-ties")};
}

}  // namespace

Fleet::Fleet(const Scenario& the_scenario, std::uint64_t replication, placement::Search search, Kernel& the_kernel,
             Recorder& the_recorder)
    : scenario(the_scenario),
      kernel(the_kernel),
      recorder(the_recorder),
      outages(the_scenario.zones.size(), 0),
      slowness(the_scenario.zones.size(), 1.0) {
    for (const Subnet& subnet : scenario.subnets) addresses_left.add(subnet.addresses);
    for (const AutoScalingGroup& group : scenario.groups) {
        groups.add(group_state(group, scenario.seed, replication));
    }
    for (const ClusterId id : des::ids_of(scenario.clusters)) {
        clusters.add({.placer = placement::Placer{search}});
        for (const CapacityProvider& provider : scenario.clusters[id].capacity_providers) {
            if (provider.is_fargate()) continue;
            groups[provider.group].cluster = id;
            groups[provider.group].provider = &provider;
        }
    }
    for (const ServiceId id : des::ids_of(scenario.services)) {
        const Service& service = scenario.services[id];
        TaskGroup group = task_group(service.name, resource_name(service), scenario, replication);
        group.cluster = service.cluster;
        group.service = id;
        group.placed = clusters[service.cluster].placer.add_group("service:" + service.name);
        task_groups.add(std::move(group));
        services.add(service_state(service, scenario.seed, replication));
        if (service.daemon) clusters[service.cluster].daemons.push_back(id);
        services[id].deployments.push_back(
            {.task = &service.task, .shapes = shapes_of(TaskGroupId{id.value}, service.task)});
    }
    for (const TaskRun& run : scenario.task_runs) {
        TaskGroup group = task_group(run.name, "task/" + run.name, scenario, replication);
        group.cluster = run.cluster;
        group.service = ServiceId::none();
        group.placed = clusters[run.cluster].placer.add_group("family:" + run.name);
        const TaskGroupId id = task_groups.add(std::move(group));
        task_groups[id].shapes = shapes_of(id, run.task);
    }
    for (const TargetGroupId id : des::ids_of(scenario.target_groups)) {
        services[scenario.target_groups[id].service].target_groups.push_back(id);
    }
    for (const SpotPool& pool : scenario.spot_pools) {
        const std::string entity = "spot_pool/" + pool.instance_type + "/" + scenario.zones[pool.zone];
        spot_pools.add({.reclaims = des::Stream{scenario.seed, replication, entity, "reclaims"}});
    }
}

std::vector<placement::ShapeId> Fleet::shapes_of(TaskGroupId id, const TaskDefinition& task) {
    const TaskGroup& group = task_groups[id];
    placement::Placer& placer = clusters[group.cluster].placer;
    std::vector<placement::ShapeId> shapes;
    if (!strategy_of(id).empty()) {
        for (const CapacityProvider& provider : scenario.clusters[group.cluster].capacity_providers) {
            placement::Shape shape = task.shape;
            shape.capacity_provider = provider.name;
            shapes.push_back(placer.add_shape(group.placed, std::move(shape)));
        }
    }
    shapes.push_back(placer.add_shape(group.placed, task.shape));
    return shapes;
}

SubnetId Fleet::subnet_with(std::int32_t addresses, const std::vector<SubnetId>& subnets, ZoneId zone) const {
    SubnetId best = SubnetId::none();
    for (const SubnetId id : subnets) {
        if (scenario.subnets[id].zone != zone || addresses_left[id] < addresses) continue;
        if (!best.exists() || addresses_left[id] > addresses_left[best]) best = id;
    }
    return best;
}

void Fleet::add_fargate_usage(const Task& task, des::Time until) {
    const std::int64_t seconds = cloud::fargate_billed(until - *task.paid_since).count();
    TaskGroup& group = task_groups[task.group];
    const bool spot =
        scenario.clusters[group.cluster].capacity_providers[task.provider].kind == ProviderKind::fargate_spot;
    cloud::FargateUsage& usage = group.fargate[(spot ? 1U : 0U) + (task.definition->arm64 ? 2U : 0U)];
    usage.cpu_unit_seconds += seconds * task.definition->shape.task[placement::cpu_units];
    usage.mib_seconds += seconds * task.definition->shape.task[placement::memory_mib];
}

WaitingLine& ClusterState::line_of(TaskGroupId group, placement::ShapeId shape, std::uint32_t provider) {
    const auto found = std::find_if(lines.begin(), lines.end(), [&](const WaitingLine& line) {
        return line.group == group && line.shape == shape && line.provider == provider;
    });
    if (found != lines.end()) return *found;
    return lines.emplace_back(WaitingLine{.group = group, .shape = shape, .provider = provider});
}

des::Duration Fleet::draw(const des::Distribution& distribution, const des::Stream& stream, std::uint64_t number) {
    des::Draws draws = stream.draws(number);
    return des::sample_duration(distribution, draws);
}

}  // namespace fleetsim::sim
