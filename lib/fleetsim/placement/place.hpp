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
#include <fleetsim/placement/narrowing.hpp>
#include <fleetsim/placement/resources.hpp>
#include <fleetsim/placement/strategy.hpp>

namespace fleetsim::placement {

/// One task that wants a room.
struct Need {
    Resources task = Resources::Zero();
    std::span<const Strategy> strategies = {};  ///< Empty: ECS's default chain.
    bool distinct_instance = false;             ///< No two tasks of the service on one instance.
};

/// Why a room cannot take a task; the first that applies, in this order.
enum class Refusal : std::uint8_t { cpu, memory, gpu, eni, distinct_instance, not_accepting };
inline constexpr std::size_t refusal_count = 6;
inline constexpr std::array<std::string_view, refusal_count> refusal_names{
    "cpu", "memory", "gpu", "eni", "distinctInstance", "not accepting tasks"};

[[nodiscard]] constexpr std::string_view name_of(Refusal refusal) {
    return refusal_names[static_cast<std::size_t>(refusal)];
}

/// Where a task goes, and how many rooms refused it for which reason (each counted once).
struct Placement {
    std::optional<std::size_t> room = {};
    std::array<std::uint32_t, refusal_count> refused{};
};

/// The first reason why the room cannot take the task, if there is one.
[[nodiscard]] inline std::optional<Refusal> refusal(const Need& need, const Room& room) {
    if (need.task[cpu_units] > room.remaining[cpu_units]) return Refusal::cpu;
    if (need.task[memory_mib] > room.remaining[memory_mib]) return Refusal::memory;
    if (need.task[gpus] > room.remaining[gpus]) return Refusal::gpu;
    if (need.task[eni_slots] > room.remaining[eni_slots]) return Refusal::eni;
    if (need.distinct_instance && room.group_tasks > 0) return Refusal::distinct_instance;
    if (!room.accepting) return Refusal::not_accepting;
    return std::nullopt;
}

/// Where ECS puts one task: rooms that cannot take it are left out, each strategy of the chain leaves the best of the
/// rest, and `tie` in [0, 1) picks one of those that remain, each alike (0: the lowest index). The strategy `random`
/// takes the same number, since nothing remains to be picked after it.
///
/// Source: Amazon ECS Developer Guide, "How Amazon ECS places tasks on container instances".
/// Left out: reserved host ports and `memberOf` constraints.
[[nodiscard]] inline Placement place(const Need& need, std::span<const Room> rooms, double tie) {
    Placement placement;
    Candidates left;
    for (std::size_t i = 0; i < rooms.size(); ++i) {
        if (const std::optional<Refusal> why = refusal(need, rooms[i])) {
            ++placement.refused[static_cast<std::size_t>(*why)];
        } else {
            left.push_back({i, i});
        }
    }
    if (left.empty()) return placement;

    const std::span<const Strategy> chain = need.strategies.empty() ? default_strategies : need.strategies;
    for (const Strategy& strategy : chain) narrow(strategy, rooms, tie, left);
    placement.room = left[des::picked(tie, left.size())].choice;
    return placement;
}

/// Which task ECS stops when a service scales in: the position in `task_rooms`, which holds the room of every task that
/// may be stopped; none when that is empty. The chain narrows as in `place`, each step turned round, and `tie` in [0,
/// 1) picks one of the tasks that remain.
///
/// Source: Amazon ECS Developer Guide, "How Amazon ECS places tasks on container instances" (scale-in); that a chain is
/// turned round step by step is the model's choice.
[[nodiscard]] inline std::optional<std::size_t> choose_stop(std::span<const Strategy> strategies,
                                                            std::span<const Room> rooms,
                                                            std::span<const std::size_t> task_rooms, double tie) {
    if (task_rooms.empty()) return std::nullopt;
    Candidates left;
    left.reserve(task_rooms.size());
    for (std::size_t task = 0; task < task_rooms.size(); ++task) {
        FLEETSIM_CHECK(task_rooms[task] < rooms.size());
        left.push_back({task_rooms[task], task});
    }
    const std::span<const Strategy> chain = strategies.empty() ? default_strategies : strategies;
    for (const Strategy& strategy : chain) narrow_stop(strategy, rooms, tie, left);
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
