#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <fleetsim/sim/result.hpp>
#include <fleetsim/sim/tasks.hpp>
#include <fleetsim/sim/world.hpp>

namespace fleetsim::sim {

/// RunTask: tasks that a schedule starts, that run once and that nobody starts again.
class TaskRuns {
public:
    TaskRuns(Fleet& fleet, Tasks& tasks) : fleet_{fleet}, tasks_{tasks} {}

    void start();

    void handle(event::RunTaskDue due);

    void report(Result& result) const;

private:
    void schedule_next(std::uint32_t run, std::chrono::sys_seconds after);
    void run_one(TaskGroupId id, const TaskRun& run, std::vector<std::int32_t>& started);
    [[nodiscard]] bool is_throttled(event::RunTaskDue due, const TaskRun& run);
    void told(TaskGroupId id, std::string_view event, std::string reason);

    Fleet& fleet_;
    Tasks& tasks_;
};

}  // namespace fleetsim::sim
