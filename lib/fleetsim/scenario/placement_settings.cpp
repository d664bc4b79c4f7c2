#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/placement/registry.hpp>
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

[[nodiscard]] std::vector<std::string> fields_of(std::string_view type) {
    std::vector<std::string> fields;
    for (const auto& entry : placement::strategy_registry) {
        if (entry.type == type && !entry.field.empty()) fields.emplace_back(entry.field);
    }
    return fields;
}

void unknown_strategy(Reading& reading, Position at, const std::string& type) {
    const auto types = strategy_types();
    std::string hint = nearest_hint(type, types);
    if (hint.empty()) hint = fmt::format("it may be {}", listed(types));
    reading.diagnostics.error(at, fmt::format("unknown placement strategy {}", in_quotes(type)), std::move(hint));
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
    const std::string expected = fmt::format("{}", listed(fields));
    if (!is_scalar(reading.diagnostics, choice, expected)) return std::nullopt;
    const auto strategy = placement::strategy(type, choice.text());
    if (!strategy) {
        reading.diagnostics.error(choice.at(),
                                  fmt::format("{}: expected {}, found {}", type, expected, in_quotes(choice.text())),
                                  nearest_hint(choice.text(), fields));
    }
    return strategy;
}

[[nodiscard]] std::optional<placement::Strategy> read_strategy(Reading& reading, const Field& item) {
    const auto types = strategy_types();
    if (item.value.node->kind == Node::Kind::scalar) {
        if (std::find(types.begin(), types.end(), item.text()) == types.end()) {
            unknown_strategy(reading, item.at(), item.text());
            return std::nullopt;
        }
        const auto strategy = placement::strategy(item.text(), "");
        if (!strategy) {
            reading.diagnostics.error(item.at(), fmt::format("{} needs a field", item.text()),
                                      fmt::format("write {{{}: {}}}", item.text(), fields_of(item.text()).front()));
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
    return strategy_of(reading, choice);
}

void read_constraint(Reading& reading, sim::Service& service, const Field& item) {
    constexpr std::array<std::string_view, 1> constraints{"distinctInstance"};
    const auto parse = one_of<bool>(constraints, [](std::string_view text) {
        return text == "distinctInstance" ? std::optional(true) : std::nullopt;
    });
    if (item.value.node->kind == Node::Kind::mapping) {
        MapReader map(reading.diagnostics, item);
        map.require("type", service.distinct_instance, parse);
        map.finish();
    } else {
        static_cast<void>(read_field(reading.diagnostics, item, service.distinct_instance, parse));
    }
}

}  // namespace

void read_placement(Reading& reading, sim::Service& service, MapReader& map) {
    const auto strategies = map.list("ordered_placement_strategy");
    if (strategies.size() > most_strategies) {
        reading.diagnostics.error(strategies[most_strategies].at(),
                                  fmt::format("ordered_placement_strategy: at most {} strategies, found {}",
                                              most_strategies, strategies.size()));
    }
    for (std::size_t i = 0; i < std::min(strategies.size(), most_strategies); ++i) {
        if (auto strategy = read_strategy(reading, strategies[i])) service.placement_strategy.push_back(*strategy);
    }
    for (const Field& item : map.list("placement_constraints")) read_constraint(reading, service, item);
}

}  // namespace fleetsim::scenario
