#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/scaling/instance_refresh.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::scaling;
using namespace std::chrono_literals;
using des::Time;

namespace {

InstanceRefresh refresh(std::int32_t min_healthy, std::vector<std::int32_t> checkpoints = {},
                        des::Duration checkpoint_delay = 900s) {
    return {.min_healthy_percentage = min_healthy,
            .checkpoint_percentages = std::move(checkpoints),
            .checkpoint_delay = checkpoint_delay};
}

/// A refresh carried out by the minute; every replacement takes ten.
struct Course {
    std::vector<std::pair<int, std::int32_t>> replaced;  ///< Minutes, and how many were taken out of service then.
    int done_at = 0;                                     ///< Minutes.
    std::int32_t fewest_healthy = 0;
};

Course course(const InstanceRefresh& settings, std::int32_t desired) {
    Course course;
    course.fewest_healthy = desired;
    RefreshView view{.desired = desired, .healthy = desired};
    std::vector<std::pair<int, std::int32_t>> due;
    for (int minute = 0; minute < 100'000; ++minute) {
        const Time now{std::chrono::minutes{minute}};
        while (!due.empty() && due.front().first == minute) {
            view.in_progress -= due.front().second;
            view.replaced += due.front().second;
            view.last_replaced_at = now;
            due.erase(due.begin());
        }
        view.healthy = desired - view.in_progress;
        const RefreshStep step = next_step(settings, view, now);
        if (step.action == RefreshAction::done) {
            course.done_at = minute;
            return course;
        }
        if (step.action != RefreshAction::replace) continue;
        course.replaced.emplace_back(minute, step.replace);
        due.emplace_back(minute + 10, step.replace);
        view.in_progress += step.replace;
        course.fewest_healthy = std::min(course.fewest_healthy, desired - view.in_progress);
    }
    FAIL("the refresh never ends");
    return course;
}

using Steps = std::vector<std::pair<int, std::int32_t>>;

}  // namespace

TEST_CASE("a batch is what the minimum healthy percentage leaves and one at least") {
    struct Row {
        std::int32_t desired;
        std::int32_t min_healthy;
        std::int32_t batch;
    };
    for (const Row& row : {
             Row{10, 90, 1},
             Row{20, 90, 2},
             Row{19, 90, 1},
             Row{100, 90, 10},
             Row{10, 100, 1},
             Row{100, 100, 1},
             Row{10, 0, 10},
             Row{10, 80, 2},
             Row{10, 75, 2},
             Row{4, 90, 1},
             Row{3, 50, 1},
             Row{5, 50, 2},
             Row{1000, 99, 10},
             Row{1, 0, 1},
             Row{200, 35, 130},
         }) {
        CAPTURE(row.desired, row.min_healthy);
        CHECK(refresh_batch(row.desired, row.min_healthy) == row.batch);
    }
}

TEST_CASE("a checkpoint is reached with its percentage or more") {
    CHECK(checkpoint_instances(10, 20) == 2);
    CHECK(checkpoint_instances(10, 50) == 5);
    CHECK(checkpoint_instances(10, 100) == 10);
    CHECK(checkpoint_instances(100, 1) == 1);
    CHECK(checkpoint_instances(10, 1) == 1);
    CHECK(checkpoint_instances(10, 11) == 2);
    CHECK(checkpoint_instances(2, 40) == 1);
}

TEST_CASE("a warm-up falls back to the group's and then to the grace period") {
    InstanceRefresh own;
    CHECK(refresh_warmup(own, std::nullopt, 300s) == 300s);
    CHECK(refresh_warmup(own, 120s, 300s) == 120s);
    CHECK(refresh_warmup(own, 0s, 300s) == 0s);
    own.instance_warmup = 400s;
    CHECK(refresh_warmup(own, 120s, 300s) == 400s);
}

TEST_CASE("the next step of a refresh follows from how far it has come") {
    struct Row {
        const char* what;
        InstanceRefresh refresh;
        RefreshView view;  // desired, replaced, in progress, healthy, last replaced at
        RefreshStep step;
    };
    using enum RefreshAction;
    const Time now{10'000s};
    const Time long_ago = now - 900s;
    const Time recently = now - 899s;
    for (const Row& row : {
             Row{"a batch of two", refresh(80), {10, 0, 0, 10}, {replace, 2}},
             Row{"one of them has come back", refresh(80), {10, 1, 1, 9, recently}, {replace, 1}},
             Row{"neither has", refresh(80), {10, 0, 2, 8}, {wait}},
             Row{"neither has, though others came", refresh(80), {10, 0, 2, 10}, {wait}},
             Row{"others are unhealthy", refresh(80), {10, 0, 0, 8}, {wait}},
             Row{"one other is", refresh(80), {10, 0, 0, 9}, {replace, 1}},
             Row{"one at a time", refresh(100), {10, 0, 0, 10}, {replace, 1}},
             Row{"one at a time is under way", refresh(100), {10, 0, 1, 9}, {wait}},
             Row{"all at once", refresh(0), {10, 0, 0, 10}, {replace, 10}},
             Row{"only one is left", refresh(50), {10, 9, 0, 10, recently}, {replace, 1}},
             Row{"the last is under way", refresh(50), {10, 9, 1, 9, recently}, {wait}},
             Row{"all are new", refresh(80), {10, 10, 0, 10, recently}, {done}},
             Row{"the group has shrunk meanwhile", refresh(80), {6, 7, 0, 6, recently}, {done}},
             Row{"EC2 has no more to give, and the rest is new", refresh(80), {10, 6, 4, 6, recently, true}, {done}},
             Row{"an empty group", refresh(80), {0, 0, 0, 0}, {done}},
             Row{"no further than the checkpoint", refresh(50, {20, 100}), {10, 0, 0, 10}, {replace, 2}},
             Row{"one of them has yet to come", refresh(50, {20, 100}), {10, 1, 1, 9, recently}, {wait}},
             Row{"it waits at the checkpoint",
                 refresh(50, {20, 100}),
                 {10, 2, 0, 10, recently},
                 {wait_at_checkpoint, 0, recently + 900s}},
             Row{"it goes on", refresh(50, {20, 100}), {10, 2, 0, 10, long_ago}, {replace, 5}},
             Row{"it has gone on", refresh(50, {20, 100}), {10, 2, 5, 5, long_ago}, {wait}},
             Row{"the last checkpoint ends it", refresh(50, {20, 50}), {10, 5, 0, 10, recently}, {done}},
             Row{"a larger group reaches it again",
                 refresh(50, {20, 50}),
                 {20, 4, 0, 20, recently},
                 {wait_at_checkpoint, 0, recently + 900s}},
         }) {
        INFO(row.what);
        CHECK(next_step(row.refresh, row.view, now) == row.step);
    }
}

TEST_CASE("a refresh takes the documented course past its checkpoints") {
    // Ten instances, 80 % healthy, checkpoints at 20 and 50 %, a quarter of an hour at each.
    const Course guide = course(refresh(80, {20, 50}), 10);
    CHECK(guide.replaced == Steps{{0, 2}, {25, 2}, {35, 1}});
    CHECK(guide.done_at == 45);
    // Two instances, checkpoints at 10, 40 and 100 %: the first instance skips the first checkpoint.
    const Course pair = course(refresh(90, {10, 40, 100}), 2);
    CHECK(pair.replaced == Steps{{0, 1}, {25, 1}});
    CHECK(pair.done_at == 35);
    // One percent first, then nineteen, then the rest.
    const Course canary = course(refresh(80, {1, 20, 100}, 600s), 100);
    CHECK(canary.replaced == Steps{{0, 1}, {20, 19}, {40, 20}, {50, 20}, {60, 20}, {70, 20}});
    CHECK(canary.done_at == 80);
    const Course plain = course(refresh(90), 10);
    CHECK(plain.replaced.size() == 10);
    CHECK(plain.done_at == 100);
}

TEST_CASE("a refresh replaces every instance once and spares as many as it must") {
    const des::Stream stream{9, 0, "groups", "refresh"};
    for (std::uint64_t k = 0; k < 200; ++k) {
        des::Draws draws = stream.draws(k);
        const auto below = [&](std::uint64_t bound) { return static_cast<std::int32_t>(draws.word() % bound); };
        const std::int32_t desired = 1 + below(60);
        const std::int32_t min_healthy = below(101);
        std::vector<std::int32_t> checkpoints;
        for (std::int32_t percentage = 1 + below(40); percentage < 100; percentage += 1 + below(40)) {
            checkpoints.push_back(percentage);
        }
        checkpoints.push_back(100);
        const Course taken = course(refresh(min_healthy, checkpoints), desired);
        std::int32_t replaced = 0;
        for (const auto& step : taken.replaced) replaced += step.second;
        CHECK(replaced == desired);
        CAPTURE(desired, min_healthy);
        const std::int32_t must_stay = (desired * min_healthy + 99) / 100;
        CHECK(taken.fewest_healthy >= std::min(must_stay, desired - 1));
    }
}
