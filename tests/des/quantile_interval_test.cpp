#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fleetsim/des/histogram.hpp>
#include <fleetsim/des/quantile_interval.hpp>
#include <fleetsim/des/stream.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

using namespace fleetsim::des;

namespace {

/// The chances of 0 … count values below the quantile.
std::vector<double> binomial(std::uint64_t count, double q) {
    const auto log_factorial = [](std::uint64_t n) { return std::lgamma(static_cast<double>(n) + 1); };
    std::vector<double> chances;
    for (std::uint64_t k = 0; k <= count; ++k) {
        const double ways = log_factorial(count) - log_factorial(k) - log_factorial(count - k);
        chances.push_back(
            std::exp(ways + static_cast<double>(k) * std::log(q) + static_cast<double>(count - k) * std::log1p(-q)));
    }
    return chances;
}

double sum(const std::vector<double>& values, std::uint64_t first, std::uint64_t last) {
    double total = 0;
    for (std::uint64_t i = first; i < last; ++i) total += values[static_cast<std::size_t>(i)];
    return total;
}

}  // namespace

TEST_CASE("ranks worked out with exact fractions") {
    struct Row {
        std::uint64_t count;
        double q;
        double level;
        QuantileRanks expected;
    };
    const std::vector<Row> rows{
        {6, 0.5, 0.95, {1, 6, 0.96875}},
        {20, 0.5, 0.95, {6, 15, 0.9586105346679688}},
        {100, 0.5, 0.95, {40, 61, 0.9647997997822951}},
        {100, 0.9, 0.95, {84, 96, 0.955690107191223}},
        {500, 0.01, 0.9, {2, 10, 0.9291431525191246}},
        {1000, 0.99, 0.95, {983, 997, 0.9760947634979771}},
        {1000, 0.99, 0.99, {981, 998, 0.994032208218481}},
        // The largest of 368 values lies below with a chance under 2.5 %, that of 367 does not: the low rank pays.
        {368, 0.99, 0.95, {360, 368, 0.9624158204108587}},
        {367, 0.99, 0.95, {359, 367, 0.9623705899100359}},
        {299, 0.99, 0.95, {289, 299, 0.9502063034560693}},
        // Tails summed term by term to 40 digits: 0.0249972 and 0.0249985, and 0.0250157 and 0.0250171 one rank
        // inwards.
        {1'000'000'000, 0.99, 0.95, {989'993'833, 990'006'167, 0.9500043587527738}},
        // 0.0249972 on either side, and 0.0250009 one rank inwards.
        {1'000'000'000, 0.5, 0.95, {499'969'010, 500'030'991, 0.9500055324427543}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.count, row.q, row.level);
        const QuantileRanks found = quantile_ranks(row.count, row.q, row.level).value();
        CHECK(found.low == row.expected.low);
        CHECK(found.high == row.expected.high);
        CHECK(found.coverage == Approx(row.expected.coverage).epsilon(1e-8));
    }
}

TEST_CASE("intervals begin with the fewest values that can miss rarely enough") {
    struct Row {
        double q;
        double level;
        std::uint64_t fewest;
    };
    // n values all on one side: 2 · 0.5^6 = 0.03125 but 2 · 0.5^5 = 0.0625; 0.99^299 = 0.0495 but 0.99^298 = 0.0500006;
    // 0.95^59 = 0.0485 but 0.95^58 = 0.0510; 0.9^44 = 0.0097 but 0.9^43 = 0.0108; 0.999^2995 = 0.04996.
    const std::vector<Row> rows{{0.5, 0.95, 6},  {0.99, 0.95, 299},   {0.01, 0.95, 299}, {0.95, 0.95, 59},
                                {0.9, 0.99, 44}, {0.999, 0.95, 2995}, {0.5, 0.4, 2}};
    for (const Row& row : rows) {
        CAPTURE(row.q, row.level);
        CHECK(fewest_for_quantile(row.q, row.level) == row.fewest);
        CHECK(quantile_ranks(row.fewest, row.q, row.level));
        CHECK_FALSE(quantile_ranks(row.fewest - 1, row.q, row.level));
    }
    CHECK_FALSE(quantile_ranks(0, 0.5, 0.5));
}

TEST_CASE("no rank could be moved inwards, and the coverage is what the binomial law says") {
    for (const double q : {0.01, 0.05, 0.37, 0.5, 0.9, 0.99}) {
        // At the last level the binomial tails are far from where the normal law has them.
        for (const double level : {0.5, 0.95, 0.999, 1 - 1e-15}) {
            for (const std::uint64_t count : {15U, 40U, 173U, 600U, 4000U}) {
                const auto found = quantile_ranks(count, q, level);
                CHECK(found.has_value() == (count >= fewest_for_quantile(q, level)));
                if (!found) continue;
                CAPTURE(count, q, level, found->low, found->high);
                const std::vector<double> chances = binomial(count, q);
                CHECK(found->coverage == Approx(sum(chances, found->low, found->high)).epsilon(1e-10));
                CHECK(found->coverage >= level);
                CHECK(1 <= found->low);
                CHECK(found->low < found->high);
                CHECK(found->high <= count);
                const double below = sum(chances, 0, found->low + 1);
                const double above = sum(chances, found->high - 1, count + 1);
                CHECK(below + std::max(sum(chances, found->high, count + 1), (1 - level) / 2) > 1 - level);
                CHECK(above + std::max(sum(chances, 0, found->low), (1 - level) / 2) > 1 - level);
            }
        }
    }
}

TEST_CASE("the interval holds the values of its ranks, in a sample and in a histogram") {
    std::vector<double> sorted;
    LogHistogram histogram;
    for (int i = 1; i <= 1000; ++i) {
        sorted.push_back(i);
        histogram.record(i);
    }
    const auto of_sample = quantile_interval(sorted, 0.99, 0.95).value();
    CHECK(of_sample.value == 990);
    CHECK(of_sample.low == 983);
    CHECK(of_sample.high == 997);
    const auto of_histogram = quantile_interval(histogram, 0.99, 0.95).value();
    CHECK(of_histogram.value == 990);
    CHECK(of_histogram.low == 983);
    CHECK(of_histogram.high == 997);
    CHECK(of_histogram.coverage == of_sample.coverage);
    CHECK_FALSE(quantile_interval(sorted, 0.9999, 0.95));
    CHECK_FALSE(quantile_interval(LogHistogram{}, 0.5, 0.95));
}

TEST_CASE("the interval covers the quantile of the law as often as it claims") {
    // 1000 samples of 400 uniform values; a count of successes strays by 3.890592 deviations once in 10^4.
    const double q = 0.95;
    int covered = 0;
    double claimed = 0;
    for (std::uint64_t r = 0; r < 1000; ++r) {
        const Stream chance{1, r, "quantile-interval", "values"};
        std::vector<double> values;
        for (std::uint64_t k = 0; k < 100; ++k) {
            for (const std::uint64_t word : chance.block(k)) values.push_back(open_unit(word));
        }
        std::sort(values.begin(), values.end());
        const auto found = quantile_interval(values, q, 0.9).value();
        covered += found.low <= q && q <= found.high ? 1 : 0;
        claimed = found.coverage;
    }
    CHECK(claimed >= 0.9);
    CHECK(std::abs(covered - 1000 * claimed) < 3.890592 * std::sqrt(1000 * claimed * (1 - claimed)));
}

TEST_CASE("quantiles and levels at the ends of their ranges are faults of ours") {
    CHECK(fleetsim::test::aborts([] { static_cast<void>(quantile_ranks(10, 1, 0.95)); }));
    CHECK(fleetsim::test::aborts([] { static_cast<void>(quantile_ranks(10, 0, 0.95)); }));
    CHECK(fleetsim::test::aborts([] { static_cast<void>(quantile_ranks(10, 0.5, 1)); }));
    CHECK(fleetsim::test::aborts([] { static_cast<void>(fewest_for_quantile(0.5, 0)); }));
}
