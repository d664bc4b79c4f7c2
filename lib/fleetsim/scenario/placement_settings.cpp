#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fleetsim/placement/registry.hpp>
#include <fleetsim/scenario/attributes.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

/// Source: Amazon ECS API Reference, CreateService: five strategy rules a service at most.
constexpr std::size_t most_strategies = 5;

[[nodiscard]] std::vector<std::string> strategy_types() {
    std::vector<std::string> types;
    for (const auto& entry : placement::strategy_registry) {
        if (std::find(types.begin(), types.end(), entry.type) == types.end()) types.emplace_back(entry.type);
    }
    return types;
}

/// As people write them: a field that a name follows is shown with one, `NAME` or what is given.
[[nodiscard]] std::vector<std::string> fields_of(std::string_view type, std::string_view name = "NAME") {
    std::vector<std::string> fields;
    for (const auto& entry : placement::strategy_registry) {
        if (entry.type != type || entry.field.empty()) continue;
        fields.emplace_back(entry.field);
        if (entry.field.ends_with(':')) fields.back() += name;
    }
    return fields;
}

void unknown_strategy(Reading& reading, Position at, const std::string& type) {
    const auto types = strategy_types();
    std::string hint = nearest_hint(type, types);
    if (hint.empty()) hint = fmt::format("it may be {}", listed(types));
    reading.diagnostics.error(at, fmt::format("unknown placement strategy {}", in_quotes(type)), std::move(hint));
}

/// What else a field nobody knows may have been meant to be: `attribute:ecs.availability-zone` for `zone`.
[[nodiscard]] std::string field_hint(std::string_view type, std::string_view field) {
    std::string hint = nearest_hint(field, fields_of(type, placement::availability_zone));
    constexpr std::string_view prefix = "attribute:";
    if (!hint.empty() || !placement::strategy(type, "attribute:NAME")) return hint;
    if (field.starts_with(prefix)) field.remove_prefix(prefix.size());
    const auto& automatic = placement::automatic_attributes;
    return attribute_hint(field, AttributeNames(automatic.begin(), automatic.end()));
}

/// `spread: instanceId`, or `random` with nothing or a null after it.
[[nodiscard]] std::optional<placement::Strategy> strategy_of(Reading& reading, const Field& choice) {
    const std::string& type = choice.name;
    const std::vector<std::string> fields = fields_of(type);
    if (fields.empty()) {
        if (choice.value.node->kind == Node::Kind::null) return placement::strategy(type, "");
        reading.diagnostics.error(choice.at(), fmt::format("{} takes no field", type));
        return std::nullopt;
    }
    const std::string expected = listed(fields);
    if (!is_scalar(reading.diagnostics, choice, expected)) return std::nullopt;
    const auto strategy = placement::strategy(type, choice.text());
    if (!strategy) {
        reading.diagnostics.error(choice.at(),
                                  fmt::format("{}: expected {}, found {}", type, expected, in_quotes(choice.text())),
                                  field_hint(type, choice.text()));
    }
    return strategy;
}

[[nodiscard]] std::optional<placement::Strategy> read_strategy(Reading& reading, TaskNotes& notes, const Field& item) {
    const auto types = strategy_types();
    if (item.value.node->kind == Node::Kind::scalar) {
        if (std::find(types.begin(), types.end(), item.text()) == types.end()) {
            unknown_strategy(reading, item.at(), item.text());
            return std::nullopt;
        }
        const auto strategy = placement::strategy(item.text(), "");
        if (!strategy) {
            reading.diagnostics.error(item.at(), fmt::format("{} needs a field", item.text()),
                                      fmt::format("write {{{}: {}}}", item.text(),
                                                  fields_of(item.text(), placement::availability_zone).front()));
        }
        return strategy;
    }
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return std::nullopt;
    const auto fields = map.all();
    if (fields.size() != 1) {
        reading.diagnostics.error(item.at(),
                                  fmt::format("{}: expected one strategy such as {{binpack: memory}}", item.name));
        return std::nullopt;
    }
    const Field& choice = fields.front();
    if (std::find(types.begin(), types.end(), choice.name) == types.end()) {
        unknown_strategy(reading, choice.key_at, choice.name);
        return std::nullopt;
    }
    auto strategy = strategy_of(reading, choice);
    if (strategy && std::holds_alternative<placement::SpreadAttribute>(*strategy)) {
        notes.spread_fields.push_back(choice);
    }
    return strategy;
}

}  // namespace

void read_placement(Reading& reading, placement::Shape& shape, TaskNotes& notes, MapReader& map) {
    const auto strategies = map.list("ordered_placement_strategy");
    if (strategies.size() > most_strategies) {
        reading.diagnostics.error(strategies[most_strategies].at(),
                                  fmt::format("ordered_placement_strategy: at most {} strategies, found {}",
                                              most_strategies, strategies.size()));
    }
    for (std::size_t i = 0; i < std::min(strategies.size(), most_strategies); ++i) {
        if (auto strategy = read_strategy(reading, notes, strategies[i])) {
            shape.strategies.push_back(std::move(*strategy));
        }
    }
    read_constraints(reading, shape, notes, map);
}

}  // namespace fleetsim::scenario
