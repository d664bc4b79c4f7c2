#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/des/check.hpp>
#include <fleetsim/report/csv.hpp>
#include <fleetsim/report/format.hpp>
#include <fleetsim/report/pack.hpp>
#include <fleetsim/report/pack_summary.hpp>

namespace fleetsim::report {

namespace {

using Align = Table::Align;
using Json = nlohmann::ordered_json;

constexpr const char* nothing = "–";

/// What the runs of a report are compared by.
enum class Goal { allocation, server_hours, bins };

[[nodiscard]] Goal goal_of(const std::vector<PackSummary>& summaries) {
    if (!summaries.front().server_hours.empty()) return Goal::server_hours;
    return summaries.front().bins.empty() ? Goal::allocation : Goal::bins;
}

/// Larger is better.
[[nodiscard]] double merit(const PackSummary& summary, Goal goal) {
    switch (goal) {
        case Goal::allocation: return mean_of(summary.allocated_at_130);
        case Goal::server_hours: return -mean_of(summary.server_hours);
        case Goal::bins: return -mean_of(summary.bins);
    }
    return 0;
}

/// A mean, and with several seeds its standard deviation.
[[nodiscard]] std::string spread_text(const std::vector<double>& series, int decimals) {
    if (series.empty()) return nothing;
    const des::MeanVariance seen = des::summary(series);
    if (seen.count < 2) return grouped(seen.mean, decimals);
    return fmt::format("{} ± {}", grouped(seen.mean, decimals), grouped(seen.stddev(), decimals == 0 ? 1 : decimals));
}

[[nodiscard]] std::string gap_text(const std::vector<double>& series, const std::vector<double>& bound) {
    if (series.empty() || bound.empty() || mean_of(bound) <= 0) return nothing;
    return fmt::format("{:.1f}", 100 * (mean_of(series) / mean_of(bound) - 1));
}

struct TextColumn {
    std::string heading;
    std::string (*cell)(const PackSummary&);
};

[[nodiscard]] std::vector<TextColumn> columns_for(Goal goal, const std::vector<PackSummary>& summaries) {
    std::vector<TextColumn> columns;
    switch (goal) {
        case Goal::allocation:
            columns = {{"allocated % at 100 %", [](const auto& s) { return spread_text(s.allocated_at_100, 2); }},
                       {"allocated % at 130 %", [](const auto& s) { return spread_text(s.allocated_at_130, 2); }}};
            if (!summaries.front().fragmented_at_130.empty()) {
                columns.push_back(
                    {"fragmented % at 130 %", [](const auto& s) { return spread_text(s.fragmented_at_130, 2); }});
            }
            break;
        case Goal::server_hours:
            columns = {{"server-hours", [](const auto& s) { return spread_text(s.server_hours, 0); }},
                       {"above bound %", [](const auto& s) { return gap_text(s.server_hours, s.bound); }},
                       {"peak servers", [](const auto& s) { return spread_text(s.peak_servers, 0); }},
                       {"above bound %", [](const auto& s) { return gap_text(s.peak_servers, s.peak_bound); }}};
            break;
        case Goal::bins:
            columns = {
                {"bins", [](const auto& s) { return spread_text(s.bins, 0); }},
                {"lower bound", [](const auto& s) { return spread_text({mean_of(s.bound)}, 0); }},
                {"above bound %", [](const auto& s) { return gap_text(s.bins, s.bound); }},
                {"proven optimal", [](const auto& s) { return fmt::format("{} of {}", s.proven, s.instances); }}};
            return columns;
    }
    columns.push_back({"placed", [](const auto& s) { return spread_text(s.placed, 0); }});
    columns.push_back({"refused", [](const auto& s) { return spread_text(s.refused, 0); }});
    return columns;
}

[[nodiscard]] std::string subject(const packing::Report& report, const PackSummary& first) {
    std::string out = "  " + report.trace;
    if (first.instances > 1) out += "   " + counted(first.instances, "instance");
    if (first.seeds > 1) out += fmt::format("   means of {} seeds ± standard deviation", first.seeds);
    return out + "\n\n";
}

/// The figure that decides, in words: `41 900 bins, 17.2 % above the lower bound`.
[[nodiscard]] std::string achievement(const PackSummary& best, Goal goal) {
    if (goal == Goal::allocation) {
        const char* what = best.fragmented_at_130.empty() ? "CPU" : "GPU";
        return fmt::format("{} allocates the most: {:.1f} % of the {} capacity at 130 % demand", best.algorithm,
                           mean_of(best.allocated_at_130), what);
    }
    const bool hours = goal == Goal::server_hours;
    const auto& series = hours ? best.server_hours : best.bins;
    std::string out = fmt::format("{} needs the fewest {}: {}", best.algorithm, hours ? "server-hours" : "bins",
                                  grouped(mean_of(series)));
    if (best.instances > 1) out += fmt::format(" for {} instances", grouped(static_cast<double>(best.instances)));
    if (best.bound.empty() || mean_of(best.bound) <= 0) return out;
    if (mean_of(series) <= mean_of(best.bound)) return out + ", and no packing can do with fewer";
    return out + fmt::format(", {} % above the lower bound", gap_text(series, best.bound));
}

/// How far the best lies ahead of the next.
[[nodiscard]] std::string lead_over(const PackSummary& best, const PackSummary& next, Goal goal) {
    const double ahead = merit(best, goal) - merit(next, goal);
    if (ahead <= 0) return fmt::format("; {} does as well", next.algorithm);
    if (goal == Goal::allocation) return fmt::format(", {:.1f} points more than {}", ahead, next.algorithm);
    const double theirs = -merit(next, goal);
    return theirs <= 0 ? "" : fmt::format("; {:.1f} % fewer than {}", 100 * ahead / theirs, next.algorithm);
}

[[nodiscard]] Json percents(const std::map<std::int32_t, double>& by_percent) {
    Json json = Json::object();
    for (const int percent : compared_percents) {
        const auto value = at_demand(by_percent, percent);
        if (value && std::isfinite(*value)) json[std::to_string(percent)] = *value;
    }
    return json;
}

template <class Value>
void put(Json& json, const char* key, const std::optional<Value>& value) {
    if (value) json[key] = *value;
}

[[nodiscard]] Json result_json(const packing::Result& result, const PackOptions& options) {
    Json json;
    json["algorithm"] = result.algorithm;
    if (!result.instance.empty()) json["instance"] = result.instance;
    put(json, "seed", result.seed);
    put(json, "bins", result.bins);
    if (!result.allocation_percent.empty()) json["allocation_percent"] = percents(result.allocation_percent);
    if (!result.fragmentation_percent.empty()) json["fragmentation_percent"] = percents(result.fragmentation_percent);
    put(json, "bound", result.bound);
    if (!result.bound_name.empty()) json["bound_name"] = result.bound_name;
    put(json, "gap_percent", result.gap_percent);
    put(json, "server_hours", result.server_hours);
    put(json, "peak_servers", result.peak_servers);
    put(json, "peak_bound", result.peak_bound);
    put(json, "placed", result.placed);
    put(json, "refused", result.refused);
    if (options.timing) json["ns_per_decision"] = result.ns_per_decision;
    return json;
}

template <class Value>
[[nodiscard]] std::string csv_cell(const std::optional<Value>& value) {
    return value ? fmt::to_string(*value) : std::string{};
}

}  // namespace

std::string pack_verdict(const packing::Report& report) {
    const auto summaries = summarize(report);
    if (summaries.empty()) return "Nothing was packed.";
    const Goal goal = goal_of(summaries);
    std::vector<const PackSummary*> ranked;
    // An algorithm that does not take every instance has fewer bins for a poor reason.
    std::size_t most = 0;
    for (const PackSummary& summary : summaries) most = std::max(most, summary.instances);
    for (const PackSummary& summary : summaries) {
        if (summary.instances == most) ranked.push_back(&summary);
    }
    // Nor has one that refuses more tasks the merit of fewer server-hours.
    if (goal == Goal::server_hours) {
        const auto refused = [](const PackSummary* one) { return one->refused.empty() ? 0 : mean_of(one->refused); };
        double fewest = refused(ranked.front());
        for (const PackSummary* one : ranked) fewest = std::min(fewest, refused(one));
        std::erase_if(ranked, [&](const PackSummary* one) { return refused(one) > fewest; });
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [goal](const PackSummary* a, const PackSummary* b) { return merit(*a, goal) > merit(*b, goal); });
    std::string out = achievement(*ranked.front(), goal);
    if (ranked.size() > 1) out += lead_over(*ranked[0], *ranked[1], goal);
    if (ranked.front()->seeds > 1) out += fmt::format(" (means of {} seeds)", ranked.front()->seeds);
    return out + ".";
}

std::string pack_text(const packing::Report& report, const PackOptions& options) {
    const auto summaries = summarize(report);
    if (summaries.empty()) return pack_verdict(report) + "\n";
    const auto columns = columns_for(goal_of(summaries), summaries);
    std::vector<Align> aligned(columns.size() + 1 + (options.timing ? 1 : 0), Align::right);
    aligned.front() = Align::left;
    Table table{aligned};
    std::vector<std::string> cells{"algorithm"};
    for (const TextColumn& column : columns) cells.push_back(column.heading);
    if (options.timing) cells.emplace_back("ns per decision");
    table.row(cells);
    for (const PackSummary& summary : summaries) {
        cells = {summary.algorithm};
        for (const TextColumn& column : columns) cells.push_back(column.cell(summary));
        if (options.timing) cells.push_back(grouped(mean_of(summary.ns_per_decision)));
        table.row(cells);
    }
    return subject(report, summaries.front()) + table.text() + "\n" + pack_verdict(report) + "\n";
}

nlohmann::ordered_json pack_json(const packing::Report& report, const PackOptions& options) {
    Json pack;
    pack["trace"] = report.trace;
    pack["results"] = Json::array();
    for (const packing::Result& result : report.results) pack["results"].push_back(result_json(result, options));
    Json json;
    json["pack"] = std::move(pack);
    return json;
}

std::string pack_csv(const packing::Report& report, const PackOptions& options) {
    std::string out =
        "trace,algorithm,instance,seed,bins,bound,bound_name,gap_percent,server_hours,peak_servers,peak_bound,"
        "placed,refused";
    for (const int percent : compared_percents) out += fmt::format(",allocation_percent_{}", percent);
    for (const int percent : compared_percents) out += fmt::format(",fragmentation_percent_{}", percent);
    out += options.timing ? ",ns_per_decision\n" : "\n";
    for (const packing::Result& result : report.results) {
        out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}", csv_field(report.trace),
                           csv_field(result.algorithm), csv_field(result.instance), csv_cell(result.seed),
                           csv_cell(result.bins), csv_cell(result.bound), csv_field(result.bound_name),
                           csv_cell(result.gap_percent), csv_cell(result.server_hours), csv_cell(result.peak_servers),
                           csv_cell(result.peak_bound), csv_cell(result.placed), csv_cell(result.refused));
        for (const int percent : compared_percents)
            out += "," + csv_cell(at_demand(result.allocation_percent, percent));
        for (const int percent : compared_percents)
            out += "," + csv_cell(at_demand(result.fragmentation_percent, percent));
        out += options.timing ? fmt::format(",{}\n", result.ns_per_decision) : "\n";
    }
    return out;
}

}  // namespace fleetsim::report
