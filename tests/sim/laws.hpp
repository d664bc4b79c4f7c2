#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include <fleetsim/des/time.hpp>
#include <fleetsim/sim/result.hpp>
#include <fleetsim/sim/scenario.hpp>

#include "catch.hpp"

/// What holds in every run, whatever happens in it. Each law is worked out anew from the rows and the totals, not from
/// the figures it checks.
namespace fleetsim::sim::testing {

inline std::uint64_t total(const OutcomeCounts& outcomes) {
    return std::accumulate(outcomes.begin(), outcomes.end(), std::uint64_t{0});
}

/// Requests in = done + failed + in flight.
inline void check_requests_are_conserved(const Result& result) {
    for (const auto& service : result.services) {
        INFO(service.name);
        CHECK(service.requests == total(service.outcomes) + service.in_flight);
        CHECK(service.latency_ns.count() == service.outcomes[0]);
    }
    for (const auto& source : result.sources) {
        INFO(source.name);
        CHECK(source.requests == source.succeeded + source.failed + source.in_flight);
        CHECK(source.latency_ns.count() == source.succeeded);
    }
}

/// What an instance registered is never less than what the tasks on it need.
inline void check_no_instance_is_over_capacity(const Result& result) {
    std::map<std::string, std::array<std::int64_t, 3>> room;
    std::size_t placements = 0;
    for (const auto& row : result.events) {
        const std::array<std::int64_t, 3> amounts{row.cpu_units, row.memory_mib, row.gpus};
        if (row.event == "instance_registered") room[row.instance] = amounts;
        const int sign = row.event == "task_placed" ? -1 : row.event == "task_stopped" ? +1 : 0;
        if (sign == 0 || row.instance.empty()) continue;
        REQUIRE(room.count(row.instance) == 1);
        for (std::size_t i = 0; i < amounts.size(); ++i) {
            room[row.instance][i] += sign * amounts[i];
            REQUIRE(room[row.instance][i] >= 0);
        }
        ++placements;
    }
    CHECK(placements > 0);
}

/// Every instance is billed from running to shutting down, by the second, a minute at least.
inline void check_the_bill_is_what_ran(const Result& result, const Scenario& scenario) {
    std::map<std::string, std::pair<std::string, des::Time>> running;  // Its group and since when.
    std::map<std::string, std::int64_t> seconds;
    const auto bill = [&seconds](const std::string& group, des::Duration life) {
        seconds[group] += std::max<std::int64_t>(60, (life.count() + 999'999'999) / 1'000'000'000);
    };
    for (const auto& row : result.events) {
        if (row.event == "instance_running") running[row.instance] = {row.resource, row.at};
        if (row.event != "instance_shutting_down") continue;
        const auto found = running.find(row.instance);
        if (found == running.end()) continue;
        bill(row.resource, row.at - found->second.second);
        running.erase(found);
    }
    for (const auto& [instance, life] : running) bill(life.first, des::Time{scenario.duration} - life.second);
    for (const auto& group : scenario.groups) {
        const std::string resource = "auto_scaling_group/" + group.name;
        const auto item = std::find_if(result.cost_items.begin(), result.cost_items.end(),
                                       [&](const CostItem& i) { return i.resource == resource; });
        INFO(resource);
        REQUIRE(item != result.cost_items.end());
        const auto billed = static_cast<double>(seconds[resource]);
        CHECK(item->quantity == Approx(billed / 3600).epsilon(1e-12));
        CHECK(item->usd == Approx(billed * group.price_usd_per_hour / 3600).epsilon(1e-12));
    }
}

/// Little's law on the sample path: the area under the number present is the sum of the times spent. Needs a run
/// without a warm-up, since a request that spans its end is in one and not in the other.
inline void check_littles_law(const Result& result) {
    for (const auto& service : result.services) {
        INFO(service.name);
        const double area = service.concurrency.mean * des::seconds(result.simulated);
        CHECK(area == Approx(service.sojourn_seconds).epsilon(1e-9));
    }
}

inline void check_laws(const Result& result, const Scenario& scenario) {
    check_requests_are_conserved(result);
    check_no_instance_is_over_capacity(result);
    check_the_bill_is_what_ran(result, scenario);
    if (scenario.warmup == des::Duration::zero()) check_littles_law(result);
}

}  // namespace fleetsim::sim::testing
