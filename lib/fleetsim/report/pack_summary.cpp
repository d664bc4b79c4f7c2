#include <algorithm>
#include <iterator>

#include <fleetsim/report/pack_summary.hpp>

namespace fleetsim::report {

namespace {

/// Adds up what has been given at least once.
class Total {
public:
    template <class Number>
    void add(const std::optional<Number>& value) {
        if (value) total_ = total_.value_or(0) + static_cast<double>(*value);
    }
    void append_to(std::vector<double>& series) const {
        if (total_) series.push_back(*total_);
    }

private:
    std::optional<double> total_;
};

/// One seed of one algorithm.
struct Totals {
    Total bins, bound, server_hours, peak_servers, peak_bound, placed, refused, at_100, at_130, fragmented;
    double ns = 0;
    std::size_t results = 0;

    void add(const packing::Result& result) {
        bins.add(result.bins);
        bound.add(result.bound);
        server_hours.add(result.server_hours);
        peak_servers.add(result.peak_servers);
        peak_bound.add(result.peak_bound);
        placed.add(result.placed);
        refused.add(result.refused);
        at_100.add(at_demand(result.allocation_percent, 100));
        at_130.add(at_demand(result.allocation_percent, 130));
        fragmented.add(at_demand(result.fragmentation_percent, 130));
        ns += result.ns_per_decision;
        ++results;
    }

    void append_to(PackSummary& summary) const {
        bins.append_to(summary.bins);
        bound.append_to(summary.bound);
        server_hours.append_to(summary.server_hours);
        peak_servers.append_to(summary.peak_servers);
        peak_bound.append_to(summary.peak_bound);
        placed.append_to(summary.placed);
        refused.append_to(summary.refused);
        at_100.append_to(summary.allocated_at_100);
        at_130.append_to(summary.allocated_at_130);
        fragmented.append_to(summary.fragmented_at_130);
        summary.ns_per_decision.push_back(ns / static_cast<double>(results));
    }
};

struct Rows {
    std::string algorithm;
    std::map<std::optional<std::uint64_t>, Totals> by_seed;
    std::map<std::string, bool> proven;  ///< By instance.
};

}  // namespace

std::optional<double> at_demand(const std::map<std::int32_t, double>& by_percent, std::int32_t percent) {
    const auto above = by_percent.upper_bound(percent);
    if (above == by_percent.begin()) return std::nullopt;
    return std::prev(above)->second;
}

std::vector<PackSummary> summarize(const packing::Report& report) {
    std::vector<Rows> all;
    std::map<std::string, std::size_t> position;
    for (const packing::Result& result : report.results) {
        const auto [found, added] = position.try_emplace(result.algorithm, all.size());
        if (added) all.push_back({result.algorithm, {}, {}});
        Rows& rows = all[found->second];
        rows.by_seed[result.seed].add(result);
        const bool proven = result.bins && result.bound && static_cast<double>(*result.bins) <= *result.bound;
        bool& all_proven = rows.proven.try_emplace(result.instance, true).first->second;
        all_proven = all_proven && proven;
    }
    std::vector<PackSummary> summaries;
    for (const Rows& rows : all) {
        PackSummary& summary = summaries.emplace_back();
        summary.algorithm = rows.algorithm;
        summary.seeds = rows.by_seed.size();
        summary.instances = rows.proven.size();
        for (const auto& [instance, proven] : rows.proven) summary.proven += proven ? 1U : 0U;
        for (const auto& [seed, totals] : rows.by_seed) totals.append_to(summary);
    }
    return summaries;
}

}  // namespace fleetsim::report
