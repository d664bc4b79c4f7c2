#include <set>
#include <string>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "placement/world.hpp"

using namespace fleetsim::placement;
using namespace fleetsim::placement::example;

namespace {

// Late enough to pick the last of five.
constexpr double tie = 0.9;

// Five rooms in two zones, and no two strategies agree on where a task goes. The last one is nobody's favourite but
// chance's.
const std::vector<Room> rooms{
    {resources({2000, 2000, 0, 0}), 0, 0, true},  // No task of the service, but zone 0 is crowded.
    {resources({2000, 2000, 0, 0}), 1, 1, true},  // The only room of a quiet zone.
    {resources({200, 2000, 0, 0}), 0, 4, true},   // Nearly out of CPU.
    {resources({2000, 200, 0, 0}), 0, 3, true},   // Nearly out of memory.
    {resources({2000, 2000, 0, 0}), 0, 2, true},
};

std::size_t placed_by(Strategy strategy) {
    const std::vector<Strategy> chain{strategy};
    return place({resources({100, 100, 0, 0}), chain}, rooms, tie).room.value();
}

// Five rooms with a stoppable task each (and one without), and no two strategies agree on which to stop.
const std::vector<Room> full_rooms{
    {resources({100, 100, 0, 0}), 0, 3, true},  // Zone 0 has six tasks, three of them in the room that is left out.
    {resources({100, 100, 0, 0}), 1, 4, true},  // No room has more tasks of the service.
    {resources({900, 100, 0, 0}), 2, 1, true},  // Most CPU left.
    {resources({100, 900, 0, 0}), 2, 1, true},  // Most memory left.
    {resources({100, 100, 0, 0}), 2, 1, true}, {resources({100, 100, 0, 0}), 0, 3, true},
};

std::size_t stopped_by(Strategy strategy) {
    const std::vector<Strategy> chain{strategy};
    return choose_stop(chain, full_rooms, std::vector<std::size_t>{0, 1, 2, 3, 4}, tie).value();
}

}  // namespace

TEST_CASE("each placement strategy has its own favourite") {
    CHECK(placed_by(SpreadInstance{}) == 0);
    CHECK(placed_by(SpreadAttribute{}) == 1);
    CHECK(placed_by(BinpackCpu{}) == 2);
    CHECK(placed_by(BinpackMemory{}) == 3);
    CHECK(placed_by(Random{}) == 4);
}

TEST_CASE("each placement strategy parts with another task") {
    CHECK(stopped_by(SpreadAttribute{}) == 0);
    CHECK(stopped_by(SpreadInstance{}) == 1);
    CHECK(stopped_by(BinpackCpu{}) == 2);
    CHECK(stopped_by(BinpackMemory{}) == 3);
    CHECK(stopped_by(Random{}) == 4);
}

TEST_CASE("the order of a chain matters") {
    const Resources task = resources({100, 100, 0, 0});
    const std::vector<Strategy> zone_first{SpreadAttribute{}, BinpackCpu{}};
    const std::vector<Strategy> cpu_first{BinpackCpu{}, SpreadAttribute{}};
    CHECK(place({task, zone_first}, rooms, 0).room == 1);
    CHECK(place({task, cpu_first}, rooms, 0).room == 2);
}

TEST_CASE("random chooses among what earlier steps left, and leaves nothing to later ones") {
    const Resources task = resources({100, 100, 0, 0});
    const std::vector<Strategy> random_last{SpreadAttribute{}, Random{}};
    const std::vector<Strategy> random_first{Random{}, SpreadAttribute{}};
    CHECK(place({task, random_last}, rooms, tie).room == 1);
    CHECK(place({task, random_first}, rooms, tie).room == 4);
}

TEST_CASE("strategies are values: equal when they are the same step, and named apart") {
    const std::vector<Strategy> all{SpreadAttribute{}, SpreadInstance{}, BinpackCpu{}, BinpackMemory{}, Random{}};
    REQUIRE(all.size() == std::variant_size_v<Strategy>);
    std::set<std::string> names;
    for (std::size_t i = 0; i < all.size(); ++i) {
        names.insert(name_of(all[i]));
        for (std::size_t j = 0; j < all.size(); ++j) CHECK((all[i] == all[j]) == (i == j));
    }
    CHECK(names.size() == all.size());
}
