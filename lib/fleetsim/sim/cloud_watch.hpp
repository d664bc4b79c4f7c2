#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/id.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/scaling/alarm.hpp>
#include <fleetsim/scaling/metric.hpp>
#include <fleetsim/scaling/statistic.hpp>
#include <fleetsim/sim/recorder.hpp>
#include <fleetsim/sim/scenario.hpp>

namespace fleetsim::sim {

/// A metric's value as rows and explanations tell it: to six digits, a large one to the unit.
[[nodiscard]] std::string value_text(double value);

/// The metrics and alarms of one run. It knows neither where the datapoints come from nor who acts on the alarms.
///
/// The scenario's metrics and alarms keep their ids; those that policies bring along are added to them.
///
/// Cost: an evaluation reads as many datapoints as the alarms look at, however many requests there were.
class CloudWatch {
public:
    explicit CloudWatch(const Scenario& scenario);

    MetricId add_metric(const scaling::MetricSettings& settings);

    /// An alarm of a policy, in the rows of `resource`.
    AlarmId add_alarm(std::string resource, std::string name, MetricQuery metric,
                      const scaling::AlarmSettings& settings);

    /// Somebody asks for this statistic of the metric; a percentile needs all samples.
    void ask_for(const MetricStatistic& operand);
    [[nodiscard]] bool needs_samples(MetricId id) const { return metrics_[id].needs_samples; }

    /// A datapoint of the period that began there.
    void publish(MetricId metric, des::Time period_start, const scaling::StatisticSet& samples);

    /// Evaluates the alarms that are due at `now`, a multiple of ten seconds, and writes a row for each that changes.
    void evaluate(des::Time now, Recorder& recorder);

    [[nodiscard]] scaling::AlarmState state(AlarmId id) const { return alarms_[id].state; }
    /// Did it come to its state in the evaluation at `now`?
    [[nodiscard]] bool changed(AlarmId id, des::Time now) const { return alarms_[id].changed_at == now; }
    [[nodiscard]] const std::string& name_of(AlarmId id) const { return alarms_[id].name; }
    [[nodiscard]] const scaling::AlarmSettings& settings_of(AlarmId id) const { return alarms_[id].settings; }
    /// Is any alarm to be evaluated between the whole minutes?
    [[nodiscard]] bool has_fast_alarms() const { return fast_; }

    /// The newest visible datapoint of what the alarm watches, if any is among those that it looks at.
    [[nodiscard]] std::optional<double> newest(AlarmId id, des::Time now) const;
    /// The newest visible datapoint of a metric of one-minute periods.
    [[nodiscard]] std::optional<double> newest(MetricId id, des::Time now) const;
    /// What the alarm looks at, newest last.
    [[nodiscard]] std::vector<std::optional<double>> slots(AlarmId id, des::Time now) const;
    /// For people: `61.2 64 -`, as many as the alarm judges.
    [[nodiscard]] std::string datapoints_text(AlarmId id, des::Time now) const;
    [[nodiscard]] AlarmExplanation explain(AlarmId id, des::Time now) const;

private:
    struct MetricAtWork {
        scaling::MetricSeries series;
        bool needs_samples = false;
    };
    struct AlarmAtWork {
        std::string resource;
        std::string name;
        MetricQuery metric;
        scaling::AlarmSettings settings;
        const CompositeAlarm* composite = nullptr;  ///< Then there is no metric.
        scaling::AlarmState state = scaling::AlarmState::insufficient_data;
        scaling::AlarmState before = scaling::AlarmState::insufficient_data;
        des::Time changed_at{des::Duration{-1}};
    };

    void watch(const AlarmAtWork& alarm);
    [[nodiscard]] std::vector<std::optional<double>> slots(const AlarmAtWork& alarm, std::size_t count,
                                                           des::Time now) const;
    [[nodiscard]] scaling::AlarmState next_state(const AlarmAtWork& alarm, des::Time now) const;
    void set_state(AlarmId id, scaling::AlarmState next, des::Time now, Recorder& recorder);

    des::Table<MetricId, MetricAtWork> metrics_;
    des::Table<AlarmId, AlarmAtWork> alarms_;
    bool fast_ = false;
};

}  // namespace fleetsim::sim
