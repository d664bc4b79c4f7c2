#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/scaling/metric_math.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

namespace {

using fleetsim::des::Stream;
using fleetsim::scaling::deepest_metric_expression;
using fleetsim::scaling::ExpressionError;
using fleetsim::scaling::longest_metric_expression;
using fleetsim::scaling::MetricExpression;
using fleetsim::scaling::ParsedMetricExpression;
using Value = std::optional<double>;
using Values = std::vector<Value>;
constexpr auto missing = std::nullopt;

MetricExpression read(std::string_view text) {
    ParsedMetricExpression parsed = MetricExpression::parse(text);
    CAPTURE(text, parsed.error.message);
    REQUIRE(parsed.expression.has_value());
    CHECK(parsed.error == ExpressionError{});
    return *std::move(parsed.expression);
}

ExpressionError refuse(std::string_view text) {
    const ParsedMetricExpression parsed = MetricExpression::parse(text);
    CAPTURE(text);
    CHECK_FALSE(parsed.expression.has_value());
    CHECK_FALSE(parsed.error.message.empty());
    CHECK(parsed.error.offset <= text.size());
    return parsed.error;
}

/// With its metrics' values in the order in which they occur.
Value value(std::string_view text, const Values& values) { return read(text).evaluate(values); }

TEST_CASE("operators bind as in arithmetic") {
    // m is 2. Each row would differ if the operators bound otherwise or from the other side.
    struct Row {
        std::string_view text;
        double value;
    };
    for (const Row& row : {
             Row{"m", 2},
             Row{"m + 3 * 4", 14},
             Row{"(m + 3) * 4", 20},
             Row{"10 - m - 3", 5},
             Row{"10 - (m - 3)", 11},
             Row{"100 / m / 5", 10},
             Row{"100 / (m / 5)", 250},
             Row{"3 * m ^ 3", 24},
             Row{"m ^ 3 ^ 2", 512},
             Row{"(m ^ 3) ^ 2", 64},
             Row{"-m ^ 2", -4},
             Row{"(-m) ^ 2", 4},
             Row{"m ^ -1", 0.5},
             Row{"m - -3", 5},
             Row{"m--3", 5},
             Row{"--m", 2},
             Row{"-m * 3 + 10", 4},
             Row{"10 * -m", -20},
             Row{"m + 1 < 4", 1},
             Row{"m + (1 < 4)", 3},
             Row{"m < 3 AND m > 3", 0},
             Row{"m < 3 OR m > 3 AND m > 3", 1},
             Row{"(m < 3 OR m > 3) AND m > 3", 0},
             Row{"m>1&&m<3||m==7", 1},
             Row{"m * 1e3 + .5 + 2.5e-1", 2000.75},
             Row{" ( m ) ", 2},
             Row{"m\n+\t1\r\n", 3},
         }) {
        CAPTURE(row.text);
        CHECK(value(row.text, {2.0}) == Value{row.value});
    }
}

TEST_CASE("comparisons and logic give 1 or 0") {
    struct Row {
        std::string_view text;
        double below;
        double equal;
        double above;
    };
    for (const Row& row : {
             Row{"m < 5", 1, 0, 0},
             Row{"m <= 5", 1, 1, 0},
             Row{"m > 5", 0, 0, 1},
             Row{"m >= 5", 0, 1, 1},
             Row{"m == 5", 0, 1, 0},
             Row{"m != 5", 1, 0, 1},
             Row{"m - 5 AND 1", 1, 0, 1},
             Row{"m - 5 OR 0", 1, 0, 1},
             Row{"m AND 0", 0, 0, 0},
         }) {
        CAPTURE(row.text);
        CHECK(value(row.text, {4.0}) == Value{row.below});
        CHECK(value(row.text, {5.0}) == Value{row.equal});
        CHECK(value(row.text, {6.0}) == Value{row.above});
    }
}

TEST_CASE("functions do what their names say") {
    struct Row {
        std::string_view text;
        Values values;
        Value value;
    };
    for (const Row& row : {
             Row{"ABS(m)", {-2.5}, 2.5},
             Row{"CEIL(m)", {2.1}, 3.0},
             Row{"CEIL(m)", {-2.1}, -2.0},
             Row{"FLOOR(m)", {2.9}, 2.0},
             Row{"FLOOR(m)", {-2.1}, -3.0},
             Row{"MAX(a, b)", {1.0, 2.0}, 2.0},
             Row{"MAX([a, b, 7])", {1.0, 2.0}, 7.0},
             Row{"MAX([a])", {1.0}, 1.0},
             Row{"MIN(a, b, c)", {3.0, 1.0, 2.0}, 1.0},
             Row{"MIN([a + 1, -b])", {3.0, 1.0}, -1.0},
             Row{"SUM([a, b])", {1.0, 2.0}, 3.0},
             Row{"SUM(a, b)", {1.0, 2.0}, 3.0},
             Row{"AVG([a, b])", {1.0, 2.0}, 1.5},
             Row{"MAX([MIN([a, b]), SUM([a, b]) / 2])", {1.0, 2.0}, 1.5},
             Row{"FILL(a, 10)", {1.0}, 1.0},
             Row{"FILL(a, 10)", {missing}, 10.0},
             Row{"FILL(a, b + 1)", {missing, 4.0}, 5.0},
             Row{"FILL(a, b)", {missing, missing}, missing},
             Row{"FILL(a / b, 0)", {1.0, 0.0}, 0.0},
             Row{"FILL(a, -1) * 2", {missing}, -2.0},
             Row{"IF(a > 100, 100 * b / a, 0)", {200.0, 4.0}, 2.0},
             Row{"IF(a > 100, 100 * b / a, 0)", {100.0, 4.0}, 0.0},
             Row{"IF(a<400, a)", {399.0}, 399.0},
             Row{"IF(a<400, a)", {400.0}, missing},
             Row{"IF(a<400, 10, 2)", {400.0}, 2.0},
             Row{"IF(a, 1, 2)", {-0.5}, 1.0},
             Row{"IF(1, a, b)", {5.0, 6.0}, 5.0},
             Row{"IF(0, a, b)", {5.0, 6.0}, 6.0},
             Row{"IF(1 > 0, a, b)", {missing, 6.0}, missing},
             Row{"IF(a, 1 / 0, 2)", {1.0}, missing},
         }) {
        CAPTURE(row.text, row.values);
        CHECK(value(row.text, row.values) == row.value);
    }
}

TEST_CASE("a missing operand counts as zero beside one that is there and nothing comes from nothing") {
    struct Row {
        std::string_view text;
        Values values;
        Value value;
    };
    for (const Row& row : {
             Row{"a + b", {5.0, missing}, 5.0},
             Row{"a - b", {missing, 5.0}, -5.0},
             Row{"a * b", {5.0, missing}, 0.0},
             Row{"errors / requests", {missing, 5.0}, 0.0},
             Row{"errors / requests", {5.0, missing}, missing},
             Row{"a ^ b", {5.0, missing}, 1.0},
             Row{"a + b", {missing, missing}, missing},
             Row{"a + b + c", {missing, missing, 3.0}, 3.0},
             Row{"a < b", {missing, missing}, missing},
             Row{"a OR b", {missing, 2.0}, 1.0},
             // A number is no datapoint.
             Row{"5 * a", {missing}, missing},
             Row{"a + 0", {missing}, missing},
             Row{"a > 15", {missing}, missing},
             Row{"-a", {missing}, missing},
             Row{"ABS(a)", {missing}, missing},
             Row{"a + b * 0", {5.0, missing}, 5.0},
             Row{"a + 1 / 0", {5.0}, missing},
             // What is there has extremes; an average counts what is missing as 0.
             Row{"MAX([a, b])", {-5.0, missing}, -5.0},
             Row{"MIN([a, b])", {5.0, missing}, 5.0},
             Row{"SUM([a, b])", {5.0, missing}, 5.0},
             Row{"AVG([a, b])", {5.0, missing}, 2.5},
             Row{"AVG([a, b])", {missing, missing}, missing},
             Row{"MAX([a, 7])", {missing}, missing},
             Row{"SUM([a, 1 / 0])", {5.0}, missing},
             Row{"MAX([1, 2]) + a", {5.0}, 7.0},
             // What has no finite result is missing.
             Row{"a / 0", {5.0}, missing},
             Row{"0 / a", {0.0}, missing},
             Row{"a ^ 0.5", {-1.0}, missing},
             Row{"a ^ -1", {0.0}, missing},
             Row{"a * 1e308", {1e308}, missing},
             Row{"SUM([a, a])", {1.7e308}, missing},
             Row{"a - a", {5.0}, 0.0},
         }) {
        CAPTURE(row.text, row.values);
        CHECK(value(row.text, row.values) == row.value);
    }
}

// The tables of the Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics".
TEST_CASE("the user guide's tables come out as printed") {
    struct Table {
        std::string_view text;
        std::vector<Values> columns;  // One a timestamp, in the order of the names.
        Values results;
    };
    const Values metric1{30.0, 20.0, 0.0, 0.0};
    const Values metric2{20.0, missing, 20.0, missing};
    const auto both = [&] {
        std::vector<Values> columns;
        for (std::size_t i = 0; i < metric1.size(); ++i) columns.push_back({metric1[i], metric2[i]});
        return columns;
    }();
    const std::vector<Values> three{
        {1.0, 30.0, 0.0}, {1.0, missing, 0.0}, {0.0, 0.0, 20.0}, {0.0, 0.0, missing}, {missing, 30.0, 20.0}};
    const std::vector<Values> first_third{{1.0, 0.0}, {1.0, 0.0}, {0.0, 20.0}, {0.0, missing}, {missing, 20.0}};
    const std::vector<Values> first_second{{1.0, 30.0}, {1.0, missing}, {0.0, 0.0}, {0.0, 0.0}, {missing, 30.0}};
    for (const Table& table : {
             Table{"(metric1 < metric2)", both, {0.0, 0.0, 1.0, 0.0}},
             Table{"(metric1 >= 30)", {{30.0}, {20.0}, {0.0}, {0.0}}, {1.0, 0.0, 0.0, 0.0}},
             Table{"(metric1 > 15 AND metric2 > 15)", both, {1.0, 0.0, 0.0, 0.0}},
             Table{"IF(metric1, metric2, metric3)", three, {30.0, 0.0, 20.0, missing, missing}},
             Table{"IF(metric1, 5, metric3)", first_third, {5.0, 5.0, 20.0, missing, missing}},
             Table{"IF(metric1, metric2, 5)", first_second, {30.0, 0.0, 5.0, 5.0, missing}},
         }) {
        const MetricExpression expression = read(table.text);
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            CAPTURE(table.text, i);
            CHECK(expression.evaluate(table.columns[i]) == table.results[i]);
        }
    }
}

TEST_CASE("names are told once and in the order in which they first occur") {
    const auto names = [](std::string_view text) {
        const MetricExpression expression = read(text);
        return std::vector<std::string>(expression.names().begin(), expression.names().end());
    };
    CHECK(names("m1 / m2") == std::vector<std::string>{"m1", "m2"});
    CHECK(names("b + a * b + MAX([c_D9, a])") == std::vector<std::string>{"b", "a", "c_D9"});
    CHECK(names("e1 + 1e1") == std::vector<std::string>{"e1"});
    CHECK(read(" m1/m2 ").text() == " m1/m2 ");
    CHECK(fleetsim::test::aborts([] { (void)read("m1 / m2").evaluate(Values{1.0}); }));
}

TEST_CASE("what is no expression is refused where it goes wrong and told what was expected") {
    struct Row {
        std::string_view text;
        std::size_t offset;
        std::string_view message;
        std::string_view hint;
    };
    const std::string_view value_hint = "such as m1, 5 or ABS(m1)";
    const std::string_view all = "functions are ABS, CEIL, FLOOR, AVG, MAX, MIN, SUM, FILL and IF";
    for (const Row& row : {
             Row{"", 0, "the expression is empty", "such as m1 / m2"},
             Row{"  ", 0, "the expression is empty", "such as m1 / m2"},
             Row{"5 + 3", 0, "the expression uses no metric", "such as m1 / m2"},
             Row{"m1 +", 4, "expected a value, found the end", value_hint},
             Row{"m1 + * m2", 5, "expected a value, found \"*\"", value_hint},
             Row{"+m1", 0, "expected a value, found \"+\"", value_hint},
             Row{"-", 1, "expected a value, found the end", value_hint},
             Row{"m1 AND", 6, "expected a value, found the end", value_hint},
             Row{"AND m1", 0, "expected a value, found \"AND\"", value_hint},
             Row{"m1 m2", 3, "expected an operator or the end, found \"m2\"", ""},
             Row{"m1 % 2", 3, "expected an operator or the end, found \"%\"", ""},
             Row{"m1 = 2", 3, "expected an operator or the end, found \"=\"", "did you mean ==?"},
             Row{"m1 === 2", 5, "expected a value, found \"=\"", value_hint},
             Row{"m1 and m2", 3, "expected an operator or the end, found \"and\"", "did you mean AND?"},
             Row{"m1 ** 2", 4, "expected a value, found \"*\"", value_hint},
             Row{"1.2.3 + m", 3, "expected an operator or the end, found \".\"", ""},
             Row{"1e + m", 1, "expected an operator or the end, found \"e\"", ""},
             Row{"5m", 1, "expected an operator or the end, found \"m\"", ""},
             Row{"0x10 + m", 1, "expected an operator or the end, found \"x10\"", ""},
             Row{". + m", 0, "expected a value, found \".\"", value_hint},
             Row{"1e999 * m", 0, "\"1e999\" is out of range", ""},
             Row{"1e-999 * m", 0, "\"1e-999\" is out of range", ""},
             Row{"M1 / m2", 0, "\"M1\" is no metric's id", "an id begins with a small letter"},
             Row{"_m", 0, "\"_m\" is no metric's id", "an id begins with a small letter"},
             Row{"MAX", 3, "expected \"(\" after MAX, found the end", ""},
             Row{"max(m1, m2)", 0, "\"max\" is no function", "did you mean MAX?"},
             Row{"MAXX(m1, m2)", 0, "unknown function \"MAXX\"", "did you mean MAX?"},
             Row{"METRICS()", 0, "unknown function \"METRICS\"", all},
             Row{"ABS()", 3, "ABS takes one value, not 0", ""},
             Row{"ABS(m1, m2)", 3, "ABS takes one value, not 2", ""},
             Row{"FILL(m1)", 4, "FILL takes two values, not 1", ""},
             Row{"IF(m1)", 2, "IF takes two or three values, not 1", ""},
             Row{"IF(m1, 1, 2, 3)", 2, "IF takes two or three values, not 4", ""},
             Row{"MAX(m1)", 3, "MAX takes a list, or two or more values, not 1", "write MAX([m1, m2])"},
             Row{"SUM()", 3, "SUM takes a list, or two or more values, not 0", "write SUM([m1, m2])"},
             Row{"MAX([])", 4, "the list is empty", "a list is [m1, m2]"},
             Row{"MAX([m1, m2], m3)", 12, "expected \")\" for the ( at character 4, found \",\"", ""},
             Row{"MAX([m1, m2)", 11, "expected an operator, \",\" or \"]\" for the [ at character 5, found \")\"", ""},
             Row{"MAX(m1, [m2])", 8, "a list where one value is wanted",
                 "a list is all that AVG, MAX, MIN or SUM are given"},
             Row{"ABS([m1])", 4, "a list where one value is wanted",
                 "a list is all that AVG, MAX, MIN or SUM are given"},
             Row{"FILL(m1, REPEAT)", 9, "REPEAT is not supported", "fill with a number or an expression"},
             Row{"FILL(m1, LINEAR)", 9, "LINEAR is not supported", "fill with a number or an expression"},
             Row{"(m1", 3, "expected an operator or \")\" for the ( at character 1, found the end", ""},
             Row{"ABS(m1", 6, "expected an operator, \",\" or \")\" for the ( at character 4, found the end", ""},
             Row{"ABS(m1,)", 7, "expected a value, found \")\"", value_hint},
             Row{"m1)", 2, "there is no ( for this )", ""},
             Row{"()", 1, "expected a value, found \")\"", value_hint},
             Row{"m1 < m2 < m3", 8, "comparisons cannot be chained", "join them with AND"},
             Row{"m1 == m2 != m3", 9, "comparisons cannot be chained", "join them with AND"},
             Row{"\xc3\xa4 + m", 0, "expected a value, found \"\xc3\xa4\"", value_hint},
             Row{"m + \x07", 4, "expected a value, found \" \"", value_hint},
             Row{"a+b+c+d+e+f+g+h+i+j+k", 20, "the expression uses more than 10 metrics", ""},
         }) {
        const ExpressionError error = refuse(row.text);
        CAPTURE(row.text);
        CHECK(error.offset == row.offset);
        CHECK(error.message == row.message);
        CHECK(error.hint == row.hint);
    }
    CHECK(refuse(std::string_view("m\0+1", 4)).offset == 1);
}

std::string repeated(std::string_view part, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += part;
    return out;
}

TEST_CASE("expressions have limits that no text gets past") {
    const std::size_t depth = deepest_metric_expression;
    const std::string too_deep = "the expression is nested more than 64 deep";
    CHECK(value(repeated("(", depth - 1) + "m" + repeated(")", depth - 1), {7.0}) == Value{7.0});
    CHECK(refuse(repeated("(", depth) + "m" + repeated(")", depth)).message == too_deep);
    CHECK(refuse(repeated("(", longest_metric_expression)).message == too_deep);
    CHECK(refuse(repeated("ABS(", 500)).message == too_deep);
    CHECK(refuse(repeated("MAX([", 400)).message == too_deep);
    CHECK(refuse(repeated("m^", 1000)).message == too_deep);
    CHECK(refuse("m" + repeated("^-(m", 500)).message == too_deep);
    CHECK(value("m" + repeated("^1", depth - 1), {7.0}) == Value{7.0});
    CHECK(value(repeated("-", 2000) + "m", {7.0}) == Value{7.0});
    CHECK(value(repeated("-", 2001) + "m", {7.0}) == Value{-7.0});
    CHECK(value("m" + repeated("+m", 1000), {1.0}) == Value{1001.0});
    CHECK(value("SUM([m" + repeated(",m", 1000) + "])", {1.0}) == Value{1001.0});

    CHECK(value("m" + std::string(longest_metric_expression - 1, ' '), {7.0}) == Value{7.0});
    CHECK(refuse("m" + std::string(longest_metric_expression, ' ')).offset == longest_metric_expression);
    CHECK(refuse(std::string(1'000'000, '(')).message == "the expression has 1000000 characters, more than 2048");
    CHECK(value(std::string(longest_metric_expression, 'x'), {7.0}) == Value{7.0});
    CHECK(refuse(std::string(longest_metric_expression, 'X')).message.size() < 100);
    CHECK(value("m * " + std::string(300, '1'), {0.0}) == Value{0.0});
    CHECK(refuse("m * " + std::string(400, '1')).message.ends_with("...\" is out of range"));
}

/// A text and its value when a is 3, b is 4 and c is missing.
struct Made {
    std::string text;
    Value value;
    bool of_metrics;
};

Value finite(Value value) { return value && std::isfinite(*value) ? value : missing; }

template <class Draws>
Made make(Draws& draws, int depth) {
    const std::uint64_t form = depth == 0 ? draws.word() % 2 : 2 + draws.word() % 4;
    if (form == 0) {
        const auto number = static_cast<double>(draws.word() % 5);
        return {std::to_string(static_cast<int>(number)), number, false};
    }
    if (form == 1) {
        const std::array metrics{Made{"a", 3.0, true}, Made{"b", 4.0, true}, Made{"c", missing, true}};
        return metrics[draws.word() % 3];
    }
    const Made left = make(draws, depth - 1);
    const Made right = make(draws, depth - 1);
    const bool of_metrics = left.of_metrics || right.of_metrics;
    if (form == 2) {
        const std::string text = "FILL(" + left.text + ", " + right.text + ")";
        return {text, left.value ? left.value : right.value, of_metrics};
    }
    constexpr std::array<std::string_view, 4> symbols{" + ", " - ", " * ", " / "};
    const std::size_t symbol = draws.word() % 4;
    const std::string text = "(" + left.text + std::string(symbols[symbol]) + right.text + ")";
    const bool one = left.value || right.value;
    if (!one || (!(left.value && right.value) && !(left.of_metrics && right.of_metrics))) {
        return {text, missing, of_metrics};
    }
    const double x = left.value.value_or(0);
    const double y = right.value.value_or(0);
    const std::array results{Value{x + y}, Value{x - y}, Value{x * y}, y == 0 ? Value{} : Value{x / y}};
    return {text, finite(results[symbol]), of_metrics};
}

TEST_CASE("any expression has the value that its parts give it") {
    const Stream chance{5, 0, "metric_math_test", "expressions"};
    std::size_t there = 0;
    for (std::uint64_t round = 0; round < 1000; ++round) {
        auto draws = chance.draws(round);
        const Made made = make(draws, 4);
        if (!made.of_metrics) continue;
        const MetricExpression expression = read(made.text);
        Values values;
        for (const std::string& name : expression.names()) {
            values.push_back(name == "a" ? Value{3.0} : name == "b" ? Value{4.0} : Value{});
        }
        CAPTURE(made.text);
        CHECK(expression.evaluate(values) == made.value);
        if (made.value) ++there;
    }
    CHECK(there > 300);
}

TEST_CASE("any text is an expression or an error with a place") {
    constexpr std::array<std::string_view, 34> pieces{
        "m1", "m2", "1", "2.5", "1e3", "e", ".", "+",   "-",    "*",  "/",   "^",    "<",     "<=", "==", "!=", "AND",
        "OR", "(",  ")", "[",   "]",   ",", " ", "MAX", "FILL", "IF", "ABS", "AVG(", "MIN([", "&&", "|",  "\0", "\xf0"};
    const Stream chance{6, 0, "metric_math_test", "garbage"};
    std::size_t expressions = 0;
    for (std::uint64_t round = 0; round < 50'000; ++round) {
        auto draws = chance.draws(round);
        std::string text;
        const std::uint64_t length = draws.word() % 12;
        for (std::uint64_t i = 0; i < length; ++i) text += pieces[draws.word() % pieces.size()];
        const ParsedMetricExpression parsed = MetricExpression::parse(text);
        if (parsed.expression) {
            ++expressions;
            const Value result = parsed.expression->evaluate(Values(parsed.expression->names().size(), 1e200));
            if (result && !std::isfinite(*result)) FAIL_CHECK("not finite: " << text);
        } else if (parsed.error.offset > text.size() || parsed.error.message.empty()) {
            FAIL_CHECK("an error without a place or a message: " << text);
        }
    }
    CHECK(expressions > 500);
}

}  // namespace
