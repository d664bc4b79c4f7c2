#include <algorithm>
#include <string>
#include <vector>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/cloud/registered_memory.hpp>
#include <fleetsim/scenario/mixed_instances.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

/// Regions where the type has a price, for a hint.
[[nodiscard]] std::string priced_regions(const std::string& type) {
    constexpr std::size_t shown = 3;
    std::vector<std::string> found;
    for (const std::string& region : cloud::catalogue().regions()) {
        if (found.size() < shown && cloud::catalogue().price_usd_per_hour(type, region)) found.push_back(region);
    }
    return found.empty() ? "" : fmt::format("it is priced in {}", listed(found));
}

[[nodiscard]] bool registered_memory_published(const sim::InstanceOption& option) {
    const auto& known = cloud::known_registered_memory;
    return std::any_of(known.begin(), known.end(), [&](const auto& point) { return point.type == option.type.name; });
}

void read_registered_memory(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map) {
    std::int64_t memory_mib = 0;
    const bool given = map.find("registered_memory").has_value();
    if (!map.read("registered_memory", memory_mib, SizeMib{})) {
        notes.registered_known = false;
        return;
    }
    if (!notes.types_known) return;
    if (!given) {
        const auto& options = group.options;
        notes.registered_assumed = !std::all_of(options.begin(), options.end(), registered_memory_published);
        return;
    }
    if (group.mixed_instances_policy) {
        reading.diagnostics.error(map.place_of("registered_memory"),
                                  "registered_memory: with a mixed_instances_policy each type registers its own");
        return;
    }
    sim::InstanceOption& only = group.options.front();
    if (memory_mib > only.type.memory_mib) {
        reading.diagnostics.error(
            map.place_of("registered_memory"),
            fmt::format("registered_memory: {} has only {} MiB", only.type.name, only.type.memory_mib));
        notes.registered_known = false;
        return;
    }
    only.registered[placement::memory_mib] = static_cast<std::int32_t>(memory_mib);
}

/// Memory that the agent keeps from tasks: ECS_RESERVED_MEMORY.
///
/// Source: Amazon ECS Developer Guide, "Container instance memory management".
void read_reserved_memory(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map) {
    std::int64_t reserved_mib = 0;
    if (!map.read("ecs_reserved_memory", reserved_mib, SizeMib{})) notes.registered_known = false;
    if (!notes.registered_known || reserved_mib == 0) return;
    const Position at = map.place_of("ecs_reserved_memory");
    if (map.find("registered_memory")) {
        reading.diagnostics.error(at, "ecs_reserved_memory: the group's registered_memory is what it leaves");
        return;
    }
    for (sim::InstanceOption& option : group.options) {
        std::int32_t& registered_mib = option.registered[placement::memory_mib];
        if (reserved_mib >= registered_mib) {
            notes.registered_known = false;
            return reading.diagnostics.error(at, fmt::format("ecs_reserved_memory: {} has {} MiB for tasks, and {} "
                                                             "leave none",
                                                             option.type.name, registered_mib, reserved_mib));
        }
        registered_mib -= static_cast<std::int32_t>(reserved_mib);
    }
}

/// The account setting awsvpcTrunking: tasks in awsvpc mode share one trunk interface, where the type supports that.
///
/// Source: Amazon ECS Developer Guide, "Increasing Amazon ECS Linux container instance network interfaces".
void read_trunking(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map) {
    bool trunking = false;
    if (!map.read("awsvpc_trunking", trunking, parse_flag) || !trunking || !notes.types_known) return;
    std::vector<std::string> without;
    for (sim::InstanceOption& option : group.options) {
        if (option.type.awsvpc_tasks_trunking > 0) {
            option.registered[placement::eni_slots] = option.type.awsvpc_tasks_trunking;
            // A trunk is an interface of its own.
            group.addresses_per_instance = 2;
        } else {
            without.push_back(option.type.name);
        }
    }
    if (without.empty()) return;
    const Position at = map.place_of("awsvpc_trunking");
    const std::string what = fmt::format("awsvpc_trunking: {} {} not support it", fmt::join(without, ", "),
                                         without.size() == 1 ? "does" : "do");
    if (group.addresses_per_instance > 1) {
        reading.diagnostics.warning(at, what, "their instances have one network interface a task");
    } else {
        reading.diagnostics.error(at, what);
    }
}

void read_types(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map) {
    const auto type = map.find("instance_type");
    const auto mixed = map.find("mixed_instances_policy");
    if (!type && !mixed) {
        reading.diagnostics.error(map.at(),
                                  fmt::format("{} needs the key instance_type or mixed_instances_policy", map.name()));
    } else if (type && mixed) {
        reading.diagnostics.error(mixed->key_at, "mixed_instances_policy: the group has an instance_type",
                                  "write it as one of the overrides");
        // Which of the two is meant cannot be told: both are found fault with.
        static_cast<void>(read_instance_option(reading, *type));
        static_cast<void>(read_mixed_instances(reading, group, notes, *mixed));
        group.mixed_instances_policy.reset();
        group.options.clear();
    } else if (type) {
        if (auto option = read_instance_option(reading, *type)) {
            group.options.push_back(std::move(*option));
            notes.types_known = true;
        }
    } else {
        notes.types_known = read_mixed_instances(reading, group, notes, *mixed);
    }
    notes.registered_known = notes.types_known;
    if (!notes.types_known) reading.types_known = false;
}

}  // namespace

std::optional<sim::InstanceOption> read_instance_option(Reading& reading, const Field& field) {
    if (!is_scalar(reading.diagnostics, field, "an instance type such as m5.large")) return std::nullopt;
    const cloud::Catalogue& catalogue = cloud::catalogue();
    const cloud::InstanceType* const type = catalogue.find(field.text());
    if (type == nullptr) {
        reading.diagnostics.error(field.at(), fmt::format("unknown instance type {}", in_quotes(field.text())),
                                  nearest_hint(reading.diagnostics, field.text(), catalogue.type_names()));
        return std::nullopt;
    }
    // Tasks in awsvpc mode take one interface each, and the instance keeps one for itself, where nothing better is
    // known.
    const std::int32_t eni_slots = type->awsvpc_tasks > 0 ? type->awsvpc_tasks : std::max(type->max_enis - 1, 0);
    sim::InstanceOption option;
    option.type = *type;
    option.registered = placement::resources({.cpu_units = cloud::registered_cpu_units(type->vcpu),
                                              .memory_mib = cloud::registered_memory_mib(*type),
                                              .gpus = type->gpus,
                                              .eni_slots = eni_slots});
    if (!reading.region_known) return option;
    if (const auto price = catalogue.price_usd_per_hour(type->name, reading.scenario.region)) {
        option.price_usd_per_hour = *price;
    } else {
        reading.diagnostics.error(field.at(),
                                  fmt::format("{} has no on-demand price in {}", type->name, reading.scenario.region),
                                  priced_regions(type->name));
    }
    return option;
}

void read_instance_options(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map) {
    read_types(reading, group, notes, map);
    read_registered_memory(reading, group, notes, map);
    read_reserved_memory(reading, group, notes, map);
    read_trunking(reading, group, notes, map);
    bool rebalance = false;
    if (!map.read("capacity_rebalance", rebalance, parse_flag) || !rebalance || !notes.types_known) return;
    if (group.mixed_instances_policy) group.mixed_instances_policy->capacity_rebalance = true;
    if (buys_spot(group)) return;
    reading.diagnostics.warning(map.place_of("capacity_rebalance"),
                                "capacity_rebalance has no effect: the group buys no Spot Instances");
}

}  // namespace fleetsim::scenario
