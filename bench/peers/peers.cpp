// The event queue against the queues and kernels of other projects, in the loops of workloads.hpp. Which of them are in
// is decided when the build is configured, and told among the context of every run.

#include <cstddef>
#include <string>

#include <benchmark/benchmark.h>
#include <boost/version.hpp>

#include "des/engines.hpp"
#include "des/register.hpp"
#include "peers/boost_heap.hpp"
#ifdef FLEETSIM_BENCH_NS3
#include "peers/ns3.hpp"
#endif
#ifdef FLEETSIM_BENCH_SIMGRID
#include "peers/simgrid.hpp"
#endif

namespace {

using namespace fleetsim::bench;

template <class Engine>
void register_all() {
    for (const std::size_t pending : {1'000U, 100'000U, 1'000'000U}) register_hold<Engine>("exponential", pending);
    register_models<Engine>();
}

void register_ns3(std::string& peers) {
#ifdef FLEETSIM_BENCH_NS3
    register_all<Ns3<Ns3Map>>();
    register_all<Ns3<Ns3Heap>>();
    register_all<Ns3<Ns3PriorityQueue>>();
    register_all<Ns3<Ns3Calendar>>();
    peers += ", " + ns3_version();
#else
    peers += ", no ns-3";
#endif
}

void register_simgrid(std::string& peers) {
#ifdef FLEETSIM_BENCH_SIMGRID
    register_all<SimGrid>();
    peers += ", " + simgrid_version();
#else
    peers += ", no SimGrid";
#endif
}

const bool registered = [] {
    register_all<Kernel>();
    register_all<QueueEngine<StdPriorityQueue>>();
    register_all<QueueEngine<StdPriorityQueueWithoutBranch>>();
    register_all<QueueEngine<StdMultimap>>();
    register_all<QueueEngine<BoostFourAryHeap>>();
    register_all<QueueEngine<BoostPairingHeap>>();
    register_all<QueueEngine<BoostFibonacciHeap>>();
    std::string peers =
        "Boost " + std::to_string(BOOST_VERSION / 100'000) + "." + std::to_string(BOOST_VERSION / 100 % 1000);
    register_ns3(peers);
    register_simgrid(peers);
    benchmark::AddCustomContext("peers", peers);
    return true;
}();

}  // namespace
