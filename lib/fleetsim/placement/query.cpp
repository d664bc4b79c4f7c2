#include <algorithm>
#include <compare>

#include <fleetsim/des/check.hpp>
#include <fleetsim/placement/query.hpp>
#include <fleetsim/placement/query_comparison.hpp>
#include <fleetsim/placement/query_tree.hpp>

namespace fleetsim::placement {

namespace {

using detail::Expression;
using detail::Form;
using detail::Operator;
using detail::Subject;
using detail::Term;

[[nodiscard]] bool holds(Operator op, std::weak_ordering order) {
    FLEETSIM_CHECK(op <= Operator::less_equal);
    switch (op) {
        case Operator::equal: return order == 0;
        case Operator::not_equal: return order != 0;
        case Operator::greater: return order > 0;
        case Operator::greater_equal: return order >= 0;
        case Operator::less: return order < 0;
        case Operator::less_equal: return order <= 0;
        default: return false;
    }
}

[[nodiscard]] bool is_one_of(const Term& term, std::string_view value) {
    return std::find(term.values.begin(), term.values.end(), value) != term.values.end();
}

/// Of a text that is there.
[[nodiscard]] bool text_holds(const Term& term, std::string_view value) {
    switch (term.op) {
        case Operator::equal:
        case Operator::in: return is_one_of(term, value);
        case Operator::not_equal:
        case Operator::not_in: return !is_one_of(term, value);
        case Operator::matches: return detail::matches_whole(*term.pattern, value);
        case Operator::not_matches: return !detail::matches_whole(*term.pattern, value);
        case Operator::exists: return true;
        case Operator::not_exists: return false;
        default: return holds(term.op, detail::compare_values(value, term.values.front()));
    }
}

[[nodiscard]] bool attribute_holds(const Term& term, const Attributes& attributes) {
    const auto found = attributes.find(term.attribute);
    if (found == attributes.end()) return term.op == Operator::not_exists;
    return text_holds(term, found->second);
}

/// Of any task for what is affirmed; of every task, and at least one, for what is denied.
[[nodiscard]] bool groups_hold(const Term& term, const std::vector<std::string>& groups) {
    const auto one_holds = [&](const std::string& group) { return text_holds(term, group); };
    const bool denied =
        term.op == Operator::not_equal || term.op == Operator::not_in || term.op == Operator::not_matches;
    if (!denied) return std::any_of(groups.begin(), groups.end(), one_holds);
    return !groups.empty() && std::all_of(groups.begin(), groups.end(), one_holds);
}

[[nodiscard]] bool term_holds(const Term& term, const InstanceFacts& instance) {
    switch (term.subject) {
        case Subject::agent_connected: return text_holds(term, instance.agent_connected ? "true" : "false");
        case Subject::agent_version:
            return detail::is_version(instance.agent_version) &&
                   holds(term.op, detail::compare_versions(instance.agent_version, term.values.front()));
        case Subject::ec2_instance_id:
            return !instance.ec2_instance_id.empty() && text_holds(term, instance.ec2_instance_id);
        case Subject::registered_at:
            return holds(term.op, std::int64_t{instance.registered_at.time_since_epoch().count()} <=> term.number);
        case Subject::running_tasks_count: return holds(term.op, instance.running_tasks_count <=> term.number);
        case Subject::task_group: return groups_hold(term, instance.task_groups);
        case Subject::attribute: return attribute_holds(term, instance.attributes);
    }
    return false;
}

/// Recursion ends at `deepest_query`.
[[nodiscard]] bool expression_holds(const Expression& expression, const InstanceFacts& instance) {
    const auto part_holds = [&](const Expression& part) { return expression_holds(part, instance); };
    const std::vector<Expression>& parts = expression.parts;
    switch (expression.form) {
        case Form::term: return term_holds(expression.term, instance);
        case Form::all: return std::all_of(parts.begin(), parts.end(), part_holds);
        case Form::any: return std::any_of(parts.begin(), parts.end(), part_holds);
        case Form::negation: return !part_holds(parts.front());
    }
    return false;
}

}  // namespace

bool Query::matches(const InstanceFacts& instance) const { return expression_holds(tree_->root, instance); }

const std::string& Query::text() const { return tree_->text; }

bool Query::depends_on_tasks() const { return tree_->depends_on_tasks; }

const std::vector<std::string>& Query::attribute_names() const { return tree_->attribute_names; }

}  // namespace fleetsim::placement
