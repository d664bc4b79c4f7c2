#include <algorithm>
#include <cmath>
#include <numeric>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/wide_integer.hpp>
#include <fleetsim/packing/knapsack.hpp>
#include <fleetsim/packing/linear_program.hpp>

namespace fleetsim::packing {

namespace {

/// How many of the kind an empty container takes.
std::int64_t most_alone(const Knapsack& knapsack, std::size_t kind) {
    std::int64_t most = knapsack.most[kind];
    const auto size = knapsack.size_of(kind);
    for (std::size_t h = 0; h < size.size(); ++h) {
        if (size[h] > 0) most = std::min(most, knapsack.capacity[h] / size[h]);
    }
    return most;
}

/// Kinds that are worth something and fit.
std::vector<std::uint32_t> useful_kinds(const Knapsack& knapsack) {
    std::vector<std::uint32_t> kinds;
    for (std::uint32_t kind = 0; kind < knapsack.kinds(); ++kind) {
        if (knapsack.values[kind] > 0 && most_alone(knapsack, kind) > 0) kinds.push_back(kind);
    }
    return kinds;
}

/// Prices of the dimensions by the linear relaxation, not negative; empty when there are none.
std::vector<double> dimension_prices(const Knapsack& knapsack) {
    LinearProgram program;
    for (const std::int64_t capacity : knapsack.capacity) {
        program.add_row(LinearProgram::Relation::at_most, capacity > 0 ? 1 : 0);
    }
    for (const std::uint32_t kind : useful_kinds(knapsack)) {
        std::vector<LinearProgram::Coefficient> column;
        const auto size = knapsack.size_of(kind);
        for (std::size_t h = 0; h < size.size(); ++h) {
            if (size[h] == 0) continue;
            column.push_back({h, static_cast<double>(size[h]) / static_cast<double>(knapsack.capacity[h])});
        }
        program.add_column(-static_cast<double>(knapsack.values[kind]), column,
                           static_cast<double>(most_alone(knapsack, kind)));
    }
    const auto solution = program.minimise(100'000);
    if (!solution) return {};
    std::vector<double> prices;
    for (const double dual : solution->duals) prices.push_back(std::max(0.0, -dual));
    return prices;
}

/// The search: kinds in order of value per weight, the most of each first.
class DepthFirst {
public:
    DepthFirst(const Knapsack& knapsack, std::int64_t above) : knapsack_(knapsack), best_(above) {
        const auto weigh = [&knapsack](std::span<const std::int64_t> size) {
            return std::inner_product(size.begin(), size.end(), knapsack.weights.begin(), std::int64_t{0});
        };
        for (const std::uint32_t kind : useful_kinds(knapsack)) {
            const std::int64_t weight = weigh(knapsack.size_of(kind));
            kinds_.push_back({kind, most_alone(knapsack, kind), weight, knapsack.values[kind]});
        }
        std::stable_sort(kinds_.begin(), kinds_.end(), [](const Kind& a, const Kind& b) {
            return des::Int128{a.value} * b.weight > des::Int128{b.value} * a.weight;
        });
        for (const Kind& kind : kinds_) {
            weight_before_.push_back(weight_before_.back() + kind.most * kind.weight);
            value_before_.push_back(value_before_.back() + kind.most * kind.value);
        }
        left_.assign(knapsack.capacity.begin(), knapsack.capacity.end());
        weight_left_ = weigh(left_);
    }

    /// Whether the search came to its end within the work.
    bool run(std::int64_t most_work) {
        const auto step = static_cast<std::int64_t>(10 + 2 * left_.size());
        std::size_t next = 0;
        for (work_ = 0; work_ < most_work; work_ += step) {
            if (next < kinds_.size() && value_ + estimate(next, weight_left_) > best_) {
                take(next++);
                continue;
            }
            if (next == kinds_.size() && value_ > best_) record();
            if (path_.empty()) return true;
            next = step_back();
        }
        at_most_when_stopped_ = still_possible(next);
        return false;
    }

    [[nodiscard]] KnapsackAnswer answer() && {
        return {std::max(best_, at_most_when_stopped_), std::move(found_), work_};
    }

private:
    struct Kind {
        std::uint32_t kind;
        std::int64_t most;
        std::int64_t weight;
        std::int64_t value;
    };
    struct Choice {
        std::size_t place;
        std::int64_t count;
    };

    /// No more than this can be had from the kinds at `place` and after in a container with so much weight left.
    [[nodiscard]] std::int64_t estimate(std::size_t place, std::int64_t weight_left) const {
        const std::int64_t until = weight_before_[place] + weight_left;
        const auto from = weight_before_.begin() + static_cast<std::ptrdiff_t>(place);
        const auto last = std::upper_bound(from, weight_before_.end(), until) - 1;
        const auto split = static_cast<std::size_t>(last - weight_before_.begin());
        const std::int64_t whole = value_before_[split] - value_before_[place];
        if (split == kinds_.size()) return whole;
        const auto product = des::Int128{until - *last} * kinds_[split].value;
        // Nearly always small enough for the division that processors have.
        const auto small = static_cast<std::int64_t>(product);
        if (small == product) return whole + small / kinds_[split].weight;
        return whole + static_cast<std::int64_t>(product / kinds_[split].weight);
    }

    void take(std::size_t place) {
        const Kind& kind = kinds_[place];
        const auto size = knapsack_.size_of(kind.kind);
        std::int64_t count = kind.most;
        for (std::size_t h = 0; h < size.size(); ++h) {
            if (size[h] * count > left_[h]) count = left_[h] / size[h];
        }
        if (count == 0) return;
        move(kind, count);
        path_.push_back({place, count});
    }

    void move(const Kind& kind, std::int64_t count) {
        const auto size = knapsack_.size_of(kind.kind);
        for (std::size_t h = 0; h < size.size(); ++h) left_[h] -= size[h] * count;
        weight_left_ -= kind.weight * count;
        value_ += kind.value * count;
    }

    std::size_t step_back() {
        Choice& last = path_.back();
        const std::size_t place = last.place;
        move(kinds_[place], -1);
        if (--last.count == 0) path_.pop_back();
        return place + 1;
    }

    void record() {
        best_ = value_;
        Pattern pattern;
        for (const Choice& choice : path_) {
            pattern.push_back({kinds_[choice.place].kind, static_cast<std::int32_t>(choice.count)});
        }
        found_.push_back(std::move(pattern));
    }

    /// The estimate over everything the stopped search has not seen. Later kinds are worth less per weight, so one
    /// fewer of a choice is the best of its untried counts.
    [[nodiscard]] std::int64_t still_possible(std::size_t next) const {
        std::int64_t most = value_ + estimate(next, weight_left_);
        std::int64_t value = value_;
        std::int64_t weight_left = weight_left_;
        for (std::size_t i = path_.size(); i-- > 0;) {
            const Kind& kind = kinds_[path_[i].place];
            const std::int64_t fewer_value = value - kind.value;
            const std::int64_t fewer_left = weight_left + kind.weight;
            most = std::max(most, fewer_value + estimate(path_[i].place + 1, fewer_left));
            value -= kind.value * path_[i].count;
            weight_left += kind.weight * path_[i].count;
        }
        return most;
    }

    const Knapsack& knapsack_;
    std::vector<Kind> kinds_;
    std::vector<std::int64_t> weight_before_{0};
    std::vector<std::int64_t> value_before_{0};
    std::vector<std::int64_t> left_;
    std::int64_t weight_left_ = 0;
    std::int64_t value_ = 0;
    std::int64_t best_;
    std::int64_t at_most_when_stopped_ = 0;
    std::int64_t work_ = 0;
    std::vector<Choice> path_;
    std::vector<Pattern> found_;
};

/// So many items of one kind, taken together or not at all.
struct Bundle {
    std::uint32_t kind;
    std::int64_t count;
};

/// Bundles of 1, 2, 4, … items and a rest, from which every count up to the limit can be put together.
std::vector<Bundle> bundles_of(const Knapsack& knapsack) {
    std::vector<Bundle> bundles;
    for (std::uint32_t kind = 0; kind < knapsack.kinds(); ++kind) {
        if (knapsack.values[kind] == 0) continue;
        std::int64_t rest = most_alone(knapsack, kind);
        for (std::int64_t count = 1; rest > 0; count *= 2) {
            bundles.push_back({kind, std::min(count, rest)});
            rest -= bundles.back().count;
        }
    }
    return bundles;
}

/// The best pattern of a one-dimensional knapsack by dynamic programming over the room used.
KnapsackAnswer by_room(const Knapsack& knapsack, std::span<const Bundle> bundles, std::int64_t above) {
    const auto rooms = static_cast<std::size_t>(knapsack.capacity[0]) + 1;
    std::vector<std::int64_t> best(rooms, 0);
    std::vector<bool> taken(bundles.size() * rooms, false);
    for (std::size_t b = 0; b < bundles.size(); ++b) {
        const std::int64_t value = knapsack.values[bundles[b].kind] * bundles[b].count;
        const auto size = static_cast<std::size_t>(knapsack.sizes[bundles[b].kind] * bundles[b].count);
        for (std::size_t room = rooms; room-- > size;) {
            const std::int64_t with = best[room - size] + value;
            if (with <= best[room]) continue;
            best[room] = with;
            taken[b * rooms + room] = true;
        }
    }
    KnapsackAnswer answer{std::max(above, best.back()), {}, static_cast<std::int64_t>(2 * bundles.size() * rooms)};
    if (best.back() <= above) return answer;
    Pattern pattern;
    std::size_t room = rooms - 1;
    for (std::size_t b = bundles.size(); b-- > 0;) {
        if (!taken[b * rooms + room]) continue;
        room -= static_cast<std::size_t>(knapsack.sizes[bundles[b].kind] * bundles[b].count);
        if (!pattern.empty() && pattern.back().kind == bundles[b].kind) {
            pattern.back().count += static_cast<std::int32_t>(bundles[b].count);
        } else {
            pattern.push_back({bundles[b].kind, static_cast<std::int32_t>(bundles[b].count)});
        }
    }
    answer.patterns.push_back(std::move(pattern));
    return answer;
}

}  // namespace

std::vector<std::int64_t> dimension_weights(const Knapsack& knapsack) {
    if (knapsack.dimensions() == 1) return {1};
    std::vector<double> prices = dimension_prices(knapsack);
    double total = std::accumulate(prices.begin(), prices.end(), 0.0);
    if (!(total > 0)) {
        prices.assign(knapsack.dimensions(), 1.0);
        total = static_cast<double>(prices.size());
    }
    // So heavy that rounding the weight of a dimension changes little.
    const std::int64_t largest = *std::max_element(knapsack.capacity.begin(), knapsack.capacity.end());
    const double all = std::max(0x1p30, 0x1p8 * static_cast<double>(largest));
    std::vector<std::int64_t> weights;
    for (std::size_t h = 0; h < prices.size(); ++h) {
        const auto full = static_cast<double>(std::max<std::int64_t>(knapsack.capacity[h], 1));
        weights.push_back(std::llround(all * prices[h] / total / full));
    }
    return weights;
}

KnapsackAnswer most_valuable(const Knapsack& knapsack, std::int64_t above, std::int64_t most_work) {
    std::int64_t work_by_room = 0;
    std::vector<Bundle> bundles;
    if (knapsack.dimensions() == 1) {
        bundles = bundles_of(knapsack);
        work_by_room = 2 * static_cast<std::int64_t>(bundles.size()) * (knapsack.capacity[0] + 1);
    }
    const bool can_go_by_room = work_by_room > 0 && work_by_room <= std::min<std::int64_t>(most_work, 1 << 27);
    DepthFirst search(knapsack, above);
    const bool done = search.run(can_go_by_room ? work_by_room / 2 : most_work);
    KnapsackAnswer answer = std::move(search).answer();
    if (done || !can_go_by_room) return answer;
    KnapsackAnswer exact = by_room(knapsack, bundles, above);
    exact.work += answer.work;
    answer.patterns.insert(answer.patterns.end(), exact.patterns.begin(), exact.patterns.end());
    exact.patterns = std::move(answer.patterns);
    return exact;
}

}  // namespace fleetsim::packing
