#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/placement/query_pattern.hpp>

#include "catch.hpp"

using namespace fleetsim::placement::detail;

TEST_CASE("what Java and RE2 do not share is refused where it stands") {
    struct Row {
        std::string_view pattern;
        std::size_t offset;
        std::string_view message;
        std::string_view hint = "";
    };
    const std::vector<Row> rows{
        {"a(?=b)", 1, "lookahead (?= is not supported", "join two terms with and"},
        {"a(?!b)", 1, "lookahead (?! is not supported", "join two terms with and"},
        {"(?<=a)b", 0, "lookbehind (?<= is not supported", "join two terms with and"},
        {"(?<!a)b", 0, "lookbehind (?<! is not supported", "join two terms with and"},
        {"(?>a)b", 0, "atomic group (?> is not supported", "write (?:"},
        {"(?<name>a)", 0, "named group (?< is not supported", "write (?:"},
        {"(?P<name>a)", 0, "named group (?P is not supported", "write (?:"},
        {"(?x)a b", 0, "flag x is not supported", "the flags are i, m and s"},
        {"(?i-U:a)", 0, "flag U is not supported", "the flags are i, m and s"},
        {"ab*+", 2, "possessive quantifier *+ is not supported", "drop the last +"},
        {"ab++", 2, "possessive quantifier ++ is not supported", "drop the last +"},
        {"ab?+", 2, "possessive quantifier ?+ is not supported", "drop the last +"},
        {"ab{2,3}+", 6, "possessive quantifier }+ is not supported", "drop the last +"},
        {"a{,3}", 1, "the { begins no repetition", "write \\{ for the brace itself"},
        {"a{x}", 1, "the { begins no repetition", "write \\{ for the brace itself"},
        {"a{2", 1, "the { begins no repetition", "write \\{ for the brace itself"},
        {"(a)\\1", 3, "back reference \\1 is not supported"},
        {"(a)\\12", 3, "back reference \\1 is not supported"},
        {"a\\k<n>", 1, "back reference \\k is not supported"},
        {"a\\Z", 1, "escape \\Z is not supported"},
        {"\\G", 0, "escape \\G is not supported"},
        {"\\C", 0, "escape \\C is not supported"},
        {"\\u0041", 0, "escape \\u is not supported"},
        {"[a\\h]", 2, "escape \\h is not supported"},
        {"\\p{Alpha}", 0, "property \\p{Alpha} is not supported", "write a class such as [A-Za-z]"},
        {"[\\P{IsGreek}]", 1, "property \\P{IsGreek} is not supported", "write a class such as [A-Za-z]"},
        {"[[:alpha:]]", 1, "a class inside a class is not supported", "write \\[ for the bracket itself"},
        {"[a-z&&[^b]]", 4, "the intersection && of classes is not supported"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.pattern);
        const auto fault = unshared_construct(row.pattern);
        REQUIRE(fault);
        CHECK(fault->offset == row.offset);
        CHECK(fault->message == row.message);
        CHECK(fault->hint == row.hint);
        CHECK_FALSE(compile_pattern(row.pattern).pattern);
    }
}

TEST_CASE("what Java and RE2 share matches what it matches in Java") {
    struct Row {
        std::string_view pattern;
        std::string_view matched;
        std::string_view other;
    };
    const std::vector<Row> rows{
        {"t2.*", "t2.small", "at2.small"},
        {"a|ab", "ab", "b"},
        {"a*?b+?c??", "aabb", "cab"},
        {"a{2,}b{2}c{0,1}", "aaabb", "ab"},
        {"\\++", "++", "\\"},
        {"[]a]+", "a]", "["},
        {"[^]a]", "b", "]"},
        {"[](?=]+", "(?=", ":"},
        {"[a\\]]+b", "]ab", "b"},
        {"[a\\[]", "[", "\\"},
        {"[{}*+?(]+", "{(*+}", "a"},
        {"a}", "a}", "a"},
        {"\\Q(?=[\\E+", "(?=[[", "(?="},
        {"\\Qa*+", "a*+", "aa"},
        {"(?i)ab", "aB", "b"},
        {"(?i:a)b", "Ab", "AB"},
        {"(?-i)(?s)a.", "a\n", "a"},
        {"(?:a)(b)", "ab", "a"},
        {"\\d\\D\\w\\W\\s\\S\\b", "1a_- b", "1"},
        {"\\Aa\\z", "a", "aa"},
        {"\\pL\\p{Lu}{2}\\x41\\x{42}\\012\\t", "aBCAB\n\t", "aB"},
        {"", "", "a"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.pattern);
        CHECK_FALSE(unshared_construct(row.pattern));
        const CompiledPattern compiled = compile_pattern(row.pattern);
        CAPTURE(compiled.fault.message);
        REQUIRE(compiled.pattern);
        CHECK(matches_whole(*compiled.pattern, row.matched));
        CHECK_FALSE(matches_whole(*compiled.pattern, row.other));
    }
}

TEST_CASE("a pattern that takes backtracking engines for ever is answered, or refused for its size") {
    const CompiledPattern slow = compile_pattern("(a*)*(a*)*(a|aa)+b");
    REQUIRE(slow.pattern);
    CHECK_FALSE(matches_whole(*slow.pattern, std::string(10'000, 'a')));
    CHECK(matches_whole(*slow.pattern, std::string(10'000, 'a') + "b"));

    CHECK(compile_pattern("((a{100}){100}){100}").fault.message == "invalid repetition size: {100}");
    CHECK(compile_pattern("\\pL{200}").fault.message == "pattern too large - compile failed");
    CHECK_FALSE(compile_pattern(std::string(1000, '(')).pattern);
    CHECK_FALSE(compile_pattern(std::string(2000, '[')).pattern);
    CHECK(compile_pattern(std::string(900, '(') + std::string(900, ')')).pattern);
}
