#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/ecs/service_scheduler.hpp>
#include <fleetsim/ecs/task_protection.hpp>
#include <fleetsim/sim/tasks.hpp>
#include <fleetsim/sim/world.hpp>

namespace fleetsim::sim {

/// ECS's service scheduler: brings services to their desired counts, one task an instance for daemons, and deploys them
/// anew. `Tasks` does what it decides.
class Services {
public:
    Services(Fleet& fleet, Tasks& tasks) : fleet_{fleet}, tasks_{tasks} {}

    /// The first tasks, healthy at once, on instances that are there already.
    void start();

    void handle(event::Reconcile reconcile);
    void handle(event::DeploymentDue due);
    void handle(event::ShiftDue due);

    void set_desired_count(ServiceId id, std::int32_t desired, ScalingRow why);

private:
    /// A service's tasks as its scheduler sees them.
    struct Roll {
        std::vector<TaskId> kept{};
        std::vector<TaskId> leaving{};
        ecs::ServiceTasks counts{};
        ecs::ProtectedTasks spared{};
        std::optional<des::Time> wake_at{};  ///< When time alone will have changed something.
    };

    [[nodiscard]] std::vector<std::int32_t> tasks_by_provider(ServiceId id, std::size_t deployment) const;
    TaskId create_task(ServiceId id, std::size_t deployment);
    [[nodiscard]] Roll roll_of(ServiceId id) const;
    [[nodiscard]] bool is_settled(ServiceId id, const Task& task) const;
    void reconcile(ServiceId id);
    void rebalance(ServiceId id, const Roll& roll);
    [[nodiscard]] bool has_room(ServiceId id, ZoneId zone) const;
    void start_tasks(ServiceId id, std::int32_t count, std::size_t deployment);
    /// How many tasks may be launched now; fewer than `wanted` ask for another look when more may.
    [[nodiscard]] std::int32_t take_launches(ServiceId id, std::int32_t wanted);
    [[nodiscard]] std::int32_t places_in_line(ServiceId id) const;
    [[nodiscard]] bool is_protected(TaskId task) const;
    void stop_kept(ServiceId id, std::vector<TaskId>& kept, std::int32_t count, bool rebalanced);
    void stop_leaving(ServiceId id, const std::vector<TaskId>& leaving, const ecs::Reconciliation& wanted);
    [[nodiscard]] TaskId choose_stop(ServiceId id, std::vector<TaskId> tasks);
    [[nodiscard]] std::vector<TaskId> in_fullest_zone(const std::vector<TaskId>& tasks) const;
    void wake_at(ServiceId id, des::Time at);

    /// A daemon service's instances, with their rooms and its tasks on them.
    struct DaemonRoll {
        std::vector<ecs::DaemonInstance> instances{};
        std::vector<placement::RoomId> rooms{};
        std::vector<TaskId> tasks{};
        std::optional<des::Time> wake_at{};
    };

    [[nodiscard]] DaemonRoll daemon_roll(ServiceId id) const;
    void reconcile_daemon(ServiceId id);
    void start_daemons(ServiceId id, const std::vector<InstanceId>& places);

    void begin_deployment(ServiceId id, std::size_t which, std::string_view how);
    [[nodiscard]] bool is_shifting(ServiceId id) const;
    void shift(ServiceId id, const Roll& roll);
    void stop_surplus(ServiceId id, std::vector<TaskId> tasks);
    void keep_blue(ServiceId id, const Roll& roll);
    void shift_traffic(ServiceId id);
    void judge_deployment(ServiceId id);
    void end_deployment(ServiceId id, const Roll& roll);
    void complete_deployment(ServiceId id);
    void deployment_row(ServiceId id, std::string reason);

    Fleet& fleet_;
    Tasks& tasks_;
};

}  // namespace fleetsim::sim
