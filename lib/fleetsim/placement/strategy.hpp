#pragma once

#include <array>
#include <span>
#include <string_view>
#include <variant>

#include <fleetsim/placement/binpack_cpu.hpp>
#include <fleetsim/placement/binpack_memory.hpp>
#include <fleetsim/placement/narrowing.hpp>
#include <fleetsim/placement/random.hpp>
#include <fleetsim/placement/spread_instance.hpp>
#include <fleetsim/placement/spread_zone.hpp>

namespace fleetsim::placement {

/// One step of an ECS placement strategy chain. A new strategy is a header of its own, a type here and a row in the
/// registry.
using Strategy = std::variant<SpreadZone, SpreadInstance, BinpackCpu, BinpackMemory, Random>;

/// What ECS does for a service that names no strategy.
///
/// Source: Amazon ECS Developer Guide, "How Amazon ECS places tasks on container instances".
inline constexpr std::array<Strategy, 2> default_strategies{SpreadZone{}, SpreadInstance{}};

/// As a scenario spells it: `binpack: memory`.
[[nodiscard]] constexpr std::string_view name_of(const Strategy& strategy) {
    return std::visit([](const auto& chosen) { return chosen.name; }, strategy);
}

/// Leaves the candidates this step likes best for one more task.
inline void narrow(const Strategy& strategy, std::span<const Room> rooms, double tie, Candidates& left) {
    std::visit([&](const auto& chosen) { chosen.narrow(rooms, tie, left); }, strategy);
}

/// The inverse: leaves the candidates whose task this step likes best to lose.
inline void narrow_stop(const Strategy& strategy, std::span<const Room> rooms, double tie, Candidates& left) {
    std::visit([&](const auto& chosen) { chosen.narrow_stop(rooms, tie, left); }, strategy);
}

}  // namespace fleetsim::placement
