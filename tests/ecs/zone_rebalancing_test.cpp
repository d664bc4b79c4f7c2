#include <algorithm>
#include <cstdint>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/ecs/zone_rebalancing.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::ecs;

namespace {

using Zones = std::vector<ZoneTasks>;
using Changes = std::vector<ZoneChange>;

std::int32_t tasks_in(const Zones& zones) {
    std::int32_t sum = 0;
    for (const ZoneTasks& zone : zones) sum += zone.healthy + zone.starting;
    return sum;
}

std::int32_t healthy_in(const Zones& zones) {
    std::int32_t sum = 0;
    for (const ZoneTasks& zone : zones) sum += zone.healthy;
    return sum;
}

void apply(const Changes& changes, Zones& zones) {
    for (std::size_t i = 0; i < zones.size(); ++i) {
        zones[i].starting += changes[i].start;
        zones[i].healthy -= changes[i].stop;
    }
}

/// One task of those that are starting becomes healthy.
bool one_becomes_healthy(Zones& zones) {
    for (ZoneTasks& zone : zones) {
        if (zone.starting == 0) continue;
        --zone.starting;
        ++zone.healthy;
        return true;
    }
    return false;
}

}  // namespace

TEST_CASE("uneven zones get tasks where there are fewest and lose as many where there are most") {
    struct Row {
        const char* what;
        Zones zones;
        std::int32_t desired;
        Changes changes;
    };
    for (const Row& row : {
             Row{"two tasks in one of two zones", {{2}, {0}}, 2, {{}, {1, 0}}},
             Row{"the new one is not healthy yet", {{2}, {0, 1}}, 2, {{}, {}}},
             Row{"now it is", {{2}, {1}}, 2, {{0, 1}, {}}},
             Row{"three in two zones: as even as can be", {{1}, {2}}, 3, {{}, {}}},
             Row{"five in three zones: as even as can be", {{1}, {2}, {2}}, 5, {{}, {}, {}}},
             Row{"five in two of three zones", {{3}, {2}, {0}}, 5, {{}, {}, {1, 0}}},
             Row{"a zone comes back", {{3}, {3}, {0}}, 6, {{}, {}, {2, 0}}},
             Row{"one of its two new tasks is healthy", {{3}, {3}, {1, 1}}, 6, {{0, 1}, {}, {}}},
             Row{"both are", {{3}, {3}, {2}}, 6, {{0, 1}, {0, 1}, {}}},
             Row{"two zones come back", {{6}, {0}, {0}}, 6, {{}, {2, 0}, {2, 0}}},
             Row{"fewer tasks than zones", {{1}, {1}, {0}}, 2, {{}, {}, {}}},
             Row{"no room where there are fewest", {{3}, {3}, {0, 0, 0, false}}, 6, {{}, {}, {}}},
             Row{"no room there but elsewhere", {{4}, {2}, {0, 0, 0, false}}, 6, {{}, {1, 0}, {}}},
             Row{"a task is missing: first things first", {{4}, {0}}, 5, {{}, {}}},
             Row{"not all are healthy: the service is not steady", {{3, 1}, {0}}, 4, {{}, {}}},
             Row{"protected tasks stay", {{4, 0, 4}, {0}}, 4, {{}, {}}},
             Row{"as many as are not protected move", {{4, 0, 3}, {0}}, 4, {{}, {1, 0}}},
             Row{"one zone", {{4}}, 4, {{}}},
         }) {
        INFO(row.what);
        CHECK(rebalance(row.zones, row.desired, 0, {}) == row.changes);
    }
}

TEST_CASE("no more tasks are started for rebalancing than the upper limit allows") {
    struct Row {
        const char* what;
        std::int32_t maximum_percent;
        std::int32_t stopping;
        Changes changes;
    };
    const Zones zones{{6}, {0}, {0}};
    for (const Row& row : {
             Row{"twice as many", 200, 0, {{}, {2, 0}, {2, 0}}},
             Row{"three more", 150, 0, {{}, {2, 0}, {1, 0}}},
             Row{"one more", 120, 0, {{}, {1, 0}, {}}},
             Row{"one more but one is still stopping", 120, 1, {{}, {}, {}}},
             Row{"less than one more", 110, 0, {{}, {}, {}}},
             Row{"none", 100, 0, {{}, {}, {}}},
         }) {
        INFO(row.what);
        CHECK(rebalance(zones, 6, row.stopping, {100, row.maximum_percent}) == row.changes);
    }
    CHECK(can_rebalance({100, 120}, 6));
    CHECK_FALSE(can_rebalance({100, 110}, 6));
    CHECK_FALSE(can_rebalance({100, 100}, 6));
}

TEST_CASE("rebalancing ends with even zones and never has too few healthy or too many tasks") {
    const des::Stream chance{1, 0, "zone-rebalancing", "test"};
    for (std::uint64_t world = 0; world < 2000; ++world) {
        des::Draws draws = chance.draws(world);
        const auto whole = [&draws](int from, int to) {
            return from + static_cast<int>(draws.unit() * (to - from + 1));
        };
        Zones zones(static_cast<std::size_t>(whole(1, 5)));
        for (ZoneTasks& zone : zones) zone.healthy = whole(0, 8);
        const std::int32_t desired = tasks_in(zones);
        const DeploymentConfiguration deployment{100, whole(101, 220)};
        std::int32_t started = 0;
        std::int32_t stopped = 0;
        for (bool moving = true; moving;) {
            const Changes changes = rebalance(zones, desired, 0, deployment);
            apply(changes, zones);
            for (const ZoneChange& change : changes) {
                started += change.start;
                stopped += change.stop;
            }
            REQUIRE(healthy_in(zones) >= desired);
            REQUIRE(tasks_in(zones) <= std::max(desired, upper_limit(deployment, desired)));
            moving = one_becomes_healthy(zones) || changes != Changes(zones.size());
        }
        REQUIRE(started == stopped);
        if (!can_rebalance(deployment, desired)) {
            REQUIRE(started == 0);
            continue;
        }
        const auto fewer = [](const ZoneTasks& a, const ZoneTasks& b) { return a.healthy < b.healthy; };
        const auto [fewest, most] = std::minmax_element(zones.begin(), zones.end(), fewer);
        REQUIRE(most->healthy - fewest->healthy <= 1);
    }
}
