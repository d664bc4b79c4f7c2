#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/statistics.hpp>

namespace fleetsim::des {

/// The interval for the mean of one long run, and what it rests on.
struct BatchMeans {
    Interval interval;
    std::uint64_t batch_size = 0;
    std::size_t batches = 0;
    double lag_one_autocorrelation = 0;  ///< Of the means of the batches.
    /// False when even the longest batches still resemble their neighbours: the interval is then too narrow, and the
    /// remedy is a longer run.
    bool independent = false;
};

/// How much values resemble those `lag` places later, from -1 to 1; 0 for values that are all the same.
/// `lag` lies below the number of values.
[[nodiscard]] inline double autocorrelation(std::span<const double> values, std::size_t lag) {
    FLEETSIM_CHECK(lag < values.size());
    const MeanVariance seen = summary(values);
    if (seen.squares == 0) return 0;
    double products = 0;
    for (std::size_t i = lag; i < values.size(); ++i)
        products += (values[i] - seen.mean) * (values[i - lag] - seen.mean);
    return products / seen.squares;
}

/// Batch means of a run that is fed one observation at a time, in constant memory however long it is.
///
/// The observations are correlated, so they are put together in batches of equal length, whose means hardly are. The
/// accumulator keeps between 4 and 8 times `batches` of them: when there are 8 times as many, neighbours are joined
/// and the length doubles. An interval is first tried with the many short batches and, as long as the autocorrelation
/// of neighbours exceeds what independent means would show (|r1| > 1.96 / sqrt(number of batches)), again with batches
/// of twice the length, while `batches` remain. More than 20 to 30 add little to an interval; fewer widen it.
///
/// Time averages are fed as the averages of equal stretches of time. The warm-up is not fed at all.
///
/// Passing the test does not make a run long enough. It is blind to correlation that is weak between neighbours but
/// lasts for many batches, and twenty means show little: of runs of 1280 values whose neighbours correlate by 0.99, one
/// in three passes, with an interval that covers in two cases of three. Batches should be ten times as long as values
/// resemble each other.
///
/// Source: Law, "Simulation Modeling and Analysis", batch means; Schmeiser, "Batch Size Effects in the Analysis of
/// Simulation Output" (1982) on the number of batches; Fishman, "Grouping Observations in Digital Simulation" (1978)
/// on the test.
class BatchAccumulator {
public:
    /// `batches` ≥ 2: the fewest that make an interval.
    explicit BatchAccumulator(std::size_t batches = 20) : batches_(batches) {
        FLEETSIM_CHECK(batches >= 2);
        sums_.reserve(8 * batches);
    }

    /// `value` is finite.
    void add(double value) {
        FLEETSIM_CHECK(std::isfinite(value));
        if (count() == 0) origin_ = value;
        partial_sum_ += value - origin_;
        if (++partial_size_ == batch_size_) close_batch();
    }

    [[nodiscard]] std::uint64_t count() const { return sums_.size() * batch_size_ + partial_size_; }

    /// Centred on the mean of all observations, those of the unfinished batch too; none while there are fewer
    /// observations than batches asked for. `level` such as 0.95.
    [[nodiscard]] std::optional<BatchMeans> result(double level) const {
        if (sums_.size() < batches_) return std::nullopt;
        BatchMeans found;
        found.batch_size = batch_size_;
        std::vector<double> means;
        for (const double sum : sums_) means.push_back(sum / static_cast<double>(batch_size_));
        for (;;) {
            found.lag_one_autocorrelation = autocorrelation(means, 1);
            found.independent =
                std::abs(found.lag_one_autocorrelation) <= 1.96 / std::sqrt(static_cast<double>(means.size()));
            if (found.independent || means.size() / 2 < batches_) break;
            join_neighbours(means);
            for (double& mean : means) mean /= 2;
            found.batch_size *= 2;
        }
        found.batches = means.size();
        MeanVariance seen = summary(means);
        seen.mean = mean();
        found.interval = confidence_interval(seen, level);
        return found;
    }

private:
    /// Each pair becomes its sum; the last is dropped when it has no partner.
    static void join_neighbours(std::vector<double>& values) {
        for (std::size_t i = 0; i < values.size() / 2; ++i) values[i] = values[2 * i] + values[2 * i + 1];
        values.resize(values.size() / 2);
    }

    void close_batch() {
        sums_.push_back(partial_sum_);
        partial_sum_ = 0;
        partial_size_ = 0;
        if (sums_.size() < 8 * batches_) return;
        join_neighbours(sums_);
        batch_size_ *= 2;
    }

    [[nodiscard]] double mean() const {
        double sum = partial_sum_;
        for (const double of_batch : sums_) sum += of_batch;
        return origin_ + sum / static_cast<double>(count());
    }

    std::size_t batches_;
    std::uint64_t batch_size_ = 1;
    std::vector<double> sums_;  ///< Of the finished batches, less the origin for each observation.
    double partial_sum_ = 0;
    std::uint64_t partial_size_ = 0;
    double origin_ = 0;  ///< The first observation: what is added up are small distances, whatever the mean.
};

/// The same for a run that is at hand as a whole.
[[nodiscard]] inline std::optional<BatchMeans> batch_means(std::span<const double> values, std::size_t batches,
                                                           double level) {
    BatchAccumulator seen{batches};
    for (const double value : values) seen.add(value);
    return seen.result(level);
}

}  // namespace fleetsim::des
