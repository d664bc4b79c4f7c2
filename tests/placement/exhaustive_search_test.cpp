#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "catch.hpp"
#include "placement/world.hpp"

using namespace fleetsim::placement;
using namespace fleetsim::placement::example;

namespace {

/// Rooms, a need and a chain that are often tight, often tied and often full.
struct Puzzle {
    std::vector<Room> rooms;
    std::vector<Strategy> chain;
    Resources task = Resources::Zero();
    bool distinct_instance = false;
    double tie = 0;

    explicit Puzzle(std::mt19937_64& bits) {
        const auto below = [&](std::uint64_t bound) { return static_cast<std::int32_t>(bits() % bound); };
        const std::array<Strategy, 5> strategies{SpreadAttribute{}, SpreadInstance{}, BinpackCpu{}, BinpackMemory{},
                                                 Random{}};
        rooms.resize(static_cast<std::size_t>(below(12)));
        for (Room& room : rooms) {
            room.remaining = resources({below(5), below(5), below(3), below(4)});
            room.zone = static_cast<std::uint32_t>(below(3));
            room.group_tasks = below(3);
            room.accepting = below(8) != 0;
        }
        chain.resize(static_cast<std::size_t>(below(5)));
        for (Strategy& strategy : chain) strategy = strategies[static_cast<std::size_t>(below(5))];
        task = resources({below(3), below(3), below(2), below(2)});
        distinct_instance = below(4) == 0;
        tie = static_cast<double>(below(1000)) / 1000;
    }

    [[nodiscard]] Need need() const { return {task, chain, distinct_instance}; }
};

/// What the chain ranks a room by, up to the first `random`. To narrow step by step to the lowest is to look for the
/// lexicographically lowest of these.
std::vector<std::int64_t> rank(const Puzzle& world, std::size_t room) {
    const std::vector<Strategy> fallback{SpreadAttribute{}, SpreadInstance{}};
    std::vector<std::int64_t> keys;
    for (const Strategy& strategy : world.chain.empty() ? fallback : world.chain) {
        if (strategy == Strategy{Random{}}) break;
        if (strategy == Strategy{BinpackCpu{}}) keys.push_back(world.rooms[room].remaining[cpu_units]);
        if (strategy == Strategy{BinpackMemory{}}) keys.push_back(world.rooms[room].remaining[memory_mib]);
        if (strategy == Strategy{SpreadInstance{}}) keys.push_back(world.rooms[room].group_tasks);
        if (strategy == Strategy{SpreadAttribute{}}) {
            std::int64_t tasks = 0;
            for (const Room& other : world.rooms) {
                if (other.zone == world.rooms[room].zone) tasks += other.group_tasks;
            }
            keys.push_back(tasks);
        }
    }
    return keys;
}

bool takes(const Puzzle& world, const Room& room) {
    for (int row = 0; row < resource_count; ++row) {
        if (room.remaining[row] < world.task[row]) return false;
    }
    return room.accepting && !(world.distinct_instance && room.group_tasks > 0);
}

}  // namespace

TEST_CASE("the placer agrees with an exhaustive search") {
    std::mt19937_64 bits{20260105};
    int placed = 0;
    int refused_all = 0;
    for (int round = 0; round < 20000; ++round) {
        const Puzzle world{bits};
        std::vector<std::size_t> best;
        for (std::size_t i = 0; i < world.rooms.size(); ++i) {
            if (!takes(world, world.rooms[i])) continue;
            if (!best.empty() && rank(world, i) < rank(world, best[0])) best.clear();
            if (best.empty() || rank(world, i) == rank(world, best[0])) best.push_back(i);
        }

        const Answer placement = place(world.need(), world.rooms, world.tie);
        REQUIRE(placement.room.has_value() == !best.empty());
        if (placement.room) {
            ++placed;
            REQUIRE(takes(world, world.rooms[*placement.room]));
            REQUIRE(*placement.room == best[static_cast<std::size_t>(world.tie * static_cast<double>(best.size()))]);
        } else {
            ++refused_all;
            std::uint32_t counted = 0;
            for (const std::uint32_t count : placement.refused) counted += count;
            REQUIRE(counted == world.rooms.size());
        }
    }
    // The worlds are worth something only if both outcomes are common among them.
    CHECK(placed > 5000);
    CHECK(refused_all > 2000);
}

TEST_CASE("the choice of a task to stop agrees with an exhaustive search") {
    std::mt19937_64 bits{20260106};
    for (int round = 0; round < 20000; ++round) {
        const Puzzle world{bits};
        std::vector<std::size_t> task_rooms;
        for (std::size_t i = 0; i < world.rooms.size(); ++i) {
            task_rooms.insert(task_rooms.end(), static_cast<std::size_t>(world.rooms[i].group_tasks), i);
        }
        std::vector<std::size_t> best;
        for (std::size_t task = 0; task < task_rooms.size(); ++task) {
            const auto mine = rank(world, task_rooms[task]);
            if (!best.empty() && mine > rank(world, task_rooms[best[0]])) best.clear();
            if (best.empty() || mine == rank(world, task_rooms[best[0]])) best.push_back(task);
        }

        const std::optional<std::size_t> stopped = choose_stop(world.chain, world.rooms, task_rooms, world.tie);
        REQUIRE(stopped.has_value() == !best.empty());
        if (stopped) {
            REQUIRE(*stopped == best[static_cast<std::size_t>(world.tie * static_cast<double>(best.size()))]);
        }
    }
}
