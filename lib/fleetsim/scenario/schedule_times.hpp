#pragma once

#include <optional>
#include <string_view>

#include <fleetsim/scaling/schedule.hpp>
#include <fleetsim/scenario/fields.hpp>
#include <fleetsim/scenario/map_reader.hpp>
#include <fleetsim/scenario/reading.hpp>

/// When scheduled actions and scheduled tasks run.
namespace fleetsim::scenario {

/// The keys beside an expression, and who reads it.
struct TimeKeys {
    std::string_view time_zone;
    std::string_view start = "start_time";
    std::string_view end = "end_time";
    scaling::Scheduler scheduler = scaling::Scheduler::auto_scaling;
};

/// Reads what stands beside an expression. False when something is wrong, which is reported.
[[nodiscard]] bool read_schedule_settings(MapReader& map, const TimeKeys& keys, scaling::ScheduleSettings& settings);

/// What was read from the field's text; its errors are reported.
[[nodiscard]] std::optional<scaling::Schedule> schedule_of(Diagnostics& diagnostics, const Field& field,
                                                           scaling::ParsedSchedule parsed);

/// Reads the key `schedule`, which must be there, and those beside it.
[[nodiscard]] std::optional<scaling::Schedule> read_schedule(MapReader& map, const TimeKeys& keys);

/// Warns of a schedule that the scenario never gets to see.
void check_runs(Reading& reading, const MapReader& map, const scaling::Schedule& schedule);

}  // namespace fleetsim::scenario
