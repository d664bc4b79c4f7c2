#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/items.hpp>
#include <fleetsim/packing/martello_toth_bound.hpp>
#include <fleetsim/packing/min_bin_slack.hpp>
#include <fleetsim/packing/offline.hpp>
#include <fleetsim/packing/repair_search.hpp>

namespace fleetsim::packing {

/// About 0.3 s.
inline constexpr std::uint64_t min_bin_slack_restarts_steps = 300'000'000;

/// Minimum bin slack, started again and again on 2 to 16 bins of its own packing. Among equally full fillings large
/// items are preferred most of the time only; and every fourth time bins are not filled quite as far as they could be,
/// but leave a random part, mostly small, of what stays free per bin anyway. One dimension.
///
/// Source: after Fleszar and Hindi, "New heuristics for one-dimensional bin-packing" (2002), whose perturbation starts
/// again on all bins.
[[nodiscard]] inline Bins min_bin_slack_restarts(const Items& items, const OfflineOptions& options) {
    constexpr std::size_t most_removed = 16;
    constexpr float leaves = 0.3F;   // Share of the choices in which the larger item is left.
    constexpr float slacks = 0.25F;  // Share of the starts in which bins leave some of their room.

    Budget budget{options, min_bin_slack_restarts_steps};
    Dice dice{des::Stream{options.seed, 0, "packing", "min_bin_slack_restarts"}};
    BinByBin packer{items};
    const auto load_of = [&](const std::vector<std::uint32_t>& bin) {
        std::int64_t load = 0;
        for (const std::uint32_t item : bin) load += items.sizes[item];
        return load;
    };
    const auto repair = [&](std::vector<std::uint32_t>& removed, std::size_t most_bins, Bins& bins) {
        const std::uint64_t before = packer.steps();
        std::sort(removed.begin(), removed.end(), [&](auto a, auto b) { return packer.decreasing_size(a, b); });
        const bool slack = dice.unit() < slacks;
        const auto leave = [&] { return dice.unit() < leaves; };
        const auto part_of = [&](std::int64_t mean) {
            if (!slack) return 0;
            const float part = dice.unit() * dice.unit() * dice.unit();
            return static_cast<std::int32_t>(part * static_cast<float>(mean));
        };
        const bool packed = packer.pack(removed, most_bins, bins, leave, part_of);
        budget.spend(removed.size() * 30 + packer.steps() - before);
        return packed;
    };
    RepairSearch search{min_bin_slack(items), load_of};
    return search.run(martello_toth_bound(items), most_removed, budget, dice, repair, load_of);
}

}  // namespace fleetsim::packing
