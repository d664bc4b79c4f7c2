#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/packing/items.hpp>

namespace fleetsim::packing {

/// Bins being filled, and the room left in each: never negative.
class OpenBins {
public:
    explicit OpenBins(const Items& items) : items_(items) {}

    [[nodiscard]] std::size_t count() const { return bins_.size(); }
    [[nodiscard]] std::span<const std::int32_t> room(std::size_t bin) const {
        return {room_.data() + bin * items_.dimensions(), items_.dimensions()};
    }
    [[nodiscard]] bool fits(std::size_t item, std::size_t bin) const {
        const auto size = items_.size_of(item);
        const auto left = room(bin);
        for (std::size_t h = 0; h < size.size(); ++h) {
            if (size[h] > left[h]) return false;
        }
        return true;
    }

    void put(std::size_t item, std::size_t bin) {
        FLEETSIM_CHECK(fits(item, bin));
        const auto size = items_.size_of(item);
        for (std::size_t h = 0; h < size.size(); ++h) room_[bin * size.size() + h] -= size[h];
        bins_[bin].push_back(static_cast<std::uint32_t>(item));
    }

    /// A new bin, and the item in it. Its number is one above the last.
    void open_for(std::size_t item) {
        bins_.emplace_back();
        room_.insert(room_.end(), items_.capacity.begin(), items_.capacity.end());
        put(item, bins_.size() - 1);
    }

    [[nodiscard]] Bins bins() && { return std::move(bins_); }

private:
    const Items& items_;
    Bins bins_;
    std::vector<std::int32_t> room_;  // By bin, then by dimension.
};

}  // namespace fleetsim::packing
