#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <fleetsim/sim/scaling_loops.hpp>

/// The chain from datapoints to capacity, told when somebody asks for it.
namespace fleetsim::sim {

using des::Time;
using scaling::ScalingDecision;
using scaling::ScalingReason;

bool ScalingLoops::is_asked_for(std::variant<ServiceId, GroupId> id) const {
    return std::any_of(asked_for_.begin(), asked_for_.end(),
                       [&](const auto& asked) { return asked.second == fleet_.now() && asked.first == id; });
}

std::vector<std::pair<std::string, std::string>> ScalingLoops::state_of(
    ServiceId id, const scaling::ServiceCapacity& capacity) const {
    const auto text = [](auto number) { return std::to_string(number); };
    std::vector<std::pair<std::string, std::string>> state{{"desired_count", text(capacity.desired)},
                                                           {"running tasks", text(capacity.running)},
                                                           {"min_capacity", text(capacity.min)},
                                                           {"max_capacity", text(capacity.max)}};
    const auto since = [&](const char* what, const std::optional<Time>& at) {
        if (!at) return;
        const auto ago = std::chrono::duration_cast<std::chrono::seconds>(fleet_.now() - *at);
        state.emplace_back(what, fmt::format("{} s ago", ago.count()));
    };
    since("last scale-out", fleet_.services[id].scaling_history.last_scale_out);
    since("last scale-in", fleet_.services[id].scaling_history.last_scale_in);
    return state;
}

std::vector<std::pair<std::string, std::string>> ScalingLoops::state_of(GroupId id) const {
    const GroupState& group = fleet_.groups[id];
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    const auto capacity = groups_.capacity_of(id, warmup_of(std::nullopt, settings));
    const auto text = [](auto number) { return std::to_string(number); };
    std::vector<std::pair<std::string, std::string>> state{
        {"desired_capacity", text(group.desired_capacity)},
        {"in service and warm", text(capacity.warm)},
        {"launching or warming up", text(groups_.units_of(id) - capacity.warm)},
        {"terminating", text(capacity.terminating)},
        {"min_size", text(group.min_size)},
        {"max_size", text(group.max_size)}};
    if (group.forecast > 0) state.emplace_back("forecast", text(group.forecast));
    if (group.simple_activity) state.emplace_back("simple scaling", "its activity is not finished");
    if (!group.simple_activity && group.simple_activity_finished_at) {
        const auto ago =
            std::chrono::duration_cast<std::chrono::seconds>(fleet_.now() - *group.simple_activity_finished_at);
        state.emplace_back("simple scaling", fmt::format("its activity finished {} s ago", ago.count()));
    }
    return state;
}

void ScalingLoops::explain(std::string resource, std::vector<std::pair<std::string, std::string>> state,
                           std::span<const Opinion> opinions, const ScalingDecision& decision, const ScalingRow& row) {
    ScalingExplanation told{.at = fleet_.now(), .resource = std::move(resource), .state = std::move(state)};
    for (const Opinion& opinion : opinions) {
        told.alarms.push_back(cloud_watch_.explain(opinion.alarms.high, fleet_.now()));
        if (opinion.alarms.low.exists()) {
            told.alarms.push_back(cloud_watch_.explain(opinion.alarms.low, fleet_.now()));
        }
        const scaling::Wish& wish = opinion.wish;
        PolicyExplanation policy{.name = *opinion.policy, .wish = std::string{scaling::name(wish.reason)}};
        if (wish.reason != ScalingReason::no_alarm) {
            policy.wanted = wish.wanted;
            policy.reckoning = fmt::format("{} with metric {:.4g} against {:.4g}", wish.base, wish.metric, wish.target);
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
