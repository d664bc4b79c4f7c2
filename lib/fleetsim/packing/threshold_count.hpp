#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>

namespace fleetsim::packing {

/// How many of a few fixed thresholds a number has reached, almost at once: a table over equally wide stretches of
/// numbers says how many lie below the stretch, and only those within it are compared.
class ThresholdCount {
public:
    ThresholdCount() = default;

    /// `thresholds` ascending; the table has at most so many stretches.
    explicit ThresholdCount(std::vector<std::int64_t> thresholds, std::int64_t stretches = 1024)
        : thresholds_(std::move(thresholds)) {
        FLEETSIM_CHECK(std::is_sorted(thresholds_.begin(), thresholds_.end()));
        FLEETSIM_CHECK(thresholds_.size() <= std::numeric_limits<std::uint16_t>::max());
        if (thresholds_.empty()) return;
        const std::int64_t span = thresholds_.back() - thresholds_.front();
        while ((span >> shift_) >= stretches) ++shift_;
        std::size_t below = 0;
        for (std::int64_t from = thresholds_.front(); from <= thresholds_.back(); from += std::int64_t{1} << shift_) {
            while (thresholds_[below] < from) ++below;
            below_.push_back(static_cast<std::uint16_t>(below));
        }
    }

    /// The number of thresholds that are at most `number`.
    [[nodiscard]] std::size_t operator()(std::int64_t number) const {
        if (thresholds_.empty() || number < thresholds_.front()) return 0;
        if (number >= thresholds_.back()) return thresholds_.size();
        std::size_t count = below_[static_cast<std::size_t>((number - thresholds_.front()) >> shift_)];
        while (thresholds_[count] <= number) ++count;  // Ends: the last threshold is larger.
        return count;
    }

    [[nodiscard]] const std::vector<std::int64_t>& thresholds() const { return thresholds_; }

private:
    std::vector<std::int64_t> thresholds_;
    std::vector<std::uint16_t> below_;  ///< By stretch.
    unsigned shift_ = 0;
};

}  // namespace fleetsim::packing
