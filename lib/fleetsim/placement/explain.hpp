#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <fleetsim/placement/place.hpp>
#include <fleetsim/placement/rooms.hpp>
#include <fleetsim/placement/strategy.hpp>

/// A decision of `place` told to people: what every room says to one more task, and how the strategies choose among
/// those that can take it. Nothing is decided here.
namespace fleetsim::placement {

/// What one room says to one more task of a shape.
struct RoomAnswer {
    RoomId room;
    std::optional<Refusal> refusal{};       ///< As the function of that name; absent: the task fits.
    Resources missing = Resources::Zero();  ///< What the task needs beyond what the room has left.
    bool lacks_only_resources = false;      ///< With them it would take the task.
};

/// A room and what a strategy sees in it.
struct RankedRoom {
    RoomId room;
    std::optional<std::int64_t> seen{};  ///< Absent if the strategy compares nothing.
    friend bool operator==(const RankedRoom&, const RankedRoom&) = default;
};

/// One step of a chain: the rooms it was given, best first, and how many of them it leaves.
struct StrategyStep {
    std::string strategy;  ///< As a scenario spells it.
    std::string compares;  ///< What it sees in a room: `MiB of memory left`. Empty: nothing.
    std::vector<RankedRoom> ranking{};
    std::size_t left = 0;  ///< The first so many; among them they are in the order of registration.
};

/// One decision, up to the draw that breaks a tie.
struct PlaceExplanation {
    std::vector<RoomAnswer> answers;  ///< One a known room, in their order.
    std::vector<StrategyStep> steps;  ///< None if no room fits.
    std::vector<RoomId> equals;       ///< What is left at the end: one of them is drawn. Empty: no room fits.
};

namespace detail {

// What a strategy compares, the least being the best. A new strategy without its own pair ranks without numbers.
[[nodiscard]] inline std::string compares(const auto&) { return {}; }
[[nodiscard]] inline std::string compares(const SpreadAttribute& step) {
    return "tasks of its group in the same " + step.attribute;
}
[[nodiscard]] inline std::string compares(const SpreadInstance&) { return "tasks of its group on the instance"; }
[[nodiscard]] inline std::string compares(const BinpackCpu&) { return "CPU units left"; }
[[nodiscard]] inline std::string compares(const BinpackMemory&) { return "MiB of memory left"; }

using Seen = std::optional<std::int64_t>;
[[nodiscard]] inline Seen seen(const auto&, const RoomView&, RoomId) { return std::nullopt; }
[[nodiscard]] inline Seen seen(const SpreadAttribute& step, const RoomView& view, RoomId room) {
    return view.group_tasks_alike(step.attribute, room);
}
[[nodiscard]] inline Seen seen(const SpreadInstance&, const RoomView& view, RoomId room) {
    return view.group_tasks(room);
}
[[nodiscard]] inline Seen seen(const BinpackCpu&, const RoomView& view, RoomId room) {
    return view.left(room)[cpu_units];
}
[[nodiscard]] inline Seen seen(const BinpackMemory&, const RoomView& view, RoomId room) {
    return view.left(room)[memory_mib];
}

[[nodiscard]] inline RoomAnswer answer(const Rooms& rooms, ShapeId id, RoomId room) {
    const Shape& shape = rooms.shape(id);
    RoomAnswer told{.room = room, .refusal = refusal(rooms, id, room)};
    told.missing = (shape.task - rooms.left(room)).max(0);
    const bool elsewise_barred = !rooms.is_of_provider(id, room) || !rooms.accepting(room) || !rooms.admits(id, room) ||
                                 (rooms.ports(id) & rooms.used_ports(room)).any() ||
                                 (shape.distinct_instance && rooms.tasks(rooms.group(id), room) > 0);
    told.lacks_only_resources = told.refusal.has_value() && !elsewise_barred;
    return told;
}

/// Narrows the candidates by one step. Of what is drawn at random nothing is known before.
[[nodiscard]] inline StrategyStep take_step(const Strategy& strategy, const RoomView& view, Candidates& candidates) {
    StrategyStep step{.strategy = name_of(strategy),
                      .compares = std::visit([](const auto& s) { return compares(s); }, strategy)};
    const auto ranked = [&](RoomId room) {
        return RankedRoom{room, std::visit([&](const auto& s) { return seen(s, view, room); }, strategy)};
    };
    const Candidates before = candidates;
    if (!std::holds_alternative<Random>(strategy)) narrow(strategy, view, 0, candidates);
    for (const Candidate& left : candidates) step.ranking.push_back(ranked(left.room));
    step.left = candidates.size();
    // What is left has kept its order.
    std::size_t met = 0;
    for (const Candidate& one : before) {
        const bool is_left = met < candidates.size() && candidates[met].room == one.room;
        is_left ? void(++met) : step.ranking.push_back(ranked(one.room));
    }
    std::stable_sort(step.ranking.begin() + static_cast<std::ptrdiff_t>(step.left), step.ranking.end(),
                     [](const RankedRoom& one, const RankedRoom& other) { return one.seen < other.seen; });
    return step;
}

}  // namespace detail

/// Where one more task of the shape would go now, and why.
///
/// Cost: a look at every room, and of those that fit a sort for each step.
[[nodiscard]] inline PlaceExplanation explain_place(const Rooms& rooms, ShapeId shape) {
    PlaceExplanation told;
    Candidates left;
    for (const RoomId room : rooms.known()) {
        told.answers.push_back(detail::answer(rooms, shape, room));
        if (!told.answers.back().refusal) left.push_back({room, room.value});
    }
    if (left.empty()) return told;
    const GroupView view{rooms, rooms.group(shape)};
    for (const Strategy& strategy : rooms.chain(shape)) told.steps.push_back(detail::take_step(strategy, view, left));
    for (const Candidate& candidate : left) told.equals.push_back(candidate.room);
    return told;
}

/// Of the rooms that lack nothing but resources, the one that lacks least: the largest share of a need that is missing
/// decides, the first of equals wins. Absent if what stands in the way of every room is something else.
[[nodiscard]] inline std::optional<RoomAnswer> nearest_to_fit(std::span<const RoomAnswer> answers,
                                                              const Resources& need) {
    const auto share = [&need](const RoomAnswer& answer) {
        double most = 0;
        for (int r = 0; r < resource_count; ++r) {
            if (answer.missing[r] > 0) most = std::max(most, static_cast<double>(answer.missing[r]) / need[r]);
        }
        return most;
    };
    std::optional<RoomAnswer> nearest;
    for (const RoomAnswer& answer : answers) {
        if (!answer.lacks_only_resources) continue;
        if (!nearest || share(answer) < share(*nearest)) nearest = answer;
    }
    return nearest;
}

}  // namespace fleetsim::placement
