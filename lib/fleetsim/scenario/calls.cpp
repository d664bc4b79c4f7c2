#include <optional>
#include <string>

#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

/// Finds where the call arrives. One through a balancer goes where the listener's rules send its path, so that must be
/// the service that is named.
[[nodiscard]] bool find_target(Reading& reading, ReadCall& call, sim::ServiceId service, MapReader& map,
                               bool path_good) {
    const auto via = map.find("via");
    if (!via) {
        if (const auto port = map.find("port")) {
            reading.diagnostics.error(port->key_at, "port: a call without via goes straight to the service");
            return false;
        }
        call.to = target_group_of(reading, sim::BalancerId::none(), service);
        return true;
    }
    const auto balancer = reading.balancer_names.resolve(reading.diagnostics, *via);
    if (!balancer) return false;
    const ServiceListener* const listener = listener_for(reading, *balancer, map);
    if (listener == nullptr || !path_good) return false;
    call.port = listener->port;
    const sim::ServiceId reached = routing::forward(*listener, call.path);
    if (reached == service) {
        call.to = target_group_of(reading, *balancer, service);
        return true;
    }
    reading.diagnostics.error(
        map.place_of("via"),
        fmt::format("the call does not reach {}: {} sends {} on port {} to {}",
                    called("service", reading.scenario.services[service].name),
                    called("load balancer", reading.scenario.balancers[*balancer].name), in_quotes(call.path),
                    listener->port, called("service", reading.scenario.services[reached].name)));
    return false;
}

void read_call(Reading& reading, ServiceNotes& notes, const Field& item) {
    ReadCall call;
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return;
    const auto service_field = map.require("service");
    const auto service =
        service_field ? reading.service_names.resolve(reading.diagnostics, *service_field) : std::nullopt;
    const bool path_good = map.read("path", call.path, RequestPath{});
    const bool pattern_good = map.read("for_path_pattern", call.for_path_pattern, PathPattern{});
    const bool probability_good = map.read("probability", call.probability, NumberIn{0, 1});
    static_cast<void>(map.find("via"));
    static_cast<void>(map.find("port"));
    map.finish();
    if (!service) return;
    call.at = service_field->at();
    if (!find_target(reading, call, *service, map, path_good) || !path_good || !pattern_good || !probability_good) {
        return;
    }
    notes.read_calls.push_back(std::move(call));
}

}  // namespace

void read_calls(Reading& reading) {
    for (const Declared<sim::ServiceId>& declared : reading.services) {
        ServiceNotes& notes = reading.service_notes[declared.id];
        if (!notes.calls) continue;
        const auto items = items_of(reading.diagnostics, *notes.calls);
        if (items.size() > most_calls) {
            reading.diagnostics.error(notes.calls->at(),
                                      fmt::format("calls: at most {}, found {}", most_calls, items.size()));
            continue;
        }
        for (const Field& item : items) read_call(reading, notes, item);
    }
}

}  // namespace fleetsim::scenario
