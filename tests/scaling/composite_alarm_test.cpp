#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/scaling/composite_alarm.hpp>

#include "catch.hpp"

namespace {

using fleetsim::des::Stream;
using fleetsim::scaling::AlarmRule;
using fleetsim::scaling::AlarmState;
using fleetsim::scaling::deepest_alarm_rule;
using fleetsim::scaling::ExpressionError;
using fleetsim::scaling::longest_alarm_rule;
using fleetsim::scaling::most_underlying_alarms;
using fleetsim::scaling::ParsedAlarmRule;
using Names = std::vector<std::string>;

AlarmRule read(std::string_view text) {
    ParsedAlarmRule parsed = AlarmRule::parse(text);
    CAPTURE(text, parsed.error.message);
    REQUIRE(parsed.rule.has_value());
    CHECK(parsed.error == ExpressionError{});
    return *std::move(parsed.rule);
}

ExpressionError refuse(std::string_view text) {
    ParsedAlarmRule parsed = AlarmRule::parse(text);
    CAPTURE(text);
    CHECK_FALSE(parsed.rule.has_value());
    CHECK_FALSE(parsed.error.message.empty());
    CHECK(parsed.error.offset <= text.size());
    return parsed.error;
}

/// Alarms whose names tell their states: `a1` and the like are in ALARM, `o1` OK, `i1` INSUFFICIENT_DATA.
AlarmState state_of(std::string_view name) {
    if (name.front() == 'a') return AlarmState::alarm;
    return name.front() == 'o' ? AlarmState::ok : AlarmState::insufficient_data;
}

bool holds(std::string_view text) { return read(text).evaluate(state_of); }

TEST_CASE("each function looks for its state") {
    CHECK(holds("ALARM(a)"));
    CHECK_FALSE(holds("ALARM(o)"));
    CHECK_FALSE(holds("ALARM(i)"));
    CHECK_FALSE(holds("OK(a)"));
    CHECK(holds("OK(o)"));
    CHECK_FALSE(holds("OK(i)"));
    CHECK_FALSE(holds("INSUFFICIENT_DATA(a)"));
    CHECK_FALSE(holds("INSUFFICIENT_DATA(o)"));
    CHECK(holds("INSUFFICIENT_DATA(i)"));
    CHECK(holds("TRUE"));
    CHECK_FALSE(holds("FALSE"));
}

TEST_CASE("a composite alarm is in ALARM while its rule holds and OK otherwise") {
    CHECK(evaluate(read("NOT OK(i)"), state_of) == AlarmState::alarm);
    CHECK(evaluate(read("OK(i)"), state_of) == AlarmState::ok);
}

TEST_CASE("NOT binds tighter than AND and AND tighter than OR") {
    // Each row would differ if the operators bound otherwise.
    struct Row {
        std::string_view text;
        bool holds;
    };
    for (const Row& row : {
             Row{"TRUE OR TRUE AND FALSE", true},
             Row{"(TRUE OR TRUE) AND FALSE", false},
             Row{"FALSE AND TRUE OR TRUE", true},
             Row{"FALSE AND (TRUE OR TRUE)", false},
             Row{"NOT FALSE OR TRUE", true},
             Row{"NOT (FALSE OR TRUE)", false},
             Row{"NOT FALSE AND FALSE", false},
             Row{"NOT (FALSE AND FALSE)", true},
             Row{"NOT NOT TRUE", true},
             Row{"NOT NOT NOT TRUE", false},
             Row{"((TRUE))", true},
             Row{"TRUE AND TRUE AND FALSE", false},
             Row{"FALSE OR FALSE OR TRUE", true},
             Row{"TRUE\tAND\nNOT\r\nFALSE", true},
             Row{"(TRUE)AND(NOT(FALSE))", true},
         }) {
        CAPTURE(row.text);
        CHECK(holds(row.text) == row.holds);
    }
}

TEST_CASE("the user guide's rules hold when they say") {
    using States = std::map<std::string, AlarmState, std::less<>>;
    const auto check = [](std::string_view text, const States& states, bool expected) {
        CAPTURE(text);
        const auto state = [&](const std::string& name) { return states.at(name); };
        CHECK(read(text).evaluate(state) == expected);
    };
    constexpr auto on = AlarmState::alarm;
    constexpr auto ok = AlarmState::ok;
    constexpr auto unknown = AlarmState::insufficient_data;

    const std::string_view both = "ALARM(CPUUtilizationTooHigh) AND ALARM(DiskReadOpsTooHigh)";
    check(both, {{"CPUUtilizationTooHigh", on}, {"DiskReadOpsTooHigh", on}}, true);
    check(both, {{"CPUUtilizationTooHigh", on}, {"DiskReadOpsTooHigh", unknown}}, false);
    const std::string_view quiet = "ALARM(CPUUtilizationTooHigh) AND NOT ALARM(DeploymentInProgress)";
    check(quiet, {{"CPUUtilizationTooHigh", on}, {"DeploymentInProgress", ok}}, true);
    check(quiet, {{"CPUUtilizationTooHigh", on}, {"DeploymentInProgress", on}}, false);
    const std::string_view two = "AT_LEAST(2, ALARM, (WebServer1CPU, WebServer2CPU, WebServer3CPU, WebServer4CPU))";
    check(two, {{"WebServer1CPU", on}, {"WebServer2CPU", ok}, {"WebServer3CPU", unknown}, {"WebServer4CPU", on}}, true);
    check(two, {{"WebServer1CPU", on}, {"WebServer2CPU", ok}, {"WebServer3CPU", ok}, {"WebServer4CPU", ok}}, false);
    const std::string_view half = "AT_LEAST(50%, OK, (Db1, Db2, Db3, Db4))";
    check(half, {{"Db1", ok}, {"Db2", ok}, {"Db3", on}, {"Db4", on}}, true);
    check(half, {{"Db1", ok}, {"Db2", unknown}, {"Db3", on}, {"Db4", on}}, false);
    const std::string_view zones = "AT_LEAST(2, ALARM, (AZ1, AZ2, AZ3)) AND NOT ALARM(MaintenanceWindow)";
    check(zones, {{"AZ1", on}, {"AZ2", on}, {"AZ3", ok}, {"MaintenanceWindow", ok}}, true);
    check(zones, {{"AZ1", on}, {"AZ2", on}, {"AZ3", ok}, {"MaintenanceWindow", on}}, false);
}

TEST_CASE("AT_LEAST counts alarms in a state or in another and rounds percentages up") {
    CHECK(holds("AT_LEAST(1, ALARM, (a1))"));
    CHECK_FALSE(holds("AT_LEAST(3, ALARM, (a1, a2, o1, i1))"));
    CHECK(holds("AT_LEAST(2, NOT ALARM, (a1, a2, o1, i1))"));
    CHECK_FALSE(holds("AT_LEAST(3, NOT ALARM, (a1, a2, o1, i1))"));
    CHECK(holds("AT_LEAST(3, NOT INSUFFICIENT_DATA, (a1, a2, o1, i1))"));
    CHECK(holds("NOT AT_LEAST(2, OK, (a1, a2, o1, i1))"));
    // A third of four alarms is more than one.
    CHECK_FALSE(holds("AT_LEAST(33%, OK, (a1, a2, o1, i1))"));
    CHECK(holds("AT_LEAST(33%, OK, (a1, o2, o1, i1))"));
    CHECK(holds("AT_LEAST( 25 % , OK , ( a1 , a2 , o1 , i1 ) )"));
    CHECK_FALSE(holds("AT_LEAST(26%, OK, (a1, a2, o1, i1))"));
    CHECK(holds("AT_LEAST(100%, NOT OK, (a1, a2))"));
    CHECK(holds("AT_LEAST(1%, ALARM, (a1, o1))"));
}

TEST_CASE("the names of a rule are told once and in the order in which they first occur") {
    CHECK(read("ALARM(b) AND OK(a) OR ALARM(b) AND AT_LEAST(1, OK, (c, a))").names() == Names{"b", "a", "c"});
    CHECK(read("TRUE").names().empty());
    CHECK(read(" ALARM( x ) ").text() == " ALARM( x ) ");
    const AlarmRule rule = read("ALARM(b) AND OK(a)");
    CHECK(rule.holds(std::array{AlarmState::alarm, AlarmState::ok}));
    CHECK_FALSE(rule.holds(std::array{AlarmState::ok, AlarmState::alarm}));
}

TEST_CASE("names stand bare or in double quotes") {
    struct Row {
        std::string_view text;
        std::string name;
    };
    for (const Row& row : {
             Row{"OK(b)", "b"},
             Row{"OK(\"b c\")", "b c"},
             Row{"OK( \"b, (c)\" )", "b, (c)"},
             Row{"OK(\"say \\\"hi\\\"\")", "say \"hi\""},
             Row{"OK(\"a\\\\\")", "a\\"},
             Row{"OK(\"a\\b\")", "a\\b"},
             Row{"OK(a\\b'c[d]&%=!)", "a\\b'c[d]&%=!"},
             Row{"OK(NOT)", "NOT"},
             Row{"OK(arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu)",
                 "arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu"},
             Row{"OK(h\xc3\xb6he)", "h\xc3\xb6he"},
         }) {
        CAPTURE(row.text);
        CHECK(read(row.text).names() == Names{row.name});
    }
}

TEST_CASE("what is no rule is refused where it goes wrong and told what was expected") {
    struct Row {
        std::string_view text;
        std::size_t offset;
        std::string_view message;
        std::string_view hint;
    };
    for (const Row& row : {
             Row{"", 0, "the rule is empty", "such as ALARM(cpu-high)"},
             Row{" \n\t", 0, "the rule is empty", "such as ALARM(cpu-high)"},
             Row{"ALARM", 5, "expected \"(\" after ALARM, found the end", "such as ALARM(cpu-high)"},
             Row{"ALARM cpu", 6, "expected \"(\" after ALARM, found \"cpu\"", "such as ALARM(cpu-high)"},
             Row{"ALARM(", 6, "expected an alarm's name, found the end", ""},
             Row{"ALARM()", 6, "expected an alarm's name, found \")\"", ""},
             Row{"ALARM(\"\")", 6, "an alarm's name is empty", ""},
             Row{"ALARM(a b)", 8, "expected \")\" for the ( at character 6, found \"b\"",
                 "put a name with blanks or commas in double quotes"},
             Row{"ALARM(a, b)", 7, "expected \")\" for the ( at character 6, found \",\"",
                 "put a name with blanks or commas in double quotes"},
             Row{"ALARM(\"a)", 6, "the quote is never closed", ""},
             Row{"ALARM(\"a\\\")", 6, "the quote is never closed", ""},
             Row{"ALARM(\"a\\", 6, "the quote is never closed", ""},
             Row{"ALARM(\"a\nb\")", 7, "a control character in the alarm's name \"a b\"", ""},
             Row{"alarm(a)", 0, "unknown function \"alarm\"", "did you mean ALARM?"},
             Row{"ALRM(a)", 0, "unknown function \"ALRM\"", "did you mean ALARM?"},
             Row{"cpu-high", 0, "unknown function \"cpu\"", "such as ALARM(cpu-high)"},
             Row{"true", 0, "unknown function \"true\"", "did you mean TRUE?"},
             Row{"ALARM(a) and ALARM(b)", 9, "expected AND, OR or the end, found \"and\"", "did you mean AND?"},
             Row{"ALARM(a) ALARM(b)", 9, "expected AND, OR or the end, found \"ALARM\"", ""},
             Row{"ALARM(a) && ALARM(b)", 9, "expected AND, OR or the end, found \"&\"", ""},
             Row{"ALARM(a) AND", 12, "expected an alarm's state, found the end", "such as ALARM(cpu-high)"},
             Row{"AND ALARM(a)", 0, "expected an alarm's state, found \"AND\"", "such as ALARM(cpu-high)"},
             Row{"NOT", 3, "expected an alarm's state, found the end", "such as ALARM(cpu-high)"},
             Row{"()", 1, "expected an alarm's state, found \")\"", "such as ALARM(cpu-high)"},
             Row{"(ALARM(a)", 9, "expected AND, OR or \")\" for the ( at character 1, found the end", ""},
             Row{"(TRUE or FALSE)", 6, "expected AND, OR or \")\" for the ( at character 1, found \"or\"",
                 "did you mean OR?"},
             Row{"ALARM(a))", 8, "there is no ( for this )", ""},
             Row{"TRUE(a)", 4, "expected AND, OR or the end, found \"(\"", ""},
             Row{"AT_LEAST 2", 9, "expected \"(\" after AT_LEAST, found \"2\"",
                 "such as AT_LEAST(2, ALARM, (a, b, c))"},
             Row{"AT_LEAST(x, ALARM, (a))", 9, "expected how many alarms, found \"x\"",
                 "a number such as 2, or a percentage such as 50%"},
             Row{"AT_LEAST(-1, ALARM, (a))", 9, "expected how many alarms, found \"-\"",
                 "a number such as 2, or a percentage such as 50%"},
             Row{"AT_LEAST(2x, ALARM, (a))", 9, "expected how many alarms, found \"2x\"",
                 "a number such as 2, or a percentage such as 50%"},
             Row{"AT_LEAST(2 ALARM, (a))", 11, "expected \",\" after the number, found \"ALARM\"",
                 "such as AT_LEAST(2, ALARM, (a, b, c))"},
             Row{"AT_LEAST(2, ALARM(a), ALARM(b))", 17, "expected \",\" after the state, found \"(\"",
                 "such as AT_LEAST(2, ALARM, (a, b, c))"},
             Row{"AT_LEAST(1, ALERM, (a))", 12, "expected ALARM, OK or INSUFFICIENT_DATA, found \"ALERM\"",
                 "did you mean ALARM?"},
             Row{"AT_LEAST(1, ALARM, a)", 19, "expected \"(\" before the alarms' names, found \"a\"",
                 "a list is (a, b)"},
             Row{"AT_LEAST(1, ALARM, ())", 20, "expected an alarm's name, found \")\"", ""},
             Row{"AT_LEAST(1, ALARM, (a b))", 22, "expected \",\" or \")\" for the ( at character 20, found \"b\"",
                 "put a name with blanks in double quotes"},
             Row{"AT_LEAST(1, ALARM, (a)", 22, "expected \")\" for the ( at character 9, found the end", ""},
             Row{"AT_LEAST(0, ALARM, (a))", 9, "AT_LEAST wants 1 to 1 here", ""},
             Row{"AT_LEAST(3, ALARM, (a, b))", 9, "AT_LEAST wants 1 to 2 here", ""},
             Row{"AT_LEAST(0%, ALARM, (a, b))", 9, "AT_LEAST wants 1 to 100% here", ""},
             Row{"AT_LEAST(101%, ALARM, (a, b))", 9, "AT_LEAST wants 1 to 100% here", ""},
             Row{"AT_LEAST(99999999999999999999999, ALARM, (a))", 9, "AT_LEAST wants 1 to 1 here", ""},
             Row{"\xc3\xa4", 0, "expected an alarm's state, found \"\xc3\xa4\"", "such as ALARM(cpu-high)"},
             Row{"TRUE \x01", 5, "expected AND, OR or the end, found \" \"", ""},
         }) {
        const ExpressionError error = refuse(row.text);
        CAPTURE(row.text);
        CHECK(error.offset == row.offset);
        CHECK(error.message == row.message);
        CHECK(error.hint == row.hint);
    }
}

std::string repeated(std::string_view part, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += part;
    return out;
}

TEST_CASE("rules have limits that no text gets past") {
    const std::size_t depth = deepest_alarm_rule;
    CHECK(holds(repeated("(", depth) + "TRUE" + repeated(")", depth)));
    const ExpressionError deep = refuse(repeated("(", depth + 1) + "TRUE" + repeated(")", depth + 1));
    CHECK(deep.message == "parentheses are nested more than 64 deep");
    CHECK(deep.offset == depth);
    CHECK(refuse(repeated("(", longest_alarm_rule)).message == deep.message);
    CHECK(holds("TRUE" + repeated(" AND (TRUE)", 2 * depth)));
    CHECK(holds(repeated("NOT ", 2000) + "TRUE"));
    CHECK(holds("TRUE" + repeated(" AND TRUE", 1000)));

    CHECK(holds("TRUE" + std::string(longest_alarm_rule - 4, ' ')));
    CHECK(refuse("TRUE" + std::string(longest_alarm_rule - 3, ' ')).offset == longest_alarm_rule);
    CHECK(refuse(std::string(1'000'000, 'x')).message == "the rule has 1000000 characters, more than 10240");
    CHECK(refuse(std::string(longest_alarm_rule, 'x')).message.size() < 100);

    std::string names = "a0";
    for (std::size_t i = 1; i < most_underlying_alarms; ++i) names += ", a" + std::to_string(i);
    CHECK(holds("AT_LEAST(100, ALARM, (" + names + ")) AND ALARM(a99)"));
    CHECK(refuse("AT_LEAST(100, ALARM, (" + names + ")) AND ALARM(b)").message ==
          "the rule looks at more than 100 alarms");
}

/// A text that means the same as evaluating it while it is made.
struct Made {
    std::string text;
    bool holds;
};

template <class Draws>
Made make(Draws& draws, int depth) {
    const std::uint64_t form = depth == 0 ? draws.word() % 2 : draws.word() % 6;
    if (form == 0) return draws.word() % 2 == 0 ? Made{"TRUE", true} : Made{"FALSE", false};
    if (form == 1) {
        constexpr std::array<std::string_view, 3> functions{"INSUFFICIENT_DATA", "OK", "ALARM"};
        constexpr std::array<std::string_view, 3> names{"i", "o", "a"};
        const std::size_t wanted = draws.word() % 3;
        const std::size_t is = draws.word() % 3;
        return {std::string(functions[wanted]) + "(" + std::string(names[is]) + ")", wanted == is};
    }
    const Made left = make(draws, depth - 1);
    if (form == 2) return {"NOT (" + left.text + ")", !left.holds};
    const Made right = make(draws, depth - 1);
    if (form < 5) return {"(" + left.text + ") AND (" + right.text + ")", left.holds && right.holds};
    return {"(" + left.text + ") OR (" + right.text + ")", left.holds || right.holds};
}

TEST_CASE("any rule holds if its parts say so") {
    const Stream chance{3, 0, "composite_alarm_test", "rules"};
    for (std::uint64_t round = 0; round < 500; ++round) {
        auto draws = chance.draws(round);
        const Made made = make(draws, 5);
        CAPTURE(made.text);
        CHECK(holds(made.text) == made.holds);
    }
}

TEST_CASE("any text is a rule or an error with a place") {
    constexpr std::array<std::string_view, 24> pieces{"ALARM",    "OK",       "INSUFFICIENT_DATA",
                                                      "AT_LEAST", "TRUE",     "FALSE",
                                                      "AND",      "OR",       "NOT",
                                                      "(",        ")",        ",",
                                                      "\"",       " ",        "a",
                                                      "50%",      "2",        "\\",
                                                      "(a)",      "\n",       "\xc3",
                                                      "\xff",     "ALARM(a)", "%"};
    const Stream chance{4, 0, "composite_alarm_test", "garbage"};
    std::size_t rules = 0;
    for (std::uint64_t round = 0; round < 20'000; ++round) {
        auto draws = chance.draws(round);
        std::string text;
        const std::uint64_t length = draws.word() % 12;
        for (std::uint64_t i = 0; i < length; ++i) text += pieces[draws.word() % pieces.size()];
        const ParsedAlarmRule parsed = AlarmRule::parse(text);
        if (parsed.rule) {
            ++rules;
            (void)parsed.rule->evaluate([](const std::string&) { return AlarmState::ok; });
        } else if (parsed.error.offset > text.size() || parsed.error.message.empty()) {
            CAPTURE(text);
            FAIL_CHECK("an error without a place or a message");
        }
    }
    CHECK(rules > 20);
}

}  // namespace
