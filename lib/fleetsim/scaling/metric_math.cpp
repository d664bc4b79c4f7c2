#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/nearest_name.hpp>
#include <fleetsim/scaling/expression_scanner.hpp>
#include <fleetsim/scaling/metric_math.hpp>

namespace fleetsim::scaling {

namespace {

using detail::expression_shown;
using Operation = detail::MathOperation;

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

}  // namespace

/// Reads an expression by the strength of its operators. Each function returns false once reading has failed.
class MetricExpressionParser {
public:
    explicit MetricExpressionParser(std::string_view text) : in_(text) {}

    [[nodiscard]] ParsedMetricExpression run() {
        if (!whole()) return {std::nullopt, in_.error().value_or(ExpressionError{})};
        out_.text_ = in_.text();
        return {std::move(out_), {}};
    }

private:
    struct BinaryOperator {
        std::string_view symbol;
        Operation operation;
        int strength;
    };
    struct Function {
        std::string_view name;
        Operation operation;
        std::size_t fewest;
        std::size_t most;
        bool takes_list;
    };

    static constexpr int weakest = 1;
    static constexpr int comparison = 3;
    // A symbol stands before those that it begins with.
    static constexpr std::array binary_operators{
        BinaryOperator{"OR", Operation::either, weakest},
        BinaryOperator{"||", Operation::either, weakest},
        BinaryOperator{"AND", Operation::both, 2},
        BinaryOperator{"&&", Operation::both, 2},
        BinaryOperator{"<=", Operation::less_equal, comparison},
        BinaryOperator{"<", Operation::less, comparison},
        BinaryOperator{">=", Operation::greater_equal, comparison},
        BinaryOperator{">", Operation::greater, comparison},
        BinaryOperator{"==", Operation::equal, comparison},
        BinaryOperator{"!=", Operation::not_equal, comparison},
        BinaryOperator{"+", Operation::add, 4},
        BinaryOperator{"-", Operation::subtract, 4},
        BinaryOperator{"*", Operation::multiply, 5},
        BinaryOperator{"/", Operation::divide, 5},
    };
    static constexpr std::array functions{
        Function{"ABS", Operation::absolute, 1, 1, false},
        Function{"CEIL", Operation::ceiling, 1, 1, false},
        Function{"FLOOR", Operation::floor, 1, 1, false},
        Function{"AVG", Operation::average, 2, unlimited, true},
        Function{"MAX", Operation::maximum, 2, unlimited, true},
        Function{"MIN", Operation::minimum, 2, unlimited, true},
        Function{"SUM", Operation::sum, 2, unlimited, true},
        Function{"FILL", Operation::fill, 2, 2, false},
        Function{"IF", Operation::choose, 2, 3, false},
    };

    bool whole();
    bool expression(int weakest_taken);
    bool factor();
    bool operand();
    bool parenthesis();
    bool number();
    bool metric(std::string_view id);
    bool function(std::string_view name);
    bool arguments(const Function& called, std::size_t open);
    bool list(const Function& called);
    bool values(std::size_t& count);
    [[nodiscard]] const BinaryOperator* next_operator();
    [[nodiscard]] std::string operator_hint() const;

    void add(Operation operation, std::size_t operands) {
        out_.steps_.push_back({.operation = operation, .count = static_cast<std::uint32_t>(operands)});
    }

    bool fail_open(std::string_view or_else, char closing, std::size_t open) {
        in_.skip_blanks();
        return in_.fail_expecting(fmt::format("an operator{} or \"{}\" for the {} at character {}", or_else, closing,
                                              in_.text()[open], open + 1),
                                  operator_hint());
    }

    static std::vector<std::string_view> function_names();
    static std::string function_hint(std::string_view name);

    detail::ExpressionScanner in_;
    MetricExpression out_;
    std::size_t depth_ = 0;
};

std::vector<std::string_view> MetricExpressionParser::function_names() {
    std::vector<std::string_view> names;
    for (const Function& known : functions) names.push_back(known.name);
    return names;
}

std::string MetricExpressionParser::function_hint(std::string_view name) {
    const std::vector<std::string> nearest = des::nearest_names(name, function_names());
    return nearest.empty() ? "functions are " + des::listed(function_names(), "and") : des::did_you_mean(nearest);
}

bool MetricExpressionParser::whole() {
    if (in_.text().size() > longest_metric_expression) {
        return in_.fail(longest_metric_expression, fmt::format("the expression has {} characters, more than {}",
                                                               in_.text().size(), longest_metric_expression));
    }
    in_.skip_blanks();
    if (in_.at_end()) return in_.fail(0, "the expression is empty", "such as m1 / m2");
    if (!expression(weakest)) return false;
    in_.skip_blanks();
    if (in_.rest().starts_with(')')) return in_.fail(in_.at(), "there is no ( for this )");
    if (!in_.at_end()) return in_.fail_expecting("an operator or the end", operator_hint());
    return !out_.names_.empty() || in_.fail(0, "the expression uses no metric", "such as m1 / m2");
}

bool MetricExpressionParser::expression(int weakest_taken) {
    if (!factor()) return false;
    bool compared = false;
    for (const BinaryOperator* next = next_operator(); next != nullptr && next->strength >= weakest_taken;
         next = next_operator()) {
        if (compared && next->strength == comparison) {
            return in_.fail(in_.at(), "comparisons cannot be chained", "join them with AND");
        }
        compared = next->strength == comparison;
        in_.skip(next->symbol.size());
        if (!expression(next->strength + 1)) return false;
        add(next->operation, 2);
    }
    return true;
}

const MetricExpressionParser::BinaryOperator* MetricExpressionParser::next_operator() {
    in_.skip_blanks();
    const auto found = std::find_if(binary_operators.begin(), binary_operators.end(), [&](const BinaryOperator& known) {
        return in_.word().empty() ? in_.rest().starts_with(known.symbol) : in_.word() == known.symbol;
    });
    return found == binary_operators.end() ? nullptr : &*found;
}

std::string MetricExpressionParser::operator_hint() const {
    if (in_.rest().starts_with('=')) return des::did_you_mean({"=="});
    return des::did_you_mean(des::nearest_names(in_.word(), std::array<std::string_view, 2>{"AND", "OR"}));
}

bool MetricExpressionParser::factor() {
    in_.skip_blanks();
    if (++depth_ > deepest_metric_expression) {
        return in_.fail(in_.at(), fmt::format("the expression is nested more than {} deep", deepest_metric_expression));
    }
    bool negative = false;
    while (in_.take('-')) negative = !negative;
    if (!operand()) return false;
    if (in_.take('^')) {
        if (!factor()) return false;
        add(Operation::power, 2);
    }
    if (negative) add(Operation::negate, 1);
    --depth_;
    return true;
}

bool MetricExpressionParser::operand() {
    in_.skip_blanks();
    const std::string_view word = in_.word();
    if (in_.rest().starts_with('(')) return parenthesis();
    if (in_.rest().starts_with('.') || (!word.empty() && detail::is_digit(word.front()))) return number();
    if (in_.rest().starts_with('[')) {
        return in_.fail(in_.at(), "a list where one value is wanted",
                        "a list is all that AVG, MAX, MIN or SUM are given");
    }
    if (word.empty() || word == "AND" || word == "OR") return in_.fail_expecting("a value", "such as m1, 5 or ABS(m1)");
    if (detail::is_lower(word.front())) return metric(word);
    return function(word);
}

bool MetricExpressionParser::parenthesis() {
    const std::size_t open = in_.at();
    in_.skip(1);
    if (!expression(weakest)) return false;
    return in_.take(')') || fail_open("", ')', open);
}

bool MetricExpressionParser::number() {
    double value = 0;
    const std::string_view left = in_.rest();
    const auto [end, error] = std::from_chars(left.data(), left.data() + left.size(), value);
    const std::string_view digits = left.substr(0, static_cast<std::size_t>(end - left.data()));
    if (error == std::errc::result_out_of_range)
        return in_.fail(in_.at(), expression_shown(digits) + " is out of range");
    if (error != std::errc{}) return in_.fail_expecting("a value", "such as m1, 5 or ABS(m1)");
    in_.skip(digits.size());
    out_.steps_.push_back({.operation = Operation::number, .number = value});
    return true;
}

bool MetricExpressionParser::metric(std::string_view id) {
    const std::size_t start = in_.at();
    in_.skip(id.size());
    in_.skip_blanks();
    if (in_.rest().starts_with('('))
        return in_.fail(start, expression_shown(id) + " is no function", function_hint(id));
    std::vector<std::string>& names = out_.names_;
    const auto found = std::find(names.begin(), names.end(), id);
    out_.steps_.push_back({.operation = Operation::metric, .count = static_cast<std::uint32_t>(found - names.begin())});
    if (found != names.end()) return true;
    if (names.size() == most_expression_metrics) {
        return in_.fail(start, fmt::format("the expression uses more than {} metrics", most_expression_metrics));
    }
    names.emplace_back(id);
    return true;
}

bool MetricExpressionParser::function(std::string_view name) {
    const std::size_t start = in_.at();
    const auto found =
        std::find_if(functions.begin(), functions.end(), [&](const Function& known) { return known.name == name; });
    in_.skip(name.size());
    in_.skip_blanks();
    const bool called = in_.rest().starts_with('(');
    if (found == functions.end()) {
        if (called) return in_.fail(start, "unknown function " + expression_shown(name), function_hint(name));
        if (name == "REPEAT" || name == "LINEAR") {
            return in_.fail(start, std::string(name) + " is not supported", "fill with a number or an expression");
        }
        return in_.fail(start, expression_shown(name) + " is no metric's id", "an id begins with a small letter");
    }
    if (!called) return in_.fail_expecting(fmt::format("\"(\" after {}", name));
    const std::size_t open = in_.at();
    in_.skip(1);
    return arguments(*found, open);
}

bool MetricExpressionParser::arguments(const Function& called, std::size_t open) {
    in_.skip_blanks();
    if (called.takes_list && in_.rest().starts_with('[')) {
        return list(called) &&
               (in_.take(')') || in_.fail_expecting(fmt::format("\")\" for the ( at character {}", open + 1)));
    }
    std::size_t count = 0;
    if (!in_.rest().starts_with(')') && !values(count)) return false;
    if (!in_.take(')')) return fail_open(", \",\"", ')', open);
    if (count >= called.fewest && count <= called.most) {
        add(called.operation, count);
        return true;
    }
    const std::string wanted = called.takes_list              ? "a list, or two or more values"
                               : called.most == 1             ? "one value"
                               : called.fewest == called.most ? "two values"
                                                              : "two or three values";
    return in_.fail(open, fmt::format("{} takes {}, not {}", called.name, wanted, count),
                    called.takes_list ? fmt::format("write {}([m1, m2])", called.name) : "");
}

bool MetricExpressionParser::list(const Function& called) {
    const std::size_t open = in_.at();
    in_.skip(1);
    if (in_.take(']')) return in_.fail(open, "the list is empty", "a list is [m1, m2]");
    std::size_t count = 0;
    if (!values(count)) return false;
    if (!in_.take(']')) return fail_open(", \",\"", ']', open);
    add(called.operation, count);
    return true;
}

bool MetricExpressionParser::values(std::size_t& count) {
    do {
        if (!expression(weakest)) return false;
        ++count;
    } while (in_.take(','));
    return true;
}

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

struct Operand {
    std::optional<double> value;
    bool of_metrics = false;  ///< Or a number that is the same in every period.
};

[[nodiscard]] double of_one(Operation operation, double value) {
    switch (operation) {
        case Operation::negate: return -value;
        case Operation::absolute: return std::fabs(value);
        case Operation::ceiling: return std::ceil(value);
        default: FLEETSIM_CHECK(operation == Operation::floor); return std::floor(value);
    }
}

/// Not finite where there is no result.
[[nodiscard]] double of_two(Operation operation, double left, double right) {
    switch (operation) {
        case Operation::add: return left + right;
        case Operation::subtract: return left - right;
        case Operation::multiply: return left * right;
        case Operation::divide: return right == 0 ? no_number : left / right;
        case Operation::power: return std::pow(left, right);
        case Operation::less: return left < right ? 1 : 0;
        case Operation::less_equal: return left <= right ? 1 : 0;
        case Operation::greater: return left > right ? 1 : 0;
        case Operation::greater_equal: return left >= right ? 1 : 0;
        case Operation::equal: return left == right ? 1 : 0;
        case Operation::not_equal: return left != right ? 1 : 0;
        case Operation::both: return left != 0 && right != 0 ? 1 : 0;
        default: FLEETSIM_CHECK(operation == Operation::either); return left != 0 || right != 0 ? 1 : 0;
    }
}

/// Of two operands, a missing one stands for 0 beside one that is there, if both depend on metrics.
[[nodiscard]] std::optional<double> combined(Operation operation, const Operand& left, const Operand& right) {
    if (!left.value && !right.value) return std::nullopt;
    const bool complete = left.value && right.value;
    if (!complete && !(left.of_metrics && right.of_metrics)) return std::nullopt;
    return of_two(operation, left.value.value_or(0), right.value.value_or(0));
}

[[nodiscard]] std::optional<double> of_all(Operation operation, std::span<const Operand> operands) {
    std::vector<double> there;
    bool metrics = false;
    bool metrics_there = false;
    for (const Operand& operand : operands) {
        if (!operand.value && !operand.of_metrics) return std::nullopt;
        if (operand.value) there.push_back(*operand.value);
        metrics = metrics || operand.of_metrics;
        metrics_there = metrics_there || (operand.of_metrics && operand.value);
    }
    if (metrics && !metrics_there) return std::nullopt;
    if (operation == Operation::maximum) return *std::max_element(there.begin(), there.end());
    if (operation == Operation::minimum) return *std::min_element(there.begin(), there.end());
    double sum = 0;
    for (const double value : there) sum += value;
    return operation == Operation::average ? sum / static_cast<double>(operands.size()) : sum;
}

/// A true condition chooses 0 where the value for it has no datapoint, but a false one nothing.
[[nodiscard]] std::optional<double> chosen(std::span<const Operand> operands) {
    const Operand& condition = operands[0];
    if (!condition.value) return std::nullopt;
    if (*condition.value == 0) return operands.size() == 3 ? operands[2].value : std::nullopt;
    const bool zero = !operands[1].value && condition.of_metrics && operands[1].of_metrics;
    return zero ? 0 : operands[1].value;
}

[[nodiscard]] Operand result_of(Operation operation, std::span<const Operand> operands) {
    Operand result;
    result.of_metrics =
        std::any_of(operands.begin(), operands.end(), [](const Operand& operand) { return operand.of_metrics; });
    if (operation == Operation::choose) {
        result.value = chosen(operands);
    } else if (operation == Operation::fill) {
        result.value = operands[0].value ? operands[0].value : operands[1].value;
    } else if (operation >= Operation::average) {
        result.value = of_all(operation, operands);
    } else if (operands.size() == 2) {
        result.value = combined(operation, operands[0], operands[1]);
    } else if (operands[0].value) {
        result.value = of_one(operation, *operands[0].value);
    }
    if (result.value && !std::isfinite(*result.value)) result.value.reset();
    return result;
}

}  // namespace

ParsedMetricExpression MetricExpression::parse(std::string_view text) { return MetricExpressionParser(text).run(); }

std::optional<double> MetricExpression::evaluate(std::span<const std::optional<double>> values) const {
    FLEETSIM_CHECK(values.size() == names_.size());
    std::vector<Operand> stack;
    for (const detail::MathStep& step : steps_) {
        if (step.operation == Operation::metric) {
            stack.push_back({values[step.count], true});
        } else if (step.operation == Operation::number) {
            stack.push_back({step.number, false});
        } else {
            FLEETSIM_CHECK(step.count <= stack.size());
            const std::size_t rest = stack.size() - step.count;
            const Operand result = result_of(step.operation, std::span(stack).subspan(rest));
            stack.resize(rest);
            stack.push_back(result);
        }
    }
    FLEETSIM_CHECK(stack.size() == 1);
    return stack.front().value;
}

}  // namespace fleetsim::scaling
