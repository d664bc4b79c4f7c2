#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/scaling/capacity.hpp>
#include <fleetsim/scaling/decision.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

namespace {

using namespace std::chrono_literals;
using fleetsim::des::Time;
using fleetsim::scaling::CapacityBounds;
using fleetsim::scaling::history_after;
using fleetsim::scaling::resolve;
using fleetsim::scaling::ScalingDecision;
using fleetsim::scaling::ScalingHistory;
using fleetsim::scaling::ScalingReason;
using fleetsim::scaling::Wish;
using enum ScalingReason;

constexpr std::size_t none = ScalingDecision::none;

/// A step policy's wish, or another's that is no target tracking.
Wish step(ScalingReason reason, std::int32_t wanted) { return {.reason = reason, .wanted = wanted}; }

/// A target tracking policy whose low alarm is on.
Wish agrees(ScalingReason reason, std::int32_t wanted) {
    return {.reason = reason, .wanted = wanted, .agrees_to_scale_in = true, .target_tracking = true};
}

/// A target tracking policy that does not want to scale in.
Wish tracks(ScalingReason reason, std::int32_t wanted = 0) {
    return {.reason = reason, .wanted = wanted, .target_tracking = true};
}

struct Row {
    std::string_view what;
    std::vector<Wish> wishes;
    std::int32_t desired;
    ScalingReason reason;
    std::size_t deciding;
};

void check(const std::vector<Row>& rows, const CapacityBounds& bounds) {
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const ScalingDecision decision = resolve(row.wishes, bounds);
        CHECK(decision.desired == row.desired);
        CHECK(name(decision.reason) == name(row.reason));
        CHECK(decision.changed() == (row.desired != bounds.desired));
        CHECK(decision.deciding == row.deciding);
        if (row.deciding != none) CHECK(decision.wish.wanted == row.wishes[row.deciding].wanted);
    }
}

TEST_CASE("of several policies the one that leaves most capacity decides") {
    check(
        {
            {"no policies", {}, 8, no_alarm, none},
            {"nobody asks", {step(no_alarm, 0), tracks(no_alarm)}, 8, no_alarm, none},
            {"both out: the larger", {step(scale_out, 9), step(scale_out, 11)}, 11, scale_out, 1},
            {"both out: larger first", {tracks(scale_out, 12), step(scale_out, 11)}, 12, scale_out, 0},
            {"both out: equal", {step(scale_out, 11), step(scale_out, 11)}, 11, scale_out, 0},
            // A group of 8: one policy removes 3, the other 25 %.
            {"both in: the larger", {step(scale_in, 5), step(scale_in, 6)}, 6, scale_in, 1},
            {"both in: larger first", {step(scale_in, 6), step(scale_in, 5)}, 6, scale_in, 0},
            {"out beats in", {step(scale_in, 5), step(scale_out, 9)}, 9, scale_out, 1},
            {"out beats a vote for in", {agrees(scale_in, 2), tracks(scale_out, 9)}, 9, scale_out, 1},
            {"out that is answered already still beats in",
             {step(scale_in, 5), tracks(scale_out, 8)},
             8,
             enough_capacity,
             1},
            {"a scale-in that is answered already holds no other",
             {step(scale_in, 9), step(scale_in, 5)},
             5,
             scale_in,
             1},
        },
        {.desired = 8, .min = 1, .max = 99});
}

TEST_CASE("target tracking policies scale in together or not at all") {
    check(
        {
            {"all agree: the larger", {agrees(scale_in, 3), agrees(scale_in, 5)}, 5, scale_in, 1},
            {"one is content with what is there", {agrees(scale_in, 3), agrees(scale_in, 8)}, 8, enough_capacity, 1},
            {"one does not agree", {agrees(scale_in, 3), tracks(no_alarm)}, 8, vetoed, 0},
            {"the larger of those vetoed", {tracks(no_alarm), agrees(scale_in, 3), agrees(scale_in, 4)}, 8, vetoed, 2},
            {"nobody wants what would be vetoed", {tracks(no_alarm), tracks(no_alarm)}, 8, no_alarm, none},
            {"one that may not scale in has no vote", {agrees(scale_in, 3), step(no_alarm, 0)}, 3, scale_in, 0},
            {"one waits and all wait", {agrees(scale_in, 3), agrees(cooldown, 2)}, 8, cooldown, 1},
            {"one warms up and all wait", {agrees(warming_up, 5), agrees(scale_in, 3)}, 8, warming_up, 0},
            {"a veto is told before a cooldown", {agrees(cooldown, 3), tracks(no_alarm)}, 8, vetoed, 0},
            {"suspended is told before a veto", {agrees(suspended, 3), tracks(no_alarm)}, 8, suspended, 0},
            {"one that cannot scale out does not agree either",
             {agrees(scale_in, 3), tracks(suspended, 9)},
             8,
             suspended,
             1},
        },
        {.desired = 8, .min = 1, .max = 99});
}

TEST_CASE("a step policy scales in without asking target tracking policies") {
    check(
        {
            {"against a veto", {step(scale_in, 6), tracks(no_alarm)}, 6, scale_in, 0},
            {"against a divided vote", {agrees(scale_in, 3), tracks(no_alarm), step(scale_in, 6)}, 6, scale_in, 2},
            {"while target tracking waits", {agrees(cooldown, 3), step(scale_in, 6)}, 6, scale_in, 1},
            {"beside one that is content with what is there", {agrees(scale_in, 8), step(scale_in, 6)}, 6, scale_in, 1},
            {"both want in: the larger", {agrees(scale_in, 7), step(scale_in, 6)}, 7, scale_in, 0},
            {"both want in: the step is larger", {agrees(scale_in, 5), step(scale_in, 6)}, 6, scale_in, 1},
            {"it waits itself and lets target tracking go", {agrees(scale_in, 5), step(cooldown, 6)}, 5, scale_in, 0},
            {"its activity is in progress", {step(activity, 6), step(no_alarm, 0)}, 8, activity, 0},
            {"the later reason is told", {step(enough_capacity, 8), step(cooldown, 6)}, 8, cooldown, 1},
            {"it waits to scale out and another scales in", {step(cooldown, 9), step(scale_in, 6)}, 6, scale_in, 1},
        },
        {.desired = 8, .min = 1, .max = 99});
}

TEST_CASE("a scale-out keeps to the maximum and lifts to the minimum while a scale-in does the opposite") {
    struct BoundRow {
        std::string_view what;
        CapacityBounds bounds;
        Wish wish;
        std::int32_t desired;
        ScalingReason reason;
    };
    const std::array rows{
        BoundRow{"the maximum allows 10 of 14", {8, 0, 10}, step(scale_out, 14), 10, scale_out},
        BoundRow{"at the maximum", {10, 0, 10}, step(scale_out, 14), 10, at_bound},
        BoundRow{"the minimum keeps 4 of 2", {6, 4, 99}, step(scale_in, 2), 4, scale_in},
        BoundRow{"at the minimum", {4, 4, 99}, step(scale_in, 2), 4, at_bound},
        BoundRow{"below the minimum, out", {2, 5, 99}, step(scale_out, 3), 5, scale_out},
        BoundRow{"below the minimum, out beyond it", {2, 5, 99}, step(scale_out, 7), 7, scale_out},
        BoundRow{"below the minimum, in", {2, 5, 99}, step(scale_in, 1), 2, at_bound},
        BoundRow{"below the minimum, no alarm", {2, 5, 99}, step(no_alarm, 0), 2, no_alarm},
        BoundRow{"above the maximum, in", {9, 0, 5}, step(scale_in, 8), 5, scale_in},
        BoundRow{"above the maximum, out", {9, 0, 5}, step(scale_out, 11), 9, at_bound},
        BoundRow{"above the maximum, no alarm", {9, 0, 5}, step(no_alarm, 0), 9, no_alarm},
    };
    for (const BoundRow& row : rows) {
        CAPTURE(row.what);
        const ScalingDecision decision = resolve(std::array{row.wish}, row.bounds);
        CHECK(decision.desired == row.desired);
        CHECK(name(decision.reason) == name(row.reason));
    }
    CHECK(fleetsim::test::aborts([] { (void)resolve({}, {.desired = 1, .min = 2, .max = 1}); }));
}

/// Any wish that a policy can have: only a low alarm agrees to scale in.
Wish any_wish(std::uint64_t word) {
    constexpr std::array reasons{no_alarm, scale_out, scale_in, enough_capacity, cooldown, warming_up, suspended};
    Wish wish{.reason = reasons[word % reasons.size()], .wanted = static_cast<std::int32_t>((word >> 8U) % 20)};
    wish.target_tracking = (word >> 16U) % 2 == 0;
    wish.agrees_to_scale_in = wish.target_tracking && wish.reason != no_alarm && wish.reason != scale_out &&
                              (wish.reason == scale_in || (word >> 24U) % 2 == 0);
    return wish;
}

TEST_CASE("whatever is asked for the capacity moves in a direction somebody asked for and stays within its bounds") {
    const fleetsim::des::Stream stream{1, 0, "decision", "wishes"};
    std::array<int, static_cast<std::size_t>(count)> seen{};
    for (std::uint64_t k = 0; k < 20000; ++k) {
        const auto words = stream.block(k);
        const CapacityBounds bounds{static_cast<std::int32_t>(words[0] % 20), 3, 12};
        std::vector<Wish> wishes;
        for (std::size_t i = 0; i < 1 + words[1] % 3; ++i) wishes.push_back(any_wish(words[2] >> (i * 3)));
        CAPTURE(k);
        const ScalingDecision decision = resolve(wishes, bounds);
        ++seen[static_cast<std::size_t>(decision.reason)];
        const auto asks = [&](ScalingReason reason) {
            return std::any_of(wishes.begin(), wishes.end(), [&](const Wish& wish) { return wish.reason == reason; });
        };
        CHECK(decision.changed() == (decision.desired != bounds.desired));
        if (decision.changed()) {
            CHECK(decision.desired >= bounds.min);
            CHECK(decision.desired <= bounds.max);
            CHECK(asks(decision.reason));
            CHECK((decision.desired > bounds.desired) == (decision.reason == scale_out));
        }
        if (asks(scale_out)) CHECK(decision.desired >= bounds.desired);
        CHECK((decision.deciding == none) == (decision.reason == no_alarm));

        // Who asks in which order changes nothing but who is named.
        std::reverse(wishes.begin(), wishes.end());
        CHECK(resolve(wishes, bounds).desired == decision.desired);
        CHECK(name(resolve(wishes, bounds).reason) == name(decision.reason));
    }
    for (const ScalingReason reason : {no_alarm, scale_out, scale_in, enough_capacity, at_bound, cooldown, vetoed}) {
        CHECK(seen[static_cast<std::size_t>(reason)] > 100);
    }
}

TEST_CASE("a scale-in starts one cooldown and a scale-out another and nothing else touches them") {
    constexpr Time now{2h};
    const ScalingHistory before{.last_scale_in = Time{1h}, .last_scale_out = Time{30min}, .base_of_scale_out = 7};
    const auto after = [&](ScalingReason reason) {
        return history_after({.reason = reason, .wish = {.reason = reason, .base = 5}}, before, now);
    };
    CHECK(after(scale_in).last_scale_in == now);
    CHECK(after(scale_in).last_scale_out == std::nullopt);

    CHECK(after(scale_out).last_scale_in == std::nullopt);
    CHECK(after(scale_out).last_scale_out == now);
    CHECK(after(scale_out).base_of_scale_out == 5);

    CHECK(after(enough_capacity).last_scale_in == before.last_scale_in);
    CHECK(after(enough_capacity).last_scale_out == before.last_scale_out);
    CHECK(after(enough_capacity).base_of_scale_out == 7);
}

TEST_CASE("every reason has a name of its own") {
    const auto& names = fleetsim::scaling::scaling_reason_names;
    for (std::size_t i = 0; i < names.size(); ++i) {
        CHECK_FALSE(names[i].empty());
        CHECK(std::count(names.begin(), names.end(), names[i]) == 1);
    }
    CHECK(name(at_bound) == "at its bound");
    CHECK(name(vetoed) == "vetoed");
    CHECK(name(suspended) == "suspended");
    CHECK(name(activity) == "an activity is in progress");
}

}  // namespace
