#pragma once

#include <limits>
#include <string_view>
#include <variant>
#include <vector>

#include <fleetsim/des/law.hpp>

/// The type that holds any law, and the laws made of other laws. Its functions are in `distribution.hpp`.
namespace fleetsim::des {

struct MixturePart;
struct Condition;

/// One of several laws, chosen by chance for each value.
struct Mixture {
    static constexpr std::string_view name = "mixture";
    std::vector<MixturePart> parts;  ///< Never empty.
    friend bool operator==(const Mixture& a, const Mixture& b);
};

/// A law given that its value lies between two bounds.
struct Truncated {
    static constexpr std::string_view name = "truncated";
    std::vector<Condition> conditions;  ///< Exactly one: only in a vector may a law hold another.
    friend bool operator==(const Truncated& a, const Truncated& b);
};

/// A law of non-negative numbers, mostly seconds. By default it is the constant 0.
using Distribution = std::variant<Constant, Uniform, Exponential, Normal, Lognormal, Gamma, Erlang, Weibull,
                                  Hyperexponential, BoundedPareto, Empirical, Mixture, Truncated>;

struct MixturePart {
    Distribution law;
    double up_to = 1;  ///< Probability of this part and those before it; 1 for the last.
    friend bool operator==(const MixturePart&, const MixturePart&) = default;
};

/// A closed range of values.
struct Bounds {
    double min = 0;
    double max = std::numeric_limits<double>::infinity();
    [[nodiscard]] bool contain(double value) const { return min <= value && value <= max; }
    friend bool operator==(const Bounds&, const Bounds&) = default;
};

struct Condition {
    Distribution law;  ///< Before the condition.
    Bounds bounds;
    double below_min = 0;    ///< Probability that the law stays below the bounds,
    double up_to_max = 1;    ///< and that it stays below or within.
    double probability = 1;  ///< That it lies within.
    double mean = 0;         ///< Given that it does, as is the variance.
    double variance = 0;
    friend bool operator==(const Condition&, const Condition&) = default;
};

inline bool operator==(const Mixture& a, const Mixture& b) { return a.parts == b.parts; }
inline bool operator==(const Truncated& a, const Truncated& b) { return a.conditions == b.conditions; }

namespace detail {

/// The sum over a mixture's parts of their probability times `value(law)`.
template <class Value>
[[nodiscard]] double weighted(const Mixture& mixture, Value value) {
    double sum = 0;
    double before = 0;
    for (const MixturePart& part : mixture.parts) {
        sum += (part.up_to - before) * value(part.law);
        before = part.up_to;
    }
    return sum;
}

}  // namespace detail

}  // namespace fleetsim::des
