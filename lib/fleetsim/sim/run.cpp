#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include <fleetsim/sim/control_plane.hpp>
#include <fleetsim/sim/data_plane.hpp>
#include <fleetsim/sim/recorder.hpp>
#include <fleetsim/sim/run.hpp>

namespace fleetsim::sim {

namespace {

using des::Time;

/// Events between two looks at the outside world.
constexpr std::uint64_t look_every = 1U << 14U;

/// The assembled world: the kernel, and the two planes that act on what it brings.
class World {
public:
    World(const Scenario& scenario, const RunOptions& options)
        : scenario_(scenario),
          options_(options),
          recorder_(scenario, options.keep_events || !options.explain_tasks.empty()),
          data_plane_(scenario, options.replication, kernel_, recorder_),
          control_plane_(scenario, options, kernel_, recorder_, data_plane_) {}

    Result run() {
        control_plane_.start();
        data_plane_.start();
        if (scenario_.warmup > des::Duration::zero()) {
            kernel_.schedule(Time{scenario_.warmup}, Event{event::WarmupOver{}});
        }
        const bool complete = simulate();
        return report(complete);
    }

private:
    /// Up to the end, or until interrupted. What falls on the end itself is not simulated, but for the last minute's
    /// figures.
    bool simulate() {
        const Time end{scenario_.duration};
        while (!kernel_.empty() && kernel_.next_time() < end) {
            dispatch(kernel_.pop());
            if (++events_ % look_every == 0 && !look_outside()) return false;
        }
        return true;
    }

    bool look_outside() {
        if (options_.progress) options_.progress(kernel_.now());
        return options_.interrupted == nullptr || !options_.interrupted->load(std::memory_order_relaxed);
    }

    void dispatch(Event event) {
        // Nearly every event is one of these two: asking for them first spares the table jump of `visit`.
        if (const auto* done = std::get_if<event::WorkDone>(&event)) return data_plane_.handle(*done);
        if (const auto* arrival = std::get_if<event::Arrive>(&event)) return data_plane_.handle(*arrival);
        std::visit([this](const auto& what) { dispatch_to_owner(what); }, event);
    }

    template <class What>
    void dispatch_to_owner(const What& what) {
        if constexpr (std::is_same_v<What, event::WarmupOver>) {
            recorder_.end_warmup(kernel_.now());
        } else if constexpr (requires { data_plane_.handle(what); }) {
            data_plane_.handle(what);
        } else {
            control_plane_.handle(what);
        }
    }

    Result report(bool complete) {
        const Time end = complete ? Time{scenario_.duration} : kernel_.now();
        recorder_.close_minute(end);
        data_plane_.finish(end);
        Result result;
        result.scenario = scenario_.name;
        result.seed = scenario_.seed;
        result.start = scenario_.start;
        result.simulated = end.time_since_epoch();
        result.measured = std::max(des::Duration::zero(), result.simulated - scenario_.warmup);
        result.complete = complete;
        result.kernel_events = events_;
        result.assumptions = scenario_.assumptions;
        recorder_.report(end, result);
        control_plane_.report(end, result);
        evaluate_objectives(result);
        return result;
    }

    void evaluate_objectives(Result& result) const {
        for (const Objective& objective : scenario_.objectives) {
            const ServiceResult& service = result.services[objective.service.value];
            ObjectiveResult row{service.name, objective.text};
            std::visit([&](const auto& what) { evaluate(what, service, row); }, objective.what);
            result.objectives.push_back(std::move(row));
        }
    }

    static void evaluate(const LatencyObjective& objective, const ServiceResult& service, ObjectiveResult& row) {
        row.measured = service.latency_ns.count() > 0;
        if (!row.measured) return;
        const std::int64_t latency_ns = service.latency_ns.value_at_quantile(objective.quantile);
        row.value = static_cast<double>(latency_ns) / 1e6;
        row.met = latency_ns <= objective.limit.count();
    }

    static void evaluate(const AvailabilityObjective& objective, const ServiceResult& service, ObjectiveResult& row) {
        const std::uint64_t ended = service.requests - service.in_flight;
        row.measured = ended > 0;
        if (!row.measured) return;
        row.value = static_cast<double>(service.outcomes[0]) / static_cast<double>(ended);
        row.met = row.value >= objective.minimum;
    }

    const Scenario& scenario_;
    const RunOptions& options_;
    Kernel kernel_;
    Recorder recorder_;
    DataPlane data_plane_;
    ControlPlane control_plane_;
    std::uint64_t events_ = 0;
};

}  // namespace

Result run(const Scenario& scenario, const RunOptions& options) { return World{scenario, options}.run(); }

}  // namespace fleetsim::sim
