#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include <fleetsim/scenario/scalars.hpp>

namespace fleetsim::scenario {

namespace {

constexpr std::string_view duration_wanted = "a duration such as 90s";
constexpr std::string_view size_wanted = "a size such as 512MiB";
constexpr std::string_view rate_wanted = "a rate such as 120/s";

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t hundred_years_ns = ns_per_second * 86'400 * 36'525;

[[nodiscard]] bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes the digits at the front of `text` away and returns them.
[[nodiscard]] std::string_view take_digits(std::string_view& text) {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    const std::string_view digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

[[nodiscard]] std::string_view take_letters(std::string_view& text) {
    std::size_t count = 0;
    while (count < text.size() &&
           ((text[count] >= 'a' && text[count] <= 'z') || (text[count] >= 'A' && text[count] <= 'Z'))) {
        ++count;
    }
    const std::string_view letters = text.substr(0, count);
    text.remove_prefix(count);
    return letters;
}

/// A decimal number as it was written: `1.50` is whole "1", fraction "50".
struct Decimal {
    std::string_view whole;
    std::string_view fraction;
    bool valid = false;
};

[[nodiscard]] Decimal take_decimal(std::string_view& text) {
    Decimal out;
    out.whole = take_digits(text);
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        out.fraction = take_digits(text);
        if (out.fraction.empty()) return out;
    }
    out.valid = !out.whole.empty();
    return out;
}

/// `decimal` times `unit`, or nothing when it exceeds `limit` or is not whole.
enum class Scaled : std::uint8_t { good, too_large, not_whole };

[[nodiscard]] Scaled scale(const Decimal& decimal, std::int64_t unit, std::int64_t limit, std::int64_t& out) {
    std::int64_t whole = 0;
    const char* const end = decimal.whole.data() + decimal.whole.size();
    if (std::from_chars(decimal.whole.data(), end, whole).ec != std::errc{}) return Scaled::too_large;
    if (whole > limit / unit) return Scaled::too_large;
    // From the last digit to the first, so that every division by ten has to be exact.
    std::int64_t fraction = 0;
    for (auto digit = decimal.fraction.rbegin(); digit != decimal.fraction.rend(); ++digit) {
        fraction += (*digit - '0') * unit;
        if (fraction % 10 != 0) return Scaled::not_whole;
        fraction /= 10;
    }
    out = whole * unit + fraction;
    return out > limit ? Scaled::too_large : Scaled::good;
}

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

// From large to small, the order of a compound's parts.
constexpr std::array duration_units{
    Unit{"d", 86'400 * ns_per_second},
    Unit{"h", 3'600 * ns_per_second},
    Unit{"m", 60 * ns_per_second},
    Unit{"s", ns_per_second},
    Unit{"ms", 1'000'000},
    Unit{"us", 1'000},
};

constexpr std::array size_units{Unit{"", 1}, Unit{"MiB", 1}, Unit{"GiB", 1'024}, Unit{"TiB", 1'048'576}};

template <std::size_t N>
[[nodiscard]] std::optional<std::size_t> unit_index(const std::array<Unit, N>& units, std::string_view name) {
    for (std::size_t i = 0; i < N; ++i) {
        if (units[i].name == name) return i;
    }
    return std::nullopt;
}

/// Units people write for durations and sizes in other tools, and what they are called here.
struct OtherName {
    std::string_view written;
    std::string_view ours;
};

constexpr std::array other_durations{
    OtherName{"sec", "s"},   OtherName{"secs", "s"},  OtherName{"second", "s"}, OtherName{"seconds", "s"},
    OtherName{"min", "m"},   OtherName{"mins", "m"},  OtherName{"minute", "m"}, OtherName{"minutes", "m"},
    OtherName{"hour", "h"},  OtherName{"hours", "h"}, OtherName{"hr", "h"},     OtherName{"day", "d"},
    OtherName{"days", "d"},  OtherName{"S", "s"},     OtherName{"H", "h"},      OtherName{"D", "d"},
    OtherName{"msec", "ms"}, OtherName{"usec", "us"},
};

constexpr std::array other_sizes{
    OtherName{"MB", "MiB"},  OtherName{"M", "MiB"},  OtherName{"m", "MiB"},   OtherName{"Mi", "MiB"},
    OtherName{"mib", "MiB"}, OtherName{"mb", "MiB"}, OtherName{"GB", "GiB"},  OtherName{"G", "GiB"},
    OtherName{"g", "GiB"},   OtherName{"Gi", "GiB"}, OtherName{"gib", "GiB"}, OtherName{"gb", "GiB"},
    OtherName{"TB", "TiB"},  OtherName{"T", "TiB"},
};

template <std::size_t N>
[[nodiscard]] std::string remedy(const std::array<OtherName, N>& names, std::string_view text) {
    std::string_view rest = text;
    const Decimal number = take_decimal(rest);
    if (!number.valid) return {};
    const std::string_view digits = text.substr(0, text.size() - rest.size());
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    for (const OtherName& name : names) {
        if (name.written == rest || name.ours == rest) return fmt::format("did you mean {}{}?", digits, name.ours);
    }
    return {};
}

[[nodiscard]] Parsed<des::Duration> wrong_duration(std::string_view text) {
    return Parsed<des::Duration>::bad(std::string(duration_wanted), remedy(other_durations, text));
}

}  // namespace

Parsed<des::Duration> parse_duration(std::string_view text, BareNumber bare) {
    using Result = Parsed<des::Duration>;
    const std::string_view all = text;
    std::int64_t total = 0;
    std::size_t next_unit = 0;
    bool fraction_seen = false;
    if (text.empty()) return wrong_duration(all);
    while (!text.empty()) {
        const Decimal number = take_decimal(text);
        if (!number.valid || fraction_seen) return wrong_duration(all);
        fraction_seen = !number.fraction.empty();
        const std::string_view name = take_letters(text);
        const bool bare_number = name.empty() && text.empty() && next_unit == 0;
        if (bare_number && bare == BareNumber::refused) {
            return Result::bad(std::string(duration_wanted), fmt::format("did you mean {}s?", all));
        }
        const auto unit = unit_index(duration_units, bare_number ? "s" : name);
        if (!unit || *unit < next_unit) return wrong_duration(all);
        next_unit = *unit + 1;
        std::int64_t part = 0;
        switch (scale(number, duration_units[*unit].factor, hundred_years_ns, part)) {
            case Scaled::too_large: return Result::bad("a duration of at most 100 years (36525d)");
            case Scaled::not_whole: return Result::bad("a duration in whole nanoseconds");
            case Scaled::good: break;
        }
        total += part;
        if (total > hundred_years_ns) return Result::bad("a duration of at most 100 years (36525d)");
    }
    return Result::good(des::Duration{total});
}

Parsed<std::int64_t> parse_size_mib(std::string_view text) {
    using Result = Parsed<std::int64_t>;
    const std::string_view all = text;
    const Decimal number = take_decimal(text);
    const auto unit = unit_index(size_units, text);
    if (!number.valid || !unit) return Result::bad(std::string(size_wanted), remedy(other_sizes, all));
    std::int64_t mib = 0;
    constexpr std::int64_t limit = std::numeric_limits<std::int32_t>::max();
    switch (scale(number, size_units[*unit].factor, limit, mib)) {
        case Scaled::too_large: return Result::bad("a size below 2048TiB");
        case Scaled::not_whole: return Result::bad("a size in whole MiB");
        case Scaled::good: break;
    }
    return Result::good(mib);
}

Parsed<double> parse_number(std::string_view text) {
    using Result = Parsed<double>;
    const std::string_view digits = !text.empty() && text.front() == '-' ? text.substr(1) : text;
    double value = 0;
    // A digit first: from_chars alone would also read `inf` and `nan`.
    const bool starts_well = !digits.empty() && (is_digit(digits.front()) || digits.front() == '.');
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!starts_well || read.ptr != text.data() + text.size() || read.ec == std::errc::invalid_argument) {
        return Result::bad("a number");
    }
    if (read.ec != std::errc{} || !std::isfinite(value)) return Result::bad("a number that a computer can hold");
    return Result::good(value);
}

Parsed<double> parse_rate_per_second(std::string_view text) {
    using Result = Parsed<double>;
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) {
        const bool bare = parse_number(text).value.has_value();
        return Result::bad(std::string(rate_wanted), bare ? fmt::format("did you mean {}/s?", text) : "");
    }
    std::string_view number = text.substr(0, slash);
    const std::string_view unit = text.substr(slash + 1);
    double multiplier = 1;
    if (number.ends_with('k')) multiplier = 1e3;
    if (number.ends_with('M')) multiplier = 1e6;
    if (multiplier > 1) number.remove_suffix(1);
    const double divisor = unit == "s" ? 1 : unit == "min" ? 60 : unit == "h" ? 3600 : 0;
    const Parsed<double> parsed = parse_number(number);
    if (divisor == 0) {
        const bool minute = unit == "m" || unit == "minute";
        return Result::bad("a rate per s, min or h such as 120/s",
                           minute ? fmt::format("did you mean {}/min?", text.substr(0, slash)) : "");
    }
    if (!parsed.value) return Result::bad(std::string(rate_wanted));
    const double rate = *parsed.value * multiplier / divisor;
    if (rate < 0 || rate > 1e9) return Result::bad("a rate from 0 to 1000M/s");
    return Result::good(rate);
}

Parsed<double> parse_share(std::string_view text) {
    const bool percent = text.ends_with('%');
    if (percent) text.remove_suffix(1);
    const Parsed<double> parsed = parse_number(text);
    if (!parsed.value) return Parsed<double>::bad("a share such as 99.9%");
    // Moving the decimal point gives 0.999 for 99.9%; a division would miss it by its rounding.
    const bool plain = text.find_first_of("eE") == std::string_view::npos;
    const double share = !percent ? *parsed.value
                         : plain  ? parse_number(fmt::format("{}e-2", text)).value.value_or(*parsed.value / 100)
                                  : *parsed.value / 100;
    if (!(share >= 0 && share <= 1)) {
        return Parsed<double>::bad("a share from 0% to 100%",
                                   percent || share > 100 ? "" : fmt::format("did you mean {}%?", text));
    }
    return Parsed<double>::good(share);
}

Parsed<std::int64_t> parse_integer(std::string_view text) {
    using Result = Parsed<std::int64_t>;
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ptr != text.data() + text.size() || read.ec == std::errc::invalid_argument) {
        return Result::bad("a whole number");
    }
    if (read.ec != std::errc{}) return Result::bad("a whole number that fits 64 bits");
    return Result::good(value);
}

Parsed<bool> parse_flag(std::string_view text) {
    if (text == "true" || text == "True" || text == "TRUE") return Parsed<bool>::good(true);
    if (text == "false" || text == "False" || text == "FALSE") return Parsed<bool>::good(false);
    return Parsed<bool>::bad("true or false");
}

std::string duration_text(des::Duration duration) {
    std::int64_t rest = duration.count();
    std::string out;
    for (const Unit& unit : duration_units) {
        // A day or two are better known by their hours.
        if (unit.name == "d" && rest < 3 * unit.factor) continue;
        // Below a second one unit with the whole rest reads better than a chain: 1500us, not 1ms500us.
        if (unit.factor < ns_per_second && rest % unit.factor != 0) continue;
        if (rest >= unit.factor) out += fmt::format("{}{}", rest / unit.factor, unit.name);
        rest %= unit.factor;
    }
    // What remains is finer than a microsecond.
    if (rest > 0) out += fmt::format("{}.{:03}us", rest / 1'000, rest % 1'000);
    return out.empty() ? "0s" : out;
}

}  // namespace fleetsim::scenario
