#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/des/histogram.hpp>
#include <fleetsim/des/stream.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

using namespace fleetsim::des;

namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

std::vector<std::int64_t> sampled(const Distribution& in_seconds, std::size_t count) {
    const Stream stream{1, 0, "histogram", name(in_seconds)};
    std::vector<std::int64_t> values;
    for (std::size_t k = 0; k < count; ++k) {
        Draws draws = stream.draws(k);
        values.push_back(sample_duration(in_seconds, draws).count());
    }
    return values;
}

LogHistogram recorded(const std::vector<std::int64_t>& values) {
    LogHistogram histogram;
    for (const std::int64_t value : values) histogram.record(value);
    return histogram;
}

}  // namespace

TEST_CASE("an empty histogram reports zeros") {
    const LogHistogram histogram;
    CHECK(histogram.empty());
    CHECK(histogram.count() == 0);
    CHECK(histogram.mean() == 0);
    CHECK(histogram.min() == 0);
    CHECK(histogram.max() == 0);
    CHECK(histogram.value_at_quantile(0.5) == 0);
}

TEST_CASE("values below 1024 are reported exactly") {
    LogHistogram histogram;
    for (std::int64_t value = 0; value < 1024; ++value) histogram.record(1023 - value);
    for (std::int64_t value = 0; value < 1024; ++value) {
        // The (value + 1)-th smallest of 1024; both fractions are exact in binary.
        CHECK(histogram.value_at_quantile(static_cast<double>(value + 1) / 1024) == value);
    }
    CHECK(histogram.value_at_quantile(0) == 0);
    CHECK(histogram.mean() == 511.5);
}

TEST_CASE("a quantile is the smallest value with enough values at or below it") {
    const LogHistogram histogram = recorded({10, 20, 30, 40});
    CHECK(histogram.value_at_quantile(0) == 10);
    CHECK(histogram.value_at_quantile(0.25) == 10);
    CHECK(histogram.value_at_quantile(0.2500001) == 20);
    CHECK(histogram.value_at_quantile(0.5) == 20);
    CHECK(histogram.value_at_quantile(0.75) == 30);
    CHECK(histogram.value_at_quantile(0.9) == 40);
    CHECK(histogram.value_at_quantile(1) == 40);
}

TEST_CASE("a decimal share of a round count is that many values") {
    // As doubles, 0.07 · 100 lies above 7 and 0.29 · 100 below 29: neither may shift the rank.
    std::vector<std::int64_t> values;
    for (std::int64_t value = 1; value <= 100; ++value) values.push_back(value);
    const LogHistogram histogram = recorded(values);
    for (int percent = 1; percent <= 100; ++percent) CHECK(histogram.value_at_quantile(percent / 100.0) == percent);
}

TEST_CASE("one value is reported exactly at every quantile, whatever its size") {
    for (const std::int64_t value : {std::int64_t{0}, std::int64_t{1023}, std::int64_t{1024}, std::int64_t{1025},
                                     std::int64_t{123'456'789'012}, largest}) {
        const LogHistogram histogram = recorded({value, value, value});
        for (const double q : {0.0, 0.5, 0.99, 1.0}) CHECK(histogram.value_at_quantile(q) == value);
        CHECK(histogram.mean() == static_cast<double>(value));
        CHECK(histogram.min() == value);
        CHECK(histogram.max() == value);
    }
}

TEST_CASE("every value is reported within a 1024th, from nanoseconds to centuries") {
    const Stream stream{1, 0, "histogram", "sizes"};
    for (std::uint64_t k = 0; k < 20'000; ++k) {
        const auto value = static_cast<std::int64_t>(std::exp2(62.9 * stream.unit(k)));
        // Between smaller and larger values, so that clamping to the extremes does not help.
        const LogHistogram histogram = recorded({0, value, largest});
        const double error = static_cast<double>(histogram.value_at_quantile(0.5) - value);
        if (std::abs(error) * 1024 > static_cast<double>(value)) FAIL_CHECK("value " << value << " error " << error);
    }
    SUCCEED();
}

TEST_CASE("quantiles of heavy tails lie within 0.1 % of the exact order statistics") {
    for (const Distribution& law : {bounded_pareto(0.001, 1000, 1.1), lognormal(0.02, 5), hyperexponential(0.1, 4),
                                    exponential(1e-6), uniform(0, 3e-6)}) {
        std::vector<std::int64_t> values = sampled(law, 100'000);
        const LogHistogram histogram = recorded(values);
        std::sort(values.begin(), values.end());
        for (const double q : {0.0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0}) {
            const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(q * 100'000 - 1e-6)));
            const auto exact = static_cast<double>(values[rank - 1]);
            CHECK(static_cast<double>(histogram.value_at_quantile(q)) == Approx(exact).epsilon(0.001));
        }
        CHECK(histogram.min() == values.front());
        CHECK(histogram.max() == values.back());
    }
}

TEST_CASE("the mean is exact where doubles would lose the small values") {
    LogHistogram histogram;
    histogram.record(std::int64_t{1} << 60, 3);
    histogram.record(1, 1000);
    histogram.record(std::int64_t{1} << 60, 1);
    // (2^62 + 1000) / 1004, rounded once by the conversion of the sum and once by the division.
    CHECK(histogram.mean() == 4611686018427388904.0 / 1004);
    LogHistogram full;
    full.record(largest, std::uint64_t{1} << 62);
    CHECK(full.mean() == static_cast<double>(largest));
}

TEST_CASE("a value recorded many times is recorded many times") {
    LogHistogram once;
    once.record(5000, 3);
    once.record(70'000, 2);
    once.record(1'000'000'000'000, 0);
    CHECK(once == recorded({5000, 70'000, 5000, 70'000, 5000}));
    CHECK(once.count() == 5);
    CHECK(once.max() == 70'000);
}

TEST_CASE("merged parts equal the whole, in any order") {
    const std::vector<std::int64_t> values = sampled(lognormal(0.02, 5), 30'000);
    const LogHistogram whole = recorded(values);
    std::vector<LogHistogram> parts(3);
    for (std::size_t i = 0; i < values.size(); ++i) parts[values[i] < 1'000'000 ? 0 : 1 + i % 2].record(values[i]);

    std::vector<std::size_t> order{0, 1, 2};
    do {
        LogHistogram merged;
        merged.merge(LogHistogram{});
        for (const std::size_t part : order) merged.merge(parts[part]);
        CHECK(merged == whole);
        CHECK(merged.mean() == whole.mean());
        CHECK(merged.value_at_quantile(0.99) == whole.value_at_quantile(0.99));
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("histograms that differ in a single value differ") {
    const LogHistogram histogram = recorded({1, 5, 1000});
    CHECK(histogram != recorded({1, 6, 1000}));
    CHECK(histogram != recorded({1, 5, 1000, 1000}));
    CHECK(histogram != recorded({2, 4, 1000}));
    // Same count, sum and extremes.
    CHECK(recorded({1, 4, 6, 9}) != recorded({1, 5, 5, 9}));
    CHECK(LogHistogram{} != histogram);
}

TEST_CASE("a cleared histogram is as good as new") {
    LogHistogram histogram = recorded({3, 4'000'000'000, 77});
    histogram.clear();
    CHECK(histogram == LogHistogram{});
    histogram.record(50);
    CHECK(histogram == recorded({50}));
    CHECK(histogram.value_at_quantile(1) == 50);
    histogram.merge(recorded({4'000'000'000}));
    CHECK(histogram == recorded({50, 4'000'000'000}));
}

TEST_CASE("a negative value is a fault of ours") {
    LogHistogram histogram;
    CHECK(fleetsim::test::aborts([&] { histogram.record(-1); }));
    CHECK(fleetsim::test::aborts([&] { static_cast<void>(histogram.value_at_quantile(1.01)); }));
}
