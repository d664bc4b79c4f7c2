#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fleetsim/placement/placer.hpp>

#include "catch.hpp"

using namespace fleetsim::placement;

namespace {

/// A cluster in which everything changes all the time: instances of three zones and two kinds come, drain and go, and
/// tasks of many shapes and all strategies are placed and stopped. Every decision is taken twice.
class Churn {
public:
    Churn(std::uint64_t seed, std::int32_t rooms) : bits_(seed), rooms_(rooms) {
        for (std::uint32_t group = 0; group < 4; ++group)
            groups_.push_back(placer_.add_group("service:" + std::to_string(group)));
        for (int shape = 0; shape < 6; ++shape) add_shape();
        for (int room = 0; room < rooms_; ++room) add_room();
        for (int task = 0; task < 6 * rooms_; ++task) place_one();
    }

    void step() {
        switch (below(20)) {
            case 0: return add_room();
            case 1: return drain_or_return();
            case 2: return remove_empty();
            case 3: return add_shape();
            default: break;
        }
        if (below(2) == 0 && !tasks_.empty()) return below(3) == 0 ? let_one_leave() : stop_one();
        if (below(10) == 0) return place_some();
        place_one();
    }

    int placed = 0;
    int refused = 0;
    int bursts = 0;

private:
    struct Task {
        RoomId room;
        ShapeId shape;
        bool leaving = false;
    };

    std::int32_t below(std::uint64_t bound) { return static_cast<std::int32_t>(bits_() % bound); }

    void add_room() {
        if (placer_.rooms().known().size() > static_cast<std::size_t>(rooms_)) return;
        static const std::array<Amounts, 4> kinds{Amounts{2048, 3768, 0, 2}, Amounts{4096, 15000, 0, 3},
                                                  Amounts{4096, 7500, 1, 3}, Amounts{8192, 31000, 4, 7}};
        InstanceFacts facts;
        facts.ec2_instance_id = "i-" + std::to_string(placer_.rooms().added());
        if (const auto zone = below(4); zone < 3)
            facts.attributes["ecs.availability-zone"] = std::string(1, static_cast<char>('a' + zone));
        facts.attributes["stack"] = below(2) == 0 ? "blue" : "green";
        placer_.add(resources(kinds[static_cast<std::size_t>(below(4))]), facts);
    }

    RoomId any_room() {
        const auto known = placer_.rooms().known();
        return known[static_cast<std::size_t>(below(known.size()))];
    }
    void drain_or_return() {
        const RoomId room = any_room();
        placer_.set_accepting(room, !placer_.rooms().accepting(room));
    }
    void remove_empty() {
        const RoomId room = any_room();
        for (const Task& task : tasks_) {
            if (task.room == room) return;
        }
        placer_.remove(room);
    }

    Strategy any_strategy() {
        switch (below(6)) {
            case 0: return SpreadAttribute{};
            case 1: return SpreadAttribute{"stack"};
            case 2: return SpreadInstance{};
            case 3: return BinpackCpu{};
            case 4: return BinpackMemory{};
            default: return Random{};
        }
    }

    void add_shape() {
        if (shapes_.size() == 24) return;
        Shape shape;
        shape.task =
            resources({below(9) * 128, below(9) * 256, below(6) == 0 ? 1 + below(2) : 0, below(3) == 0 ? 1 : 0});
        if (below(4) == 0) shape.host_ports = {{static_cast<std::uint16_t>(8080 + below(2)), Protocol::tcp}};
        for (auto steps = below(4); steps > 0; --steps) shape.strategies.push_back(any_strategy());
        shape.distinct_instance = below(6) == 0;
        if (below(5) == 0) shape.member_of.push_back(*parse_query("attribute:stack == blue").query);
        if (below(6) == 0) shape.member_of.push_back(*parse_query("not(task:group == service:1)").query);
        if (below(8) == 0) shape.member_of.push_back(*parse_query("runningTasksCount < 3").query);
        shapes_.push_back(placer_.add_shape(groups_[static_cast<std::size_t>(below(groups_.size()))], shape));
    }

    void place_one() {
        const ShapeId shape = shapes_[static_cast<std::size_t>(below(shapes_.size()))];
        const double tie = below(2) == 0 ? 0 : below(1000) / 1000.0;
        const Placement expected = place(placer_.rooms(), shape, tie);
        const Placement found = placer_.place(shape, tie);
        REQUIRE(found.room == expected.room);
        REQUIRE(found.refused == expected.refused);
        if (!found.room) {
            ++refused;
            return;
        }
        ++placed;
        placer_.take(*found.room, shape);
        placer_.add_running_tasks(*found.room, +1);
        tasks_.push_back({*found.room, shape});
    }

    /// A burst of copies goes where single decisions would have put them.
    void place_some() {
        const ShapeId shape = shapes_[static_cast<std::size_t>(below(shapes_.size()))];
        const auto copies = static_cast<std::uint32_t>(below(8));
        std::vector<RoomId> expected;
        for (std::optional<RoomId> room; expected.size() < copies && (room = placer_.find(shape, 0));) {
            placer_.take(*room, shape);
            expected.push_back(*room);
        }
        for (auto room = expected.rbegin(); room != expected.rend(); ++room) placer_.give_back(*room, shape);
        REQUIRE(placer_.place_copies(shape, copies) == expected);
        for (const RoomId room : expected) {
            placer_.add_running_tasks(room, +1);
            tasks_.push_back({room, shape});
        }
        bursts += expected.empty() ? 0 : 1;
    }

    void let_one_leave() {
        Task& task = tasks_[static_cast<std::size_t>(below(tasks_.size()))];
        if (std::exchange(task.leaving, true)) return;
        placer_.discount(task.room, task.shape);
        placer_.add_running_tasks(task.room, -1);
    }

    void stop_one() {
        const auto chosen = static_cast<std::size_t>(below(tasks_.size()));
        const Task task = tasks_[chosen];
        if (task.leaving) {
            placer_.free(task.room, task.shape);
        } else {
            placer_.give_back(task.room, task.shape);
            placer_.add_running_tasks(task.room, -1);
        }
        tasks_[chosen] = tasks_.back();
        tasks_.pop_back();
    }

    std::mt19937_64 bits_;
    std::int32_t rooms_;
    Placer placer_;
    std::vector<TaskGroupId> groups_;
    std::vector<ShapeId> shapes_;
    std::vector<Task> tasks_;
};

}  // namespace

TEST_CASE("the placer decides as if it looked at every instance") {
    int placed = 0;
    int refused = 0;
    int bursts = 0;
    for (std::uint64_t seed = 1; seed <= 24; ++seed) {
        // Small clusters are crowded; in the large one the directories have many leaves.
        const bool large = seed % 8 == 0;
        Churn churn{seed, large ? 600 : 12};
        for (int i = 0; i < (large ? 4000 : 1500); ++i) churn.step();
        placed += churn.placed;
        refused += churn.refused;
        bursts += churn.bursts;
    }
    // The worlds are worth something only if both outcomes are common.
    CHECK(placed > 10000);
    CHECK(refused > 1500);
    CHECK(bursts > 500);
}
