#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include <fleetsim/placement/registry.hpp>
#include <fleetsim/scenario/distributions.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/scenario/task_shape.hpp>

namespace fleetsim::scenario {

namespace {

/// Fills in what a task needs; the network mode also decides how long a task takes to start.
NetworkMode read_task(Reading& reading, sim::Service& service, ServiceNotes& notes, const Field& field) {
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return NetworkMode::bridge;
    TaskShape task = read_task_shape(map);
    map.finish();
    service.shape.task = task.need;
    service.shape.host_ports = std::move(task.host_ports);
    notes.host_ports_at = std::move(task.host_ports_at);
    notes.task_known = task.good;
    notes.cpu_at = map.place_of("cpu");
    notes.memory_at = map.place_of("memory");
    notes.gpu_at = map.place_of("gpu");
    notes.network_at = map.place_of("network_mode");
    return task.network_mode;
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
    map.read("deployment_minimum_healthy_percent", service.deployment.minimum_healthy_percent, IntegerIn{0, 100});
    map.read("deployment_maximum_percent", service.deployment.maximum_percent, IntegerIn{100, 200});
    map.read("health_check_grace_period_seconds", service.health_check_grace_period,
             DurationIn{{}, longest_duration, BareNumber::seconds});
    read_placement(reading, service, notes, map);
}

/// Warns of the smallest count that the service may have and at which no task could ever be replaced.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS service event messages" (unable to stop or start tasks during a
/// deployment because of the service deployment configuration).
void check_replaceable(Reading& reading, const sim::Service& service, const MapReader& map) {
    const scaling::DeploymentConfiguration& deployment = service.deployment;
    const std::int32_t least = service.autoscaling ? service.autoscaling->min_capacity : service.desired_count;
    const std::int32_t most = service.autoscaling ? service.autoscaling->max_capacity : service.desired_count;
    for (std::int32_t count = least; count <= most; ++count) {
        if (scaling::can_replace(deployment, count)) continue;
        return reading.diagnostics.warning(
            map.place_of("deployment_maximum_percent"),
            fmt::format("with {} {} no fewer than {} % must be healthy and no more than {} % may run: none can be "
                        "replaced, and an instance that drains is never left",
                        count, count == 1 ? "task" : "tasks", deployment.minimum_healthy_percent,
                        deployment.maximum_percent),
            "raise deployment_maximum_percent, or lower deployment_minimum_healthy_percent");
    }
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
    if (const auto autoscaling = map.find("autoscaling")) read_autoscaling(reading, service, notes, *autoscaling);
    if (const auto target_group = map.find("target_group")) read_target_group(reading, declared.id, *target_group);
    map.finish();
    check_replaceable(reading, service, map);
    if (!service.autoscaling) return;
    const std::int32_t min = service.autoscaling->min_capacity;
    const std::int32_t max = service.autoscaling->max_capacity;
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
