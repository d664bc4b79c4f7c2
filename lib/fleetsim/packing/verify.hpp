#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/packing/items.hpp>

namespace fleetsim::packing {

/// What is wrong with this packing, in words and with its place: an item that is missing, unknown or packed twice, an
/// empty bin, a bin above its capacity. Nothing when it is a packing. It shares no code with the packers.
[[nodiscard]] inline std::optional<std::string> verify(const Items& items, const Bins& bins) {
    constexpr std::size_t nowhere = ~std::size_t{0};
    std::vector<std::size_t> bin_of(items.count(), nowhere);
    for (std::size_t bin = 0; bin < bins.size(); ++bin) {
        const std::string place = "bin " + std::to_string(bin);
        if (bins[bin].empty()) return place + " is empty";
        std::vector<std::int64_t> load(items.dimensions(), 0);
        for (const std::uint32_t item : bins[bin]) {
            if (item >= items.count()) {
                return place + " holds item " + std::to_string(item) + ", but there are only " +
                       std::to_string(items.count()) + " items";
            }
            if (bin_of[item] != nowhere) {
                return "item " + std::to_string(item) + " is in " + place + " and in bin " +
                       std::to_string(bin_of[item]);
            }
            bin_of[item] = bin;
            for (std::size_t h = 0; h < load.size(); ++h) load[h] += items.size_of(item)[h];
        }
        for (std::size_t h = 0; h < load.size(); ++h) {
            if (load[h] > items.capacity[h]) {
                return place + " holds " + std::to_string(load[h]) + " in dimension " + std::to_string(h) +
                       ", its capacity is " + std::to_string(items.capacity[h]);
            }
        }
    }
    for (std::size_t item = 0; item < bin_of.size(); ++item) {
        if (bin_of[item] == nowhere) return "item " + std::to_string(item) + " is in no bin";
    }
    return {};
}

}  // namespace fleetsim::packing
