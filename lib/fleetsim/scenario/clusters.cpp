#include <algorithm>
#include <array>
#include <optional>

#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

/// Largest step and longest warmup that ECS accepts.
///
/// Source: Amazon ECS API Reference, ManagedScaling.
constexpr IntegerIn any_step{1, 10'000};
constexpr DurationIn any_warmup{{}, std::chrono::seconds{10'000}, BareNumber::seconds};

void read_managed_scaling(Reading& reading, sim::CapacityProvider& provider, MapReader& map) {
    const auto field = map.find("managed_scaling");
    if (!field) return;
    scaling::ManagedScaling scaling;
    MapReader settings(reading.diagnostics, *field);
    settings.read("target_capacity", scaling.target_capacity, IntegerIn{1, 100});
    const bool min_good = settings.read("minimum_scaling_step_size", scaling.minimum_scaling_step_size, any_step);
    const bool max_good = settings.read("maximum_scaling_step_size", scaling.maximum_scaling_step_size, any_step);
    settings.read("instance_warmup_period", scaling.instance_warmup_period, any_warmup);
    settings.finish();
    if (min_good && max_good && scaling.minimum_scaling_step_size > scaling.maximum_scaling_step_size) {
        reading.diagnostics.error(settings.place_of("minimum_scaling_step_size"),
                                  fmt::format("minimum_scaling_step_size {} is above maximum_scaling_step_size {}",
                                              scaling.minimum_scaling_step_size, scaling.maximum_scaling_step_size));
    }
    provider.managed_scaling = scaling;
}

void read_provider(Reading& reading, sim::Cluster& cluster, const Field& item) {
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return;
    sim::CapacityProvider provider;
    if (const auto field = map.require("auto_scaling_group")) {
        if (const auto group = reading.group_names.resolve(reading.diagnostics, *field)) {
            provider.group = *group;
            if (reading.group_notes[*group].in_cluster) {
                reading.diagnostics.error(
                    field->at(),
                    fmt::format("Auto Scaling group {} already belongs to a cluster", in_quotes(field->text())),
                    "a group serves one cluster");
            }
            reading.group_notes[*group].in_cluster = true;
        }
    }
    read_managed_scaling(reading, provider, map);
    constexpr std::array<std::string_view, 2> protections{"ENABLED", "DISABLED"};
    const bool protection_good = map.read("managed_termination_protection", provider.managed_termination_protection,
                                          one_of<bool>(protections, [](std::string_view text) -> std::optional<bool> {
                                              if (text == "ENABLED") return true;
                                              return text == "DISABLED" ? std::optional(false) : std::nullopt;
                                          }));
    if (protection_good && provider.managed_termination_protection && !map.find("managed_scaling")) {
        reading.diagnostics.error(map.place_of("managed_termination_protection"),
                                  "managed_termination_protection ENABLED needs managed_scaling");
    }
    map.finish();
    if (provider.group.exists()) cluster.capacity_providers.push_back(provider);
}

}  // namespace

void read_clusters(Reading& reading) {
    bool providers_known = true;
    for (const Declared<sim::ClusterId>& declared : reading.clusters) {
        MapReader map(reading.diagnostics, declared.field);
        if (!map.is_mapping()) {
            providers_known = false;
            continue;
        }
        const auto field = map.require("capacity_providers");
        const auto items = field ? items_of(reading.diagnostics, *field) : std::vector<Field>{};
        if (field && items.empty() &&
            (field->value.node->kind == Node::Kind::list || field->value.node->kind == Node::Kind::null)) {
            reading.diagnostics.error(field->at(), "capacity_providers needs at least one entry");
        }
        for (const Field& item : items) {
            read_provider(reading, reading.scenario.clusters[declared.id], item);
        }
        // A provider whose group is not known may be the one that some group lacks.
        if (reading.scenario.clusters[declared.id].capacity_providers.size() != items.size() || items.empty()) {
            providers_known = false;
        } else {
            reading.cluster_notes[declared.id].complete = true;
        }
        map.finish();
    }
    if (!providers_known || !reading.cluster_names.complete()) return;
    for (const Declared<sim::GroupId>& declared : reading.groups) {
        if (reading.group_notes[declared.id].in_cluster) continue;
        reading.diagnostics.error(reading.group_notes[declared.id].name_at,
                                  fmt::format("{} belongs to no cluster: nothing could run on it", declared.field.name),
                                  "name it in a cluster's capacity_providers");
    }
}

}  // namespace fleetsim::scenario
