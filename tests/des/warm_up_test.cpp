#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fleetsim/des/normal_quantile.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/warm_up.hpp>

#include "catch.hpp"

using namespace fleetsim::des;

namespace {

/// Five observations for each of the `averages`, around it.
std::vector<double> fives(const std::vector<double>& averages) {
    std::vector<double> observations;
    for (const double average : averages) {
        for (const double distance : {-0.5, 0.25, 0.0, 0.5, -0.25}) observations.push_back(average + distance);
    }
    return observations;
}

/// The rule as it is written, with a sum over the rest for each end looked at.
std::size_t discarded_by_definition(const std::vector<double>& observations) {
    std::vector<double> groups;
    for (std::size_t i = 0; i + 5 <= observations.size(); i += 5) {
        double sum = 0;
        for (std::size_t j = i; j < i + 5; ++j) sum += observations[j];
        groups.push_back(sum / 5);
    }
    std::size_t best = 0;
    double least = 0;
    for (std::size_t d = 0; d <= groups.size() / 2; ++d) {
        const double left = static_cast<double>(groups.size() - d);
        double mean = 0;
        for (std::size_t i = d; i < groups.size(); ++i) mean += groups[i] / left;
        double squares = 0;
        for (std::size_t i = d; i < groups.size(); ++i) squares += (groups[i] - mean) * (groups[i] - mean);
        if (d == 0 || squares / (left * left) < least) {
            best = d;
            least = squares / (left * left);
        }
    }
    return best * 5;
}

/// White noise of variance 1 around 100, below a start that decays.
std::vector<double> settling(double start, double time_constant, std::size_t count, std::uint64_t replication) {
    const Stream chance{1, replication, "warm-up", "noise"};
    std::vector<double> observations;
    for (std::size_t i = 0; i < count; ++i) {
        const double transient = start * std::exp(-static_cast<double>(i) / time_constant);
        observations.push_back(100 + transient + normal_quantile(chance.unit(i)));
    }
    return observations;
}

}  // namespace

TEST_CASE("the warm-up of runs worked out by hand") {
    struct Row {
        std::vector<double> averages;
        std::size_t discard;
        double mean;
        bool too_short;
    };
    const std::vector<Row> rows{
        // Squared errors 7.2602, 2.9713, 0.6874, 0.0928, 0.0311, 0.0371 for 0 to 5 groups.
        {{36, 26, 17, 12, 10.4, 9.8, 10.2, 9.6, 10.6, 9.4}, 20, 10.0, false},
        // Nothing but 3: all ends are equally good, and the earliest wins.
        {{3, 3, 3, 3}, 0, 3, false},
        {{9, 3, 3, 3}, 5, 3, false},
        // Still falling half-way.
        {{8, 7, 6, 5, 4, 3, 2, 1}, 20, 2.5, true},
        {{9, 3}, 5, 3, true},
        {{9}, 0, 9, true},
        {{}, 0, 0, true},
    };
    for (const Row& row : rows) {
        const WarmUp found = warm_up(fives(row.averages));
        CHECK(found.discard == row.discard);
        CHECK(found.mean == Approx(row.mean).epsilon(1e-14));
        CHECK(found.too_short == row.too_short);
    }
}

TEST_CASE("an incomplete last group has no vote but counts in the mean") {
    std::vector<double> observations = fives({36, 26, 17, 12, 10.4, 9.8, 10.2, 9.6, 10.6, 9.4});
    for (int i = 0; i < 4; ++i) observations.push_back(1000);
    const WarmUp found = warm_up(observations);
    CHECK(found.discard == 20);
    CHECK(found.mean == Approx((30 * 10.0 + 4 * 1000) / 34));
}

TEST_CASE("one pass backwards finds what the definition finds") {
    for (std::uint64_t r = 0; r < 50; ++r) {
        const std::vector<double> observations = settling(5, 5 + static_cast<double>(r), 203 + r, r);
        CHECK(warm_up(observations).discard == discarded_by_definition(observations));
    }
}

TEST_CASE("a small variance around a large mean does not hide the warm-up") {
    for (std::uint64_t r = 0; r < 10; ++r) {
        std::vector<double> near;
        std::vector<double> far;
        // Multiples of 2^-20 survive the addition of 2^30 unrounded.
        for (const double value : settling(20, 30, 1000, r)) {
            near.push_back(std::round(value * 0x1p20) * 0x1p-20);
            far.push_back(near.back() + 0x1p30);
        }
        CHECK(warm_up(far).discard == warm_up(near).discard);
        // Each of a thousand steps rounds the mean by half of 2^-22 at most.
        CHECK(warm_up(far).mean - 0x1p30 == Approx(warm_up(near).mean).margin(1000 * 0x1p-23));
    }
}

TEST_CASE("a run that starts far off loses its start, and its mean the bias") {
    // The transient adds 50 · 40 / 2000 = 1 to the mean of the run: 45 standard errors. After 120 observations it is
    // still 2.5, which is five and a half deviations of a group's average: no good place to end.
    for (std::uint64_t r = 0; r < 20; ++r) {
        const std::vector<double> observations = settling(50, 40, 2000, r);
        const WarmUp found = warm_up(observations);
        CHECK_FALSE(found.too_short);
        CHECK(found.discard > 120);
        // Half of the run at least is kept: its standard error is below 1 / sqrt(1000), of which 3.89 are allowed.
        CHECK(std::abs(found.mean - 100) < 3.890592 / std::sqrt(1000));
        CHECK(std::abs(summary(observations).mean - 100) > 0.8);
    }
}
