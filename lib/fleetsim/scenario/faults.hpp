#pragma once

#include <optional>
#include <string_view>

#include <fleetsim/scenario/map_reader.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/sim/scenario.hpp>

/// What the readers of faults share: those of single blows, and those of what lasts.
namespace fleetsim::scenario {

/// The zone under `key`, which some group, or a task on Fargate, uses. Nothing without a report when their own zones
/// are wrong.
[[nodiscard]] std::optional<sim::ZoneId> read_zone_in_use(Reading& reading, MapReader& map, std::string_view key);

/// Warns of what happens to instances, and names no group, where there are none.
void warn_without_instances(Reading& reading, const MapReader& map, std::string_view key);

/// Faults that last, each of the key that names it.
void read_task_crashes(Reading& reading, sim::Fault& fault, MapReader& map);
void read_instance_failures(Reading& reading, sim::Fault& fault, MapReader& map);
void read_slow_zone(Reading& reading, sim::Fault& fault, MapReader& map);
void read_registry_outage(Reading& reading, sim::Fault& fault, MapReader& map);
void read_api_throttling(Reading& reading, sim::Fault& fault, MapReader& map);

}  // namespace fleetsim::scenario
