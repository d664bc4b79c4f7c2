#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/placement/attributes.hpp>

/// The ECS cluster query language, in which a `memberOf` constraint says which container instances a task may go to.
///
///     attribute:ecs.instance-type =~ t2.* and not(task:group == database)
///
/// A term is a subject, an operator and perhaps a value, or a list of values for `in`. Terms are joined by `and`
/// (`&&`), `or` (`||`) and `not` (`!`), and grouped by parentheses. Words are written in AWS's case.
///
/// | subject | operators | compared as |
/// |---|---|---|
/// | `agentConnected` | `== != in !in =~ !~` | the text `true` or `false` |
/// | `agentVersion` | `== != > >= < <=` | numbers between points, from the left |
/// | `ec2InstanceId` | `== != in !in =~ !~` | text |
/// | `registeredAt` | `== != > >= < <=` | instants; without an offset UTC, without a time of day its midnight |
/// | `runningTasksCount` | `== != > >= < <=` | whole numbers |
/// | `task:group` | `== != in !in =~ !~ exists` | text |
/// | `attribute:NAME` | all, `exists` and `!exists` among them | text |
///
/// Every operator has a word too: `equals not_equals greater_than greater_than_equal less_than less_than_equal
/// not_exists not_in matches not_matches`.
///
/// `attribute:stack != prod` selects only instances that have the attribute, with another value.
///
/// Source: Amazon ECS Developer Guide, "Create expressions to define container instances for Amazon ECS tasks".
///
/// The guide leaves these open, and the model decides:
/// - `not` binds tighter than `and`, and `and` tighter than `or`.
/// - A pattern must match the whole text. It is a Java regular expression in AWS; here the part of that
///   syntax which RE2 shares. The rest is refused, so that no pattern means something else than it does in AWS.
/// - `!in` and `!~` select, like `!=`, only instances that have the attribute. An instance outside EC2 has no
///   `ec2InstanceId`, and one whose agent has never reported has no `agentVersion`: no operator selects those.
/// - `>`, `>=`, `<` and `<=` compare attributes as decimal numbers if both sides are such, as bytes otherwise.
/// - Parts that a version does not have are zero: 1.14 equals 1.14.0.
/// - `task:group == g` holds if any task on the instance is in g, `task:group != g` if there are tasks and none
///   is in g; likewise `in`, `!in`, `=~`, `!~`. Instances without tasks from g, empty ones included: `not(task:group ==
///   g)`.
/// - Names and values are printable ASCII. A value with blanks, commas, parentheses or brackets, or that begins like an
///   operator, is written in single quotes, between which everything stands for itself.
namespace fleetsim::placement {

/// What a query looks at of one container instance.
struct InstanceFacts {
    Attributes attributes;
    std::string capacity_provider = {};  ///< That manages it; no query asks for it.
    std::string ec2_instance_id;         ///< Empty on a machine outside EC2.
    std::string agent_version;           ///< Such as 1.14.4; empty until the agent has reported.
    bool agent_connected = true;
    std::chrono::sys_seconds registered_at{};
    std::int64_t running_tasks_count = 0;  ///< Tasks in RUNNING.
    /// The group of each task here, started or not, in any order and with or without repetitions.
    std::vector<std::string> task_groups;

    friend bool operator==(const InstanceFacts&, const InstanceFacts&) = default;
};

/// What is wrong with an expression, and where.
struct QueryError {
    std::size_t column = 0;  ///< Counted from 1; one more than the length of the text if something is missing there.
    std::string message;
    std::string hint;  ///< The remedy: `did you mean ec2InstanceId?`. May be empty.

    friend bool operator==(const QueryError&, const QueryError&) = default;
};

namespace detail {
struct QueryTree;
}

/// A checked expression. Copies share it, and any number of threads may ask it at once.
class Query {
public:
    /// Is this one of the instances that the expression selects?
    [[nodiscard]] bool matches(const InstanceFacts& instance) const;

    /// The expression as it was understood: symbols for operators, one blank between words, and no parentheses or
    /// quotes that change nothing. It is read as an equal query, unless it has grown beyond `longest_query`.
    [[nodiscard]] const std::string& text() const;

    /// Does the answer change as tasks come and go? If not, it is the same for as long as the instance's attributes and
    /// its agent are.
    [[nodiscard]] bool depends_on_tasks() const;

    /// The attributes it asks for, in order of their names and without repetitions.
    [[nodiscard]] const std::vector<std::string>& attribute_names() const;

    friend bool operator==(const Query& one, const Query& other) { return one.text() == other.text(); }

private:
    friend struct ParsedQuery parse_query(std::string_view text);
    explicit Query(std::shared_ptr<const detail::QueryTree> tree) : tree_(std::move(tree)) {}

    std::shared_ptr<const detail::QueryTree> tree_;
};

/// A query, or else at least one error, in the order of the text.
struct ParsedQuery {
    std::optional<Query> query;
    std::vector<QueryError> errors;
};

/// Characters of the longest expression. Source: Amazon ECS API Reference, "PlacementConstraint".
inline constexpr std::size_t longest_query = 2000;

/// Parentheses that may be open at once. Far more than anybody writes, and little enough for any stack.
inline constexpr std::size_t deepest_query = 64;

/// Reads an expression. Every term is checked; a text whose terms cannot be told apart any more is left there.
[[nodiscard]] ParsedQuery parse_query(std::string_view text);

}  // namespace fleetsim::placement
