#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "placement/world.hpp"

using namespace fleetsim::placement;
using namespace fleetsim::placement::example;

namespace {

constexpr std::int32_t plenty = 1 << 20;

const std::vector<Strategy> default_chain{};

Room room_with_memory(std::int32_t memory_mib, std::uint32_t zone, std::int32_t group_tasks) {
    return {resources({plenty, memory_mib, 0, 0}), zone, group_tasks, true};
}

std::uint32_t refused(const Answer& placement, Refusal why) { return placement.refused[static_cast<std::size_t>(why)]; }

/// Places tasks one after the other, lowest index first among equals, until one is refused or `most` are placed.
std::vector<std::size_t> placed_one_by_one(const Need& need, std::vector<Room>& rooms, std::size_t most) {
    std::vector<std::size_t> order;
    while (order.size() < most) {
        const Answer placement = place(need, rooms, 0);
        if (!placement.room) break;
        rooms[*placement.room].remaining -= need.task;
        rooms[*placement.room].group_tasks += 1;
        order.push_back(*placement.room);
    }
    return order;
}

}  // namespace

TEST_CASE("a full zone attracts no task, however few it has") {
    // Zones a, b and c. A1 and B1 hold a task of the service each; C1 is too small for another.
    std::vector<Room> rooms{room_with_memory(4096, 0, 1), room_with_memory(2048, 0, 0), room_with_memory(8192, 1, 1),
                            room_with_memory(3000, 1, 0), room_with_memory(1024, 2, 0)};
    const std::vector<Strategy> chain{SpreadAttribute{}, BinpackMemory{}};
    const Need need{resources({0, 1500, 0, 0}), chain};

    // A2 is the fullest room of zone a, then b is behind; with two tasks each, B2 is the tightest of both zones.
    CHECK(placed_one_by_one(need, rooms, 3) == std::vector<std::size_t>{1, 3, 3});
    CHECK(rooms[1].remaining[memory_mib] == 548);
    CHECK(rooms[3].remaining[memory_mib] == 0);
}

TEST_CASE("without a strategy tasks spread over zones and then over instances") {
    SECTION("an empty zone comes first") {
        const std::vector<Room> rooms{room_with_memory(plenty, 0, 1), room_with_memory(plenty, 1, 0),
                                      room_with_memory(plenty, 2, 0)};
        const Need need{resources({0, 512, 0, 0})};
        CHECK(place(need, rooms, 0).room == 1);
        CHECK(place(need, rooms, 0.49).room == 1);
        CHECK(place(need, rooms, 0.5).room == 2);
        CHECK(place(need, rooms, 0.99).room == 2);
    }
    SECTION("within a zone the instance with the fewest tasks of the service") {
        const std::vector<Room> rooms{room_with_memory(plenty, 0, 2), room_with_memory(plenty, 0, 1),
                                      room_with_memory(plenty, 1, 4), room_with_memory(plenty, 1, 0)};
        CHECK(place({resources({0, 512, 0, 0})}, rooms, 0).room == 1);
    }
}

TEST_CASE("spreading over instances levels them") {
    std::vector<Room> rooms{room_with_memory(plenty, 0, 2), room_with_memory(plenty, 0, 0),
                            room_with_memory(plenty, 0, 1)};
    const std::vector<Strategy> chain{SpreadInstance{}};

    CHECK(placed_one_by_one({resources({0, 512, 0, 0}), chain}, rooms, 3) == std::vector<std::size_t>{1, 1, 2});
    for (const Room& room : rooms) CHECK(room.group_tasks == 2);
}

TEST_CASE("three instances hold three tasks that must not share one") {
    std::vector<Room> rooms(3, room_with_memory(plenty, 0, 0));
    const Need need{resources({0, 512, 0, 0}), {}, true};

    CHECK(placed_one_by_one(need, rooms, 5).size() == 3);
    const Answer fourth = place(need, rooms, 0);
    CHECK_FALSE(fourth.room);
    CHECK(refused(fourth, Refusal::distinct_instance) == 3);
}

TEST_CASE("what fills up first decides how many tasks one instance takes") {
    struct Example {
        const char* what;
        Amounts instance;
        Amounts task;
        std::size_t tasks;
        Refusal next;
    };
    const Example example =
        GENERATE(Example{"c5.large, awsvpc, two slots", {2048, 3768, 0, 2}, {128, 64, 0, 1}, 2, Refusal::eni},
                 Example{"c5.large, awsvpc, trunking", {2048, 3768, 0, 10}, {128, 64, 0, 1}, 10, Refusal::eni},
                 Example{"c5.large, bridge", {2048, 3768, 0, 2}, {128, 64, 0, 0}, 16, Refusal::cpu},
                 Example{"p3.8xlarge, three GPUs each", {32768, 245000, 4, 7}, {1024, 1024, 3, 0}, 1, Refusal::gpu},
                 Example{"p3.8xlarge, two GPUs each", {32768, 245000, 4, 7}, {1024, 1024, 2, 0}, 2, Refusal::gpu},
                 Example{"c4.large, reservation of 128 MiB", {2048, 3768, 0, 2}, {0, 128, 0, 0}, 29, Refusal::memory},
                 Example{"c4.large, limit of 512 MiB", {2048, 3768, 0, 2}, {0, 512, 0, 0}, 7, Refusal::memory},
                 Example{"m4.large, nominal memory", {2048, 7985, 0, 1}, {0, 8192, 0, 0}, 0, Refusal::memory},
                 Example{"m4.large, all it registers", {2048, 7985, 0, 1}, {0, 7985, 0, 0}, 1, Refusal::memory});
    CAPTURE(example.what);

    std::vector<Room> rooms{{resources(example.instance), 0, 0, true}};
    const Need need{resources(example.task)};
    CHECK(placed_one_by_one(need, rooms, 100).size() == example.tasks);
    CHECK(refused(place(need, rooms, 0), example.next) == 1);
}

TEST_CASE("tasks on a draining instance still count for its zone") {
    std::vector<Room> rooms{room_with_memory(plenty, 0, 3), room_with_memory(plenty, 0, 0),
                            room_with_memory(plenty, 1, 1)};
    rooms[0].accepting = false;
    const std::vector<Strategy> chain{SpreadAttribute{}};

    const Answer placement = place({resources({0, 512, 0, 0}), chain}, rooms, 0);
    CHECK(placement.room == 2);
}

TEST_CASE("a refused room is counted once, for its first reason") {
    const Need need{resources({100, 100, 1, 1}), {}, true};
    const std::vector<Room> rooms{
        {resources({99, 99, 0, 0}), 0, 1, false},   {resources({100, 99, 0, 0}), 0, 1, false},
        {resources({100, 100, 0, 0}), 0, 1, false}, {resources({100, 100, 1, 0}), 0, 1, false},
        {resources({100, 100, 1, 1}), 0, 1, false}, {resources({100, 100, 1, 1}), 0, 0, false},
    };
    const Answer placement = place(need, rooms, 0);
    CHECK_FALSE(placement.room);
    CHECK(placement.refused == std::array<std::uint32_t, refusal_count>{1, 1, 1, 1, 0, 0, 1, 1});
}

TEST_CASE("the reasons are told in one sentence") {
    Placement placement;
    CHECK(refusal_text(placement) == "no container instances were found in the cluster");
    placement.refused = {2, 3, 0, 0, 0, 0, 0, 0};
    CHECK(refusal_text(placement) == "no container instance met all of its requirements: 2 of 5 cpu, 3 of 5 memory");
    placement.refused = {0, 0, 1, 1, 1, 2, 1, 4};
    CHECK(
        refusal_text(placement) ==
        "no container instance met all of its requirements: 1 of 10 gpu, 1 of 10 eni, 1 of 10 ports, 2 of 10 memberOf, "
        "1 of 10 distinctInstance, 4 of 10 not accepting tasks");
}

TEST_CASE("scale-in with binpack empties the instance that is emptiest afterwards") {
    // One task of 512 MiB on each of A, B and C: after its stop 1024, 2560 or 3584 MiB would be left.
    const std::vector<Room> rooms{room_with_memory(512, 0, 1), room_with_memory(2048, 0, 1),
                                  room_with_memory(3072, 0, 1)};
    const std::vector<Strategy> chain{BinpackMemory{}};
    CHECK(choose_stop(chain, rooms, std::vector<std::size_t>{0, 1, 2}, 0) == 2);
    CHECK(choose_stop(chain, rooms, std::vector<std::size_t>{2, 1, 0}, 0) == 0);
    CHECK(choose_stop(chain, rooms, std::vector<std::size_t>{0, 1}, 0) == 1);
}

TEST_CASE("scale-in with spread over zones takes from the zone with the most tasks") {
    // Zones a, b and c run three, two and two tasks.
    const std::vector<Room> rooms{room_with_memory(0, 1, 2), room_with_memory(0, 0, 2), room_with_memory(0, 0, 1),
                                  room_with_memory(0, 2, 2)};
    const std::vector<std::size_t> task_rooms{0, 0, 1, 1, 2, 3, 3};
    const std::vector<Strategy> chain{SpreadAttribute{}};

    // Each of the zone's three tasks is as likely as another.
    CHECK(choose_stop(chain, rooms, task_rooms, 0.0) == 2);
    CHECK(choose_stop(chain, rooms, task_rooms, 0.34) == 3);
    CHECK(choose_stop(chain, rooms, task_rooms, 0.67) == 4);
}

TEST_CASE("scale-in without a strategy takes from the fullest instance of the fullest zone") {
    const std::vector<Room> rooms{room_with_memory(0, 0, 4), room_with_memory(0, 1, 2), room_with_memory(0, 1, 3)};
    const std::vector<std::size_t> task_rooms{0, 0, 0, 0, 1, 1, 2, 2, 2};
    CHECK(choose_stop(default_chain, rooms, task_rooms, 0) == 6);
}

TEST_CASE("a zone's count at scale-in includes tasks that may not be stopped") {
    // Zone a runs four tasks, of which all but one are protected; zone b runs three, none protected.
    const std::vector<Room> rooms{room_with_memory(0, 0, 4), room_with_memory(0, 1, 3)};
    CHECK(choose_stop(default_chain, rooms, std::vector<std::size_t>{1, 1, 1, 0}, 0) == 3);
}

TEST_CASE("nothing is stopped when nothing may be") { CHECK_FALSE(choose_stop(default_chain, {}, {}, 0)); }

TEST_CASE("every room that is as good as another is picked as often") {
    const std::vector<Room> rooms(7, room_with_memory(plenty, 0, 0));
    std::vector<int> picks(7, 0);
    for (int i = 0; i < 7000; ++i) ++picks[*place({resources({1, 1, 0, 0})}, rooms, (i + 0.5) / 7000).room];
    CHECK(picks == std::vector<int>(7, 1000));
}
