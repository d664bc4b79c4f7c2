#include <algorithm>
#include <csetjmp>
#include <limits>
#include <utility>

#include <glpk.h>

#include <fleetsim/des/check.hpp>
#include <fleetsim/packing/linear_program.hpp>

namespace fleetsim::packing {

namespace {

/// The solver keeps its state per thread. An error inside it leaves that state unusable, and all problems in it are
/// given up at once: those made before carry an older number.
thread_local std::uint64_t environment = 1;

/// Gives the solver's state back when the thread ends; it would not by itself.
struct Environment {
    Environment() = default;
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment() {
        glp_free_env();
        ++environment;
    }
    void begin() const {}
};

thread_local const Environment this_thread;

int swallow(void*, const char*) { return 1; }

void escape(void* jump) { std::longjmp(*static_cast<std::jmp_buf*>(jump), 1); }

/// Calls the solver; false when it stopped with an error instead of returning. `work` and what it calls own nothing,
/// because such an error leaves them without unwinding.
template <class Work>
bool guarded(const Work& work) {
    this_thread.begin();
    std::jmp_buf jump;
    if (setjmp(jump) != 0) {
        glp_free_env();
        ++environment;
        return false;
    }
    glp_term_hook(swallow, nullptr);
    glp_error_hook(escape, &jump);
    work();
    glp_error_hook(nullptr, nullptr);
    return true;
}

glp_prob* solver(void* problem) { return static_cast<glp_prob*>(problem); }

int as_int(std::size_t number) {
    FLEETSIM_CHECK(number < static_cast<std::size_t>(std::numeric_limits<int>::max()));
    return static_cast<int>(number);
}

int kind_of(LinearProgram::Relation relation) {
    switch (relation) {
        case LinearProgram::Relation::at_least: return GLP_LO;
        case LinearProgram::Relation::at_most: return GLP_UP;
        case LinearProgram::Relation::equal: return GLP_FX;
    }
    return GLP_FR;
}

}  // namespace

LinearProgram::LinearProgram() {
    void* made = nullptr;
    void** const here = &made;
    if (!guarded([here] { *here = glp_create_prob(); })) return;
    problem_ = made;
    environment_ = environment;
}

LinearProgram::~LinearProgram() { release(); }

LinearProgram::LinearProgram(LinearProgram&& other) noexcept
    : problem_(std::exchange(other.problem_, nullptr)),
      environment_(other.environment_),
      rows_(other.rows_),
      columns_(other.columns_) {}

LinearProgram& LinearProgram::operator=(LinearProgram&& other) noexcept {
    if (this == &other) return *this;
    release();
    problem_ = std::exchange(other.problem_, nullptr);
    environment_ = other.environment_;
    rows_ = other.rows_;
    columns_ = other.columns_;
    return *this;
}

bool LinearProgram::lost() const { return problem_ == nullptr || environment_ != environment; }

void LinearProgram::release() noexcept {
    if (lost()) return;
    glp_prob* const problem = solver(problem_);
    guarded([problem] { glp_delete_prob(problem); });
    problem_ = nullptr;
}

std::size_t LinearProgram::add_row(Relation relation, double right_side) {
    FLEETSIM_CHECK(columns_ == 0);
    const std::size_t row = rows_++;
    if (lost()) return row;
    glp_prob* const problem = solver(problem_);
    const int kind = kind_of(relation);
    guarded([problem, kind, right_side] {
        const int number = glp_add_rows(problem, 1);
        glp_set_row_bnds(problem, number, kind, right_side, right_side);
    });
    return row;
}

std::size_t LinearProgram::add_column(double cost, std::span<const Coefficient> coefficients,
                                      std::optional<double> most) {
    // The solver counts from 1, and leaves the first entry of an array alone.
    std::vector<int> rows(1);
    std::vector<double> values(1);
    for (const Coefficient& coefficient : coefficients) {
        FLEETSIM_CHECK(coefficient.row < rows_);
        rows.push_back(as_int(coefficient.row) + 1);
        values.push_back(coefficient.value);
    }
    const std::size_t column = columns_++;
    if (lost()) return column;
    glp_prob* const problem = solver(problem_);
    const int* const row_data = rows.data();
    const double* const value_data = values.data();
    const int count = as_int(coefficients.size());
    const int kind = !most ? GLP_LO : *most > 0 ? GLP_DB : GLP_FX;
    const double upper = most.value_or(0);
    guarded([=] {
        const int number = glp_add_cols(problem, 1);
        glp_set_col_bnds(problem, number, kind, 0, upper);
        glp_set_obj_coef(problem, number, cost);
        glp_set_mat_col(problem, number, count, row_data, value_data);
    });
    return column;
}

std::optional<LinearProgram::Solution> LinearProgram::minimise(std::int64_t most_iterations) {
    if (lost()) return std::nullopt;
    glp_prob* const problem = solver(problem_);
    const int limit = static_cast<int>(std::clamp<std::int64_t>(most_iterations, 0, std::numeric_limits<int>::max()));
    int before = 0;
    int after = 0;
    bool optimal = false;
    int* const before_here = &before;
    int* const after_here = &after;
    bool* const optimal_here = &optimal;
    const bool returned = guarded([=] {
        glp_smcp settings;
        glp_init_smcp(&settings);
        settings.msg_lev = GLP_MSG_OFF;
        settings.it_lim = limit;
        glp_set_obj_dir(problem, GLP_MIN);
        *before_here = glp_get_it_cnt(problem);
        // A basis that fails is replaced by the standard one, once.
        if (glp_simplex(problem, &settings) != 0 && glp_get_it_cnt(problem) - *before_here < limit) {
            glp_std_basis(problem);
            glp_simplex(problem, &settings);
        }
        *after_here = glp_get_it_cnt(problem);
        *optimal_here = glp_get_status(problem) == GLP_OPT;
    });
    if (!returned || !optimal) return std::nullopt;

    Solution solution;
    solution.cost = glp_get_obj_val(problem);
    solution.iterations = after - before;
    for (std::size_t column = 0; column < columns_; ++column) {
        solution.values.push_back(glp_get_col_prim(problem, as_int(column) + 1));
    }
    for (std::size_t row = 0; row < rows_; ++row) {
        solution.duals.push_back(glp_get_row_dual(problem, as_int(row) + 1));
    }
    return solution;
}

}  // namespace fleetsim::packing
