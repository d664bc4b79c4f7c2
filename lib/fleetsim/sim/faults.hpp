#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/sim/groups.hpp>
#include <fleetsim/sim/tasks.hpp>
#include <fleetsim/sim/world.hpp>

namespace fleetsim::sim {

/// What the scenario does to the fleet.
class Faults {
public:
    Faults(Fleet& fleet, Tasks& tasks, Groups& groups, std::uint64_t replication)
        : fleet_{fleet},
          tasks_{tasks},
          groups_{groups},
          victims_{fleet.scenario.seed, replication, "faults", "victim"},
          gaps_{fleet.scenario.seed, replication, "faults", "gap"} {}

    void start();

    void handle(event::FaultDue due);
    void handle(event::OutageOver over);
    void handle(event::FailureDue due);
    void handle(event::FaultOver over);

private:
    void apply(std::size_t fault, const TerminateInstance& what);
    void apply(std::size_t fault, const TerminateTask& what);
    void apply(std::size_t fault, const ZoneOutage& what);
    void apply(std::size_t fault, const InsufficientCapacity& what);
    void apply(std::size_t fault, const ReclaimSpot& what);
    void apply(std::size_t fault, const ImpairInstance& what);
    void apply(std::size_t fault, const TaskCrashes& what);
    void apply(std::size_t fault, const InstanceFailures& what);
    void apply(std::size_t fault, const SlowZone& what);
    void apply(std::size_t fault, const RegistryOutage& what);
    void apply(std::size_t fault, const ApiThrottling& what);
    [[nodiscard]] std::vector<TaskId> running_tasks(ServiceId service) const;
    [[nodiscard]] std::vector<InstanceId> running_instances(GroupId group) const;
    void terminate(InstanceId victim, std::string_view why);
    void terminate(TaskId victim, std::string_view why);
    [[nodiscard]] bool uses_fargate_spot() const;
    void reclaim_fargate(std::size_t fault, const ReclaimSpot& what);
    void next_failure(std::uint32_t fault, std::uint32_t number, double per_hour);
    void end(std::size_t fault, const TaskCrashes& what);
    void end(std::size_t fault, const InstanceFailures& what);
    void end(std::size_t fault, const SlowZone& what);
    void end(std::size_t fault, const RegistryOutage& what);
    void end(std::size_t fault, const ApiThrottling& what);
    void set_slowness(ZoneId zone);
    void over_after(std::size_t fault, des::Duration duration);
    void row(std::string_view what, std::string_view resource, std::string_view subject);

    Fleet& fleet_;
    Tasks& tasks_;
    Groups& groups_;
    des::Stream victims_;
    des::Stream gaps_;                     ///< Between the failures of a rate.
    std::vector<std::size_t> slow_zones_;  ///< Faults going on.
};

}  // namespace fleetsim::sim
