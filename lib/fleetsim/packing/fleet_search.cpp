#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/pick.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/fleet_search.hpp>
#include <fleetsim/packing/fleet_state.hpp>

namespace fleetsim::packing {

namespace {

/// What a task of the kind is worth: mostly what the relaxation says, but never nothing, so that kinds which fit into
/// gaps of the relaxation count as well.
std::vector<double> worths(const CoverProblem& problem, const CoverBound& relaxation) {
    std::vector<double> worth;
    for (std::size_t kind = 0; kind < problem.kinds(); ++kind) {
        double alone = std::numeric_limits<double>::max();
        for (const CoverProblem::Container& container : problem.containers) {
            std::int64_t most = std::min(container.most[kind], problem.demand[kind]);
            for (std::size_t h = 0; h < problem.dimensions(); ++h) {
                const std::int64_t size = problem.sizes[kind * problem.dimensions() + h];
                if (size > 0) most = std::min(most, container.capacity[h] / size);
            }
            if (most > 0) alone = std::min(alone, static_cast<double>(container.price) / static_cast<double>(most));
        }
        const double relaxed = relaxation.kind_prices.empty() ? 0 : relaxation.kind_prices[kind];
        worth.push_back(0.9 * std::max(relaxed, 0.0) + 0.1 * alone);
    }
    return worth;
}

/// The largest part that a task of the kind takes of any dimension of the largest container.
std::vector<double> shares(const CoverProblem& problem) {
    std::vector<double> share(problem.kinds(), 0);
    for (std::size_t h = 0; h < problem.dimensions(); ++h) {
        std::int64_t capacity = 1;
        for (const CoverProblem::Container& container : problem.containers) {
            capacity = std::max(capacity, container.capacity[h]);
        }
        for (std::size_t kind = 0; kind < share.size(); ++kind) {
            const auto size = static_cast<double>(problem.sizes[kind * problem.dimensions() + h]);
            share[kind] = std::max(share[kind], size / static_cast<double>(capacity));
        }
    }
    return share;
}

class Search {
public:
    Search(const FleetCover& cover, const CoverBound& relaxation, std::uint64_t seed)
        : cover_(cover),
          problem_(cover.problem),
          worth_(worths(cover.problem, relaxation)),
          share_(shares(cover.problem)),
          chance_(des::Stream{seed, 0, "fleet_mix", "search"}.sequence()),
          order_(cover.problem.kinds()) {
        std::iota(order_.begin(), order_.end(), std::size_t{0});
    }

    CoverPlan run(const CoverBound& relaxation, std::int64_t bound, std::int64_t most_work) {
        FleetState current = from_patterns(relaxation);
        complete(current);
        FleetState greedy{cover_};
        complete(greedy);
        if (greedy.price() < current.price()) current = std::move(greedy);
        shrink(current);
        FleetState best = current;
        double waste = wasted(current);
        while (work_ < most_work && best.price() > bound) {
            FleetState trial = current;
            work_ += static_cast<std::int64_t>(trial.hosts() * (problem_.kinds() + 2 * problem_.dimensions() + 4));
            destroy(trial);
            repair(trial);
            const double trial_waste = wasted(trial);
            if (trial.price() > current.price()) continue;
            if (trial.price() == current.price() && trial_waste < waste) continue;
            current = std::move(trial);
            waste = trial_waste;
            if (current.price() < best.price()) best = current;
        }
        shrink(best);
        return best.plan();
    }

private:
    std::size_t pick(std::size_t count) { return des::picked(chance_.unit(), count); }

    /// The patterns that the relaxation uses, as often as it uses them wholly.
    FleetState from_patterns(const CoverBound& relaxation) {
        FleetState state{cover_};
        for (const CoverBound::Column& column : relaxation.columns) {
            for (double copies = std::floor(column.amount + 1e-6); copies >= 1; copies -= 1) {
                if (!add_pattern(state, column)) break;
            }
        }
        return state;
    }

    /// One instance with the pattern, in the zone that can use most of it; false when nothing of it is left to do.
    bool add_pattern(FleetState& state, const CoverBound::Column& column) {
        double most = 0;
        std::int32_t best = 0;
        for (std::int32_t zone = 0; zone < cover_.zones; ++zone) {
            double worth = 0;
            for (const Portion& portion : column.pattern) {
                const auto count = std::min<std::int64_t>(portion.count, state.open(portion.kind, zone));
                worth += worth_[portion.kind] * static_cast<double>(count);
            }
            if (worth <= most) continue;
            most = worth;
            best = zone;
        }
        if (most < 0.9 * static_cast<double>(problem_.containers[column.container].price)) return false;
        const std::size_t host = state.add_host(static_cast<std::uint32_t>(column.container), best);
        for (const Portion& portion : column.pattern) {
            const auto count = std::min<std::int64_t>(portion.count, state.open(portion.kind, best));
            if (count > 0) state.put(portion.kind, host, count);
        }
        return true;
    }

    /// New instances until everything is placed.
    void complete(FleetState& state) {
        insert(state);
        while (!state.complete()) open_best(state);
    }

    /// Fills an instance of each type in each zone on trial, and keeps the one that holds most for its price.
    void open_best(FleetState& state) {
        shuffle_order();
        const std::size_t many = state.hosts();
        std::optional<std::pair<std::uint32_t, std::int32_t>> best;
        double best_score = -1;
        for (const std::int32_t zone : useful_zones(state)) {
            for (std::uint32_t c = 0; c < problem_.containers.size(); ++c) {
                const std::size_t host = state.add_host(c, zone);
                double worth = 0;
                for (const std::size_t kind : order_)
                    worth += worth_[kind] * static_cast<double>(state.fill(kind, host));
                state.remove_host(host);
                // A little chance, so that repairs differ.
                const double score =
                    worth / static_cast<double>(problem_.containers[c].price) * (1 - 0.2 * chance_.unit());
                if (worth <= 0 || score <= best_score) continue;
                best_score = score;
                best = {c, zone};
            }
        }
        work_ += static_cast<std::int64_t>(problem_.containers.size() * problem_.kinds() *
                                           (10 + 2 * problem_.dimensions()) * static_cast<std::size_t>(cover_.zones));
        FLEETSIM_CHECK(best);
        const std::size_t host = state.add_host(best->first, best->second);
        for (const std::size_t kind : order_) state.fill(kind, host);
        shrink_host(state, host);
        FLEETSIM_CHECK(state.hosts() == many + 1);
    }

    /// Zones that differ for what is left: all where something is spread, else the one with the fewest instances.
    std::vector<std::int32_t> useful_zones(const FleetState& state) const {
        std::vector<std::int64_t> hosts(static_cast<std::size_t>(cover_.zones), 0);
        for (std::size_t host = 0; host < state.hosts(); ++host) ++hosts[static_cast<std::size_t>(state.zone(host))];
        std::vector<std::int32_t> zones(hosts.size());
        std::iota(zones.begin(), zones.end(), 0);
        bool spread = false;
        for (std::size_t kind = 0; kind < problem_.kinds(); ++kind)
            spread |= cover_.spread[kind] && state.left(kind) > 0;
        if (spread) return zones;
        return {static_cast<std::int32_t>(std::min_element(hosts.begin(), hosts.end()) - hosts.begin())};
    }

    /// An order of kinds for filling: by size, by worth for their size, or by chance.
    void shuffle_order() {
        const double way = chance_.unit();
        std::vector<std::pair<double, std::size_t>> keyed;
        for (std::size_t kind = 0; kind < problem_.kinds(); ++kind) {
            const double noise = 0.5 + chance_.unit();
            const double size = share_[kind];
            const double key = way < 0.4 ? size * noise : way < 0.7 ? worth_[kind] / (size + 1e-9) * noise : noise;
            keyed.emplace_back(-key, kind);
        }
        std::sort(keyed.begin(), keyed.end());
        for (std::size_t i = 0; i < keyed.size(); ++i) order_[i] = keyed[i].second;
    }

    /// Takes a few instances away: the first by chance among the worst used, the others anywhere.
    void destroy(FleetState& state) {
        std::size_t count = 1 + pick(std::min<std::size_t>(state.hosts(), 6));
        while (count-- > 0 && state.hosts() > 0) {
            std::size_t host = pick(state.hosts());
            for (int other = 0; other < 2; ++other) {
                const std::size_t rival = pick(state.hosts());
                if (slack(state, rival) > slack(state, host)) host = rival;
            }
            state.remove_host(host);
        }
    }

    /// What is left goes into free room first (mostly), then to new instances.
    void repair(FleetState& state) {
        if (chance_.unit() < 0.8) insert(state);
        while (!state.complete()) {
            open_best(state);
            if (chance_.unit() < 0.3) insert(state);
        }
    }

    /// Puts what is left on instances that have room, looking at them from a random one on.
    void insert(FleetState& state) {
        if (state.hosts() == 0 || state.complete()) return;
        shuffle_order();
        const std::size_t first = pick(state.hosts());
        for (const std::size_t kind : order_) {
            for (std::size_t i = 0; i < state.hosts() && state.left(kind) > 0; ++i) {
                state.fill(kind, (first + i) % state.hosts());
            }
            work_ += static_cast<std::int64_t>(state.hosts()) * 8;
        }
    }

    /// The cheapest type that holds what is on the instance.
    void shrink_host(FleetState& state, std::size_t host) {
        for (std::uint32_t c = 0; c < problem_.containers.size(); ++c) {
            const std::int64_t now = problem_.containers[state.container(host)].price;
            if (problem_.containers[c].price < now && state.would_fit(host, c)) state.retype(host, c);
        }
    }

    /// Cheaper types where they do, and no empty instance.
    void shrink(FleetState& state) {
        for (std::size_t host = state.hosts(); host-- > 0;) {
            const auto counts = state.counts(host);
            if (std::all_of(counts.begin(), counts.end(), [](std::int32_t count) { return count == 0; })) {
                state.remove_host(host);
            } else {
                shrink_host(state, host);
            }
        }
    }

    /// What an instance costs beyond what is on it.
    [[nodiscard]] double slack(const FleetState& state, std::size_t host) const {
        double worth = 0;
        for (std::size_t kind = 0; kind < problem_.kinds(); ++kind) {
            worth += worth_[kind] * static_cast<double>(state.counts(host)[kind]);
        }
        const auto price = static_cast<double>(problem_.containers[state.container(host)].price);
        return (price - worth) / price;
    }

    /// Larger when the same waste lies on fewer instances: one badly used instance is easier to get rid of than many.
    [[nodiscard]] double wasted(const FleetState& state) const {
        double sum = 0;
        for (std::size_t host = 0; host < state.hosts(); ++host) {
            const double waste = slack(state, host);
            sum += waste * waste;
        }
        return sum;
    }

    const FleetCover& cover_;
    const CoverProblem& problem_;
    std::vector<double> worth_;  ///< By kind.
    std::vector<double> share_;  ///< By kind.
    des::Sequence chance_;
    std::vector<std::size_t> order_;
    std::int64_t work_ = 0;
};

}  // namespace

CoverPlan search_plan(const FleetCover& cover, const CoverBound& relaxation, std::int64_t bound, std::uint64_t seed,
                      std::int64_t most_work) {
    return Search{cover, relaxation, seed}.run(relaxation, bound, most_work);
}

}  // namespace fleetsim::packing
