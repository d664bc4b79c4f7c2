#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fleetsim/scaling/predefined_metrics.hpp>
#include <fleetsim/scaling/target_tracking.hpp>
#include <fleetsim/scenario/metric_checks.hpp>
#include <fleetsim/scenario/metric_queries.hpp>
#include <fleetsim/scenario/policies.hpp>
#include <fleetsim/scenario/scaling_checks.hpp>

namespace fleetsim::scenario {

namespace {

using scaling::PredefinedMetric;

constexpr scaling::Statistic sum{scaling::StatisticKind::sum};

[[nodiscard]] sim::ServiceFigure figure_of_service(PredefinedMetric metric) {
    switch (metric) {
        case PredefinedMetric::ecs_service_average_memory_utilization: return sim::ServiceFigure::memory_utilization;
        case PredefinedMetric::alb_request_count_per_target: return sim::ServiceFigure::request_count_per_target;
        default: return sim::ServiceFigure::cpu_utilization;
    }
}

[[nodiscard]] sim::GroupFigure figure_of_group(PredefinedMetric metric) {
    switch (metric) {
        case PredefinedMetric::asg_average_network_in: return sim::GroupFigure::network_in;
        case PredefinedMetric::asg_average_network_out: return sim::GroupFigure::network_out;
        case PredefinedMetric::alb_request_count_per_target: return sim::GroupFigure::request_count_per_target;
        default: return sim::GroupFigure::cpu_utilization;
    }
}

[[nodiscard]] sim::MetricQuery predefined_query(Reading& reading, const Scaled& owner, Position at,
                                                PredefinedMetric metric) {
    const bool per_target = metric == PredefinedMetric::alb_request_count_per_target;
    const scaling::Statistic statistic = per_target ? sum : scaling::Statistic{};
    if (const auto* group = std::get_if<sim::GroupId>(&owner)) {
        const sim::GroupMetric source{*group, figure_of_group(metric)};
        warn_of_idle_figure(reading, at, source);
        return query_of(reading, metric_of(reading, source), statistic);
    }
    const sim::ServiceMetric source{std::get<sim::ServiceId>(owner), figure_of_service(metric)};
    if (per_target) {
        reading.service_notes[source.service].balancer_metrics.push_back({at, std::string(scaling::name(metric))});
    }
    return query_of(reading, metric_of(reading, source), statistic);
}

[[nodiscard]] std::optional<TrackedMetric> read_predefined(Reading& reading, const Scaled& owner, const Field& field) {
    auto metric = PredefinedMetric::count;
    const bool good =
        is_group(owner) ? read_field(reading.diagnostics, field, metric,
                                     one_of<PredefinedMetric>(scaling::group_metric_names, scaling::group_metric))
                        : read_field(reading.diagnostics, field, metric,
                                     one_of<PredefinedMetric>(scaling::service_metric_names, scaling::service_metric));
    if (!good) return std::nullopt;
    return TrackedMetric{predefined_query(reading, owner, field.at(), metric), std::string(scaling::name(metric)),
                         scaling::low_alarm_share(metric)};
}

/// What a group's policies have instead of a service's, and the other way round.
void refuse_foreign_keys(MapReader& map, const Scaled& owner) {
    constexpr std::string_view warm_up = "estimated_instance_warmup is what you want";
    if (is_group(owner)) {
        for (const std::string_view key : {"cooldown", "scale_in_cooldown", "scale_out_cooldown"}) {
            map.refuse(key, fmt::format("{}: target tracking of an Auto Scaling group has no cooldown", key),
                       std::string(warm_up));
        }
        return;
    }
    map.refuse("cooldown", "cooldown: target tracking of a service has two",
               "scale_in_cooldown and scale_out_cooldown");
    map.refuse("estimated_instance_warmup", "estimated_instance_warmup: tasks do not warm up",
               "scale_out_cooldown is what you want");
}

[[nodiscard]] bool read_waits(Reading& reading, const Scaled& owner, scaling::TargetTracking& settings,
                              MapReader& map) {
    constexpr DurationIn any_time{{}, longest_duration, BareNumber::seconds};
    refuse_foreign_keys(map, owner);
    if (const auto* group = std::get_if<sim::GroupId>(&owner)) {
        return read_warm_up(reading, *group, map, "estimated_instance_warmup", settings.estimated_instance_warmup);
    }
    bool good = map.read("scale_in_cooldown", settings.scale_in_cooldown, any_time);
    good = map.read("scale_out_cooldown", settings.scale_out_cooldown, any_time) && good;
    return good;
}

/// Reports a metric that is tracked twice, also by a policy that is wrong otherwise.
void check_new(Reading& reading, const Field& item, const TrackedMetric& metric,
               std::vector<sim::MetricQuery>& tracked) {
    const auto same = [&](const sim::MetricQuery& other) { return same_query(other, metric.query); };
    if (std::any_of(tracked.begin(), tracked.end(), same)) {
        reading.diagnostics.error(item.at(),
                                  fmt::format("target_tracking: {} is tracked by an earlier policy", metric.name));
    }
    tracked.push_back(metric.query);
}

[[nodiscard]] std::optional<sim::TargetTrackingPolicy> read_policy(Reading& reading, const Scaled& owner,
                                                                   PolicyNames& names, const Field& item,
                                                                   std::vector<sim::MetricQuery>& tracked) {
    constexpr NumberIn any_target{0, 1e12, true};
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return std::nullopt;
    sim::TargetTrackingPolicy policy;
    auto metric = read_tracked_metric(reading, owner, map);
    bool good = map.require("target_value", policy.settings.target_value, any_target);
    good = read_waits(reading, owner, policy.settings, map) && good;
    good = map.read("disable_scale_in", policy.settings.disable_scale_in, parse_flag) && good;
    policy.name = names.read(map, metric ? metric->name : std::string{});
    good = map.finish() && good;
    if (!metric) return std::nullopt;
    check_new(reading, item, *metric, tracked);
    policy.metric = std::move(metric->query);
    policy.settings.low_alarm_share = metric->low_alarm_share;
    check_tracked_metric(reading, owner, policy.metric, map.place_of("metric"));
    if (!good) return std::nullopt;
    check_target_tracking(reading, owner, policy, map);
    return policy;
}

}  // namespace

std::optional<TrackedMetric> read_tracked_metric(Reading& reading, const Scaled& owner, MapReader& map) {
    const auto field = map.require("metric");
    if (!field) return std::nullopt;
    if (field->value.node->kind != Node::Kind::mapping) return read_predefined(reading, owner, *field);
    auto query = read_metric_query(reading, *field);
    if (!query) return std::nullopt;
    TrackedMetric metric{std::move(*query), {}};
    metric.name = metric.query.text;
    return metric;
}

std::vector<sim::TargetTrackingPolicy> read_target_tracking(Reading& reading, const Scaled& owner, PolicyNames& names,
                                                            const Field& field) {
    std::vector<sim::TargetTrackingPolicy> policies;
    std::vector<sim::MetricQuery> tracked;
    for (const Field& item : items_of(reading.diagnostics, field)) {
        if (auto policy = read_policy(reading, owner, names, item, tracked)) policies.push_back(std::move(*policy));
    }
    return policies;
}

}  // namespace fleetsim::scenario
