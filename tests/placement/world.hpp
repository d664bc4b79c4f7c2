#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fleetsim/placement/placer.hpp>

#include "catch.hpp"

/// Clusters told in one line a room, for tables of examples. Each decision is taken by looking at every room and by the
/// placer, which must agree.
namespace fleetsim::placement::example {

struct Room {
    Resources remaining = Resources::Zero();
    std::uint32_t zone = 0;
    std::int32_t group_tasks = 0;
    bool accepting = true;
    Attributes attributes = {};
};

struct Need {
    Resources task = Resources::Zero();
    std::vector<Strategy> strategies = {};
    bool distinct_instance = false;
    std::vector<HostPort> host_ports = {};
    std::vector<std::string> member_of = {};
};

struct Answer {
    std::optional<std::size_t> room;
    std::array<std::uint32_t, refusal_count> refused{};
};

class World {
public:
    World(const Need& need, const std::vector<Room>& rooms) {
        const TaskGroupId group = placer.add_group("service:example");
        // Before and after the rooms, so that both ways of building an index are seen.
        const ShapeId already_there = placer.add_shape(group, {});
        for (const Room& room : rooms) {
            InstanceFacts facts;
            facts.attributes = room.attributes;
            facts.attributes["ecs.availability-zone"] = std::string(1, static_cast<char>('a' + room.zone));
            const RoomId id = placer.add(room.remaining, facts);
            for (std::int32_t i = 0; i < room.group_tasks; ++i) placer.take(id, already_there);
            placer.set_accepting(id, room.accepting);
        }
        Shape wanted{need.task, need.host_ports, need.strategies, need.distinct_instance, {}};
        for (const std::string& expression : need.member_of) wanted.member_of.push_back(*parse_query(expression).query);
        shape = placer.add_shape(group, std::move(wanted));
    }

    Placer placer;
    ShapeId shape;
};

inline Answer place(const Need& need, const std::vector<Room>& rooms, double tie) {
    World world{need, rooms};
    const Placement found = world.placer.place(world.shape, tie);
    const Placement expected = placement::place(world.placer.rooms(), world.shape, tie);
    REQUIRE(found.room == expected.room);
    REQUIRE(found.refused == expected.refused);
    Answer answer{std::nullopt, found.refused};
    if (found.room) answer.room = found.room->value;
    return answer;
}

inline std::optional<std::size_t> choose_stop(const std::vector<Strategy>& strategies, const std::vector<Room>& rooms,
                                              const std::vector<std::size_t>& task_rooms, double tie) {
    World world{Need{Resources::Zero(), strategies}, rooms};
    std::vector<RoomId> ids;
    for (const std::size_t room : task_rooms) ids.push_back(RoomId{static_cast<std::uint32_t>(room)});
    return placement::choose_stop(world.placer.rooms(), world.shape, ids, tie);
}

}  // namespace fleetsim::placement::example
