#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/scaling/group_balance.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::scaling;

namespace {

constexpr auto best_effort = ZoneDistribution::balanced_best_effort;
constexpr auto only = ZoneDistribution::balanced_only;

std::int32_t difference(const std::vector<ZoneLoad>& zones) {
    std::int32_t fewest = zones.front().instances;
    std::int32_t most = fewest;
    for (const ZoneLoad& zone : zones) {
        fewest = std::min(fewest, zone.instances);
        most = std::max(most, zone.instances);
    }
    return most - fewest;
}

}  // namespace

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
        CHECK(choose_launch_zone(row.zones, best_effort) == row.chosen);
    }
}

TEST_CASE("balanced only waits for the emptiest zone rather than fill another") {
    struct Row {
        const char* what;
        std::vector<ZoneLoad> zones;
        std::optional<std::size_t> chosen;
    };
    for (const Row& row : {
             Row{"all can launch", {{2}, {1}, {2}}, 1},
             Row{"the emptiest cannot", {{0, false}, {3}, {2}}, std::nullopt},
             Row{"another that is as empty can", {{1, false}, {1}, {2}}, 1},
             Row{"a fuller one that cannot is no matter", {{3, false}, {1}, {2}}, 1},
             Row{"none can", {{0, false}, {0, false}}, std::nullopt},
             Row{"no zones", {}, std::nullopt},
         }) {
        INFO(row.what);
        CHECK(choose_launch_zone(row.zones, only) == row.chosen);
    }
    CHECK(name(best_effort) == "balanced-best-effort");
    CHECK(name(only) == "balanced-only");
}

TEST_CASE("seven instances over three zones become 3 2 and 2") {
    for (const ZoneDistribution distribution : {best_effort, only}) {
        std::vector<ZoneLoad> zones(3);
        for (int i = 0; i < 7; ++i) ++zones[choose_launch_zone(zones, distribution).value()].instances;
        CHECK(zones[0].instances == 3);
        CHECK(zones[1].instances == 2);
        CHECK(zones[2].instances == 2);
    }
}

TEST_CASE("with a zone that cannot launch best effort fills the others and balanced only stops one short") {
    const auto launched = [](ZoneDistribution distribution) {
        std::vector<ZoneLoad> zones{{0, false}, {0}, {0}};
        int instances = 0;
        while (instances < 7) {
            const auto zone = choose_launch_zone(zones, distribution);
            if (!zone) break;
            ++zones[*zone].instances;
            ++instances;
        }
        return instances;
    };
    CHECK(launched(best_effort) == 7);
    CHECK(launched(only) == 2);
}

TEST_CASE("zones are evened out from the fullest to the emptiest that can launch") {
    struct Row {
        const char* what;
        std::vector<ZoneLoad> zones;
        std::optional<Rebalance> step;
    };
    for (const Row& row : {
             Row{"balanced", {{2}, {2}, {2}}, std::nullopt},
             Row{"a difference of one is balanced", {{3}, {2}, {2}}, std::nullopt},
             Row{"a difference of two is not", {{4}, {2}, {3}}, Rebalance{0, 1}},
             Row{"a zone has come back empty", {{0}, {4}, {3}}, Rebalance{1, 0}},
             Row{"it has not come back yet", {{0, false}, {4}, {3}}, std::nullopt},
             Row{"it has not but the others differ", {{0, false}, {4}, {2}}, Rebalance{1, 2}},
             Row{"instances can be moved out of a zone that cannot launch", {{4, false}, {1}}, Rebalance{0, 1}},
             Row{"the first listed on a tie", {{1}, {3}, {1}, {3}}, Rebalance{1, 0}},
             Row{"one zone", {{9}}, std::nullopt},
             Row{"no zones", {}, std::nullopt},
         }) {
        INFO(row.what);
        CHECK(rebalance(row.zones) == row.step);
    }
}

TEST_CASE("rebalancing ends with zones that differ by one at most") {
    const des::Stream stream{7, 0, "zones", "rebalancing"};
    for (std::uint64_t k = 0; k < 200; ++k) {
        des::Draws draws = stream.draws(k);
        std::vector<ZoneLoad> zones(2 + draws.word() % 5);
        std::int32_t total = 0;
        for (ZoneLoad& zone : zones) total += zone.instances = static_cast<std::int32_t>(draws.word() % 20);
        std::int32_t steps = 0;
        while (const auto step = rebalance(zones)) {
            --zones[step->from].instances;
            ++zones[step->to].instances;
            REQUIRE(++steps <= total);
        }
        CHECK(difference(zones) <= 1);
    }
}

TEST_CASE("rebalancing may exceed the maximum by a tenth or by one") {
    for (const auto& [max, with_margin] : {std::pair{10, 11}, {25, 27}, {4, 5}, {0, 1}, {19, 20}, {20, 22}}) {
        CAPTURE(max);
        CHECK(max + rebalancing_margin(max) == with_margin);
    }
}
