#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include <fleetsim/placement/registry.hpp>
#include <fleetsim/scenario/distributions.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

enum class NetworkMode : std::uint8_t { bridge, awsvpc, host };

[[nodiscard]] std::optional<NetworkMode> network_mode(std::string_view text) {
    if (text == "bridge") return NetworkMode::bridge;
    if (text == "awsvpc") return NetworkMode::awsvpc;
    return text == "host" ? std::optional(NetworkMode::host) : std::nullopt;
}

/// Fills in what a task needs; the network mode also decides how long a task takes to start.
NetworkMode read_task(Reading& reading, sim::Service& service, ServiceNotes& notes, const Field& field) {
    constexpr std::int64_t most_cpu_units = 1'024 * 1'024;
    constexpr std::array<std::string_view, 3> modes{"bridge", "awsvpc", "host"};
    placement::Amounts amounts;
    NetworkMode mode = NetworkMode::bridge;
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return mode;
    bool good = map.require("cpu", amounts.cpu_units, IntegerIn{1, most_cpu_units});
    good = map.require("memory", amounts.memory_mib, SizeMib{}) && good;
    good = map.read("gpu", amounts.gpus, IntegerIn{0, 64}) && good;
    good = map.read("network_mode", mode, one_of<NetworkMode>(modes, network_mode)) && good;
    read_host_ports(reading, service, notes, map);
    if (mode == NetworkMode::awsvpc && !service.shape.host_ports.empty()) {
        reading.diagnostics.error(map.place_of("host_ports"),
                                  "host_ports: in awsvpc mode each task has a network interface of its own, and takes "
                                  "no ports of the instance",
                                  "remove them, or choose bridge or host");
    }
    map.finish();
    amounts.eni_slots = mode == NetworkMode::awsvpc ? 1 : 0;
    service.shape.task = placement::resources(amounts);
    notes.task_known = good;
    notes.cpu_at = map.place_of("cpu");
    notes.memory_at = map.place_of("memory");
    notes.gpu_at = map.place_of("gpu");
    notes.network_at = map.place_of("network_mode");
    return mode;
}

void read_start_time(Reading& reading, sim::Service& service, MapReader& map, NetworkMode mode) {
    service.start_time = mode == NetworkMode::awsvpc ? des::lognormal_median_quantile(6, 0.95, 12)
                                                     : des::lognormal_median_quantile(1.5, 0.95, 4);
    if (const auto field = map.find("start_time")) {
        static_cast<void>(read_distribution(reading.diagnostics, *field, service.start_time));
    } else {
        reading.silences.start_time.add(service.name);
    }
}

/// Where the service runs, what a task needs, and how many there are.
void read_shape(Reading& reading, sim::Service& service, ServiceNotes& notes, MapReader& map) {
    if (const auto cluster = map.require("cluster")) {
        const auto id = reading.cluster_names.resolve(reading.diagnostics, *cluster);
        if (id) service.cluster = *id;
    }
    NetworkMode mode = NetworkMode::bridge;
    if (const auto task = map.require("task")) mode = read_task(reading, service, notes, *task);
    read_start_time(reading, service, map, mode);
    map.read("desired_count", service.desired_count, IntegerIn{0, most_tasks});
    map.read("health_check_grace_period_seconds", service.health_check_grace_period,
             DurationIn{{}, longest_duration, BareNumber::seconds});
    read_placement(reading, service, notes, map);
}

void read_service(Reading& reading, const Declared<sim::ServiceId>& declared) {
    sim::Service& service = reading.scenario.services[declared.id];
    ServiceNotes& notes = reading.service_notes[declared.id];
    notes.name_at = declared.field.key_at;
    notes.target_group.service = declared.id;
    MapReader map(reading.diagnostics, declared.field);
    if (!map.is_mapping()) return;
    read_shape(reading, service, notes, map);
    if (const auto serving = map.require("serving")) read_serving(reading, service, notes, *serving);
    notes.calls = map.find("calls");
    const auto autoscaling = map.find("autoscaling");
    if (autoscaling) read_autoscaling(reading, declared.id, *autoscaling);
    if (const auto target_group = map.find("target_group")) read_target_group(reading, declared.id, *target_group);
    map.finish();
    if (!service.autoscaling) return;
    const auto& [min, max, policies] = *service.autoscaling;
    if (map.find("desired_count") && (service.desired_count < min || service.desired_count > max)) {
        reading.diagnostics.error(map.place_of("desired_count"),
                                  fmt::format("desired_count {} lies outside min_capacity {} to max_capacity {}",
                                              service.desired_count, min, max));
    } else if (!map.find("desired_count")) {
        // Application Auto Scaling would bring it there at once.
        service.desired_count = std::clamp(service.desired_count, min, max);
    }
}

}  // namespace

void read_services(Reading& reading) {
    for (const Declared<sim::ServiceId>& declared : reading.services) read_service(reading, declared);
}

}  // namespace fleetsim::scenario
