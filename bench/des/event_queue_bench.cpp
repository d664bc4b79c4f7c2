// The event queue against the standard one and a heap of four children a node, in the loops of workloads.hpp.
// `./dev bench peers` has more rivals and fewer cases.

#include <cstddef>

#include <benchmark/benchmark.h>

#include "des/engines.hpp"
#include "des/increments.hpp"
#include "des/register.hpp"
#include "peers/boost_heap.hpp"

namespace {

using namespace fleetsim::bench;

template <class Engine>
void register_all() {
    for (const auto name : increment_names) {
        for (std::size_t pending = 100; pending <= 1'000'000; pending *= 10) register_hold<Engine>(name, pending);
    }
    register_hold<Engine>("exponential", 10);
    register_models<Engine>();
}

const bool registered = [] {
    register_all<Kernel>();
    register_all<QueueEngine<BoostFourAryHeap>>();
    register_all<QueueEngine<StdPriorityQueue>>();
    register_all<QueueEngine<StdPriorityQueueWithoutBranch>>();
    // More would spend minutes on filling queues.
    for (const auto name : {"exponential", "fleet"}) {
        register_hold<Kernel>(name, 10'000'000);
        register_hold<QueueEngine<BoostFourAryHeap>>(name, 10'000'000);
    }
    return true;
}();

}  // namespace
