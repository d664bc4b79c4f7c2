#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/ecs/task_problems.hpp>
#include <fleetsim/scenario/containers.hpp>
#include <fleetsim/scenario/task_shape.hpp>

namespace fleetsim::scenario {

namespace {

constexpr DurationIn any_wait{{}, longest_duration, BareNumber::seconds};

[[nodiscard]] DurationIn from_to(std::chrono::seconds least, std::chrono::seconds most) {
    return {least, most, BareNumber::seconds};
}

/// Source: Amazon ECS API Reference, "ContainerDefinition", name.
[[nodiscard]] Parsed<std::string> parse_container_name(std::string_view text) {
    return is_name(text) ? Parsed<std::string>::good(std::string(text))
                         : Parsed<std::string>::bad("a name of 1 to 255 letters, digits, - and _");
}

bool read_port_mapping(Reading& reading, const Field& item, ecs::PortMapping& mapping) {
    constexpr std::array<std::string_view, 2> protocols{"tcp", "udp"};
    constexpr std::int64_t highest = 65'535;
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return false;
    const bool container_good = map.require("container_port", mapping.container_port, IntegerIn{1, highest});
    const bool host_good = map.read("host_port", mapping.host_port, IntegerIn{0, highest});
    const bool protocol_good = map.read("protocol", mapping.udp, named<bool>(protocols));
    return map.finish() && container_good && host_good && protocol_good;
}

bool read_dependency(Reading& reading, const Field& item, ecs::ContainerDependency& dependency) {
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return false;
    const bool name_good = map.require("container_name", dependency.container_name, parse_container_name);
    const bool condition_good = map.require("condition", dependency.condition,
                                            named<ecs::DependencyCondition>(ecs::dependency_condition_names));
    return map.finish() && name_good && condition_good;
}

/// Items of a list, each read by `read`. False when any is wrong.
template <class Item>
bool read_items(Reading& reading, MapReader& map, std::string_view key, std::vector<Item>& out,
                bool (*read)(Reading&, const Field&, Item&)) {
    const std::size_t before = reading.diagnostics.count();
    for (const Field& field : map.list(key)) {
        Item item;
        if (read(reading, field, item)) out.push_back(std::move(item));
    }
    return reading.diagnostics.count() == before;
}

/// How long it runs, if it ends by itself, and when its health check first succeeds.
bool read_times(Reading& reading, const ecs::ContainerDefinition& container, ecs::ContainerTimes& times,
                MapReader& map) {
    if (container.health_check) times.to_healthy = container.health_check->interval;
    if (!map.read("runs_for", times.to_exit, DurationIn{})) return false;
    if (!times.to_exit || !container.essential) return true;
    reading.diagnostics.error(map.place_of("runs_for"), "runs_for: when an essential container ends, its task stops",
                              "essential: false");
    return false;
}

bool read_resources(ecs::ContainerDefinition& container, MapReader& map) {
    bool good = map.read("cpu", container.cpu_units, IntegerIn{0, most_cpu_units});
    good = map.read("memory", container.memory_mib, SizeMib{}) && good;
    good = map.read("memory_reservation", container.memory_reservation_mib, SizeMib{}) && good;
    return map.read("gpu", container.gpus, IntegerIn{0, most_gpus}) && good;
}

bool read_container(Reading& reading, MapReader& map, ReadContainers& read) {
    ecs::ContainerDefinition container;
    ecs::ContainerTimes times;
    bool good = map.is_mapping() && map.require("name", container.name, parse_container_name);
    good = read_image_name(reading, map, read.images) && good;
    good = read_resources(container, map) && good;
    good = map.read("essential", container.essential, parse_flag) && good;
    good = read_items(reading, map, "port_mappings", container.port_mappings, read_port_mapping) && good;
    good = read_items(reading, map, "depends_on", container.depends_on, read_dependency) && good;
    good = read_container_health_check(map, container.health_check) && good;
    good = read_stop_timeout(map, container.stop_timeout) && good;
    good = map.read("start_timeout", container.start_timeout, any_wait) && good;
    good = read_times(reading, container, times, map) && good;
    good = map.finish() && good;
    read.definitions.push_back(std::move(container));
    read.times.push_back(times);
    return good;
}

}  // namespace

Position ReadContainers::place(std::size_t container, std::string_view key, std::size_t entry) {
    return maps[container].list(key)[entry].at();
}

bool read_container_health_check(MapReader& map, std::optional<ecs::ContainerHealthCheck>& check) {
    const auto field = map.find("health_check");
    if (!field) return true;
    ecs::ContainerHealthCheck found;
    MapReader settings(map.diagnostics(), *field);
    bool good = settings.is_mapping();
    good = settings.read("interval", found.interval,
                         from_to(ecs::least_health_check_interval, ecs::most_health_check_interval)) &&
           good;
    good = settings.read("timeout", found.timeout,
                         from_to(ecs::least_health_check_timeout, ecs::most_health_check_timeout)) &&
           good;
    good = settings.read("retries", found.retries,
                         IntegerIn{ecs::least_health_check_retries, ecs::most_health_check_retries}) &&
           good;
    good = settings.read("start_period", found.start_period, from_to({}, ecs::most_health_check_start_period)) && good;
    good = settings.finish() && good;
    if (good) check = found;
    return good;
}

bool read_stop_timeout(MapReader& map, std::optional<des::Duration>& timeout) {
    return map.read("stop_timeout", timeout, any_wait);
}

bool read_image_name(Reading& reading, MapReader& map, std::vector<ecs::ImageId>& images) {
    const auto field = map.find("image");
    if (!field) return true;
    const auto image = reading.image_names.resolve(reading.diagnostics, *field);
    if (!image) return false;
    if (std::find(images.begin(), images.end(), *image) == images.end()) images.push_back(*image);
    return true;
}

ReadContainers read_containers(Reading& reading, const Field& field) {
    ReadContainers read;
    const std::vector<Field> items = items_of(reading.diagnostics, field);
    // One more than a task may have is enough to be refused.
    for (const Field& item : std::span(items).first(std::min(items.size(), ecs::most_containers + 1))) {
        read.maps.emplace_back(reading.diagnostics, item);
        read.good = read_container(reading, read.maps.back(), read) && read.good;
    }
    read.good = read.good && field.value.node->kind == Node::Kind::list;
    return read;
}

}  // namespace fleetsim::scenario
