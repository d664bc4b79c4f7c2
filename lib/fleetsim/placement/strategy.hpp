#pragma once

#include <array>
#include <span>
#include <string>
#include <variant>

#include <fleetsim/placement/binpack_cpu.hpp>
#include <fleetsim/placement/binpack_memory.hpp>
#include <fleetsim/placement/narrowing.hpp>
#include <fleetsim/placement/random.hpp>
#include <fleetsim/placement/spread_attribute.hpp>
#include <fleetsim/placement/spread_instance.hpp>

namespace fleetsim::placement {

/// One step of an ECS placement strategy chain. A new strategy is a header of its own, a type here and a row in the
/// registry.
using Strategy = std::variant<SpreadAttribute, SpreadInstance, BinpackCpu, BinpackMemory, Random>;

/// What ECS does for a service that names no strategy: spread over zones, then over instances.
///
/// Source: Amazon ECS Developer Guide, "How Amazon ECS places tasks on container instances".
[[nodiscard]] inline std::span<const Strategy> default_strategies() {
    static const std::array<Strategy, 2> chain{SpreadAttribute{}, SpreadInstance{}};
    return chain;
}

/// As a scenario spells it: `binpack: memory`.
[[nodiscard]] inline std::string name_of(const Strategy& strategy) {
    return std::visit([](const auto& chosen) { return chosen.name(); }, strategy);
}

/// Leaves the candidates this step likes best for one more task.
inline void narrow(const Strategy& strategy, const RoomView& rooms, double tie, Candidates& left) {
    std::visit([&](const auto& chosen) { chosen.narrow(rooms, tie, left); }, strategy);
}

/// The inverse: leaves the candidates whose task this step likes best to lose.
inline void narrow_stop(const Strategy& strategy, const RoomView& rooms, double tie, Candidates& left) {
    std::visit([&](const auto& chosen) { chosen.narrow_stop(rooms, tie, left); }, strategy);
}

}  // namespace fleetsim::placement
