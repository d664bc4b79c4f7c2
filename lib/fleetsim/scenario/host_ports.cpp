#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/placement/ports.hpp>
#include <fleetsim/scenario/reading.hpp>

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

void read_host_port(Reading& reading, sim::Service& service, ServiceNotes& notes, const Field& item) {
    placement::HostPort port;
    std::vector<placement::HostPort>& ports = service.shape.host_ports;
    if (!read_field(reading.diagnostics, item, port, parse_host_port)) return;
    if (placement::is_reserved(port)) {
        reading.diagnostics.error(item.at(),
                                  fmt::format("no instance can give a task port {}: ECS reserves it", text_of(port)),
                                  "22, 2375, 2376 and 51678 to 51680 are reserved");
    } else if (std::find(ports.begin(), ports.end(), port) != ports.end()) {
        reading.diagnostics.error(item.at(), fmt::format("port {} is listed twice", text_of(port)));
    } else {
        ports.push_back(port);
        notes.host_ports_at.push_back(item.at());
    }
}

}  // namespace

void read_host_ports(Reading& reading, sim::Service& service, ServiceNotes& notes, MapReader& task) {
    const std::vector<Field> items = task.list("host_ports");
    if (items.size() > most_ports) {
        reading.diagnostics.error(items[most_ports].at(),
                                  fmt::format("host_ports: at most {} ports, found {}", most_ports, items.size()));
    }
    for (std::size_t i = 0; i < std::min(items.size(), most_ports); ++i) {
        read_host_port(reading, service, notes, items[i]);
    }
}

}  // namespace fleetsim::scenario
