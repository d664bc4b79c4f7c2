#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fleetsim::scaling {

/// Why a capacity was changed or left alone.
enum class ScalingReason : std::uint8_t {
    no_alarm,         ///< No alarm asked for anything.
    scale_out,        ///< More capacity.
    scale_in,         ///< Less capacity.
    enough_capacity,  ///< An alarm is on, but the desired capacity already answers it.
    at_bound,         ///< The minimum or the maximum does not allow more.
    cooldown,         ///< Too soon after the last scale-in.
    warming_up,       ///< The group has an instance that is still warming up.
    vetoed,           ///< Another policy does not want to scale in.
    count
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(ScalingReason::count)> scaling_reason_names{
    "no alarm", "scale out", "scale in", "enough capacity", "at its bound", "cooldown", "warming up", "vetoed"};

[[nodiscard]] constexpr std::string_view name(ScalingReason reason) {
    return scaling_reason_names[static_cast<std::size_t>(reason)];
}

/// What a scaling policy makes of the numbers it sees. Capacity changed exactly if the reason is `scale_out` or
/// `scale_in`.
struct ScalingDecision {
    std::int32_t desired = 0;   ///< The new desired capacity, or the old one.
    std::int32_t base = 0;      ///< Running capacity it reckoned with; meaningless without an alarm.
    std::int32_t required = 0;  ///< What the deciding policy wanted before bounds; meaningless without an alarm.
    double metric = 0;          ///< What it saw; meaningless without an alarm.
    double target = 0;
    ScalingReason reason = ScalingReason::no_alarm;

    [[nodiscard]] constexpr bool changed() const {
        return reason == ScalingReason::scale_out || reason == ScalingReason::scale_in;
    }
};

}  // namespace fleetsim::scaling
