#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fleetsim::packing {

/// A linear program: minimise the cost of columns that are never negative, subject to rows. Rows come first; columns
/// may be added at any time, and the next solution starts from the last one.
///
/// What it answers is floating-point arithmetic of someone else: good for a hint, never a proof. A bound is to be
/// recomputed from its duals in integers.
///
/// A program belongs to the thread that made it; programs of different threads do not meet.
class LinearProgram {
public:
    enum class Relation : std::uint8_t { at_least, at_most, equal };

    struct Coefficient {
        std::size_t row;
        double value;
    };

    struct Solution {
        double cost = 0;
        std::vector<double> values;  ///< By column.
        std::vector<double> duals;   ///< By row: what one more unit of its right side would cost.
        std::int64_t iterations = 0;
    };

    LinearProgram();
    ~LinearProgram();
    LinearProgram(LinearProgram&& other) noexcept;
    LinearProgram& operator=(LinearProgram&& other) noexcept;

    /// Adds a row `left side (relation) right_side` without coefficients, and gives its number.
    std::size_t add_row(Relation relation, double right_side);

    /// Adds a column by its coefficients, each in another row, and gives its number. No `most`: unlimited.
    std::size_t add_column(double cost, std::span<const Coefficient> coefficients, std::optional<double> most = {});

    /// The cheapest solution; absent when there is none, when it is unlimited, when the iterations do not suffice, or
    /// when the arithmetic breaks down.
    [[nodiscard]] std::optional<Solution> minimise(std::int64_t most_iterations);

    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t columns() const { return columns_; }

private:
    void release() noexcept;
    [[nodiscard]] bool lost() const;

    void* problem_ = nullptr;        ///< The solver's own; null once it broke down.
    std::uint64_t environment_ = 0;  ///< Which of the thread's solver environments it lives in.
    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
};

}  // namespace fleetsim::packing
