#include <algorithm>

#include <fleetsim/cloud/zone.hpp>
#include <fleetsim/scenario/distributions.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

void read_listed_zones(Reading& reading, sim::AutoScalingGroup& group, const Field& field) {
    const std::size_t before = reading.diagnostics.count();
    const auto items = items_of(reading.diagnostics, field);
    const bool is_list = field.value.node->kind == Node::Kind::list || field.value.node->kind == Node::Kind::null;
    if (items.empty() && is_list) {
        reading.diagnostics.error(field.at(), "availability_zones: expected at least one zone such as us-east-1a");
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

void read_zones(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map) {
    notes.network = read_place(reading, map, "vpc_zone_identifier", {});
    group.subnets = notes.network.subnets;
    const auto listed_zones = map.find("availability_zones");
    if (listed_zones) {
        read_listed_zones(reading, group, *listed_zones);
    } else if (!reading.network.exists) {
        group.zones.push_back(zone_id(reading, reading.scenario.region + "a"));
        reading.silences.zones.add(group.name);
    }
    if (!reading.network.exists) return;
    if (!notes.network.known || !reading.region_known) reading.zones_known = false;
    take_zones(reading, notes.network, group.zones, listed_zones);
}

/// The bounds that a capacity lies outside of, as far as they are known.
[[nodiscard]] std::string bounds_text(const sim::AutoScalingGroup& group, bool min_known, bool max_known) {
    if (!min_known) return fmt::format("above max_size {}", group.max_size);
    if (!max_known) return fmt::format("below min_size {}", group.min_size);
    return fmt::format("outside min_size {} to max_size {}", group.min_size, group.max_size);
}

void read_sizes(Reading& reading, sim::AutoScalingGroup& group, MapReader& map) {
    constexpr IntegerIn any_size{0, most_instances};
    const bool min_good = map.read("min_size", group.min_size, any_size);
    const bool max_good = map.require("max_size", group.max_size, any_size);
    group.desired_capacity = group.min_size;
    const bool desired_good = map.read("desired_capacity", group.desired_capacity, any_size);
    if (min_good && max_good && group.min_size > group.max_size) {
        reading.diagnostics.error(map.place_of("min_size"),
                                  fmt::format("min_size {} is above max_size {}", group.min_size, group.max_size));
        return;
    }
    const bool below = min_good && group.desired_capacity < group.min_size;
    const bool above = max_good && group.desired_capacity > group.max_size;
    if (desired_good && (below || above)) {
        reading.diagnostics.error(
            map.place_of("desired_capacity"),
            fmt::format("desired_capacity {} lies {}", group.desired_capacity, bounds_text(group, min_good, max_good)));
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
    read("running_to_in_service", group.launch_times.running_to_in_service);
    read("running_to_agent", group.launch_times.running_to_agent);
    read("agent_to_active", group.launch_times.agent_to_active);
    read("shutting_down", group.launch_times.shutting_down);
    read("stopping", group.launch_times.stopping);
    read("stopped_to_running", group.launch_times.stopped_to_running);
    times.finish();
}

void find_policies(PolicyFields& fields, MapReader& map) {
    fields.target_tracking = map.find("target_tracking");
    fields.step_scaling = map.find("step_scaling");
    fields.simple_scaling = map.find("simple_scaling");
    fields.predictive_scaling = map.find("predictive_scaling");
    fields.scheduled_actions = map.find("scheduled_actions");
}

void read_group(Reading& reading, const Declared<sim::GroupId>& declared) {
    sim::AutoScalingGroup& group = reading.scenario.groups[declared.id];
    GroupNotes& notes = reading.group_notes[declared.id];
    notes.name_at = declared.field.key_at;
    MapReader map(reading.diagnostics, declared.field);
    if (!map.is_mapping()) {
        reading.zones_known = false;
        reading.types_known = false;
        return;
    }
    read_zones(reading, group, notes, map);
    read_instance_options(reading, group, notes, map);
    read_sizes(reading, group, map);
    read_attributes(reading, group, notes, map);
    read_launch_times(reading, group, map);
    read_group_settings(reading, declared.id, map);
    read_image_settings(group, map);
    read_warm_pool(reading, group, map);
    read_lifecycle_hooks(reading, group, map);
    read_instance_refreshes(reading, declared.id, map);
    read_workload(reading, group, notes, map);
    find_policies(notes.policies, map);
    map.finish();
}

}  // namespace

sim::ZoneId zone_id(Reading& reading, const std::string& name) {
    const auto [entry, is_new] = reading.zones.emplace(name, reading.scenario.zones.next_id());
    if (is_new) static_cast<void>(reading.scenario.zones.add(name));
    return entry->second;
}

void read_groups(Reading& reading) {
    for (const Declared<sim::GroupId>& declared : reading.groups) read_group(reading, declared);
}

}  // namespace fleetsim::scenario
