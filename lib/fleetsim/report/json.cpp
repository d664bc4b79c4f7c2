#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include <fleetsim/report/explain.hpp>
#include <fleetsim/report/explain_tasks.hpp>
#include <fleetsim/report/figures.hpp>
#include <fleetsim/report/json.hpp>
#include <fleetsim/report/version.hpp>

namespace fleetsim::report {
namespace {

using Json = nlohmann::ordered_json;

void put(Json& to, std::string_view key, std::optional<double> value) {
    if (value && std::isfinite(*value)) to[std::string{key}] = *value;
}

double milliseconds(double nanoseconds) { return nanoseconds / 1e6; }

Json latency_ms(const des::LogHistogram& latency_ns) {
    Json json = Json::object();
    if (latency_ns.empty()) return json;
    put(json, "mean", milliseconds(latency_ns.mean()));
    for (const auto& [name, quantile] : reported_quantiles) {
        put(json, name, milliseconds(static_cast<double>(latency_ns.value_at_quantile(quantile))));
    }
    put(json, "max", milliseconds(static_cast<double>(latency_ns.max())));
    return json;
}

/// Something counted: its extremes are whole numbers, its mean is not.
Json counted(const sim::Extent& extent) {
    return {{"min", std::llround(extent.min)}, {"mean", extent.mean}, {"max", std::llround(extent.max)}};
}

Json errors(const sim::OutcomeCounts& outcomes) {
    Json json = Json::object();
    for (std::size_t i = 0; i < sim::outcome_count; ++i) {
        if (i == static_cast<std::size_t>(sim::Outcome::succeeded)) continue;
        json[std::string{sim::outcome_names[i]}] = outcomes[i];
    }
    return json;
}

Json service_json(const sim::Result& result, const sim::ServiceResult& service) {
    Json json;
    json["requests"] = service.requests;
    json["succeeded"] = service.outcomes[static_cast<std::size_t>(sim::Outcome::succeeded)];
    json["errors"] = errors(service.outcomes);
    json["in_flight"] = service.in_flight;
    put(json, "availability", availability(service));
    put(json, "requests_per_second", requests_per_second(result, service.requests));
    json["latency_ms"] = latency_ms(service.latency_ns);
    json["tasks"] = counted(service.tasks);
    json["cpu_utilization"] = {{"mean", service.cpu_utilization_mean}, {"max", service.cpu_utilization_max}};
    json["concurrency"] = {{"mean", service.concurrency.mean}, {"max", std::llround(service.concurrency.max)}};
    return json;
}

Json source_json(const sim::SourceResult& source) {
    Json json;
    json["requests"] = source.requests;
    json["succeeded"] = source.succeeded;
    json["failed"] = source.failed;
    json["in_flight"] = source.in_flight;
    json["attempts"] = source.attempts;
    json["latency_ms"] = latency_ms(source.latency_ns);
    return json;
}

Json group_json(const sim::Result& result, const sim::GroupResult& group) {
    Json json;
    if (group.instance_types.size() == 1) json["instance_type"] = group.instance_types.front();
    json["instance_types"] = group.instance_types;
    json["instances"] = counted(group.instances);
    json["instance_hours"] = group.instance_hours;
    json["launches"] = group.launches;
    json["terminations"] = group.terminations;
    if (uses_spot(result, group)) json["spot_interruptions"] = group.spot_interruptions;
    return json;
}

Json cost_json(const sim::Result& result) {
    Json json;
    json["total_usd"] = total_usd(result);
    put(json, "usd_per_hour", usd_per_hour(result));
    put(json, "usd_per_million_requests", usd_per_million_requests(result));
    json["items"] = Json::array();
    for (const sim::CostItem& item : result.cost_items) {
        Json row{{"resource", item.resource}, {"kind", item.kind}};
        if (!item.instance_type.empty()) row["instance_type"] = item.instance_type;
        row["quantity"] = item.quantity;
        row["unit"] = item.unit;
        row["usd"] = item.usd;
        json["items"].push_back(std::move(row));
    }
    return json;
}

Json objective_json(const sim::ObjectiveResult& objective) {
    Json json{{"service", objective.service}, {"objective", objective.objective}};
    if (objective.measured) put(json, "value", objective.value);
    json["met"] = objective.met;
    return json;
}

}  // namespace

nlohmann::ordered_json to_json(const sim::Result& result) {
    Json json;
    json["schema"] = 1;
    json["fleetsim"] = {{"version", version()},
                        {"scenario", result.scenario},
                        {"seed", result.seed},
                        {"replications", 1},
                        {"simulated_seconds", des::seconds(result.simulated)}};
    json["complete"] = result.complete;
    json["cost"] = cost_json(result);
    json["services"] = Json::object();
    for (const auto& service : result.services) json["services"][service.name] = service_json(result, service);
    json["traffic"] = Json::object();
    for (const auto& source : result.sources) json["traffic"][source.name] = source_json(source);
    json["auto_scaling_groups"] = Json::object();
    for (const auto& group : result.groups) json["auto_scaling_groups"][group.name] = group_json(result, group);
    for (const auto& run : result.task_runs) {
        json["scheduled_tasks"][run.name] = {
            {"started", run.started}, {"refused", run.refused}, {"succeeded", run.succeeded}, {"failed", run.failed}};
    }
    json["slo"] = Json::array();
    for (const auto& objective : result.objectives) json["slo"].push_back(objective_json(objective));
    for (const auto& told : result.explanations) {
        json["explanations"].push_back(explanation_json(told, result.start));
    }
    for (const auto& told : result.service_explanations) {
        json["service_explanations"].push_back(explanation_json(told, result.start));
    }
    for (const auto& told : result.task_explanations) {
        json["task_explanations"].push_back(explanation_json(told, result.start));
    }
    json["assumptions"] = result.assumptions;
    json["engine"] = {{"events", result.kernel_events}, {"digest", fmt::format("{:016x}", result.digest)}};
    return json;
}

std::string json_text(const nlohmann::ordered_json& json) {
    // A name may hold bytes that are no UTF-8: shown as U+FFFD, as a reader of the file would.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fleetsim::report
