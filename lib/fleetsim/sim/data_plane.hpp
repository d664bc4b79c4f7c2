#pragma once

#include <cstdint>
#include <vector>

#include <fleetsim/des/id.hpp>
#include <fleetsim/des/slot_pool.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/des/timer_lane.hpp>
#include <fleetsim/routing/target_set.hpp>
#include <fleetsim/serving/worker_pool.hpp>
#include <fleetsim/sim/events.hpp>
#include <fleetsim/sim/recorder.hpp>
#include <fleetsim/sim/scenario.hpp>
#include <fleetsim/traffic/arrivals.hpp>

namespace fleetsim::sim {

/// Requests from client to worker and back: users arrive, balancers choose targets, workers serve, calls nest, answers
/// or time-outs return. It knows containers only as numbers with workers; the control plane says which exist, which are
/// targets and which have died.
///
/// Cost: about two kernel events a request; no allocation once the tables have grown to the largest number in flight.
class DataPlane {
public:
    DataPlane(const Scenario& scenario, std::uint64_t replication, Kernel& kernel, Recorder& recorder);

    /// Schedules the first arrival of every source.
    void start();

    void handle(event::WorkDone done);
    void handle(event::Arrive arrival);
    void handle(event::Connect connect);
    void handle(event::Retry retry);
    void handle(event::AnswersOverdue overdue);
    void handle(event::ClientsOverdue overdue);

    // What the control plane does.

    /// A container for the task of the next id, of a service or of none. Nothing listens in it yet.
    void add_container(ServiceId service, bool green = false);
    void set_answering_from(TaskId task, des::Time from) { containers_[task].answering_from = from; }
    /// From now on its work takes longer by this factor.
    void set_slowness(TaskId task, double factor) { containers_[task].slowness = factor; }
    void set_target_state(TargetGroupId group, TaskId task, routing::TargetState state);
    [[nodiscard]] routing::TargetState target_state(TargetGroupId group, TaskId task) const {
        return targets_of(group, task).state(containers_[task].number);
    }
    /// How many of a thousand requests to the group go to its green containers.
    void set_green_share(TargetGroupId group, std::int32_t per_mille) { green_per_mille_[group] = per_mille; }
    /// The container's work counts for its service's CPU utilisation no more.
    void stop_metering(TaskId task);
    /// The process ends: whoever waits for one of its answers gets a 502.
    void kill(TaskId task);
    /// Nothing is heard from the container any more, or again: what it worked on is lost without an answer.
    void set_reachable(TaskId task, bool reachable);

    /// Requests routed to the group since the last call, also those that found no target.
    [[nodiscard]] std::uint64_t take_request_count(TargetGroupId group);
    [[nodiscard]] std::size_t healthy_targets(TargetGroupId group) const {
        return targets_[group].healthy_count() + green_targets_[group].healthy_count();
    }

    /// Tells the recorder of everything still in flight.
    void finish(des::Time end);

private:
    struct Request {
        des::Time sent;
        std::uint64_t address = 0;  ///< Of its random numbers.
        RouteId route;
        ServiceId service;
        TaskId task;
        RequestRef caller;  ///< Whose worker waits for the answer …
        UserRef user;       ///< … or which user does.
        std::uint32_t calls_made = 0;
        bool awaited = true;   ///< Somebody still wants the answer.
        bool holding = false;  ///< It is in its container's queue or with a worker.
    };
    struct User {
        des::Time first_sent;
        std::uint64_t address = 0;
        SourceId source;
        std::uint32_t attempts = 0;
    };
    struct Container {
        ServiceId service;
        serving::WorkerPool pool;
        std::int64_t working = 0;                     ///< Workers at their own work, not waiting for a call.
        des::Time answering_from = des::latest_time;  ///< Before, and once killed, it refuses connections.
        bool metered = true;
        bool reachable = true;
        std::uint32_t number = 0;  ///< In its service, as a target.
        bool green = false;        ///< It belongs to the second of its service's sets of targets.
        double slowness = 1;
    };
    struct ServiceStreams {
        des::Stream work;
        des::Stream calls;
    };
    struct Source {
        std::uint64_t address = 0;
        des::Stream backoff;
        traffic::PoissonArrivals arrivals;
        std::uint64_t users = 0;
        des::TimerLane<RequestRef> timeouts;
    };

    RequestRef send(RouteId route, std::uint64_t address, RequestRef caller, UserRef user);
    void connect(RequestRef ref, std::uint32_t attempt);
    void expect_answer(RequestRef ref);
    void begin(RequestRef ref);
    void advance(RequestRef ref);
    void finish_work(RequestRef ref, Outcome outcome);
    void settle(RequestRef ref, Outcome outcome);
    void attempt(UserRef ref);
    void answer(UserRef ref, Outcome outcome);
    void schedule_arrival(SourceId id);
    [[nodiscard]] bool awaits(RequestRef ref);
    [[nodiscard]] const routing::TargetSet& targets_of(TargetGroupId group, TaskId task) const {
        return containers_[task].green ? green_targets_[group] : targets_[group];
    }
    [[nodiscard]] routing::TargetSet& targets_of(TargetGroupId group, TaskId task) {
        return containers_[task].green ? green_targets_[group] : targets_[group];
    }
    [[nodiscard]] routing::TargetSet& chosen_targets(TargetGroupId group, std::uint64_t address);
    void drop_work(TaskId task);
    void set_working(Container& container, std::int64_t change);
    [[nodiscard]] std::vector<RequestRef> requests_in(TaskId task);

    const Scenario& scenario_;
    Kernel& kernel_;
    Recorder& recorder_;
    des::SlotPool<Request, RequestRef> requests_;
    des::SlotPool<User, UserRef> users_;
    des::Table<TaskId, Container> containers_;
    des::Table<ServiceId, ServiceStreams> streams_;
    des::Table<ServiceId, std::vector<TaskId>> containers_of_;  ///< By their numbers.
    des::Table<SourceId, Source> sources_;
    des::Table<TargetGroupId, routing::TargetSet> targets_;
    des::Table<TargetGroupId, routing::TargetSet> green_targets_;  ///< Of blue/green deployments.
    des::Table<TargetGroupId, std::int32_t> green_per_mille_;
    des::Stream colours_;  ///< By request.
    des::Table<TargetGroupId, des::TimerLane<RequestRef>> overdue_answers_;
    std::vector<std::uint64_t> request_counts_;
};

}  // namespace fleetsim::sim
