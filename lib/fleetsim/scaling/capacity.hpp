#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fleetsim/des/time.hpp>
#include <fleetsim/scaling/decision.hpp>

namespace fleetsim::scaling {

/// What a service remembers from one decision to the next: its cooldowns. It starts out empty.
struct ScalingHistory {
    std::optional<des::Time> last_scale_in{};  ///< None after a scale-out, which ends the cooldown.
    std::optional<des::Time> last_scale_out{};
    std::int32_t base_of_scale_out = 0;  ///< Running capacity that the last scale-out reckoned with.
};

/// What a service has, and what it may have.
struct ServiceCapacity {
    std::int32_t running = 0;  ///< Tasks in state RUNNING.
    std::int32_t desired = 0;
    std::int32_t min = 0;
    std::int32_t max = 0;
    ScalingHistory history{};          ///< As `history_after` leaves it.
    bool scale_in_suspended = false;   ///< DynamicScalingInSuspended, or a deployment is in progress.
    bool scale_out_suspended = false;  ///< DynamicScalingOutSuspended.
};

/// What an Auto Scaling group has, and what it may have; in units of weight if its instance types have weights.
struct GroupCapacity {
    std::int32_t desired = 0;
    std::int32_t min = 0;
    std::int32_t max = 0;
    std::int32_t warm = 0;         ///< In service and warmed up: what contributes to the group's metrics.
    bool warming = false;          ///< Some instance has not warmed up, or is still on its way.
    bool newest_warming = false;   ///< The youngest instance in service has not.
    std::int32_t terminating = 0;  ///< Still ending. A step policy's scale-in reckons with these too.
    /// What contributed to the newest datapoint, as far as it is known: metrics are minutes old.
    std::int32_t measured = 0;
};

[[nodiscard]] constexpr CapacityBounds bounds(const ServiceCapacity& service) {
    return {.desired = service.desired, .min = service.min, .max = service.max};
}
[[nodiscard]] constexpr CapacityBounds bounds(const GroupCapacity& group) {
    return {.desired = group.desired, .min = group.min, .max = group.max};
}

/// What to remember once a decision is carried out at `now`. A scale-in starts a scale-in cooldown; a scale-out starts
/// a scale-out cooldown and ends that of a scale-in.
///
/// Source: Application Auto Scaling User Guide, "Define cooldown periods". That a service has one history for all its
/// policies, and that a cooldown starts with the decision, are model decisions.
[[nodiscard]] inline ScalingHistory history_after(const ScalingDecision& decision, const ScalingHistory& before,
                                                  des::Time now) {
    if (decision.reason == ScalingReason::scale_out) {
        return {.last_scale_out = now, .base_of_scale_out = decision.wish.base};
    }
    return decision.reason == ScalingReason::scale_in ? ScalingHistory{.last_scale_in = now} : before;
}

namespace detail {

[[nodiscard]] constexpr bool within(std::optional<des::Time> since, des::Duration cooldown, des::Time now) {
    return since && now - *since < cooldown;
}

/// Running capacity to reckon a scale-out with: during a scale-out cooldown at most what there was before it. So what
/// the last scale-out added is part of what the next one asks for, and only a larger one adds anything.
[[nodiscard]] constexpr std::int32_t scale_out_base(const ServiceCapacity& service, des::Duration cooldown,
                                                    des::Time now) {
    if (!within(service.history.last_scale_out, cooldown, now)) return service.running;
    return std::min(service.running, service.history.base_of_scale_out);
}

}  // namespace detail

}  // namespace fleetsim::scaling
