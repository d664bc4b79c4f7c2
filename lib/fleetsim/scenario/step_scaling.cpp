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

/// How adjustments are read; nothing if that cannot be told.
struct ReadAdjustment {
    std::optional<scaling::AdjustmentType> type;
    bool good = false;  ///< The least change is as well.
};

/// Both kinds of policy say it alike.
[[nodiscard]] ReadAdjustment read_adjustment(MapReader& map, std::optional<std::int32_t>& min_magnitude) {
    auto type = scaling::AdjustmentType::change_in_capacity;
    ReadAdjustment read;
    if (map.require("adjustment_type", type, named<scaling::AdjustmentType>(scaling::adjustment_type_names))) {
        read.type = type;
    }
    const bool magnitude_good = map.read("min_adjustment_magnitude", min_magnitude, any_magnitude);
    read.good = read.type && magnitude_good;
    if (read.type && min_magnitude && type != scaling::AdjustmentType::percent_change_in_capacity) {
        map.diagnostics().error(map.place_of("min_adjustment_magnitude"),
                                "min_adjustment_magnitude needs the adjustment_type PercentChangeInCapacity");
        read.good = false;
    }
    return read;
}

/// The steps of a policy, and where they stand.
struct ReadSteps {
    std::vector<scaling::WrittenStep> steps;
    std::vector<Position> places;
    bool good = true;
};

[[nodiscard]] bool read_step(Reading& reading, const Field& item, scaling::WrittenStep& out) {
    MapReader map(reading.diagnostics, item);
    scaling::StepAdjustment& step = out.step;
    out.bounds_known = false;
    if (!map.is_mapping()) return false;
    const bool lower_good = map.read("metric_interval_lower_bound", step.lower_bound, any_bound);
    const bool upper_good = map.read("metric_interval_upper_bound", step.upper_bound, any_bound);
    const bool adjustment_good = map.require("scaling_adjustment", step.adjustment, any_adjustment);
    // A key that nobody knows may be meant as a bound; of an empty step no more is to be said.
    const bool no_more = map.finish() && map.size() > 0;
    out.bounds_known = lower_good && upper_good && no_more;
    return out.bounds_known && adjustment_good;
}

/// Reads the steps, and reports what AWS has against them.
[[nodiscard]] ReadSteps read_steps(Reading& reading, MapReader& map, std::optional<scaling::AdjustmentType> type) {
    ReadSteps read;
    const auto field = map.require("step_adjustments");
    const std::size_t before = reading.diagnostics.count();
    const auto items = field ? items_of(reading.diagnostics, *field) : std::vector<Field>{};
    read.good = field && reading.diagnostics.count() == before;
    if (!read.good) return read;
    for (const Field& item : items) {
        read.good = read_step(reading, item, read.steps.emplace_back()) && read.good;
        read.places.push_back(item.at());
    }
    for (const scaling::StepFault& fault : scaling::step_faults(type, read.steps)) {
        reading.diagnostics.error(fault.step ? read.places[*fault.step] : field->at(),
                                  fmt::format("step_adjustments: {}", fault.text));
        read.good = false;
    }
    return read;
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
                                                                     PolicyNames& names, const Field& item,
                                                                     const TrackingPolicies& tracking) {
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return std::nullopt;
    sim::StepScalingPolicy policy;
    scaling::StepScaling& settings = policy.settings;
    const auto alarm = read_alarm(reading, map);
    const ReadAdjustment adjustment = read_adjustment(map, settings.min_adjustment_magnitude);
    bool good = map.read("metric_aggregation_type", settings.aggregation,
                         named<scaling::MetricAggregation>(scaling::metric_aggregation_names));
    good = read_step_waits(reading, owner, settings, map) && good;
    const ReadSteps steps = read_steps(reading, map, adjustment.type);
    map.refuse("scaling_adjustment", "scaling_adjustment: step scaling has step_adjustments",
               is_group(owner) ? "simple_scaling has one scaling_adjustment" : "");
    const auto alarm_field = map.find("alarm");
    policy.name = names.read(map, alarm ? "step_scaling on " + alarm_field->text() : std::string{});
    good = map.finish() && good;
    if (!alarm || !good || !adjustment.good || !steps.good) return std::nullopt;
    policy.alarm = *alarm;
    settings.adjustment_type = *adjustment.type;
    for (const scaling::WrittenStep& written : steps.steps) settings.steps.push_back(written.step);
    check_step_scaling(reading, owner, policy, tracking, map, steps.places);
    return policy;
}

[[nodiscard]] std::optional<sim::SimpleScalingPolicy> read_simple_policy(Reading& reading, PolicyNames& names,
                                                                         const Field& item,
                                                                         const TrackingPolicies& tracking) {
    constexpr DurationIn any_cooldown{{}, longest_duration, BareNumber::seconds};
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return std::nullopt;
    sim::SimpleScalingPolicy policy;
    scaling::SimpleScaling& settings = policy.settings;
    const auto alarm = read_alarm(reading, map);
    const ReadAdjustment adjustment = read_adjustment(map, settings.min_adjustment_magnitude);
    bool good = map.require("scaling_adjustment", settings.scaling_adjustment, any_adjustment);
    if (good && adjustment.type == scaling::AdjustmentType::exact_capacity && settings.scaling_adjustment < 0) {
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
    if (!alarm || !good || !adjustment.good) return std::nullopt;
    policy.alarm = *alarm;
    settings.adjustment_type = *adjustment.type;
    check_simple_scaling(reading, policy, tracking, map);
    return policy;
}

}  // namespace

std::vector<sim::StepScalingPolicy> read_step_scaling(Reading& reading, const Scaled& owner, PolicyNames& names,
                                                      const Field& field, const TrackingPolicies& tracking) {
    std::vector<sim::StepScalingPolicy> policies;
    for (const Field& item : items_of(reading.diagnostics, field)) {
        if (auto policy = read_step_policy(reading, owner, names, item, tracking))
            policies.push_back(std::move(*policy));
    }
    return policies;
}

std::vector<sim::SimpleScalingPolicy> read_simple_scaling(Reading& reading, PolicyNames& names, const Field& field,
                                                          const TrackingPolicies& tracking) {
    std::vector<sim::SimpleScalingPolicy> policies;
    for (const Field& item : items_of(reading.diagnostics, field)) {
        if (auto policy = read_simple_policy(reading, names, item, tracking)) policies.push_back(std::move(*policy));
    }
    return policies;
}

}  // namespace fleetsim::scenario
