#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fleetsim/scenario/capacity_providers.hpp>
#include <fleetsim/scenario/mixed_instances.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/scenario/scaling_checks.hpp>

namespace fleetsim::scenario {

namespace {

/// Largest step and longest warmup that ECS accepts.
///
/// Source: Amazon ECS API Reference, ManagedScaling.
constexpr IntegerIn any_step{1, 10'000};
constexpr DurationIn any_warmup{{}, std::chrono::seconds{10'000}, BareNumber::seconds};

/// What a group cannot have while ECS sizes it.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS capacity providers for the EC2 launch type" (no instance weights)
/// and "Configuring pre-initialized instances for your Amazon ECS Auto Scaling group" (no reuse).
void check_managed_group(Reading& reading, sim::GroupId id, const Field& field) {
    const sim::AutoScalingGroup& group = reading.scenario.groups[id];
    reading.group_notes[id].managed = true;
    const std::string who = called("Auto Scaling group", group.name);
    if (is_weighted(group)) {
        reading.diagnostics.error(field.key_at, fmt::format("managed_scaling: capacity providers do not support the "
                                                            "weights of {}",
                                                            who));
    }
    if (group.warm_pool && group.warm_pool->reuse_on_scale_in) {
        reading.diagnostics.error(field.key_at,
                                  fmt::format("managed_scaling: {} returns instances to its warm pool, "
                                              "which ECS does not support",
                                              who),
                                  "reuse_on_scale_in: false");
    }
}

void read_managed_scaling(Reading& reading, sim::CapacityProvider& provider, MapReader& map) {
    const auto field = map.find("managed_scaling");
    if (!field) return;
    if (provider.group.exists()) check_managed_group(reading, provider.group, *field);
    scaling::ManagedScaling scaling;
    MapReader settings(reading.diagnostics, *field);
    settings.read("target_capacity", scaling.target_capacity, IntegerIn{1, 100});
    const bool min_good = settings.read("minimum_scaling_step_size", scaling.minimum_scaling_step_size, any_step);
    const bool max_good = settings.read("maximum_scaling_step_size", scaling.maximum_scaling_step_size, any_step);
    const bool warm_up_good = settings.read("instance_warmup_period", scaling.instance_warmup_period, any_warmup);
    if (warm_up_good && provider.group.exists() && settings.find("instance_warmup_period")) {
        note_warm_up(reading, provider.group, settings.place_of("instance_warmup_period"), "instance_warmup_period",
                     scaling.instance_warmup_period);
    }
    settings.finish();
    if (min_good && max_good && scaling.minimum_scaling_step_size > scaling.maximum_scaling_step_size) {
        reading.diagnostics.error(settings.place_of("minimum_scaling_step_size"),
                                  fmt::format("minimum_scaling_step_size {} is above maximum_scaling_step_size {}",
                                              scaling.minimum_scaling_step_size, scaling.maximum_scaling_step_size));
    }
    provider.managed_scaling = scaling;
}

void read_protection(Reading& reading, sim::CapacityProvider& provider, MapReader& map) {
    constexpr std::array<std::string_view, 2> protections{"ENABLED", "DISABLED"};
    bool disabled = true;
    if (!map.read("managed_termination_protection", disabled, named<bool>(protections)) || disabled) return;
    provider.managed_termination_protection = true;
    const Position at = map.place_of("managed_termination_protection");
    if (!map.find("managed_scaling")) {
        reading.diagnostics.error(at, "managed_termination_protection ENABLED needs managed_scaling");
    } else if (provider.group.exists() && !reading.scenario.groups[provider.group].protect_from_scale_in) {
        reading.diagnostics.warning(
            at,
            fmt::format("managed_termination_protection: AWS asks for the protection of "
                        "new instances of {} too",
                        called("Auto Scaling group", reading.scenario.groups[provider.group].name)),
            "protect_from_scale_in: true");
    }
}

/// Source: Amazon ECS API Reference, CreateCapacityProvider, `name`.
[[nodiscard]] Parsed<std::string> parse_provider_name(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const bool reserved = lower.starts_with("aws") || lower.starts_with("ecs") || lower.starts_with("fargate");
    if (is_name(text) && !reserved) return Parsed<std::string>::good(std::string(text));
    return Parsed<std::string>::bad("a name of letters, digits, - and _ that does not begin with aws, ecs or fargate");
}

/// One of AWS's own providers, which have no settings.
void read_fargate(Reading& reading, sim::CapacityProvider& provider, const Field& item) {
    constexpr std::array<std::string_view, 2> names{fargate_name, fargate_spot_name};
    bool spot = false;
    if (reading.group_names.find(item.text())) {
        reading.diagnostics.error(item.at(), fmt::format("{}: expected a mapping or {}", item.name, listed(names)),
                                  fmt::format("write {{auto_scaling_group: {}}}", item.text()));
        return;
    }
    if (!read_field(reading.diagnostics, item, spot, named<bool>(names))) return;
    provider.kind = spot ? sim::ProviderKind::fargate_spot : sim::ProviderKind::fargate;
    provider.name = item.text();
}

void read_group_provider(Reading& reading, sim::CapacityProvider& provider, MapReader& map) {
    constexpr std::array<std::string_view, 2> enabled_or_disabled{"ENABLED", "DISABLED"};
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
    if (provider.group.exists()) provider.name = reading.scenario.groups[provider.group].name;
    map.read("name", provider.name, parse_provider_name);
    read_managed_scaling(reading, provider, map);
    read_protection(reading, provider, map);
    bool no_draining = !provider.managed_draining;
    map.read("managed_draining", no_draining, named<bool>(enabled_or_disabled));
    provider.managed_draining = !no_draining;
    map.finish();
}

void read_provider(Reading& reading, sim::Cluster& cluster, const Field& item) {
    sim::CapacityProvider provider;
    Position name_at = item.at();
    if (item.value.node->kind == Node::Kind::scalar) {
        read_fargate(reading, provider, item);
    } else {
        MapReader map(reading.diagnostics, item);
        if (!map.is_mapping()) return;
        read_group_provider(reading, provider, map);
        name_at = map.place_of(map.has("name") ? "name" : "auto_scaling_group");
    }
    if (!provider.is_fargate() && !provider.group.exists()) return;
    const auto& others = cluster.capacity_providers;
    const bool again =
        std::any_of(others.begin(), others.end(), [&](const auto& other) { return other.name == provider.name; });
    const bool same_group = std::any_of(others.begin(), others.end(), [&](const auto& other) {
        return other.group.exists() && other.group == provider.group;
    });
    // A group that is listed twice has been reported.
    if (again && !same_group) {
        reading.diagnostics.error(name_at, fmt::format("capacity provider {} is listed twice", provider.name));
    }
    cluster.capacity_providers.push_back(std::move(provider));
}

void read_default_strategy(Reading& reading, sim::ClusterId id, MapReader& map) {
    const auto field = map.find("default_capacity_provider_strategy");
    if (!field) return;
    ClusterNotes& notes = reading.cluster_notes[id];
    auto strategy = read_capacity_provider_strategy(reading, id, *field);
    notes.strategy_known = strategy.has_value();
    if (strategy) notes.default_strategy = std::move(*strategy);
}

}  // namespace

void read_clusters(Reading& reading) {
    for (const Declared<sim::ClusterId>& declared : reading.clusters) {
        MapReader map(reading.diagnostics, declared.field);
        if (!map.is_mapping()) continue;
        const auto field = map.require("capacity_providers");
        const auto items = field ? items_of(reading.diagnostics, *field) : std::vector<Field>{};
        if (field && items.empty() &&
            (field->value.node->kind == Node::Kind::list || field->value.node->kind == Node::Kind::null)) {
            reading.diagnostics.error(field->at(), "capacity_providers needs at least one entry");
        }
        sim::Cluster& cluster = reading.scenario.clusters[declared.id];
        for (const Field& item : items) read_provider(reading, cluster, item);
        // A provider whose group is not known may be the one that some group lacks.
        reading.cluster_notes[declared.id].complete =
            !items.empty() && cluster.capacity_providers.size() == items.size();
        read_default_strategy(reading, declared.id, map);
        map.finish();
    }
}

}  // namespace fleetsim::scenario
