#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/network/reachability.hpp>
#include <fleetsim/scenario/reading.hpp>

/// Where tasks, instances and load balancers are in the VPC, as far as their own entries could be read.
namespace fleetsim::scenario {

/// An end of connections with what keeps it from the internet, if anything does.
struct VpcEnd {
    network::Endpoint endpoint;
    std::string no_way_out;  ///< `subnet "private-a" has no NAT gateway`.
};

/// Tasks of a service or of a schedule. Valid until an entry is added to the scenario.
struct TasksInVpc {
    std::string name;  ///< `service "web"`
    sim::ClusterId cluster;
    const std::vector<sim::StrategyItem>& strategy;
    const TaskNotes& task;
    const TaskNetwork& network;
    bool on_fargate;
};

[[nodiscard]] TasksInVpc tasks_of(const Reading& reading, sim::ServiceId service);
[[nodiscard]] TasksInVpc tasks_of_run(const Reading& reading, std::size_t run);

/// The groups on whose instances the tasks may run. Nothing if not all are known.
[[nodiscard]] std::optional<std::vector<sim::GroupId>> groups_of(const Reading& reading, const TasksInVpc& tasks);

/// Names of zones, each once, in which the tasks may run. Empty if not all is known.
[[nodiscard]] std::vector<std::string> zones_of_tasks(const Reading& reading, const TasksInVpc& tasks);

/// The ends at which the tasks call and are called: one, or one a group whose instances they share. Empty if not all is
/// known.
[[nodiscard]] std::vector<VpcEnd> ends_of_tasks(const Reading& reading, const TasksInVpc& tasks);

/// The ports at which a service's tasks are called at these ends.
///
/// Source: Amazon ECS API Reference, "PortMapping". A container that names no port listens on 80, and of a task's
/// `host_ports` the first of TCP leads to it, unless its own port is among them: model decisions.
[[nodiscard]] network::PortRange ports_of_tasks(const Reading& reading, sim::ServiceId service);

[[nodiscard]] VpcEnd end_of_balancer(const Reading& reading, sim::BalancerId balancer);
[[nodiscard]] VpcEnd end_of_group(const Reading& reading, sim::GroupId group);

/// The zones of subnets, each once.
[[nodiscard]] std::vector<std::string> zones_of(const Reading& reading, const VpcPlace& place);

}  // namespace fleetsim::scenario
