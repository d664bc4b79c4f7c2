#include <algorithm>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/cloud/registered_memory.hpp>
#include <fleetsim/cloud/zone.hpp>
#include <fleetsim/scenario/distributions.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

[[nodiscard]] sim::ZoneId zone_id(Reading& reading, const std::string& name) {
    const auto [entry, is_new] = reading.zones.emplace(name, reading.scenario.zones.next_id());
    if (is_new) static_cast<void>(reading.scenario.zones.add(name));
    return entry->second;
}

/// Regions where the type has a price, for a hint.
[[nodiscard]] std::string priced_regions(const std::string& type) {
    constexpr std::size_t shown = 3;
    std::vector<std::string> found;
    for (const std::string& region : cloud::catalogue().regions()) {
        if (found.size() < shown && cloud::catalogue().price_usd_per_hour(type, region)) found.push_back(region);
    }
    return found.empty() ? "" : fmt::format("it is priced in {}", listed(found));
}

void read_type(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map) {
    const auto field = map.require("instance_type");
    if (!field || !is_scalar(reading.diagnostics, *field, "an instance type such as m5.large")) return;
    const cloud::Catalogue& catalogue = cloud::catalogue();
    const cloud::InstanceType* const type = catalogue.find(field->text());
    if (type == nullptr) {
        reading.diagnostics.error(field->at(), fmt::format("unknown instance type {}", in_quotes(field->text())),
                                  nearest_hint(reading.diagnostics, field->text(), catalogue.type_names()));
        return;
    }
    group.type = *type;
    notes.registered_known = true;
    // Tasks in awsvpc mode take one interface each, and the instance keeps one for itself, where nothing better is
    // known.
    const std::int32_t eni_slots = type->awsvpc_tasks > 0 ? type->awsvpc_tasks : std::max(type->max_enis - 1, 0);
    group.registered = placement::resources({.cpu_units = cloud::registered_cpu_units(type->vcpu),
                                             .memory_mib = cloud::registered_memory_mib(*type),
                                             .gpus = type->gpus,
                                             .eni_slots = eni_slots});
    if (!reading.region_known) return;
    const auto price = catalogue.price_usd_per_hour(type->name, reading.scenario.region);
    if (price) {
        group.price_usd_per_hour = *price;
    } else {
        reading.diagnostics.error(field->at(),
                                  fmt::format("{} has no on-demand price in {}", type->name, reading.scenario.region),
                                  priced_regions(type->name));
    }
}

void read_registered_memory(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map) {
    std::int64_t memory_mib = 0;
    const bool given = map.find("registered_memory").has_value();
    if (!map.read("registered_memory", memory_mib, SizeMib{})) {
        notes.registered_known = false;
        return;
    }
    if (!notes.registered_known) return;
    if (!given) {
        const auto& known = cloud::known_registered_memory;
        const bool published =
            std::any_of(known.begin(), known.end(), [&](const auto& point) { return point.type == group.type.name; });
        if (!published) reading.silences.registered_memory.add(group.name);
        return;
    }
    if (memory_mib > group.type.memory_mib) {
        reading.diagnostics.error(
            map.place_of("registered_memory"),
            fmt::format("registered_memory: {} has only {} MiB", group.type.name, group.type.memory_mib));
        notes.registered_known = false;
        return;
    }
    group.registered[placement::memory_mib] = static_cast<std::int32_t>(memory_mib);
}

void read_zones(Reading& reading, sim::AutoScalingGroup& group, MapReader& map) {
    const auto field = map.find("availability_zones");
    if (!field) {
        group.zones.push_back(zone_id(reading, reading.scenario.region + "a"));
        reading.silences.zones.add(group.name);
        return;
    }
    const std::size_t before = reading.diagnostics.count();
    const auto items = items_of(reading.diagnostics, *field);
    const bool is_list = field->value.node->kind == Node::Kind::list || field->value.node->kind == Node::Kind::null;
    if (items.empty() && is_list) {
        reading.diagnostics.error(field->at(), "availability_zones: expected at least one zone such as us-east-1a");
    }
    for (const Field& item : items) {
        if (!is_scalar(reading.diagnostics, item, "a zone such as us-east-1a")) continue;
        if (!reading.region_known) continue;
        if (!cloud::is_zone_of(item.text(), reading.scenario.region)) {
            reading.diagnostics.error(
                item.at(), fmt::format("{} is not a zone of {}", in_quotes(item.text()), reading.scenario.region),
                fmt::format("its zones are {0}a to {0}f", reading.scenario.region));
            continue;
        }
        const sim::ZoneId zone = zone_id(reading, item.text());
        if (std::find(group.zones.begin(), group.zones.end(), zone) != group.zones.end()) {
            reading.diagnostics.error(item.at(), fmt::format("zone {} is listed twice", item.text()));
            continue;
        }
        group.zones.push_back(zone);
    }
    if (!reading.region_known || reading.diagnostics.count() != before) reading.zones_known = false;
}

void read_sizes(Reading& reading, sim::AutoScalingGroup& group, MapReader& map) {
    constexpr IntegerIn any_size{0, most_instances};
    bool good = map.read("min_size", group.min_size, any_size);
    good = map.require("max_size", group.max_size, any_size) && good;
    group.desired_capacity = group.min_size;
    const bool desired_good = map.read("desired_capacity", group.desired_capacity, any_size);
    if (!good) return;
    if (group.min_size > group.max_size) {
        reading.diagnostics.error(map.place_of("min_size"),
                                  fmt::format("min_size {} is above max_size {}", group.min_size, group.max_size));
        return;
    }
    if (desired_good && (group.desired_capacity < group.min_size || group.desired_capacity > group.max_size)) {
        reading.diagnostics.error(map.place_of("desired_capacity"),
                                  fmt::format("desired_capacity {} lies outside min_size {} to max_size {}",
                                              group.desired_capacity, group.min_size, group.max_size));
    }
}

void read_launch_times(Reading& reading, sim::AutoScalingGroup& group, MapReader& map) {
    const auto field = map.find("launch_times");
    if (!field) {
        reading.silences.launch_times.add(group.name);
        return;
    }
    MapReader times(reading.diagnostics, *field);
    const auto read = [&](std::string_view key, des::Distribution& out) {
        if (const auto time = times.find(key)) static_cast<void>(read_distribution(reading.diagnostics, *time, out));
    };
    read("decision_to_launch", group.launch_times.decision_to_launch);
    read("pending_to_running", group.launch_times.pending_to_running);
    read("running_to_agent", group.launch_times.running_to_agent);
    read("agent_to_active", group.launch_times.agent_to_active);
    read("shutting_down", group.launch_times.shutting_down);
    times.finish();
}

}  // namespace

void read_groups(Reading& reading) {
    for (const Declared<sim::GroupId>& declared : reading.groups) {
        sim::AutoScalingGroup& group = reading.scenario.groups[declared.id];
        GroupNotes& notes = reading.group_notes[declared.id];
        notes.name_at = declared.field.key_at;
        MapReader map(reading.diagnostics, declared.field);
        if (!map.is_mapping()) {
            reading.zones_known = false;
            continue;
        }
        read_type(reading, group, notes, map);
        read_registered_memory(reading, group, notes, map);
        read_zones(reading, group, map);
        read_sizes(reading, group, map);
        read_attributes(reading, group, notes, map);
        read_launch_times(reading, group, map);
        map.finish();
    }
}

}  // namespace fleetsim::scenario
