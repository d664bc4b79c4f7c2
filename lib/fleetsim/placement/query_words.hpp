#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <fleetsim/placement/query_tree.hpp>

/// What may stand behind an operator, and how a query's errors name things.
namespace fleetsim::placement::detail {

/// What is wrong with a value, and how many characters into it.
struct ValueFault {
    std::size_t offset = 0;
    std::string message;  ///< Empty if nothing is.
    std::string hint;
};

/// Adds a value to a term whose subject and operator are known, as what it is to be compared as.
[[nodiscard]] ValueFault add_value(Term& term, std::string_view value);

/// A user's text in double quotes, cut after 40 characters and fit for a terminal; `a blank` if it has only blanks.
[[nodiscard]] std::string shown(std::string_view text);

/// The subject as a person would write it: `agentVersion`, `attribute:stack`.
[[nodiscard]] std::string name_of(const Term& term);

/// `==, !=, in, !in, =~ or !~`: what the subject can be compared with.
[[nodiscard]] std::string legal_operators(Subject subject);

/// The operator of that symbol or word.
[[nodiscard]] std::optional<Operator> operator_called(std::string_view name);

/// `and` for AND, `or` for Or; otherwise empty.
[[nodiscard]] std::string connective_hint(std::string_view word);

/// What else a subject nobody knows may have been meant to be.
[[nodiscard]] std::string subject_hint(std::string_view word);

/// What else an operator nobody knows may have been meant to be.
[[nodiscard]] std::string operator_hint(std::string_view word, Subject subject);

}  // namespace fleetsim::placement::detail
