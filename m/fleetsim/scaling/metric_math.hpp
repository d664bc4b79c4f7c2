#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scaling/expression_error.hpp>

/// CloudWatch's metric math: a value for a period, from the values that some metrics have in it.
///
///     backlog / running
///     IF(requests > 100, 100 * errors / requests, 0)
///     MAX([FILL(m1, 0), FILL(m2, 0)])
///
/// | part | meaning |
/// |---|---|
/// | `m1` | a metric by its id: a small letter, then letters, digits and underscores |
/// | `5`, `0.5`, `1e3` | a number |
/// | `-` `^` `* /` `+ -` | arithmetic, the tightest first |
/// | `< <= > >= == !=` | 1 if it is so, 0 if not |
/// | `AND` `&&`, `OR` `\|\|` | 1 or 0; anything but 0 is true |
/// | `ABS(a)`, `CEIL(a)`, `FLOOR(a)` | |
/// | `AVG`, `MAX`, `MIN`, `SUM` of `([a, b, …])` or `(a, b, …)` | of the values, in this period |
/// | `FILL(a, b)` | `a`, or `b` where `a` is missing |
/// | `IF(c, a, b)`, `IF(c, a)` | `a` if `c` is not 0, else `b`, or missing |
///
/// A value is missing if the metric has no datapoint in the period. Of two operands that depend on metrics, a missing
/// one counts as 0 if the other is there; otherwise the result is missing, as it is when it would divide by zero or be
/// no finite number. So `errors / requests` is missing without requests and 0 without errors. `MAX` and `MIN` look at
/// what is there, `AVG` takes what is missing for 0. `IF` is missing if its condition is, and 0 if the value chosen for
/// a true condition is.
///
/// Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics".
///
/// The guide leaves these open, and the model decides:
/// - How tightly operators bind. `^` takes what is right of it first: `2 ^ 3 ^ 2` is 2 to the 9th, `-2 ^ 2` is -4.
/// - Comparisons are not chained.
/// - `MAX` and `MIN` pass over missing values; a number among the values does not make a value where metrics have none.
///
/// Left out: whatever looks at other periods (`AVG` and the like of one metric, `DIFF`, `RATE`, `RUNNING_SUM`, `FILL`
/// with `REPEAT` or `LINEAR`), at lists of metrics that an expression does not name (`METRICS`, `SEARCH`), or at the
/// time of day; and arithmetic on lists.
namespace fleetsim::scaling {

namespace detail {

/// What takes its operands from the top of a stack, and leaves its result there.
enum class MathOperation : std::uint8_t {
    metric,
    number,
    negate,
    add,
    subtract,
    multiply,
    divide,
    power,
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    not_equal,
    both,
    either,
    absolute,
    ceiling,
    floor,
    fill,
    choose,
    // Of any number of operands.
    average,
    maximum,
    minimum,
    sum
};

struct MathStep {
    MathOperation operation = MathOperation::number;
    std::uint32_t count = 0;  ///< Of its operands; of a metric, its place among the names.
    double number = 0;
};

}  // namespace detail

struct ParsedMetricExpression;

/// A checked expression.
class MetricExpression {
public:
    [[nodiscard]] static ParsedMetricExpression parse(std::string_view text);

    /// The metrics it uses, in the order in which they first occur; at least one.
    [[nodiscard]] std::span<const std::string> names() const { return names_; }

    /// The expression as it was written.
    [[nodiscard]] const std::string& text() const { return text_; }

    /// Its value in a period in which the metrics have these values, given in the order of `names`.
    [[nodiscard]] std::optional<double> evaluate(std::span<const std::optional<double>> values) const;

private:
    friend class MetricExpressionParser;

    MetricExpression() = default;

    std::string text_;
    std::vector<std::string> names_;
    std::vector<detail::MathStep> steps_;
};

/// An expression, or else what is wrong.
struct ParsedMetricExpression {
    std::optional<MetricExpression> expression;
    ExpressionError error;  ///< Empty if there is an expression.
};

/// Bytes of the longest expression. Source: Amazon CloudWatch API Reference, MetricDataQuery.
inline constexpr std::size_t longest_metric_expression = 2048;

/// Metrics that one alarm's expression can use. Source: Amazon CloudWatch API Reference, MetricDataQuery.
inline constexpr std::size_t most_expression_metrics = 10;

/// Parentheses, lists and powers that may be open at once. Far more than anybody writes, and little enough for any
/// stack.
inline constexpr std::size_t deepest_metric_expression = 64;

}  // namespace fleetsim::scaling
