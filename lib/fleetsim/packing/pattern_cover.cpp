#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/wide_integer.hpp>
#include <fleetsim/packing/linear_program.hpp>
#include <fleetsim/packing/pattern_cover.hpp>

namespace fleetsim::packing {

namespace {

/// The relaxation's price of a cover beyond which a fraction counts as one: what the linear solver may be off.
constexpr double price_tolerance = 1e-6;

/// Work of a search that only collects more patterns.
constexpr std::int64_t brief_pricing_work = 30'000;

/// Work that a search for the best pattern gets at first.
constexpr std::int64_t first_pricing_work = 1'000'000;

class Generation {
public:
    Generation(const CoverProblem& problem, std::int64_t most_work, std::optional<std::int64_t> enough)
        : problem_(problem), most_work_(most_work), enough_(enough) {
        for (const std::int64_t demand : problem.demand) {
            program_.add_row(LinearProgram::Relation::at_least, static_cast<double>(demand));
        }
        for (const CoverProblem::Container& container : problem.containers) {
            std::vector<std::int64_t> most;
            for (std::size_t kind = 0; kind < kinds(); ++kind) {
                most.push_back(std::min(container.most[kind], problem.demand[kind]));
            }
            most_.push_back(std::move(most));
        }
        weights_.resize(problem.containers.size());
        add_pure_patterns();
        for (std::size_t h = 0; h < problem.dimensions(); ++h) ask(volume_prices(h));
    }

    CoverBound run() {
        while (true) {
            const auto solution = program_.minimise(100'000);
            if (!solution) break;
            ++bound_.rounds;
            const auto rows = static_cast<std::int64_t>(program_.rows());
            bound_.work += (solution->iterations + 1) * rows * (rows + 10) / 4;
            relaxed_ = *solution;
            if (closed() || !improve()) break;
            if (bound_.work >= most_work_) break;
        }
        report_columns();
        return std::move(bound_);
    }

private:
    [[nodiscard]] std::size_t kinds() const { return problem_.kinds(); }

    [[nodiscard]] Knapsack knapsack(std::size_t container, std::span<const std::int64_t> values) const {
        return {problem_.containers[container].capacity, problem_.sizes, most_[container], values, weights_[container]};
    }

    /// Kinds priced by their size in one dimension: what follows is the volume bound.
    [[nodiscard]] std::vector<double> volume_prices(std::size_t dimension) const {
        std::vector<double> prices;
        for (std::size_t kind = 0; kind < kinds(); ++kind) {
            prices.push_back(static_cast<double>(problem_.sizes[kind * problem_.dimensions() + dimension]));
        }
        return prices;
    }

    /// As many of one kind as fit: together these cover anything.
    void add_pure_patterns() {
        for (std::size_t c = 0; c < problem_.containers.size(); ++c) {
            const auto& capacity = problem_.containers[c].capacity;
            for (std::size_t kind = 0; kind < kinds(); ++kind) {
                std::int64_t count = most_[c][kind];
                for (std::size_t h = 0; h < capacity.size(); ++h) {
                    const std::int64_t size = problem_.sizes[kind * capacity.size() + h];
                    if (size > 0) count = std::min(count, capacity[h] / size);
                }
                // Fewer than that are among the patterns as well, and the program finds them when it asks for them.
                if (count > 0) add(c, {{static_cast<std::uint32_t>(kind), static_cast<std::int32_t>(count)}});
            }
        }
    }

    void add(std::size_t container, Pattern pattern) {
        std::vector<LinearProgram::Coefficient> column;
        for (const Portion& portion : pattern) column.push_back({portion.kind, static_cast<double>(portion.count)});
        program_.add_column(static_cast<double>(problem_.containers[container].price), column);
        columns_.push_back({container, std::move(pattern), 0});
    }

    /// Nothing more can come of it: no whole number lies between the bound and the relaxation over some patterns only,
    /// or the bound is what was asked for.
    [[nodiscard]] bool closed() const {
        if (enough_ && bound_.price >= *enough_) return true;
        return static_cast<double>(bound_.price) >= relaxed_.cost - price_tolerance;
    }

    /// One round of pricing; false when there is no pattern to add. A search that is cut short without a pattern is
    /// tried again with more work.
    bool improve() {
        if (best_prices_.empty()) best_prices_ = relaxed_.duals;
        while (true) {
            if (ask_around()) return true;
            if (closed() || bound_.work >= most_work_) return false;
            if (exact_) break;
            pricing_work_ *= 8;
        }
        bound_.converged = true;
        return false;
    }

    /// Asks at prices between the last ones and the best, then at the last ones.
    bool ask_around() {
        for (const double pull : {0.7, 0.0}) {
            std::vector<double> prices;
            for (std::size_t kind = 0; kind < kinds(); ++kind) {
                prices.push_back(std::max(0.0, pull * best_prices_[kind] + (1 - pull) * relaxed_.duals[kind]));
            }
            const bool added = ask(prices);
            if (closed()) return false;
            if (added) return true;
            if (bound_.work >= most_work_) return false;
        }
        return false;
    }

    /// Looks for patterns at these prices, in whole numbers up to 2^30, and takes the bound that follows from the most
    /// that any pattern is worth.
    bool ask(const std::vector<double>& prices) {
        const double highest = *std::max_element(prices.begin(), prices.end());
        if (!(highest > 0)) return false;
        const double scale = 0x1p30 / highest;
        std::vector<std::int64_t> values;
        des::Int128 total = 0;
        for (std::size_t kind = 0; kind < kinds(); ++kind) {
            values.push_back(static_cast<std::int64_t>(prices[kind] * scale));
            total += des::Int128{values.back()} * problem_.demand[kind];
        }
        const std::size_t before = columns_.size();
        exact_ = true;
        std::int64_t price = std::numeric_limits<std::int64_t>::max();
        for (std::size_t c = 0; c < problem_.containers.size(); ++c) {
            const std::int64_t most = most_worth(c, values, scale);
            price = std::min(price, rounded_up(total * problem_.containers[c].price, most));
        }
        if (price > bound_.price) {
            bound_.price = price;
            // As prices at which the demand is worth the bound, so that they may be mixed with others.
            best_prices_ = prices;
            const double factor = static_cast<double>(price) / (static_cast<double>(total) / scale);
            for (double& each : best_prices_) each *= factor;
        }
        return columns_.size() > before;
    }

    /// No pattern of the container is worth more than this. Adds patterns that are worth more than the container, and
    /// then others from the kinds that those leave, so that one round serves all kinds.
    std::int64_t most_worth(std::size_t container, std::vector<std::int64_t> values, double scale) {
        if (weights_[container].empty() || bound_.rounds % 8 == 0) {
            weights_[container] = dimension_weights(knapsack(container, values));
            bound_.work += 1000 * static_cast<std::int64_t>(kinds());
        }
        const auto price = static_cast<double>(problem_.containers[container].price);
        const auto above = static_cast<std::int64_t>(std::ceil(price * scale));
        KnapsackAnswer answer =
            most_valuable(knapsack(container, values), above,
                          std::min(pricing_work_, std::max(most_work_ - bound_.work, brief_pricing_work)));
        const std::int64_t most = answer.at_most;
        exact_ = exact_ && (most <= above || !answer.patterns.empty());
        for (std::size_t more = 0; more < 100; ++more) {
            bound_.work += answer.work;
            if (answer.patterns.empty()) break;
            for (const Portion& portion : answer.patterns.back()) values[portion.kind] = 0;
            add_if_worth_it(container, std::move(answer.patterns.back()));
            answer = most_valuable(knapsack(container, values), above, brief_pricing_work);
        }
        return most;
    }

    void add_if_worth_it(std::size_t container, Pattern pattern) {
        if (!relaxed_.duals.empty()) {
            double worth = 0;
            for (const Portion& portion : pattern) worth += relaxed_.duals[portion.kind] * portion.count;
            if (worth <= static_cast<double>(problem_.containers[container].price) * (1 + 1e-9)) return;
        }
        add(container, std::move(pattern));
    }

    [[nodiscard]] static std::int64_t rounded_up(des::Int128 numerator, std::int64_t denominator) {
        return static_cast<std::int64_t>((numerator + denominator - 1) / denominator);
    }

    void report_columns() {
        for (std::size_t i = 0; i < relaxed_.values.size(); ++i) {
            if (relaxed_.values[i] < 1e-9) continue;
            bound_.columns.push_back(columns_[i]);
            bound_.columns.back().amount = relaxed_.values[i];
        }
        bound_.kind_prices = relaxed_.duals;
    }

    const CoverProblem& problem_;
    std::int64_t most_work_;
    std::optional<std::int64_t> enough_;
    LinearProgram program_;
    std::vector<std::vector<std::int64_t>> most_;     ///< By container, then kind.
    std::vector<std::vector<std::int64_t>> weights_;  ///< By container, then dimension.
    std::vector<CoverBound::Column> columns_;
    LinearProgram::Solution relaxed_;
    std::vector<double> best_prices_;  ///< Those that gave the bound.
    std::int64_t pricing_work_ = first_pricing_work;
    bool exact_ = true;  ///< Whether the last pricing found a pattern wherever there may be one.
    CoverBound bound_;
};

}  // namespace

CoverBound cover_bound(const CoverProblem& problem, std::int64_t most_work, std::optional<std::int64_t> enough) {
    if (problem.demand.empty()) return {0, true};
    return Generation{problem, most_work, enough}.run();
}

}  // namespace fleetsim::packing
