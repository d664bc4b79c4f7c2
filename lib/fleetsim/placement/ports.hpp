#pragma once

#include <algorithm>
#include <bitset>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <fleetsim/des/check.hpp>

namespace fleetsim::placement {

enum class Protocol : std::uint8_t { tcp, udp };

/// A port of the instance that a task reserves for itself, `bridge` with a fixed `hostPort` or `host` mode.
struct HostPort {
    std::uint16_t number = 0;
    Protocol protocol = Protocol::tcp;
    friend constexpr bool operator==(HostPort, HostPort) = default;
    friend constexpr auto operator<=>(HostPort, HostPort) = default;
};

/// The most different host ports that the tasks of one cluster may ask for.
inline constexpr std::size_t most_host_ports = 128;

/// Some of the host ports of a `PortTable`, by position.
using PortSet = std::bitset<most_host_ports>;

/// Ports that every container instance has reserved before any task comes.
///
/// Source: Amazon ECS API Reference, "PortMapping"; that 51680 is among them, Amazon ECS Developer Guide.
[[nodiscard]] constexpr bool is_reserved(HostPort port) {
    constexpr std::uint16_t reserved[]{22, 2375, 2376, 51678, 51679, 51680};
    return port.protocol == Protocol::tcp &&
           std::any_of(std::begin(reserved), std::end(reserved), [&](auto number) { return number == port.number; });
}

/// Gives each host port that somebody asks for a position, so that sets of them are compared at once.
class PortTable {
public:
    [[nodiscard]] PortSet set_of(std::span<const HostPort> wanted) {
        PortSet set;
        for (const HostPort port : wanted) {
            const auto found = std::find(ports_.begin(), ports_.end(), port);
            const auto position = static_cast<std::size_t>(found - ports_.begin());
            if (found == ports_.end()) {
                FLEETSIM_CHECK(position < most_host_ports);
                ports_.push_back(port);
                reserved_[position] = is_reserved(port);
            }
            set.set(position);
        }
        return set;
    }

    /// Those in use on an instance without tasks.
    [[nodiscard]] const PortSet& reserved() const { return reserved_; }

private:
    std::vector<HostPort> ports_;
    PortSet reserved_;
};

}  // namespace fleetsim::placement
