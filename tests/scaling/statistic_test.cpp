#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/scaling/statistic.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

namespace {

using fleetsim::des::Stream;
using fleetsim::scaling::parse_statistic;
using fleetsim::scaling::Statistic;
using fleetsim::scaling::StatisticKind;
using fleetsim::scaling::StatisticSet;
using fleetsim::test::aborts;

Statistic percentile(double percent) { return {StatisticKind::percentile, percent}; }

TEST_CASE("statistics are spelled as CloudWatch does and read back") {
    struct Row {
        std::string_view name;
        Statistic statistic;
    };
    const std::array rows{
        Row{"Average", {StatisticKind::average}},
        Row{"Sum", {StatisticKind::sum}},
        Row{"Minimum", {StatisticKind::minimum}},
        Row{"Maximum", {StatisticKind::maximum}},
        Row{"SampleCount", {StatisticKind::sample_count}},
        Row{"p50", percentile(50)},
        Row{"p99", percentile(99)},
        Row{"p99.9", percentile(99.9)},
        Row{"p95.0123456789", percentile(95.0123456789)},
        Row{"p100", percentile(100)},
        Row{"p0.5", percentile(0.5)},
        Row{"p0", percentile(0)},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK(name(row.statistic) == row.name);
        CHECK(parse_statistic(row.name) == row.statistic);
    }
    CHECK(parse_statistic("p99.90") == percentile(99.9));
}

TEST_CASE("whatever is no statistic is refused") {
    for (const std::string_view text : {"",
                                        "p",
                                        "average",
                                        "AVERAGE",
                                        "Average ",
                                        " Sum",
                                        "P99",
                                        "p100.1",
                                        "p-5",
                                        "p+5",
                                        "p1e1",
                                        "p.5",
                                        "p5.",
                                        "p5.5.5",
                                        "p99%",
                                        "p99 ",
                                        "pinf",
                                        "pnan",
                                        "p0x10",
                                        "p.",
                                        "tm99",
                                        "IQM",
                                        "p999999999999999999999999"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_statistic(text).has_value());
    }
}

TEST_CASE("a period's samples have an average and a sum and extremes and a count") {
    StatisticSet samples;
    CHECK(samples.empty());
    samples.add(10);
    samples.add(-2, 3);
    samples.add_and_keep(6);

    CHECK_FALSE(samples.empty());
    CHECK(samples.sample_count() == 5);
    CHECK(samples.sum() == 10);
    CHECK(samples.minimum() == -2);
    CHECK(samples.maximum() == 10);
    CHECK(samples.value({StatisticKind::average}) == 2);
    CHECK(samples.value({StatisticKind::sum}) == 10);
    CHECK(samples.value({StatisticKind::minimum}) == -2);
    CHECK(samples.value({StatisticKind::maximum}) == 10);
    CHECK(samples.value({StatisticKind::sample_count}) == 5);
}

TEST_CASE("a percentile is the smallest sample that so many percent do not exceed") {
    StatisticSet to_thousand;
    for (int value = 1000; value >= 1; --value) to_thousand.add_and_keep(value);
    struct Row {
        double percent;
        double value;
    };
    for (const Row& row : {Row{0, 1}, Row{0.1, 1}, Row{0.11, 2}, Row{10, 100}, Row{50, 500}, Row{90, 900}, Row{99, 990},
                           Row{99.9, 999}, Row{99.95, 1000}, Row{100, 1000}}) {
        CAPTURE(row.percent);
        CHECK(to_thousand.value(percentile(row.percent)) == row.value);
    }

    // Samples count as often as they occurred: three times 1, once 5, six times 9.
    StatisticSet weighted;
    weighted.add_and_keep(9, 6);
    weighted.add_and_keep(1, 3);
    weighted.add_and_keep(5);
    CHECK(weighted.value(percentile(30)) == 1);
    CHECK(weighted.value(percentile(31)) == 5);
    CHECK(weighted.value(percentile(40)) == 5);
    CHECK(weighted.value(percentile(41)) == 9);
}

TEST_CASE("without its samples a set has percentiles only if all of them are equal") {
    StatisticSet samples;
    CHECK_FALSE(samples.has_percentiles());
    samples.add(7, 10);
    CHECK(samples.has_percentiles());
    CHECK(samples.value(percentile(99)) == 7);
    samples.add_and_keep(7);
    CHECK(samples.value(percentile(1)) == 7);
    samples.add_and_keep(8);
    CHECK(samples.value(percentile(99)) == 8);
    CHECK(samples.value(percentile(50)) == 7);
    samples.add(9);
    CHECK_FALSE(samples.has_percentiles());
    samples.add_and_keep(9);
    CHECK_FALSE(samples.has_percentiles());
    CHECK(aborts([&] { (void)samples.value(percentile(99)); }));
    CHECK_FALSE(aborts([&] { (void)samples.value({StatisticKind::average}); }));

    StatisticSet kept = StatisticSet::of(1);
    kept.merge(StatisticSet::of(2));
    CHECK(kept.value(percentile(50)) == 1);
    kept.merge(samples);
    CHECK_FALSE(kept.has_percentiles());
}

TEST_CASE("samples taken together in any pieces tell the same as all at once") {
    const Stream chance{7, 0, "statistic_test", "pieces"};
    for (std::uint64_t round = 0; round < 200; ++round) {
        auto draws = chance.draws(round);
        StatisticSet whole;
        std::vector<StatisticSet> pieces(1 + draws.word() % 5);
        const std::uint64_t samples = 1 + draws.word() % 40;
        for (std::uint64_t i = 0; i < samples; ++i) {
            const auto value = static_cast<double>(draws.word() % 10);
            const auto count = static_cast<double>(1 + draws.word() % 3);
            whole.add_and_keep(value, count);
            pieces[draws.word() % pieces.size()].add_and_keep(value, count);
        }
        StatisticSet merged;
        for (const StatisticSet& piece : pieces) merged.merge(piece);
        for (const StatisticKind kind : {StatisticKind::average, StatisticKind::sum, StatisticKind::minimum,
                                         StatisticKind::maximum, StatisticKind::sample_count}) {
            CHECK(merged.value({kind}) == whole.value({kind}));
        }
        double before = whole.minimum();
        for (const double percent : {0.1, 10.0, 33.3, 50.0, 90.0, 99.0, 100.0}) {
            const double value = merged.value(percentile(percent));
            CHECK(value == whole.value(percentile(percent)));
            CHECK(value >= before);
            before = value;
        }
        CHECK(before == whole.maximum());
    }
}

TEST_CASE("a set takes finite samples and positive counts and tells nothing while it is empty") {
    StatisticSet samples;
    CHECK(aborts([&] { (void)samples.value({StatisticKind::sum}); }));
    CHECK(aborts([&] { samples.add(std::numeric_limits<double>::infinity()); }));
    CHECK(aborts([&] { samples.add(std::numeric_limits<double>::quiet_NaN()); }));
    CHECK(aborts([&] { samples.add(1, 0); }));
    CHECK(aborts([&] { samples.add(1, -1); }));
    CHECK_FALSE(aborts([&] { samples.add(1, 0.5); }));
}

}  // namespace
