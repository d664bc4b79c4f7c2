#include <memory>

#include <fmt/format.h>

#include <fleetsim/report/describe.hpp>

#include "commands.hpp"
#include "scenario_options.hpp"
#include "terminal.hpp"

namespace fleetsim::app {
namespace {

ExitStatus validate(const ScenarioOptions& options, const GlobalOptions& global) {
    const auto scenario = read_scenario(options, global);
    if (!scenario) return ExitStatus::bad_input;
    return write_result(fmt::format("{}: ok\n{}\n", options.file, report::describe(*scenario)));
}

}  // namespace

void add_validate(CLI::App& app, const GlobalOptions& global, Action& action) {
    CLI::App* command = app.add_subcommand("validate", "Check a scenario without simulating it");
    const auto options = std::make_shared<ScenarioOptions>();
    options->add_to(*command);
    command->callback([options, &global, &action] {
        if (global.format != "text") throw CLI::ValidationError("--format", "validate prints text only");
        action = [options, &global] { return validate(*options, global); };
    });
}

}  // namespace fleetsim::app
