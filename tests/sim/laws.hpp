#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>

#include <fleetsim/des/time.hpp>
#include <fleetsim/scaling/scheduled_action.hpp>
#include <fleetsim/sim/result.hpp>
#include <fleetsim/sim/scenario.hpp>

#include "catch.hpp"
#include "sim/replay.hpp"

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

inline const AutoScalingGroup& group_named(const Scenario& scenario, const std::string& resource) {
    const auto found = std::find_if(scenario.groups.begin(), scenario.groups.end(), [&](const AutoScalingGroup& group) {
        return "auto_scaling_group/" + group.name == resource;
    });
    REQUIRE(found != scenario.groups.end());
    return *found;
}

/// The instance's type as its group lists it.
inline const InstanceOption& option_of(const AutoScalingGroup& group, const Story& story) {
    const auto found = std::find_if(group.options.begin(), group.options.end(),
                                    [&](const InstanceOption& option) { return option.type.name == story.type; });
    return found == group.options.end() ? group.first_option() : *found;
}

/// What a group's instances have run and cost by one purchase option.
struct Paid {
    std::int64_t seconds = 0;
    double usd = 0;
};

/// The lives of instances, one after the other, and what each costs: on demand every second, a minute at least; Spot
/// the same at the price of the pool when it began, but nothing if EC2 interrupts it within an hour. A life begins with
/// running and ends with stopping (with having hibernated, if that is what the warm pool does) or shutting down.
class Ledger {
public:
    explicit Ledger(const Scenario& scenario) : scenario_{scenario} {}

    void apply(const EventRow& row) {
        replay_.apply(row);
        if (row.event == "instance_running") running_since_[row.instance] = row.at;
        if (row.event != "instance_shutting_down" && row.event != "instance_stopping" &&
            row.event != "instance_warmed") {
            return;
        }
        const auto& pool = group_named(scenario_, row.resource).warm_pool;
        const auto waits_as = pool ? pool->pool_state : scaling::WarmPoolState::stopped;
        const bool hibernates = waits_as == scaling::WarmPoolState::hibernated;
        const bool ends = row.event == "instance_shutting_down" ||
                          row.event == (hibernates ? "instance_warmed" : "instance_stopping");
        if (ends) end_life(row.instance, row.at, row.reason == "Spot interruption");
    }

    /// What still runs is paid for until then.
    void close(des::Time end) {
        while (!running_since_.empty()) end_life(std::string{running_since_.begin()->first}, end, false);
    }

    /// By group and kind of cost.
    [[nodiscard]] const std::map<std::pair<std::string, std::string>, Paid>& paid() const { return paid_; }

private:
    void end_life(const std::string& instance, des::Time end, bool interrupted) {
        const auto life = running_since_.find(instance);
        if (life == running_since_.end()) return;
        const Story& story = replay_.of(instance);
        const InstanceOption& option = option_of(group_named(scenario_, story.group), story);
        const des::Duration ran = end - life->second;
        std::int64_t seconds = std::max<std::int64_t>(60, (ran.count() + 999'999'999) / 1'000'000'000);
        if (story.spot && interrupted && ran < std::chrono::hours{1}) seconds = 0;
        const double price = story.spot ? spot_price(story, option, life->second, end) : option.price_usd_per_hour;
        Paid& paid = paid_[{story.group, story.spot ? "ec2_spot" : "ec2_on_demand"}];
        paid.seconds += seconds;
        paid.usd += static_cast<double>(seconds) * price / 3600;
        running_since_.erase(life);
    }

    /// On average over that time.
    [[nodiscard]] double spot_price(const Story& story, const InstanceOption& option, des::Time from,
                                    des::Time until) const {
        for (const SpotPoolId id : option.spot_pools) {
            const SpotPool& pool = scenario_.spot_pools[id];
            if (scenario_.zones[pool.zone] != story.zone) continue;
            if (from == until) return pool.price_usd_per_hour.rate(from);
            return pool.price_usd_per_hour.expected(from, until) / des::seconds(until - from);
        }
        return 0;
    }

    const Scenario& scenario_;
    Replay replay_;
    std::map<std::string, des::Time> running_since_;
    std::map<std::pair<std::string, std::string>, Paid> paid_;
};

/// The bill of every group is what its instances ran, Spot, warm pools and all.
inline void check_the_bill_is_what_ran(const Result& result, const Scenario& scenario) {
    Ledger ledger{scenario};
    for (const auto& row : result.events) ledger.apply(row);
    ledger.close(des::Time{scenario.duration});
    for (const auto& group : scenario.groups) {
        const std::string resource = "auto_scaling_group/" + group.name;
        double hours = 0;
        for (const std::string kind : {"ec2_on_demand", "ec2_spot"}) {
            INFO(resource << " " << kind);
            Paid billed;
            double quantity = 0;
            for (const CostItem& item : result.cost_items) {
                if (item.resource != resource || item.kind != kind) continue;
                quantity += item.quantity;
                billed.usd += item.usd;
            }
            const auto paid = ledger.paid().find({resource, kind});
            const Paid ran = paid == ledger.paid().end() ? Paid{} : paid->second;
            CHECK(quantity == Approx(static_cast<double>(ran.seconds) / 3600).epsilon(1e-9).margin(1e-9));
            CHECK(billed.usd == Approx(ran.usd).epsilon(1e-9).margin(1e-9));
            hours += quantity;
        }
        const auto figures = std::find_if(result.groups.begin(), result.groups.end(),
                                          [&](const GroupResult& g) { return g.name == group.name; });
        CHECK(figures->instance_hours == Approx(hours).epsilon(1e-9));
    }
}

/// A group's totals are those of its rows. Spot Instances get two minutes' notice, and none once they have ended.
inline void check_groups_count_right(const Result& result) {
    for (const GroupResult& group : result.groups) {
        INFO(group.name);
        std::uint64_t launches = 0;
        std::uint64_t terminations = 0;
        std::uint64_t interruptions = 0;
        std::map<std::string, des::Time> noticed;
        std::set<std::string> ended;
        for (const auto& row : result.events) {
            if (row.resource != "auto_scaling_group/" + group.name) continue;
            if (row.event == "instance_launch" && row.reason.find("when the scenario starts") == std::string::npos) {
                ++launches;
            }
            const bool warns = row.event == "spot_interruption_notice" || row.event == "rebalance_recommendation";
            if (warns) CHECK(ended.count(row.instance) == 0);
            if (row.event == "spot_interruption_notice") noticed[row.instance] = row.at;
            if (row.event != "instance_shutting_down") continue;
            ++terminations;
            ended.insert(row.instance);
            if (row.reason != "Spot interruption") continue;
            ++interruptions;
            REQUIRE(noticed.count(row.instance) == 1);
            CHECK(row.at - noticed[row.instance] == std::chrono::seconds{120});
        }
        CHECK(group.launches == launches);
        CHECK(group.terminations == terminations);
        CHECK(group.spot_interruptions == interruptions);
    }
}

/// Sizes and instances of the groups, row after row.
class GroupSizesReplay {
public:
    explicit GroupSizesReplay(const Scenario& scenario) : scenario_{scenario} {
        for (const auto& group : scenario.groups) {
            sizes_["auto_scaling_group/" + group.name] = {group.min_size, group.max_size, group.desired_capacity};
        }
    }

    void apply(const EventRow& row) {
        replay_.apply(row);
        if (row.event != "scaling" || sizes_.count(row.resource) == 0) return;
        scaling::GroupSizes& sizes = sizes_[row.resource];
        if (row.subject == "min_size") sizes.min = std::stoi(row.to);
        if (row.subject == "max_size") sizes.max = std::stoi(row.to);
        if (row.subject == "desired_capacity") sizes.desired = std::stoi(row.to);
    }

    [[nodiscard]] const std::map<std::string, scaling::GroupSizes>& sizes() const { return sizes_; }

    /// Units that count towards its capacity.
    [[nodiscard]] std::int32_t units_of(const std::string& resource) const {
        const AutoScalingGroup& group = group_named(scenario_, resource);
        std::int32_t units = 0;
        for (const auto& [name, story] : replay_.stories()) {
            if (story.group == resource && story.counts) units += option_of(group, story).weighted_capacity;
        }
        return units;
    }

private:
    const Scenario& scenario_;
    Replay replay_;
    std::map<std::string, scaling::GroupSizes> sizes_;
};

inline std::int32_t heaviest_of(const AutoScalingGroup& group) {
    std::int32_t heaviest = 1;
    for (const InstanceOption& option : group.options) heaviest = std::max(heaviest, option.weighted_capacity);
    return heaviest;
}

/// The desired capacity lies between the bounds, and no launch brings a group further above its maximum than a tenth of
/// it, one at least, what the heaviest type overshoots by, and what it has overshot by before.
inline void check_groups_stay_within_bounds(const Result& result, const Scenario& scenario) {
    GroupSizesReplay replay{scenario};
    for (std::size_t i = 0; i < result.events.size(); ++i) {
        const EventRow& row = result.events[i];
        replay.apply(row);
        const bool launches = row.event == "instance_launch" || row.event == "instance_start";
        if (launches && row.at > des::Time{} && row.reason.substr(0, 11) != "filling the") {
            const std::int32_t max = replay.sizes().at(row.resource).max;
            const std::int32_t most = max + std::max(1, max / 10);
            INFO(row.resource << " at " << des::seconds(row.at) << " s: " << row.reason);
            const std::int32_t heaviest = heaviest_of(group_named(scenario, row.resource));
            CHECK(replay.units_of(row.resource) < most + 2 * heaviest - 1);
        }
        if (row.event != "scaling" || (i + 1 < result.events.size() && result.events[i + 1].at == row.at)) continue;
        for (const auto& [resource, sizes] : replay.sizes()) {
            INFO(resource << " at " << des::seconds(row.at) << " s");
            CHECK(sizes.min <= sizes.desired);
            CHECK(sizes.desired <= sizes.max);
        }
    }
}

/// When nothing has gone wrong for a while a group has what it should have; one with weights at least that.
inline void check_groups_have_what_they_should(const Result& result, const Scenario& scenario) {
    GroupSizesReplay replay{scenario};
    for (const auto& row : result.events) replay.apply(row);
    for (const auto& [resource, sizes] : replay.sizes()) {
        INFO(resource << ", " << sizes.desired << " desired");
        CHECK(replay.units_of(resource) >= sizes.desired);
        CHECK(replay.units_of(resource) < sizes.desired + heaviest_of(group_named(scenario, resource)));
    }
}

/// What holds for groups, in a cluster or not.
inline void check_laws_of_groups(const Result& result, const Scenario& scenario) {
    check_the_bill_is_what_ran(result, scenario);
    check_groups_count_right(result);
    check_groups_stay_within_bounds(result, scenario);
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
    check_laws_of_groups(result, scenario);
    if (scenario.warmup == des::Duration::zero()) check_littles_law(result);
}

}  // namespace fleetsim::sim::testing
