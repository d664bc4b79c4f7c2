#include <string>

#include <fleetsim/report/explain_parts.hpp>
#include <fleetsim/report/explain_tasks.hpp>

namespace fleetsim::report {
namespace {

using Json = nlohmann::ordered_json;

Json refusal_json(const sim::RefusalExplanation& refusal) {
    Json json{{"reason", refusal.reason}};
    put(json, "detail", refusal.detail);
    put(json, "instance_type", refusal.instance_type);
    json["instances"] = refusal.instances;
    if (refusal.unit.empty()) return json;
    json["unit"] = refusal.unit;
    json["needed"] = refusal.needed;
    json["least_left"] = refusal.least_left;
    json["most_left"] = refusal.most_left;
    json["registered"] = refusal.registered;
    return json;
}

Json ranking_json(const sim::RankingExplanation& step) {
    Json json{{"strategy", step.strategy}};
    put(json, "compares", step.compares);
    json["left"] = step.left;
    json["ranking"] = Json::array();
    for (const sim::RankedPlace& place : step.ranking) {
        Json one{{"place", place.place}, {"zone", place.zone}};
        if (place.seen) one["seen"] = *place.seen;
        json["ranking"].push_back(std::move(one));
    }
    return json;
}

Json managed_scaling_json(const sim::ManagedScalingExplanation& scaling) {
    Json json{{"auto_scaling_group", scaling.group},
              {"capacity_provider_reservation", scaling.percent},
              {"desired_capacity", scaling.desired},
              {"max_size", scaling.max_size},
              {"coming", scaling.coming}};
    put(json, "failure", scaling.failure);
    put(json, "ignores", scaling.ignores);
    return json;
}

Json place_json(const sim::NextPlace& place) {
    Json json{{"instances", place.instances}, {"fit", place.fit}, {"refusals", Json::array()}};
    for (const auto& refusal : place.refusals) json["refusals"].push_back(refusal_json(refusal));
    for (const auto& step : place.ranking) json["ranking"].push_back(ranking_json(step));
    if (!place.equals.empty()) json["one_of"] = place.equals;
    if (!place.admitted_by.empty()) json["admitted_by"] = place.admitted_by;
    for (const auto& scaling : place.managed_scaling) json["managed_scaling"].push_back(managed_scaling_json(scaling));
    return json;
}

Json deployment_json(const sim::DeploymentExplanation& deployment) {
    Json json{{"number", deployment.number},
              {"primary", deployment.primary},
              {"state", deployment.state},
              {"tasks", Json::object()},
              {"failures", deployment.failures}};
    for (const auto& [state, count] : deployment.tasks) json["tasks"][state] = count;
    if (deployment.threshold) json["failure_threshold"] = *deployment.threshold;
    return json;
}

Json state_json(const std::vector<std::pair<std::string, std::string>>& facts) {
    Json json = Json::object();
    for (const auto& [what, value] : facts) json[key_of(what)] = value_of(value);
    return json;
}

}  // namespace

Json explanation_json(const sim::TaskExplanation& told, std::chrono::sys_seconds start) {
    Json json = explained_at(told.at, start);
    json["task"] = told.task;
    json["resource"] = told.resource;
    if (told.state.empty()) {
        json["created"] = told.created;
        json["others"] = told.others;
        if (told.created_later) json["created_at_s"] = des::seconds(*told.created_later);
    } else {
        json["task_state"] = told.state;
        json["since_s"] = des::seconds(told.since);
        put(json, "why", told.why);
        json["waits_for_a_place"] = told.waits;
        json["state"] = state_json(told.facts);
    }
    if (told.place) json["place"] = place_json(*told.place);
    json["sentence"] = sentence(told, start);
    return json;
}

Json explanation_json(const sim::ServiceExplanation& told, std::chrono::sys_seconds start) {
    Json json = explained_at(told.at, start);
    json["resource"] = told.resource;
    json["state"] = state_json(told.facts);
    put(json, "held_by", told.held_by);
    json["deployments"] = Json::array();
    for (const auto& deployment : told.deployments) json["deployments"].push_back(deployment_json(deployment));
    if (told.place) json["place"] = place_json(*told.place);
    json["sentence"] = sentence(told, start);
    return json;
}

}  // namespace fleetsim::report
