#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/scenario/rates.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

[[nodiscard]] std::optional<traffic::Backoff> backoff(std::string_view text) {
    for (const auto& known : traffic::backoff_names) {
        if (known.name == text) return known.backoff;
    }
    return std::nullopt;
}

void read_client(Reading& reading, traffic::Client& client, const Field& field) {
    std::vector<std::string_view> names;
    for (const auto& known : traffic::backoff_names) names.push_back(known.name);
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return;
    map.read("timeout", client.timeout, DurationIn{above_zero});
    map.read("retries", client.retries, IntegerIn{0, 100});
    map.read("backoff", client.backoff, one_of<traffic::Backoff>(names, backoff));
    const bool base_good = map.read("backoff_base", client.backoff_base, DurationIn{});
    const bool cap_good = map.read("backoff_cap", client.backoff_cap, DurationIn{});
    if (base_good && cap_good && client.backoff_base > client.backoff_cap) {
        reading.diagnostics.error(map.place_of(map.find("backoff_base") ? "backoff_base" : "backoff_cap"),
                                  fmt::format("backoff_base {} is above backoff_cap {}",
                                              duration_text(client.backoff_base), duration_text(client.backoff_cap)));
    }
    map.finish();
}

[[nodiscard]] const std::filesystem::path* replacement(const Reading& reading, const std::string& source) {
    const std::filesystem::path* found = nullptr;
    for (const auto& [name, file] : reading.overrides.traffic) {
        if (name == source) found = &file;
    }
    return found;
}

void read_source_rate(Reading& reading, sim::TrafficSource& source, SourceNotes& notes, MapReader& map) {
    const std::filesystem::path* const file = replacement(reading, source.name);
    const auto field = file == nullptr ? map.require("rate") : map.find("rate");
    if (file != nullptr) {
        notes.rate_at = {};
        auto trace = read_trace_file(reading.diagnostics, {}, *file, traffic::TraceNumbers::requests);
        if (trace) source.rate = std::move(trace->rate);
        return;
    }
    if (!field) return;
    notes.rate_at = field->at();
    if (auto rate = read_profile(reading, *field, rates)) source.rate = std::move(*rate);
}

/// Where the source's requests go. Nothing without a report when the balancer is wrong itself.
[[nodiscard]] std::optional<sim::RouteId> read_destination(Reading& reading, SourceNotes& notes, MapReader& map) {
    std::string path = "/";
    const auto to = map.require("to");
    const bool path_good = map.read("path", path, RequestPath{});
    const auto balancer = to ? reading.balancer_names.resolve(reading.diagnostics, *to) : std::nullopt;
    if (!balancer) {
        static_cast<void>(map.find("port"));
        return std::nullopt;
    }
    const ServiceListener* const listener = listener_for(reading, *balancer, map);
    if (listener == nullptr) return std::nullopt;
    notes.to = *balancer;
    notes.to_at = to->at();
    notes.port = listener->port;
    if (!path_good) return std::nullopt;
    return route_of(reading, target_group_of(reading, *balancer, routing::forward(*listener, path)), path);
}

void read_source(Reading& reading, const Field& field) {
    sim::TrafficSource source;
    source.name = field.name;
    SourceNotes notes;
    notes.name_at = field.key_at;
    MapReader map(reading.diagnostics, {called("traffic", field.name), field.value, field.key_at});
    if (!map.is_mapping()) return;
    if (const auto route = read_destination(reading, notes, map)) source.to = *route;
    notes.users = read_users(reading, source.name, map);
    read_source_rate(reading, source, notes, map);
    if (const auto client = map.find("client")) read_client(reading, source.client, *client);
    map.finish();
    if (!source.client.timeout) reading.silences.client_timeout.add(source.name);
    static_cast<void>(reading.scenario.sources.add(std::move(source)));
    static_cast<void>(reading.source_notes.add(std::move(notes)));
}

}  // namespace

void read_traffic(Reading& reading, MapReader& top) {
    std::vector<std::string> names;
    bool complete = true;
    if (const auto section = top.find("traffic")) {
        MapReader map(reading.diagnostics, *section);
        complete = map.is_mapping() && map.size() <= most_sources;
        if (map.size() > most_sources) {
            reading.diagnostics.error(section->key_at, fmt::format("traffic: more than {} entries", most_sources));
        }
        for (const Field& field : complete ? map.all() : std::vector<Field>{}) {
            names.push_back(field.name);
            if (!is_name(field.name)) {
                reading.diagnostics.error(field.key_at, not_a_name(field.name));
            }
            read_source(reading, field);
        }
    }
    for (const auto& [name, file] : reading.overrides.traffic) {
        if (!complete || std::find(names.begin(), names.end(), name) != names.end()) continue;
        reading.diagnostics.error({}, fmt::format("unknown traffic {} on the command line", in_quotes(name)),
                                  nearest_hint(name, names));
    }
}

}  // namespace fleetsim::scenario
