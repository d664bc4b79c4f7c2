#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scaling/simple_scaling.hpp>
#include <fleetsim/scaling/step_scaling.hpp>
#include <fleetsim/scenario/policies.hpp>
#include <fleetsim/scenario/scaling_checks.hpp>

namespace fleetsim::scenario {

namespace {

constexpr NumberIn any_bound{-1e15, 1e15};
/// Far beyond any capacity, and small enough to be added to one.
constexpr IntegerIn any_adjustment{-1'000'000, 1'000'000};
constexpr IntegerIn any_magnitude{1, most_instances};

/// The alarm that drives a policy.
///
/// Source: Amazon CloudWatch User Guide, "Create a composite alarm" (they have no Auto Scaling actions).
[[nodiscard]] std::optional<sim::AlarmId> read_alarm(Reading& reading, MapReader& map) {
    const auto field = map.require("alarm");
    if (!field) return std::nullopt;
    const auto alarm = reading.alarm_names.resolve(reading.diagnostics, *field);
    if (!alarm || !reading.alarm_notes[*alarm].composite) return alarm;
    reading.diagnostics.error(
        field->at(), fmt::format("alarm {} is composite: it cannot drive Auto Scaling", in_quotes(field->text())),
        "an alarm of one metric can");
    return std::nullopt;
}

/// Both kinds of policy say it alike.
[[nodiscard]] bool read_adjustment_type(MapReader& map, scaling::AdjustmentType& type,
                                        std::optional<std::int32_t>& min_magnitude) {
    const bool type_good =
        map.require("adjustment_type", type, named<scaling::AdjustmentType>(scaling::adjustment_type_names));
    if (!map.read("min_adjustment_magnitude", min_magnitude, any_magnitude)) return false;
    if (type_good && min_magnitude && type != scaling::AdjustmentType::percent_change_in_capacity) {
        map.diagnostics().error(map.place_of("min_adjustment_magnitude"),
                                "min_adjustment_magnitude needs the adjustment_type PercentChangeInCapacity");
        return false;
    }
    return type_good;
}

/// Reads the steps, and reports what AWS has against them.
[[nodiscard]] bool read_steps(Reading& reading, MapReader& map, scaling::StepScaling& settings, bool type_good) {
    const auto field = map.require("step_adjustments");
    if (!field) return false;
    const std::size_t before = reading.diagnostics.count();
    for (const Field& item : items_of(reading.diagnostics, *field)) {
        scaling::StepAdjustment step;
        MapReader step_map(reading.diagnostics, item);
        if (!step_map.is_mapping()) continue;
        const bool lower_good = step_map.read("metric_interval_lower_bound", step.lower_bound, any_bound);
        const bool upper_good = step_map.read("metric_interval_upper_bound", step.upper_bound, any_bound);
        const bool adjustment_good = step_map.require("scaling_adjustment", step.adjustment, any_adjustment);
        step_map.finish();
        if (lower_good && upper_good && adjustment_good) settings.steps.push_back(step);
    }
    if (!type_good || reading.diagnostics.count() != before) return false;
    for (const std::string& fault : scaling::faults(settings)) {
        reading.diagnostics.error(field->at(), fmt::format("step_adjustments: {}", fault));
    }
    return reading.diagnostics.count() == before;
}

[[nodiscard]] bool read_step_waits(Reading& reading, const Scaled& owner, scaling::StepScaling& settings,
                                   MapReader& map) {
    constexpr DurationIn any_cooldown{{}, longest_duration, BareNumber::seconds};
    if (const auto* group = std::get_if<sim::GroupId>(&owner)) {
        map.refuse("cooldown", "cooldown: step scaling of an Auto Scaling group has no cooldown",
                   "estimated_instance_warmup is what you want");
        return read_warm_up(reading, *group, map, "estimated_instance_warmup", settings.estimated_instance_warmup);
    }
    map.refuse("estimated_instance_warmup", "estimated_instance_warmup: tasks do not warm up",
               "cooldown is what you want");
    return map.read("cooldown", settings.cooldown, any_cooldown);
}

[[nodiscard]] std::optional<sim::StepScalingPolicy> read_step_policy(Reading& reading, const Scaled& owner,
                                                                     PolicyNames& names, const Field& item) {
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return std::nullopt;
    sim::StepScalingPolicy policy;
    const auto alarm = read_alarm(reading, map);
    const bool type_good =
        read_adjustment_type(map, policy.settings.adjustment_type, policy.settings.min_adjustment_magnitude);
    bool good = map.read("metric_aggregation_type", policy.settings.aggregation,
                         named<scaling::MetricAggregation>(scaling::metric_aggregation_names));
    good = read_step_waits(reading, owner, policy.settings, map) && good;
    good = read_steps(reading, map, policy.settings, type_good) && good;
    map.refuse("scaling_adjustment", "scaling_adjustment: step scaling has step_adjustments",
               is_group(owner) ? "simple_scaling has one scaling_adjustment" : "");
    const auto alarm_field = map.find("alarm");
    policy.name = names.read(map, alarm ? "step_scaling on " + alarm_field->text() : std::string{});
    good = map.finish() && good;
    if (!alarm || !good || !type_good) return std::nullopt;
    policy.alarm = *alarm;
    check_step_scaling(reading, owner, policy, map);
    return policy;
}

[[nodiscard]] std::optional<sim::SimpleScalingPolicy> read_simple_policy(Reading& reading, PolicyNames& names,
                                                                         const Field& item) {
    constexpr DurationIn any_cooldown{{}, longest_duration, BareNumber::seconds};
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return std::nullopt;
    sim::SimpleScalingPolicy policy;
    scaling::SimpleScaling& settings = policy.settings;
    const auto alarm = read_alarm(reading, map);
    const bool type_good = read_adjustment_type(map, settings.adjustment_type, settings.min_adjustment_magnitude);
    bool good = map.require("scaling_adjustment", settings.scaling_adjustment, any_adjustment);
    if (good && type_good && settings.adjustment_type == scaling::AdjustmentType::exact_capacity &&
        settings.scaling_adjustment < 0) {
        reading.diagnostics.error(map.place_of("scaling_adjustment"),
                                  "scaling_adjustment: ExactCapacity cannot be negative");
        good = false;
    }
    good = map.read("cooldown", settings.cooldown, any_cooldown) && good;
    map.refuse("estimated_instance_warmup", "estimated_instance_warmup: simple scaling has none",
               "cooldown is what you want");
    map.refuse("step_adjustments", "step_adjustments: simple scaling has one scaling_adjustment",
               "step_scaling has steps");
    const auto alarm_field = map.find("alarm");
    policy.name = names.read(map, alarm ? "simple_scaling on " + alarm_field->text() : std::string{});
    good = map.finish() && good;
    if (!alarm || !good || !type_good) return std::nullopt;
    policy.alarm = *alarm;
    return policy;
}

}  // namespace

std::vector<sim::StepScalingPolicy> read_step_scaling(Reading& reading, const Scaled& owner, PolicyNames& names,
                                                      const Field& field) {
    std::vector<sim::StepScalingPolicy> policies;
    for (const Field& item : items_of(reading.diagnostics, field)) {
        if (auto policy = read_step_policy(reading, owner, names, item)) policies.push_back(std::move(*policy));
    }
    return policies;
}

std::vector<sim::SimpleScalingPolicy> read_simple_scaling(Reading& reading, PolicyNames& names, const Field& field) {
    std::vector<sim::SimpleScalingPolicy> policies;
    for (const Field& item : items_of(reading.diagnostics, field)) {
        if (auto policy = read_simple_policy(reading, names, item)) policies.push_back(std::move(*policy));
    }
    return policies;
}

}  // namespace fleetsim::scenario
