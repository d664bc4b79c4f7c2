#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/placement/query_pattern.hpp>

/// An expression of the cluster query language, as a tree.
namespace fleetsim::placement::detail {

enum class Subject : std::uint8_t {
    agent_connected,
    agent_version,
    ec2_instance_id,
    registered_at,
    running_tasks_count,
    task_group,
    attribute
};

enum class Operator : std::uint8_t {
    equal,
    not_equal,
    greater,
    greater_equal,
    less,
    less_equal,
    exists,
    not_exists,
    in,
    not_in,
    matches,
    not_matches
};

struct OperatorNames {
    std::string_view symbol;
    std::string_view word;
};

/// By `Operator`. The symbol is what canonical text and messages use.
inline constexpr std::array<OperatorNames, 12> operator_names{{
    {"==", "equals"},
    {"!=", "not_equals"},
    {">", "greater_than"},
    {">=", "greater_than_equal"},
    {"<", "less_than"},
    {"<=", "less_than_equal"},
    {"exists", "exists"},
    {"!exists", "not_exists"},
    {"in", "in"},
    {"!in", "not_in"},
    {"=~", "matches"},
    {"!~", "not_matches"},
}};

[[nodiscard]] constexpr std::string_view symbol(Operator op) {
    return operator_names[static_cast<std::size_t>(op)].symbol;
}

/// By `Subject`; for an attribute, what stands before its name.
inline constexpr std::array<std::string_view, 7> subject_names{
    "agentConnected", "agentVersion", "ec2InstanceId", "registeredAt", "runningTasksCount", "task:group", "attribute:"};

[[nodiscard]] constexpr bool takes_list(Operator op) { return op == Operator::in || op == Operator::not_in; }
[[nodiscard]] constexpr bool takes_pattern(Operator op) {
    return op == Operator::matches || op == Operator::not_matches;
}
[[nodiscard]] constexpr bool takes_nothing(Operator op) { return op == Operator::exists || op == Operator::not_exists; }
[[nodiscard]] constexpr bool is_ordering(Operator op) { return op >= Operator::greater && op <= Operator::less_equal; }

/// May this operator follow this subject?
[[nodiscard]] constexpr bool is_legal(Subject subject, Operator op) {
    const bool equality = op == Operator::equal || op == Operator::not_equal;
    switch (subject) {
        case Subject::agent_connected:
        case Subject::ec2_instance_id: return equality || takes_list(op) || takes_pattern(op);
        case Subject::agent_version:
        case Subject::registered_at:
        case Subject::running_tasks_count: return equality || is_ordering(op);
        case Subject::task_group: return equality || takes_list(op) || takes_pattern(op) || op == Operator::exists;
        case Subject::attribute: return true;
    }
    return false;
}

/// `subject operator argument`. Which of the arguments is set follows from the subject and the operator.
struct Term {
    Subject subject = Subject::attribute;
    Operator op = Operator::exists;
    std::string attribute;            ///< The name behind `attribute:`.
    std::vector<std::string> values;  ///< As written, without quotes: one, several for a list, none for `exists`.
    std::int64_t number = 0;          ///< A count, or seconds since 1970.
    std::shared_ptr<const re2::RE2> pattern;
};

/// `all` and `any` have two parts or more, none of which is of the same kind; `negation` has one, which is no negation.
enum class Form : std::uint8_t { term, all, any, negation };

struct Expression {
    Form form = Form::term;
    Term term;
    std::vector<Expression> parts;
};

/// Joins what is joined by `and` or `or`; a single part stays itself.
[[nodiscard]] Expression joined(Form form, std::vector<Expression> parts);
[[nodiscard]] Expression negated(Expression expression);

/// What a `Query` shares with its copies.
struct QueryTree {
    Expression root;
    std::string text;
    std::vector<std::string> attribute_names;
    bool depends_on_tasks = false;
};

[[nodiscard]] QueryTree query_tree(Expression root);

/// Characters that the unquoted value at the start of the text has; none if a value cannot begin so. Patterns may hold
/// the brackets and commas that lists are made of.
[[nodiscard]] std::size_t bare_length(std::string_view text, Operator op);

/// `and`, `or` and `not`, which are values only in quotes.
[[nodiscard]] constexpr bool is_connective(std::string_view word) {
    return word == "and" || word == "or" || word == "not";
}

}  // namespace fleetsim::placement::detail
