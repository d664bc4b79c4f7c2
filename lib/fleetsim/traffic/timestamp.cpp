#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <system_error>

#include <fleetsim/traffic/timestamp.hpp>

namespace fleetsim::traffic {

namespace {

using namespace std::chrono;

// 2200-01-01T00:00:00Z. What lies before it fits into 64 bits of nanoseconds.
constexpr std::int64_t seconds_limit = 7'258'118'400;

[[nodiscard]] constexpr bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

/// What is left of a text that is read from its beginning.
struct Rest {
    std::string_view text;

    [[nodiscard]] bool empty() const { return text.empty(); }

    bool take(char wanted) {
        if (text.empty() || text.front() != wanted) return false;
        text.remove_prefix(1);
        return true;
    }

    /// Exactly so many digits.
    [[nodiscard]] std::optional<int> number(std::size_t digits) {
        if (text.size() < digits) return std::nullopt;
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (!is_digit(text[i])) return std::nullopt;
            value = value * 10 + (text[i] - '0');
        }
        text.remove_prefix(digits);
        return value;
    }

    /// `.5` and the like; nothing at all is zero. None when no digit follows the point.
    [[nodiscard]] std::optional<nanoseconds> fraction() {
        if (!take('.')) return nanoseconds::zero();
        std::int64_t value = 0;
        std::int64_t unit = 1'000'000'000;
        std::size_t digits = 0;
        for (; digits < text.size() && is_digit(text[digits]); ++digits) {
            unit /= 10;
            value += unit * (text[digits] - '0');
        }
        if (digits == 0) return std::nullopt;
        text.remove_prefix(digits);
        return nanoseconds{value};
    }
};

[[nodiscard]] std::optional<nanoseconds> read_seconds(std::string_view text) {
    std::int64_t whole = 0;
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (error != std::errc{} || whole >= seconds_limit) return std::nullopt;
    Rest rest{text.substr(static_cast<std::size_t>(end - text.data()))};
    const std::optional<nanoseconds> fraction = rest.fraction();
    if (!fraction || !rest.empty()) return std::nullopt;
    return seconds{whole} + *fraction;
}

[[nodiscard]] std::optional<nanoseconds> read_date(Rest& rest) {
    const std::optional<int> year_number = rest.number(4);
    if (!year_number || *year_number < 1970 || *year_number > 2199 || !rest.take('-')) return std::nullopt;
    const std::optional<int> month_number = rest.number(2);
    if (!month_number || !rest.take('-')) return std::nullopt;
    const std::optional<int> day_number = rest.number(2);
    if (!day_number) return std::nullopt;
    const year_month_day date{year{*year_number}, month{static_cast<unsigned>(*month_number)},
                              day{static_cast<unsigned>(*day_number)}};
    if (!date.ok()) return std::nullopt;
    return sys_days{date}.time_since_epoch();
}

/// `HH:MM`, with seconds and a fraction of them if there are any.
[[nodiscard]] std::optional<nanoseconds> read_time_of_day(Rest& rest) {
    const std::optional<int> hour = rest.number(2);
    if (!hour || *hour > 23 || !rest.take(':')) return std::nullopt;
    const std::optional<int> minute = rest.number(2);
    if (!minute || *minute > 59) return std::nullopt;
    const nanoseconds time = hours{*hour} + minutes{*minute};
    if (!rest.take(':')) return time;
    const std::optional<int> second = rest.number(2);
    if (!second || *second > 59) return std::nullopt;
    const std::optional<nanoseconds> fraction = rest.fraction();
    if (!fraction) return std::nullopt;
    return time + seconds{*second} + *fraction;
}

/// `Z`, `+02:00`, `+0200` or `+02`; nothing at all is UTC.
[[nodiscard]] std::optional<nanoseconds> read_offset(Rest& rest) {
    if (rest.empty() || rest.take('Z') || rest.take('z')) return nanoseconds::zero();
    const int sign = rest.take('+') ? 1 : (rest.take('-') ? -1 : 0);
    const std::optional<int> hour = rest.number(2);
    if (sign == 0 || !hour || *hour > 23) return std::nullopt;
    if (rest.empty()) return sign * hours{*hour};
    rest.take(':');
    const std::optional<int> minute = rest.number(2);
    if (!minute || *minute > 59) return std::nullopt;
    return sign * (hours{*hour} + minutes{*minute});
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
    if (const std::optional<nanoseconds> plain = read_seconds(text)) return Timestamp{*plain, false};

    Rest rest{text};
    const std::optional<nanoseconds> date = read_date(rest);
    if (!date) return std::nullopt;
    if (rest.empty()) return Timestamp{*date, true};
    if (!rest.take(' ') && !rest.take('T') && !rest.take('t')) return std::nullopt;
    const std::optional<nanoseconds> time = read_time_of_day(rest);
    if (!time) return std::nullopt;
    const std::optional<nanoseconds> offset = read_offset(rest);
    if (!offset || !rest.empty()) return std::nullopt;
    return Timestamp{*date + *time - *offset, true};
}

}  // namespace fleetsim::traffic
