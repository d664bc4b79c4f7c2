#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/des/nearest_name.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/import/problems.hpp>
#include <fleetsim/scenario/fields.hpp>
#include <fleetsim/traffic/csv_fields.hpp>

namespace fleetsim::import {

/// What one field of a table says, and where.
struct Cell {
    std::string_view text;
    std::string_view column;  ///< As the header names it.
    scenario::Position at;
};

/// How a number that is finer than its unit becomes a whole one: needs are rounded up and room is rounded down, so that
/// nothing fits that would not; counts must be whole.
enum class Rounding : std::uint8_t { up, down, none };

/// A number of the unit `scale` times finer than the one written, from `min` to `max` of the finer unit. Anything else
/// (nothing, words, `nan`, negative or larger numbers) is reported and gives nothing.
[[nodiscard]] std::optional<std::int32_t> read_number(const Cell& cell, double scale, Rounding rounding,
                                                      scenario::Diagnostics& diagnostics, std::int32_t min = 0,
                                                      std::int32_t max = 0x7FFFFFFF);

/// Seconds from 0 to the largest number of 32 bits, which are 68 years.
[[nodiscard]] std::optional<des::Duration> read_seconds(const Cell& cell, scenario::Diagnostics& diagnostics);

/// A name that a header may bear. Several may mean the same, in different units.
template <class Column>
struct ColumnName {
    std::string_view name;
    Column means;
    double scale = 1;  ///< Of the unit that is wanted, how many make one of the unit that is written.
};

/// A table in CSV whose first line names its columns, in any order. `Column` is an enumeration of what columns may
/// mean; its `ignored` is for columns that are known and not needed. Blank lines count for nothing.
template <class Column>
class CsvTable {
public:
    /// Reads the header. Columns that nobody knows and two that mean the same are reported; `good` is then false.
    CsvTable(std::string_view text, std::span<const ColumnName<Column>> names, scenario::Diagnostics& diagnostics)
        : diagnostics_(diagnostics), names_(names), lines_(text) {
        if (lines_.next()) {
            read_header();
        } else {
            good_ = false;
            diagnostics.error({}, "the file holds no lines; expected a header of named columns");
        }
    }

    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool has(Column column) const { return columns_.contains(column); }

    /// Reports a column that has to be there and is not.
    void require(Column column, std::string_view what) {
        if (has(column)) return;
        good_ = false;
        std::vector<std::string_view> choices;
        for (const auto& name : names_) {
            if (name.means == column) choices.push_back(name.name);
        }
        diagnostics_.error({header_line_, 1},
                           fmt::format("no column says {}; expected {}", what, scenario::listed(choices)));
    }

    /// Goes to the next row that has as many fields as the header; others are reported. False at the end.
    [[nodiscard]] bool next() {
        while (lines_.next()) {
            fields_ = traffic::csv_fields(lines_.line());
            if (fields_.size() == width_) return true;
            diagnostics_.error({lines_.number(), 1}, fmt::format("{} field{} where the header has {}", fields_.size(),
                                                                 fields_.size() == 1 ? "" : "s", width_));
        }
        return false;
    }

    [[nodiscard]] scenario::Position at() const { return {lines_.number(), 1}; }

    /// Of the current row; a column that the table has not reads as an empty field.
    [[nodiscard]] Cell cell(Column column) const {
        const auto found = columns_.find(column);
        if (found == columns_.end()) return {{}, {}, at()};
        const traffic::CsvField& field = fields_[found->second.position];
        return {field.text, found->second.name->name, {lines_.number(), column_of(lines_.line(), field.column - 1)}};
    }

    [[nodiscard]] std::optional<std::int32_t> number(Column column, Rounding rounding, std::int32_t min = 0,
                                                     std::int32_t max = 0x7FFFFFFF) const {
        return read_number(cell(column), columns_.at(column).name->scale, rounding, diagnostics_, min, max);
    }

private:
    struct Known {
        std::size_t position;
        const ColumnName<Column>* name;
    };

    void read_header() {
        header_line_ = lines_.number();
        const auto fields = traffic::csv_fields(lines_.line());
        width_ = fields.size();
        for (std::size_t i = 0; i < fields.size(); ++i) read_column(fields[i], i);
    }

    void read_column(const traffic::CsvField& field, std::size_t position) {
        const std::string lower = des::detail::lower(field.text);
        const auto known = std::find_if(names_.begin(), names_.end(),
                                        [&lower](const ColumnName<Column>& name) { return name.name == lower; });
        const scenario::Position at{header_line_, column_of(lines_.line(), field.column - 1)};
        if (known == names_.end()) {
            good_ = false;
            return diagnostics_.error(at, fmt::format("unknown column {}", scenario::in_quotes(field.text)),
                                      hint(lower));
        }
        if (known->means == Column::ignored) return;
        const auto [first, added] = columns_.try_emplace(known->means, Known{position, &*known});
        if (added) return;
        good_ = false;
        diagnostics_.error(at, fmt::format("{} and {} say the same; keep one", first->second.name->name, known->name));
    }

    [[nodiscard]] std::string hint(const std::string& written) const {
        std::vector<std::string_view> known;
        for (const auto& name : names_) {
            if (name.means != Column::ignored) known.push_back(name.name);
        }
        const auto nearest = des::nearest_names(written, known);
        return nearest.empty() ? fmt::format("it may be {}", scenario::listed(known)) : scenario::did_you_mean(nearest);
    }

    scenario::Diagnostics& diagnostics_;
    std::span<const ColumnName<Column>> names_;
    Lines lines_;
    std::vector<traffic::CsvField> fields_;
    std::map<Column, Known> columns_;
    std::size_t width_ = 0;
    int header_line_ = 0;
    bool good_ = true;
};

}  // namespace fleetsim::import
