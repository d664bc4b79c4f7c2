#include <algorithm>
#include <vector>

#include <fleetsim/packing/knapsack.hpp>

#include "catch.hpp"
#include "exhaustive.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;

namespace {

struct Owned {
    std::vector<std::int64_t> capacity, sizes, most, values, weights{};

    [[nodiscard]] Knapsack view() const { return {capacity, sizes, most, values, weights}; }
};

std::int64_t worth(const Owned& knapsack, const Pattern& pattern) {
    std::int64_t sum = 0;
    for (const Portion& portion : pattern) sum += knapsack.values[portion.kind] * portion.count;
    return sum;
}

bool fits(const Owned& knapsack, const Pattern& pattern) {
    for (std::size_t h = 0; h < knapsack.capacity.size(); ++h) {
        std::int64_t used = 0;
        for (const Portion& portion : pattern) {
            used += knapsack.view().size_of(portion.kind)[h] * portion.count;
            if (portion.count < 1 || portion.count > knapsack.most[portion.kind]) return false;
        }
        if (used > knapsack.capacity[h]) return false;
    }
    return true;
}

/// By looking at every number of every kind.
std::int64_t best_by_all(const Owned& knapsack, Pattern chosen = {}, std::uint32_t kind = 0) {
    if (!fits(knapsack, chosen)) return 0;
    if (kind == knapsack.most.size()) return worth(knapsack, chosen);
    std::int64_t best = best_by_all(knapsack, chosen, kind + 1);
    chosen.push_back({kind, 0});
    for (std::int32_t count = 1; count <= knapsack.most[kind]; ++count) {
        chosen.back().count = count;
        best = std::max(best, best_by_all(knapsack, chosen, kind + 1));
    }
    return best;
}

Owned random_knapsack(des::Sequence& chance) {
    Owned knapsack;
    const int dimensions = between(chance, 1, 3);
    for (int h = 0; h < dimensions; ++h) knapsack.capacity.push_back(between(chance, 0, 30));
    const int kinds = between(chance, 1, 5);
    for (int kind = 0; kind < kinds; ++kind) {
        for (int h = 0; h < dimensions; ++h) knapsack.sizes.push_back(between(chance, h == 0 ? 1 : 0, 15));
        knapsack.most.push_back(between(chance, 0, 3));
        knapsack.values.push_back(between(chance, 0, 20));
    }
    knapsack.weights = dimension_weights(knapsack.view());
    return knapsack;
}

}  // namespace

TEST_CASE("the most valuable pattern is the one found by looking at all") {
    auto chance = des::Stream{21, 0, "knapsack", "all"}.sequence();
    for (int i = 0; i < 2000; ++i) {
        const Owned knapsack = random_knapsack(chance);
        const std::int64_t best = best_by_all(knapsack);
        const std::int64_t above = between(chance, 0, 40);
        const KnapsackAnswer answer = most_valuable(knapsack.view(), above, 1'000'000);
        REQUIRE(answer.at_most == std::max(best, above));
        CHECK(answer.patterns.empty() == (best <= above));
        for (const Pattern& pattern : answer.patterns) {
            CHECK(fits(knapsack, pattern));
            CHECK(worth(knapsack, pattern) > above);
        }
        if (!answer.patterns.empty()) CHECK(worth(knapsack, answer.patterns.back()) == best);
    }
}

TEST_CASE("a search cut short says no less than the truth") {
    auto chance = des::Stream{22, 0, "knapsack", "short"}.sequence();
    int open = 0;
    for (int i = 0; i < 2000; ++i) {
        const Owned knapsack = random_knapsack(chance);
        const std::int64_t best = best_by_all(knapsack);
        const KnapsackAnswer answer = most_valuable(knapsack.view(), 0, between(chance, 0, 120));
        REQUIRE(answer.at_most >= best);
        open += answer.at_most > best ? 1 : 0;
    }
    CHECK(open > 0);
}

TEST_CASE("any weights of the dimensions give the same answer") {
    auto chance = des::Stream{23, 0, "knapsack", "weights"}.sequence();
    for (int i = 0; i < 300; ++i) {
        Owned knapsack = random_knapsack(chance);
        const std::int64_t best = most_valuable(knapsack.view(), 0, 1'000'000).at_most;
        for (std::int64_t& weight : knapsack.weights) weight = between(chance, 0, 5);
        CHECK(most_valuable(knapsack.view(), 0, 1'000'000).at_most == best);
    }
}

TEST_CASE("where all items are worth their size the room decides") {
    // 60 sizes of the same worth per size, all even, and an odd bin: no estimate can prove the best filling.
    Owned knapsack{{99'999}, {}, {}, {}, {1}};
    for (int i = 0; i < 60; ++i) {
        knapsack.sizes.push_back(20'000 + 2 * i * i);
        knapsack.values.push_back(20'000 + 2 * i * i);
        knapsack.most.push_back(1);
    }
    const KnapsackAnswer answer = most_valuable(knapsack.view(), 0, 1'000'000'000);
    CHECK(answer.at_most == 99'998);
    REQUIRE_FALSE(answer.patterns.empty());
    CHECK(worth(knapsack, answer.patterns.back()) == 99'998);
    CHECK(fits(knapsack, answer.patterns.back()));
}
