#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include <fleetsim/des/nearest_name.hpp>
#include <fleetsim/scaling/expression_scanner.hpp>
#include <fleetsim/scaling/schedule_field.hpp>

namespace fleetsim::scaling::detail {

namespace {

[[nodiscard]] std::string value_of(const FieldKind& kind) {
    std::string text = fmt::format("{} from {} to {}", with_article(kind), kind.first, kind.last);
    if (!kind.names.empty()) text += fmt::format(" or {} to {}", kind.names.front(), kind.names.back());
    return text;
}

[[nodiscard]] std::string value_hint(const FieldKind& kind, std::string_view word) {
    std::string near = des::did_you_mean(des::nearest_names(word, kind.names));
    if (near.empty() && word.find_first_of("LW#?") != std::string_view::npos) near = kind.about_wildcards;
    return near;
}

[[nodiscard]] std::optional<int> named(const FieldKind& kind, std::string_view word) {
    for (std::size_t i = 0; i < kind.names.size(); ++i) {
        const bool same_length = word.size() == kind.names[i].size();
        if (same_length && des::edit_distance(word, kind.names[i]) == 0) return kind.first + static_cast<int>(i);
    }
    return std::nullopt;
}

/// Values that stand between two commas.
struct Range {
    int from = 0;
    int to = 0;
    bool single = false;  ///< Written as one value.
};

class FieldReader {
public:
    FieldReader(const FieldKind& kind, Piece field, ScheduleErrors& errors)
        : kind_{kind}, rest_{field}, errors_{errors} {}

    [[nodiscard]] std::optional<FieldValues> run() {
        do {
            if (!element()) return std::nullopt;
        } while (take(','));
        if (rest_.text.empty()) return values_;
        errors_.expected("a comma or a blank", rest_.first(1));
        return std::nullopt;
    }

private:
    bool take(char wanted) {
        if (!rest_.text.starts_with(wanted)) return false;
        rest_ = rest_.from(1);
        return true;
    }

    /// What stands before the next separator; if that is nothing, then the separator, which stays where it is.
    Piece take_word() {
        const std::size_t length = std::min(rest_.text.find_first_of(",-/*"), rest_.text.size());
        const Piece word = rest_.first(std::max<std::size_t>(length, 1));
        rest_ = rest_.from(length);
        return word;
    }

    bool element() {
        std::optional<Range> range = this->range();
        if (!range) return false;
        std::optional<int> step = 1;
        if (rest_.text.starts_with('/')) {
            step = this->step(*range);
            if (range->single) range->to = kind_.last;
        }
        if (!step) return false;
        for (int value = range->from; value <= range->to; value += *step) {
            values_.set(static_cast<std::size_t>(value - kind_.first));
        }
        return true;
    }

    [[nodiscard]] std::optional<Range> range() {
        if (take('*')) return Range{kind_.first, kind_.last};
        const Piece start = rest_;
        const std::optional<int> from = read_value(kind_, take_word(), errors_);
        if (!from) return std::nullopt;
        if (!take('-')) return Range{*from, *from, true};
        const std::optional<int> to = read_value(kind_, take_word(), errors_);
        if (!to) return std::nullopt;
        if (*from <= *to) return Range{*from, *to};
        errors_.note(
            start.offset,
            fmt::format("the range {} begins after its end", start.text.substr(0, rest_.offset - start.offset)),
            fmt::format("write {}-{},{}-{}", *from, kind_.last, kind_.first, *to));
        return std::nullopt;
    }

    [[nodiscard]] std::optional<int> step(const Range& range) {
        const Piece slash = rest_;
        take('/');
        const Piece word = take_word();
        if (!kind_.steps) {
            errors_.note(slash.offset, fmt::format("a {} takes no step", kind_.name), "write a list");
            return std::nullopt;
        }
        if (range.single && !kind_.steps_from_value) {
            errors_.note(slash.offset, "a step after a single value",
                         fmt::format("write {}-{}/{}", range.from, kind_.last, word.text));
            return std::nullopt;
        }
        const int values = kind_.last - kind_.first + 1;
        const std::optional<int> step = read_number(word.text);
        if (step && *step >= 1 && *step <= values) return step;
        errors_.expected(fmt::format("a step from 1 to {}", values), word);
        return std::nullopt;
    }

    const FieldKind& kind_;
    Piece rest_;
    ScheduleErrors& errors_;
    FieldValues values_;
};

}  // namespace

std::string with_article(const FieldKind& kind) {
    return (kind.name.starts_with('h') ? "an " : "a ") + std::string(kind.name);
}

std::string shown(std::string_view text) { return text.empty() ? "nothing" : expression_shown(text); }

std::optional<int> read_number(std::string_view text) {
    int found = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), found);
    const bool digits = text.find_first_not_of("0123456789") == std::string_view::npos;
    return digits && error == std::errc{} && end == text.data() + text.size() ? std::optional(found) : std::nullopt;
}

std::optional<int> read_value(const FieldKind& kind, Piece text, ScheduleErrors& errors) {
    const std::optional<int> number = read_number(text.text);
    const std::optional<int> found = number ? number : named(kind, text.text);
    if (found && *found >= kind.first && *found <= kind.last) return found;
    errors.expected(value_of(kind), text, value_hint(kind, text.text));
    return std::nullopt;
}

std::optional<FieldValues> read_field(const FieldKind& kind, Piece field, ScheduleErrors& errors) {
    return FieldReader(kind, field, errors).run();
}

}  // namespace fleetsim::scaling::detail
