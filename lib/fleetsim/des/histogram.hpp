#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/wide_integer.hpp>

namespace fleetsim::des {

/// Counts of non-negative integers (nanoseconds, mostly) in buckets that widen with the value: 512 to an octave, so a
/// reported quantile lies within 0.1 % of the exact order statistic. Values below 1024, the minimum, the maximum and
/// the mean are exact. Merging in any order gives the same histogram.
class LogHistogram {
public:
    /// `value` ≥ 0.
    void record(std::int64_t value) { record(value, 1); }

    void record(std::int64_t value, std::uint64_t count) {
        FLEETSIM_CHECK(value >= 0);
        if (count == 0) return;
        const std::size_t bucket = bucket_of(value);
        if (bucket >= counts_.size()) counts_.resize(bucket + 1);
        counts_[bucket] += count;
        count_ += count;
        sum_ += static_cast<UInt128>(value) * count;
        min_ = std::min(min_, value);
        max_ = std::max(max_, value);
    }

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }

    /// Exact up to the rounding of the result; 0 when nothing was recorded, like `min`, `max` and the quantiles.
    [[nodiscard]] double mean() const { return empty() ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }

    [[nodiscard]] std::int64_t min() const { return empty() ? 0 : min_; }
    [[nodiscard]] std::int64_t max() const { return max_; }

    /// The smallest value with at least ceil(q · count) values at or below it, 0 ≤ q ≤ 1, to the middle of its bucket.
    [[nodiscard]] std::int64_t value_at_quantile(double q) const {
        FLEETSIM_CHECK(q >= 0 && q <= 1);
        if (empty()) return 0;
        const std::uint64_t rank = rank_of(q);
        std::uint64_t below = 0;
        for (std::size_t bucket = bucket_of(min_); bucket < counts_.size(); ++bucket) {
            below += counts_[bucket];
            if (below >= rank) return std::clamp(middle_of(bucket), min_, max_);
        }
        return max_;
    }

    void merge(const LogHistogram& other) {
        if (other.empty()) return;
        const std::size_t last = bucket_of(other.max_);
        if (last >= counts_.size()) counts_.resize(last + 1);
        for (std::size_t bucket = bucket_of(other.min_); bucket <= last; ++bucket) {
            counts_[bucket] += other.counts_[bucket];
        }
        count_ += other.count_;
        sum_ += other.sum_;
        min_ = std::min(min_, other.min_);
        max_ = std::max(max_, other.max_);
    }

    /// Forgets every value; costs the range in use, not the range there could be.
    void clear() {
        if (empty()) return;
        const auto at = [this](std::int64_t value) {
            return counts_.begin() + static_cast<std::ptrdiff_t>(bucket_of(value));
        };
        std::fill(at(min_), at(max_) + 1, 0);
        count_ = 0;
        sum_ = 0;
        min_ = std::numeric_limits<std::int64_t>::max();
        max_ = 0;
    }

    /// Equal when they answer every question alike, however much room either has reserved.
    friend bool operator==(const LogHistogram& a, const LogHistogram& b) {
        if (a.count_ != b.count_ || a.sum_ != b.sum_ || a.min_ != b.min_ || a.max_ != b.max_) return false;
        if (a.empty()) return true;
        const auto first = static_cast<std::ptrdiff_t>(bucket_of(a.min_));
        const auto last = static_cast<std::ptrdiff_t>(bucket_of(a.max_)) + 1;
        return std::equal(a.counts_.begin() + first, a.counts_.begin() + last, b.counts_.begin() + first);
    }

private:
    static constexpr int bits = 9;  // 2^9 = 512 buckets to an octave: half a bucket is at most 1/1024 of its value.
    static constexpr std::uint64_t octave = std::uint64_t{1} << bits;

    /// Two octaves of width 1, then widths of 2, 4, 8 …: the leading ten bits of a value name its bucket.
    [[nodiscard]] static std::size_t bucket_of(std::int64_t signed_value) {
        const auto value = static_cast<std::uint64_t>(signed_value);
        const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - (bits + 1));
        return static_cast<std::size_t>(static_cast<std::uint64_t>(shift) * octave + (value >> shift));
    }

    [[nodiscard]] static std::int64_t middle_of(std::size_t bucket) {
        if (bucket < 2 * octave) return static_cast<std::int64_t>(bucket);
        const std::uint64_t shift = bucket / octave - 1;
        const std::uint64_t low = (bucket % octave + octave) << shift;
        return static_cast<std::int64_t>(low + ((std::uint64_t{1} << shift) - 1) / 2);
    }

    /// Rounding may put a product such as 0.07 · 100 just above the whole number that is meant; a hair is taken off.
    [[nodiscard]] std::uint64_t rank_of(double q) const {
        const double rank = std::ceil(q * static_cast<double>(count_) * (1 - 0x1p-50));
        return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rank), 1, count_);
    }

    std::vector<std::uint64_t> counts_;
    std::uint64_t count_ = 0;
    UInt128 sum_ = 0;
    std::int64_t min_ = std::numeric_limits<std::int64_t>::max();
    std::int64_t max_ = 0;
};

}  // namespace fleetsim::des
