#include <cmath>
#include <cstddef>
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

TEST_CASE("one replication has no interval") {
    const std::vector<double> one{1.0};
    const std::vector<double> two{1.0, 2.0};
    CHECK(fleetsim::test::aborts([&] { static_cast<void>(confidence_interval(one, 0.95)); }));
    CHECK(fleetsim::test::aborts([&] { static_cast<void>(confidence_interval(two, 1.0)); }));
    CHECK(fleetsim::test::aborts([&] { static_cast<void>(paired_difference(one, two, 0.95)); }));
}
