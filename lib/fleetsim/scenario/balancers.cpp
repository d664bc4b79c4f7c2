#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <string>

#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

/// Price of one load balancer for an hour, where it is known.
///
/// Source: AWS Price List, Application Load Balancer in US East (N. Virginia).
[[nodiscard]] std::optional<double> load_balancer_price_usd_per_hour(std::string_view region) {
    if (region == "us-east-1") return 0.0225;
    return std::nullopt;
}

/// Each load balancer has a target group of its own for the service.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS service quotas", target groups per service.
void check_target_groups(Reading& reading, sim::ServiceId service, const Field& forward) {
    constexpr std::ptrdiff_t most = 5;
    const auto& notes = reading.balancer_notes;
    const auto groups = std::count_if(
        notes.begin(), notes.end(), [&](const BalancerNotes& balancer) { return balancer.forwards.contains(service); });
    if (groups != most + 1) return;
    reading.diagnostics.error(
        forward.at(), fmt::format("{}: at most {} load balancers forward to {}, with a target group each", forward.name,
                                  most, called("service", reading.scenario.services[service].name)));
}

/// A service that a balancer forwards to; its target group behind the balancer is made here.
[[nodiscard]] std::optional<sim::ServiceId> read_forward(Reading& reading, sim::BalancerId balancer, MapReader& map,
                                                         std::string_view key) {
    const auto field = map.require(key);
    if (!field) return std::nullopt;
    const auto service = reading.service_names.resolve(reading.diagnostics, *field);
    if (service) {
        static_cast<void>(target_group_of(reading, balancer, *service));
        const bool first = reading.balancer_notes[balancer].forwards.emplace(*service, field->at()).second;
        if (first) check_target_groups(reading, *service, *field);
    }
    return service;
}

/// Reads the rules into the listener. False when one is wrong.
[[nodiscard]] bool read_rules(Reading& reading, sim::BalancerId balancer, ServiceListener& listener, MapReader& map) {
    constexpr std::int64_t last_priority = 50'000;
    std::set<std::int32_t> priorities;
    bool all_good = true;
    const auto items = map.list("rules");
    if (items.size() > most_rules) {
        reading.diagnostics.error(items[most_rules].at(),
                                  fmt::format("rules: at most {}, found {}", most_rules, items.size()));
        return false;
    }
    for (const Field& item : items) {
        routing::PathRule<sim::ServiceId> rule;
        rule.priority = static_cast<std::int32_t>(&item - items.data()) + 1;
        MapReader rule_map(reading.diagnostics, item);
        if (!rule_map.is_mapping()) {
            all_good = false;
            continue;
        }
        const Position pattern_at = rule_map.place_of("path_pattern");
        bool good = rule_map.require("path_pattern", rule.path_pattern, PathPattern{});
        if (good && std::string_view("/*?").find(rule.path_pattern.front()) == std::string_view::npos) {
            reading.diagnostics.warning(pattern_at, fmt::format("path_pattern {} matches no path: paths begin with /",
                                                                in_quotes(rule.path_pattern)));
        }
        good = rule_map.read("priority", rule.priority, IntegerIn{1, last_priority}) && good;
        const auto service = read_forward(reading, balancer, rule_map, "forward");
        rule_map.finish();
        if (good && !priorities.insert(rule.priority).second) {
            reading.diagnostics.error(rule_map.place_of("priority"),
                                      fmt::format("another rule of this listener has the priority {}", rule.priority));
        }
        if (service) rule.forward = *service;
        all_good = all_good && good && service.has_value();
        listener.rules.push_back(std::move(rule));
    }
    return all_good;
}

void read_listener(Reading& reading, sim::BalancerId balancer, const Field& item, std::set<std::uint16_t>& ports) {
    constexpr std::array<std::string_view, 2> protocols{"HTTP", "HTTPS"};
    BalancerNotes& notes = reading.balancer_notes[balancer];
    ServiceListener listener;
    MapReader map(reading.diagnostics, item);
    bool good = map.is_mapping();
    if (good) {
        good = map.require("port", listener.port, IntegerIn{1, 65'535});
        if (good && !ports.insert(listener.port).second) {
            reading.diagnostics.error(map.place_of("port"),
                                      fmt::format("another listener has the port {}", listener.port));
        }
        map.read("protocol", listener.https, one_of<bool>(protocols, [](std::string_view text) -> std::optional<bool> {
                     if (text == "HTTPS") return true;
                     return text == "HTTP" ? std::optional(false) : std::nullopt;
                 }));
        const auto target = read_forward(reading, balancer, map, "default");
        if (target) listener.default_target = *target;
        good = read_rules(reading, balancer, listener, map) && target && good;
        map.finish();
    }
    notes.complete = notes.complete && good;
    notes.listeners.push_back(std::move(listener));
}

}  // namespace

void read_balancers(Reading& reading) {
    constexpr DurationIn any_idle_timeout{std::chrono::seconds{1}, std::chrono::seconds{4'000}, BareNumber::seconds};
    for (const Declared<sim::BalancerId>& declared : reading.balancers) {
        sim::LoadBalancer& balancer = reading.scenario.balancers[declared.id];
        balancer.price_usd_per_hour = load_balancer_price_usd_per_hour(reading.scenario.region);
        BalancerNotes& notes = reading.balancer_notes[declared.id];
        MapReader map(reading.diagnostics, declared.field);
        notes.complete = map.is_mapping();
        if (!map.is_mapping()) continue;
        map.read("internal", balancer.internal, parse_flag);
        read_balancer_network(reading, declared.id, map);
        map.read("idle_timeout", balancer.idle_timeout, any_idle_timeout);
        const auto listeners = map.require("listeners");
        std::set<std::uint16_t> ports;
        const auto items = listeners ? items_of(reading.diagnostics, *listeners) : std::vector<Field>{};
        for (const Field& item : items) read_listener(reading, declared.id, item, ports);
        if (items.empty()) notes.complete = false;
        if (listeners && items.empty() && listeners->value.node->kind != Node::Kind::scalar &&
            listeners->value.node->kind != Node::Kind::mapping) {
            reading.diagnostics.error(listeners->at(), "listeners needs at least one entry");
        }
        map.finish();
    }
}

namespace {

/// Tasks that boot longer than their health checks have patience are replaced for ever.
void warn_of_endless_replacement(Reading& reading, sim::ServiceId id) {
    const sim::Service& service = reading.scenario.services[id];
    const ServiceNotes& notes = reading.service_notes[id];
    const routing::HealthCheck& check = notes.target_group.health_check;
    const des::Time started{};
    const des::Time boots = started + service.serving.boot_time;
    const routing::TargetVerdict first = routing::first_verdict(check, started, boots);
    if (first.state == routing::TargetState::healthy) return;
    const des::Duration recovered = routing::recovered_at(check, started, boots).time_since_epoch();
    if (service.health_check_grace_period >= recovered) return;
    reading.diagnostics.warning(
        notes.name_at,
        fmt::format("{} boots for {} and fails its health checks after {}: its tasks are replaced for ever",
                    called("service", service.name), duration_text(service.serving.boot_time),
                    duration_text(first.at.time_since_epoch())),
        fmt::format("health_check_grace_period_seconds from {} on lets them become healthy", duration_text(recovered)));
}

}  // namespace

void check_behind_balancers(Reading& reading) {
    const bool all_known = std::all_of(reading.balancer_notes.begin(), reading.balancer_notes.end(),
                                       [](const BalancerNotes& balancer) { return balancer.complete; });
    if (!all_known || !reading.balancer_names.complete()) return;
    std::set<sim::ServiceId> behind;
    for (const sim::TargetGroup& group : reading.scenario.target_groups) behind.insert(group.service);
    for (const Declared<sim::ServiceId>& declared : reading.services) {
        if (behind.contains(declared.id)) {
            warn_of_endless_replacement(reading, declared.id);
            continue;
        }
        const ServiceNotes& notes = reading.service_notes[declared.id];
        for (const BalancerMetric& metric : notes.balancer_metrics) {
            reading.diagnostics.error(
                metric.at, fmt::format("{}: no load balancer forwards to {}", metric.name, declared.field.name));
        }
        if (notes.target_group_at && !notes.network.port) {
            reading.diagnostics.warning(
                *notes.target_group_at,
                fmt::format("target_group has no effect: no load balancer forwards to {}", declared.field.name));
        }
    }
}

const ServiceListener* listener_for(Reading& reading, sim::BalancerId balancer, MapReader& map) {
    const BalancerNotes& notes = reading.balancer_notes[balancer];
    const auto field = map.find("port");
    std::uint16_t port = 0;
    if (!map.read("port", port, IntegerIn{1, 65'535}) || !notes.complete) return nullptr;
    if (!field) return &notes.listeners.front();
    for (const ServiceListener& listener : notes.listeners) {
        if (listener.port == port) return &listener;
    }
    std::vector<std::string> ports;
    for (const ServiceListener& listener : notes.listeners) ports.push_back(std::to_string(listener.port));
    reading.diagnostics.error(field->at(),
                              fmt::format("{} has no listener on port {}",
                                          called("load balancer", reading.scenario.balancers[balancer].name), port),
                              fmt::format("it listens on {}", listed(ports)));
    return nullptr;
}

}  // namespace fleetsim::scenario
