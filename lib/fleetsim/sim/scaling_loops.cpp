#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <fleetsim/scaling/mixed_instances.hpp>
#include <fleetsim/sim/scaling_loops.hpp>

namespace fleetsim::sim {

using des::Time;
using scaling::AlarmState;
using scaling::ScalingDecision;
using scaling::ScalingReason;

namespace {

constexpr des::Duration minute = scaling::metric_period;
constexpr Time before_the_start{-std::chrono::seconds{1}};

std::vector<scaling::Wish> wishes_of(const auto& opinions) {
    std::vector<scaling::Wish> wishes;
    for (const auto& opinion : opinions) wishes.push_back(opinion.wish);
    return wishes;
}

MetricQuery one_metric(MetricId metric, std::string text) {
    return {.text = std::move(text), .operands = {{metric, {}}}, .expression = {}};
}

}  // namespace

ScalingLoops::ScalingLoops(Fleet& fleet, Services& services, Groups& groups, DataPlane& data_plane,
                           std::span<const ExplainRequest> explain)
    : fleet_{fleet},
      services_{services},
      groups_{groups},
      cloud_watch_{fleet.scenario},
      source_{fleet, data_plane},
      asked_for_(explain.begin(), explain.end()) {
    for (std::size_t i = 0; i < fleet.scenario.metrics.size(); ++i) {
        current_.add({});
        pending_.add({});
    }
    for (const Service& service : fleet.scenario.services) {
        ServicePolicies policies;
        if (service.autoscaling) {
            for (const auto& policy : service.autoscaling->target_tracking) {
                policies.target_tracking.push_back(add_alarms(resource_name(service), policy));
            }
        }
        service_policies_.add(std::move(policies));
    }
    for (const GroupId id : des::ids_of(fleet.scenario.groups)) {
        const AutoScalingGroup& group = fleet.scenario.groups[id];
        GroupPolicies policies;
        for (const auto& policy : group.target_tracking) {
            Alarms added = add_alarms(resource_name(group), policy);
            added.measured =
                cloud_watch_.add_metric(fleet.scenario.metrics[policy.metric.operands.front().metric].settings);
            policies.target_tracking.push_back(added);
        }
        for (const auto& policy : group.predictive_scaling) {
            policies.loads.push_back({.hours = policy.history});
            for (const MetricStatistic& operand : policy.metric.operands) cloud_watch_.ask_for(operand);
        }
        group_policies_.add(std::move(policies));
        add_managed_scaling(id);
    }
}

ScalingLoops::Alarms ScalingLoops::add_alarms(const std::string& resource, const TargetTrackingPolicy& policy) {
    const scaling::TargetTrackingAlarms alarms = scaling::alarms(policy.settings);
    Alarms added{cloud_watch_.add_alarm(resource, policy.name + "-AlarmHigh", policy.metric, alarms.high)};
    if (!policy.settings.disable_scale_in) {
        added.low = cloud_watch_.add_alarm(resource, policy.name + "-AlarmLow", policy.metric, alarms.low);
    }
    return added;
}

void ScalingLoops::add_managed_scaling(GroupId id) {
    const CapacityProvider* const provider = fleet_.groups[id].provider;
    if (provider == nullptr || !provider->managed_scaling) return;
    const scaling::MetricSettings settings{.publication_delay = scaling::ecs_publication_delay};
    const scaling::TargetTrackingAlarms alarms = scaling::alarms(*provider->managed_scaling);
    const std::string resource = resource_name(fleet_.scenario.groups[id]);
    ManagedMetrics managed{.percent = cloud_watch_.add_metric(settings),
                           .running = cloud_watch_.add_metric(settings),
                           .wanted = cloud_watch_.add_metric(settings),
                           .alarms = {}};
    const MetricQuery metric = one_metric(managed.percent, resource + " CapacityProviderReservation");
    managed.alarms.high =
        cloud_watch_.add_alarm(resource, "CapacityProviderReservation-AlarmHigh", metric, alarms.high);
    managed.alarms.low = cloud_watch_.add_alarm(resource, "CapacityProviderReservation-AlarmLow", metric, alarms.low);
    group_policies_[id].managed = std::move(managed);
}

void ScalingLoops::start() {
    for (const MetricId id : des::ids_of(fleet_.scenario.metrics)) {
        const Metric& metric = fleet_.scenario.metrics[id];
        if (!std::holds_alternative<CustomMetric>(metric.source)) continue;
        fleet_.kernel.schedule(Time{metric.settings.resolution}, des::Phase::arrive, Event{event::PublishMetric{id}});
    }
    for (const GroupId id : des::ids_of(fleet_.scenario.groups)) {
        const AutoScalingGroup& group = fleet_.scenario.groups[id];
        for (std::uint32_t i = 0; i < group.scheduled_actions.size(); ++i) schedule(id, i, before_the_start);
        for (std::uint32_t i = 0; i < group.predictive_scaling.size(); ++i) {
            fleet_.kernel.schedule(Time{}, des::Phase::decide, Event{event::ForecastDue{id, i}});
        }
    }
    for (const ServiceId id : des::ids_of(fleet_.scenario.services)) {
        const auto& autoscaling = fleet_.scenario.services[id].autoscaling;
        if (!autoscaling) continue;
        for (std::uint32_t i = 0; i < autoscaling->scheduled_actions.size(); ++i) schedule(id, i, before_the_start);
    }
    if (cloud_watch_.has_fast_alarms()) {
        fleet_.kernel.schedule(Time{std::chrono::seconds{10}}, des::Phase::decide, Event{event::EvaluateFastAlarms{}});
    }
}

void ScalingLoops::evaluate_services() {
    cloud_watch_.evaluate(fleet_.now(), fleet_.recorder);
    for (const ServiceId id : des::ids_of(fleet_.services)) evaluate(id);
}

bool ScalingLoops::just_fired(std::span<const Alarms> alarms) const {
    const auto fired = [this](AlarmId id) {
        return id.exists() && cloud_watch_.changed(id, fleet_.now()) && cloud_watch_.state(id) == AlarmState::alarm;
    };
    return std::any_of(alarms.begin(), alarms.end(),
                       [&](const Alarms& each) { return fired(each.high) || fired(each.low); });
}

/// Between whole minutes a policy acts only when its alarm has just gone off.
void ScalingLoops::handle(event::EvaluateFastAlarms) {
    using std::chrono::seconds;
    fleet_.kernel.schedule(fleet_.now() + seconds{10}, des::Phase::decide, Event{event::EvaluateFastAlarms{}});
    if (fleet_.now().time_since_epoch() % minute == des::Duration::zero()) return;
    cloud_watch_.evaluate(fleet_.now(), fleet_.recorder);
    for (const ServiceId id : des::ids_of(fleet_.services)) {
        std::vector<Alarms> alarms;
        if (!fleet_.scenario.services[id].autoscaling) continue;
        for (const auto& policy : fleet_.scenario.services[id].autoscaling->step_scaling) {
            alarms.push_back({policy.alarm});
        }
        if (just_fired(alarms)) evaluate(id);
    }
    for (const GroupId id : des::ids_of(fleet_.groups)) {
        std::vector<Alarms> alarms;
        for (const auto& policy : fleet_.scenario.groups[id].step_scaling) alarms.push_back({policy.alarm});
        for (const auto& policy : fleet_.scenario.groups[id].simple_scaling) alarms.push_back({policy.alarm});
        if (just_fired(alarms)) evaluate(id);
    }
}

scaling::PolicyView ScalingLoops::view(const Alarms& alarms) const {
    const bool scales_in = alarms.low.exists();
    return {.high = cloud_watch_.state(alarms.high),
            .low = scales_in ? cloud_watch_.state(alarms.low) : AlarmState::insufficient_data,
            .metric = cloud_watch_.newest(scales_in ? alarms.low : alarms.high, fleet_.now())};
}

scaling::AlarmView ScalingLoops::view(AlarmId alarm, scaling::MetricAggregation aggregation) const {
    const scaling::AlarmSettings& settings = cloud_watch_.settings_of(alarm);
    auto slots = cloud_watch_.slots(alarm, fleet_.now());
    // As the alarm does, in the place of missing datapoints older ones are looked at.
    std::erase(slots, std::nullopt);
    const std::size_t judged = std::min(slots.size(), static_cast<std::size_t>(settings.evaluation_periods));
    return {.comparison = settings.comparison,
            .threshold = settings.threshold,
            .state = cloud_watch_.state(alarm),
            .metric = scaling::aggregated(aggregation, std::span{slots}.last(judged))};
}

scaling::ServiceCapacity ScalingLoops::capacity_of(ServiceId id) const {
    const ServiceState& service = fleet_.services[id];
    const ServiceAutoscaling& settings = *fleet_.scenario.services[id].autoscaling;
    const auto running = std::count_if(service.tasks.begin(), service.tasks.end(), [&](TaskId task) {
        return fleet_.tasks[task].state == ecs::TaskState::running;
    });
    return {.running = static_cast<std::int32_t>(running),
            .desired = service.desired_count,
            .min = service.min_capacity,
            .max = service.max_capacity,
            .history = service.scaling_history,
            .scale_in_suspended = settings.dynamic_scaling_in_suspended || service.is_deploying(),
            .scale_out_suspended = settings.dynamic_scaling_out_suspended};
}

std::vector<ScalingLoops::Opinion> ScalingLoops::opinions(ServiceId id,
                                                          const scaling::ServiceCapacity& capacity) const {
    const ServiceAutoscaling& settings = *fleet_.scenario.services[id].autoscaling;
    std::vector<Opinion> opinions;
    for (std::size_t i = 0; i < settings.target_tracking.size(); ++i) {
        const TargetTrackingPolicy& policy = settings.target_tracking[i];
        const Alarms& alarms = service_policies_[id].target_tracking[i];
        opinions.push_back(
            {&policy.name, alarms, scaling::wish(policy.settings, view(alarms), capacity, fleet_.now())});
    }
    for (const StepScalingPolicy& policy : settings.step_scaling) {
        const auto seen = view(policy.alarm, policy.settings.aggregation);
        opinions.push_back(
            {&policy.name, {policy.alarm}, scaling::wish(policy.settings, seen, capacity, fleet_.now())});
    }
    return opinions;
}

void ScalingLoops::evaluate(ServiceId id) {
    if (!fleet_.scenario.services[id].autoscaling) return;
    ServiceState& service = fleet_.services[id];
    const std::string resource = resource_name(fleet_.scenario.services[id]);
    const scaling::ServiceCapacity capacity = capacity_of(id);
    const std::vector<Opinion> all = opinions(id, capacity);
    const ScalingDecision decision = scaling::resolve(wishes_of(all), scaling::bounds(capacity));
    ScalingRow row = row_of(all, decision, scaling::bounds(capacity), "min_capacity", "max_capacity");
    if (take_request(id)) explain(id, state_of(id, capacity), all, decision, row);
    held_row(service.last_reason, resource, "desired_count", decision, row);
    if (!decision.changed()) return;
    service.scaling_history = scaling::history_after(decision, service.scaling_history, fleet_.now());
    services_.set_desired_count(id, decision.desired, std::move(row));
}

std::vector<ScalingLoops::Opinion> ScalingLoops::opinions(GroupId id) const {
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    const GroupPolicies& policies = group_policies_[id];
    std::vector<Opinion> opinions;
    for (std::size_t i = 0; i < settings.target_tracking.size(); ++i) {
        const TargetTrackingPolicy& policy = settings.target_tracking[i];
        const Alarms& alarms = policies.target_tracking[i];
        auto capacity = groups_.capacity_of(id, warmup_of(policy.settings.estimated_instance_warmup, settings));
        capacity.measured = static_cast<std::int32_t>(cloud_watch_.newest(alarms.measured, fleet_.now()).value_or(0));
        opinions.push_back({&policy.name, alarms, scaling::wish(policy.settings, view(alarms), capacity)});
    }
    for (const StepScalingPolicy& policy : settings.step_scaling) {
        const auto capacity = groups_.capacity_of(id, warmup_of(policy.settings.estimated_instance_warmup, settings));
        const auto seen = view(policy.alarm, policy.settings.aggregation);
        opinions.push_back({&policy.name, {policy.alarm}, scaling::wish(policy.settings, seen, capacity)});
    }
    const GroupState& group = fleet_.groups[id];
    const scaling::SimpleScalingActivity activity{.in_progress = group.simple_activity,
                                                  .finished_at = group.simple_activity_finished_at,
                                                  .cooldown = policies.simple_cooldown};
    for (const SimpleScalingPolicy& policy : settings.simple_scaling) {
        const auto seen = view(policy.alarm, scaling::MetricAggregation::average);
        const auto capacity = groups_.capacity_of(id, warmup_of(std::nullopt, settings));
        opinions.push_back(
            {&policy.name,
             {policy.alarm},
             scaling::wish(policy.settings, seen, capacity, activity, settings.default_cooldown, fleet_.now())});
    }
    if (policies.managed) {
        const ManagedMetrics& managed = *policies.managed;
        const scaling::ManagedScalingView seen{cloud_watch_.state(managed.alarms.high),
                                               cloud_watch_.state(managed.alarms.low), newest_reservation(managed)};
        const scaling::ManagedScaling& managed_settings = *group.provider->managed_scaling;
        const auto capacity = groups_.capacity_of(id, managed_settings.instance_warmup_period);
        opinions.push_back({&managed.name, managed.alarms, scaling::wish(managed_settings, seen, capacity)});
    }
    if (settings.suspended(ScalingProcess::alarm_notification)) {
        for (Opinion& opinion : opinions) {
            if (opinion.wish.reason != ScalingReason::no_alarm) opinion.wish.reason = ScalingReason::suspended;
            opinion.wish.agrees_to_scale_in = false;
        }
    }
    return opinions;
}

/// What policies may make of the capacity: a forecast that is acted on raises the minimum for its hour.
scaling::CapacityBounds ScalingLoops::bounds_of(GroupId id) const {
    const GroupState& group = fleet_.groups[id];
    return {group.desired_capacity, std::max(group.min_size, std::min(group.forecast.at(fleet_.now()), group.max_size)),
            group.max_size};
}

ScalingDecision ScalingLoops::decide(GroupId id, std::span<const Opinion> opinions) const {
    const scaling::CapacityBounds bounds = bounds_of(id);
    ScalingDecision decision = scaling::resolve(wishes_of(opinions), bounds);
    const bool overshot =
        decision.reason == ScalingReason::scale_in &&
        !scaling::may_scale_in(bounds.desired, std::max(bounds.desired, groups_.units_of(id)), decision.desired);
    if (overshot && fleet_.scenario.groups[id].has_weights()) {
        decision.desired = bounds.desired;
        decision.reason = ScalingReason::enough_capacity;
    }
    return decision;
}

void ScalingLoops::evaluate(GroupId id) {
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    const std::vector<Opinion> all = opinions(id);
    const bool asked_for = take_request(id);
    if (all.empty() && !asked_for) return;
    GroupState& group = fleet_.groups[id];
    const std::string resource = resource_name(settings);
    const ScalingDecision decision = decide(id, all);
    const bool forecast_holds = group.forecast.at(fleet_.now()) > group.min_size;
    ScalingRow row = row_of(all, decision, bounds_of(id), forecast_holds ? "the forecast" : "min_size", "max_size");
    if (asked_for) explain(id, state_of(id), all, decision, row);
    held_row(group.last_reason, resource, "desired_capacity", decision, row);
    if (!decision.changed()) return;
    const std::size_t first_simple = settings.target_tracking.size() + settings.step_scaling.size();
    const bool simple =
        decision.deciding >= first_simple && decision.deciding < first_simple + settings.simple_scaling.size();
    if (simple) {
        group.simple_activity = true;
        group_policies_[id].simple_cooldown =
            settings.simple_scaling[decision.deciding - first_simple].settings.cooldown;
    }
    groups_.set_desired_capacity(id, decision.desired, std::move(row));
}

ScalingRow ScalingLoops::row_of(std::span<const Opinion> opinions, const ScalingDecision& decision,
                                const scaling::CapacityBounds& bounds, std::string_view min_name,
                                std::string_view max_name) const {
    ScalingRow row;
    if (decision.deciding == ScalingDecision::none) return row;
    const Opinion& opinion = opinions[decision.deciding];
    const bool scales_in = opinion.alarms.low.exists() && cloud_watch_.state(opinion.alarms.low) == AlarmState::alarm;
    const AlarmId alarm = scales_in ? opinion.alarms.low : opinion.alarms.high;
    const scaling::Wish& wish = decision.wish;
    row.reason = fmt::format("{}: metric {}, target {}, needs {}", scaling::name(decision.reason),
                             value_text(wish.metric), value_text(wish.target), wish.wanted);
    row.details = {.policy = *opinion.policy,
                   .alarm = cloud_watch_.name_of(alarm),
                   .datapoints = cloud_watch_.datapoints_text(alarm, fleet_.now()),
                   .wanted = std::to_string(wish.wanted)};
    const bool limited = decision.reason == ScalingReason::scale_in && wish.wanted < wish.lowest;
    if (limited) row.details.clamped_by = fmt::format("the step's limit {}", wish.lowest);
    if (wish.wanted > bounds.max) row.details.clamped_by = fmt::format("{} {}", max_name, bounds.max);
    if (wish.next() < bounds.min) row.details.clamped_by = fmt::format("{} {}", min_name, bounds.min);
    return row;
}

/// An alarm asked for a change that a bound, a cooldown, a warm-up or another policy does not allow: said once, until
/// the reason changes.
void ScalingLoops::held_row(ScalingReason& last, const std::string& resource, std::string_view subject,
                            const ScalingDecision& decision, ScalingRow row) {
    const ScalingReason before = std::exchange(last, decision.reason);
    const bool held = decision.reason > ScalingReason::enough_capacity;
    if (!held || before == decision.reason) return;
    row.at = fleet_.now();
    row.event = "scaling_held";
    row.from = std::to_string(decision.desired);
    row.to = row.from;
    fleet_.recorder.scaling(resource, subject, std::move(row));
}

}  // namespace fleetsim::sim
