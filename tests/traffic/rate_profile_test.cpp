#include <chrono>
#include <cmath>
#include <numbers>
#include <vector>

#include <fleetsim/traffic/rate_profile.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::traffic;
using namespace std::chrono_literals;
using des::Time;

TEST_CASE("a profile that was given nothing expects nothing") {
    const RateProfile nothing;
    CHECK(nothing.rate(Time{0s}) == 0);
    CHECK(nothing.expected(Time{0s}, Time{24h}) == 0);
    CHECK(nothing == RateProfile{});
    CHECK(nothing == piecewise_linear({}));
    CHECK(nothing == steps({}));
    CHECK(nothing.scaled(3) == nothing);
}

TEST_CASE("a constant rate holds until its end and not at it") {
    const RateProfile profile = constant(20, 1h);
    CHECK(profile.rate(Time{-1ns}) == 0);
    CHECK(profile.rate(Time{0s}) == 20);
    CHECK(profile.rate(Time{1h - 1ns}) == 20);
    CHECK(profile.rate(Time{1h}) == 0);
    CHECK(profile.expected(Time{0s}, Time{1h}) == Approx(72000).epsilon(1e-14));
    CHECK(profile.expected(Time{-1h}, Time{2h}) == Approx(72000).epsilon(1e-14));
    CHECK(profile.expected(Time{59min}, Time{60min}) == Approx(1200).epsilon(1e-14));
    CHECK(profile.expected(Time{30min}, Time{30min}) == 0);
    CHECK(profile.expected(Time{40min}, Time{30min}) == 0);
    CHECK(constant(20).rate(Time{1000h}) == 20);
}

TEST_CASE("lines run from knot to knot and the last value holds on") {
    // Up from 10 to 30 in ten seconds, down to 0 in five, then nothing; two seconds of silence at first.
    const RateProfile profile = piecewise_linear({{2s, 10}, {12s, 30}, {17s, 0}});
    struct Example {
        Time at;
        double rate;
        double expected;  // From the beginning.
    };
    const std::vector<Example> examples{{Time{0s}, 0, 0},    {Time{1s}, 0, 0},     {Time{2s}, 10, 0},
                                        {Time{7s}, 20, 75},  {Time{12s}, 30, 200}, {Time{13s}, 24, 227},
                                        {Time{17s}, 0, 275}, {Time{1000s}, 0, 275}};
    for (const Example& example : examples) {
        CHECK(profile.rate(example.at) == Approx(example.rate).epsilon(1e-14));
        CHECK(profile.expected(Time{0s}, example.at) == Approx(example.expected).epsilon(1e-14));
    }
    CHECK(profile.expected(Time{7s}, Time{13s}) == Approx(152).epsilon(1e-14));
    CHECK(piecewise_linear({{0s, 5}, {1s, 7}}).rate(Time{100h}) == 7);
}

TEST_CASE("two knots at one instant are a jump") {
    const RateProfile profile = piecewise_linear({{0s, 10}, {10s, 20}, {10s, 100}, {20s, 100}}, 20s);
    CHECK(profile.rate(Time{10s - 1ns}) == Approx(20));
    CHECK(profile.rate(Time{10s}) == 100);
    CHECK(profile.expected(Time{0s}, Time{20s}) == Approx(150 + 1000).epsilon(1e-14));
}

TEST_CASE("steps hold until the next") {
    const RateProfile profile = steps({{60s, 2}, {120s, 0}, {180s, 5}}, 240s);
    CHECK(profile.rate(Time{59s}) == 0);
    CHECK(profile.rate(Time{60s}) == 2);
    CHECK(profile.rate(Time{120s - 1ns}) == 2);
    CHECK(profile.rate(Time{120s}) == 0);
    CHECK(profile.rate(Time{180s}) == 5);
    CHECK(profile.rate(Time{240s}) == 0);
    CHECK(profile.expected(Time{0s}, Time{240s}) == Approx(120 + 300).epsilon(1e-14));
    CHECK(profile.end() == 240s);
}

TEST_CASE("a scaled profile has the same shape") {
    const RateProfile profile = piecewise_linear({{0s, 10}, {10s, 20}, {10s, 100}, {20s, 40}});
    const RateProfile tripled = profile.scaled(3);
    CHECK(tripled == piecewise_linear({{0s, 30}, {10s, 60}, {10s, 300}, {20s, 120}}));
    CHECK(tripled != profile);
    CHECK(profile.scaled(0).expected(Time{0s}, Time{1h}) == 0);
}

TEST_CASE("what is expected of parts adds up to what is expected of the whole") {
    const RateProfile profile = piecewise_linear({{3s, 4}, {5s, 9}, {5s, 1}, {11s, 0}, {17s, 8}}, 23s);
    const double whole = profile.expected(Time{0s}, Time{30s});
    double sum = 0;
    for (des::Duration at = 0s; at < 30s; at += 700ms) sum += profile.expected(Time{at}, Time{at + 700ms});
    CHECK(sum == Approx(whole).epsilon(1e-13));
}

TEST_CASE("a sine cut into lines of five minutes expects what the sine does") {
    // 10 (1 + sin(2 pi t / 24 h) / 2) an hour. A line under an arc of angle d misses at most d^2 / 12 of its height
    // above the mean, here 4e-5.
    std::vector<Knot> knots;
    for (int i = 0; i <= 288; ++i) {
        knots.push_back({5min * i, 10 * (1 + 0.5 * std::sin(2 * std::numbers::pi * i / 288)) / 3600});
    }
    const RateProfile profile = piecewise_linear(knots, 25h);
    CHECK(profile.expected(Time{0h}, Time{6h}) == Approx(79.0985931710).epsilon(4e-5));
    CHECK(profile.expected(Time{6h}, Time{12h}) == Approx(79.0985931710).epsilon(4e-5));
    CHECK(profile.expected(Time{12h}, Time{18h}) == Approx(40.9014068290).epsilon(4e-5));
    CHECK(profile.expected(Time{18h}, Time{24h}) == Approx(40.9014068290).epsilon(4e-5));
    CHECK(profile.expected(Time{0h}, Time{24h}) == Approx(240).epsilon(1e-12));
}
