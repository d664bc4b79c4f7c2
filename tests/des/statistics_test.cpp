#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <fleetsim/des/statistics.hpp>
#include <fleetsim/des/stream.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

using namespace fleetsim::des;

TEST_CASE("mean and variance of a few numbers worked out by hand") {
    MeanVariance seen;
    CHECK(seen.variance() == 0);
    for (const double value : {2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0}) seen.add(value);
    CHECK(seen.count == 8);
    CHECK(seen.mean == Approx(5).epsilon(1e-15));
    CHECK(seen.variance() == Approx(32.0 / 7).epsilon(1e-15));
    CHECK(seen.stddev() == Approx(std::sqrt(32.0 / 7)).epsilon(1e-15));
}

TEST_CASE("a small variance survives a large mean") {
    MeanVariance seen;
    for (const double value : {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}) seen.add(value);
    CHECK(seen.variance() == 30);
}

TEST_CASE("merged halves tell what the whole tells") {
    const Stream stream{1, 0, "statistics", "values"};
    for (const std::size_t split : {0U, 1U, 500U, 999U, 1000U}) {
        MeanVariance whole;
        MeanVariance first;
        MeanVariance second;
        for (std::size_t k = 0; k < 1000; ++k) {
            const double value = 1000 + stream.unit(k);
            whole.add(value);
            (k < split ? first : second).add(value);
        }
        first.merge(second);
        CHECK(first.count == 1000);
        CHECK(first.mean == Approx(whole.mean).epsilon(1e-14));
        CHECK(first.variance() == Approx(whole.variance()).epsilon(1e-9));
    }
}

TEST_CASE("merging parts far apart adds what lies between them") {
    struct Row {
        MeanVariance first;
        MeanVariance second;
        MeanVariance whole;
    };
    const std::vector<Row> rows{
        {{}, {}, {}},
        {{}, {3, 7, 2}, {3, 7, 2}},
        {{3, 7, 2}, {}, {3, 7, 2}},
        // 0, 0 and 6: squares of 2, 2 and 4.
        {{2, 0, 0}, {1, 6, 0}, {3, 2, 24}},
        // 1, 3 and 11, 13, 15: squares of 2 and 8 within, and the 11 between their means squared, times 2 · 3 / 5.
        {{2, 2, 2}, {3, 13, 8}, {5, 8.6, 10 + 121 * 6.0 / 5}},
    };
    for (const Row& row : rows) {
        MeanVariance merged = row.first;
        merged.merge(row.second);
        CHECK(merged.count == row.whole.count);
        CHECK(merged.mean == Approx(row.whole.mean).epsilon(1e-15));
        CHECK(merged.squares == Approx(row.whole.squares).epsilon(1e-15));
    }
}

TEST_CASE("merging many small parts around a large mean loses no variance") {
    const Stream stream{1, 0, "statistics", "parts"};
    MeanVariance near;
    MeanVariance far;
    for (std::size_t part = 0; part < 200; ++part) {
        MeanVariance here;
        MeanVariance there;
        for (std::size_t k = 0; k < 7; ++k) {
            // Multiples of 2^-20 survive the addition of 2^30 unrounded.
            const double value = std::round(stream.unit(7 * part + k) * 0x1p20) * 0x1p-20;
            here.add(value);
            there.add(value + 0x1p30);
        }
        near.merge(here);
        far.merge(there);
    }
    CHECK(far.variance() == Approx(near.variance()).epsilon(1e-6));
}

TEST_CASE("the interval of ten replications is mean plus and minus Student's quantile") {
    const std::vector<double> values{4.02, 3.91, 4.15, 3.88, 4.07, 3.95, 4.11, 4.00, 3.93, 4.05};
    const Interval interval = confidence_interval(values, 0.95);
    // t = 2.262157162741 · 0.0893246264 / √10.
    CHECK(interval.mean == Approx(4.007).epsilon(1e-14));
    CHECK(interval.high - interval.mean == Approx(0.0638989884).epsilon(1e-8));
    CHECK(interval.mean - interval.low == Approx(0.0638989884).epsilon(1e-8));
}

TEST_CASE("Student's quantiles are those of the tables") {
    struct Row {
        std::size_t count;
        double level;
        double t;
    };
    const std::vector<Row> rows{{5, 0.9, 2.131847},   {5, 0.9999, 15.544101}, {10, 0.95, 2.262157},
                                {30, 0.95, 2.045230}, {30, 0.99, 2.756386},   {100, 0.9999, 4.055041}};
    for (const Row& row : rows) {
        // Half at -1 and half at +1 (and one 0 if odd): every figure is known, so the half width gives t away.
        std::vector<double> values;
        for (std::size_t i = 0; i < row.count / 2; ++i) values.insert(values.end(), {-1.0, 1.0});
        if (row.count % 2 == 1) values.push_back(0);
        const auto n = static_cast<double>(row.count);
        const double stddev = std::sqrt(2 * static_cast<double>(row.count / 2) / (n - 1));
        const Interval interval = confidence_interval(values, row.level);
        CHECK(interval.high * std::sqrt(n) / stddev == Approx(row.t).epsilon(1e-6));
    }
}

TEST_CASE("pairs that met the same chance show a difference that strangers hide") {
    const std::vector<double> a{10.2, 9.8, 11.1, 10.5, 9.9};
    const std::vector<double> b{9.7, 9.5, 10.4, 10.1, 9.6};
    const Interval difference = paired_difference(a, b, 0.95);
    CHECK(difference.mean == Approx(0.44).epsilon(1e-12));
    // With t = 2.776445105198.
    CHECK(difference.low == Approx(0.2322298733).epsilon(1e-8));
    CHECK(difference.high == Approx(0.6477701267).epsilon(1e-8));
}

TEST_CASE("pairing pays when the two rise and fall together") {
    const std::vector<double> a{10.2, 9.8, 11.1, 10.5, 9.9};
    const std::vector<double> b{9.7, 9.5, 10.4, 10.1, 9.6};
    // (0.275 + 0.143) / 0.028.
    CHECK(variance_reduction(a, b) == Approx(14.928571428571).epsilon(1e-10));
    const MeanVariance paired = paired_summary(a, b);
    CHECK(paired.stddev() == Approx(0.1673320053).epsilon(1e-9));
    CHECK(paired.mean / (paired.stddev() / std::sqrt(5)) == Approx(5.8797473221).epsilon(1e-9));
    // Against its own mirror image the difference varies twice as much as a stranger's.
    CHECK(variance_reduction(std::vector<double>{1, 2, 3}, std::vector<double>{3, 2, 1}) == Approx(0.5));
    CHECK(variance_reduction(std::vector<double>{1, 2, 4}, std::vector<double>{2, 3, 5}) ==
          std::numeric_limits<double>::infinity());
    CHECK(variance_reduction(std::vector<double>{1, 1}, std::vector<double>{2, 2}) == 1);
}

TEST_CASE("taken for strangers, the same values show no difference") {
    const MeanVariance a = summary(std::vector<double>{10.2, 9.8, 11.1, 10.5, 9.9});
    const MeanVariance b = summary(std::vector<double>{9.7, 9.5, 10.4, 10.1, 9.6});
    const WelchDifference found = unpaired_difference(a, b, 0.95);
    CHECK(found.t == Approx(1.5217718205).epsilon(1e-9));
    CHECK(found.degrees_of_freedom == Approx(7.274559193954).epsilon(1e-10));
    CHECK(found.interval.mean == Approx(0.44).epsilon(1e-12));
    // t = 2.346652087260 for so many degrees of freedom, by numerical integration.
    CHECK(found.interval.low == Approx(-0.2385031136).epsilon(1e-8));
    CHECK(found.interval.high == Approx(1.1185031136).epsilon(1e-8));
}

TEST_CASE("Welch's degrees of freedom lie between the smaller group's and the sum of both") {
    struct Row {
        MeanVariance a;
        MeanVariance b;
        double degrees_of_freedom;
    };
    const std::vector<Row> rows{
        {{10, 0, 9}, {10, 0, 9}, 18},          // Alike in everything: Student's.
        {{10, 0, 9}, {4, 0, 0}, 9},            // Only one side varies.
        {{10, 0, 0}, {4, 0, 3}, 3},            // Only the other does.
        {{5, 0, 4}, {10, 0, 18}, 144.0 / 13},  // Shares of one half: 1 / (1/4/4 + 1/4/9).
        {{3, 0, 2e300}, {3, 0, 2e300}, 4},     // Squares of these variances would be infinite.
    };
    for (const Row& row : rows) {
        CHECK(unpaired_difference(row.a, row.b, 0.95).degrees_of_freedom == Approx(row.degrees_of_freedom));
    }
    const WelchDifference certain = unpaired_difference({2, 5, 0}, {2, 3, 0}, 0.95);
    CHECK(certain.interval.low == 2);
    CHECK(certain.interval.high == 2);
    CHECK(certain.t == std::numeric_limits<double>::infinity());
    CHECK(unpaired_difference({2, 5, 0}, {2, 5, 0}, 0.95).t == 0);
}

TEST_CASE("half a width as a share of the mean") {
    CHECK(half_width({4, 3, 5}) == 1);
    CHECK(relative_half_width({4, 3, 5}) == 0.25);
    CHECK(relative_half_width({-4, -5, -3}) == 0.25);
    CHECK(relative_half_width({0, -1, 1}) == std::numeric_limits<double>::infinity());
    CHECK(relative_half_width({0, 0, 0}) == 0);
}

TEST_CASE("one value that is no number is refused before it spoils the rest") {
    MeanVariance seen;
    CHECK(fleetsim::test::aborts([&] { seen.add(std::numeric_limits<double>::quiet_NaN()); }));
    CHECK(fleetsim::test::aborts([&] { seen.add(-std::numeric_limits<double>::infinity()); }));
    CHECK_FALSE(fleetsim::test::aborts([&] { seen.add(std::numeric_limits<double>::max()); }));
}

TEST_CASE("one replication has no interval") {
    const std::vector<double> one{1.0};
    const std::vector<double> two{1.0, 2.0};
    CHECK(fleetsim::test::aborts([&] { static_cast<void>(confidence_interval(one, 0.95)); }));
    CHECK(fleetsim::test::aborts([&] { static_cast<void>(confidence_interval(two, 1.0)); }));
    CHECK(fleetsim::test::aborts([&] { static_cast<void>(paired_difference(one, two, 0.95)); }));
}
