#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/map_reader.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;

namespace {

/// The value of the last top-level key of a text, as a mapping.
struct Fixture {
    explicit Fixture(std::string_view text) : diagnostics("a"), document(parse_document(text, diagnostics)) {
        REQUIRE(document.has_value());
        const Entry& last = document->root().node->entries.back();
        field = Field{"thing", last.value, last.key.at};
    }

    std::vector<std::string> messages() const {
        std::vector<std::string> all;
        for (const Diagnostic& one : diagnostics.sorted()) {
            all.push_back(std::to_string(one.place.line) + ":" + std::to_string(one.place.column) + " " + one.message +
                          (one.hint.empty() ? "" : " | " + one.hint));
        }
        return all;
    }

    Diagnostics diagnostics;
    std::optional<Document> document;
    Field field;
};

using Messages = std::vector<std::string>;

}  // namespace

TEST_CASE("keys are read over defaults") {
    Fixture fixture("thing: {count: 3}\n");
    MapReader map(fixture.diagnostics, fixture.field);
    std::int32_t count = 1;
    std::int32_t other = 7;
    CHECK(map.read("count", count, IntegerIn{0, 10}));
    CHECK(map.read("other", other, IntegerIn{0, 10}));
    CHECK(count == 3);
    CHECK(other == 7);
    CHECK(map.finish());
    CHECK(fixture.messages().empty());
}

TEST_CASE("every fault of a mapping is reported, each at its place") {
    Fixture fixture("thing:\n  count: many\n  count: 2\n  shade: 1\n  list: 5\n  [x]: 1\n  empty:\n");
    MapReader map(fixture.diagnostics, fixture.field);
    std::int32_t count = 1;
    std::int32_t empty = 1;
    CHECK_FALSE(map.read("count", count, IntegerIn{0, 10}));
    CHECK_FALSE(map.read("empty", empty, IntegerIn{0, 10}));
    CHECK_FALSE(map.require("shape", count, IntegerIn{0, 10}));
    CHECK(map.list("list").empty());
    CHECK(count == 1);
    CHECK_FALSE(map.finish());
    CHECK(fixture.messages() == Messages{
                                    "1:1 thing needs the key shape",
                                    "2:10 count: expected a whole number from 0 to 10, found \"many\"",
                                    "3:3 duplicate key \"count\" | first written in line 2",
                                    "4:3 unknown key \"shade\" in thing | did you mean shape?",
                                    "5:9 list: expected a list, found text",
                                    "6:3 thing: expected text as a key, found a list",
                                    "7:3 empty: expected a whole number from 0 to 10, found nothing",
                                });
}

TEST_CASE("an unknown key that resembles nothing is told what there is") {
    Fixture fixture("thing: {zzz: 1}\n");
    MapReader map(fixture.diagnostics, fixture.field);
    static_cast<void>(map.find("count"));
    static_cast<void>(map.find("shape"));
    map.finish();
    CHECK(fixture.messages() == Messages{"1:9 unknown key \"zzz\" in thing | it takes count or shape"});
}

TEST_CASE("merged keys are there, and keys written out win") {
    Fixture fixture(
        "base: &base {count: 1, shape: 2}\n"
        "more: &more {shape: 3, size: 4}\n"
        "thing: {<<: [*base, *more], count: 9}\n");
    MapReader map(fixture.diagnostics, fixture.field);
    std::int32_t count = 0;
    std::int32_t shape = 0;
    std::int32_t size = 0;
    CHECK(map.require("count", count, IntegerIn{0, 10}));
    CHECK(map.require("shape", shape, IntegerIn{0, 10}));
    CHECK(map.require("size", size, IntegerIn{0, 10}));
    CHECK(count == 9);
    CHECK(shape == 2);  // The first of the list wins.
    CHECK(size == 4);
    CHECK(map.finish());
    CHECK(fixture.messages().empty());
}

TEST_CASE("a merge reaches through merges, and a fault points into the base") {
    Fixture fixture(
        "a: &a {count: oops}\n"
        "b: &b {<<: *a, size: 4}\n"
        "thing: {<<: *b}\n");
    MapReader map(fixture.diagnostics, fixture.field);
    std::int32_t count = 0;
    CHECK_FALSE(map.require("count", count, IntegerIn{0, 10}));
    CHECK(map.find("size").has_value());
    CHECK(fixture.messages() == Messages{"1:15 count: expected a whole number from 0 to 10, found \"oops\""});
}

TEST_CASE("only mappings can be merged") {
    Fixture fixture("thing: {<<: [1, {count: 2}], shape: 1}\n");
    MapReader map(fixture.diagnostics, fixture.field);
    CHECK(map.find("count").has_value());
    CHECK(map.find("shape").has_value());
    map.finish();
    CHECK(fixture.messages() == Messages{"1:14 <<: expected a mapping or a list of mappings, found text"});
}

TEST_CASE("something else than a mapping is one fault, and its missing keys are none") {
    Fixture fixture("thing: [1, 2]\n");
    MapReader map(fixture.diagnostics, fixture.field);
    CHECK_FALSE(map.is_mapping());
    std::int32_t count = 0;
    CHECK_FALSE(map.require("count", count, IntegerIn{0, 10}));
    map.finish();
    CHECK(fixture.messages() == Messages{"1:8 thing: expected a mapping, found a list"});
}

TEST_CASE("a key that belongs elsewhere is told why and is not among those that the mapping takes") {
    Fixture fixture("thing: {cooldown: 3, qqqqqqqq: 1}\n");
    MapReader map(fixture.diagnostics, fixture.field);
    static_cast<void>(map.find("warmup"));
    map.refuse("cooldown", "cooldown: things have none", "warmup is what you want");
    map.refuse("patience", "patience: things have none");
    CHECK_FALSE(map.finish());
    CHECK(fixture.messages() == Messages{"1:9 cooldown: things have none | warmup is what you want",
                                         "1:22 unknown key \"qqqqqqqq\" in thing | it takes warmup"});
}

TEST_CASE("an optional value stays absent without its key") {
    Fixture fixture("thing: {here: 3, wrong: x}\n");
    MapReader map(fixture.diagnostics, fixture.field);
    std::optional<std::int32_t> here;
    std::optional<std::int32_t> absent;
    std::optional<std::int32_t> wrong;
    CHECK(map.read("here", here, IntegerIn{0, 10}));
    CHECK(map.read("absent", absent, IntegerIn{0, 10}));
    CHECK_FALSE(map.read("wrong", wrong, IntegerIn{0, 10}));
    CHECK(here == 3);
    CHECK_FALSE(absent.has_value());
    CHECK_FALSE(wrong.has_value());
}

TEST_CASE("of several choices exactly one is there") {
    constexpr std::array<std::string_view, 2> choices{"constant", "uniform"};
    const auto messages_of = [&](std::string_view text) {
        Fixture fixture(text);
        MapReader map(fixture.diagnostics, fixture.field);
        const auto chosen = map.only_one_of(choices);
        CHECK(chosen.has_value() == fixture.messages().empty());
        return fixture.messages();
    };
    CHECK(messages_of("thing: {uniform: 1}").empty());
    CHECK(messages_of("thing: {}") == Messages{"1:8 thing: expected constant or uniform"});
    CHECK(messages_of("thing: {constant: 1, uniform: 2}") ==
          Messages{"1:22 thing: expected only one of constant or uniform"});
    CHECK(messages_of("thing: {unifrom: 1}") ==
          Messages{"1:9 unknown key \"unifrom\" in thing | did you mean uniform?"});
}

TEST_CASE("inherited keys stand where the mapping that inherits them does") {
    Fixture fixture("base: {count: 3, name: a}\nthing: {name: b}\n");
    const Entry& first = fixture.document->root().node->entries.front();
    const MapReader base(fixture.diagnostics, {"base", first.value, first.key.at});
    MapReader map(fixture.diagnostics, fixture.field);
    map.inherit(base, {});
    CHECK(map.inherited("count"));
    CHECK_FALSE(map.inherited("name"));
    CHECK(map.place_of("count").line == 2);
    CHECK(map.place_of("count").column == 1);
    CHECK(map.place_of("name").column == 15);
    std::int32_t count = 1;
    CHECK(map.read("count", count, IntegerIn{0, 9}));
    CHECK(count == 3);
}
