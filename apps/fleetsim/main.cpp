#include <csignal>
#include <cstdlib>
#include <exception>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/des/nearest_name.hpp>
#include <fleetsim/report/version.hpp>

#include "commands.hpp"
#include "terminal.hpp"

namespace fleetsim::app {
namespace {

constexpr const char* exit_status_help =
    "Exit status:\n"
    "  0    done\n"
    "  1    an objective was missed and --check was given, or an output could not be written\n"
    "  2    the command line or a file is wrong; nothing was simulated\n"
    "  3    internal fault\n"
    "  130  interrupted; nothing was written\n"
    "\n"
    "Results go to standard output, everything else to standard error.\n"
    "--color, --format and --quiet may stand before or after the command.";

void add_global_options(CLI::App& app, GlobalOptions& global) {
    app.set_version_flag("--version",
                         fmt::format("fleetsim {} (instance prices of {})", report::version(), cloud::catalogue_date),
                         "Show the version and leave");
    app.set_help_flag("-h,--help", "Show this help and leave");
    app.add_option("--color", global.color, "Colour the text: auto, always or never")
        ->type_name("WHEN")
        ->check(CLI::IsMember({"auto", "always", "never"}).description(""))
        ->capture_default_str();
    app.add_option("--format", global.format, "Format of the results: text, json or, for pack and instances, csv")
        ->type_name("NAME")
        ->check(CLI::IsMember({"text", "json", "csv"}).description(""))
        ->capture_default_str();
    app.add_flag("-q,--quiet", global.quiet, "Nothing on standard error but errors");
    app.footer(exit_status_help);
    // An option that a command does not know is looked up here, which lets it stand on either side.
    app.fallthrough();
    app.require_subcommand(1);
}

/// What is wrong with the command line, in one or two lines.
std::string complaint(const CLI::App& app, const CLI::ParseError& thrown) {
    const std::vector<std::string> rest = app.remaining();
    if (app.get_subcommands().empty() && !rest.empty() && !rest.front().starts_with('-')) {
        std::vector<std::string> commands;
        for (const CLI::App* command : app.get_subcommands({})) commands.push_back(command->get_name());
        const auto nearest = des::nearest_names(rest.front(), commands);
        const std::string hint = nearest.empty() ? fmt::format("expected {}", fmt::join(commands, ", "))
                                                 : fmt::format("did you mean {}?", fmt::join(nearest, " or "));
        return fmt::format("unknown command \"{}\"; {}", rest.front(), hint);
    }
    return thrown.what();
}

/// CLI11's help and version are results; what else it throws is the user's mistake.
ExitStatus answer(const CLI::App& app, const CLI::ParseError& thrown) {
    if (thrown.get_exit_code() != 0) {
        complain(complaint(app, thrown) + "\nRun with --help for more information.");
        return ExitStatus::bad_input;
    }
    std::ostringstream out;
    app.exit(thrown, out, out);
    return write_result(out.str());
}

ExitStatus main_program(int argc, char** argv) {
    CLI::App app{"fleetsim simulates AWS container fleets: latency, errors, scaling and cost of one scenario.",
                 "fleetsim"};
    GlobalOptions global;
    Action action;
    add_global_options(app, global);
    add_run(app, global, action);
    add_validate(app, global, action);
    add_pack(app, global, action);
    add_instances(app, global, action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& thrown) {
        return answer(app, thrown);
    }
    return action();
}

/// A broken invariant aborts after saying which; here its status becomes the one that is documented.
extern "C" void leave_after_abort(int) { std::_Exit(static_cast<int>(ExitStatus::internal_fault)); }

}  // namespace
}  // namespace fleetsim::app

int main(int argc, char** argv) {
    using fleetsim::app::ExitStatus;
    std::signal(SIGABRT, fleetsim::app::leave_after_abort);
    // A closed pipe is then an error of the write, which is reported, and not the end of the program.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return static_cast<int>(fleetsim::app::main_program(argc, argv));
    } catch (const std::exception& fault) {
        fleetsim::app::complain(fmt::format("internal fault: {}", fault.what()));
    } catch (...) {
        fleetsim::app::complain("internal fault");
    }
    return static_cast<int>(ExitStatus::internal_fault);
}
