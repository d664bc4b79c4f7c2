#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/scenario/fields.hpp>
#include <fleetsim/scenario/task_shape.hpp>

namespace fleetsim::scenario {

namespace {

/// Ports that may be reserved on an instance at a time.
///
/// Source: Amazon ECS API Reference, "PortMapping".
/// Left out: that the instance's own reserved ports are among them.
constexpr std::size_t most_ports = 100;

/// `8080`, `8080/tcp` or `53/udp`.
[[nodiscard]] Parsed<placement::HostPort> parse_host_port(std::string_view text) {
    constexpr std::int64_t highest = 65'535;
    const std::size_t slash = text.find('/');
    const auto number = parse_integer(text.substr(0, slash)).value;
    const std::string_view protocol = slash == std::string_view::npos ? "tcp" : text.substr(slash + 1);
    const bool is_port = number && *number >= 1 && *number <= highest;
    if (is_port && (protocol == "tcp" || protocol == "udp")) {
        return Parsed<placement::HostPort>::good({static_cast<std::uint16_t>(*number), protocol == "udp"
                                                                                           ? placement::Protocol::udp
                                                                                           : placement::Protocol::tcp});
    }
    std::string hint;
    if (is_port) hint = nearest_hint(text, std::vector{fmt::format("{}/tcp", *number), fmt::format("{}/udp", *number)});
    if (number == 0) hint = "a port that Docker chooses is not listed";
    return Parsed<placement::HostPort>::bad(fmt::format("a port from 1 to {} such as 8080 or 53/udp", highest),
                                            std::move(hint));
}

[[nodiscard]] std::string text_of(placement::HostPort port) {
    return fmt::format("{}/{}", port.number, port.protocol == placement::Protocol::udp ? "udp" : "tcp");
}

void read_host_port(Diagnostics& diagnostics, const Field& item, TaskShape& task) {
    placement::HostPort port;
    if (!read_field(diagnostics, item, port, parse_host_port)) return;
    if (reserve_port(diagnostics, item.at(), port, task)) return;
    diagnostics.error(item.at(), fmt::format("port {} is listed twice", text_of(port)));
}

void read_host_ports(MapReader& map, TaskShape& task) {
    const std::vector<Field> items = map.list("host_ports");
    if (items.size() > most_ports) {
        map.diagnostics().error(items[most_ports].at(),
                                fmt::format("host_ports: at most {} ports, found {}", most_ports, items.size()));
    }
    for (std::size_t i = 0; i < std::min(items.size(), most_ports); ++i) {
        read_host_port(map.diagnostics(), items[i], task);
    }
    if (task.network_mode != NetworkMode::awsvpc || task.host_ports.empty()) return;
    map.diagnostics().error(map.place_of("host_ports"),
                            "host_ports: in awsvpc mode each task has a network interface of its own, and takes no "
                            "ports of the instance",
                            "remove them, or choose bridge or host");
}

}  // namespace

bool reserve_port(Diagnostics& diagnostics, Position at, placement::HostPort port, TaskShape& task) {
    if (std::find(task.host_ports.begin(), task.host_ports.end(), port) != task.host_ports.end()) return false;
    if (placement::is_reserved(port)) {
        diagnostics.error(at, fmt::format("no instance can give a task port {}: ECS reserves it", text_of(port)),
                          "22, 2375, 2376 and 51678 to 51680 are reserved");
        return true;
    }
    task.host_ports.push_back(port);
    task.host_ports_at.push_back(at);
    return true;
}

bool read_network_mode(MapReader& map, NetworkMode& mode) {
    return map.read("network_mode", mode, named<NetworkMode>(ecs::network_mode_names));
}

TaskShape read_task_shape(MapReader& map, NetworkMode usual_mode) {
    TaskShape task;
    placement::Amounts amounts;
    task.network_mode = usual_mode;
    task.good = map.require("cpu", amounts.cpu_units, IntegerIn{1, most_cpu_units});
    task.good = map.require("memory", amounts.memory_mib, SizeMib{}) && task.good;
    task.good = map.read("gpu", amounts.gpus, IntegerIn{0, most_gpus}) && task.good;
    task.good = read_network_mode(map, task.network_mode) && task.good;
    read_host_ports(map, task);
    amounts.eni_slots = task.network_mode == NetworkMode::awsvpc ? 1 : 0;
    task.need = placement::resources(amounts);
    return task;
}

}  // namespace fleetsim::scenario
