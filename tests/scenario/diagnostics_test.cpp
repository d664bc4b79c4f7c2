#include <string>
#include <vector>

#include <fleetsim/scenario/diagnostics.hpp>

#include "catch.hpp"

using namespace fleetsim::scenario;

TEST_CASE("a diagnostic shows its place, its line and a caret with the hint") {
    Diagnostics found("shop.yaml");
    found.set_text("fleetsim: 1\nweb:\n  instance_type: c6i.xlagre  # the big one\n  cooldown: 30s\n");
    found.warning({4, 3}, "scale-in cooldown 30 s is short", "raise it to 60s");
    found.error({3, 18}, "unknown instance type \"c6i.xlagre\"", "did you mean c6i.xlarge?");
    CHECK(found.has_errors());
    CHECK(found.render() ==
          "shop.yaml:3:18: error: unknown instance type \"c6i.xlagre\"\n"
          "    3 |   instance_type: c6i.xlagre  # the big one\n"
          "      |                  ^~~~~~~~~~ did you mean c6i.xlarge?\n"
          "shop.yaml:4:3: warning: scale-in cooldown 30 s is short\n"
          "    4 |   cooldown: 30s\n"
          "      |   ^~~~~~~~ raise it to 60s\n"
          "1 error, 1 warning.\n");
}

TEST_CASE("nothing wrong is nothing said") {
    CHECK(Diagnostics("shop.yaml").render().empty());
    CHECK_FALSE(Diagnostics("shop.yaml").has_errors());
}

TEST_CASE("a fault of the whole file has no line") {
    Diagnostics found("shop.yaml");
    found.error({}, "no such file");
    CHECK(found.render() == "shop.yaml: error: no such file\n1 error.\n");
}

TEST_CASE("diagnostics come in the order of the file and once each") {
    Diagnostics found("a");
    found.error({2, 1}, "second");
    found.error({1, 5}, "first");
    found.error({2, 1}, "second");
    found.warning({2, 1}, "second too");
    const auto sorted = found.sorted();
    REQUIRE(sorted.size() == 3);
    CHECK(sorted[0].message == "first");
    CHECK(sorted[0].place.file == "a");
    CHECK(sorted[0].place.line == 1);
    CHECK(sorted[0].place.column == 5);
    CHECK(sorted[1].message == "second");
    CHECK(sorted[2].severity == Severity::warning);
}

TEST_CASE("of too many diagnostics the first are shown, and errors before warnings") {
    Diagnostics found("a");
    for (int line = 1; line <= 60; ++line) found.warning({line, 1}, "w");
    for (int line = 61; line <= 100; ++line) found.error({line, 1}, "e");
    const std::string text = found.render();
    CHECK(text.find("a:61:1: error") != std::string::npos);
    CHECK(text.find("a:100:1: error") != std::string::npos);
    CHECK(text.find("a:10:1: warning") != std::string::npos);
    CHECK(text.find("a:11:1: warning") == std::string::npos);
    CHECK(text.ends_with("and 50 more\n40 errors, 60 warnings.\n"));
}

TEST_CASE("a hostile number of diagnostics is counted, not kept") {
    Diagnostics found("a");
    for (int line = 1; line <= 30'000; ++line) found.error({line, 1}, "e");
    CHECK(found.sorted().size() == Diagnostics::kept_at_most);
    CHECK(found.render().ends_with("and 29950 more\n30000 errors.\n"));
}

TEST_CASE("a long line is cut to a window around the fault") {
    Diagnostics found("a");
    const std::string before(500, 'x');
    found.set_text(before + " wrong " + std::string(500, 'y') + "\n");
    found.error({1, 502}, "m");
    const std::string text = found.render();
    CHECK(text.find("...xxx") != std::string::npos);
    CHECK(text.find("yyy...") != std::string::npos);
    const std::size_t line = text.find("    1 | ");
    const std::size_t caret_line = text.find("      | ");
    REQUIRE(line != std::string::npos);
    REQUIRE(caret_line != std::string::npos);
    CHECK(text.find('^') - caret_line == text.find("wrong") - line);
}

TEST_CASE("carets count characters, and nothing reaches the terminal that moves its cursor") {
    Diagnostics found("a");
    found.set_text("n\xC3\xA4me\xE2\x82\xAC: v\tx\xC2\x9B\x1B[1m\n");
    found.error({1, 8}, "m");
    CHECK(found.render() ==
          "a:1:8: error: m\n"
          "    1 | n\xC3\xA4me\xE2\x82\xAC: v x  [1m\n"
          "      |        ^~~~~~~~\n"
          "1 error.\n");
    CHECK(in_quotes("a\x1B[31m\n") == "\"a [31m \"");
    CHECK(in_quotes(std::string(100, 'a')) == "\"" + std::string(60, 'a') + "...\"");
}

TEST_CASE("hints list what may have been meant") {
    CHECK(did_you_mean({}).empty());
    CHECK(did_you_mean({"a"}) == "did you mean a?");
    CHECK(did_you_mean({"a", "b", "c"}) == "did you mean a, b or c?");
}
