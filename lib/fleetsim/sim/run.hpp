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

/// A service or group, and when: its first scaling decision that does not come before is to be explained.
struct ExplainRequest {
    std::variant<ServiceId, GroupId> resource;
    des::Time at;
};

struct RunOptions {
    std::uint64_t replication = 0;  ///< Replications of one seed are independent of each other.
    /// Looked at many times a second of wall time; once true, the run stops and its result is marked incomplete.
    const std::atomic<bool>* interrupted = nullptr;
    /// How tasks are placed; both ways give the same result.
    placement::Search placement_search = placement::Search::indexed;
    std::vector<ExplainRequest> explain;
    std::function<void(des::Time)> progress;  ///< Called now and then with the simulated time; may be empty.
};

/// Simulates the scenario from its start to its end. The result depends on the scenario and the replication alone.
///
/// Cost: about two kernel events a request; memory for the requests in flight, the minutes and the control plane's
/// rows.
[[nodiscard]] Result run(const Scenario& scenario, const RunOptions& options = {});

}  // namespace fleetsim::sim
