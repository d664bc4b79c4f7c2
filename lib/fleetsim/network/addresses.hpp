#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace fleetsim::network {

/// Somebody who needs addresses, each from any of these subnets (positions in a list).
struct AddressNeed {
    std::int64_t addresses = 0;
    std::vector<std::size_t> subnets;  ///< Without repetitions.
};

/// Needs that can be met from these subnets only, or from those of a shortage before, and that together exceed them.
struct AddressShortage {
    std::vector<std::size_t> subnets;  ///< Ascending, like the next.
    std::vector<std::size_t> needs;
    std::int64_t needed = 0;
    std::int64_t usable = 0;
    friend bool operator==(const AddressShortage&, const AddressShortage&) = default;
};

/// What falls to the fullest of `parts` when a total is spread evenly.
[[nodiscard]] constexpr std::int64_t even_share(std::int64_t total, std::int64_t parts) {
    return (total + parts - 1) / parts;
}

namespace detail {

/// Gives out addresses to one need after the other. What was given before moves to another subnet where that makes
/// room: a flow from needs to subnets.
class AddressFlow {
public:
    AddressFlow(std::span<const std::int64_t> usable, std::span<const AddressNeed> needs)
        : needs_(needs), left_(usable.begin(), usable.end()), holders_(usable.size()), closed_(usable.size(), false) {
        for (std::size_t need = 0; need < needs.size(); ++need) {
            given_.emplace_back(needs[need].subnets.size(), 0);
            for (std::size_t i = 0; i < needs[need].subnets.size(); ++i) {
                holders_[needs[need].subnets[i]].push_back({need, i});
            }
        }
    }

    /// False when the need cannot be met beside those before it; the search then reached whatever is short.
    [[nodiscard]] bool meet(std::size_t need) {
        std::int64_t missing = needs_[need].addresses;
        while (missing > 0) {
            const std::size_t subnet = search(need);
            if (subnet == nothing) return false;
            missing -= give(need, subnet, missing);
        }
        return true;
    }

    /// The subnets that the last search reached give out nothing any more.
    [[nodiscard]] std::vector<std::size_t> close_reached() {
        std::vector<std::size_t> subnets;
        for (std::size_t subnet = 0; subnet < came_from_.size(); ++subnet) {
            if (came_from_[subnet].need == nothing) continue;
            subnets.push_back(subnet);
            closed_[subnet] = true;
        }
        return subnets;
    }

    [[nodiscard]] bool closed(std::size_t subnet) const { return closed_[subnet]; }

private:
    static constexpr std::size_t nothing = std::numeric_limits<std::size_t>::max();

    /// One of a need's subnets.
    struct Link {
        std::size_t need = nothing;
        std::size_t at = 0;  ///< Position among the need's subnets.
    };

    /// A subnet with an address left for the need, if others move; nothing if there is none. Shortest way first.
    [[nodiscard]] std::size_t search(std::size_t start) {
        came_from_.assign(left_.size(), {});
        moves_.assign(needs_.size(), {});
        std::vector<bool> reached(needs_.size(), false);
        std::vector<std::size_t> queue{start};
        reached[start] = true;
        for (std::size_t next = 0; next < queue.size(); ++next) {
            const std::size_t need = queue[next];
            for (std::size_t i = 0; i < needs_[need].subnets.size(); ++i) {
                const std::size_t subnet = needs_[need].subnets[i];
                if (closed_[subnet] || came_from_[subnet].need != nothing) continue;
                came_from_[subnet] = {need, i};
                if (left_[subnet] > 0) return subnet;
                for (const Link& holder : holders_[subnet]) {
                    if (reached[holder.need] || given_[holder.need][holder.at] == 0) continue;
                    reached[holder.need] = true;
                    moves_[holder.need] = holder;
                    queue.push_back(holder.need);
                }
            }
        }
        return nothing;
    }

    /// Gives as many of `most` addresses as can go the way that the search found; how many that were.
    std::int64_t give(std::size_t start, std::size_t end, std::int64_t most) {
        std::int64_t amount = std::min(most, left_[end]);
        for (std::size_t need = came_from_[end].need; need != start;) {
            const Link& moves = moves_[need];
            amount = std::min(amount, given_[need][moves.at]);
            need = came_from_[needs_[need].subnets[moves.at]].need;
        }
        left_[end] -= amount;
        for (std::size_t subnet = end;;) {
            const Link& to = came_from_[subnet];
            given_[to.need][to.at] += amount;
            if (to.need == start) return amount;
            given_[to.need][moves_[to.need].at] -= amount;
            subnet = needs_[to.need].subnets[moves_[to.need].at];
        }
    }

    std::span<const AddressNeed> needs_;
    std::vector<std::int64_t> left_;                ///< By subnet.
    std::vector<std::vector<std::int64_t>> given_;  ///< By need and position among its subnets.
    std::vector<std::vector<Link>> holders_;        ///< By subnet: who may hold addresses of it.
    std::vector<bool> closed_;                      ///< By subnet.
    std::vector<Link> came_from_;                   ///< By subnet: who could take of it, in the last search.
    std::vector<Link> moves_;                       ///< By need: where it would give up addresses, likewise.
};

}  // namespace detail

/// The needs that cannot all be met, however addresses are given out; none if they can. By Hall's theorem there is then
/// a set of subnets on which too many rely, and that is what is told.
///
/// Costs a search over needs and subnets for every move; short where most subnets have room.
[[nodiscard]] inline std::vector<AddressShortage> address_shortages(std::span<const std::int64_t> usable,
                                                                    std::span<const AddressNeed> needs) {
    detail::AddressFlow flow(usable, needs);
    std::vector<AddressShortage> shortages;
    std::vector<bool> told(needs.size(), false);
    for (std::size_t i = 0; i < needs.size(); ++i) {
        if (told[i] || flow.meet(i)) continue;
        AddressShortage shortage;
        shortage.subnets = flow.close_reached();
        for (const std::size_t subnet : shortage.subnets) shortage.usable += usable[subnet];
        for (std::size_t need = 0; need < needs.size(); ++need) {
            const auto& subnets = needs[need].subnets;
            if (told[need] ||
                !std::all_of(subnets.begin(), subnets.end(), [&](std::size_t subnet) { return flow.closed(subnet); })) {
                continue;
            }
            told[need] = true;
            shortage.needs.push_back(need);
            shortage.needed += needs[need].addresses;
        }
        shortages.push_back(std::move(shortage));
    }
    return shortages;
}

}  // namespace fleetsim::network
