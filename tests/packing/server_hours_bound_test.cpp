#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <fleetsim/packing/server_hours_bound.hpp>

#include "catch.hpp"
#include "exhaustive.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;
using namespace std::chrono_literals;
using des::Time;

namespace {

const Capacity server{.cpu_milli = 10'000, .memory_mib = 1000};

Task vm(des::Duration arrives, std::optional<des::Duration> lifetime, std::int32_t cpu_milli, std::int32_t memory_mib) {
    return {"vm", {.cpu_milli = cpu_milli, .memory_mib = memory_mib}, Time{arrives}, lifetime};
}

}  // namespace

TEST_CASE("server hours are bounded by what is present at each instant") {
    // 6 and 6 vCPU overlap for an hour and need two servers; memory of 900 and 900 for another hour does too.
    const Trace trace{"",
                      {vm(0h, 2h, 6000, 100), vm(1h, 2h, 6000, 100), vm(10h, 1h, 1000, 900), vm(10h, 1h, 1000, 900)}};
    const ServerHoursBound bound = server_hours_bound(trace, server);
    CHECK(bound.server_hours == 1 + 2 + 1 + 2);
    CHECK(bound.peak_servers == 2);
}

TEST_CASE("who leaves at an instant makes room for who arrives then") {
    const Trace trace{"", {vm(0h, 1h, 10'000, 1), vm(1h, 1h, 10'000, 1)}};
    const ServerHoursBound bound = server_hours_bound(trace, server);
    CHECK(bound.server_hours == 2);
    CHECK(bound.peak_servers == 1);
}

TEST_CASE("tasks of no duration and those that no server takes are left out") {
    const Trace trace{"", {vm(0h, 1h, 5000, 1), vm(0h, 0h, 10'000, 1), vm(0h, 1h, 10'001, 1), vm(0h, 1h, 1, 1001)}};
    const ServerHoursBound bound = server_hours_bound(trace, server);
    CHECK(bound.server_hours == 1);
    CHECK(bound.peak_servers == 1);
}

TEST_CASE("a task of unknown lifetime stays to the end of the trace") {
    const Trace trace{"", {vm(0h, std::nullopt, 5000, 1), vm(1h, 2h, 6000, 1)}};
    const ServerHoursBound bound = server_hours_bound(trace, server);
    CHECK(bound.server_hours == 1 + 2 * 2);
    CHECK(bound.peak_servers == 2);
    CHECK(server_hours_bound({}, server).server_hours == 0);
}

TEST_CASE("shared GPUs count by their thousandths") {
    const Capacity gpu_server{.cpu_milli = 10'000, .memory_mib = 1000, .gpus = 2, .model = 1};
    Task task = vm(0h, 1h, 1, 1);
    task.demand.gpus = 1;
    task.demand.gpu_milli = 500;
    CHECK(server_hours_bound({"", std::vector<Task>(4, task)}, gpu_server).peak_servers == 1);
    CHECK(server_hours_bound({"", std::vector<Task>(5, task)}, gpu_server).peak_servers == 2);
}

TEST_CASE("first fit never uses fewer server hours than the bound and one vm alone uses just that") {
    auto chance = des::Stream{51, 0, "server_hours", "first fit"}.sequence();
    for (int i = 0; i < 100; ++i) {
        Trace trace;
        for (int k = 0; k < 20; ++k) {
            trace.tasks.push_back(vm(std::chrono::minutes{10 * k}, std::chrono::minutes{between(chance, 1, 90)},
                                     between(chance, 1000, 9000), between(chance, 1, 900)));
        }
        // By hand: a server is on from its first arrival to its last departure since it was empty.
        std::vector<std::vector<Task>> servers;
        for (const Task& task : trace.tasks) {
            const auto takes = [&task](const std::vector<Task>& there) {
                Node node{server};
                for (const Task& other : there) {
                    if (other.arrives + *other.lifetime > task.arrives) take(other.demand, 0, node);
                }
                return fits(task.demand, node);
            };
            auto found = std::find_if(servers.begin(), servers.end(), takes);
            if (found == servers.end()) found = servers.insert(servers.end(), std::vector<Task>{});
            found->push_back(task);
        }
        des::Duration used{0};
        for (const std::vector<Task>& tasks : servers) {
            Time until{};
            for (const Task& task : tasks) {
                const Time leaves = task.arrives + *task.lifetime;
                if (leaves > until) used += leaves - std::max(until, task.arrives);
                until = std::max(until, leaves);
            }
        }
        const ServerHoursBound bound = server_hours_bound(trace, server);
        CHECK(bound.server_hours <= des::seconds(used) / 3600 * (1 + 1e-12));
        CHECK(bound.peak_servers <= static_cast<std::int64_t>(servers.size()));
        trace.tasks.resize(1);
        CHECK(server_hours_bound(trace, server).server_hours == Approx(des::seconds(*trace.tasks[0].lifetime) / 3600));
    }
}
