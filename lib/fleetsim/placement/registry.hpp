#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <fleetsim/placement/attributes.hpp>
#include <fleetsim/placement/strategy.hpp>

namespace fleetsim::placement {

/// A strategy under the `type` and `field` of the ECS API.
struct RegisteredStrategy {
    std::string_view type;
    std::string_view field;  ///< Empty for a type that has none; ends with the colon where a name follows.
    Strategy (*make)(std::string_view name);
};

/// The only place where names become strategies, and the list of legal names for messages.
///
/// Source: Amazon ECS API Reference, "PlacementStrategy".
inline constexpr std::array strategy_registry{
    RegisteredStrategy{
        "spread", "attribute:", [](std::string_view name) -> Strategy { return SpreadAttribute{std::string{name}}; }},
    RegisteredStrategy{"spread", "instanceId", [](std::string_view) -> Strategy { return SpreadInstance{}; }},
    RegisteredStrategy{"spread", "host", [](std::string_view) -> Strategy { return SpreadInstance{}; }},
    RegisteredStrategy{"binpack", "cpu", [](std::string_view) -> Strategy { return BinpackCpu{}; }},
    RegisteredStrategy{"binpack", "memory", [](std::string_view) -> Strategy { return BinpackMemory{}; }},
    RegisteredStrategy{"random", "", [](std::string_view) -> Strategy { return Random{}; }},
};

/// The strategy of that type and field, spelled exactly so; none when there is no such strategy.
[[nodiscard]] inline std::optional<Strategy> strategy(std::string_view type, std::string_view field) {
    for (const RegisteredStrategy& entry : strategy_registry) {
        if (entry.type != type) continue;
        if (entry.field == field && !field.ends_with(':')) return entry.make({});
        if (!entry.field.ends_with(':') || !field.starts_with(entry.field)) continue;
        const std::string_view name = field.substr(entry.field.size());
        if (is_attribute_name(name)) return entry.make(name);
    }
    return std::nullopt;
}

}  // namespace fleetsim::placement
