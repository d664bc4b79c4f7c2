#include "interrupt.hpp"

#include <csignal>

namespace fleetsim::app {
namespace {

std::atomic<bool> interrupted{false};
// A signal handler may touch nothing but lock-free atomics.
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void note_interrupt(int) { interrupted = true; }

}  // namespace

const std::atomic<bool>& watch_for_interrupt() {
    struct sigaction action {};
    action.sa_handler = note_interrupt;
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    return interrupted;
}

}  // namespace fleetsim::app
