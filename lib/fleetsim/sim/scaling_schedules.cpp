#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <fleetsim/scaling/predictive_scaling.hpp>
#include <fleetsim/sim/scaling_loops.hpp>

/// Scheduled actions and predictive scaling: what is done at its time and not for an alarm.
namespace fleetsim::sim {

using des::Time;

/// The next run from now on.
std::optional<Time> ScalingLoops::next_run(const scaling::Schedule& schedule) const {
    using std::chrono::seconds;
    const std::chrono::sys_seconds start = fleet_.scenario.start;
    const bool first = fleet_.now() == Time{};
    const auto now = start + std::chrono::floor<seconds>(fleet_.now().time_since_epoch());
    const auto next = schedule.next_after(first ? now - seconds{1} : now);
    if (!next || *next - start >= des::latest_time.time_since_epoch()) return std::nullopt;
    return Time{*next - start};
}

void ScalingLoops::schedule(GroupId id, std::uint32_t action) {
    const auto at = next_run(fleet_.scenario.groups[id].scheduled_actions[action].schedule);
    if (at) fleet_.kernel.schedule(*at, des::Phase::decide, Event{event::GroupActionDue{id, action}});
}

void ScalingLoops::schedule(ServiceId id, std::uint32_t action) {
    const auto at = next_run(fleet_.scenario.services[id].autoscaling->scheduled_actions[action].schedule);
    if (at) fleet_.kernel.schedule(*at, des::Phase::decide, Event{event::ServiceActionDue{id, action}});
}

void ScalingLoops::handle(event::GroupActionDue due) {
    const AutoScalingGroup& settings = fleet_.scenario.groups[due.group];
    const GroupState& group = fleet_.groups[due.group];
    const ScheduledAction& action = settings.scheduled_actions[due.action];
    const scaling::GroupSizes sizes{group.min_size, group.max_size, group.desired_capacity};
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
    }
    schedule(due.group, due.action);
}

void ScalingLoops::handle(event::ServiceActionDue due) {
    const Service& settings = fleet_.scenario.services[due.service];
    ServiceState& service = fleet_.services[due.service];
    const ScheduledAction& action = settings.autoscaling->scheduled_actions[due.action];
    const bool suspended = settings.autoscaling->scheduled_scaling_suspended;
    const scaling::GroupSizes sizes{service.min_capacity, service.max_capacity, service.desired_count};
    const scaling::GroupSizes after = suspended ? sizes : scaling::apply_to_service(action.sizes, sizes);
    fleet_.recorder.row({.at = fleet_.now(),
                         .event = "scheduled_action",
                         .resource = resource_name(settings),
                         .subject = action.name,
                         .from = fmt::format("{} to {}", sizes.min, sizes.max),
                         .to = fmt::format("{} to {}", after.min, after.max),
                         .reason = suspended ? "not run: scheduled scaling is suspended" : "scheduled action"});
    service.min_capacity = after.min;
    service.max_capacity = after.max;
    if (after.desired != sizes.desired) {
        services_.set_desired_count(due.service, after.desired,
                                    {.reason = "scheduled action " + action.name, .details = {.policy = action.name}});
    }
    schedule(due.service, due.action);
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
                         .reason = fmt::format("load {:.4g} in the hour that begins, target {:.4g}", *load,
                                               policy.settings.target_value)});
    const scaling::PredictiveDecision decision =
        scaling::decide(policy.settings, forecast, {group.desired_capacity, group.min_size, group.max_size});
    if (policy.settings.mode == scaling::PredictiveMode::forecast_only) return;
    ScalingRow why{.reason = fmt::format("forecast: load {:.4g}, target {:.4g}, needs {}", *load,
                                         policy.settings.target_value, forecast),
                   .details = {.policy = policy.name, .wanted = std::to_string(forecast)}};
    groups_.set_max_size(due.group, decision.max, why);
    if (forecast > decision.max) why.details.clamped_by = fmt::format("max_size {}", decision.max);
    group.forecast = std::min(forecast, decision.max);
    if (decision.desired != group.desired_capacity) {
        groups_.set_desired_capacity(due.group, decision.desired, std::move(why));
    }
}

}  // namespace fleetsim::sim
