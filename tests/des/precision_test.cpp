#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include <fleetsim/des/normal_quantile.hpp>
#include <fleetsim/des/precision.hpp>
#include <fleetsim/des/stream.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

using namespace fleetsim::des;

namespace {

/// What `count` replications of this mean and standard deviation leave behind.
MeanVariance replications(std::uint64_t count, double mean, double stddev) {
    return {count, mean, count < 2 ? 0 : stddev * stddev * static_cast<double>(count - 1)};
}

}  // namespace

TEST_CASE("replications stop when the half-width is a small enough share of the mean") {
    struct Row {
        MeanVariance seen;
        Progress progress;
        std::optional<std::uint64_t> needed;
    };
    // Half-widths of up to 0.1 / 1.1 = 0.0909 of the mean do. With a deviation of a fifth of the mean and Student's
    // quantiles 2.085963 and 2.079614 for 20 and 21 degrees of freedom: 21 replications give 0.091038, 22 give
    // 0.088676.
    const PrecisionTarget target{0.1, 0.95, 5, 20};
    const std::vector<Row> rows{
        {replications(0, 0, 0), Progress::unfinished, std::nullopt},
        {replications(1, 10, 0), Progress::unfinished, std::nullopt},
        {replications(4, 10, 2), Progress::unfinished, 22},
        {replications(19, 10, 2), Progress::unfinished, 22},
        {replications(20, 10, 2), Progress::exhausted, 22},
        {replications(21, 10, 2), Progress::exhausted, 22},
        {replications(22, 10, 2), Progress::reached, 22},
        {replications(20, -10, 2), Progress::exhausted, 22},
        // Deviation 0.05: 2.776445 · 0.05 / sqrt(5) = 0.0621 does at once, but not before the minimum.
        {replications(4, 1, 0.05), Progress::unfinished, 5},
        {replications(5, 1, 0.05), Progress::reached, 5},
        // All agree, on 0 as well.
        {replications(4, 3, 0), Progress::unfinished, 5},
        {replications(5, 3, 0), Progress::reached, 5},
        {replications(5, 0, 0), Progress::reached, 5},
        // Around 0 no width is small.
        {replications(5, 0, 1), Progress::unfinished, std::nullopt},
        {replications(20, 0, 1), Progress::exhausted, std::nullopt},
        {replications(20, 1e-30, 1), Progress::exhausted, std::nullopt},
    };
    for (const Row& row : rows) {
        CAPTURE(row.seen.count, row.seen.mean);
        const Precision found = precision_of(row.seen, target);
        CHECK(found.progress == row.progress);
        CHECK(found.needed == row.needed);
        CHECK(found.interval.has_value() == (row.seen.count >= 2));
    }
}

TEST_CASE("the estimate turns the share of the estimate into a share of the truth") {
    CHECK(adjusted_relative_error(0.1) == Approx(1.0 / 11).epsilon(1e-15));
    // An estimate 0.9167 with a half-width of 1/11 of it reaches 1: an error of 1/12 of the truth. 1.1 reaches 1 too,
    // and errs by 0.1, which is the worst.
    CHECK(1.1 * (1 - adjusted_relative_error(0.1)) == Approx(1).epsilon(1e-15));
}

TEST_CASE("as many replications as foreseen do, and one fewer does not") {
    for (const double stddev : {0.1, 0.4, 1.0, 7.0, 300.0}) {
        for (const double relative_error : {0.01, 0.05, 0.3}) {
            const PrecisionTarget target{relative_error, 0.9, 2, 1'000'000'000'000};
            const std::uint64_t needed = precision_of(replications(2, 1, stddev), target).needed.value();
            CHECK(precision_of(replications(needed, 1, stddev), target).progress == Progress::reached);
            if (needed == 2) continue;
            CHECK(precision_of(replications(needed - 1, 1, stddev), target).progress == Progress::unfinished);
        }
    }
}

TEST_CASE("the precision that was reached holds") {
    // In each of 200 studies the error stays within 10 % of the true mean with a chance of 0.95 or more (the adjustment
    // errs on the safe side): fewer than 190 - 3.719016 · sqrt(200 · 0.95 · 0.05) = 178.5 is a chance of 10^-4.
    int within = 0;
    for (std::uint64_t study = 0; study < 200; ++study) {
        const Stream chance{1, study, "precision", "replications"};
        MeanVariance seen;
        Precision found;
        do {
            seen.add(5 + 1.5 * normal_quantile(chance.unit(seen.count)));
            found = precision_of(seen, {0.1, 0.95, 10, 1000});
        } while (found.progress == Progress::unfinished);
        REQUIRE(found.progress == Progress::reached);
        CHECK(relative_half_width(*found.interval) <= adjusted_relative_error(0.1));
        within += std::abs(seen.mean - 5) <= 0.5 ? 1 : 0;
    }
    CHECK(within >= 179);
}

TEST_CASE("a target that makes no sense and a mean that is no number are faults of ours") {
    const MeanVariance seen = replications(5, 1, 1);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto refused = [](const MeanVariance& some, const PrecisionTarget& target) {
        return fleetsim::test::aborts([&] { static_cast<void>(precision_of(some, target)); });
    };
    CHECK(refused({5, nan, 1}, {}));
    CHECK(refused({5, 1, nan}, {}));
    CHECK(refused({5, 1, std::numeric_limits<double>::infinity()}, {}));
    CHECK(refused(seen, {0, 0.95, 10, 100}));
    CHECK(refused(seen, {1, 0.95, 10, 100}));
    CHECK(refused(seen, {nan, 0.95, 10, 100}));
    CHECK(refused(seen, {0.1, 1, 10, 100}));
    CHECK(refused(seen, {0.1, 0.95, 1, 100}));
    CHECK(refused(seen, {0.1, 0.95, 10, 9}));
    CHECK_FALSE(refused(seen, {}));
}
