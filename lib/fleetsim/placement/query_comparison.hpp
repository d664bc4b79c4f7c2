#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstddef>
#include <optional>
#include <string_view>

/// How the cluster query language compares versions, numbers and dates. Text goes in: what an instance says of itself
/// need not be well formed.
namespace fleetsim::placement::detail {

[[nodiscard]] constexpr bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

/// One digit or more, and nothing else.
[[nodiscard]] constexpr bool is_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// Whole numbers of any length; no digits at all are zero.
[[nodiscard]] constexpr std::weak_ordering compare_digits(std::string_view one, std::string_view other) {
    one.remove_prefix(std::min(one.find_first_not_of('0'), one.size()));
    other.remove_prefix(std::min(other.find_first_not_of('0'), other.size()));
    if (one.size() != other.size()) return one.size() <=> other.size();
    return one.compare(other) <=> 0;
}

/// Takes what stands before the first point off the text, and the point.
[[nodiscard]] constexpr std::string_view take_part(std::string_view& text) {
    const std::string_view part = text.substr(0, text.find('.'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

/// Whole numbers separated by points: 1.14.5.
[[nodiscard]] constexpr bool is_version(std::string_view text) {
    if (text.empty() || text.back() == '.') return false;
    while (!text.empty()) {
        if (!is_digits(take_part(text))) return false;
    }
    return true;
}

/// By the first part that differs; parts that are not there are zero. Both are versions.
[[nodiscard]] constexpr std::weak_ordering compare_versions(std::string_view one, std::string_view other) {
    while (!one.empty() || !other.empty()) {
        const std::weak_ordering order = compare_digits(take_part(one), take_part(other));
        if (order != 0) return order;
    }
    return std::weak_ordering::equivalent;
}

/// A decimal number as its digits, so that no two numbers become equal by rounding.
struct Decimal {
    bool negative = false;
    std::string_view whole;     ///< Without leading zeros.
    std::string_view fraction;  ///< Without trailing zeros.
};

/// `-12.50` and the like: digits on both sides of the point if there is one.
[[nodiscard]] constexpr std::optional<Decimal> decimal(std::string_view text) {
    Decimal number;
    number.negative = !text.empty() && text.front() == '-';
    if (number.negative) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    number.whole = text.substr(0, point);
    if (!is_digits(number.whole)) return std::nullopt;
    if (point != std::string_view::npos) {
        number.fraction = text.substr(point + 1);
        if (!is_digits(number.fraction)) return std::nullopt;
        number.fraction = number.fraction.substr(0, number.fraction.find_last_not_of('0') + 1);
    }
    number.whole.remove_prefix(std::min(number.whole.find_first_not_of('0'), number.whole.size()));
    if (number.whole.empty() && number.fraction.empty()) number.negative = false;
    return number;
}

[[nodiscard]] constexpr std::weak_ordering compare(const Decimal& one, const Decimal& other) {
    if (one.negative != other.negative) {
        return one.negative ? std::weak_ordering::less : std::weak_ordering::greater;
    }
    const std::weak_ordering whole = compare_digits(one.whole, other.whole);
    const std::weak_ordering size = whole != 0 ? whole : one.fraction.compare(other.fraction) <=> 0;
    return one.negative ? 0 <=> size : size;
}

/// As numbers if both are decimal numbers, as bytes otherwise.
[[nodiscard]] constexpr std::weak_ordering compare_values(std::string_view one, std::string_view other) {
    const std::optional<Decimal> number = decimal(one);
    const std::optional<Decimal> other_number = decimal(other);
    if (number && other_number) return compare(*number, *other_number);
    return one.compare(other) <=> 0;
}

/// What is left of a text that is read from its beginning.
struct DateReader {
    std::string_view rest;

    constexpr bool take(char wanted) {
        if (rest.empty() || rest.front() != wanted) return false;
        rest.remove_prefix(1);
        return true;
    }

    /// Exactly so many digits, of a number below `limit`.
    [[nodiscard]] constexpr std::optional<int> number(std::size_t digits, int limit) {
        if (rest.size() < digits || !is_digits(rest.substr(0, digits))) return std::nullopt;
        int value = 0;
        for (const char digit : rest.substr(0, digits)) value = value * 10 + (digit - '0');
        rest.remove_prefix(digits);
        return value < limit ? std::optional(value) : std::nullopt;
    }

    [[nodiscard]] constexpr std::optional<std::chrono::sys_days> date() {
        const std::optional<int> year = number(4, 10'000);
        if (!year || !take('-')) return std::nullopt;
        const std::optional<int> month = number(2, 13);
        if (!month || !take('-')) return std::nullopt;
        const std::optional<int> day = number(2, 32);
        if (!day) return std::nullopt;
        const std::chrono::year_month_day found{std::chrono::year{*year},
                                                std::chrono::month{static_cast<unsigned>(*month)},
                                                std::chrono::day{static_cast<unsigned>(*day)}};
        return found.ok() ? std::optional(std::chrono::sys_days{found}) : std::nullopt;
    }

    /// `22:28`.
    [[nodiscard]] constexpr std::optional<std::chrono::seconds> hours_and_minutes() {
        const std::optional<int> hour = number(2, 24);
        if (!hour || !take(':')) return std::nullopt;
        const std::optional<int> minute = number(2, 60);
        if (!minute) return std::nullopt;
        return std::chrono::hours{*hour} + std::chrono::minutes{*minute};
    }
};

/// `2018-06-18T22:28:28+00:00`, `2018-06-18T22:28:28Z`, the same without an offset (UTC), or `2018-06-18` (its
/// midnight). None when it is anything else.
///
/// Source: Amazon ECS Developer Guide, "Create expressions to define container instances for Amazon ECS tasks".
[[nodiscard]] constexpr std::optional<std::chrono::sys_seconds> instant(std::string_view text) {
    DateReader reader{text};
    const std::optional<std::chrono::sys_days> date = reader.date();
    if (!date || reader.rest.empty()) return date;
    if (!reader.take('T')) return std::nullopt;
    const std::optional<std::chrono::seconds> minutes = reader.hours_and_minutes();
    if (!minutes || !reader.take(':')) return std::nullopt;
    const std::optional<int> second = reader.number(2, 60);
    if (!second) return std::nullopt;
    const std::chrono::sys_seconds local = *date + *minutes + std::chrono::seconds{*second};
    if (reader.rest.empty() || reader.rest == "Z") return local;

    const bool east = reader.take('+');
    if (!east && !reader.take('-')) return std::nullopt;
    const std::optional<std::chrono::seconds> offset = reader.hours_and_minutes();
    if (!offset || !reader.rest.empty()) return std::nullopt;
    return east ? local - *offset : local + *offset;
}

}  // namespace fleetsim::placement::detail
