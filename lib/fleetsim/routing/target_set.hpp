#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <fleetsim/routing/algorithm.hpp>
#include <fleetsim/routing/health_check.hpp>
#include <fleetsim/routing/rotation.hpp>

namespace fleetsim::routing {

/// The targets of one group with their states, and the choice among them. Targets are small dense numbers.
///
/// Invariant: a target is in the rotation of its state and in no other.
///
/// Source: Application Load Balancers User Guide, "Target groups" and "Target group health": with no healthy target the
/// group routes to the unhealthy ones; with neither there is nothing to choose, and the balancer answers 503.
class TargetSet {
public:
    explicit TargetSet(Algorithm algorithm = RoundRobin{}) : algorithm_(algorithm) {}

    void set_state(std::uint32_t target, TargetState state) {
        if (target >= states_.size()) {
            states_.resize(target + 1, TargetState::unused);
            outstanding_.resize(target + 1, 0);
        }
        if (states_[target] == state) return;
        healthy_.remove(target);
        unhealthy_.remove(target);
        if (state == TargetState::healthy) healthy_.add(target);
        if (state == TargetState::unhealthy) unhealthy_.add(target);
        states_[target] = state;
    }

    [[nodiscard]] TargetState state(std::uint32_t target) const {
        return target < states_.size() ? states_[target] : TargetState::unused;
    }

    /// Chooses a target and counts one more request in flight there; nothing when no target may be chosen.
    [[nodiscard]] std::optional<std::uint32_t> choose() {
        Rotation& rotation = healthy_.targets.empty() ? unhealthy_ : healthy_;
        if (rotation.targets.empty()) return std::nullopt;
        const std::uint32_t target = routing::choose(algorithm_, rotation, outstanding_);
        ++outstanding_[target];
        return target;
    }

    /// A request chosen earlier has ended, whatever way.
    void ended(std::uint32_t target) { --outstanding_[target]; }

    [[nodiscard]] std::uint32_t outstanding(std::uint32_t target) const {
        return target < outstanding_.size() ? outstanding_[target] : 0;
    }
    [[nodiscard]] std::size_t healthy_count() const { return healthy_.targets.size(); }

private:
    Algorithm algorithm_;
    Rotation healthy_;
    Rotation unhealthy_;
    std::vector<TargetState> states_;
    std::vector<std::uint32_t> outstanding_;
};

}  // namespace fleetsim::routing
