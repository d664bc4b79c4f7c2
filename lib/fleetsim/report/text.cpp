#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/report/explain.hpp>
#include <fleetsim/report/explain_tasks.hpp>
#include <fleetsim/report/figures.hpp>
#include <fleetsim/report/format.hpp>
#include <fleetsim/report/text.hpp>

namespace fleetsim::report {
namespace {

using Align = Table::Align;
constexpr std::string_view nothing = "–";
constexpr double hours_in_month = 730;

/// A label below a section's title. Tables start at the title, so that its other cells head the columns.
std::string label(std::string_view kind, std::string_view name) { return fmt::format("  {} {}", kind, name); }

std::string header(const sim::Result& result, const TextOptions& options) {
    const std::uint64_t requests = user_requests(result);
    return fmt::format("  {}   {} · {} · {} {} · seed {}{}\n", bold(result.scenario, options),
                       duration_text(result.simulated), counted(result.services.size(), "service"),
                       short_count(static_cast<double>(requests)), requests == 1 ? "request" : "requests", result.seed,
                       result.complete ? "" : " · interrupted");
}

bool is_availability(const sim::ObjectiveResult& objective) {
    return std::string_view{objective.objective}.starts_with("availability");
}

std::string value_text(const sim::ObjectiveResult& objective) {
    if (!objective.measured) return "not measured";
    return is_availability(objective) ? percent_text(objective.value, 3) : span_text(objective.value);
}

std::string slo_section(const sim::Result& result, const TextOptions& options) {
    if (result.objectives.empty()) return {};
    Table table{{Align::left, Align::left, Align::left, Align::right}, 4};
    for (const sim::ObjectiveResult& objective : result.objectives) {
        // Both marks are painted with equally long codes, so the columns behind them stay aligned.
        table.row({objective.met ? painted("✓", "32", options) : painted("✗", "31", options), objective.service,
                   objective.objective, value_text(objective)});
    }
    return "\n  " + bold("SLO", options) + "\n" + table.text();
}

std::vector<std::string> latency_row(std::string name, const des::LogHistogram& latency_ns) {
    std::vector<std::string> cells{std::move(name)};
    const auto cell = [&](std::int64_t nanoseconds) {
        cells.push_back(latency_ns.empty() ? std::string{nothing} : span_text(static_cast<double>(nanoseconds) / 1e6));
    };
    for (const double quantile : {0.5, 0.9, 0.99, 0.999}) cell(latency_ns.value_at_quantile(quantile));
    cell(latency_ns.max());
    return cells;
}

std::string latency_section(const sim::Result& result, const TextOptions& options) {
    if (result.services.empty()) return {};
    Table table{{Align::left, Align::right, Align::right, Align::right, Align::right, Align::right}};
    table.row({"LATENCY", "p50", "p90", "p99", "p99.9", "max"});
    for (const auto& service : result.services)
        table.row(latency_row(label("service", service.name), service.latency_ns));
    for (const auto& source : result.sources) table.row(latency_row(label("traffic", source.name), source.latency_ns));
    return section(table, "LATENCY", options);
}

/// Joins what is not zero: `12 × 503, 3 in flight`.
class Remarks {
public:
    void add(std::uint64_t count, std::string_view what) {
        if (count == 0) return;
        if (!text_.empty()) text_ += ", ";
        text_ += grouped(static_cast<double>(count)) + " " + std::string{what};
    }
    [[nodiscard]] std::string text() const { return text_.empty() ? std::string{nothing} : text_; }

private:
    std::string text_;
};

std::string remarks(const sim::ServiceResult& service) {
    Remarks remarks;
    for (std::size_t i = 0; i < sim::outcome_count; ++i) {
        if (i == static_cast<std::size_t>(sim::Outcome::succeeded)) continue;
        const bool status = i != static_cast<std::size_t>(sim::Outcome::client_timeout);
        remarks.add(service.outcomes[i],
                    status ? fmt::format("× {}", sim::outcome_names[i]) : "given up by the client");
    }
    remarks.add(service.in_flight, "in flight");
    return remarks.text();
}

std::string remarks(const sim::SourceResult& source) {
    Remarks remarks;
    remarks.add(source.failed, "failed");
    if (source.attempts > source.requests) remarks.add(source.attempts - source.requests, "retries");
    remarks.add(source.in_flight, "in flight");
    return remarks.text();
}

template <class Part>
std::vector<std::string> request_row(const sim::Result& result, std::string_view kind, const Part& part) {
    const auto per_second = requests_per_second(result, part.requests);
    const auto share = availability(part);
    return {label(kind, part.name), grouped(static_cast<double>(part.requests)),
            per_second ? grouped(*per_second, 2) : std::string{nothing},
            share ? percent_text(*share, 3) : std::string{nothing}, remarks(part)};
}

std::string request_section(const sim::Result& result, const TextOptions& options) {
    if (result.services.empty()) return {};
    Table table{{Align::left, Align::right, Align::right, Align::right, Align::left}};
    table.row({"REQUESTS", "requests", "per second", "availability", "remarks"});
    for (const auto& service : result.services) table.row(request_row(result, "service", service));
    for (const auto& source : result.sources) table.row(request_row(result, "traffic", source));
    return section(table, "REQUESTS", options);
}

/// `nodes (c5.large, m5.large, r5.large and 4 more)`.
std::string group_label(const sim::GroupResult& group) {
    constexpr std::size_t shown = 3;
    const std::vector<std::string>& types = group.instance_types;
    std::string list;
    for (std::size_t i = 0; i < std::min(shown, types.size()); ++i) list += (i > 0 ? ", " : "") + types[i];
    if (types.size() > shown) list += fmt::format(" and {} more", types.size() - shown);
    return label("instances", fmt::format("{} ({})", group.name, list));
}

std::string fleet_section(const sim::Result& result, const TextOptions& options) {
    const bool spot = std::any_of(result.groups.begin(), result.groups.end(),
                                  [&result](const auto& group) { return uses_spot(result, group); });
    std::vector<Align> columns(spot ? 9 : 8, Align::right);
    columns.front() = Align::left;
    Table table{std::move(columns)};
    std::vector<std::string> head{"FLEET", "min", "mean", "max", "launched", "terminated", "cpu mean", "cpu max"};
    if (spot) head.emplace_back("Spot interruptions");
    table.row(std::move(head));
    const auto extent = [](std::string name, const sim::Extent& of) {
        return std::vector<std::string>{std::move(name), grouped(of.min), grouped(of.mean, 2), grouped(of.max)};
    };
    for (const auto& service : result.services) {
        auto cells = extent(label("tasks", service.name), service.tasks);
        cells.insert(cells.end(),
                     {std::string{nothing}, std::string{nothing}, percent_text(service.cpu_utilization_mean, 1),
                      percent_text(service.cpu_utilization_max, 1)});
        if (spot) cells.emplace_back(nothing);
        table.row(std::move(cells));
    }
    for (const auto& group : result.groups) {
        auto cells = extent(group_label(group), group.instances);
        cells.insert(cells.end(),
                     {grouped(static_cast<double>(group.launches)), grouped(static_cast<double>(group.terminations)),
                      std::string{nothing}, std::string{nothing}});
        if (uses_spot(result, group)) {
            cells.push_back(grouped(static_cast<double>(group.spot_interruptions)));
        } else if (spot) {
            cells.emplace_back(nothing);
        }
        table.row(std::move(cells));
    }
    return section(table, "FLEET", options);
}

std::string scheduled_section(const sim::Result& result, const TextOptions& options) {
    if (result.task_runs.empty()) return {};
    Table table{{Align::left, Align::right, Align::right, Align::right, Align::right}};
    table.row({"SCHEDULED TASKS", "started", "refused", "succeeded", "failed"});
    for (const auto& run : result.task_runs) {
        std::vector<std::string> cells{"  " + run.name};
        for (const std::uint64_t count : {run.started, run.refused, run.succeeded, run.failed}) {
            cells.push_back(grouped(static_cast<double>(count)));
        }
        table.row(std::move(cells));
    }
    return section(table, "SCHEDULED TASKS", options);
}

/// Amounts below one another, their dollar signs too.
std::vector<std::string> money_column(const std::vector<double>& amounts, int decimals) {
    std::vector<std::string> texts;
    std::size_t width = 0;
    for (const double amount : amounts) {
        texts.push_back(grouped(amount, decimals));
        width = std::max(width, texts.back().size());
    }
    for (std::string& text : texts) text = "$ " + std::string(width - text.size(), ' ') + text;
    return texts;
}

std::string cost_section(const sim::Result& result, const TextOptions& options) {
    const double hours = des::seconds(result.simulated) / 3600;
    std::vector<double> amounts;
    for (const sim::CostItem& item : result.cost_items) amounts.push_back(item.usd);
    amounts.push_back(total_usd(result));
    std::vector<double> monthly;
    for (const double usd : amounts) monthly.push_back(hours > 0 ? usd * hours_in_month / hours : 0);
    // A short run costs cents, and cents need more digits.
    const auto simulated = money_column(amounts, amounts.back() < 1 ? 4 : 2);
    const auto per_month = money_column(monthly, 2);

    Table table{{Align::left, Align::left, Align::right, Align::left, Align::right, Align::right}};
    table.row({"COST", "", "quantity", "unit", duration_text(result.simulated), "per month"});
    for (std::size_t i = 0; i < result.cost_items.size(); ++i) {
        const sim::CostItem& item = result.cost_items[i];
        const std::string kind = item.instance_type.empty() ? item.kind : item.kind + " " + item.instance_type;
        table.row({"  " + item.resource, kind, grouped(item.quantity, 2), item.unit, simulated[i], per_month[i]});
    }
    table.row({"  total", "", "", "", simulated.back(), hours > 0 ? per_month.back() : std::string{nothing}});
    if (const auto usd = usd_per_million_requests(result)) {
        table.row({"  per million requests", "", "", "", "$ " + grouped(*usd, *usd < 10 ? 4 : 2)});
    }
    return section(table, "COST", options);
}

std::string footer(const sim::Result& result, const TextOptions& options) {
    std::string out;
    if (!result.assumptions.empty()) {
        out += "\n  " + bold("Assumptions *", options) + "\n";
        for (const std::string& assumption : result.assumptions) out += "    " + assumption + "\n";
    }
    return out + fmt::format("\n  Digest {:016x}   {} events\n", result.digest,
                             short_count(static_cast<double>(result.kernel_events)));
}

/// `300ms` as it reads in a sentence: `300 ms`.
std::string spaced(std::string_view limit) {
    const std::size_t unit = limit.find_first_not_of("0123456789.");
    if (unit == std::string_view::npos || unit == 0 || limit[unit] == ' ') return std::string{limit};
    return fmt::format("{} {}", limit.substr(0, unit), limit.substr(unit));
}

/// Whether both read the same to a person: `1.00 s` and `1 s`.
bool same_figure(const std::string& a, const std::string& b) {
    const auto unit = [](const std::string& text) { return text.substr(std::min(text.find(' '), text.size())); };
    return std::strtod(a.c_str(), nullptr) == std::strtod(b.c_str(), nullptr) && unit(a) == unit(b);
}

/// `frontend p99 was 412 ms, over 300 ms`.
std::string miss(const sim::ObjectiveResult& objective) {
    const std::string_view text = objective.objective;
    const std::size_t relation = text.find_first_of("<>");
    const std::string_view figure = text.substr(0, text.find(' '));
    if (!objective.measured) return fmt::format("{} {} was not measured", objective.service, figure);
    const std::size_t limit_at = relation == text.npos ? text.npos : text.find_first_not_of("<>= ", relation);
    if (limit_at == text.npos) return fmt::format("{} {} was {}", objective.service, text, value_text(objective));

    const std::string limit = spaced(text.substr(limit_at));
    std::string value = value_text(objective);
    // A near miss needs all its digits, or the sentence contradicts itself.
    if (same_figure(value, limit)) {
        value = is_availability(objective) ? fmt::format("{} %", objective.value * 100)
                                           : fmt::format("{} ms", objective.value);
    }
    return fmt::format("{} {} was {}, {} {}", objective.service, figure, value,
                       text[relation] == '<' ? "over" : "under", limit);
}

std::string misses(const sim::Result& result) {
    constexpr std::size_t shown = 3;
    std::vector<std::string> missed;
    for (const auto& objective : result.objectives) {
        if (!objective.met) missed.push_back(miss(objective));
    }
    const std::size_t total = result.objectives.size();
    std::string out =
        total == 1 ? "The objective was missed: " : fmt::format("{} of {} objectives missed: ", missed.size(), total);
    for (std::size_t i = 0; i < std::min(shown, missed.size()); ++i) out += (i > 0 ? "; " : "") + missed[i];
    if (missed.size() > shown) out += fmt::format("; and {} more", missed.size() - shown);
    return out + ".";
}

}  // namespace

std::string verdict(const sim::Result& result) {
    if (objectives_met(result) < result.objectives.size()) return misses(result);
    const auto hourly = usd_per_hour(result);
    const std::string cost =
        fmt::format("fleet cost {} for {}{}.", usd_text(total_usd(result)), duration_text(result.simulated),
                    hourly ? fmt::format(" ({} an hour)", usd_text(*hourly)) : std::string{});
    switch (result.objectives.size()) {
        case 0: return "The " + cost;
        case 1: return "The objective was met; the " + cost;
        default: return fmt::format("All {} objectives met; the {}", result.objectives.size(), cost);
    }
}

std::string to_text(const sim::Result& result, const TextOptions& options) {
    std::string text = header(result, options) + slo_section(result, options) + latency_section(result, options) +
                       request_section(result, options) + fleet_section(result, options) +
                       scheduled_section(result, options) + cost_section(result, options) + footer(result, options) +
                       "\n" + verdict(result) + "\n";
    for (const auto& told : result.explanations) text += explanation_text(told, result.start, options);
    for (const auto& told : result.service_explanations) text += explanation_text(told, result.start, options);
    for (const auto& told : result.task_explanations) text += explanation_text(told, result.start, options);
    return text;
}

}  // namespace fleetsim::report
