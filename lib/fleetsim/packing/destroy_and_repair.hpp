#pragma once

#include <cstdint>

#include <fleetsim/packing/items.hpp>
#include <fleetsim/packing/offline.hpp>

namespace fleetsim::packing {

/// About 0.2 s.
inline constexpr std::uint64_t destroy_and_repair_steps = 200'000'000;

/// Starts with the best of a few heuristics, then empties 2 to 8 bins at a time and packs their items anew by a
/// bin-centric rule with chance in it: the score is the dot product with the room or the distance from it, a coin
/// decides; the weights of the dimensions are the demand of the items in hand times a random factor, and so is every
/// item's score. Any number of dimensions. See `RepairSearch` for what is kept.
[[nodiscard]] Bins destroy_and_repair(const Items& items, const OfflineOptions& options);

}  // namespace fleetsim::packing
