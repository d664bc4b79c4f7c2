#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <fleetsim/scenario/metric_queries.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

using std::chrono::seconds;

/// A custom metric's period. CloudWatch's longest is a day; what the model keeps of a metric ends at five minutes.
///
/// Source: Amazon CloudWatch API Reference, MetricDatum (StorageResolution); Amazon CloudWatch User Guide,
/// "CloudWatch metrics concepts" (periods).
[[nodiscard]] Parsed<des::Duration> parse_period(std::string_view text) {
    auto parsed = parse_duration(text, BareNumber::seconds);
    if (!parsed.value) return parsed;
    constexpr std::array<des::Duration, 9> periods{seconds{1},   seconds{5},   seconds{10},  seconds{30}, seconds{60},
                                                   seconds{120}, seconds{180}, seconds{240}, seconds{300}};
    if (std::find(periods.begin(), periods.end(), *parsed.value) != periods.end()) return parsed;
    return Parsed<des::Duration>::bad("1s, 5s, 10s, 30s or whole minutes up to 5m");
}

void read_custom_metric(Reading& reading, const Field& field) {
    CustomMetricNotes notes;
    notes.name_at = field.key_at;
    notes.metric.name = "custom/" + field.name;
    notes.metric.settings = {scaling::metric_period, scaling::custom_publication_delay};
    sim::CustomMetric source;
    MapReader map(reading.diagnostics, {called("metric", field.name), field.value, field.key_at});
    if (map.is_mapping()) {
        const auto values = map.require("values");
        if (values) source.value = read_profile(reading, *values, plain_numbers).value_or(traffic::RateProfile{});
        constexpr DurationIn any_delay{{}, std::chrono::hours{1}, BareNumber::seconds};
        map.read("period", notes.metric.settings.resolution, parse_period);
        map.read("publication_delay", notes.metric.settings.publication_delay, any_delay);
        map.finish();
    }
    notes.metric.source = std::move(source);
    reading.custom_metric_names.declare(field.name, reading.custom_metrics.add(std::move(notes)));
}

[[nodiscard]] scaling::MetricSettings settings_of(sim::ServiceFigure figure) {
    return {scaling::metric_period,
            is_of_balancers(figure) ? scaling::alb_publication_delay : scaling::ecs_publication_delay};
}

/// Of basic monitoring only EC2's own figures are coarser.
[[nodiscard]] scaling::MetricSettings settings_of(sim::GroupFigure figure, bool basic_monitoring) {
    switch (figure) {
        case sim::GroupFigure::request_count_per_target:
            return {scaling::metric_period, scaling::alb_publication_delay};
        case sim::GroupFigure::cpu_utilization:
        case sim::GroupFigure::network_in:
        case sim::GroupFigure::network_out:
            return {basic_monitoring ? scaling::basic_monitoring_period : scaling::metric_period,
                    scaling::ec2_publication_delay};
        default: return {scaling::metric_period, scaling::ec2_publication_delay};
    }
}

[[nodiscard]] sim::MetricId add_metric(Reading& reading, sim::Metric metric) {
    const auto [entry, is_new] = reading.metrics.emplace(metric.name, reading.scenario.metrics.next_id());
    if (is_new) static_cast<void>(reading.scenario.metrics.add(std::move(metric)));
    return entry->second;
}

}  // namespace

void read_custom_metrics(Reading& reading, MapReader& top) {
    const auto section = top.find("metrics");
    if (!section) return;
    MapReader map(reading.diagnostics, *section);
    if (!map.is_mapping() || map.size() > most_entries) reading.custom_metric_names.give_up();
    if (map.size() > most_entries) {
        reading.diagnostics.error(section->key_at, fmt::format("metrics: more than {} entries", most_entries));
        return;
    }
    for (const Field& field : map.all()) {
        if (!is_name(field.name)) reading.diagnostics.error(field.key_at, not_a_name(field.name));
        read_custom_metric(reading, field);
    }
}

bool is_of_balancers(sim::ServiceFigure figure) {
    switch (figure) {
        case sim::ServiceFigure::request_count:
        case sim::ServiceFigure::request_count_per_target:
        case sim::ServiceFigure::target_response_time:
        case sim::ServiceFigure::http_5xx_count: return true;
        default: return false;
    }
}

sim::MetricId metric_of(Reading& reading, sim::ServiceMetric source) {
    const sim::Service& service = reading.scenario.services[source.service];
    return add_metric(reading, {fmt::format("service/{} {}", service.name, name_of(source.figure)), source,
                                settings_of(source.figure)});
}

sim::MetricId metric_of(Reading& reading, sim::GroupMetric source) {
    const bool basic = reading.group_notes[source.group].basic_monitoring;
    return add_metric(reading, {fmt::format("auto_scaling_group/{} {}", reading.scenario.groups[source.group].name,
                                            name_of(source.figure)),
                                source, settings_of(source.figure, basic)});
}

sim::MetricId metric_of(Reading& reading, CustomMetricId source) {
    CustomMetricNotes& notes = reading.custom_metrics[source];
    notes.asked_for = true;
    const auto known = reading.metrics.find(notes.metric.name);
    return known == reading.metrics.end() ? add_metric(reading, notes.metric) : known->second;
}

}  // namespace fleetsim::scenario
