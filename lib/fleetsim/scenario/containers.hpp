#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include <fleetsim/ecs/container_health_check.hpp>
#include <fleetsim/ecs/container_order.hpp>
#include <fleetsim/ecs/task_definition.hpp>
#include <fleetsim/scenario/map_reader.hpp>
#include <fleetsim/scenario/reading.hpp>

/// Reading the containers of a task.
namespace fleetsim::scenario {

/// Containers of one task, what is read of them besides their definitions, and where it stands.
struct ReadContainers {
    std::vector<ecs::ContainerDefinition> definitions;
    std::vector<ecs::ContainerTimes> times;  ///< One for each; their start takes no time.
    std::vector<ecs::ImageId> images;        ///< Of all of them, each once.
    std::vector<MapReader> maps;             ///< One for each.
    bool good = true;                        ///< Nothing was wrong.

    /// Where an entry of a list of the container stands.
    [[nodiscard]] Position place(std::size_t container, std::string_view key, std::size_t entry);
};

[[nodiscard]] ReadContainers read_containers(Reading& reading, const Field& field);

/// Reads `health_check: {interval, timeout, retries, start_period}`. False when it is wrong.
bool read_container_health_check(MapReader& map, std::optional<ecs::ContainerHealthCheck>& check);

/// Reads a task's or container's `stop_timeout`. False when it is wrong.
bool read_stop_timeout(MapReader& map, std::optional<des::Duration>& timeout);

/// Reads `image: NAME` and adds it to those that are there, once. False when it is wrong.
bool read_image_name(Reading& reading, MapReader& map, std::vector<ecs::ImageId>& images);

}  // namespace fleetsim::scenario
