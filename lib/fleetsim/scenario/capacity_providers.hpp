#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/map_reader.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/sim/scenario.hpp>

/// Reading where tasks go: to instances of Auto Scaling groups, or to Fargate.
namespace fleetsim::scenario {

inline constexpr std::string_view fargate_name = "FARGATE";
inline constexpr std::string_view fargate_spot_name = "FARGATE_SPOT";

/// Where the tasks of a service, or those of a schedule, are to go.
struct TaskCapacity {
    std::vector<sim::StrategyItem> strategy;  ///< Empty: any container instance.
    bool on_fargate = false;
    bool launch_type_ec2 = false;  ///< It says so itself.
    bool known = true;             ///< False when something about it was wrong, which has been reported.
};

/// Reads the keys `launch_type` and `capacity_provider_strategy`. With neither, the cluster's default strategy counts.
/// The launch type FARGATE gives the cluster a provider of that name if it has none.
[[nodiscard]] TaskCapacity read_task_capacity(Reading& reading, sim::ClusterId cluster, MapReader& map);

/// Reads a strategy whose providers are those of the cluster. Nothing when anything is wrong with it.
[[nodiscard]] std::optional<std::vector<sim::StrategyItem>> read_capacity_provider_strategy(Reading& reading,
                                                                                            sim::ClusterId cluster,
                                                                                            const Field& field);

/// Reads the key `availability_zones` of tasks on Fargate, and refuses it for others.
void read_fargate_zones(Reading& reading, const TaskCapacity& capacity, std::vector<sim::ZoneId>& zones,
                        MapReader& map);

/// Where tasks on Fargate go if their scenario does not say: the zones of their subnets if there are any, else those of
/// the groups, else the first three of the region.
[[nodiscard]] std::vector<sim::ZoneId> default_fargate_zones(Reading& reading,
                                                             const std::vector<sim::SubnetId>& subnets);

/// May tasks with this strategy be placed on instances of that provider, by its position in their cluster?
[[nodiscard]] bool may_use(const sim::Cluster& cluster, const std::vector<sim::StrategyItem>& strategy,
                           std::size_t provider);

}  // namespace fleetsim::scenario
