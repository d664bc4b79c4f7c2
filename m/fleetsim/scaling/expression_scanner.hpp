#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fleetsim/scaling/expression_error.hpp>

/// How composite alarms' rules and metric math are read: from left to right, up to the first error.
namespace fleetsim::scaling::detail {

[[nodiscard]] constexpr bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
[[nodiscard]] constexpr bool is_lower(char letter) { return letter >= 'a' && letter <= 'z'; }
[[nodiscard]] constexpr bool is_upper(char letter) { return letter >= 'A' && letter <= 'Z'; }
[[nodiscard]] constexpr bool is_control(char letter) {
    return static_cast<unsigned char>(letter) < ' ' || letter == '\x7f';
}

/// Does this byte go on with a UTF-8 character that began before?
[[nodiscard]] constexpr bool is_continuation(char letter) {
    return (static_cast<unsigned char>(letter) & 0xC0U) == 0x80U;
}

/// A user's text in double quotes, cut after 40 bytes and fit for a terminal.
[[nodiscard]] inline std::string shown(std::string_view text) {
    std::size_t length = std::min<std::size_t>(text.size(), 40);
    while (length > 0 && length < text.size() && is_continuation(text[length])) --length;
    std::string out = "\"";
    for (const char letter : text.substr(0, length)) out += is_control(letter) ? ' ' : letter;
    return out + (text.size() > length ? "...\"" : "\"");
}

/// The text of an expression, how far it has been read, and what stopped the reading.
class ExpressionScanner {
public:
    explicit ExpressionScanner(std::string_view text) : text_(text) {}

    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] std::size_t at() const { return at_; }
    [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

    /// The error, once reading has failed.
    [[nodiscard]] const std::optional<ExpressionError>& error() const { return error_; }

    void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
    void skip(std::size_t count) { at_ = std::min(at_ + count, text_.size()); }

    /// The letters, digits and underscores that start here.
    [[nodiscard]] std::string_view word() const {
        const auto ends = [](char letter) {
            return !is_digit(letter) && !is_lower(letter) && !is_upper(letter) && letter != '_';
        };
        const std::string_view left = rest();
        return left.substr(0, static_cast<std::size_t>(std::find_if(left.begin(), left.end(), ends) - left.begin()));
    }

    /// Whatever starts here, for messages: a word, or one character.
    [[nodiscard]] std::string_view next() const {
        if (!word().empty() || at_end()) return word();
        std::size_t length = 1;
        while (length < rest().size() && is_continuation(rest()[length])) ++length;
        return rest().substr(0, length);
    }

    /// Skips blanks, and this if it is next.
    bool take(char wanted) {
        skip_blanks();
        if (!rest().starts_with(wanted)) return false;
        ++at_;
        return true;
    }

    /// Skips blanks, and this whole word if it is next.
    bool take_word(std::string_view wanted) {
        skip_blanks();
        if (word() != wanted) return false;
        at_ += wanted.size();
        return true;
    }

    /// Notes the error that ends the reading. False, so that a rule of a grammar can return it.
    bool fail(std::size_t offset, std::string message, std::string hint = {}) {
        if (!error_) error_ = ExpressionError{offset, std::move(message), std::move(hint)};
        return false;
    }

    /// Notes that something else is wanted here.
    bool fail_expecting(std::string_view what, std::string hint = {}) {
        skip_blanks();
        const std::string found = at_end() ? "the end" : shown(next());
        return fail(at_, "expected " + std::string(what) + ", found " + found, std::move(hint));
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
    std::optional<ExpressionError> error_;
};

}  // namespace fleetsim::scaling::detail
