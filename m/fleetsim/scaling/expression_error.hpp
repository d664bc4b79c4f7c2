#pragma once

#include <cstddef>
#include <string>

namespace fleetsim::scaling {

/// What is wrong with a rule or an expression, and where.
struct ExpressionError {
    std::size_t offset = 0;  ///< Bytes before the place; the text's length if something is missing at its end.
    std::string message;
    std::string hint;  ///< The remedy: `did you mean ALARM?`. May be empty.

    friend bool operator==(const ExpressionError&, const ExpressionError&) = default;
};

}  // namespace fleetsim::scaling
