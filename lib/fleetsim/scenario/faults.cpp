#include <array>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

enum class Victim : std::uint8_t { instance, task };

/// A victim's kind may be narrowed down by one name, and only by its own: groups for instances, services for tasks.
void read_termination(Reading& reading, sim::Fault& fault, MapReader& map) {
    constexpr std::array<std::string_view, 2> victims{"instance", "task"};
    Victim victim = Victim::instance;
    const bool good = map.require("terminate", victim, one_of<Victim>(victims, [](std::string_view text) {
                                      if (text == "instance") return std::optional(Victim::instance);
                                      return text == "task" ? std::optional(Victim::task) : std::nullopt;
                                  }));
    const auto group = map.find("auto_scaling_group");
    const auto service = map.find("service");
    if (!good) return;
    if (victim == Victim::instance) {
        if (service) reading.diagnostics.error(service->key_at, "service: only terminate: task takes a service");
        sim::TerminateInstance what;
        const auto id = group ? reading.group_names.resolve(reading.diagnostics, *group) : std::nullopt;
        if (id) what.group = *id;
        fault.what = what;
    } else {
        if (group) {
            reading.diagnostics.error(group->key_at,
                                      "auto_scaling_group: only terminate: instance takes an Auto Scaling group");
        }
        sim::TerminateTask what;
        const auto id = service ? reading.service_names.resolve(reading.diagnostics, *service) : std::nullopt;
        if (id) what.service = *id;
        fault.what = what;
    }
}

void read_outage(Reading& reading, sim::Fault& fault, MapReader& map) {
    sim::ZoneOutage outage;
    map.require("duration", outage.duration, DurationIn{above_zero});
    const auto zone = map.find("az_outage");
    if (!zone || !is_scalar(reading.diagnostics, *zone, "a zone such as us-east-1a")) return;
    const auto known = reading.zones.find(zone->text());
    if (known != reading.zones.end()) {
        outage.zone = known->second;
        fault.what = outage;
    } else if (reading.zones_known && reading.group_names.complete()) {
        std::vector<std::string> names(reading.scenario.zones.begin(), reading.scenario.zones.end());
        reading.diagnostics.error(zone->at(),
                                  fmt::format("no Auto Scaling group uses the zone {}", in_quotes(zone->text())),
                                  fmt::format("they use {}", listed(names)));
    }
}

void read_fault(Reading& reading, const Field& item) {
    sim::Fault fault;
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return;
    des::Duration at{};
    if (map.require("at", at, DurationIn{}) && reading.duration_known && at >= reading.scenario.duration) {
        reading.diagnostics.error(map.place_of("at"),
                                  fmt::format("at: {} is not before the scenario's end at {}", duration_text(at),
                                              duration_text(reading.scenario.duration)));
    }
    fault.at = des::Time{at};
    const bool terminates = map.find("terminate").has_value();
    const bool outage = map.find("az_outage").has_value();
    if (terminates == outage) {
        reading.diagnostics.error(item.at(), fmt::format("{}: expected either terminate or az_outage{}", item.name,
                                                         terminates ? ", found both" : ""));
        return;
    }
    if (terminates) {
        read_termination(reading, fault, map);
    } else {
        read_outage(reading, fault, map);
    }
    map.finish();
    reading.scenario.faults.push_back(fault);
}

struct Percentile {
    std::string_view key;
    double quantile;
};

constexpr std::array percentiles{Percentile{"p50", 0.5}, Percentile{"p90", 0.9}, Percentile{"p95", 0.95},
                                 Percentile{"p99", 0.99}, Percentile{"p999", 0.999}};

void read_objective(Reading& reading, const Field& item) {
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return;
    const auto service_field = map.require("service");
    const auto service =
        service_field ? reading.service_names.resolve(reading.diagnostics, *service_field) : std::nullopt;
    bool any = false;
    sim::Objective objective;
    objective.service = service.value_or(sim::ServiceId::none());
    for (const Percentile& percentile : percentiles) {
        const auto field = map.find(percentile.key);
        any = any || field.has_value();
        des::Duration limit{};
        if (!field || !read_field(reading.diagnostics, *field, limit, DurationIn{above_zero})) continue;
        objective.what = sim::LatencyObjective{percentile.quantile, limit};
        objective.text = fmt::format("{} <= {}", percentile.key, field->text());
        reading.scenario.objectives.push_back(objective);
    }
    const auto field = map.find("availability");
    double minimum = 1;
    if (field && read_field(reading.diagnostics, *field, minimum, parse_share)) {
        objective.what = sim::AvailabilityObjective{minimum};
        objective.text = fmt::format("availability >= {}", field->text());
        reading.scenario.objectives.push_back(objective);
    }
    if (map.finish() && !any && !field) {
        reading.diagnostics.error(item.at(), fmt::format("{}: expected an objective such as p99: 300ms or "
                                                         "availability: 99.9%",
                                                         item.name));
    }
}

/// A list at the top of the file, of a length that can be simulated.
[[nodiscard]] std::vector<Field> section_list(Reading& reading, MapReader& top, std::string_view key) {
    auto items = top.list(key);
    if (items.size() > most_entries) {
        reading.diagnostics.error(items[most_entries].at(), fmt::format("{}: more than {} entries", key, most_entries));
        items.clear();
    }
    return items;
}

}  // namespace

void read_faults(Reading& reading, MapReader& top) {
    for (const Field& item : section_list(reading, top, "faults")) read_fault(reading, item);
}

void read_objectives(Reading& reading, MapReader& top) {
    for (const Field& item : section_list(reading, top, "slo")) read_objective(reading, item);
}

}  // namespace fleetsim::scenario
