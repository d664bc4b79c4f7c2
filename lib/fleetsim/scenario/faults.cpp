#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scenario/faults.hpp>
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
        if (!group) warn_without_instances(reading, map, "terminate");
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
    const auto zone = read_zone_in_use(reading, map, "az_outage");
    if (!zone) return;
    outage.zone = *zone;
    fault.what = outage;
}

/// Types that groups launch, or those that they buy as Spot Instances.
[[nodiscard]] std::vector<std::string> types_in_use(const Reading& reading, bool spot) {
    std::set<std::string> names;
    for (const sim::AutoScalingGroup& group : reading.scenario.groups) {
        for (const sim::InstanceOption& option : group.options) {
            if (!spot || !option.spot_pools.empty()) names.insert(option.type.name);
        }
    }
    return {names.begin(), names.end()};
}

/// The instance type under `key`, which some group launches, or buys as Spot.
[[nodiscard]] std::string read_type(Reading& reading, MapReader& map, std::string_view key, bool spot) {
    const auto field = map.find(key);
    if (!field || !is_scalar(reading.diagnostics, *field, "an instance type such as m5.large")) return {};
    const std::vector<std::string> names = types_in_use(reading, spot);
    if (std::find(names.begin(), names.end(), field->text()) == names.end() && reading.types_known &&
        reading.group_names.complete()) {
        reading.diagnostics.error(
            field->at(),
            fmt::format("no Auto Scaling group {} {}", spot ? "buys Spot Instances of" : "launches",
                        in_quotes(field->text())),
            names.empty() ? "" : fmt::format("they {} {}", spot ? "buy" : "launch", listed(names)));
    }
    return field->text();
}

void read_insufficient_capacity(Reading& reading, sim::Fault& fault, MapReader& map) {
    sim::InsufficientCapacity what;
    what.instance_type = read_type(reading, map, "insufficient_capacity", false);
    what.zone = read_zone_in_use(reading, map, "availability_zone").value_or(sim::ZoneId::none());
    const auto& groups = reading.scenario.groups;
    const bool launches = std::any_of(groups.begin(), groups.end(), [&](const sim::AutoScalingGroup& group) {
        return std::find(group.zones.begin(), group.zones.end(), what.zone) != group.zones.end();
    });
    if (what.zone.exists() && !launches && reading.zones_known) {
        reading.diagnostics.warning(map.place_of("availability_zone"),
                                    "insufficient_capacity has no effect: no Auto Scaling group uses the zone");
    }
    map.require("duration", what.duration, DurationIn{above_zero});
    fault.what = std::move(what);
}

[[nodiscard]] bool uses_fargate_spot(const Reading& reading) {
    const auto& clusters = reading.scenario.clusters;
    return std::any_of(clusters.begin(), clusters.end(), [](const sim::Cluster& cluster) {
        return std::any_of(cluster.capacity_providers.begin(), cluster.capacity_providers.end(),
                           [](const auto& provider) { return provider.kind == sim::ProviderKind::fargate_spot; });
    });
}

void read_reclaim(Reading& reading, sim::Fault& fault, MapReader& map) {
    sim::ReclaimSpot what;
    const auto type = map.find("reclaim_spot");
    const bool is_text = type->value.node->kind == Node::Kind::scalar;
    const bool all = is_text && type->text() == "all";
    what.fargate = is_text && type->text() == "FARGATE_SPOT";
    if (!all && !what.fargate) what.instance_type = read_type(reading, map, "reclaim_spot", true);
    const bool known = reading.types_known && reading.group_names.complete();
    if (all && reading.scenario.spot_pools.empty() && !uses_fargate_spot(reading) && known) {
        reading.diagnostics.error(type->at(), "reclaim_spot: no Auto Scaling group buys Spot Instances");
    }
    if (what.fargate && !uses_fargate_spot(reading)) {
        reading.diagnostics.error(type->at(), "reclaim_spot: no cluster has the capacity provider FARGATE_SPOT");
    }
    what.zone = read_zone_in_use(reading, map, "availability_zone").value_or(sim::ZoneId::none());
    map.read("share", what.share, parse_share);
    fault.what = std::move(what);
}

void read_impairment(Reading& reading, sim::Fault& fault, MapReader& map) {
    constexpr std::array<std::string_view, 1> victims{"instance"};
    sim::ImpairInstance what;
    bool victim = false;
    map.require("impair", victim, named<bool>(victims));
    map.read("check", what.check, named<sim::HealthCheck>(sim::health_check_names));
    if (const auto group = map.find("auto_scaling_group")) {
        what.group = reading.group_names.resolve(reading.diagnostics, *group).value_or(sim::GroupId::none());
    } else {
        warn_without_instances(reading, map, "impair");
    }
    fault.what = what;
}

struct FaultKind {
    std::string_view key;
    void (*read)(Reading&, sim::Fault&, MapReader&);
};

constexpr std::array fault_kinds{
    FaultKind{"terminate", read_termination},
    FaultKind{"az_outage", read_outage},
    FaultKind{"insufficient_capacity", read_insufficient_capacity},
    FaultKind{"reclaim_spot", read_reclaim},
    FaultKind{"impair", read_impairment},
    FaultKind{"task_crashes", read_task_crashes},
    FaultKind{"instance_failures", read_instance_failures},
    FaultKind{"slow_zone", read_slow_zone},
    FaultKind{"image_pulls", read_registry_outage},
    FaultKind{"api_throttling", read_api_throttling},
};

void read_fault(Reading& reading, const Field& item) {
    sim::Fault fault;
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return;
    fault.at = read_at(reading, map);
    std::vector<std::string_view> keys;
    std::vector<const FaultKind*> found;
    for (const FaultKind& kind : fault_kinds) {
        keys.push_back(kind.key);
        if (map.find(kind.key)) found.push_back(&kind);
    }
    if (found.size() != 1) {
        const std::string all = found.empty() ? "" : fmt::format(", found {} and {}", found[0]->key, found[1]->key);
        reading.diagnostics.error(item.at(), fmt::format("{}: expected one of {}{}", item.name, listed(keys), all));
        return;
    }
    found[0]->read(reading, fault, map);
    map.finish();
    reading.scenario.faults.push_back(std::move(fault));
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

[[nodiscard]] bool is_clock_time(std::string_view text) { return text.find(':') != std::string_view::npos; }

/// Time since the scenario's start: a duration, or the first such time of day that does not come before it.
struct SinceStart {
    std::chrono::sys_seconds start;

    [[nodiscard]] Parsed<des::Duration> operator()(std::string_view text) const {
        using Result = Parsed<des::Duration>;
        const auto duration = DurationIn{}(text);
        if (!is_clock_time(text) && duration.value) return duration;
        const auto clock = parse_clock_time(text);
        if (!clock.value) return Result::bad(duration.expected + " or a time of day such as 10:00", duration.hint);
        const std::chrono::seconds at = std::chrono::floor<std::chrono::days>(start) + *clock.value - start;
        return Result::good(at < at.zero() ? at + std::chrono::days{1} : at);
    }
};

/// Who the zones of the scenario are of.
[[nodiscard]] std::string_view zone_users(const Reading& reading) {
    if (reading.scenario.groups.empty()) return "task on Fargate";
    const auto& clusters = reading.scenario.clusters;
    const bool on_fargate = std::any_of(clusters.begin(), clusters.end(), [](const sim::Cluster& cluster) {
        return std::any_of(cluster.capacity_providers.begin(), cluster.capacity_providers.end(),
                           [](const auto& provider) { return provider.is_fargate(); });
    });
    return on_fargate ? "Auto Scaling group or task on Fargate" : "Auto Scaling group";
}

}  // namespace

std::optional<sim::ZoneId> read_zone_in_use(Reading& reading, MapReader& map, std::string_view key) {
    const auto zone = map.find(key);
    if (!zone || !is_scalar(reading.diagnostics, *zone, "a zone such as us-east-1a")) return std::nullopt;
    const auto known = reading.zones.find(zone->text());
    if (known != reading.zones.end()) return known->second;
    if (reading.zones_known && reading.group_names.complete()) {
        std::vector<std::string> names(reading.scenario.zones.begin(), reading.scenario.zones.end());
        reading.diagnostics.error(zone->at(),
                                  fmt::format("no {} uses the zone {}", zone_users(reading), in_quotes(zone->text())),
                                  names.empty() ? "" : fmt::format("they use {}", listed(names)));
    }
    return std::nullopt;
}

void warn_without_instances(Reading& reading, const MapReader& map, std::string_view key) {
    if (!reading.scenario.groups.empty() || !reading.group_names.complete()) return;
    reading.diagnostics.warning(map.place_of(key),
                                fmt::format("{} has no effect: there is no Auto Scaling group", key));
}

des::Time read_at(Reading& reading, MapReader& map) {
    des::Duration at{};
    if (map.require("at", at, SinceStart{reading.scenario.start}) && reading.duration_known &&
        at >= reading.scenario.duration) {
        const std::string& written = map.find("at")->text();
        const std::string clock = is_clock_time(written) ? fmt::format("{}, ", written) : "";
        reading.diagnostics.error(
            map.place_of("at"), fmt::format("at: {}{} is not before the scenario's end at {}", clock, duration_text(at),
                                            duration_text(reading.scenario.duration)));
    }
    return des::Time{at};
}

std::vector<Field> section_list(Reading& reading, MapReader& top, std::string_view key) {
    auto items = top.list(key);
    if (items.size() > most_entries) {
        reading.diagnostics.error(items[most_entries].at(), fmt::format("{}: more than {} entries", key, most_entries));
        items.clear();
    }
    return items;
}

void read_faults(Reading& reading, MapReader& top) {
    for (const Field& item : section_list(reading, top, "faults")) read_fault(reading, item);
}

void read_objectives(Reading& reading, MapReader& top) {
    for (const Field& item : section_list(reading, top, "slo")) read_objective(reading, item);
}

}  // namespace fleetsim::scenario
