#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// Next Fit: the node used last; when that does not take the task, the lowest-numbered empty one. Only where no empty
/// one takes it either, in a fixed cluster, the next node by number that does, round the cluster.
///
/// Source: D. S. Johnson, "Fast Algorithms for Bin Packing" (1974), which has a new bin for every task that the last
/// one does not take.
class NextFit {
public:
    static constexpr std::string_view name = "next_fit";
    static constexpr bool opens_servers = true;

    [[nodiscard]] std::optional<std::size_t> choose(std::span<const Node> nodes, const Arrival& task) {
        std::optional<std::size_t> empty;
        std::optional<std::size_t> next;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const std::size_t at = (last_ + i) % nodes.size();
            if (!fits(task.demand, nodes[at])) continue;
            if (i == 0) return at;
            if (!next) next = at;
            if (nodes[at].tasks == 0 && (!empty || at < *empty)) empty = at;
        }
        if (empty) next = empty;
        if (next) last_ = *next;
        return next;
    }

private:
    std::size_t last_ = 0;
};
static_assert(Policy<NextFit>);

}  // namespace fleetsim::packing
