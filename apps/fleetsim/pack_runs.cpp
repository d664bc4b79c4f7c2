#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/nearest_name.hpp>
#include <fleetsim/import/input_kind.hpp>
#include <fleetsim/import/items_files.hpp>
#include <fleetsim/import/trace_files.hpp>
#include <fleetsim/packing/benchmark.hpp>
#include <fleetsim/packing/offline_benchmark.hpp>
#include <fleetsim/packing/offline_registry.hpp>
#include <fleetsim/packing/online_registry.hpp>
#include <fleetsim/report/format.hpp>
#include <fleetsim/report/json.hpp>
#include <fleetsim/report/pack.hpp>

#include "interrupt.hpp"
#include "pack.hpp"
#include "terminal.hpp"

namespace fleetsim::app {
namespace {

using Names = std::vector<std::string>;

const Names usual_for_replay{"first_fit", "best_fit_cpu",        "best_fit_memory", "best_fit",
                             "worst_fit", "largest_dot_product", "lifetime_aware"};
const Names usual_for_filling{"random", "dot_product", "gpu_clustering", "gpu_packing", "best_fit", "fgd"};
const Names usual_for_items{"first_fit",         "ffd_l1_avg",     "ffd_l2_avg",    "bcs_dp1_avg",
                            "bcs_dp1_avg_dyn",   "bcs_l2norm_avg", "min_bin_slack", "min_bin_slack_restarts",
                            "destroy_and_repair"};

/// The algorithms asked for, each once; every unknown name is complained of, and there are none then.
template <class Algorithm>
[[nodiscard]] std::vector<Algorithm> chosen(const std::vector<Algorithm>& all, const Names& asked, const Names& usual) {
    const bool everything = std::find(asked.begin(), asked.end(), "all") != asked.end();
    const Names wanted = asked.empty() ? usual : everything ? names_of(all) : asked;
    std::vector<Algorithm> out;
    bool good = true;
    Names taken;
    for (const std::string& name : everything&& asked.size() > 1 ? asked : wanted) {
        if (name == "all") continue;
        const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
        if (found == all.end()) {
            const auto nearest = des::nearest_names(name, names_of(all));
            complain(fmt::format("unknown algorithm \"{}\"{}; it may be all or {}", name,
                                 nearest.empty() ? "" : fmt::format("; did you mean {}?", fmt::join(nearest, " or ")),
                                 fmt::join(names_of(all), ", ")));
            good = false;
        } else if (!everything && std::find(taken.begin(), taken.end(), name) == taken.end()) {
            taken.push_back(name);
            out.push_back(*found);
        }
    }
    if (!good) return {};
    return everything ? all : out;
}

void show(const import::Problems& problems, const GlobalOptions& global) {
    // Warnings alone do not break the quiet.
    if (problems.has_errors() || !global.quiet) std::fputs(problems.render().c_str(), stderr);
}

/// Runs in turn. Whoever watches the terminal sees which one it is.
class Runs {
public:
    Runs(std::size_t count, const GlobalOptions& global)
        : count_(count), visible_(!global.quiet && error_output_is_terminal()) {}

    /// One more begins.
    void next(const std::string& name) {
        ++begun_;
        const auto now = Clock::now();
        if (!visible_ || now < next_draw_) return;
        next_draw_ = now + std::chrono::milliseconds{100};
        fmt::print(stderr, "{}run {} of {}: {}", erase_line, begun_, count_, name);
        std::fflush(stderr);
    }

    /// Prints what came of them.
    [[nodiscard]] ExitStatus finish(const packing::Report& report, const PackArguments& arguments,
                                    const GlobalOptions& global) const {
        forget_interrupts();
        if (visible_) std::fputs(erase_line, stderr);
        const std::chrono::duration<double, std::milli> took = Clock::now() - started_;
        remark(fmt::format("{} in {}", report::counted(count_, "run"), report::span_text(took.count())), global);
        const report::PackOptions options{arguments.timing};
        if (global.format == "json") return write_result(report::json_text(report::pack_json(report, options)));
        if (global.format == "csv") return write_result(report::pack_csv(report, options));
        return write_result(report::pack_text(report, options));
    }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr const char* erase_line = "\r\x1b[K";

    Clock::time_point started_ = Clock::now();
    Clock::time_point next_draw_ = started_;
    std::size_t count_;
    std::size_t begun_ = 0;
    bool visible_;
};

/// Whether the trace's tasks ask for what is measured while nodes fill up. Says so when they do not.
[[nodiscard]] bool can_fill(const packing::Trace& trace) {
    const bool gpus =
        std::any_of(trace.nodes.begin(), trace.nodes.end(), [](const auto& node) { return node.capacity.gpus > 0; });
    const bool asked = std::any_of(trace.tasks.begin(), trace.tasks.end(), [gpus](const packing::Task& task) {
        return (gpus ? task.demand.total_gpu_milli() : task.demand.cpu_milli) > 0;
    });
    if (asked) return true;
    const char* what = gpus ? "of its GPUs, and no task asks for one" : "of its CPU, and no task asks for any";
    complain(fmt::format("filling a cluster tells the share {}; expected such tasks{}, or --experiment replay", what,
                         gpus ? " or nodes without GPUs" : ""));
    return false;
}

/// A trace without nodes to put its tasks on.
ExitStatus refuse_without_nodes(import::FileReading input, const PackArguments& arguments,
                                const GlobalOptions& global) {
    // What is no trace at all is told as such.
    const import::TraceReading reading = import::read_trace(std::move(input.files.front()), {arguments.input});
    show(reading.problems, global);
    if (reading.trace) {
        complain(
            "a trace needs nodes: a list of them with --nodes FILE, or as many as it takes of one size with --server "
            "CPUSxGIB, such as 64x128");
    }
    return ExitStatus::bad_input;
}

ExitStatus pack_trace(import::FileReading input, const PackArguments& arguments, const GlobalOptions& global) {
    const bool has_nodes = !arguments.nodes.empty();
    if (!has_nodes && !arguments.server) return refuse_without_nodes(std::move(input), arguments, global);
    if (has_nodes && arguments.server) {
        complain("--nodes and --server both say where the tasks go; keep one");
        return ExitStatus::bad_input;
    }
    const bool fill = arguments.experiment == "fill" || (arguments.experiment.empty() && has_nodes);
    if (fill && !has_nodes) {
        complain("--experiment fill fills a cluster of --nodes; servers without number are never full");
        return ExitStatus::bad_input;
    }
    const auto algorithms =
        chosen(packing::online_algorithms(), arguments.algorithms, fill ? usual_for_filling : usual_for_replay);
    import::TraceFiles files{arguments.input};
    if (has_nodes) files.nodes = arguments.nodes;
    files.server = arguments.server;
    const import::TraceReading reading = import::read_trace(std::move(input.files.front()), files);
    show(reading.problems, global);
    if (algorithms.empty() || !reading.trace) return ExitStatus::bad_input;
    if (fill && !can_fill(*reading.trace)) return ExitStatus::bad_input;

    const auto seeds = arguments.all_seeds();
    packing::BenchmarkOptions options;
    options.experiment = fill ? packing::Experiment::fill : packing::Experiment::replay;
    if (!has_nodes) options.server = *arguments.server;
    packing::Report report{reading.trace->name, {}};
    Runs runs{algorithms.size() * seeds.size(), global};
    for (const auto& algorithm : algorithms) {
        for (const std::uint64_t seed : seeds) {
            runs.next(fmt::format("{}, seed {}", algorithm.name, seed));
            options.seeds = {seed};
            packing::Report one = packing::benchmark({&algorithm, 1}, *reading.trace, options);
            report.results.push_back(std::move(one.results.front()));
        }
    }
    return runs.finish(report, arguments, global);
}

/// Steps for the lower bound of each of so many instances: two seconds' worth for one, about a minute for all of many.
[[nodiscard]] packing::Effort effort_for(std::size_t instances) {
    constexpr std::int64_t for_one = 2'000'000'000;
    constexpr std::int64_t for_all = 60'000'000'000;
    return {.work = std::min(for_one, for_all / static_cast<std::int64_t>(instances))};
}

/// Whether each algorithm that the user named takes some of the instances. Says which takes none, and which not all.
[[nodiscard]] bool all_apply(const std::vector<packing::OfflineAlgorithm>& algorithms,
                             const std::vector<packing::Items>& instances, const PackArguments& arguments,
                             const GlobalOptions& global) {
    bool good = true;
    for (const packing::OfflineAlgorithm& algorithm : algorithms) {
        const auto& asked = arguments.algorithms;
        if (!algorithm.refuses || std::find(asked.begin(), asked.end(), algorithm.name) == asked.end()) continue;
        std::size_t refused = 0;
        std::optional<std::string> reason;
        for (const packing::Items& items : instances) {
            const auto why = algorithm.refuses(items);
            if (why && refused++ == 0) reason = why;
        }
        if (refused == instances.size()) {
            complain(fmt::format("{} does not apply: {}", algorithm.name, *reason));
            good = false;
        } else if (refused > 0) {
            remark(fmt::format("{} is left out for {} of {} instances: {}", algorithm.name, refused, instances.size(),
                               *reason),
                   global);
        }
    }
    return good;
}

ExitStatus pack_items(import::FileReading input, const PackArguments& arguments, const GlobalOptions& global) {
    const auto algorithms = chosen(packing::offline_algorithms(), arguments.algorithms, usual_for_items);
    const import::ItemsReading reading = import::parse_items(input.files, arguments.input);
    show(reading.problems, global);
    if (algorithms.empty() || reading.instances.empty()) return ExitStatus::bad_input;
    if (!all_apply(algorithms, reading.instances, arguments, global)) return ExitStatus::bad_input;

    packing::OfflineBenchmarkOptions options;
    options.seeds = arguments.all_seeds();
    options.seconds = arguments.time_limit_s;
    options.effort = effort_for(reading.instances.size());
    packing::Report report{import::stem_of(arguments.input), {}};
    Runs runs{reading.instances.size(), global};
    for (const packing::Items& items : reading.instances) {
        runs.next(items.name);
        auto results = packing::offline_benchmark(algorithms, items, options);
        for (packing::Result& result : results) {
            if (reading.instances.size() == 1) result.instance.clear();
            report.results.push_back(std::move(result));
        }
    }
    return runs.finish(report, arguments, global);
}

/// Refuses options that mean nothing for this kind of input.
[[nodiscard]] bool options_fit(import::InputKind kind, const CLI::App& command) {
    using import::InputKind;
    const bool tasks = kind == InputKind::tasks || kind == InputKind::scenario;
    const struct {
        const char* name;
        bool fits;
        const char* what;
    } rules[] = {
        {"--nodes", kind == InputKind::trace, "a trace"},      {"--server", kind == InputKind::trace, "a trace"},
        {"--experiment", kind == InputKind::trace, "a trace"}, {"--time-limit", kind == InputKind::items, "instances"},
        {"--algorithm", !tasks, "a trace or instances"},       {"--seeds", !tasks, "a trace or instances"},
        {"--timing", !tasks, "a trace or instances"},          {"--types", tasks, "task definitions or a scenario"},
        {"--region", tasks, "task definitions or a scenario"}, {"--zones", tasks, "task definitions or a scenario"},
        {"--spread", tasks, "task definitions or a scenario"}};
    bool good = true;
    for (const auto& rule : rules) {
        if (rule.fits || command.get_option(rule.name)->count() == 0) continue;
        complain(fmt::format("{} is for {}, which the input is not", rule.name, rule.what));
        good = false;
    }
    return good;
}

/// Whether a single file is text, without which there is no telling what it may be. Says so when it is not.
[[nodiscard]] bool all_text(const import::FileReading& input, const GlobalOptions& global) {
    if (input.files.size() != 1) return true;
    const import::TextFile& file = input.files.front();
    import::Problems problems;
    scenario::Diagnostics& found = problems.of(file.name);
    if (import::is_text(file.text, "a trace, instances, task definitions or a scenario", found)) return true;
    found.set_text(file.text);
    show(problems, global);
    return false;
}

}  // namespace

ExitStatus pack(const PackArguments& arguments, const CLI::App& command, const GlobalOptions& global) {
    end_on_interrupt();
    import::FileReading input = import::read_file(arguments.input);
    show(input.problems, global);
    if (input.problems.has_errors() || !all_text(input, global)) return ExitStatus::bad_input;
    const import::InputKind kind = import::kind_of(input);
    if (!options_fit(kind, command)) return ExitStatus::bad_input;
    switch (kind) {
        case import::InputKind::trace: return pack_trace(std::move(input), arguments, global);
        case import::InputKind::items: return pack_items(std::move(input), arguments, global);
        case import::InputKind::tasks: return pack_tasks(input, false, arguments, global);
        case import::InputKind::scenario: return pack_tasks(input, true, arguments, global);
    }
    FLEETSIM_CHECK(false);
    return ExitStatus::internal_fault;
}

}  // namespace fleetsim::app
