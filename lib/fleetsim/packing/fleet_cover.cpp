#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include <fleetsim/packing/fleet_cover.hpp>

namespace fleetsim::packing {

namespace {

using Container = CoverProblem::Container;

/// A dimension: what the kinds need of it, and what the containers have.
struct Dimension {
    std::vector<std::int64_t> need;
    std::vector<std::int64_t> capacity;
};

std::vector<Dimension> resource_dimensions(const FleetDemand& demand, const std::vector<std::uint32_t>& tasks) {
    std::vector<Dimension> dimensions;
    for (int resource = 0; resource < placement::resource_count; ++resource) {
        Dimension dimension;
        for (const std::uint32_t task : tasks) dimension.need.push_back(demand.tasks[task].need[resource]);
        for (const FleetType& type : demand.types) dimension.capacity.push_back(type.registered[resource]);
        dimensions.push_back(std::move(dimension));
    }
    return dimensions;
}

std::vector<Dimension> port_dimensions(const FleetDemand& demand, const std::vector<std::uint32_t>& tasks) {
    std::map<placement::HostPort, Dimension> by_port;
    for (std::size_t kind = 0; kind < tasks.size(); ++kind) {
        for (const placement::HostPort port : demand.tasks[tasks[kind]].host_ports) {
            Dimension& dimension = by_port[port];
            dimension.need.resize(tasks.size(), 0);
            dimension.need[kind] = 1;
            dimension.capacity.assign(demand.types.size(), 1);
        }
    }
    std::vector<Dimension> dimensions;
    for (auto& [port, dimension] : by_port) {
        // A port that one kind wants limits that kind alone, and does so as a limit of its number.
        if (std::accumulate(dimension.need.begin(), dimension.need.end(), std::int64_t{0}) > 1) {
            dimensions.push_back(std::move(dimension));
        }
    }
    return dimensions;
}

std::vector<Dimension> dimensions_of(const FleetDemand& demand, const std::vector<std::uint32_t>& tasks) {
    std::vector<Dimension> dimensions = resource_dimensions(demand, tasks);
    std::erase_if(dimensions, [](const Dimension& dimension) {
        return std::all_of(dimension.need.begin(), dimension.need.end(), [](std::int64_t need) { return need == 0; });
    });
    for (Dimension& dimension : port_dimensions(demand, tasks)) dimensions.push_back(std::move(dimension));
    if (dimensions.empty()) {
        // Tasks that need nothing need an instance all the same.
        dimensions.push_back(
            {std::vector<std::int64_t>(tasks.size(), 0), std::vector<std::int64_t>(demand.types.size(), 1)});
    }
    return dimensions;
}

/// How many of the kind an instance of the type takes.
std::int64_t most_of(const FleetTask& task, std::uint32_t type, const FleetType& offered) {
    if (!allowed(task, type) || !placement::fits(task.need, offered.registered)) return 0;
    return task.distinct_instance || !task.host_ports.empty() ? 1 : task.count;
}

bool at_least(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), [](std::int64_t x, std::int64_t y) { return x >= y; });
}

/// Whether nobody would buy `b`, since `a` holds whatever `b` holds and costs no more.
bool beats(const Container& a, const Container& b) {
    return a.price <= b.price && at_least(a.capacity, b.capacity) && at_least(a.most, b.most);
}

bool same(const Container& a, const Container& b) { return beats(a, b) && beats(b, a); }

std::vector<Container> all_containers(const FleetDemand& demand, const std::vector<std::uint32_t>& tasks,
                                      const std::vector<Dimension>& dimensions) {
    std::vector<Container> containers;
    for (std::uint32_t type = 0; type < demand.types.size(); ++type) {
        Container container{nanodollars(demand.types[type].price_usd_per_hour), {}, {}};
        for (const Dimension& dimension : dimensions) container.capacity.push_back(dimension.capacity[type]);
        for (const std::uint32_t task : tasks) {
            container.most.push_back(most_of(demand.tasks[task], type, demand.types[type]));
        }
        containers.push_back(std::move(container));
    }
    return containers;
}

}  // namespace

std::int64_t nanodollars(double usd) { return std::max<std::int64_t>(1, std::llround(usd * 1e9)); }

FleetCover fleet_cover(const FleetDemand& demand) {
    FleetCover cover;
    cover.zones = demand.zones;
    for (std::uint32_t task = 0; task < demand.tasks.size(); ++task) {
        if (demand.tasks[task].count == 0) continue;
        cover.task_of.push_back(task);
        cover.problem.demand.push_back(demand.tasks[task].count);
        cover.spread.push_back(demand.tasks[task].spread_over_zones && demand.zones > 1);
    }
    const std::vector<Dimension> dimensions = dimensions_of(demand, cover.task_of);
    for (std::size_t kind = 0; kind < cover.task_of.size(); ++kind) {
        for (const Dimension& dimension : dimensions) cover.problem.sizes.push_back(dimension.need[kind]);
    }
    const std::vector<Container> all = all_containers(demand, cover.task_of, dimensions);
    for (std::uint32_t type = 0; type < all.size(); ++type) {
        const bool of_use =
            std::any_of(all[type].most.begin(), all[type].most.end(), [](auto most) { return most > 0; });
        bool beaten = !of_use;
        for (std::uint32_t other = 0; other < all.size() && !beaten; ++other) {
            beaten = beats(all[other], all[type]) && (other < type || (other > type && !same(all[other], all[type])));
        }
        if (beaten) continue;
        cover.problem.containers.push_back(all[type]);
        cover.type_of.push_back(type);
    }
    return cover;
}

}  // namespace fleetsim::packing
