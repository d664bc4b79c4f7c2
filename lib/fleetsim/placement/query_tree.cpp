#include <algorithm>
#include <iterator>
#include <utility>

#include <fleetsim/des/check.hpp>
#include <fleetsim/placement/query_scanner.hpp>
#include <fleetsim/placement/query_tree.hpp>

namespace fleetsim::placement::detail {

namespace {

[[nodiscard]] std::string value_text(std::string_view value, Operator op) {
    const bool bare = !value.empty() && bare_length(value, op) == value.size() && !is_connective(value);
    return bare ? std::string(value) : "'" + std::string(value) + "'";
}

void write(std::string& out, const Term& term) {
    out += subject_names[static_cast<std::size_t>(term.subject)];
    out += term.attribute;
    out += ' ';
    out += symbol(term.op);
    if (takes_nothing(term.op)) return;
    out += takes_list(term.op) ? " [" : " ";
    for (std::size_t i = 0; i < term.values.size(); ++i) {
        if (i > 0) out += ", ";
        out += value_text(term.values[i], term.op);
    }
    if (takes_list(term.op)) out += ']';
}

void write(std::string& out, const Expression& expression);

void write_part(std::string& out, const Expression& part, bool parentheses) {
    if (parentheses) out += '(';
    write(out, part);
    if (parentheses) out += ')';
}

// Recursion ends at the depth that the parser allows. No parentheses are added but those that were needed in the text,
// so what is written can be read again.
void write(std::string& out, const Expression& expression) {
    switch (expression.form) {
        case Form::term: write(out, expression.term); return;
        case Form::negation:
            out += "not ";
            write_part(out, expression.parts.front(), expression.parts.front().form != Form::term);
            return;
        case Form::all:
        case Form::any:
            for (std::size_t i = 0; i < expression.parts.size(); ++i) {
                const Expression& part = expression.parts[i];
                if (i > 0) out += expression.form == Form::all ? " and " : " or ";
                write_part(out, part, expression.form == Form::all && part.form == Form::any);
            }
            return;
    }
}

void look_through(const Expression& expression, QueryTree& tree) {
    if (expression.form == Form::term) {
        const Subject subject = expression.term.subject;
        if (subject == Subject::attribute) tree.attribute_names.push_back(expression.term.attribute);
        if (subject == Subject::running_tasks_count || subject == Subject::task_group) tree.depends_on_tasks = true;
    }
    for (const Expression& part : expression.parts) look_through(part, tree);
}

}  // namespace

std::size_t bare_length(std::string_view text, Operator op) {
    if (text.empty() || operator_letters.find(text.front()) != std::string_view::npos) return 0;
    const std::string_view ends = takes_pattern(op) ? " \t\r\n()'\"" : " \t\r\n()'\"[],";
    const std::size_t length = std::min(text.find_first_of(ends), text.size());
    return std::min({length, text.find("&&"), text.find("||")});
}

Expression joined(Form form, std::vector<Expression> parts) {
    FLEETSIM_CHECK(!parts.empty());
    if (parts.size() == 1) return std::move(parts.front());
    Expression out{form, {}, {}};
    for (Expression& part : parts) {
        if (part.form == form) {
            std::move(part.parts.begin(), part.parts.end(), std::back_inserter(out.parts));
        } else {
            out.parts.push_back(std::move(part));
        }
    }
    return out;
}

Expression negated(Expression expression) {
    if (expression.form == Form::negation) {
        Expression inner = std::move(expression.parts.front());
        return inner;
    }
    Expression out{Form::negation, {}, {}};
    out.parts.push_back(std::move(expression));
    return out;
}

QueryTree query_tree(Expression root) {
    QueryTree tree;
    write(tree.text, root);
    look_through(root, tree);
    std::vector<std::string>& names = tree.attribute_names;
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    tree.root = std::move(root);
    return tree;
}

}  // namespace fleetsim::placement::detail
