#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scaling/target_tracking.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

[[nodiscard]] std::vector<std::string_view> metric_names() {
    std::vector<std::string_view> names;
    for (const auto& known : scaling::service_metric_names) names.push_back(known.name);
    return names;
}

[[nodiscard]] std::optional<scaling::TargetTracking> read_policy(Reading& reading, ServiceNotes& notes,
                                                                 const Field& item) {
    constexpr NumberIn any_target{0, 1e12, true};
    constexpr DurationIn any_cooldown{{}, longest_duration, BareNumber::seconds};
    scaling::TargetTracking policy;
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return std::nullopt;
    const auto names = metric_names();
    bool good = map.require("metric", policy.metric, one_of<scaling::ServiceMetric>(names, scaling::service_metric));
    if (good && policy.metric == scaling::ServiceMetric::alb_request_count_per_target) {
        notes.per_target_metrics.push_back(map.place_of("metric"));
    }
    good = map.require("target_value", policy.target_value, any_target) && good;
    good = map.read("scale_in_cooldown", policy.scale_in_cooldown, any_cooldown) && good;
    good = map.read("scale_out_cooldown", policy.scale_out_cooldown, any_cooldown) && good;
    good = map.read("disable_scale_in", policy.disable_scale_in, parse_flag) && good;
    good = map.finish() && good;
    return good ? std::optional(policy) : std::nullopt;
}

}  // namespace

void read_autoscaling(Reading& reading, sim::ServiceId id, const Field& field) {
    constexpr IntegerIn any_capacity{0, most_tasks};
    sim::ServiceAutoscaling autoscaling;
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return;
    const bool min_good = map.require("min_capacity", autoscaling.min_capacity, any_capacity);
    const bool max_good = map.require("max_capacity", autoscaling.max_capacity, any_capacity);
    for (const Field& item : map.list("target_tracking")) {
        const auto policy = read_policy(reading, reading.service_notes[id], item);
        if (!policy) continue;
        const auto same = [&](const scaling::TargetTracking& other) { return other.metric == policy->metric; };
        if (std::any_of(autoscaling.target_tracking.begin(), autoscaling.target_tracking.end(), same)) {
            reading.diagnostics.error(item.at(), fmt::format("target_tracking: {} is tracked by an earlier policy",
                                                             scaling::name(policy->metric)));
        }
        autoscaling.target_tracking.push_back(*policy);
    }
    map.finish();
    if (!min_good || !max_good) return;
    if (autoscaling.min_capacity > autoscaling.max_capacity) {
        reading.diagnostics.error(map.place_of("min_capacity"),
                                  fmt::format("min_capacity {} is above max_capacity {}", autoscaling.min_capacity,
                                              autoscaling.max_capacity));
        return;
    }
    reading.scenario.services[id].autoscaling = std::move(autoscaling);
}

}  // namespace fleetsim::scenario
