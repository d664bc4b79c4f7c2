#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <fleetsim/placement/strategy.hpp>

namespace fleetsim::placement {

/// A strategy under the `type` and `field` of the ECS API.
struct RegisteredStrategy {
    std::string_view type;
    std::string_view field;  ///< Empty for a type that has none.
    Strategy strategy;
};

/// The only place where names become strategies, and the list of legal names for messages.
///
/// Source: Amazon ECS API Reference, "PlacementStrategy".
/// Left out: `spread` over attributes other than the availability zone.
inline constexpr std::array strategy_registry{
    RegisteredStrategy{"spread", "attribute:ecs.availability-zone", SpreadZone{}},
    RegisteredStrategy{"spread", "instanceId", SpreadInstance{}},
    RegisteredStrategy{"spread", "host", SpreadInstance{}},
    RegisteredStrategy{"binpack", "cpu", BinpackCpu{}},
    RegisteredStrategy{"binpack", "memory", BinpackMemory{}},
    RegisteredStrategy{"random", "", Random{}},
};

/// The strategy of that type and field, spelled exactly so; none when there is no such strategy.
[[nodiscard]] inline std::optional<Strategy> strategy(std::string_view type, std::string_view field) {
    const auto found =
        std::find_if(strategy_registry.begin(), strategy_registry.end(),
                     [&](const RegisteredStrategy& entry) { return entry.type == type && entry.field == field; });
    if (found == strategy_registry.end()) return std::nullopt;
    return found->strategy;
}

}  // namespace fleetsim::placement
