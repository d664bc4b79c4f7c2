#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include <fleetsim/des/time.hpp>
#include <fleetsim/des/wide_integer.hpp>
#include <fleetsim/packing/node.hpp>
#include <fleetsim/packing/trace.hpp>

namespace fleetsim::packing {

struct ServerHoursBound {
    double server_hours = 0;
    std::int64_t peak_servers = 0;
};

namespace detail {

/// Room in whole numbers: vCPUs and GPUs in thousandths, and MiB.
using Amounts = std::array<std::int64_t, 3>;

/// What arrives, or leaves (negative).
struct Change {
    des::Time at;
    bool arrival;
    Amounts amounts;
};

/// The servers that hold so much if tasks could be poured.
[[nodiscard]] inline std::int64_t servers_for(const Amounts& used, const Amounts& capacity) {
    std::int64_t servers = 0;
    for (std::size_t h = 0; h < used.size(); ++h) {
        if (capacity[h] > 0) servers = std::max(servers, (used[h] + capacity[h] - 1) / capacity[h]);
    }
    return servers;
}

/// In time; departures of an instant before arrivals.
[[nodiscard]] inline std::vector<Change> changes_of(const Trace& trace, const Capacity& capacity) {
    std::vector<Change> changes;
    const Node empty{capacity};
    for (const Task& task : trace.tasks) {
        if (!fits(task.demand, empty) || task.lifetime == des::Duration::zero()) continue;
        const Amounts amounts{task.demand.cpu_milli, task.demand.memory_mib, task.demand.total_gpu_milli()};
        changes.push_back({task.arrives, true, amounts});
        if (!task.lifetime) continue;
        changes.push_back({task.arrives + *task.lifetime, false, {-amounts[0], -amounts[1], -amounts[2]}});
    }
    std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
        return std::tie(a.at, a.arrival) < std::tie(b.at, b.arrival);
    });
    return changes;
}

}  // namespace detail

/// What any placement of the trace's tasks on servers of this capacity costs at least, if an empty server costs
/// nothing: at every instant there are the servers that the demand present fills in its scarcest dimension, and so over
/// time. Exact in nanoseconds; only the hours are rounded.
///
/// Departures of an instant come before its arrivals. Tasks of no duration are left out, and so are those that an empty
/// server does not take; a task of unknown lifetime stays until the trace's last arrival or departure.
[[nodiscard]] inline ServerHoursBound server_hours_bound(const Trace& trace, const Capacity& capacity) {
    const detail::Amounts room{capacity.cpu_milli, capacity.memory_mib, capacity.gpus * whole_gpu_milli};
    const std::vector<detail::Change> changes = detail::changes_of(trace, capacity);
    ServerHoursBound bound;
    detail::Amounts used{};
    des::Int128 server_ns = 0;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        for (std::size_t h = 0; h < used.size(); ++h) used[h] += changes[i].amounts[h];
        const std::int64_t servers = detail::servers_for(used, room);
        // A peak may last no time at all, when what arrives leaves at the same instant; those tasks were left out.
        bound.peak_servers = std::max(bound.peak_servers, servers);
        if (i + 1 == changes.size()) break;
        server_ns += des::Int128{servers} * (changes[i + 1].at - changes[i].at).count();
    }
    bound.server_hours = static_cast<double>(server_ns) / 3.6e12;
    return bound;
}

}  // namespace fleetsim::packing
