#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fleetsim/placement/index.hpp>
#include <fleetsim/placement/place.hpp>
#include <fleetsim/placement/rooms.hpp>

namespace fleetsim::placement {

/// How a placer finds what `place` says.
enum class Search : std::uint8_t {
    indexed,  ///< Without looking at every room.
    linear,   ///< With `place` itself: the reference, for tests and for comparison.
};

/// Places tasks on a cluster as ECS does, in about the same time whatever its size: hundreds of nanoseconds among
/// 100,000 instances.
///
/// It decides exactly as `place` does. A chain of strategies begins with steps that spread over attributes, then has
/// one that fills up or spreads over instances: those an `Index` answers. What else a chain has, and a tie, is settled
/// among the rooms that are left, one by one.
///
/// Cost: of a chain that an index answers to its end, with tie 0, as said. A tie is drawn among all rooms that are
/// equally good, which are listed for it. Constraints are asked of the rooms that fit, one by one; `binpack` with
/// `distinctInstance` looks at those that its own tasks have filled each time.
class Placer {
public:
    explicit Placer(Search search = Search::indexed) : search_(search) {}
    Placer(Placer&&) = default;
    Placer& operator=(Placer&&) = default;

    [[nodiscard]] const Rooms& rooms() const { return rooms_; }

    TaskGroupId add_group(std::string name) { return rooms_.add_group(std::move(name)); }

    ShapeId add_shape(TaskGroupId group, Shape shape) {
        const ShapeId id = rooms_.add_shape(group, std::move(shape));
        plans_.push_back(plan(id));
        if (plans_.back().spreads_over_rooms) indexes_[plans_.back().index].count_tasks_of(rooms_, group);
        return id;
    }

    RoomId add(const Resources& registered, InstanceFacts facts) {
        const RoomId room = rooms_.add(registered, std::move(facts));
        for (Index& index : indexes_) {
            index.add(rooms_, room);
            index.open(rooms_, room);
        }
        return room;
    }
    void remove(RoomId room) {
        set_accepting(room, false);
        rooms_.remove(room);
    }
    void set_accepting(RoomId room, bool accepting) {
        if (rooms_.accepting(room) == accepting) return;
        rooms_.set_accepting(room, accepting);
        for (Index& index : indexes_) accepting ? index.open(rooms_, room) : index.close(room);
    }
    /// How many more of the room's tasks are RUNNING now, which only `runningTasksCount` asks for.
    void add_running_tasks(RoomId room, std::int64_t change) { rooms_.add_running_tasks(room, change); }

    void take(RoomId room, ShapeId shape) {
        rooms_.take(room, shape);
        changed(room, shape, -plans_[shape.value].need, +1);
    }
    /// A task is to stop: it holds its room until `free`, but neither strategies nor `distinctInstance` count it.
    ///
    /// Source: Amazon ECS Developer Guide, "Define which container instances Amazon ECS uses for tasks" (desired
    /// status).
    void discount(RoomId room, ShapeId shape) {
        rooms_.discount(room, shape);
        changed(room, shape, Resources::Zero(), -1);
    }
    void free(RoomId room, ShapeId shape) {
        rooms_.free(room, shape);
        changed(room, shape, plans_[shape.value].need, 0);
    }
    /// Both at once.
    void give_back(RoomId room, ShapeId shape) {
        rooms_.discount(room, shape);
        rooms_.free(room, shape);
        changed(room, shape, plans_[shape.value].need, -1);
    }

    /// As the function of that name. It decides; `take` acts.
    [[nodiscard]] Placement place(ShapeId shape, double tie) {
        if (search_ == Search::linear) return placement::place(rooms_, shape, tie);
        const std::optional<RoomId> room = find(shape, tie);
        return room ? Placement{room, {}} : refused_by_all(rooms_, shape);
    }

    /// The same without the reasons, which take a look at every room.
    [[nodiscard]] std::optional<RoomId> find(ShapeId shape, double tie) {
        if (search_ == Search::linear) return placement::place(rooms_, shape, tie).room;
        return plans_[shape.value].filters ? find_accepted(shape, tie, Filter{*this, shape})
                                           : find_accepted(shape, tie, std::true_type{});
    }

    /// Places copies of a task one after the other, each time the first registered of equals, and takes what they need:
    /// the room of each that found one, in the order of placing. With `binpack` alone a burst takes a fraction of the
    /// time of its single decisions.
    std::vector<RoomId> place_copies(ShapeId shape, std::uint32_t copies) {
        const Plan& plan = plans_[shape.value];
        std::vector<RoomId> placed;
        placed.reserve(copies);
        if (search_ == Search::linear || !plan.fills_up || !(plan.need > 0).any()) {
            for (std::optional<RoomId> room; placed.size() < copies && (room = find(shape, 0));) {
                take(*room, shape);
                placed.push_back(*room);
            }
            return placed;
        }
        // Rooms far apart in memory: each is fetched while those before it are dealt with.
        constexpr std::size_t ahead = 8;
        const std::span<const Directory::Filled> filled = indexes_[plan.index].fill(plan.need, copies);
        for (std::size_t i = 0; i < std::min(ahead, filled.size()); ++i) rooms_.prefetch(RoomId{filled[i].room});
        for (std::size_t i = 0; i < filled.size(); ++i) {
            if (i + ahead < filled.size()) rooms_.prefetch(RoomId{filled[i + ahead].room});
            const RoomId room{filled[i].room};
            const auto here = static_cast<std::int32_t>(filled[i].copies);
            rooms_.take(room, shape, here);
            placed.insert(placed.end(), filled[i].copies, room);
            for (std::size_t index = 0; index < indexes_.size(); ++index) {
                if (index != plan.index) indexes_[index].change(rooms_, room, -here * plan.need);
                indexes_[index].count_tasks(rooms_, rooms_.group(shape), room, here);
            }
        }
        return placed;
    }

private:
    static_assert(std::is_nothrow_move_constructible_v<Shape>, "the steps a plan points at must stay where they are");

    /// How a shape's chain is answered: by an index, and by what of the chain is left for its answers.
    struct Plan {
        std::size_t index = 0;
        bool spreads_over_rooms = false;  ///< The step that the index answers.
        std::span<const Strategy> rest;
        std::optional<std::uint32_t> kind;  ///< If it may be remembered where tasks of this shape do not fit.
        bool fills_up = false;              ///< The whole chain is one `binpack`, and nothing but room matters.
        bool filters = false;               ///< There is more to a fit than what an index knows.
        Resources need;
    };

    /// What an index does not know of.
    struct Filter {
        const Placer& placer;
        ShapeId shape;
        bool operator()(std::uint32_t room) const { return !refusal(placer.rooms_, shape, RoomId{room}); }
    };

    [[nodiscard]] Plan plan(ShapeId id) {
        const Shape& shape = rooms_.shape(id);
        Plan plan;
        plan.filters = shape.distinct_instance || !shape.host_ports.empty() || !shape.member_of.empty() ||
                       !shape.capacity_provider.empty();
        plan.need = shape.task;
        IndexKind kind;
        plan.rest = rooms_.chain(id);
        for (; !plan.rest.empty(); plan.rest = plan.rest.subspan(1)) {
            const auto* spread = std::get_if<SpreadAttribute>(&plan.rest.front());
            if (!spread) break;
            kind.domains.push_back(rooms_.domain(spread->attribute));
        }
        if (!plan.rest.empty()) {
            const Strategy& step = plan.rest.front();
            if (std::holds_alternative<BinpackCpu>(step)) kind.key = cpu_units;
            if (std::holds_alternative<BinpackMemory>(step)) kind.key = memory_mib;
            plan.spreads_over_rooms = std::holds_alternative<SpreadInstance>(step);
            if (kind.key || plan.spreads_over_rooms) plan.rest = plan.rest.subspan(1);
        }
        const bool worth_remembering = plan.filters || !RoomArray::knows(plan.need);
        if (worth_remembering && !rooms_.asks_for_tasks(id)) plan.kind = id.value;
        plan.fills_up = kind.key && kind.domains.empty() && plan.rest.empty() && !plan.filters;
        plan.index = index_of(std::move(kind));
        return plan;
    }

    [[nodiscard]] std::size_t index_of(IndexKind kind) {
        const auto found =
            std::find_if(indexes_.begin(), indexes_.end(), [&](const Index& index) { return index.kind() == kind; });
        if (found != indexes_.end()) return static_cast<std::size_t>(found - indexes_.begin());
        indexes_.emplace_back(std::move(kind));
        for (const RoomId room : rooms_.known()) {
            indexes_.back().add(rooms_, room);
            if (rooms_.accepting(room)) indexes_.back().open(rooms_, room);
        }
        return indexes_.size() - 1;
    }

    void changed(RoomId room, ShapeId shape, const Resources& by, std::int32_t tasks) {
        for (Index& index : indexes_) {
            if (rooms_.accepting(room)) index.change(rooms_, room, by);
            index.count_tasks(rooms_, rooms_.group(shape), room, tasks);
        }
    }

    template <class Accepts>
    [[nodiscard]] std::optional<RoomId> find_accepted(ShapeId shape, double tie, const Accepts& accepts) {
        std::optional<RoomId> found;
        const Plan& plan = plans_[shape.value];
        indexes_[plan.index].visit_cells(rooms_, rooms_.group(shape), [&](std::span<const std::uint32_t> cells) {
            found = indexes_[plan.index].kind().key ? find_by_key(cells, plan, shape, tie, accepts)
                                                    : find_by_number(cells, plan, shape, tie, accepts);
            return found.has_value();
        });
        return found;
    }

    template <class Accepts>
    [[nodiscard]] std::optional<RoomId> find_by_key(std::span<const std::uint32_t> cells, const Plan& plan,
                                                    ShapeId shape, double tie, const Accepts& accepts) {
        Index& index = indexes_[plan.index];
        const std::optional<RoomId> first = index.first_by_key(cells, rooms_, plan.need, accepts);
        if (!first || (plan.rest.empty() && tie == 0)) return first;
        return best_of_all(index.all_by_key(cells, rooms_.left(*first)[*index.kind().key], plan.need, accepts), plan,
                           shape, tie);
    }

    template <class Accepts>
    [[nodiscard]] std::optional<RoomId> find_by_number(std::span<const std::uint32_t> cells, const Plan& plan,
                                                       ShapeId shape, double tie, const Accepts& accepts) {
        Index& index = indexes_[plan.index];
        const TaskGroupId group = rooms_.group(shape);
        Index::Wanted wanted{plan.need, plan.kind, {}, 0};
        if (plan.spreads_over_rooms) wanted.group = group;
        const std::int32_t most = plan.spreads_over_rooms ? index.most_tasks(group) : 0;
        for (; wanted.tasks <= most; ++wanted.tasks) {
            const std::optional<RoomId> first = index.first_by_number(cells, wanted, accepts);
            if (!first) continue;
            if (plan.rest.empty() && tie == 0) return first;
            return best_of_all(index.all_by_number(cells, wanted, accepts), plan, shape, tie);
        }
        return std::nullopt;
    }

    /// What the rest of the chain and the tie leave of rooms that are not in order.
    [[nodiscard]] RoomId best_of_all(std::vector<RoomId>& all, const Plan& plan, ShapeId shape, double tie) const {
        if (plan.rest.empty()) {
            const auto chosen = all.begin() + static_cast<std::ptrdiff_t>(des::picked(tie, all.size()));
            std::nth_element(all.begin(), chosen, all.end());
            return *chosen;
        }
        std::sort(all.begin(), all.end());
        Candidates left;
        for (const RoomId room : all) left.push_back({room, room.value});
        return best_of(GroupView{rooms_, rooms_.group(shape)}, plan.rest, tie, left).room;
    }

    Search search_;
    Rooms rooms_;
    std::vector<Index> indexes_;
    std::vector<Plan> plans_;  ///< By shape.
};

}  // namespace fleetsim::placement
