#include <algorithm>
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
#include <fleetsim/scenario/metric_queries.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

/// Reports what AWS has against the alarm, at the key that brings it about. False if there is anything.
[[nodiscard]] bool is_sound(MapReader& map, const scaling::AlarmSettings& settings) {
    const auto sound = [&](std::string_view key, const scaling::AlarmSettings& part) {
        const std::vector<std::string> faults = scaling::faults(part);
        for (const std::string& fault : faults) {
            map.diagnostics().error(map.place_of(key), fmt::format("{}: {}", map.name(), fault));
        }
        return faults.empty();
    };
    scaling::AlarmSettings part;
    part.period = settings.period;
    if (!sound("period", part)) return false;
    part.evaluation_periods = settings.evaluation_periods;
    if (!sound("evaluation_periods", part)) return false;
    part.datapoints_to_alarm = settings.datapoints_to_alarm;
    return sound("datapoints_to_alarm", part);
}

/// An alarm that looks more often than there are datapoints never sees enough of them.
///
/// Source: Amazon CloudWatch User Guide, "High-resolution metrics".
void check_resolution(Reading& reading, const MapReader& map, const sim::MetricAlarm& alarm) {
    const des::Duration period = alarm.settings.period;
    if (period >= scaling::metric_period) return;
    for (const sim::MetricStatistic& operand : alarm.metric.operands) {
        const sim::Metric& metric = reading.scenario.metrics[operand.metric];
        if (metric.settings.resolution <= period) continue;
        reading.diagnostics.error(
            map.place_of("period"),
            fmt::format("{}: {} has a datapoint every {}, too few for a period of {}", map.name(), metric.name,
                        duration_text(metric.settings.resolution), duration_text(period)),
            "a period of 60s or more");
        return;
    }
}

[[nodiscard]] sim::MetricAlarm read_metric_alarm(Reading& reading, MapReader& map) {
    constexpr DurationIn any_period{std::chrono::seconds{1}, std::chrono::hours{24 * 7}, BareNumber::seconds};
    constexpr IntegerIn any_count{1, 10'080};
    constexpr NumberIn any_threshold{-1e15, 1e15};
    sim::MetricAlarm alarm;
    scaling::AlarmSettings& settings = alarm.settings;
    bool good = map.read("period", settings.period, any_period);
    good = map.require("evaluation_periods", settings.evaluation_periods, any_count) && good;
    settings.datapoints_to_alarm = settings.evaluation_periods;
    good = map.read("datapoints_to_alarm", settings.datapoints_to_alarm, any_count) && good;
    good = good && is_sound(map, settings);
    map.require("comparison_operator", settings.comparison, named<scaling::Comparison>(scaling::comparison_names));
    map.require("threshold", settings.threshold, any_threshold);
    map.read("treat_missing_data", settings.treat_missing_data,
             named<scaling::MissingData>(scaling::missing_data_names));
    map.refuse("statistic", "statistic: it belongs to the metric", "metric: {…, statistic: Average}");
    const auto field = map.require("metric");
    auto query = field ? read_metric_query(reading, *field) : std::nullopt;
    if (!query) return alarm;
    alarm.metric = std::move(*query);
    if (good) check_resolution(reading, map, alarm);
    return alarm;
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

    /// One circle if there is any, from one of its alarms to the next that its rule names.
    [[nodiscard]] std::vector<std::size_t> circle() const {
        const auto waits = [](std::size_t count) { return count > 0; };
        const auto first = std::find_if(waits_for_.begin(), waits_for_.end(), waits);
        if (first == waits_for_.end()) return {};
        std::vector<std::size_t> path{static_cast<std::size_t>(first - waits_for_.begin())};
        std::vector<bool> seen(waits_for_.size(), false);
        while (!seen[path.back()]) {
            seen[path.back()] = true;
            const auto& named = alarms_[path.back()].composites;
            path.push_back(*std::find_if(named.begin(), named.end(), [&](std::size_t i) { return waits_for_[i] > 0; }));
        }
        path.erase(path.begin(), std::find(path.begin(), path.end(), path.back()));
        return path;
    }

private:
    const std::vector<ReadComposite>& alarms_;
    std::vector<std::size_t> waits_for_;  ///< How many of those that its rule names are not in order yet.
    std::vector<std::size_t> order_;
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
        sim::MetricAlarm alarm;
        if (map.is_mapping()) {
            alarm = read_metric_alarm(reading_, map);
            map.finish();
        }
        add(field.name, std::move(alarm), false);
    }

    void add_composites() {
        for (ReadComposite& alarm : composites_) resolve(alarm);
        const CompositeOrder order(composites_);
        report(order.circle());
        for (const std::size_t i : order.order()) add_composite(composites_[i]);
        // Policies may name the others too; nothing more is to be said of them.
        if (order.order().size() < composites_.size()) reading_.alarm_names.give_up();
    }

private:
    void add(const std::string& name, std::variant<sim::MetricAlarm, sim::CompositeAlarm> what, bool composite) {
        const sim::AlarmId id = reading_.scenario.alarms.add({name, std::move(what)});
        static_cast<void>(reading_.alarm_notes.add({composite}));
        reading_.alarm_names.declare(name, id);
    }

    void add_composite(ReadComposite& alarm) {
        // With an error in its rule only its name matters.
        if (!alarm.rule) return add(alarm.name, sim::MetricAlarm{}, true);
        std::vector<sim::AlarmId> watched;
        for (const std::string& name : alarm.rule->names()) {
            if (const auto id = reading_.alarm_names.find(name)) watched.push_back(*id);
        }
        add(alarm.name, sim::CompositeAlarm{std::move(*alarm.rule), std::move(watched)}, true);
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

    void report(const std::vector<std::size_t>& circle) {
        if (circle.empty()) return;
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
