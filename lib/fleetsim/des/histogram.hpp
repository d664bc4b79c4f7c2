#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/wide_integer.hpp>

namespace fleetsim::des {

/// The rank, from 1, of the value that is the `q`-quantile of `count` ≥ 1 values: ceil(q · count), and 1 for q = 0.
///
/// Rounding may put a product such as 0.07 · 100 just above the whole number that is meant; a hair is taken off.
[[nodiscard]] inline std::uint64_t rank_of_quantile(double q, std::uint64_t count) {
    FLEETSIM_CHECK(q >= 0 && q <= 1);
    FLEETSIM_CHECK(count >= 1);
    const double rank = std::ceil(q * static_cast<double>(count) * (1 - 0x1p-50));
    return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rank), 1, count);
}

/// A histogram laid open: everything it knows, in a form that can be written to a file and read back without loss.
struct HistogramContents {
    /// The values from `low` to `high` inclusive, which the histogram does not tell apart.
    struct Bucket {
        std::int64_t low = 0;
        std::int64_t high = 0;
        std::uint64_t count = 0;

        friend bool operator==(const Bucket&, const Bucket&) = default;
    };

    std::vector<Bucket> buckets;  ///< Those that hold a value, in ascending order.
    std::uint64_t count = 0;
    std::uint64_t sum_high = 0;  ///< The exact sum of all values is sum_high · 2^64 + sum_low.
    std::uint64_t sum_low = 0;
    std::int64_t min = 0;  ///< 0 when there is no value, like `max`.
    std::int64_t max = 0;

    friend bool operator==(const HistogramContents&, const HistogramContents&) = default;
};

/// Counts of non-negative integers (nanoseconds, mostly) in buckets that widen with the value: 512 to an octave, so a
/// reported quantile lies within 0.1 % of the exact order statistic. Values below 1024, the minimum, the maximum and
/// the mean are exact. Merging in any order gives the same histogram.
class LogHistogram {
public:
    /// `value` ≥ 0.
    void record(std::int64_t value) { put(value, 1); }

    /// `value` ≥ 0; `count` is no more than there is room for.
    void record(std::int64_t value, std::uint64_t count) {
        FLEETSIM_CHECK(count <= room());
        if (count > 0) put(value, count);
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
        return empty() ? 0 : value_at_rank(rank_of_quantile(q, count_));
    }

    /// The `rank`-th smallest value, 1 ≤ rank ≤ count, to the middle of its bucket.
    [[nodiscard]] std::int64_t value_at_rank(std::uint64_t rank) const {
        FLEETSIM_CHECK(rank >= 1 && rank <= count_);
        std::uint64_t below = 0;
        for (std::size_t bucket = bucket_of(min_); bucket < counts_.size(); ++bucket) {
            below += counts_[bucket];
            if (below >= rank) return std::clamp(middle_of(bucket), min_, max_);
        }
        return max_;
    }

    /// How many more values can be counted: 2^64 - 1 in all, for which the sum has room too. No run gets there, but a
    /// file may claim to: who merges what was read compares first.
    [[nodiscard]] std::uint64_t room() const { return std::numeric_limits<std::uint64_t>::max() - count_; }

    /// `other` holds no more values than there is room for.
    void merge(const LogHistogram& other) {
        FLEETSIM_CHECK(other.count_ <= room());
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

    /// What `from_contents` needs to build this histogram again.
    [[nodiscard]] HistogramContents contents() const {
        HistogramContents told;
        told.count = count_;
        told.sum_high = static_cast<std::uint64_t>(sum_ >> 64);
        told.sum_low = static_cast<std::uint64_t>(sum_);
        told.min = min();
        told.max = max();
        if (empty()) return told;
        for (std::size_t bucket = bucket_of(min_); bucket <= bucket_of(max_); ++bucket) {
            if (counts_[bucket] != 0) told.buckets.push_back({low_of(bucket), high_of(bucket), counts_[bucket]});
        }
        return told;
    }

    /// The histogram that told these contents, equal to it; none when no values could have led to them. So a file that
    /// was damaged or written by something else is refused, down to a sum that is out by more than its buckets allow.
    [[nodiscard]] static std::optional<LogHistogram> from_contents(const HistogramContents& told) {
        LogHistogram built;
        built.sum_ = (static_cast<UInt128>(told.sum_high) << 64) + told.sum_low;
        if (told.buckets.empty()) {
            if (told != HistogramContents{}) return std::nullopt;
            return built;
        }
        std::int64_t above = -1;  // Also refuses negative values.
        for (const HistogramContents::Bucket& bucket : told.buckets) {
            if (bucket.low <= above || !is_bucket(bucket) || bucket.count > built.room()) return std::nullopt;
            above = bucket.high;
            built.count_ += bucket.count;
        }
        built.min_ = told.min;
        built.max_ = told.max;
        if (built.count_ != told.count || !holds_extremes(told) || !reaches_sum(told, built.sum_)) return std::nullopt;
        built.counts_.resize(bucket_of(told.max) + 1);
        for (const HistogramContents::Bucket& bucket : told.buckets) {
            built.counts_[bucket_of(bucket.low)] = bucket.count;
        }
        return built;
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

    // Without a look at the room left: nobody lives to see 2^64 values recorded one by one.
    void put(std::int64_t value, std::uint64_t count) {
        FLEETSIM_CHECK(value >= 0);
        const std::size_t bucket = bucket_of(value);
        if (bucket >= counts_.size()) counts_.resize(bucket + 1);
        counts_[bucket] += count;
        count_ += count;
        sum_ += static_cast<UInt128>(value) * count;
        // Written only when they change, which is rare.
        if (value < min_) min_ = value;
        if (value > max_) max_ = value;
    }

    /// Two octaves of width 1, then widths of 2, 4, 8 …: the leading ten bits of a value name its bucket.
    [[nodiscard]] static std::size_t bucket_of(std::int64_t signed_value) {
        const auto value = static_cast<std::uint64_t>(signed_value);
        const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - (bits + 1));
        return static_cast<std::size_t>(static_cast<std::uint64_t>(shift) * octave + (value >> shift));
    }

    [[nodiscard]] static std::int64_t low_of(std::size_t bucket) {
        const std::uint64_t leading = bucket % octave + (bucket < octave ? 0 : octave);
        return static_cast<std::int64_t>(leading << shift_of(bucket));
    }

    [[nodiscard]] static std::int64_t high_of(std::size_t bucket) { return low_of(bucket) + (width_of(bucket) - 1); }
    [[nodiscard]] static std::int64_t middle_of(std::size_t bucket) {
        return low_of(bucket) + (width_of(bucket) - 1) / 2;
    }

    [[nodiscard]] static std::int64_t width_of(std::size_t bucket) { return std::int64_t{1} << shift_of(bucket); }
    [[nodiscard]] static std::uint64_t shift_of(std::size_t bucket) {
        return bucket < 2 * octave ? 0 : bucket / octave - 1;
    }

    [[nodiscard]] static bool is_bucket(const HistogramContents::Bucket& told) {
        if (told.count == 0) return false;
        const std::size_t bucket = bucket_of(told.low);
        return told.low == low_of(bucket) && told.high == high_of(bucket);
    }

    [[nodiscard]] static bool holds_extremes(const HistogramContents& told) {
        const HistogramContents::Bucket& first = told.buckets.front();
        const HistogramContents::Bucket& last = told.buckets.back();
        return told.min <= told.max && first.low <= told.min && told.min <= first.high && last.low <= told.max &&
               told.max <= last.high;
    }

    /// Whether values in these buckets, one of them the minimum and one the maximum, can add up to `sum`. A single
    /// value is both: then the least sum is the maximum, the greatest the minimum, and only equal ones pass.
    [[nodiscard]] static bool reaches_sum(const HistogramContents& told, UInt128 sum) {
        UInt128 least = 0;
        UInt128 greatest = 0;
        for (const HistogramContents::Bucket& bucket : told.buckets) {
            least += static_cast<UInt128>(std::max(bucket.low, told.min)) * bucket.count;
            greatest += static_cast<UInt128>(std::min(bucket.high, told.max)) * bucket.count;
        }
        least += static_cast<UInt128>(told.max - std::max(told.buckets.back().low, told.min));
        greatest -= static_cast<UInt128>(std::min(told.buckets.front().high, told.max) - told.min);
        return least <= sum && sum <= greatest;
    }

    std::vector<std::uint64_t> counts_;
    std::uint64_t count_ = 0;
    UInt128 sum_ = 0;
    std::int64_t min_ = std::numeric_limits<std::int64_t>::max();
    std::int64_t max_ = 0;
};

}  // namespace fleetsim::des
