#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace fleetsim::traffic {

[[nodiscard]] constexpr bool is_blank(char letter) { return letter == ' ' || letter == '\t'; }

/// A field of a line of CSV, without blanks around it and without quotes around what is left.
struct CsvField {
    std::string_view text;   ///< Into the line, which must outlive it.
    std::size_t column = 0;  ///< Of its first character, from 1.

    void drop_front() {
        text.remove_prefix(1);
        ++column;
    }
};

/// The fields of a line, at least one; a comma inside quotes separates nothing.
/// Left out: doubled quotes inside quotes, and quoted line ends.
[[nodiscard]] inline std::vector<CsvField> csv_fields(std::string_view line) {
    std::vector<CsvField> fields;
    std::size_t start = 0;
    bool quoted = false;
    for (std::size_t i = 0; i <= line.size(); ++i) {
        if (i < line.size() && line[i] == '"') quoted = !quoted;
        if (i < line.size() && (quoted || line[i] != ',')) continue;

        CsvField field{line.substr(start, i - start), start + 1};
        while (!field.text.empty() && is_blank(field.text.front())) field.drop_front();
        while (!field.text.empty() && is_blank(field.text.back())) field.text.remove_suffix(1);
        if (field.text.size() >= 2 && field.text.front() == '"' && field.text.back() == '"') {
            field.drop_front();
            field.text.remove_suffix(1);
        }
        fields.push_back(field);
        start = i + 1;
    }
    return fields;
}

}  // namespace fleetsim::traffic
