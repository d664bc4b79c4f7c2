#include <algorithm>

#include <fleetsim/packing/balanced_allocation.hpp>
#include <fleetsim/packing/best_fit.hpp>
#include <fleetsim/packing/best_fit_cpu.hpp>
#include <fleetsim/packing/best_fit_memory.hpp>
#include <fleetsim/packing/dot_product.hpp>
#include <fleetsim/packing/fgd.hpp>
#include <fleetsim/packing/first_fit.hpp>
#include <fleetsim/packing/gpu_clustering.hpp>
#include <fleetsim/packing/gpu_packing.hpp>
#include <fleetsim/packing/largest_dot_product.hpp>
#include <fleetsim/packing/least_allocated.hpp>
#include <fleetsim/packing/lifetime_aware.hpp>
#include <fleetsim/packing/lifetime_coarse.hpp>
#include <fleetsim/packing/lifetime_learnt.hpp>
#include <fleetsim/packing/most_allocated.hpp>
#include <fleetsim/packing/next_fit.hpp>
#include <fleetsim/packing/online_registry.hpp>
#include <fleetsim/packing/random.hpp>
#include <fleetsim/packing/requested_to_capacity_ratio.hpp>
#include <fleetsim/packing/terminal_waste.hpp>
#include <fleetsim/packing/worst_fit.hpp>

namespace fleetsim::packing {

const std::vector<OnlineAlgorithm>& online_algorithms() {
    static const std::vector<OnlineAlgorithm> all{
        online_algorithm<FirstFit>(),
        online_algorithm<NextFit>(),
        online_algorithm<BestFit>(),
        online_algorithm<BestFitCpu>(),
        online_algorithm<BestFitMemory>(),
        online_algorithm<WorstFit>(),
        online_algorithm<RandomFit>(),
        online_algorithm<DotProduct>(),
        online_algorithm<LargestDotProduct>(),
        online_algorithm<LeastAllocated>(),
        online_algorithm<MostAllocated>(),
        online_algorithm<BalancedAllocation>(),
        online_algorithm<RequestedToCapacityRatio>(),
        online_algorithm<GpuPacking>(),
        online_algorithm<GpuClustering>(),
        online_algorithm<Fgd>(),
        online_algorithm<ExpectedTerminalWaste>(),
        online_algorithm<LifetimeAware>(),
        online_algorithm<LifetimeLearnt>(),
        online_algorithm<LifetimeCoarse>(),
    };
    return all;
}

const OnlineAlgorithm* find_online_algorithm(std::string_view name) {
    const auto& all = online_algorithms();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.name == name; });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace fleetsim::packing
