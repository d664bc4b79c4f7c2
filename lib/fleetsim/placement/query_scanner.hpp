#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace fleetsim::placement::detail {

/// Letters of the cluster query language, by what they do. A word is an operator, a subject, or `and`, `or` and `not`.
inline constexpr std::string_view blanks = " \t\r\n";
inline constexpr std::string_view operator_letters = "=!<>~";
inline constexpr std::string_view word_ends = " \t\r\n()[],'\"=!<>~&|";

/// The text of a query and how far it has been read.
struct Scanner {
    explicit Scanner(std::string_view all) : text(all) {}

    void skip_blanks() { at = std::min(text.find_first_not_of(blanks, at), text.size()); }

    [[nodiscard]] std::string_view rest() const { return text.substr(at); }

    /// The word that starts here; empty in front of anything else.
    [[nodiscard]] std::string_view word() const { return rest().substr(0, rest().find_first_of(word_ends)); }

    /// The operator's symbol that starts here, the word of `!in` included; empty in front of anything else.
    [[nodiscard]] std::string_view symbol() const {
        const std::size_t length = std::min(rest().find_first_not_of(operator_letters), rest().size());
        if (rest().substr(0, length) != "!") return rest().substr(0, length);
        const std::size_t end = rest().find_first_of(word_ends, length);
        return rest().substr(0, end);
    }

    /// Whatever starts here, for messages.
    [[nodiscard]] std::string_view next() const {
        if (!word().empty()) return word();
        if (!symbol().empty()) return symbol();
        return rest().substr(0, rest().starts_with("&&") || rest().starts_with("||") ? 2 : 1);
    }

    /// Is what starts here no value as it stands, but perhaps meant as one?
    [[nodiscard]] bool quotable() const { return !word().empty() || !symbol().empty() || rest().starts_with('('); }

    /// Skips blanks, and the word or its symbol if it is next.
    bool take(std::string_view name, std::string_view symbol_text) {
        skip_blanks();
        if (word() == name) {
            at += name.size();
        } else if (rest().starts_with(symbol_text)) {
            at += symbol_text.size();
        } else {
            return false;
        }
        return true;
    }

    /// Skips blanks, and this one character if it is next.
    bool take(char wanted) {
        skip_blanks();
        if (!rest().starts_with(wanted)) return false;
        ++at;
        return true;
    }

    /// What stands where an operator is wanted.
    [[nodiscard]] std::string_view operator_name() const { return word().empty() ? symbol() : word(); }

    std::string_view text;
    std::size_t at = 0;
};

}  // namespace fleetsim::placement::detail
