#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <fleetsim/scenario/diagnostics.hpp>

namespace fleetsim::scenario {

struct TextFault {
    Position at;
    std::string message;
};

/// The first reason not to hand a text to the YAML parser: its size, bytes that are not UTF-8 text, or so many or so
/// deeply nested brackets that the parser would ask for far too much memory.
[[nodiscard]] std::optional<TextFault> text_fault(std::string_view text);

}  // namespace fleetsim::scenario
