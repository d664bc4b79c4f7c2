#pragma once

#include <cstdio>
#include <cstdlib>

namespace fleetsim::des::detail {

[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "fleetsim: internal fault: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace fleetsim::des::detail

/// Stops at once when one of our own invariants is broken, in every build type. It is never used on a user's input.
#define FLEETSIM_CHECK(condition) \
    ((condition) ? void(0) : ::fleetsim::des::detail::check_failed(#condition, __FILE__, __LINE__))
