#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/scaling/alarm.hpp>
#include <fleetsim/scaling/capacity.hpp>
#include <fleetsim/scaling/decision.hpp>

namespace fleetsim::scaling {

/// Settings of an ECS capacity provider's managed scaling.
///
/// Source: Amazon ECS API Reference, ManagedScaling.
struct ManagedScaling {
    std::int32_t target_capacity = 100;  ///< Percent of the instances that should be in use, 1 to 100.
    std::int32_t minimum_scaling_step_size = 1;
    std::int32_t maximum_scaling_step_size = 10000;
    des::Duration instance_warmup_period = std::chrono::seconds{300};
};

/// CPU units, memory in MiB, GPUs and `awsvpc` slots, in this order; what a task needs or an empty instance offers.
using Needs = std::array<std::int32_t, 4>;

/// Tasks in PROVISIONING that wait for the same kind of room.
struct PendingTasks {
    Needs need{};
    std::int32_t count = 0;
    bool distinct_instance = false;  ///< Each wants an instance of its own.
};

/// Room on an empty instance of the provider's smallest and largest types, each resource by itself.
struct InstanceRooms {
    Needs smallest{};
    Needs largest{};
};

/// A group's instances as managed scaling counts them.
struct ProviderInstances {
    std::int32_t running = 0;
    std::int32_t empty = 0;  ///< Of those, without a task.
};

/// What managed scaling saw in one minute: how many instances there were and how many it wants in use.
struct Reservation {
    std::int32_t running = 0;
    std::int32_t wanted = 0;
    std::optional<std::int32_t> held_at{};  ///< Percent, where the metric stays whatever the two say.

    /// The metric CapacityProviderReservation, in percent: how much of the group is wanted.
    ///
    /// Source: AWS Containers blog, "Deep Dive on Amazon ECS Cluster Auto Scaling".
    [[nodiscard]] constexpr double percent() const {
        if (held_at) return *held_at;
        if (running == 0) return wanted == 0 ? 100.0 : 200.0;
        return 100.0 * wanted / running;
    }
};

namespace detail {

/// `dividend / divisor`, rounded up; neither is negative.
[[nodiscard]] constexpr std::int64_t ceil_divide(std::int64_t dividend, std::int64_t divisor) {
    return (dividend + divisor - 1) / divisor;
}

}  // namespace detail

/// How many of these tasks one empty instance holds; as many as you like when they need nothing.
[[nodiscard]] constexpr std::int32_t tasks_per_instance(const Needs& need, const Needs& room) {
    std::int32_t tasks = std::numeric_limits<std::int32_t>::max();
    for (std::size_t i = 0; i < need.size(); ++i) {
        if (need[i] > 0) tasks = std::min(tasks, room[i] / need[i]);
    }
    return tasks;
}

/// Empty instances that `count` such tasks need; one task must fit.
///
/// Source: AWS Containers blog, "Deep Dive on Amazon ECS Cluster Auto Scaling". Left out: host ports.
[[nodiscard]] constexpr std::int32_t instances_needed(const Needs& need, std::int32_t count, const Needs& room) {
    const std::int32_t each = tasks_per_instance(need, room);
    FLEETSIM_CHECK(each > 0 && count >= 0);
    return static_cast<std::int32_t>(detail::ceil_divide(count, each));
}

/// How many instances managed scaling wants in use: those with tasks, or, while tasks wait for room, all of them and
/// some more. The number added is the largest that any group of waiting tasks needs, within the step sizes. Tasks that
/// would not fit on the smallest type are ignored; while no others wait, the metric stays at the target, so that
/// nothing is launched or ended.
///
/// Source: AWS Containers blog, "Deep Dive on Amazon ECS Cluster Auto Scaling"; Amazon ECS Developer Guide, "How Amazon
/// ECS manages the scale-out and scale-in behavior". Taking the largest group rather than the sum is our assumption.
[[nodiscard]] inline Reservation capacity_provider_reservation(const ManagedScaling& settings,
                                                               ProviderInstances instances,
                                                               std::span<const PendingTasks> pending,
                                                               const InstanceRooms& rooms) {
    FLEETSIM_CHECK(instances.empty >= 0 && instances.empty <= instances.running);
    std::int32_t needed = 0;
    bool any_wait = false;
    for (const PendingTasks& tasks : pending) {
        any_wait = any_wait || tasks.count > 0;
        if (tasks.count == 0 || tasks_per_instance(tasks.need, rooms.smallest) == 0) continue;
        needed = std::max(
            needed, tasks.distinct_instance ? tasks.count : instances_needed(tasks.need, tasks.count, rooms.largest));
    }
    if (needed == 0) {
        Reservation seen{instances.running, instances.running - instances.empty};
        if (any_wait) seen.held_at = settings.target_capacity;
        return seen;
    }
    const std::int32_t at_least = std::max(needed, settings.minimum_scaling_step_size);
    return {instances.running, instances.running + std::min(at_least, settings.maximum_scaling_step_size)};
}

/// The alarms behind managed scaling: one minute above the target, or fifteen below it.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS cluster auto scaling", and alarms that AWS creates, as observed.
[[nodiscard]] constexpr TargetTrackingAlarms alarms(const ManagedScaling& settings) {
    const auto target = static_cast<double>(settings.target_capacity);
    return {
        .high = {.comparison = Comparison::greater,
                 .threshold = target,
                 .evaluation_periods = 1,
                 .datapoints_to_alarm = 1},
        .low = {.comparison = Comparison::less,
                .threshold = target,
                .evaluation_periods = 15,
                .datapoints_to_alarm = 15},
    };
}

/// A capacity provider's alarms and the newest minute it can see.
struct ManagedScalingView {
    AlarmState high = AlarmState::insufficient_data;
    AlarmState low = AlarmState::insufficient_data;
    std::optional<Reservation> seen{};
};

namespace detail {

/// The lowest capacity that one step of managed scaling leaves: half, rounded up, and at least one fewer.
[[nodiscard]] constexpr std::int32_t lowest_in_one_step(std::int32_t desired) {
    return std::max(0, std::min(desired - desired / 2, desired - 1));
}

/// The capacity at which the wanted instances make up the target.
[[nodiscard]] constexpr std::int32_t capacity_for_target(const ManagedScaling& settings, const Reservation& seen) {
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    const std::int64_t capacity = ceil_divide(100LL * seen.wanted, settings.target_capacity);
    return static_cast<std::int32_t>(std::min(capacity, most));
}

}  // namespace detail

/// What managed scaling asks for. While an alarm stays on, ask every minute.
///
/// Out: the capacity at which the wanted instances make up the target; from no instance always two. In: down to that
/// capacity, but at most by half in one step. Neither goes ahead while an instance warms up, for which `group` reckons
/// with the provider's instance warm-up period.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS cluster auto scaling"; AWS announcement "Faster Scaling-in for
/// Amazon ECS Cluster Auto Scaling" (at most half at a time); Amazon EC2 Auto Scaling User Guide, "Default instance
/// warmup" (no scale-in while instances warm up).
[[nodiscard]] inline Wish wish(const ManagedScaling& settings, const ManagedScalingView& view,
                               const GroupCapacity& group) {
    FLEETSIM_CHECK(settings.target_capacity > 0);
    Wish wish{.target = static_cast<double>(settings.target_capacity), .target_tracking = true};
    const bool out = view.high == AlarmState::alarm;
    const bool in = !out && view.low == AlarmState::alarm;
    if ((!out && !in) || !view.seen) return wish;
    wish.base = view.seen->running;
    wish.wanted = out && view.seen->running == 0 ? 2 : detail::capacity_for_target(settings, *view.seen);
    if (in) wish.lowest = detail::lowest_in_one_step(group.desired);
    wish.metric = view.seen->percent();
    wish.agrees_to_scale_in = in;
    wish.reason = out ? ScalingReason::scale_out : ScalingReason::scale_in;
    if (group.newest_warming) wish.reason = ScalingReason::warming_up;
    return wish;
}

}  // namespace fleetsim::scaling
