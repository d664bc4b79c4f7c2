#include "terminal.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

namespace fleetsim::app {
namespace {

/// Standard error is the last resort: when it fails there is nobody left to tell.
void write_error(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace

ExitStatus write_result(std::string_view text) {
    errno = 0;
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) {
        return ExitStatus::done;
    }
    const std::error_code reason{errno, std::generic_category()};
    complain(fmt::format("cannot write to standard output: {}", reason.message()));
    return ExitStatus::failed;
}

void complain(std::string_view message) { write_error(fmt::format("fleetsim: {}\n", message)); }

void remark(std::string_view message, const GlobalOptions& global) {
    if (!global.quiet) complain(message);
}

bool wants_color(const GlobalOptions& global) {
    if (global.color != "auto") return global.color == "always";
    const char* no_color = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    if (no_color != nullptr && *no_color != '\0') return false;
    if (terminal == nullptr || std::string_view{terminal} == "dumb") return false;
    return isatty(STDOUT_FILENO) == 1;
}

bool error_output_is_terminal() { return isatty(STDERR_FILENO) == 1; }

}  // namespace fleetsim::app
