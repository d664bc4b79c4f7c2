#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/placement/query.hpp>
#include <fleetsim/placement/query_scanner.hpp>
#include <fleetsim/placement/query_tree.hpp>
#include <fleetsim/placement/query_words.hpp>

namespace fleetsim::placement {

namespace {

using detail::Expression;
using detail::Form;
using detail::Operator;
using detail::Scanner;
using detail::shown;
using detail::Subject;
using detail::Term;

/// Reads an expression from left to right, one character of look-ahead, one function a rule of the grammar.
///
/// A term that is complete but wrong is noted and reading goes on; text that fits no rule ends it.
class Parser {
public:
    explicit Parser(std::string_view text) : in_(text) {}

    /// The whole expression; none if there is anything wrong with it, which `errors` tells.
    [[nodiscard]] std::optional<Expression> run();
    [[nodiscard]] std::vector<QueryError> errors() && { return std::move(errors_); }

private:
    using Part = std::optional<Expression>;  ///< None once reading has ended.

    [[nodiscard]] bool readable();
    Part any();
    Part all();
    Part unary();
    Part parenthesis();
    Part term();
    bool subject(Term& term);
    bool attribute(Term& term, std::string_view name);
    bool operation(Term& term);
    bool argument(Term& term);
    bool list(Term& term);
    bool value(Term& term);
    bool quoted_value(Term& term);
    void take_value(Term& term, std::size_t at, std::string_view value);

    void note(std::size_t at, std::string message, std::string hint = {}) {
        errors_.push_back({at + 1, std::move(message), std::move(hint)});
    }

    /// Notes an error after which reading ends.
    bool stop(std::size_t at, std::string message, std::string hint = {}) {
        note(at, std::move(message), std::move(hint));
        return false;
    }

    bool stop_expecting(std::string_view what, std::string hint = {}) {
        const std::string found = in_.rest().empty() ? "the end" : shown(in_.next());
        return stop(in_.at, fmt::format("expected {}, found {}", what, found), std::move(hint));
    }

    Scanner in_;
    std::size_t depth_ = 0;
    std::vector<QueryError> errors_;
};

// What may follow a term depends on whether a parenthesis is open; both callers of `any` look at what is left.
Parser::Part Parser::any() {
    std::vector<Expression> parts;
    do {
        Part part = all();
        if (!part) return std::nullopt;
        parts.push_back(std::move(*part));
    } while (in_.take("or", "||"));
    return detail::joined(Form::any, std::move(parts));
}

Parser::Part Parser::all() {
    std::vector<Expression> parts;
    do {
        Part part = unary();
        if (!part) return std::nullopt;
        parts.push_back(std::move(*part));
    } while (in_.take("and", "&&"));
    return detail::joined(Form::all, std::move(parts));
}

Parser::Part Parser::unary() {
    bool negated = false;
    while (in_.take("not", "!")) negated = !negated;
    Part part = in_.rest().starts_with('(') ? parenthesis() : term();
    if (part && negated) return detail::negated(std::move(*part));
    return part;
}

Parser::Part Parser::parenthesis() {
    const std::size_t open = in_.at++;
    if (++depth_ > deepest_query) {
        stop(open, fmt::format("parentheses are nested more than {} deep", deepest_query));
        return std::nullopt;
    }
    Part part = any();
    if (!part) return std::nullopt;
    if (!in_.take(')')) {
        stop_expecting(fmt::format("\"and\", \"or\" or \")\" for the ( at column {}", open + 1),
                       detail::connective_hint(in_.word()));
        return std::nullopt;
    }
    --depth_;
    return part;
}

Parser::Part Parser::term() {
    Expression out;
    if (!subject(out.term) || !operation(out.term) || !argument(out.term)) return std::nullopt;
    return out;
}

bool Parser::subject(Term& term) {
    in_.skip_blanks();
    const std::size_t start = in_.at;
    const std::string_view name = in_.word();
    if (name.empty() || detail::is_connective(name)) {
        return stop_expecting("a subject", "such as attribute:ecs.instance-type");
    }
    in_.at += name.size();
    constexpr std::string_view prefix = detail::subject_names.back();
    if (name.starts_with(prefix)) return attribute(term, name.substr(prefix.size()));
    const auto found = std::find(detail::subject_names.begin(), detail::subject_names.end(), name);
    if (found == detail::subject_names.end()) {
        // What follows is checked as if it were an attribute's, unless the word was no subject at all.
        note(start, "unknown subject " + shown(name), detail::subject_hint(name));
        in_.skip_blanks();
        return detail::operator_called(in_.operator_name()).has_value();
    }
    term.subject = static_cast<Subject>(found - detail::subject_names.begin());
    return true;
}

/// Reading has come to the end of the name.
bool Parser::attribute(Term& term, std::string_view name) {
    term.attribute = name;
    if (name.empty()) return stop_expecting("an attribute's name right after attribute:");
    if (name.size() > longest_attribute_name) {
        note(in_.at - name.size(),
             fmt::format("an attribute's name of {} characters, more than {}", name.size(), longest_attribute_name));
    } else if (!is_attribute_name(name)) {
        note(in_.at - name.size(), shown(name) + " is not an attribute's name",
             "letters, digits, -, _, ., / and \\ are allowed");
    }
    return true;
}

bool Parser::operation(Term& term) {
    in_.skip_blanks();
    const std::string_view name = in_.operator_name();
    const std::string subject_name = detail::name_of(term);
    if (name.empty() || detail::is_connective(name)) {
        return stop_expecting("an operator after " + subject_name,
                              "legal here: " + detail::legal_operators(term.subject));
    }
    const std::optional<Operator> op = detail::operator_called(name);
    if (!op) return stop(in_.at, "unknown operator " + shown(name), detail::operator_hint(name, term.subject));
    term.op = *op;
    if (!detail::is_legal(term.subject, term.op)) {
        note(in_.at, fmt::format("{} does not take {}", subject_name, name),
             "legal here: " + detail::legal_operators(term.subject));
    }
    in_.at += name.size();
    return true;
}

bool Parser::argument(Term& term) {
    if (detail::takes_nothing(term.op)) return true;
    if (detail::takes_list(term.op)) return list(term);
    in_.skip_blanks();
    if (in_.rest().starts_with('[') && !detail::takes_pattern(term.op)) {
        const bool lists = detail::is_legal(term.subject, Operator::in);
        return stop(in_.at, fmt::format("{} takes one value, not a list", detail::symbol(term.op)),
                    lists ? "in and !in take lists" : "");
    }
    return value(term);
}

bool Parser::list(Term& term) {
    if (!in_.take('[')) {
        return stop_expecting(fmt::format("\"[\" after {}", detail::symbol(term.op)), "a list is [a, b]");
    }
    const std::size_t open = in_.at - 1;
    if (in_.take(']')) {
        note(open, "the list is empty", "a list is [a, b]");
        return true;
    }
    do {
        if (!value(term)) return false;
    } while (in_.take(','));
    return in_.take(']') || stop_expecting(fmt::format("\",\" or \"]\" for the [ at column {}", open + 1));
}

bool Parser::value(Term& term) {
    in_.skip_blanks();
    if (in_.rest().starts_with('\'')) return quoted_value(term);
    if (in_.rest().starts_with('"')) {
        return stop(in_.at, "double quotes around a value", "values are written in single quotes");
    }
    const std::size_t start = in_.at;
    const std::string_view bare = in_.rest().substr(0, detail::bare_length(in_.rest(), term.op));
    if (bare.empty() || detail::is_connective(bare)) {
        return stop_expecting(fmt::format("a value after {}", detail::symbol(term.op)),
                              in_.quotable() ? "put it in single quotes if it is the value" : "");
    }
    in_.at += bare.size();
    constexpr std::string_view only_in_quotes = "('\"";
    if (!in_.rest().empty() && only_in_quotes.find(in_.rest().front()) != std::string_view::npos) {
        return stop(in_.at, fmt::format("{} inside a value", in_.rest().front()),
                    "put the whole value in single quotes");
    }
    take_value(term, start, bare);
    return true;
}

bool Parser::quoted_value(Term& term) {
    const std::size_t open = in_.at++;
    const std::size_t close = in_.text.find('\'', in_.at);
    if (close == std::string_view::npos) return stop(open, "the quote is never closed");
    take_value(term, in_.at, in_.text.substr(in_.at, close - in_.at));
    in_.at = close + 1;
    constexpr std::string_view may_follow = " \t\r\n),]&|";
    if (in_.rest().empty() || may_follow.find(in_.rest().front()) != std::string_view::npos) return true;
    return stop(in_.at, fmt::format("expected a blank after the quoted value, found {}", shown(in_.next())));
}

void Parser::take_value(Term& term, std::size_t at, std::string_view value) {
    // The subject does not take the operator, which has been said: what value it would take is nobody's guess.
    if (!detail::is_legal(term.subject, term.op)) return;
    detail::ValueFault fault = detail::add_value(term, value);
    if (!fault.message.empty()) note(at + fault.offset, std::move(fault.message), std::move(fault.hint));
}

bool Parser::readable() {
    const std::size_t start = in_.text.find_first_not_of(detail::blanks);
    if (start == std::string_view::npos) {
        return stop(0, "the expression is empty", "such as attribute:ecs.instance-type == t2.small");
    }
    if (in_.text.size() > longest_query) {
        return stop(longest_query,
                    fmt::format("the expression has {} characters, more than {}", in_.text.size(), longest_query));
    }
    const auto strange = [](char letter) {
        return (letter < ' ' || letter > '~') && detail::blanks.find(letter) == std::string_view::npos;
    };
    const auto found = std::find_if(in_.text.begin(), in_.text.end(), strange);
    if (found == in_.text.end()) return true;
    return stop(static_cast<std::size_t>(found - in_.text.begin()), "a character outside printable ASCII");
}

std::optional<Expression> Parser::run() {
    if (!readable()) return std::nullopt;
    Part root = any();
    if (!root) return std::nullopt;
    in_.skip_blanks();
    if (in_.rest().empty()) return errors_.empty() ? std::move(root) : std::nullopt;
    if (in_.rest().front() == ')') {
        stop(in_.at, "there is no ( for this )");
    } else {
        stop_expecting("\"and\", \"or\" or the end", detail::connective_hint(in_.word()));
    }
    return std::nullopt;
}

}  // namespace

ParsedQuery parse_query(std::string_view text) {
    Parser parser(text);
    std::optional<Expression> root = parser.run();
    if (!root) return {std::nullopt, std::move(parser).errors()};
    return {Query(std::make_shared<const detail::QueryTree>(detail::query_tree(std::move(*root)))), {}};
}

}  // namespace fleetsim::placement
