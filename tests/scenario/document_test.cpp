#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/document.hpp>

#include "catch.hpp"

using namespace fleetsim::scenario;

namespace {

struct Refusal {
    std::string message;
    int line = 0;
    int column = 0;
};

/// The single diagnostic of a text that is refused.
Refusal refusal(std::string_view text) {
    Diagnostics found("a");
    CHECK_FALSE(parse_document(text, found).has_value());
    const auto sorted = found.sorted();
    REQUIRE(sorted.size() == 1);
    return {sorted[0].message, sorted[0].place.line, sorted[0].place.column};
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    out.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a document is a tree with the position of every part") {
    Diagnostics found;
    const auto document = parse_document("a:\n  - b\n  - {c: 'd', e: }\n", found);
    REQUIRE(document.has_value());
    const Node& root = *document->root().node;
    REQUIRE(root.kind == Node::Kind::mapping);
    REQUIRE(root.entries.size() == 1);
    CHECK(root.entries[0].key.at == Position{1, 1});
    const Node& list = *root.entries[0].value.node;
    REQUIRE(list.kind == Node::Kind::list);
    REQUIRE(list.items.size() == 2);
    CHECK(list.items[0].node->text == "b");
    CHECK(list.items[0].at == Position{2, 5});
    const Node& inner = *list.items[1].node;
    CHECK(list.items[1].at == Position{3, 5});
    REQUIRE(inner.entries.size() == 2);
    CHECK(inner.entries[0].value.at == Position{3, 9});
    CHECK(inner.entries[0].value.node->text == "d");
    CHECK(inner.entries[1].value.node->kind == Node::Kind::null);
    CHECK(found.sorted().empty());
}

TEST_CASE("columns count characters, not bytes, and a byte order mark counts nothing") {
    Diagnostics found;
    const auto document = parse_document("\xEF\xBB\xBF\"\xC3\xA4\xE2\x82\xAC\": x\n", found);
    REQUIRE(document.has_value());
    CHECK(document->root().node->entries[0].key.at == Position{1, 1});
    CHECK(document->root().node->entries[0].value.at == Position{1, 7});
}

TEST_CASE("an alias is a second use of one node at a place of its own") {
    Diagnostics found;
    const auto document = parse_document("a: &x 1\nb: *x\n", found);
    REQUIRE(document.has_value());
    const auto& entries = document->root().node->entries;
    CHECK(entries[1].value.node == entries[0].value.node);
    CHECK(entries[1].value.at == Position{2, 4});
}

TEST_CASE("a text that is written letter for letter knows where its first letter stands") {
    const auto text_at = [](std::string_view text) {
        Diagnostics found;
        const auto document = parse_document(text, found);
        REQUIRE(document.has_value());
        return document->root().node->entries[0].value.node->text_at;
    };
    CHECK(text_at("a: b c # d\n") == Position{1, 4});
    CHECK(text_at("a: \"b 'c'\"\n") == Position{1, 5});
    CHECK(text_at("a: 'b \"c\"'\n") == Position{1, 5});
    CHECK(text_at("\xC3\xA4: \"\xC3\xA4\"\n") == Position{1, 5});
    CHECK(text_at("a: ''\n") == Position{1, 5});
    CHECK(text_at("a:\r\n  b\r\n") == Position{2, 3});
    for (const std::string_view otherwise :
         {"a: 'b ''c'''\n", "a: \"b\\x20c\"\n", "a: b\n  c\n", "a: 'b\n  c'\n", "a: |\n  b\n", "a: >\n  b\n",
          "a: |\n  |\n", "a: &x b\n", "a: !odd b\n", "a: [b]\n", "a:\n"}) {
        INFO(otherwise);
        CHECK_FALSE(text_at(otherwise).has_value());
    }
}

TEST_CASE("line endings of any system and unknown tags are read") {
    Diagnostics found;
    const auto document = parse_document("a: 1\r\nb: !odd 2\r\n", found);
    REQUIRE(document.has_value());
    CHECK(document->root().node->entries[1].value.node->text == "2");
    CHECK(document->root().node->entries[1].key.at == Position{2, 1});
}

TEST_CASE("a file without content is called empty") {
    for (const std::string_view text : {"", "\n\n", "# only a comment\n", "---\n", "~\n", "\xEF\xBB\xBF"}) {
        INFO("text: " << text);
        const Refusal refused = refusal(text);
        CHECK(contains(refused.message, "the file is empty"));
        CHECK(refused.line == 0);
    }
}

TEST_CASE("what is not UTF-8 text is refused at its first byte") {
    using namespace std::string_literals;
    CHECK(contains(refusal("ok: 1\nx\0y"s).message, "byte 0x00"));
    CHECK(refusal("ok: 1\nx\0y"s).line == 2);
    CHECK(refusal("ok: 1\nx\0y"s).column == 2);
    CHECK(contains(refusal("caf\xE9\n").message, "byte 0xE9"));
    CHECK(contains(refusal("a: \xC0\xAF").message, "byte 0xC0"));      // an overlong slash
    CHECK(contains(refusal("a: \xED\xA0\x80").message, "byte 0xED"));  // a surrogate
    CHECK(contains(refusal("a: \xF4\x90\x80\x80").message, "byte 0xF4"));
    CHECK(contains(refusal("a: \xE2\x82").message, "byte 0xE2"));  // cut short
    CHECK(contains(refusal("a: \x1B[31m").message, "control character 0x1B"));
    CHECK(contains(refusal("\xFF\xFE"
                           "f\0l\0"s)
                       .message,
                   "not a text file"));
}

TEST_CASE("YAML errors name their place") {
    struct Row {
        std::string_view text;
        int line;
        int column;
        std::string_view message;
    };
    const std::vector<Row> rows{
        {"a: [1\nb: 2\n", 2, 2, "not valid YAML: a comma or the closing ] expected here"},
        {"a: {b: 1\nc: 2\n", 2, 2, "not valid YAML: a comma or the closing } expected here"},
        {"a:\n\tb: 1\n", 2, 3, "not valid YAML: a tab in the indentation"},
        {"a: 1\n\tb: 1\n", 2, 1, "not valid YAML: a tab in the indentation"},
        {"a: *nobody\n", 1, 4, "not valid YAML: the alias names no anchor"},
        {"a: b: c\n", 1, 5, "not valid YAML: a key and a value cannot start here"},
        {"a: \"open\nb: 1\n", 1, 4, "this quote is never closed"},
        {"a: 'it''s\n", 1, 4, "this quote is never closed"},
        {"a: 1\n---\nb: 2\n", 2, 1, "a second document starts here"},
        {"a: &x [*x]\n", 1, 8, "an alias may not contain itself"},
    };
    for (const Row& row : rows) {
        INFO("text: " << row.text);
        const Refusal refused = refusal(row.text);
        INFO(refused.message);
        CHECK(contains(refused.message, row.message));
        CHECK(refused.line == row.line);
        CHECK(refused.column == row.column);
    }
}

TEST_CASE("a file may be 8 MiB and no larger") {
    const std::string comment = "a: 1\n#" + std::string(largest_file_bytes - 6, 'x');
    Diagnostics found;
    CHECK(parse_document(comment, found).has_value());
    CHECK(contains(refusal(comment + "x").message, "larger than 8 MiB"));
}

TEST_CASE("nesting beyond 64 levels never reaches the stack") {
    const std::size_t inside_the_limit = largest_file_bytes / 4;
    for (const std::string_view opening : {"[", "{", "- ", "? ", "[{", "[\"]\",", "{a: ", "&a [", "- - ? "}) {
        INFO("opening: " << opening);
        CHECK(contains(refusal(repeated(opening, inside_the_limit / opening.size())).message,
                       "nested more than 64 levels deep"));
    }
    CHECK(contains(refusal(repeated("[", 20'000'000)).message, "larger than 8 MiB"));
    CHECK(contains(refusal(repeated("- ", 10'000'000)).message, "larger than 8 MiB"));

    std::string stairs;
    for (std::size_t depth = 0; depth < 3'000; ++depth) stairs += std::string(depth, ' ') + "a:\n";
    const Refusal refused = refusal(stairs);
    CHECK(contains(refused.message, "nested more than 64 levels deep"));

    Diagnostics found;
    CHECK(parse_document(repeated("[", 63) + repeated("]", 63), found).has_value());
    CHECK(parse_document("# [[[[ in a comment " + repeated("[", 200) + "\na: '" + repeated("[", 200) + "'\n", found)
              .has_value());
}

TEST_CASE("aliases cannot blow a small file up") {
    std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 30; ++i) {
        const std::string use = "*a" + std::to_string(i - 1);
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + use;
        for (int k = 0; k < 8; ++k) laughs += ", " + use;
        laughs += "]\n";
    }
    CHECK(contains(refusal(laughs).message, "values once aliases are written out"));

    std::string chain = "a0: &a0 [x]\n";
    for (int i = 1; i < 10'000; ++i) {
        chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
    }
    CHECK(contains(refusal(chain).message, "nested more than 64 levels deep"));
}

TEST_CASE("a list of a million items too many is refused before it is read") {
    CHECK(contains(refusal("a: [" + std::string(1'500'000, ',')).message, "more than 1000000 list items"));
}
