#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/placement/query.hpp>

#include "catch.hpp"

using namespace fleetsim::placement;

namespace {

/// `§` stands before the character at which the one error must point.
struct Row {
    std::string_view text;
    std::string_view message;
    std::string_view hint = "";
};

void check(const std::vector<Row>& rows) {
    constexpr std::string_view mark = "§";
    for (const Row& row : rows) {
        std::string text{row.text};
        const std::size_t at = text.find(mark);
        REQUIRE(at != std::string::npos);
        text.erase(at, mark.size());
        CAPTURE(text);
        const ParsedQuery parsed = parse_query(text);
        CHECK_FALSE(parsed.query);
        CHECK(parsed.errors.size() == 1);
        if (parsed.errors.empty()) continue;
        CHECK(parsed.errors[0].message == row.message);
        CHECK(parsed.errors[0].hint == row.hint);
        CHECK(parsed.errors[0].column == at + 1);
    }
}

constexpr std::string_view all_operators = "legal here: ==, !=, >, >=, <, <=, exists, !exists, in, !in, =~ or !~";
constexpr std::string_view quote_it = "put it in single quotes if it is the value";

}  // namespace

TEST_CASE("a subject nobody knows is answered with the nearest that there is") {
    check({
        {"§attribut:x == y", R"-(unknown subject "attribut:x")-", "did you mean attribute:x?"},
        {"§Attribute:x == y", R"-(unknown subject "Attribute:x")-", "did you mean attribute:x?"},
        {"§ec2InstanceID == i-1", R"-(unknown subject "ec2InstanceID")-", "did you mean ec2InstanceId?"},
        {"agentConnected == true and §agentversion > 1", R"-(unknown subject "agentversion")-",
         "did you mean agentVersion?"},
        {"§task:grp == x", R"-(unknown subject "task:grp")-", "did you mean task:group?"},
        {"§ecs.instance-type == t2.small", R"-(unknown subject "ecs.instance-type")-",
         "did you mean attribute:ecs.instance-type?"},
        {"§ecs.availabilty-zone == a", R"-(unknown subject "ecs.availabilty-zone")-",
         "did you mean attribute:ecs.availability-zone?"},
        {"§zzz", R"-(unknown subject "zzz")-",
         "a subject is agentConnected, agentVersion, ec2InstanceId, registeredAt, runningTasksCount, task:group or "
         "attribute:NAME"},
        {"attribute:§ == y", "expected an attribute's name right after attribute:, found a blank"},
        {"attribute:§a@b == 1", R"-("a@b" is not an attribute's name)-",
         "letters, digits, -, _, ., / and \\ are allowed"},
        {"not §", "expected a subject, found the end", "such as attribute:ecs.instance-type"},
        {"(§)", R"-(expected a subject, found ")")-", "such as attribute:ecs.instance-type"},
        {"agentVersion > 1 and §or agentVersion > 2", R"-(expected a subject, found "or")-",
         "such as attribute:ecs.instance-type"},
        {"agentVersion > 1 || §&& agentVersion > 2", R"-(expected a subject, found "&&")-",
         "such as attribute:ecs.instance-type"},
        {"§== 1", R"-(expected a subject, found "==")-", "such as attribute:ecs.instance-type"},
        {"§'attribute:x' == 1", R"-(expected a subject, found "'")-", "such as attribute:ecs.instance-type"},
    });
    const std::string longer(129, 'n');
    const ParsedQuery parsed = parse_query("attribute:" + longer + " exists");
    REQUIRE(parsed.errors.size() == 1);
    CHECK(parsed.errors[0] == QueryError{11, "an attribute's name of 129 characters, more than 128", ""});
}

TEST_CASE("an operator nobody knows, or that the subject does not take, is answered with those it takes") {
    check({
        {"attribute:x §= y", R"-(unknown operator "=")-", "did you mean ==, != or >=?"},
        {"attribute:x §=== y", R"-(unknown operator "===")-", "did you mean ==?"},
        {"attribute:x §equal y", R"-(unknown operator "equal")-", "did you mean equals?"},
        {"attribute:x §greaterThan 5", R"-(unknown operator "greaterThan")-", "did you mean greater_than?"},
        {"attribute:x §IN [a]", R"-(unknown operator "IN")-", "did you mean in?"},
        {"attribute:x §!within [a]", R"-(unknown operator "!within")-", all_operators},
        {"agentVersion §like 1", R"-(unknown operator "like")-", "legal here: ==, !=, >, >=, < or <="},
        {"attribute:x§", "expected an operator after attribute:x, found the end", all_operators},
        {"attribute:x §and attribute:y exists", R"-(expected an operator after attribute:x, found "and")-",
         all_operators},
        {"attribute:x §not in [a]", R"-(expected an operator after attribute:x, found "not")-", all_operators},
        {"(task:group§)", R"-(expected an operator after task:group, found ")")-",
         "legal here: ==, !=, exists, in, !in, =~ or !~"},
        {"agentConnected §> true", "agentConnected does not take >", "legal here: ==, !=, in, !in, =~ or !~"},
        {"agentVersion §matches 1.*", "agentVersion does not take matches", "legal here: ==, !=, >, >=, < or <="},
        // The value is not read as if the operator were legal.
        {"agentVersion §=~ [a", "agentVersion does not take =~", "legal here: ==, !=, >, >=, < or <="},
        {"ec2InstanceId §exists", "ec2InstanceId does not take exists", "legal here: ==, !=, in, !in, =~ or !~"},
        {"registeredAt §in [2018-02-13]", "registeredAt does not take in", "legal here: ==, !=, >, >=, < or <="},
        {"runningTasksCount §!~ 1", "runningTasksCount does not take !~", "legal here: ==, !=, >, >=, < or <="},
        {"task:group §!exists", "task:group does not take !exists", "legal here: ==, !=, exists, in, !in, =~ or !~"},
    });
}

TEST_CASE("a value that is missing or cannot be read is shown where it should stand") {
    check({
        {"attribute:x ==§", "expected a value after ==, found the end"},
        {"attribute:x == §and attribute:y == 2", R"-(expected a value after ==, found "and")-", quote_it},
        {"attribute:x == §!prod", R"-(expected a value after ==, found "!prod")-", quote_it},
        {"attribute:x =~ §(a|b)", R"-(expected a value after =~, found "(")-", quote_it},
        {"(attribute:x ==§)", R"-(expected a value after ==, found ")")-"},
        {"attribute:x =~ a§(b|c)", "( inside a value", "put the whole value in single quotes"},
        {"attribute:x == prod§'", "' inside a value", "put the whole value in single quotes"},
        {"attribute:x == §'prod", "the quote is never closed"},
        {"attribute:x == 'a'§b", R"-(expected a blank after the quoted value, found "b")-"},
        {R"-(attribute:x == §"prod")-", "double quotes around a value", "values are written in single quotes"},
        {"attribute:x == §[a, b]", "== takes one value, not a list", "in and !in take lists"},
        {"agentVersion > §[1, 2]", "> takes one value, not a list"},
        {"attribute:x in §a", R"-(expected "[" after in, found "a")-", "a list is [a, b]"},
        {"attribute:x !in §[]", "the list is empty", "a list is [a, b]"},
        {"attribute:x in [a, §]", R"-(expected a value after in, found "]")-"},
        {"attribute:x in [§, a]", R"-(expected a value after in, found ",")-"},
        {"attribute:x in [a §b]", R"-(expected "," or "]" for the [ at column 16, found "b")-"},
        {"attribute:x in [a, b§", R"-(expected "," or "]" for the [ at column 16, found the end)-"},
        {"agentConnected == §yes", R"-(expected true or false, found "yes")-"},
        {"agentConnected in [true, '§']", R"-(expected true or false, found "")-"},
        {"agentVersion < §1.x", R"-(expected a version such as 1.14.5, found "1.x")-"},
        {"registeredAt < §yesterday",
         "expected a date such as 2018-06-18 or 2018-06-18T22:28:28Z, found \"yesterday\""},
        {"runningTasksCount > §many", R"-(expected a whole number of 64 bits, found "many")-"},
        {"runningTasksCount > §1.5", R"-(expected a whole number of 64 bits, found "1.5")-"},
        {"runningTasksCount > §9223372036854775808",
         R"-(expected a whole number of 64 bits, found "9223372036854775808")-"},
    });
}

TEST_CASE("a pattern's fault is shown inside the pattern") {
    check({
        {"attribute:x =~ §[ab", R"-(bad pattern "[ab": missing ]: [ab)-"},
        {"attribute:x =~ a§**", R"-(bad pattern "a**": bad repetition operator: **)-"},
        {"attribute:x !~ '§*a'", R"-(bad pattern "*a": no argument for repetition operator: *)-"},
        {"task:group =~ a§{2000}", R"-(bad pattern "a{2000}": invalid repetition size: {2000})-"},
        {"attribute:x =~ '§(?!a)b'", R"-(bad pattern "(?!a)b": lookahead (?! is not supported)-",
         "join two terms with and"},
        {"attribute:x =~ 'b§\\k<n>'", R"-(bad pattern "b\k<n>": back reference \k is not supported)-"},
    });
}

TEST_CASE("what stands between terms, and parentheses without their other half, are pointed at") {
    check({
        {"§", "the expression is empty", "such as attribute:ecs.instance-type == t2.small"},
        {"§ \t\n", "the expression is empty", "such as attribute:ecs.instance-type == t2.small"},
        {"attribute:x == a §AND attribute:y == b", R"-(expected "and", "or" or the end, found "AND")-",
         "did you mean and?"},
        {"attribute:x == a §b", R"-(expected "and", "or" or the end, found "b")-"},
        {"attribute:x == a§, attribute:y == b", R"-(expected "and", "or" or the end, found ",")-"},
        {"attribute:x exists §attribute:y exists", R"-(expected "and", "or" or the end, found "attribute:y")-"},
        {"(attribute:x exists§", R"-(expected "and", "or" or ")" for the ( at column 1, found the end)-"},
        {"not (attribute:x exists §Or agentVersion > 1)",
         R"-(expected "and", "or" or ")" for the ( at column 5, found "Or")-", "did you mean or?"},
        {"attribute:x exists§)", "there is no ( for this )"},
        {"attribute:x == caf§\xC3\xA9", "a character outside printable ASCII"},
        {"attribute:x == a§\x7F", "a character outside printable ASCII"},
    });
}

TEST_CASE("all wrong terms of an expression are shown at once, in their order") {
    const ParsedQuery parsed = parse_query(
        "agentVersion =~ 1.* and registeredAt < soon and (foo:bar == 2 or attribute:x =~ [) and agent "
        "> 1");
    CHECK_FALSE(parsed.query);
    std::vector<std::size_t> columns;
    for (const QueryError& error : parsed.errors) columns.push_back(error.column);
    CHECK(columns == std::vector<std::size_t>{14, 40, 50, 81, 88});
}

TEST_CASE("an expression may have 2000 characters and 64 open parentheses") {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '(') + "runningTasksCount == 1" + std::string(depth, ')');
    };
    CHECK(parse_query(nested(deepest_query)).query);
    CHECK(parse_query(nested(deepest_query + 1)).errors ==
          std::vector<QueryError>{{65, "parentheses are nested more than 64 deep", ""}});

    std::string side_by_side = "(agentVersion>1)";
    for (std::size_t i = 0; i < deepest_query; ++i) side_by_side += "or(agentVersion>1)";
    CHECK(parse_query(side_by_side).query);

    const std::string term = "runningTasksCount == 1";
    CHECK(parse_query(term + std::string(longest_query - term.size(), ' ')).query);
    CHECK(parse_query(term + std::string(longest_query - term.size() + 1, ' ')).errors ==
          std::vector<QueryError>{{2001, "the expression has 2001 characters, more than 2000", ""}});
}
