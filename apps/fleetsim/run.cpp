#include <chrono>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/report/figures.hpp>
#include <fleetsim/report/format.hpp>
#include <fleetsim/report/json.hpp>
#include <fleetsim/report/text.hpp>
#include <fleetsim/report/write_directory.hpp>
#include <fleetsim/scenario/diagnostics.hpp>
#include <fleetsim/scenario/explain_request.hpp>
#include <fleetsim/sim/run.hpp>

#include "commands.hpp"
#include "interrupt.hpp"
#include "progress.hpp"
#include "scenario_options.hpp"
#include "terminal.hpp"

namespace fleetsim::app {
namespace {

struct Options {
    ScenarioOptions scenario;
    std::string out;
    std::vector<std::string> explain;  ///< `RESOURCE@TIME` each.
    bool check = false;
};

/// What a run took, in the seconds of the clock on the wall and of the processor.
class Stopwatch {
public:
    [[nodiscard]] std::string text(const sim::Result& result) const {
        const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - wall_;
        const double processor = static_cast<double>(std::clock() - processor_) / CLOCKS_PER_SEC;
        std::uint64_t requests = 0;
        for (const auto& service : result.services) requests += service.requests;
        std::string text = fmt::format("simulated {} in {}", report::duration_text(result.simulated),
                                       report::span_text(wall.count() * 1e3));
        if (processor > 0) {
            text += fmt::format(", {} requests per CPU second",
                                report::short_count(static_cast<double>(requests) / processor));
        }
        return text;
    }

private:
    std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
    std::clock_t processor_ = std::clock();
};

/// What is to be explained.
struct Questions {
    std::vector<sim::ExplainRequest> resources;
    std::vector<sim::ExplainTaskRequest> tasks;
};

/// Absent when any is wrong; all that are have then been said on standard error.
std::optional<Questions> read_explain_requests(const std::vector<std::string>& texts, const sim::Scenario& scenario) {
    Questions questions;
    for (const std::string& text : texts) {
        const auto parsed = scenario::parse_explain_request(text, scenario);
        if (const auto* request = std::get_if<sim::ExplainRequest>(&parsed)) questions.resources.push_back(*request);
        if (const auto* request = std::get_if<sim::ExplainTaskRequest>(&parsed)) questions.tasks.push_back(*request);
        if (const auto* problem = std::get_if<scenario::ExplainProblem>(&parsed)) {
            complain(fmt::format("--explain {}: {}{}{}", scenario::in_quotes(text), problem->message,
                                 problem->hint.empty() ? "" : "; ", problem->hint));
        }
    }
    if (questions.resources.size() + questions.tasks.size() < texts.size()) return std::nullopt;
    return questions;
}

sim::Result simulate(const sim::Scenario& scenario, Questions explain, bool keep_events, const GlobalOptions& global,
                     const std::atomic<bool>& interrupted) {
    Progress progress{!global.quiet && error_output_is_terminal(), scenario.duration};
    sim::RunOptions options;
    options.keep_events = keep_events;
    options.explain = std::move(explain.resources);
    options.explain_tasks = std::move(explain.tasks);
    options.interrupted = &interrupted;
    options.progress = [&progress](des::Time reached) { progress.update(reached); };
    return sim::run(scenario, options);
}

ExitStatus write_outputs(const sim::Result& result, const Options& options, const GlobalOptions& global) {
    ExitStatus status = ExitStatus::done;
    if (!options.out.empty()) {
        if (const auto problem = report::write_directory(result, options.out)) {
            // The results are still shown: the run may have taken long.
            complain(*problem);
            status = ExitStatus::failed;
        }
    }
    const std::string text = global.format == "json" ? report::json_text(report::to_json(result))
                                                     : report::to_text(result, {wants_color(global)});
    return write_result(text) == ExitStatus::done ? status : ExitStatus::failed;
}

ExitStatus check_objectives(const sim::Result& result, const GlobalOptions& global) {
    if (result.objectives.empty()) remark("--check: the scenario has no slo, so there is nothing to check", global);
    if (report::objectives_met(result) == result.objectives.size()) return ExitStatus::done;
    // Text already says so.
    if (global.format != "text") complain(report::verdict(result));
    return ExitStatus::failed;
}

ExitStatus run(const Options& options, const GlobalOptions& global) {
    const std::atomic<bool>& interrupted = watch_for_interrupt();
    const auto scenario = read_scenario(options.scenario, global);
    if (!scenario) return ExitStatus::bad_input;

    auto explain = read_explain_requests(options.explain, *scenario);
    if (!explain) return ExitStatus::bad_input;

    const Stopwatch stopwatch;
    const sim::Result result = simulate(*scenario, std::move(*explain), !options.out.empty(), global, interrupted);
    if (!result.complete) {
        complain(fmt::format("interrupted after {} of {} simulated; nothing was written",
                             report::duration_text(result.simulated), report::duration_text(scenario->duration)));
        return ExitStatus::interrupted;
    }
    // Before the results, whose last line is the one to remember.
    remark(stopwatch.text(result), global);
    const ExitStatus written = write_outputs(result, options, global);
    const ExitStatus checked = options.check ? check_objectives(result, global) : ExitStatus::done;
    return written == ExitStatus::done ? checked : written;
}

}  // namespace

void add_run(CLI::App& app, const GlobalOptions& global, Action& action) {
    CLI::App* command = app.add_subcommand("run", "Simulate a scenario and report latency, errors, fleet and cost");
    const auto options = std::make_shared<Options>();
    options->scenario.add_to(*command);
    command->add_option("--out", options->out, "Write summary.json, timeseries.csv and events.csv into this folder")
        ->type_name("DIR")
        ->check(
            [](const std::string& value) { return value.empty() ? std::string{"expected a folder"} : std::string{}; });
    command
        ->add_option("--explain", options->explain,
                     "Tell how service/NAME or auto_scaling_group/NAME came to its size, or why task/NAME-NUMBER is "
                     "where it is, at a time: 14:05 of the first day, 2026-01-05T14:05:00Z or, since the start, 1h30m "
                     "(repeatable)")
        ->type_name("RESOURCE@TIME")
        ->allow_extra_args(false);
    command->add_flag("--check", options->check, "Exit with status 1 when an objective of the slo is missed");
    command->callback([options, &global, &action] {
        if (global.format == "csv") throw CLI::ValidationError("--format", "run prints text or json; --out writes CSV");
        action = [options, &global] { return run(*options, global); };
    });
}

}  // namespace fleetsim::app
