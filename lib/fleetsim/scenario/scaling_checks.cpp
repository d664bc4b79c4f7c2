#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/scaling/target_tracking.hpp>
#include <fleetsim/scenario/scaling_checks.hpp>

namespace fleetsim::scenario {

namespace {

/// Rounded up to whole seconds.
[[nodiscard]] des::Duration whole_seconds(double seconds) {
    return std::chrono::seconds{static_cast<std::int64_t>(std::ceil(std::min(seconds, 1e9)))};
}

/// From a task's placement until its application answers, on average.
[[nodiscard]] des::Duration boot_time(const sim::Service& service) {
    return whole_seconds(des::mean(service.start_time) + des::seconds(service.serving.boot_time));
}

/// A policy that acts again before what it did last can help does too much.
void check_against_boot(Reading& reading, const sim::Service& service, std::string_view key, des::Duration cooldown,
                        Position at) {
    const des::Duration boots = boot_time(service);
    if (cooldown >= boots) return;
    reading.diagnostics.warning(
        at,
        fmt::format("{} {} is shorter than the {} that a task of {} takes to start and boot", key,
                    duration_text(cooldown), duration_text(boots), called("service", service.name)),
        fmt::format("from {} on the first tasks help before more are asked for", duration_text(boots)));
}

void check_against_period(Reading& reading, std::string_view key, des::Duration cooldown, des::Duration period,
                          Position at) {
    if (cooldown >= period) return;
    reading.diagnostics.warning(
        at,
        fmt::format("{} {} is shorter than the alarm's period of {}", key, duration_text(cooldown),
                    duration_text(period)),
        fmt::format("from {} on the metric shows one scale-in before the next", duration_text(period)));
}

/// Does the metric fall when this group or service gets more capacity?
[[nodiscard]] bool feels_capacity(const Reading& reading, const Scaled& owner, const sim::MetricStatistic& operand) {
    const auto& source = reading.scenario.metrics[operand.metric].source;
    if (const auto* of_service = std::get_if<sim::ServiceMetric>(&source)) {
        const bool of_demand = of_service->figure == sim::ServiceFigure::request_count ||
                               of_service->figure == sim::ServiceFigure::http_5xx_count;
        return owner == Scaled{of_service->service} && !of_demand;
    }
    const auto* of_group = std::get_if<sim::GroupMetric>(&source);
    return of_group != nullptr && owner == Scaled{of_group->group};
}

[[nodiscard]] bool lowers(const scaling::StepScaling& settings) {
    if (settings.adjustment_type == scaling::AdjustmentType::exact_capacity) return true;
    return std::any_of(settings.steps.begin(), settings.steps.end(),
                       [](const scaling::StepAdjustment& step) { return step.adjustment < 0; });
}

[[nodiscard]] bool raises(const scaling::StepScaling& settings) {
    return std::any_of(settings.steps.begin(), settings.steps.end(),
                       [](const scaling::StepAdjustment& step) { return step.adjustment > 0; });
}

[[nodiscard]] bool lowers(const scaling::SimpleScaling& settings) {
    return settings.adjustment_type == scaling::AdjustmentType::exact_capacity || settings.scaling_adjustment < 0;
}

[[nodiscard]] bool raises(const scaling::SimpleScaling& settings) { return settings.scaling_adjustment > 0; }

template <class Policies>
[[nodiscard]] bool any_lowers(const Policies& policies) {
    return std::any_of(policies.begin(), policies.end(), [](const auto& policy) { return lowers(policy.settings); });
}

template <class Policies>
[[nodiscard]] bool any_raises(const Policies& policies) {
    return std::any_of(policies.begin(), policies.end(), [](const auto& policy) { return raises(policy.settings); });
}

[[nodiscard]] bool any_tracks_down(const std::vector<sim::TargetTrackingPolicy>& policies) {
    return std::any_of(policies.begin(), policies.end(),
                       [](const sim::TargetTrackingPolicy& policy) { return !policy.settings.disable_scale_in; });
}

void warn_of_one_way(Reading& reading, const Scaled& owner, const PolicyFields& fields) {
    const Field* const list = fields.step_scaling ? &*fields.step_scaling : &*fields.simple_scaling;
    reading.diagnostics.warning(
        list->key_at, fmt::format("{} only ever scales out: none of its policies scales in", called(reading, owner)),
        "a policy on a low alarm, or target tracking, scales in");
}

void check_group(Reading& reading, sim::GroupId id) {
    const sim::AutoScalingGroup& group = reading.scenario.groups[id];
    const GroupNotes& notes = reading.group_notes[id];
    if (const Field* const list = first_list(notes.policies); notes.managed && list != nullptr) {
        reading.diagnostics.warning(
            list->key_at,
            fmt::format("{}: its policies and ECS's managed scaling work against each other", called(reading, id)),
            "keep one of them");
    }
    const bool steps_up = any_raises(group.step_scaling) || any_raises(group.simple_scaling);
    if (steps_up && !scales_in(group)) warn_of_one_way(reading, id, notes.policies);
}

void check_service(Reading& reading, sim::ServiceId id) {
    const sim::Service& service = reading.scenario.services[id];
    if (!service.autoscaling) return;
    if (any_raises(service.autoscaling->step_scaling) && !scales_in(*service.autoscaling)) {
        warn_of_one_way(reading, id, reading.service_notes[id].policies);
    }
}

/// In a scenario with clusters a group outside of them that has nothing to do is probably forgotten.
void check_idle_groups(Reading& reading) {
    const bool providers_known = std::all_of(reading.cluster_notes.begin(), reading.cluster_notes.end(),
                                             [](const ClusterNotes& notes) { return notes.complete; });
    if (reading.clusters.empty() || !providers_known || !reading.cluster_names.complete()) return;
    for (const Declared<sim::GroupId>& declared : reading.groups) {
        const GroupNotes& notes = reading.group_notes[declared.id];
        if (notes.in_cluster || notes.has_workload) continue;
        reading.diagnostics.warning(
            notes.name_at,
            fmt::format("{} belongs to no cluster and has no workload: nothing runs on it", declared.field.name),
            "name it in a cluster's capacity_providers");
    }
}

}  // namespace

void check_warm_up(Reading& reading, sim::GroupId group, Position at, std::string_view key, des::Duration warm_up) {
    const sim::LaunchTimes& times = reading.scenario.groups[group].launch_times;
    const des::Duration boots = whole_seconds(des::mean(times.pending_to_running) + des::mean(times.running_to_agent) +
                                              des::mean(times.agent_to_active));
    if (warm_up >= boots) return;
    reading.diagnostics.warning(at,
                                fmt::format("{} {} is shorter than the {} that an instance takes to boot", key,
                                            duration_text(warm_up), duration_text(boots)),
                                fmt::format("from {} on an instance counts once it works", duration_text(boots)));
}

bool read_warm_up(Reading& reading, sim::GroupId group, MapReader& map, std::string_view key,
                  std::optional<des::Duration>& warm_up) {
    constexpr DurationIn any_warm_up{{}, longest_duration, BareNumber::seconds};
    if (!map.read(key, warm_up, any_warm_up)) return false;
    if (warm_up) check_warm_up(reading, group, map.place_of(key), key, *warm_up);
    return true;
}

void check_target_tracking(Reading& reading, const Scaled& owner, const sim::TargetTrackingPolicy& policy,
                           const MapReader& map) {
    const auto& operands = policy.metric.operands;
    const auto feels = [&](const sim::MetricStatistic& operand) { return feels_capacity(reading, owner, operand); };
    if (std::none_of(operands.begin(), operands.end(), feels)) {
        reading.diagnostics.warning(
            map.place_of("metric"),
            fmt::format("target_tracking: {} does not fall when {} grows", policy.metric.text, called(reading, owner)),
            is_group(owner) ? "divide by GroupInServiceInstances" : "divide by RunningTaskCount");
    }
    const auto coarse = [&](const sim::MetricStatistic& operand) {
        return reading.scenario.metrics[operand.metric].settings.resolution == scaling::basic_monitoring_period;
    };
    if (is_group(owner) && std::any_of(operands.begin(), operands.end(), coarse)) {
        reading.diagnostics.warning(map.place_of("metric"),
                                    "target_tracking: of a datapoint every 5 minutes its alarms see little",
                                    "monitoring: detailed gives one a minute");
    }
    if (is_group(owner)) return;
    const sim::Service& service = reading.scenario.services[std::get<sim::ServiceId>(owner)];
    check_against_boot(reading, service, "scale_out_cooldown", policy.settings.scale_out_cooldown,
                       map.place_of("scale_out_cooldown"));
    if (policy.settings.disable_scale_in) return;
    check_against_period(reading, "scale_in_cooldown", policy.settings.scale_in_cooldown, scaling::metric_period,
                         map.place_of("scale_in_cooldown"));
}

void check_step_scaling(Reading& reading, const Scaled& owner, const sim::StepScalingPolicy& policy,
                        const MapReader& map) {
    if (is_group(owner)) return;
    const sim::Service& service = reading.scenario.services[std::get<sim::ServiceId>(owner)];
    const des::Duration cooldown = policy.settings.cooldown;
    const Position at = map.place_of("cooldown");
    if (raises(policy.settings)) check_against_boot(reading, service, "cooldown", cooldown, at);
    if (!lowers(policy.settings)) return;
    if (const auto* alarm = std::get_if<sim::MetricAlarm>(&reading.scenario.alarms[policy.alarm].what)) {
        check_against_period(reading, "cooldown", cooldown, alarm->settings.period, at);
    }
}

bool scales_in(const sim::AutoScalingGroup& group) {
    return any_tracks_down(group.target_tracking) || any_lowers(group.step_scaling) || any_lowers(group.simple_scaling);
}

bool scales_in(const sim::ServiceAutoscaling& autoscaling) {
    return any_tracks_down(autoscaling.target_tracking) || any_lowers(autoscaling.step_scaling);
}

const Field* first_list(const PolicyFields& fields) {
    for (const auto* field :
         {&fields.target_tracking, &fields.step_scaling, &fields.simple_scaling, &fields.predictive_scaling}) {
        if (*field) return &**field;
    }
    return nullptr;
}

void check_scaling(Reading& reading) {
    for (const Declared<sim::GroupId>& declared : reading.groups) check_group(reading, declared.id);
    for (const Declared<sim::ServiceId>& declared : reading.services) check_service(reading, declared.id);
    check_idle_groups(reading);
    // Who would ask for a metric may be what is wrong.
    if (reading.diagnostics.has_errors()) return;
    for (const CustomMetricNotes& notes : reading.custom_metrics) {
        if (notes.asked_for) continue;
        reading.diagnostics.warning(notes.name_at,
                                    fmt::format("{}: no alarm and no policy looks at it", notes.metric.name));
    }
}

}  // namespace fleetsim::scenario
