#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <fleetsim/import/csv_table.hpp>
#include <fleetsim/scenario/scalars.hpp>

namespace fleetsim::import {

namespace {

/// A number that is finite and not negative, as it is written.
[[nodiscard]] std::optional<double> read_amount(const Cell& cell, double most, scenario::Diagnostics& diagnostics) {
    if (cell.text.empty()) {
        diagnostics.error(cell.at, fmt::format("{} is missing", cell.column));
        return std::nullopt;
    }
    const auto parsed = scenario::parse_number(cell.text);
    const std::string found = scenario::in_quotes(cell.text);
    if (!parsed.value) {
        diagnostics.error(cell.at, fmt::format("{}: expected {}, found {}", cell.column, parsed.expected, found));
        return std::nullopt;
    }
    if (*parsed.value < 0) {
        diagnostics.error(cell.at, fmt::format("{}: expected 0 or more, found {}", cell.column, found));
        return std::nullopt;
    }
    if (*parsed.value > most) {
        diagnostics.error(cell.at, fmt::format("{}: expected at most {}, found {}", cell.column, most, found));
        return std::nullopt;
    }
    return *parsed.value;
}

}  // namespace

std::optional<std::int32_t> read_number(const Cell& cell, double scale, Rounding rounding,
                                        scenario::Diagnostics& diagnostics, std::int32_t min, std::int32_t max) {
    const double most = std::floor(max / scale);
    const auto amount = read_amount(cell, most, diagnostics);
    if (!amount) return std::nullopt;
    const double scaled = *amount * scale;
    const double nearest = std::nearbyint(scaled);
    // A decimal fraction such as 0.57 is a little more or less in binary; that is no reason to round it up.
    constexpr double hair = 1e-6;
    double whole = nearest;
    if (std::abs(scaled - nearest) > hair) {
        if (rounding == Rounding::none) {
            diagnostics.error(cell.at, fmt::format("{}: expected a whole number, found {}", cell.column,
                                                   scenario::in_quotes(cell.text)));
            return std::nullopt;
        }
        whole = rounding == Rounding::up ? std::ceil(scaled) : std::floor(scaled);
    }
    if (whole < min) {
        diagnostics.error(cell.at, fmt::format("{}: expected at least {}, found {}", cell.column, min / scale,
                                               scenario::in_quotes(cell.text)));
        return std::nullopt;
    }
    return static_cast<std::int32_t>(whole);
}

std::optional<des::Duration> read_seconds(const Cell& cell, scenario::Diagnostics& diagnostics) {
    const auto seconds = read_amount(cell, std::numeric_limits<std::int32_t>::max(), diagnostics);
    if (!seconds) return std::nullopt;
    return des::from_seconds(*seconds);
}

}  // namespace fleetsim::import
