#include <cstddef>
#include <ctime>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include <benchmark/benchmark.h>

#include "placement/fleet.hpp"
#include "placement/ours.hpp"
#include "placement/scans.hpp"

/// Nanoseconds to end a task and to place another, in steady churn: the placer against loops over all rooms that decide
/// the same.
namespace fleetsim::bench {
namespace {

/// A loaded fleet, made when it is first asked for and then kept: the same for all contenders.
template <class Chain>
class World {
public:
    World(std::size_t instances, std::size_t shapes) : fleet_(fleet(instances, shapes)) {}

    [[nodiscard]] const Fleet& empty() const { return fleet_; }
    [[nodiscard]] const std::vector<Placed>& tasks() {
        if (tasks_.empty()) tasks_ = filled<WholePlacer<Chain>>(fleet_);
        return tasks_;
    }

private:
    Fleet fleet_;
    std::vector<Placed> tasks_;
};

/// The name of the chain's cases, of its world and of each contender.
template <class Chain, class... Contenders>
void register_churn(const std::string& chain, std::size_t instances, std::size_t shapes) {
    const auto world = std::make_shared<World<Chain>>(instances, shapes);
    const auto add = [&]<class Contender>(std::type_identity<Contender>) {
        const std::string name =
            chain + "/" + std::to_string(instances) + "x" + std::to_string(shapes) + "/" + std::string{Contender::name};
        benchmark::RegisterBenchmark(name.c_str(), [world](benchmark::State& state) {
            Churn<Contender> churn{world->empty(), world->tasks()};
            // As many for all, so that the same decisions have the same fingerprint.
            churn.run(500);
            state.counters["result"] = churn.result();
            constexpr benchmark::IterationCount batch = 50;
            while (state.KeepRunningBatch(batch)) churn.run(batch);
        });
    };
    (add(std::type_identity<Contenders>{}), ...);
}

/// Seconds that this thread has had a processor.
double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Nanoseconds a copy for a burst of 1,000 copies of one task, placed together or one by one; that they are taken away
/// again is not timed.
void register_burst(std::size_t instances, bool together) {
    const auto world = std::make_shared<World<Binpack>>(instances, 30);
    const std::string name =
        "burst/" + std::to_string(instances) + "x30/" + (together ? "placer" : "placer_one_by_one");
    const auto burst = [world, together](benchmark::State& state) {
        constexpr std::uint32_t copies = 1000;
        Churn<WholePlacer<Binpack>> churn{world->empty(), world->tasks()};
        auto& placer = churn.contender();
        std::uint32_t shape = 0;
        while (state.KeepRunningBatch(copies)) {
            shape = (shape + 1) % 30;
            const double start = cpu_seconds();
            std::vector<placement::RoomId> placed;
            if (together) {
                placed = placer.burst(shape, copies);
            } else {
                for (std::int64_t room; placed.size() < copies && (room = placer.find(shape)) >= 0;) {
                    placed.push_back(placement::RoomId{static_cast<std::uint32_t>(room)});
                    placer.take(placed.back().value, shape);
                }
            }
            state.SetIterationTime(cpu_seconds() - start);
            for (const placement::RoomId room : placed) placer.give_back(room.value, shape);
            churn.run(2000);
        }
    };
    benchmark::RegisterBenchmark(name.c_str(), burst)->UseManualTime();
}

const int registered = [] {
    for (const std::size_t instances : {1'000U, 10'000U, 100'000U}) {
        register_churn<Binpack, WholePlacer<Binpack>, IndexAlone, SimdScan, StructScan>("binpack", instances, 30);
    }
    register_churn<ZoneBinpack, WholePlacer<ZoneBinpack>, ZoneScan>("zone_binpack", 100'000, 30);
    register_churn<DefaultChain, WholePlacer<DefaultChain>, DefaultScan<false>, DefaultScan<true>>("default_chain",
                                                                                                   100'000, 300);
    for (const std::size_t instances : {10'000U, 100'000U}) {
        register_burst(instances, true);
        register_burst(instances, false);
    }
    return 0;
}();

}  // namespace
}  // namespace fleetsim::bench
