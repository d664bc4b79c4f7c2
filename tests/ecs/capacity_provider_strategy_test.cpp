#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/ecs/capacity_provider_strategy.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::ecs;

namespace {

using Strategy = std::vector<StrategyItem>;
using Tasks = std::vector<std::int32_t>;

/// Who gets the next so many tasks, a digit each.
std::string started(const Strategy& strategy, Tasks& tasks, int count) {
    std::string order;
    for (int i = 0; i < count; ++i) {
        const std::size_t provider = next_provider(strategy, tasks);
        ++tasks[provider];
        order += std::to_string(provider);
    }
    return order;
}

/// Who loses the next so many.
std::string stopped(const Strategy& strategy, Tasks& tasks, int count) {
    std::string order;
    for (int i = 0; i < count; ++i) {
        const std::size_t provider = provider_to_scale_in(strategy, tasks);
        --tasks[provider];
        order += std::to_string(provider);
    }
    return order;
}

/// How far the provider that is furthest from its part of all tasks is from it, in tasks times the sum of the weights.
std::int64_t furthest_from_its_part(const Strategy& strategy, const Tasks& tasks) {
    std::int64_t weights = 0;
    for (const StrategyItem& item : strategy) weights += item.weight;
    const std::int64_t all = std::accumulate(tasks.begin(), tasks.end(), std::int64_t{0});
    std::int64_t furthest = 0;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        furthest = std::max(furthest, std::abs(tasks[i] * weights - strategy[i].weight * all));
    }
    return furthest;
}

Strategy random_weights(des::Draws& draws, std::size_t providers) {
    Strategy strategy(providers);
    const double greatest = draws.unit() < 0.5 ? 10 : 1000;
    for (StrategyItem& item : strategy) item.weight = 1 + static_cast<std::int32_t>(draws.unit() * (greatest - 1));
    return strategy;
}

std::int64_t sum_of_weights(const Strategy& strategy) {
    std::int64_t sum = 0;
    for (const StrategyItem& item : strategy) sum += item.weight;
    return sum;
}

}  // namespace

TEST_CASE("new tasks fill the base and then follow the weights") {
    struct Row {
        const char* what;
        Strategy strategy;
        const char* order;
        Tasks split;
    };
    for (const Row& row : {
             Row{"one and one", {{0, 1}, {0, 1}}, "0101010101", {5, 5}},
             Row{"one and four", {{0, 1}, {0, 4}}, "1101111011", {2, 8}},
             Row{"a base of two on demand and then one to three", {{2, 1}, {0, 3}}, "0010111011", {4, 6}},
             Row{"a base without weight", {{1, 0}, {0, 1}}, "01111", {1, 4}},
             Row{"a lone provider", {{0, 1}}, "000", {3}},
             Row{"a lone provider needs no weight", {{0, 0}}, "000", {3}},
             Row{"a base anywhere in the list comes first", {{0, 1}, {2, 1}}, "110101", {2, 4}},
             Row{"without weight no task", {{0, 0}, {0, 1}}, "111", {0, 3}},
             Row{"three equal ones take turns", {{0, 1}, {0, 1}, {0, 1}}, "012012", {2, 2, 2}},
         }) {
        INFO(row.what);
        Tasks tasks(row.strategy.size());
        CHECK(started(row.strategy, tasks, static_cast<int>(std::string{row.order}.size())) == row.order);
        CHECK(tasks == row.split);
    }
}

TEST_CASE("lost tasks are made up for where they are missing") {
    struct Row {
        const char* what;
        Strategy strategy;
        Tasks tasks;
        const char* order;
    };
    for (const Row& row : {
             Row{"all of one provider", {{0, 1}, {0, 1}}, {5, 0}, "11111"},
             Row{"a part of it", {{0, 1}, {0, 4}}, {2, 3}, "11111"},
             Row{"the base first", {{2, 1}, {0, 3}}, {0, 6}, "0000"},
             Row{"who is no longer in the ratio counts for nobody", {{0, 0}, {0, 1}, {0, 4}}, {7, 0, 0}, "2212222122"},
         }) {
        INFO(row.what);
        Tasks tasks = row.tasks;
        CHECK(started(row.strategy, tasks, static_cast<int>(std::string{row.order}.size())) == row.order);
    }
}

TEST_CASE("a service that shrinks loses tasks where they are too many and the base at the end") {
    struct Row {
        const char* what;
        Strategy strategy;
        Tasks tasks;
        const char* order;
    };
    for (const Row& row : {
             Row{"one and one", {{0, 1}, {0, 1}}, {5, 5}, "1010101010"},
             Row{"one and four", {{0, 1}, {0, 4}}, {2, 8}, "1101111011"},
             Row{"a base of two", {{2, 1}, {0, 3}}, {4, 6}, "1101110100"},
             Row{"a base without weight", {{1, 0}, {0, 1}}, {1, 4}, "11110"},
             Row{"what is beyond a base without weight goes first", {{1, 0}, {0, 1}}, {3, 4}, "0011110"},
             Row{"a lone provider", {{0, 0}}, {2}, "00"},
         }) {
        INFO(row.what);
        Tasks tasks = row.tasks;
        CHECK(stopped(row.strategy, tasks, static_cast<int>(std::string{row.order}.size())) == row.order);
        CHECK(tasks == Tasks(tasks.size()));
    }
}

TEST_CASE("with two providers shrinking undoes growing step by step") {
    for (std::int32_t first = 0; first <= 12; ++first) {
        for (std::int32_t second = 0; second <= 12; ++second) {
            if (first + second == 0) continue;
            for (const std::int32_t base : {0, 3}) {
                CAPTURE(first, second, base);
                const Strategy strategy{{base, first}, {0, second}};
                Tasks tasks(2);
                std::string there = started(strategy, tasks, 60);
                const std::string back = stopped(strategy, tasks, 60);
                std::reverse(there.begin(), there.end());
                REQUIRE(back == there);
            }
        }
    }
}

TEST_CASE("every provider is close to its part whatever the number of tasks and their history") {
    struct Row {
        std::size_t providers;
        std::int64_t halves_of_a_task;
    };
    const des::Stream chance{1, 0, "capacity-provider-strategy", "test"};
    for (const Row& row : {Row{2, 1}, Row{3, 2}, Row{5, 4}, Row{20, 4}}) {
        CAPTURE(row.providers);
        for (std::uint64_t world = 0; world < 300; ++world) {
            des::Draws draws = chance.draws(row.providers * 1000 + world);
            const Strategy strategy = random_weights(draws, row.providers);
            const std::int64_t allowed = row.halves_of_a_task * sum_of_weights(strategy);
            Tasks tasks(row.providers);
            std::int64_t furthest = 0;
            for (int i = 0; i < 200; ++i) {
                started(strategy, tasks, 1);
                furthest = std::max(furthest, furthest_from_its_part(strategy, tasks));
            }
            while (std::accumulate(tasks.begin(), tasks.end(), 0) > 0) {
                stopped(strategy, tasks, 1);
                furthest = std::max(furthest, furthest_from_its_part(strategy, tasks));
            }
            REQUIRE(2 * furthest <= allowed);
        }
    }
}

TEST_CASE("after any loss the split heals once enough tasks have been replaced") {
    const des::Stream chance{2, 0, "capacity-provider-strategy", "test"};
    for (std::uint64_t world = 0; world < 500; ++world) {
        des::Draws draws = chance.draws(world);
        const Strategy strategy = random_weights(draws, 3);
        Tasks tasks(3);
        started(strategy, tasks, 90);
        const auto lost = static_cast<std::size_t>(draws.unit() * 3);
        const std::int32_t count = tasks[lost];
        tasks[lost] = 0;
        started(strategy, tasks, count);
        REQUIRE(furthest_from_its_part(strategy, tasks) <= sum_of_weights(strategy));
    }
}

TEST_CASE("the problems of a strategy are told with their places") {
    using enum StrategyProblem;
    struct Row {
        const char* what;
        Strategy strategy;
        std::vector<StrategyFault> faults;
    };
    const Strategy twenty(20, {0, 1});
    const Strategy twenty_one(21, {0, 1});
    for (const Row& row : {
             Row{"none", {{2, 1}, {0, 3}}, {}},
             Row{"a base without weight is used", {{1, 0}, {0, 1}}, {}},
             Row{"a lone provider without weight", {{0, 0}}, {}},
             Row{"the greatest numbers", {{100'000, 1'000}}, {}},
             Row{"empty", {}, {{no_provider, 0}}},
             Row{"as many as there may be", twenty, {}},
             Row{"one more", twenty_one, {{too_many_providers, 20}}},
             Row{"bases out of range", {{-1, 1}}, {{base_out_of_range, 0}}},
             Row{"base too great", {{0, 1}, {100'001, 1}}, {{base_out_of_range, 1}}},
             Row{"weights out of range", {{0, -1}, {0, 1'001}}, {{weight_out_of_range, 0}, {weight_out_of_range, 1}}},
             Row{"three bases", {{1, 1}, {2, 1}, {3, 1}}, {{second_base, 1}, {second_base, 2}}},
             Row{"no weight at all", {{0, 0}, {1, 0}}, {{all_weights_zero, 0}}},
             Row{"never used", {{0, 1}, {0, 0}}, {{never_used, 1}}},
         }) {
        INFO(row.what);
        CHECK(problems(row.strategy) == row.faults);
    }
    CHECK(refused(second_base));
    CHECK_FALSE(refused(never_used));
}
