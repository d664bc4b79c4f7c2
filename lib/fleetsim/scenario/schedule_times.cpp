#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/scenario/schedule_times.hpp>

namespace fleetsim::scenario {

namespace {

[[nodiscard]] bool read_time_zone(MapReader& map, std::string_view key, scaling::TimeZone& zone) {
    const auto field = map.find(key);
    if (!field) return true;
    if (!is_scalar(map.diagnostics(), *field, "a time zone such as Europe/Berlin")) return false;
    scaling::FoundTimeZone found = scaling::find_time_zone(field->text());
    if (!found.time_zone) {
        map.diagnostics().error(field->at(), fmt::format("{}: {}", key, found.message), std::move(found.hint));
        return false;
    }
    zone = *found.time_zone;
    return true;
}

}  // namespace

bool read_schedule_settings(MapReader& map, const TimeKeys& keys, scaling::ScheduleSettings& settings) {
    settings.scheduler = keys.scheduler;
    bool good = read_time_zone(map, keys.time_zone, settings.time_zone);
    good = map.read(keys.start, settings.start, parse_instant) && good;
    good = map.read(keys.end, settings.end, parse_instant) && good;
    if (good && settings.start && settings.end && *settings.end <= *settings.start) {
        map.diagnostics().error(map.place_of(keys.end), fmt::format("{} is not after {}", keys.end, keys.start));
        return false;
    }
    return good;
}

std::optional<scaling::Schedule> schedule_of(Diagnostics& diagnostics, const Field& field,
                                             scaling::ParsedSchedule parsed) {
    for (scaling::ExpressionError& error : parsed.errors) {
        error_within(diagnostics, field, error.offset, error.message, std::move(error.hint));
    }
    return std::move(parsed.schedule);
}

std::optional<scaling::Schedule> read_schedule(MapReader& map, const TimeKeys& keys) {
    scaling::ScheduleSettings settings;
    const auto field = map.require("schedule");
    const bool good = read_schedule_settings(map, keys, settings);
    if (!field || !is_scalar(map.diagnostics(), *field, "a schedule such as cron(0 8 ? * MON-FRI *)")) {
        return std::nullopt;
    }
    if (!good) settings = {};
    auto schedule = schedule_of(map.diagnostics(), *field, scaling::parse_schedule(field->text(), settings));
    return good ? std::move(schedule) : std::nullopt;
}

void check_runs(Reading& reading, const MapReader& map, const scaling::Schedule& schedule) {
    if (!reading.start_given) reading.silences.start_used = true;
    if (!reading.duration_known) return;
    const std::chrono::sys_seconds start = reading.scenario.start;
    const auto next = schedule.next_after(start - std::chrono::seconds{1});
    if (next && *next - start < reading.scenario.duration) return;
    reading.diagnostics.warning(
        map.at(), fmt::format("{}: it does not run between the scenario's start and its end", map.name()));
}

}  // namespace fleetsim::scenario
