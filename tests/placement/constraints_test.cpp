#include <cstdint>
#include <string>
#include <vector>

#include <fleetsim/placement/placer.hpp>

#include "catch.hpp"
#include "placement/world.hpp"

using namespace fleetsim::placement;
using namespace fleetsim::placement::example;

namespace {

const Resources plenty = resources({1 << 20, 1 << 20, 8, 8});

std::uint32_t refused(const Answer& answer, Refusal why) { return answer.refused[static_cast<std::size_t>(why)]; }

}  // namespace

TEST_CASE("a fixed host port is taken once on each instance") {
    World world{Need{.task = resources({128, 128, 0, 0}), .host_ports = {{8080}}}, {{plenty}, {plenty}}};
    const auto placed = world.placer.place_copies(world.shape, 3);
    CHECK(placed == std::vector<RoomId>{RoomId{0}, RoomId{1}});

    const Placement third = world.placer.place(world.shape, 0);
    CHECK_FALSE(third.room);
    CHECK(third.refused[static_cast<std::size_t>(Refusal::ports)] == 2);

    world.placer.give_back(RoomId{0}, world.shape);
    CHECK(world.placer.place(world.shape, 0).room == RoomId{0});
}

TEST_CASE("TCP and UDP ports of one number do not meet") {
    World world{Need{.host_ports = {{53, Protocol::tcp}}}, {{plenty}}};
    const auto other = world.placer.add_shape(world.placer.add_group("other"), {.host_ports = {{53, Protocol::udp}}});
    world.placer.take(RoomId{0}, world.shape);
    CHECK(world.placer.place(other, 0).room == RoomId{0});
    CHECK_FALSE(world.placer.place(world.shape, 0).room);
}

TEST_CASE("ports that every instance has reserved are never free") {
    for (const auto port : std::vector<std::uint16_t>{22, 2375, 2376, 51678, 51679, 51680}) {
        CAPTURE(port);
        const Answer answer = place(Need{.host_ports = {{port}}}, {{plenty}, {plenty}}, 0);
        CHECK_FALSE(answer.room);
        CHECK(refused(answer, Refusal::ports) == 2);
        CHECK(place(Need{.host_ports = {{port, Protocol::udp}}}, {{plenty}}, 0).room == 0);
    }
    CHECK(place(Need{.host_ports = {{23}}}, {{plenty}}, 0).room == 0);
}

TEST_CASE("a task that is to stop holds what it has and stands in the way of none of its group") {
    struct Row {
        const char* what;
        Need need;
        std::uint32_t room_while_leaving;
    };
    const std::vector<Row> rows{
        {"the strategies count it no more", {.task = resources({128, 128, 0, 0})}, 0},
        {"nor does distinctInstance", {.task = resources({128, 128, 0, 0}), .distinct_instance = true}, 0},
        {"its port stays taken", {.host_ports = {{8080}}}, 1},
        {"its room too", {.task = resources({1 << 20, 128, 0, 0})}, 1}};
    for (const Row& row : rows) {
        CAPTURE(row.what);
        World world{row.need, {{plenty}, {plenty}}};
        world.placer.take(RoomId{0}, world.shape);
        CHECK(world.placer.place(world.shape, 0).room == RoomId{1});
        world.placer.discount(RoomId{0}, world.shape);
        CHECK(world.placer.place(world.shape, 0).room == RoomId{row.room_while_leaving});
        world.placer.free(RoomId{0}, world.shape);
        CHECK(world.placer.place(world.shape, 0).room == RoomId{0});
    }
}

TEST_CASE("only instances that meet every constraint are candidates") {
    const std::vector<Room> rooms{{plenty, 0, 0, true, {{"stack", "green"}, {"disk", "ssd"}}},
                                  {plenty, 1, 0, true, {{"stack", "blue"}}},
                                  {plenty, 2, 0, true, {{"stack", "blue"}, {"disk", "ssd"}}}};
    const auto room_for = [&](std::vector<std::string> expressions) {
        return place(Need{.member_of = std::move(expressions)}, rooms, 0).room;
    };
    CHECK(room_for({}) == 0);
    CHECK(room_for({"attribute:stack == blue"}) == 1);
    CHECK(room_for({"attribute:stack == blue", "attribute:disk exists"}) == 2);
    CHECK(room_for({"attribute:ecs.availability-zone in [c]"}) == 2);

    const Answer nowhere = place(Need{.member_of = {"attribute:stack == red"}}, rooms, 0);
    CHECK_FALSE(nowhere.room);
    CHECK(refused(nowhere, Refusal::member_of) == 3);
}

TEST_CASE("a task keeps away from the tasks of another group") {
    Placer placer;
    const auto database = placer.add_shape(placer.add_group("database"), {});
    const auto web =
        placer.add_shape(placer.add_group("web"), {.member_of = {*parse_query("not(task:group == database)").query}});
    const RoomId first = placer.add(plenty, {});
    const RoomId second = placer.add(plenty, {});
    CHECK(placer.place(web, 0).room == first);
    placer.take(first, database);
    CHECK(placer.place(web, 0).room == second);
    placer.take(second, database);
    CHECK_FALSE(placer.place(web, 0).room);
    placer.give_back(first, database);
    CHECK(placer.place(web, 0).room == first);
}

TEST_CASE("runningTasksCount counts tasks from when they run") {
    Placer placer;
    const auto shape =
        placer.add_shape(placer.add_group("web"), {.member_of = {*parse_query("runningTasksCount < 1").query}});
    const RoomId room = placer.add(plenty, {});
    placer.take(room, shape);
    CHECK(placer.place(shape, 0).room == room);
    placer.add_running_tasks(room, +1);
    CHECK_FALSE(placer.place(shape, 0).room);
    placer.add_running_tasks(room, -1);
    CHECK(placer.place(shape, 0).room == room);
}

TEST_CASE("tasks spread over an attribute of one's own") {
    // Two racks; the instance without a rack is a rack of its own.
    const std::vector<Room> rooms{{plenty, 0, 2, true, {{"rack", "r1"}}},
                                  {plenty, 0, 0, true, {{"rack", "r1"}}},
                                  {plenty, 0, 1, true, {{"rack", "r2"}}},
                                  {plenty, 0, 3, true, {}}};
    const Need need{.strategies = {SpreadAttribute{"rack"}}};
    CHECK(place(need, rooms, 0).room == 2);
    CHECK(choose_stop(need.strategies, rooms, {0, 0, 2, 3, 3, 3}, 0) == 3);
}

TEST_CASE("a burst of copies fills one instance after the other") {
    World world{Need{.task = resources({512, 1000, 0, 0}), .strategies = {BinpackMemory{}}},
                {{resources({4096, 8000, 0, 0})},
                 {resources({1024, 7000, 0, 0})},
                 {resources({4096, 2500, 0, 0})},
                 {resources({256, 1500, 0, 0})}}};
    // Room 2 has the least memory that will do, and takes two; of room 1's CPU there is enough for two.
    const auto placed = world.placer.place_copies(world.shape, 6);
    std::vector<std::uint32_t> rooms;
    for (const RoomId room : placed) rooms.push_back(room.value);
    CHECK(rooms == std::vector<std::uint32_t>{2, 2, 1, 1, 0, 0});
    CHECK((world.placer.rooms().left(RoomId{2}) == resources({3072, 500, 0, 0})).all());
    CHECK((world.placer.rooms().left(RoomId{0}) == resources({3072, 6000, 0, 0})).all());
    CHECK(world.placer.place_copies(world.shape, 100).size() == 6);
    CHECK(world.placer.place_copies(world.shape, 1).empty());
}
