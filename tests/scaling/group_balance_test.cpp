#include <chrono>
#include <utility>
#include <vector>

#include <fleetsim/scaling/group_balance.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::scaling;
using namespace std::chrono_literals;
using des::Time;

TEST_CASE("the next instance goes to the emptiest zone that can launch, the first listed on a tie") {
    struct Row {
        std::vector<ZoneLoad> zones;
        std::optional<std::size_t> chosen;
    };
    for (const Row& row : {
             Row{{{0}, {0}, {0}}, 0},
             Row{{{1}, {0}, {0}}, 1},
             Row{{{1}, {1}, {0}}, 2},
             Row{{{2}, {2}, {2}}, 0},
             Row{{{0, false}, {3}, {2}}, 2},
             Row{{{0, false}, {0, false}}, std::nullopt},
             Row{{}, std::nullopt},
         }) {
        CHECK(choose_launch_zone(row.zones) == row.chosen);
    }
}

TEST_CASE("seven instances over three zones become 3, 2 and 2") {
    std::vector<ZoneLoad> zones(3);
    for (int i = 0; i < 7; ++i) ++zones[choose_launch_zone(zones).value()].instances;
    CHECK(zones[0].instances == 3);
    CHECK(zones[1].instances == 2);
    CHECK(zones[2].instances == 2);
}

TEST_CASE("a scale-in keeps the zones balanced, then saves the instance with most of its hour left") {
    const Time now{10'000s};
    const auto aged = [now](std::uint32_t zone, des::Duration age, bool kept = false) {
        return TerminationCandidate{zone, now - age, !kept};
    };
    struct Row {
        const char* what;
        std::vector<TerminationCandidate> instances;
        std::optional<std::size_t> chosen;
    };
    for (const Row& row : {
             Row{"the fuller zone loses one", {aged(0, 10s), aged(0, 20s), aged(1, 3599s)}, 1},
             Row{"3,500 s and 7,100 s are both 100 s from the hour",
                 {aged(0, 3500s), aged(1, 1000s), aged(2, 7100s)},
                 0},
             Row{"a protected one makes the next zone pay", {aged(0, 10s, true), aged(0, 10s, true), aged(1, 10s)}, 2},
             Row{"a protected or booting one counts for its zone",
                 {aged(0, 10s, true), aged(0, 10s), aged(1, 3000s)},
                 1},
             Row{"all protected", {aged(0, 10s, true), aged(1, 10s, true)}, std::nullopt},
             Row{"none", {}, std::nullopt},
         }) {
        INFO(row.what);
        CHECK(choose_termination(row.instances, now, 0) == row.chosen);
    }
    CHECK(choose_termination(std::vector{aged(0, 3500s), aged(1, 1000s), aged(2, 7100s)}, now, 0.99) == 2U);
}

TEST_CASE("impaired instances are replaced a tenth of the group at a time, one at least") {
    for (const auto& [desired, at_once] : {std::pair{1, 1}, {9, 1}, {10, 1}, {19, 1}, {20, 2}, {100, 10}}) {
        CHECK(replacements_at_once(desired) == at_once);
    }
}
