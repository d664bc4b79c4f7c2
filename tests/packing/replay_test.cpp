#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/best_fit_cpu.hpp>
#include <fleetsim/packing/first_fit.hpp>
#include <fleetsim/packing/lifetime_aware.hpp>
#include <fleetsim/packing/next_fit.hpp>
#include <fleetsim/packing/random.hpp>
#include <fleetsim/packing/replay.hpp>
#include <fleetsim/packing/worst_fit.hpp>

#include "catch.hpp"
#include "made_traces.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;
using namespace std::chrono_literals;

namespace {

constexpr Capacity ten{10'000, 1'000};

Task vm(des::Duration arrives, std::int32_t vcpu, std::optional<des::Duration> lifetime) {
    return {"", {vcpu * 1'000, 1}, des::Time{arrives}, lifetime};
}

using Servers = std::vector<std::int32_t>;

/// Predicts that everything ends two hours from now, and notes the end of server 0 whenever it is asked.
struct Noting {
    static constexpr std::string_view name = "noting";

    std::vector<des::Time>* ends;

    void began(std::uint32_t, const Demand&, des::Time) {}
    void ended(std::uint32_t, const Demand&, des::Time) {}
    [[nodiscard]] std::optional<des::Duration> time_left(const Demand&, des::Duration, des::Time) { return 2h; }
    [[nodiscard]] std::optional<std::size_t> choose(std::span<const Node> nodes, const Arrival& task) {
        if (nodes.empty()) return std::nullopt;
        ends->push_back(nodes[0].ends);
        CHECK(task.departs == task.now + 2h);
        return fits(task.demand, nodes[0]) ? std::optional<std::size_t>{0} : std::nullopt;
    }
};
static_assert(LearnsLifetimes<Noting>);

/// The same decisions the slow way: at each arrival the servers are built anew from all tasks before it, and policies
/// that do not open servers themselves see no empty one at all.
template <Policy P>
Servers replayed_by_brute_force(P policy, const Trace& trace, const ReplayOptions& options) {
    Servers server_of(trace.tasks.size(), ReplayResult::none);
    for (std::size_t id = 0; id < trace.tasks.size(); ++id) {
        const Task& task = trace.tasks[id];
        if (task.lifetime == des::Duration{0}) continue;
        std::vector<Node> all(trace.tasks.size(), Node{options.server});
        for (std::size_t other = 0; other < id; ++other) {
            const Task& before = trace.tasks[other];
            if (server_of[other] < 0 || before.arrives + *before.lifetime <= task.arrives) continue;
            Node& node = all[static_cast<std::size_t>(server_of[other])];
            take(before.demand, 0, node);
            node.ends = std::max(node.ends, before.arrives + *before.lifetime);
        }
        std::vector<Node> seen;
        std::vector<std::size_t> numbers;
        for (std::size_t at = 0; at < all.size(); ++at) {
            if (all[at].tasks == 0 && !OpensServers<P>) continue;
            seen.push_back(all[at]);
            numbers.push_back(at);
        }
        const auto draws = des::Stream{options.seed, 0, "packing", "decision"}.block(id);
        const Arrival arrival{task.demand, task.arrives, task.arrives + *task.lifetime, des::open_unit(draws[0]),
                              des::open_unit(draws[1])};
        if (const auto chosen = choose(policy, std::span<const Node>{seen}, arrival)) {
            server_of[id] = static_cast<std::int32_t>(numbers[*chosen]);
        } else if (fits(task.demand, Node{options.server})) {
            const auto empty = std::find_if(all.begin(), all.end(), [](const Node& node) { return node.tasks == 0; });
            server_of[id] = static_cast<std::int32_t>(empty - all.begin());
        }
    }
    return server_of;
}

}  // namespace

TEST_CASE("server-hours as worked out on paper") {
    // Server 0 is used from 0 h to 7 h. Server 1 is used from 1 h to 3 h by the second task, and then, since that one
    // makes room first, by the fourth until 4 h. 10 server-hours; never more than two servers at once.
    const Trace trace{"", {vm(0h, 6, 4h), vm(1h, 6, 2h), vm(2h, 4, 5h), vm(2h, 9, 0s), vm(3h, 10, 1h), vm(3h, 11, 1h)}};
    const ReplayResult result = replay(FirstFit{}, trace, {ten});
    CHECK(result.server_of == Servers{0, 1, 0, ReplayResult::none, 1, ReplayResult::none});
    CHECK(result.server_time_ns == std::chrono::nanoseconds{10h}.count());
    CHECK(result.server_hours() == 10);
    CHECK(result.peak_servers == 2);
    CHECK(result.placed == 4);
    CHECK(result.refused == 1);
    CHECK(result.skipped == 1);
}

TEST_CASE("the textbook's six items under three rules") {
    Trace trace;
    for (const int size : {4, 7, 3, 6, 5, 5}) trace.tasks.push_back(vm(0h, size, std::nullopt));
    CHECK(replay(NextFit{}, trace, {ten}).server_of == Servers{0, 1, 1, 2, 3, 3});
    CHECK(replay(FirstFit{}, trace, {ten}).server_of == Servers{0, 1, 0, 2, 3, 3});
    CHECK(replay(BestFitCpu{}, trace, {ten}).server_of == Servers{0, 1, 1, 0, 2, 2});
}

TEST_CASE("the lowest-numbered empty server is opened") {
    const Trace trace{"", {vm(0h, 9, 1h), vm(0h, 9, 9h), vm(0h, 9, 2h), vm(3h, 9, 1h), vm(3h, 9, 1h), vm(3h, 9, 1h)}};
    CHECK(replay(FirstFit{}, trace, {ten}).server_of == Servers{0, 1, 2, 0, 2, 3});
    CHECK(replay(NextFit{}, trace, {ten}).server_of == Servers{0, 1, 2, 2, 0, 3});  // It stays where it was.
}

TEST_CASE("an empty server is no choice while one in use takes the task") {
    const Trace trace{"", {vm(0h, 1, 9h), vm(0h, 10, 1h), vm(2h, 1, 1h)}};
    CHECK(replay(WorstFit{}, trace, {ten}).server_of == Servers{0, 1, 0});
}

TEST_CASE("a task that asks for nothing does not go to an empty server either") {
    Trace trace{"", {vm(0h, 10, 1h), vm(0h, 5, 9h), vm(2h, 0, 1h)}};
    trace.tasks.back().demand = {};
    CHECK(replay(FirstFit{}, trace, {ten}).server_of == Servers{0, 1, 1});
}

TEST_CASE("a fixed cluster refuses what fits nowhere and takes more when tasks have left") {
    const Trace trace{"",
                      {vm(0h, 4, 2h), vm(0h, 8, 3h), vm(1h, 3, 1h), vm(2h, 3, 1h)},
                      {{"small", {4'000, 1'000}}, {"large", {10'000, 1'000}}}};
    const ReplayResult result = replay(FirstFit{}, trace, {});
    CHECK(result.server_of == Servers{0, 1, ReplayResult::none, 0});
    CHECK(result.refused == 1);
    CHECK(result.server_hours() == 6);
}

TEST_CASE("in a fixed cluster all nodes may be chosen") {
    const Trace trace{"", {vm(0h, 1, 9h), vm(0h, 1, 9h)}, {{"", ten}, {"", ten}}};
    CHECK(replay(WorstFit{}, trace, {}).server_of == Servers{0, 1});
}

TEST_CASE("who never leaves is counted until the last that happens") {
    CHECK(replay(FirstFit{}, {"", {vm(0h, 1, std::nullopt), vm(2h, 1, 1h)}}, {ten}).server_hours() == 3);
    CHECK(replay(FirstFit{}, {"", {vm(0h, 1, std::nullopt), vm(2h, 1, std::nullopt)}}, {ten}).server_hours() == 2);
    CHECK(replay(FirstFit{}, {}, {ten}).server_hours() == 0);
}

TEST_CASE("a task that outlives its prediction is predicted anew") {
    // The first two tasks are predicted to end after 2 h and 3 h, the third after 5 h; they run for longer.
    const Trace trace{"", {vm(0h, 6, 20h), vm(1h, 1, 9h), vm(3h, 1, 9h), vm(4h, 5, 1h), vm(6h, 5, 1h), vm(7h, 5, 1h)}};
    std::vector<des::Time> ends;
    CHECK(replay(Noting{&ends}, trace, {ten}).server_of == Servers{0, 0, 0, 1, 1, 1});
    // Asked at 1 h, 3 h (when 3 h have just passed), 4 h, 6 h (when 5 h have passed) and 7 h.
    CHECK(ends == std::vector<des::Time>{des::Time{2h}, des::Time{5h}, des::Time{5h}, des::Time{8h}, des::Time{8h}});
}

TEST_CASE("tasks share a GPU of the server or have whole ones") {
    const Capacity two_gpus{10'000, 1'000, 2, 1};
    const auto asks = [](std::int32_t gpus, std::int32_t gpu_milli) {
        return Task{"", {1'000, 1, gpus, gpu_milli}, des::Time{}, 1h};
    };
    const Trace trace{"", {asks(1, 600), asks(1, 600), asks(1, 400), asks(1, 500), asks(2, 1000), asks(3, 1000)}};
    const ReplayResult result = replay(FirstFit{}, trace, {two_gpus});
    // Of the devices of server 0 the third task takes the rest of one, so that nothing of 500 is left on either.
    CHECK(result.server_of == Servers{0, 0, 0, 1, 2, ReplayResult::none});
}

TEST_CASE("a replay decides as one that looks at everything anew") {
    const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 6)));
    const Trace trace = made_trace(seed, 250);
    const ReplayOptions options{made_server, seed};
    CHECK(replay(FirstFit{}, trace, options).server_of == replayed_by_brute_force(FirstFit{}, trace, options));
    CHECK(replay(NextFit{}, trace, options).server_of == replayed_by_brute_force(NextFit{}, trace, options));
    CHECK(replay(BestFitCpu{}, trace, options).server_of == replayed_by_brute_force(BestFitCpu{}, trace, options));
    CHECK(replay(WorstFit{}, trace, options).server_of == replayed_by_brute_force(WorstFit{}, trace, options));
    CHECK(replay(RandomFit{}, trace, options).server_of == replayed_by_brute_force(RandomFit{}, trace, options));
    CHECK(replay(LifetimeAware{}, trace, options).server_of ==
          replayed_by_brute_force(LifetimeAware{}, trace, options));
}
