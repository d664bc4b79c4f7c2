#include <chrono>
#include <cstdint>

#include <fleetsim/des/time.hpp>
#include <fleetsim/des/time_weighted.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

using namespace fleetsim::des;
using namespace std::chrono_literals;

TEST_CASE("an average over time weighs each value by how long it held") {
    TimeWeighted tasks;
    tasks.set(Time{0s}, 2);
    tasks.set(Time{10s}, 5);
    tasks.add(Time{30s}, -4);
    // 2 for 10 s, 5 for 20 s, 1 for 10 s.
    CHECK(tasks.value() == 1);
    CHECK(tasks.integral(Time{40s}) == 130);
    CHECK(tasks.mean(Time{40s}) == 3.25);
    CHECK(tasks.min() == 1);
    CHECK(tasks.max() == 5);
}

TEST_CASE("an average over no time is the value") {
    const TimeWeighted tasks{Time{7s}, 3};
    CHECK(tasks.mean(Time{7s}) == 3);
    CHECK(tasks.integral(Time{7s}) == 0);
    CHECK(tasks.min() == 3);
    CHECK(tasks.max() == 3);
}

TEST_CASE("a value replaced at its own instant never held") {
    TimeWeighted tasks{Time{}, 4};
    tasks.set(Time{10s}, 0);
    tasks.set(Time{10s}, 9);
    tasks.set(Time{10s}, 4);
    tasks.set(Time{20s}, 6);
    CHECK(tasks.min() == 4);
    CHECK(tasks.max() == 6);
    CHECK(tasks.mean(Time{30s}) == Approx((4 * 20 + 6 * 10) / 30.0).epsilon(1e-15));
}

TEST_CASE("the end of a warm-up forgets the past and keeps the value") {
    TimeWeighted tasks{Time{}, 100};
    tasks.set(Time{5s}, 3);
    tasks.restart(Time{10s});
    CHECK(tasks.value() == 3);
    CHECK(tasks.max() == 3);
    tasks.set(Time{15s}, 1);
    CHECK(tasks.mean(Time{20s}) == 2);
    CHECK(tasks.integral(Time{20s}) == 20);
    CHECK(tasks.min() == 1);
}

TEST_CASE("years of counting lose no nanosecond") {
    // A double of nanoseconds has no room for single ones after 2^53 of them (104 days).
    TimeWeighted requests{Time{}, 1'000'000'000};
    const Time years = Time{} + std::chrono::hours{24 * 365 * 30};
    requests.set(years, 0);
    requests.set(years + 1s, 1);
    requests.set(years + 1s + 1ns, -1'000'000'000);
    CHECK(requests.integral(years + 1s + 1ns + (years - Time{})) == Approx(1e-9).epsilon(1e-12));
}

TEST_CASE("a measured value averages like a counted one") {
    TimeWeightedReal utilisation{Time{}, 0.5};
    utilisation.set(Time{1s}, 0.25);
    utilisation.add(Time{3s}, 0.5);
    CHECK(utilisation.value() == 0.75);
    CHECK(utilisation.mean(Time{4s}) == Approx((0.5 + 0.5 + 0.75) / 4).epsilon(1e-15));
    CHECK(utilisation.min() == 0.25);
    CHECK(utilisation.max() == 0.75);
}

TEST_CASE("time never runs backwards in an average") {
    TimeWeighted tasks{Time{5s}, 1};
    CHECK(fleetsim::test::aborts([&] { tasks.set(Time{4s}, 1); }));
    CHECK(fleetsim::test::aborts([&] { static_cast<void>(tasks.mean(Time{4s})); }));
    CHECK(fleetsim::test::aborts([&] { tasks.restart(Time{4s}); }));
}
