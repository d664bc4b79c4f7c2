#pragma once

#include <cstdint>
#include <vector>

#include <fleetsim/placement/placer.hpp>
#include <fleetsim/sim/data_plane.hpp>
#include <fleetsim/sim/faults.hpp>
#include <fleetsim/sim/groups.hpp>
#include <fleetsim/sim/result.hpp>
#include <fleetsim/sim/run.hpp>
#include <fleetsim/sim/scaling_loops.hpp>
#include <fleetsim/sim/services.hpp>
#include <fleetsim/sim/task_explanations.hpp>
#include <fleetsim/sim/task_runs.hpp>
#include <fleetsim/sim/tasks.hpp>
#include <fleetsim/sim/world.hpp>

namespace fleetsim::sim {

/// ECS, EC2 and Auto Scaling: the one place that acts on what the policies of `placement/`, `scaling/` and `routing/`
/// decide. A few events a second, so clear before fast. Its parts share the `Fleet`, and each knows only those that
/// stand before it.
class ControlPlane {
public:
    ControlPlane(const Scenario& scenario, const RunOptions& options, Kernel& kernel, Recorder& recorder,
                 DataPlane& data_plane);

    /// Puts the groups' first instances in service, places the services' first tasks on them, and schedules the minute
    /// and all that is known in advance.
    void start();

    /// Hands the event to the part that it is for.
    template <class What>
    void handle(const What& what) {
        if constexpr (requires { tasks_.handle(what); }) {
            tasks_.handle(what);
        } else if constexpr (requires { services_.handle(what); }) {
            services_.handle(what);
        } else if constexpr (requires { task_runs_.handle(what); }) {
            task_runs_.handle(what);
        } else if constexpr (requires { groups_.handle(what); }) {
            groups_.handle(what);
        } else if constexpr (requires { loops_.handle(what); }) {
            loops_.handle(what);
        } else if constexpr (requires { task_explanations_.handle(what); }) {
            task_explanations_.handle(what);
        } else {
            faults_.handle(what);
        }
    }
    void handle(event::EvaluateAlarms);
    void handle(event::CloseMinute);

    /// Instance hours, launches, the bill and the explanations, once the recorder has reported.
    void report(des::Time end, Result& result);

private:
    void schedule_close(des::Time at);
    void report_fargate(des::Time end, Result& result);

    Fleet fleet_;
    Tasks tasks_;
    Services services_;
    TaskRuns task_runs_;
    Groups groups_;
    ScalingLoops loops_;
    Faults faults_;
    TaskExplanations task_explanations_;
};

}  // namespace fleetsim::sim
