#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fleetsim/scaling/predictive_scaling.hpp>
#include <fleetsim/scenario/policies.hpp>

namespace fleetsim::scenario {

namespace {

using std::chrono::hours;

using History = std::vector<scaling::HourlyLoad>;

constexpr std::int64_t hours_of_history = scaling::most_forecast_history / hours{1};

/// The hours of a file that lie before the scenario, oldest first.
[[nodiscard]] std::optional<History> read_history_file(Reading& reading, const Field& field) {
    const auto trace =
        read_trace_file(reading.diagnostics, field.at(), reading.folder / field.text(), traffic::TraceNumbers::values);
    if (!trace) return std::nullopt;
    if (!trace->first_row_since_1970) {
        reading.diagnostics.error(field.at(),
                                  "history: its timestamps must be dates, so that they lie before the start");
        return std::nullopt;
    }
    const des::Duration start = reading.scenario.start.time_since_epoch() - *trace->first_row_since_1970;
    History history;
    for (std::int64_t ago = hours_of_history; ago > 0; --ago) {
        const des::Duration since_start = -ago * hours{1};
        const des::Time from{start + since_start};
        const des::Time until = from + hours{1};
        if (from < des::Time{} || until > des::Time{trace->rate.end()}) continue;
        history.push_back({des::Time{since_start}, trace->rate.expected(from, until) / des::seconds(until - from)});
    }
    if (history.empty()) {
        reading.diagnostics.error(field.at(), "history: no whole hour of it lies in the 14 days before the start");
        return std::nullopt;
    }
    return history;
}

/// One day's loads, hour by hour from midnight, UTC.
[[nodiscard]] std::optional<std::vector<double>> read_day(Reading& reading, MapReader& map) {
    constexpr std::size_t hours_a_day = 24;
    const auto field = map.require("hours");
    if (!field) return std::nullopt;
    const std::vector<Field> items = items_of(reading.diagnostics, *field);
    if (field->value.node->kind != Node::Kind::list) return std::nullopt;
    if (items.size() != hours_a_day) {
        reading.diagnostics.error(field->at(), fmt::format("hours: expected 24 numbers, one for each hour of the day, "
                                                           "found {}",
                                                           items.size()));
        return std::nullopt;
    }
    std::vector<double> day(hours_a_day);
    bool good = true;
    for (std::size_t hour = 0; hour < hours_a_day; ++hour) {
        good = read_field(reading.diagnostics, items[hour], day[hour], parse_level) && good;
    }
    return good ? std::optional(std::move(day)) : std::nullopt;
}

/// What the loads of some days are multiplied by; the first entry is for the last day before the start.
[[nodiscard]] bool read_outliers(Reading& reading, MapReader& map, std::vector<double>& factors) {
    constexpr NumberIn any_factor{0, 1e6};
    bool good = true;
    for (const Field& item : map.list("outliers")) {
        std::size_t days_ago = 1;
        double factor = 1;
        MapReader outlier(reading.diagnostics, item);
        if (!outlier.is_mapping()) return false;
        const IntegerIn any_day{1, static_cast<std::int64_t>(factors.size())};
        const bool day_good = outlier.require("days_ago", days_ago, any_day);
        const bool factor_good = outlier.require("factor", factor, any_factor);
        good = outlier.finish() && day_good && factor_good && good;
        if (day_good) factors[days_ago - 1] *= factor;
    }
    return good;
}

/// The same day over and over, some of them multiplied.
[[nodiscard]] std::optional<History> read_daily_history(Reading& reading, const Field& field) {
    constexpr std::int64_t most_days = hours_of_history / 24;
    std::int64_t days = most_days;
    MapReader map(reading.diagnostics, field);
    const bool days_good = map.read("days", days, IntegerIn{1, most_days});
    const auto day = read_day(reading, map);
    std::vector<double> factors(static_cast<std::size_t>(days), 1.0);
    const bool outliers_good = read_outliers(reading, map, factors);
    if (!map.finish() || !days_good || !day || !outliers_good) return std::nullopt;
    const auto start_hour = std::chrono::floor<hours>(reading.scenario.start).time_since_epoch();
    History history;
    for (std::int64_t ago = days * 24; ago > 0; --ago) {
        const auto hour_of_day = static_cast<std::size_t>((start_hour - hours{ago}).count() % 24);
        const auto days_before = static_cast<std::size_t>((ago - 1) / 24);
        history.push_back({des::Time{-ago * hours{1}}, (*day)[hour_of_day] * factors[days_before]});
    }
    return history;
}

[[nodiscard]] bool read_history(Reading& reading, MapReader& map, sim::PredictiveScalingPolicy& policy) {
    constexpr auto least = static_cast<std::size_t>(scaling::least_forecast_history / hours{1});
    const auto field = map.find("history");
    if (!field) {
        if (reading.duration_known && reading.scenario.duration <= scaling::least_forecast_history) {
            reading.diagnostics.warning(map.at(),
                                        "without a history the first forecast comes after 24h, when the "
                                        "scenario is over");
        }
        return true;
    }
    if (!reading.start_given) reading.silences.start_used = true;
    std::optional<History> history;
    if (field->value.node->kind == Node::Kind::scalar) {
        history = read_history_file(reading, *field);
    } else if (field->value.node->kind == Node::Kind::mapping) {
        history = read_daily_history(reading, *field);
    } else {
        wrong_kind(reading.diagnostics, *field, "a file name or a mapping with days and hours");
    }
    if (!history) return false;
    if (history->size() < least) {
        reading.diagnostics.warning(field->at(), fmt::format("history: {} hours before the start, and a forecast needs "
                                                             "{}",
                                                             history->size(), least));
    }
    policy.history = std::move(*history);
    return true;
}

/// Source: Amazon EC2 Auto Scaling API Reference, PredictiveScalingConfiguration.
[[nodiscard]] bool read_settings(MapReader& map, scaling::PredictiveScaling& settings) {
    constexpr NumberIn any_target{0, 1e12, true};
    constexpr DurationIn any_buffer_time{{}, std::chrono::seconds{3'599}, BareNumber::seconds};
    bool good = map.require("target_value", settings.target_value, any_target);
    good = map.read("scheduling_buffer_time", settings.scheduling_buffer_time, any_buffer_time) && good;
    const bool behavior_good = map.read("max_capacity_breach_behavior", settings.max_capacity_breach_behavior,
                                        named<scaling::MaxCapacityBreach>(scaling::max_capacity_breach_names));
    good = behavior_good && good;
    good = map.read("max_capacity_buffer", settings.max_capacity_buffer_percent, IntegerIn{0, 100}) && good;
    if (behavior_good && map.find("max_capacity_buffer") &&
        settings.max_capacity_breach_behavior != scaling::MaxCapacityBreach::increase_max_capacity) {
        map.diagnostics().error(map.place_of("max_capacity_buffer"),
                                "max_capacity_buffer needs the max_capacity_breach_behavior IncreaseMaxCapacity");
        good = false;
    }
    return good;
}

/// Reads whether the policy acts, which one policy of a group may.
[[nodiscard]] bool read_mode(MapReader& map, scaling::PredictiveMode& mode, bool& another_acts) {
    if (!map.read("mode", mode, named<scaling::PredictiveMode>(scaling::predictive_mode_names))) return false;
    const bool acts = mode == scaling::PredictiveMode::forecast_and_scale;
    if (!acts && !map.find("mode")) {
        map.diagnostics().warning(map.at(), "predictive_scaling: ForecastOnly, the usual mode, changes nothing",
                                  "mode: ForecastAndScale acts on the forecast");
    }
    if (acts && another_acts) {
        map.diagnostics().error(map.place_of("mode"),
                                "predictive_scaling: one policy of a group may have the mode ForecastAndScale");
    }
    another_acts = another_acts || acts;
    return true;
}

/// Forecasts and history are of hours of the clock, which the engine counts from the start.
void check_start(Reading& reading, const Field& field) {
    const std::chrono::seconds into_hour = reading.scenario.start.time_since_epoch() % hours{1};
    if (into_hour == std::chrono::seconds{0}) return;
    reading.diagnostics.error(
        field.key_at,
        fmt::format("predictive_scaling: forecasts are for whole hours, and the scenario starts {} past one",
                    duration_text(into_hour)),
        "start: at a whole hour");
}

}  // namespace

std::vector<sim::PredictiveScalingPolicy> read_predictive_scaling(Reading& reading, sim::GroupId group,
                                                                  PolicyNames& names, const Field& field) {
    check_start(reading, field);
    std::vector<sim::PredictiveScalingPolicy> policies;
    bool another_acts = false;
    for (const Field& item : items_of(reading.diagnostics, field)) {
        MapReader map(reading.diagnostics, item);
        if (!map.is_mapping()) continue;
        sim::PredictiveScalingPolicy policy;
        auto metric = read_tracked_metric(reading, group, map);
        bool good = read_settings(map, policy.settings);
        good = read_mode(map, policy.settings.mode, another_acts) && good;
        good = read_history(reading, map, policy) && good;
        policy.name = names.read(map, metric ? metric->name : std::string{});
        good = map.finish() && good;
        if (!metric || !good) continue;
        policy.metric = std::move(metric->query);
        policies.push_back(std::move(policy));
    }
    return policies;
}

}  // namespace fleetsim::scenario
