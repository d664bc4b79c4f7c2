// An offline algorithm of one's own beside some of the library's: all tasks are known beforehand, and go into as few
// servers as possible. Prints the table of `fleetsim pack`, in which the last row is the algorithm of this file.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/any_fit.hpp>
#include <fleetsim/packing/offline_benchmark.hpp>
#include <fleetsim/packing/offline_registry.hpp>
#include <fleetsim/report/pack.hpp>

using namespace fleetsim;

namespace {

/// First Fit, the largest area first: CPU times memory, and of equals the one that stands first.
packing::Bins ffd_area(const packing::Items& items, const packing::OfflineOptions&) {
    const auto area = [&](std::uint32_t item) { return std::int64_t{items.size_of(item)[0]} * items.size_of(item)[1]; };
    packing::Order order = packing::as_given(items);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return area(a) > area(b); });
    return packing::first_fit(items, order);
}

/// Tasks that ask for up to a third of a server's vCPUs and, as it may be, of its GiB.
packing::Items tasks() {
    const des::Stream chance{42, 0, "tasks", "sizes"};  // Seed, replication, who, what for.
    packing::Items items{"a thousand tasks", {96, 384}, {}};
    for (std::uint64_t task = 0; task < 1000; ++task) {
        des::Draws draws = chance.draws(task);
        for (const std::int32_t capacity : items.capacity) {
            items.sizes.push_back(1 + static_cast<std::int32_t>(draws.unit() * capacity / 3));
        }
    }
    return items;
}

}  // namespace

int main() {
    std::vector<packing::OfflineAlgorithm> algorithms;
    for (const std::string_view name : {"first_fit", "ffd_l1_avg", "ffd_l2_avg", "bcs_dp1_avg", "destroy_and_repair"}) {
        algorithms.push_back(*packing::offline_algorithm(name));
    }
    algorithms.push_back({"ffd_area", ffd_area});
    const packing::Items items = tasks();
    // Every packing is verified, and held against a lower bound.
    const packing::Report report{items.name, packing::offline_benchmark(algorithms, items, {})};
    std::fputs(report::pack_text(report).c_str(), stdout);
}
