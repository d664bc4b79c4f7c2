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
#include <fleetsim/packing/server_hours_bound.hpp>
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

/// Runs in turn, until all are done or the user loses patience.
class Runs {
public:
    explicit Runs(std::size_t count) : count_(count) {}

    /// Whether to go on with one more.
    [[nodiscard]] bool next() {
        if (interrupted_) return false;
        ++begun_;
        return true;
    }

    /// Prints what came of them, or says that nothing will.
    [[nodiscard]] ExitStatus finish(const packing::Report& report, const PackArguments& arguments,
                                    const GlobalOptions& global) const {
        if (interrupted_) {
            complain(fmt::format("interrupted in run {} of {}; nothing was written", begun_, count_));
            return ExitStatus::interrupted;
        }
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started_;
        remark(fmt::format("{} in {}", report::counted(count_, "run"), report::span_text(took.count())), global);
        const report::PackOptions options{arguments.timing};
        if (global.format == "json") return write_result(report::json_text(report::pack_json(report, options)));
        if (global.format == "csv") return write_result(report::pack_csv(report, options));
        return write_result(report::pack_text(report, options));
    }

private:
    const std::atomic<bool>& interrupted_ = watch_for_interrupt();
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    std::size_t count_;
    std::size_t begun_ = 0;
};

ExitStatus pack_trace(import::FileReading input, const PackArguments& arguments, const GlobalOptions& global) {
    const bool has_nodes = !arguments.nodes.empty();
    if (!has_nodes && !arguments.server) {
        complain(
            "a trace needs nodes: a list of them with --nodes FILE, or as many as it takes of one size with --server "
            "CPUSxGIB, such as 64x128");
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

    const auto seeds = arguments.all_seeds();
    packing::BenchmarkOptions options;
    options.experiment = fill ? packing::Experiment::fill : packing::Experiment::replay;
    std::optional<std::int64_t> peak_bound;
    if (!has_nodes) {
        options.server = *arguments.server;
        peak_bound = packing::server_hours_bound(*reading.trace, options.server).peak_servers;
    }
    packing::Report report{reading.trace->name, {}};
    Runs runs{algorithms.size() * seeds.size()};
    for (const auto& algorithm : algorithms) {
        for (const std::uint64_t seed : seeds) {
            if (!runs.next()) break;
            options.seeds = {seed};
            packing::Report one = packing::benchmark({&algorithm, 1}, *reading.trace, options);
            one.results.front().peak_bound = peak_bound;
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

ExitStatus pack_items(import::FileReading input, const PackArguments& arguments, const GlobalOptions& global) {
    const auto algorithms = chosen(packing::offline_algorithms(), arguments.algorithms, usual_for_items);
    const import::ItemsReading reading = import::parse_items(input.files, arguments.input);
    show(reading.problems, global);
    if (algorithms.empty() || reading.instances.empty()) return ExitStatus::bad_input;

    packing::OfflineBenchmarkOptions options;
    options.seeds = arguments.all_seeds();
    options.seconds = arguments.time_limit_s;
    options.effort = effort_for(reading.instances.size());
    packing::Report report{import::stem_of(arguments.input), {}};
    Runs runs{reading.instances.size()};
    for (const packing::Items& items : reading.instances) {
        if (!runs.next()) break;
        auto results = packing::offline_benchmark(algorithms, items, options);
        for (packing::Result& result : results) {
            if (reading.instances.size() == 1) result.instance.clear();
            report.results.push_back(std::move(result));
        }
    }
    if (report.results.empty()) {
        complain(fmt::format("{} packs items of one dimension only, and these have more", algorithms.front().name));
        return ExitStatus::bad_input;
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

}  // namespace

ExitStatus pack(const PackArguments& arguments, const CLI::App& command, const GlobalOptions& global) {
    import::FileReading input = import::read_file(arguments.input);
    show(input.problems, global);
    if (input.problems.has_errors()) return ExitStatus::bad_input;
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
