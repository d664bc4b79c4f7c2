#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/scaling/decision.hpp>

namespace fleetsim::scaling {

/// Whether forecasts are only made, or acted on too. Of a group's or service's policies one may act.
enum class PredictiveMode : std::uint8_t { forecast_only, forecast_and_scale };

/// The highest maximum that a forecast leads to, so that a target mistyped does not ask for millions of instances. A
/// model decision; AWS has a quota of its own.
inline constexpr std::int32_t most_forecast_capacity = 100'000;

/// What becomes of the maximum when the forecast comes near it or exceeds it.
enum class MaxCapacityBreach : std::uint8_t { honor_max_capacity, increase_max_capacity };

inline constexpr std::array<std::string_view, 2> predictive_mode_names{"ForecastOnly", "ForecastAndScale"};
inline constexpr std::array<std::string_view, 2> max_capacity_breach_names{"HonorMaxCapacity", "IncreaseMaxCapacity"};

[[nodiscard]] constexpr std::string_view name(PredictiveMode mode) {
    return predictive_mode_names[static_cast<std::size_t>(mode)];
}
[[nodiscard]] constexpr std::string_view name(MaxCapacityBreach breach) {
    return max_capacity_breach_names[static_cast<std::size_t>(breach)];
}

/// A predictive scaling policy.
///
/// Source: Amazon EC2 Auto Scaling API Reference, "PredictiveScalingConfiguration".
struct PredictiveScaling {
    double target_value = 0;  ///< Of the scaling metric: percent, or what one instance is to get of the load.
    PredictiveMode mode = PredictiveMode::forecast_only;
    des::Duration scheduling_buffer_time = std::chrono::seconds{300};  ///< So long before the hour that needs it.
    MaxCapacityBreach max_capacity_breach_behavior = MaxCapacityBreach::honor_max_capacity;
    /// By how much of the forecast the maximum is to exceed it, if it may be increased.
    std::int32_t max_capacity_buffer_percent = 0;
};

/// What a forecast needs and looks at, and how often there is a new one.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "How predictive scaling works".
inline constexpr des::Duration least_forecast_history = std::chrono::hours{24};
inline constexpr des::Duration most_forecast_history = std::chrono::hours{14 * 24};
inline constexpr des::Duration forecast_interval = std::chrono::hours{6};

/// The load of one hour: metric times instances, on average over the hour. That is 140 for two instances at 70 %.
struct HourlyLoad {
    des::Time hour_start;  ///< Negative in the history that a scenario brings along.
    double mean_load = 0;
};

/// Hours that were over when the newest forecast at `now` was made: at a whole six hours. `history` is ordered by
/// time.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "How predictive scaling works"; that forecasts are made at whole six
/// hours of the scenario, the first at its start, is a model decision.
[[nodiscard]] inline std::span<const HourlyLoad> known_to_forecast(std::span<const HourlyLoad> history, des::Time now) {
    const des::Duration since_forecast = now.time_since_epoch() % forecast_interval;
    const des::Time newest_start = now - since_forecast - std::chrono::hours{1};
    const auto end = std::upper_bound(history.begin(), history.end(), newest_start,
                                      [](des::Time at, const HourlyLoad& hour) { return at < hour.hour_start; });
    return history.first(static_cast<std::size_t>(end - history.begin()));
}

namespace detail {

/// The mean of the hours that lie a multiple of `cycle` before `hour`; nothing without one.
[[nodiscard]] inline std::optional<double> mean_of_same_hour(std::span<const HourlyLoad> history, des::Time hour,
                                                             des::Duration cycle) {
    double sum = 0;
    std::size_t count = 0;
    for (const HourlyLoad& past : history) {
        if ((hour - past.hour_start) % cycle != des::Duration::zero()) continue;
        sum += past.mean_load;
        ++count;
    }
    return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
}

}  // namespace detail

/// The load to expect in the hour that begins at `hour`: the mean of the same hours of the week, or else of the day,
/// or else the newest, of the last 14 days of history. Nothing while there are fewer than 24 hours of it.
///
/// `history` is ordered by time, an hour at most once; what is not before `hour` is not looked at.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "How predictive scaling works" (24 hours, 14 days). AWS's forecaster is
/// a secret; this one is a model decision. It knows weeks and days but no trend, and of two weeks an outlier is half
/// of what it expects.
[[nodiscard]] inline std::optional<double> forecast_load(std::span<const HourlyLoad> history, des::Time hour) {
    const auto starts_before = [](const HourlyLoad& past, des::Time at) { return past.hour_start < at; };
    const auto before = [&](des::Time at) {
        return static_cast<std::size_t>(std::lower_bound(history.begin(), history.end(), at, starts_before) -
                                        history.begin());
    };
    history = history.first(before(hour));
    if (history.empty()) return std::nullopt;
    constexpr des::Duration hours{std::chrono::hours{1}};
    history = history.subspan(before(history.back().hour_start + hours - most_forecast_history));
    if (static_cast<std::int64_t>(history.size()) * hours < least_forecast_history) return std::nullopt;

    constexpr des::Duration day = std::chrono::hours{24};
    if (const auto mean = detail::mean_of_same_hour(history, hour, 7 * day)) return mean;
    if (const auto mean = detail::mean_of_same_hour(history, hour, day)) return mean;
    return history.back().mean_load;
}

/// Capacity at which the load keeps the scaling metric at its target: `mean_load / target_value`, rounded up.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "How predictive scaling works"; the formula is a model decision.
[[nodiscard]] inline std::int32_t forecast_capacity(double mean_load, double target_value) {
    FLEETSIM_CHECK(target_value > 0);
    if (mean_load <= 0) return 0;  // A metric by an expression may be negative.
    const double exact = mean_load / target_value;
    // 3 * 1.1 / 0.3 comes out a hair above 11 and must not ask for 12.
    const double rounded = std::ceil(exact - 1e-9 * exact);
    constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();
    return rounded < static_cast<double>(most) ? static_cast<std::int32_t>(rounded) : most;
}

/// Capacities after a forecast was acted on. An increased maximum stays increased until somebody lowers it.
struct PredictiveDecision {
    std::int32_t desired = 0;
    std::int32_t max = 0;

    friend bool operator==(const PredictiveDecision&, const PredictiveDecision&) = default;
};

namespace detail {

[[nodiscard]] constexpr std::int32_t max_capacity(const PredictiveScaling& policy, std::int32_t forecast,
                                                  std::int32_t max) {
    if (policy.max_capacity_breach_behavior == MaxCapacityBreach::honor_max_capacity) return max;
    const std::int64_t percent = 100 + std::int64_t{policy.max_capacity_buffer_percent};
    const std::int64_t with_buffer = (forecast * percent + 99) / 100;
    return std::max(max, static_cast<std::int32_t>(std::min(with_buffer, std::int64_t{most_forecast_capacity})));
}

}  // namespace detail

/// What a policy does for an hour with this forecast: at least that much capacity, within the bounds, of which the
/// maximum may give way. It never takes capacity away; one that only forecasts changes nothing.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "How predictive scaling works"; Amazon EC2 Auto Scaling API Reference,
/// "PredictiveScalingConfiguration". The buffer's fractions are rounded up by decision of the model.
[[nodiscard]] constexpr PredictiveDecision decide(const PredictiveScaling& policy, std::int32_t forecast,
                                                  const CapacityBounds& bounds) {
    if (policy.mode == PredictiveMode::forecast_only) return {bounds.desired, bounds.max};
    const std::int32_t max = detail::max_capacity(policy, forecast, bounds.max);
    return {std::max(bounds.desired, std::clamp(forecast, bounds.min, max)), max};
}

/// When a policy acts next, and for which hour.
struct PredictiveRun {
    des::Time at;
    des::Time hour_start;

    friend bool operator==(const PredictiveRun&, const PredictiveRun&) = default;
};

/// The first run later than `now`: the scheduling buffer time before a whole hour of the scenario, which begins on one.
///
/// Source: Amazon EC2 Auto Scaling API Reference, "PredictiveScalingConfiguration".
[[nodiscard]] inline PredictiveRun next_run(const PredictiveScaling& policy, des::Time now) {
    const des::Duration buffer = policy.scheduling_buffer_time;
    const auto hour = std::chrono::floor<std::chrono::hours>(now + buffer) + std::chrono::hours{1};
    return {hour - buffer, hour};
}

}  // namespace fleetsim::scaling
