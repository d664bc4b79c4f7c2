#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include <fleetsim/packing/clique_bound.hpp>
#include <fleetsim/packing/dual_feasible_bound.hpp>
#include <fleetsim/packing/effort.hpp>
#include <fleetsim/packing/items.hpp>
#include <fleetsim/packing/martello_toth_bound.hpp>
#include <fleetsim/packing/pattern_bound.hpp>
#include <fleetsim/packing/volume_bound.hpp>

namespace fleetsim::packing {

/// A number of bins below which no packing of the items exists.
struct LowerBound {
    std::string_view name;
    std::function<std::int64_t(const Items&, const Effort&)> function;
};

/// All of them, the cheapest first.
[[nodiscard]] inline const std::vector<LowerBound>& lower_bounds() {
    static const std::vector<LowerBound> bounds{
        {"volume", [](const Items& items, const Effort&) { return volume_bound(items); }},
        {"martello_toth", [](const Items& items, const Effort&) { return martello_toth_bound(items); }},
        {"clique", [](const Items& items, const Effort&) { return clique_bound(items); }},
        {"dual_feasible", [](const Items& items, const Effort&) { return dual_feasible_bound(items); }},
        {"pattern", [](const Items& items, const Effort& effort) { return pattern_bound(items, effort); }},
    };
    return bounds;
}

struct NamedBound {
    std::string_view name;
    std::int64_t value = 0;
};

/// The best bound and the cheapest that gives it; the search ends where the bins found are met. Sizes below 0 are taken
/// into account by every bound, most exactly by the volume.
[[nodiscard]] inline NamedBound best_bound(const Items& items, const Effort& effort = {}) {
    NamedBound best{lower_bounds().front().name};
    for (const LowerBound& bound : lower_bounds()) {
        if (effort.bins_found && best.value >= *effort.bins_found) break;
        const std::int64_t value = bound.function(items, effort);
        if (value > best.value) best = {bound.name, value};
    }
    return best;
}

}  // namespace fleetsim::packing
