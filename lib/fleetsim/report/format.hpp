#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/des/time.hpp>

/// Figures and tables as a person reads them on a terminal. Nothing here depends on the locale.
namespace fleetsim::report {

/// Columns a terminal needs for UTF-8 `text`: combining marks need none, East Asian wide characters and emoji two.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// With `decimals` digits after the point and a space between thousands: `1 904`, `2 456.3`.
[[nodiscard]] std::string grouped(double value, int decimals = 0);

/// A number and its noun: `1 service`, `3 services`.
[[nodiscard]] std::string counted(std::size_t count, std::string_view noun);

/// Three digits at most and a multiplier where needed: `734 M`, `5.18 M`, `812`.
[[nodiscard]] std::string short_count(double value);

/// A latency or another short span in three digits and its natural unit: `38.2 ms`, `1.84 s`.
[[nodiscard]] std::string span_text(double milliseconds);

/// A long duration in its two largest units: `24 h`, `7 days`, `1 h 30 min`.
[[nodiscard]] std::string duration_text(des::Duration duration);

/// A share (1 is all; more is possible) as a percentage with `decimals` after the point, cut off rather than rounded:
/// less than all is never shown as `100 %`.
[[nodiscard]] std::string percent_text(double share, int decimals);

/// An amount below ten cents in four decimals, else in two: `$1 814.44`, `$0.0213`.
[[nodiscard]] std::string usd_text(double usd);

struct TextOptions {
    bool color = false;
};

/// With the codes of an ANSI `style` around it, if colour is asked for.
[[nodiscard]] std::string painted(std::string_view text, std::string_view style, const TextOptions& options);
[[nodiscard]] std::string bold(std::string_view text, const TextOptions& options);

/// Rows of cells in aligned columns. The first column is flush left; the caller says which others are.
class Table {
public:
    enum class Align { left, right };

    /// `indent`: spaces before every row.
    explicit Table(std::vector<Align> columns, std::size_t indent = 2)
        : columns_(std::move(columns)), indent_(indent) {}

    /// Cells beyond the last are empty; there are never more cells than columns.
    void row(std::vector<std::string> cells);

    /// All rows, each ended by a newline, without spaces at the end.
    [[nodiscard]] std::string text() const;

private:
    std::vector<Align> columns_;
    std::size_t indent_;
    std::vector<std::vector<std::string>> rows_;
};

/// An empty line and a table whose first cell is its title, in bold. Only the finished title is painted, since escape
/// codes have no width.
[[nodiscard]] std::string section(const Table& table, std::string_view title, const TextOptions& options);

}  // namespace fleetsim::report
