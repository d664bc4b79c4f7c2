#include <fleetsim/routing/algorithm.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

void read_health_check(Reading& reading, routing::HealthCheck& check, const Field& field) {
    // Source: Elastic Load Balancing API Reference, CreateTargetGroup.
    constexpr DurationIn any_interval{std::chrono::seconds{5}, std::chrono::seconds{300}, BareNumber::seconds};
    constexpr DurationIn any_timeout{std::chrono::seconds{2}, std::chrono::seconds{120}, BareNumber::seconds};
    constexpr IntegerIn any_threshold{2, 10};
    MapReader map(reading.diagnostics, field);
    const bool interval_good = map.read("interval", check.interval, any_interval);
    const bool timeout_good = map.read("timeout", check.timeout, any_timeout);
    map.read("healthy_threshold", check.healthy_threshold, any_threshold);
    map.read("unhealthy_threshold", check.unhealthy_threshold, any_threshold);
    if (interval_good && timeout_good && check.timeout >= check.interval) {
        reading.diagnostics.error(map.place_of(map.find("timeout") ? "timeout" : "interval"),
                                  fmt::format("health_check: the timeout {} is not shorter than the interval {}",
                                              duration_text(check.timeout), duration_text(check.interval)));
    }
    map.finish();
}

}  // namespace

void read_target_group(Reading& reading, sim::ServiceId id, const Field& field) {
    constexpr DurationIn any_delay{{}, std::chrono::hours{1}, BareNumber::seconds};
    sim::TargetGroup& group = reading.service_notes[id].target_group;
    reading.service_notes[id].target_group_at = field.key_at;
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return;
    map.read("load_balancing_algorithm_type", group.algorithm,
             one_of<routing::Algorithm>(routing::algorithm_names, routing::algorithm));
    map.read("deregistration_delay", group.deregistration_delay, any_delay);
    TaskNetwork& network = reading.service_notes[id].network;
    if (!map.read("port", network.port, IntegerIn{1, 65'535})) network.known = false;
    if (const auto check = map.find("health_check")) read_health_check(reading, group.health_check, *check);
    map.finish();
}

sim::TargetGroupId target_group_of(Reading& reading, sim::BalancerId balancer, sim::ServiceId service) {
    const auto [entry, is_new] =
        reading.target_groups.emplace(std::pair(balancer, service), reading.scenario.target_groups.next_id());
    if (is_new) {
        sim::TargetGroup group;
        if (balancer.exists()) {
            group = reading.service_notes[service].target_group;
        } else {
            group.deregistration_delay = des::Duration::zero();
        }
        group.balancer = balancer;
        group.service = service;
        static_cast<void>(reading.scenario.target_groups.add(std::move(group)));
    }
    return entry->second;
}

}  // namespace fleetsim::scenario
