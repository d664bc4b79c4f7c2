#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scenario/capacity_providers.hpp>
#include <fleetsim/scenario/task_places.hpp>

namespace fleetsim::scenario {

namespace {

[[nodiscard]] VpcEnd end_at(const Reading& reading, std::string name, const VpcPlace& place, bool public_addresses) {
    VpcEnd end;
    end.endpoint.name = std::move(name);
    end.endpoint.groups = place.security_groups;
    for (const sim::SubnetId id : place.subnets) {
        const network::Subnet& subnet = reading.network.subnet_notes[id].facts;
        end.endpoint.addresses.push_back(subnet.cidr_block);
        if (!end.endpoint.reaches_internet || network::reaches_internet(subnet, public_addresses)) continue;
        end.endpoint.reaches_internet = false;
        const std::string where = called("subnet", reading.scenario.subnets[id].name);
        end.no_way_out = subnet.is_public ? fmt::format("in {} it has no public address", where)
                                          : fmt::format("{} has no NAT gateway", where);
    }
    return end;
}

void add_zone(std::vector<std::string>& zones, const std::string& zone) {
    if (std::find(zones.begin(), zones.end(), zone) == zones.end()) zones.push_back(zone);
}

/// On which the container listens that load balancers and callers mean.
[[nodiscard]] std::uint16_t container_port(const ServiceNotes& notes) {
    constexpr std::uint16_t http = 80;
    if (notes.network.port) return *notes.network.port;
    for (const ecs::PortMapping& mapping : notes.task.port_mappings) {
        if (!mapping.udp) return mapping.container_port;
    }
    return http;
}

/// The port of the instance that leads to the container's, if it is a fixed one.
[[nodiscard]] std::optional<std::uint16_t> fixed_port(const TaskNotes& task,
                                                      const std::vector<placement::HostPort>& host_ports,
                                                      std::uint16_t container_port) {
    for (const ecs::PortMapping& mapping : task.port_mappings) {
        if (mapping.udp || mapping.container_port != container_port) continue;
        return mapping.host_port == 0 ? std::nullopt : std::optional(mapping.host_port);
    }
    if (!task.port_mappings.empty()) return std::nullopt;
    std::optional<std::uint16_t> first;
    for (const placement::HostPort& port : host_ports) {
        if (port.protocol != placement::Protocol::tcp) continue;
        if (port.number == container_port) return port.number;
        if (!first) first = port.number;
    }
    return first;
}

[[nodiscard]] TasksInVpc in_vpc(std::string_view what, const auto& settings, const auto& notes) {
    return {called(what, settings.name),
            settings.cluster,
            settings.capacity_provider_strategy,
            notes.task,
            notes.network,
            notes.on_fargate};
}

}  // namespace

TasksInVpc tasks_of(const Reading& reading, sim::ServiceId id) {
    return in_vpc("service", reading.scenario.services[id], reading.service_notes[id]);
}

TasksInVpc tasks_of_run(const Reading& reading, std::size_t run) {
    return in_vpc("scheduled task", reading.scenario.task_runs[run], reading.task_run_notes[run]);
}

std::optional<std::vector<sim::GroupId>> groups_of(const Reading& reading, const TasksInVpc& tasks) {
    if (!tasks.cluster.exists() || !reading.cluster_notes[tasks.cluster].complete) return std::nullopt;
    const sim::Cluster& cluster = reading.scenario.clusters[tasks.cluster];
    std::vector<sim::GroupId> groups;
    for (std::size_t i = 0; i < cluster.capacity_providers.size(); ++i) {
        const sim::CapacityProvider& provider = cluster.capacity_providers[i];
        if (provider.is_fargate() || !may_use(cluster, tasks.strategy, i)) continue;
        if (!reading.group_notes[provider.group].network.known) return std::nullopt;
        groups.push_back(provider.group);
    }
    return groups;
}

std::vector<std::string> zones_of(const Reading& reading, const VpcPlace& place) {
    std::vector<std::string> zones;
    for (const sim::SubnetId subnet : place.subnets) add_zone(zones, reading.network.subnet_notes[subnet].zone);
    return zones;
}

std::vector<std::string> zones_of_tasks(const Reading& reading, const TasksInVpc& tasks) {
    const auto groups = groups_of(reading, tasks);
    if (!tasks.network.known || !groups) return {};
    if (tasks.on_fargate) return zones_of(reading, tasks.network.place);
    std::vector<std::string> of_instances;
    for (const sim::GroupId group : *groups) {
        for (const std::string& zone : zones_of(reading, reading.group_notes[group].network)) {
            add_zone(of_instances, zone);
        }
    }
    if (tasks.task.network_mode != ecs::NetworkMode::awsvpc) return of_instances;
    // A task's interface is in the zone of its instance.
    std::vector<std::string> zones;
    for (const std::string& zone : zones_of(reading, tasks.network.place)) {
        if (std::find(of_instances.begin(), of_instances.end(), zone) != of_instances.end()) zones.push_back(zone);
    }
    return zones;
}

VpcEnd end_of_balancer(const Reading& reading, sim::BalancerId id) {
    const sim::LoadBalancer& balancer = reading.scenario.balancers[id];
    VpcEnd end =
        end_at(reading, called("load balancer", balancer.name), reading.balancer_notes[id].network, !balancer.internal);
    end.endpoint.internet_facing = !balancer.internal;
    return end;
}

VpcEnd end_of_group(const Reading& reading, sim::GroupId id) {
    return end_at(reading, called("Auto Scaling group", reading.scenario.groups[id].name),
                  reading.group_notes[id].network, true);
}

std::vector<VpcEnd> ends_of_tasks(const Reading& reading, const TasksInVpc& tasks) {
    const TaskNetwork& network = tasks.network;
    const auto groups = groups_of(reading, tasks);
    if (!network.known || !groups) return {};
    if (tasks.task.network_mode == ecs::NetworkMode::awsvpc) {
        return {end_at(reading, tasks.name, network.place, network.assign_public_ip && tasks.on_fargate)};
    }
    std::vector<VpcEnd> ends;
    for (const sim::GroupId group : *groups) {
        VpcEnd end = end_of_group(reading, group);
        end.endpoint.name = fmt::format("{} on {}", tasks.name, end.endpoint.name);
        ends.push_back(std::move(end));
    }
    return ends;
}

network::PortRange ports_of_tasks(const Reading& reading, sim::ServiceId id) {
    const ServiceNotes& notes = reading.service_notes[id];
    const std::uint16_t port = container_port(notes);
    if (notes.task.network_mode != ecs::NetworkMode::bridge) return network::one_port(port);
    const auto fixed = fixed_port(notes.task, reading.scenario.services[id].task.shape.host_ports, port);
    return fixed ? network::one_port(*fixed) : network::dynamic_host_ports;
}

}  // namespace fleetsim::scenario
