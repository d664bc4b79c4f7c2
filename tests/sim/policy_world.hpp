#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <vector>

#include <fleetsim/sim/run.hpp>

#include "sim/small_world.hpp"

/// What the tests of a group's policies share: policies, metrics that make them act, and what they are told to have
/// done.
namespace fleetsim::sim::testing {

/// The only group of a `fleet_world`.
inline scaling::StepAdjustment step(std::optional<double> lower, std::optional<double> upper, std::int32_t adjustment) {
    return {.lower_bound = lower, .upper_bound = upper, .adjustment = adjustment};
}

/// A policy of change in capacity by one step, whatever the size of the breach.
inline scaling::StepScaling by(std::int32_t change, std::optional<des::Duration> warmup = std::nullopt) {
    scaling::StepScaling policy;
    policy.steps = {change > 0 ? step(0, std::nullopt, change) : step(std::nullopt, 0, change)};
    policy.estimated_instance_warmup = warmup;
    return policy;
}

/// A metric that is `normal` but for one minute or more from each of these instants on.
struct Episode {
    std::chrono::seconds from;
    double value;
    std::chrono::seconds length = 60s;
};

inline MetricQuery episodes(Scenario& scenario, double normal, const std::vector<Episode>& exceptions) {
    std::vector<traffic::Step> steps{{0s, normal}};
    for (std::size_t i = 0; i < exceptions.size(); ++i) {
        const Episode& exception = exceptions[i];
        steps.push_back({exception.from, exception.value});
        const auto end = exception.from + exception.length;
        if (i + 1 == exceptions.size() || exceptions[i + 1].from > end) steps.push_back({end, normal});
    }
    return custom_metric(scenario, traffic::steps(steps));
}

/// Alarms of one datapoint above 50 and below 30 on a metric with those episodes, 40 otherwise.
struct TwoAlarms {
    AlarmId high;
    AlarmId low;
};

inline TwoAlarms alarms_on(Scenario& scenario, const std::vector<Episode>& exceptions) {
    const MetricQuery metric = episodes(scenario, 40, exceptions);
    return {add_alarm(scenario, "high", metric, scaling::Comparison::greater, 50),
            add_alarm(scenario, "low", metric, scaling::Comparison::less, 30)};
}

inline const ScalingDetails& details_of(const Result& result, std::size_t change) {
    std::size_t seen = 0;
    for (const auto& row : result.events) {
        if (row.event == "scaling" && row.subject == "desired_capacity" && seen++ == change) return *row.scaling;
    }
    throw std::out_of_range{"there are fewer changes"};
}

/// A week of 100 an hour but for the second hour of the day, which has 400. Two and eight at 50 each.
inline Scenario forecast_world(std::int32_t desired, std::int32_t max) {
    Scenario scenario = fleet_world(desired, max);
    scenario.duration = 4h;
    PredictiveScalingPolicy policy;
    policy.name = "forecast";
    policy.metric = custom_metric(scenario, traffic::constant(1));
    policy.settings.target_value = 50;
    policy.settings.mode = scaling::PredictiveMode::forecast_and_scale;
    for (int hour = -7 * 24; hour < 0; ++hour) {
        const bool busy = (hour + 7 * 24) % 24 == 1;
        policy.history.push_back({des::Time{std::chrono::hours{hour}}, busy ? 400.0 : 100.0});
    }
    group_of(scenario).predictive_scaling = {policy};
    return scenario;
}

}  // namespace fleetsim::sim::testing
