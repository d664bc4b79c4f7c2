#pragma once

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scaling/expression_error.hpp>
#include <fleetsim/scaling/schedule_calendar.hpp>

/// How one field of a cron expression is read, and how errors name what they found.
namespace fleetsim::scaling::detail {

/// A piece of an expression and where it begins.
struct Piece {
    std::string_view text;
    std::size_t offset = 0;

    [[nodiscard]] Piece from(std::size_t at) const { return {text.substr(at), offset + at}; }
    [[nodiscard]] Piece first(std::size_t count) const { return {text.substr(0, count), offset}; }
    [[nodiscard]] std::size_t end() const { return offset + text.size(); }
};

/// A user's text as messages name it; `nothing` if there is none.
[[nodiscard]] std::string shown(std::string_view text);

/// What is wrong with an expression, as it is found.
class ScheduleErrors {
public:
    void note(std::size_t offset, std::string message, std::string hint = {}) {
        found_.push_back({offset, std::move(message), std::move(hint)});
    }

    void expected(std::string_view what, Piece found, std::string hint = {}) {
        note(found.offset, "expected " + std::string(what) + ", found " + shown(found.text), std::move(hint));
    }

    [[nodiscard]] bool none() const { return found_.empty(); }

    /// In the order of the text.
    [[nodiscard]] std::vector<ExpressionError> take() && {
        std::stable_sort(found_.begin(), found_.end(), [](const ExpressionError& one, const ExpressionError& other) {
            return one.offset < other.offset;
        });
        return std::move(found_);
    }

private:
    std::vector<ExpressionError> found_;
};

/// What a field holds.
struct FieldKind {
    std::string_view name;
    int first = 0;
    int last = 0;
    std::span<const std::string_view> names{};  ///< Of the values from `first` on.
    bool steps = true;
    bool steps_from_value = true;        ///< `5/10`.
    std::string_view about_wildcards{};  ///< The remedy for an L, W, # or ? where there is to be a value.
};

/// `a minute`, `an hour`.
[[nodiscard]] std::string with_article(const FieldKind& kind);

/// Bit n stands for the value `first + n` of a field.
using FieldValues = std::bitset<last_schedule_year - first_schedule_year + 1>;

/// Values, ranges and `*` between commas, perhaps with steps. None if there is something wrong, which `errors` tells.
[[nodiscard]] std::optional<FieldValues> read_field(const FieldKind& kind, Piece field, ScheduleErrors& errors);

/// A text that is to be one value of the field, as a number or by its name.
[[nodiscard]] std::optional<int> read_value(const FieldKind& kind, Piece text, ScheduleErrors& errors);

/// A whole number of digits only; none if it is anything else or does not fit.
[[nodiscard]] std::optional<int> read_number(std::string_view text);

}  // namespace fleetsim::scaling::detail
