#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <variant>
#include <vector>

#include <fleetsim/des/time.hpp>
#include <fleetsim/placement/placer.hpp>
#include <fleetsim/sim/result.hpp>
#include <fleetsim/sim/scenario.hpp>

namespace fleetsim::sim {

/// A service or group, and when: its first scaling decision that does not come before is to be explained. Of a service,
/// with or without autoscaling, what its scheduler is doing at that very instant is told too.
struct ExplainRequest {
    std::variant<ServiceId, GroupId> resource;
    des::Time at;
};

/// A task, by its number among those of its service or of a run of tasks (its position in the scenario), and when: what
/// it is doing then is to be explained. There need not be one of that number.
struct ExplainTaskRequest {
    std::variant<ServiceId, std::uint32_t> of;
    std::uint64_t number = 0;
    des::Time at;
};

struct RunOptions {
    std::uint64_t replication = 0;  ///< Replications of one seed are independent of each other.
    /// Looked at many times a second of wall time; once true, the run stops and its result is marked incomplete.
    const std::atomic<bool>* interrupted = nullptr;
    /// How tasks are placed; both ways give the same result.
    placement::Search placement_search = placement::Search::indexed;
    /// Whether `Result::events` is filled in. A long run takes far less memory without; to explain tasks needs it.
    bool keep_events = true;
    std::vector<ExplainRequest> explain{};
    std::vector<ExplainTaskRequest> explain_tasks{};
    std::function<void(des::Time)> progress{};  ///< Called now and then with the simulated time; may be empty.
};

/// Simulates the scenario from its start to its end. The result depends on the scenario and the replication alone.
///
/// Cost: about two kernel events a request; memory for the requests in flight, the minutes, every task and instance
/// that there ever was, and some 300 bytes for each of the control plane's rows, if they are kept.
[[nodiscard]] Result run(const Scenario& scenario, const RunOptions& options = {});

}  // namespace fleetsim::sim
