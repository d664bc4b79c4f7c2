#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/lifetime_learner.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;
using namespace std::chrono_literals;

namespace {

constexpr Demand small{1'000, 1'024};
constexpr Demand large{8'000, 8'192};

/// The beginning of an octave of age.
constexpr des::Duration octave(std::size_t number) { return LifetimeCurve::begin_of(number); }

}  // namespace

TEST_CASE("ages are told apart by octaves") {
    CHECK(LifetimeCurve::octave_of(0ns) == 0);
    CHECK(LifetimeCurve::octave_of(68s) == 0);
    CHECK(LifetimeCurve::octave_of(octave(1) - 1ns) == 0);
    CHECK(LifetimeCurve::octave_of(octave(1)) == 1);
    CHECK(LifetimeCurve::octave_of(octave(2) - 1ns) == 1);
    CHECK(LifetimeCurve::octave_of(octave(2)) == 2);
    CHECK(LifetimeCurve::octave_of(des::latest_time.time_since_epoch()) == LifetimeCurve::octaves - 1);
    CHECK(octave(0) == 0ns);
    CHECK(octave(3) == 2 * octave(2));
}

TEST_CASE("the mean time left by hand") {
    // Ten begin. Four end within octave 0, on average in its middle. Six reach octave 1, as long as octave 0; three of
    // them end there. The other three are as old as it gets: they are expected to last as long again.
    LifetimeCurve curve;
    for (int i = 0; i < 10; ++i) curve.reached(0);
    for (int i = 0; i < 6; ++i) curve.reached(1);
    for (int i = 0; i < 4; ++i) curve.ended(0);
    for (int i = 0; i < 3; ++i) curve.ended(1);
    const auto unit = static_cast<double>(octave(1).count());
    const auto left = [&](des::Duration age) { return static_cast<double>(curve.mean_left(age).count()) / unit; };
    CHECK(left(0s) == Approx(0.8 + 0.6 * 0.75 + 0.3 * 2));
    CHECK(left(octave(1)) == Approx(0.75 + 0.5 * 2));
    // Half-way through octave 0, 8 of 10 are alive; 6 of these see its end.
    CHECK(left(octave(1) / 2) == Approx(0.5 * (1 + 0.75) / 2 + 0.75 * (0.75 + 0.5 * 2)));
    // Half-way through octave 1, 4.5 of 6 are alive, and 3 of these see its end.
    CHECK(left(octave(1) * 3 / 2) == Approx(0.5 * (1 + 2.0 / 3) / 2 + 2.0 / 3 * 2));
    CHECK(left(octave(4)) == Approx(8));
}

TEST_CASE("nothing is predicted before anything has ended") {
    LifetimeLearner learner;
    learner.began(0, small, des::Time{0s});
    CHECK_FALSE(learner.time_left(small, 0s, des::Time{24h}).has_value());
    learner.ended(0, des::Time{25h});
    CHECK(learner.time_left(small, 0s, des::Time{25h}).has_value());
}

TEST_CASE("those that still run are not forgotten") {
    // Half of the tasks end after a minute, the other half has not ended yet. Who counts only the ends sees no more
    // than lives of a minute.
    LifetimeLearner learner;
    for (std::uint32_t task = 0; task < 40; ++task) learner.began(task, small, des::Time{0s});
    for (std::uint32_t task = 0; task < 20; ++task) learner.ended(task, des::Time{1min});
    CHECK(learner.time_left(small, 0s, des::Time{100h}).value() > 50h);
    CHECK(learner.time_left(small, 100h, des::Time{100h}).value() > 90h);
}

TEST_CASE("a demand has its own curve once enough of it have ended") {
    LifetimeLearner learner;
    std::uint32_t task = 0;
    const auto live = [&](const Demand& demand, des::Duration lifetime) {
        learner.began(task, demand, des::Time{task * 24h});
        learner.ended(task, des::Time{task * 24h} + lifetime);
        ++task;
    };
    for (int i = 0; i < 100; ++i) live(small, 1min);
    const auto left = [&](const Demand& demand) {
        return learner.time_left(demand, 0s, des::Time{task * 24h}).value();
    };
    for (std::int64_t i = 1; i < LifetimeLearner::enough_ends; ++i) live(large, 20h);
    CHECK(left(large) < 5h);  // All together, and most of them were short.
    live(large, 20h);
    CHECK(left(large) > 10h);
    CHECK(left(small) < 2min);
}

TEST_CASE("the learner counts as one who looks at all lives anew") {
    struct Life {
        des::Time began;
        des::Duration lasts;
    };
    const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 6)));
    des::Sequence chance = des::Stream{seed, 0, "test", "lives"}.sequence();
    std::vector<Life> lives;
    for (int i = 0; i < 200; ++i) {
        // Lives from a minute to some eleven days, evenly in octaves.
        const auto octaves = static_cast<unsigned>(chance.unit() * 14);
        lives.push_back({des::Time{des::from_seconds(86'400.0 * chance.unit())},
                         des::from_seconds(60 * (1 + chance.unit()) * static_cast<double>(1U << octaves))});
    }
    std::stable_sort(lives.begin(), lives.end(), [](const Life& a, const Life& b) { return a.began < b.began; });

    const des::Time now{36h};
    struct Event {
        des::Time at;
        bool ends;
        std::uint32_t task;
    };
    std::vector<Event> events;
    LifetimeCurve expected;
    for (std::uint32_t task = 0; task < lives.size(); ++task) {
        const Life& life = lives[task];
        events.push_back({life.began, false, task});
        const bool ended = life.began + life.lasts <= now;
        if (ended) events.push_back({life.began + life.lasts, true, task});
        const std::size_t oldest = LifetimeCurve::octave_of(ended ? life.lasts : now - life.began);
        for (std::size_t o = 0; o <= oldest; ++o) expected.reached(o);
        if (ended) expected.ended(oldest);
    }
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.at < b.at; });

    LifetimeLearner learner;
    for (const Event& event : events) {
        if (event.ends) {
            learner.ended(event.task, event.at);
        } else {
            learner.began(event.task, small, event.at);
        }
    }
    REQUIRE(expected.ends() >= LifetimeLearner::enough_ends);
    for (const des::Duration age : std::vector<des::Duration>{0s, 10s, 10min, 7h, 30h, 300h}) {
        CHECK(learner.time_left(small, age, now) == expected.mean_left(age));
    }
}
