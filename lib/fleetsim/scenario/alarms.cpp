#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scaling/alarm.hpp>
#include <fleetsim/scaling/composite_alarm.hpp>
#include <fleetsim/scenario/metric_checks.hpp>
#include <fleetsim/scenario/metric_queries.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

/// Which settings of an alarm could be read.
struct KnownSettings {
    bool period = false;
    bool evaluation_periods = false;
    bool datapoints_to_alarm = false;
    bool others = false;

    [[nodiscard]] bool all() const { return period && evaluation_periods && datapoints_to_alarm && others; }
    [[nodiscard]] bool decide(scaling::AlarmSetting setting) const {
        switch (setting) {
            case scaling::AlarmSetting::period: return period;
            case scaling::AlarmSetting::evaluation_periods: return period && evaluation_periods;
            case scaling::AlarmSetting::datapoints_to_alarm: return evaluation_periods && datapoints_to_alarm;
            case scaling::AlarmSetting::threshold: break;
        }
        return others;
    }
};

/// Reports what AWS has against the alarm, at the key that brings it about; its period is then as good as not known.
void report_faults(MapReader& map, const scaling::AlarmSettings& settings, KnownSettings& known) {
    constexpr std::array<std::string_view, 4> keys{"period", "evaluation_periods", "datapoints_to_alarm", "threshold"};
    for (const scaling::AlarmFault& fault : scaling::faults(settings)) {
        if (!known.decide(fault.setting)) continue;
        map.diagnostics().error(map.place_of(keys[static_cast<std::size_t>(fault.setting)]),
                                fmt::format("{}: {}", map.name(), fault.text));
        if (fault.setting == scaling::AlarmSetting::period) known.period = false;
    }
}

/// An alarm that looks more often than there are datapoints never sees enough of them.
///
/// Source: Amazon CloudWatch User Guide, "High-resolution metrics" and "Basic monitoring and detailed monitoring".
void check_resolution(Reading& reading, const MapReader& map, const sim::MetricAlarm& alarm) {
    const des::Duration period = alarm.settings.period;
    for (const sim::MetricStatistic& operand : alarm.metric.operands) {
        const sim::Metric& metric = reading.scenario.metrics[operand.metric];
        const des::Duration resolution = metric.settings.resolution;
        if (resolution <= period) continue;
        std::string message = fmt::format("{}: {} has a datapoint every {}, too few for a period of {}", map.name(),
                                          metric.name, duration_text(resolution), duration_text(period));
        if (period < scaling::metric_period) {
            reading.diagnostics.error(map.place_of("period"), std::move(message), "a period of 60s or more");
        } else {
            reading.diagnostics.warning(
                map.place_of("period"), std::move(message),
                fmt::format("period: {}, or {}", duration_text(resolution), how_to_publish_each_minute(metric)));
        }
        return;
    }
}

/// A percentage breaches no threshold beyond its ends; missing datapoints that breach are another matter.
void check_threshold(Reading& reading, const MapReader& map, const sim::MetricAlarm& alarm) {
    if (alarm.settings.treat_missing_data == scaling::MissingData::breaching) return;
    if (!is_percentage(reading, alarm.metric) || scaling::can_breach(alarm.settings, 0, 100)) return;
    reading.diagnostics.warning(
        map.place_of("threshold"),
        fmt::format("{}: it never goes on: {} lies between 0 and 100", map.name(), alarm.metric.text),
        "a threshold between 0 and 100");
}

[[nodiscard]] KnownSettings read_settings(MapReader& map, scaling::AlarmSettings& settings) {
    constexpr DurationIn any_period{std::chrono::seconds{1}, std::chrono::hours{24 * 7}, BareNumber::seconds};
    constexpr IntegerIn any_count{1, 10'080};
    constexpr NumberIn any_threshold{-1e15, 1e15};
    KnownSettings known;
    known.period = map.read("period", settings.period, any_period);
    known.evaluation_periods = map.require("evaluation_periods", settings.evaluation_periods, any_count);
    settings.datapoints_to_alarm = settings.evaluation_periods;
    known.datapoints_to_alarm = map.read("datapoints_to_alarm", settings.datapoints_to_alarm, any_count);
    known.others =
        map.require("comparison_operator", settings.comparison, named<scaling::Comparison>(scaling::comparison_names));
    known.others = map.require("threshold", settings.threshold, any_threshold) && known.others;
    known.others = map.read("treat_missing_data", settings.treat_missing_data,
                            named<scaling::MissingData>(scaling::missing_data_names)) &&
                   known.others;
    report_faults(map, settings, known);
    return known;
}

/// An alarm and whether it is as the file says.
struct ReadAlarm {
    sim::MetricAlarm alarm;
    bool good = false;
};

[[nodiscard]] ReadAlarm read_metric_alarm(Reading& reading, MapReader& map) {
    ReadAlarm read;
    const KnownSettings known = read_settings(map, read.alarm.settings);
    map.refuse("statistic", "statistic: it belongs to the metric", "metric: {…, statistic: Average}");
    const auto field = map.require("metric");
    auto query = field ? read_metric_query(reading, *field) : std::nullopt;
    if (!query) return read;
    read.alarm.metric = std::move(*query);
    if (known.period) check_resolution(reading, map, read.alarm);
    if (known.others) check_threshold(reading, map, read.alarm);
    read.good = known.all();
    return read;
}

/// Where a rule first names an alarm.
[[nodiscard]] std::size_t offset_of(std::string_view name, std::string_view rule) {
    const auto stands_at = [&](std::size_t at) {
        const std::size_t end = at + name.size();
        return at > 0 && std::string_view("(\", ").find(rule[at - 1]) != std::string_view::npos && end < rule.size() &&
               std::string_view(")\", ").find(rule[end]) != std::string_view::npos;
    };
    std::size_t at = rule.find(name);
    while (at != std::string_view::npos && !stands_at(at)) at = rule.find(name, at + 1);
    return at == std::string_view::npos ? 0 : at;
}

/// A composite alarm as it was read, before the alarms that its rule names have ids.
struct ReadComposite {
    std::string name;
    Field rule_field;
    std::optional<scaling::AlarmRule> rule;
    std::vector<std::size_t> composites;  ///< Places of those that its rule names.
};

[[nodiscard]] ReadComposite read_composite_alarm(Reading& reading, std::string name, MapReader& map,
                                                 const Field& rule) {
    ReadComposite alarm{std::move(name), rule, std::nullopt, {}};
    if (is_scalar(reading.diagnostics, rule, "a rule such as ALARM(cpu-high) OR ALARM(errors)")) {
        scaling::ParsedAlarmRule parsed = scaling::AlarmRule::parse(rule.text());
        if (!parsed.rule) {
            error_within(reading.diagnostics, rule, parsed.error.offset, parsed.error.message,
                         std::move(parsed.error.hint));
        }
        alarm.rule = std::move(parsed.rule);
    }
    map.finish();
    return alarm;
}

/// Puts composite alarms behind those that their rules name.
class CompositeOrder {
public:
    explicit CompositeOrder(const std::vector<ReadComposite>& alarms) : alarms_(alarms), waits_for_(alarms.size(), 0) {
        std::vector<std::vector<std::size_t>> followers(alarms.size());
        for (std::size_t i = 0; i < alarms.size(); ++i) {
            waits_for_[i] = alarms[i].composites.size();
            if (waits_for_[i] == 0) order_.push_back(i);
            for (const std::size_t before : alarms[i].composites) followers[before].push_back(i);
        }
        for (std::size_t next = 0; next < order_.size(); ++next) {
            for (const std::size_t follower : followers[order_[next]]) {
                if (--waits_for_[follower] == 0) order_.push_back(follower);
            }
        }
    }

    /// All but those in circles, and those that need them.
    [[nodiscard]] const std::vector<std::size_t>& order() const { return order_; }

private:
    const std::vector<ReadComposite>& alarms_;
    std::vector<std::size_t> waits_for_;  ///< How many of those that its rule names are not in order yet.
    std::vector<std::size_t> order_;
};

/// Alarms from one to the next that its rule names, and so back to the first.
using Circle = std::vector<std::size_t>;

/// A depth-first walk over rules, with its own stack since a chain may be as long as the file.
class CircleFinder {
public:
    explicit CircleFinder(const std::vector<ReadComposite>& alarms)
        : alarms_(alarms), state_(alarms.size(), State::fresh) {}

    /// As many as are shown.
    [[nodiscard]] std::vector<Circle> find() {
        for (std::size_t i = 0; i < alarms_.size(); ++i) {
            if (state_[i] == State::fresh) walk(i);
        }
        return std::move(found_);
    }

private:
    enum class State : std::uint8_t { fresh, open, done };

    void walk(std::size_t start) {
        enter(start);
        while (!path_.empty() && found_.size() < Diagnostics::shown_at_most) {
            const std::vector<std::size_t>& named = alarms_[path_.back()].composites;
            if (next_.back() == named.size()) {
                state_[path_.back()] = State::done;
                path_.pop_back();
                next_.pop_back();
                continue;
            }
            const std::size_t alarm = named[next_.back()++];
            if (state_[alarm] == State::fresh)
                enter(alarm);
            else if (state_[alarm] == State::open)
                close(alarm);
        }
    }

    void enter(std::size_t alarm) {
        state_[alarm] = State::open;
        path_.push_back(alarm);
        next_.push_back(0);
    }

    void close(std::size_t alarm) {
        found_.emplace_back(std::find(path_.begin(), path_.end(), alarm), path_.end()).push_back(alarm);
    }

    const std::vector<ReadComposite>& alarms_;
    std::vector<State> state_;
    std::vector<std::size_t> path_;
    std::vector<std::size_t> next_;
    std::vector<Circle> found_;
};

/// The alarms of one file while they are read. Metric alarms are added at once; composite ones when all are known.
class AlarmSection {
public:
    explicit AlarmSection(Reading& reading) : reading_(reading) {}

    void read(const Field& field) {
        names_.push_back(field.name);
        if (!is_name(field.name)) reading_.diagnostics.error(field.key_at, not_a_name(field.name));
        MapReader map(reading_.diagnostics, {called("alarm", field.name), field.value, field.key_at});
        const auto rule = map.find("alarm_rule");
        if (rule) {
            composite_at_.emplace(field.name, composites_.size());
            composites_.push_back(read_composite_alarm(reading_, field.name, map, *rule));
            return;
        }
        ReadAlarm read;
        if (map.is_mapping()) {
            read = read_metric_alarm(reading_, map);
            read.good = map.finish() && read.good;
        }
        add(field.name, std::move(read.alarm), {.composite = false, .known = read.good});
    }

    void add_composites() {
        for (ReadComposite& alarm : composites_) resolve(alarm);
        const CompositeOrder order(composites_);
        for (const Circle& circle : CircleFinder(composites_).find()) report(circle);
        for (const std::size_t i : order.order()) add_composite(composites_[i]);
        // Policies may name the others too; nothing more is to be said of them.
        if (order.order().size() < composites_.size()) reading_.alarm_names.give_up();
    }

private:
    void add(const std::string& name, std::variant<sim::MetricAlarm, sim::CompositeAlarm> what, AlarmNotes notes) {
        const sim::AlarmId id = reading_.scenario.alarms.add({name, std::move(what)});
        static_cast<void>(reading_.alarm_notes.add(notes));
        reading_.alarm_names.declare(name, id);
    }

    void add_composite(ReadComposite& alarm) {
        // With an error in its rule only its name matters.
        if (!alarm.rule) return add(alarm.name, sim::MetricAlarm{}, {.composite = true});
        std::vector<sim::AlarmId> watched;
        for (const std::string& name : alarm.rule->names()) {
            if (const auto id = reading_.alarm_names.find(name)) watched.push_back(*id);
        }
        add(alarm.name, sim::CompositeAlarm{std::move(*alarm.rule), std::move(watched)}, {.composite = true});
    }

    /// Finds the composite alarms that a rule names, and reports names of no alarm.
    void resolve(ReadComposite& alarm) {
        if (!alarm.rule) return;
        for (const std::string& name : alarm.rule->names()) {
            const auto composite = composite_at_.find(name);
            if (composite != composite_at_.end()) {
                alarm.composites.push_back(composite->second);
            } else if (!reading_.alarm_names.find(name)) {
                error_within(reading_.diagnostics, alarm.rule_field, offset_of(name, alarm.rule_field.text()),
                             fmt::format("unknown alarm {}", in_quotes(name)),
                             nearest_hint(reading_.diagnostics, name, names_));
            }
        }
    }

    void report(const Circle& circle) {
        constexpr std::size_t shown = 10;
        std::string text;
        for (std::size_t i = 0; i < circle.size(); ++i) {
            if (i > shown && i + 1 < circle.size()) continue;
            if (i > 0) text += " → ";
            text += i == shown && i + 1 < circle.size() ? "…" : composites_[circle[i]].name;
        }
        reading_.diagnostics.error(composites_[circle.front()].rule_field.at(),
                                   fmt::format("alarms look at one another in a circle: {}", text));
    }

    Reading& reading_;
    std::vector<std::string> names_;
    std::vector<ReadComposite> composites_;
    std::map<std::string, std::size_t, std::less<>> composite_at_;
};

}  // namespace

void read_alarms(Reading& reading, MapReader& top) {
    const auto section = top.find("alarms");
    if (!section) return;
    MapReader map(reading.diagnostics, *section);
    if (!map.is_mapping() || map.size() > most_entries) reading.alarm_names.give_up();
    if (map.size() > most_entries) {
        reading.diagnostics.error(section->key_at, fmt::format("alarms: more than {} entries", most_entries));
        return;
    }
    AlarmSection alarms(reading);
    for (const Field& field : map.all()) alarms.read(field);
    alarms.add_composites();
}

}  // namespace fleetsim::scenario
