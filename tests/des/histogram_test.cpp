#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>
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

TEST_CASE("the value of a rank is the order statistic of that number") {
    std::vector<std::int64_t> values = sampled(lognormal(0.02, 5), 5000);
    const LogHistogram histogram = recorded(values);
    std::sort(values.begin(), values.end());
    for (std::size_t rank = 1; rank <= values.size(); ++rank) {
        const auto exact = static_cast<double>(values[rank - 1]);
        const double error = static_cast<double>(histogram.value_at_rank(rank)) - exact;
        if (std::abs(error) > 0.001 * exact) FAIL_CHECK("rank " << rank << " error " << error);
    }
    CHECK(histogram.value_at_rank(1) == values.front());
    CHECK(histogram.value_at_rank(5000) == values.back());
    CHECK(fleetsim::test::aborts([&] { static_cast<void>(histogram.value_at_rank(0)); }));
    CHECK(fleetsim::test::aborts([&] { static_cast<void>(histogram.value_at_rank(5001)); }));
    CHECK(fleetsim::test::aborts([&] { static_cast<void>(LogHistogram{}.value_at_rank(1)); }));
}

TEST_CASE("the contents of a histogram are the values it cannot tell apart, and exact totals") {
    LogHistogram histogram = recorded({7, 7, 1023, 1024, 1025, 2050, 2049});
    histogram.record(largest, 3);
    const HistogramContents told = histogram.contents();
    const std::vector<HistogramContents::Bucket> expected{{7, 7, 2},
                                                          {1023, 1023, 1},
                                                          {1024, 1025, 2},
                                                          {2048, 2051, 2},
                                                          {largest - ((std::int64_t{1} << 53) - 1), largest, 3}};
    CHECK(told.buckets == expected);
    CHECK(told.count == 10);
    CHECK(told.min == 7);
    CHECK(told.max == largest);
    // 3 · (2^63 - 1) + 7185 = 2^64 + 2^63 + 7182.
    CHECK(told.sum_high == 1);
    CHECK(told.sum_low == (std::uint64_t{1} << 63) + 7182);
    CHECK(LogHistogram{}.contents() == HistogramContents{});
}

TEST_CASE("a histogram is rebuilt from its contents, equal and as good as the first") {
    LogHistogram full;
    full.record(largest, std::numeric_limits<std::uint64_t>::max());
    LogHistogram cleared = recorded({5, 4'000'000'000});
    cleared.clear();
    cleared.record(50);
    for (const LogHistogram& histogram :
         {LogHistogram{}, recorded({0}), recorded({largest, 0}), recorded({1024, 1024}), recorded({1024, 1025}), full,
          cleared, recorded(sampled(lognormal(0.02, 5), 20'000)),
          recorded(sampled(bounded_pareto(1, 1e6, 1.1), 20'000))}) {
        const LogHistogram rebuilt = LogHistogram::from_contents(histogram.contents()).value();
        CHECK(rebuilt == histogram);
        CHECK(rebuilt.contents() == histogram.contents());
        CHECK(rebuilt.mean() == histogram.mean());
        for (const double q : {0.0, 0.3, 0.99, 1.0})
            CHECK(rebuilt.value_at_quantile(q) == histogram.value_at_quantile(q));
    }
    LogHistogram rebuilt = LogHistogram::from_contents(recorded({50, 700'000}).contents()).value();
    rebuilt.record(3);
    rebuilt.merge(recorded({9'000'000}));
    CHECK(rebuilt == recorded({3, 50, 700'000, 9'000'000}));
}

TEST_CASE("contents that no values could have led to are refused") {
    const HistogramContents good = recorded({5, 2000, 2048, 2050, 9000}).contents();
    REQUIRE(good.buckets.size() == 4);
    REQUIRE(LogHistogram::from_contents(good));
    const auto refused = [&](auto spoil) {
        HistogramContents spoilt = good;
        spoil(spoilt);
        return !LogHistogram::from_contents(spoilt);
    };
    using Told = HistogramContents;
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    CHECK(refused([](Told& told) { told.buckets.clear(); }));
    CHECK(refused([](Told& told) { told.count += 1; }));
    CHECK(refused([](Told& told) { told.buckets[1].count = 0; }));
    CHECK(refused([](Told& told) { told.buckets[0].count = most; }));
    // 2^64 values more, so that their number in 64 bits is what it was, and a sum to match: 2^63 · (5 + 9000) = 4502 ·
    // 2^64 + 2^63 more.
    CHECK(refused([](Told& told) {
        told.buckets[0].count = told.buckets[3].count = (std::uint64_t{1} << 63) + 1;
        told.sum_high = 4502;
        told.sum_low += std::uint64_t{1} << 63;
    }));
    CHECK(refused([](Told& told) { told.buckets[2].low += 1; }));
    CHECK(refused([](Told& told) { told.buckets[2].high += 1; }));
    CHECK(refused([](Told& told) { told.buckets[2].high = told.buckets[2].low; }));
    CHECK(refused([](Told& told) { told.buckets[0] = {-5, -5, 1}; }));
    CHECK(refused([](Told& told) { told.buckets[0] = {std::numeric_limits<std::int64_t>::min(), 5, 1}; }));
    CHECK(refused([](Told& told) { std::swap(told.buckets[0], told.buckets[1]); }));
    CHECK(refused([](Told& told) { std::swap(told.buckets[1], told.buckets[2]); }));
    CHECK(refused([](Told& told) { told.buckets.insert(told.buckets.begin() + 1, {100, 100, 0}); }));
    // One bucket told in two parts.
    CHECK(refused([](Told& told) {
        told.buckets[2].count = 1;
        told.buckets.insert(told.buckets.begin() + 2, told.buckets[2]);
    }));
    CHECK(refused([](Told& told) { told.min = 4; }));
    CHECK(refused([](Told& told) { told.min = 2000; }));
    CHECK(refused([](Told& told) { told.max = told.buckets[3].high + 1; }));
    CHECK(refused([](Told& told) { told.max = told.buckets[3].low - 1; }));
    CHECK(refused([](Told& told) { told.min = -1; }));
    CHECK(refused([](Told& told) { told.sum_high = 1; }));
    // The bucket of 2000 reaches to 2001, that of 2048 from 2048 to 2051; 5 and 9000 are fixed.
    CHECK(refused([](Told& told) { told.sum_low = 5 + 2000 + 2 * 2048 + 9000 - 1; }));
    CHECK_FALSE(refused([](Told& told) { told.sum_low = 5 + 2000 + 2 * 2048 + 9000; }));
    CHECK_FALSE(refused([](Told& told) { told.sum_low = 5 + 2001 + 2 * 2051 + 9000; }));
    CHECK(refused([](Told& told) { told.sum_low = 5 + 2001 + 2 * 2051 + 9000 + 1; }));
    // The extremes the wrong way round.
    HistogramContents pair = recorded({2049, 2050}).contents();
    REQUIRE(LogHistogram::from_contents(pair));
    std::swap(pair.min, pair.max);
    CHECK_FALSE(LogHistogram::from_contents(pair));
    // Nothing, with a trace of something.
    CHECK_FALSE(LogHistogram::from_contents({{}, 0, 0, 1, 0, 0}));
    CHECK_FALSE(LogHistogram::from_contents({{}, 0, 0, 0, 0, 7}));
}

TEST_CASE("contents are accepted exactly when some values lead to them") {
    // All multisets of three values from 2050 to 2057: buckets from 2048, 2052 and 2056, of four values each.
    std::set<std::vector<std::int64_t>> possible;
    std::set<std::vector<std::int64_t>> shapes;
    const auto key = [](const HistogramContents& told) {
        std::vector<std::int64_t> shape{told.min, told.max};
        for (const HistogramContents::Bucket& bucket : told.buckets) {
            shape.insert(shape.end(), {bucket.low, static_cast<std::int64_t>(bucket.count)});
        }
        return shape;
    };
    std::vector<HistogramContents> all;
    for (std::int64_t a = 2050; a <= 2057; ++a) {
        for (std::int64_t b = a; b <= 2057; ++b) {
            for (std::int64_t c = b; c <= 2057; ++c) {
                HistogramContents told = recorded({a, b, c}).contents();
                std::vector<std::int64_t> shape = key(told);
                if (shapes.insert(shape).second) all.push_back(told);
                shape.push_back(static_cast<std::int64_t>(told.sum_low));
                possible.insert(shape);
            }
        }
    }
    for (HistogramContents told : all) {
        for (told.sum_low = 6140; told.sum_low < 6180; ++told.sum_low) {
            std::vector<std::int64_t> shape = key(told);
            shape.push_back(static_cast<std::int64_t>(told.sum_low));
            if (LogHistogram::from_contents(told).has_value() != (possible.count(shape) == 1)) {
                FAIL_CHECK("min " << told.min << " max " << told.max << " sum " << told.sum_low);
            }
        }
    }
    CHECK(possible.size() > 50);
}

TEST_CASE("a histogram holds 2^64 - 1 values and not one more") {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    LogHistogram nearly;
    nearly.record(largest, most - 2);
    CHECK(nearly.room() == 2);
    LogHistogram full = nearly;
    full.merge(recorded({largest, largest}));
    CHECK(full.room() == 0);
    CHECK(full.mean() == static_cast<double>(largest));
    CHECK(full.value_at_quantile(0.5) == largest);
    CHECK(full.value_at_quantile(1) == largest);
    CHECK(fleetsim::test::aborts([&] { nearly.merge(recorded({1, 2, 3})); }));
    CHECK(fleetsim::test::aborts([&] { nearly.record(1, 3); }));
}

TEST_CASE("a negative value is a fault of ours") {
    LogHistogram histogram;
    CHECK(fleetsim::test::aborts([&] { histogram.record(-1); }));
    CHECK(fleetsim::test::aborts([&] { static_cast<void>(histogram.value_at_quantile(1.01)); }));
}
