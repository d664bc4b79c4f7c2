#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/container/small_vector.hpp>

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
        KnownShape known{std::move(shape), group, {}, false, false, {}};
        known.ports = ports_.set_of(known.shape.host_ports);
        known.asks_for_ports = known.ports.any();
        for (const Query& query : known.shape.member_of) known.asks_for_tasks |= query.depends_on_tasks();
        if (decides_by_facts(known)) {
            for (const InstanceFacts& facts : facts_) known.admits.push_back(meets(known, facts));
        }
        return shapes_.add(std::move(known));
    }

    /// Every room has less of each resource; the fast search needs this number for itself.
    static constexpr std::int32_t most_of_a_resource = std::numeric_limits<std::int32_t>::max();

    /// An empty room that accepts tasks.
    RoomId add(const Resources& registered, InstanceFacts facts) {
        FLEETSIM_CHECK((registered >= 0).all() && (registered < most_of_a_resource).all());
        const RoomId id = rooms_.add({registered, {}});
        ports_used_.add({});
        accepting_.add(true);
        for (Domain& domain : domains_) domain.value_of.push_back(value(domain, facts));
        for (KnownShape& shape : shapes_) {
            if (decides_by_facts(shape)) shape.admits.push_back(meets(shape, facts));
        }
        facts_.add(std::move(facts));
        known_.push_back(id);
        return id;
    }

    /// The room, which has no task any more, is gone.
    void remove(RoomId id) {
        FLEETSIM_CHECK(rooms_[id].tasks.empty() && is_known(id));
        known_.erase(std::lower_bound(known_.begin(), known_.end(), id));
        accepting_[id] = false;
    }

    /// Whether ECS may place tasks there: ACTIVE, and its agent connected.
    void set_accepting(RoomId id, bool accepting) {
        FLEETSIM_CHECK(is_known(id));
        accepting_[id] = accepting;
    }

    /// How many of its tasks are RUNNING, which only `runningTasksCount` asks for.
    void add_running_tasks(RoomId id, std::int64_t change) { facts_[id].running_tasks_count += change; }

    /// The room will soon be changed: its memory may be fetched.
    void prefetch(RoomId id) const { __builtin_prefetch(&rooms_[id], 1); }

    void take(RoomId id, ShapeId shape_id, std::int32_t copies = 1) {
        const KnownShape& shape = shapes_[shape_id];
        rooms_[id].left -= copies * shape.shape.task;
        FLEETSIM_CHECK((rooms_[id].left >= 0).all());
        if (shape.asks_for_ports) {
            FLEETSIM_CHECK(copies == 1 && (ports_used_[id] & shape.ports).none());
            ports_used_[id] |= shape.ports;
        }
        for (std::int32_t copy = 0; copy < copies; ++copy) rooms_[id].tasks.push_back(shape.group);
        count(id, shape.group, copies);
    }

    /// A task is to stop. It holds what it needs until `free`, but is none of its group's tasks any more.
    void discount(RoomId id, ShapeId shape_id) {
        const TaskGroupId group = shapes_[shape_id].group;
        auto& tasks = rooms_[id].tasks;
        const auto task = std::find(tasks.begin(), tasks.end(), group);
        FLEETSIM_CHECK(task != tasks.end());
        *task = tasks.back();
        tasks.pop_back();
        count(id, group, -1);
    }
    void free(RoomId id, ShapeId shape_id) {
        const KnownShape& shape = shapes_[shape_id];
        rooms_[id].left += shape.shape.task;
        if (shape.asks_for_ports) ports_used_[id] &= ~shape.ports;
    }

    /// Has the room been added and not removed?
    [[nodiscard]] bool is_known(RoomId id) const { return std::binary_search(known_.begin(), known_.end(), id); }
    /// Rooms that have not been removed, in order.
    [[nodiscard]] std::span<const RoomId> known() const { return known_; }
    /// Rooms ever added; numbers are below it.
    [[nodiscard]] std::size_t added() const { return rooms_.size(); }

    [[nodiscard]] const Resources& left(RoomId room) const { return rooms_[room].left; }
    [[nodiscard]] bool accepting(RoomId room) const { return accepting_[room]; }
    [[nodiscard]] PortSet used_ports(RoomId room) const { return ports_used_[room] | ports_.reserved(); }
    [[nodiscard]] const Shape& shape(ShapeId shape) const { return shapes_[shape].shape; }
    [[nodiscard]] const PortSet& ports(ShapeId shape) const { return shapes_[shape].ports; }
    [[nodiscard]] TaskGroupId group(ShapeId shape) const { return shapes_[shape].group; }

    /// The strategies of a shape, ECS's own if it names none.
    [[nodiscard]] std::span<const Strategy> chain(ShapeId shape) const { return chain_of(shapes_[shape].shape); }

    /// Tasks of the group in the room, those that are to stop left out.
    [[nodiscard]] std::int32_t tasks(TaskGroupId group, RoomId room) const {
        return static_cast<std::int32_t>(std::count(rooms_[room].tasks.begin(), rooms_[room].tasks.end(), group));
    }

    /// The attribute as something to count tasks by; some shape spreads over it.
    [[nodiscard]] DomainId domain(std::string_view attribute) const {
        const auto found = std::find_if(domains_.begin(), domains_.end(),
                                        [&](const Domain& domain) { return domain.attribute == attribute; });
        FLEETSIM_CHECK(found != domains_.end());
        return DomainId{static_cast<std::uint32_t>(found - domains_.begin())};
    }
    /// The room's value of the attribute, as a number; to be without the attribute is a value too.
    [[nodiscard]] std::uint32_t value(DomainId domain, RoomId room) const {
        return domains_[domain].value_of[room.value];
    }
    /// Tasks of the group in all rooms with that value.
    [[nodiscard]] std::int64_t tasks(TaskGroupId group, DomainId domain, std::uint32_t value) const {
        const auto& tasks = groups_[group].tasks_by_value[domain.value];
        return value < tasks.size() ? tasks[value] : 0;
    }

    /// Do all `memberOf` constraints hold, and is it of the shape's capacity provider?
    [[nodiscard]] bool admits(ShapeId id, RoomId room) const {
        const KnownShape& shape = shapes_[id];
        if (!is_constrained(shape)) return true;
        return shape.asks_for_tasks ? meets(shape, facts(room)) : bool{shape.admits[room.value]};
    }
    [[nodiscard]] bool is_of_provider(ShapeId id, RoomId room) const {
        const std::string& provider = shapes_[id].shape.capacity_provider;
        return provider.empty() || provider == facts_[room].capacity_provider;
    }
    /// Does a constraint's answer change as tasks come and go?
    [[nodiscard]] bool asks_for_tasks(ShapeId shape) const { return shapes_[shape].asks_for_tasks; }

    /// Everything a query may ask of the room.
    [[nodiscard]] InstanceFacts facts(RoomId id) const {
        InstanceFacts facts = facts_[id];
        for (const TaskGroupId group : rooms_[id].tasks) facts.task_groups.push_back(groups_[group].name);
        return facts;
    }

private:
    /// What every decision reads and writes, in one line of memory.
    struct alignas(64) Room {
        Resources left;
        /// The group of each task here, in no order: a handful, so that a scan is fast.
        boost::container::small_vector<TaskGroupId, 6> tasks;
    };

    struct KnownShape {
        Shape shape;
        TaskGroupId group;
        PortSet ports;
        bool asks_for_ports = false;
        bool asks_for_tasks = false;
        std::vector<bool> admits;  ///< By room, if the constraints' answers for it never change.
    };
    struct Domain {
        std::string attribute;
        std::map<std::string, std::uint32_t> values;  ///< In order of appearance from 0.
        std::vector<std::uint32_t> value_of;          ///< By room.
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
        const DomainId id = domains_.add({attribute, {}, {}});
        Domain& domain = domains_[id];
        for (Group& group : groups_) group.tasks_by_value.emplace_back();
        for (const RoomId room : des::ids_of(rooms_)) {
            domain.value_of.push_back(value(domain, facts_[room]));
            for (const TaskGroupId group : rooms_[room].tasks) {
                ++tasks_with(groups_[group], id.value, domain.value_of.back());
            }
        }
    }

    [[nodiscard]] static std::uint32_t value(Domain& domain, const InstanceFacts& facts) {
        const auto attribute = facts.attributes.find(domain.attribute);
        // No attribute has a value with a zero in it.
        const std::string text = attribute == facts.attributes.end() ? std::string(1, '\0') : attribute->second;
        return domain.values.emplace(text, static_cast<std::uint32_t>(domain.values.size())).first->second;
    }

    [[nodiscard]] static std::int64_t& tasks_with(Group& group, std::size_t domain, std::uint32_t value) {
        auto& tasks = group.tasks_by_value[domain];
        if (value >= tasks.size()) tasks.resize(value + 1);
        return tasks[value];
    }

    void count(RoomId room, TaskGroupId group, std::int32_t change) {
        for (std::uint32_t domain = 0; domain < domains_.size(); ++domain) {
            tasks_with(groups_[group], domain, domains_[DomainId{domain}].value_of[room.value]) += change;
        }
    }

    [[nodiscard]] static bool is_constrained(const KnownShape& shape) {
        return !shape.shape.member_of.empty() || !shape.shape.capacity_provider.empty();
    }
    [[nodiscard]] static bool meets(const KnownShape& shape, const InstanceFacts& facts) {
        const std::string& provider = shape.shape.capacity_provider;
        if (!provider.empty() && provider != facts.capacity_provider) return false;
        return std::all_of(shape.shape.member_of.begin(), shape.shape.member_of.end(),
                           [&](const Query& query) { return query.matches(facts); });
    }
    /// Has it constraints whose answer for a room never changes?
    [[nodiscard]] static bool decides_by_facts(const KnownShape& shape) {
        return is_constrained(shape) && !shape.asks_for_tasks;
    }

    des::Table<RoomId, Room> rooms_;
    des::Table<RoomId, PortSet> ports_used_;
    des::Table<RoomId, char> accepting_;
    des::Table<RoomId, InstanceFacts> facts_;
    des::Table<TaskGroupId, Group> groups_;
    des::Table<ShapeId, KnownShape> shapes_;
    des::Table<DomainId, Domain> domains_;
    std::vector<RoomId> known_;
    PortTable ports_;
};

}  // namespace fleetsim::placement
