#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include <fleetsim/des/check.hpp>
#include <fleetsim/report/format.hpp>

namespace fleetsim::report {
namespace {

struct Range {
    char32_t first;
    char32_t last;
};

constexpr std::array<Range, 6> zero_width{
    {{0x0300, 0x036F}, {0x200B, 0x200F}, {0x20D0, 0x20F0}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}}};
constexpr std::array<Range, 11> double_width{{{0x1100, 0x115F},
                                              {0x2E80, 0x303E},
                                              {0x3041, 0xA4CF},
                                              {0xAC00, 0xD7A3},
                                              {0xF900, 0xFAFF},
                                              {0xFE30, 0xFE6F},
                                              {0xFF00, 0xFF60},
                                              {0x1F300, 0x1F64F},
                                              {0x1F680, 0x1F6FF},
                                              {0x1F900, 0x1FAFF},
                                              {0x20000, 0x3FFFD}}};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t point) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [point](Range range) { return range.first <= point && point <= range.last; });
}

/// The code point at `at`, which moves behind it. Bytes that are no UTF-8 come out as some character; only the width of
/// a table's column depends on it.
char32_t next_code_point(std::string_view text, std::size_t& at) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    char32_t point = more == 0 ? lead : lead & (0x3Fu >> more);
    for (; more > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80u; --more) {
        point = (point << 6) | (static_cast<unsigned char>(text[at++]) & 0x3Fu);
    }
    return point;
}

/// Three digits: two decimals below 10, one below 100, none above.
std::string three_digits(double value) {
    const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f}", value, decimals);
}

struct Unit {
    double size;
    std::string_view name;
};

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char32_t point = next_code_point(text, at);
        if (!within(zero_width, point)) width += within(double_width, point) ? 2 : 1;
    }
    return width;
}

std::string grouped(double value, int decimals) {
    std::string text = fmt::format("{:.{}f}", value, decimals);
    const std::size_t first_digit = text.front() == '-' ? 1 : 0;
    const std::size_t point = std::min(text.find('.'), text.size());
    for (std::size_t at = point; at > first_digit + 3;) {
        at -= 3;
        text.insert(at, 1, ' ');
    }
    return text;
}

std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string short_count(double value) {
    constexpr std::array<Unit, 4> multipliers{{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}}};
    if (value < 10'000) return grouped(value);
    for (const Unit& multiplier : multipliers) {
        // 999 950 is already one million in three digits.
        if (value >= multiplier.size * 0.9995)
            return three_digits(value / multiplier.size) + " " + std::string{multiplier.name};
    }
    return grouped(value);
}

std::string span_text(double milliseconds) {
    constexpr std::array<Unit, 4> units{{{60'000, "min"}, {1'000, "s"}, {1, "ms"}, {0.001, "µs"}}};
    if (milliseconds == 0) return "0 ms";
    for (const Unit& unit : units) {
        if (milliseconds >= unit.size * 0.9995)
            return three_digits(milliseconds / unit.size) + " " + std::string{unit.name};
    }
    return fmt::format("{:.0f} ns", milliseconds * 1e6);
}

std::string duration_text(des::Duration duration) {
    constexpr std::int64_t second = 1'000'000'000;
    constexpr std::int64_t minute = 60 * second;
    constexpr std::int64_t hour = 60 * minute;
    constexpr std::int64_t day = 24 * hour;
    const std::int64_t count = duration.count();
    const auto days = [](std::int64_t n) { return fmt::format("{} {}", n, n == 1 ? "day" : "days"); };
    const auto join = [](std::string large, std::int64_t small, std::string_view unit) {
        return small == 0 ? large : fmt::format("{} {} {}", large, small, unit);
    };
    if (count >= 2 * day) return join(days(count / day), count % day / hour, "h");
    if (count >= hour) return join(fmt::format("{} h", count / hour), count % hour / minute, "min");
    if (count >= minute) return join(fmt::format("{} min", count / minute), count % minute / second, "s");
    return span_text(static_cast<double>(count) / 1e6);
}

std::string percent_text(double share, int decimals) {
    const double scale = std::pow(10, decimals);
    // The tiny term undoes the error of a share such as 0.999, which binary numbers may hold a little too low.
    const double percent = std::floor(share * 100 * scale + 1e-7) / scale;
    return fmt::format("{:.{}f} %", percent, decimals);
}

std::string usd_text(double usd) { return "$" + grouped(usd, usd == 0 || usd >= 0.1 ? 2 : 4); }

std::string painted(std::string_view text, std::string_view style, const TextOptions& options) {
    return options.color ? fmt::format("\x1b[{}m{}\x1b[0m", style, text) : std::string{text};
}

std::string bold(std::string_view text, const TextOptions& options) { return painted(text, "1", options); }

void Table::row(std::vector<std::string> cells) {
    FLEETSIM_CHECK(cells.size() <= columns_.size());
    rows_.push_back(std::move(cells));
}

std::string Table::text() const {
    std::vector<std::size_t> widths(columns_.size(), 0);
    for (const auto& cells : rows_) {
        for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], display_width(cells[i]));
    }
    std::string out;
    for (const auto& cells : rows_) {
        std::string line(indent_, ' ');
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::string padding(widths[i] - display_width(cells[i]), ' ');
            if (i > 0) line += "   ";
            line += columns_[i] == Align::left ? cells[i] + padding : padding + cells[i];
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string section(const Table& table, std::string_view title, const TextOptions& options) {
    std::string text = table.text();
    return "\n" + text.replace(text.find(title), title.size(), bold(title, options));
}

}  // namespace fleetsim::report
