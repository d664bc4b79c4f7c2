#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/pick.hpp>
#include <fleetsim/placement/rooms.hpp>

/// How ECS decides, told by looking at every room: the meaning of `Placer`, which finds the same without looking.
namespace fleetsim::placement {

/// Why a room cannot take a task; the first that applies, in this order, but for the last, which is asked first.
enum class Refusal : std::uint8_t {
    cpu,
    memory,
    gpu,
    eni,
    ports,
    member_of,
    distinct_instance,
    not_accepting,
    capacity_provider,
};
inline constexpr std::size_t refusal_count = 9;
inline constexpr std::array<std::string_view, refusal_count> refusal_names{"cpu",
                                                                           "memory",
                                                                           "gpu",
                                                                           "eni",
                                                                           "ports",
                                                                           "memberOf",
                                                                           "distinctInstance",
                                                                           "not accepting tasks",
                                                                           "of another capacity provider"};

[[nodiscard]] constexpr std::string_view name_of(Refusal refusal) {
    return refusal_names[static_cast<std::size_t>(refusal)];
}

/// Where a task goes; if nowhere, how many rooms refused it for which reason (each counted once).
struct Placement {
    std::optional<RoomId> room = {};
    std::array<std::uint32_t, refusal_count> refused{};
};

/// The first reason why the room cannot take a task of the shape, if there is one.
///
/// Source: Amazon ECS Developer Guide, "How Amazon ECS places tasks on container instances"; the order is the model's.
[[nodiscard]] inline std::optional<Refusal> refusal(const Rooms& rooms, ShapeId id, RoomId room) {
    const Shape& shape = rooms.shape(id);
    const Resources& left = rooms.left(room);
    if (!rooms.is_of_provider(id, room)) return Refusal::capacity_provider;
    if (shape.task[cpu_units] > left[cpu_units]) return Refusal::cpu;
    if (shape.task[memory_mib] > left[memory_mib]) return Refusal::memory;
    if (shape.task[gpus] > left[gpus]) return Refusal::gpu;
    if (shape.task[eni_slots] > left[eni_slots]) return Refusal::eni;
    if ((rooms.ports(id) & rooms.used_ports(room)).any()) return Refusal::ports;
    if (!rooms.admits(id, room)) return Refusal::member_of;
    if (shape.distinct_instance && rooms.tasks(rooms.group(id), room) > 0) return Refusal::distinct_instance;
    if (!rooms.accepting(room)) return Refusal::not_accepting;
    return std::nullopt;
}

/// The rooms as the strategies see them for a task of one group.
class GroupView final : public RoomView {
public:
    GroupView(const Rooms& rooms, TaskGroupId group) : rooms_(rooms), group_(group) {}
    [[nodiscard]] const Resources& left(RoomId room) const override { return rooms_.left(room); }
    [[nodiscard]] std::int64_t group_tasks(RoomId room) const override { return rooms_.tasks(group_, room); }
    [[nodiscard]] std::int64_t group_tasks_alike(std::string_view attribute, RoomId room) const override {
        const DomainId domain = rooms_.domain(attribute);
        return rooms_.tasks(group_, domain, rooms_.value(domain, room));
    }

private:
    const Rooms& rooms_;
    TaskGroupId group_;
};

/// What of the candidates, which are not empty, the rest of a chain and then the tie leave.
[[nodiscard]] inline Candidate best_of(const RoomView& view, std::span<const Strategy> chain, double tie,
                                       Candidates& left) {
    for (const Strategy& strategy : chain) narrow(strategy, view, tie, left);
    return left[des::picked(tie, left.size())];
}

/// How many rooms refuse the shape for which reason.
[[nodiscard]] inline Placement refused_by_all(const Rooms& rooms, ShapeId shape) {
    Placement placement;
    for (const RoomId room : rooms.known()) {
        const std::optional<Refusal> why = refusal(rooms, shape, room);
        FLEETSIM_CHECK(why.has_value());
        ++placement.refused[static_cast<std::size_t>(*why)];
    }
    return placement;
}

/// Where ECS puts one task: rooms that cannot take it are left out, each strategy of the chain leaves the best of the
/// rest, and `tie` in [0, 1) picks one of those that remain, each alike (0: the first registered). The strategy
/// `random` takes the same number, since nothing remains to be picked after it.
///
/// Source: Amazon ECS Developer Guide, "How Amazon ECS places tasks on container instances".
[[nodiscard]] inline Placement place(const Rooms& rooms, ShapeId shape, double tie) {
    Candidates left;
    for (const RoomId room : rooms.known()) {
        if (!refusal(rooms, shape, room)) left.push_back({room, room.value});
    }
    if (left.empty()) return refused_by_all(rooms, shape);
    return {best_of(GroupView{rooms, rooms.group(shape)}, rooms.chain(shape), tie, left).room, {}};
}

/// Which task of the shape's group ECS stops when a service scales in: the position in `task_rooms`, which holds the
/// room of every task that may be stopped; none when that is empty. The chain narrows as in `place`, each step turned
/// round, and `tie` in [0, 1) picks one of the tasks that remain.
///
/// Source: Amazon ECS Developer Guide, "How Amazon ECS places tasks on container instances" (scale-in); that a chain is
/// turned round step by step is the model's choice.
/// Cost: linear in the tasks, whatever the number of rooms.
[[nodiscard]] inline std::optional<std::size_t> choose_stop(const Rooms& rooms, ShapeId shape,
                                                            std::span<const RoomId> task_rooms, double tie) {
    if (task_rooms.empty()) return std::nullopt;
    Candidates left;
    left.reserve(task_rooms.size());
    for (std::size_t task = 0; task < task_rooms.size(); ++task) left.push_back({task_rooms[task], task});
    const GroupView view{rooms, rooms.group(shape)};
    for (const Strategy& strategy : rooms.chain(shape)) narrow_stop(strategy, view, tie, left);
    return left[des::picked(tie, left.size())].choice;
}

/// Why a task was not placed, in the words of ECS's service event and with what it does not say: how many of how many
/// instances refused the task for each reason. Only for a placement without a room.
[[nodiscard]] inline std::string refusal_text(const Placement& placement) {
    FLEETSIM_CHECK(!placement.room);
    std::uint32_t instances = 0;
    for (const std::uint32_t count : placement.refused) instances += count;
    if (instances == 0) return "no container instances were found in the cluster";

    std::string text = "no container instance met all of its requirements: ";
    bool first = true;
    for (std::size_t why = 0; why < refusal_count; ++why) {
        if (placement.refused[why] == 0) continue;
        if (!first) text += ", ";
        first = false;
        text += std::to_string(placement.refused[why]) + " of " + std::to_string(instances) + " " +
                std::string(refusal_names[why]);
    }
    return text;
}

}  // namespace fleetsim::placement
