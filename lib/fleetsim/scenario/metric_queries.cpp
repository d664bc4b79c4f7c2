#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <fleetsim/scaling/metric_math.hpp>
#include <fleetsim/scenario/metric_queries.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

/// What a metric map names, and the statistic that one asks for when nothing is said.
struct Operand {
    sim::MetricId metric;
    scaling::Statistic usual{};
    bool only_sum = false;
};

[[nodiscard]] Parsed<scaling::Statistic> statistic(std::string_view text) {
    if (const auto found = scaling::parse_statistic(text)) return Parsed<scaling::Statistic>::good(*found);
    return Parsed<scaling::Statistic>::bad(
        fmt::format("{} or a percentile such as p99", fmt::join(scaling::statistic_names, ", ")),
        nearest_hint(text, scaling::statistic_names));
}

constexpr scaling::Statistic sum{scaling::StatisticKind::sum};

/// Figures that count events are summed up; of those the one a target is CloudWatch's own quotient, and has no other
/// statistic.
///
/// Source: Elastic Load Balancing User Guide for Application Load Balancers, "CloudWatch metrics".
[[nodiscard]] std::optional<Operand> read_service_metric(Reading& reading, MapReader& map, const Field& service_field) {
    const auto service = reading.service_names.resolve(reading.diagnostics, service_field);
    sim::ServiceMetric metric;
    if (!map.require("metric_name", metric.figure, named<sim::ServiceFigure>(service_figure_names))) {
        return std::nullopt;
    }
    if (!service) return std::nullopt;
    metric.service = *service;
    const std::string_view name = name_of(metric.figure);
    if (is_of_balancers(metric.figure)) {
        reading.service_notes[*service].balancer_metrics.push_back({map.place_of("metric_name"), std::string(name)});
    }
    const bool counts = metric.figure == sim::ServiceFigure::request_count ||
                        metric.figure == sim::ServiceFigure::request_count_per_target ||
                        metric.figure == sim::ServiceFigure::http_5xx_count;
    return Operand{metric_of(reading, metric), counts ? sum : scaling::Statistic{},
                   metric.figure == sim::ServiceFigure::request_count_per_target};
}

[[nodiscard]] std::optional<Operand> read_group_metric(Reading& reading, MapReader& map, const Field& group_field) {
    const auto group = reading.group_names.resolve(reading.diagnostics, group_field);
    sim::GroupMetric metric;
    if (!map.require("metric_name", metric.figure, named<sim::GroupFigure>(group_figure_names))) return std::nullopt;
    if (!group) return std::nullopt;
    metric.group = *group;
    warn_of_idle_figure(reading, map.place_of("metric_name"), metric);
    const bool per_target = metric.figure == sim::GroupFigure::request_count_per_target;
    return Operand{metric_of(reading, metric), per_target ? sum : scaling::Statistic{}, per_target};
}

[[nodiscard]] std::optional<Operand> read_custom_metric(Reading& reading, MapReader& map, const Field& custom_field) {
    map.refuse("metric_name", "metric_name: a custom metric is known by its name alone");
    const auto custom = reading.custom_metric_names.resolve(reading.diagnostics, custom_field);
    if (!custom) return std::nullopt;
    return Operand{metric_of(reading, *custom)};
}

constexpr std::array<std::string_view, 3> sources{"service", "auto_scaling_group", "custom"};

/// The one key of the map that says whose metric it is. Reports none and several.
[[nodiscard]] std::optional<Field> find_source(MapReader& map, bool may_be_expression) {
    std::vector<Field> found;
    for (const std::string_view source : sources) {
        if (auto field = map.find(source)) found.push_back(std::move(*field));
    }
    if (found.size() == 1) return found.front();
    // An unknown key is probably the one that is missing.
    if (!map.finish()) return std::nullopt;
    const std::string_view more = may_be_expression ? " or expression" : "";
    map.diagnostics().error(found.empty() ? map.at() : found[1].key_at,
                            fmt::format("{}: expected {}{}{}", map.name(), found.empty() ? "" : "only one of ",
                                        fmt::join(sources, ", "), more));
    return std::nullopt;
}

[[nodiscard]] std::optional<Operand> read_metric_of(Reading& reading, MapReader& map, const Field& source) {
    if (source.name == "service") return read_service_metric(reading, map, source);
    if (source.name == "auto_scaling_group") return read_group_metric(reading, map, source);
    return read_custom_metric(reading, map, source);
}

[[nodiscard]] std::optional<sim::MetricStatistic> read_operand(Reading& reading, MapReader& map,
                                                               bool may_be_expression) {
    static_cast<void>(map.find("metric_name"));
    static_cast<void>(map.find("statistic"));
    const auto source = find_source(map, may_be_expression);
    if (!source) return std::nullopt;
    const auto operand = read_metric_of(reading, map, *source);
    scaling::Statistic chosen = operand ? operand->usual : scaling::Statistic{};
    bool good = map.read("statistic", chosen, statistic);
    if (good && operand && operand->only_sum && chosen != sum) {
        reading.diagnostics.error(map.place_of("statistic"), "statistic: RequestCountPerTarget has only Sum",
                                  "it already is the mean over the targets");
        good = false;
    }
    good = map.finish() && good;
    if (!operand || !good) return std::nullopt;
    return sim::MetricStatistic{operand->metric, chosen};
}

[[nodiscard]] bool is_identifier_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '_';
}

/// Where an expression first uses a name.
[[nodiscard]] std::size_t offset_of(std::string_view name, std::string_view expression) {
    for (std::size_t at = expression.find(name); at != std::string_view::npos; at = expression.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        const bool begins = at == 0 || !is_identifier_letter(expression[at - 1]);
        if (begins && (end == expression.size() || !is_identifier_letter(expression[end]))) return at;
    }
    return 0;
}

/// Where an expression divides by a zero that is written out.
[[nodiscard]] std::optional<std::size_t> zero_divisor(std::string_view expression) {
    constexpr std::string_view blanks = " \t";
    for (std::size_t at = expression.find('/'); at != std::string_view::npos; at = expression.find('/', at + 1)) {
        const std::size_t begin = std::min(expression.find_first_not_of(blanks, at + 1), expression.size());
        double divisor = 1;
        const char* const all = expression.data() + expression.size();
        const auto [end, error] = std::from_chars(expression.data() + begin, all, divisor);
        if (error != std::errc{} || divisor != 0) continue;
        const std::string_view rest(end, static_cast<std::size_t>(all - end));
        const std::size_t next = rest.find_first_not_of(blanks);
        if (next == std::string_view::npos || rest[next] != '^') return begin;
    }
    return std::nullopt;
}

[[nodiscard]] std::optional<scaling::MetricExpression> read_expression(Reading& reading, const Field& field) {
    if (!is_scalar(reading.diagnostics, field, "an expression such as backlog / tasks")) return std::nullopt;
    scaling::ParsedMetricExpression parsed = scaling::MetricExpression::parse(field.text());
    if (!parsed.expression) {
        error_within(reading.diagnostics, field, parsed.error.offset, parsed.error.message,
                     std::move(parsed.error.hint));
    } else if (const auto zero = zero_divisor(field.text())) {
        reading.diagnostics.warning(field.at(*zero),
                                    "expression: a division by 0 has no value, so there is no datapoint");
    }
    return std::move(parsed.expression);
}

/// The metrics that stand beside an expression under the names that it uses.
[[nodiscard]] std::optional<sim::MetricQuery> read_expression_query(Reading& reading, MapReader& map,
                                                                    const Field& field) {
    auto expression = read_expression(reading, field);
    std::vector<std::string> given;
    for (Field& one : map.all()) {
        if (one.name != "expression") given.push_back(std::move(one.name));
    }
    if (!expression) return std::nullopt;
    sim::MetricQuery query;
    query.text = expression->text();
    bool good = true;
    bool all_there = true;
    const auto names = expression->names();
    for (const std::string& name : names) {
        const auto operand_field = map.find(name);
        if (!operand_field) {
            all_there = false;
            error_within(reading.diagnostics, field, offset_of(name, field.text()),
                         fmt::format("no metric is called {} here", in_quotes(name)), nearest_hint(name, given));
            continue;
        }
        MapReader operand_map(reading.diagnostics, *operand_field);
        const auto operand = operand_map.is_mapping() ? read_operand(reading, operand_map, false)
                                                      : std::optional<sim::MetricStatistic>{};
        if (operand) query.operands.push_back(*operand);
        good = good && operand;
    }
    // One of those that are not used may be the one that is missing.
    if (!all_there) return std::nullopt;
    for (const std::string& name : given) {
        if (std::find(names.begin(), names.end(), name) != names.end()) continue;
        reading.diagnostics.error(map.find(name)->key_at, fmt::format("{} is not used in the expression", name));
        good = false;
    }
    query.expression = std::move(expression);
    return good ? std::optional(std::move(query)) : std::nullopt;
}

}  // namespace

void warn_of_idle_figure(Reading& reading, Position at, const sim::GroupMetric& metric) {
    const sim::AutoScalingGroup& group = reading.scenario.groups[metric.group];
    const auto idle = [&](const traffic::RateProfile& profile, std::string_view key) {
        if (!profile.pieces().empty()) return;
        reading.diagnostics.warning(at,
                                    fmt::format("{} of {} is always 0: its workload has no {}", name_of(metric.figure),
                                                called("Auto Scaling group", group.name), key));
    };
    switch (metric.figure) {
        case sim::GroupFigure::network_in: return idle(group.workload.network_in, "network_in");
        case sim::GroupFigure::network_out: return idle(group.workload.network_out, "network_out");
        case sim::GroupFigure::request_count_per_target: return idle(group.workload.requests, "requests");
        case sim::GroupFigure::cpu_utilization:
            // A cluster's instances are busy with its tasks.
            if (!reading.group_notes[metric.group].in_cluster) idle(group.workload.vcpus, "vcpus");
            return;
        default: return;
    }
}

std::string how_to_publish_each_minute(const sim::Metric& metric) {
    return std::holds_alternative<sim::GroupMetric>(metric.source) ? "monitoring: detailed gives one a minute"
                                                                   : "publish it every minute";
}

sim::MetricQuery query_of(const Reading& reading, sim::MetricId metric, scaling::Statistic statistic) {
    sim::MetricQuery query;
    query.text = fmt::format("{} {}", reading.scenario.metrics[metric].name, scaling::name(statistic));
    query.operands.push_back({metric, statistic});
    return query;
}

std::optional<sim::MetricQuery> read_metric_query(Reading& reading, const Field& field) {
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return std::nullopt;
    if (const auto expression = map.find("expression")) return read_expression_query(reading, map, *expression);
    const auto operand = read_operand(reading, map, true);
    if (!operand) return std::nullopt;
    return query_of(reading, operand->metric, operand->statistic);
}

}  // namespace fleetsim::scenario
