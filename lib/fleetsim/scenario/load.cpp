#include <algorithm>
#include <fstream>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/scenario/capacity_providers.hpp>
#include <fleetsim/scenario/count_checks.hpp>
#include <fleetsim/scenario/document.hpp>
#include <fleetsim/scenario/load.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

/// Declares the names of one section and makes an entry for each in the scenario's table and in the notes.
template <class IdType, class Entity, class Notes>
void declare(Reading& reading, const std::optional<Field>& section, std::string_view kind, Names<IdType>& names,
             std::vector<Declared<IdType>>& declared, des::Table<IdType, Entity>& table,
             des::Table<IdType, Notes>& notes) {
    if (!section) return;
    MapReader map(reading.diagnostics, *section);
    if (!map.is_mapping()) names.give_up();
    if (map.size() > most_entries) {
        reading.diagnostics.error(section->key_at,
                                  fmt::format("{}: more than {} entries", section->name, most_entries));
        names.give_up();
        return;
    }
    for (Field& field : map.all()) {
        if (!is_name(field.name)) {
            reading.diagnostics.error(field.key_at, not_a_name(field.name));
        }
        Entity entity;
        entity.name = field.name;
        const IdType id = table.add(std::move(entity));
        static_cast<void>(notes.add({}));
        names.declare(field.name, id);
        field.name = called(kind, field.name);
        declared.push_back({id, std::move(field)});
    }
}

template <class IdType>
[[nodiscard]] std::optional<Field> required_section(MapReader& top, std::string_view key, Names<IdType>& names) {
    auto section = top.require(key);
    if (!section) {
        names.give_up();
    } else if (section->value.node->kind == Node::Kind::null ||
               (section->value.node->kind == Node::Kind::mapping && section->value.node->entries.empty())) {
        top.diagnostics().error(section->key_at, fmt::format("{} needs at least one entry", key));
        names.give_up();
    }
    return section;
}

/// Does some cluster, service or scheduled task name Fargate? What is wrong there is reported by those who read it.
[[nodiscard]] bool mentions_fargate(const std::optional<Field>& clusters, const std::optional<Field>& services,
                                    const std::optional<Field>& scheduled_tasks) {
    Diagnostics ignored;
    const auto is_fargate = [](const Field& field) {
        return field.value.node->kind == Node::Kind::scalar && field.text().starts_with(fargate_name);
    };
    const auto any_entry = [&](const std::optional<Field>& section, std::string_view key) {
        if (!section) return false;
        for (const Field& entry : MapReader(ignored, *section).all()) {
            const auto value = MapReader(ignored, entry).find(key);
            if (!value) continue;
            const auto items = items_of(ignored, *value);
            if (is_fargate(*value) || std::any_of(items.begin(), items.end(), is_fargate)) return true;
        }
        return false;
    };
    return any_entry(clusters, "capacity_providers") || any_entry(services, "launch_type") ||
           any_entry(scheduled_tasks, "launch_type");
}

/// Everything but the files: `load_text` without the guards.
[[nodiscard]] std::optional<sim::Scenario> read_document(const Document& document, const std::filesystem::path& folder,
                                                         const Overrides& overrides, Diagnostics& diagnostics) {
    Reading reading(diagnostics, overrides, folder);
    MapReader top(diagnostics, {"the scenario", document.root(), document.root().at});
    if (!top.is_mapping()) return std::nullopt;
    read_top(reading, top);
    declare_names(reading, top);
    read_images(reading, top);
    read_network(reading, top);
    read_groups(reading);
    read_clusters(reading);
    read_services(reading);
    read_scheduled_tasks(reading, top);
    read_spot_pools(reading, top);
    read_custom_metrics(reading, top);
    read_alarms(reading, top);
    read_group_policies(reading);
    read_service_policies(reading);
    read_balancers(reading);
    check_behind_balancers(reading);
    read_calls(reading);
    read_traffic(reading, top);
    read_faults(reading, top);
    read_events(reading, top);
    read_objectives(reading, top);
    top.finish();
    check_deployments(reading);
    constrain_tasks(reading);
    check_scaling(reading);
    check_capacity(reading);
    check_placement(reading);
    check_network(reading);
    check_calls(reading);
    if (diagnostics.has_errors()) return std::nullopt;
    check_counts(reading);
    note_assumptions(reading);
    return std::move(reading.scenario);
}

}  // namespace

void declare_names(Reading& reading, MapReader& top) {
    sim::Scenario& scenario = reading.scenario;
    const auto services = top.find("services");
    const auto scheduled_tasks = top.find("scheduled_tasks");
    const bool on_fargate = mentions_fargate(top.find("clusters"), services, scheduled_tasks);
    // What runs on Fargate alone needs no instances.
    const auto groups = on_fargate ? top.find("auto_scaling_groups")
                                   : required_section(top, "auto_scaling_groups", reading.group_names);
    // Plain EC2 needs neither; a service runs on a cluster, and so does what is scheduled.
    const auto clusters =
        services || scheduled_tasks ? required_section(top, "clusters", reading.cluster_names) : top.find("clusters");
    declare(reading, groups, "Auto Scaling group", reading.group_names, reading.groups, scenario.groups,
            reading.group_notes);
    declare(reading, clusters, "cluster", reading.cluster_names, reading.clusters, scenario.clusters,
            reading.cluster_notes);
    declare(reading, services, "service", reading.service_names, reading.services, scenario.services,
            reading.service_notes);
    declare(reading, top.find("load_balancers"), "load balancer", reading.balancer_names, reading.balancers,
            scenario.balancers, reading.balancer_notes);
}

void read_top(Reading& reading, MapReader& top) {
    sim::Scenario& scenario = reading.scenario;
    constexpr std::size_t longest_name = 255;
    std::int64_t version = 1;
    top.require("fleetsim", version, [](std::string_view text) {
        return text == "1" ? Parsed<std::int64_t>::good(1)
                           : Parsed<std::int64_t>::bad("1, the format that this program reads");
    });
    top.require("name", scenario.name, [](std::string_view text) {
        const bool good = !text.empty() && text.size() <= longest_name && text.find('\n') == std::string_view::npos;
        return good ? Parsed<std::string>::good(std::string(text))
                    : Parsed<std::string>::bad("a name of 1 to 255 characters");
    });
    const auto& regions = cloud::catalogue().regions();
    if (const auto region = top.require("region"); region && is_scalar(reading.diagnostics, *region, "a region")) {
        scenario.region = region->text();
        reading.region_known = std::find(regions.begin(), regions.end(), scenario.region) != regions.end();
        if (!reading.region_known) {
            std::string hint = nearest_hint(scenario.region, regions);
            if (hint.empty()) hint = fmt::format("it may be {}", listed(regions));
            reading.diagnostics.error(region->at(), fmt::format("unknown region {}", in_quotes(scenario.region)),
                                      std::move(hint));
        }
    }
    scenario.start = std::chrono::sys_days{std::chrono::January / 5 / 2026};
    reading.start_given = top.find("start").has_value();
    top.read("start", scenario.start, parse_instant);
    reading.duration_known = top.require("duration", scenario.duration, DurationIn{above_zero});
    const bool warmup_good = top.read("warmup", scenario.warmup, DurationIn{});
    if (warmup_good && reading.duration_known && scenario.warmup >= scenario.duration) {
        reading.diagnostics.error(top.place_of("warmup"),
                                  fmt::format("warmup {} is not shorter than the scenario's duration {}",
                                              duration_text(scenario.warmup), duration_text(scenario.duration)));
    }
    top.read("seed", scenario.seed, IntegerIn{0, std::numeric_limits<std::int64_t>::max()});
    if (reading.overrides.seed) scenario.seed = *reading.overrides.seed;
    // The user's own: a place for anchors to merge from.
    top.allow_prefix("x-");
}

Loaded load_text(std::string_view text, std::string file, const std::filesystem::path& folder,
                 const Overrides& overrides) {
    Loaded loaded{std::nullopt, Diagnostics(std::move(file))};
    const auto document = parse_document(text, loaded.diagnostics);
    if (document) loaded.scenario = read_document(*document, folder, overrides, loaded.diagnostics);
    return loaded;
}

Loaded load_file(const std::filesystem::path& file, const Overrides& overrides) {
    Loaded failed{std::nullopt, Diagnostics(file.string())};
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    if (!std::filesystem::exists(status)) {
        failed.diagnostics.error({}, "no such file");
        return failed;
    }
    if (std::filesystem::is_directory(status)) {
        failed.diagnostics.error({}, "this is a directory, expected a scenario file");
        return failed;
    }
    std::ifstream stream(file, std::ios::binary);
    // One byte more than allowed is enough to be refused, whatever the file's size or kind.
    std::string text(largest_file_bytes + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!stream && !stream.eof()) {
        failed.diagnostics.error({}, "cannot be read");
        return failed;
    }
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return load_text(text, file.string(), file.parent_path(), overrides);
}

}  // namespace fleetsim::scenario
