#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <fleetsim/packing/knapsack.hpp>

namespace fleetsim::packing {

/// Kinds of items, so many of each, and types of containers of which any number may be bought: cover the demand at the
/// least price. Bin packing is the case of one container of price 1.
struct CoverProblem {
    struct Container {
        std::int64_t price;                  ///< At least 1.
        std::vector<std::int64_t> capacity;  ///< By dimension.
        std::vector<std::int64_t> most;      ///< Of each kind in one container; 0 where the kind may not be.
    };

    std::vector<std::int64_t> sizes;   ///< By kind, then by dimension.
    std::vector<std::int64_t> demand;  ///< By kind, at least 1. Each kind goes into some container.
    std::vector<Container> containers;

    [[nodiscard]] std::size_t kinds() const { return demand.size(); }
    [[nodiscard]] std::size_t dimensions() const { return sizes.size() / demand.size(); }
};

struct CoverBound {
    struct Column {
        std::size_t container;
        Pattern pattern;
        double amount;  ///< How often the relaxation uses it.
    };

    std::int64_t price = 0;             ///< Proven: no cover is cheaper.
    bool converged = false;             ///< The relaxation was solved, as far as floating-point numbers can tell.
    std::vector<Column> columns{};      ///< Those that the last relaxation uses.
    std::vector<double> kind_prices{};  ///< What one more of the kind would cost, at least about.
    std::int64_t rounds = 0;
    std::int64_t work = 0;  ///< Done, in elementary steps of about a nanosecond.
};

/// The pattern relaxation by column generation: each round solves the linear program over the patterns known, asks for
/// a pattern worth more than its container at the prices found, and bounds the relaxation by how much more (Farley).
/// The bound is computed in integers from rounded prices, so that no floating-point error can lift it above the truth;
/// it is right after any number of rounds, and the best so far is the answer when the work is used up or when it
/// reaches `enough`. The prices asked with lie between the last ones and the best so far, which needs fewer rounds.
///
/// Source: Gilmore, Gomory (1961); Farley, "A note on bounding a class of linear programming problems, including
/// cutting stock problems" (1990); Pessoa, Sadykov, Uchoa, Vanderbeck, "Automation and combination of
/// linear-programming based stabilization techniques in column generation" (2018).
[[nodiscard]] CoverBound cover_bound(const CoverProblem& problem, std::int64_t most_work,
                                     std::optional<std::int64_t> enough = {});

}  // namespace fleetsim::packing
