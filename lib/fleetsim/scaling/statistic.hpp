#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fleetsim/des/check.hpp>

namespace fleetsim::scaling {

/// What is made of the samples of one period.
enum class StatisticKind : std::uint8_t { average, sum, minimum, maximum, sample_count, percentile };

/// CloudWatch's spelling of all kinds but the percentile, which is written `p99`.
inline constexpr std::array<std::string_view, 5> statistic_names{"Average", "Sum", "Minimum", "Maximum", "SampleCount"};

/// Source: Amazon CloudWatch User Guide, "CloudWatch statistics definitions". Left out: trimmed and winsorized means,
/// percentile ranks, trimmed counts and sums.
struct Statistic {
    StatisticKind kind = StatisticKind::average;
    double percentile = 0;  ///< 0 to 100; 0 for the other kinds.

    friend bool operator==(const Statistic&, const Statistic&) = default;
};

/// The statistic of that name: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, `p99`, `p99.9`.
[[nodiscard]] inline std::optional<Statistic> parse_statistic(std::string_view text) {
    const auto found = std::find(statistic_names.begin(), statistic_names.end(), text);
    if (found != statistic_names.end()) return Statistic{static_cast<StatisticKind>(found - statistic_names.begin())};
    if (text.size() < 2 || text.front() != 'p') return std::nullopt;
    constexpr std::string_view digits = "0123456789";
    const bool number = text.find_first_not_of("0123456789.", 1) == std::string_view::npos &&
                        digits.find(text[1]) != std::string_view::npos &&
                        digits.find(text.back()) != std::string_view::npos;
    if (!number) return std::nullopt;
    double percentile = 0;
    const char* const all = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data() + 1, all, percentile);
    if (error != std::errc{} || end != all || !(percentile <= 100)) return std::nullopt;
    return Statistic{StatisticKind::percentile, percentile};
}

[[nodiscard]] inline std::string name(const Statistic& statistic) {
    if (statistic.kind != StatisticKind::percentile) {
        return std::string{statistic_names[static_cast<std::size_t>(statistic.kind)]};
    }
    // Room for the longest number that is read back as this one: a tiny percentile has many zeros.
    std::array<char, 400> digits{};
    const auto written =
        std::to_chars(digits.data(), digits.data() + digits.size(), statistic.percentile, std::chars_format::fixed);
    std::string text{"p"};
    text.append(digits.data(), written.ptr);
    return text;
}

/// The samples of one period, summarised.
///
/// Percentiles need the samples themselves, unless all of them have the same value.
///
/// Source: Amazon CloudWatch User Guide, "CloudWatch metrics concepts" (statistic sets, and when they have
/// percentiles). How CloudWatch finds a percentile is not documented; here it is the smallest sample that so many
/// percent of the samples do not exceed.
class StatisticSet {
public:
    /// One sample.
    [[nodiscard]] static StatisticSet of(double value) { return StatisticSet(value, 1); }

    StatisticSet() = default;

    /// `count` samples of this value, for everything but percentiles.
    void add(double value, double count = 1) {
        merge(StatisticSet(value, count));
        samples_.clear();
    }

    /// `count` samples of this value, for percentiles too. They cost memory.
    void add_and_keep(double value, double count = 1) { merge(StatisticSet(value, count)); }

    /// The samples of both. They have percentiles if both had.
    void merge(const StatisticSet& other) {
        FLEETSIM_CHECK(&other != this);
        if (other.empty()) return;
        if (empty()) {
            *this = other;
            return;
        }
        keep_samples_of(other);
        sample_count_ += other.sample_count_;
        sum_ += other.sum_;
        minimum_ = std::min(minimum_, other.minimum_);
        maximum_ = std::max(maximum_, other.maximum_);
    }

    [[nodiscard]] bool empty() const { return sample_count_ == 0; }
    [[nodiscard]] bool has_percentiles() const { return !empty() && (minimum_ == maximum_ || !samples_.empty()); }

    [[nodiscard]] double sample_count() const { return sample_count_; }
    [[nodiscard]] double sum() const { return sum_; }
    [[nodiscard]] double minimum() const { return minimum_; }  ///< Of a set that is not empty.
    [[nodiscard]] double maximum() const { return maximum_; }  ///< Of a set that is not empty.

    /// Of a set that is not empty, and that has percentiles if one is asked for.
    [[nodiscard]] double value(const Statistic& statistic) const {
        FLEETSIM_CHECK(!empty());
        switch (statistic.kind) {
            case StatisticKind::average: return sum_ / sample_count_;
            case StatisticKind::sum: return sum_;
            case StatisticKind::minimum: return minimum_;
            case StatisticKind::maximum: return maximum_;
            case StatisticKind::sample_count: return sample_count_;
            case StatisticKind::percentile: break;
        }
        return percentile(statistic.percentile);
    }

private:
    struct Sample {
        double value;
        double count;
    };

    StatisticSet(double value, double count)
        : sample_count_{count}, sum_{value * count}, minimum_{value}, maximum_{value} {
        FLEETSIM_CHECK(std::isfinite(value) && std::isfinite(count) && count > 0);
    }

    /// Neither set is empty.
    void keep_samples_of(const StatisticSet& other) {
        if (!has_percentiles() || !other.has_percentiles()) {
            samples_.clear();
            return;
        }
        if (minimum_ == other.maximum_ && maximum_ == other.minimum_) return;  // One value altogether.
        if (samples_.empty()) samples_.push_back({minimum_, sample_count_});
        if (other.samples_.empty()) {
            samples_.push_back({other.minimum_, other.sample_count_});
        } else {
            samples_.insert(samples_.end(), other.samples_.begin(), other.samples_.end());
        }
    }

    [[nodiscard]] double percentile(double percent) const {
        FLEETSIM_CHECK(has_percentiles());
        std::vector<Sample> sorted = samples_;
        std::sort(sorted.begin(), sorted.end(), [](const Sample& a, const Sample& b) { return a.value < b.value; });
        const double rank = sample_count_ * percent / 100;
        double passed = 0;
        for (const Sample& sample : sorted) {
            passed += sample.count;
            if (passed >= rank) return sample.value;
        }
        return maximum_;
    }

    double sample_count_ = 0;
    double sum_ = 0;
    double minimum_ = 0;
    double maximum_ = 0;
    std::vector<Sample> samples_;  ///< All of them; or none, when they were not kept or have one value.
};

}  // namespace fleetsim::scaling
