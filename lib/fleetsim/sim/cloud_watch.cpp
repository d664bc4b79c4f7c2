#include <algorithm>
#include <chrono>
#include <cmath>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include <fleetsim/sim/cloud_watch.hpp>

namespace fleetsim::sim {

using des::Time;
using scaling::AlarmState;

namespace {

constexpr std::string_view sign_of(scaling::Comparison comparison) {
    constexpr std::array<std::string_view, 4> signs{">", ">=", "<", "<="};
    return signs[static_cast<std::size_t>(comparison)];
}

std::string condition_text(const scaling::AlarmSettings& settings) {
    return fmt::format("{} {:.6g} for {} of {} datapoints of {} s", sign_of(settings.comparison), settings.threshold,
                       settings.datapoints_to_alarm, settings.evaluation_periods,
                       std::chrono::duration_cast<std::chrono::seconds>(settings.period).count());
}

}  // namespace

std::string value_text(double value) {
    return std::abs(value) < 1e5 ? fmt::format("{:.6g}", value) : fmt::format("{:.12g}", std::round(value));
}

CloudWatch::CloudWatch(const Scenario& scenario) {
    for (const Metric& metric : scenario.metrics) static_cast<void>(add_metric(metric.settings));
    for (const Alarm& alarm : scenario.alarms) {
        AlarmAtWork work;
        work.resource = "alarm/" + alarm.name;
        work.name = alarm.name;
        if (const auto* metric = std::get_if<MetricAlarm>(&alarm.what)) {
            work.metric = metric->metric;
            work.settings = metric->settings;
            watch(work);
        } else {
            work.composite = std::get_if<CompositeAlarm>(&alarm.what);
        }
        alarms_.add(std::move(work));
    }
}

MetricId CloudWatch::add_metric(const scaling::MetricSettings& settings) {
    return metrics_.add({.series = scaling::MetricSeries{settings}});
}

AlarmId CloudWatch::add_alarm(std::string resource, std::string name, MetricQuery metric,
                              const scaling::AlarmSettings& settings) {
    AlarmAtWork work{
        .resource = std::move(resource), .name = std::move(name), .metric = std::move(metric), .settings = settings};
    watch(work);
    return alarms_.add(std::move(work));
}

void CloudWatch::ask_for(const MetricStatistic& operand) {
    if (operand.statistic.kind == scaling::StatisticKind::percentile) metrics_[operand.metric].needs_samples = true;
}

void CloudWatch::watch(const AlarmAtWork& alarm) {
    for (const MetricStatistic& operand : alarm.metric.operands) {
        MetricAtWork& metric = metrics_[operand.metric];
        metric.series.look_back(scaling::look_back(alarm.settings));
        ask_for(operand);
    }
    fast_ = fast_ || scaling::evaluation_interval(alarm.settings) < scaling::metric_period;
}

void CloudWatch::publish(MetricId metric, Time period_start, const scaling::StatisticSet& samples) {
    metrics_[metric].series.publish(period_start, samples);
}

void CloudWatch::evaluate(Time now, Recorder& recorder) {
    for (const AlarmId id : des::ids_of(alarms_)) {
        const AlarmAtWork& alarm = alarms_[id];
        const des::Duration into_interval = now.time_since_epoch() % scaling::evaluation_interval(alarm.settings);
        if (alarm.composite == nullptr && into_interval != des::Duration::zero()) continue;
        const AlarmState next = next_state(alarm, now);
        if (next != alarm.state) set_state(id, next, now, recorder);
    }
}

AlarmState CloudWatch::next_state(const AlarmAtWork& alarm, Time now) const {
    if (alarm.composite != nullptr) {
        std::vector<AlarmState> states;
        for (const AlarmId id : alarm.composite->alarms) states.push_back(alarms_[id].state);
        return alarm.composite->rule.holds(states) ? AlarmState::alarm : AlarmState::ok;
    }
    const auto seen = slots(alarm, scaling::evaluation_range(alarm.settings), now);
    return scaling::evaluate(alarm.settings, seen, alarm.state);
}

void CloudWatch::set_state(AlarmId id, AlarmState next, Time now, Recorder& recorder) {
    AlarmAtWork& alarm = alarms_[id];
    alarm.before = std::exchange(alarm.state, next);
    alarm.changed_at = now;
    const auto seen = newest(id, now);
    std::string reason = alarm.composite != nullptr ? "its rule" : "no datapoint";
    if (seen) reason = "newest datapoint " + value_text(*seen);
    recorder.row({.at = now,
                  .event = "alarm",
                  .resource = alarm.resource,
                  .subject = alarm.name,
                  .from = std::string{scaling::name(alarm.before)},
                  .to = std::string{scaling::name(next)},
                  .reason = std::move(reason)});
}

std::vector<std::optional<double>> CloudWatch::slots(const AlarmAtWork& alarm, std::size_t count, Time now) const {
    const auto& operands = alarm.metric.operands;
    std::vector<std::vector<std::optional<double>>> seen;
    for (const MetricStatistic& operand : operands) {
        seen.push_back(metrics_[operand.metric].series.slots(now, alarm.settings.period, operand.statistic, count));
    }
    if (!alarm.metric.expression) return seen.front();
    std::vector<std::optional<double>> values(count);
    std::vector<std::optional<double>> arguments(operands.size());
    for (std::size_t slot = 0; slot < count; ++slot) {
        for (std::size_t i = 0; i < operands.size(); ++i) arguments[i] = seen[i][slot];
        values[slot] = alarm.metric.expression->evaluate(arguments);
    }
    return values;
}

std::vector<std::optional<double>> CloudWatch::slots(AlarmId id, Time now) const {
    const AlarmAtWork& alarm = alarms_[id];
    if (alarm.composite != nullptr) return {};
    return slots(alarm, scaling::evaluation_range(alarm.settings), now);
}

std::optional<double> CloudWatch::newest(AlarmId id, Time now) const {
    const auto seen = slots(id, now);
    const auto found =
        std::find_if(seen.rbegin(), seen.rend(), [](const std::optional<double>& value) { return value.has_value(); });
    return found == seen.rend() ? std::nullopt : *found;
}

std::optional<double> CloudWatch::newest(MetricId id, Time now) const {
    const auto seen = metrics_[id].series.newest_visible(now, scaling::metric_period, scaling::Statistic{});
    return seen ? std::optional{seen->value} : std::nullopt;
}

std::string CloudWatch::datapoints_text(AlarmId id, Time now) const {
    const auto seen = slots(id, now);
    if (seen.empty()) return {};
    std::string text;
    // Where one of the newest is missing an older one may have taken its place.
    auto first = seen.end() - static_cast<std::ptrdiff_t>(alarms_[id].settings.evaluation_periods);
    if (std::find(first, seen.end(), std::nullopt) != seen.end()) first = seen.begin();
    for (auto value = first; value != seen.end(); ++value) {
        if (!text.empty()) text += ' ';
        text += *value ? value_text(**value) : "-";
    }
    return text;
}

AlarmExplanation CloudWatch::explain(AlarmId id, Time now) const {
    const AlarmAtWork& alarm = alarms_[id];
    AlarmExplanation told{.name = alarm.name, .state = std::string{scaling::name(alarm.state)}};
    if (alarm.changed_at == now) told.before = std::string{scaling::name(alarm.before)};
    if (alarm.composite != nullptr) {
        told.condition = alarm.composite->rule.text();
        return told;
    }
    told.metric = alarm.metric.text;
    told.condition = condition_text(alarm.settings);
    told.datapoints = datapoints_text(id, now);
    return told;
}

}  // namespace fleetsim::sim
