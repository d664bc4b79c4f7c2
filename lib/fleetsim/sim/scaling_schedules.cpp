#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <fleetsim/scaling/predictive_scaling.hpp>
#include <fleetsim/sim/scaling_loops.hpp>

/// Scheduled actions and predictive scaling: what is done at its time and not for an alarm.
namespace fleetsim::sim {

using des::Time;

std::optional<Time> ScalingLoops::next_run(const scaling::Schedule& schedule, Time after) const {
    const std::chrono::sys_seconds start = fleet_.scenario.start;
    const auto next = schedule.next_after(start + std::chrono::floor<std::chrono::seconds>(after.time_since_epoch()));
    if (!next || *next - start >= des::latest_time.time_since_epoch()) return std::nullopt;
    return Time{*next - start};
}

void ScalingLoops::schedule(GroupId id, std::uint32_t action, Time after) {
    const auto at = next_run(fleet_.scenario.groups[id].scheduled_actions[action].schedule, after);
    if (at) fleet_.kernel.schedule(*at, des::Phase::decide, Event{event::GroupActionDue{id, action}});
}

void ScalingLoops::schedule(ServiceId id, std::uint32_t action, Time after) {
    const auto at = next_run(fleet_.scenario.services[id].autoscaling->scheduled_actions[action].schedule, after);
    if (at) fleet_.kernel.schedule(*at, des::Phase::decide, Event{event::ServiceActionDue{id, action}});
}

void ScalingLoops::handle(event::GroupActionDue due) {
    const AutoScalingGroup& settings = fleet_.scenario.groups[due.group];
    const ScheduledAction& action = settings.scheduled_actions[due.action];
    const scaling::GroupSizes sizes = sizes_of(due.group);
    const bool fails = scaling::fails(action.sizes, sizes);
    std::string reason = "scheduled action";
    if (fails) reason = "failed: it does not fit the group's other sizes";
    if (settings.suspended(ScalingProcess::scheduled_actions)) reason = "not run: scheduled actions are suspended";
    fleet_.recorder.row({.at = fleet_.now(),
                         .event = "scheduled_action",
                         .resource = resource_name(settings),
                         .subject = action.name,
                         .reason = reason});
    if (!fails && !settings.suspended(ScalingProcess::scheduled_actions)) {
        ScalingRow why{.reason = "scheduled action " + action.name, .details = {.policy = action.name}};
        if (action.sizes.desired_capacity) why.details.wanted = std::to_string(*action.sizes.desired_capacity);
        groups_.set_sizes(due.group, scaling::apply(action.sizes, sizes), why);
        reason.clear();
    }
    remember_action(due.group, "scheduled action " + action.name, sizes, reason);
    schedule(due.group, due.action, fleet_.now());
}

void ScalingLoops::handle(event::ServiceActionDue due) {
    const Service& settings = fleet_.scenario.services[due.service];
    ServiceState& service = fleet_.services[due.service];
    const ScheduledAction& action = settings.autoscaling->scheduled_actions[due.action];
    const bool suspended = settings.autoscaling->scheduled_scaling_suspended;
    const scaling::GroupSizes sizes = sizes_of(due.service);
    const scaling::GroupSizes after = suspended ? sizes : scaling::apply_to_service(action.sizes, sizes);
    std::string reason = "scheduled action";
    if (scaling::fails({.min_size = action.sizes.min_size, .max_size = action.sizes.max_size}, sizes)) {
        reason = "failed: its minimum would be above the maximum";
    }
    if (suspended) reason = "not run: scheduled scaling is suspended";
    fleet_.recorder.row({.at = fleet_.now(),
                         .event = "scheduled_action",
                         .resource = resource_name(settings),
                         .subject = action.name,
                         .from = fmt::format("{} to {}", sizes.min, sizes.max),
                         .to = fmt::format("{} to {}", after.min, after.max),
                         .reason = reason});
    service.min_capacity = after.min;
    service.max_capacity = after.max;
    if (after.desired != sizes.desired) {
        services_.set_desired_count(due.service, after.desired,
                                    {.reason = "scheduled action " + action.name, .details = {.policy = action.name}});
    }
    remember_action(due.service, "scheduled action " + action.name, sizes, after == sizes ? reason : "");
    schedule(due.service, due.action, fleet_.now());
}

/// Prepares for the hour that begins after the policy's buffer time.
void ScalingLoops::handle(event::ForecastDue due) {
    GroupState& group = fleet_.groups[due.group];
    const AutoScalingGroup& settings = fleet_.scenario.groups[due.group];
    const PredictiveScalingPolicy& policy = settings.predictive_scaling[due.policy];
    const scaling::PredictiveRun next = scaling::next_run(policy.settings, fleet_.now());
    fleet_.kernel.schedule(next.at, des::Phase::decide, Event{due});

    const Time hour{std::chrono::floor<std::chrono::hours>(fleet_.now() + policy.settings.scheduling_buffer_time)};
    const auto& hours = group_policies_[due.group].loads[due.policy].hours;
    const auto load = scaling::forecast_load(scaling::known_to_forecast(hours, fleet_.now()), hour);
    if (!load) return;
    const std::int32_t forecast = scaling::forecast_capacity(*load, policy.settings.target_value);
    fleet_.recorder.row({.at = fleet_.now(),
                         .event = "forecast",
                         .resource = resource_name(settings),
                         .subject = policy.name,
                         .to = std::to_string(forecast),
                         .reason = fmt::format("load {} in the hour that begins, target {}", value_text(*load),
                                               value_text(policy.settings.target_value))});
    const scaling::PredictiveDecision decision =
        scaling::decide(policy.settings, forecast, {group.desired_capacity, group.min_size, group.max_size});
    if (policy.settings.mode == scaling::PredictiveMode::forecast_only) return;
    const scaling::GroupSizes before = sizes_of(due.group);
    ScalingRow why{.reason = fmt::format("forecast: load {}, target {}, needs {}", value_text(*load),
                                         value_text(policy.settings.target_value), forecast),
                   .details = {.policy = policy.name, .wanted = std::to_string(forecast)}};
    groups_.set_max_size(due.group, decision.max, why);
    if (forecast > decision.max) why.details.clamped_by = fmt::format("max_size {}", decision.max);
    group.forecast = {group.forecast.at(fleet_.now()), std::min(forecast, decision.max), hour};
    if (decision.desired != group.desired_capacity) {
        groups_.set_desired_capacity(due.group, decision.desired, std::move(why));
    }
    remember_action(due.group, "forecast of " + policy.name, before, "");
}

}  // namespace fleetsim::sim
