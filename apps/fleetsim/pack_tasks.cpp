#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/des/check.hpp>
#include <fleetsim/import/fleet_types.hpp>
#include <fleetsim/import/task_definitions.hpp>
#include <fleetsim/report/fleet_plan.hpp>
#include <fleetsim/report/json.hpp>
#include <fleetsim/scenario/fields.hpp>
#include <fleetsim/scenario/load.hpp>

#include "interrupt.hpp"
#include "pack.hpp"
#include "terminal.hpp"

namespace fleetsim::app {
namespace {

/// What is to be placed, before anything is said about instances.
struct Wanted {
    report::FleetPlan plan;
    std::vector<std::string> types;  ///< If the user names none.
    std::optional<sim::Scenario> scenario = {};
};

void show(const scenario::Diagnostics& diagnostics, const GlobalOptions& global) {
    // Warnings alone do not break the quiet.
    if (diagnostics.has_errors() || !global.quiet) std::fputs(diagnostics.render().c_str(), stderr);
}

[[nodiscard]] std::vector<std::string> usual_types(const std::vector<packing::FleetTask>& tasks, bool arm) {
    std::vector<std::string> types =
        arm ? std::vector<std::string>{"c6g", "m6g", "r6g"} : std::vector<std::string>{"c6i", "m6i", "r6i"};
    const bool gpus =
        std::any_of(tasks.begin(), tasks.end(), [](const auto& task) { return task.need[placement::gpus] > 0; });
    if (gpus) types.emplace_back(arm ? "g5g" : "g4dn");
    return types;
}

[[nodiscard]] std::optional<Wanted> read_list(const import::TextFile& file, const GlobalOptions& global) {
    scenario::Diagnostics diagnostics(file.name);
    auto tasks = import::parse_task_definitions(file, diagnostics);
    show(diagnostics, global);
    if (!tasks) return std::nullopt;
    Wanted wanted;
    wanted.types = usual_types(*tasks, false);
    wanted.plan.region = "us-east-1";
    wanted.plan.demand.tasks = std::move(*tasks);
    return wanted;
}

/// Besides the usual types a scenario has those of its own groups to choose from.
[[nodiscard]] std::optional<Wanted> read_services(const import::TextFile& file, const PackArguments& arguments,
                                                  const GlobalOptions& global) {
    scenario::Loaded loaded =
        scenario::load_text(file.text, file.name, std::filesystem::path(arguments.input).parent_path());
    show(loaded.diagnostics, global);
    if (!loaded.scenario) return std::nullopt;
    Wanted wanted;
    wanted.plan.region = loaded.scenario->region;
    wanted.plan.demand.tasks = import::tasks_of(*loaded.scenario);
    wanted.plan.demand.zones = static_cast<std::int32_t>(loaded.scenario->zones.size());
    bool architectures[2] = {false, false};
    for (const auto& group : loaded.scenario->groups) {
        for (const auto& option : group.options) {
            wanted.types.push_back(option.type.name);
            architectures[option.type.architecture == "arm64" ? 1 : 0] = true;
        }
    }
    for (const bool arm : {false, true}) {
        if (!architectures[arm ? 1 : 0]) continue;
        const auto usual = usual_types(wanted.plan.demand.tasks, arm);
        wanted.types.insert(wanted.types.end(), usual.begin(), usual.end());
    }
    wanted.scenario = std::move(*loaded.scenario);
    return wanted;
}

/// The region that the user names is one of the catalogue.
[[nodiscard]] bool region_known(const std::string& region) {
    const auto regions = cloud::catalogue().regions();
    if (std::find(regions.begin(), regions.end(), region) != regions.end()) return true;
    const std::string hint = scenario::nearest_hint(region, regions);
    complain(fmt::format("unknown region \"{}\"; {}", region,
                         hint.empty() ? "expected " + scenario::listed(regions) : hint));
    return false;
}

/// Says which tasks no type can hold.
void complain_of(const report::FleetPlan& plan) {
    for (const packing::Unplaceable& one : plan.mix.unplaceable) {
        std::string why;
        for (const packing::FleetLimit limit : one.short_of) {
            why += fmt::format("{}{}", why.empty() ? "not enough " : ", ", packing::name_of(limit));
        }
        complain(fmt::format("task \"{}\" fits on none of the {} instance types{}; name others with --types",
                             plan.demand.tasks[one.task].name, plan.demand.types.size(),
                             why.empty() ? "" : " (" + why + ")"));
    }
}

[[nodiscard]] bool settle(const PackArguments& arguments, Wanted& wanted) {
    packing::FleetDemand& demand = wanted.plan.demand;
    if (!arguments.region.empty()) wanted.plan.region = arguments.region;
    if (arguments.zones) demand.zones = *arguments.zones;
    for (packing::FleetTask& task : demand.tasks) {
        task.spread_over_zones = task.spread_over_zones || arguments.spread == "zone";
    }
    if (!region_known(wanted.plan.region)) return false;
    auto chosen = import::fleet_types(arguments.types.empty() ? wanted.types : arguments.types, wanted.plan.region);
    // Of the usual types some may not be offered everywhere.
    const bool wrong = !chosen.problems.empty() && (!arguments.types.empty() || chosen.types.empty());
    if (wrong) {
        for (const std::string& problem : chosen.problems) complain(problem);
        return false;
    }
    demand.types = std::move(chosen.types);
    if (wanted.scenario) import::limit_types(*wanted.scenario, demand);
    return true;
}

}  // namespace

ExitStatus pack_tasks(const import::FileReading& input, bool scenario, const PackArguments& arguments,
                      const GlobalOptions& global) {
    const import::TextFile& file = input.files.front();
    auto wanted = scenario ? read_services(file, arguments, global) : read_list(file, global);
    if (!wanted || !settle(arguments, *wanted)) return ExitStatus::bad_input;
    report::FleetPlan& plan = wanted->plan;
    plan.name = import::stem_of(file.name);
    plan.seed = arguments.seed;
    plan.mix = packing::cheapest_mix(plan.demand, {.seed = plan.seed});
    if (!plan.mix.unplaceable.empty()) {
        complain_of(plan);
        return ExitStatus::bad_input;
    }
    FLEETSIM_CHECK(!packing::verify(plan.demand, plan.mix));
    forget_interrupts();
    if (global.format == "json") return write_result(report::json_text(report::fleet_json(plan)));
    if (global.format == "csv") return write_result(report::fleet_csv(plan));
    return write_result(report::fleet_text(plan));
}

}  // namespace fleetsim::app
