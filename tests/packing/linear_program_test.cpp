#include <thread>
#include <vector>

#include <fleetsim/packing/linear_program.hpp>

#include "catch.hpp"

using namespace fleetsim::packing;
using Relation = LinearProgram::Relation;
using Coefficients = std::vector<LinearProgram::Coefficient>;

namespace {

/// Meals of least cost: 2x + y >= 8, x + 3y >= 9, x at 3 and y at 4; the corner is x = 3, y = 2.
LinearProgram meals() {
    LinearProgram program;
    program.add_row(Relation::at_least, 8);
    program.add_row(Relation::at_least, 9);
    program.add_column(3, Coefficients{{0, 2}, {1, 1}});
    program.add_column(4, Coefficients{{0, 1}, {1, 3}});
    return program;
}

}  // namespace

TEST_CASE("a linear program gives its corner and what its right sides cost") {
    LinearProgram program = meals();
    const auto solution = program.minimise(100);
    REQUIRE(solution);
    CHECK(solution->cost == Approx(17));
    CHECK(solution->values[0] == Approx(3));
    CHECK(solution->values[1] == Approx(2));
    // Duals u, v: 2u + v = 3 and u + 3v = 4.
    CHECK(solution->duals[0] == Approx(1));
    CHECK(solution->duals[1] == Approx(1));
}

TEST_CASE("a column added later makes the next solution cheaper") {
    LinearProgram program = meals();
    REQUIRE(program.minimise(100));
    program.add_column(3, Coefficients{{0, 2}, {1, 2.25}});
    const auto solution = program.minimise(100);
    REQUIRE(solution);
    CHECK(solution->cost == Approx(12));
    CHECK(solution->values[2] == Approx(4));
}

TEST_CASE("rows of all relations and limits of columns are kept") {
    LinearProgram program;
    program.add_row(Relation::equal, 10);
    program.add_row(Relation::at_most, 4);
    program.add_column(1, Coefficients{{0, 1}, {1, 1}});
    program.add_column(2, Coefficients{{0, 1}}, 5.0);
    program.add_column(7, Coefficients{{0, 1}});
    const auto solution = program.minimise(100);
    REQUIRE(solution);
    CHECK(solution->values == std::vector<double>{4, 5, 1});
}

TEST_CASE("a program without a solution or without a limit has none") {
    LinearProgram contradiction;
    contradiction.add_row(Relation::at_least, 1);
    contradiction.add_row(Relation::at_most, 0);
    contradiction.add_column(1, Coefficients{{0, 1}, {1, 1}});
    CHECK_FALSE(contradiction.minimise(100));

    LinearProgram unlimited;
    unlimited.add_row(Relation::at_least, 1);
    unlimited.add_column(-1, Coefficients{{0, 1}});
    CHECK_FALSE(unlimited.minimise(100));

    CHECK_FALSE(meals().minimise(0));
}

TEST_CASE("an error inside the solver gives no solution and harms no later program") {
    LinearProgram before = meals();
    LinearProgram broken;
    broken.add_row(Relation::at_least, 1);
    broken.add_column(1, Coefficients{{0, 1}, {0, 1}});  // The same row twice, which the solver refuses by stopping.
    CHECK_FALSE(broken.minimise(100));
    // The solver's state of this thread is gone, and with it every program made before.
    CHECK_FALSE(before.minimise(100));
    CHECK(meals().minimise(100));
}

TEST_CASE("programs of several threads do not meet") {
    double costs[2] = {0, 0};
    const auto solve = [&costs](int thread) {
        for (int i = 0; i < 200; ++i) costs[thread] = meals().minimise(100)->cost;
    };
    std::thread other(solve, 1);
    solve(0);
    other.join();
    CHECK(costs[0] == Approx(17));
    CHECK(costs[1] == costs[0]);
}
