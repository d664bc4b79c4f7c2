#pragma once

#include <string_view>

#include "commands.hpp"

namespace fleetsim::app {

/// Writes all of `text` to standard output. On failure, such as a full disk or a closed pipe, says so on standard
/// error.
[[nodiscard]] ExitStatus write_result(std::string_view text);

/// A line of its own on standard error: `fleetsim: message`.
void complain(std::string_view message);

/// A line of its own on standard error, unless the user asked for quiet.
void remark(std::string_view message, const GlobalOptions& global);

/// Whether results are to be coloured: as asked, else when standard output is a terminal that can and `NO_COLOR` is
/// unset.
[[nodiscard]] bool wants_color(const GlobalOptions& global);

/// Whether a person watches standard error.
[[nodiscard]] bool error_output_is_terminal();

}  // namespace fleetsim::app
