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
                       .start_times = stream("start-times"),
                       .reaction_times = stream("scheduler-reaction"),
                       .placement_ties = stream("placement-ties"),
                       .stop_ties = stream("stop-ties")};
    if (service.autoscaling) {
        state.min_capacity = service.autoscaling->min_capacity;
        state.max_capacity = service.autoscaling->max_capacity;
    }
    return state;
}

}  // namespace

Fleet::Fleet(const Scenario& the_scenario, std::uint64_t replication, placement::Search search, Kernel& the_kernel,
             Recorder& the_recorder)
    : scenario(the_scenario), kernel(the_kernel), recorder(the_recorder), outages(the_scenario.zones.size(), 0) {
    for (const AutoScalingGroup& group : scenario.groups) {
        groups.add(group_state(group, scenario.seed, replication));
    }
    for (const ClusterId id : des::ids_of(scenario.clusters)) {
        clusters.add({.placer = placement::Placer{search}});
        for (const CapacityProvider& provider : scenario.clusters[id].capacity_providers) {
            groups[provider.group].cluster = id;
            groups[provider.group].provider = &provider;
        }
    }
    for (const Service& service : scenario.services) {
        ServiceState state = service_state(service, scenario.seed, replication);
        placement::Placer& placer = clusters[service.cluster].placer;
        state.shape = placer.add_shape(placer.add_group("service:" + service.name), service.shape);
        services.add(std::move(state));
    }
    for (const TargetGroupId id : des::ids_of(scenario.target_groups)) {
        services[scenario.target_groups[id].service].target_groups.push_back(id);
    }
    for (const SpotPool& pool : scenario.spot_pools) {
        const std::string entity = "spot_pool/" + pool.instance_type + "/" + scenario.zones[pool.zone];
        spot_pools.add({.reclaims = des::Stream{scenario.seed, replication, entity, "reclaims"}});
    }
}

des::Duration Fleet::draw(const des::Distribution& distribution, const des::Stream& stream, std::uint64_t number) {
    des::Draws draws = stream.draws(number);
    return des::sample_duration(distribution, draws);
}

}  // namespace fleetsim::sim
