#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/wide_integer.hpp>
#include <fleetsim/packing/benchmark.hpp>
#include <fleetsim/packing/online_registry.hpp>
#include <fleetsim/packing/server_hours_bound.hpp>

#include "catch.hpp"
#include "made_traces.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;
using namespace std::chrono_literals;

namespace {

/// What a program of somebody else's might bring along: the last node that fits.
struct LastFit {
    static constexpr std::string_view name = "last_fit";
    [[nodiscard]] static std::optional<std::size_t> choose(std::span<const Node> nodes, const Arrival& task) {
        for (std::size_t at = nodes.size(); at-- > 0;) {
            if (fits(task.demand, nodes[at])) return at;
        }
        return std::nullopt;
    }
};
static_assert(Policy<LastFit>);

/// Demand by instant on one server, told from nothing but who was there and when.
struct Change {
    std::int64_t cpu_milli = 0;
    std::int64_t memory_mib = 0;
    int tasks = 0;
};

struct Recount {
    des::Int128 server_time_ns = 0;
    bool over_capacity = false;
};

Recount recount(const Trace& trace, const Capacity& server, const std::vector<std::int32_t>& server_of) {
    std::map<std::int32_t, std::map<des::Time, Change>> changes;
    for (std::size_t id = 0; id < trace.tasks.size(); ++id) {
        if (server_of[id] < 0) continue;
        const Task& task = trace.tasks[id];
        for (const int sign : {1, -1}) {
            const des::Time at = sign > 0 ? task.arrives : task.arrives + *task.lifetime;
            Change& change = changes[server_of[id]][at];
            change.cpu_milli += sign * task.demand.cpu_milli;
            change.memory_mib += sign * task.demand.memory_mib;
            change.tasks += sign;
        }
    }
    Recount found;
    for (const auto& [number, by_time] : changes) {
        Change used;
        des::Time last{};
        for (const auto& [at, change] : by_time) {
            if (used.tasks > 0) found.server_time_ns += (at - last).count();
            last = at;
            used.cpu_milli += change.cpu_milli;
            used.memory_mib += change.memory_mib;
            used.tasks += change.tasks;
            found.over_capacity |= used.cpu_milli > server.cpu_milli || used.memory_mib > server.memory_mib;
        }
    }
    return found;
}

double server_hours(std::string_view algorithm, const Trace& trace) {
    return find_online_algorithm(algorithm)->replay(trace, {made_server}).server_hours();
}

}  // namespace

TEST_CASE("online algorithms are found by their names") {
    std::vector<std::string> names;
    for (const OnlineAlgorithm& algorithm : online_algorithms()) {
        names.push_back(algorithm.name);
        CHECK(find_online_algorithm(algorithm.name) == &algorithm);
    }
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
    CHECK(find_online_algorithm("frist_fit") == nullptr);
}

TEST_CASE("whatever the policy no server is overfull and nobody is lost") {
    const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 4)));
    const Trace trace = made_trace(seed, 600);
    const ServerHoursBound bound = server_hours_bound(trace, made_server);
    std::int64_t too_large = 0;
    std::int64_t nothing = 0;
    for (const Task& task : trace.tasks) {
        if (task.lifetime == 0s) {
            ++nothing;
        } else if (task.demand.cpu_milli > made_server.cpu_milli) {
            ++too_large;
        }
    }
    for (const OnlineAlgorithm& algorithm : online_algorithms()) {
        CAPTURE(algorithm.name);
        const ReplayResult result = algorithm.replay(trace, {made_server, seed});
        const Recount found = recount(trace, made_server, result.server_of);
        CHECK_FALSE(found.over_capacity);
        CHECK((found.server_time_ns == result.server_time_ns));
        CHECK(result.refused == too_large);
        CHECK(result.skipped == nothing);
        CHECK(result.placed == std::ssize(trace.tasks) - too_large - nothing);
        CHECK(result.server_hours() >= bound.server_hours);
        CHECK(result.peak_servers >= bound.peak_servers);
    }
}

TEST_CASE("only a policy that is told lifetimes decides by what is yet to come") {
    const Trace trace = made_trace(7, 600);
    Trace other = trace;
    const des::Time now = trace.tasks[300].arrives;
    // Whoever still runs at that instant runs for longer. Nobody has seen it yet.
    for (Task& task : other.tasks) {
        if (task.arrives + *task.lifetime > now) *task.lifetime *= 5;
    }
    const auto decided = [&](std::vector<std::int32_t> server_of) {
        server_of.resize(300);
        return server_of;
    };
    for (const OnlineAlgorithm& algorithm : online_algorithms()) {
        CAPTURE(algorithm.name);
        const auto before = algorithm.replay(trace, {made_server, 1}).server_of;
        const auto after = algorithm.replay(other, {made_server, 1}).server_of;
        CHECK(before != after);
        CHECK((decided(before) == decided(after)) == (algorithm.name != "lifetime_aware"));
    }
}

TEST_CASE("knowing lifetimes saves server-hours") {
    const Trace trace = made_trace(static_cast<std::uint64_t>(GENERATE(range(1, 6))), 3000);
    CHECK(server_hours("lifetime_aware", trace) < server_hours("first_fit", trace));
}

TEST_CASE("where demands tell lifetimes learning them saves server-hours") {
    const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 6)));
    Trace trace = made_trace(seed, 3000);
    // Those of 2 vCPU last for nine to eleven hours, the others for 27 to 33 minutes.
    const des::Stream chance{seed, 0, "test", "lifetimes"};
    for (std::size_t id = 0; id < trace.tasks.size(); ++id) {
        const double hours = trace.tasks[id].demand.cpu_milli == 2'000 ? 10 : 0.5;
        trace.tasks[id].lifetime = des::from_seconds(3600 * hours * (0.9 + 0.2 * chance.unit(id)));
    }
    CHECK(server_hours("lifetime_learnt", trace) < server_hours("first_fit", trace));
    CHECK(server_hours("lifetime_coarse", trace) < server_hours("first_fit", trace));
}

TEST_CASE("a program adds its own policy to the table") {
    std::vector<OnlineAlgorithm> algorithms{*find_online_algorithm("first_fit"), *find_online_algorithm("random")};
    algorithms.push_back(online_algorithm<LastFit>());
    const Trace trace = made_trace(1, 300);
    BenchmarkOptions options;
    options.server = made_server;
    options.seeds = {1, 2};
    const Report report = benchmark(algorithms, trace, options);
    CHECK(report.trace == "made");
    REQUIRE(report.results.size() == 6);
    const ServerHoursBound bound = server_hours_bound(trace, made_server);
    std::vector<std::pair<std::string, std::uint64_t>> order;
    for (const Result& result : report.results) {
        order.emplace_back(result.algorithm, result.seed.value());
        CHECK(result.bound == bound.server_hours);
        CHECK(result.gap_percent == 100 * (*result.server_hours / bound.server_hours - 1));
        CHECK(result.peak_bound == bound.peak_servers);
    }
    const std::vector<std::pair<std::string, std::uint64_t>> expected{
        {"first_fit", 1}, {"first_fit", 2}, {"random", 1}, {"random", 2}, {"last_fit", 1}, {"last_fit", 2}};
    CHECK(order == expected);
    CHECK(report.results[0].server_hours == report.results[1].server_hours);
    CHECK(report.results[2].server_hours != report.results[3].server_hours);
    CHECK(report.results[0].server_hours != report.results[4].server_hours);
}

TEST_CASE("an algorithm fills a cluster as its policy does") {
    Trace trace = made_trace(1, 300);
    for (int i = 0; i < 10; ++i) trace.nodes.push_back({"", made_server});
    BenchmarkOptions options;
    options.experiment = Experiment::fill;
    options.seeds = {3};
    const std::vector<OnlineAlgorithm> algorithms{*find_online_algorithm("worst_fit"), online_algorithm<LastFit>()};
    const Report report = benchmark(algorithms, trace, options);
    REQUIRE(report.results.size() == 2);
    const ClusterRun run = fill_cluster(LastFit{}, trace, 3);
    CHECK(report.results[1].allocation_percent == run.allocation_percent);
    CHECK(report.results[1].placed == run.placed);
    CHECK(report.results[1].refused == run.refused);
    CHECK(report.results[0].allocation_percent != run.allocation_percent);
    CHECK_FALSE(report.results[0].server_hours.has_value());
    CHECK_FALSE(report.results[0].bound.has_value());
}

TEST_CASE("a fixed cluster is replayed without a bound") {
    Trace trace = made_trace(1, 300);
    for (int i = 0; i < 3; ++i) trace.nodes.push_back({"", made_server});
    const Report report = benchmark(online_algorithms(), trace, {});
    for (const Result& result : report.results) {
        CAPTURE(result.algorithm);
        CHECK_FALSE(result.bound.has_value());
        CHECK(result.peak_servers <= 3);
        CHECK(result.refused > 0);
    }
}
