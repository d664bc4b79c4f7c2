#include <algorithm>
#include <array>
#include <utility>

#include <fleetsim/packing/cost_bound.hpp>
#include <fleetsim/packing/fleet_cover.hpp>
#include <fleetsim/packing/fleet_exact.hpp>
#include <fleetsim/packing/fleet_mix.hpp>
#include <fleetsim/packing/fleet_search.hpp>

namespace fleetsim::packing {

namespace {

constexpr std::array limits{FleetLimit::cpu,        FleetLimit::memory,
                            FleetLimit::gpus,       FleetLimit::network_interfaces,
                            FleetLimit::host_ports, FleetLimit::distinct_instance};

FleetLimit limit_of(int resource) { return limits[static_cast<std::size_t>(resource)]; }

/// Why no type holds the task; absent when one does.
std::optional<Unplaceable> unplaceable(const FleetDemand& demand, std::uint32_t task) {
    const FleetTask& wanted = demand.tasks[task];
    placement::Resources most = placement::resources({});
    bool any = false;
    for (std::uint32_t type = 0; type < demand.types.size(); ++type) {
        if (!allowed(wanted, type)) continue;
        if (placement::fits(wanted.need, demand.types[type].registered)) return std::nullopt;
        most = any ? most.max(demand.types[type].registered).eval() : demand.types[type].registered;
        any = true;
    }
    Unplaceable found{task, {}};
    for (int resource = 0; any && resource < placement::resource_count; ++resource) {
        if (wanted.need[resource] > most[resource]) found.short_of.push_back(limit_of(resource));
    }
    return found;
}

struct Bounded {
    std::string_view name;
    std::int64_t price = 0;
};

/// Each zone holds at least a zone's whole share of the spread tasks, and is a fleet of its own for them.
std::int64_t bound_by_zone(const FleetCover& cover, std::int64_t most_work) {
    CoverProblem share = cover.problem;
    share.sizes.clear();
    share.demand.clear();
    for (auto& container : share.containers) container.most.clear();
    const std::size_t dimensions = cover.problem.dimensions();
    for (std::size_t kind = 0; kind < cover.problem.kinds(); ++kind) {
        const std::int64_t demand = cover.spread[kind] ? cover.problem.demand[kind] / cover.zones : 0;
        if (demand == 0) continue;
        share.demand.push_back(demand);
        for (std::size_t h = 0; h < dimensions; ++h) share.sizes.push_back(cover.problem.sizes[kind * dimensions + h]);
        for (std::size_t c = 0; c < share.containers.size(); ++c) {
            share.containers[c].most.push_back(cover.problem.containers[c].most[kind]);
        }
    }
    return share.kinds() == 0 ? 0 : cover.zones * cost_bound(share, most_work).price;
}

/// The best bound, and the simplest that gives it.
Bounded bound_of(const FleetCover& cover, const CoverBound& relaxation, std::int64_t most_work) {
    Bounded best{"volume", volume_cost_bound(cover.problem)};
    const std::int64_t pattern = payable(relaxation.price, cover.problem);
    if (pattern > best.price) best = {"pattern", pattern};
    const std::int64_t by_zone = payable(bound_by_zone(cover, most_work), cover.problem);
    if (by_zone > best.price) best = {"pattern by zone", by_zone};
    return best;
}

/// Room and limits of one instance, to find out what keeps further tasks off it.
struct Occupied {
    placement::Resources left;
    std::vector<placement::HostPort> ports;
};

Occupied occupied(const FleetDemand& demand, const FleetInstance& instance) {
    Occupied there{demand.types[instance.type].registered, {}};
    for (const Portion& portion : instance.tasks) {
        const FleetTask& task = demand.tasks[portion.kind];
        there.left -= task.need * portion.count;
        there.ports.insert(there.ports.end(), task.host_ports.begin(), task.host_ports.end());
    }
    return there;
}

bool here(const FleetInstance& instance, std::uint32_t task) {
    return std::any_of(instance.tasks.begin(), instance.tasks.end(),
                       [task](const Portion& portion) { return portion.kind == task; });
}

/// Which limits keep one more of the task off the instance.
std::vector<FleetLimit> stopping(const FleetDemand& demand, const FleetInstance& instance, const Occupied& there,
                                 std::uint32_t task) {
    const FleetTask& wanted = demand.tasks[task];
    std::vector<FleetLimit> stops;
    for (int resource = 0; resource < placement::resource_count; ++resource) {
        if (wanted.need[resource] > there.left[resource]) stops.push_back(limit_of(resource));
    }
    const bool taken =
        std::any_of(wanted.host_ports.begin(), wanted.host_ports.end(), [&there](placement::HostPort port) {
            return std::find(there.ports.begin(), there.ports.end(), port) != there.ports.end();
        });
    if (taken) stops.push_back(FleetLimit::host_ports);
    if (wanted.distinct_instance && here(instance, task)) stops.push_back(FleetLimit::distinct_instance);
    return stops;
}

double used_share(const FleetDemand& demand, const FleetInstance& instance, const Occupied& there, std::size_t limit) {
    if (limit >= placement::resource_count) return 1;
    const std::int32_t all = demand.types[instance.type].registered[static_cast<int>(limit)];
    return all > 0 ? 1 - static_cast<double>(there.left[static_cast<int>(limit)]) / all : 0;
}

/// The limit that closes the instance; absent when any task may still come.
std::optional<FleetLimit> binding_limit(const FleetDemand& demand, const FleetInstance& instance) {
    const Occupied there = occupied(demand, instance);
    std::array<std::int64_t, limits.size()> stopped{};
    for (std::uint32_t task = 0; task < demand.tasks.size(); ++task) {
        if (demand.tasks[task].count == 0 || !allowed(demand.tasks[task], instance.type)) continue;
        if (!placement::fits(demand.tasks[task].need, demand.types[instance.type].registered)) continue;
        for (const FleetLimit limit : stopping(demand, instance, there, task))
            ++stopped[static_cast<std::size_t>(limit)];
    }
    std::optional<FleetLimit> binding;
    std::pair<std::int64_t, double> most{0, 0};
    for (std::size_t limit = 0; limit < limits.size(); ++limit) {
        const std::pair rank{stopped[limit], used_share(demand, instance, there, limit)};
        if (rank.first == 0 || (binding && rank <= most)) continue;
        binding = limits[limit];
        most = rank;
    }
    return binding;
}

std::vector<LimitCount> binding_limits(const FleetDemand& demand, const std::vector<FleetInstance>& instances) {
    std::vector<LimitCount> counts;
    for (const FleetLimit limit : limits) counts.push_back({limit, 0});
    for (const FleetInstance& instance : instances) {
        if (const auto limit = binding_limit(demand, instance)) ++counts[static_cast<std::size_t>(*limit)].hosts;
    }
    std::erase_if(counts, [](const LimitCount& count) { return count.hosts == 0; });
    std::stable_sort(counts.begin(), counts.end(),
                     [](const LimitCount& a, const LimitCount& b) { return a.hosts > b.hosts; });
    return counts;
}

/// The plan in the demand's own positions, in a fixed order.
std::vector<FleetInstance> named(const FleetCover& cover, CoverPlan plan) {
    for (FleetInstance& instance : plan) {
        instance.type = cover.type_of[instance.type];
        for (Portion& portion : instance.tasks) portion.kind = cover.task_of[portion.kind];
    }
    const auto key = [](const FleetInstance& instance) {
        std::vector<std::int64_t> numbers{instance.type, instance.zone};
        for (const Portion& portion : instance.tasks) {
            numbers.push_back(portion.kind);
            numbers.push_back(-portion.count);
        }
        return numbers;
    };
    std::stable_sort(plan.begin(), plan.end(),
                     [&key](const FleetInstance& a, const FleetInstance& b) { return key(a) < key(b); });
    return plan;
}

FleetMix assemble(const FleetDemand& demand, const FleetCover& cover, CoverPlan plan, Bounded bound) {
    FleetMix mix;
    const std::int64_t price = price_of(plan, cover.problem);
    mix.usd_per_hour = static_cast<double>(price) / 1e9;
    mix.bound_usd_per_hour = static_cast<double>(bound.price) / 1e9;
    mix.bound_name = bound.name;
    mix.gap_percent = static_cast<double>(price - bound.price) / static_cast<double>(bound.price) * 100;
    mix.instances = named(cover, std::move(plan));
    mix.binding = binding_limits(demand, mix.instances);
    return mix;
}

}  // namespace

FleetMix cheapest_mix(const FleetDemand& demand, const FleetMixOptions& options) {
    FleetMix mix;
    bool nothing = true;
    for (std::uint32_t task = 0; task < demand.tasks.size(); ++task) {
        if (demand.tasks[task].count == 0) continue;
        nothing = false;
        if (auto found = unplaceable(demand, task)) mix.unplaceable.push_back(std::move(*found));
    }
    if (nothing || !mix.unplaceable.empty()) return mix;

    const FleetCover cover = fleet_cover(demand);
    if (auto plan = exact_plan(cover)) {
        const std::int64_t price = price_of(*plan, cover.problem);
        return assemble(demand, cover, std::move(*plan), {"exhaustive search", price});
    }
    const CoverBound relaxation = cover_bound(cover.problem, options.work);
    const Bounded bound = bound_of(cover, relaxation, options.work);
    CoverPlan plan = search_plan(cover, relaxation, bound.price, options.seed, options.work);
    return assemble(demand, cover, std::move(plan), bound);
}

}  // namespace fleetsim::packing
