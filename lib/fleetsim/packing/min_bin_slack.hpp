#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/packing/any_fit.hpp>
#include <fleetsim/packing/items.hpp>
#include <fleetsim/packing/subset_sum.hpp>

namespace fleetsim::packing {

/// Bin after bin as full as can be: the largest item left, and with it the items that fill the room it leaves best. It
/// keeps its memory from one packing to the next.
class BinByBin {
public:
    explicit BinByBin(const Items& items) : items_(items) { FLEETSIM_CHECK(items.dimensions() == 1); }

    /// Packs the items, which stand in `decreasing_size` order, into at most so many bins; false, with bins that are of
    /// no use, when that does not succeed. `leave` is as in `SubsetSum::fill`. `slack(mean)` is how much of a bin's
    /// room to leave alone, given how much stays free per bin on average.
    template <class Leave, class Slack>
    [[nodiscard]] bool pack(std::span<const std::uint32_t> decreasing, std::size_t most_bins, Bins& bins, Leave leave,
                            Slack slack) {
        const auto first_empty =
            std::partition_point(decreasing.begin(), decreasing.end(), [&](auto item) { return size(item) > 0; });
        bins.clear();
        group(decreasing.first(static_cast<std::size_t>(first_empty - decreasing.begin())));
        while (!classes_.empty()) {
            const auto spare = static_cast<std::int64_t>(most_bins - bins.size());
            const std::int64_t free = spare * items_.capacity[0] - total_;
            if (free < 0) return false;
            bins.emplace_back();
            const std::int32_t largest = classes_[0].size;
            take(0, 1, bins.back());
            const std::int32_t room = items_.capacity[0] - largest - slack(free / spare);
            const auto taken = subset_sum_.fill(classes_, std::max(room, 0), leave);
            for (std::size_t k = 0; k < taken.size(); ++k) take(k, taken[k], bins.back());
            drop_exhausted();
        }
        // Items of size zero lie anywhere.
        if (bins.empty() && first_empty != decreasing.end()) bins.emplace_back();
        if (!bins.empty()) bins[0].insert(bins[0].end(), first_empty, decreasing.end());
        return true;
    }

    /// Before or after, in the order that `pack` wants.
    [[nodiscard]] bool decreasing_size(std::uint32_t a, std::uint32_t b) const {
        return size(a) != size(b) ? size(a) > size(b) : a < b;
    }

    [[nodiscard]] std::uint64_t steps() const { return subset_sum_.steps(); }

private:
    [[nodiscard]] std::int32_t size(std::uint32_t item) const { return items_.sizes[item]; }

    void group(std::span<const std::uint32_t> decreasing) {
        sorted_.assign(decreasing.begin(), decreasing.end());
        classes_.clear();
        next_.clear();
        total_ = 0;
        for (std::size_t k = 0; k < sorted_.size(); ++k) {
            if (classes_.empty() || classes_.back().size != size(sorted_[k])) {
                classes_.push_back({size(sorted_[k]), 0});
                next_.push_back(k);
            }
            ++classes_.back().count;
            total_ += size(sorted_[k]);
        }
    }

    void take(std::size_t k, std::int32_t copies, std::vector<std::uint32_t>& bin) {
        for (; copies > 0; --copies) {
            bin.push_back(sorted_[next_[k]++]);
            --classes_[k].count;
            total_ -= classes_[k].size;
        }
    }

    void drop_exhausted() {
        std::size_t kept = 0;
        for (std::size_t k = 0; k < classes_.size(); ++k) {
            if (classes_[k].count == 0) continue;
            classes_[kept] = classes_[k];
            next_[kept++] = next_[k];
        }
        classes_.resize(kept);
        next_.resize(kept);
    }

    const Items& items_;
    SubsetSum subset_sum_;
    std::vector<std::uint32_t> sorted_;
    std::vector<SizeClass> classes_;  // Of what is left, in decreasing order of size.
    std::vector<std::size_t> next_;   // By class: its next item in `sorted_`.
    std::int64_t total_ = 0;          // Of what is left.
};

/// Minimum bin slack, one dimension only: `BinByBin`, large items preferred where several fillings are equally full.
///
/// Source: Gupta and Ho, "A new heuristic algorithm for the one-dimensional bin-packing problem" (1999).
[[nodiscard]] inline Bins min_bin_slack(const Items& items) {
    BinByBin packer{items};
    Order order = as_given(items);
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return packer.decreasing_size(a, b); });
    Bins bins;
    const bool packed = packer.pack(
        order, items.count(), bins, [] { return false; }, [](std::int64_t) { return 0; });
    FLEETSIM_CHECK(packed);
    return bins;
}

}  // namespace fleetsim::packing
