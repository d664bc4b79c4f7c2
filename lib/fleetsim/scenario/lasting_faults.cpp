#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <fleetsim/scenario/faults.hpp>

namespace fleetsim::scenario {

namespace {

/// More than one a second is no fault any more, but the end of all work.
constexpr NumberIn any_per_hour{0, 3'600, true};
constexpr std::int64_t most_launches_per_minute = 100'000;

/// What happens at random at a rate, which goes on until the scenario's end if it does not say for how long.
template <class What>
void read_random(const Reading& reading, sim::Fault& fault, MapReader& map, std::string_view rate, What what,
                 double What::*per_hour) {
    map.require(rate, what.*per_hour, any_per_hour);
    what.duration = reading.scenario.duration - fault.at.time_since_epoch();
    map.read("duration", what.duration, DurationIn{above_zero});
    fault.what = what;
}

/// Every group or service, or the one that `key` names.
template <class IdType>
[[nodiscard]] IdType read_whose(Reading& reading, MapReader& map, std::string_view key, const Names<IdType>& names) {
    const auto field = map.find(key);
    if (field->value.node->kind == Node::Kind::scalar && field->text() == "all") return IdType::none();
    return names.resolve(reading.diagnostics, *field).value_or(IdType::none());
}

/// Launches a minute, `60/min`.
[[nodiscard]] Parsed<std::int64_t> parse_launches(std::string_view text) {
    const std::string expected = fmt::format("1 to {} launches a minute such as 60/min", most_launches_per_minute);
    const auto per_second = parse_rate_per_second(text);
    if (!per_second.value) {
        const bool bare = parse_integer(text).value.has_value();
        return Parsed<std::int64_t>::bad(expected, bare ? fmt::format("did you mean {}/min?", text) : "");
    }
    const double per_minute = *per_second.value * 60;
    const double whole = std::round(per_minute);
    // A rate a second is a rounded sixtieth of what is written.
    const bool is_whole = std::abs(per_minute - whole) <= 1e-9 * whole;
    if (!is_whole || whole < 1 || whole > static_cast<double>(most_launches_per_minute)) {
        return Parsed<std::int64_t>::bad(expected);
    }
    return Parsed<std::int64_t>::good(static_cast<std::int64_t>(whole));
}

}  // namespace

void read_task_crashes(Reading& reading, sim::Fault& fault, MapReader& map) {
    sim::TaskCrashes what;
    what.service = read_whose(reading, map, "task_crashes", reading.service_names);
    read_random(reading, fault, map, "per_task_hour", what, &sim::TaskCrashes::per_task_hour);
}

void read_instance_failures(Reading& reading, sim::Fault& fault, MapReader& map) {
    sim::InstanceFailures what;
    const std::size_t before = reading.diagnostics.count();
    what.group = read_whose(reading, map, "instance_failures", reading.group_names);
    if (reading.diagnostics.count() == before) warn_without_instances(reading, map, "instance_failures");
    read_random(reading, fault, map, "per_instance_hour", what, &sim::InstanceFailures::per_instance_hour);
}

void read_slow_zone(Reading& reading, sim::Fault& fault, MapReader& map) {
    constexpr double slowest = 1'000;
    sim::SlowZone what;
    map.require("factor", what.factor, NumberIn{1, slowest, true});
    map.require("duration", what.duration, DurationIn{above_zero});
    const auto zone = read_zone_in_use(reading, map, "slow_zone");
    if (!zone) return;
    what.zone = *zone;
    fault.what = what;
}

void read_registry_outage(Reading& reading, sim::Fault& fault, MapReader& map) {
    constexpr std::array<std::string_view, 1> outcomes{"fail"};
    bool outcome = false;
    sim::RegistryOutage what;
    map.require("image_pulls", outcome, named<bool>(outcomes));
    map.require("duration", what.duration, DurationIn{above_zero});
    fault.what = what;
    if (!reading.scenario.image_names.empty() || reading.diagnostics.has_errors()) return;
    reading.diagnostics.warning(map.place_of("image_pulls"), "image_pulls has no effect: no task has an image",
                                "list images, and name one in a task");
}

void read_api_throttling(Reading& /*reading*/, sim::Fault& fault, MapReader& map) {
    sim::ApiThrottling what;
    map.require("api_throttling", what.launches_per_minute, parse_launches);
    map.require("duration", what.duration, DurationIn{above_zero});
    fault.what = what;
}

}  // namespace fleetsim::scenario
