#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/report/explain_parts.hpp>
#include <fleetsim/report/explain_tasks.hpp>

namespace fleetsim::report {
namespace {

using Align = Table::Align;

/// `i-000001, i-000002, i-000003 and 9 more`
std::string some_of(const std::vector<std::string>& names) {
    constexpr std::size_t most = 4;
    if (names.size() <= most) return fmt::format("{}", fmt::join(names, ", "));
    const std::vector<std::string> first(names.begin(), names.begin() + most - 1);
    return fmt::format("{} and {} more", fmt::join(first, ", "), names.size() - first.size());
}

std::string refusals_section(const sim::NextPlace& place, const TextOptions& options) {
    if (place.refusals.empty()) return {};
    Table table{{Align::left, Align::left, Align::right, Align::right, Align::right, Align::left}};
    table.row({"REFUSED BY", "reason", "needed", "left", "registered", "which"});
    for (const sim::RefusalExplanation& refusal : place.refusals) {
        const bool short_of = !refusal.unit.empty();
        const std::string left = refusal.least_left == refusal.most_left
                                     ? std::to_string(refusal.most_left)
                                     : fmt::format("{} to {}", refusal.least_left, refusal.most_left);
        const std::string who = refusal.instance_type.empty()
                                    ? std::to_string(refusal.instances.size())
                                    : fmt::format("{} × {}", refusal.instances.size(), refusal.instance_type);
        const std::string reason =
            refusal.detail.empty() ? refusal.reason : fmt::format("{}: {}", refusal.reason, refusal.detail);
        table.row({"  " + who, reason, short_of ? fmt::format("{} {}", refusal.needed, refusal.unit) : "",
                   short_of ? left : "", short_of ? std::to_string(refusal.registered) : "",
                   some_of(refusal.instances)});
    }
    return section(table, "REFUSED BY", options);
}

/// Places in which a strategy sees the same, in the order of the ranking.
struct Rank {
    std::optional<std::int64_t> seen{};
    std::vector<std::string> places{};
    std::optional<std::string> zone{};  ///< If it is the same of all.
};

std::vector<Rank> ranks_of(const sim::RankingExplanation& step) {
    std::vector<Rank> ranks;
    for (const sim::RankedPlace& place : step.ranking) {
        if (ranks.empty() || ranks.back().seen != place.seen) ranks.push_back({place.seen, {}, place.zone});
        ranks.back().places.push_back(place.place);
        if (ranks.back().zone != place.zone || place.zone == place.place) ranks.back().zone.reset();
    }
    return ranks;
}

/// What a strategy compares, and below it the best few of what it sees.
std::string seen_text(const sim::RankingExplanation& step) {
    if (step.compares.empty()) return "the draw";
    constexpr std::size_t shown = 3;
    std::string text = step.compares;
    const std::vector<Rank> ranks = ranks_of(step);
    for (std::size_t i = 0; i < std::min(shown, ranks.size()); ++i) {
        text += fmt::format("\n      {}: {}{}", ranks[i].seen.value_or(0), some_of(ranks[i].places),
                            ranks[i].zone ? " in " + *ranks[i].zone : "");
    }
    if (ranks.size() > shown) text += fmt::format("\n      … {}", ranks.back().seen.value_or(0));
    return text;
}

std::string ranking_section(const sim::NextPlace& place, const TextOptions& options) {
    if (place.ranking.empty()) return {};
    Table table{{Align::left, Align::left, Align::left}};
    table.row({"RANKING", "leaves", "by"});
    for (const sim::RankingExplanation& step : place.ranking) {
        table.row({"  " + step.strategy, fmt::format("{} of {}", step.left, step.ranking.size()), seen_text(step)});
    }
    table.row({"  one more such task", "", (place.equals.size() > 1 ? "one of " : "") + some_of(place.equals)});
    return section(table, "RANKING", options);
}

std::string remedies_section(const sim::NextPlace& place, const TextOptions& options) {
    if (place.admitted_by.empty()) return {};
    Table table{{Align::left}};
    table.row({"ADMITTED BY"});
    for (const std::string& remedy : place.admitted_by) table.row({"  " + remedy});
    return section(table, "ADMITTED BY", options);
}

std::string managed_scaling_section(const sim::NextPlace& place, const TextOptions& options) {
    if (place.managed_scaling.empty()) return {};
    Table table{{Align::left, Align::right, Align::right, Align::right, Align::right, Align::left}};
    table.row({"MANAGED SCALING", "reservation", "desired", "max_size", "coming", ""});
    for (const sim::ManagedScalingExplanation& one : place.managed_scaling) {
        table.row({"  " + one.group, fmt::format("{:.0f}", one.percent), std::to_string(one.desired),
                   std::to_string(one.max_size), std::to_string(one.coming),
                   one.ignores.empty() ? one.failure : "ignores the task: " + one.ignores});
    }
    return section(table, "MANAGED SCALING", options);
}

std::string place_sections(const std::optional<sim::NextPlace>& place, const TextOptions& options) {
    if (!place) return {};
    return refusals_section(*place, options) + ranking_section(*place, options) + remedies_section(*place, options) +
           managed_scaling_section(*place, options);
}

/// Of a task besides one that has its place.
std::string prospect(const sim::NextPlace& place) {
    if (place.fit == 0) return "would find no place";
    return fmt::format("would find a place on {} of {}", place.fit, place.instances);
}

std::string deployments_section(const sim::ServiceExplanation& told, const TextOptions& options) {
    Table table{{Align::left, Align::left, Align::left, Align::left}};
    table.row({"DEPLOYMENTS", "state", "failures", "tasks"});
    for (const sim::DeploymentExplanation& one : told.deployments) {
        std::vector<std::string> tasks;
        for (const auto& [state, count] : one.tasks) tasks.push_back(fmt::format("{} {}", count, state));
        table.row({fmt::format("  {}{}", one.number, one.primary ? " (primary)" : ""), one.state,
                   one.threshold ? fmt::format("{} of {}", one.failures, *one.threshold) : std::to_string(one.failures),
                   fmt::format("{}", fmt::join(tasks, ", "))});
    }
    return section(table, "DEPLOYMENTS", options);
}

}  // namespace

std::string explanation_text(const sim::TaskExplanation& told, std::chrono::sys_seconds start,
                             const TextOptions& options) {
    const std::string title =
        explanation_title(fmt::format("task {} of {}", told.task, told.resource), told.at, start, options);
    const std::string end = "\n" + sentence(told, start) + "\n";
    if (told.state.empty()) return title + end;
    auto state = told.facts;
    state.insert(state.begin(), {"state", fmt::format("{} since {}", told.state, clock_text(told.since, start))});
    if (told.place && !told.waits) state.emplace_back("one more such task", prospect(*told.place));
    return title + state_section(state, options) + place_sections(told.place, options) + end;
}

std::string explanation_text(const sim::ServiceExplanation& told, std::chrono::sys_seconds start,
                             const TextOptions& options) {
    auto state = told.facts;
    if (told.place) state.emplace_back("one more task", prospect(*told.place));
    return explanation_title("tasks of " + told.resource, told.at, start, options) + state_section(state, options) +
           deployments_section(told, options) + place_sections(told.place, options) + "\n" + sentence(told, start) +
           "\n";
}

}  // namespace fleetsim::report
