// A placement policy of one's own beside all that the library has: virtual machines come and go, and an empty server
// costs nothing. Prints the table of `fleetsim pack`, in which the last row is the policy of this file.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

#include <fleetsim/des/law.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/packing/benchmark.hpp>
#include <fleetsim/packing/online_registry.hpp>
#include <fleetsim/report/pack.hpp>

using namespace fleetsim;

namespace {

/// Best Fit on what is left most of: the server on which, once it has the task, the larger of the two fractions left,
/// of CPU and of memory, is smallest. (The library's `best_fit` looks at their sum.)
struct BestFitLinf {
    static constexpr std::string_view name = "best_fit_linf";
    static constexpr bool timeless = true;  // A score hangs on nothing but the task and what the server has.

    /// Asked only of servers that fit; the largest wins, and of equals the first.
    [[nodiscard]] static double score(const packing::Node& server, const packing::Arrival& task) {
        const double cpu_left = server.cpu_milli - task.demand.cpu_milli;
        const double memory_left = server.memory_mib - task.demand.memory_mib;
        return -std::max(cpu_left / server.capacity.cpu_milli, memory_left / server.capacity.memory_mib);
    }
};
static_assert(packing::ScoringPolicy<BestFitLinf>);

/// Machines of 1 to 16 vCPUs with 2, 4 or 8 GiB each: one a minute, each for three hours on average.
packing::Trace machines() {
    const des::Exponential gap{60};
    const des::Exponential lifetime{3 * 3600};
    const des::Stream chance{42, 0, "machines", "trace"};  // Seed, replication, who, what for.
    packing::Trace trace{"two thousand virtual machines", {}};
    des::Time now{};
    for (std::uint64_t k = 0; k < 2000; ++k) {
        des::Draws draws = chance.draws(k);
        now += des::from_seconds(sample(gap, draws));
        const std::int32_t cpus = 1 << draws.word() % 5;
        const std::int32_t memory_gib = cpus * (2 << draws.word() % 3);
        trace.tasks.push_back({"", {1000 * cpus, 1024 * memory_gib}, now, des::from_seconds(sample(lifetime, draws))});
    }
    return trace;
}

}  // namespace

int main() {
    std::vector<packing::OnlineAlgorithm> algorithms = packing::online_algorithms();
    algorithms.push_back(packing::online_algorithm<BestFitLinf>());
    packing::BenchmarkOptions options;
    options.server = {64'000, 256 * 1024};  // Thousandths of a vCPU, and MiB.
    const packing::Report report = packing::benchmark(algorithms, machines(), options);
    std::fputs(report::pack_text(report).c_str(), stdout);
}
