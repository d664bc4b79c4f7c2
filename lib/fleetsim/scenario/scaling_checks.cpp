#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/scaling/target_tracking.hpp>
#include <fleetsim/scenario/metric_checks.hpp>
#include <fleetsim/scenario/metric_queries.hpp>
#include <fleetsim/scenario/mixed_instances.hpp>
#include <fleetsim/scenario/scaling_checks.hpp>

namespace fleetsim::scenario {

namespace {

/// Rounded up to whole seconds.
[[nodiscard]] des::Duration whole_seconds(double seconds) {
    return std::chrono::seconds{static_cast<std::int64_t>(std::ceil(std::min(seconds, 1e9)))};
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

/// `5 minutes`, where it is short.
[[nodiscard]] std::string every(des::Duration period) {
    return period % scaling::metric_period == des::Duration{}
               ? fmt::format("{} minutes", period / scaling::metric_period)
               : duration_text(period);
}

/// What makes a metric feel the capacity of its policy's owner.
[[nodiscard]] std::string remedy_of_unfelt(const Reading& reading, const Scaled& owner, const sim::MetricQuery& query) {
    const auto averaged = [&](sim::MetricStatistic operand) {
        const bool own = with_capacity(reading, owner, operand) != WithCapacity::falls;
        operand.statistic = {};
        return own && with_capacity(reading, owner, operand) == WithCapacity::falls;
    };
    const auto& operands = query.operands;
    if (std::any_of(operands.begin(), operands.end(), averaged)) return "statistic: Average falls";
    const auto counts = [&](const sim::MetricStatistic& operand) {
        return with_capacity(reading, owner, operand) == WithCapacity::grows;
    };
    if (std::any_of(operands.begin(), operands.end(), counts)) {
        return "CPUUtilization falls, or the work that there is divided by such a count";
    }
    return is_group(owner) ? "divide by GroupInServiceInstances" : "divide by RunningTaskCount";
}

/// The alarm of one metric that drives a policy; null if it is not as the file says.
[[nodiscard]] const sim::MetricAlarm* known_alarm(const Reading& reading, sim::AlarmId id) {
    return reading.alarm_notes[id].known ? std::get_if<sim::MetricAlarm>(&reading.scenario.alarms[id].what) : nullptr;
}

void warn_of_no_change(Reading& reading, Position at) {
    reading.diagnostics.warning(at, "scaling_adjustment 0 changes nothing",
                                "more than 0 scales out, less than 0 scales in");
}

[[nodiscard]] bool is_high(const scaling::AlarmSettings& alarm) {
    return alarm.comparison == scaling::Comparison::greater ||
           alarm.comparison == scaling::Comparison::greater_or_equal;
}

/// Where a few of the datapoints are enough for the alarm, their mean may be on the other side of the threshold.
void check_sides(Reading& reading, const scaling::StepScaling& settings, const scaling::AlarmSettings& alarm,
                 const std::vector<Position>& places) {
    if (alarm.datapoints_to_alarm < alarm.evaluation_periods) return;
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (scaling::can_match(settings.steps[i], alarm.comparison)) continue;
        reading.diagnostics.warning(
            places[i],
            fmt::format("step adjustment {} never matches: its alarm is on {} the threshold only", i + 1,
                        is_high(alarm) ? "above" : "below"),
            is_high(alarm) ? "bounds from 0 up" : "bounds from 0 down");
    }
}

/// Up from where a policy scales out, and down from where it scales in: steps of 0 only come before those that do.
[[nodiscard]] double acts_from(const scaling::StepScaling& settings, const scaling::AlarmSettings& alarm) {
    std::optional<double> nearest;
    for (const scaling::StepAdjustment& step : settings.steps) {
        const double bound = (is_high(alarm) ? step.lower_bound : step.upper_bound).value_or(0);
        if (step.adjustment != 0 && (!nearest || std::abs(bound) < std::abs(*nearest))) nearest = bound;
    }
    return alarm.threshold + nearest.value_or(0);
}

[[nodiscard]] double acts_from(const scaling::SimpleScaling&, const scaling::AlarmSettings& alarm) {
    return alarm.threshold;
}

/// A policy that scales in where target tracking scales out again, or the other way round.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Dynamic scaling for Amazon EC2 Auto Scaling" (multiple dynamic scaling
/// policies).
template <class Policy>
void check_fight(Reading& reading, const Policy& policy, const sim::MetricAlarm& alarm,
                 const TrackingPolicies& tracking, const MapReader& map) {
    const double threshold = acts_from(policy, alarm.settings);
    const auto warn = [&](std::string fight, std::string remedy) {
        reading.diagnostics.warning(map.place_of("alarm"), std::move(fight), "keep one of them, or " + remedy);
    };
    for (const sim::TargetTrackingPolicy& other : tracking) {
        if (!same_query(other.metric, alarm.metric)) continue;
        const double target = other.settings.target_value;
        const bool tracks_down = !other.settings.disable_scale_in;
        const double low = tracks_down ? scaling::alarms(other.settings).low.threshold : target;
        if (!is_high(alarm.settings) && lowers(policy) && threshold > low) {
            warn(fmt::format("it scales in below {}, and target tracking of {} out above {}: they undo each other",
                             threshold, other.name, target),
                 fmt::format("a threshold up to {}", low));
        } else if (is_high(alarm.settings) && raises(policy) && tracks_down && threshold < target) {
            warn(fmt::format("it scales out above {}, and target tracking of {} in below {}: they undo each other",
                             threshold, other.name, low),
                 fmt::format("a threshold from {} on", target));
        }
    }
}

/// What there is to scale with, and the bounds that it keeps to.
struct Scaling {
    const PolicyFields& fields;
    std::int32_t min = 0;
    std::int32_t max = 0;
    bool scales_out = false;
    bool scales_in = false;
    bool max_grows = false;
    const std::vector<sim::ScheduledAction>& actions;
};

/// Does a schedule move the bounds?
[[nodiscard]] bool moves_bounds(const Scaling& scaling) {
    return std::any_of(scaling.actions.begin(), scaling.actions.end(), [&](const sim::ScheduledAction& action) {
        return action.sizes.min_size.value_or(scaling.min) != scaling.min ||
               action.sizes.max_size.value_or(scaling.max) != scaling.max;
    });
}

/// Does a schedule take capacity away?
[[nodiscard]] bool lowers_on_schedule(const Scaling& scaling) {
    return std::any_of(scaling.actions.begin(), scaling.actions.end(), [&](const sim::ScheduledAction& action) {
        return action.sizes.desired_capacity || action.sizes.max_size.value_or(scaling.max) < scaling.max;
    });
}

/// The keys of a group's bounds, or of a service's.
[[nodiscard]] std::string_view max_key(const Scaled& owner) { return is_group(owner) ? "max_size" : "max_capacity"; }
[[nodiscard]] std::string_view min_key(const Scaled& owner) { return is_group(owner) ? "min_size" : "min_capacity"; }

void check_room(Reading& reading, const Scaled& owner, const Scaling& scaling) {
    const Field* const list = first_list(scaling.fields);
    // What is wrong may be the bounds, or the policy that scales in.
    if (list == nullptr || list->value.node->items.empty() || reading.diagnostics.has_errors()) return;
    if (scaling.min == scaling.max && !scaling.max_grows && !moves_bounds(scaling)) {
        reading.diagnostics.warning(list->key_at,
                                    fmt::format("{} cannot scale: its {} and its {} are both {}",
                                                called(reading, owner), min_key(owner), max_key(owner), scaling.max),
                                    fmt::format("a larger {} leaves its policies room", max_key(owner)));
    } else if (scaling.scales_out && !scaling.scales_in && !lowers_on_schedule(scaling)) {
        reading.diagnostics.warning(
            list->key_at,
            fmt::format("{} only ever scales out: none of its policies scales in", called(reading, owner)),
            "a policy on a low alarm, or target tracking, scales in");
    }
}

/// Does a forecast raise the maximum?
[[nodiscard]] bool exceeds_max(const sim::PredictiveScalingPolicy& policy) {
    return policy.settings.max_capacity_breach_behavior == scaling::MaxCapacityBreach::increase_max_capacity;
}

/// How long tasks wait for the ECS agent of an instance that is in service, on average. While launch hooks are at work
/// it gets ready before.
[[nodiscard]] des::Duration waits_for_agent(const sim::AutoScalingGroup& group) {
    const auto launches = [](const sim::LifecycleHook& hook) {
        return hook.settings.transition == scaling::LifecycleTransition::launching;
    };
    if (std::any_of(group.lifecycle_hooks.begin(), group.lifecycle_hooks.end(), launches)) return {};
    const sim::LaunchTimes& times = group.launch_times;
    return whole_seconds(std::max(0.0, des::mean(times.running_to_agent) + des::mean(times.agent_to_active) -
                                           des::mean(times.running_to_in_service)));
}

/// Instances of a cluster serve nobody before their agent is ready; others do from their coming into service on.
void check_warm_ups(Reading& reading, sim::GroupId id) {
    const GroupNotes& notes = reading.group_notes[id];
    if (!notes.in_cluster) return;
    const des::Duration wait = waits_for_agent(reading.scenario.groups[id]);
    for (const WarmUpNotes& noted : notes.warm_ups) {
        if (noted.warm_up >= wait) continue;
        reading.diagnostics.warning(
            noted.at,
            fmt::format("{} {} is shorter than the {} from in service until an instance takes tasks", noted.key,
                        duration_text(noted.warm_up), duration_text(wait)),
            fmt::format("from {} on an instance counts once it works", duration_text(wait)));
    }
}

void check_group(Reading& reading, sim::GroupId id) {
    check_warm_ups(reading, id);
    const sim::AutoScalingGroup& group = reading.scenario.groups[id];
    const GroupNotes& notes = reading.group_notes[id];
    if (const Field* const list = first_list(notes.policies); notes.managed && list != nullptr) {
        reading.diagnostics.warning(
            list->key_at,
            fmt::format("{}: its policies and ECS's managed scaling work against each other", called(reading, id)),
            "keep one of them");
    }
    const auto& forecasts = group.predictive_scaling;
    const bool max_grows = std::any_of(forecasts.begin(), forecasts.end(), exceeds_max);
    const bool out =
        !group.target_tracking.empty() || any_raises(group.step_scaling) || any_raises(group.simple_scaling);
    check_room(
        reading, id,
        {notes.policies, group.min_size, group.max_size, out, scales_in(group), max_grows, group.scheduled_actions});
}

void check_service(Reading& reading, sim::ServiceId id) {
    const sim::Service& service = reading.scenario.services[id];
    if (!service.autoscaling) return;
    const sim::ServiceAutoscaling& autoscaling = *service.autoscaling;
    const bool out = !autoscaling.target_tracking.empty() || any_raises(autoscaling.step_scaling);
    check_room(reading, id,
               {reading.service_notes[id].policies, autoscaling.min_capacity, autoscaling.max_capacity, out,
                scales_in(autoscaling), false, autoscaling.scheduled_actions});
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

void note_warm_up(Reading& reading, sim::GroupId group, Position at, std::string_view key, des::Duration warm_up) {
    reading.group_notes[group].warm_ups.push_back({at, key, warm_up});
}

bool read_warm_up(Reading& reading, sim::GroupId group, MapReader& map, std::string_view key,
                  std::optional<des::Duration>& warm_up) {
    constexpr DurationIn any_warm_up{{}, longest_duration, BareNumber::seconds};
    if (!map.read(key, warm_up, any_warm_up)) return false;
    if (warm_up) note_warm_up(reading, group, map.place_of(key), key, *warm_up);
    return true;
}

void check_tracked_metric(Reading& reading, const Scaled& owner, const sim::MetricQuery& metric, Position at) {
    if (const auto falls = falls_with_capacity(reading, owner, metric); falls && !*falls) {
        reading.diagnostics.warning(
            at, fmt::format("target_tracking: {} does not fall when {} grows", metric.text, called(reading, owner)),
            remedy_of_unfelt(reading, owner, metric));
    }
    for (const sim::MetricStatistic& operand : metric.operands) {
        const sim::Metric& coarse = reading.scenario.metrics[operand.metric];
        if (coarse.settings.resolution <= scaling::metric_period) continue;
        reading.diagnostics.warning(at,
                                    fmt::format("target_tracking: of a datapoint every {} its alarms see little",
                                                every(coarse.settings.resolution)),
                                    how_to_publish_each_minute(coarse));
        return;
    }
}

void check_target_tracking(Reading& reading, const Scaled& owner, const sim::TargetTrackingPolicy& policy,
                           const MapReader& map) {
    const scaling::TargetTracking& settings = policy.settings;
    if (is_percentage(reading, policy.metric) && !scaling::can_breach(scaling::alarms(settings).high, 0, 100)) {
        reading.diagnostics.warning(
            map.place_of("target_value"),
            fmt::format("target_tracking: nothing scales out: {} lies between 0 and 100", policy.metric.text),
            "a target below 100");
    }
    if (is_group(owner)) return;
    reading.service_notes[std::get<sim::ServiceId>(owner)].cooldowns.push_back(
        {map.place_of("scale_out_cooldown"), "scale_out_cooldown", settings.scale_out_cooldown, policy.metric.operands,
         scaling::metric_period});
    if (settings.disable_scale_in) return;
    check_against_period(reading, "scale_in_cooldown", settings.scale_in_cooldown, scaling::metric_period,
                         map.place_of("scale_in_cooldown"));
}

void check_step_scaling(Reading& reading, const Scaled& owner, const sim::StepScalingPolicy& policy,
                        const TrackingPolicies& tracking, const MapReader& map, const std::vector<Position>& places) {
    const scaling::StepScaling& settings = policy.settings;
    if (!lowers(settings) && !raises(settings)) warn_of_no_change(reading, places.front());
    const sim::MetricAlarm* const alarm = known_alarm(reading, policy.alarm);
    if (alarm == nullptr) return;
    check_sides(reading, settings, alarm->settings, places);
    check_fight(reading, settings, *alarm, tracking, map);
    // To ask for the same capacity again changes nothing, however soon it is.
    if (is_group(owner) || settings.adjustment_type == scaling::AdjustmentType::exact_capacity) return;
    const Position at = map.place_of("cooldown");
    if (raises(settings)) {
        reading.service_notes[std::get<sim::ServiceId>(owner)].cooldowns.push_back(
            {at, "cooldown", settings.cooldown, alarm->metric.operands, alarm->settings.period});
    }
    if (lowers(settings)) {
        check_against_period(reading, "cooldown", settings.cooldown, alarm->settings.period, at);
    }
}

void check_simple_scaling(Reading& reading, const sim::SimpleScalingPolicy& policy, const TrackingPolicies& tracking,
                          const MapReader& map) {
    const scaling::SimpleScaling& settings = policy.settings;
    if (!lowers(settings) && !raises(settings)) warn_of_no_change(reading, map.place_of("scaling_adjustment"));
    const sim::MetricAlarm* const alarm = known_alarm(reading, policy.alarm);
    if (alarm != nullptr) check_fight(reading, settings, *alarm, tracking, map);
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
    check_cooldowns(reading);
    check_spot_prices(reading);
    // Who would ask for a metric may be what is wrong.
    if (reading.diagnostics.has_errors()) return;
    for (const CustomMetricNotes& notes : reading.custom_metrics) {
        if (notes.asked_for) continue;
        reading.diagnostics.warning(notes.name_at,
                                    fmt::format("{}: no alarm and no policy looks at it", notes.metric.name));
    }
}

}  // namespace fleetsim::scenario
