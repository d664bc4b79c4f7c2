#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

/// The regular expressions of the cluster query language.
namespace fleetsim::placement::detail {

/// What is wrong with a pattern, and how many characters into it.
struct PatternFault {
    std::size_t offset = 0;
    std::string message;
    std::string hint;
};

/// The first construct that Java and RE2 do not share; none when the pattern means the same to both, or is wrong in
/// both. It is `compile_pattern` that finds the latter.
[[nodiscard]] std::optional<PatternFault> unshared_construct(std::string_view pattern);

/// A pattern ready for use, or what is wrong with it.
struct CompiledPattern {
    std::shared_ptr<const re2::RE2> pattern;  ///< Null if there is a fault.
    PatternFault fault;
};

[[nodiscard]] CompiledPattern compile_pattern(std::string_view pattern);

/// Does the pattern match the text from its beginning to its end? Takes time in proportion to the text.
[[nodiscard]] bool matches_whole(const re2::RE2& pattern, std::string_view text);

}  // namespace fleetsim::placement::detail
