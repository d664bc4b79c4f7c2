#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fleetsim::routing {

/// Targets in registration order, and the cursor at which the next choice starts. Removing a target keeps the cursor
/// before the same neighbour.
struct Rotation {
    std::vector<std::uint32_t> targets;
    std::size_t cursor = 0;

    void add(std::uint32_t target) { targets.push_back(target); }

    void remove(std::uint32_t target) {
        const auto found = std::find(targets.begin(), targets.end(), target);
        if (found == targets.end()) return;
        const auto position = static_cast<std::size_t>(found - targets.begin());
        targets.erase(found);
        if (position < cursor) --cursor;
        if (cursor >= targets.size()) cursor = 0;
    }

    /// Moves the cursor behind `position` and returns the target there.
    std::uint32_t take(std::size_t position) {
        cursor = position + 1 == targets.size() ? 0 : position + 1;
        return targets[position];
    }
};

}  // namespace fleetsim::routing
