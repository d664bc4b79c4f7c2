#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/report/explain.hpp>
#include <fleetsim/report/explain_parts.hpp>
#include <fleetsim/report/format.hpp>
#include <fleetsim/scaling/decision.hpp>

namespace fleetsim::report {
namespace {

using Align = Table::Align;
using Json = nlohmann::ordered_json;
using scaling::ScalingReason;

/// The state's first entry is what was desired until then.
std::string_view desired_before(const sim::ScalingExplanation& told) {
    return told.state.empty() ? std::string_view{} : told.state.front().second;
}

bool changed(const sim::ScalingExplanation& told) {
    return told.result == name(ScalingReason::scale_out) || told.result == name(ScalingReason::scale_in);
}

std::string desired_text(const sim::ScalingExplanation& told) {
    return changed(told) ? fmt::format("{} → {}", desired_before(told), told.desired) : std::to_string(told.desired);
}

std::optional<std::int32_t> wanted_by(const sim::ScalingExplanation& told, std::string_view policy) {
    const auto found = std::find_if(told.policies.begin(), told.policies.end(),
                                    [policy](const auto& candidate) { return candidate.name == policy; });
    return found == told.policies.end() ? std::nullopt : found->wanted;
}

// The sentence.

/// `max_size 6` as it reads behind what was wanted: `max_size allowed 6`.
std::string clamp_phrase(std::string_view clamped_by, std::int32_t wanted) {
    const std::size_t space = clamped_by.rfind(' ');
    if (space == std::string_view::npos) return fmt::format(", clamped by {}", clamped_by);
    const std::string_view bound = clamped_by.substr(space + 1);
    std::int32_t value = 0;
    std::from_chars(bound.data(), bound.data() + bound.size(), value);
    return fmt::format(", {} {} {}", clamped_by.substr(0, space), value < wanted ? "allowed" : "required", bound);
}

/// What stood against the wish of the policy that decided.
struct Hindrance {
    ScalingReason reason{};
    std::string_view phrase;
};
constexpr std::array<Hindrance, 6> hindrances{
    {{ScalingReason::enough_capacity, " and there was enough"},
     {ScalingReason::cooldown, ", but its cooldown was not over"},
     {ScalingReason::warming_up, ", but an instance was still warming up"},
     {ScalingReason::vetoed, ", but another policy did not agree to scale in"},
     {ScalingReason::suspended, ", but scaling was suspended"},
     {ScalingReason::activity, ", but the scaling activity before it had not finished"}}};

std::string because(const sim::ScalingExplanation& told) {
    if (told.policies.empty()) return "no policy looks after it";
    const auto wanted = wanted_by(told, told.decided_by);
    if (!wanted) return "no alarm asked for a change";
    std::string text = fmt::format("{} wanted {}", told.decided_by, *wanted);
    if (!changed(told) && std::to_string(*wanted) == desired_before(told)) return text + ", which was desired already";
    const auto hindrance = std::find_if(hindrances.begin(), hindrances.end(),
                                        [&told](const Hindrance& each) { return told.result == name(each.reason); });
    if (hindrance != hindrances.end()) return text.append(hindrance->phrase);
    return told.clamped_by.empty() ? text : text + clamp_phrase(told.clamped_by, *wanted);
}

/// What came first, without an alarm: `after scheduled action night: desired_capacity 10 → 2, `.
std::string done_before(const sim::ScalingExplanation& told) {
    return told.actions.empty() ? "" : fmt::format("after {}, ", fmt::join(told.actions, "; "));
}

// The chain.

std::string action_section(const sim::ScalingExplanation& told, const TextOptions& options) {
    if (told.actions.empty()) return {};
    Table table{{Align::left}};
    table.row({"ACTIONS"});
    for (const std::string& action : told.actions) table.row({"  " + action});
    return section(table, "ACTIONS", options);
}

/// Below the alarm's row what it looked at; of the resource's own metric the name alone.
std::string seen_by(const sim::AlarmExplanation& alarm, std::string_view resource) {
    std::string_view metric = alarm.metric;
    if (metric.starts_with(resource)) metric.remove_prefix(std::min(resource.size() + 1, metric.size()));
    if (metric.empty()) return {};
    return fmt::format("\n      {}: {}", metric, alarm.datapoints.empty() ? "no datapoint" : alarm.datapoints);
}

std::string alarm_section(const sim::ScalingExplanation& told, const TextOptions& options) {
    if (told.alarms.empty()) return {};
    Table table{{Align::left, Align::left, Align::left}};
    table.row({"ALARMS", "state", "condition"});
    for (const sim::AlarmExplanation& alarm : told.alarms) {
        const std::string state = alarm.before.empty() ? alarm.state : alarm.before + " → " + alarm.state;
        // The last cell of a row may go on below it.
        table.row({"  " + alarm.name, state, alarm.condition + seen_by(alarm, told.resource)});
    }
    return section(table, "ALARMS", options);
}

std::string policy_section(const sim::ScalingExplanation& told, const TextOptions& options) {
    if (told.policies.empty()) return {};
    Table table{{Align::left, Align::left, Align::right, Align::left}};
    table.row({"POLICIES", "wish", "wanted", "reckoning"});
    for (const sim::PolicyExplanation& policy : told.policies) {
        table.row(
            {"  " + policy.name, policy.wish, policy.wanted ? std::to_string(*policy.wanted) : "–", policy.reckoning});
    }
    return section(table, "POLICIES", options);
}

std::string result_section(const sim::ScalingExplanation& told, const TextOptions& options) {
    Table table{{Align::left, Align::left}};
    table.row({"RESULT"});
    table.row({"  result", told.result});
    if (!told.decided_by.empty()) table.row({"  decided_by", told.decided_by});
    if (!told.clamped_by.empty()) table.row({"  clamped_by", told.clamped_by});
    table.row({"  desired", desired_text(told)});
    return section(table, "RESULT", options);
}

// JSON.

Json alarm_json(const sim::AlarmExplanation& alarm) {
    Json json{{"name", alarm.name}, {"state", alarm.state}};
    put(json, "before", alarm.before);
    put(json, "metric", alarm.metric);
    put(json, "condition", alarm.condition);
    put(json, "datapoints", alarm.datapoints);
    return json;
}

Json policy_json(const sim::PolicyExplanation& policy) {
    Json json{{"name", policy.name}, {"wish", policy.wish}};
    if (policy.wanted) json["wanted"] = *policy.wanted;
    put(json, "reckoning", policy.reckoning);
    return json;
}

}  // namespace

std::string sentence(const sim::ScalingExplanation& told, std::chrono::sys_seconds start) {
    return fmt::format("{} at {}: {}desired {}{}: {}.", told.resource, clock_text(told.at, start), done_before(told),
                       changed(told) ? "" : "stays at ", desired_text(told), because(told));
}

std::string explanation_text(const sim::ScalingExplanation& told, std::chrono::sys_seconds start,
                             const TextOptions& options) {
    return explanation_title(told.resource, told.at, start, options) + action_section(told, options) +
           state_section(told.state, options) + alarm_section(told, options) + policy_section(told, options) +
           result_section(told, options) + "\n" + sentence(told, start) + "\n";
}

Json explanation_json(const sim::ScalingExplanation& told, std::chrono::sys_seconds start) {
    Json json = explained_at(told.at, start);
    json["resource"] = told.resource;
    json["actions"] = told.actions;
    json["state"] = Json::object();
    json["alarms"] = Json::array();
    json["policies"] = Json::array();
    json["result"] = told.result;
    for (const auto& [what, value] : told.state) json["state"][key_of(what)] = value_of(value);
    for (const auto& alarm : told.alarms) json["alarms"].push_back(alarm_json(alarm));
    for (const auto& policy : told.policies) json["policies"].push_back(policy_json(policy));
    put(json, "decided_by", told.decided_by);
    put(json, "clamped_by", told.clamped_by);
    json["desired"] = told.desired;
    json["sentence"] = sentence(told, start);
    return json;
}

}  // namespace fleetsim::report
