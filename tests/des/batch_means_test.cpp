#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <fleetsim/des/batch_means.hpp>
#include <fleetsim/des/normal_quantile.hpp>
#include <fleetsim/des/stream.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

using namespace fleetsim::des;

namespace {

/// Normal values around 10 of which neighbours correlate by `phi`, stationary from the first.
std::vector<double> autoregressive(double phi, std::size_t count, std::uint64_t replication) {
    Sequence chance = Stream{1, replication, "batch-means", "autoregressive"}.sequence();
    double distance = normal_quantile(chance.unit()) / std::sqrt(1 - phi * phi);
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) {
        values.push_back(10 + distance);
        distance = phi * distance + normal_quantile(chance.unit());
    }
    return values;
}

/// Waiting times of successive customers of an M/M/1 queue with service rate 1 by Lindley's recursion, stationary from
/// the first: who comes waits with chance `load`, and then exponentially at rate 1 - load.
std::vector<double> waiting_times(double load, std::size_t count, std::uint64_t replication) {
    Sequence chance = Stream{1, replication, "batch-means", "waiting"}.sequence();
    const auto exponential = [&] { return -std::log(chance.unit()); };
    double wait = chance.unit() < load ? exponential() / (1 - load) : 0;
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) {
        values.push_back(wait);
        const double served = exponential();
        wait = std::max(0.0, wait + served - exponential() / load);
    }
    return values;
}

bool covers(const Interval& interval, double truth) { return interval.low <= truth && truth <= interval.high; }

/// How far a count of `tries` independent successes of chance 0.95 strays once in 10^4 samples: z = 3.890592.
double stray(double tries) { return 3.890592 * std::sqrt(tries * 0.95 * 0.05); }

}  // namespace

TEST_CASE("autocorrelations worked out by hand") {
    struct Row {
        std::vector<double> values;
        std::size_t lag;
        double expected;
    };
    const std::vector<Row> rows{
        {{1, 2, 3, 4, 5}, 0, 1},    {{1, 2, 3, 4, 5}, 1, 0.4}, {{1, 2, 3, 4, 5}, 2, -0.1}, {{1, 2, 3, 4, 5}, 4, -0.4},
        {{1, -1, 1, -1}, 1, -0.75}, {{1, -1, 1, -1}, 2, 0.5},  {{7, 7, 7}, 1, 0},          {{3}, 0, 0},
    };
    for (const Row& row : rows) CHECK(autocorrelation(row.values, row.lag) == Approx(row.expected).margin(1e-15));
}

TEST_CASE("independent batches are kept as short as they come") {
    // Neighbours agree and differ by turns.
    std::vector<double> values;
    for (int i = 0; i < 4; ++i) values.insert(values.end(), {1, 1, -1, -1});
    const BatchMeans found = batch_means(values, 4, 0.95).value();
    CHECK(found.batches == 16);
    CHECK(found.batch_size == 1);
    CHECK(found.independent);
    // Of 15 pairs of neighbours 8 agree and 7 differ.
    CHECK(found.lag_one_autocorrelation == Approx(1.0 / 16));
    // t = 2.131449546 for 15 degrees of freedom; 16 squares of distance 1.
    CHECK(found.interval.mean == 0);
    CHECK(half_width(found.interval) == Approx(2.131449546 * std::sqrt(16.0 / 15 / 16)).epsilon(1e-9));
}

TEST_CASE("batches that resemble their neighbours are made longer") {
    // Runs of four equal values: single values and pairs resemble their neighbours, fours do not.
    std::vector<double> values;
    for (const double level : {1, 1, -1, -1, 1, 1, -1, -1}) values.insert(values.end(), 4, level);
    const BatchMeans found = batch_means(values, 5, 0.95).value();
    CHECK(found.batch_size == 4);
    CHECK(found.batches == 8);
    CHECK(found.lag_one_autocorrelation == Approx(1.0 / 8));
    CHECK(found.independent);
    // t = 2.364624252 for 7 degrees of freedom; 8 squares of distance 1.
    CHECK(half_width(found.interval) == Approx(2.364624252 * std::sqrt(8.0 / 7 / 8)).epsilon(1e-9));
}

TEST_CASE("the observations left over count in the mean") {
    BatchAccumulator seen{2};
    for (int i = 0; i < 15; ++i) seen.add(i % 2 == 0 ? 1 : -1);
    seen.add(-1);  // The 16th: 8 batches of two, of mean 0.
    seen.add(17);
    const BatchMeans found = seen.result(0.95).value();
    CHECK(found.batch_size == 2);
    CHECK(found.interval.mean == Approx(1));
    CHECK(half_width(found.interval) == 0);
}

TEST_CASE("a run that never settles is said not to be independent") {
    BatchAccumulator seen;
    for (int i = 0; i < 10'000; ++i) seen.add(i);
    const BatchMeans found = seen.result(0.95).value();
    CHECK_FALSE(found.independent);
    CHECK(found.batches >= 20);
    CHECK(found.batches < 40);
    CHECK(found.batch_size == 256);
    CHECK(found.interval.mean == Approx(4999.5));
}

TEST_CASE("fewer observations than batches make no interval") {
    BatchAccumulator seen{20};
    for (int i = 0; i < 19; ++i) seen.add(i);
    CHECK_FALSE(seen.result(0.95));
    CHECK(seen.count() == 19);
    seen.add(19);
    CHECK(seen.result(0.95));
}

TEST_CASE("however long the run, there are enough batches and no more than twice four times as many") {
    BatchAccumulator seen{5};
    for (std::uint64_t n = 1; n <= 3000; ++n) {
        seen.add(n % 2 == 0 ? 1.0 : 1.5);
        if (seen.count() != n) FAIL("lost count at " << n);
        const auto found = seen.result(0.95);
        if (found.has_value() != (n >= 5)) FAIL("interval at " << n);
        if (!found) continue;
        if (found->batches < 5 || found->batches >= 40) FAIL(found->batches << " batches at " << n);
        if (found->batches * found->batch_size > n) FAIL("more in batches than there is at " << n);
    }
    SUCCEED();
}

TEST_CASE("a small variance around a large mean is not lost") {
    const std::vector<double> values = autoregressive(0.5, 5000, 0);
    BatchAccumulator near;
    BatchAccumulator far;
    // Eighths of 2^-20 survive the addition of 2^30 unrounded.
    for (const double value : values) {
        const double rounded = std::round(value * 0x1p20) * 0x1p-20;
        near.add(rounded);
        far.add(rounded + 0x1p30);
    }
    const BatchMeans expected = near.result(0.95).value();
    const BatchMeans found = far.result(0.95).value();
    CHECK(found.interval.mean - 0x1p30 == Approx(expected.interval.mean).epsilon(1e-6));
    CHECK(half_width(found.interval) == Approx(half_width(expected.interval)).epsilon(1e-5));
    CHECK(found.lag_one_autocorrelation == Approx(expected.lag_one_autocorrelation).margin(1e-9));
}

TEST_CASE("nineteen intervals of twenty cover the mean of an autoregressive run") {
    // Batches of 32 and more: their neighbours still correlate by 0.02, which costs half a percent of coverage.
    int with_batches = 0;
    int as_if_independent = 0;
    for (std::uint64_t r = 0; r < 400; ++r) {
        const std::vector<double> values = autoregressive(0.5, 2560, r);
        const BatchMeans found = batch_means(values, 20, 0.95).value();
        with_batches += covers(found.interval, 10) ? 1 : 0;
        as_if_independent += covers(confidence_interval(values, 0.95), 10) ? 1 : 0;
    }
    CHECK(std::abs(with_batches - 400 * 0.95) < stray(400));
    // The variance of the mean is (1 + 0.5) / (1 - 0.5) = 3 times what independent values would have: 74 % are covered.
    CHECK(as_if_independent < 400 * 0.95 - stray(400));
}

TEST_CASE("nineteen intervals of twenty cover the mean wait in an M/M/1 queue") {
    // At half load the mean wait is 0.5 / (1 - 0.5) = 1 service time.
    int with_batches = 0;
    int as_if_independent = 0;
    for (std::uint64_t r = 0; r < 100; ++r) {
        const std::vector<double> values = waiting_times(0.5, 10'000, r);
        with_batches += covers(batch_means(values, 20, 0.95).value().interval, 1) ? 1 : 0;
        as_if_independent += covers(confidence_interval(values, 0.95), 1) ? 1 : 0;
    }
    CHECK(std::abs(with_batches - 100 * 0.95) < stray(100));
    CHECK(as_if_independent < 100 * 0.95 - stray(100));
}

TEST_CASE("what is no number is refused, and so is a lag beyond the values") {
    BatchAccumulator seen;
    const std::vector<double> values{1, 2};
    CHECK(fleetsim::test::aborts([&] { seen.add(std::numeric_limits<double>::quiet_NaN()); }));
    CHECK(fleetsim::test::aborts([&] { seen.add(std::numeric_limits<double>::infinity()); }));
    CHECK(fleetsim::test::aborts([&] { static_cast<void>(autocorrelation(values, 2)); }));
    CHECK(fleetsim::test::aborts([] { BatchAccumulator{1}; }));
}
