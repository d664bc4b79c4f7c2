#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

/// Services from `from` on to `from` again, for people: `a → b → a`.
[[nodiscard]] std::string cycle_text(const Reading& reading, const std::vector<sim::ServiceId>& path,
                                     std::size_t from) {
    constexpr std::size_t shown = 10;
    std::string text;
    for (std::size_t i = from; i < path.size(); ++i) {
        if (i - from < shown) text += reading.scenario.services[path[i]].name + " → ";
        if (i - from == shown) text += "… → ";
    }
    return text + reading.scenario.services[path[from]].name;
}

/// A depth-first walk over calls, with its own stack since a chain may be as long as the file.
class CycleFinder {
public:
    explicit CycleFinder(Reading& reading) : reading_(reading), state_(reading.services.size(), State::fresh) {}

    void run() {
        for (const Declared<sim::ServiceId>& declared : reading_.services) {
            if (state_[declared.id.value] == State::fresh) walk(declared.id);
        }
    }

private:
    enum class State : std::uint8_t { fresh, open, done };

    void walk(sim::ServiceId start) {
        enter(start);
        while (!path_.empty()) {
            const sim::ServiceId at = path_.back();
            const auto& calls = reading_.service_notes[at].read_calls;
            if (next_.back() == calls.size()) {
                state_[at.value] = State::done;
                path_.pop_back();
                next_.pop_back();
                continue;
            }
            const sim::ServiceId callee = reading_.scenario.target_groups[calls[next_.back()++].to].service;
            if (state_[callee.value] == State::fresh)
                enter(callee);
            else if (state_[callee.value] == State::open)
                report(at, callee);
        }
    }

    void enter(sim::ServiceId service) {
        state_[service.value] = State::open;
        path_.push_back(service);
        next_.push_back(0);
    }

    void report(sim::ServiceId caller, sim::ServiceId callee) {
        const auto first = std::find(path_.begin(), path_.end(), callee);
        reading_.diagnostics.error(
            reading_.service_notes[caller].calls->key_at,
            fmt::format("calls go round in a circle: {}",
                        cycle_text(reading_, path_, static_cast<std::size_t>(first - path_.begin()))));
    }

    Reading& reading_;
    std::vector<State> state_;
    std::vector<sim::ServiceId> path_;
    std::vector<std::size_t> next_;
};

/// Gives every route that requests can take its calls, and so makes further routes. Ends because calls have no cycles.
void fill_routes(Reading& reading) {
    constexpr std::size_t most_route_calls = 1'000'000;
    std::size_t route_calls = 0;
    for (std::uint32_t i = 0; i < reading.scenario.routes.size(); ++i) {
        const sim::TargetGroupId target_group = reading.scenario.routes[{i}].target_group;
        const ServiceNotes& notes = reading.service_notes[reading.scenario.target_groups[target_group].service];
        route_calls += notes.read_calls.size();
        if (route_calls > most_route_calls) {
            reading.diagnostics.error(notes.calls->key_at,
                                      fmt::format("more than {} calls over all paths together", most_route_calls));
            return;
        }
        for (const ReadCall& call : notes.read_calls) {
            if (!routing::path_matches(call.for_path_pattern, reading.scenario.routes[{i}].path)) continue;
            const sim::RouteId to = route_of(reading, call.to, call.path);
            reading.scenario.routes[{i}].calls.push_back({to, call.probability});
        }
    }
}

/// The sources' volumes and those of all the calls they lead to, retries left out. A volume is a count or a rate of
/// requests, as `volume_of` measures it for one source.
template <class VolumeOf>
[[nodiscard]] double with_calls(const sim::Scenario& scenario, const VolumeOf& volume_of) {
    std::vector<double> expected(scenario.routes.size(), 0);
    std::vector<std::size_t> callers(scenario.routes.size(), 0);
    for (const sim::Route& route : scenario.routes) {
        for (const sim::Call& call : route.calls) ++callers[call.to.value];
    }
    for (const sim::TrafficSource& source : scenario.sources) {
        expected[source.to.value] += volume_of(source);
    }
    std::vector<sim::RouteId> ready;
    for (const sim::RouteId id : des::ids_of(scenario.routes)) {
        if (callers[id.value] == 0) ready.push_back(id);
    }
    double total = 0;
    while (!ready.empty()) {
        const sim::RouteId id = ready.back();
        ready.pop_back();
        total += expected[id.value];
        for (const sim::Call& call : scenario.routes[id].calls) {
            expected[call.to.value] += expected[id.value] * call.probability;
            if (--callers[call.to.value] == 0) ready.push_back(call.to);
        }
    }
    return total;
}

/// Refuses more than the engine can hold, at the source with the most.
template <class VolumeOf>
[[nodiscard]] bool volume_is_possible(Reading& reading, const VolumeOf& volume_of, double most, std::string_view what,
                                      std::string_view remedy) {
    const sim::Scenario& scenario = reading.scenario;
    const double total = with_calls(scenario, volume_of);
    if (total <= most) return true;
    sim::SourceId busiest{0};
    for (const sim::SourceId id : des::ids_of(scenario.sources)) {
        if (volume_of(scenario.sources[id]) > volume_of(scenario.sources[busiest])) busiest = id;
    }
    reading.diagnostics.error(reading.source_notes[busiest].rate_at,
                              fmt::format("about {:.3g} {}, at most {:.0e} are possible", total, what, most),
                              std::string(remedy));
    return false;
}

void check_volumes(Reading& reading) {
    const auto count = [end = des::Time{reading.scenario.duration}](const sim::TrafficSource& source) {
        return source.rate.expected(des::Time{}, end);
    };
    const auto peak = [](const sim::TrafficSource& source) { return source.rate.peak(); };
    // The peak bounds how many are in memory at once, with clients of ordinary patience.
    static_cast<void>(volume_is_possible(reading, count, 2e9, "requests and calls would be simulated",
                                         "shorten the duration or lower the rates") &&
                      volume_is_possible(reading, peak, 1e6, "requests and calls a second would come at the peak",
                                         "lower the rates"));
}

void warn_of_idle_services(Reading& reading) {
    if (reading.scenario.sources.empty()) return;
    std::vector<bool> reached(reading.services.size(), false);
    for (const sim::Route& route : reading.scenario.routes) {
        reached[reading.scenario.target_groups[route.target_group].service.value] = true;
    }
    for (const Declared<sim::ServiceId>& declared : reading.services) {
        if (reached[declared.id.value]) continue;
        reading.diagnostics.warning(declared.field.key_at, fmt::format("{} receives no traffic", declared.field.name));
    }
}

}  // namespace

void check_calls(Reading& reading) {
    CycleFinder(reading).run();
    // What follows would only repeat in other words what is wrong already.
    if (reading.diagnostics.has_errors()) return;
    fill_routes(reading);
    if (reading.diagnostics.has_errors()) return;
    check_volumes(reading);
    warn_of_idle_services(reading);
}

sim::RouteId route_of(Reading& reading, sim::TargetGroupId target_group, const std::string& path) {
    const auto [entry, is_new] =
        reading.routes.emplace(std::pair(target_group, path), reading.scenario.routes.next_id());
    if (is_new) static_cast<void>(reading.scenario.routes.add({target_group, path, {}}));
    return entry->second;
}

}  // namespace fleetsim::scenario
