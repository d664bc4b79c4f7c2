#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fleetsim/ecs/task_problems.hpp>

#include "catch.hpp"

using namespace fleetsim::ecs;
using namespace std::chrono_literals;
using enum NetworkMode;
using enum DependencyCondition;

namespace {

/// Two containers with which nothing is wrong; each row of a table spoils one thing.
TaskDefinition good() {
    TaskDefinition task;
    task.containers = {{.name = "app", .cpu_units = 256, .memory_mib = 512, .memory_reservation_mib = 256},
                       {.name = "log", .cpu_units = 64, .memory_mib = 64, .essential = false}};
    return task;
}

struct Expected {
    std::optional<std::size_t> container;
    TaskField field;
    const char* message;
    std::optional<std::size_t> entry = {};
};

void check(const std::vector<TaskProblem>& found, const std::vector<Expected>& expected) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        INFO(found[i].message);
        CHECK(found[i].container == expected[i].container);
        CHECK(found[i].field == expected[i].field);
        CHECK(found[i].entry == expected[i].entry);
        CHECK_THAT(found[i].message, ContainsSubstring(expected[i].message));
    }
}

struct Row {
    const char* what;
    void (*spoil)(TaskDefinition& task);
    std::vector<Expected> expected;
};

void check_rows(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        INFO(row.what);
        TaskDefinition task = good();
        row.spoil(task);
        check(problems(task), row.expected);
    }
}

}  // namespace

TEST_CASE("a task definition is refused for its sizes") {
    using enum TaskField;
    check_rows({
        {"nothing", [](auto&) {}, {}},
        {"memory is not above the reservation",
         [](auto& task) { task.containers[0].memory_reservation_mib = 512; },
         {{0, memory_reservation_mib, "is below the memory: "}}},
        {"no memory at all",
         [](auto& task) { task.containers[1].memory_mib.reset(); },
         {{1, memory_mib, "needs memory or a memory reservation"}}},
        {"but the task has some",
         [](auto& task) {
             task.memory_mib = 512;
             task.containers[1].memory_mib.reset();
         },
         {}},
        {"less than Docker accepts",
         [](auto& task) { task.containers[1].memory_mib = 5; },
         {{1, memory_mib, "at least 6 MiB"}}},
        {"6 MiB", [](auto& task) { task.containers[1].memory_mib = 6; }, {}},
        {"a reservation below 6 MiB",
         [](auto& task) { task.containers[1].memory_reservation_mib = 4; },
         {{1, memory_reservation_mib, "at least 6 MiB"}}},
        {"exactly what the containers reserve", [](auto& task) { task.memory_mib = 256 + 64; }, {}},
        {"less memory than the containers reserve",
         [](auto& task) { task.memory_mib = 256 + 63; },
         {{{}, memory_mib, "the containers reserve 320 MiB, the task has 319"}}},
        {"less CPU than the containers reserve",
         [](auto& task) { task.cpu_units = 319; },
         {{{}, cpu_units, "the containers reserve 320 CPU units, the task has 319"}}},
        {"exactly as much CPU", [](auto& task) { task.cpu_units = 320; }, {}},
        {"too little CPU for any task",
         [](auto& task) {
             task.cpu_units = 127;
             task.containers[0].cpu_units = 0;
         },
         {{{}, cpu_units, "128 to 196608"}}},
        {"too much", [](auto& task) { task.cpu_units = 196'609; }, {{{}, cpu_units, "128 to 196608"}}},
        {"a health check that is too eager",
         [](auto& task) { task.containers[1].health_check = ContainerHealthCheck{.interval = 4s}; },
         {{1, health_check, "5 to 300 s"}}},
    });
}

TEST_CASE("a task definition is refused for its containers") {
    using enum TaskField;
    check_rows({
        {"no container", [](auto& task) { task.containers.clear(); }, {{{}, containers, "at least one essential"}}},
        {"none is essential",
         [](auto& task) { task.containers[0].essential = false; },
         {{{}, containers, "at least one essential"}}},
        {"two of one name", [](auto& task) { task.containers[1].name = "app"; }, {{1, name, "the name app"}}},
        {"eleven",
         [](auto& task) {
             for (int i = 2; i < 11; ++i) {
                 task.containers.push_back(task.containers[1]);
                 task.containers.back().name += std::to_string(i);
             }
         },
         {{{}, containers, "at most 10"}}},
    });
}

TEST_CASE("a task definition is refused for its ports") {
    using enum TaskField;
    check_rows({
        {"port 0",
         [](auto& task) {
             task.containers[0].port_mappings = {{0, 80}};
         },
         {{0, port_mappings, "1 to 65535", 0}}},
        {"bridge translates",
         [](auto& task) {
             task.containers[0].port_mappings = {{8080, 80}};
         },
         {}},
        {"host does not",
         [](auto& task) {
             task.network_mode = host;
             task.containers[0].port_mappings = {{8080, 8080}, {8081, 80}};
         },
         {{0, port_mappings, "outside bridge mode", 1}}},
        {"nor awsvpc",
         [](auto& task) {
             task.network_mode = awsvpc;
             task.containers[0].port_mappings = {{8080, 80}};
         },
         {{0, port_mappings, "outside bridge mode", 0}}},
        {"the same port twice",
         [](auto& task) {
             task.containers[0].port_mappings = {{8080, 80}};
             task.containers[1].port_mappings = {{9090, 0}, {9091, 80}};
         },
         {{1, port_mappings, "another mapping", 1}}},
        {"twice in one container",
         [](auto& task) {
             task.containers[0].port_mappings = {{8080, 80}, {8081, 80}};
         },
         {{0, port_mappings, "another mapping", 1}}},
        {"another protocol",
         [](auto& task) {
             task.containers[0].port_mappings = {{53, 53}, {53, 53, true}};
         },
         {}},
        {"Docker chooses both",
         [](auto& task) {
             task.containers[0].port_mappings = {{8080, 0}};
             task.containers[1].port_mappings = {{8080, 0}};
         },
         {}},
        {"containers of awsvpc share an interface",
         [](auto& task) {
             task.network_mode = awsvpc;
             task.containers[0].port_mappings = {{8080, 0}};
             task.containers[1].port_mappings = {{8080, 8080}};
         },
         {{1, port_mappings, "another mapping", 0}}},
    });
}

TEST_CASE("a task definition is refused for its dependencies") {
    using enum TaskField;
    check_rows({
        {"an init container",
         [](auto& task) {
             task.containers[0].depends_on = {{"log", success}};
         },
         {}},
        {"an unknown one",
         [](auto& task) {
             task.containers[0].depends_on = {{"log", start}, {"logs", start}};
         },
         {{0, depends_on, "no container logs", 1}}},
        {"itself",
         [](auto& task) {
             task.containers[0].depends_on = {{"app", start}};
         },
         {{0, depends_on, "on itself", 0}}},
        {"the end of an essential container",
         [](auto& task) {
             task.containers[1].depends_on = {{"app", complete}};
         },
         {{1, depends_on, "COMPLETE cannot be asked of an essential container: app", 0}}},
        {"its success",
         [](auto& task) {
             task.containers[1].depends_on = {{"app", success}};
         },
         {{1, depends_on, "SUCCESS cannot", 0}}},
        {"health that nobody checks",
         [](auto& task) {
             task.containers[1].depends_on = {{"app", healthy}};
         },
         {{1, depends_on, "without a health check: app", 0}}},
        {"health that somebody checks",
         [](auto& task) {
             task.containers[1].depends_on = {{"app", healthy}};
             task.containers[0].health_check = ContainerHealthCheck{};
         },
         {}},
        {"a circle of two",
         [](auto& task) {
             task.containers[0].depends_on = {{"log", start}};
             task.containers[1].depends_on = {{"app", start}};
         },
         {{1, depends_on, "wait for one another: app, log, app", 0}}},
        {"a circle behind the first container and another beside it",
         [](auto& task) {
             for (const char* name : {"a", "b", "c", "d", "e"}) {
                 task.containers.push_back({.name = name, .memory_mib = 64});
             }
             task.containers[0].depends_on = {{"a", start}};
             task.containers[2].depends_on = {{"b", start}};
             task.containers[3].depends_on = {{"log", start}, {"c", start}};
             task.containers[4].depends_on = {{"a", start}};
             task.containers[5].depends_on = {{"e", start}};
             task.containers[6].depends_on = {{"d", start}};
         },
         {{4, depends_on, "a, b, c, a", 0}, {6, depends_on, "d, e, d", 0}}},
        {"two ways to one container are no circle",
         [](auto& task) {
             task.containers.push_back({.name = "a", .memory_mib = 64, .depends_on = {{"log", start}}});
             task.containers[0].depends_on = {{"log", start}, {"a", start}};
         },
         {}},
    });
}

TEST_CASE("several problems are told at once and the task's own come first") {
    using enum TaskField;
    TaskDefinition task = good();
    task.memory_mib = 5;
    task.containers[0].name = "log";
    task.containers[0].memory_reservation_mib = 600;
    check(problems(task), {{{}, memory_mib, "at least 6 MiB"},
                           {{}, memory_mib, "the containers reserve 664 MiB, the task has 5"},
                           {0, memory_reservation_mib, "below the memory"},
                           {1, name, "the name log"}});
}

TEST_CASE("Fargate refuses more than instances do") {
    using enum TaskField;
    const auto fargate = [](std::int32_t cpu_units, std::int32_t memory_mib) {
        TaskDefinition task = good();
        task.network_mode = awsvpc;
        task.cpu_units = cpu_units;
        task.memory_mib = memory_mib;
        return task;
    };
    check(fargate_problems(fargate(512, 1024)), {});
    check(fargate_problems(fargate(256, 3072)), {{{}, memory_mib, "no size 256/3072; the nearest is 512/3072"}});
    check(fargate_problems(fargate(32768, 3072)), {{{}, cpu_units, "the largest is 16384/122880"}});
    check(fargate_problems(fargate(16384, 204800)), {{{}, memory_mib, "the largest is 16384/122880"}});
    check(
        fargate_problems(good()),
        {{{}, network_mode, "awsvpc"}, {{}, cpu_units, "needs its own cpu"}, {{}, memory_mib, "needs its own memory"}});
    TaskDefinition task = fargate(512, 1024);
    task.containers[0].gpus = 1;
    task.containers[0].stop_timeout = 120s;
    task.containers[1].start_timeout = 121s;
    task.containers[1].stop_timeout = 121s;
    check(fargate_problems(task),
          {{0, gpus, "no GPUs"}, {1, start_timeout, "at most 120 s"}, {1, stop_timeout, "at most 120 s"}});
}
