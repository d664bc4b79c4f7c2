#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/poisson.hpp>

#include <fleetsim/des/poisson.hpp>
#include <fleetsim/des/statistics.hpp>
#include <fleetsim/des/stream.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"
#include "des/kolmogorov_smirnov.hpp"
#include "des/rare_events.hpp"

using namespace fleetsim::des;
using fleetsim::test::aborts;

namespace {

template <class Sample>
std::vector<double> counted(std::uint64_t size, Sample sample_one) {
    const Stream stream{1, 0, "poisson", "counts"};
    std::vector<double> counts;
    counts.reserve(size);
    for (std::uint64_t item = 0; item < size; ++item) {
        Draws draws = stream.draws(item);
        counts.push_back(static_cast<double>(sample_one(draws)));
    }
    return counts;
}

std::vector<double> counted(double mean, std::uint64_t size) {
    return counted(size, [mean](Draws& draws) { return sample(Poisson{mean}, draws); });
}

/// Chi-square test of counts against their law, in cells of at least 20 expected: once in 10,000 seeds it fails.
void check_counts(const std::vector<double>& counts, double mean) {
    std::vector<double> sorted = counts;
    std::sort(sorted.begin(), sorted.end());
    const auto total = static_cast<double>(counts.size());
    const boost::math::poisson law(mean);
    double chi_square = 0;
    double cells = 0;
    double expected = 0;
    auto from = sorted.begin();
    const auto close = [&](std::vector<double>::iterator to) {
        const auto seen = static_cast<double>(to - from);
        chi_square += (seen - expected) * (seen - expected) / expected;
        cells += 1;
        expected = 0;
        from = to;
    };
    double k = 0;
    for (; total * boost::math::cdf(boost::math::complement(law, k)) >= 20; ++k) {
        expected += total * boost::math::pdf(law, k);
        if (expected >= 20) close(std::upper_bound(from, sorted.end(), k));
    }
    expected += total * boost::math::cdf(boost::math::complement(law, k - 1));
    close(sorted.end());
    REQUIRE(cells >= 2);
    CHECK(chi_square < boost::math::quantile(boost::math::chi_squared(cells - 1), 1 - 1e-4));
}

}  // namespace

TEST_CASE("logarithms of Poisson probabilities keep their digits for any mean") {
    struct Row {
        double k;
        double mean;
        double log_probability;
    };
    // By arithmetic of forty digits.
    const std::vector<Row> rows{
        {0, 0.5, -0.5},
        {0, 800, -800},
        {3, 0.5, -4.3712010109078909},
        {9, 10, -2.0785616431350585},
        {10, 10, -2.0785616431350585},
        {50, 20, -18.691153274073482},
        {1000, 900, -9.7334151638525981},
        {1'003'000, 1'000'000, -12.323698387635038},
        {1e15, 1e15, -18.188326730660015},
        {1e15 + 1e8, 1e15, -23.188326613993355},
    };
    for (const Row& row : rows) {
        INFO(row.k << " events where " << row.mean << " are due");
        CHECK(log_probability(Poisson{row.mean}, row.k) == Approx(row.log_probability).epsilon(1e-13));
    }
}

TEST_CASE("counts follow the Poisson law, by search and by rejection") {
    constexpr std::uint64_t size = 100'000;
    for (const double mean : {0.01, 0.5, 3.0, 12.5, 19.99, 20.0, 47.3, 200.0, 5000.0}) {
        INFO("mean " << mean);
        check_counts(counted(mean, size), mean);
    }
    // Both ways, where both work; so many that a hat too low by a tenth shows.
    constexpr std::uint64_t more = 1'000'000;
    for (const double mean : {10.0, 15.0, 40.0}) {
        INFO("mean " << mean);
        check_counts(counted(more, [=](Draws& draws) { return detail::sample_poisson_by_search(mean, draws); }), mean);
        check_counts(counted(more, [=](Draws& draws) { return detail::sample_poisson_by_rejection(mean, draws); }),
                     mean);
    }
}

TEST_CASE("large counts follow the normal law that they approach") {
    constexpr std::size_t size = 100'000;
    for (const double mean : {1e8, 1e12, largest_poisson_mean}) {
        INFO("mean " << mean);
        const auto normal = [mean](double k) { return 0.5 * std::erfc((mean - k - 0.5) / std::sqrt(2 * mean)); };
        // The two laws differ by at most 0.48/√mean (Berry and Esseen), and a single count has 0.4/√mean.
        CHECK(fleetsim::test::kolmogorov_distance(counted(mean, size), normal) <
              fleetsim::test::kolmogorov_limit(size) + 0.88 / std::sqrt(mean));
    }
}

TEST_CASE("mean and variance of counts are both the mean") {
    constexpr std::uint64_t size = 100'000;
    for (const double mean : {0.3, 7.0, 19.0, 21.0, 1e3, 1e6, 1e10, largest_poisson_mean}) {
        INFO("mean " << mean);
        MeanVariance seen;
        for (const double count : counted(mean, size)) seen.add(count - mean);
        CHECK(std::abs(seen.mean) < fleetsim::test::z_limit * std::sqrt(mean / size));
        // The fourth central moment is mean + 3 mean², so the variance of a sample variance is (mean + 2 mean²)/n.
        CHECK(std::abs(seen.variance() - mean) < fleetsim::test::z_limit * std::sqrt((mean + 2 * mean * mean) / size));
    }
}

TEST_CASE("extreme counts are as rare as they should be") {
    constexpr std::uint64_t many = 1'000'000;
    for (const double mean : {5.0, 30.0, 1000.0}) {
        const std::vector<double> counts = counted(mean, many);
        const boost::math::poisson law(mean);
        for (const double p : {1e-3, 1e-4, 1e-5, 1e-6}) {
            // The least count exceeded with at most p, and the exact chance of exceeding it; likewise below.
            double high = mean;
            while (boost::math::cdf(boost::math::complement(law, high)) > p) high = std::floor(high + 1);
            double low = std::floor(mean);
            while (low > 0 && boost::math::cdf(law, low) > p) --low;
            const auto above = std::count_if(counts.begin(), counts.end(), [=](double k) { return k > high; });
            const auto below = std::count_if(counts.begin(), counts.end(), [=](double k) { return k <= low; });
            INFO("mean " << mean << ", p = " << p << ", " << below << " below and " << above << " above");
            const double due_above = boost::math::cdf(boost::math::complement(law, high));
            CHECK(fleetsim::test::plausible(above, static_cast<double>(many) * due_above));
            CHECK(fleetsim::test::plausible(below, static_cast<double>(many) * boost::math::cdf(law, low)));
        }
    }
}

TEST_CASE("a mean of nothing brings nothing and one beyond what counts can reach is refused") {
    const Stream stream{1, 0, "poisson", "border"};
    const auto one = [&](double mean) {
        Draws draws = stream.draws(0);
        return sample(Poisson{mean}, draws);
    };
    CHECK(one(0) == 0);
    CHECK(one(std::numeric_limits<double>::denorm_min()) == 0);
    for (const double mean : {-1.0, 1.1 * largest_poisson_mean, std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN()}) {
        CHECK(aborts([&] { static_cast<void>(one(mean)); }));
    }
}

TEST_CASE("counts never change from one compiler or version to the next") {
    // Of items 17 and 18; goldens, not derived from anything.
    struct Row {
        double mean;
        std::uint64_t first;
        std::uint64_t second;
    };
    const std::vector<Row> rows{
        {0.7, 0, 1}, {12, 7, 12}, {25, 16, 26}, {1e6, 998136, 1000199}, {1e15, 999999941069283, 1000000006308019}};
    const Stream stream{42, 7, "frontend", "counts"};
    for (const Row& row : rows) {
        INFO("mean " << row.mean);
        Draws first = stream.draws(17);
        Draws second = stream.draws(18);
        CHECK(sample(Poisson{row.mean}, first) == row.first);
        CHECK(sample(Poisson{row.mean}, second) == row.second);
    }
}
