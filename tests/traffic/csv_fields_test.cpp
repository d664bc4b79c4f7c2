#include <string_view>
#include <vector>

#include <fleetsim/traffic/csv_fields.hpp>

#include "catch.hpp"

using fleetsim::traffic::csv_fields;
using fleetsim::traffic::CsvField;

TEST_CASE("a line of CSV falls apart at its commas, and every field knows its place") {
    struct Expected {
        std::string_view text;
        std::size_t column;
    };
    struct Example {
        std::string_view line;
        std::vector<Expected> fields;
    };
    const std::vector<Example> examples{
        {"", {{"", 1}}},
        {"a", {{"a", 1}}},
        {"a,b", {{"a", 1}, {"b", 3}}},
        {"a,,", {{"a", 1}, {"", 3}, {"", 4}}},
        {" a b ,\tc ", {{"a b", 2}, {"c", 8}}},
        {R"("a","b")", {{"a", 2}, {"b", 6}}},
        {R"("a, b",c)", {{"a, b", 2}, {"c", 8}}},
        {R"("",")", {{"", 2}, {"\"", 4}}},
    };
    for (const Example& example : examples) {
        CAPTURE(example.line);
        const std::vector<CsvField> fields = csv_fields(example.line);
        REQUIRE(fields.size() == example.fields.size());
        for (std::size_t i = 0; i < fields.size(); ++i) {
            CHECK(fields[i].text == example.fields[i].text);
            CHECK(fields[i].column == example.fields[i].column);
        }
    }
}
