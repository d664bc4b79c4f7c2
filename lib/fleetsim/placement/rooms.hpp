#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/id.hpp>
#include <fleetsim/placement/query.hpp>
#include <fleetsim/placement/shape.hpp>

namespace fleetsim::placement {

/// The tasks that spread and keep apart together: those of a service, or a task group.
using TaskGroupId = des::Id<struct TaskGroupTag>;
using ShapeId = des::Id<struct ShapeTag>;
/// An attribute that some strategy spreads over.
using DomainId = des::Id<struct DomainTag>;

/// The container instances of a cluster and what is on them, as far as placing goes.
///
/// Invariant: what a room has left is what it registered less what its tasks need, never negative; the counts of a
/// group's tasks add up, whether by room or by attribute value.
class Rooms {
public:
    TaskGroupId add_group(std::string name) {
        Group group;
        group.name = std::move(name);
        for (const Domain& domain : domains_) group.tasks_by_value.emplace_back(domain.values.size());
        return groups_.add(std::move(group));
    }

    /// A kind of task of the group.
    ShapeId add_shape(TaskGroupId group, Shape shape) {
        for (const Strategy& strategy : chain_of(shape)) {
            if (const auto* spread = std::get_if<SpreadAttribute>(&strategy)) add_domain(spread->attribute);
        }
        KnownShape known{std::move(shape), group, {}, false, {}};
        known.ports = ports_.set_of(known.shape.host_ports);
        for (const Query& query : known.shape.member_of) known.asks_for_tasks |= query.depends_on_tasks();
        for (const Room& room : rooms_) known.admits.push_back(admitted(known, room));
        return shapes_.add(std::move(known));
    }

    /// An empty room that accepts tasks.
    RoomId add(const Resources& registered, InstanceFacts facts) {
        FLEETSIM_CHECK((registered >= 0).all());
        const RoomId id = rooms_.add({registered, {}, true, std::move(facts), {}, {}});
        Room& room = rooms_[id];
        for (const DomainId domain : des::ids_of(domains_)) room.values.push_back(value_of(domain, room.facts));
        for (KnownShape& shape : shapes_) shape.admits.push_back(admitted(shape, room));
        known_.push_back(id);
        return id;
    }

    /// The room, which has no task any more, is gone.
    void remove(RoomId id) {
        FLEETSIM_CHECK(rooms_[id].tasks.empty());
        known_.erase(std::lower_bound(known_.begin(), known_.end(), id));
        rooms_[id].accepting = false;
    }

    /// Whether ECS may place tasks there: ACTIVE, and its agent connected.
    void set_accepting(RoomId id, bool accepting) { rooms_[id].accepting = accepting; }

    /// How many of its tasks are RUNNING, which only `runningTasksCount` asks for.
    void add_running_tasks(RoomId id, std::int64_t change) { rooms_[id].facts.running_tasks_count += change; }

    void take(RoomId id, ShapeId shape) {
        Room& room = rooms_[id];
        room.left -= shapes_[shape].shape.task;
        FLEETSIM_CHECK((room.left >= 0).all() && (room.ports & shapes_[shape].ports).none());
        room.ports |= shapes_[shape].ports;
        count(room, shapes_[shape].group, +1);
    }

    void give_back(RoomId id, ShapeId shape) {
        Room& room = rooms_[id];
        room.left += shapes_[shape].shape.task;
        room.ports &= ~shapes_[shape].ports;
        count(room, shapes_[shape].group, -1);
    }

    /// Rooms that have not been removed, in order.
    [[nodiscard]] std::span<const RoomId> known() const { return known_; }
    /// Rooms ever added; numbers are below it.
    [[nodiscard]] std::size_t added() const { return rooms_.size(); }

    [[nodiscard]] const Resources& left(RoomId room) const { return rooms_[room].left; }
    [[nodiscard]] bool accepting(RoomId room) const { return rooms_[room].accepting; }
    [[nodiscard]] PortSet used_ports(RoomId room) const { return rooms_[room].ports | ports_.reserved(); }
    [[nodiscard]] const Shape& shape(ShapeId shape) const { return shapes_[shape].shape; }
    [[nodiscard]] const PortSet& ports(ShapeId shape) const { return shapes_[shape].ports; }
    [[nodiscard]] TaskGroupId group(ShapeId shape) const { return shapes_[shape].group; }
    [[nodiscard]] std::size_t shapes() const { return shapes_.size(); }

    /// The strategies of a shape, ECS's own if it names none.
    [[nodiscard]] std::span<const Strategy> chain(ShapeId shape) const { return chain_of(shapes_[shape].shape); }

    /// Tasks of the group in the room.
    [[nodiscard]] std::int32_t tasks(TaskGroupId group, RoomId room) const {
        for (const GroupTasks& here : rooms_[room].tasks) {
            if (here.group == group) return here.count;
        }
        return 0;
    }

    /// The attribute as something to count tasks by; some shape spreads over it.
    [[nodiscard]] DomainId domain(std::string_view attribute) const {
        const auto found = std::find_if(domains_.begin(), domains_.end(),
                                        [&](const Domain& domain) { return domain.attribute == attribute; });
        FLEETSIM_CHECK(found != domains_.end());
        return DomainId{static_cast<std::uint32_t>(found - domains_.begin())};
    }
    /// The room's value of the attribute, as a number; to be without the attribute is a value too.
    [[nodiscard]] std::uint32_t value(DomainId domain, RoomId room) const { return rooms_[room].values[domain.value]; }
    /// Tasks of the group in all rooms with that value.
    [[nodiscard]] std::int64_t tasks(TaskGroupId group, DomainId domain, std::uint32_t value) const {
        const auto& tasks = groups_[group].tasks_by_value[domain.value];
        return value < tasks.size() ? tasks[value] : 0;
    }

    /// Do all `memberOf` constraints hold?
    [[nodiscard]] bool admits(ShapeId id, RoomId room) const {
        const KnownShape& shape = shapes_[id];
        if (!shape.asks_for_tasks) return shape.admits[room.value];
        return meets(shape, facts(room));
    }
    /// Does a constraint's answer change as tasks come and go?
    [[nodiscard]] bool asks_for_tasks(ShapeId shape) const { return shapes_[shape].asks_for_tasks; }

    /// Everything a query may ask of the room.
    [[nodiscard]] InstanceFacts facts(RoomId id) const {
        InstanceFacts facts = rooms_[id].facts;
        for (const GroupTasks& here : rooms_[id].tasks) facts.task_groups.push_back(groups_[here.group].name);
        return facts;
    }

private:
    struct GroupTasks {
        TaskGroupId group;
        std::int32_t count = 0;
    };
    struct Room {
        Resources left;
        PortSet ports;
        bool accepting = true;
        InstanceFacts facts;
        std::vector<GroupTasks> tasks;      ///< Of groups that have any here: a handful, so that a scan is fast.
        std::vector<std::uint32_t> values;  ///< By domain.
    };
    struct KnownShape {
        Shape shape;
        TaskGroupId group;
        PortSet ports;
        bool asks_for_tasks = false;
        std::vector<bool> admits;  ///< By room; not kept up if the constraints ask for tasks.
    };
    struct Domain {
        std::string attribute;
        std::map<std::string, std::uint32_t> values;  ///< In order of appearance from 0.
    };
    struct Group {
        std::string name;
        std::vector<std::vector<std::int64_t>> tasks_by_value;  ///< By domain.
    };

    [[nodiscard]] static std::span<const Strategy> chain_of(const Shape& shape) {
        return shape.strategies.empty() ? default_strategies() : std::span<const Strategy>{shape.strategies};
    }

    void add_domain(const std::string& attribute) {
        if (std::any_of(domains_.begin(), domains_.end(), [&](const Domain& d) { return d.attribute == attribute; })) {
            return;
        }
        const DomainId id = domains_.add({attribute, {}});
        for (Group& group : groups_) group.tasks_by_value.emplace_back();
        for (Room& room : rooms_) {
            room.values.push_back(value_of(id, room.facts));
            for (const GroupTasks& here : room.tasks) {
                tasks_with(groups_[here.group], id.value, room.values.back()) += here.count;
            }
        }
    }

    [[nodiscard]] std::uint32_t value_of(DomainId id, const InstanceFacts& facts) {
        Domain& domain = domains_[id];
        const auto attribute = facts.attributes.find(domain.attribute);
        // No attribute has a value with a zero in it.
        const std::string value = attribute == facts.attributes.end() ? std::string(1, '\0') : attribute->second;
        return domain.values.emplace(value, static_cast<std::uint32_t>(domain.values.size())).first->second;
    }

    [[nodiscard]] static std::int64_t& tasks_with(Group& group, std::size_t domain, std::uint32_t value) {
        auto& tasks = group.tasks_by_value[domain];
        if (value >= tasks.size()) tasks.resize(value + 1);
        return tasks[value];
    }

    void count(Room& room, TaskGroupId group, std::int32_t change) {
        const auto here = std::find_if(room.tasks.begin(), room.tasks.end(),
                                       [&](const GroupTasks& tasks) { return tasks.group == group; });
        if (here == room.tasks.end()) {
            FLEETSIM_CHECK(change > 0);
            room.tasks.push_back({group, change});
        } else if ((here->count += change) == 0) {
            *here = room.tasks.back();
            room.tasks.pop_back();
        }
        for (std::size_t domain = 0; domain < room.values.size(); ++domain) {
            tasks_with(groups_[group], domain, room.values[domain]) += change;
        }
    }

    [[nodiscard]] static bool meets(const KnownShape& shape, const InstanceFacts& facts) {
        return std::all_of(shape.shape.member_of.begin(), shape.shape.member_of.end(),
                           [&](const Query& query) { return query.matches(facts); });
    }
    [[nodiscard]] static bool admitted(const KnownShape& shape, const Room& room) {
        return !shape.asks_for_tasks && meets(shape, room.facts);
    }

    des::Table<RoomId, Room> rooms_;
    des::Table<TaskGroupId, Group> groups_;
    des::Table<ShapeId, KnownShape> shapes_;
    des::Table<DomainId, Domain> domains_;
    std::vector<RoomId> known_;
    PortTable ports_;
};

}  // namespace fleetsim::placement
