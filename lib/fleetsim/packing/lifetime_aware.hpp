#pragma once

#include <algorithm>
#include <string_view>

#include <fleetsim/des/time.hpp>
#include <fleetsim/packing/foresight.hpp>
#include <fleetsim/packing/policy.hpp>
#include <fleetsim/packing/room.hpp>

namespace fleetsim::packing {

/// What it costs to put the task on the node: the hours by which the node's last departure is put off, plus twice the
/// fractions of CPU and memory (and GPU) left after it. Without a known departure only the room counts.
[[nodiscard]] inline double lifetime_cost(const Node& node, const Arrival& task) {
    double hours = 0;
    if (task.departs) hours = std::max(0.0, des::seconds(*task.departs - std::max(node.ends, task.now)) / 3600);
    return hours + 2 * room_after(task.demand, node);
}

/// Packs by departure and by room, told each task's lifetime: what a perfect prediction would be worth.
///
/// Source: the rule is the one of the placement rules' table of online packing with departures; the idea is that of
/// L. Barbalho et al., "Virtual Machine Allocation with Lifetime Predictions" (2023).
struct LifetimeAware {
    static constexpr std::string_view name = "lifetime_aware";
    static constexpr bool timeless = false;
    static constexpr bool knows_lifetimes = true;

    [[nodiscard]] double score(const Node& node, const Arrival& task) const { return -lifetime_cost(node, task); }
};
static_assert(KnowsLifetimes<LifetimeAware>);

}  // namespace fleetsim::packing
