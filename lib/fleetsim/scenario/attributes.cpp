#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/placement/attributes.hpp>
#include <fleetsim/scenario/attributes.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/sim/instance_facts.hpp>

namespace fleetsim::scenario {

namespace {

/// Source: Amazon ECS API Reference, "Attribute".
[[nodiscard]] Parsed<std::string> attribute_value(std::string_view text) {
    constexpr std::size_t longest = 128;
    constexpr std::string_view others = "@: ";
    const bool legal = std::all_of(text.begin(), text.end(), [&](char letter) {
        return placement::is_attribute_letter(letter) || others.find(letter) != std::string_view::npos;
    });
    if (!legal || text.empty() || text.size() > longest || text.front() == ' ' || text.back() == ' ') {
        return Parsed<std::string>::bad(
            "1 to 128 letters, digits, -, _, ., /, \\, @, : and blanks, with no blank at either end");
    }
    return Parsed<std::string>::good(std::string(text));
}

void read_attribute(Reading& reading, sim::AutoScalingGroup& group, const Field& field) {
    if (!placement::is_attribute_name(field.name)) {
        reading.diagnostics.error(field.key_at, fmt::format("{} is not an attribute's name", in_quotes(field.name)),
                                  "1 to 128 letters, digits, -, _, ., / and \\ are allowed");
        return;
    }
    if (field.name.starts_with("ecs.")) {
        reading.diagnostics.error(
            field.key_at, fmt::format("{}: names that begin with ecs. are ECS's own", field.name),
            fmt::format("instances have {} by themselves", listed(sim::modelled_attributes, "and")));
        return;
    }
    std::string value;
    if (read_field(reading.diagnostics, field, value, attribute_value)) group.attributes[field.name] = std::move(value);
}

[[nodiscard]] bool is_last_word(std::string_view text, std::string_view name) {
    if (text.empty() || !name.ends_with(text) || name.size() == text.size()) return false;
    const char before = name[name.size() - text.size() - 1];
    return before == '.' || before == '-' || before == '_' || before == '/';
}

}  // namespace

void read_attributes(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map) {
    constexpr std::size_t most_attributes = 100;
    const auto field = map.find("attributes");
    if (!field) return;
    const std::size_t before = reading.diagnostics.count();
    MapReader attributes(reading.diagnostics, *field);
    if (attributes.size() > most_attributes) {
        reading.diagnostics.error(field->key_at,
                                  fmt::format("attributes: at most {}, found {}", most_attributes, attributes.size()));
    } else {
        for (const Field& one : attributes.all()) read_attribute(reading, group, one);
    }
    notes.attributes_known = reading.diagnostics.count() == before;
}

std::string attribute_hint(std::string_view wanted, const AttributeNames& names) {
    constexpr std::size_t most_compared = 1'000;
    constexpr std::size_t shown = 3;
    std::vector<std::string> found;
    for (const std::string& name : names) {
        if (found.size() < shown && is_last_word(wanted, name)) found.push_back(name);
    }
    if (found.empty() && wanted.size() <= placement::longest_attribute_name && names.size() <= most_compared) {
        found = des::nearest_names(wanted, names);
    }
    for (std::string& name : found) name.insert(0, "attribute:");
    return did_you_mean(found);
}

}  // namespace fleetsim::scenario
