#pragma once

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::scaling {

/// How a datapoint breaches the threshold.
enum class Comparison : std::uint8_t { greater, greater_or_equal, less, less_or_equal };

/// What an alarm makes of periods without a datapoint.
enum class MissingData : std::uint8_t { missing, ignore, breaching, not_breaching };

enum class AlarmState : std::uint8_t { insufficient_data, ok, alarm };

inline constexpr std::array<std::string_view, 4> comparison_names{
    "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"};
inline constexpr std::array<std::string_view, 4> missing_data_names{"missing", "ignore", "breaching", "notBreaching"};
inline constexpr std::array<std::string_view, 3> alarm_state_names{"INSUFFICIENT_DATA", "OK", "ALARM"};

[[nodiscard]] constexpr std::string_view name(Comparison comparison) {
    return comparison_names[static_cast<std::size_t>(comparison)];
}
[[nodiscard]] constexpr std::string_view name(MissingData treatment) {
    return missing_data_names[static_cast<std::size_t>(treatment)];
}
[[nodiscard]] constexpr std::string_view name(AlarmState state) {
    return alarm_state_names[static_cast<std::size_t>(state)];
}

/// A CloudWatch alarm: ALARM when `datapoints_to_alarm` of the last `evaluation_periods` datapoints breach.
///
/// Source: Amazon CloudWatch API Reference, PutMetricAlarm. Left out: anomaly detection, Metrics Insights queries, and
/// what an alarm on a percentile makes of few samples.
struct AlarmSettings {
    Comparison comparison = Comparison::greater;
    double threshold = 0;
    std::int32_t evaluation_periods = 1;
    std::int32_t datapoints_to_alarm = 1;  ///< At most `evaluation_periods`.
    MissingData treat_missing_data = MissingData::missing;
    des::Duration period = std::chrono::seconds{60};  ///< 10 s, 20 s, 30 s or whole minutes.
};

/// The two alarms that target tracking puts on its metric.
struct TargetTrackingAlarms {
    AlarmSettings high;
    AlarmSettings low;
};

[[nodiscard]] constexpr bool breaches(const AlarmSettings& alarm, double value) {
    switch (alarm.comparison) {
        case Comparison::greater: return value > alarm.threshold;
        case Comparison::greater_or_equal: return value >= alarm.threshold;
        case Comparison::less: return value < alarm.threshold;
        case Comparison::less_or_equal: break;
    }
    return value <= alarm.threshold;
}

/// Periods an alarm looks at: more than it needs, so that a few may be missing. AWS shows five for three evaluation
/// periods; two extra for every other number is our assumption.
[[nodiscard]] constexpr std::size_t evaluation_range(const AlarmSettings& alarm) {
    return static_cast<std::size_t>(alarm.evaluation_periods) + 2;
}

/// How far into the past that is: what its metric has to keep.
[[nodiscard]] constexpr des::Duration look_back(const AlarmSettings& alarm) {
    return static_cast<std::int64_t>(evaluation_range(alarm)) * alarm.period;
}

/// Time from one evaluation to the next, whatever the length of the period; evaluations fall on its multiples.
///
/// Source: Amazon CloudWatch User Guide, "Alarm evaluation".
[[nodiscard]] constexpr des::Duration evaluation_interval(const AlarmSettings& alarm) {
    constexpr des::Duration minute = std::chrono::seconds{60};
    return alarm.period < minute ? des::Duration{std::chrono::seconds{10}} : minute;
}

/// A setting of an alarm.
enum class AlarmSetting : std::uint8_t { period, evaluation_periods, datapoints_to_alarm, threshold };

/// What is wrong with an alarm, and the setting that brings it about.
struct AlarmFault {
    AlarmSetting setting;
    std::string text;
};

/// Why CloudWatch would reject the alarm; empty if it would not.
///
/// Source: Amazon CloudWatch API Reference, PutMetricAlarm.
[[nodiscard]] inline std::vector<AlarmFault> faults(const AlarmSettings& alarm) {
    using std::chrono::seconds;
    std::vector<AlarmFault> found;
    const auto add = [&](AlarmSetting setting, std::string_view text) {
        found.push_back({setting, std::string(text)});
    };
    const bool high_resolution =
        alarm.period == seconds{10} || alarm.period == seconds{20} || alarm.period == seconds{30};
    const bool minutes = alarm.period >= seconds{60} && alarm.period % seconds{60} == des::Duration::zero();
    const bool period_valid = high_resolution || minutes;
    if (!period_valid) add(AlarmSetting::period, "the period is 10, 20 or 30 seconds, or whole minutes");
    if (alarm.evaluation_periods < 1) {
        add(AlarmSetting::evaluation_periods, "an alarm needs at least one evaluation period");
    }
    if (alarm.datapoints_to_alarm < 1 || alarm.datapoints_to_alarm > alarm.evaluation_periods) {
        add(AlarmSetting::datapoints_to_alarm,
            "datapoints to alarm are at least one, and at most the evaluation periods");
    }
    if (!std::isfinite(alarm.threshold)) add(AlarmSetting::threshold, "the threshold is a finite number");
    const bool hours = alarm.period >= std::chrono::hours{1};
    const des::Duration longest = std::chrono::hours{hours ? 7 * 24 : 24};
    if (period_valid && alarm.evaluation_periods > longest / alarm.period) {
        add(AlarmSetting::evaluation_periods,
            hours ? "period times evaluation periods is more than seven days"
                  : "period times evaluation periods is more than a day, with a period below an hour");
    }
    return found;
}

/// Can a metric that stays between these two, both included, ever breach the threshold?
[[nodiscard]] constexpr bool can_breach(const AlarmSettings& alarm, double least, double most) {
    return breaches(alarm, least) || breaches(alarm, most);
}

namespace detail {

/// What an alarm sees in its range; ages count slots from the newest, which has age 1.
struct Evidence {
    std::int32_t real = 0;           ///< Datapoints there are.
    std::int32_t judged = 0;         ///< The newest of them, at most as many as there are evaluation periods.
    std::int32_t breaching = 0;      ///< Of those judged.
    std::int32_t oldest_breach = 0;  ///< Age, among those judged.
};

[[nodiscard]] inline Evidence evidence(const AlarmSettings& alarm, std::span<const std::optional<double>> slots) {
    Evidence found;
    for (std::size_t age = 1; age <= slots.size(); ++age) {
        const std::optional<double>& value = slots[slots.size() - age];
        if (!value) continue;
        ++found.real;
        if (found.judged == alarm.evaluation_periods) continue;
        ++found.judged;
        if (!breaches(alarm, *value)) continue;
        ++found.breaching;
        found.oldest_breach = static_cast<std::int32_t>(age);
    }
    return found;
}

[[nodiscard]] inline AlarmState without_datapoints(MissingData treatment, AlarmState current) {
    switch (treatment) {
        case MissingData::missing: return AlarmState::insufficient_data;
        case MissingData::breaching: return AlarmState::alarm;
        case MissingData::not_breaching: return AlarmState::ok;
        case MissingData::ignore: break;
    }
    return current;
}

/// For `missing` and `ignore`, when there are some datapoints but too few. If all of them breach, the alarm waits until
/// the oldest is so old that it would be in ALARM had the others breached too.
[[nodiscard]] inline AlarmState with_few_datapoints(const AlarmSettings& alarm, const Evidence& found,
                                                    AlarmState current) {
    if (found.breaching >= alarm.datapoints_to_alarm) return AlarmState::alarm;
    if (found.breaching < found.real) return AlarmState::ok;
    const bool long_ago = found.oldest_breach >= alarm.datapoints_to_alarm;
    return long_ago && alarm.treat_missing_data == MissingData::missing ? AlarmState::alarm : current;
}

}  // namespace detail

/// The alarm's next state, from the newest `evaluation_range` slots (oldest first) and its present state.
///
/// Source: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data" and "Avoiding premature
/// transitions to alarm state".
[[nodiscard]] inline AlarmState evaluate(const AlarmSettings& alarm, std::span<const std::optional<double>> slots,
                                         AlarmState current) {
    FLEETSIM_CHECK(alarm.datapoints_to_alarm >= 1 && alarm.datapoints_to_alarm <= alarm.evaluation_periods);
    FLEETSIM_CHECK(slots.size() == evaluation_range(alarm));
    const detail::Evidence found = detail::evidence(alarm, slots);
    const auto alarm_if = [](bool condition) { return condition ? AlarmState::alarm : AlarmState::ok; };

    if (found.real >= alarm.evaluation_periods) return alarm_if(found.breaching >= alarm.datapoints_to_alarm);
    if (found.real == 0) return detail::without_datapoints(alarm.treat_missing_data, current);
    switch (alarm.treat_missing_data) {
        case MissingData::breaching: {
            const std::int32_t filled = alarm.evaluation_periods - found.real;
            return alarm_if(found.breaching + filled >= alarm.datapoints_to_alarm);
        }
        case MissingData::not_breaching: return alarm_if(found.breaching >= alarm.datapoints_to_alarm);
        case MissingData::missing:
        case MissingData::ignore: break;
    }
    return detail::with_few_datapoints(alarm, found, current);
}

}  // namespace fleetsim::scaling
