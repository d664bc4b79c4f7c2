#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <fleetsim/sim/scaling_loops.hpp>

/// The chain from datapoints to capacity, told when somebody asks for it.
namespace fleetsim::sim {

using des::Time;
using scaling::ScalingDecision;
using scaling::ScalingReason;

namespace {

/// `min_size 2 → 4`, if it changed.
void add_change(std::string& text, std::string_view what, std::int32_t from, std::int32_t to) {
    if (from == to) return;
    text += fmt::format("{}{} {} → {}", text.empty() ? "" : ", ", what, from, to);
}

}  // namespace

/// Is this the decision that somebody asked for?
bool ScalingLoops::take_request(Scaled id) {
    const auto asked = std::remove_if(asked_for_.begin(), asked_for_.end(), [&](const ExplainRequest& request) {
        return request.resource == id && request.at <= fleet_.now();
    });
    const bool found = asked != asked_for_.end();
    asked_for_.erase(asked, asked_for_.end());
    return found;
}

scaling::GroupSizes ScalingLoops::sizes_of(Scaled id) const {
    if (const auto* group_id = std::get_if<GroupId>(&id)) {
        const GroupState& group = fleet_.groups[*group_id];
        return {group.min_size, group.max_size, group.desired_capacity};
    }
    const ServiceState& service = fleet_.services[std::get<ServiceId>(id)];
    return {service.min_capacity, service.max_capacity, service.desired_count};
}

/// Of something that was done without an alarm, or why it was not, for an explanation that may follow.
void ScalingLoops::remember_action(Scaled id, std::string what, const scaling::GroupSizes& before,
                                   std::string_view not_done) {
    if (asked_for_.empty()) return;
    const bool of_group = std::holds_alternative<GroupId>(id);
    const scaling::GroupSizes after = sizes_of(id);
    std::string changes;
    add_change(changes, of_group ? "min_size" : "min_capacity", before.min, after.min);
    add_change(changes, of_group ? "max_size" : "max_capacity", before.max, after.max);
    add_change(changes, of_group ? "desired_capacity" : "desired_count", before.desired, after.desired);
    if (changes.empty()) changes = not_done.empty() ? "changed nothing" : not_done;
    done_actions_.push_back({id, fleet_.now(), what + ": " + changes});
}

/// Since the decision a minute before.
std::vector<std::string> ScalingLoops::actions_before(Scaled id) const {
    std::vector<std::string> told;
    for (const DoneAction& action : done_actions_) {
        const bool at_the_start = action.at == Time{} && fleet_.now() <= Time{scaling::metric_period};
        const bool just_now = at_the_start || fleet_.now() - action.at < scaling::metric_period;
        if (action.scaled == id && just_now) told.push_back(action.text);
    }
    return told;
}

std::string ScalingLoops::ago_text(Time at) const {
    return fmt::format("{} s ago", std::chrono::duration_cast<std::chrono::seconds>(fleet_.now() - at).count());
}

/// If it is not over.
void ScalingLoops::add_cooldown(std::vector<StateLine>& state, std::string what, const std::optional<Time>& since,
                                des::Duration cooldown) const {
    if (!since || fleet_.now() - *since >= cooldown) return;
    const auto left = std::chrono::ceil<std::chrono::seconds>(*since + cooldown - fleet_.now());
    state.emplace_back(std::move(what), fmt::format("{} s left of {} s", left.count(), des::seconds(cooldown)));
}

std::vector<ScalingLoops::StateLine> ScalingLoops::state_of(ServiceId id,
                                                            const scaling::ServiceCapacity& capacity) const {
    const auto text = [](auto number) { return std::to_string(number); };
    std::vector<StateLine> state{{"desired_count", text(capacity.desired)},
                                 {"running tasks", text(capacity.running)},
                                 {"min_capacity", text(capacity.min)},
                                 {"max_capacity", text(capacity.max)}};
    const ServiceAutoscaling& settings = *fleet_.scenario.services[id].autoscaling;
    const auto& [last_in, last_out, base] = capacity.history;
    if (last_out) state.emplace_back("last scale-out", fmt::format("{}, from {}", ago_text(*last_out), base));
    if (last_in) state.emplace_back("last scale-in", ago_text(*last_in));
    for (const TargetTrackingPolicy& policy : settings.target_tracking) {
        add_cooldown(state, policy.name + ": scale-out cooldown", last_out, policy.settings.scale_out_cooldown);
        add_cooldown(state, policy.name + ": scale-in cooldown", last_in, policy.settings.scale_in_cooldown);
    }
    for (const StepScalingPolicy& policy : settings.step_scaling) {
        add_cooldown(state, policy.name + ": scale-out cooldown", last_out, policy.settings.cooldown);
        add_cooldown(state, policy.name + ": scale-in cooldown", last_in, policy.settings.cooldown);
    }
    return state;
}

std::vector<ScalingLoops::StateLine> ScalingLoops::state_of(GroupId id) const {
    const GroupState& group = fleet_.groups[id];
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    const auto capacity = groups_.capacity_of(id, warmup_of(std::nullopt, settings));
    const auto text = [](auto number) { return std::to_string(number); };
    std::vector<StateLine> state{{"desired_capacity", text(group.desired_capacity)},
                                 {"in service and warm", text(capacity.warm)},
                                 {"launching or warming up", text(groups_.units_of(id) - capacity.warm)},
                                 {"terminating", text(capacity.terminating)},
                                 {"min_size", text(group.min_size)},
                                 {"max_size", text(group.max_size)}};
    const std::int32_t forecast = group.forecast.at(fleet_.now());
    if (forecast > 0) state.emplace_back("forecast", text(forecast));
    if (group.simple_activity) state.emplace_back("simple scaling", "its activity is not finished");
    if (!group.simple_activity && group.simple_activity_finished_at) {
        state.emplace_back("simple scaling", "its activity finished " + ago_text(*group.simple_activity_finished_at));
        add_cooldown(state, "cooldown", group.simple_activity_finished_at,
                     group_policies_[id].simple_cooldown.value_or(settings.default_cooldown));
    }
    return state;
}

void ScalingLoops::explain(Scaled id, std::vector<StateLine> state, std::span<const Opinion> opinions,
                           const ScalingDecision& decision, const ScalingRow& row) {
    const auto* group = std::get_if<GroupId>(&id);
    ScalingExplanation told{.at = fleet_.now(),
                            .resource = group != nullptr
                                            ? resource_name(fleet_.scenario.groups[*group])
                                            : resource_name(fleet_.scenario.services[std::get<ServiceId>(id)]),
                            .state = std::move(state),
                            .actions = actions_before(id)};
    for (const Opinion& opinion : opinions) {
        told.alarms.push_back(cloud_watch_.explain(opinion.alarms.high, fleet_.now()));
        if (opinion.alarms.low.exists()) {
            told.alarms.push_back(cloud_watch_.explain(opinion.alarms.low, fleet_.now()));
        }
        const scaling::Wish& wish = opinion.wish;
        PolicyExplanation policy{.name = *opinion.policy, .wish = std::string{scaling::name(wish.reason)}};
        if (wish.reason != ScalingReason::no_alarm) {
            policy.wanted = wish.wanted;
            policy.reckoning = fmt::format("{} with metric {} against {}", wish.base, value_text(wish.metric),
                                           value_text(wish.target));
        }
        told.policies.push_back(std::move(policy));
    }
    told.result = std::string{scaling::name(decision.reason)};
    told.desired = decision.desired;
    told.clamped_by = row.details.clamped_by;
    if (decision.deciding != ScalingDecision::none) told.decided_by = *opinions[decision.deciding].policy;
    explanations_.push_back(std::move(told));
}

}  // namespace fleetsim::sim
