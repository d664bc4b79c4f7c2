#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <variant>
#include <vector>

#include <fleetsim/scenario/metric_checks.hpp>

namespace fleetsim::scenario {

namespace {

using scaling::StatisticKind;
using sim::GroupFigure;
using sim::ServiceFigure;

/// A total does not fall when more instances or tasks share it.
[[nodiscard]] bool is_total(const scaling::Statistic& statistic) {
    return statistic.kind == StatisticKind::sum || statistic.kind == StatisticKind::sample_count;
}

[[nodiscard]] WithCapacity shared_out(const scaling::Statistic& statistic) {
    return is_total(statistic) ? WithCapacity::stays : WithCapacity::falls;
}

[[nodiscard]] WithCapacity counted(const scaling::Statistic& statistic) {
    return statistic.kind == StatisticKind::sample_count ? WithCapacity::stays : WithCapacity::grows;
}

[[nodiscard]] WithCapacity of_service(ServiceFigure figure, const scaling::Statistic& statistic) {
    switch (figure) {
        case ServiceFigure::cpu_utilization:
        case ServiceFigure::memory_utilization:
        case ServiceFigure::target_response_time:
        case ServiceFigure::pending_task_count: return shared_out(statistic);
        case ServiceFigure::request_count_per_target: return WithCapacity::falls;
        case ServiceFigure::running_task_count:
        case ServiceFigure::desired_task_count: return counted(statistic);
        default: return WithCapacity::stays;
    }
}

[[nodiscard]] WithCapacity of_group(GroupFigure figure, const scaling::Statistic& statistic) {
    switch (figure) {
        case GroupFigure::cpu_utilization:
        case GroupFigure::network_in:
        case GroupFigure::network_out:
            // Each instance is a sample.
            return statistic.kind == StatisticKind::sample_count ? WithCapacity::grows : shared_out(statistic);
        case GroupFigure::request_count_per_target: return WithCapacity::falls;
        case GroupFigure::desired_capacity:
        case GroupFigure::in_service_instances:
        case GroupFigure::total_instances: return counted(statistic);
        default: return WithCapacity::stays;
    }
}

[[nodiscard]] double doubled(double value, WithCapacity behaviour) {
    if (behaviour == WithCapacity::falls) return value / 2;
    return behaviour == WithCapacity::grows ? 2 * value : value;
}

[[nodiscard]] std::optional<double> value_of(const sim::MetricQuery& query,
                                             const std::vector<std::optional<double>>& operands) {
    return query.expression ? query.expression->evaluate(operands) : operands.front();
}

/// Values to try an expression with: of alike and of very different size.
[[nodiscard]] std::vector<std::vector<double>> trials(std::size_t operands) {
    constexpr std::array<double, 4> scales{1, 10, 1e3, 1e6};
    constexpr std::array<double, 3> decades{0, 2, -2};
    std::vector<std::vector<double>> all;
    for (const double scale : scales) {
        for (const double decade : decades) {
            std::vector<double>& values = all.emplace_back();
            for (std::size_t i = 0; i < operands; ++i) {
                values.push_back(scale * std::pow(10, decade * static_cast<double>(i)));
            }
        }
    }
    return all;
}

}  // namespace

WithCapacity with_capacity(const Reading& reading, const Scaled& owner, const sim::MetricStatistic& operand) {
    const auto& source = reading.scenario.metrics[operand.metric].source;
    if (const auto* service = std::get_if<sim::ServiceMetric>(&source); service && owner == Scaled{service->service}) {
        return of_service(service->figure, operand.statistic);
    }
    if (const auto* group = std::get_if<sim::GroupMetric>(&source); group && owner == Scaled{group->group}) {
        return of_group(group->figure, operand.statistic);
    }
    return WithCapacity::stays;
}

std::optional<bool> falls_with_capacity(const Reading& reading, const Scaled& owner, const sim::MetricQuery& query) {
    constexpr double rounding = 1e-12;
    bool has_value = false;
    for (const std::vector<double>& values : trials(query.operands.size())) {
        const std::vector<std::optional<double>> before(values.begin(), values.end());
        std::vector<std::optional<double>> after;
        for (std::size_t i = 0; i < values.size(); ++i) {
            after.emplace_back(doubled(values[i], with_capacity(reading, owner, query.operands[i])));
        }
        const auto was = value_of(query, before);
        const auto becomes = value_of(query, after);
        if (!was || !becomes) continue;
        has_value = true;
        if (*was - *becomes > rounding * std::abs(*was)) return true;
    }
    return has_value ? std::optional(false) : std::nullopt;
}

bool is_percentage(const Reading& reading, const sim::MetricQuery& query) {
    if (query.expression || query.operands.size() != 1 || is_total(query.operands[0].statistic)) return false;
    const auto& source = reading.scenario.metrics[query.operands[0].metric].source;
    if (const auto* group = std::get_if<sim::GroupMetric>(&source))
        return group->figure == GroupFigure::cpu_utilization;
    const auto* const of_service = std::get_if<sim::ServiceMetric>(&source);
    if (of_service == nullptr) return false;
    const sim::Service& service = reading.scenario.services[of_service->service];
    const sim::Serving& serving = service.serving;
    if (of_service->figure == ServiceFigure::memory_utilization) {
        const double most_requests = static_cast<double>(serving.workers) + serving.backlog;
        const double most_mib = serving.memory_mib_when_idle + serving.memory_mib_per_request * most_requests;
        return most_mib <= static_cast<double>(service.task.shape.task[placement::memory_mib]);
    }
    if (of_service->figure != ServiceFigure::cpu_utilization) return false;
    const double reserved = service.task.shape.task[placement::cpu_units];
    return serving.workers * serving.cpu_units_per_busy_worker <= reserved * (1 + 1e-9);
}

bool same_query(const sim::MetricQuery& one, const sim::MetricQuery& other) {
    const auto same = [](const sim::MetricStatistic& a, const sim::MetricStatistic& b) {
        return a.metric == b.metric && a.statistic == b.statistic;
    };
    return one.text == other.text &&
           std::equal(one.operands.begin(), one.operands.end(), other.operands.begin(), other.operands.end(), same);
}

}  // namespace fleetsim::scenario
