#include <chrono>
#include <cmath>
#include <numbers>

#include <boost/math/special_functions/bessel.hpp>

#include <fleetsim/traffic/diurnal.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::traffic;
using namespace std::chrono_literals;
using des::Time;

namespace {

double highest(const RateProfile& profile) {
    double most = 0;
    for (const RatePiece& piece : profile.pieces()) {
        most = std::max({most, piece.from_per_second, piece.until_per_second});
    }
    return most;
}

}  // namespace

TEST_CASE("a daily wave has the mean and the peak that are asked for") {
    // From flat, over usual sites and one busy hour, to a spike of seconds.
    const double peak = GENERATE(60.0, 60.001, 66.0, 180.0, 600.0, 6000.0, 17279.0, 17280.0, 17281.0, 1e6);
    CAPTURE(peak);
    const RateProfile profile = diurnal({60, peak, 14h + 2min, 3h + 17s, 72h});

    CHECK(profile.expected(Time{0h}, Time{24h}) == Approx(60 * 86400).epsilon(1e-9));
    CHECK(profile.expected(Time{31h}, Time{55h}) == Approx(60 * 86400).epsilon(1e-9));
    CHECK(highest(profile) == Approx(peak).epsilon(1e-12));
    CHECK(profile.rate(Time{11h + 2min - 17s}) == Approx(peak).epsilon(1e-12));
    CHECK(profile.rate(Time{35h + 2min - 17s}) == Approx(peak).epsilon(1e-12));
}

TEST_CASE("a daily wave repeats, is symmetric about its peak and lowest half a day from it") {
    const RateProfile profile = diurnal({60, 180, 14h, 0h, 48h});
    for (des::Duration at = 0h; at < 12h; at += 7min) {
        CHECK(profile.rate(Time{14h + at}) == Approx(profile.rate(Time{14h - at})).epsilon(1e-10));
        CHECK(profile.rate(Time{24h + at}) == Approx(profile.rate(Time{at})).epsilon(1e-10));
        CHECK(profile.rate(Time{14h + at}) >= profile.rate(Time{14h + at + 7min}));
    }
    CHECK(profile.rate(Time{2h}) < 60);
}

TEST_CASE("a wave of a few hours is the bell curve of the circle") {
    // With concentration 2 the mean over the peak is exp(-2) I0(2); knots of a smooth periodic curve sum to its
    // integral.
    const double share = std::exp(-2.0) * boost::math::cyl_bessel_i(0, 2.0);
    const RateProfile profile = diurnal({share * 100, 100, 12h, 0h, 24h});
    for (int hour = 0; hour < 24; ++hour) {
        const double angle = 2 * std::numbers::pi * (hour - 12) / 24;
        CHECK(profile.rate(Time{1h * hour}) == Approx(100 * std::exp(2 * (std::cos(angle) - 1))).epsilon(1e-9));
    }
}

TEST_CASE("a wave begins and ends where the scenario does") {
    const RateProfile profile = diurnal({60, 180, 14h, 13h + 58min, 4min});
    CHECK(profile.end() == 4min);
    CHECK(profile.rate(Time{2min}) == Approx(180).epsilon(1e-12));
    // The peak is a knot, with lines of five minutes on either side: two minutes before it and two after it are alike.
    CHECK(profile.rate(Time{0min}) < 180);
    CHECK(profile.rate(Time{0min}) == Approx(profile.rate(Time{4min - 1ns})).epsilon(1e-9));
    CHECK(profile.rate(Time{4min}) == 0);

    // The day before's peak governs a scenario that begins at midnight when the peak is late.
    const RateProfile night = diurnal({60, 180, 23h, 0h, 24h});
    CHECK(night.rate(Time{1h}) == Approx(night.rate(Time{21h})).epsilon(1e-10));
}

TEST_CASE("a mean of zero is no traffic, and a peak equal to the mean is a constant") {
    CHECK(diurnal({0, 180, 14h, 0h, 24h}).expected(Time{0h}, Time{24h}) == 0);
    const RateProfile flat = diurnal({60, 60, 14h, 0h, 24h});
    for (des::Duration at = 0h; at < 24h; at += 13min) CHECK(flat.rate(Time{at}) == Approx(60).epsilon(1e-12));
}
