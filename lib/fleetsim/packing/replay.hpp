#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/des/wide_integer.hpp>
#include <fleetsim/packing/fleet.hpp>
#include <fleetsim/packing/foresight.hpp>
#include <fleetsim/packing/policy.hpp>
#include <fleetsim/packing/trace.hpp>

namespace fleetsim::packing {

struct ReplayOptions {
    Capacity server = {};  ///< Of each server, as many as it takes; unused when the trace has nodes of its own.
    std::uint64_t seed = 0;
};

/// A policy that decides by itself when an empty server is opened: it sees them among the others. For all others an
/// empty one is opened only when no server in use takes the task.
template <class P>
concept OpensServers = Policy<P> && requires {
    requires P::opens_servers;
};

/// What came of a replay.
struct ReplayResult {
    /// Stands for a server in `server_of` when the task got none.
    static constexpr std::int32_t none = -1;

    des::Int128 server_time_ns = 0;  ///< Time in which a server had tasks, summed over servers.
    std::int64_t peak_servers = 0;   ///< Most that had tasks at once.
    std::int64_t placed = 0;
    std::int64_t refused = 0;             ///< Fitted nowhere, and did not wait.
    std::int64_t skipped = 0;             ///< With a lifetime of nothing: never placed.
    std::vector<std::int32_t> server_of;  ///< By task.

    [[nodiscard]] double server_hours() const { return static_cast<double>(server_time_ns) / 3.6e12; }
};

namespace detail {

/// One run through a trace: the tasks on the servers, and when they leave.
template <Policy P>
class Replay {
public:
    Replay(P policy, const Trace& trace, const ReplayOptions& options)
        : policy_(std::move(policy)),
          trace_(trace),
          fleet_(fleet_for(trace, options)),
          chance_(options.seed, 0, "packing", "decision"),
          devices_(trace.tasks.size()) {
        result_.server_of.assign(trace.tasks.size(), ReplayResult::none);
    }

    [[nodiscard]] ReplayResult run() {
        des::Time last{};
        for (std::uint32_t id = 0; id < trace_.tasks.size(); ++id) {
            const Task& task = trace_.tasks[id];
            FLEETSIM_CHECK(task.arrives >= last);
            last = task.arrives;
            let_go_until(last);
            if (task.lifetime == des::Duration{0}) {
                ++result_.skipped;
            } else {
                offer(id, task);
            }
        }
        if (!departures_.empty()) last = let_go_until(des::Time::max());
        result_.server_time_ns = fleet_.time_in_use(last);
        result_.peak_servers = fleet_.peak_in_use();
        return std::move(result_);
    }

private:
    static Fleet fleet_for(const Trace& trace, const ReplayOptions& options) {
        if (!trace.nodes.empty()) return Fleet{trace.nodes};
        return Fleet{options.server, OpensServers<P> ? EmptyServers::shown : EmptyServers::hidden};
    }

    /// Those who leave at an instant go before those who arrive then. Gives the last instant at which anyone left.
    des::Time let_go_until(des::Time now) {
        des::Time last{};
        while (!departures_.empty() && departures_.top().first <= now) {
            const auto [at, id] = departures_.top();
            departures_.pop();
            const auto server = static_cast<std::size_t>(result_.server_of[id]);
            const Task& task = trace_.tasks[id];
            fleet_.remove(task.demand, devices_[id], server, at);
            foresight_.left(policy_, id, task, server, at);
            last = at;
        }
        return last;
    }

    void offer(std::uint32_t id, const Task& task) {
        const auto draws = chance_.block(id);
        const Arrival arrival{task.demand, task.arrives, foresight_.departure_of(policy_, task),
                              des::open_unit(draws[0]), des::open_unit(draws[1])};
        foresight_.refresh(policy_, fleet_.nodes(), task.arrives);
        auto server = choose(policy_, fleet_.nodes(), arrival);
        if (!server) server = fleet_.open(task.demand);
        if (!server) {
            ++result_.refused;
            return;
        }
        const Node& node = fleet_.nodes()[*server];
        const std::int32_t shared = task.demand.shares_a_gpu() ? sharing_device(policy_, node, arrival) : -1;
        devices_[id] = devices_for(task.demand, node, shared);
        fleet_.put(task.demand, devices_[id], arrival.departs, *server, task.arrives);
        foresight_.placed(policy_, id, task, *server);
        if (task.lifetime) departures_.push({task.arrives + *task.lifetime, id});
        result_.server_of[id] = static_cast<std::int32_t>(*server);
        ++result_.placed;
    }

    using Departure = std::pair<des::Time, std::uint32_t>;

    P policy_;
    Foresight<P> foresight_;
    const Trace& trace_;
    Fleet fleet_;
    des::Stream chance_;
    std::vector<DeviceSet> devices_;  ///< By task.
    std::priority_queue<Departure, std::vector<Departure>, std::greater<>> departures_;
    ReplayResult result_;
};

}  // namespace detail

/// Places each task of the trace at its arrival, for good or until its lifetime is over: on the trace's own nodes, or
/// on as many identical servers as it takes, of which an empty one costs nothing. Who leaves at the instant of an
/// arrival makes room for it. Tasks that never leave are counted until the last arrival or departure.
template <Policy P>
[[nodiscard]] ReplayResult replay(P policy, const Trace& trace, const ReplayOptions& options) {
    return detail::Replay<P>{std::move(policy), trace, options}.run();
}

}  // namespace fleetsim::packing
