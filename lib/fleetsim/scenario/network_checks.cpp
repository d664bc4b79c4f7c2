#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/address_checks.hpp>
#include <fleetsim/scenario/network_text.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/scenario/task_places.hpp>

namespace fleetsim::scenario {

namespace {

constexpr std::uint16_t https = 443;

/// What an instance's agent and a task on Fargate must reach, by their VPC endpoints if not over the internet.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS interface VPC endpoints"; Amazon ECR User Guide, "Amazon ECR
/// interface VPC endpoints".
constexpr std::array<std::string_view, 6> needed_by_instances{"ecr.api", "ecr.dkr",   "s3",
                                                              "ecs",     "ecs-agent", "ecs-telemetry"};
constexpr std::span<const std::string_view> needed_by_fargate = std::span(needed_by_instances).first(3);

[[nodiscard]] NameList missing_endpoints(const Reading& reading, std::span<const std::string_view> needed) {
    NameList missing;
    for (const std::string_view service : needed) {
        if (!reading.network.vpc_endpoints.contains(service)) missing.add(std::string(service));
    }
    return missing;
}

/// Reports the connection if it fails.
void check(Reading& reading, Position at, const VpcEnd& from, const VpcEnd& to, network::PortRange ports) {
    const network::Connection connection{from.endpoint, to.endpoint, ports};
    const auto refusal = network::refusal(reading.network.security_groups, connection);
    if (!refusal) return;
    RefusalText text = tell(reading.network, connection, *refusal, from.no_way_out);
    reading.diagnostics.error(at, std::move(text.message), std::move(text.hint));
}

/// Checks that what stands at the place comes to ECS and its images: over the internet, or by VPC endpoints.
void check_images(Reading& reading, VpcEnd end, const VpcPlace& place, bool public_addresses,
                  std::span<const std::string_view> needed, std::string_view fails) {
    const NameList missing = missing_endpoints(reading, needed);
    if (missing.empty()) return;
    bool over_internet = false;
    for (std::size_t i = 0; i < place.subnets.size(); ++i) {
        const network::Subnet& subnet = reading.network.subnet_notes[place.subnets[i]].facts;
        if (network::reaches_internet(subnet, public_addresses)) {
            over_internet = true;
            continue;
        }
        const std::string why = subnet.is_public ? "there they get no public address" : "the subnet has no NAT gateway";
        reading.diagnostics.error(
            place.subnets_at[i],
            fmt::format("{} in {} -> the internet on port {}: {}", end.endpoint.name,
                        called("subnet", reading.scenario.subnets[place.subnets[i]].name), https, why),
            fmt::format("{}: {}, or vpc_endpoints of {}", fails,
                        subnet.is_public ? "assign_public_ip: true" : "nat_gateway: true", missing.text()));
    }
    if (!over_internet) return;
    // What some of its subnets lack has been said.
    end.endpoint.reaches_internet = true;
    check(reading, place.subnets_at.front(), end, {network::the_internet(), {}}, network::one_port(https));
}

void check_groups(Reading& reading) {
    for (const Declared<sim::GroupId>& declared : reading.groups) {
        const GroupNotes& notes = reading.group_notes[declared.id];
        if (!notes.network.known || !notes.in_cluster) continue;
        check_images(reading, end_of_group(reading, declared.id), notes.network, true, needed_by_instances,
                     "its instances cannot register with ECS, nor pull images");
    }
}

/// Source: Amazon ECS Developer Guide, "Allocate a network interface for an Amazon ECS task": on EC2 a task's interface
/// gets no public address, whatever its subnet.
void check_awsvpc_on_instances(Reading& reading, const TasksInVpc& tasks) {
    const TaskNetwork& network = tasks.network;
    if (network.assign_public_ip) {
        reading.diagnostics.error(network.public_ip_at,
                                  "assign_public_ip: tasks on EC2 instances get no public address",
                                  "they reach the internet from private subnets with a NAT gateway");
    }
    for (std::size_t i = 0; i < network.place.subnets.size(); ++i) {
        const sim::SubnetId subnet = network.place.subnets[i];
        if (!reading.network.subnet_notes[subnet].facts.is_public) continue;
        reading.diagnostics.warning(
            network.place.subnets_at[i],
            fmt::format("{} in {} -> the internet: tasks on EC2 instances get no public address", tasks.name,
                        called("subnet", reading.scenario.subnets[subnet].name)),
            "they reach the internet from private subnets with a NAT gateway");
    }
    if (!groups_of(reading, tasks) || !zones_of_tasks(reading, tasks).empty()) return;
    reading.diagnostics.error(
        network.place.subnets_at.front(),
        fmt::format("a task of {} fits no instance: none of {} is in a zone of its subnets", tasks.name,
                    called("cluster", reading.scenario.clusters[tasks.cluster].name)));
}

void check_tasks(Reading& reading, const TasksInVpc& tasks) {
    const TaskNetwork& network = tasks.network;
    if (!network.known || tasks.task.network_mode != ecs::NetworkMode::awsvpc) return;
    if (!tasks.on_fargate) return check_awsvpc_on_instances(reading, tasks);
    for (const VpcEnd& end : ends_of_tasks(reading, tasks)) {
        check_images(reading, end, network.place, network.assign_public_ip, needed_by_fargate,
                     "its tasks cannot pull their images");
    }
}

void check_all_tasks(Reading& reading) {
    for (const Declared<sim::ServiceId>& declared : reading.services) {
        check_tasks(reading, tasks_of(reading, declared.id));
    }
    for (std::size_t run = 0; run < reading.task_run_notes.size(); ++run) {
        check_tasks(reading, tasks_of_run(reading, run));
    }
}

/// A load balancer sends nothing to targets in zones where it has no subnet.
///
/// Source: Application Load Balancers User Guide, "Target groups for your Application Load Balancers".
void check_zones(Reading& reading, Position at, const Declared<sim::BalancerId>& balancer, sim::ServiceId service) {
    const std::vector<std::string> served = zones_of(reading, reading.balancer_notes[balancer.id].network);
    if (served.size() < 2) return;  // That has been said.
    NameList unserved;
    for (const std::string& zone : zones_of_tasks(reading, tasks_of(reading, service))) {
        if (std::find(served.begin(), served.end(), zone) == served.end()) unserved.add(zone);
    }
    if (unserved.empty()) return;
    reading.diagnostics.error(
        at,
        fmt::format("{} -> {}: the load balancer has no subnet in {}, and sends nothing to "
                    "tasks there",
                    balancer.field.name, called("service", reading.scenario.services[service].name), unserved.text()));
}

void check_balancers(Reading& reading) {
    for (const Declared<sim::BalancerId>& declared : reading.balancers) {
        const BalancerNotes& notes = reading.balancer_notes[declared.id];
        if (!notes.network.known) continue;
        const VpcEnd from = end_of_balancer(reading, declared.id);
        for (const auto& forward : notes.forwards) {
            check_zones(reading, forward.second, declared, forward.first);
            for (const VpcEnd& to : ends_of_tasks(reading, tasks_of(reading, forward.first))) {
                check(reading, forward.second, from, to, ports_of_tasks(reading, forward.first));
            }
        }
    }
}

void check_traffic(Reading& reading) {
    for (const SourceNotes& source : reading.source_notes) {
        if (!source.to.exists() || !reading.balancer_notes[source.to].network.known) continue;
        const VpcEnd to = end_of_balancer(reading, source.to);
        for (const network::Endpoint& users : source.users) {
            check(reading, source.to_at, {users, {}}, to, network::one_port(source.port));
        }
    }
}

void check_call(Reading& reading, const ReadCall& call, const std::vector<VpcEnd>& callers) {
    const sim::TargetGroup& target = reading.scenario.target_groups[call.to];
    std::vector<VpcEnd> callees;
    network::PortRange ports = network::one_port(call.port);
    if (!target.balancer.exists()) {
        callees = ends_of_tasks(reading, tasks_of(reading, target.service));
        ports = ports_of_tasks(reading, target.service);
    } else if (reading.balancer_notes[target.balancer].network.known) {
        callees.push_back(end_of_balancer(reading, target.balancer));
    }
    for (const VpcEnd& from : callers) {
        for (const VpcEnd& to : callees) check(reading, call.at, from, to, ports);
    }
}

void check_paths_of_calls(Reading& reading) {
    for (const Declared<sim::ServiceId>& declared : reading.services) {
        const std::vector<ReadCall>& calls = reading.service_notes[declared.id].read_calls;
        if (calls.empty()) continue;
        const std::vector<VpcEnd> callers = ends_of_tasks(reading, tasks_of(reading, declared.id));
        for (const ReadCall& call : calls) check_call(reading, call, callers);
    }
}

/// The engine's subnets: a load balancer's addresses are not there for others.
void fill_in_subnets(Reading& reading) {
    settle_zones(reading, des::ids_of(reading.scenario.subnets));
    for (const Declared<sim::SubnetId>& declared : reading.network.subnets) {
        const SubnetNotes& notes = reading.network.subnet_notes[declared.id];
        sim::Subnet& subnet = reading.scenario.subnets[declared.id];
        subnet.is_public = notes.facts.is_public;
        subnet.has_nat = notes.facts.has_nat;
        subnet.addresses = network::usable_addresses(notes.facts.cidr_block);
    }
    for (const BalancerNotes& balancer : reading.balancer_notes) {
        for (const sim::SubnetId id : balancer.network.subnets) {
            std::int32_t& addresses = reading.scenario.subnets[id].addresses;
            addresses = std::max(0, addresses - network::load_balancer_addresses);
        }
    }
}

}  // namespace

void check_network(Reading& reading) {
    if (!reading.network.exists || !reading.network.sound) return;
    check_groups(reading);
    check_all_tasks(reading);
    check_balancers(reading);
    check_traffic(reading);
    check_paths_of_calls(reading);
    check_addresses(reading);
    fill_in_subnets(reading);
}

}  // namespace fleetsim::scenario
