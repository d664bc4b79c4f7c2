#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/ecs/container_order.hpp>
#include <fleetsim/ecs/task_problems.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

using namespace fleetsim;
using namespace fleetsim::ecs;
using namespace std::chrono_literals;
using des::Duration;
using enum DependencyCondition;

namespace {

using Offset = std::optional<Duration>;

ContainerDefinition container(const char* name, bool essential, std::vector<ContainerDependency> depends_on = {}) {
    ContainerDefinition made{.name = name, .memory_mib = 64, .essential = essential};
    made.depends_on = std::move(depends_on);
    made.health_check = ContainerHealthCheck{};
    return made;
}

TaskDefinition task_of(std::vector<ContainerDefinition> containers) { return {.containers = std::move(containers)}; }

/// Four containers: one below, two on top of it, and one that needs both.
TaskDefinition diamond() {
    return task_of({container("top", true, {{"left", start}, {"right", start}}),
                    container("left", true, {{"bottom", start}}), container("right", true, {{"bottom", start}}),
                    container("bottom", true)});
}

TaskDefinition with_sidecar() {
    return task_of({container("app", true, {{"proxy", healthy}}), container("proxy", true)});
}

TaskDefinition with_migration(DependencyCondition condition) {
    return task_of({container("app", true, {{"migrate", condition}}), container("migrate", false)});
}

TaskDefinition limited(TaskDefinition task, std::size_t which, Duration start_timeout) {
    task.containers[which].start_timeout = start_timeout;
    return task;
}

}  // namespace

TEST_CASE("containers start once what they depend on is as far as they ask") {
    struct Row {
        const char* what;
        TaskDefinition task;
        std::vector<ContainerTimes> times;  // to start, to exit, succeeds, to healthy
        std::vector<Offset> started;
        Offset running;
        Offset failed;
    };
    for (const Row& row : {
             Row{"alone", task_of({container("app", true)}), {{2s}}, {2s}, 2s, {}},
             Row{"side by side the slower counts, essential or not",
                 task_of({container("app", true), container("log", false)}),
                 {{2s}, {7s}},
                 {2s, 7s},
                 7s,
                 {}},
             Row{"a diamond", diamond(), {{1s}, {2s}, {5s}, {3s}}, {9s, 5s, 8s, 3s}, 9s, {}},
             Row{"a sidecar that must be healthy", with_sidecar(), {{1s}, {2s, {}, true, 30s}}, {33s, 2s}, 33s, {}},
             Row{"a sidecar that never is: the task waits for ever", with_sidecar(), {{1s}, {2s}}, {{}, 2s}, {}, {}},
             Row{"until its start timeout", limited(with_sidecar(), 1, 60s), {{1s}, {2s}}, {{}, 2s}, {}, 62s},
             Row{"healthy at the very end of its start timeout",
                 limited(with_sidecar(), 1, 60s),
                 {{1s}, {2s, {}, true, 60s}},
                 {63s, 2s},
                 63s,
                 {}},
             Row{"an essential sidecar that exits before it is healthy",
                 with_sidecar(),
                 {{1s}, {2s, 10s, true, 30s}},
                 {{}, 2s},
                 {},
                 12s},
             Row{"whichever is first: its exit",
                 limited(with_sidecar(), 1, 60s),
                 {{1s}, {2s, 10s, true, 30s}},
                 {{}, 2s},
                 {},
                 12s},
             Row{"or its start timeout",
                 limited(with_sidecar(), 1, 5s),
                 {{1s}, {2s, 10s, true, 30s}},
                 {{}, 2s},
                 {},
                 7s},
             Row{"an init container that succeeds", with_migration(success), {{1s}, {2s, 20s}}, {23s, 2s}, 23s, {}},
             Row{"one that fails", with_migration(success), {{1s}, {2s, 20s, false}}, {{}, 2s}, {}, 22s},
             Row{"one that may fail", with_migration(complete), {{1s}, {2s, 20s, false}}, {23s, 2s}, 23s, {}},
             Row{"one that takes too long",
                 limited(with_migration(complete), 1, 15s),
                 {{1s}, {2s, 20s}},
                 {{}, 2s},
                 {},
                 17s},
             Row{"a start timeout says nothing about START",
                 limited(with_migration(start), 1, 1s),
                 {{1s}, {2s, 20s}},
                 {3s, 2s},
                 3s,
                 {}},
             Row{"an essential container that exits before the other has started",
                 task_of({container("app", true), container("big", true)}),
                 {{1s, 4s}, {9s}},
                 {1s, {}},
                 {},
                 5s},
             Row{"or after: the task was running",
                 task_of({container("app", true), container("big", true)}),
                 {{1s, 8s}, {9s}},
                 {1s, 9s},
                 9s,
                 {}},
             Row{"a chain of an init container and a sidecar",
                 task_of({container("app", true, {{"init", success}, {"proxy", healthy}}), container("init", false),
                          container("proxy", true, {{"init", success}})}),
                 {{1s}, {1s, 5s}, {1s, {}, true, 10s}},
                 {18s, 1s, 7s},
                 18s,
                 {}},
         }) {
        INFO(row.what);
        REQUIRE(problems(row.task).empty());
        const TaskStart found = start_of(row.task, row.times);
        CHECK(found.started == row.started);
        CHECK(found.running == row.running);
        CHECK(found.failed == row.failed);
    }
}

TEST_CASE("containers stop in the reverse order and each has its own time") {
    struct Row {
        const char* what;
        TaskDefinition task;
        std::vector<Offset> to_exit;
        std::vector<ContainerStop> stops;  // signalled, exited, killed
        Duration total;
    };
    TaskDefinition patient = with_sidecar();
    patient.containers[0].stop_timeout = 120s;
    patient.containers[1].stop_timeout = 2s;
    for (const Row& row : {
             Row{"alone", task_of({container("app", true)}), {3s}, {{0s, 3s, false}}, 3s},
             Row{"it does not listen", task_of({container("app", true)}), {90s}, {{0s, 30s, true}}, 30s},
             Row{"exactly in time", task_of({container("app", true)}), {30s}, {{0s, 30s, false}}, 30s},
             Row{"side by side",
                 task_of({container("app", true), container("log", false)}),
                 {3s, 5s},
                 {{0s, 3s, false}, {0s, 5s, false}},
                 5s},
             Row{"the sidecar outlives the application",
                 with_sidecar(),
                 {10s, 1s},
                 {{0s, 10s, false}, {10s, 11s, false}},
                 11s},
             Row{"each with its own stop timeout", patient, {200s, 3s}, {{0s, 120s, true}, {120s, 122s, true}}, 122s},
             Row{"a diamond: top then left and right then bottom",
                 diamond(),
                 {1s, 2s, 5s, 3s},
                 {{0s, 1s, false}, {1s, 3s, false}, {1s, 6s, false}, {6s, 9s, false}},
                 9s},
             Row{"what has exited holds nobody back",
                 diamond(),
                 {{}, 2s, {}, 3s},
                 {{}, {0s, 2s, false}, {}, {2s, 5s, false}},
                 5s},
             Row{"none runs", with_migration(success), {{}, {}}, {{}, {}}, 0s},
         }) {
        INFO(row.what);
        const TaskStop found = stop_of(row.task, row.to_exit);
        CHECK(found.containers == row.stops);
        CHECK(found.total == row.total);
    }
    CHECK(stop_of(with_sidecar(), std::vector<Offset>{50s, 50s}, 40s).total == 80s);
}

TEST_CASE("in any task what depends on a container starts after it and stops before it") {
    const des::Stream chance{1, 0, "container-order", "test"};
    for (std::uint64_t world = 0; world < 5'000; ++world) {
        des::Draws draws = chance.draws(world);
        const auto whole = [&draws](int from, int to) {
            return from + static_cast<int>(draws.unit() * static_cast<double>(to - from + 1));
        };
        CAPTURE(world);
        TaskDefinition task;
        std::vector<ContainerTimes> times;
        std::vector<Offset> to_exit;
        const int size = whole(1, 10);
        for (int i = 0; i < size; ++i) {
            task.containers.push_back(container(std::to_string(i).c_str(), true));
            for (int on = 0; on < i; ++on) {
                if (whole(0, 3) > 0) continue;
                task.containers.back().depends_on.push_back({std::to_string(on), whole(0, 1) == 0 ? start : healthy});
            }
            times.push_back({std::chrono::seconds{whole(0, 20)}, {}, true, std::chrono::seconds{whole(1, 60)}});
            to_exit.push_back(std::chrono::seconds{whole(0, 60)});
        }
        const TaskStart up = start_of(task, times);
        const TaskStop down = stop_of(task, to_exit);
        REQUIRE(problems(task).empty());
        REQUIRE(up.running == *std::max_element(up.started.begin(), up.started.end()));
        for (std::size_t i = 0; i < task.containers.size(); ++i) {
            Duration ready{0};
            for (const ContainerDependency& wanted : task.containers[i].depends_on) {
                const std::size_t on = container_named(task, wanted.container_name).value();
                const Duration extra = wanted.condition == healthy ? *times[on].to_healthy : Duration{0};
                ready = std::max(ready, *up.started[on] + extra);
                REQUIRE(down.containers[i].exited <= down.containers[on].signalled);
            }
            // Nothing else holds it back.
            REQUIRE(up.started[i] == ready + times[i].to_start);
            REQUIRE(down.containers[i].exited - down.containers[i].signalled == std::min<Duration>(*to_exit[i], 30s));
            REQUIRE(down.containers[i].exited <= down.total);
        }
    }
}

TEST_CASE("containers that wait for one another are no task to start") {
    const TaskDefinition circle =
        task_of({container("a", true, {{"b", start}}), container("b", true, {{"a", healthy}})});
    REQUIRE(problems(circle).size() == 1);
    const std::vector<ContainerTimes> times(2);
    const std::vector<Offset> to_exit{1s, 1s};
    CHECK(test::aborts([&] { (void)start_of(circle, times); }));
    CHECK(test::aborts([&] { (void)stop_of(circle, to_exit); }));
}
