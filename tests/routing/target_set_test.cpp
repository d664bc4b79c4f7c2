#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <fleetsim/routing/target_set.hpp>

#include "catch.hpp"

using namespace fleetsim::routing;

namespace {

constexpr std::uint32_t A = 0;
constexpr std::uint32_t B = 1;
constexpr std::uint32_t C = 2;

TargetSet healthy_targets(Algorithm algorithm, std::uint32_t count) {
    TargetSet set{algorithm};
    for (std::uint32_t target = 0; target < count; ++target) set.set_state(target, TargetState::healthy);
    return set;
}

std::string choices(TargetSet& set, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += static_cast<char>('A' + set.choose().value());
    return text;
}

}  // namespace

TEST_CASE("round robin takes the targets in turn and keeps its place when one leaves") {
    TargetSet set = healthy_targets(RoundRobin{}, 3);
    std::string chosen = choices(set, 2);
    set.set_state(B, TargetState::draining);
    chosen += choices(set, 4);
    CHECK(chosen == "ABCACA");
}

TEST_CASE("least outstanding requests takes the emptiest target, and equal ones in turn") {
    SECTION("without departures") {
        TargetSet set = healthy_targets(LeastOutstandingRequests{}, 2);
        CHECK(choices(set, 4) == "ABAB");
    }
    SECTION("a target that has finished its requests is next") {
        TargetSet set = healthy_targets(LeastOutstandingRequests{}, 3);
        CHECK(choices(set, 6) == "ABCABC");
        set.ended(C);
        CHECK(choices(set, 1) == "C");
        set.ended(B);
        set.ended(B);
        CHECK(choices(set, 3) == "BBC");
        CHECK(set.outstanding(B) == 2);
    }
}

TEST_CASE("the two algorithms disagree about a target that is slow") {
    // A holds two requests, B none; the cursor stands before A.
    const auto next_after_slow_a = [](Algorithm algorithm) {
        TargetSet set = healthy_targets(algorithm, 2);
        CHECK(choices(set, 4) == "ABAB");
        set.ended(B);
        set.ended(B);
        return choices(set, 1);
    };
    CHECK(next_after_slow_a(RoundRobin{}) == "A");
    CHECK(next_after_slow_a(LeastOutstandingRequests{}) == "B");
}

TEST_CASE("only healthy targets are chosen, unhealthy ones when there is no other") {
    TargetSet set;
    CHECK_FALSE(set.choose().has_value());
    set.set_state(A, TargetState::initial);
    CHECK_FALSE(set.choose().has_value());
    set.set_state(A, TargetState::unhealthy);
    CHECK(set.choose() == A);
    set.set_state(B, TargetState::healthy);
    CHECK(choices(set, 3) == "BBB");
    set.set_state(B, TargetState::draining);
    CHECK(set.choose() == A);
    set.set_state(A, TargetState::unused);
    CHECK_FALSE(set.choose().has_value());
}

TEST_CASE("every algorithm is found by the name AWS gives it") {
    for (const std::string_view name : algorithm_names) {
        const auto found = algorithm(name);
        REQUIRE(found.has_value());
        CHECK(std::visit([](const auto& a) { return a.name; }, *found) == name);
    }
    CHECK_FALSE(algorithm("random").has_value());
}
