#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/cloud/registered_memory.hpp>
#include <fleetsim/ecs/task_definition.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::ecs;

namespace {

using Mib = std::optional<std::int32_t>;

ContainerDefinition container(std::int32_t cpu_units, Mib memory_mib, Mib reservation_mib = {}, std::int32_t gpus = 0) {
    return {.name = "app",
            .cpu_units = cpu_units,
            .memory_mib = memory_mib,
            .memory_reservation_mib = reservation_mib,
            .gpus = gpus};
}

std::int32_t registered_mib(const char* type) {
    cloud::InstanceType named;
    named.name = type;
    return cloud::registered_memory_mib(named);
}

}  // namespace

TEST_CASE("a task takes its own CPU and memory or else those of its containers") {
    struct Row {
        const char* what;
        TaskDefinition task;
        TaskNeeds needs;  // CPU units, MiB, GPUs, ENI slots
    };
    using enum NetworkMode;
    for (const Row& row : {
             Row{"nothing", {}, {0, 0, 0, 0}},
             Row{"one container", {bridge, {}, {}, {container(256, 512)}}, {256, 512, 0, 0}},
             Row{"the soft limit is what is reserved", {bridge, {}, {}, {container(0, 512, 128)}}, {0, 128, 0, 0}},
             Row{"the soft limit alone", {bridge, {}, {}, {container(10, {}, 300)}}, {10, 300, 0, 0}},
             Row{"each container by its own rule",
                 {host, {}, {}, {container(128, 1024, 512), container(64, 512)}},
                 {192, 1024, 0, 0}},
             Row{"the task's own memory", {bridge, {}, 2048, {container(128, 1024, 512)}}, {128, 2048, 0, 0}},
             Row{"the task's own CPU", {bridge, 512, {}, {container(128, 64), container(128, 64)}}, {512, 128, 0, 0}},
             Row{"an interface of its own", {awsvpc, 128, 64, {container(0, {})}}, {128, 64, 0, 1}},
             Row{"GPUs add up", {bridge, {}, {}, {container(0, 64, {}, 2), container(0, 64, {}, 1)}}, {0, 128, 3, 0}},
             Row{"no instance is as large",
                 {bridge, {}, {}, {container(2'000'000'000, 2'000'000'000), container(2'000'000'000, 2'000'000'000)}},
                 {2'147'483'647, 2'147'483'647, 0, 0}},
         }) {
        INFO(row.what);
        CHECK(needs(row.task) == row.needs);
    }
}

TEST_CASE("as many tasks fit as their reserved memory allows") {
    struct Row {
        const char* type;
        TaskDefinition task;
        std::int32_t fit;
    };
    for (const Row& row : {
             Row{"c4.large", {.containers = {container(0, 512, 128)}}, 29},
             Row{"c4.large", {.containers = {container(0, 512)}}, 7},
             Row{"m4.large", {.memory_mib = 8192, .containers = {container(0, {})}}, 0},
             Row{"m4.large", {.memory_mib = 7985, .containers = {container(0, {})}}, 1},
         }) {
        CAPTURE(row.type, row.fit);
        CHECK(registered_mib(row.type) / needs(row.task).memory_mib == row.fit);
    }
}

TEST_CASE("a port of the instance is taken by a fixed mapping and in host mode by any") {
    using Ports = std::vector<StaticHostPort>;
    struct Row {
        const char* what;
        NetworkMode mode;
        std::vector<PortMapping> mappings;  // container's, host's, UDP
        Ports ports;
    };
    using enum NetworkMode;
    for (const Row& row : {
             Row{"none", bridge, {}, {}},
             Row{"Docker chooses", bridge, {{8080, 0}}, {}},
             Row{"fixed", bridge, {{8080, 80}}, {{80, false}}},
             Row{"both protocols", bridge, {{53, 53}, {53, 53, true}}, {{53, false}, {53, true}}},
             Row{"host", host, {{8080, 0}, {9090, 9090, true}}, {{8080, false}, {9090, true}}},
             Row{"awsvpc", awsvpc, {{8080, 0}, {9090, 9090}}, {}},
         }) {
        INFO(row.what);
        Ports ports;
        for (const PortMapping& mapping : row.mappings) {
            if (const auto port = static_host_port(row.mode, mapping)) ports.push_back(*port);
        }
        CHECK(ports == row.ports);
    }
}
