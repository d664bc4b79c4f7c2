#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <fleetsim/packing/fleet_mix.hpp>

namespace fleetsim::packing {

namespace {

using Problem = std::optional<std::string>;

Problem problem_of_task(const FleetDemand& demand, const FleetInstance& instance, const Portion& portion) {
    const FleetTask& task = demand.tasks[portion.kind];
    if (portion.count < 1) return task.name + ": not a number of tasks";
    bool may = !task.only_on;
    for (const std::uint32_t type : task.only_on.value_or(std::vector<std::uint32_t>{})) may |= type == instance.type;
    if (!may) return task.name + ": not allowed on " + demand.types[instance.type].name;
    if (task.distinct_instance && portion.count > 1) return task.name + ": two on one instance";
    return std::nullopt;
}

/// Room, ports, and what each task asks for by itself.
Problem problem_of_instance(const FleetDemand& demand, const FleetInstance& instance) {
    if (instance.type >= demand.types.size()) return "an instance of no type";
    if (instance.zone < 0 || instance.zone >= demand.zones) return "an instance in no zone";
    const FleetType& type = demand.types[instance.type];
    if (instance.tasks.empty()) return type.name + ": empty";
    std::set<std::uint32_t> seen;
    std::set<placement::HostPort> ports;
    std::map<int, std::int64_t> used;
    for (const Portion& portion : instance.tasks) {
        if (portion.kind >= demand.tasks.size()) return type.name + ": a task that nobody asked for";
        if (!seen.insert(portion.kind).second) return type.name + ": a task listed twice";
        if (auto problem = problem_of_task(demand, instance, portion)) return problem;
        const FleetTask& task = demand.tasks[portion.kind];
        const bool clash = !task.host_ports.empty() && portion.count > 1;
        for (const placement::HostPort port : task.host_ports) {
            if (clash || !ports.insert(port).second) return type.name + ": host port used twice";
        }
        for (int r = 0; r < placement::resource_count; ++r) used[r] += std::int64_t{task.need[r]} * portion.count;
    }
    for (const auto& [resource, amount] : used) {
        if (amount > type.registered[resource]) return type.name + ": more on it than it has room for";
    }
    return std::nullopt;
}

Problem problem_of_numbers(const FleetDemand& demand, const FleetMix& mix) {
    std::map<std::pair<std::uint32_t, std::int32_t>, std::int64_t> placed;
    for (const FleetInstance& instance : mix.instances) {
        for (const Portion& portion : instance.tasks) placed[{portion.kind, instance.zone}] += portion.count;
    }
    for (std::uint32_t task = 0; task < demand.tasks.size(); ++task) {
        std::int64_t all = 0;
        std::int64_t least = placed[{task, 0}];
        std::int64_t most = least;
        for (std::int32_t zone = 0; zone < demand.zones; ++zone) {
            const std::int64_t there = placed[{task, zone}];
            all += there;
            least = std::min(least, there);
            most = std::max(most, there);
        }
        const FleetTask& wanted = demand.tasks[task];
        if (all != wanted.count) return wanted.name + ": " + std::to_string(all) + " placed";
        if (wanted.spread_over_zones && most > least + 1) return wanted.name + ": zones out of balance";
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> verify(const FleetDemand& demand, const FleetMix& mix) {
    if (!mix.unplaceable.empty()) {
        return mix.instances.empty() ? Problem{} : Problem{"a mix although tasks fit no type"};
    }
    double price = 0;
    for (const FleetInstance& instance : mix.instances) {
        if (auto problem = problem_of_instance(demand, instance)) return problem;
        price += demand.types[instance.type].price_usd_per_hour;
    }
    if (auto problem = problem_of_numbers(demand, mix)) return problem;
    // Each price may be off by half a billionth of a dollar.
    if (std::abs(price - mix.usd_per_hour) > 1e-9 * (1 + static_cast<double>(mix.instances.size()))) {
        return "not the price of the instances";
    }
    if (mix.bound_usd_per_hour > mix.usd_per_hour) return "cheaper than its bound";
    return std::nullopt;
}

}  // namespace fleetsim::packing
