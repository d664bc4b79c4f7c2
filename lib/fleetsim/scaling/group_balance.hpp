#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace fleetsim::scaling {

/// A zone of an Auto Scaling group: its instances, and whether EC2 can launch another.
struct ZoneLoad {
    std::int32_t instances = 0;
    bool available = true;  ///< EC2 can launch there.
};

/// What a group does when the zone whose turn it is cannot launch: tries another, or waits for it.
enum class ZoneDistribution : std::uint8_t { balanced_best_effort, balanced_only };

inline constexpr std::array<std::string_view, 2> zone_distribution_names{"balanced-best-effort", "balanced-only"};

[[nodiscard]] constexpr std::string_view name(ZoneDistribution distribution) {
    return zone_distribution_names[static_cast<std::size_t>(distribution)];
}

/// The zone that gets the next instance: the one with the fewest, the first in the group's list on a tie. Zones that
/// cannot launch are passed over; with `balanced_only`, only for another that has as few. Nothing when the launch must
/// wait.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Distribute instances across Availability Zones"; what happens on a tie
/// is a model decision.
[[nodiscard]] inline std::optional<std::size_t> choose_launch_zone(
    std::span<const ZoneLoad> zones, ZoneDistribution distribution = ZoneDistribution::balanced_best_effort) {
    const auto emptier = [](const ZoneLoad& a, const ZoneLoad& b) { return a.instances < b.instances; };
    std::optional<std::size_t> best;
    for (std::size_t zone = 0; zone < zones.size(); ++zone) {
        if (!zones[zone].available) continue;
        if (!best || emptier(zones[zone], zones[*best])) best = zone;
    }
    if (!best || distribution == ZoneDistribution::balanced_best_effort) return best;
    const auto emptiest = std::min_element(zones.begin(), zones.end(), emptier);
    return emptier(*emptiest, zones[*best]) ? std::nullopt : best;
}

/// One instance too many in one zone and too few in another, as indices of zones.
struct Rebalance {
    std::size_t from = 0;
    std::size_t to = 0;
    friend bool operator==(const Rebalance&, const Rebalance&) = default;
};

/// What evens the zones out by one instance: launch one in the emptiest zone that can launch, and, once it is in
/// service, end one in the fullest; the first listed on a tie. Nothing while these two differ by one at most.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Rebalancing activities".
/// Left out: zones taken off the group's list, which are emptied whatever their number.
[[nodiscard]] inline std::optional<Rebalance> rebalance(std::span<const ZoneLoad> zones) {
    const std::optional<std::size_t> to = choose_launch_zone(zones);
    if (!to) return std::nullopt;
    const auto fullest = std::max_element(
        zones.begin(), zones.end(), [](const ZoneLoad& a, const ZoneLoad& b) { return a.instances < b.instances; });
    if (fullest->instances - zones[*to].instances <= 1) return std::nullopt;
    return Rebalance{static_cast<std::size_t>(fullest - zones.begin()), *to};
}

/// By how much a group may exceed its maximum while zones are rebalanced, or Spot Instances at risk are replaced: a
/// tenth of the maximum, at least one.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Rebalancing activities"; rounding down is a model decision.
[[nodiscard]] constexpr std::int32_t rebalancing_margin(std::int32_t max) { return std::max(1, max / 10); }

}  // namespace fleetsim::scaling
