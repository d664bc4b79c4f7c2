#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <fleetsim/des/pick.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::scaling {

/// A zone of an Auto Scaling group, as seen when a launch is due.
struct ZoneLoad {
    std::int32_t instances = 0;
    bool available = true;  ///< EC2 can launch there.
};

/// The zone that gets the next instance: the one with the fewest, the first in the group's list on a tie; zones that
/// cannot launch are passed over ("balanced-best-effort"). Nothing when none can.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Distribute instances across Availability Zones"; the tie is a model
/// decision.
[[nodiscard]] inline std::optional<std::size_t> choose_launch_zone(std::span<const ZoneLoad> zones) {
    std::optional<std::size_t> best;
    for (std::size_t zone = 0; zone < zones.size(); ++zone) {
        if (!zones[zone].available) continue;
        if (!best || zones[zone].instances < zones[*best].instances) best = zone;
    }
    return best;
}

/// An instance of a group that is scaling in.
struct TerminationCandidate {
    std::uint32_t zone = 0;
    des::Time running_since;
    bool may_end = true;  ///< In service and not protected from scale-in; others only count for their zone.
};

/// Which instance a scale-in ends under the default termination policy: among the zones with the most instances that
/// have one that may end, that which is closest to its next billing hour; `tie` in [0, 1) picks among equals. Nothing
/// when none may end.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Configure termination policies".
/// Left out: launch template versions and mixed purchase options, since a group has one of each here.
[[nodiscard]] inline std::optional<std::size_t> choose_termination(std::span<const TerminationCandidate> instances,
                                                                   des::Time now, double tie) {
    const auto in_zone = [&](std::uint32_t zone) {
        return std::count_if(instances.begin(), instances.end(), [zone](const auto& i) { return i.zone == zone; });
    };
    std::ptrdiff_t fullest = 0;
    for (const auto& instance : instances) {
        if (instance.may_end) fullest = std::max(fullest, in_zone(instance.zone));
    }
    const auto to_next_hour = [now](const TerminationCandidate& instance) {
        constexpr des::Duration hour = std::chrono::hours{1};
        return hour - (now - instance.running_since) % hour;
    };
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < instances.size(); ++i) {
        if (!instances[i].may_end || in_zone(instances[i].zone) != fullest) continue;
        if (!left.empty() && to_next_hour(instances[i]) > to_next_hour(instances[left.front()])) continue;
        if (!left.empty() && to_next_hour(instances[i]) < to_next_hour(instances[left.front()])) left.clear();
        left.push_back(i);
    }
    if (left.empty()) return std::nullopt;
    return left[des::picked(tie, left.size())];
}

/// How many impaired instances a group replaces at once: a tenth of the desired capacity, at least one.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Health checks for instances in an Auto Scaling group".
[[nodiscard]] constexpr std::int32_t replacements_at_once(std::int32_t desired_capacity) {
    return std::max(1, desired_capacity / 10);
}

}  // namespace fleetsim::scaling
