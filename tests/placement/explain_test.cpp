#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/placement/explain.hpp>

#include "catch.hpp"
#include "placement/world.hpp"

using namespace fleetsim;
using namespace fleetsim::placement;
using example::Need;
using example::Room;
using example::World;

namespace {

Resources amounts(std::int32_t cpu, std::int32_t memory) { return resources({.cpu_units = cpu, .memory_mib = memory}); }

PlaceExplanation explained(const Need& need, const std::vector<Room>& rooms) {
    const World world{need, rooms};
    return explain_place(world.placer.rooms(), world.shape);
}

using Numbers = std::vector<std::uint32_t>;

Numbers numbers(const std::vector<RoomId>& rooms) {
    Numbers all;
    for (const RoomId room : rooms) all.push_back(room.value);
    return all;
}

Numbers ranked(const StrategyStep& step) {
    Numbers all;
    for (const RankedRoom& room : step.ranking) all.push_back(room.room.value);
    return all;
}

std::vector<std::int64_t> seen(const StrategyStep& step) {
    std::vector<std::int64_t> all;
    for (const RankedRoom& room : step.ranking) all.push_back(room.seen.value_or(-1));
    return all;
}

}  // namespace

TEST_CASE("each room says why it refuses and what is missing there") {
    Need need{amounts(256, 512)};
    need.distinct_instance = true;
    need.host_ports = {{80, Protocol::tcp}};
    need.member_of = {"attribute:disk == ssd"};
    const Attributes ssd{{"disk", "ssd"}};
    struct Row {
        const char* what;
        Room room;
        std::optional<Refusal> refusal;
        Resources missing;
        bool lacks_only_resources;
    };
    const Row rows[] = {
        {"fits", {amounts(256, 512), 0, 0, true, ssd}, std::nullopt, amounts(0, 0), false},
        {"one resource", {amounts(256, 300), 0, 0, true, ssd}, Refusal::memory, amounts(0, 212), true},
        {"two resources", {amounts(100, 300), 0, 0, true, ssd}, Refusal::cpu, amounts(156, 212), true},
        {"and the constraint", {amounts(100, 512)}, Refusal::cpu, amounts(156, 0), false},
        {"the constraint", {amounts(256, 512)}, Refusal::member_of, amounts(0, 0), false},
        {"a task of the group", {amounts(256, 512), 0, 1, true, ssd}, Refusal::distinct_instance, amounts(0, 0), false},
        {"draining", {amounts(256, 512), 0, 0, false, ssd}, Refusal::not_accepting, amounts(0, 0), false},
        {"full and draining", {amounts(0, 512), 0, 0, false, ssd}, Refusal::cpu, amounts(256, 0), false},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        const PlaceExplanation told = explained(need, {row.room});
        REQUIRE(told.answers.size() == 1);
        CHECK(told.answers[0].refusal == row.refusal);
        CHECK((told.answers[0].missing == row.missing).all());
        CHECK(told.answers[0].lacks_only_resources == row.lacks_only_resources);
        CHECK(told.equals.empty() == row.refusal.has_value());
        CHECK(told.steps.empty() == row.refusal.has_value());
    }
}

TEST_CASE("a port that is taken and an instance of another provider are told") {
    Rooms rooms;
    const TaskGroupId group = rooms.add_group("service:example");
    Shape shape{.task = amounts(1, 1), .host_ports = {{80, Protocol::tcp}}};
    shape.capacity_provider = "one";
    const ShapeId id = rooms.add_shape(group, shape);
    for (const char* provider : {"one", "other"}) {
        InstanceFacts facts;
        facts.capacity_provider = provider;
        rooms.add(amounts(10, 10), facts);
    }
    rooms.take(RoomId{0}, id);
    const PlaceExplanation told = explain_place(rooms, id);
    CHECK(told.answers[0].refusal == Refusal::ports);
    CHECK(told.answers[1].refusal == Refusal::capacity_provider);
    CHECK_FALSE(told.answers[1].lacks_only_resources);
}

TEST_CASE("each step of the chain ranks what the one before it leaves") {
    // Zone a has three tasks of the group, b two, c none but also no room.
    const std::vector<Room> rooms{{amounts(900, 900), 0, 2},
                                  {amounts(500, 500), 1, 1},
                                  {amounts(400, 800), 1, 1},
                                  {amounts(100, 700), 0, 1},
                                  {amounts(0, 900), 2, 0}};
    struct Row {
        std::vector<Strategy> chain;
        std::size_t step;
        const char* name;
        const char* compares;
        Numbers ranking;
        std::vector<std::int64_t> seen;
        std::size_t left;
        Numbers equals;
    };
    const Row rows[] = {
        {{},
         0,
         "spread: attribute:ecs.availability-zone",
         "tasks of its group in the same ecs.availability-zone",
         {1, 2, 0, 3},
         {2, 2, 3, 3},
         2,
         {1, 2}},
        {{}, 1, "spread: instanceId", "tasks of its group on the instance", {1, 2}, {1, 1}, 2, {1, 2}},
        {{BinpackMemory{}}, 0, "binpack: memory", "MiB of memory left", {1, 3, 2, 0}, {500, 700, 800, 900}, 1, {1}},
        {{BinpackCpu{}}, 0, "binpack: cpu", "CPU units left", {3, 2, 1, 0}, {100, 400, 500, 900}, 1, {3}},
        {{SpreadInstance{}, BinpackMemory{}},
         0,
         "spread: instanceId",
         "tasks of its group on the instance",
         {1, 2, 3, 0},
         {1, 1, 1, 2},
         3,
         {1}},
        {{SpreadInstance{}, BinpackMemory{}},
         1,
         "binpack: memory",
         "MiB of memory left",
         {1, 3, 2},
         {500, 700, 800},
         1,
         {1}},
        // What is drawn is not known before: all remain.
        {{Random{}}, 0, "random", "", {0, 1, 2, 3}, {-1, -1, -1, -1}, 4, {0, 1, 2, 3}},
    };
    for (const Row& row : rows) {
        const PlaceExplanation told = explained({amounts(50, 50), row.chain}, rooms);
        INFO(row.name);
        REQUIRE(row.step < told.steps.size());
        const StrategyStep& step = told.steps[row.step];
        CHECK(step.strategy == row.name);
        CHECK(step.compares == row.compares);
        CHECK(ranked(step) == row.ranking);
        CHECK(seen(step) == row.seen);
        CHECK(step.left == row.left);
        CHECK(numbers(told.equals) == row.equals);
        CHECK(told.answers[4].refusal == Refusal::cpu);
    }
}

TEST_CASE("the instance that lacks the least share of a need is the nearest to a fit") {
    struct Row {
        const char* what;
        std::vector<Room> rooms;
        std::optional<std::uint32_t> nearest;
    };
    const Row rows[] = {
        {"no instances", {}, std::nullopt},
        {"all fit", {{amounts(100, 1000)}}, std::nullopt},
        {"less is missing", {{amounts(100, 600)}, {amounts(100, 700)}, {amounts(100, 100)}}, 1},
        {"shares count and not numbers", {{amounts(50, 1000)}, {amounts(100, 600)}}, 1},
        {"the worst resource counts", {{amounts(90, 100)}, {amounts(50, 500)}}, 1},
        {"the first of equals", {{amounts(100, 700)}, {amounts(100, 700)}}, 0},
        {"what drains does not count", {{amounts(100, 900), 0, 0, false}, {amounts(100, 700)}}, 1},
        {"nothing but draining", {{amounts(100, 1000), 0, 0, false}}, std::nullopt},
    };
    const Resources need = amounts(100, 1000);
    for (const Row& row : rows) {
        INFO(row.what);
        const auto nearest = nearest_to_fit(explained({need}, row.rooms).answers, need);
        CHECK(nearest.has_value() == row.nearest.has_value());
        if (nearest && row.nearest) CHECK(nearest->room.value == *row.nearest);
    }
}

TEST_CASE("an explanation agrees with the decision on any cluster and with any draw") {
    const std::vector<std::vector<Strategy>> chains{{},
                                                    {BinpackMemory{}},
                                                    {SpreadAttribute{}, BinpackCpu{}},
                                                    {SpreadInstance{}, BinpackMemory{}, SpreadAttribute{}},
                                                    {Random{}},
                                                    {SpreadAttribute{}, Random{}}};
    const des::Stream stream{1, 0, "explain", "clusters"};
    std::uint64_t number = 0;
    const auto drawn = [&](std::int32_t below) { return static_cast<std::int32_t>(stream.unit(number++) * below); };
    for (int cluster = 0; cluster < 300; ++cluster) {
        std::vector<Room> rooms;
        for (std::int32_t i = drawn(12); i >= 0; --i) {
            rooms.push_back(
                {amounts(drawn(4) * 50, drawn(4) * 50), static_cast<std::uint32_t>(drawn(3)), drawn(3), drawn(5) > 0});
        }
        Need need{amounts(50, 50), chains[static_cast<std::size_t>(cluster) % chains.size()]};
        need.distinct_instance = cluster % 3 == 0;
        const World world{need, rooms};
        const PlaceExplanation told = explain_place(world.placer.rooms(), world.shape);
        const Placement placed = place(world.placer.rooms(), world.shape, stream.unit(number++));
        REQUIRE(told.answers.size() == rooms.size());
        CHECK(told.equals.empty() == !placed.room.has_value());
        if (placed.room) CHECK(std::count(told.equals.begin(), told.equals.end(), *placed.room) == 1);
        for (const RoomAnswer& answer : told.answers) {
            CHECK(answer.refusal == refusal(world.placer.rooms(), world.shape, answer.room));
            if (!answer.refusal) CHECK((answer.missing == 0).all());
        }
        for (const StrategyStep& step : told.steps) {
            // The best that a step sees in a room is what it sees in all that it leaves, and in no other.
            for (std::size_t i = 1; i < step.ranking.size() && !step.compares.empty(); ++i) {
                const bool equal = step.ranking[i].seen == step.ranking[0].seen;
                CHECK(equal == (i < step.left));
                CHECK(step.ranking[i - 1].seen <= step.ranking[i].seen);
            }
        }
    }
}
