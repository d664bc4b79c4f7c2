#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <fleetsim/des/check.hpp>

namespace fleetsim::scaling {

/// Why a capacity was changed or left alone. If several wishes are held back, the reason that comes later here is told.
enum class ScalingReason : std::uint8_t {
    no_alarm,         ///< No alarm asked for anything.
    scale_out,        ///< More capacity.
    scale_in,         ///< Less capacity.
    enough_capacity,  ///< An alarm is on, but the desired capacity already answers it.
    at_bound,         ///< The minimum or the maximum does not allow more.
    cooldown,         ///< Too soon after the last change.
    warming_up,       ///< The group has an instance that is still warming up.
    vetoed,           ///< Another policy does not want to scale in.
    suspended,        ///< Scaling in this direction is suspended.
    activity,         ///< The scaling activity before it has not finished.
    count
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(ScalingReason::count)> scaling_reason_names{
    "no alarm", "scale out",  "scale in", "enough capacity", "at its bound",
    "cooldown", "warming up", "vetoed",   "suspended",       "an activity is in progress"};

[[nodiscard]] constexpr std::string_view name(ScalingReason reason) {
    return scaling_reason_names[static_cast<std::size_t>(reason)];
}

/// What one policy makes of what it sees, as if it were alone and without bounds.
struct Wish {
    /// `scale_out` or `scale_in`: it asks for `wanted`. Anything else: it asks for nothing, and this is why.
    ScalingReason reason = ScalingReason::no_alarm;
    std::int32_t base = 0;            ///< Capacity it reckoned with; like the next three meaningless without an alarm.
    std::int32_t wanted = 0;          ///< Not negative.
    std::int32_t lowest = 0;          ///< How far a scale-in of this policy goes in one step.
    double metric = 0;                ///< What it saw.
    double target = 0;                ///< Target value or alarm threshold.
    bool agrees_to_scale_in = false;  ///< Of a target tracking policy: its low alarm is on.
    bool target_tracking = false;     ///< Takes part in the vote of target tracking policies on a scale-in.

    /// What it asks for now.
    [[nodiscard]] constexpr std::int32_t next() const { return std::max(wanted, lowest); }
};

/// A desired capacity and what it may become.
struct CapacityBounds {
    std::int32_t desired = 0;
    std::int32_t min = 0;
    std::int32_t max = 0;
};

/// What comes of all wishes. Capacity changed exactly if the reason is `scale_out` or `scale_in`.
struct ScalingDecision {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::int32_t desired = 0;  ///< The new desired capacity, or the old one.
    ScalingReason reason = ScalingReason::no_alarm;
    std::size_t deciding = none;  ///< Index of the wish that decided, or that is held back; `none` without an alarm.
    Wish wish{};                  ///< The deciding one.

    [[nodiscard]] constexpr bool changed() const {
        return reason == ScalingReason::scale_out || reason == ScalingReason::scale_in;
    }
};

namespace detail {

/// Index of the wish that wants most among those that `counts` accepts, the first on a tie; `none` without one.
template <class Counts>
[[nodiscard]] constexpr std::size_t most_wanted(std::span<const Wish> wishes, Counts counts) {
    std::size_t most = ScalingDecision::none;
    for (std::size_t i = 0; i < wishes.size(); ++i) {
        if (!counts(wishes[i])) continue;
        if (most == ScalingDecision::none || wishes[i].next() > wishes[most].next()) most = i;
    }
    return most;
}

/// Why a wish that is granted leaves the capacity as it is.
[[nodiscard]] constexpr ScalingReason unchanged(bool bounded) {
    return bounded ? ScalingReason::at_bound : ScalingReason::enough_capacity;
}

[[nodiscard]] constexpr ScalingDecision scaled_out(std::span<const Wish> wishes, std::size_t deciding,
                                                   const CapacityBounds& bounds) {
    const std::int32_t wanted = wishes[deciding].wanted;
    const std::int32_t desired = std::max(bounds.desired, std::clamp(wanted, bounds.min, bounds.max));
    const bool changes = desired > bounds.desired;
    const ScalingReason reason = changes ? ScalingReason::scale_out : unchanged(wanted > bounds.desired);
    return {.desired = desired, .reason = reason, .deciding = deciding, .wish = wishes[deciding]};
}

[[nodiscard]] constexpr ScalingDecision scaled_in(std::span<const Wish> wishes, std::size_t deciding,
                                                  const CapacityBounds& bounds) {
    const std::int32_t wanted = wishes[deciding].next();
    const std::int32_t desired = std::min(bounds.desired, std::clamp(wanted, bounds.min, bounds.max));
    const bool changes = desired < bounds.desired;
    const ScalingReason reason = changes ? ScalingReason::scale_in : unchanged(wanted < bounds.desired);
    return {.desired = desired, .reason = reason, .deciding = deciding, .wish = wishes[deciding]};
}

/// What the target tracking policies come to together when none scales out.
struct TrackingVote {
    std::size_t deciding = ScalingDecision::none;  ///< That which would keep most, if any wants to scale in.
    bool vetoed = false;
    bool held = false;  ///< One of them agrees but must wait, and the others wait with it.
};

[[nodiscard]] constexpr TrackingVote tracking_vote(std::span<const Wish> wishes) {
    TrackingVote vote;
    vote.deciding = most_wanted(wishes, [](const Wish& w) { return w.target_tracking && w.agrees_to_scale_in; });
    for (const Wish& wish : wishes) {
        if (!wish.target_tracking) continue;
        vote.vetoed = vote.vetoed || !wish.agrees_to_scale_in;
        vote.held = vote.held || (wish.agrees_to_scale_in && wish.reason != ScalingReason::scale_in);
    }
    return vote;
}

/// The decision to change nothing, with the latest reason of all that are held back.
[[nodiscard]] constexpr ScalingDecision latest_reason(std::span<const Wish> wishes, const TrackingVote& vote,
                                                      ScalingDecision decision) {
    const auto hold = [&](std::size_t index, ScalingReason reason) {
        if (reason <= decision.reason) return;
        decision.reason = reason;
        decision.deciding = index;
        decision.wish = wishes[index];
    };
    if (vote.vetoed && vote.deciding != ScalingDecision::none) hold(vote.deciding, ScalingReason::vetoed);
    for (std::size_t i = 0; i < wishes.size(); ++i) hold(i, wishes[i].reason);
    return decision;
}

/// Target tracking policies scale in by a vote, others each by itself; of those whose wish changes something the one
/// that keeps most decides.
[[nodiscard]] constexpr ScalingDecision scale_in(std::span<const Wish> wishes, const CapacityBounds& bounds) {
    const TrackingVote vote = tracking_vote(wishes);
    const bool tracking_asks = vote.deciding != ScalingDecision::none && !vote.vetoed && !vote.held;
    const auto asks = [&](const Wish& wish) {
        if (wish.target_tracking) return tracking_asks && &wish == &wishes[vote.deciding];
        return wish.reason == ScalingReason::scale_in;
    };
    const auto lowers = [&](const Wish& wish) { return asks(wish) && wish.next() < bounds.desired; };

    std::size_t deciding = most_wanted(wishes, lowers);
    if (deciding == ScalingDecision::none) deciding = most_wanted(wishes, asks);
    ScalingDecision decision{.desired = bounds.desired};
    if (deciding != ScalingDecision::none) decision = scaled_in(wishes, deciding, bounds);
    return decision.changed() ? decision : latest_reason(wishes, vote, decision);
}

}  // namespace detail

/// The desired capacity that all policies of one service or group lead to.
///
/// - If any wants to scale out, the largest wish wins and nothing scales in.
/// - Target tracking policies scale in only if all that may want to, to the largest capacity. While one of them has to
///   wait (for a cooldown, say), all wait.
/// - Any other policy scales in without asking them. Of two scale-ins the one that keeps more wins.
/// - A scale-out brings a capacity below the minimum up to it and leaves one above the maximum alone; a scale-in does
///   the opposite.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Dynamic scaling for Amazon EC2 Auto Scaling" (multiple policies);
/// Application Auto Scaling User Guide, "Target tracking scaling policies". That a wish to scale out which changes
/// nothing still keeps others from scaling in is a model decision.
[[nodiscard]] constexpr ScalingDecision resolve(std::span<const Wish> wishes, const CapacityBounds& bounds) {
    FLEETSIM_CHECK(bounds.min <= bounds.max);
    const std::size_t out =
        detail::most_wanted(wishes, [](const Wish& wish) { return wish.reason == ScalingReason::scale_out; });
    return out == ScalingDecision::none ? detail::scale_in(wishes, bounds) : detail::scaled_out(wishes, out, bounds);
}

}  // namespace fleetsim::scaling
