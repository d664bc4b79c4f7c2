#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scenario/diagnostics.hpp>
#include <fleetsim/scenario/document.hpp>
#include <fleetsim/scenario/fields.hpp>

namespace fleetsim::scenario {

/// Reads one mapping key by key. Keys are declared by being asked for; `finish` reports those nobody asked for. Merge
/// keys (`<<: *base`, or a list of such) are resolved, and keys written out win over merged ones. Every fault is
/// reported once and reading goes on.
class MapReader {
public:
    /// `field` is the mapping with the name that messages use for it: `service "frontend"`. Nothing written reads as an
    /// empty mapping.
    MapReader(Diagnostics& diagnostics, Field field);

    /// False when something else than a mapping was found, which has been reported.
    [[nodiscard]] bool is_mapping() const { return is_mapping_; }

    /// The value of `key`, if it is there.
    [[nodiscard]] std::optional<Field> find(std::string_view key);

    /// The same, but its absence is an error at the key that opens this mapping.
    [[nodiscard]] std::optional<Field> require(std::string_view key);

    /// Says why `key` is not for this mapping, if it is there. It counts as known, but is not among the keys that the
    /// mapping takes.
    void refuse(std::string_view key, std::string message, std::string hint = {});

    /// Reads an optional single value over the default already in `out`. False when it was there and wrong.
    template <class T, class Parser>
    bool read(std::string_view key, T& out, const Parser& parse) {
        const auto field = find(key);
        return !field || read_field(diagnostics_, *field, out, parse);
    }

    /// Reads a single value that must be there. False when it is missing or wrong.
    template <class T, class Parser>
    bool require(std::string_view key, T& out, const Parser& parse) {
        const auto field = require(key);
        return field && read_field(diagnostics_, *field, out, parse);
    }

    /// Reads an optional single value into an optional. False when it was there and wrong.
    template <class T, class Parser>
    bool read(std::string_view key, std::optional<T>& out, const Parser& parse) {
        T value{};
        if (!find(key)) return true;
        if (!read(key, value, parse)) return false;
        out = std::move(value);
        return true;
    }

    /// Takes the keys of `base` that are not here, but for those in `without`, as if they were written here.
    void inherit(const MapReader& base, std::span<const std::string_view> without);

    /// Is the key there? Does not declare.
    [[nodiscard]] bool has(std::string_view key) const { return entry(key) != nullptr; }

    /// Is it there, but taken from the base?
    [[nodiscard]] bool inherited(std::string_view key) const { return inherited_.contains(key); }

    /// Items of an optional list, each named `key item`. Empty when absent or not a list.
    [[nodiscard]] std::vector<Field> list(std::string_view key);

    /// Entries of a mapping whose keys are names that the user chose, all of them declared.
    [[nodiscard]] std::vector<Field> all();

    /// Declares all keys that begin so, whatever they hold.
    void allow_prefix(std::string_view prefix);

    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    /// Where the value of `key` stands, or the mapping if the key is absent or inherited. Does not declare.
    [[nodiscard]] Position place_of(std::string_view key) const;
    [[nodiscard]] Position at() const { return field_.key_at; }
    [[nodiscard]] const std::string& name() const { return field_.name; }
    [[nodiscard]] Diagnostics& diagnostics() { return diagnostics_; }

    /// The one key that is there of those in `choices`. None or several are an error, as are others.
    [[nodiscard]] std::optional<Field> only_one_of(std::span<const std::string_view> choices);

    /// Reports the keys nobody asked for, with the nearest of those that were. False if there are any.
    bool finish();

private:
    void add_entries(const Node& mapping);
    void merge(const Entry& one);
    [[nodiscard]] const Entry* entry(std::string_view key) const;

    Diagnostics& diagnostics_;
    Field field_;
    bool is_mapping_ = true;
    std::vector<const Entry*> entries_;  ///< One for each key, in the order of the file, merged ones last.
    std::map<std::string_view, const Entry*> by_key_;
    std::set<std::string_view> inherited_;
    std::vector<std::string> declared_;
    std::vector<std::string> refused_;
};

/// The items of a list value. Reports anything else; nothing written is an empty list.
[[nodiscard]] std::vector<Field> items_of(Diagnostics& diagnostics, const Field& field);

}  // namespace fleetsim::scenario
