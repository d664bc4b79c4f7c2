#include <fleetsim/ecs/task_lifecycle.hpp>

#include "catch.hpp"

using namespace fleetsim::ecs;

TEST_CASE("a task counts for its service until it begins to end") {
    using enum TaskState;
    for (const TaskState state : {provisioning, pending, activating, running}) CHECK(desired_running(state));
    for (const TaskState state : {deactivating, stopping, deprovisioning, stopped}) CHECK_FALSE(desired_running(state));
}
