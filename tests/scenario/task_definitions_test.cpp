#include <chrono>
#include <cmath>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fleetsim/ecs/image_pull.hpp>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t mib = std::int64_t{1} << 20;

/// The scenario with images to name.
std::string shop() {
    return with(small_shop, "auto_scaling_groups:",
                "images:\n  base: {size: 100MiB, uncompressed_size: 300MiB}\n  web: {size: 40MiB, base: base}\n"
                "auto_scaling_groups:");
}

std::string with_task(std::string_view task) { return with(shop(), front_task, "task: " + std::string(task)); }

sim::TaskDefinition task(std::string_view text) { return good(with_task(text)).services.begin()->task; }

void check_task(std::string_view text, std::string_view message, std::string_view hint = "") {
    check({{front_task, "task: " + std::string(text), message, hint}}, shop());
}

/// A task of the containers in this list.
std::string of(std::string_view containers, std::string_view more = "") {
    return "{" + std::string(more) + "containers: [" + std::string(containers) + "]}";
}

/// What a distribution's median is.
double median(const des::Distribution& distribution) { return std::exp(std::get<des::Lognormal>(distribution).mu); }

}  // namespace

TEST_CASE("a task of one container has what its keys say") {
    const sim::TaskDefinition plain = task("{cpu: 256, memory: 512}");
    CHECK(plain.images.empty());
    CHECK(plain.container_order == 0s);
    CHECK_FALSE(plain.health_check.has_value());
    CHECK(plain.stop_timeout == 30s);
    CHECK(des::mean(plain.exit_time) == 0);
    CHECK_FALSE(plain.arm64);
    CHECK_FALSE(plain.awsvpc);
    const std::string with_all = with_task(
        "{cpu: 256, memory: 512, image: web, stop_timeout: 90, exit_time: 4s, cpu_architecture: ARM64, "
        "health_check: {interval: 10s, timeout: 3s, retries: 2, start_period: 60}}");
    const sim::TaskDefinition full = good(with(with_all, "m5.large", "m6g.large")).services.begin()->task;
    CHECK(full.images == std::vector{ecs::ImageId{1}});
    CHECK(full.stop_timeout == 90s);
    CHECK(des::mean(full.exit_time) == 4);
    CHECK(full.arm64);
    REQUIRE(full.health_check.has_value());
    CHECK(*full.health_check == ecs::ContainerHealthCheck{10s, 3s, 2, 60s});
    CHECK(*task("{cpu: 256, memory: 512, health_check: {}}").health_check == ecs::ContainerHealthCheck{});
}

TEST_CASE("what tasks take to start follows the network mode") {
    const sim::TaskDefinition bridge = task("{cpu: 256, memory: 512}");
    CHECK(des::mean(bridge.on_instance.provisioning) == 0);
    CHECK(median(bridge.on_instance.starting) == Approx(1.5));
    const sim::TaskDefinition awsvpc = task("{cpu: 256, memory: 512, network_mode: awsvpc}");
    CHECK(awsvpc.awsvpc);
    CHECK(median(awsvpc.on_instance.provisioning) == Approx(4.5));
    CHECK(median(awsvpc.on_instance.starting) == Approx(1.5));
    CHECK(median(awsvpc.on_fargate.provisioning) == Approx(14));
    CHECK(median(awsvpc.on_fargate.starting) == Approx(8));
    CHECK(median(task("{cpu: 256, memory: 512, image: web}").on_fargate.starting) == Approx(2));
    const sim::TaskDefinition told =
        good(with(small_shop, front_task, std::string(front_task) + "\n    start_time: 7s")).services.begin()->task;
    CHECK(des::mean(told.on_instance.starting) == 7);
    CHECK(des::mean(told.on_fargate.starting) == 7);
}

TEST_CASE("containers add up to what their task needs") {
    const sim::TaskDefinition sum = task(
        of("{name: app, cpu: 200, memory: 512, memory_reservation: 256, gpu: 0}, {name: log, cpu: 56, memory: 64}"));
    CHECK(sum.shape.task[placement::cpu_units] == 256);
    CHECK(sum.shape.task[placement::memory_mib] == 320);
    const sim::TaskDefinition whole =
        task(of("{name: app}, {name: log, memory_reservation: 64}", "cpu: 512, memory: 1GiB, "));
    CHECK(whole.shape.task[placement::cpu_units] == 512);
    CHECK(whole.shape.task[placement::memory_mib] == 1024);
}

TEST_CASE("ports and images and timeouts of a task are those of its containers") {
    const sim::TaskDefinition found =
        task(of("{name: app, cpu: 1, memory: 6, image: web, stop_timeout: 100, port_mappings: [{container_port: 80}, "
                "{container_port: 53, host_port: 5353, protocol: udp}]}, {name: side, memory: 6, image: base, "
                "port_mappings: [{container_port: 81, host_port: 8081}]}, {name: more, memory: 6, image: web}",
                "stop_timeout: 60, "));
    REQUIRE(found.shape.host_ports.size() == 2);
    CHECK(found.shape.host_ports[0] == placement::HostPort{5353, placement::Protocol::udp});
    CHECK(found.shape.host_ports[1] == placement::HostPort{8081, placement::Protocol::tcp});
    CHECK(found.images == std::vector{ecs::ImageId{1}, ecs::ImageId{0}});
    CHECK(found.stop_timeout == 100s);
    CHECK(task(of("{name: app, cpu: 1, memory: 6, stop_timeout: 5}", "stop_timeout: 60, ")).stop_timeout == 5s);
    CHECK(task(of("{name: app, cpu: 1, memory: 6}, {name: b, memory: 6, stop_timeout: 5}")).stop_timeout == 30s);
    const sim::TaskDefinition host =
        task(of("{name: app, cpu: 1, memory: 6, port_mappings: [{container_port: 8080}]}", "network_mode: host, "));
    REQUIRE(host.shape.host_ports.size() == 1);
    CHECK(host.shape.host_ports[0].number == 8080);
}

TEST_CASE("the health of a task is that of its first essential container with a check") {
    const sim::TaskDefinition found =
        task(of("{name: side, cpu: 1, memory: 6, essential: false, health_check: {retries: 1}}, {name: app, memory: 6, "
                "health_check: {retries: 2}}, {name: other, memory: 6, health_check: {retries: 3}}"));
    REQUIRE(found.health_check.has_value());
    CHECK(found.health_check->retries == 2);
}

TEST_CASE("a task runs once the containers that wait for others have started") {
    struct Row {
        const char* what;
        const char* containers;
        des::Duration order;
    };
    for (const Row& row : {
             Row{"nobody waits", "{name: a, cpu: 1, memory: 6}, {name: b, memory: 6}", 0s},
             Row{"for a start",
                 "{name: a, cpu: 1, memory: 6, depends_on: [{container_name: b, condition: START}]}, {name: b, "
                 "memory: 6}",
                 0s},
             Row{"for an init container",
                 "{name: a, cpu: 1, memory: 6, depends_on: [{container_name: b, condition: SUCCESS}]}, {name: b, "
                 "memory: 6, essential: false, runs_for: 20s}",
                 20s},
             Row{"for one that waits itself",
                 "{name: a, cpu: 1, memory: 6, depends_on: [{container_name: b, condition: COMPLETE}]}, {name: b, "
                 "memory: 6, essential: false, runs_for: 20s, depends_on: [{container_name: c, condition: HEALTHY}]}, "
                 "{name: c, memory: 6, health_check: {interval: 15s}}",
                 35s},
         }) {
        INFO(row.what);
        CHECK(task(of(row.containers)).container_order == row.order);
    }
}

TEST_CASE("faults of tasks") {
    check_task("{cpu: 256, memory: 512, image: §wbe}", "unknown image \"wbe\"", "did you mean web?");
    check_task("{cpu: 256, memory: 512, stop_timeout: §-1s}", "stop_timeout: expected a duration");
    check_task("{cpu: 256, memory: 512, exit_time: §fast}", "exit_time: expected");
    check_task("{cpu: 256, memory: 512, cpu_architecture: §arm64}", "cpu_architecture: expected X86_64 or ARM64",
               "did you mean ARM64?");
    check_task("{cpu: 256, memory: 512, health_check: {interval: §4s}}", "interval: expected a duration from 5s to 5m");
    check_task("{cpu: 256, memory: 512, health_check: {timeout: §61s}}", "timeout: expected a duration from 2s to 1m");
    check_task("{cpu: 256, memory: 512, health_check: {retries: §11}}",
               "retries: expected a whole number from 1 to 10");
    check_task("{cpu: 256, memory: 512, health_check: {start_period: §301}}",
               "start_period: expected a duration from 0s to 5m");
    check_task("{cpu: 256, memory: 512, health_check: {§command: x}}", "unknown key \"command\" in health_check",
               "it takes interval, timeout, retries or start_period");
}

TEST_CASE("faults of containers") {
    check_task("{containers: §app}", "containers: expected a list, found text");
    check_task("{containers: §[]}", "containers: a task has at least one essential container");
    check_task(of("§{cpu: 1, memory: 6}"), "containers item needs the key name");
    check_task(of("{name: §a b, cpu: 1, memory: 6}"), "name: expected a name of 1 to 255 letters, digits, - and _");
    check_task(of("{name: a, cpu: 1, memory: 6}, {name: §a, memory: 6}"),
               "container \"a\": another container has the name a");
    check_task(of("§{name: a, cpu: 1}"), "container \"a\": a container needs memory or a memory reservation");
    check_task(of("{name: a, cpu: 1, memory: §5}"), "container \"a\": memory is at least 6 MiB");
    check_task(
        of("{name: a, cpu: 1, memory: 64, memory_reservation: §64}"),
        "container \"a\": a memory reservation is below the memory: 64 MiB are reserved, and its memory is 64 MiB");
    check_task("{containers: §[{name: a, cpu: 1, memory: 6, essential: false}]}",
               "containers: a task has at least one essential container");
    check_task("{containers: §[{name: a, memory: 6}]}", "containers: neither they nor the task have any cpu");
    check_task(of("{name: a, cpu: 300, memory: 6}", "cpu: §256, "),
               "cpu: the containers reserve 300 CPU units, the task has 256");
    check_task(of("{name: a, memory: 600}", "cpu: 256, memory: §512, "),
               "memory: the containers reserve 600 MiB, the task has 512");
    check_task(of("{name: a, memory: 6}", "cpu: §64, "), "cpu: a task's cpu is 128 to 196608 units");
    check_task(of("{name: a, cpu: 1, memory: 6}", "§image: web, "), "image: the task's containers say that",
               "give image to one of the containers");
    check_task(of("{name: a, cpu: 1, memory: 6}", "§host_ports: [80], "), "host_ports: the task's containers say that",
               "give port_mappings to one of the containers");
    check_task(of("{name: a, cpu: 1, memory: 6, §command: x}"), "unknown key \"command\" in containers item",
               "it takes name");
    check_task(of("{name: a, cpu: 1, memory: 6, runs_for: §5s}"),
               "runs_for: when an essential container ends, its task stops", "essential: false");
    std::string eleven = "{name: c0, cpu: 1, memory: 6}";
    for (int i = 1; i < 11; ++i) eleven += ", {name: c" + std::to_string(i) + ", memory: 6}";
    check_task("{containers: §[" + eleven + "]}", "containers: a task has at most 10 containers");
}

TEST_CASE("faults of port mappings") {
    const auto row = [](std::string_view mappings, std::string_view message, std::string_view hint = "") {
        check_task(of("{name: a, cpu: 1, memory: 6, port_mappings: [" + std::string(mappings) + "]}"), message, hint);
    };
    row("{container_port: §0}", "container_port: expected a whole number from 1 to 65535");
    row("§{host_port: 80}", "port_mappings item needs the key container_port");
    row("{container_port: 80, host_port: §65536}", "host_port: expected a whole number from 0 to 65535");
    row("{container_port: 80, protocol: §TCP}", "protocol: expected tcp or udp", "did you mean tcp?");
    row("{container_port: 80, host_port: 8080}, §{container_port: 81, host_port: 8080}",
        "container \"a\": another mapping of the task has this port");
    row("§{container_port: 80, host_port: 51678}", "no instance can give a task port 51678/tcp: ECS reserves it",
        "are reserved");
    check_task(of("{name: a, cpu: 1, memory: 6, port_mappings: [§{container_port: 80, host_port: 81}]}",
                  "network_mode: awsvpc, "),
               "container \"a\": outside bridge mode a host port is the container's port");
}

TEST_CASE("faults of dependencies") {
    const auto row = [](std::string_view dependency, std::string_view more, std::string_view message,
                        std::string_view hint = "") {
        check_task(
            of("{name: a, cpu: 1, memory: 6, depends_on: [" + std::string(dependency) + "]}" + std::string(more)),
            message, hint);
    };
    row("{container_name: b, condition: §STARTED}", ", {name: b, memory: 6}",
        "condition: expected START, COMPLETE, SUCCESS or HEALTHY", "did you mean START?");
    row("§{container_name: b}", ", {name: b, memory: 6}", "depends_on item needs the key condition");
    row("§{container_name: c, condition: START}", "", "container \"a\": the task has no container c");
    row("§{container_name: a, condition: START}", "", "container \"a\": a container cannot depend on itself");
    row("§{container_name: b, condition: HEALTHY}", ", {name: b, memory: 6}",
        "container \"a\": HEALTHY is asked of a container without a health check: b");
    row("§{container_name: b, condition: SUCCESS}", ", {name: b, memory: 6}",
        "container \"a\": SUCCESS cannot be asked of an essential container: b");
    row("§{container_name: b, condition: COMPLETE}", ", {name: b, memory: 6, essential: false}",
        "container \"b\" never ends, and container \"a\" waits for that", "give \"b\" a runs_for");
    row("{container_name: b, condition: START}",
        ", {name: b, memory: 6, depends_on: [§{container_name: a, condition: START}]}",
        "container \"b\": containers wait for one another: a, b, a");
    check_task(
        "{containers: §[{name: a, cpu: 1, memory: 6, depends_on: [{container_name: b, condition: SUCCESS}]}, "
        "{name: b, memory: 6, essential: false, runs_for: 60s, start_timeout: 30s}]}",
        "containers: after 30s a start_timeout ends before what others wait for: no task ever runs");
}

TEST_CASE("images have their sizes and bases") {
    const sim::Scenario scenario = good(with(shop(), "images:\n", "images:\n  top/web:1.2: {size: 1GiB, base: web}\n"));
    REQUIRE(scenario.images.size() == 3);
    const ecs::Image& top = scenario.images[ecs::ImageId{0}];
    const ecs::Image& base = scenario.images[ecs::ImageId{1}];
    const ecs::Image& web = scenario.images[ecs::ImageId{2}];
    CHECK(scenario.image_names[ecs::ImageId{0}] == "top/web:1.2");
    CHECK(top.base == ecs::ImageId{2});
    CHECK(top.own_compressed_bytes == 1024 * mib);
    CHECK(top.own_uncompressed_bytes == 2560 * mib);
    CHECK_FALSE(base.base.exists());
    CHECK(base.own_uncompressed_bytes == 300 * mib);
    CHECK(web.own_compressed_bytes == 40 * mib);
    CHECK(web.own_uncompressed_bytes == 100 * mib);
}

TEST_CASE("faults of images") {
    const auto row = [](std::string_view becomes, std::string_view message, std::string_view hint = "") {
        check(
            {{"auto_scaling_groups:", "images:\n  " + std::string(becomes) + "\nauto_scaling_groups:", message, hint}});
    };
    row("§web: {}", "image \"web\" needs the key size");
    row("web: {size: §0}", "size: expected a size of at least 1MiB");
    row("web: {size: §2TiB}", "size: expected a size from 1MiB to 1TiB");
    row("web: {size: 100MiB, uncompressed_size: §99MiB}", "uncompressed_size is smaller than size");
    row("web: {size: 1MiB, base: §wbe}", "unknown image \"wbe\"", "did you mean web?");
    row("§web: {size: 1MiB, base: web}", "images are based on one another: web → web");
    row("§web: {size: 1MiB, base: python}\n  python: {size: 1MiB, base: web}",
        "images are based on one another: web → python → web");
    row("§we b: {size: 1MiB}", "\"we b\" is not an image's name");
    row("web: {size: 1MiB, §tag: x}", "unknown key \"tag\" in image \"web\"", "it takes size");
    check(
        {{"auto_scaling_groups:", "images: §[web]\nauto_scaling_groups:", "images: expected a mapping, found a list"}});
}

TEST_CASE("an Auto Scaling group pulls images as it is told") {
    const auto group = [](std::string_view keys) {
        return *good(with(small_shop, "max_size: 4", "max_size: 4\n    " + std::string(keys))).groups.begin();
    };
    CHECK(group("min_size: 0").image_pull_behavior == ecs::PullBehavior::default_);
    CHECK(group("min_size: 0").pull_bytes_per_second == ecs::instance_pull_bytes_per_second);
    CHECK(group("image_pull_behavior: prefer-cached").image_pull_behavior == ecs::PullBehavior::prefer_cached);
    CHECK(group("image_pull_bandwidth: 40MiB/s").pull_bytes_per_second == 40 * mib);
    const auto row = [](std::string_view key, std::string_view message, std::string_view hint = "") {
        check({{"max_size: 4", "max_size: 4\n    " + std::string(key), message, hint}});
    };
    row("image_pull_behavior: §cached", "image_pull_behavior: expected default, always, once or prefer-cached");
    row("image_pull_bandwidth: §40MiB", "image_pull_bandwidth: expected a bandwidth such as 150MiB/s",
        "did you mean 40MiB/s?");
    row("image_pull_bandwidth: §0/s", "image_pull_bandwidth: expected a bandwidth such as 150MiB/s");
}

TEST_CASE("a task stops as long as its containers one after the other do") {
    struct Row {
        std::string_view containers;
        std::chrono::seconds stop_timeout;
    };
    const auto rows = {
        Row{"{name: app, cpu: 1, memory: 6, stop_timeout: 20}, {name: log, memory: 6, stop_timeout: 5}", 20s},
        // Those that depend on others go first.
        Row{"{name: app, cpu: 1, memory: 6, stop_timeout: 20, depends_on: [{container_name: log, condition: START}]}, "
            "{name: log, memory: 6, stop_timeout: 5}",
            25s},
        Row{"{name: app, cpu: 1, memory: 6, depends_on: [{container_name: log, condition: START}]}, "
            "{name: log, memory: 6, depends_on: [{container_name: net, condition: START}]}, {name: net, memory: 6}",
            90s},
        // It has ended long since.
        Row{"{name: app, cpu: 1, memory: 6, stop_timeout: 20, depends_on: [{container_name: init, condition: "
            "SUCCESS}]}, "
            "{name: init, memory: 6, essential: false, runs_for: 10s}",
            20s},
    };
    for (const Row& row : rows) {
        CAPTURE(row.containers);
        CHECK(task(of(row.containers)).stop_timeout == row.stop_timeout);
    }
}
