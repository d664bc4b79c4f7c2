#include <array>
#include <chrono>
#include <string>

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
      tasks_{fleet_, data_plane},
      services_{fleet_, tasks_},
      task_runs_{fleet_, tasks_},
      groups_{fleet_, tasks_},
      loops_{fleet_, services_, groups_, data_plane, options.explain},
      faults_{fleet_, tasks_, groups_, options.replication},
      task_explanations_{fleet_, data_plane, loops_, options} {}

void ControlPlane::start() {
    groups_.start();
    services_.start();
    task_runs_.start();
    faults_.start();
    loops_.start();
    task_explanations_.start();
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
    report_fargate(end, result);
    task_runs_.report(result);
    result.explanations = loops_.take_explanations();
    task_explanations_.report(result);
}

/// Tasks that go on are paid for until the end.
void ControlPlane::report_fargate(Time end, Result& result) {
    for (const Task& task : fleet_.tasks) {
        if (task.paid_since) fleet_.add_fargate_usage(task, end);
    }
    constexpr std::array<std::string_view, 4> kinds{"fargate", "fargate_spot", "fargate_arm64", "fargate_spot_arm64"};
    for (const TaskGroup& group : fleet_.task_groups) {
        for (std::size_t i = 0; i < group.fargate.size(); ++i) {
            const cloud::FargateUsage& usage = group.fargate[i];
            if (usage.mib_seconds == 0) continue;
            const std::string kind{kinds[i]};
            const cloud::FargatePrice price = cloud::fargate_price(i < 2 ? "x86_64" : "arm64", i % 2 == 1);
            result.cost_items.push_back({group.resource, kind + "_vcpu", usage.vcpu_hours(), "vcpu-hour",
                                         usage.vcpu_hours() * price.usd_per_vcpu_hour});
            result.cost_items.push_back({group.resource, kind + "_memory", usage.gb_hours(), "gb-hour",
                                         usage.gb_hours() * price.usd_per_gb_hour});
        }
    }
}

}  // namespace fleetsim::sim
