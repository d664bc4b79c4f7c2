#include <algorithm>

#include <fmt/format.h>

#include <fleetsim/scenario/map_reader.hpp>

namespace fleetsim::scenario {

MapReader::MapReader(Diagnostics& diagnostics, Field field) : diagnostics_(diagnostics), field_(std::move(field)) {
    const Node& node = *field_.value.node;
    if (node.kind == Node::Kind::mapping) {
        add_entries(node);
    } else if (node.kind != Node::Kind::null) {
        is_mapping_ = false;
        wrong_kind(diagnostics_, field_, "a mapping");
    }
}

void MapReader::add_entries(const Node& mapping) {
    std::map<std::string_view, Position> seen;
    std::vector<const Entry*> merges;
    for (const Entry& one : mapping.entries) {
        if (one.key.node->kind != Node::Kind::scalar) {
            diagnostics_.error(one.key.at, fmt::format("{}: expected text as a key, found {}", field_.name,
                                                       kind_name(one.key.node->kind)));
            continue;
        }
        const std::string_view key = one.key.node->text;
        const auto [first, is_new] = seen.emplace(key, one.key.at);
        if (!is_new) {
            diagnostics_.error(one.key.at, fmt::format("duplicate key {}", in_quotes(key)),
                               fmt::format("first written in line {}", first->second.line));
        } else if (key == "<<") {
            merges.push_back(&one);
        } else if (by_key_.emplace(key, &one).second) {
            entries_.push_back(&one);
        }
    }
    // After the keys written here, which win over them.
    for (const Entry* one : merges) merge(*one);
}

void MapReader::merge(const Entry& one) {
    const Node& source = *one.value.node;
    std::vector<Value> mappings;
    if (source.kind == Node::Kind::list) {
        mappings = source.items;
    } else {
        mappings.push_back(one.value);
    }
    for (const Value& mapping : mappings) {
        if (mapping.node->kind == Node::Kind::mapping) {
            add_entries(*mapping.node);
        } else {
            wrong_kind(diagnostics_, {"<<", mapping, one.key.at}, "a mapping or a list of mappings");
        }
    }
}

const Entry* MapReader::entry(std::string_view key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : found->second;
}

std::optional<Field> MapReader::find(std::string_view key) {
    if (std::find(declared_.begin(), declared_.end(), key) == declared_.end()) declared_.emplace_back(key);
    const Entry* const found = entry(key);
    if (found == nullptr) return std::nullopt;
    return Field{std::string(key), found->value, found->key.at};
}

std::optional<Field> MapReader::require(std::string_view key) {
    auto found = find(key);
    if (!found && is_mapping_) {
        diagnostics_.error(field_.key_at, fmt::format("{} needs the key {}", field_.name, key));
    }
    return found;
}

void MapReader::refuse(std::string_view key, std::string message, std::string hint) {
    const Entry* const found = entry(key);
    if (found == nullptr) return;
    refused_.emplace_back(key);
    diagnostics_.error(found->key.at, std::move(message), std::move(hint));
}

void MapReader::inherit(const MapReader& base, std::span<const std::string_view> without) {
    for (const Entry* one : base.entries_) {
        const std::string_view key = one->key.node->text;
        if (std::find(without.begin(), without.end(), key) != without.end()) continue;
        if (!by_key_.emplace(key, one).second) continue;
        entries_.push_back(one);
        inherited_.insert(key);
    }
}

std::vector<Field> MapReader::list(std::string_view key) {
    const auto field = find(key);
    return field ? items_of(diagnostics_, *field) : std::vector<Field>{};
}

std::vector<Field> MapReader::all() {
    std::vector<Field> fields;
    for (const Entry* one : entries_) {
        declared_.push_back(one->key.node->text);
        fields.push_back({one->key.node->text, one->value, one->key.at});
    }
    return fields;
}

void MapReader::allow_prefix(std::string_view prefix) {
    for (const Entry* one : entries_) {
        if (one->key.node->text.starts_with(prefix)) declared_.push_back(one->key.node->text);
    }
}

Position MapReader::place_of(std::string_view key) const {
    const Entry* const found = entry(key);
    if (found == nullptr || inherited(key)) return field_.key_at;
    return found->value.node->kind == Node::Kind::null ? found->key.at : found->value.at;
}

std::optional<Field> MapReader::only_one_of(std::span<const std::string_view> choices) {
    std::vector<Field> found;
    for (const std::string_view choice : choices) {
        if (auto field = find(choice)) found.push_back(std::move(*field));
    }
    if (!finish() || !is_mapping_) return std::nullopt;
    if (found.size() == 1) return found.front();
    const Position at = found.empty() ? field_.at() : found[1].key_at;
    diagnostics_.error(
        at, fmt::format("{}: expected {}{}", field_.name, found.empty() ? "" : "only one of ", listed(choices)));
    return std::nullopt;
}

bool MapReader::finish() {
    std::vector<std::string> sorted = declared_;
    std::sort(sorted.begin(), sorted.end());
    bool clean = true;
    for (const Entry* one : entries_) {
        const std::string& key = one->key.node->text;
        if (std::binary_search(sorted.begin(), sorted.end(), key)) continue;
        if (std::find(refused_.begin(), refused_.end(), key) != refused_.end()) {
            clean = false;
            continue;
        }
        std::string hint = nearest_hint(diagnostics_, key, declared_);
        if (hint.empty()) hint = fmt::format("it takes {}", listed(declared_));
        diagnostics_.error(one->key.at, fmt::format("unknown key {} in {}", in_quotes(key), field_.name),
                           std::move(hint));
        clean = false;
    }
    return clean;
}

std::vector<Field> items_of(Diagnostics& diagnostics, const Field& field) {
    std::vector<Field> fields;
    if (field.value.node->kind == Node::Kind::list) {
        for (const Value& item : field.value.node->items) fields.push_back({field.name + " item", item, item.at});
    } else if (field.value.node->kind != Node::Kind::null) {
        wrong_kind(diagnostics, field, "a list");
    }
    return fields;
}

}  // namespace fleetsim::scenario
