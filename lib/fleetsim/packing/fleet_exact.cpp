#include <algorithm>
#include <limits>

#include <fleetsim/des/check.hpp>
#include <fleetsim/packing/fleet_exact.hpp>

namespace fleetsim::packing {

namespace {

/// Pairs of states that may be looked at.
constexpr double most_pairs = 4e6;

constexpr std::int64_t impossible = std::numeric_limits<std::int64_t>::max() / 4;

using Counts = std::vector<std::int64_t>;

/// Numbers of each kind up to the demand, counted through in mixed radix, the first kind slowest. State 0 is nothing.
class States {
public:
    explicit States(const Counts& demand) : demand_(demand), step_(demand.size(), 1) {
        for (std::size_t kind = demand.size(); kind-- > 0;) {
            step_[kind] = count_;
            count_ *= static_cast<std::size_t>(demand[kind]) + 1;
        }
    }

    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] std::int64_t of(std::size_t state, std::size_t kind) const {
        return static_cast<std::int64_t>(state / step_[kind]) % (demand_[kind] + 1);
    }
    [[nodiscard]] Counts counts(std::size_t state) const {
        Counts counts;
        for (std::size_t kind = 0; kind < demand_.size(); ++kind) counts.push_back(of(state, kind));
        return counts;
    }
    [[nodiscard]] std::size_t number(const Counts& counts) const {
        std::size_t state = 0;
        for (std::size_t kind = 0; kind < counts.size(); ++kind) {
            state += step_[kind] * static_cast<std::size_t>(counts[kind]);
        }
        return state;
    }

    /// Calls with the number of every state between two, kind by kind.
    template <class Visit>
    void between(const Counts& least, const Counts& most, Visit&& visit) const {
        for (std::size_t kind = 0; kind < least.size(); ++kind) {
            if (least[kind] > most[kind]) return;
        }
        Counts counts = least;
        std::size_t state = number(counts);
        while (true) {
            visit(state);
            std::size_t kind = counts.size();
            while (kind > 0 && counts[kind - 1] == most[kind - 1]) {
                --kind;
                state -= step_[kind] * static_cast<std::size_t>(counts[kind] - least[kind]);
                counts[kind] = least[kind];
            }
            if (kind == 0) return;
            ++counts[kind - 1];
            state += step_[kind - 1];
        }
    }

private:
    Counts demand_;
    std::vector<std::size_t> step_;
    std::size_t count_ = 1;
};

/// The best way to a state: what it costs, and its last step.
struct Way {
    std::int64_t price = impossible;
    std::size_t step = 0;
};

class Exact {
public:
    explicit Exact(const FleetCover& cover) : cover_(cover), problem_(cover.problem), states_(problem_.demand) {
        for (std::size_t state = 0; state < states_.count(); ++state) on_one_.push_back(cheapest_container(state));
        within_zone();
    }

    CoverPlan plan() {
        std::vector<std::vector<Way>> by_zones{std::vector<Way>(states_.count())};
        by_zones[0][0] = {0, 0};
        for (std::int32_t zone = 0; zone < cover_.zones; ++zone) by_zones.push_back(with_zone(by_zones.back()));
        CoverPlan plan;
        std::size_t state = states_.count() - 1;
        FLEETSIM_CHECK(by_zones.back()[state].price < impossible);
        for (std::int32_t zone = cover_.zones; zone-- > 0;) {
            const std::size_t there = by_zones[static_cast<std::size_t>(zone) + 1][state].step;
            add_zone(zone, there, plan);
            state -= there;
        }
        return plan;
    }

private:
    struct Cheapest {
        std::int64_t price = impossible;
        std::uint32_t container = 0;
    };

    [[nodiscard]] bool holds(const CoverProblem::Container& container, const Counts& counts) const {
        for (std::size_t h = 0; h < container.capacity.size(); ++h) {
            std::int64_t used = 0;
            for (std::size_t kind = 0; kind < counts.size(); ++kind) {
                if (counts[kind] > container.most[kind]) return false;
                used += counts[kind] * problem_.sizes[kind * container.capacity.size() + h];
            }
            if (used > container.capacity[h]) return false;
        }
        return true;
    }

    [[nodiscard]] Cheapest cheapest_container(std::size_t state) const {
        const Counts counts = states_.counts(state);
        Cheapest best;
        for (std::uint32_t c = 0; c < problem_.containers.size(); ++c) {
            const CoverProblem::Container& container = problem_.containers[c];
            if (container.price < best.price && holds(container, counts)) best = {container.price, c};
        }
        return best;
    }

    /// The cheapest containers for each state: one that holds some of the first kind of it, and those for the rest.
    void within_zone() {
        zone_.assign(states_.count(), {});
        zone_[0] = {0, 0};
        for (std::size_t state = 1; state < states_.count(); ++state) {
            const Counts most = states_.counts(state);
            Counts least(most.size(), 0);
            *(least.begin() + (std::find_if(most.begin(), most.end(), [](auto n) { return n > 0; }) - most.begin())) =
                1;
            Way& way = zone_[state];
            states_.between(least, most, [&](std::size_t part) {
                const std::int64_t price = on_one_[part].price + zone_[state - part].price;
                if (price < way.price) way = {price, part};
            });
        }
    }

    /// The cheapest way to each state with one zone more. Kinds that are spread have their share there, or one more; so
    /// that all adds up, as many zones have one more as must.
    [[nodiscard]] std::vector<Way> with_zone(const std::vector<Way>& before) const {
        std::vector<Way> after(states_.count());
        for (std::size_t state = 0; state < states_.count(); ++state) {
            if (before[state].price >= impossible) continue;
            const Counts placed = states_.counts(state);
            Counts least(placed.size(), 0);
            Counts most;
            for (std::size_t kind = 0; kind < placed.size(); ++kind) {
                most.push_back(problem_.demand[kind] - placed[kind]);
                if (!cover_.spread[kind]) continue;
                least[kind] = problem_.demand[kind] / cover_.zones;
                most[kind] = std::min(most[kind], least[kind] + 1);
            }
            states_.between(least, most, [&](std::size_t there) {
                const std::int64_t price = before[state].price + zone_[there].price;
                if (price < after[state + there].price) after[state + there] = {price, there};
            });
        }
        return after;
    }

    void add_zone(std::int32_t zone, std::size_t state, CoverPlan& plan) const {
        while (state > 0) {
            const std::size_t part = zone_[state].step;
            FleetInstance instance{on_one_[part].container, zone, {}};
            const Counts counts = states_.counts(part);
            for (std::uint32_t kind = 0; kind < counts.size(); ++kind) {
                if (counts[kind] > 0) instance.tasks.push_back({kind, static_cast<std::int32_t>(counts[kind])});
            }
            plan.push_back(std::move(instance));
            state -= part;
        }
    }

    const FleetCover& cover_;
    const CoverProblem& problem_;
    States states_;
    std::vector<Cheapest> on_one_;
    std::vector<Way> zone_;
};

}  // namespace

std::optional<CoverPlan> exact_plan(const FleetCover& cover) {
    double pairs = cover.zones;
    double states = static_cast<double>(cover.problem.containers.size() * cover.problem.dimensions());
    for (const std::int64_t demand : cover.problem.demand) {
        const auto count = static_cast<double>(demand);
        pairs *= (count + 1) * (count + 2) / 2;
        states *= count + 1;
    }
    if (pairs > most_pairs || states > most_pairs) return std::nullopt;
    return Exact{cover}.plan();
}

}  // namespace fleetsim::packing
