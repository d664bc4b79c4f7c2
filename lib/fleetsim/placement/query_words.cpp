#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/des/nearest_name.hpp>
#include <fleetsim/placement/attributes.hpp>
#include <fleetsim/placement/query_comparison.hpp>
#include <fleetsim/placement/query_words.hpp>

namespace fleetsim::placement::detail {

namespace {

using des::did_you_mean;
using des::listed;

[[nodiscard]] ValueFault expected(std::string_view what, std::string_view found) {
    return {0, fmt::format("expected {}, found {}", what, shown(found)), ""};
}

[[nodiscard]] ValueFault add_pattern(Term& term, std::string_view value) {
    CompiledPattern compiled = compile_pattern(value);
    if (!compiled.pattern) {
        return {compiled.fault.offset, fmt::format("bad pattern {}: {}", shown(value), compiled.fault.message),
                std::move(compiled.fault.hint)};
    }
    term.pattern = std::move(compiled.pattern);
    return {};
}

[[nodiscard]] ValueFault add_instant(Term& term, std::string_view value) {
    const std::optional<std::chrono::sys_seconds> at = instant(value);
    if (!at) return expected("a date such as 2018-06-18 or 2018-06-18T22:28:28Z", value);
    term.number = at->time_since_epoch().count();
    return {};
}

[[nodiscard]] ValueFault add_count(Term& term, std::string_view value) {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), term.number);
    if (error != std::errc{} || end != value.data() + value.size()) return expected("a whole number of 64 bits", value);
    return {};
}

}  // namespace

ValueFault add_value(Term& term, std::string_view value) {
    term.values.emplace_back(value);
    if (takes_pattern(term.op)) return add_pattern(term, value);
    switch (term.subject) {
        case Subject::agent_connected:
            return value == "true" || value == "false" ? ValueFault{} : expected("true or false", value);
        case Subject::agent_version:
            return is_version(value) ? ValueFault{} : expected("a version such as 1.14.5", value);
        case Subject::registered_at: return add_instant(term, value);
        case Subject::running_tasks_count: return add_count(term, value);
        case Subject::ec2_instance_id:
        case Subject::task_group:
        case Subject::attribute: break;
    }
    return {};
}

std::string shown(std::string_view text) {
    if (text.empty()) return "\"\"";
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return "a blank";
    constexpr std::size_t shown_at_most = 40;
    std::string out = "\"";
    for (const char letter : text.substr(0, shown_at_most)) out += letter < ' ' ? ' ' : letter;
    return out + (text.size() > shown_at_most ? "...\"" : "\"");
}

std::string name_of(const Term& term) {
    return std::string(subject_names[static_cast<std::size_t>(term.subject)]) + term.attribute;
}

std::string legal_operators(Subject subject) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < operator_names.size(); ++i) {
        if (is_legal(subject, static_cast<Operator>(i))) names.emplace_back(operator_names[i].symbol);
    }
    return listed(names);
}

std::optional<Operator> operator_called(std::string_view name) {
    const auto found = std::find_if(operator_names.begin(), operator_names.end(),
                                    [&](const OperatorNames& op) { return op.symbol == name || op.word == name; });
    if (found == operator_names.end()) return std::nullopt;
    return static_cast<Operator>(found - operator_names.begin());
}

std::string connective_hint(std::string_view word) {
    if (des::edit_distance(word, "and") == 0) return did_you_mean({"and"});
    if (des::edit_distance(word, "or") == 0) return did_you_mean({"or"});
    return {};
}

std::string subject_hint(std::string_view word) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) {
        std::vector<std::string> attributes;
        for (const std::string& name : des::nearest_names(word, automatic_attributes)) {
            attributes.push_back("attribute:" + name);
        }
        if (!attributes.empty()) return did_you_mean(attributes);
    } else if (des::edit_distance(word.substr(0, colon), "attribute") <= 3) {
        return did_you_mean({"attribute" + std::string(word.substr(colon))});
    }
    const std::vector<std::string> nearest = des::nearest_names(word, subject_names);
    if (!nearest.empty()) return did_you_mean(nearest);
    std::vector<std::string> all(subject_names.begin(), subject_names.end());
    all.back() += "NAME";
    return "a subject is " + listed(all);
}

std::string operator_hint(std::string_view word, Subject subject) {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < operator_names.size(); ++i) {
        if (!is_legal(subject, static_cast<Operator>(i))) continue;
        names.push_back(operator_names[i].symbol);
        if (operator_names[i].word != operator_names[i].symbol) names.push_back(operator_names[i].word);
    }
    const std::vector<std::string> nearest = des::nearest_names(word, names);
    return nearest.empty() ? "legal here: " + legal_operators(subject) : did_you_mean(nearest);
}

}  // namespace fleetsim::placement::detail
