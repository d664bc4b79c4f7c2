#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include <boost/math/distributions/chi_squared.hpp>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/traffic/arrivals.hpp>
#include <fleetsim/traffic/diurnal.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::traffic;
using namespace std::chrono_literals;
using des::Stream;
using des::Time;

namespace {

// Every stochastic check passes for all but one seed in ten thousand of a correct sampler.
constexpr double alpha = 1e-4;

Stream stream_of(std::uint64_t seed) { return {seed, 0, "visitors", "arrivals"}; }

std::vector<Time> arrivals_of(const RateProfile& profile, std::uint64_t seed = 1) {
    PoissonArrivals arrivals(profile, stream_of(seed));
    std::vector<Time> times;
    while (const std::optional<Time> at = arrivals.next()) times.push_back(*at);
    return times;
}

std::size_t count_between(const std::vector<Time>& times, Time from, Time until) {
    return static_cast<std::size_t>(std::lower_bound(times.begin(), times.end(), until) -
                                    std::lower_bound(times.begin(), times.end(), from));
}

/// Ramps, jumps up and down, silence, and a gentle slope on a large rate.
RateProfile rough_profile() {
    return piecewise_linear({{100s, 50},
                             {200s, 200},
                             {300s, 0},
                             {400s, 0},
                             {400s, 500},
                             {450s, 500.001},
                             {450s, 20},
                             {600s, 0},
                             {700s, 300}},
                            1000s);
}

}  // namespace

TEST_CASE("on a clock that runs at the profile's rate, gap k is the k-th exponential of the stream") {
    const RateProfile profile =
        GENERATE(rough_profile(), constant(100, 1000s), diurnal({2, 6, 14h, 0h, 24h}), constant(0.01, 7 * 24 * 1000h));
    const std::vector<Time> times = arrivals_of(profile);
    REQUIRE(times.size() > 1000);
    double highest = 0;
    for (const RatePiece& piece : profile.pieces()) {
        highest = std::max({highest, piece.from_per_second, piece.until_per_second});
    }

    // An arrival is rounded to a nanosecond and so is the one before it; two more for the arithmetic of a long profile.
    const double margin = highest * 4e-9 + 1e-9;
    Time before{};
    double worst = 0;
    bool in_order = true;
    for (std::size_t k = 0; k < times.size(); ++k) {
        const double gap = -std::log(1 - stream_of(1).unit(k));
        in_order = in_order && times[k] >= before;
        worst = std::max(worst, std::abs(profile.expected(before, times[k]) - gap));
        before = times[k];
    }
    CHECK(in_order);
    CHECK(worst < margin);
    CHECK(before < Time{profile.end()});
    CHECK(profile.expected(before, Time{profile.end()}) <= -std::log(1 - stream_of(1).unit(times.size())) + margin);
}

TEST_CASE("gaps on that clock are exponential with mean 1") {
    // Kolmogorov-Smirnov; 2.2252514 is its limit law's quantile for alpha = 1e-4.
    const RateProfile profile = rough_profile().scaled(1.2);
    const std::vector<Time> times = arrivals_of(profile, 2);
    REQUIRE(times.size() > 100'000);
    std::vector<double> gaps;
    for (std::size_t k = 1; k <= 100'000; ++k) gaps.push_back(profile.expected(times[k - 1], times[k]));
    std::sort(gaps.begin(), gaps.end());

    const auto n = static_cast<double>(gaps.size());
    double distance = 0;
    for (std::size_t i = 0; i < gaps.size(); ++i) {
        const double law = -std::expm1(-gaps[i]);
        distance = std::max({distance, static_cast<double>(i + 1) / n - law, law - static_cast<double>(i) / n});
    }
    CHECK(distance < 2.2252514 / (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n)));
}

TEST_CASE("counts of equal windows are as dispersed as a Poisson law's") {
    const std::vector<Time> times = arrivals_of(constant(50, 1000s), 3);
    std::vector<double> counts;
    for (int i = 0; i < 100; ++i) {
        counts.push_back(static_cast<double>(count_between(times, Time{10s * i}, Time{10s * (i + 1)})));
    }
    double mean = 0;
    for (const double count : counts) mean += count / 100;
    double dispersion = 0;
    for (const double count : counts) dispersion += (count - mean) * (count - mean) / mean;

    const boost::math::chi_squared law(99);
    CHECK(dispersion > boost::math::quantile(law, alpha / 2));
    CHECK(dispersion < boost::math::quantile(boost::math::complement(law, alpha / 2)));
}

TEST_CASE("every window of a varying rate gets its share") {
    // Expected counts are at least 2000 here, so the sum of squares is as good as chi-square, with a degree for each
    // window since nothing was estimated.
    const RateProfile profile = diurnal({2, 6, 14h, 0h, 24h});
    double squares = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const std::vector<Time> times = arrivals_of(profile, 100 + seed);
        for (int hour = 8; hour < 20; ++hour) {
            const double expected = profile.expected(Time{1h * hour}, Time{1h * (hour + 1)});
            REQUIRE(expected > 2000);
            const auto count = static_cast<double>(count_between(times, Time{1h * hour}, Time{1h * (hour + 1)}));
            squares += (count - expected) * (count - expected) / expected;
        }
    }
    const boost::math::chi_squared law(120);
    CHECK(squares > boost::math::quantile(law, alpha / 2));
    CHECK(squares < boost::math::quantile(boost::math::complement(law, alpha / 2)));
}

TEST_CASE("nobody arrives while the rate is zero") {
    const std::vector<Time> times = arrivals_of(rough_profile());
    CHECK(count_between(times, Time{0s}, Time{100s}) == 0);
    CHECK(count_between(times, Time{300s}, Time{400s}) == 0);
    CHECK(count_between(times, Time{400s}, Time{401s}) > 0);
    CHECK(count_between(times, Time{1000s}, Time{100h}) == 0);
    CHECK(arrivals_of(RateProfile{}).empty());
    CHECK(arrivals_of(constant(0)).empty());
    CHECK(arrivals_of(piecewise_linear({{0s, 100}, {10s, 0}})).back() < Time{10s});
}

TEST_CASE("an exhausted profile stays exhausted") {
    PoissonArrivals arrivals(constant(10, 5s), stream_of(4));
    std::uint64_t count = 0;
    while (arrivals.next()) {
        ++count;
        CHECK(arrivals.count() == count);
    }
    for (int i = 0; i < 10; ++i) CHECK_FALSE(arrivals.next());
    CHECK(arrivals.count() == count);
}

TEST_CASE("a jump does not disturb who comes before it, and a higher rate brings everyone earlier") {
    const std::vector<Time> usual = arrivals_of(constant(10, 100s));
    const std::vector<Time> spike = arrivals_of(steps({{0s, 10}, {50s, 40}}, 100s));
    const std::size_t before = count_between(usual, Time{0s}, Time{50s});
    REQUIRE(before > 300);
    REQUIRE(spike.size() > usual.size());
    for (std::size_t k = 0; k < usual.size(); ++k) CHECK((k < before ? spike[k] == usual[k] : spike[k] < usual[k]));
}

TEST_CASE("a rate cut into equal pieces deals the same arrivals as one piece") {
    std::vector<Step> cuts;
    for (int i = 0; i < 1000; ++i) cuts.push_back({100ms * i, 10});
    const std::vector<Time> whole = arrivals_of(constant(10, 100s));
    const std::vector<Time> cut = arrivals_of(steps(cuts, 100s));
    REQUIRE(cut.size() == whole.size());
    for (std::size_t k = 0; k < whole.size(); ++k) CHECK(std::chrono::abs(cut[k] - whole[k]) <= 1ns);
}

TEST_CASE("arrivals keep their nanoseconds after years") {
    // One arrival a day, on average; each gap in whole nanoseconds differs from the exact one by rounding alone.
    PoissonArrivals arrivals(constant(1.0 / 86400), stream_of(5));
    Time before{};
    for (std::uint64_t k = 0; k < 20'000; ++k) {
        const Time at = arrivals.next().value();
        const double gap_ns = -std::log1p(-stream_of(5).unit(k)) * 86400e9;
        REQUIRE(std::abs(static_cast<double>((at - before).count()) - gap_ns) < 2);
        before = at;
    }
    CHECK(before > Time{24h * 365 * 50});
}

TEST_CASE("rounding to nanoseconds does not add up") {
    // A million a second: if each arrival lost its fraction, the hundred thousandth would be 50 microseconds early.
    PoissonArrivals arrivals(constant(1e6), stream_of(6));
    double exact_ns = 0;
    Time last{};
    for (std::uint64_t k = 0; k < 100'000; ++k) {
        last = arrivals.next().value();
        exact_ns -= std::log1p(-stream_of(6).unit(k)) * 1e3;
    }
    CHECK(std::abs(static_cast<double>(last.time_since_epoch().count()) - exact_ns) < 2);
}

TEST_CASE("beyond the latest time nobody arrives") {
    // One arrival in ten years, on average: about seven of them fit.
    const std::vector<Time> times = arrivals_of(constant(1.0 / (86400.0 * 3650)));
    CHECK(times.size() < 100);
    for (const Time at : times) CHECK(at < des::latest_time);
}
