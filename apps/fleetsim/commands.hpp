#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

/// The program: flags in, library calls, text out. Whatever could be of use elsewhere is in the library.
namespace fleetsim::app {

enum class ExitStatus : int {
    done = 0,
    failed = 1,          ///< An objective was missed and `--check` was given, or an output could not be written.
    bad_input = 2,       ///< The command line or a file is wrong; nothing was simulated.
    internal_fault = 3,  ///< Our mistake.
    interrupted = 130,   ///< As shells report an interrupted program.
};

/// Flags that may stand before or after the command.
struct GlobalOptions {
    bool quiet = false;
    std::string color = "auto";   ///< `auto`, `always` or `never`.
    std::string format = "text";  ///< Which formats there are depends on the command.
};

/// What the chosen command does once the command line is understood.
using Action = std::function<ExitStatus()>;

// Each adds its command to `app` and, when it is the chosen one, leaves what it does in `action`.
void add_run(CLI::App& app, const GlobalOptions& global, Action& action);
void add_validate(CLI::App& app, const GlobalOptions& global, Action& action);
void add_pack(CLI::App& app, const GlobalOptions& global, Action& action);
void add_instances(CLI::App& app, const GlobalOptions& global, Action& action);

}  // namespace fleetsim::app
