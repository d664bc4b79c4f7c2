#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/diagnostics.hpp>
#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/small_shop.hpp"

/// Faults put one at a time into a good scenario, and the one diagnostic that each must give.
namespace fleetsim::scenario::test {

/// One fault in an otherwise good scenario. In `becomes`, § stands before the character to which the diagnostic must
/// point. Each fault must give this one diagnostic and no other.
struct Row {
    std::string_view was;
    std::string_view becomes;
    std::string_view message;
    std::string_view hint = "";
    Severity severity = Severity::error;
};

inline constexpr std::string_view mark = "§";

struct Expected {
    std::string text;
    int line = 0;
    int column = 0;
};

[[nodiscard]] inline Expected spoiled(const Row& row, std::string_view good_text) {
    Expected out{with(good_text, row.was, row.becomes), 1, 1};
    const std::size_t at = out.text.find(mark);
    REQUIRE(at != std::string::npos);
    out.text.erase(at, mark.size());
    for (std::size_t i = 0; i < at; ++i) {
        if (out.text[i] == '\n') {
            ++out.line;
            out.column = 1;
        } else if ((static_cast<unsigned char>(out.text[i]) & 0xC0U) != 0x80U) {
            ++out.column;
        }
    }
    return out;
}

inline void check(const std::vector<Row>& rows, std::string_view good_text = small_shop) {
    for (const Row& row : rows) {
        const Expected expected = spoiled(row, good_text);
        const Loaded loaded = load(expected.text);
        INFO("becomes: " << row.becomes << "\n" << loaded.diagnostics.render());
        const auto found = loaded.diagnostics.sorted();
        CHECK(loaded.scenario.has_value() == (row.severity == Severity::warning));
        CHECK(found.size() == 1);
        if (found.empty()) continue;
        CHECK(found[0].severity == row.severity);
        CHECK(found[0].place.line == expected.line);
        CHECK(found[0].place.column == expected.column);
        CHECK(found[0].message.find(row.message) != std::string::npos);
        CHECK(found[0].hint.find(row.hint) != std::string::npos);
        CHECK(found[0].hint.empty() == row.hint.empty());
    }
}

}  // namespace fleetsim::scenario::test
