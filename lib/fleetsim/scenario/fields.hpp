#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/des/nearest_name.hpp>
#include <fleetsim/scenario/diagnostics.hpp>
#include <fleetsim/scenario/document.hpp>
#include <fleetsim/scenario/scalars.hpp>

/// One value of the file under its key, and the domains that single values are read with.
namespace fleetsim::scenario {

/// A value and the name that messages give it.
struct Field {
    std::string name;
    Value value;
    Position key_at;  ///< Where to point when nothing is written.

    [[nodiscard]] Position at() const { return value.node->kind == Node::Kind::null ? key_at : value.at; }
    [[nodiscard]] const std::string& text() const { return value.node->text; }

    /// The byte of the text at `offset`, which may be one behind the last; the whole value if the text is not written
    /// letter for letter.
    [[nodiscard]] Position at(std::size_t offset) const;
};

/// Says that a value is of the wrong kind: `duration: expected a list, found text`.
void wrong_kind(Diagnostics& diagnostics, const Field& field, std::string_view expected);

/// Reports what is wrong within a text: `expression: …`, at the byte of the text where it is.
void error_within(Diagnostics& diagnostics, const Field& field, std::size_t offset, std::string_view message,
                  std::string hint);

/// Is the field a single value? Reports it otherwise.
[[nodiscard]] bool is_scalar(Diagnostics& diagnostics, const Field& field, std::string_view expected);

/// Reads a single value with a parser (`std::string_view` to `Parsed`). Without success `out` stays as it was, the
/// fault is reported and the result is false.
template <class T, class Parser>
[[nodiscard]] bool read_field(Diagnostics& diagnostics, const Field& field, T& out, const Parser& parse) {
    if (field.value.node->kind != Node::Kind::scalar) {
        wrong_kind(diagnostics, field, parse(std::string_view{}).expected);
        return false;
    }
    auto parsed = parse(std::string_view(field.text()));
    if (!parsed.value) {
        diagnostics.error(
            field.at(), fmt::format("{}: expected {}, found {}", field.name, parsed.expected, in_quotes(field.text())),
            parsed.hint);
        return false;
    }
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
        out = static_cast<T>(*parsed.value);
    } else {
        out = std::move(*parsed.value);
    }
    return true;
}

struct IntegerIn {
    std::int64_t min;
    std::int64_t max;
    [[nodiscard]] Parsed<std::int64_t> operator()(std::string_view text) const;
};

struct NumberIn {
    double min;
    double max;
    bool above_min = false;  ///< The smallest value itself is not allowed.
    [[nodiscard]] Parsed<double> operator()(std::string_view text) const;
};

/// No scenario is longer, and no single duration may be.
inline constexpr des::Duration longest_duration = std::chrono::hours{24 * 366};

/// The `min` of a duration that may not be 0.
inline constexpr des::Duration above_zero{1};

struct DurationIn {
    des::Duration min{};
    des::Duration max = longest_duration;
    BareNumber bare = BareNumber::refused;
    [[nodiscard]] Parsed<des::Duration> operator()(std::string_view text) const;
};

/// Whole MiB from 1.
struct SizeMib {
    [[nodiscard]] Parsed<std::int64_t> operator()(std::string_view text) const;
};

/// A name for people: one line of 1 to 255 characters.
struct Title {
    [[nodiscard]] Parsed<std::string> operator()(std::string_view text) const;
};

/// Text that is not empty.
struct Text {
    std::string_view expected = "text";
    [[nodiscard]] Parsed<std::string> operator()(std::string_view text) const;
};

/// A request path such as `/api`.
struct RequestPath {
    [[nodiscard]] Parsed<std::string> operator()(std::string_view text) const;
};

/// A path with the wildcards `*` and `?`, as `/api/*`.
///
/// Source: Elastic Load Balancing API Reference, PathPatternConditionConfig.
struct PathPattern {
    [[nodiscard]] Parsed<std::string> operator()(std::string_view text) const;
};

using des::listed;

/// The nearest names as a hint; none for a text too long to be a typo.
template <class Range>
[[nodiscard]] std::string nearest_hint(std::string_view wanted, const Range& names) {
    constexpr std::size_t longest_typo = 100;
    return wanted.size() > longest_typo ? std::string{} : did_you_mean(des::nearest_names(wanted, names));
}

/// The same, unless so much is wrong that searching for each name would take long and help nobody.
template <class Range>
[[nodiscard]] std::string nearest_hint(const Diagnostics& diagnostics, std::string_view wanted, const Range& names) {
    constexpr std::size_t many_problems = 200;
    return diagnostics.count() > many_problems ? std::string{} : nearest_hint(wanted, names);
}

/// One of a list of words, from a callable that turns the word into an optional value.
template <class Wanted, class Names, class Find>
struct OneOf {
    const Names& names;
    Find find;

    [[nodiscard]] Parsed<Wanted> operator()(std::string_view text) const {
        if (auto found = find(text)) return Parsed<Wanted>::good(*found);
        return Parsed<Wanted>::bad(listed(names), nearest_hint(text, names));
    }
};

template <class Wanted, class Names, class Find>
[[nodiscard]] OneOf<Wanted, Names, Find> one_of(const Names& names, Find find) {
    return {names, std::move(find)};
}

/// One of an enumeration's names, which stand in an array in its order.
template <class Enum, std::size_t count>
struct Named {
    const std::array<std::string_view, count>& names;

    [[nodiscard]] Parsed<Enum> operator()(std::string_view text) const {
        const auto found = std::find(names.begin(), names.end(), text);
        if (found != names.end()) return Parsed<Enum>::good(static_cast<Enum>(found - names.begin()));
        return Parsed<Enum>::bad(listed(names), nearest_hint(text, names));
    }
};

template <class Enum, std::size_t count>
[[nodiscard]] Named<Enum, count> named(const std::array<std::string_view, count>& names) {
    return {names};
}

/// Is it 1 to 255 letters, digits, `-` and `_`?
[[nodiscard]] bool is_name(std::string_view text);

}  // namespace fleetsim::scenario
