#include <chrono>

#include <fleetsim/sim/control_plane.hpp>

namespace fleetsim::sim {

using des::Duration;
using des::Time;

namespace {

constexpr Duration minute = std::chrono::seconds{60};

}  // namespace

ControlPlane::ControlPlane(const Scenario& scenario, const RunOptions& options, Kernel& kernel, Recorder& recorder,
                           DataPlane& data_plane)
    : fleet_{scenario, options.replication, options.placement_search, kernel, recorder},
      services_{fleet_, data_plane},
      groups_{fleet_, services_},
      loops_{fleet_, services_, groups_, data_plane, options.explain},
      faults_{fleet_, services_, groups_, options.replication} {}

void ControlPlane::start() {
    groups_.start();
    services_.start();
    faults_.start();
    loops_.start();
    fleet_.kernel.schedule(Time{minute}, des::Phase::decide, Event{event::EvaluateAlarms{}});
    schedule_close(Time{minute});
}

/// Before anything is decided at that instant: what a decision changes belongs to the next minute.
void ControlPlane::schedule_close(Time at) {
    fleet_.kernel.schedule(at, des::Phase::arrive, Event{event::CloseMinute{}});
}

void ControlPlane::handle(event::EvaluateAlarms) {
    loops_.evaluate_services();
    // Group by group, so that a large fleet's instances pass the processor's caches once.
    for (const GroupId id : des::ids_of(fleet_.groups)) {
        groups_.replace_unhealthy(id);
        loops_.evaluate(id);
        groups_.keep_up(id);
    }
    fleet_.kernel.schedule(fleet_.now() + minute, des::Phase::decide, Event{event::EvaluateAlarms{}});
}

void ControlPlane::handle(event::CloseMinute) {
    fleet_.recorder.close_minute(fleet_.now());
    loops_.publish(fleet_.now() - minute);
    schedule_close(fleet_.now() + minute);
}

void ControlPlane::report(Time end, Result& result) {
    groups_.report(end, result);
    for (const LoadBalancer& balancer : fleet_.scenario.balancers) {
        if (!balancer.price_usd_per_hour) continue;
        const auto hours = static_cast<double>(std::chrono::ceil<std::chrono::hours>(end.time_since_epoch()).count());
        result.cost_items.push_back({"load_balancer/" + balancer.name, "alb", hours, "load-balancer-hour",
                                     hours * *balancer.price_usd_per_hour});
    }
    result.explanations = loops_.take_explanations();
}

}  // namespace fleetsim::sim
